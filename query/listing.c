#include "query/listing.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "nffile/nffile.h"

#define CHUNK    2048 /* flows that a thread formats at once */
#define THREADS  16
#define FLUSH_AT 65536

void
listing_label(struct flow *f, const char *label)
{
	if (label == NULL)
		return;
	f->have |= FLOW_BIT(FE_LABEL);
	f->label.p = (const uint8_t *)label;
	f->label.len = (uint16_t)(strlen(label) + 1);
}

/* What was formatted for the next n flows. */
static void
write_text(struct listing *l, const struct buf *text, size_t n)
{
	size_t glue = l->printed == 0 ? format_glue(l->format) : 0;
	if (n == 0)
		return;
	out_write(l->out, text->data + glue, text->len - glue);
	l->printed += n;
}

/* ---- of a scan ------------------------------------------------------------------- */

/* One thread's. */
struct part {
	struct listing *l;
	struct buf text; /* of the block at hand */
	size_t flows;    /* in it */
};

static void *
part(void *ctx)
{
	struct part *p = mem_calloc(1, sizeof(*p));
	p->l = ctx;
	return p;
}

static void
take(void *ctx, const struct picked *picked)
{
	struct part *p = ctx;
	const struct listing *l = p->l;
	const struct batch *b = picked->b;
	struct format format = *l->format;
	format.ident = b->ident;
	/* Others count at the same time, unless it is asked for. */
	uint64_t number = l->format->numbered ? l->printed + p->flows : 0;
	for (size_t i = 0; i < picked->n; i++) {
		struct flow f;
		(void)nffile_record_flow(b->rec[picked->rows[i]], &f);
		if (l->labels != NULL)
			listing_label(&f,
			    filter_label(l->labels, &f, b->ident));
		format_flow(&format, ++number, &f, &p->text);
	}
	p->flows += picked->n;
}

static void
turn(void *ctx)
{
	struct part *p = ctx;
	write_text(p->l, &p->text, p->flows);
	/* What waits is seen at once: the next match may be far away. */
	out_flush(p->l->out);
	buf_clear(&p->text);
	p->flows = 0;
}

static void
end(void *ctx, void *state)
{
	struct part *p = state;
	(void)ctx;
	buf_free(&p->text);
	free(p);
}

struct scan_sink
listing_sink(struct listing *l)
{
	return (struct scan_sink){ .ctx = l,
		.ordered = l->format->numbered,
		.part = part,
		.take = take,
		.turn = turn,
		.end = end };
}

void
listing_flow(struct listing *l, const struct flow *f)
{
	struct buf *b = &l->out->text;
	size_t at = b->len, glue = l->printed == 0 ? format_glue(l->format) : 0;
	format_flow(l->format, ++l->printed, f, b);
	if (glue != 0) {
		memmove(b->data + at, b->data + at + glue, b->len - at - glue);
		b->len -= glue;
	}
	if (b->len >= FLUSH_AT)
		out_flush(l->out);
}

/* ---- of a sorted list ------------------------------------------------------------ */

/* Chunks are claimed in order, and written in order. */
struct printing {
	struct listing *l;
	listing_get *get;
	const void *ctx;
	size_t n;
	uint64_t before; /* flows printed before */
	pthread_mutex_t lock;
	pthread_cond_t moved;
	size_t claimed; /* flows */
	size_t written;
};

static size_t
claim(struct printing *p)
{
	(void)pthread_mutex_lock(&p->lock);
	size_t from = p->claimed;
	p->claimed += p->n - from < CHUNK ? p->n - from : CHUNK;
	(void)pthread_mutex_unlock(&p->lock);
	return from;
}

static void
write_chunk(struct printing *p, const struct buf *text, size_t from, size_t to)
{
	(void)pthread_mutex_lock(&p->lock);
	while (p->written != from)
		(void)pthread_cond_wait(&p->moved, &p->lock);
	write_text(p->l, text, to - from);
	p->written = to;
	(void)pthread_cond_broadcast(&p->moved);
	(void)pthread_mutex_unlock(&p->lock);
}

static void *
print_chunks(void *ctx)
{
	struct printing *p = ctx;
	struct buf text = BUF_EMPTY;
	for (size_t from; (from = claim(p)) < p->n;) {
		size_t to = p->n - from < CHUNK ? p->n : from + CHUNK;
		for (size_t i = from; i < to; i++) {
			struct flow f;
			p->get(p->ctx, i, &f);
			format_flow(p->l->format, p->before + i + 1, &f, &text);
		}
		write_chunk(p, &text, from, to);
		buf_clear(&text);
	}
	buf_free(&text);
	return NULL;
}

static unsigned
threads_for(size_t n)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	size_t most = cpus > 0 && cpus < THREADS ? (size_t)cpus : THREADS;
	size_t chunks = (n + CHUNK - 1) / CHUNK;
	return (unsigned)(chunks < most ? chunks : most);
}

void
listing_print(struct listing *l, listing_get *get, const void *ctx, size_t n)
{
	struct printing p = { .l = l,
		.get = get,
		.ctx = ctx,
		.n = n,
		.before = l->printed,
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.moved = PTHREAD_COND_INITIALIZER };
	pthread_t thread[THREADS];
	unsigned most = threads_for(n), running = 0;
	sigset_t all, old;
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_BLOCK, &all, &old);
	while (running + 1 < most &&
	       pthread_create(&thread[running], NULL, print_chunks, &p) == 0)
		running++;
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	(void)print_chunks(&p); /* alone, when there are no threads to be had */
	for (unsigned i = 0; i < running; i++)
		(void)pthread_join(thread[i], NULL);
	(void)pthread_cond_destroy(&p.moved);
	(void)pthread_mutex_destroy(&p.lock);
}
