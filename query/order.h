/*
 * order: what groups and flows are sorted by, and choosing the top of them.
 */
#ifndef QUERY_ORDER_H
#define QUERY_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flow/batch.h"
#include "flow/flow.h"

/* In nfdump's order, which is that of the tables when several are asked. */
enum order {
	ORDER_FLOWS,
	ORDER_PACKETS,
	ORDER_IPKG,
	ORDER_OPKG,
	ORDER_BYTES,
	ORDER_IBYTE,
	ORDER_OBYTE,
	ORDER_PPS,
	ORDER_IPPS,
	ORDER_OPPS,
	ORDER_BPS,
	ORDER_IBPS,
	ORDER_OBPS,
	ORDER_BPP,
	ORDER_IBPP,
	ORDER_OBPP,
	ORDER_STAT_MAX, /* the rest is for flows only */
	ORDER_TSTART = ORDER_STAT_MAX,
	ORDER_TEND,
	ORDER_DURATION,
	ORDER_MAX
};

enum direction { DIR_IN, DIR_OUT, DIR_BOTH };

/* Counters of one group. */
struct sums {
	uint64_t flows;
	uint64_t packets, bytes; /* in */
	uint64_t out_packets, out_bytes;
	uint64_t first, last; /* ms */
	uint64_t place;    /* of the first flow, in order of reading; from 1 */
	uint8_t tcp_flags; /* or-ed */
	uint8_t tos;       /* the first flow's */
	uint8_t fill[6];
};

/* The side that a flow was counted for, 0 or 1 (see place_of). */
static inline unsigned
place_side(uint64_t place)
{
	return (unsigned)(place - 1) & 1;
}

/* In and out are exchanged. */
static inline void
sums_turn(struct sums *s)
{
	uint64_t packets = s->packets, bytes = s->bytes;
	s->packets = s->out_packets;
	s->bytes = s->out_bytes;
	s->out_packets = packets;
	s->out_bytes = bytes;
}

/* -l, -L: groups with more, or less, than so much. */
struct bound {
	enum { BOUND_NONE, BOUND_ABOVE, BOUND_BELOW } kind;
	uint64_t n;
};
struct bounds {
	struct bound packets, bytes; /* in */
};

static inline bool
bound_holds(const struct bound *b, uint64_t n)
{
	return b->kind == BOUND_NONE ||
	       (b->kind == BOUND_ABOVE ? n > b->n : n < b->n);
}

/* Also ipackets, ibytes, opackets, obytes; -1: unknown. */
int order_parse(const char *name, size_t n);
const char *order_name(enum order o);
enum direction order_direction(enum order o);

/* Counters in one direction, and what follows from them. */
struct rates {
	uint64_t packets, bytes;
	uint64_t pps, bps, bpp;
};
struct rates sums_rates(const struct sums *s, enum direction d);

/* What larger is earlier: tstart and tend are turned round. */
uint64_t order_value(enum order o, const struct sums *s);

/* The counters of one flow. */
struct sums sums_of_flow(const struct flow *f);

struct ranked {
	uint64_t value;
	uint32_t index;
};

/*
 * The top k of n by value, in order; equal values in order of index.
 * Returns how many (k == 0: all n).  r is rearranged.
 */
size_t order_top(struct ranked *r, size_t n, size_t k);

#endif
