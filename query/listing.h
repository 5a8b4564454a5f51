/*
 * listing: flows as lines.  Of a scan each thread formats the flows of its
 * block, and the text is written in the blocks' turn; flows that were sorted
 * are formatted by several threads as well, and written in their order.
 */
#ifndef QUERY_LISTING_H
#define QUERY_LISTING_H

#include <stddef.h>
#include <stdint.h>

#include "filter/filter.h"
#include "query/format.h"
#include "query/out.h"
#include "query/scan.h"

struct listing {
	struct out *out;
	const struct format *format;
	const struct filter *labels; /* sets labels; NULL: none */
	uint64_t printed;            /* flows */
};

/* Lists a scan's flows as they come; l outlives the scan. */
struct scan_sink listing_sink(struct listing *l);

/* The label that a filter gave takes the place of the flow's own. */
void listing_label(struct flow *f, const char *label);

/* Prints one more flow. */
void listing_flow(struct listing *l, const struct flow *f);

/* Flow i of a sorted list; called by any thread. */
typedef void listing_get(const void *ctx, size_t i, struct flow *f);

/* Prints flows 0 to n - 1. */
void listing_print(struct listing *l, listing_get *get, const void *ctx,
    size_t n);

#endif
