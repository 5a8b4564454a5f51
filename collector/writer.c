#include "collector/writer.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "collector/meter.h"
#include "collector/outfile.h"
#include "collector/sync.h"
#include "collector/tally.h"

enum job_kind { JOB_OPEN, JOB_BLOCK, JOB_FINISH, JOB_LEDGER, JOB_ANNOUNCE };

struct job {
	struct job *next;
	enum job_kind kind;
	struct outfile *file;
	struct nffile_writer *block;
	struct tally *tally;
	uint64_t sequence_failures, bad_packets;
	int64_t slot, cycletime;
};

struct writer {
	pthread_t thread;
	struct sync *sync;
	char slot_file[FILE_PATH_MAX];
	struct meter *meter;      /* NULL: none; set before there are any */
	struct account *accounts; /* the decoder's list; entries are shared */

	pthread_mutex_t lock;    /* for what follows */
	pthread_cond_t work;     /* there is a job, or stop */
	pthread_cond_t room;     /* a block came back */
	pthread_cond_t progress; /* a job is done */
	struct job *first, **last;
	uint64_t given, done; /* jobs so far */
	struct nffile_writer *idle[WRITER_BLOCKS];
	size_t n_idle, n_blocks;
	bool stop;
};

/* ---- giving work ---------------------------------------------------------- */

static void
push(struct writer *w, const struct job *j)
{
	struct job *copy = mem_alloc(sizeof(*copy));
	*copy = *j;
	(void)pthread_mutex_lock(&w->lock);
	*w->last = copy;
	w->last = &copy->next;
	w->given++;
	(void)pthread_cond_signal(&w->work);
	(void)pthread_mutex_unlock(&w->lock);
}

static struct account *
account_of(struct writer *w, const char *ident)
{
	for (struct account *a = w->accounts; a != NULL; a = a->next)
		if (strcmp(a->ident, ident) == 0)
			return a;
	struct account *a = mem_calloc(1, sizeof(*a));
	(void)snprintf(a->ident, sizeof(a->ident), "%s", ident);
	if ((a->meter = w->meter) != NULL)
		a->metered = meter_source(w->meter, ident);
	a->next = w->accounts;
	w->accounts = a;
	return a;
}

const atomic_uint_fast64_t *
writer_unwritten(struct writer *w, const char *ident)
{
	return &account_of(w, ident)->unwritten;
}

struct outfile *
writer_open(struct writer *w, const struct flowfile_spec *spec, int64_t slot,
    int64_t created, bool recover)
{
	struct outfile *f = mem_calloc(1, sizeof(*f));
	f->spec = *spec;
	f->account = account_of(w, spec->ident);
	f->slot = slot;
	f->created = created;
	f->recover = recover;
	f->w.fd = f->fd = -1;
	push(w, &(struct job){ .kind = JOB_OPEN, .file = f });
	return f;
}

static struct nffile_writer *
idle_block(struct writer *w)
{
	struct nffile_writer *b = NULL;
	(void)pthread_mutex_lock(&w->lock);
	while (w->n_idle == 0 && w->n_blocks == WRITER_BLOCKS)
		(void)pthread_cond_wait(&w->room, &w->lock);
	if (w->n_idle > 0)
		b = w->idle[--w->n_idle];
	else
		w->n_blocks++;
	(void)pthread_mutex_unlock(&w->lock);
	if (b == NULL) {
		b = mem_alloc(sizeof(*b));
		nffile_collect_init(b, CREATOR_NFCAPD);
	}
	return b;
}

void
writer_put(struct writer *w, struct outfile *f, struct nffile_writer *c)
{
	if (c->raw_records == 0)
		return;
	struct nffile_writer *b = idle_block(w);
	nffile_block_give(c, b);
	push(w, &(struct job){ .kind = JOB_BLOCK, .file = f, .block = b });
}

void
writer_finish(struct writer *w, struct outfile *f, uint64_t sequence_failures,
    uint64_t bad_packets)
{
	push(w, &(struct job){ .kind = JOB_FINISH,
		    .file = f,
		    .sequence_failures = sequence_failures,
		    .bad_packets = bad_packets });
}

void
writer_ledger(struct writer *w, const char *source, struct tally *t)
{
	t->account = account_of(w, source);
	push(w, &(struct job){ .kind = JOB_LEDGER, .tally = t });
}

void
writer_announce(struct writer *w, int64_t slot, int64_t cycletime)
{
	push(w, &(struct job){ .kind = JOB_ANNOUNCE,
		    .slot = slot,
		    .cycletime = cycletime });
}

void
writer_wait(struct writer *w)
{
	(void)pthread_mutex_lock(&w->lock);
	uint64_t until = w->given;
	while (w->done < until)
		(void)pthread_cond_wait(&w->progress, &w->lock);
	(void)pthread_mutex_unlock(&w->lock);
	sync_wait(w->sync);
}

