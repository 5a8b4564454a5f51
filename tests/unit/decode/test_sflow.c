/* sFlow v2, v4 and v5: samples, packet data, extended data, counters. */
#include "decode/interface.h"
#include "decode/sampling.h"

#include "build.h"

static uint32_t sequence;

static void
header(uint32_t version, uint32_t samples)
{
	puts_be(4, (uint64_t)version, 4, UINT64_C(1), 4, UINT64_C(0xc0000209),
	    0);
	if (version == 5)
		put(4, 7);
	puts_be(4, (uint64_t)sequence++, 4, UINT64_C(1000), 4,
	    (uint64_t)samples, 0);
}

static void
start(uint32_t version, uint32_t samples)
{
	begin(DECODE_SFLOW, 7);
	sequence = 1;
	header(version, samples);
}

/* A flow sample of v5 up to its elements; returns where its length is. */
static size_t
sample(uint32_t input, uint32_t output, uint32_t elements)
{
	put(4, 1);
	size_t at = open32();
	puts_be(4, UINT64_C(11), 4, UINT64_C(5), 4, UINT64_C(512), 4,
	    UINT64_C(100000), 4, UINT64_C(2), 4, (uint64_t)input, 4,
	    (uint64_t)output, 4, (uint64_t)elements, 0);
	return at;
}

/* Ethernet, a VLAN tag, IPv4, TCP: 58 bytes. */
static void
put_frame(uint16_t vlan)
{
	puts_be(6, UINT64_C(0x020304050607), 6, UINT64_C(0x0a0b0c0d0e0f), 2,
	    UINT64_C(0x8100), 2, 0xe000 + (uint64_t)vlan, 2, UINT64_C(0x0800),
	    2, UINT64_C(0x45b8), 2, UINT64_C(982), 4, UINT64_C(0x00014000), 1,
	    UINT64_C(63), 1, UINT64_C(6), 2, UINT64_C(0), 4,
	    UINT64_C(0x0a000001), 4, UINT64_C(0x0a000002), 2, UINT64_C(1234), 2,
	    UINT64_C(443), 8, UINT64_C(1), 1, UINT64_C(0x50), 1, UINT64_C(0x12),
	    6, UINT64_C(0), 0);
}

static void
raw_header(uint32_t version, uint16_t vlan)
{
	puts_be(4, UINT64_C(1), 4, UINT64_C(1000), 0);
	if (version == 5)
		put(4, 4);
	size_t at = open32();
	put_frame(vlan);
	close32(at, false);
}

static void
raw_element(uint16_t vlan)
{
	put(4, 1);
	size_t at = open32();
	raw_header(5, vlan);
	close32(at, true);
}

static void
check_flow(const struct flow *f)
{
	ck_assert_uint_eq(f->src.lo, 0x0a000001);
	ck_assert_uint_eq(f->dst.lo, 0x0a000002);
	ck_assert_uint_eq(f->src_port, 1234);
	ck_assert_uint_eq(f->dst_port, 443);
	ck_assert_uint_eq(f->proto, 6);
	ck_assert_uint_eq(f->tcp_flags, 0x12);
	ck_assert_uint_eq(f->src_tos, 0xb8);
	ck_assert_uint_eq(f->in_src_mac, 0x0a0b0c0d0e0f);
	ck_assert_uint_eq(f->out_dst_mac, 0x020304050607);
	ck_assert_uint_eq(f->packets, 512);
	ck_assert_uint_eq(f->bytes, 512 * 1000);
	ck_assert_uint_eq(f->first, NOW_MS + 250);
	ck_assert_uint_eq(f->last, NOW_MS + 250);
	ck_assert_uint_eq(f->flags, FLOW_SAMPLED);
	ck_assert_uint_eq(f->min_ttl, 63);
	ck_assert_uint_eq(f->frag_flags, 0x40);
}

START_TEST(a_flow_sample_becomes_a_flow)
{
	start(5, 1);
	size_t at = sample(3, 4, 1);
	raw_element(9);
	close32(at, true);
	feed_prefixes();
	ck_assert_uint_eq(n_got, 1);
	check_flow(&got[0]);
	ck_assert_uint_eq(got[0].in_if, 3);
	ck_assert_uint_eq(got[0].out_if, 4);
	ck_assert_uint_eq(got[0].src_vlan, 9);
	ck_assert_uint_eq(got[0].nfversion, 0x85);
	ck_assert_uint_eq(ex.stats.malformed, 0);
	ck_assert_uint_eq(ex.stats.flows, 1);
}
END_TEST

