/*
 * naive_terms: the terms of the language for naive_gen.h, each with all the
 * directions that may stand before it, the values that may follow, and what it
 * compares (naive.h).
 */
#ifndef TESTS_FILTER_NAIVE_TERMS_H
#define TESTS_FILTER_NAIVE_TERMS_H

#include "naive.h"

/* Words before a term, and which of its fields they mean. */
struct nv_side {
	const char *text;
	unsigned fields; /* bits */
	bool both;
};

#define NV_SIDES(name) static const struct nv_side name[]
NV_SIDES(nv_no_side) = { { "", 1023, false }, { NULL, 0, false } };
NV_SIDES(nv_either) = { { "", 3, false }, { "src ", 1, false },
	{ "dst ", 2, false }, { "src or dst ", 3, false },
	{ "dst or src ", 3, false }, { "src and dst ", 3, true },
	{ "DST AND SRC ", 3, true }, { NULL, 0, false } };
NV_SIDES(nv_source) = { { "", 1, false }, { "src ", 1, false },
	{ "dst ", 2, false }, { NULL, 0, false } };
NV_SIDES(nv_counter) = { { "", 1, false }, { "in ", 1, false },
	{ "out ", 2, false }, { NULL, 0, false } };
NV_SIDES(nv_interface) = { { "", 3, false }, { "in ", 1, false },
	{ "out ", 2, false }, { NULL, 0, false } };
/* in src, in dst, out src, out dst */
NV_SIDES(nv_mac) = { { "", 15, false }, { "in ", 3, false },
	{ "out ", 12, false }, { "src ", 5, false }, { "dst ", 10, false },
	{ "in src ", 1, false }, { "in dst ", 2, false },
	{ "out src ", 4, false }, { "out dst ", 8, false },
	{ NULL, 0, false } };

enum nv_form {
	NVF_ANY,
	NVF_IDENT,
	NVF_FAMILY,
	NVF_NUMBER, /* alone */
	NVF_COMPARED,
	NVF_LIST, /* compared, or in a list */
	NVF_TRUE, /* no value: the field is 1 */
	NVF_FLAGS,
	NVF_MAC,
	NVF_HOST,
	NVF_HOSTS, /* host, or a list of hosts and networks */
	NVF_NET
};

struct nv_def {
	const char *phrase;
	enum nv_form form;
	const struct nv_side *sides;
	uint64_t max; /* of NVF_FAMILY and named values: the value */
	enum nv_implied implied;
	struct nv_fields of;
};

#define NVD(text, f, s, m, ...)                                                \
	{                                                                      \
		.phrase = (text), .form = (f), .sides = (s), .max = (m),       \
		.of.number = __VA_ARGS__                                       \
	}
#define NVD_IP(text, f, s, ...)                                                \
	{                                                                      \
		.phrase = (text), .form = (f), .sides = (s),                   \
		.of.address = __VA_ARGS__                                      \
	}
#define NVD_IMPLIED(text, f, m, i, ...)                                        \
	{                                                                      \
		.phrase = (text), .form = (f), .sides = nv_no_side,            \
		.max = (m), .implied = (i), .of.number = __VA_ARGS__           \
	}
#define NVD_FAMILY(text, family)                                               \
	{                                                                      \
		.phrase = (text), .form = NVF_FAMILY, .sides = nv_no_side,     \
		.max = (family), .of.address = {                               \
			nv_src                                                 \
		}                                                              \
	}
