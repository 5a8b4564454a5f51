#include "query/totals.h"

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

void
totals_add(struct totals *t, const struct batch *b, const uint64_t *bits)
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

void
totals_merge(struct totals *to, const struct totals *t)
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
