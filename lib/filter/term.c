#include <assert.h>
#include <string.h>

#include "filter/geo_term.h"
#include "filter/payload.h"
#include "filter/string.h"
#include "filter/tree.h"

/* field[0] is the source's, field[1] the destination's */
static term_sides either = { [DIR_NONE] = 3,
	[DIR_SRC] = 1,
	[DIR_DST] = 2,
	[DIR_SRC_OR_DST] = 3,
	[DIR_SRC_AND_DST] = 3 };
/* A bare `tos` means the source's. */
static term_sides source = { [DIR_NONE] = 1,
	[DIR_SRC] = 1,
	[DIR_DST] = 2,
	[DIR_SRC_OR_DST] = 3,
	[DIR_SRC_AND_DST] = 3 };
/* Counters: field[0] in (and bare), field[1] out. */
static term_sides counter = { [DIR_NONE] = 1, [DIR_IN] = 1, [DIR_OUT] = 2 };
static term_sides interface = { [DIR_NONE] = 3, [DIR_IN] = 1, [DIR_OUT] = 2 };
/* in src, in dst, out src, out dst */
static term_sides mac = { [DIR_NONE] = 15,
	[DIR_IN] = 3,
	[DIR_OUT] = 12,
	[DIR_SRC] = 5,
	[DIR_DST] = 10,
	[DIR_IN_SRC] = 1,
	[DIR_IN_DST] = 2,
	[DIR_OUT_SRC] = 4,
	[DIR_OUT_DST] = 8 };
/* No direction; one or two fields, either of which may match. */
static term_sides one = { [DIR_NONE] = 1 };
static term_sides two = { [DIR_NONE] = 3 };

#define MAX_U64 UINT64_MAX
#define MAX_U32 UINT32_MAX
#define MAX_U16 UINT16_MAX
#define MAX_U8  UINT8_MAX

#define CMP_LIST (TERM_CMP | TERM_LIST)

/* Shapes that rows share. */
#define NUM(text, side, options, max, ...)                                     \
	{                                                                      \
		.phrase = (text), .value = VALUE_NUM, .sides = (side),         \
		.opt = (options), .limit = (max), .field = __VA_ARGS__         \
	}
#define NAMED(text, options, max, table, ...)                                  \
	{                                                                      \
		.phrase = (text), .value = VALUE_NUM, .sides = one,            \
		.opt = (options), .limit = (max), .names = (table),            \
		.field = __VA_ARGS__                                           \
	}
#define ADDRESS(text, kind, side, options, ...)                                \
	{                                                                      \
		.phrase = (text), .value = (kind), .sides = (side),            \
		.opt = (options), .field = __VA_ARGS__                         \
	}
#define TRUTH(text, side, least, ...)                                          \
	{                                                                      \
		.phrase = (text), .value = VALUE_NONE, .sides = (side),        \
		.limit = (least), .field = __VA_ARGS__                         \
	}
#define ICMP(text, f)                                                          \
	{                                                                      \
		.phrase = (text), .value = VALUE_NUM, .sides = one,            \
		.opt = TERM_CMP, .limit = MAX_U8, .implied = IMPLIED_ICMP,     \
		.field = {                                                     \
			f                                                      \
		}                                                              \
	}
#define OWN(text, side, functions, about)                                      \
	{                                                                      \
		.phrase = (text), .value = VALUE_OWN, .sides = (side),         \
		.ops = (functions), .arg = (about)                             \
	}
#define TIME(text, f)                                                          \
	{                                                                      \
		.phrase = (text), .value = VALUE_TIME, .sides = one,           \
		.opt = TERM_CMP, .field = {                                    \
			f                                                      \
		}                                                              \
	}
#define ALIAS(text, name)                                                      \
	{                                                                      \
		.phrase = (text), .alias_of = (name)                           \
	}

