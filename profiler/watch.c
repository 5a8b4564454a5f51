#include "profiler/watch.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/slot.h"

#define CURRENT "nfcapd.current"

void
watch_init(struct watch *w, const struct conf *c, const struct set *set)
{
	*w = (struct watch){ .c = c, .set = set, .notify = notify_new() };
	notify_add(w->notify, c->piddir);
	for (size_t i = 0; i < set->n_sources; i++)
		notify_add(w->notify, set->sources[i].dir);
}

void
watch_free(struct watch *w)
{
	watch_forget(w, INT64_MAX);
	free(w->files);
	free(w->in);
	free(w->out);
	notify_free(w->notify);
	*w = (struct watch){ 0 };
}

/* ---- buffers ------------------------------------------------------------- */

/*
 * A reader has megabytes of buffers and there is one per source, but only
 * one reads at a time: they share one pair.
 */
static void
lend_buffers(struct watch *w, struct nffile_reader *in)
{
	free(in->in);
	free(in->out);
	in->in = w->in;
	in->in_cap = w->in_cap;
	in->out = w->out;
	w->in = w->out = NULL;
}

static void
take_buffers(struct watch *w, struct nffile_reader *in)
{
	w->in = in->in;
	w->in_cap = in->in_cap;
	w->out = in->out;
	in->in = in->out = NULL;
	in->in_cap = 0;
}

/* ---- finding files -------------------------------------------------------------- */

static bool
is_followed(const struct watch *w, const struct stat *st)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->files[i].dev == (uint64_t)st->st_dev &&
		    w->files[i].ino == (uint64_t)st->st_ino)
			return true;
	return false;
}

static size_t
count_source(const struct watch *w, size_t source)
{
	size_t n = 0;
	for (size_t i = 0; i < w->n; i++)
		n += w->files[i].source == source;
	return n;
}

static long
writer_of(const char *name)
{
	const char *s = name + strlen(CURRENT);
	if (*s != '.' || !isdigit((unsigned char)s[1]))
		return 0;
	errno = 0;
	long pid = strtol(s + 1, NULL, 10);
	return errno == 0 && pid > 0 ? pid : 0;
}

static void
keep_follow(struct watch *w, struct follow *f)
{
	if (w->n == w->cap)
		w->files = mem_realloc(w->files, w->cap = w->cap * 2 + 16,
		    sizeof(*w->files));
	/* The first reader's buffers are the ones that go round. */
	if (w->out == NULL)
		take_buffers(w, &f->in);
	w->files[w->n++] = *f;
}

static void
open_follow(struct watch *w, size_t source, const char *path, const char *name,
    int64_t done)
{
	struct follow f = { .source = source, .writer = writer_of(name) };
	struct stat st;
	struct err err;
	/* The path may be renamed at any time: the descriptor decides. */
	if (stat(path, &st) == -1 || is_followed(w, &st) ||
	    count_source(w, source) == WATCH_FILES_PER_SOURCE)
		return;
	if (nffile_open(&f.in, path, &err) == -1) {
		log_debug("not yet a flow file: %s", err.msg);
		return;
	}
	if (fstat(f.in.fd, &st) == -1 || is_followed(w, &st) ||
	    f.in.header.created <= 0) {
		nffile_close(&f.in);
		return;
	}
	f.dev = (uint64_t)st.st_dev;
	f.ino = (uint64_t)st.st_ino;
	f.slot = slot_start(f.in.header.created, w->c->cycletime);
	if (f.slot > done)
		keep_follow(w, &f);
	else
		nffile_close(&f.in);
}

static void
scan_source(struct watch *w, size_t source, int64_t done)
{
	const char *dir = w->set->sources[source].dir;
	char path[FILE_PATH_MAX];
	DIR *d = opendir(dir);
	if (d == NULL)
		return;
	for (struct dirent *e; (e = readdir(d)) != NULL;)
		if (strncmp(e->d_name, CURRENT, strlen(CURRENT)) == 0 &&
		    file_join(path, dir, e->d_name))
			open_follow(w, source, path, e->d_name, done);
	(void)closedir(d);
}

void
watch_scan(struct watch *w, int64_t done)
{
	for (size_t i = 0; i < w->set->n_sources; i++)
		scan_source(w, i, done);
}

/* ---- reading them ----------------------------------------------------------------- */

int64_t
watch_oldest(const struct watch *w)
{
	int64_t oldest = -1;
	for (size_t i = 0; i < w->n; i++)
		if (oldest == -1 || w->files[i].slot < oldest)
			oldest = w->files[i].slot;
	return oldest;
}

static size_t
read_follow(struct follow *f, struct run *r, struct slot *s, size_t max)
{
	struct nffile_block blk;
	enum nffile_next next;
	struct err err;
	size_t n = 0;
	s->seen[f->source] = true;
	while (
	    n < max && (next = nffile_read(&f->in, &blk, &err)) != NFFILE_END) {
		if (next == NFFILE_BLOCK)
			run_block(r, s, f->source, &blk);
		else
			log_warnx("damaged flow file: %s", err.msg);
		n++;
	}
	return n;
}

size_t
watch_read(struct watch *w, struct run *r, struct slot *s, size_t max)
{
	size_t n = 0;
	for (size_t i = 0; i < w->n; i++) {
		struct follow *f = &w->files[i];
		if (f->slot != s->start)
			continue;
		lend_buffers(w, &f->in);
		n += read_follow(f, r, s, max - n);
		take_buffers(w, &f->in);
	}
	return n;
}

bool
watch_unfinished(const struct watch *w, size_t source, int64_t slot)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->files[i].source == source && w->files[i].slot == slot &&
		    w->files[i].in.growing)
			return true;
	return false;
}

void
watch_reread(struct watch *w, struct run *r, struct slot *s)
{
	for (size_t i = 0; i < w->n; i++) {
		const struct follow *f = &w->files[i];
		struct run_input in = { f->source, f->in.path, true };
		if (f->slot == s->start && f->in.growing)
			(void)run_files(r, s, &in, 1);
	}
}

bool
watch_growing(const struct watch *w, int64_t slot)
{
	for (size_t i = 0; i < w->n; i++) {
		const struct follow *f = &w->files[i];
		if (f->slot <= slot && f->in.growing && f->writer > 0 &&
		    (kill((pid_t)f->writer, 0) == 0 || errno == EPERM))
			return true;
	}
	return false;
}

void
watch_forget(struct watch *w, int64_t done)
{
	size_t kept = 0;
	for (size_t i = 0; i < w->n; i++) {
		if (w->files[i].slot <= done)
			nffile_close(&w->files[i].in);
		else
			w->files[kept++] = w->files[i];
	}
	w->n = kept;
}
