/*
 * field: which information element of NetFlow v9 and IPFIX goes where.
 *
 * A record is decoded into struct record: the flow, and beside it raw values
 * that only together give one of the flow's fields (times, ICMP, sampling),
 * or that are about the exporter (options).
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

/* What is said about sampling; 0: not said. */
struct sampling_values {
	uint32_t interval;   /* 34, 50 */
	uint32_t packets;    /* 305: taken */
	uint32_t space;      /* 306: left out behind them */
	uint32_t size;       /* 309: taken */
	uint32_t population; /* 310: of so many */
	uint16_t algorithm;  /* 35, 49, 304 */
};

struct field_extra {
	uint64_t time[TIME_MAX][2]; /* start, end */
	uint64_t boot_ms;           /* 160 */
	uint64_t duration_ms;       /* 161 */
	uint64_t duration_us;       /* 162 */
	uint16_t icmp;              /* 32, 139: type * 256 + code */
	uint8_t icmp_type;          /* 176, 178 */
	uint8_t icmp_code;          /* 177, 179 */
	uint64_t observed_ntp_us;   /* 324 */
	uint64_t observed_ntp_ns;   /* 325 */
	uint64_t collected_ms;      /* 258 */
	uint32_t observed_s;        /* 322 */
	uint16_t juniper_exception; /* one of Juniper's common properties */
	uint32_t latency[3][2];     /* client, server, application: s, us */
	struct sampling_values sampling;
	struct flow_bytes ip_section; /* 313 */
	/* IPv6 twins of templates that announce both families. */
	struct flow_ip6 src6, dst6, next6, bgp6, xsrc6, xdst6;
};

/* What options are about, and what they say of it. */
struct option_values {
	uint64_t sampler_id;
	uint32_t in_if, out_if;
	uint32_t in_vrf, out_vrf;
	struct flow_bytes if_name, if_text; /* 82, 83 */
	struct flow_bytes vrf_name;         /* 236 */
	struct flow_bytes app_id, app_name, app_text;
};

struct record {
	struct flow f;
	struct field_extra x;
	struct option_values o;
};

/* The elem of a field in options: bits of their template's `have`. */
enum option_bit {
	OPTION_BOOT = 1,
	OPTION_RATE,
	OPTION_SAMPLER,
	OPTION_IN_IF,
	OPTION_OUT_IF,
	OPTION_IN_VRF,
	OPTION_OUT_VRF,
	OPTION_IF_NAME,
	OPTION_VRF_NAME,
	OPTION_APP_ID
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

/* The same in options, where elem is an enum option_bit. */
const struct field *field_find_option(uint32_t pen, uint16_t id);

/* The whole table, ordered by pen, id; for tests. */
extern const struct field field_table[];
extern const size_t field_table_len;

#endif
