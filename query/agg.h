/*
 * agg: flows with equal keys become one (-a, -A, -s record).
 */
#ifndef QUERY_AGG_H
#define QUERY_AGG_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "query/elem.h"
#include "query/hashtab.h"
#include "query/order.h"
#include "query/records.h"
#include "query/scan.h"

struct agg {
	struct key key;
	const char *token[KEY_FIELDS]; /* that prints each field */
	bool five_tuple; /* -a's key: other fields come from the first flow */
	bool whole;      /* keep each group's first record for them */
	struct hashtab groups;
	struct records first;
	uint8_t *keys; /* of a batch */
};

/* -a: proto, addresses, ports. */
void agg_default(struct agg *a);

/* -A's list: "srcip4/24,dstport".  On error a message as nfdump's. */
int agg_parse(struct agg *a, const char *list, struct err *err);

/* The tokens of the automatic output format, "%ts %td  %pr .. %fl". */
void agg_format(const struct agg *a, struct buf *out);

/* Before the first row; whole: other formats than line, long, extended. */
void agg_begin(struct agg *a, bool whole);
void agg_free(struct agg *a);

uint64_t agg_columns(const struct agg *a);
scan_sink agg_take;

/* Group i as a flow; borrows from a. */
void agg_flow(const struct agg *a, uint32_t i, struct flow *f);

static inline const struct sums *
agg_sums(const struct agg *a, uint32_t i)
{
	return hashtab_value(&a->groups, i);
}

#endif
