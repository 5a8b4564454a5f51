#include "query/scan.h"

#include <assert.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/mem.h"
#include "nffile/nffile.h"

/* Columns of the footer's sums and of the time window. */
#define OWN_COLUMNS                                                            \
	(COL_BIT(COL_FIRST) | COL_BIT(COL_LAST) | COL_BIT(COL_PACKETS) |       \
	    COL_BIT(COL_BYTES) | COL_BIT(COL_CNT))

struct work {
	struct scan *s;
	struct filterset *set;
	struct batch *b;
	scan_complaint *complain;
	bool no_stat; /* of the file at work: times come from its flows */
	uint16_t rows[BATCH_ROWS];
};

void
scan_add_sink(struct scan *s, scan_sink *take, void *ctx, uint64_t columns)
{
	assert(s->n_sinks < SCAN_SINKS);
	s->sink[s->n_sinks].take = take;
	s->sink[s->n_sinks++].ctx = ctx;
	s->columns |= columns;
}

/* ---- one batch ------------------------------------------------------------------ */

static bool
in_window(const struct scan *s, const struct batch *b, size_t row)
{
	return b->first[row] >= s->from_ms &&
	       (s->to_ms == 0 || b->last[row] <= s->to_ms);
}

static size_t
pick(struct work *w, const uint64_t *bits)
{
	const struct scan *s = w->s;
	bool window = s->from_ms != 0 || s->to_ms != 0;
	size_t n = 0;
	for (size_t i = 0; i * 64 < w->b->rows; i++) {
		for (uint64_t left = bits[i]; left != 0; left &= left - 1) {
			size_t row = i * 64 + (size_t)__builtin_ctzll(left);
			if (!window || in_window(s, w->b, row))
				w->rows[n++] = (uint16_t)row;
		}
	}
	return n;
}

static size_t
pick_all(struct work *w)
{
	uint64_t all[BATCH_WORDS] = { 0 };
	for (size_t row = 0; row < w->b->rows; row += 64) {
		size_t n = w->b->rows - row;
		all[row / 64] = n < 64 ? (UINT64_C(1) << n) - 1 : ~UINT64_C(0);
	}
	return pick(w, all);
}

static void
add_totals(struct totals *t, const struct picked *p)
{
	const struct batch *b = p->b;
	for (size_t i = 0; i < p->n; i++) {
		size_t row = p->rows[i];
		t->flows += b->flows[row];
		t->packets += b->packets[row];
		t->bytes += b->bytes[row];
		t->out_packets += b->out_packets[row];
		t->out_bytes += b->out_bytes[row];
		if (b->first[row] < t->first)
			t->first = b->first[row];
		if (b->last[row] > t->last)
			t->last = b->last[row];
	}
}

static void
widen(struct scan *s, uint64_t first, uint64_t last)
{
	if (first != 0 && (s->first == 0 || first < s->first))
		s->first = first;
	if (last > s->last)
		s->last = last;
}

/* False: the limit is reached. */
static bool
take_batch(struct work *w)
{
	struct scan *s = w->s;
	struct picked p = { .b = w->b, .rows = w->rows };
	if (w->set != NULL) {
		filterset_eval(w->set, w->b);
		p.n = pick(w, filterset_bits(w->set, 0));
	} else {
		p.n = pick_all(w);
	}
	bool more = true;
	size_t rows = w->b->rows;
	if (s->limit != 0 && s->passed + p.n >= s->limit) {
		p.n = (size_t)(s->limit - s->passed);
		rows = (size_t)w->rows[p.n - 1] + 1;
		more = false;
	}
	for (size_t i = 0; w->no_stat && i < rows; i++)
		widen(s, w->b->first[i], w->b->last[i]);
	s->processed += rows;
	s->passed += p.n;
	add_totals(&s->total, &p);
	for (size_t i = 0; i < s->n_sinks && p.n != 0; i++)
		s->sink[i].take(s->sink[i].ctx, &p);
	return more;
}

/* ---- files ---------------------------------------------------------------------- */

/* A finished file whose flows all lie outside the window need not be read. */
static bool
can_skip(struct scan *s, const struct nffile_reader *r)
{
	if (!r->has_stat || r->stat.flows == 0 ||
	    (s->from_ms == 0 && s->to_ms == 0))
		return false;
	if (r->stat.last >= s->from_ms &&
	    (s->to_ms == 0 || r->stat.first <= s->to_ms))
		return false;
	s->processed += r->stat.flows;
	return true;
}

static bool
read_blocks(struct work *w, struct nffile_reader *r, bool open)
{
	struct nffile_block blk;
	struct err err;
	enum nffile_next next;
	bool whole = true, more = true;
	while (more && (next = nffile_read(r, &blk, &err)) != NFFILE_END) {
		if (next == NFFILE_ERROR) {
			w->complain(err.msg);
			whole = false;
			continue;
		}
		size_t pos = 0;
		w->s->bytes_read += blk.len;
		while (more && nffile_batch(&blk, &pos, w->b) != 0)
			more = take_batch(w);
	}
	/* That a collector is at work on its file goes without saying. */
	if (whole && more && !(open && r->growing) && nffile_missing(r, &err)) {
		w->complain(err.msg);
		whole = false;
	}
	w->s->failed += !whole;
	return more;
}

/* False: the limit is reached. */
static bool
read_file(struct work *w, const struct tree_file *f)
{
	struct nffile_reader r;
	struct err err;
	if (nffile_open(&r, f->path, &err) == -1) {
		if (f->open && !file_exists(f->path)) {
			w->s->vanished = true;
			return true;
		}
		w->complain(err.msg);
		w->s->failed++;
		return true;
	}
	w->no_stat = !r.has_stat;
	if (r.has_stat)
		widen(w->s, r.stat.first, r.stat.last);
	w->b->ident = r.ident;
	w->b->want = w->s->columns;
	if (w->set != NULL) {
		filterset_file(w->set, r.ident);
		w->b->want |= filterset_columns(w->set);
	}
	bool more = can_skip(w->s, &r) || read_blocks(w, &r, f->open);
	nffile_close(&r);
	return more;
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
	struct work *w = mem_calloc(1, sizeof(*w));
	*w = (struct work){ .s = s, .complain = complain };
	w->b = mem_calloc(1, sizeof(*w->b));
	s->columns |= OWN_COLUMNS;
	if (s->filter != NULL) {
		w->set = filterset_new();
		filterset_expander(w->set, nffile_record_flow);
		(void)filterset_add(w->set, s->filter);
		filterset_compile(w->set);
	}
	for (size_t i = 0; i < files->n; i++)
		if (!read_file(w, &files->files[i]))
			break;
	filterset_free(w->set);
	free(w->b);
	free(w);
}
