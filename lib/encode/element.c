#include "encode/element.h"

#include <stddef.h>

#define F(m) offsetof(struct flow, m), sizeof(((const struct flow *)0)->m)
#define NUM(id, len, m, elem)                                                  \
	{                                                                      \
		0, id, len, F(m), ON_BOTH, ELEMENT_NUMBER, WHEN_ALWAYS, elem   \
	}
#define PART(id, len, m, on, kind, when, elem)                                 \
	{                                                                      \
		0, id, len, F(m), on, kind, when, elem                         \
	}
#define ADDR6(id, m, elem)                                                     \
	{                                                                      \
		0, id, 16, F(m), ON_BOTH, ELEMENT_ADDR6, WHEN_ALWAYS, elem     \
	}
#define ENT(pen, id, len, m, kind, elem)                                       \
	{                                                                      \
		pen, id, len, F(m), ON_IPFIX, kind, WHEN_ALWAYS, elem          \
	}
#define V9_NUM(id, len, m, kind, elem)                                         \
	PART(id, len, m, ON_V9, kind, WHEN_ALWAYS, elem)

#define PEN_NOKIA 637
#define PEN_YAF   6871

/*
 * IANA's ipfix-information-elements; those below 128 are v9's field types as
 * well (RFC 3954 section 8).  33000 and up are Cisco ASA's and nProbe's.
 */
