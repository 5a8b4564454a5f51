/*
 * sampling: what an exporter and the configuration say about sampling, and
 * which of it applies to a flow.
 *
 * A rule says `packets` of every `packets` + `space` were looked at, so
 * counters are multiplied by (packets + space) / packets, once.  The first of
 * these that there is applies to a flow:
 *
 *   override    the configuration's, whatever the exporter says
 *   record      the flow record's own fields (34, 50, 305 and 306)
 *   id          options for the sampler the record names (48, 302)
 *   interface   options for the interface the flow came or went through
 *   generic     options without any of these (or with id 0)
 *   header      NetFlow v5's
 *   default     the configuration's
 */
#ifndef DECODE_SAMPLING_H
#define DECODE_SAMPLING_H

#include <stddef.h>
#include <stdint.h>

#include "decode/exporter.h"

enum sampler_kind {
	SAMPLER_OVERRIDE,
	SAMPLER_RECORD,
	SAMPLER_ID,
	SAMPLER_INTERFACE,
	SAMPLER_GENERIC,
	SAMPLER_HEADER,
	SAMPLER_DEFAULT
};

/*
 * Beyond this an interval is taken for garbage and the rule is not used; it
 * is what nfcapd's -s allows.
 */
#define SAMPLING_MAX UINT32_C(10000000)

struct sampler {
	struct table_key key; /* kind: enum sampler_kind; id: of the sampler
	                         or interface, else 0 */
	uint32_t packets;
	uint32_t space;
	uint16_t algorithm; /* as announced (35, 49, 304, v5's mode); 0 */
	uint64_t flows;     /* it was applied to */
	uint64_t last_ms;   /* when last announced or applied; received time */
	uint32_t changed;   /* the exporter's samplers_changed by then */
};

/* 0: nothing but 1 of 1. */
const char *sampler_kind_name(enum sampler_kind kind);

/*
 * The rules known for an exporter, those of the configuration and of headers
 * once they were applied; ordered by kind, so the first that has flows is
 * the strongest in use.  Valid until the next datagram.
 */
const struct sampler *exporter_samplers(const struct exporter *e, size_t *n);

/* "id 7: 1 of 1000, 5120 flows"; returns buf. */
#define SAMPLER_STRLEN 96
char *sampler_str(const struct sampler *s, char *buf);

#endif
