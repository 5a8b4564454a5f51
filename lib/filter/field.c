#include "filter/field.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

/* ---- computed fields ------------------------------------------------------ */

static uint64_t
span(uint64_t first, uint64_t last)
{
	return last > first ? last - first : 0;
}

/* nfdump's rates: integers, 0 when nothing can be divided by. */
static uint64_t
ratio(uint64_t n, uint64_t d)
{
	return d != 0 ? n / d : 0;
}

/*
 * One formula, two forms: of a flow (p is "f->", i empty) and of row i of a
 * batch (p is "b->", i "[i]").
 */
#define CALC(name, formula)                                                    \
	static uint64_t row_##name(const struct flow *f, unsigned param)       \
	{                                                                      \
		(void)param;                                                   \
		return formula(f->, );                                         \
	}                                                                      \
	static void rows_##name(const struct batch *b, uint64_t *out)          \
	{                                                                      \
		for (size_t i = 0; i < b->rows; i++)                           \
			out[i] = formula(b->, [i]);                            \
	}

#define DURATION(p, i)  span(p first i, p last i)
#define PPS(p, i)       ratio(1000 * p packets i, DURATION(p, i))
#define BPS(p, i)       ratio(8000 * p bytes i, DURATION(p, i))
#define BPP(p, i)       ratio(p bytes i, p packets i)
#define ICMP_TYPE(p, i) (uint64_t)(p dst_port i >> 8)
#define ICMP_CODE(p, i) (uint64_t)(p dst_port i & 255)

CALC(duration, DURATION)
CALC(pps, PPS)
CALC(bps, BPS)
CALC(bpp, BPP)
CALC(icmp_type, ICMP_TYPE)
CALC(icmp_code, ICMP_CODE)

static uint64_t
row_flows(const struct flow *f, unsigned param)
{
	(void)param;
	return flow_has(f, FE_CNT) && f->flows != 0 ? f->flows : 1;
}

static void
rows_flows(const struct batch *b, uint64_t *out)
{
	memcpy(out, b->flows, b->rows * sizeof(out[0]));
}

static uint64_t
row_count(const struct flow *f, unsigned param)
{
	(void)param;
	return f->number;
}

/* The set adds how many came before. */
static void
rows_count(const struct batch *b, uint64_t *out)
{
	for (size_t i = 0; i < b->rows; i++)
		out[i] = i;
}

static uint64_t
row_ttl_equal(const struct flow *f, unsigned param)
{
	(void)param;
	return f->min_ttl == f->max_ttl;
}

/* What a row's function says when there is nothing to compare. */
#define NO_VALUE UINT64_MAX

/* An MPLS entry is label << 4 | exp << 1 | bottom of stack. */
static uint64_t
row_mpls_label(const struct flow *f, unsigned n)
{
	return f->mpls[n] >> 4;
}

static uint64_t
row_mpls_exp(const struct flow *f, unsigned n)
{
	return f->mpls[n] >> 1 & 7;
}

static uint64_t
row_mpls_eos(const struct flow *f, unsigned param)
{
	(void)param;
	for (size_t i = 0; i < sizeof(f->mpls) / sizeof(f->mpls[0]); i++)
		if ((f->mpls[i] & 1) != 0)
			return f->mpls[i] >> 4;
	return NO_VALUE;
}

static uint64_t
row_in_acl(const struct flow *f, unsigned n)
{
	return __builtin_bswap32(f->in_acl[n]);
}

static uint64_t
row_out_acl(const struct flow *f, unsigned n)
{
	return __builtin_bswap32(f->out_acl[n]);
}

static uint64_t
row_in_block(const struct flow *f, unsigned dst)
{
	uint16_t port = dst != 0 ? f->dst_port : f->src_port;
	return port >= f->block_start && port <= f->block_end;
}

/* ---- the table ------------------------------------------------------------ */

/* A field with a column: element, type, member of flow, of batch, COL_x. */
#define COLUMN(e, t, member, col_member, col)                                  \
	{                                                                      \
		.type = (t), .elem = (e),                                      \
		.flow = offsetof(struct flow, member),                         \
		.column = offsetof(struct batch, col_member),                  \
		.want = COL_BIT(col),                                          \
	}
#define BOTH(e, t, member, col) COLUMN(e, t, member, member, col)
#define ROW(e, t, member)                                                      \
	{                                                                      \
		.type = (t), .elem = (e),                                      \
		.flow = offsetof(struct flow, member),                         \
		.column = FIELD_NO_COLUMN,                                     \
	}
#define CALC_BOTH(e, name, cols)                                               \
	{                                                                      \
		.type = FT_CALC, .elem = (e), .row = row_##name,               \
		.rows = rows_##name, .want = (cols),                           \
		.column = FIELD_NO_COLUMN,                                     \
	}
