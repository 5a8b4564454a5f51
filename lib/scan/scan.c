#include "scan/scan.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "scan/window.h"

#define THREADS_UNASKED 16

struct worker {
	struct scanner *s;
	pthread_t thread;
	void *state;
	bool made;
	size_t entered; /* number of a file, SIZE_MAX: none yet */
	struct nffile_loader loader;
};

struct scanner {
	struct scan_job job;
	unsigned threads;
	unsigned running; /* in this run, the caller's included */
	bool full;        /* no more threads to be had */
	struct worker *worker;
	struct window window;
};

/* ---- one block --------------------------------------------------------------- */

static void
lock(struct worker *w)
{
	(void)pthread_mutex_lock(&w->s->window.lock);
}

static void
unlock(struct worker *w)
{
	(void)pthread_mutex_unlock(&w->s->window.lock);
}

static void
enter(struct worker *w, const struct active *f)
{
	const struct scan_job *job = &w->s->job;
	if (w->entered == f->pub.number)
		return;
	if (!w->made && job->make != NULL)
		w->state = job->make(job->ctx);
	w->made = true;
	w->entered = f->pub.number;
	if (job->enter != NULL)
		job->enter(w->state, &f->pub);
}

/* With the lock. */
static void
count(struct worker *w, const struct nffile_block *b)
{
	struct scan_counts *sum = &w->s->window.sum;
	sum->blocks++;
	sum->bytes += b->len;
}

/* Is everything before this block out?  False: nobody wants it any more. */
static bool
wait_turn(struct worker *w, const struct active *f, uint32_t turn)
{
	struct window *win = &w->s->window;
	while (!win->enough && (win->first != f->pub.number || f->turn != turn))
		(void)pthread_cond_wait(&win->moved, &win->lock);
	return !win->enough;
}

/*
 * Hand out the results of a block in its turn.  With the lock, b NULL: it
 * has none.
 */
static void
put_out(struct worker *w, struct active *f, const struct unit *u,
    const struct scan_block *b)
{
	struct window *win = &w->s->window;
	bool more = true;
	if (!wait_turn(w, f, u->turn))
		return;
	window_passed(win, &u->passed);
	if (b != NULL) {
		count(w, b->data);
		unlock(w);
		more = w->s->job.ordered(w->state, b);
		lock(w);
	}
	if (!more) {
		win->enough = true;
		win->last_block = b->data->number;
	}
	f->turn++;
	(void)pthread_cond_broadcast(&win->moved);
}

/* A block was read, or not.  Comes back with the lock. */
static void
one_block(struct worker *w, struct active *f, const struct unit *u,
    const struct nffile_block *data)
{
	const struct scan_job *job = &w->s->job;
	struct scan_block b = { &f->pub, data };
	if (data != NULL && job->block != NULL)
		job->block(w->state, &b);
	lock(w);
	if (job->ordered != NULL) {
		put_out(w, f, u, data != NULL ? &b : NULL);
		return;
	}
	window_passed(&w->s->window, &u->passed);
	if (data != NULL)
		count(w, data);
}

/* ---- units ------------------------------------------------------------------- */

static void
load(struct worker *w, const struct unit *u)
{
	struct nffile_block data;
	struct err err;
	enum nffile_next next =
	    nffile_load(u->file->reader, &u->place, &w->loader, &data, &err);
	one_block(w, u->file, u, next == NFFILE_BLOCK ? &data : NULL);
	if (next == NFFILE_ERROR)
		window_complain(&w->s->window, u->file, u->place.number,
		    err.msg);
	struct nffile_reader *r = u->file->reader;
	r->bad_records += w->loader.bad_records;
	r->unknown_records += w->loader.unknown_records;
	r->unknown_blocks += w->loader.unknown_blocks;
	w->loader.bad_records = w->loader.unknown_records = 0;
	w->loader.unknown_blocks = 0;
}

