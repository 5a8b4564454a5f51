/*
 * kept: flows that are sorted before they are printed (-O).  Of each its
 * record and a key are kept, with a count of the first ones that are wanted
 * of little more than these.  What is beyond the limit on memory goes to a
 * temporary file, sorted piece by piece, and is merged at the end; the order
 * is the same.
 */
#ifndef QUERY_KEPT_H
#define QUERY_KEPT_H

#include <stddef.h>
#include <stdint.h>

#include "query/listing.h"
#include "query/order.h"
#include "query/scan.h"
#include "query/spill.h"

/* Less than this is not worth a run on disk. */
#define KEPT_MEMORY_LEAST ((size_t)16 << 20)

struct kept_chunk;
struct kept_run;

/* A record and what it is sorted by: the greatest first. */
struct kept_ref {
	uint64_t key;
	const uint8_t *rec;
};

struct kept {
	enum order order;
	size_t top;                  /* how many are wanted, 0: all */
	const struct filter *labels; /* sets labels; NULL: none */
	struct kept_ref *ref;        /* in the order of files and blocks */
	size_t n, cap;
	struct kept_chunk *chunks; /* hold the records */

	size_t memory; /* bytes, 0: no limit; buffers of some MB come on top */
	size_t used;   /* of them */
	struct spill spill;
	struct kept_run *runs; /* what is on disk; NULL: nothing */
	size_t n_runs;
	size_t *heap; /* of runs, the one with the first flow on top */
	size_t n_heap;
	size_t left; /* of the top, to be merged */
	bool given;  /* kept_more gave all */
};

struct scan_sink kept_sink(struct kept *k);

/*
 * The flows in order, some in ref at a time: all of them, or up to the next
 * call.  False: there are no more.
 */
bool kept_more(struct kept *k);

/* The same, to be printed. */
void kept_print(struct kept *k, struct listing *l);
void kept_free(struct kept *k);

/* By falling key; equal keys keep their order. */
void kept_sort(struct kept_ref *r, size_t n);

#endif
