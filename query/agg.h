/*
 * agg: flows with equal keys become one (-a, -A, -s record).
 */
#ifndef QUERY_AGG_H
#define QUERY_AGG_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "query/elem.h"
#include "query/groups.h"

struct agg {
	struct key key;
	const char *token[KEY_FIELDS]; /* that prints each field */
	bool five_tuple; /* -a's key: other fields come from the first flow */
	enum ways ways;  /* -b, -B */
	struct groups *groups;
};

/* -a: proto, addresses, ports. */
void agg_default(struct agg *a, enum ways ways);

/* -A's list: "srcip4/24,dstport".  On error a message as nfdump's. */
int agg_parse(struct agg *a, const char *list, struct err *err);

/* The tokens of the automatic output format, "%ts %td  %pr .. %fl". */
void agg_format(const struct agg *a, struct buf *out);

/*
 * Before the first row; whole: other formats than line, long, extended.  The
 * rest of *c is the caller's.
 */
void agg_begin(struct agg *a, bool whole, const struct groups_conf *c);
void agg_free(struct agg *a);

uint64_t agg_columns(const struct agg *a);

/* A group as a flow; borrows from it. */
void agg_flow(const struct agg *a, const struct group *g, struct flow *f);

#endif
