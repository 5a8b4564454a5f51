#include "collector/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/slot.h"
#include "collector/books.h"
#include "collector/launch.h"
#include "collector/meter.h"

#define RETRY_S 1 /* between attempts to open a file */

/* One line when it begins to fail, one when it works again. */
static void
note_failure(struct outfile *f, const struct err *err)
{
	if (!atomic_exchange(&f->account->failing, true))
		log_errx("flows are lost: %s ident=%s", err->msg,
		    f->spec.ident);
}

static void
note_success(struct outfile *f)
{
	if (atomic_exchange(&f->account->failing, false))
		log_info("writing again ident=%s unwritten=%llu", f->spec.ident,
		    (unsigned long long)atomic_load(&f->account->unwritten));
}

/* ---- the writer's thread -------------------------------------------------- */

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
	if (f->spec.fsync == FSYNC_BLOCK)
		f->fd = fcntl(f->w.fd, F_DUPFD_CLOEXEC, 0);
	f->w.slot_first = (uint64_t)f->slot * 1000;
	f->w.slot_last = (uint64_t)(f->slot + f->spec.cycletime) * 1000 - 1;
	return true;
}

void
outfile_open(struct outfile *f)
{
	if (f->recover)
		flowfile_recover(&f->spec);
	(void)try_open(f);
}

/* In the sync thread; blocks that come meanwhile ask again. */
static void
force_blocks(void *arg)
{
	struct outfile *f = arg;
	struct err err;
	atomic_store(&f->forcing, false);
	if (fdatasync(f->fd) == -1) {
		(void)err_set(&err, "%s: sync: %s", f->path, strerror(errno));
		note_failure(f, &err);
	}
}

void
outfile_block(struct outfile *f, struct nffile_writer *b, struct sync *s)
{
	struct err err;
	if (f->w.fd == -1 && !try_open(f)) {
		(void)atomic_fetch_add(&f->account->unwritten,
		    nffile_writer_drop(b));
		return;
	}
	const struct nffile_stat stat = b->raw_stat;
	nffile_block_give(b, &f->w);
	if (nffile_flush(&f->w, &err) == -1) {
		note_failure(f, &err);
		(void)atomic_fetch_add(&f->account->unwritten,
		    nffile_writer_drop(&f->w));
		return;
	}
	note_success(f);
	if (f->account->meter != NULL)
		meter_add(f->account->meter, f->account->metered, &stat);
	if (f->fd != -1 && !atomic_exchange(&f->forcing, true))
		sync_do(s, force_blocks, f);
}

/* ---- the sync thread ------------------------------------------------------ */

static void
keep(struct account *a, const struct flowfile_spec *spec, const char *path)
{
	if (a->n_kept == OUTFILE_KEPT_MAX)
		return;
	size_t n = strlen(path) + 1;
	struct kept *k = mem_calloc(1, sizeof(*k) + n);
	k->spec = *spec;
	memcpy(k->path, path, n);
	k->next = a->kept;
	a->kept = k;
	a->n_kept++;
}

static void
retry_kept(struct account *a)
{
	for (struct kept **at = &a->kept, *k; (k = *at) != NULL;) {
		if (file_exists(k->path) &&
		    flowfile_recover_one(&k->spec, k->path, true) == -1) {
			at = &k->next;
			continue;
		}
		*at = k->next;
		a->n_kept--;
		free(k);
	}
}

void
account_free(struct account *a)
{
	for (struct kept *k = a->kept, *next; k != NULL; k = next) {
		next = k->next;
		free(k);
	}
	tally_queue_free(&a->tallies);
	free(a);
}

static void
log_file(const struct outfile *f)
{
	log_info("Ident: '%s' Flows: %llu, Packets: %llu, Bytes: %llu, "
		 "Sequence Errors: %llu, Bad Packets: %llu slot=%lld",
	    f->spec.ident, (unsigned long long)f->stat.flows,
	    (unsigned long long)f->stat.packets,
	    (unsigned long long)f->stat.bytes,
	    (unsigned long long)f->sequence_failures,
	    (unsigned long long)f->bad_packets, (long long)f->slot);
}

static void
launch_for(const struct outfile *f)
{
	char name[SLOT_PATH_MAX], iso[SLOT_NAME_MAX];
	struct launch_file told = {
		.ident = f->spec.ident,
		.dir = f->spec.dir,
		.name = flowfile_path(&f->spec, f->slot, name),
		.time = slot_iso(f->slot, f->spec.cycletime, iso),
		.slot = f->slot,
	};
	launch_run(f->spec.launch, f->spec.command, &told);
}

/* -1: it is not there. */
static int64_t
size_on_disk(const struct outfile *f)
{
	char name[SLOT_PATH_MAX], path[FILE_PATH_MAX];
	struct stat st;
	if (!file_join(path, f->spec.dir,
		flowfile_path(&f->spec, f->slot, name)) ||
	    stat(path, &st) == -1)
		return -1;
	return (int64_t)st.st_blocks * 512;
}

static void
note_file(const struct outfile *f, int64_t replaced)
{
	int64_t size = size_on_disk(f);
	books_file(&(struct books_file){
	    .dir = f->spec.dir,
	    .books = f->spec.books,
	    .slot = f->slot,
	    .size = size > 0 ? (uint64_t)size : 0,
	    .replaced = replaced,
	    .fresh = f->recover,
	});
}

static void
name_file(void *arg)
{
	struct outfile *f = arg;
	struct err err;
	int64_t replaced = size_on_disk(f);
	bool named = !f->broken &&
		     flowfile_publish(&f->spec, f->path, f->slot, &err) == 0;
	if (!f->broken && !named)
		note_failure(f, &err);
	retry_kept(f->account);
	if (named) {
		/* An empty one finds room where flows do not. */
		if (f->stat.flows != 0)
			note_success(f);
		log_file(f);
		launch_for(f);
		note_file(f, replaced);
	} else if (file_exists(f->path))
		keep(f->account, &f->spec, f->path);
	if (f->fd != -1)
		(void)close(f->fd);
	free(f);
}

void
outfile_finish(struct outfile *f, struct sync *s)
{
	struct err err;
	if (f->w.fd == -1 && !try_open(f)) {
		free(f);
		return;
	}
	f->w.stat.sequence_failures = f->sequence_failures;
	f->stat = f->w.stat;
	if (nffile_finish(&f->w, false, &err) == -1) {
		/* The blocks are on the disk. */
		note_failure(f, &err);
		nffile_writer_abandon(&f->w);
		f->broken = true;
	}
	sync_do(s, name_file, f);
}
