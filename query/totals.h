/*
 * totals: sums over all flows of a query.
 */
#ifndef QUERY_TOTALS_H
#define QUERY_TOTALS_H

#include <stdint.h>

#include "flow/batch.h"

/* Sums over the flows that passed, for the footer and percentages. */
struct totals {
	uint64_t flows;
	uint64_t packets, bytes; /* in */
	uint64_t out_packets, out_bytes;
	uint64_t first, last; /* ms; first UINT64_MAX: none yet */
};

/* The rows of b whose bits are set. */
void totals_add(struct totals *t, const struct batch *b, const uint64_t *bits);
void totals_merge(struct totals *to, const struct totals *t);

#endif
