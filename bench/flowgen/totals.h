/*
 * totals: what was sent, to the unit, by protocol class: over all, per
 * exporter, and apart from that what was left out on purpose.
 */
#ifndef FLOWGEN_TOTALS_H
#define FLOWGEN_TOTALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/addr.h"
#include "flow/counters.h"
#include "flow/flow.h"

struct totals_exporter {
	char name[ADDR_STRLEN]; /* source address, or source name */
	struct counters sent;
};

struct totals {
	struct totals_exporter *exporters;
	size_t n;
	struct counters dropped; /* --drop-every */
	uint64_t datagrams;
	double seconds;
};

void totals_count(struct counters *c, const struct flow *f);

/* Tables for people, or one JSON object. */
void totals_print(const struct totals *t, bool json, FILE *out);

#endif
