/* Sampled frames: what is found behind which layers. */
#include "decode/packet.h"

#include "build.h"

static struct flow flow;
static struct packet packet;

static void
parse(enum packet_start start, bool tunnels)
{
	/* Every cut first: nothing is read past the end. */
	for (size_t len = 0; len <= out.len; len++) {
		uint8_t *copy = malloc(len != 0 ? len : 1);
		ck_assert_ptr_nonnull(copy);
		memcpy(copy, out.data, len);
		flow = (struct flow){ 0 };
		packet = (struct packet){ .f = &flow, .tunnels = tunnels };
		ck_assert(packet_decode(&packet, start, wire_init(copy, len)));
		free(copy);
	}
	buf_clear(&out);
}

static void
ethernet(uint64_t type)
{
	puts_be(6, UINT64_C(0x020304050607), 6, UINT64_C(0x0a0b0c0d0e0f), 2,
	    type, 0);
}

static void
ipv4_from(uint64_t src, uint64_t proto, uint64_t fragment)
{
	puts_be(1, UINT64_C(0x45), 1, UINT64_C(0x20), 2, UINT64_C(500), 2,
	    UINT64_C(0), 2, fragment, 1, UINT64_C(61), 1, proto, 2, UINT64_C(0),
	    4, src, 4, UINT64_C(0x0a000002), 0);
}

static void
ipv4(uint64_t proto)
{
	ipv4_from(0x0a000001, proto, 0x4000);
}

static void
ipv6(uint64_t next)
{
	puts_be(4, UINT64_C(0x6b812345), 2, UINT64_C(460), 1, next, 1,
	    UINT64_C(62), 8, UINT64_C(0x20010db800000000), 8, UINT64_C(1), 8,
	    UINT64_C(0x20010db800000000), 8, UINT64_C(2), 0);
}

static void
tcp(void)
{
	puts_be(2, UINT64_C(1234), 2, UINT64_C(443), 8, UINT64_C(0), 1,
	    UINT64_C(0x50), 1, UINT64_C(0x12), 6, UINT64_C(0), 0);
}

static void
udp(uint64_t port)
{
	puts_be(2, UINT64_C(1234), 2, port, 4, UINT64_C(0), 0);
}

static void
check_tcp4(void)
{
	ck_assert(flow_has(&flow, FE_IPV4));
	ck_assert_uint_eq(flow.src.lo, 0x0a000001);
	ck_assert_uint_eq(flow.dst.lo, 0x0a000002);
	ck_assert_uint_eq(flow.proto, 6);
	ck_assert_uint_eq(flow.src_port, 1234);
	ck_assert_uint_eq(flow.dst_port, 443);
	ck_assert_uint_eq(flow.tcp_flags, 0x12);
	ck_assert_uint_eq(flow.src_tos, 0x20);
	ck_assert_uint_eq(flow.min_ttl, 61);
	ck_assert_uint_eq(packet.l3_len, 500);
}

static void
put_tags(void)
{
	ethernet(0x88a8);
	puts_be(2, UINT64_C(0x6064), 2, UINT64_C(0x8100), 2, UINT64_C(200), 2,
	    UINT64_C(0x0800), 0);
}

static void
put_snap(void)
{
	ethernet(100);
	puts_be(4, UINT64_C(0xaaaa0300), 2, UINT64_C(0), 2, UINT64_C(0x0800),
	    0);
}

static void
put_pppoe(void)
{
	ethernet(0x8864);
	puts_be(4, UINT64_C(0x11000001), 2, UINT64_C(502), 2, UINT64_C(0x0021),
	    0);
}

static void
put_mpls(void)
{
	ethernet(0x8847);
	puts_be(4, UINT64_C(0x11111040), 4, UINT64_C(0x22222140), 0);
}

static void
put_pseudowire(void)
{
	put_mpls();
	put(4, 0);
	ethernet(0x0800);
}

static void
put_plain(void)
{
	ethernet(0x0800);
}

static void
put_nothing(void)
{
}

static void
put_ppp(void)
{
	put(2, 0x0021);
}

static void
put_hdlc_ppp(void)
{
	put(4, 0xff030021);
}

static void
put_labels(void)
{
	put(4, 0x11111140);
}

/* From an access point, with QoS. */
static void
put_80211(void)
{
	puts_be(2, UINT64_C(0x8802), 2, UINT64_C(0), 6,
	    UINT64_C(0x020304050607), 6, UINT64_C(0x0202020202), 6,
	    UINT64_C(0x0a0b0c0d0e0f), 2, UINT64_C(0), 2, UINT64_C(0), 4,
	    UINT64_C(0xaaaa0300), 4, UINT64_C(0x0800), 0);
}

