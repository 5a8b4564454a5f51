/*
 * seconds: a batch cut into runs of rows that count in the same second
 * (ring.h says which), and what was counted of them on its way to the ring.
 */
#ifndef PROFILER_SECONDS_H
#define PROFILER_SECONDS_H

#include <stddef.h>
#include <stdint.h>

#include "flow/batch.h"
#include "flow/counters.h"
#include "profiler/ring.h"

#define SECONDS_COLUMNS (COL_BIT(COL_RECEIVED) | COL_BIT(COL_LAST))

struct second_run {
	size_t
	    to; /* behind its last row; it begins where the one before ends */
	int64_t second;
};

/* Returns how many runs there are; they have room for BATCH_ROWS. */
size_t seconds_cut(const struct batch *b, int64_t start, int64_t cycle,
    struct second_run *runs);

/* Counted, and not yet in the ring: a thread's own. */
struct second_counts {
	struct second_count {
		size_t channel;
		int64_t second;
		struct counters c;
	} * v;
	size_t n, cap;
};
#define SECONDS_HELD 4096 /* when there are so many it is time for the ring */

void seconds_hold(struct second_counts *l, size_t channel, int64_t second,
    const struct counters *c);
void seconds_give(struct second_counts *l, struct ring *r);
void seconds_free(struct second_counts *l);

#endif