#define CALC_ROW(e, name, n)                                                   \
	{                                                                      \
		.type = FT_CALC, .elem = (e), .row = row_##name, .param = (n), \
		.column = FIELD_NO_COLUMN,                                     \
	}
#define IP_COLUMN(f, member, four, six)                                        \
	[f] = COLUMN(FE_IPV4, FT_IP4, member, four, COL_ADDR),                 \
	[(f) + 1] = COLUMN(FE_IPV6, FT_IP6, member, six, COL_ADDR)
#define IP_ROW(f, e4, e6, member)                                              \
	[f] = ROW(e4, FT_IP4, member), [(f) + 1] = ROW(e6, FT_IP6, member)
#define TEN(f, e, name)                                                        \
	[f] = CALC_ROW(e, name, 0), [(f) + 1] = CALC_ROW(e, name, 1),          \
	[(f) + 2] = CALC_ROW(e, name, 2), [(f) + 3] = CALC_ROW(e, name, 3),    \
	[(f) + 4] = CALC_ROW(e, name, 4), [(f) + 5] = CALC_ROW(e, name, 5),    \
	[(f) + 6] = CALC_ROW(e, name, 6), [(f) + 7] = CALC_ROW(e, name, 7),    \
	[(f) + 8] = CALC_ROW(e, name, 8), [(f) + 9] = CALC_ROW(e, name, 9)

#define CALC_GEO(rows, dst, cols)                                              \
	{                                                                      \
		.type = FT_CALC, .elem = FE_NULL, .geo = (rows),               \
		.param = (dst), .want = (cols), .column = FIELD_NO_COLUMN,     \
	}

#define TIME_COLS (COL_BIT(COL_FIRST) | COL_BIT(COL_LAST))