#define NV_ONE(text, m, get)  NVD(text, NVF_COMPARED, nv_no_side, m, { get })
#define NV_WORD(text, m, get) NVD(text, NVF_TRUE, nv_no_side, m, { get })
#define NV_LABELS(n)                                                           \
	NV_ONE("mpls label" #n, UINT32_MAX, nv_label##n),                      \
	    NV_ONE("mpls exp" #n, 7, nv_exp##n)

static const struct nv_def nv_defs[] = {
	NVD("any", NVF_ANY, nv_no_side, 0, { NULL }),
	NVD("ident", NVF_IDENT, nv_no_side, 0, { NULL }),
	NVD_FAMILY("ipv4", 4),
	NVD_FAMILY("inet6", 6),
	NVD("proto", NVF_NUMBER, nv_no_side, UINT8_MAX, { nv_proto }),
	NV_WORD("proto tcp", 6, nv_proto),
	NV_WORD("proto ICMP6", 58, nv_proto),
	NVD_IP("ip", NVF_HOSTS, nv_either, { nv_src, nv_dst }),
	NVD_IP("host", NVF_HOSTS, nv_either, { nv_src, nv_dst }),
	NVD_IP("net", NVF_NET, nv_either, { nv_src, nv_dst }),
	NVD("port", NVF_LIST, nv_either, UINT16_MAX,
	    { nv_src_port, nv_dst_port }),
	NVD_IMPLIED("icmp-type", NVF_COMPARED, UINT8_MAX, NV_ICMP,
	    { nv_icmp_type }),
	NVD_IMPLIED("icmp code", NVF_COMPARED, UINT8_MAX, NV_ICMP,
	    { nv_icmp_code }),
	NVD_IMPLIED("flags", NVF_FLAGS, UINT8_MAX, NV_TCP, { nv_tcp_flags }),
	NVD_IMPLIED("flags", NVF_COMPARED, UINT8_MAX, NV_TCP, { nv_tcp_flags }),
	NVD("tos", NVF_COMPARED, nv_source, UINT8_MAX,
	    { nv_src_tos, nv_dst_tos }),
	NVD("packets", NVF_COMPARED, nv_counter, UINT64_MAX,
	    { nv_packets, nv_out_packets }),
	NVD("bytes", NVF_COMPARED, nv_counter, UINT64_MAX,
	    { nv_bytes, nv_out_bytes }),
	NV_ONE("flows", UINT64_MAX, nv_flows),
	NV_ONE("duration", UINT64_MAX, nv_duration),
	NV_ONE("pps", UINT64_MAX, nv_pps),
	NV_ONE("bps", UINT64_MAX, nv_bps),
	NV_ONE("bpp", UINT64_MAX, nv_bpp),
	NVD("as", NVF_LIST, nv_either, UINT32_MAX, { nv_src_as, nv_dst_as }),
	NVD("prev as", NVF_LIST, nv_no_side, UINT32_MAX, { nv_prev_as }),
	NVD("next as", NVF_LIST, nv_no_side, UINT32_MAX, { nv_next_as }),
	NVD("if", NVF_NUMBER, nv_interface, UINT32_MAX,
	    { nv_in_if, nv_out_if }),
	NVD("vlan", NVF_NUMBER, nv_either, UINT32_MAX,
	    { nv_src_vlan, nv_dst_vlan }),
	NVD("mask", NVF_NUMBER, nv_either, UINT8_MAX,
	    { nv_src_mask, nv_dst_mask }),
	NVD("mac", NVF_MAC, nv_mac, 0,
	    { nv_in_src_mac, nv_in_dst_mac, nv_out_src_mac, nv_out_dst_mac }),
	NV_LABELS(1),
	NV_LABELS(2),
	NV_LABELS(3),
	NV_LABELS(4),
	NV_LABELS(5),
	NV_LABELS(6),
	NV_LABELS(7),
	NV_LABELS(8),
	NV_LABELS(9),
	NV_LABELS(10),
	NV_ONE("mpls eos", UINT32_MAX, nv_eos),
	NVD("mpls any", NVF_COMPARED, nv_no_side, UINT32_MAX,
	    { nv_label1, nv_label2, nv_label3, nv_label4, nv_label5, nv_label6,
		nv_label7, nv_label8, nv_label9, nv_label10 }),
	NVD_IP("next ip", NVF_HOSTS, nv_no_side, { nv_next_hop }),
	NVD_IP("next net", NVF_NET, nv_no_side, { nv_next_hop }),
	NVD_IP("bgpnext ip", NVF_HOST, nv_no_side, { nv_bgp_next }),
	NVD_IP("bgp next ip", NVF_HOST, nv_no_side, { nv_bgp_next }),
	NVD_IP("router ip", NVF_HOST, nv_no_side, { nv_exporter_ip }),
	NV_ONE("exporter id", UINT16_MAX, nv_exporter),
	NV_ONE("engine-type", UINT8_MAX, nv_engine_type),
	NV_ONE("engine id", UINT8_MAX, nv_engine_id),
	NV_ONE("nfversion", 10, nv_nfversion),
	NV_ONE("fwdstat", UINT8_MAX, nv_fwd_status),
	NV_WORD("fwdstat forw", 1, nv_fwd_status),
	NV_WORD("fwdstat Noroute", 19, nv_fwd_status),
	NVD("flowdir", NVF_NUMBER, nv_no_side, 2, { nv_dir }),
	NV_WORD("dir egress", 1, nv_dir),
	NV_ONE("client latency", UINT64_MAX, nv_client_usec),
	NV_ONE("server latency", UINT64_MAX, nv_server_usec),
	NV_ONE("app latency", UINT64_MAX, nv_app_usec),
	NV_ONE("observation domain id", UINT32_MAX, nv_obs_domain),
	NV_ONE("observation point id", UINT64_MAX, nv_obs_point),
	NV_ONE("ingress vrf", UINT32_MAX, nv_ingress_vrf),
	NV_ONE("egress vrf", UINT32_MAX, nv_egress_vrf),
	NV_ONE("asa event", UINT8_MAX, nv_fw_event),
	NV_WORD("asa event create", 1, nv_fw_event),
	NV_WORD("asa event deny", 3, nv_fw_event),
	NVD_IMPLIED("asa event denied nosyn", NVF_TRUE, 1004, NV_DENIED,
	    { nv_fw_xevent }),
	NVD_IMPLIED("asa denied I-ACL", NVF_TRUE, 1001, NV_DENIED,
	    { nv_fw_xevent }),
	NV_ONE("asa xevent", UINT16_MAX, nv_fw_xevent),
	NV_ONE("ingress acl", UINT32_MAX, nv_in_acl),
	NV_ONE("ingress ace", UINT32_MAX, nv_in_ace),
	NV_ONE("ingress xace", UINT32_MAX, nv_in_xace),
	NV_ONE("egress acl", UINT32_MAX, nv_out_acl),
	NVD_IP("nat ip", NVF_HOSTS, nv_either, { nv_xlate_src, nv_xlate_dst }),
	NVD_IP("xip", NVF_HOSTS, nv_either, { nv_xlate_src, nv_xlate_dst }),
	NVD_IP("xnet", NVF_NET, nv_either, { nv_xlate_src, nv_xlate_dst }),
	NVD("xport", NVF_LIST, nv_either, UINT16_MAX,
	    { nv_xlate_src_port, nv_xlate_dst_port }),
	NV_ONE("nat event", UINT8_MAX, nv_nat_event),
	NV_WORD("nat event add", 1, nv_nat_event),
	NV_ONE("pblock start", UINT16_MAX, nv_block_start),
	NV_ONE("nat pblock end", UINT16_MAX, nv_block_end),
	NV_ONE("pblock step", UINT16_MAX, nv_block_step),
	NV_ONE("pblock size", UINT16_MAX, nv_block_size),
	NVD("port in pblock", NVF_TRUE, nv_either, 1,
	    { nv_src_in_block, nv_dst_in_block }),
	NVD_IP("tun ip", NVF_HOSTS, nv_either, { nv_tun_src, nv_tun_dst }),
	NVD_IP("tun net", NVF_NET, nv_either, { nv_tun_src, nv_tun_dst }),
	NVD("tun proto", NVF_NUMBER, nv_no_side, UINT8_MAX, { nv_tun_proto }),
	NVD("ethertype", NVF_NUMBER, nv_no_side, UINT16_MAX, { nv_ether_type }),
	NVD("ttl", NVF_COMPARED, nv_no_side, UINT8_MAX,
	    { nv_min_ttl, nv_max_ttl }),
	NV_ONE("min ttl", UINT8_MAX, nv_min_ttl),
	NV_ONE("max ttl", UINT8_MAX, nv_max_ttl),
	NV_ONE("pf rule", UINT32_MAX, nv_pf_rule),
};
#define NV_DEFS (sizeof(nv_defs) / sizeof(nv_defs[0]))

#endif
