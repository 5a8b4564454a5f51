/*
 * necessary: can any flow of a summary match?  What the summary does not
 * exclude may match; a filter that cannot is not asked for those flows at
 * all.
 *
 * Each distinct predicate of the set is held against the ranges, sets and
 * keys of the summary: it may be true of some flow, it may be false of some.
 * and, or, not combine these two.
 */
#ifndef FILTER_NECESSARY_H
#define FILTER_NECESSARY_H

#include <stdbool.h>

#include "filter/filter.h"
#include "flow/summary.h"

struct necessary;

/*
 * For filter `index` of a compiled set, which must outlive it.  Answers are
 * for the file that filterset_file was called for last.
 */
struct necessary *necessary_new(const struct filterset *s, size_t index);
void necessary_free(struct necessary *n);

/* False: no flow matches.  Not for two threads at once. */
bool necessary_may_match(struct necessary *n, const struct summary *s);

#endif
