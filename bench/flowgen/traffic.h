/*
 * traffic: flows as a site's border router sees them, from a seed.
 *
 * Clients inside talk to servers outside; both sides' popularity is Zipf,
 * packets and bytes are heavy-tailed, services have the ports, sizes and TCP
 * flags of their kind.  The same seed gives the same flows in the same
 * order; only their times come from the caller's clock.
 */
#ifndef FLOWGEN_TRAFFIC_H
#define FLOWGEN_TRAFFIC_H

#include <stdbool.h>
#include <stdint.h>

#include "flow/flow.h"

struct traffic_opts {
	uint64_t seed;
	unsigned hosts; /* servers outside, 1..16777215; clients a quarter */
	unsigned v6_percent;  /* share of IPv6 flows */
	uint64_t max_packets; /* of one flow; a packet has at most 1500 bytes */
	bool as32;            /* some AS numbers need 32 bits */
};

/* Popularity and size tables, shared by all streams; const once made. */
struct traffic_model;

struct traffic_model *traffic_model_new(const struct traffic_opts *o);
void traffic_model_free(struct traffic_model *m);

/* One sequence of flows; streams of different number differ. */
struct traffic_stream {
	const struct traffic_model *model;
	uint64_t state;
};

void traffic_stream_init(struct traffic_stream *s,
    const struct traffic_model *m, unsigned number);

/*
 * The next flow, ended at or shortly before now_ms.  Sets every field of
 * FE_GENERIC, FE_IPV4 or FE_IPV6, FE_MISC, FE_AS and the next hop, and
 * `have`; all else is left alone.
 */
void traffic_next(struct traffic_stream *s, uint64_t now_ms, struct flow *f);

/*
 * How busy a site is at `when` (epoch seconds), 1 on average over a week:
 * night and day, weekends, noise, and a burst now and then.
 */
double traffic_curve(uint64_t seed, double when);

#endif
