/*
 * geo_term: `geo CC`, and AS numbers that a database fills in.
 *
 * Bits of these terms: 0 the source, 1 the destination.
 */
#ifndef FILTER_GEO_TERM_H
#define FILTER_GEO_TERM_H

#include "filter/geo.h"
#include "filter/tree.h"

extern const struct term_ops geo_ops;

/* The term uses the parser's database from now on. */
void geo_keep(struct parser *ps, struct term *t);

/* The database that a term uses, or NULL. */
struct geo *geo_of(const struct term *t);

/*
 * The flow's AS number of that side for a term of `as`: what the record
 * says, or where that is 0 what the term's database says.
 */
uint64_t geo_filled_as(const struct term *t, unsigned bit,
    const struct flow *flow, uint64_t as);

#endif