static const struct {
	enum packet_start start;
	void (*below)(void);
	bool mac;
	uint16_t vlan;
	uint32_t mpls;
} links[] = {
	{ PACKET_ETHERNET, put_plain, true, 0, 0 },
	{ PACKET_ETHERNET, put_tags, true, 200, 0 },
	{ PACKET_ETHERNET, put_snap, true, 0, 0 },
	{ PACKET_ETHERNET, put_pppoe, true, 0, 0 },
	{ PACKET_ETHERNET, put_mpls, true, 0, 0x111110 },
	{ PACKET_ETHERNET, put_pseudowire, true, 0, 0x111110 },
	{ PACKET_IPV4, put_nothing, false, 0, 0 },
	{ PACKET_PPP, put_ppp, false, 0, 0 },
	{ PACKET_PPP, put_hdlc_ppp, false, 0, 0 },
	{ PACKET_MPLS, put_labels, false, 0, 0x111111 },
	{ PACKET_80211, put_80211, true, 0, 0 },
};

START_TEST(ip_is_found_behind_every_link_layer)
{
	links[_i].below();
	ipv4(6);
	tcp();
	parse(links[_i].start, false);
	check_tcp4();
	ck_assert_int_eq(flow_has(&flow, FE_MAC), links[_i].mac);
	if (links[_i].mac) {
		ck_assert_uint_eq(flow.in_src_mac, 0x0a0b0c0d0e0f);
		ck_assert_uint_eq(flow.out_dst_mac, 0x020304050607);
	}
	ck_assert_uint_eq(packet.vlan, links[_i].vlan);
	ck_assert_int_eq(flow_has(&flow, FE_MPLS), links[_i].mpls != 0);
	ck_assert_uint_eq(flow.mpls[0], links[_i].mpls);
}
END_TEST

START_TEST(both_tags_of_qinq_are_kept)
{
	put_tags();
	ipv4(6);
	tcp();
	parse(PACKET_ETHERNET, false);
	ck_assert_uint_eq(flow.l2_vlan, 100);
	ck_assert_uint_eq(flow.l2_cust_vlan, 200);
	ck_assert_uint_eq(flow.ether_type, 0x0800);
}
END_TEST

START_TEST(extension_headers_of_ipv6_are_passed)
{
	ethernet(0x86dd);
	ipv6(0);
	puts_be(1, UINT64_C(43), 1, UINT64_C(1), 8, UINT64_C(0), 6, UINT64_C(0),
	    0);
	puts_be(1, UINT64_C(60), 1, UINT64_C(0), 6, UINT64_C(0), 0);
	puts_be(1, UINT64_C(51), 1, UINT64_C(0), 6, UINT64_C(0), 0);
	puts_be(1, UINT64_C(44), 1, UINT64_C(1), 6, UINT64_C(0), 4, UINT64_C(0),
	    0);
	puts_be(1, UINT64_C(6), 1, UINT64_C(0), 2, UINT64_C(1), 4, UINT64_C(9),
	    0);
	tcp();
	parse(PACKET_ETHERNET, false);
	ck_assert(flow_has(&flow, FE_IPV6));
	ck_assert_uint_eq(flow.src.lo, 1);
	ck_assert_uint_eq(flow.dst.lo, 2);
	ck_assert_uint_eq(flow.proto, 6);
	ck_assert_uint_eq(flow.dst_port, 443);
	ck_assert_uint_eq(flow.src_tos, 0xb8);
	ck_assert_uint_eq(flow.frag_flags, 0x20);
	ck_assert_uint_eq(packet.l3_len, 500);
}
END_TEST

START_TEST(later_fragments_have_no_ports)
{
	ethernet(0x0800);
	ipv4_from(0x0a000001, 17, 0x2001);
	udp(53);
	parse(PACKET_ETHERNET, false);
	ck_assert_uint_eq(flow.proto, 17);
	ck_assert_uint_eq(flow.dst_port, 0);
	ck_assert_uint_eq(flow.frag_flags, 0x20);
	ethernet(0x86dd);
	ipv6(44);
	puts_be(1, UINT64_C(17), 1, UINT64_C(0), 2, UINT64_C(8), 4, UINT64_C(9),
	    0);
	udp(53);
	parse(PACKET_ETHERNET, false);
	ck_assert_uint_eq(flow.proto, 17);
	ck_assert_uint_eq(flow.dst_port, 0);
}
END_TEST

START_TEST(icmp_has_type_and_code)
{
	ethernet(0x0800);
	ipv4(1);
	put(4, 0x03010000);
	parse(PACKET_ETHERNET, false);
	ck_assert_uint_eq(flow.dst_port, 0x0301);
	ck_assert_uint_eq(flow.src_port, 0);
	ethernet(0x86dd);
	ipv6(58);
	put(4, 0x87000000);
	parse(PACKET_ETHERNET, false);
	ck_assert_uint_eq(flow.dst_port, 0x8700);
}
END_TEST

/* ---- tunnels: inside is ipv4() with tcp() --------------------------------- */

#define OUTER 0xc0000201

