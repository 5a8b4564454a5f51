/*
 * encode: flows into export datagrams: NetFlow v5, v9 (RFC 3954), IPFIX (RFC
 * 7011), as one exporter sends them.  No sockets and no clock: datagrams go
 * to a callback, and their headers' clock is the flows' own: that of the last
 * flow's end, so that the times of flows come out as they were recorded.
 *
 * v5     24 byte header, up to 30 records of 48; IPv4 alone; the sequence
 *        counts flows
 * v9     a template for each combination of elements, from 256 on; times
 *        relative to a boot some days before; the sequence counts datagrams
 * IPFIX  the same with absolute milliseconds, and texts of any length; the
 *        sequence counts data records
 *
 * A template goes before the first data that need it, and again before the
 * next when `template_every` datagrams have passed.  All of one datagram's
 * data can be read with what came in it or before.
 *
 * Written from the RFCs and the registry alone, sharing nothing with
 * lib/decode, so that each can find the other's mistakes.
 */
#ifndef ENCODE_ENCODE_H
#define ENCODE_ENCODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flow/flow.h"

#define ENCODE_MIN       512   /* bytes of a datagram, least and most limit */
#define ENCODE_MAX       65507 /* UDP over IPv4 */
#define ENCODE_TEMPLATES 512   /* kept; another one takes the oldest's place */

struct encode_opts {
	int version;             /* 5, 9, 10 */
	size_t datagram;         /* bytes, ENCODE_MIN .. ENCODE_MAX */
	unsigned template_every; /* datagrams, >= 1 */
	uint32_t domain;         /* v9's source id, IPFIX's domain */
};

/* What came of the flows; nothing is left out in silence. */
struct encode_counts {
	uint64_t datagrams;
	uint64_t flows;        /* sent */
	uint64_t templates;    /* announced, again ones included */
	uint64_t not_ipv4;     /* not sent: v5 has no other addresses */
	uint64_t too_long;     /* not sent: longer than a datagram */
	uint64_t clipped;      /* flows sent with a number at its maximum */
	uint64_t left[FE_MAX]; /* flows sent without this element */
};

/* Called with each datagram, at most opts.datagram bytes. */
typedef void encode_send(void *ctx, const uint8_t *data, size_t len,
    unsigned flows);

struct encoder;

struct encoder *encoder_new(const struct encode_opts *o, encode_send *send,
    void *ctx);
void encoder_free(struct encoder *e);

/* Add a flow; a datagram that is full is sent before. */
void encoder_flow(struct encoder *e, const struct flow *f);

/* Send what has been collected. */
void encoder_flush(struct encoder *e);

const struct encode_counts *encoder_counts(const struct encoder *e);

#endif