START_TEST(what_kind_of_interface_it_is_is_no_part_of_its_number)
{
	start(5, 1);
	size_t at = sample(0x3fffffff, 0x80000005, 1);
	raw_element(9);
	close32(at, true);
	feed();
	ck_assert_uint_eq(got[0].in_if, 0x3fffffff);
	ck_assert_uint_eq(got[0].out_if, 5);
}
END_TEST

START_TEST(an_expanded_sample_has_whole_numbers)
{
	start(5, 1);
	put(4, 3);
	size_t at = open32();
	puts_be(4, UINT64_C(11), 4, UINT64_C(0), 4, UINT64_C(0x4000000), 4,
	    UINT64_C(512), 4, UINT64_C(100000), 4, UINT64_C(2), 4, UINT64_C(0),
	    4, UINT64_C(0x40000003), 4, UINT64_C(0), 4, UINT64_C(0x80000004), 4,
	    UINT64_C(1), 0);
	raw_element(9);
	close32(at, true);
	feed_prefixes();
	ck_assert_uint_eq(n_got, 1);
	check_flow(&got[0]);
	ck_assert_uint_eq(got[0].in_if, 0x40000003);
	ck_assert_uint_eq(got[0].out_if, 0x80000004);
}
END_TEST

/* Everything extended that v5 has, and what nobody knows in between. */
static void
put_extended(void)
{
	puts_be(4, UINT64_C(1001), 4, UINT64_C(16), 4, UINT64_C(10), 4,
	    UINT64_C(1), 4, UINT64_C(11), 4, UINT64_C(2), 0);
	puts_be(4, UINT64_C(0x7fff001), 4, UINT64_C(4), 4, UINT64_C(1), 0);
	puts_be(4, UINT64_C(1002), 4, UINT64_C(16), 4, UINT64_C(1), 4,
	    UINT64_C(0x0a0000fe), 4, UINT64_C(24), 4, UINT64_C(16), 0);
	puts_be(4, UINT64_C(1003), 4, UINT64_C(72), 4, UINT64_C(2), 8,
	    UINT64_C(0x20010db800000000), 8, UINT64_C(1), 4, UINT64_C(65000), 4,
	    UINT64_C(65001), 4, UINT64_C(65002), 4, UINT64_C(2), 4, UINT64_C(2),
	    4, UINT64_C(1), 4, UINT64_C(65003), 4, UINT64_C(1), 4, UINT64_C(1),
	    4, UINT64_C(65004), 4, UINT64_C(1), 4, UINT64_C(99), 4,
	    UINT64_C(100), 0);
	puts_be(4, UINT64_C(1004), 4, UINT64_C(20), 4, UINT64_C(3), 4,
	    UINT64_C(3), 4, UINT64_C(0x626f6200), 4, UINT64_C(3), 4,
	    UINT64_C(0), 0);
	puts_be(4, UINT64_C(1005), 4, UINT64_C(12), 4, UINT64_C(1), 4,
	    UINT64_C(0), 4, UINT64_C(0), 0);
	puts_be(4, UINT64_C(1006), 4, UINT64_C(24), 4, UINT64_C(1), 4,
	    UINT64_C(9), 4, UINT64_C(2), 4, UINT64_C(0x11111040), 4,
	    UINT64_C(0x22222140), 4, UINT64_C(0), 0);
	puts_be(4, UINT64_C(1007), 4, UINT64_C(16), 4, UINT64_C(1), 4,
	    UINT64_C(0xc0000201), 4, UINT64_C(1), 4, UINT64_C(0xc0000202), 0);
	puts_be(4, UINT64_C(1020), 4, UINT64_C(8), 4, UINT64_C(5000), 4,
	    UINT64_C(6000), 0);
	puts_be(4, UINT64_C(1030), 4, UINT64_C(4), 4, UINT64_C(77), 0);
}

