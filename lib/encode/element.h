/*
 * element: information elements and the members of struct flow they carry.
 * Private to lib/encode.
 */
#ifndef ENCODE_ELEMENT_H
#define ENCODE_ELEMENT_H

#include <stddef.h>

#include "flow/flow.h"

enum element_kind {
	ELEMENT_NUMBER, /* big endian, clipped to what fits */
	ELEMENT_ADDR6,
	ELEMENT_RAW,    /* as it is in the flow */
	ELEMENT_TEXT,   /* struct flow_bytes */
	ELEMENT_UPTIME, /* ms of the epoch, as v9 tells them */
	ELEMENT_SECONDS,
	ELEMENT_MICROS /* what seconds leave */
};

/* Which records have it beside those with its element. */
enum element_when {
	WHEN_ALWAYS,
	WHEN_PORTS, /* protocols with ports */
	WHEN_ICMP,
	WHEN_ICMP4, /* ICMP over IPv4, or of IPv6 in v9 */
	WHEN_ICMP6,
	WHEN_IPV6,
	WHEN_NOT_IPV6,
	WHEN_NO_NSEL
};

#define ON_V9    1
#define ON_IPFIX 2
#define ON_BOTH  3

struct element {
	uint32_t pen; /* enterprise, IPFIX */
	uint16_t id;
	uint16_t len;   /* 0: the text's own */
	uint16_t place; /* in struct flow */
	uint8_t size;   /* there */
	uint8_t on;
	uint8_t kind;
	uint8_t when;
	uint8_t elem; /* enum flow_elem */
};

extern const struct element element_table[];
extern const size_t element_table_len;

/* Elements that this version (ON_V9, ON_IPFIX) can express. */
uint64_t element_all(unsigned on);

#endif
