#include "query/scan_rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "nffile/nffile.h"

bool
scan_is_numbered(const struct scan *s)
{
	return s->filter != NULL && filter_counts(s->filter);
}

bool
scan_is_late(const struct scan *s)
{
	return s->limit != 0 || scan_is_numbered(s);
}

void
span_widen(uint64_t *from, uint64_t *to, uint64_t first, uint64_t last)
{
	if (first != 0 && (*from == 0 || first < *from))
		*from = first;
	if (last > *to)
		*to = last;
}

/* ---- the thread ------------------------------------------------------------ */

struct worker *
worker_new(struct scan *s)
{
	struct worker *w = mem_calloc(1, sizeof(*w));
	w->s = s;
	w->total.first = UINT64_MAX;
	for (size_t i = 0; i < s->n_sinks; i++) {
		const struct scan_sink *sink = &s->sink[i];
		w->part[i] =
		    sink->part != NULL ? sink->part(sink->ctx) : sink->ctx;
	}
	if (s->filter == NULL)
		return w;
	w->set = filterset_new();
	filterset_expander(w->set, nffile_record_flow);
	(void)filterset_add(w->set, s->filter);
	w->numbered = scan_is_numbered(s);
	filterset_compile(w->set);
	return w;
}

void
worker_free(struct worker *w)
{
	for (size_t i = 0; i < AHEAD; i++)
		free(w->found[i].b);
	filterset_free(w->set);
	free(w);
}

void
worker_enter(struct worker *w, const struct scan_file *f)
{
	w->no_stat = f->stat == NULL;
	w->ident = f->ident;
	w->want = w->s->columns;
	if (w->set != NULL) {
		filterset_file(w->set, f->ident);
		w->want |= filterset_columns(w->set);
	}
}

/* ---- one batch ------------------------------------------------------------------- */

static bool
in_window(const struct scan *s, const struct batch *b, size_t row)
{
	return b->first[row] >= s->from_ms &&
	       (s->to_ms == 0 || b->last[row] <= s->to_ms);
}

static void
cut_window(const struct scan *s, struct found *f)
{
	for (size_t w = 0; w * 64 < f->b->rows; w++) {
		for (uint64_t m = f->bits[w]; m != 0; m &= m - 1) {
			size_t i = (size_t)__builtin_ctzll(m);
			if (!in_window(s, f->b, w * 64 + i))
				f->bits[w] &= ~(UINT64_C(1) << i);
		}
	}
}

static void
all_rows(uint64_t *bits, size_t rows)
{
	memset(bits, 0, BATCH_WORDS * sizeof(bits[0]));
	memset(bits, 0xff, rows / 64 * sizeof(bits[0]));
	if (rows % 64 != 0)
		bits[rows / 64] = (UINT64_C(1) << (rows % 64)) - 1;
}

static void
pick(struct worker *w, struct found *f)
{
	const struct scan *s = w->s;
	if (w->set != NULL) {
		filterset_eval(w->set, f->b);
		memcpy(f->bits, filterset_bits(w->set, 0), sizeof(f->bits));
	} else {
		all_rows(f->bits, f->b->rows);
	}
	if (s->from_ms != 0 || s->to_ms != 0)
		cut_window(s, f);
}

/*
 * The block's next batch, filtered unless the flows' numbers are needed,
 * which are known in its turn.  False: there is none.
 */
static bool
find(struct worker *w, const struct nffile_block *blk, struct found *f)
{
	if (f->b == NULL)
		f->b = mem_calloc(1, sizeof(*f->b));
	f->b->want = w->want;
	f->b->ident = w->ident;
	if (nffile_batch(blk, &w->pos, f->b) == 0)
		return false;
	f->row = w->row;
	w->row += (uint32_t)f->b->rows;
	if (!w->numbered)
		pick(w, f);
	return true;
}

static size_t
count_bits(const struct found *f)
{
	size_t n = 0;
	for (size_t w = 0; w * 64 < f->b->rows; w++)
		n += (size_t)__builtin_popcountll(f->bits[w]);
	return n;
}

/* What of the batch's rows was read. */
static void
note_rows(struct worker *w, const struct batch *b, size_t rows)
{
	w->processed += rows;
	for (size_t i = 0; w->no_stat && i < rows; i++)
		span_widen(&w->first, &w->last, b->first[i], b->last[i]);
}

static size_t
list_rows(struct worker *w, const struct found *f)
{
	size_t n = 0;
	for (size_t i = 0; i * 64 < f->b->rows; i++)
		for (uint64_t m = f->bits[i]; m != 0; m &= m - 1)
			w->rows[n++] =
			    (uint16_t)(i * 64 + (size_t)__builtin_ctzll(m));
	return n;
}