static const struct field_def fields[F_MAX] = {
	[F_PROTO] = BOTH(FE_GENERIC, FT_U8, proto, COL_PROTO),
	[F_FLAGS] = BOTH(FE_GENERIC, FT_U8, tcp_flags, COL_FLAGS),
	[F_SRC_TOS] = COLUMN(FE_GENERIC, FT_U8, src_tos, tos, COL_TOS),
	[F_DST_TOS] = BOTH(FE_MISC, FT_U8, dst_tos, COL_MISC8),
	[F_FWDSTAT] = BOTH(FE_GENERIC, FT_U8, fwd_status, COL_FWD),
	[F_SRC_PORT] = BOTH(FE_GENERIC, FT_U16, src_port, COL_SRCPORT),
	[F_DST_PORT] = BOTH(FE_GENERIC, FT_U16, dst_port, COL_DSTPORT),
	[F_ICMP_TYPE] = CALC_BOTH(FE_GENERIC, icmp_type, COL_BIT(COL_DSTPORT)),
	[F_ICMP_CODE] = CALC_BOTH(FE_GENERIC, icmp_code, COL_BIT(COL_DSTPORT)),
	[F_PACKETS] = BOTH(FE_GENERIC, FT_U64, packets, COL_PACKETS),
	[F_BYTES] = BOTH(FE_GENERIC, FT_U64, bytes, COL_BYTES),
	[F_OUT_PACKETS] = BOTH(FE_CNT, FT_U64, out_packets, COL_CNT),
	[F_OUT_BYTES] = BOTH(FE_CNT, FT_U64, out_bytes, COL_CNT),
	[F_FLOWS] = CALC_BOTH(FE_NULL, flows, COL_BIT(COL_CNT)),
	[F_DURATION] = CALC_BOTH(FE_GENERIC, duration, TIME_COLS),
	[F_PPS] = CALC_BOTH(FE_GENERIC, pps, TIME_COLS | COL_BIT(COL_PACKETS)),
	[F_BPS] = CALC_BOTH(FE_GENERIC, bps, TIME_COLS | COL_BIT(COL_BYTES)),
	[F_BPP] = CALC_BOTH(FE_GENERIC, bpp,
	    COL_BIT(COL_PACKETS) | COL_BIT(COL_BYTES)),
	[F_IN_IF] = BOTH(FE_MISC, FT_U32, in_if, COL_INIF),
	[F_OUT_IF] = BOTH(FE_MISC, FT_U32, out_if, COL_OUTIF),
	[F_SRC_MASK] = BOTH(FE_MISC, FT_U8, src_mask, COL_MISC8),
	[F_DST_MASK] = BOTH(FE_MISC, FT_U8, dst_mask, COL_MISC8),
	[F_FLOWDIR] = BOTH(FE_MISC, FT_U8, dir, COL_MISC8),
	/* A flow without AS numbers has AS 0. */
	[F_SRC_AS] = BOTH(FE_NULL, FT_U32, src_as, COL_AS),
	[F_DST_AS] = BOTH(FE_NULL, FT_U32, dst_as, COL_AS),
	[F_SRC_VLAN] = BOTH(FE_VLAN, FT_U32, src_vlan, COL_VLAN),
	[F_DST_VLAN] = BOTH(FE_VLAN, FT_U32, dst_vlan, COL_VLAN),
	[F_EXPORTER] = BOTH(FE_NULL, FT_U16, exporter, COL_HEADER),
	[F_ENGINE_TYPE] = BOTH(FE_NULL, FT_U8, engine_type, COL_HEADER),
	[F_ENGINE_ID] = BOTH(FE_NULL, FT_U8, engine_id, COL_HEADER),
	[F_NFVERSION] = BOTH(FE_NULL, FT_U8, nfversion, COL_HEADER),
	[F_SRC_GEO] = CALC_GEO(geo_rows_country, 0, COL_BIT(COL_ADDR)),
	[F_DST_GEO] = CALC_GEO(geo_rows_country, 1, COL_BIT(COL_ADDR)),
	[F_SRC_GEOAS] =
	    CALC_GEO(geo_rows_as, 0, COL_BIT(COL_ADDR) | COL_BIT(COL_AS)),
	[F_DST_GEOAS] =
	    CALC_GEO(geo_rows_as, 1, COL_BIT(COL_ADDR) | COL_BIT(COL_AS)),

	[F_FIRST] = BOTH(FE_GENERIC, FT_U64, first, COL_FIRST),
	[F_LAST] = BOTH(FE_GENERIC, FT_U64, last, COL_LAST),
	[F_COUNT] = CALC_BOTH(FE_NULL, count, 0),

	[F_PREV_AS] = ROW(FE_ASADJ, FT_U32, prev_as),
	[F_NEXT_AS] = ROW(FE_ASADJ, FT_U32, next_as),
	[F_IN_SRC_MAC] = ROW(FE_MAC, FT_U64, in_src_mac),
	[F_IN_DST_MAC] = ROW(FE_MAC, FT_U64, in_dst_mac),
	[F_OUT_SRC_MAC] = ROW(FE_MAC, FT_U64, out_src_mac),
	[F_OUT_DST_MAC] = ROW(FE_MAC, FT_U64, out_dst_mac),
	TEN(F_MPLS_LABEL, FE_MPLS, mpls_label),
	TEN(F_MPLS_EXP, FE_MPLS, mpls_exp),
	[F_MPLS_EOS] = CALC_ROW(FE_MPLS, mpls_eos, 0),
	[F_CLIENT_LATENCY] = ROW(FE_LATENCY, FT_U64, client_usec),
	[F_SERVER_LATENCY] = ROW(FE_LATENCY, FT_U64, server_usec),
	[F_APP_LATENCY] = ROW(FE_LATENCY, FT_U64, app_usec),
	[F_OBS_DOMAIN] = ROW(FE_OBSERVATION, FT_U32, obs_domain),
	[F_OBS_POINT] = ROW(FE_OBSERVATION, FT_U64, obs_point),
	[F_IN_VRF] = ROW(FE_VRF, FT_U32, ingress_vrf),
	[F_OUT_VRF] = ROW(FE_VRF, FT_U32, egress_vrf),
	[F_FW_EVENT] = ROW(FE_NSEL, FT_U8, fw_event),
	[F_FW_XEVENT] = ROW(FE_NSEL, FT_U16, fw_xevent),
	[F_IN_ACL] = CALC_ROW(FE_ACL, in_acl, 0),
	[F_IN_ACL + 1] = CALC_ROW(FE_ACL, in_acl, 1),
	[F_IN_ACL + 2] = CALC_ROW(FE_ACL, in_acl, 2),
	[F_OUT_ACL] = CALC_ROW(FE_ACL, out_acl, 0),
	[F_OUT_ACL + 1] = CALC_ROW(FE_ACL, out_acl, 1),
	[F_OUT_ACL + 2] = CALC_ROW(FE_ACL, out_acl, 2),
	[F_NAT_EVENT] = ROW(FE_NATEVENT, FT_U8, nat_event),
	[F_NAT_SRC_PORT] = ROW(FE_NATPORT, FT_U16, xlate_src_port),
	[F_NAT_DST_PORT] = ROW(FE_NATPORT, FT_U16, xlate_dst_port),
	[F_BLOCK_START] = ROW(FE_PORTBLOCK, FT_U16, block_start),
	[F_BLOCK_END] = ROW(FE_PORTBLOCK, FT_U16, block_end),
	[F_BLOCK_STEP] = ROW(FE_PORTBLOCK, FT_U16, block_step),
	[F_BLOCK_SIZE] = ROW(FE_PORTBLOCK, FT_U16, block_size),
	[F_SRC_IN_BLOCK] = CALC_ROW(FE_PORTBLOCK, in_block, 0),
	[F_DST_IN_BLOCK] = CALC_ROW(FE_PORTBLOCK, in_block, 1),
	[F_TUN_PROTO] = ROW(FE_TUN4, FT_U32, tun_proto),
	[F_TUN_PROTO + 1] = ROW(FE_TUN6, FT_U32, tun_proto),
	[F_ETHER_TYPE] = ROW(FE_LAYER2, FT_U16, ether_type),
	[F_MIN_TTL] = ROW(FE_IPINFO, FT_U8, min_ttl),
	[F_MAX_TTL] = ROW(FE_IPINFO, FT_U8, max_ttl),
	[F_TTL_EQUAL] = CALC_ROW(FE_IPINFO, ttl_equal, 0),
	[F_PF_RULE] = ROW(FE_PFINFO, FT_U32, pf_rule),
	[F_PF_ACTION] = ROW(FE_PFINFO, FT_U8, pf_action),
	[F_PF_REASON] = ROW(FE_PFINFO, FT_U8, pf_reason),
	[F_PF_DIR] = ROW(FE_PFINFO, FT_U8, pf_dir),

	IP_COLUMN(F_SRC_IP, src, src4, src6hi),
	IP_COLUMN(F_DST_IP, dst, dst4, dst6hi),
	IP_ROW(F_NEXT_IP, FE_NEXT4, FE_NEXT6, next_hop),
	IP_ROW(F_BGPNEXT_IP, FE_BGPNEXT4, FE_BGPNEXT6, bgp_next),
	IP_ROW(F_ROUTER_IP, FE_EXPORTER4, FE_EXPORTER6, exporter_ip),
	IP_ROW(F_NAT_SRC_IP, FE_NAT4, FE_NAT6, xlate_src),
	IP_ROW(F_NAT_DST_IP, FE_NAT4, FE_NAT6, xlate_dst),
	IP_ROW(F_TUN_SRC_IP, FE_TUN4, FE_TUN6, tun_src),
	IP_ROW(F_TUN_DST_IP, FE_TUN4, FE_TUN6, tun_dst),
};

