/*
 * sflow: what the parts of the sFlow decoder share.  Private to lib/decode.
 *
 * Everything is in units of u32, big endian, strings padded to 4.
 *
 * datagram  version, agent address (type, 4 or 16 bytes), v5: sub-agent id,
 *           sequence, uptime ms, number of samples, samples
 * v5        sample: tag (enterprise << 12 | format), length, body; in a flow
 *           sample elements of the same form
 * v2, v4    sample: type, body; nothing has a length, so what is not known
 *           ends the datagram
 */
#ifndef DECODE_SFLOW_H
#define DECODE_SFLOW_H

#include "decode/engine.h"
#include "decode/packet.h"

/* A flow sample on its way; the flow is d->r.f. */
struct sample {
	struct decoding *d;
	uint8_t version;
	uint32_t rate;
	uint32_t frame_len; /* of the packet on the wire; 0: not said */
};

/* Address of any kind; false: none, or *w is bad. */
bool sflow_address(struct wire *w, struct addr *a);

/* Packet data by its v5 format: 1 header, 2 Ethernet, 3 IPv4, 4 IPv6. */
bool sflow_packet(struct sample *s, uint32_t format, struct wire *w);

/*
 * Extended data by its v5 format, 1001 and up.  False: not known, nothing
 * was read.
 */
bool sflow_extended(struct sample *s, uint32_t format, struct wire *w);

/* The 88 bytes of generic interface counters. */
void sflow_counters(struct decoding *d, struct wire *w);

#endif