START_TEST(extended_data_is_kept_and_unknown_elements_are_skipped)
{
	start(5, 1);
	size_t at = sample(3, 4, 11);
	raw_element(0);
	put_extended();
	close32(at, true);
	feed_prefixes();
	ck_assert_uint_eq(n_got, 1);
	const struct flow *f = got;
	check_flow(f);
	ck_assert_uint_eq(f->src_vlan, 10);
	ck_assert_uint_eq(f->dst_vlan, 11);
	ck_assert(flow_has(f, FE_NEXT4));
	ck_assert_uint_eq(f->next_hop.lo, 0x0a0000fe);
	ck_assert_uint_eq(f->src_mask, 24);
	ck_assert_uint_eq(f->dst_mask, 16);
	ck_assert(flow_has(f, FE_BGPNEXT6));
	ck_assert_uint_eq(f->bgp_next.hi, 0x20010db800000000);
	ck_assert_uint_eq(f->src_as, 65001);
	ck_assert_uint_eq(f->dst_as, 65004);
	ck_assert(flow_has(f, FE_USER));
	ck_assert_uint_eq(f->user.len, 3);
	ck_assert_uint_eq(f->mpls[0], 0x111110);
	ck_assert_uint_eq(f->mpls[1], 0x222221);
	ck_assert_uint_eq(f->xlate_src.lo, 0xc0000201);
	ck_assert_uint_eq(f->xlate_dst.lo, 0xc0000202);
	ck_assert_uint_eq(f->xlate_src_port, 5000);
	ck_assert_uint_eq(f->xlate_dst_port, 6000);
	ck_assert_uint_eq(f->vxlan, 77);
	ck_assert_uint_eq(ex.stats.malformed, 0);
}
END_TEST

START_TEST(packets_may_come_decoded_already)
{
	start(5, 2);
	size_t at = sample(3, 4, 2);
	puts_be(4, UINT64_C(2), 4, UINT64_C(24), 4, UINT64_C(900), 6,
	    UINT64_C(0x0a0b0c0d0e0f), 2, UINT64_C(0), 6,
	    UINT64_C(0x020304050607), 2, UINT64_C(0), 4, UINT64_C(0x800), 0);
	puts_be(4, UINT64_C(3), 4, UINT64_C(32), 4, UINT64_C(882), 4,
	    UINT64_C(6), 4, UINT64_C(0x0a000001), 4, UINT64_C(0x0a000002), 4,
	    UINT64_C(1234), 4, UINT64_C(443), 4, UINT64_C(0x12), 4,
	    UINT64_C(0xb8), 0);
	close32(at, true);
	at = sample(3, 4, 1);
	puts_be(4, UINT64_C(4), 4, UINT64_C(56), 4, UINT64_C(100), 4,
	    UINT64_C(58), 8, UINT64_C(1), 8, UINT64_C(2), 8, UINT64_C(3), 8,
	    UINT64_C(4), 4, UINT64_C(129), 4, UINT64_C(1), 8, UINT64_C(0), 0);
	close32(at, true);
	feed_prefixes();
	ck_assert_uint_eq(n_got, 2);
	ck_assert_uint_eq(got[0].src.lo, 0x0a000001);
	ck_assert_uint_eq(got[0].in_src_mac, 0x0a0b0c0d0e0f);
	ck_assert_uint_eq(got[0].src_port, 1234);
	ck_assert_uint_eq(got[0].tcp_flags, 0x12);
	ck_assert_uint_eq(got[0].bytes, 512 * 882);
	ck_assert(flow_has(&got[1], FE_IPV6));
	ck_assert_uint_eq(got[1].src.hi, 1);
	ck_assert_uint_eq(got[1].dst.lo, 4);
	ck_assert_uint_eq(got[1].dst_port, 129 << 8 | 1);
	ck_assert_uint_eq(got[1].src_port, 0);
}
END_TEST

START_TEST(an_unknown_vlan_is_none)
{
	start(5, 1);
	size_t at = sample(3, 4, 2);
	raw_element(0);
	puts_be(4, UINT64_C(1001), 4, UINT64_C(16), 8, UINT64_MAX, 8,
	    UINT64_MAX, 0);
	close32(at, true);
	feed();
	ck_assert_uint_eq(got[0].src_vlan, 0);
	ck_assert_uint_eq(got[0].dst_vlan, 0);
}
END_TEST

/* ---- counters ------------------------------------------------------------- */

static void
put_counters(uint64_t index)
{
	puts_be(4, index, 4, UINT64_C(6), 8, UINT64_C(10000000000), 4,
	    UINT64_C(1), 4, UINT64_C(3), 8, UINT64_C(1) << 40, 4, UINT64_C(1),
	    4, UINT64_C(2), 4, UINT64_C(3), 4, UINT64_C(4), 4, UINT64_C(5), 4,
	    UINT64_C(6), 8, UINT64_C(1) << 41, 4, UINT64_C(7), 4, UINT64_C(8),
	    4, UINT64_C(9), 4, UINT64_C(10), 4, UINT64_C(11), 4, UINT64_C(1),
	    0);
}

