/*
 * exchange_read: a profile's XML into a profile, and its databases and
 * filters into a folder as they come.
 */
#ifndef PROFILE_EXCHANGE_READ_H
#define PROFILE_EXCHANGE_READ_H

#include "profile/exchange.h"
#include "store/rrdxml.h"
#include "store/xml.h"

struct exchange_reader {
	const struct conf *c; /* NULL: any slot length, sources, filters */
	const struct exchange_opts *o;
	const char *folder; /* of databases and filters; NULL: only check */
	struct profile *p;
	struct channel *ch; /* the one being read */
	struct filter_options filters;
	const char **sources;
	struct buf filter;
	struct rrdxml *rrd;
	struct rrd_shape shape;
	unsigned long seen; /* elements of the profile, or of the channel */
	unsigned long seen_profile;
	int depth;     /* of our own elements */
	int rrd_depth; /* of elements of a dump */
	bool done;
};

extern const struct xml_reader exchange_xml;

/* Frees what the reader still holds; r->p stays the caller's. */
void exchange_reader_free(struct exchange_reader *r);

#endif
