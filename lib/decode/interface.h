/*
 * interface: the counters of an exporter's interfaces, as its sFlow counter
 * samples say them (if_counters of sflow.org's v5 text, RFC 3176 before it).
 */
#ifndef DECODE_INTERFACE_H
#define DECODE_INTERFACE_H

#include <stddef.h>
#include <stdint.h>

#include "decode/exporter.h"

struct interface {
	struct table_key key; /* id: ifIndex */
	uint64_t received_ms; /* of the sample; epoch */
	uint64_t samples;
	uint32_t type;      /* ifType of RFC 2233 */
	uint64_t speed;     /* bits per second */
	uint32_t direction; /* 0 unknown, 1 full duplex, 2 half, 3 in, 4 out */
	uint32_t status;    /* bit 0 ifAdminStatus up, bit 1 ifOperStatus up */
	uint64_t in_octets;
	uint32_t in_unicast, in_multicast, in_broadcast;
	uint32_t in_discards, in_errors, in_unknown;
	uint64_t out_octets;
	uint32_t out_unicast, out_multicast, out_broadcast;
	uint32_t out_discards, out_errors;
	uint32_t promiscuous;
};

/* By ifIndex; valid until the next datagram. */
const struct interface *exporter_interfaces(const struct exporter *e,
    size_t *n);

#endif
