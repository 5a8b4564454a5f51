/*
 * tally: counters of many bitmaps over one batch.
 *
 * Prepared once per batch (classes, packet and byte sums), then each
 * channel's bitmap adds to its counters.  Cost follows the set bits; a
 * bitmap that is full, or equal to one already counted, costs nothing.
 */
#ifndef FILTER_TALLY_H
#define FILTER_TALLY_H

#include <stdbool.h>
#include <stdint.h>

#include "filter/filter.h"
#include "flow/batch.h"
#include "flow/counters.h"

/* Columns that tallying reads. */
#define TALLY_COLUMNS                                                          \
	(COL_BIT(COL_PROTO) | COL_BIT(COL_PACKETS) | COL_BIT(COL_BYTES) |      \
	    COL_BIT(COL_CNT))

enum tally_rule {
	/* as the collector: a record is a flow, out counters in totals only */
	TALLY_LIVE,
	/* as nfprofile: aggregated flows count, out counters in every class */
	TALLY_CHANNEL
};

struct tally {
	const struct batch *b;
	uint64_t class_bits[CLASS_MAX][BATCH_WORDS]; /* [CLASS_ALL]: all rows */
	bool any_out; /* some row has out counters */
};

void tally_begin(struct tally *t, const struct batch *b);

/* Add the rows of `bits` to *c. */
void tally_add(const struct tally *t, const uint64_t *bits,
    enum tally_rule rule, struct counters *c);

/* Add those of them that are in [from, to). */
void tally_add_rows(const struct tally *t, const uint64_t *bits, size_t from,
    size_t to, enum tally_rule rule, struct counters *c);

/*
 * sums[i] becomes what the batch holds for filter i of an evaluated set.
 * Filters with the same bitmap are counted once.
 */
void tally_filters(const struct tally *t, const struct filterset *s,
    enum tally_rule rule, struct counters *sums);

/* The same of the rows in [from, to). */
void tally_filters_rows(const struct tally *t, const struct filterset *s,
    size_t from, size_t to, enum tally_rule rule, struct counters *sums);

#endif