static const struct term_def table[] = {
	TRUTH("any", one, 0, { F_NONE }),
	TRUTH("ipv4", one, 0, { F_SRC_IP }),
	ALIAS("inet", "ipv4"),
	TRUTH("ipv6", one, 0, { F_SRC_IP + 1 }),
	ALIAS("inet6", "ipv6"),
	{ .phrase = "ident", .value = VALUE_IDENT, .sides = one },
	OWN("flowlabel", one, &string_ops, STRING_LABEL),
	NUM("count", one, TERM_CMP, MAX_U64, { F_COUNT }),
	ALIAS("cnt", "count"),
	TIME("first seen", F_FIRST),
	TIME("last seen", F_LAST),

	NAMED("proto", 0, MAX_U8, &names_proto, { F_PROTO }),
	ADDRESS("ip", VALUE_HOST, either, TERM_LIST, { F_SRC_IP, F_DST_IP }),
	ALIAS("host", "ip"),
	ADDRESS("net", VALUE_NET, either, 0, { F_SRC_IP, F_DST_IP }),
	NUM("port", either, CMP_LIST, MAX_U16, { F_SRC_PORT, F_DST_PORT }),
	ICMP("icmp-type", F_ICMP_TYPE),
	ALIAS("icmp type", "icmp-type"),
	ICMP("icmp-code", F_ICMP_CODE),
	ALIAS("icmp code", "icmp-code"),
	{ .phrase = "flags",
	    .value = VALUE_FLAGS,
	    .sides = one,
	    .opt = TERM_CMP,
	    .limit = MAX_U8,
	    .implied = IMPLIED_TCP,
	    .field = { F_FLAGS } },
	NUM("tos", source, TERM_CMP, MAX_U8, { F_SRC_TOS, F_DST_TOS }),

	NUM("packets", counter, TERM_CMP, MAX_U64,
	    { F_PACKETS, F_OUT_PACKETS }),
	NUM("bytes", counter, TERM_CMP, MAX_U64, { F_BYTES, F_OUT_BYTES }),
	NUM("flows", one, TERM_CMP, MAX_U64, { F_FLOWS }),
	NUM("duration", one, TERM_CMP, MAX_U64, { F_DURATION }),
	NUM("pps", one, TERM_CMP, MAX_U64, { F_PPS }),
	NUM("bps", one, TERM_CMP, MAX_U64, { F_BPS }),
	NUM("bpp", one, TERM_CMP, MAX_U64, { F_BPP }),

	NUM("as", either, CMP_LIST | TERM_FILL, MAX_U32,
	    { F_SRC_AS, F_DST_AS }),
	{ .phrase = "geo",
	    .value = VALUE_OWN,
	    .sides = either,
	    .opt = TERM_RAW,
	    .ops = &geo_ops,
	    .field = { F_SRC_GEO, F_DST_GEO } },
	NUM("prev as", one, CMP_LIST, MAX_U32, { F_PREV_AS }),
	ALIAS("previous as", "prev as"),
	NUM("next as", one, CMP_LIST, MAX_U32, { F_NEXT_AS }),
	NUM("if", interface, 0, MAX_U32, { F_IN_IF, F_OUT_IF }),
	NUM("vlan", either, 0, MAX_U32, { F_SRC_VLAN, F_DST_VLAN }),
	NUM("mask", either, 0, MAX_U8, { F_SRC_MASK, F_DST_MASK }),
	{ .phrase = "mac",
	    .value = VALUE_MAC,
	    .sides = mac,
	    .field = { F_IN_SRC_MAC, F_IN_DST_MAC, F_OUT_SRC_MAC,
		F_OUT_DST_MAC } },
	{ .phrase = "mpls label#",
	    .value = VALUE_NUM,
	    .sides = one,
	    .opt = TERM_CMP,
	    .limit = MAX_U32,
	    .params = 10,
	    .field = { F_MPLS_LABEL } },
	{ .phrase = "mpls exp#",
	    .value = VALUE_NUM,
	    .sides = one,
	    .opt = TERM_CMP,
	    .limit = 7,
	    .params = 10,
	    .field = { F_MPLS_EXP } },
	NUM("mpls eos", one, TERM_CMP, MAX_U32, { F_MPLS_EOS }),
	{ .phrase = "mpls any",
	    .value = VALUE_NUM,
	    .sides = one,
	    .opt = TERM_CMP,
	    .limit = MAX_U32,
	    .span = 10,
	    .field = { F_MPLS_LABEL } },

	ADDRESS("next ip", VALUE_HOST, one, TERM_LIST, { F_NEXT_IP }),
	ALIAS("next host", "next ip"),
	ADDRESS("next net", VALUE_NET, one, 0, { F_NEXT_IP }),
	ADDRESS("bgpnext ip", VALUE_HOST, one, 0, { F_BGPNEXT_IP }),
	ALIAS("bgp next ip", "bgpnext ip"),
	ALIAS("bgpnext host", "bgpnext ip"),
	ALIAS("bgp next host", "bgpnext ip"),
	ADDRESS("router ip", VALUE_HOST, one, 0, { F_ROUTER_IP }),
	ALIAS("exporter ip", "router ip"),
	ALIAS("router host", "router ip"),
	ALIAS("exporter host", "router ip"),
	NUM("exporter id", one, TERM_CMP, MAX_U16, { F_EXPORTER }),
	ALIAS("exporter sysid", "exporter id"),
	ALIAS("sysid", "exporter id"),
	NUM("engine-type", one, TERM_CMP, MAX_U8, { F_ENGINE_TYPE }),
	ALIAS("engine type", "engine-type"),
	NUM("engine-id", one, TERM_CMP, MAX_U8, { F_ENGINE_ID }),
	ALIAS("engine id", "engine-id"),
	NUM("nfversion", one, TERM_CMP, MAX_U8, { F_NFVERSION }),
	NAMED("fwdstat", TERM_CMP, MAX_U8, &names_fwdstat, { F_FWDSTAT }),
	NAMED("flowdir", 0, 2, &names_flowdir, { F_FLOWDIR }),
	ALIAS("dir", "flowdir"),

	NUM("client latency", one, TERM_CMP, MAX_U64, { F_CLIENT_LATENCY }),
	NUM("server latency", one, TERM_CMP, MAX_U64, { F_SERVER_LATENCY }),
	NUM("app latency", one, TERM_CMP, MAX_U64, { F_APP_LATENCY }),
	NUM("observation domain id", one, TERM_CMP, MAX_U32, { F_OBS_DOMAIN }),
	NUM("observation point id", one, TERM_CMP, MAX_U64, { F_OBS_POINT }),
	NUM("ingress vrf", one, TERM_CMP, MAX_U32, { F_IN_VRF }),
	NUM("egress vrf", one, TERM_CMP, MAX_U32, { F_OUT_VRF }),
	NAMED("asa event", TERM_CMP, MAX_U8, &names_asa_event, { F_FW_EVENT }),
	{ .phrase = "asa denied",
	    .value = VALUE_NUM,
	    .sides = one,
	    .names = &names_asa_denied,
	    .implied = IMPLIED_DENIED,
	    .field = { F_FW_XEVENT } },
	/* `asa event denied` alone is a value of `asa event`. */
	{ .phrase = "asa event denied",
	    .alias_of = "asa denied",
	    .opt = TERM_WORD },
	OWN("asa user", one, &string_ops, STRING_USER),
	NUM("asa xevent", one, TERM_CMP, MAX_U16, { F_FW_XEVENT }),
	/* Three words: the list, its entry, and more of the entry. */
	NUM("ingress acl", one, TERM_CMP, MAX_U32, { F_IN_ACL }),
	NUM("ingress ace", one, TERM_CMP, MAX_U32, { F_IN_ACL + 1 }),
	NUM("ingress xace", one, TERM_CMP, MAX_U32, { F_IN_ACL + 2 }),
	NUM("egress acl", one, TERM_CMP, MAX_U32, { F_OUT_ACL }),

	ADDRESS("nat ip", VALUE_HOST, either, TERM_LIST,
	    { F_NAT_SRC_IP, F_NAT_DST_IP }),
	ALIAS("xlate ip", "nat ip"),
	ALIAS("xip", "nat ip"),
	ALIAS("nip", "nat ip"),
	ADDRESS("nat net", VALUE_NET, either, 0,
	    { F_NAT_SRC_IP, F_NAT_DST_IP }),
	ALIAS("xlate net", "nat net"),
	ALIAS("xnet", "nat net"),
	NUM("nat port", either, CMP_LIST, MAX_U16,
	    { F_NAT_SRC_PORT, F_NAT_DST_PORT }),
	ALIAS("xlate port", "nat port"),
	ALIAS("xport", "nat port"),
	ALIAS("nport", "nat port"),
	NAMED("nat event", TERM_CMP, MAX_U8, &names_nat_event, { F_NAT_EVENT }),
	NUM("nat pblock start", one, TERM_CMP, MAX_U16, { F_BLOCK_START }),
	ALIAS("pblock start", "nat pblock start"),
	NUM("nat pblock end", one, TERM_CMP, MAX_U16, { F_BLOCK_END }),
	ALIAS("pblock end", "nat pblock end"),
	NUM("nat pblock step", one, TERM_CMP, MAX_U16, { F_BLOCK_STEP }),
	ALIAS("pblock step", "nat pblock step"),
	NUM("nat pblock size", one, TERM_CMP, MAX_U16, { F_BLOCK_SIZE }),
	ALIAS("pblock size", "nat pblock size"),
	TRUTH("port in nat pblock", either, 1,
	    { F_SRC_IN_BLOCK, F_DST_IN_BLOCK }),
	ALIAS("port in pblock", "port in nat pblock"),

	ADDRESS("tun ip", VALUE_HOST, either, TERM_LIST,
	    { F_TUN_SRC_IP, F_TUN_DST_IP }),
	ALIAS("tunip", "tun ip"),
	ADDRESS("tun net", VALUE_NET, either, 0,
	    { F_TUN_SRC_IP, F_TUN_DST_IP }),
	{ .phrase = "tun proto",
	    .value = VALUE_NUM,
	    .sides = two,
	    .limit = MAX_U8,
	    .names = &names_proto,
	    .field = { F_TUN_PROTO, F_TUN_PROTO + 1 } },
	NUM("ethertype", one, 0, MAX_U16, { F_ETHER_TYPE }),
	NUM("ttl", two, TERM_CMP, MAX_U8, { F_MIN_TTL, F_MAX_TTL }),
	NUM("min ttl", one, TERM_CMP, MAX_U8, { F_MIN_TTL }),
	NUM("max ttl", one, TERM_CMP, MAX_U8, { F_MAX_TTL }),
	TRUTH("ttl equal", one, 1, { F_TTL_EQUAL }),
	NAMED("pf action", 0, MAX_U8, &names_pf_action, { F_PF_ACTION }),
	NAMED("pf reason", 0, MAX_U8, &names_pf_reason, { F_PF_REASON }),
	NAMED("pf dir", 0, MAX_U8, &names_pf_dir, { F_PF_DIR }),
	OWN("pf interface", one, &string_ops, STRING_PF_IF),
	NUM("pf rule", one, TERM_CMP, MAX_U32, { F_PF_RULE }),

	/* in: the payload; out: that of the reverse direction */
	OWN("payload content", interface, &payload_ops, PAYLOAD_CONTENT),
	OWN("payload regex", interface, &payload_ops, PAYLOAD_REGEX),
	OWN("payload ja3", interface, &payload_ops, PAYLOAD_JA3),
	OWN("payload ja4", interface, &payload_ops, PAYLOAD_JA4),
	OWN("payload ja4s", interface, &payload_ops, PAYLOAD_JA4S),
	OWN("payload tls defined", interface, &payload_ops,
	    PAYLOAD_TLS_DEFINED),
	ALIAS("payload ssl defined", "payload tls defined"),
	OWN("payload tls version", interface, &payload_ops,
	    PAYLOAD_TLS_VERSION),
	ALIAS("payload ssl version", "payload tls version"),
	OWN("payload tls sni", interface, &payload_ops, PAYLOAD_TLS_SNI),
	ALIAS("payload ssl sni", "payload tls sni"),
	OWN("payload dns defined", interface, &payload_ops,
	    PAYLOAD_DNS_DEFINED),
	OWN("payload dns name", interface, &payload_ops, PAYLOAD_DNS_NAME),
	OWN("payload dns address", interface, &payload_ops,
	    PAYLOAD_DNS_ADDRESS),
};

