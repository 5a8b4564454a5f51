/*
 * encode: flows into export datagrams, NetFlow v1, v5, v7, v9 (RFC 3954),
 * IPFIX (RFC 7011) and sFlow v5, as one stream (exporter and observation domain) sends
 * them.  Written from the RFCs alone, sharing nothing with lib/decode, so
 * that each can find the other's mistakes.
 *
 * v1     16 byte header, up to 24 records of 48; no sequence
 * v5     24 byte header, up to 30 records of 48; sequence counts flows
 * v7     24 byte header, up to 27 records of 52; sequence counts flows
 * v9     templates 256 (IPv4), 257 (IPv6), 258 and 259 (ICMP, with type and
 *        code in element 32); times relative to boot; sequence counts
 *        datagrams
 * IPFIX  the same four templates with absolute milliseconds and one element
 *        of an unknown enterprise; sequence counts data records
 * sFlow  flow samples with a raw header; sequence counts datagrams
 */
#ifndef FLOWGEN_ENCODE_H
#define FLOWGEN_ENCODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flow/counters.h"
#include "traffic.h"

#define ENCODE_MAX       1464 /* bytes of a datagram, 1500 less headers */
#define ENCODE_FLOWS_MAX 32   /* flows of a datagram */

/* The version of sFlow, as flow files have it. */
#define ENCODE_SFLOW 9999

struct encode_stream {
	struct traffic_stream traffic;
	int version;             /* 1, 5, 7, 9, 10, ENCODE_SFLOW */
	uint32_t domain;         /* v5: engine id; sFlow: sub-agent */
	uint64_t boot_ms;        /* epoch; SysUptime counts from here */
	unsigned template_every; /* datagrams between template announcements */
	unsigned template_delay; /* datagrams before the first one */
	unsigned record_max;     /* bytes of the longest record */
	uint32_t sequence;       /* of the next datagram */
	uint64_t datagrams;
};

struct encode_result {
	size_t len;
	unsigned flows;
	uint32_t advance; /* what the datagram adds to the sequence */
	struct counters counters;
};

/*
 * A stream that starts at now_ms of a device that booted some days before.
 * with_v6: the traffic may hold IPv6 flows (never for v1, v5, v7).
 */
void encode_stream_init(struct encode_stream *s, int version, uint32_t domain,
    bool with_v6, uint64_t now_ms);

/* The next datagram, with at most max_flows (>= 1) flows, into ENCODE_MAX. */
void encode_datagram(struct encode_stream *s, uint64_t now_ms,
    unsigned max_flows, uint8_t *buf, struct encode_result *r);

/* Give a built datagram another sequence number, to send it again. */
void encode_resequence(int version, uint8_t *buf, uint32_t sequence);

#endif
