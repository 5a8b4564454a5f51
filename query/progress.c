#include "query/progress.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

#define ERASE "\r\033[K"

double
progress_now(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int
progress_parse(const char *text, enum progress_mode *mode, int *fd,
    struct err *err)
{
	static const char *const names[] = { [PROGRESS_AUTO] = "auto",
		[PROGRESS_NONE] = "none",
		[PROGRESS_LINE] = "line",
		[PROGRESS_JSON] = "json" };
	*fd = STDERR_FILENO;
	if (strncmp(text, "json:", 5) == 0) {
		char *end;
		long n = strtol(text + 5, &end, 10);
		if (text[5] < '0' || text[5] > '9' || *end != '\0' ||
		    n <= STDIN_FILENO || n > 65535 ||
		    fcntl((int)n, F_GETFD) == -1)
			return err_set(err,
			    "--progress=json: needs an open file descriptor "
			    "behind it, not '%s'",
			    text + 5);
		*mode = PROGRESS_JSON;
		*fd = (int)n;
		return 0;
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(text, names[i]) == 0) {
			*mode = (enum progress_mode)i;
			return 0;
		}
	}
	return err_set(err,
	    "--progress is auto, none, line, json or json:FD, not '%s'", text);
}

enum progress_mode
progress_settle(enum progress_mode mode, bool listed)
{
	struct stat st;
	if (mode != PROGRESS_AUTO)
		return mode;
	if (isatty(STDERR_FILENO) == 0 || fstat(STDOUT_FILENO, &st) == -1 ||
	    S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode))
		return PROGRESS_NONE;
	return listed && isatty(STDOUT_FILENO) != 0 ? PROGRESS_NONE
						    : PROGRESS_LINE;
}

/* ---- what is said --------------------------------------------------------------- */

/* Bytes a second, and the seconds that the rest takes; -1: not known. */
static double
time_left(const struct progress *p, double seconds, double *rate)
{
	double done = (double)atomic_load(&p->bytes_done);
	*rate = seconds > 0 ? done / seconds : 0;
	return *rate > 0 ? ((double)p->bytes - done) / *rate : -1;
}

void
progress_json(const struct progress *p, const char *state, double seconds,
    struct buf *b)
{
	double rate, left = time_left(p, seconds, &rate);
	buf_printf(b,
	    "{\"state\":\"%s\",\"files\":%zu,\"of_files\":%zu,"
	    "\"bytes\":%llu,\"of_bytes\":%llu,\"bytes_per_second\":%.0f,"
	    "\"seconds\":%.3f,\"seconds_left\":",
	    state, atomic_load(&p->files_done), p->files,
	    (unsigned long long)atomic_load(&p->bytes_done),
	    (unsigned long long)p->bytes, rate, seconds);
	if (left < 0)
		buf_adds(b, "null}\n");
	else
		buf_printf(b, "%.0f}\n", left);
}

/* "12.3 MB" */
static void
put_size(struct buf *b, double n)
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB",
		"PB" };
	size_t u = 0;
	for (; n >= 999.95 && u + 1 < sizeof(units) / sizeof(units[0]); u++)
		n /= 1000;
	buf_printf(b, u == 0 ? "%.0f %s" : "%.1f %s", n, units[u]);
}

static void
put_left(struct buf *b, double left)
{
	unsigned long long s = (unsigned long long)(left + 0.5);
	if (s >= 3600)
		buf_printf(b, "%llu:%02llu:%02llu", s / 3600, s / 60 % 60,
		    s % 60);
	else
		buf_printf(b, "%llu:%02llu", s / 60, s % 60);
}

void
progress_line(const struct progress *p, double seconds, struct buf *b)
{
	uint64_t done = atomic_load(&p->bytes_done);
	double rate, left = time_left(p, seconds, &rate);
	put_size(b, (double)done);
	buf_adds(b, " of ");
	put_size(b, (double)p->bytes);
	if (p->bytes != 0)
		buf_printf(b, ", %.0f %%",
		    (double)done / (double)p->bytes * 100);
	buf_adds(b, ", ");
	put_size(b, rate);
	buf_adds(b, "/s");
	if (left >= 0) {
		buf_adds(b, ", ");
		put_left(b, left);
		buf_adds(b, " left");
	}
}

/*
 * Who does not listen has nothing said: a pipe that can be written to has
 * room for what is said at a time.
 */
