#include "decode/field.h"

#define X(m)                                                                   \
	offsetof(struct record, x.m), sizeof(((const struct record *)0)->x.m)
#define F(m)                                                                   \
	offsetof(struct record, f.m), sizeof(((const struct record *)0)->f.m)
#define NUM(id, flags, place, elem)                                            \
	{                                                                      \
		0, id, flags, FIELD_NUM, place, elem                           \
	}
#define ENT(pen, id, place, elem)                                              \
	{                                                                      \
		pen, id, FIELD_IPFIX, FIELD_NUM, place, elem                   \
	}
#define V9    FIELD_V9
#define IPFIX FIELD_IPFIX
#define BOTH  FIELD_BOTH
#define WEAK  FIELD_WEAK

#define PEN_CISCO   9
#define PEN_NOKIA   637
#define PEN_YAF     6871
#define PEN_JUNIPER 2636
#define PEN_REVERSE 29305 /* RFC 5103 */

/*
 * IANA's ipfix-information-elements; below 128 they are NetFlow v9's field
 * types (RFC 3954 section 8); 33000 and up Cisco ASA's and nProbe's, as v9
 * sends them, without an enterprise number.
 *
 * Total counters are taken where a template has no deltas.  Of the reverse
 * direction (RFC 5103) only counters are kept: anything else would
 * overwrite its forward twin.
 */
