/*
 * flow: one flow record, in host order, every field with its unit.
 *
 * The set of fields is nfdump's: each belongs to one extension element
 * (enum flow_elem, the ids of flow files layout 2) and is meaningful only
 * while that element's bit is set in `have`.  Decoders fill it, nffile
 * encodes and decodes it, printers and the naive filter read it.  Bulk work
 * reads columns instead (flow/batch.h).
 *
 * The fields of one element stand in the order of the element's payload, so
 * that nffile copies them as one piece (checked there).
 *
 * Times are epoch milliseconds, UTC.  IPv4 addresses are in the low 32 bits
 * of lo (base/addr.h's convention without the family byte).
 */
#ifndef FLOW_FLOW_H
#define FLOW_FLOW_H

#include <stdbool.h>
#include <stdint.h>

enum flow_elem {
	FE_NULL = 0,
	FE_GENERIC = 1,
	FE_IPV4 = 2,
	FE_IPV6 = 3,
	FE_MISC = 4,
	FE_CNT = 5,
	FE_VLAN = 6,
	FE_AS = 7,
	FE_BGPNEXT4 = 8,
	FE_BGPNEXT6 = 9,
	FE_NEXT4 = 10,
	FE_NEXT6 = 11,
	FE_EXPORTER4 = 12, /* address the datagram came from */
	FE_EXPORTER6 = 13,
	FE_MPLS = 14,
	FE_MAC = 15,
	FE_ASADJ = 16,
	FE_LATENCY = 17,
	FE_SAMPLER = 18,
	FE_NSEL = 19,
	FE_NAT4 = 20,
	FE_NAT6 = 21,
	FE_NATPORT = 22,
	FE_ACL = 23,
	FE_USER = 24,
	FE_NATEVENT = 25,
	FE_PORTBLOCK = 26,
	FE_NBAR = 27,
	FE_LABEL = 28,
	FE_INPAYLOAD = 29,
	FE_OUTPAYLOAD = 30,
	FE_TUN4 = 31,
	FE_TUN6 = 32,
	FE_OBSERVATION = 33,
	FE_FRAMEMETA = 34,
	FE_FRAME = 35,
	FE_VRF = 36,
	FE_PFINFO = 37,
	FE_LAYER2 = 38, /* 38..42: newer than nfdump 1.7.1 */
	FE_FLOWID = 39,
	FE_NOKIANAT = 40,
	FE_NOKIASTR = 41,
	FE_IPINFO = 42,
	FE_MAX
};

#define FLOW_BIT(elem) (UINT64_C(1) << (elem))

/* Record flags, layout 2. */
#define FLOW_EVENT   0x01
#define FLOW_SAMPLED 0x02 /* counters are already scaled */
#define FLOW_ANON    0x04

struct flow_ip6 {
	uint64_t hi;
	uint64_t lo;
};

/* Bytes of variable length; borrowed from the record or datagram. */
struct flow_bytes {
	const uint8_t *p;
	uint16_t len;
};

struct flow {
	uint64_t have; /* FLOW_BIT of every element present */

	/* record header */
	uint8_t engine_type;
	uint8_t engine_id;
	uint8_t flags;     /* FLOW_EVENT | ... */
	uint8_t nfversion; /* 5, 9, 10, 0x80 + sFlow version; 0 synthetic */
	uint16_t exporter; /* sysid of the file's exporter record */
	uint64_t number;   /* in its reading, from 1, where one counts */

	/* FE_GENERIC */
	uint64_t first;    /* ms */
	uint64_t last;     /* ms */
	uint64_t received; /* ms */
	uint64_t packets;  /* in */
	uint64_t bytes;    /* in, layer 3 octets */
	uint16_t src_port;
	uint16_t dst_port; /* ICMP: type * 256 + code */
	uint8_t proto;
	uint8_t tcp_flags;
	uint8_t fwd_status;
	uint8_t src_tos;

	/* FE_IPV4 or FE_IPV6 */
	struct flow_ip6 src;
	struct flow_ip6 dst;

	/* FE_MISC */
	uint32_t in_if;
	uint32_t out_if;
	uint8_t src_mask;
	uint8_t dst_mask;
	uint8_t dir; /* 0 ingress, 1 egress */
	uint8_t dst_tos;
	uint8_t biflow_dir;
	uint8_t end_reason;