const struct field_def *
field_def(enum field f)
{
	assert(f > F_NONE && f < F_MAX);
	return &fields[f];
}

bool
field_rare(enum field f)
{
	const struct field_def *d = field_def(f);
	return d->column == FIELD_NO_COLUMN && d->rows == NULL &&
	       d->geo == NULL;
}

uint64_t
field_max(enum field f)
{
	switch ((enum field_type)field_def(f)->type) {
	case FT_U8:
		return UINT8_MAX;
	case FT_U16:
		return UINT16_MAX;
	case FT_U32:
	case FT_IP4:
		return UINT32_MAX;
	case FT_U64:
	case FT_CALC:
	case FT_IP6:
		break;
	}
	return UINT64_MAX;
}

/*
 * Where a flow holds both families of an address, the IPv4 one is what
 * struct flow keeps; so the IPv6 one is hidden in every form.
 */
static bool
present(const struct flow *flow, const struct field_def *d)
{
	return d->elem == FE_NULL || flow_has(flow, d->elem);
}

bool
field_get(const struct flow *flow, enum field f, uint64_t *value)
{
	const struct field_def *d = field_def(f);
	const uint8_t *p = (const uint8_t *)flow + d->flow;
	if (!present(flow, d))
		return false;
	switch ((enum field_type)d->type) {
	case FT_U8:
		*value = *p;
		return true;
	case FT_U16: {
		uint16_t v;
		memcpy(&v, p, sizeof(v));
		*value = v;
		return true;
	}
	case FT_U32: {
		uint32_t v;
		memcpy(&v, p, sizeof(v));
		*value = v;
		return true;
	}
	case FT_U64:
		memcpy(value, p, sizeof(*value));
		return true;
	case FT_CALC:
		*value = d->row(flow, d->param);
		return d->row != row_mpls_eos || *value != NO_VALUE;
	case FT_IP4: {
		struct flow_ip6 a;
		memcpy(&a, p, sizeof(a));
		*value = a.lo & UINT32_MAX;
		return true;
	}
	case FT_IP6:
		break;
	}
	return false;
}

bool
field_get6(const struct flow *flow, enum field f, struct flow_ip6 *a)
{
	const struct field_def *d = field_def(f);
	assert(d->type == FT_IP6);
	/* The IPv4 twin comes first; see present(). */
	if (!present(flow, d) || present(flow, field_def(f - 1)))
		return false;
	memcpy(a, (const uint8_t *)flow + d->flow, sizeof(*a));
	return true;
}
