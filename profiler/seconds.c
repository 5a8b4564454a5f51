#include "profiler/seconds.h"

#include <stdlib.h>

#include "base/mem.h"

/* Which second of the slot a row belongs to. */
static int64_t
second_of(const struct batch *b, size_t row, int64_t start, int64_t cycle)
{
	uint64_t ms = b->received[row] != 0 ? b->received[row] : b->last[row];
	int64_t second = (int64_t)(ms / 1000);
	if (second < start)
		return start;
	return second < start + cycle ? second : start + cycle - 1;
}

size_t
seconds_cut(const struct batch *b, int64_t start, int64_t cycle,
    struct second_run *runs)
{
	size_t n = 0;
	for (size_t row = 0; row < b->rows; row++) {
		int64_t second = second_of(b, row, start, cycle);
		/* Time does not go back: as many runs as seconds at most. */
		if (n == 0 || second > runs[n - 1].second)
			runs[n++].second = second;
		runs[n - 1].to = row + 1;
	}
	return n;
}

void
seconds_hold(struct second_counts *l, size_t channel, int64_t second,
    const struct counters *c)
{
	if (l->n == l->cap)
		l->v =
		    mem_realloc(l->v, l->cap = l->cap * 2 + 64, sizeof(*l->v));
	l->v[l->n++] = (struct second_count){ channel, second, *c };
}

void
seconds_give(struct second_counts *l, struct ring *r)
{
	for (size_t i = 0; i < l->n; i++)
		ring_add(r, l->v[i].channel, l->v[i].second, &l->v[i].c);
	l->n = 0;
}

void
seconds_free(struct second_counts *l)
{
	free(l->v);
	*l = (struct second_counts){ 0 };
}