static void
gre(void)
{
	ethernet(0x0800);
	ipv4_from(OUTER, 47, 0);
	puts_be(2, UINT64_C(0xb000), 2, UINT64_C(0x0800), 8, UINT64_C(0), 4,
	    UINT64_C(0), 0);
}

static void
gre_ethernet(void)
{
	ethernet(0x0800);
	ipv4_from(OUTER, 47, 0);
	puts_be(2, UINT64_C(0), 2, UINT64_C(0x6558), 0);
	ethernet(0x0800);
}

static void
pptp(void)
{
	ethernet(0x0800);
	ipv4_from(OUTER, 47, 0);
	puts_be(2, UINT64_C(0x3081), 2, UINT64_C(0x880b), 8, UINT64_C(0), 4,
	    UINT64_C(0), 2, UINT64_C(0x21), 0);
}

static void
ipip(void)
{
	ethernet(0x0800);
	ipv4_from(OUTER, 4, 0);
}

static void
vxlan(void)
{
	ethernet(0x0800);
	ipv4_from(OUTER, 17, 0);
	udp(4789);
	puts_be(4, UINT64_C(0x08000000), 4, UINT64_C(0x00007700), 0);
	ethernet(0x0800);
}

static const struct {
	void (*outer)(void);
	uint8_t proto;
} tunnels[] = { { gre, 47 }, { gre_ethernet, 47 }, { pptp, 47 }, { ipip, 4 },
	{ vxlan, 17 } };

START_TEST(the_flow_is_the_outer_one_or_on_request_the_inner)
{
	tunnels[_i].outer();
	ipv4(6);
	tcp();
	struct buf again = out;
	out = BUF_EMPTY;
	for (size_t i = 0; i < again.len; i++)
		put(1, (uint8_t)again.data[i]);
	parse(PACKET_ETHERNET, false);
	ck_assert_uint_eq(flow.src.lo, OUTER);
	ck_assert_uint_eq(flow.proto, tunnels[_i].proto);
	ck_assert(!flow_has(&flow, FE_TUN4));
	buf_free(&out);
	out = again;
	parse(PACKET_ETHERNET, true);
	check_tcp4();
	ck_assert(flow_has(&flow, FE_TUN4));
	ck_assert_uint_eq(flow.tun_src.lo, OUTER);
	ck_assert_uint_eq(flow.tun_proto, tunnels[_i].proto);
	ck_assert_uint_eq(flow.in_src_mac, 0x0a0b0c0d0e0f);
	ck_assert_uint_eq(flow.vxlan, tunnels[_i].outer == vxlan ? 0x77 : 0);
}
END_TEST

START_TEST(the_outer_flow_may_be_ipv6)
{
	ethernet(0x86dd);
	ipv6(4);
	ipv4(6);
	tcp();
	parse(PACKET_ETHERNET, true);
	check_tcp4();
	ck_assert(!flow_has(&flow, FE_IPV6));
	ck_assert(flow_has(&flow, FE_TUN6));
	ck_assert_uint_eq(flow.tun_src.lo, 1);
}
END_TEST

START_TEST(frames_in_frames_end_somewhere)
{
	for (int i = 0; i < 1000; i++) {
		ethernet(0x8847);
		puts_be(4, UINT64_C(0x11111140), 4, UINT64_C(0), 0);
	}
	flow = (struct flow){ 0 };
	packet = (struct packet){ .f = &flow, .tunnels = true };
	ck_assert(packet_decode(&packet, PACKET_ETHERNET,
	    wire_init(out.data, out.len)));
	ck_assert_uint_lt(packet.depth, 20);
	buf_clear(&out);
}
END_TEST

START_TEST(an_unknown_start_is_none)
{
	flow = (struct flow){ 0 };
	packet = (struct packet){ .f = &flow };
	ck_assert(!packet_decode(&packet, (enum packet_start)2,
	    wire_init("abcd", 4)));
	ck_assert_uint_eq(flow.have, 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("packet");
	TCase *t = tcase_create("layers");
	tcase_add_loop_test(t, ip_is_found_behind_every_link_layer, 0,
	    sizeof(links) / sizeof(links[0]));
	tcase_add_test(t, both_tags_of_qinq_are_kept);
	tcase_add_test(t, extension_headers_of_ipv6_are_passed);
	tcase_add_test(t, later_fragments_have_no_ports);
	tcase_add_test(t, icmp_has_type_and_code);
	tcase_add_loop_test(t,
	    the_flow_is_the_outer_one_or_on_request_the_inner, 0,
	    sizeof(tunnels) / sizeof(tunnels[0]));
	tcase_add_test(t, the_outer_flow_may_be_ipv6);
	tcase_add_test(t, frames_in_frames_end_somewhere);
	tcase_add_test(t, an_unknown_start_is_none);
	suite_add_tcase(s, t);
	return run_suite(s);
}
