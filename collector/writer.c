#include "collector/writer.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "collector/sync.h"

#define RETRY_S 1 /* between attempts to open a file */

/* What is known about an ident beyond one file. */
struct account {
	struct account *next;
	char ident[CONF_IDENT_MAX + 1];
	atomic_uint_fast64_t unwritten;
	bool failing;   /* the last write failed, and that was logged */
	bool left_over; /* a file could not be finished: recover it later */
};

struct outfile {
	struct flowfile_spec spec;
	struct account *account;
	int64_t slot;
	int64_t created;
	bool recover;
	time_t tried; /* last attempt to open */
	char path[FILE_PATH_MAX];
	struct nffile_writer w; /* fd -1: not open */
};

enum job_kind { JOB_OPEN, JOB_BLOCK, JOB_FINISH, JOB_ANNOUNCE };

struct job {
	struct job *next;
	enum job_kind kind;
	struct outfile *file;
	struct nffile_writer *block;
	uint64_t sequence_failures, bad_packets;
	int64_t slot, cycletime;
};

struct writer {
	pthread_t thread;
	struct sync *sync;
	char slot_file[FILE_PATH_MAX];
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
	f->w.fd = -1;
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
}

/* ---- doing it ------------------------------------------------------------- */

/* One line when it begins to fail, one when it works again. */
static void
note_failure(struct outfile *f, const struct err *err)
{
	if (!f->account->failing)
		log_errx("flows are lost: %s ident=%s", err->msg,
		    f->spec.ident);
	f->account->failing = true;
}

static void
note_success(struct outfile *f)
{
	if (f->account->failing)
		log_info("writing again ident=%s unwritten=%llu", f->spec.ident,
		    (unsigned long long)atomic_load(&f->account->unwritten));
	f->account->failing = false;
}

static bool
try_open(struct outfile *f)
{
	struct err err;
	struct nffile_writer_opts o = {
		.codec = f->spec.codec,
		.level = f->spec.level,
		.compat = f->spec.compat,
		.creator = CREATOR_NFCAPD,
		.created = f->created,
		.ident = f->spec.ident,
		.mode = 0644,
	};
	time_t now = time(NULL);
	if (now - f->tried < RETRY_S && now >= f->tried)
		return false;
	f->tried = now;
	if (flowfile_name(&f->spec, f->path, &err) == -1 ||
	    nffile_create(&f->w, f->path, &o, &err) == -1) {
		note_failure(f, &err);
		return false;
	}
	f->w.slot_first = (uint64_t)f->slot * 1000;
	f->w.slot_last = (uint64_t)(f->slot + f->spec.cycletime) * 1000 - 1;
	return true;
}

static void
do_open(struct outfile *f)
{
	if (f->recover || f->account->left_over) {
		f->account->left_over = false;
		flowfile_recover(&f->spec);
	}
	(void)try_open(f);
}

static void
do_block(struct writer *w, struct outfile *f, struct nffile_writer *b)
{
	struct err err;
	if (f->w.fd == -1 && !try_open(f))
		(void)atomic_fetch_add(&f->account->unwritten,
		    nffile_writer_drop(b));
	else {
		nffile_block_give(b, &f->w);
		if (nffile_flush(&f->w, &err) == -1) {
			note_failure(f, &err);
			(void)atomic_fetch_add(&f->account->unwritten,
			    nffile_writer_drop(&f->w));
		} else
			note_success(f);
	}
	(void)pthread_mutex_lock(&w->lock);
	w->idle[w->n_idle++] = b;
	(void)pthread_cond_signal(&w->room);
	(void)pthread_mutex_unlock(&w->lock);
}

static void
log_file(const struct outfile *f, const struct nffile_stat *s,
    const struct job *j)
{
	log_info("Ident: '%s' Flows: %llu, Packets: %llu, Bytes: %llu, "
		 "Sequence Errors: %llu, Bad Packets: %llu slot=%lld",
	    f->spec.ident, (unsigned long long)s->flows,
	    (unsigned long long)s->packets, (unsigned long long)s->bytes,
	    (unsigned long long)j->sequence_failures,
	    (unsigned long long)j->bad_packets, (long long)f->slot);
}

/* The blocks are on the disk; the name must not be written over. */
static void
keep_for_later(struct outfile *f, const struct err *err)
{
	char aside[FILE_PATH_MAX + 32];
	note_failure(f, err);
	(void)snprintf(aside, sizeof(aside), "%s.%lld", f->path,
	    (long long)f->slot);
	if (rename(f->path, aside) == -1)
		log_warn("%s", f->path);
	f->account->left_over = true;
}

static void
do_finish(struct writer *w, struct outfile *f, const struct job *j)
{
	struct err err;
	if (f->w.fd == -1 && !try_open(f)) {
		free(f);
		return;
	}
	f->w.stat.sequence_failures = j->sequence_failures;
	struct nffile_stat stat = f->w.stat;
	int fd = fcntl(f->w.fd, F_DUPFD_CLOEXEC, 0);
	int rc = nffile_finish(&f->w, false, &err);
	nffile_writer_abandon(&f->w);
	if (fd != -1)
		sync_later(w->sync, fd);
	if (rc == -1 ||
	    flowfile_publish(&f->spec, f->path, f->slot, &err) == -1)
		keep_for_later(f, &err);
	else {
		note_success(f);
		log_file(f, &stat, j);
	}
	free(f);
}

static void
do_announce(struct writer *w, int64_t slot, int64_t cycletime)
{
	char text[64];
	struct err err;
	int n = snprintf(text, sizeof(text), "%lld %lld\n", (long long)slot,
	    (long long)cycletime);
	if (file_write_atomic(w->slot_file, text, (size_t)n, 0664, &err) == -1)
		log_errx("%s", err.msg);
}

static void
run(struct writer *w, struct job *j)
{
	switch (j->kind) {
	case JOB_OPEN:
		do_open(j->file);
		break;
	case JOB_BLOCK:
		do_block(w, j->file, j->block);
		break;
	case JOB_FINISH:
		do_finish(w, j->file, j);
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
		free(a);
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