static void
put_out(const struct progress *p, const char *text, size_t n)
{
	struct pollfd to = { .fd = p->fd, .events = POLLOUT };
	if (poll(&to, 1, 0) == 1 && (to.revents & POLLOUT) != 0)
		(void)file_write_full(p->fd, text, n);
}

static void
say(struct progress *p, const char *state)
{
	struct buf b = BUF_EMPTY;
	double seconds = progress_now() - p->start;
	if (p->mode == PROGRESS_JSON) {
		progress_json(p, state, seconds, &b);
	} else {
		buf_adds(&b, ERASE);
		progress_line(p, seconds, &b);
		p->shown = true;
	}
	put_out(p, b.data, b.len);
	buf_free(&b);
}

/* ---- the thread ----------------------------------------------------------------- */

/* With the lock; true: it is over. */
static bool
rest(struct progress *p, long ms)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_nsec += ms * 1000000;
	t.tv_sec += t.tv_nsec / 1000000000;
	t.tv_nsec %= 1000000000;
	while (!p->over &&
	       pthread_cond_timedwait(&p->ended, &p->lock, &t) != ETIMEDOUT)
		;
	return p->over;
}

static void *
talk(void *arg)
{
	struct progress *p = arg;
	bool json = p->mode == PROGRESS_JSON;
	(void)pthread_mutex_lock(&p->lock);
	if (json || !rest(p, PROGRESS_QUIET_MS)) {
		do {
			(void)pthread_mutex_unlock(&p->lock);
			say(p, "running");
			(void)pthread_mutex_lock(&p->lock);
		} while (!rest(p, json ? PROGRESS_JSON_MS : PROGRESS_LINE_MS));
	}
	(void)pthread_mutex_unlock(&p->lock);
	if (json)
		say(p, p->partial ? "partial" : "done");
	else if (p->shown)
		put_out(p, ERASE, sizeof(ERASE) - 1);
	return NULL;
}

/* SIGPIPE as well: a frontend that left is no reason to end. */
static void
start(struct progress *p)
{
	pthread_condattr_t clock;
	sigset_t all, old;
	(void)pthread_mutex_init(&p->lock, NULL);
	(void)pthread_condattr_init(&clock);
	(void)pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&p->ended, &clock);
	(void)pthread_condattr_destroy(&clock);
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_BLOCK, &all, &old);
	p->running = pthread_create(&p->thread, NULL, talk, p) == 0;
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
}

void
progress_begin(struct progress *p, enum progress_mode mode, int fd,
    const struct tree_list *files)
{
	struct stat st;
	*p = (struct progress){ .mode = mode,
		.fd = fd,
		.files = files->n,
		.start = progress_now() };
	if (mode != PROGRESS_LINE && mode != PROGRESS_JSON)
		return;
	p->file = mem_calloc(files->n + 1, sizeof(p->file[0]));
	for (size_t i = 0; i < files->n; i++) {
		if (stat(files->files[i].path, &st) == 0 && st.st_size > 0)
			p->file[i].size = (uint64_t)st.st_size;
		p->bytes += p->file[i].size;
	}
	start(p);
}

static void
add(struct progress *p, struct progress_file *f, uint64_t bytes)
{
	uint64_t before = atomic_fetch_add(&f->done, bytes);
	if (before < f->size)
		atomic_fetch_add(&p->bytes_done,
		    bytes < f->size - before ? bytes : f->size - before);
}

void
progress_block(struct progress *p, size_t file, uint32_t blocks)
{
	if (p == NULL || p->file == NULL || file >= p->files || blocks == 0)
		return;
	add(p, &p->file[file], p->file[file].size / blocks);
}

void
progress_file(struct progress *p, size_t file)
{
	if (p == NULL || file >= p->files)
		return;
	atomic_fetch_add(&p->files_done, 1);
	if (p->file != NULL)
		add(p, &p->file[file], p->file[file].size);
}

void
progress_end(struct progress *p, bool partial)
{
	if (p->file == NULL)
		return;
	if (p->running) {
		(void)pthread_mutex_lock(&p->lock);
		p->over = true;
		p->partial = partial;
		(void)pthread_cond_signal(&p->ended);
		(void)pthread_mutex_unlock(&p->lock);
		(void)pthread_join(p->thread, NULL);
	}
	(void)pthread_cond_destroy(&p->ended);
	(void)pthread_mutex_destroy(&p->lock);
	free(p->file);
	p->file = NULL;
}
