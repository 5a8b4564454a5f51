/*
 * counters: flows, packets and bytes, each for all and by protocol class.
 * The 15 numbers are NfSen's 15 RRD data sources, in their order.
 *
 * Two rules exist for out counters (element 5, FE_CNT), both NfSen's: the
 * collector's stat record (and so live's RRDs) adds them to the totals
 * only; a channel of a profile adds them in every class.
 */
#ifndef FLOW_COUNTERS_H
#define FLOW_COUNTERS_H

#include <stdint.h>

enum counter_class {
	CLASS_ALL,
	CLASS_TCP,
	CLASS_UDP,
	CLASS_ICMP, /* protocols 1 and 58 */
	CLASS_OTHER,
	CLASS_MAX
};

struct counters {
	uint64_t flows[CLASS_MAX];
	uint64_t packets[CLASS_MAX];
	uint64_t bytes[CLASS_MAX];
};

extern const char *const counter_class_names[CLASS_MAX]; /* "any", "tcp".. */

static inline enum counter_class
counter_class_of(uint8_t proto)
{
	switch (proto) {
	case 6:
		return CLASS_TCP;
	case 17:
		return CLASS_UDP;
	case 1:
	case 58:
		return CLASS_ICMP;
	default:
		return CLASS_OTHER;
	}
}

void counters_add(struct counters *sum, const struct counters *c);

#endif