const struct field field_table[] = {
	NUM(1, BOTH, F(bytes), FE_GENERIC),
	NUM(2, BOTH, F(packets), FE_GENERIC),
	NUM(3, BOTH, F(flows), FE_CNT),
	NUM(4, BOTH, F(proto), FE_GENERIC),
	NUM(5, BOTH, F(src_tos), FE_GENERIC),
	NUM(6, BOTH, F(tcp_flags), FE_GENERIC),
	NUM(7, BOTH, F(src_port), FE_GENERIC),
	{ 0, 8, BOTH, FIELD_ADDR4, F(src), FE_IPV4 },
	NUM(9, BOTH, F(src_mask), FE_MISC),
	NUM(10, BOTH, F(in_if), FE_MISC),
	NUM(11, BOTH, F(dst_port), FE_GENERIC),
	{ 0, 12, BOTH, FIELD_ADDR4, F(dst), FE_IPV4 },
	NUM(13, BOTH, F(dst_mask), FE_MISC),
	NUM(14, BOTH, F(out_if), FE_MISC),
	{ 0, 15, BOTH, FIELD_ADDR4, F(next_hop), FE_NEXT4 },
	NUM(16, BOTH, F(src_as), FE_AS),
	NUM(17, BOTH, F(dst_as), FE_AS),
	{ 0, 18, BOTH, FIELD_ADDR4, F(bgp_next), FE_BGPNEXT4 },
	NUM(21, BOTH, X(time[TIME_UPTIME][1]), FE_GENERIC),
	NUM(22, BOTH, X(time[TIME_UPTIME][0]), FE_GENERIC),
	NUM(23, BOTH, F(out_bytes), FE_CNT),
	NUM(24, BOTH, F(out_packets), FE_CNT),
	{ 0, 27, BOTH, FIELD_ADDR6, F(src), FE_IPV6 },
	{ 0, 28, BOTH, FIELD_ADDR6, F(dst), FE_IPV6 },
	NUM(29, BOTH, F(src_mask), FE_MISC),
	NUM(30, BOTH, F(dst_mask), FE_MISC),
	NUM(32, BOTH, X(icmp), FE_GENERIC),
	NUM(34, BOTH, X(sampling.interval), FE_NULL),
	NUM(35, BOTH, X(sampling.algorithm), FE_NULL),
	NUM(38, BOTH, F(engine_type), FE_NULL),
	NUM(39, BOTH, F(engine_id), FE_NULL),
	NUM(48, BOTH, F(sampler_id), FE_SAMPLER),
	NUM(50, BOTH, X(sampling.interval), FE_NULL),
	NUM(52, BOTH, F(min_ttl), FE_IPINFO),
	NUM(53, BOTH, F(max_ttl), FE_IPINFO),
	NUM(55, BOTH, F(dst_tos), FE_MISC),
	NUM(56, BOTH, F(in_src_mac), FE_MAC),
	NUM(57, BOTH, F(out_dst_mac), FE_MAC),
	NUM(58, BOTH, F(src_vlan), FE_VLAN),
	NUM(59, BOTH, F(dst_vlan), FE_VLAN),
	NUM(60, BOTH, F(ip_version), FE_LAYER2),
	NUM(61, BOTH, F(dir), FE_MISC),
	{ 0, 62, BOTH, FIELD_ADDR6, F(next_hop), FE_NEXT6 },
	{ 0, 63, BOTH, FIELD_ADDR6, F(bgp_next), FE_BGPNEXT6 },
	NUM(70, BOTH, F(mpls[0]), FE_MPLS),
	NUM(71, BOTH, F(mpls[1]), FE_MPLS),
	NUM(72, BOTH, F(mpls[2]), FE_MPLS),
	NUM(73, BOTH, F(mpls[3]), FE_MPLS),
	NUM(74, BOTH, F(mpls[4]), FE_MPLS),
	NUM(75, BOTH, F(mpls[5]), FE_MPLS),
	NUM(76, BOTH, F(mpls[6]), FE_MPLS),
	NUM(77, BOTH, F(mpls[7]), FE_MPLS),
	NUM(78, BOTH, F(mpls[8]), FE_MPLS),
	NUM(79, BOTH, F(mpls[9]), FE_MPLS),
	NUM(80, BOTH, F(in_dst_mac), FE_MAC),
	NUM(81, BOTH, F(out_src_mac), FE_MAC),
	NUM(85, BOTH | WEAK, F(bytes), FE_GENERIC),
	NUM(86, BOTH | WEAK, F(packets), FE_GENERIC),
	NUM(89, BOTH, F(fwd_status), FE_GENERIC),
	{ 0, 95, BOTH, FIELD_BYTES, F(nbar), FE_NBAR },
	{ 0, 104, BOTH, FIELD_BYTES, F(frame), FE_FRAME },
	NUM(128, BOTH, F(next_as), FE_ASADJ),
	NUM(129, BOTH, F(prev_as), FE_ASADJ),
	NUM(136, BOTH, F(end_reason), FE_MISC),
	NUM(138, BOTH, F(obs_point), FE_OBSERVATION),
	NUM(139, BOTH, X(icmp), FE_GENERIC),
	NUM(148, V9, F(conn_id), FE_NSEL),
	NUM(148, IPFIX, F(flow_id), FE_FLOWID),
	NUM(149, BOTH, F(obs_domain), FE_OBSERVATION),
	NUM(150, BOTH, X(time[TIME_S][0]), FE_GENERIC),
	NUM(151, BOTH, X(time[TIME_S][1]), FE_GENERIC),
	NUM(152, BOTH, X(time[TIME_MS][0]), FE_GENERIC),
	NUM(153, BOTH, X(time[TIME_MS][1]), FE_GENERIC),
	NUM(154, BOTH, X(time[TIME_NTP_US][0]), FE_GENERIC),
	NUM(155, BOTH, X(time[TIME_NTP_US][1]), FE_GENERIC),
	NUM(156, BOTH, X(time[TIME_NTP_NS][0]), FE_GENERIC),
	NUM(157, BOTH, X(time[TIME_NTP_NS][1]), FE_GENERIC),
	NUM(158, BOTH, X(time[TIME_DELTA][0]), FE_GENERIC),
	NUM(159, BOTH, X(time[TIME_DELTA][1]), FE_GENERIC),
	NUM(160, BOTH, X(boot_ms), FE_NULL),
	NUM(161, BOTH, X(duration_ms), FE_NULL),
	NUM(162, BOTH, X(duration_us), FE_NULL),
	NUM(171, BOTH | WEAK, F(out_bytes), FE_CNT),
	NUM(172, BOTH | WEAK, F(out_packets), FE_CNT),
	NUM(176, BOTH, X(icmp_type), FE_GENERIC),
	NUM(177, BOTH, X(icmp_code), FE_GENERIC),
	NUM(178, BOTH, X(icmp_type), FE_GENERIC),
	NUM(179, BOTH, X(icmp_code), FE_GENERIC),
	NUM(180, BOTH, F(src_port), FE_GENERIC),
	NUM(181, BOTH, F(dst_port), FE_GENERIC),
	NUM(182, BOTH, F(src_port), FE_GENERIC),
	NUM(183, BOTH, F(dst_port), FE_GENERIC),
	NUM(192, BOTH | WEAK, F(min_ttl), FE_IPINFO),
	NUM(197, BOTH, F(frag_flags), FE_IPINFO),
	{ 0, 225, BOTH, FIELD_ADDR4, F(xlate_src), FE_NAT4 },
	{ 0, 226, BOTH, FIELD_ADDR4, F(xlate_dst), FE_NAT4 },
	NUM(227, BOTH, F(xlate_src_port), FE_NATPORT),
	NUM(228, BOTH, F(xlate_dst_port), FE_NATPORT),
	NUM(230, BOTH, F(nat_event), FE_NATEVENT),
	NUM(231, BOTH | WEAK, F(bytes), FE_GENERIC),
	NUM(232, BOTH | WEAK, F(out_bytes), FE_CNT),
	NUM(233, V9, F(fw_event), FE_NSEL),
	NUM(234, BOTH, F(ingress_vrf), FE_VRF),
	NUM(235, BOTH, F(egress_vrf), FE_VRF),
	NUM(239, BOTH, F(biflow_dir), FE_MISC),
	NUM(243, BOTH | WEAK, F(src_vlan), FE_VLAN),
	NUM(245, BOTH, F(l2_cust_vlan), FE_LAYER2),
	NUM(252, BOTH, F(phys_in), FE_LAYER2),
	NUM(253, BOTH, F(phys_out), FE_LAYER2),
	NUM(254, BOTH | WEAK, F(dst_vlan), FE_VLAN),
	NUM(255, BOTH, F(l2_post_cust_vlan), FE_LAYER2),
	NUM(256, BOTH, F(ether_type), FE_LAYER2),
	NUM(258, BOTH, X(collected_ms), FE_NULL),
	NUM(278, BOTH | WEAK, F(flows), FE_CNT),
	{ 0, 281, BOTH, FIELD_ADDR6, F(xlate_src), FE_NAT6 },
	{ 0, 282, BOTH, FIELD_ADDR6, F(xlate_dst), FE_NAT6 },
	NUM(283, BOTH, F(nat_pool), FE_NATEVENT),
	NUM(298, BOTH | WEAK, F(packets), FE_GENERIC),
	NUM(299, BOTH | WEAK, F(out_packets), FE_CNT),
	NUM(302, BOTH, F(sampler_id), FE_SAMPLER),
	NUM(305, BOTH, X(sampling.packets), FE_NULL),
	NUM(306, BOTH, X(sampling.space), FE_NULL),
	NUM(312, BOTH, F(frame_size), FE_FRAMEMETA),
	{ 0, 313, BOTH, FIELD_BYTES, X(ip_section), FE_NULL },
	{ 0, 315, BOTH, FIELD_BYTES, F(frame), FE_FRAME },
	NUM(322, BOTH, X(observed_s), FE_NULL),
	NUM(323, BOTH, F(event_time), FE_NULL),
	NUM(324, BOTH, X(observed_ntp_us), FE_NULL),
	NUM(325, BOTH, X(observed_ntp_ns), FE_NULL),
	NUM(361, BOTH, F(block_start), FE_PORTBLOCK),
	NUM(362, BOTH, F(block_end), FE_PORTBLOCK),
	NUM(363, BOTH, F(block_step), FE_PORTBLOCK),
	NUM(364, BOTH, F(block_size), FE_PORTBLOCK),
	NUM(408, BOTH, F(link_type), FE_FRAMEMETA),
	{ 0, 33000, V9, FIELD_RAW, F(in_acl), FE_ACL },
	{ 0, 33001, V9, FIELD_RAW, F(out_acl), FE_ACL },
	NUM(33002, V9, F(fw_xevent), FE_NSEL),
	{ 0, 40000, V9, FIELD_BYTES, F(user), FE_USER },
	{ 0, 40001, V9, FIELD_ADDR4, F(xlate_src), FE_NAT4 },
	{ 0, 40002, V9, FIELD_ADDR4, F(xlate_dst), FE_NAT4 },
	NUM(40003, V9, F(xlate_src_port), FE_NATPORT),
	NUM(40004, V9, F(xlate_dst_port), FE_NATPORT),
	NUM(40005, V9, F(fw_event), FE_NSEL),
	NUM(57554, V9, X(latency[0][0]), FE_LATENCY),
	NUM(57555, V9, X(latency[0][1]), FE_LATENCY),
	NUM(57556, V9, X(latency[1][0]), FE_LATENCY),
	NUM(57557, V9, X(latency[1][1]), FE_LATENCY),
	NUM(57558, V9, X(latency[2][0]), FE_LATENCY),
	NUM(57559, V9, X(latency[2][1]), FE_LATENCY),
	ENT(PEN_CISCO, 8337, F(bytes), FE_GENERIC),
	ENT(PEN_CISCO, 8338, F(out_bytes), FE_CNT),
	{ PEN_CISCO, 12236, IPFIX, FIELD_ADDR4, F(src), FE_IPV4 },
	{ PEN_CISCO, 12237, IPFIX, FIELD_ADDR4, F(dst), FE_IPV4 },
	ENT(PEN_CISCO, 12241, F(dst_port), FE_GENERIC),
	ENT(PEN_NOKIA, 91, F(nokia_in), FE_NOKIANAT),
	ENT(PEN_NOKIA, 92, F(nokia_out), FE_NOKIANAT),
	{ PEN_NOKIA, 93, IPFIX, FIELD_BYTES, F(nokia_str), FE_NOKIASTR },
	ENT(PEN_JUNIPER, 137, X(juniper_exception), FE_NULL),
	{ PEN_YAF, 18, IPFIX, FIELD_BYTES, F(in_payload), FE_INPAYLOAD },
	{ PEN_YAF, 16402, IPFIX, FIELD_BYTES, F(out_payload), FE_OUTPAYLOAD },
	ENT(PEN_REVERSE, 1, F(out_bytes), FE_CNT),
	ENT(PEN_REVERSE, 2, F(out_packets), FE_CNT),
	{ PEN_REVERSE, 85, IPFIX | WEAK, FIELD_NUM, F(out_bytes), FE_CNT },
	{ PEN_REVERSE, 86, IPFIX | WEAK, FIELD_NUM, F(out_packets), FE_CNT },
};