static void
check_interface(const struct interface *i, uint64_t index)
{
	ck_assert_uint_eq(i->key.id, index);
	ck_assert_uint_eq(i->type, 6);
	ck_assert_uint_eq(i->speed, 10000000000);
	ck_assert_uint_eq(i->direction, 1);
	ck_assert_uint_eq(i->status, 3);
	ck_assert_uint_eq(i->in_octets, UINT64_C(1) << 40);
	ck_assert_uint_eq(i->in_unicast, 1);
	ck_assert_uint_eq(i->in_multicast, 2);
	ck_assert_uint_eq(i->in_broadcast, 3);
	ck_assert_uint_eq(i->in_discards, 4);
	ck_assert_uint_eq(i->in_errors, 5);
	ck_assert_uint_eq(i->in_unknown, 6);
	ck_assert_uint_eq(i->out_octets, UINT64_C(1) << 41);
	ck_assert_uint_eq(i->out_unicast, 7);
	ck_assert_uint_eq(i->out_multicast, 8);
	ck_assert_uint_eq(i->out_broadcast, 9);
	ck_assert_uint_eq(i->out_discards, 10);
	ck_assert_uint_eq(i->out_errors, 11);
	ck_assert_uint_eq(i->promiscuous, 1);
	ck_assert_uint_eq(i->received_ms, NOW_MS + 250);
}

START_TEST(counter_samples_are_kept_by_interface)
{
	size_t n;
	start(5, 3);
	put(4, 2);
	size_t at = open32();
	puts_be(4, UINT64_C(1), 4, UINT64_C(9), 4, UINT64_C(2), 4, UINT64_C(2),
	    4, UINT64_C(4), 4, UINT64_C(0), 4, UINT64_C(1), 4, UINT64_C(88), 0);
	put_counters(9);
	close32(at, true);
	put(4, 4);
	at = open32();
	puts_be(4, UINT64_C(1), 4, UINT64_C(0), 4, UINT64_C(5), 4, UINT64_C(1),
	    4, UINT64_C(1), 4, UINT64_C(88), 0);
	put_counters(5);
	close32(at, true);
	puts_be(4, UINT64_C(5), 4, UINT64_C(4), 4, UINT64_C(0), 0);
	feed_prefixes();
	const struct interface *i = exporter_interfaces(&ex, &n);
	ck_assert_uint_eq(n, 2);
	check_interface(&i[0], 5);
	check_interface(&i[1], 9);
	ck_assert_uint_eq(n_got, 0);
	ck_assert_uint_eq(ex.stats.counter_samples, 2);
	ck_assert_uint_eq(ex.stats.unknown_samples, 1);
	ck_assert_uint_eq(ex.stats.malformed, 0);
}
END_TEST

START_TEST(interfaces_are_bounded)
{
	size_t n;
	struct budget b = { 1000 };
	begin(DECODE_SFLOW, 7);
	ex.budget = &b;
	for (uint64_t i = 0; i < 100; i++) {
		header(5, 1);
		puts_be(4, UINT64_C(2), 4, UINT64_C(108), 4, UINT64_C(1), 4,
		    UINT64_C(9), 4, UINT64_C(1), 4, UINT64_C(1), 4,
		    UINT64_C(88), 0);
		put_counters(i);
		feed();
	}
	(void)exporter_interfaces(&ex, &n);
	ck_assert_uint_gt(n, 0);
	ck_assert_uint_eq(ex.stats.refused, 100 - n);
	exporter_free(&ex);
	ck_assert_uint_eq(b.left, 1000);
	ex.budget = NULL;
}
END_TEST

/* ---- v2 and v4 ------------------------------------------------------------ */

static void
flow_v4(uint64_t packet_type)
{
	puts_be(4, UINT64_C(1), 4, UINT64_C(11), 4, UINT64_C(5), 4,
	    UINT64_C(512), 8, UINT64_C(0), 4, UINT64_C(3), 4, UINT64_C(4), 4,
	    packet_type, 0);
}

static void
counters_v4(uint64_t kind, size_t more)
{
	puts_be(4, UINT64_C(2), 4, UINT64_C(1), 4, UINT64_C(9), 4, UINT64_C(30),
	    4, kind, 0);
	if (kind != 7)
		put_counters(kind);
	put_text("", more);
}