/* The rows behind the last one that the limit lets pass. */
static size_t
cut_rows(struct found *f, size_t last)
{
	uint64_t keep[BATCH_WORDS];
	all_rows(keep, last + 1);
	for (size_t w = 0; w < BATCH_WORDS; w++)
		f->bits[w] &= keep[w];
	return last + 1;
}

/* The rows to those sinks that are ordered, or those that are not. */
static void
give(struct worker *w, const struct picked *p, bool ordered)
{
	const struct scan *s = w->s;
	for (size_t i = 0; i < s->n_sinks && p->n != 0; i++)
		if (s->sink[i].ordered == ordered)
			s->sink[i].take(w->part[i], p);
	w->took |= p->n != 0;
}

static struct picked
picked(struct worker *w, const struct found *f)
{
	return (struct picked){ .b = f->b,
		.rows = w->rows,
		.n = list_rows(w, f),
		.file = w->file,
		.block = w->block,
		.row = f->row };
}

/* What needs no order, on any thread at any time. */
static void
take_early(struct worker *w, struct found *f)
{
	note_rows(w, f->b, f->b->rows);
	totals_add(&w->total, f->b, f->bits);
	if (w->s->n_sinks == 0) {
		w->passed += count_bits(f);
		return;
	}
	struct picked p = picked(w, f);
	w->passed += p.n;
	give(w, &p, false);
}

/*
 * Everything, in turn, when the rows that pass are known only now.  False:
 * the limit is reached.
 */
static bool
take_late(struct worker *w, struct found *f)
{
	struct scan *s = w->s;
	if (w->numbered) {
		filterset_number(w->set, s->number);
		s->number += f->b->rows;
		pick(w, f);
	}
	struct picked p = picked(w, f);
	size_t rows = f->b->rows;
	bool more = true;
	if (s->limit != 0 && s->passed + p.n >= s->limit) {
		p.n = (size_t)(s->limit - s->passed);
		rows = cut_rows(f, w->rows[p.n - 1]);
		more = false;
	}
	note_rows(w, f->b, rows);
	s->passed += p.n;
	totals_add(&w->total, f->b, f->bits);
	give(w, &p, false);
	give(w, &p, true);
	return more;
}

/* ---- blocks ---------------------------------------------------------------------- */

static void
begin_block(struct worker *w, const struct scan_block *b)
{
	w->pos = 0;
	w->row = 0;
	w->took = false;
	w->n_found = 0;
	w->file = w->s->files + b->file->number;
	w->block = (uint32_t)b->data->number;
	progress_block(w->s->progress, b->file->number,
	    b->file->reader->header.num_blocks);
}

/* No batch is looked at twice. */
void
block_once(void *worker, const struct scan_block *b)
{
	struct worker *w = worker;
	begin_block(w, b);
	while (find(w, b->data, &w->found[0]))
		take_early(w, &w->found[0]);
}

/* Batches are kept for the block's turn. */
void
block_ahead(void *worker, const struct scan_block *b)
{
	struct worker *w = worker;
	bool early = !scan_is_late(w->s);
	begin_block(w, b);
	while (w->n_found < AHEAD && find(w, b->data, &w->found[w->n_found])) {
		if (early)
			take_early(w, &w->found[w->n_found]);
		w->n_found++;
	}
}

static void
give_turn(struct worker *w)
{
	const struct scan *s = w->s;
	for (size_t i = 0; i < s->n_sinks && w->took; i++)
		if (s->sink[i].turn != NULL)
			s->sink[i].turn(w->part[i]);
}

static void
describe(const struct worker *w, const struct scan_block *b)
{
	if (w->s->describe != NULL)
		w->s->describe(w->s->describe_ctx, b);
}

/* What block_once left: sinks that have their turn. */
bool
turn_once(void *worker, const struct scan_block *b)
{
	describe(worker, b);
	give_turn(worker);
	return true;
}

/* Ordered sinks, of batches that others have had. */
bool
turn_ordered(void *worker, const struct scan_block *b)
{
	struct worker *w = worker;
	describe(w, b);
	for (size_t i = 0; i < w->n_found; i++) {
		struct picked p = picked(w, &w->found[i]);
		give(w, &p, true);
	}
	while (w->n_found == AHEAD && find(w, b->data, &w->found[0])) {
		take_early(w, &w->found[0]);
		struct picked p = picked(w, &w->found[0]);
		give(w, &p, true);
	}
	give_turn(w);
	return true;
}

bool
turn_late(void *worker, const struct scan_block *b)
{
	struct worker *w = worker;
	bool more = true;
	describe(w, b);
	for (size_t i = 0; more && i < w->n_found; i++)
		more = take_late(w, &w->found[i]);
	while (more && w->n_found == AHEAD && find(w, b->data, &w->found[0]))
		more = take_late(w, &w->found[0]);
	give_turn(w);
	return more;
}