	/* FE_CNT */
	uint64_t flows; /* aggregated flows; a record without it counts 1 */
	uint64_t out_packets;
	uint64_t out_bytes;

	/* FE_VLAN, FE_AS, FE_ASADJ */
	uint32_t src_vlan;
	uint32_t dst_vlan;
	uint32_t src_as;
	uint32_t dst_as;
	uint32_t next_as; /* IE 128 */
	uint32_t prev_as; /* IE 129 */

	/* next hops: *4 in lo */
	struct flow_ip6 bgp_next;
	struct flow_ip6 next_hop;
	struct flow_ip6 exporter_ip;

	/* FE_MPLS: 24-bit wire values, label << 4 | exp << 1 | S */
	uint32_t mpls[10];

	/* FE_MAC: 48-bit values */
	uint64_t in_src_mac;
	uint64_t out_dst_mac;
	uint64_t in_dst_mac;
	uint64_t out_src_mac;

	/* FE_LATENCY, microseconds */
	uint64_t client_usec;
	uint64_t server_usec;
	uint64_t app_usec;

	/* FE_SAMPLER */
	uint64_t sampler_id;
	uint16_t sampler_exporter;

	/* FE_NSEL, FE_NATEVENT */
	uint64_t event_time; /* ms */
	uint32_t conn_id;
	uint16_t fw_xevent;
	uint8_t fw_event;
	uint64_t nat_event_time; /* ms */
	uint32_t nat_pool;
	uint8_t nat_event;

	/* FE_NAT4 or FE_NAT6, FE_NATPORT, FE_PORTBLOCK */
	struct flow_ip6 xlate_src;
	struct flow_ip6 xlate_dst;
	uint16_t xlate_src_port;
	uint16_t xlate_dst_port;
	uint16_t block_start;
	uint16_t block_end;
	uint16_t block_step;
	uint16_t block_size;

	/* FE_ACL: as on the wire, each u32 in network order */
	uint32_t in_acl[3];
	uint32_t out_acl[3];

	struct flow_bytes user;        /* FE_USER, at most 66 bytes */
	struct flow_bytes nbar;        /* FE_NBAR, application id */
	struct flow_bytes label;       /* FE_LABEL, with NUL */
	struct flow_bytes in_payload;  /* FE_INPAYLOAD */
	struct flow_bytes out_payload; /* FE_OUTPAYLOAD */
	struct flow_bytes frame;       /* FE_FRAME */
	struct flow_bytes pf_ifname;   /* FE_PFINFO */
	struct flow_bytes nokia_str;   /* FE_NOKIASTR */

	/* FE_TUN4 or FE_TUN6 */
	struct flow_ip6 tun_src;
	struct flow_ip6 tun_dst;
	uint32_t tun_proto;

	/* FE_OBSERVATION */
	uint64_t obs_point;
	uint32_t obs_domain;

	/* FE_FRAMEMETA */
	uint16_t frame_size;
	uint16_t link_type;

	/* FE_VRF */
	uint32_t egress_vrf;
	uint32_t ingress_vrf;

	/* FE_PFINFO */
	uint8_t pf_action;
	uint8_t pf_reason;
	uint8_t pf_dir;
	uint8_t pf_rewritten;
	uint32_t pf_rule;
	uint32_t pf_subrule;
	uint32_t pf_uid;
	uint32_t pf_pid;

	/* FE_LAYER2 */
	_Alignas(8) uint16_t l2_vlan;
	uint16_t l2_cust_vlan;
	uint16_t l2_post_vlan;
	uint16_t l2_post_cust_vlan;
	uint32_t phys_in;
	uint32_t phys_out;
	uint64_t vxlan;
	uint16_t ether_type;
	uint8_t ip_version;

	/* FE_FLOWID, FE_NOKIANAT, FE_IPINFO */
	uint64_t flow_id;
	uint16_t nokia_in;
	uint16_t nokia_out;
	uint8_t frag_flags;
	uint8_t min_ttl;
	uint8_t max_ttl;
};

static inline bool
flow_has(const struct flow *f, enum flow_elem e)
{
	return (f->have & FLOW_BIT(e)) != 0;
}

#endif