static const struct {
	uint64_t kind;
	size_t more;
} kinds[] = { { 1, 0 }, { 2, 52 }, { 3, 72 }, { 4, 0 }, { 5, 80 }, { 6, 0 },
	{ 7, 28 } };

START_TEST(v4_has_the_same_without_lengths)
{
	size_t n;
	start(4, 9);
	flow_v4(1);
	raw_header(4, 9);
	puts_be(4, UINT64_C(5), 0);
	puts_be(4, UINT64_C(1), 4, UINT64_C(10), 4, UINT64_C(1), 4,
	    UINT64_C(11), 4, UINT64_C(2), 0);
	puts_be(4, UINT64_C(2), 4, UINT64_C(1), 4, UINT64_C(0x0a0000fe), 4,
	    UINT64_C(24), 4, UINT64_C(16), 0);
	puts_be(4, UINT64_C(3), 4, UINT64_C(65000), 4, UINT64_C(65001), 4,
	    UINT64_C(65002), 4, UINT64_C(1), 4, UINT64_C(2), 4, UINT64_C(2), 4,
	    UINT64_C(65003), 4, UINT64_C(65004), 4, UINT64_C(0), 4,
	    UINT64_C(100), 0);
	puts_be(4, UINT64_C(4), 4, UINT64_C(0), 4, UINT64_C(3), 4,
	    UINT64_C(0x626f6200), 0);
	puts_be(4, UINT64_C(5), 4, UINT64_C(1), 4, UINT64_C(3), 4,
	    UINT64_C(0x75726c00), 0);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		counters_v4(kinds[i].kind, kinds[i].more);
	flow_v4(2);
	puts_be(4, UINT64_C(100), 4, UINT64_C(17), 4, UINT64_C(1), 4,
	    UINT64_C(2), 4, UINT64_C(53), 4, UINT64_C(54), 8, UINT64_C(0), 4,
	    UINT64_C(0), 0);
	feed_prefixes();
	ck_assert_uint_eq(n_got, 2);
	check_flow(&got[0]);
	ck_assert_uint_eq(got[0].nfversion, 0x84);
	ck_assert_uint_eq(got[0].src_as, 65001);
	ck_assert_uint_eq(got[0].dst_as, 65004);
	ck_assert_uint_eq(got[0].dst_mask, 16);
	ck_assert_uint_eq(got[0].user.len, 3);
	ck_assert_uint_eq(got[1].dst_port, 54);
	ck_assert_uint_eq(got[1].bytes, 512 * 100);
	(void)exporter_interfaces(&ex, &n);
	ck_assert_uint_eq(n, 6);
	ck_assert_uint_eq(ex.stats.malformed, 0);
}
END_TEST

START_TEST(v2_has_the_path_in_one_piece)
{
	start(2, 1);
	flow_v4(3);
	puts_be(4, UINT64_C(100), 4, UINT64_C(6), 8, UINT64_C(1), 8,
	    UINT64_C(2), 8, UINT64_C(3), 8, UINT64_C(4), 4, UINT64_C(5), 4,
	    UINT64_C(6), 8, UINT64_C(0), 0);
	puts_be(4, UINT64_C(1), 4, UINT64_C(3), 4, UINT64_C(65000), 4,
	    UINT64_C(65001), 4, UINT64_C(65002), 4, UINT64_C(2), 4,
	    UINT64_C(65003), 4, UINT64_C(65004), 0);
	feed_prefixes();
	ck_assert_uint_eq(n_got, 1);
	ck_assert_uint_eq(got[0].nfversion, 0x82);
	ck_assert(flow_has(&got[0], FE_IPV6));
	ck_assert_uint_eq(got[0].src_as, 65001);
	ck_assert_uint_eq(got[0].dst_as, 65004);
	ck_assert_uint_eq(ex.stats.malformed, 0);
}
END_TEST

START_TEST(what_v4_does_not_know_ends_the_datagram)
{
	start(4, 2);
	flow_v4(1);
	raw_header(4, 9);
	puts_be(4, UINT64_C(1), 4, UINT64_C(99), 0);
	flow_v4(1);
	feed();
	ck_assert_uint_eq(n_got, 1);
	check_flow(&got[0]);
	ck_assert_uint_eq(ex.stats.malformed, 1);
}
END_TEST

/* ---- datagrams ------------------------------------------------------------ */

