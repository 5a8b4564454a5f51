#include "query/scan.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "nffile/nffile.h"
#include "scan/scan.h"

/* Columns of the footer's sums and of the time window. */
#define OWN_COLUMNS                                                            \
	(COL_BIT(COL_FIRST) | COL_BIT(COL_LAST) | COL_BIT(COL_PACKETS) |       \
	    COL_BIT(COL_BYTES) | COL_BIT(COL_CNT))

/*
 * Batches of a block that are filtered before its turn comes; what a block
 * has more (tiny records) is filtered in its turn.
 */
#define AHEAD 8

/* A batch, and its rows that pass. */
struct found {
	struct batch *b;
	uint64_t bits[BATCH_WORDS];
};

/* One thread's. */
struct worker {
	struct scan *s; /* to be changed in turn only */
	struct filterset *set;
	uint64_t want; /* columns, in the file at hand */
	const char *ident;
	bool no_stat; /* of the file: times come from its flows */
	size_t pos;   /* in the block at hand */
	struct found found[AHEAD];
	size_t n_found;
	uint16_t rows[BATCH_ROWS];

	/* what came of it, see struct scan */
	struct totals total;
	uint64_t processed;
	uint64_t passed;
	uint64_t first, last;
};

struct work {
	struct scan *s;
	scan_complaint *complain;
	bool complained; /* about the file that is read */
};

void
scan_add_sink(struct scan *s, scan_sink *take, void *ctx, uint64_t columns)
{
	assert(s->n_sinks < SCAN_SINKS);
	s->sink[s->n_sinks].take = take;
	s->sink[s->n_sinks++].ctx = ctx;
	s->columns |= columns;
}

static void
widen(uint64_t *from, uint64_t *to, uint64_t first, uint64_t last)
{
	if (first != 0 && (*from == 0 || first < *from))
		*from = first;
	if (last > *to)
		*to = last;
}

/* ---- totals ---------------------------------------------------------------------- */

static void
add_row(struct totals *t, const struct batch *b, size_t row)
{
	t->packets += b->packets[row];
	t->bytes += b->bytes[row];
	if (b->first[row] < t->first)
		t->first = b->first[row];
	if (b->last[row] > t->last)
		t->last = b->last[row];
}

/* Rows that carry element 5: flows they stand for, out counters. */
static void
add_cnt(struct totals *t, const struct batch *b, size_t w, uint64_t bits)
{
	for (; bits != 0; bits &= bits - 1) {
		size_t row = w * 64 + (size_t)__builtin_ctzll(bits);
		t->flows += b->flows[row] - 1;
		t->out_packets += b->out_packets[row];
		t->out_bytes += b->out_bytes[row];
	}
}

static void
add_totals(struct totals *t, const struct batch *b, const uint64_t *bits)
{
	for (size_t w = 0; w * 64 < b->rows; w++) {
		uint64_t m = bits[w];
		t->flows += (uint64_t)__builtin_popcountll(m);
		add_cnt(t, b, w, m & b->present[FE_CNT][w]);
		if (m == ~UINT64_C(0))
			for (size_t i = 0; i < 64; i++)
				add_row(t, b, w * 64 + i);
		else
			for (; m != 0; m &= m - 1)
				add_row(t, b,
				    w * 64 + (size_t)__builtin_ctzll(m));
	}
}

