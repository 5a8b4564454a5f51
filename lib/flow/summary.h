/*
 * summary: what can be said of some thousand flows without looking at them
 * again: which elements they have, the least and greatest value of each
 * column, the protocols and TCP flags there are, and a Bloom filter of their
 * addresses and ports.
 *
 * Made from batches (flow/batch.h), kept in indexes (index/index.h), asked by
 * filters (filter/necessary.h).  All that it says is true of the flows; what
 * it does not exclude may still not be there.
 */
#ifndef FLOW_SUMMARY_H
#define FLOW_SUMMARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bloom.h"
#include "flow/batch.h"

/*
 * The columns with a range, in the order of the table in summary.c.  Indexes
 * keep them in this order: a change of either needs a new version there.
 */
#define SUMMARY_COLUMNS 29

/* Columns of 8 bits whose values are known one by one. */
enum summary_set { SUMMARY_PROTO, SUMMARY_FLAGS, SUMMARY_SETS };

/* Least and greatest value of those flows that have one; lo > hi: none. */
struct summary_range {
	uint64_t lo, hi;
};

struct summary {
	uint64_t rows; /* flows */
	uint64_t any;  /* FLOW_BITs: some flow has it */
	uint64_t all;  /* every flow has it; of elements with columns only */
	uint64_t set[SUMMARY_SETS][4]; /* bitmaps of 256 */
	struct summary_range range[SUMMARY_COLUMNS];
	const struct bloom_line *line; /* borrowed */
	size_t lines;                  /* 0: nothing is known */
};

/* Kinds of keys in the Bloom filter; kept on disk. */
enum summary_key {
	SUMMARY_IP4 = 4,  /* source or destination */
	SUMMARY_IP6 = 6,  /* likewise */
	SUMMARY_PORT = 16 /* likewise */
};

/* May a flow have it? */
static inline bool
summary_may_have(const struct summary *s, enum summary_key kind, uint64_t hi,
    uint64_t lo)
{
	return s->lines == 0 ||
	       bloom_has(s->line, s->lines, bloom_hash((uint64_t)kind, hi, lo));
}

/*
 * The range of the column that begins `offset` bytes into struct batch, of an
 * IPv6 address its upper half; NULL: none is kept.
 */
const struct summary_range *summary_column(const struct summary *s,
    size_t offset);

/* The set of the column at `offset`; NULL: none is kept. */
const uint64_t *summary_set(const struct summary *s, size_t offset);

/* COL_BITs that summary_add reads. */
#define SUMMARY_WANT (COL_BIT(COL_MAX) - 1)

/* ---- making one ----------------------------------------------------------------- */

struct summary_maker {
	struct summary s;
	uint64_t *slot; /* distinct hashes, 0: free */
	size_t slots;   /* power of two */
	size_t used;
	struct bloom_line *line;
	size_t cap; /* lines there is room for */
};

/* m is all zero, or was used before. */
void summary_begin(struct summary_maker *m);

/*
 * Add all rows of a batch that was filled with SUMMARY_WANT.  elements tells
 * the FLOW_BITs of a record, columns or not (nffile_record_elements).
 */
void summary_add(struct summary_maker *m, const struct batch *b,
    uint64_t (*elements)(const uint8_t *rec));

/* m->s is complete; its Bloom filter has at most `most` lines. */
void summary_end(struct summary_maker *m, size_t most);
void summary_free(struct summary_maker *m);

#endif