START_TEST(the_head_tells_agent_and_sub_agent)
{
	struct decode_head h;
	start(5, 0);
	ck_assert(decode_peek((uint8_t *)out.data, out.len, &h));
	ck_assert_uint_eq(h.version, DECODE_SFLOW);
	ck_assert_uint_eq(h.id, 7);
	ck_assert_uint_eq(h.agent.lo, 0xc0000209);
	struct exporter e = { .version = DECODE_SFLOW, .id = 7 };
	ck_assert(!decode_head_is(&h, &e));
	e.agent = h.agent;
	ck_assert(decode_head_is(&h, &e));
	ck_assert(!decode_peek((uint8_t *)out.data, 12, &h));
	poke16(2, 3);
	ck_assert(!decode_peek((uint8_t *)out.data, out.len, &h));
	buf_clear(&out);
}
END_TEST

START_TEST(the_sequence_counts_datagrams)
{
	start(5, 0);
	feed();
	sequence += 3;
	header(5, 0);
	feed();
	header(5, 0);
	feed();
	ck_assert_uint_eq(ex.stats.sequence_gaps, 1);
	ck_assert_uint_eq(ex.stats.sequence_lost, 3);
	ck_assert_uint_eq(ex.stats.malformed, 0);
}
END_TEST

START_TEST(each_data_source_has_its_rate_and_it_can_be_overridden)
{
	static const struct decode_opts opts = { .sampling_override = 10 };
	char buf[SAMPLER_STRLEN];
	size_t n;
	for (int i = 0; i < 2; i++) {
		start(5, 1);
		ex.opts = i == 0 ? NULL : &opts;
		size_t at = sample(3, 4, 1);
		raw_element(9);
		close32(at, true);
		feed();
		ck_assert_uint_eq(got[0].packets, i == 0 ? 512 : 10);
		ck_assert_uint_eq(got[0].bytes, got[0].packets * 1000);
		const struct sampler *s = exporter_samplers(&ex, &n);
		ck_assert_uint_eq(n, 1);
		ck_assert_str_eq(sampler_str(s, buf),
		    i == 0 ? "record 5: 1 of 512, 1 flows"
			   : "override: 1 of 10, 1 flows");
	}
}
END_TEST

/* Every u32 of a good datagram, in turn, as large as can be. */
START_TEST(no_length_is_believed)
{
	start(5, 2);
	size_t at = sample(3, 4, 11);
	raw_element(0);
	put_extended();
	close32(at, true);
	put(4, 2);
	at = open32();
	puts_be(4, UINT64_C(1), 4, UINT64_C(9), 4, UINT64_C(1), 4, UINT64_C(1),
	    4, UINT64_C(88), 0);
	put_counters(9);
	close32(at, true);
	struct buf good = out;
	out = BUF_EMPTY;
	for (size_t i = 4; i + 4 <= good.len; i += 4)
		for (unsigned high = 0; high < 3; high++) {
			static const uint64_t bad[] = { UINT32_MAX, 0x80000000,
				0xfffffffc };
			for (size_t j = 0; j < good.len; j++)
				put(1, (uint8_t)good.data[j]);
			out.data[i] = (char)(bad[high] >> 24);
			out.data[i + 1] = (char)(bad[high] >> 16);
			out.data[i + 2] = (char)(bad[high] >> 8);
			out.data[i + 3] = (char)bad[high];
			feed();
			ck_assert_uint_le(n_got, 2);
		}
	buf_free(&good);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("sFlow");
	TCase *t = tcase_create("decode");
	tcase_add_test(t, a_flow_sample_becomes_a_flow);
	tcase_add_test(t,
	    what_kind_of_interface_it_is_is_no_part_of_its_number);
	tcase_add_test(t, an_expanded_sample_has_whole_numbers);
	tcase_add_test(t,
	    extended_data_is_kept_and_unknown_elements_are_skipped);
	tcase_add_test(t, packets_may_come_decoded_already);
	tcase_add_test(t, an_unknown_vlan_is_none);
	tcase_add_test(t, counter_samples_are_kept_by_interface);
	tcase_add_test(t, interfaces_are_bounded);
	tcase_add_test(t, v4_has_the_same_without_lengths);
	tcase_add_test(t, v2_has_the_path_in_one_piece);
	tcase_add_test(t, what_v4_does_not_know_ends_the_datagram);
	tcase_add_test(t, the_head_tells_agent_and_sub_agent);
	tcase_add_test(t, the_sequence_counts_datagrams);
	tcase_add_test(t,
	    each_data_source_has_its_rate_and_it_can_be_overridden);
	tcase_add_test(t, no_length_is_believed);
	suite_add_tcase(s, t);
	return run_suite(s);
}