/* ---- doing it ------------------------------------------------------------- */

static void
do_block(struct writer *w, struct outfile *f, struct nffile_writer *b)
{
	outfile_block(f, b, w->sync);
	(void)pthread_mutex_lock(&w->lock);
	w->idle[w->n_idle++] = b;
	(void)pthread_cond_signal(&w->room);
	(void)pthread_mutex_unlock(&w->lock);
}

static void
do_finish(struct writer *w, struct outfile *f, const struct job *j)
{
	f->sequence_failures = j->sequence_failures;
	f->bad_packets = j->bad_packets;
	outfile_finish(f, w->sync);
}

struct announcement {
	char path[FILE_PATH_MAX];
	int64_t slot, cycletime;
};

/* In the sync thread, behind the slot's files. */
static void
announce(void *arg)
{
	struct announcement *a = arg;
	char text[64];
	struct err err;
	int n = snprintf(text, sizeof(text), "%lld %lld\n", (long long)a->slot,
	    (long long)a->cycletime);
	if (file_write_atomic(a->path, text, (size_t)n, 0664, &err) == -1)
		log_errx("%s", err.msg);
	free(a);
}

static void
do_announce(struct writer *w, int64_t slot, int64_t cycletime)
{
	if (w->slot_file[0] == '\0')
		return;
	struct announcement *a = mem_calloc(1, sizeof(*a));
	memcpy(a->path, w->slot_file, sizeof(a->path));
	a->slot = slot;
	a->cycletime = cycletime;
	sync_do(w->sync, announce, a);
}

static void
run(struct writer *w, struct job *j)
{
	switch (j->kind) {
	case JOB_OPEN:
		outfile_open(j->file);
		break;
	case JOB_BLOCK:
		do_block(w, j->file, j->block);
		break;
	case JOB_FINISH:
		do_finish(w, j->file, j);
		break;
	case JOB_LEDGER:
		tally_close(j->tally);
		sync_do(w->sync, tally_write, j->tally);
		break;
	case JOB_ANNOUNCE:
		do_announce(w, j->slot, j->cycletime);
		break;
	}
}

/* NULL: stopped, and nothing is left to do. */
static struct job *
pop(struct writer *w)
{
	(void)pthread_mutex_lock(&w->lock);
	while (w->first == NULL && !w->stop)
		(void)pthread_cond_wait(&w->work, &w->lock);
	struct job *j = w->first;
	if (j != NULL && (w->first = j->next) == NULL)
		w->last = &w->first;
	(void)pthread_mutex_unlock(&w->lock);
	return j;
}

static void
count_done(struct writer *w)
{
	(void)pthread_mutex_lock(&w->lock);
	w->done++;
	(void)pthread_cond_broadcast(&w->progress);
	(void)pthread_mutex_unlock(&w->lock);
}

static void *
writer_main(void *arg)
{
	struct writer *w = arg;
	for (struct job *j; (j = pop(w)) != NULL; free(j)) {
		run(w, j);
		count_done(w);
	}
	return NULL;
}

/* ---- start, stop ---------------------------------------------------------- */

static void
release(struct writer *w)
{
	sync_stop(w->sync);
	for (size_t i = 0; i < w->n_idle; i++) {
		nffile_writer_abandon(w->idle[i]);
		free(w->idle[i]);
	}
	for (struct account *a = w->accounts, *next; a != NULL; a = next) {
		next = a->next;
		account_free(a);
	}
	(void)pthread_mutex_destroy(&w->lock);
	(void)pthread_cond_destroy(&w->work);
	(void)pthread_cond_destroy(&w->room);
	(void)pthread_cond_destroy(&w->progress);
	free(w);
}

struct writer *
writer_start(const char *slot_file, struct err *err)
{
	struct writer *w = mem_calloc(1, sizeof(*w));
	(void)snprintf(w->slot_file, sizeof(w->slot_file), "%s", slot_file);
	w->last = &w->first;
	(void)pthread_mutex_init(&w->lock, NULL);
	(void)pthread_cond_init(&w->work, NULL);
	(void)pthread_cond_init(&w->room, NULL);
	(void)pthread_cond_init(&w->progress, NULL);
	int rc = 0;
	if ((w->sync = sync_start(err)) == NULL)
		goto fail;
	if ((rc = pthread_create(&w->thread, NULL, writer_main, w)) == 0)
		return w;
	(void)err_set(err, "thread: %s", strerror(rc));
fail:
	release(w);
	return NULL;
}

void
writer_meter(struct writer *w, struct meter *m)
{
	w->meter = m;
}

void
writer_stop(struct writer *w)
{
	if (w == NULL)
		return;
	(void)pthread_mutex_lock(&w->lock);
	w->stop = true;
	(void)pthread_cond_signal(&w->work);
	(void)pthread_mutex_unlock(&w->lock);
	(void)pthread_join(w->thread, NULL);
	release(w);
}
