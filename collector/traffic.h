/*
 * traffic: octets and packets of exporters' interfaces, as their flows say
 * them, for the metrics; counted only where $METRICS_INTERFACES asks for it,
 * and for so many interfaces of all exporters.  The decode thread's.
 */
#ifndef COLLECTOR_TRAFFIC_H
#define COLLECTOR_TRAFFIC_H

#include <stddef.h>
#include <stdint.h>

#include "decode/table.h"
#include "flow/flow.h"

struct sender;
struct sources;

struct traffic {
	struct table_key key; /* id: ifIndex */
	uint64_t in_bytes, in_packets;
	uint64_t out_bytes, out_packets;
};

struct traffic_budget {
	size_t max; /* interfaces; 0: nothing is counted */
	size_t used;
	uint64_t left_out; /* flows of interfaces beyond that */
};

/*
 * A flow came: in by one interface, out by another; what of it came back
 * likewise.  Interface 0 is none.
 */
void traffic_add(struct traffic_budget *b, struct sender *x,
    const struct flow *f);

/* All of the sender's, by ifIndex; valid until its next flow. */
const struct traffic *traffic_of(const struct sender *x, size_t *n);

void traffic_forget(struct traffic_budget *b, struct sender *x);

/* So many from now on; of fewer all begin anew. */
void traffic_limit(struct sources *ss, size_t max);

#endif
