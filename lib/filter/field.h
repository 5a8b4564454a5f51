/*
 * field: the numbers that terms compare, each found in two forms: in one
 * expanded flow and, where the batch has a column for it, in that column.
 * A field without a column is rare: it is read from expanded rows only.
 *
 * An address is two fields, one of each family, so that a term on addresses
 * is a term on one number of 32 bits or one of 128.
 */
#ifndef FILTER_FIELD_H
#define FILTER_FIELD_H

#include <stdbool.h>
#include <stdint.h>

#include "filter/geo.h"
#include "flow/batch.h"
#include "flow/flow.h"

enum field {
	F_NONE,
	F_PROTO,
	F_FLAGS,
	F_SRC_TOS,
	F_DST_TOS,
	F_FWDSTAT,
	F_SRC_PORT,
	F_DST_PORT,
	F_ICMP_TYPE,
	F_ICMP_CODE,
	F_PACKETS,
	F_BYTES,
	F_OUT_PACKETS,
	F_OUT_BYTES,
	F_FLOWS,
	F_DURATION,
	F_PPS,
	F_BPS,
	F_BPP,
	F_IN_IF,
	F_OUT_IF,
	F_SRC_MASK,
	F_DST_MASK,
	F_FLOWDIR,
	F_SRC_AS,
	F_DST_AS,
	F_SRC_VLAN,
	F_DST_VLAN,
	F_EXPORTER,
	F_ENGINE_TYPE,
	F_ENGINE_ID,
	F_NFVERSION,
	F_FIRST,
	F_LAST,
	F_COUNT, /* number of the flow in the reading; see filterset_number */
	/* through a database: the country's code, the AS where it is 0 */
	F_SRC_GEO,
	F_DST_GEO,
	F_SRC_GEOAS,
	F_DST_GEOAS,
	/* rare from here on */
	F_PREV_AS,
	F_NEXT_AS,
	F_IN_SRC_MAC,
	F_IN_DST_MAC,
	F_OUT_SRC_MAC,
	F_OUT_DST_MAC,
	F_MPLS_LABEL, /* ten of them */
	F_MPLS_EXP = F_MPLS_LABEL + 10,
	F_MPLS_EOS = F_MPLS_EXP + 10,
	F_CLIENT_LATENCY,
	F_SERVER_LATENCY,
	F_APP_LATENCY,
	F_OBS_DOMAIN,
	F_OBS_POINT,
	F_IN_VRF,
	F_OUT_VRF,
	F_FW_EVENT,
	F_FW_XEVENT,
	F_IN_ACL, /* three words */
	F_OUT_ACL = F_IN_ACL + 3,
	F_NAT_EVENT = F_OUT_ACL + 3,
	F_NAT_SRC_PORT,
	F_NAT_DST_PORT,
	F_BLOCK_START,
	F_BLOCK_END,
	F_BLOCK_STEP,
	F_BLOCK_SIZE,
	F_SRC_IN_BLOCK, /* 0 or 1 */
	F_DST_IN_BLOCK,
	F_TUN_PROTO, /* one for each family */
	F_ETHER_TYPE = F_TUN_PROTO + 2,
	F_MIN_TTL,
	F_MAX_TTL,
	F_TTL_EQUAL, /* 0 or 1 */
	F_PF_RULE,
	F_PF_ACTION,
	F_PF_REASON,
	F_PF_DIR,
	/* addresses: the IPv4 field, then the IPv6 field */
	F_SRC_IP,
	F_DST_IP = F_SRC_IP + 2,
	F_NEXT_IP = F_DST_IP + 2,
	F_BGPNEXT_IP = F_NEXT_IP + 2,
	F_ROUTER_IP = F_BGPNEXT_IP + 2,
	F_NAT_SRC_IP = F_ROUTER_IP + 2,
	F_NAT_DST_IP = F_NAT_SRC_IP + 2,
	F_TUN_SRC_IP = F_NAT_DST_IP + 2,
	F_TUN_DST_IP = F_TUN_SRC_IP + 2,
	F_MAX = F_TUN_DST_IP + 2
};

enum field_type {
	FT_U8,
	FT_U16,
	FT_U32,
	FT_U64,
	FT_CALC, /* computed, 64 bits */
	FT_IP4,  /* 32 bits, at the low word of a flow_ip6 */
	FT_IP6
};

#define FIELD_NO_COLUMN UINT32_MAX

struct field_def {
	uint8_t type; /* enum field_type */
	uint8_t elem; /* missing: no value.  FE_NULL: there is always one */
	uint8_t param;
	uint16_t flow;   /* offset in struct flow */
	uint32_t column; /* offset in struct batch, or FIELD_NO_COLUMN */
	uint64_t want;   /* COL_BITs */
	uint64_t (*row)(const struct flow *f, unsigned param); /* FT_CALC */
	void (*rows)(const struct batch *b, uint64_t *out);    /* FT_CALC */
	/* FT_CALC in batches, through a database; param: destination */
	void (*geo)(struct geo_cache *c, const struct batch *b, bool dst,
	    uint64_t *out);
};

/* The definition; every field below F_MAX but F_NONE has one. */
const struct field_def *field_def(enum field f);

/* True when there is no column and rows have to be expanded. */
bool field_rare(enum field f);

/* Largest value of the field's type. */
uint64_t field_max(enum field f);

/* The flow's value (not for FT_IP6); false when its element is missing. */
bool field_get(const struct flow *flow, enum field f, uint64_t *value);

/* The flow's IPv6 address; false when its element is missing. */
bool field_get6(const struct flow *flow, enum field f, struct flow_ip6 *a);

#endif
