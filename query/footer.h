/*
 * footer: what stands below an answer: the sums of what matched, the time
 * covered, the effort.
 */
#ifndef QUERY_FOOTER_H
#define QUERY_FOOTER_H

#include "base/buf.h"
#include "query/options.h"
#include "query/scan.h"

/* In the form of the output format; start: progress_now() of the beginning. */
void footer_put(const struct options *o, const struct scan *s, double start,
    struct buf *out);

/*
 * That it was interrupted: a line above the footer, a last object of JSON's
 * array, for which it matters whether there are `any` before.
 */
void footer_partial(const struct options *o, const struct progress *p, bool any,
    struct buf *out);

#endif
