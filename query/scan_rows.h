/*
 * scan_rows: one thread of a scan, from unpacked blocks to the sinks: rows
 * are filtered, cut to the time window and the limit, summed and given on,
 * at once or in turn.  Inside of query/scan.
 */
#ifndef QUERY_SCAN_ROWS_H
#define QUERY_SCAN_ROWS_H

#include "query/scan.h"

/*
 * Batches of a block that are filtered before its turn comes; what a block
 * has more (tiny records) is filtered in its turn.
 */
#define AHEAD 8

/* A batch, and its rows that pass. */
struct found {
	struct batch *b;
	uint32_t row; /* its first in the block */
	uint64_t bits[BATCH_WORDS];
};

/* One thread's. */
struct worker {
	struct scan *s; /* to be changed in turn only */
	struct filterset *set;
	bool numbered; /* the filter has to wait for its turn */
	uint64_t want; /* columns, in the file at hand */
	const char *ident;
	bool no_stat; /* of the file: times come from its flows */
	/* the block at hand */
	size_t file; /* number, over all runs */
	uint32_t block;
	size_t pos;
	uint32_t row; /* of the next batch */
	bool took;    /* rows of it went to sinks */
	struct found found[AHEAD];
	size_t n_found;
	uint16_t rows[BATCH_ROWS];
	void *part[SCAN_SINKS];

	/* what came of it, see struct scan */
	struct totals total;
	uint64_t processed;
	uint64_t passed;
	uint64_t first, last;
};

/* Does which rows pass depend on the numbers of flows? */
bool scan_is_numbered(const struct scan *s);

/* Does it take those before to know which rows pass? */
bool scan_is_late(const struct scan *s);

/* Make a span of ms wide enough; 0: there is none. */
void span_widen(uint64_t *from, uint64_t *to, uint64_t first, uint64_t last);

/* With a part of each sink. */
struct worker *worker_new(struct scan *s);
void worker_free(struct worker *w);

/* The next blocks are of this file. */
void worker_enter(struct worker *w, const struct scan_file *f);

/*
 * What struct scan_job calls with a worker.  once: no batch is looked at
 * twice; ahead: batches are kept for the block's turn.
 */
void block_once(void *worker, const struct scan_block *b);
void block_ahead(void *worker, const struct scan_block *b);

/* The turn: behind block_once; behind block_ahead for ordered sinks; for all. */
bool turn_once(void *worker, const struct scan_block *b);
bool turn_ordered(void *worker, const struct scan_block *b);
bool turn_late(void *worker, const struct scan_block *b);

#endif
