/*
 * decode: datagrams of exporters into flows.  No sockets, no clock: arrival
 * time and exporter state are arguments, flows go to a callback.
 *
 * NetFlow v1, v5, v7; NetFlow v9 (RFC 3954) with NSEL and NEL; IPFIX (RFC
 * 7011, 5103, 6313); sFlow v2, v4 (RFC 3176), v5.  A datagram's first bytes
 * say which, so all may come in on one port.  Unknown fields are skipped by
 * their length; malformed input is counted, the rest of the set, sample or
 * datagram is dropped, nothing is read past its end.
 */
#ifndef DECODE_DECODE_H
#define DECODE_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "decode/exporter.h"
#include "flow/flow.h"

/*
 * The version of sFlow exporters, as flow files have it; datagrams of sFlow
 * begin with a u32, so their first u16 is 0.
 */
#define DECODE_SFLOW 9999

/* The header of a datagram, enough to find its exporter. */
struct decode_head {
	uint16_t version;  /* 1, 5, 7, 9, 10, DECODE_SFLOW */
	uint32_t id;       /* see struct exporter */
	struct addr agent; /* sFlow only */
};

/* False: too short or unknown version (*h has what could be read). */
bool decode_peek(const uint8_t *data, size_t len, struct decode_head *h);

/* Is this the exporter of a datagram with that head (from the same address)? */
bool decode_head_is(const struct decode_head *h, const struct exporter *e);

/*
 * Called per flow; f is valid during the call.  Not zeroed between calls
 * except for `have`: fields without their bit are undefined.
 */
typedef void decode_sink(void *ctx, const struct flow *f);

/*
 * Decode one datagram of this exporter, received at received_ms (epoch).
 * Counts in e->stats.  Every flow has FE_GENERIC, addresses where given,
 * FE_EXPORTER4/6 and e->sysid; its counters are scaled by the sampling rule
 * that applies (decode/sampling.h), FLOW_SAMPLED says so.
 */
void decode_datagram(struct exporter *e, const uint8_t *data, size_t len,
    uint64_t received_ms, decode_sink *sink, void *ctx);

/*
 * Templates as they were announced, to keep them over a restart.  v9 and
 * IPFIX only.
 */
struct decode_template {
	bool options;
	const uint8_t *p; /* id to last field, as on the wire */
	size_t len;
	uint64_t used_ms; /* when last announced or used; received time */
};

/* *pos starts at 0; valid until the exporter's next datagram. */
bool exporter_template_next(const struct exporter *e, size_t *pos,
    struct decode_template *t);

/* False: it is none, or beyond the limits.  Counts nothing. */
bool exporter_template_load(struct exporter *e,
    const struct decode_template *t);

/* Forget templates that were last announced or used before then. */
void exporter_expire(struct exporter *e, uint64_t before_ms);

void exporter_init(struct exporter *e, const struct addr *ip,
    const struct decode_head *h);
void exporter_free(struct exporter *e); /* what it holds, not e */

/*
 * What holds for one transport session (RFC 7011 8.1, 10.4) is forgotten:
 * templates and where the sequence stands.  Counters and tables stay.
 */
void exporter_restart(struct exporter *e);

#endif