/* All blocks of a file by this thread.  Comes back with the lock. */
static void
read_alone(struct worker *w, struct active *f)
{
	struct nffile_block data;
	struct err err;
	enum nffile_next next;
	struct unit u = { .file = f };
	bool enough = false;
	while (!enough &&
	       (next = nffile_read(f->reader, &data, &err)) != NFFILE_END) {
		if (next == NFFILE_ERROR)
			lock(w);
		else
			u.turn = f->claimed++;
		if (next == NFFILE_BLOCK)
			one_block(w, f, &u, &data);
		if (next == NFFILE_ERROR)
			window_complain(&w->s->window, f, f->reader->number,
			    err.msg);
		f->pub.cut = window_stops(&w->s->window);
		enough = w->s->window.enough || f->pub.cut;
		unlock(w);
	}
	lock(w);
	window_drained(&w->s->window, f);
}

/* ---- threads ----------------------------------------------------------------- */

static void *work(void *arg);

/* With the lock. */
static void
help(struct scanner *s)
{
	sigset_t all, old;
	if (s->full || s->running == s->threads || !window_more(&s->window))
		return;
	struct worker *w = &s->worker[s->running];
	(void)sigfillset(&all);
	(void)sigdelset(&all, SIGBUS); /* see nffile_map */
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	if (pthread_create(&w->thread, NULL, work, w) == 0)
		s->running++;
	else
		s->full = true;
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
}

static void *
work(void *arg)
{
	struct worker *w = arg;
	struct window *win = &w->s->window;
	struct unit u;
	lock(w);
	while (window_claim(win, &u)) {
		help(w->s);
		unlock(w);
		enter(w, u.file);
		if (u.file->alone)
			read_alone(w, u.file);
		else
			load(w, &u);
		window_finish(win, u.file);
	}
	unlock(w);
	return NULL;
}

static unsigned
threads_wanted(unsigned asked)
{
	long n = asked;
	if (asked == 0) {
		n = sysconf(_SC_NPROCESSORS_ONLN);
		if (n > THREADS_UNASKED)
			n = THREADS_UNASKED;
	}
	if (n > SCAN_THREADS_MAX)
		n = SCAN_THREADS_MAX;
	return n > 1 ? (unsigned)n : 1;
}

struct scanner *
scanner_new(const struct scan_job *job)
{
	struct scanner *s = mem_calloc(1, sizeof(*s));
	s->job = *job;
	s->threads = threads_wanted(job->threads);
	s->worker = mem_calloc(s->threads, sizeof(s->worker[0]));
	for (unsigned i = 0; i < s->threads; i++)
		s->worker[i].s = s;
	window_init(&s->window, &s->job, s->threads + 1);
	return s;
}

static void
add_counts(struct scan_counts *to, const struct scan_counts *c)
{
	to->files += c->files;
	to->failed += c->failed;
	to->blocks += c->blocks;
	to->bytes += c->bytes;
	to->bytes_read += c->bytes_read;
	to->bad += c->bad;
	to->unknown += c->unknown;
	to->passed.blocks += c->passed.blocks;
	to->passed.rows += c->passed.rows;
	to->passed.bytes += c->passed.bytes;
	to->stopped |= c->stopped;
}

/* How many threads there are; none starts another when all are idle. */
static unsigned
running(struct scanner *s)
{
	lock(&s->worker[0]);
	unsigned n = s->running;
	unlock(&s->worker[0]);
	return n;
}

bool
scanner_run(struct scanner *s, const struct scan_input *in, size_t n,
    struct scan_counts *sum)
{
	window_begin(&s->window, in, n);
	s->running = 1;
	s->full = false;
	for (unsigned i = 0; i < s->threads; i++)
		s->worker[i].entered = SIZE_MAX;
	(void)work(&s->worker[0]);
	for (unsigned i = 1; i < running(s); i++)
		(void)pthread_join(s->worker[i].thread, NULL);
	window_end(&s->window);
	if (sum != NULL)
		add_counts(sum, &s->window.sum);
	return !s->window.enough;
}

unsigned
scanner_threads(const struct scanner *s)
{
	return s->threads;
}

void *
scanner_worker(const struct scanner *s, unsigned i)
{
	return s->worker[i].state;
}

void
scanner_free(struct scanner *s)
{
	if (s == NULL)
		return;
	for (unsigned i = 0; i < s->threads; i++) {
		if (s->worker[i].made && s->job.drop != NULL)
			s->job.drop(s->worker[i].state);
		nffile_loader_free(&s->worker[i].loader);
	}
	window_free(&s->window);
	free(s->worker);
	free(s);
}
