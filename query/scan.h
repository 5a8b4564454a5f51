/*
 * scan: the files of a query, read block by block; the rows that the filter
 * and the time window let pass go to sinks, batch by batch.
 *
 * Reading, unpacking and filtering are shared among threads (scan/scan.h);
 * sinks see one batch at a time, in the order of files and blocks.  Without
 * sinks and limit even the sums are.
 */
#ifndef QUERY_SCAN_H
#define QUERY_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "filter/filter.h"
#include "flow/batch.h"
#include "nffile/tree.h"

/* Sums over the flows that passed, for the footer and percentages. */
struct totals {
	uint64_t flows;
	uint64_t packets, bytes; /* in */
	uint64_t out_packets, out_bytes;
	uint64_t first, last; /* ms; first UINT64_MAX: none yet */
};

/* The rows that passed in one batch: numbers, ascending. */
struct picked {
	const struct batch *b;
	const uint16_t *rows;
	size_t n;
};

typedef void scan_sink(void *ctx, const struct picked *p);

#define SCAN_SINKS 10

struct scan {
	/* what to do; set by the caller */
	const struct filter *filter; /* NULL: everything */
	uint64_t from_ms, to_ms;     /* containment, both included; 0: open */
	uint64_t limit;              /* -c: rows that pass; 0: none */
	uint64_t columns;            /* that the sinks need */
	unsigned threads;            /* at most; 0: one per processor */
	struct {
		scan_sink *take;
		void *ctx;
	} sink[SCAN_SINKS];
	size_t n_sinks;

	/* what came of it */
	struct totals total;
	uint64_t processed; /* records read */
	uint64_t passed;
	uint64_t bytes_read;  /* of records, unpacked */
	uint64_t first, last; /* ms, by the files' stat records; 0: none */
	bool vanished;   /* the open file was finished before we opened it */
	unsigned failed; /* files that could not be read whole */
	uint64_t unknown_records; /* passed over by their length */
	uint64_t unknown_elems;   /* likewise, in the records read */
	uint64_t damaged;         /* flow records left out: length nonsense */
};

/* Called for each file or block that could not be read. */
typedef void scan_complaint(const char *text);

void scan_add_sink(struct scan *s, scan_sink *take, void *ctx,
    uint64_t columns);
/* Results add up over several runs; begin with scan_init. */
void scan_init(struct scan *s);
void scan_run(struct scan *s, const struct tree_list *files,
    scan_complaint *complain);

#endif
