/*
 * scan: the files of a query, read block by block; the rows that the filter
 * and the time window let pass go to sinks, batch by batch.
 *
 * Reading, unpacking, filtering and the sinks' work are shared among threads
 * (scan/scan.h).  Each thread has a part of its own of each sink.  What has
 * to happen in the order of files and blocks is done in turn, one thread at
 * a time: writing what was formatted, sinks that ask for it, and everything
 * when which rows pass depends on those before (-c, filters with `count`).
 */
#ifndef QUERY_SCAN_H
#define QUERY_SCAN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "filter/filter.h"
#include "flow/batch.h"
#include "nffile/tree.h"
#include "query/progress.h"
#include "query/totals.h"
#include "scan/scan.h"

/* The rows that passed in one batch: numbers, ascending; at least one. */
struct picked {
	const struct batch *b;
	const uint16_t *rows;
	size_t n;
	/* Where the batch is among all that is read: its row 0. */
	size_t file;    /* number, from 0 */
	uint32_t block; /* in the file */
	uint32_t row;   /* in the block */
};

/*
 * What becomes of the rows.  A block's rows all go to the same part, batches
 * in order; the blocks of a part come in order, too, with others' between.
 */
struct scan_sink {
	void *ctx;
	uint64_t columns; /* COL_BITs that take needs */
	/*
	 * take is called in turn: for sinks that depend on the order of all
	 * rows.
	 */
	bool ordered;
	/* One thread's state, made on that thread; NULL: ctx itself. */
	void *(*part)(void *ctx);
	void (*take)(void *part, const struct picked *p);
	/* May be NULL: what the block's rows gave is due, in turn. */
	void (*turn)(void *part);
	/* May be NULL: the scan is over; for each part, by the caller. */
	void (*end)(void *ctx, void *part);
};

#define SCAN_SINKS 10

struct scan {
	/* what to do; set by the caller */
	const struct filter *filter; /* NULL: everything */
	uint64_t from_ms, to_ms;     /* containment, both included; 0: open */
	uint64_t limit;              /* -c: rows that pass; 0: none */
	uint64_t columns;            /* besides those of sinks */
	bool no_index;               /* read all, whatever indexes say */
	unsigned threads;            /* at most; 0: one per processor */
	struct scan_sink sink[SCAN_SINKS];
	size_t n_sinks;
	/* May be NULL: for records that are no flows, each block in turn. */
	void (*describe)(void *ctx, const struct scan_block *b);
	void *describe_ctx;
	struct progress *progress; /* NULL: nobody wants to know */
	const atomic_int *stop;    /* NULL, or set: no more is read */

	/* what came of it */
	struct totals total;
	uint64_t number;    /* of the next flow, while filters count */
	size_t files;       /* read before this run */
	uint64_t processed; /* records read */
	uint64_t passed;
	uint64_t bytes_read;        /* of records, unpacked */
	struct scan_passed skipped; /* not read; its rows are in processed */
	uint64_t first, last; /* ms, by the files' stat records; 0: none */
	bool stopped;         /* before all was read */
	bool vanished;   /* the open file was finished before we opened it */
	unsigned failed; /* files that could not be read whole */
	uint64_t unknown_records; /* passed over by their length */
	uint64_t unknown_elems;   /* likewise, in the records read */
	uint64_t damaged;         /* flow records left out: length nonsense */
};

/* Called for each file or block that could not be read. */
typedef void scan_complaint(const char *text);

void scan_add_sink(struct scan *s, const struct scan_sink *sink);
/* Results add up over several runs; begin with scan_init. */
void scan_init(struct scan *s);
void scan_run(struct scan *s, const struct tree_list *files,
    scan_complaint *complain);

#endif