const struct element element_table[] = {
	PART(22, 4, first, ON_V9, ELEMENT_UPTIME, WHEN_ALWAYS, FE_GENERIC),
	PART(21, 4, last, ON_V9, ELEMENT_UPTIME, WHEN_ALWAYS, FE_GENERIC),
	PART(152, 8, first, ON_IPFIX, ELEMENT_NUMBER, WHEN_ALWAYS, FE_GENERIC),
	PART(153, 8, last, ON_IPFIX, ELEMENT_NUMBER, WHEN_ALWAYS, FE_GENERIC),
	NUM(2, 8, packets, FE_GENERIC),
	NUM(1, 8, bytes, FE_GENERIC),
	PART(7, 2, src_port, ON_BOTH, ELEMENT_NUMBER, WHEN_PORTS, FE_GENERIC),
	PART(11, 2, dst_port, ON_BOTH, ELEMENT_NUMBER, WHEN_PORTS, FE_GENERIC),
	PART(32, 2, dst_port, ON_BOTH, ELEMENT_NUMBER, WHEN_ICMP4, FE_GENERIC),
	PART(139, 2, dst_port, ON_IPFIX, ELEMENT_NUMBER, WHEN_ICMP6,
	    FE_GENERIC),
	NUM(4, 1, proto, FE_GENERIC),
	NUM(6, 1, tcp_flags, FE_GENERIC),
	NUM(89, 1, fwd_status, FE_GENERIC),
	NUM(5, 1, src_tos, FE_GENERIC),
	NUM(8, 4, src.lo, FE_IPV4),
	NUM(12, 4, dst.lo, FE_IPV4),
	ADDR6(27, src, FE_IPV6),
	ADDR6(28, dst, FE_IPV6),
	NUM(10, 4, in_if, FE_MISC),
	NUM(14, 4, out_if, FE_MISC),
	PART(9, 1, src_mask, ON_BOTH, ELEMENT_NUMBER, WHEN_NOT_IPV6, FE_MISC),
	PART(13, 1, dst_mask, ON_BOTH, ELEMENT_NUMBER, WHEN_NOT_IPV6, FE_MISC),
	PART(29, 1, src_mask, ON_BOTH, ELEMENT_NUMBER, WHEN_IPV6, FE_MISC),
	PART(30, 1, dst_mask, ON_BOTH, ELEMENT_NUMBER, WHEN_IPV6, FE_MISC),
	NUM(61, 1, dir, FE_MISC),
	NUM(55, 1, dst_tos, FE_MISC),
	NUM(239, 1, biflow_dir, FE_MISC),
	NUM(136, 1, end_reason, FE_MISC),
	NUM(3, 8, flows, FE_CNT),
	NUM(24, 8, out_packets, FE_CNT),
	NUM(23, 8, out_bytes, FE_CNT),
	NUM(58, 2, src_vlan, FE_VLAN),
	NUM(59, 2, dst_vlan, FE_VLAN),
	NUM(16, 4, src_as, FE_AS),
	NUM(17, 4, dst_as, FE_AS),
	NUM(18, 4, bgp_next.lo, FE_BGPNEXT4),
	ADDR6(63, bgp_next, FE_BGPNEXT6),
	NUM(15, 4, next_hop.lo, FE_NEXT4),
	ADDR6(62, next_hop, FE_NEXT6),
	NUM(70, 3, mpls[0], FE_MPLS),
	NUM(71, 3, mpls[1], FE_MPLS),
	NUM(72, 3, mpls[2], FE_MPLS),
	NUM(73, 3, mpls[3], FE_MPLS),
	NUM(74, 3, mpls[4], FE_MPLS),
	NUM(75, 3, mpls[5], FE_MPLS),
	NUM(76, 3, mpls[6], FE_MPLS),
	NUM(77, 3, mpls[7], FE_MPLS),
	NUM(78, 3, mpls[8], FE_MPLS),
	NUM(79, 3, mpls[9], FE_MPLS),
	NUM(56, 6, in_src_mac, FE_MAC),
	NUM(57, 6, out_dst_mac, FE_MAC),
	NUM(80, 6, in_dst_mac, FE_MAC),
	NUM(81, 6, out_src_mac, FE_MAC),
	NUM(128, 4, next_as, FE_ASADJ),
	NUM(129, 4, prev_as, FE_ASADJ),
	V9_NUM(57554, 4, client_usec, ELEMENT_SECONDS, FE_LATENCY),
	V9_NUM(57555, 4, client_usec, ELEMENT_MICROS, FE_LATENCY),
	V9_NUM(57556, 4, server_usec, ELEMENT_SECONDS, FE_LATENCY),
	V9_NUM(57557, 4, server_usec, ELEMENT_MICROS, FE_LATENCY),
	V9_NUM(57558, 4, app_usec, ELEMENT_SECONDS, FE_LATENCY),
	V9_NUM(57559, 4, app_usec, ELEMENT_MICROS, FE_LATENCY),
	V9_NUM(323, 8, event_time, ELEMENT_NUMBER, FE_NSEL),
	V9_NUM(148, 4, conn_id, ELEMENT_NUMBER, FE_NSEL),
	V9_NUM(233, 1, fw_event, ELEMENT_NUMBER, FE_NSEL),
	V9_NUM(33002, 2, fw_xevent, ELEMENT_NUMBER, FE_NSEL),
	NUM(225, 4, xlate_src.lo, FE_NAT4),
	NUM(226, 4, xlate_dst.lo, FE_NAT4),
	ADDR6(281, xlate_src, FE_NAT6),
	ADDR6(282, xlate_dst, FE_NAT6),
	NUM(227, 2, xlate_src_port, FE_NATPORT),
	NUM(228, 2, xlate_dst_port, FE_NATPORT),
	V9_NUM(33000, 12, in_acl, ELEMENT_RAW, FE_ACL),
	V9_NUM(33001, 12, out_acl, ELEMENT_RAW, FE_ACL),
	V9_NUM(40000, 65, user, ELEMENT_TEXT, FE_USER),
	PART(323, 8, nat_event_time, ON_BOTH, ELEMENT_NUMBER, WHEN_NO_NSEL,
	    FE_NATEVENT),
	NUM(283, 4, nat_pool, FE_NATEVENT),
	NUM(230, 1, nat_event, FE_NATEVENT),
	NUM(361, 2, block_start, FE_PORTBLOCK),
	NUM(362, 2, block_end, FE_PORTBLOCK),
	NUM(363, 2, block_step, FE_PORTBLOCK),
	NUM(364, 2, block_size, FE_PORTBLOCK),
	PART(95, 0, nbar, ON_BOTH, ELEMENT_TEXT, WHEN_ALWAYS, FE_NBAR),
	ENT(PEN_YAF, 18, 0, in_payload, ELEMENT_TEXT, FE_INPAYLOAD),
	ENT(PEN_YAF, 16402, 0, out_payload, ELEMENT_TEXT, FE_OUTPAYLOAD),
	NUM(138, 8, obs_point, FE_OBSERVATION),
	NUM(149, 4, obs_domain, FE_OBSERVATION),
	NUM(312, 2, frame_size, FE_FRAMEMETA),
	NUM(408, 2, link_type, FE_FRAMEMETA),
	NUM(235, 4, egress_vrf, FE_VRF),
	NUM(234, 4, ingress_vrf, FE_VRF),
	PART(148, 8, flow_id, ON_IPFIX, ELEMENT_NUMBER, WHEN_ALWAYS, FE_FLOWID),
	ENT(PEN_NOKIA, 91, 2, nokia_in, ELEMENT_NUMBER, FE_NOKIANAT),
	ENT(PEN_NOKIA, 92, 2, nokia_out, ELEMENT_NUMBER, FE_NOKIANAT),
	ENT(PEN_NOKIA, 93, 0, nokia_str, ELEMENT_TEXT, FE_NOKIASTR),
	NUM(197, 1, frag_flags, FE_IPINFO),
	NUM(52, 1, min_ttl, FE_IPINFO),
	NUM(53, 1, max_ttl, FE_IPINFO),
};

const size_t element_table_len = sizeof(element_table) / sizeof(*element_table);

uint64_t
element_all(unsigned on)
{
	uint64_t all = 0;
	for (size_t i = 0; i < element_table_len; i++)
		if ((element_table[i].on & on) != 0)
			all |= FLOW_BIT(element_table[i].elem);
	return all;
}