const size_t field_table_len = sizeof(field_table) / sizeof(*field_table);

#define O(m)                                                                   \
	offsetof(struct record, o.m), sizeof(((const struct record *)0)->o.m)

/*
 * What is kept of options.  Names of interfaces come with 10 or, in v9, with
 * the scope that is an interface; 82 is the short one, 83 the description.
 */
static const struct field option_table[] = {
	NUM(10, BOTH, O(in_if), OPTION_IN_IF),
	NUM(14, BOTH, O(out_if), OPTION_OUT_IF),
	NUM(34, BOTH, X(sampling.interval), OPTION_RATE),
	NUM(35, BOTH, X(sampling.algorithm), FE_NULL),
	NUM(48, BOTH, O(sampler_id), OPTION_SAMPLER),
	NUM(49, BOTH, X(sampling.algorithm), FE_NULL),
	NUM(50, BOTH, X(sampling.interval), OPTION_RATE),
	{ 0, 82, BOTH, FIELD_BYTES, O(if_name), OPTION_IF_NAME },
	{ 0, 83, BOTH, FIELD_BYTES, O(if_text), OPTION_IF_NAME },
	{ 0, 94, BOTH, FIELD_BYTES, O(app_text), FE_NULL },
	{ 0, 95, BOTH, FIELD_BYTES, O(app_id), OPTION_APP_ID },
	{ 0, 96, BOTH, FIELD_BYTES, O(app_name), FE_NULL },
	NUM(160, BOTH, X(boot_ms), OPTION_BOOT),
	NUM(234, BOTH, O(in_vrf), OPTION_IN_VRF),
	NUM(235, BOTH, O(out_vrf), OPTION_OUT_VRF),
	{ 0, 236, BOTH, FIELD_BYTES, O(vrf_name), OPTION_VRF_NAME },
	NUM(302, BOTH, O(sampler_id), OPTION_SAMPLER),
	NUM(304, BOTH, X(sampling.algorithm), FE_NULL),
	NUM(305, BOTH, X(sampling.packets), OPTION_RATE),
	NUM(306, BOTH, X(sampling.space), OPTION_RATE),
	NUM(309, BOTH, X(sampling.size), OPTION_RATE),
	NUM(310, BOTH, X(sampling.population), OPTION_RATE),
};

const struct field *
field_find_option(uint32_t pen, uint16_t id)
{
	size_t n = sizeof(option_table) / sizeof(*option_table);
	for (size_t i = 0; pen == 0 && i < n; i++)
		if (option_table[i].id == id)
			return &option_table[i];
	return NULL;
}

static bool
before(const struct field *f, uint32_t pen, uint16_t id)
{
	return f->pen != pen ? f->pen < pen : f->id < id;
}

const struct field *
field_find(uint8_t proto, uint32_t pen, uint16_t id)
{
	size_t lo = 0, hi = field_table_len;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (before(&field_table[mid], pen, id))
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < field_table_len && field_table[lo].pen == pen &&
	       field_table[lo].id == id;
	     lo++)
		if ((field_table[lo].flags & proto) != 0)
			return &field_table[lo];
	return NULL;
}