const struct term_def *
term_table(size_t *n)
{
	*n = sizeof(table) / sizeof(table[0]);
	return table;
}

const struct term_def *
term_find(const char *phrase)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].alias_of == NULL &&
		    strcmp(table[i].phrase, phrase) == 0)
			return &table[i];
	return NULL;
}

unsigned
term_fields(const struct term *t)
{
	return t->def->span != 0 ? t->def->span : 4;
}

unsigned
term_side_bits(const struct term *t)
{
	return t->def->span != 0 ? (1u << t->def->span) - 1
				 : t->def->sides[t->dir];
}

enum field
term_field(const struct term *t, unsigned bit)
{
	if (t->def->span != 0)
		return (enum field)(t->def->field[0] + bit);
	assert(bit < 4);
	return (enum field)(t->def->field[bit] + t->param);
}

const char *
dir_text(enum dir dir)
{
	static const char *const text[DIR_MAX] = {
		[DIR_NONE] = "",
		[DIR_SRC] = "src",
		[DIR_DST] = "dst",
		[DIR_SRC_OR_DST] = "src or dst",
		[DIR_SRC_AND_DST] = "src and dst",
		[DIR_IN] = "in",
		[DIR_OUT] = "out",
		[DIR_IN_SRC] = "in src",
		[DIR_IN_DST] = "in dst",
		[DIR_OUT_SRC] = "out src",
		[DIR_OUT_DST] = "out dst",
	};
	return text[dir];
}
