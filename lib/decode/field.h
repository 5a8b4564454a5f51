/*
 * field: which information element of NetFlow v9 and IPFIX goes where.
 *
 * A record is decoded into struct record: the flow, and beside it raw values
 * that only together give one of the flow's fields (times, ICMP).
 */
#ifndef DECODE_FIELD_H
#define DECODE_FIELD_H

#include <stddef.h>
#include <stdint.h>

#include "flow/flow.h"

/* Encodings of start and end times, finest first: the first usable wins. */
enum field_time {
	TIME_NTP_NS, /* 156, 157: NTP format */
	TIME_NTP_US, /* 154, 155: NTP format */
	TIME_MS,     /* 152, 153: epoch */
	TIME_UPTIME, /* 22, 21: milliseconds since boot */
	TIME_DELTA,  /* 158, 159: microseconds before the export time */
	TIME_S,      /* 150, 151: epoch */
	TIME_MAX
};

struct field_extra {
	uint64_t time[TIME_MAX][2]; /* start, end */
	uint64_t boot_ms;           /* 160 */
	uint64_t duration_ms;       /* 161 */
	uint64_t duration_us;       /* 162 */
	uint16_t icmp;              /* 32, 139: type * 256 + code */
	uint8_t icmp_type;          /* 176, 178 */
	uint8_t icmp_code;          /* 177, 179 */
	uint32_t latency[3][2];     /* client, server, application: s, us */
	/* IPv6 twins of templates that announce both families. */
	struct flow_ip6 src6, dst6, next6, bgp6, xsrc6, xdst6;
};

struct record {
	struct flow f;
	struct field_extra x;
};

enum field_kind {
	FIELD_NUM,   /* big endian number of 1 to 8 bytes */
	FIELD_ADDR4, /* 4 bytes into a flow_ip6 */
	FIELD_ADDR6, /* 16 bytes into a flow_ip6 */
	FIELD_RAW,   /* bytes as they are, up to the width */
	FIELD_BYTES  /* borrowed: struct flow_bytes */
};

#define FIELD_V9    0x01
#define FIELD_IPFIX 0x02
#define FIELD_BOTH  0x03
#define FIELD_WEAK  0x04 /* gives way to another element of the same place */

struct field {
	uint32_t pen; /* enterprise, 0: IANA's or v9's number */
	uint16_t id;
	uint8_t flags;
	uint8_t kind;
	uint16_t dst;  /* offset in struct record */
	uint8_t width; /* bytes there */
	uint8_t elem;  /* enum flow_elem; FE_NULL: none of its own */
};

/* proto is FIELD_V9 or FIELD_IPFIX; NULL: not kept. */
const struct field *field_find(uint8_t proto, uint32_t pen, uint16_t id);

/* The whole table, ordered by pen, id; for tests. */
extern const struct field field_table[];
extern const size_t field_table_len;

#endif
