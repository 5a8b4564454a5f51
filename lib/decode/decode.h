/*
 * decode: datagrams of exporters into flows.  No sockets, no clock: arrival
 * time and exporter state are arguments, flows go to a callback.
 *
 * NetFlow v5; NetFlow v9 (RFC 3954); IPFIX (RFC 7011).  Unknown fields are
 * skipped by their length; malformed input is counted, the rest of the set
 * or datagram is dropped, nothing is read past its end.
 */
#ifndef DECODE_DECODE_H
#define DECODE_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "flow/flow.h"

/*
 * What outsiders can make us hold:
 *   TEMPLATES_MAX templates of FIELDS_MAX steps of 8 bytes  per exporter
 *   EXPORTERS_MAX exporters and TEMPLATES_ALL templates     per collector
 */
#define DECODE_TEMPLATES_MAX 1024
#define DECODE_FIELDS_MAX    512
#define DECODE_EXPORTERS_MAX 65535
#define DECODE_TEMPLATES_ALL 65536

/* Why bytes were not turned into flows; each counted, never silent. */
struct decode_stats {
	uint64_t datagrams;
	uint64_t flows;
	uint64_t bad_version; /* datagrams of no known version */
	uint64_t malformed;   /* datagrams or sets cut short, lengths wrong */
	uint64_t no_template; /* data sets whose template is not known */
	uint64_t no_field;  /* data sets whose template has no field we keep */
	uint64_t templates; /* templates learnt or changed */
	uint64_t templates_bad; /* templates refused (size, limits) */
	uint64_t sequence_gaps; /* events: the sequence jumped */
	uint64_t sequence_lost; /* how many units were missing: flows for v5
	                            and IPFIX, datagrams for v9.  Falls again
	                            when one of them arrives late. */
};

struct template_set; /* templates of one exporter, template.h */

/*
 * Where an exporter's sequence numbers stand, and what they count: the units
 * sent before the datagram as the protocols say, or its own as well, and
 * with or without the records of options (bits of `habit`).
 */
struct sequence {
	bool known;
	uint8_t habit;
	uint8_t late;     /* datagrams in a row from before the expected one */
	uint8_t rival;    /* another habit that would explain the numbers */
	uint8_t wins;     /* how often in a row only that one did */
	uint32_t last;    /* number of the last datagram */
	uint32_t units;   /* it held, options included */
	uint32_t options; /* of them options */
	uint32_t missing; /* units that may still arrive late */
	uint64_t doubt;   /* units counted lost that the rival explains */
};

/*
 * One exporter: (sender address, version, id), id = v5 engine tag, v9
 * source id, IPFIX observation domain.
 */
struct exporter {
	struct addr ip;
	uint16_t version; /* 5, 9, 10 */
	uint32_t id;
	uint16_t sysid; /* 1.. in order of first sight, per source */

	struct sequence sequence;
	uint64_t boot_ms;  /* IPFIX: system init time from options; 0: none */
	uint32_t sampling; /* v5 header interval, 0 or 1: none */
	int64_t last_seen_ms;
	struct decode_stats stats;      /* since start */
	struct template_set *templates; /* NULL until the first */
	uint32_t *templates_left; /* how many more all exporters that share
	                             this may learn; NULL: no such limit */
};

/* The header of a datagram, enough to find its exporter. */
struct decode_head {
	uint16_t version;
	uint32_t id;
};

/* False: too short or unknown version (*h has what could be read). */
bool decode_peek(const uint8_t *data, size_t len, struct decode_head *h);

/*
 * Called per flow; f is valid during the call.  Not zeroed between calls
 * except for `have`: fields without their bit are undefined.
 */
typedef void decode_sink(void *ctx, const struct flow *f);

/*
 * Decode one datagram of this exporter, received at received_ms (epoch).
 * Counts in e->stats.  Every flow has FE_GENERIC, addresses where given,
 * FE_EXPORTER4/6 and e->sysid.
 */
void decode_datagram(struct exporter *e, const uint8_t *data, size_t len,
    uint64_t received_ms, decode_sink *sink, void *ctx);

void exporter_init(struct exporter *e, const struct addr *ip,
    const struct decode_head *h);
void exporter_free(struct exporter *e); /* what it holds, not e */

#endif