static void
merge_totals(struct totals *to, const struct totals *t)
{
	to->flows += t->flows;
	to->packets += t->packets;
	to->bytes += t->bytes;
	to->out_packets += t->out_packets;
	to->out_bytes += t->out_bytes;
	if (t->first < to->first)
		to->first = t->first;
	if (t->last > to->last)
		to->last = t->last;
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

/* The block's next batch, filtered.  False: there is none. */
static bool
find(struct worker *w, const struct nffile_block *blk, struct found *f)
{
	const struct scan *s = w->s;
	if (f->b == NULL)
		f->b = mem_calloc(1, sizeof(*f->b));
	f->b->want = w->want;
	f->b->ident = w->ident;
	if (nffile_batch(blk, &w->pos, f->b) == 0)
		return false;
	if (w->set != NULL) {
		filterset_eval(w->set, f->b);
		memcpy(f->bits, filterset_bits(w->set, 0), sizeof(f->bits));
	} else {
		all_rows(f->bits, f->b->rows);
	}
	if (s->from_ms != 0 || s->to_ms != 0)
		cut_window(s, f);
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
		widen(&w->first, &w->last, b->first[i], b->last[i]);
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

/* The batch into sums and sinks, in its turn.  False: the limit is reached. */
static bool
take(struct worker *w, struct found *f)
{
	struct scan *s = w->s;
	struct picked p = { f->b, w->rows, list_rows(w, f) };
	size_t rows = f->b->rows;
	bool more = true;
	if (s->limit != 0 && s->passed + p.n >= s->limit) {
		p.n = (size_t)(s->limit - s->passed);
		rows = cut_rows(f, w->rows[p.n - 1]);
		more = false;
	}
	note_rows(w, f->b, rows);
	s->passed += p.n;
	add_totals(&w->total, f->b, f->bits);
	for (size_t i = 0; i < s->n_sinks && p.n != 0; i++)
		s->sink[i].take(s->sink[i].ctx, &p);
	return more;
}

/* ---- blocks ---------------------------------------------------------------------- */

/* Sums alone: no order needed. */
static void
block_sums(void *worker, const struct scan_block *b)
{
	struct worker *w = worker;
	struct found *f = &w->found[0];
	w->pos = 0;
	while (find(w, b->data, f)) {
		note_rows(w, f->b, f->b->rows);
		w->passed += count_bits(f);
		add_totals(&w->total, f->b, f->bits);
	}
}

static void
block_ahead(void *worker, const struct scan_block *b)
{
	struct worker *w = worker;
	w->pos = 0;
	w->n_found = 0;
	while (w->n_found < AHEAD && find(w, b->data, &w->found[w->n_found]))
		w->n_found++;
}

/* Sinks are one for all threads; who is in turn may use them. */
static bool
block_in_turn(void *worker, const struct scan_block *b)
{
	struct worker *w = worker;
	for (size_t i = 0; i < w->n_found; i++)
		if (!take(w, &w->found[i]))
			return false;
	while (w->n_found == AHEAD && find(w, b->data, &w->found[0]))
		if (!take(w, &w->found[0]))
			return false;
	return true;
}

/* ---- files ----------------------------------------------------------------------- */

/* A finished file whose flows all lie outside the window need not be read. */
static bool
is_wanted(void *ctx, const struct scan_file *f)
{
	const struct work *k = ctx;
	const struct scan *s = k->s;
	if (f->stat == NULL || f->stat->flows == 0 ||
	    (s->from_ms == 0 && s->to_ms == 0))
		return true;
	if (s->filter != NULL && filter_counts(s->filter))
		return true; /* numbers go on over all that is there */
	return f->stat->last >= s->from_ms &&
	       (s->to_ms == 0 || f->stat->first <= s->to_ms);
}

static void
enter(void *worker, const struct scan_file *f)
{
	struct worker *w = worker;
	w->no_stat = f->stat == NULL;
	w->ident = f->ident;
	w->want = w->s->columns;
	if (w->set != NULL) {
		filterset_file(w->set, f->ident);
		w->want |= filterset_columns(w->set);
	}
}

/* Read without a complaint, but is it whole? */
static void
say_missing(struct work *k, const struct scan_file *f)
{
	const struct scan *s = k->s;
	const struct tree_file *file = f->tag;
	struct err err;
	if (!f->wanted || k->complained ||
	    (s->limit != 0 && s->passed >= s->limit))
		return;
	/* That a collector is at work on its file goes without saying. */
	if (file->open && f->reader->growing)
		return;
	if (nffile_missing(f->reader, &err)) {
		k->complain(err.msg);
		k->complained = true;
	}
}

static void
file_done(void *ctx, const struct scan_file *f)
{
	struct work *k = ctx;
	struct scan *s = k->s;
	if (f->reader != NULL)
		say_missing(k, f);
	s->failed += k->complained;
	k->complained = false;
	if (f->stat == NULL)
		return;
	widen(&s->first, &s->last, f->stat->first, f->stat->last);
	if (!f->wanted)
		s->processed += f->stat->flows;
}

static void
complaint(void *ctx, const struct scan_file *f, const char *text)
{
	struct work *k = ctx;
	const struct tree_file *file = f->tag;
	if (f->reader == NULL && file->open && !file_exists(f->path)) {
		k->s->vanished = true;
		return;
	}
	k->complain(text);
	k->complained = true;
}

/* ---- the scan -------------------------------------------------------------------- */

static void *
make(void *ctx)
{
	const struct work *k = ctx;
	struct worker *w = mem_calloc(1, sizeof(*w));
	w->s = k->s;
	w->total.first = UINT64_MAX;
	if (k->s->filter == NULL)
		return w;
	w->set = filterset_new();
	filterset_expander(w->set, nffile_record_flow);
	(void)filterset_add(w->set, k->s->filter);
	filterset_compile(w->set);
	return w;
}

static void
drop(void *worker)
{
	struct worker *w = worker;
	for (size_t i = 0; i < AHEAD; i++)
		free(w->found[i].b);
	filterset_free(w->set);
	free(w);
}

static void
merge(struct scan *s, const struct scanner *scanner)
{
	for (unsigned i = 0; i < scanner_threads(scanner); i++) {
		const struct worker *w = scanner_worker(scanner, i);
		if (w == NULL)
			continue;
		merge_totals(&s->total, &w->total);
		s->processed += w->processed;
		s->passed += w->passed;
		widen(&s->first, &s->last, w->first, w->last);
		for (size_t k = 0; k < AHEAD && w->found[k].b != NULL; k++) {
			s->unknown_elems += w->found[k].b->unknown_elems;
			s->damaged += w->found[k].b->damaged;
		}
	}
}

void
scan_init(struct scan *s)
{
	*s = (struct scan){ .total.first = UINT64_MAX };
}

void
scan_run(struct scan *s, const struct tree_list *files,
    scan_complaint *complain)
{
	struct work k = { .s = s, .complain = complain };
	bool sums = s->n_sinks == 0 && s->limit == 0;
	struct scan_counts c = { 0 };
	struct scan_input *in = mem_calloc(files->n + 1, sizeof(in[0]));
	const struct scan_job job = { .ctx = &k,
		/* The number of a flow is known to who reads them all. */
		.threads = s->filter != NULL && filter_counts(s->filter)
			       ? 1
			       : s->threads,
		.make = make,
		.drop = drop,
		.want = is_wanted,
		.enter = enter,
		.block = sums ? block_sums : block_ahead,
		.ordered = sums ? NULL : block_in_turn,
		.done = file_done,
		.complain = complaint };
	for (size_t i = 0; i < files->n; i++)
		in[i] = (struct scan_input){ .path = files->files[i].path,
			.tag = &files->files[i] };
	s->columns |= OWN_COLUMNS;
	struct scanner *scanner = scanner_new(&job);
	(void)scanner_run(scanner, in, files->n, &c);
	merge(s, scanner);
	scanner_free(scanner);
	s->bytes_read += c.bytes;
	s->unknown_records += c.unknown;
	free(in);
}
