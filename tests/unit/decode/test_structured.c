/*
 * IPFIX beyond plain fields: structured data (RFC 6313), both directions in
 * one record (RFC 5103), sections of packets.
 */
#include "build.h"

#define VARIABLE 65535

/* Template 256: ports and protocol, for lists. */
static void
start(void)
{
	begin(10, 1);
	ipfix_header(0);
	put_template(2, 256, 7, 2, 11, 2, 4, 1, -1);
}

static void
ports(uint64_t src, uint64_t dst)
{
	puts_be(2, src, 2, dst, 1, UINT64_C(6), 0);
}

START_TEST(a_list_with_a_template_is_part_of_its_record)
{
	start();
	put_template(2, 300, 8, 4, 12, 4, 292, VARIABLE, 1, 4, -1);
	size_t at = set_open(300);
	for (uint64_t i = 0; i < 2; i++) {
		puts_be(4, 10 + i, 4, 20 + i, 0);
		puts_be(1, UINT64_C(8), 1, UINT64_C(3), 2, UINT64_C(256), 0);
		ports(1000 + i, 443);
		put(4, 77 + i);
	}
	/* The third record's list is empty. */
	puts_be(4, UINT64_C(12), 4, UINT64_C(22), 1, UINT64_C(0), 4,
	    UINT64_C(79), 0);
	set_close(at);
	ipfix_feed();
	ck_assert_uint_eq(n_got, 3);
	for (uint64_t i = 0; i < 3; i++) {
		ck_assert(flow_has(&got[i], FE_IPV4));
		ck_assert_uint_eq(got[i].src.lo, 10 + i);
		ck_assert_uint_eq(got[i].bytes, 77 + i);
		ck_assert_uint_eq(got[i].src_port, i < 2 ? 1000 + i : 0);
		ck_assert_uint_eq(got[i].proto, i < 2 ? 6 : 0);
	}
	ck_assert_uint_eq(ex.stats.malformed, 0);
}
END_TEST

START_TEST(a_multi_list_has_a_template_for_each_group)
{
	start();
	put_template(2, 257, 27, 16, 28, 16, 152, 8, 153, 8, -1);
	put_template(2, 300, 1, 4, 293, VARIABLE, -1);
	size_t at = set_open(300);
	put(4, 77);
	size_t list = out.len + 1;
	puts_be(1, UINT64_C(255), 2, UINT64_C(0), 1, UINT64_C(4), 0);
	puts_be(2, UINT64_C(256), 2, UINT64_C(9), 0);
	ports(1000, 443);
	puts_be(2, UINT64_C(999), 2, UINT64_C(6), 2, UINT64_C(0), 0);
	puts_be(2, UINT64_C(257), 2, UINT64_C(52), 8, UINT64_C(1), 8,
	    UINT64_C(2), 8, UINT64_C(3), 8, UINT64_C(4), 8, NOW_MS - 2000, 8,
	    NOW_MS - 1000, 0);
	poke16(list, out.len - list - 2);
	set_close(at);
	ipfix_feed();
	ck_assert_uint_eq(n_got, 1);
	ck_assert(flow_has(&got[0], FE_IPV6));
	ck_assert_uint_eq(got[0].src.hi, 1);
	ck_assert_uint_eq(got[0].dst.lo, 4);
	ck_assert_uint_eq(got[0].dst_port, 443);
	ck_assert_uint_eq(got[0].first, NOW_MS - 2000);
	ck_assert_uint_eq(got[0].last, NOW_MS - 1000);
	ck_assert_uint_eq(got[0].bytes, 77);
}
END_TEST

START_TEST(lists_in_lists_end_somewhere)
{
	begin(10, 1);
	ipfix_header(0);
	put_template(2, 256, 1, 4, 292, VARIABLE, -1);
	size_t at = set_open(256);
	/* 200 lists, each in the one before, by the same template. */
	for (uint64_t i = 200; i > 0; i--)
		puts_be(4, i, 1, UINT64_C(255), 2, i * 10, 1, UINT64_C(3), 2,
		    UINT64_C(256), 0);
	put_text("", 10);
	set_close(at);
	ipfix_feed();
	ck_assert_uint_ge(n_got, 1);
}
END_TEST

START_TEST(a_basic_list_is_passed_over)
{
	begin(10, 1);
	ipfix_header(0);
	put_template(2, 300, 291, VARIABLE, 1, 4, -1);
	size_t at = set_open(300);
	puts_be(1, UINT64_C(9), 1, UINT64_C(3), 2, UINT64_C(2), 2, UINT64_C(4),
	    4, UINT64_C(5), 4, UINT64_C(77), 0);
	set_close(at);
	ipfix_feed();
	ck_assert_uint_eq(n_got, 1);
	ck_assert_uint_eq(got[0].bytes, 77);
	ck_assert_uint_eq(got[0].packets, 0);
}
END_TEST

START_TEST(the_reverse_direction_overwrites_nothing)
{
	static const uint16_t kept[] = { 1, 2 };
	static const uint16_t forward[] = { 4, 5, 6, 7, 10, 16, 61, 136, 152 };
	begin(10, 1);
	ipfix_header(0);
	size_t at = set_open(2);
	puts_be(2, UINT64_C(300), 2, UINT64_C(20), 0);
	for (int i = 0; i < 9; i++)
		puts_be(2, (uint64_t)forward[i], 2, UINT64_C(8), 0);
	for (int i = 0; i < 9; i++)
		puts_be(2, UINT64_C(0x8000) | forward[i], 2, UINT64_C(8), 4,
		    UINT64_C(29305), 0);
	for (int i = 0; i < 2; i++)
		puts_be(2, UINT64_C(0x8000) | kept[i], 2, UINT64_C(4), 4,
		    UINT64_C(29305), 0);
	set_close(at);
	at = set_open(300);
	for (uint64_t i = 0; i < 9; i++)
		put(8, i == 8 ? NOW_MS - 1000 : 100 + i);
	for (uint64_t i = 0; i < 9; i++)
		put(8, 200 + i);
	puts_be(4, UINT64_C(5000), 4, UINT64_C(50), 0);
	set_close(at);
	ipfix_feed();
	ck_assert_uint_eq(n_got, 1);
	ck_assert_uint_eq(got[0].proto, 100);
	ck_assert_uint_eq(got[0].src_tos, 101);
	ck_assert_uint_eq(got[0].tcp_flags, 102);
	ck_assert_uint_eq(got[0].src_port, 103);
	ck_assert_uint_eq(got[0].in_if, 104);
	ck_assert_uint_eq(got[0].src_as, 105);
	ck_assert_uint_eq(got[0].end_reason, 107);
	ck_assert_uint_eq(got[0].first, NOW_MS - 1000);
	ck_assert_uint_eq(got[0].out_bytes, 5000);
	ck_assert_uint_eq(got[0].out_packets, 50);
	ck_assert_uint_eq(got[0].bytes, 0);
	ck_assert_uint_eq(got[0].flows, 1);
}
END_TEST

/* ---- packet sections ------------------------------------------------------ */

static void
put_ip(uint64_t total)
{
	puts_be(2, UINT64_C(0x4500), 2, total, 4, UINT64_C(0), 1, UINT64_C(64),
	    1, UINT64_C(17), 2, UINT64_C(0), 4, UINT64_C(0x0a000001), 4,
	    UINT64_C(0x0a000002), 2, UINT64_C(53), 2, UINT64_C(5353), 4,
	    UINT64_C(0), 0);
}

static void
put_frame(uint64_t total)
{
	puts_be(6, UINT64_C(0x020304050607), 6, UINT64_C(0x0a0b0c0d0e0f), 2,
	    UINT64_C(0x0800), 0);
	put_ip(total);
}

static void
check_inner(const struct flow *f, uint64_t bytes)
{
	ck_assert(flow_has(f, FE_IPV4));
	ck_assert_uint_eq(f->src.lo, 0x0a000001);
	ck_assert_uint_eq(f->dst_port, 5353);
	ck_assert_uint_eq(f->proto, 17);
	ck_assert_uint_eq(f->packets, 1);
	ck_assert_uint_eq(f->bytes, bytes);
}

static const int sections[] = { 315, 104 };

START_TEST(a_frame_section_becomes_the_flow_in_it)
{
	begin(10, 1);
	ipfix_header(0);
	put_template(2, 300, 10, 4, sections[_i], VARIABLE, -1);
	size_t at = set_open(300);
	for (uint64_t i = 0; i < 3; i++) {
		puts_be(4, 7 + i, 1, UINT64_C(42), 0);
		put_frame(100 + i);
	}
	/* Of the fourth only Ethernet is there. */
	puts_be(4, UINT64_C(10), 1, UINT64_C(14), 0);
	put_text("", 14);
	set_close(at);
	ipfix_feed();
	ck_assert_uint_eq(n_got, 4);
	for (uint64_t i = 0; i < 3; i++) {
		check_inner(&got[i], 100 + i);
		ck_assert_uint_eq(got[i].in_if, 7 + i);
		ck_assert_uint_eq(got[i].in_src_mac, 0x0a0b0c0d0e0f);
		ck_assert_uint_eq(got[i].out_dst_mac, 0x020304050607);
	}
	ck_assert(!flow_has(&got[3], FE_IPV4));
	ck_assert_uint_eq(got[3].bytes, 0);
	ck_assert_uint_eq(got[3].dst_port, 0);
}
END_TEST

START_TEST(what_the_record_says_itself_stays)
{
	begin(10, 1);
	ipfix_header(0);
	put_template(2, 300, 8, 4, 12, 4, 1, 4, 2, 4, 315, 42, -1);
	size_t at = set_open(300);
	puts_be(4, UINT64_C(1), 4, UINT64_C(2), 4, UINT64_C(999), 4,
	    UINT64_C(9), 0);
	put_frame(100);
	set_close(at);
	ipfix_feed();
	ck_assert_uint_eq(got[0].src.lo, 1);
	ck_assert_uint_eq(got[0].bytes, 999);
	ck_assert_uint_eq(got[0].packets, 9);
	ck_assert_uint_eq(got[0].dst_port, 0);
}
END_TEST

START_TEST(an_ip_header_section_and_a_rate_make_a_flow)
{
	begin(10, 1);
	ipfix_header(0);
	put_template(2, 300, 313, 28, 305, 4, 306, 4, -1);
	size_t at = set_open(300);
	put_ip(100);
	puts_be(4, UINT64_C(1), 4, UINT64_C(99), 0);
	set_close(at);
	ipfix_feed();
	ck_assert_uint_eq(n_got, 1);
	ck_assert_uint_eq(got[0].packets, 100);
	ck_assert_uint_eq(got[0].bytes, 10000);
	ck_assert_uint_eq(got[0].flags, FLOW_SAMPLED);
}
END_TEST

static const struct {
	uint64_t property;
	uint8_t status;
} exceptions[] = { { 0x0800, 64 }, { 0x08c3, 128 }, { 0x0cc3, 0 } };

START_TEST(junipers_exception_is_a_forwarding_status)
{
	begin(10, 1);
	ipfix_header(0);
	size_t at = set_open(2);
	puts_be(2, UINT64_C(300), 2, UINT64_C(3), 2, UINT64_C(0x8089), 2,
	    UINT64_C(4), 4, UINT64_C(2636), 2, UINT64_C(0x8089), 2, UINT64_C(2),
	    4, UINT64_C(2636), 2, UINT64_C(1), 2, UINT64_C(4), 0);
	set_close(at);
	at = set_open(300);
	puts_be(4, UINT64_C(0x08c30000), 2, exceptions[_i].property, 4,
	    UINT64_C(1), 0);
	set_close(at);
	ipfix_feed();
	ck_assert_uint_eq(got[0].fwd_status, exceptions[_i].status);
}
END_TEST

/* ---- times nobody else has ------------------------------------------------ */

#define NTP(ms)                                                                \
	((((ms) / 1000 + UINT64_C(2208988800)) << 32) |                        \
	    (((ms) % 1000 << 32) / 1000 + 1))

static const struct {
	int element, len;
	uint64_t value;
} observed[] = {
	{ 258, 8, NOW_MS - 500 },
	{ 322, 4, NOW_S - 1 },
	{ 323, 8, NOW_MS - 500 },
	{ 324, 8, NTP(NOW_MS - 500) },
	{ 325, 8, NTP(NOW_MS - 500) },
};

START_TEST(when_it_was_observed_is_a_time_too)
{
	begin(10, 1);
	ipfix_header(0);
	put_template(2, 300, 1, 4, observed[_i].element, observed[_i].len, -1);
	size_t at = set_open(300);
	put(4, 77);
	put((unsigned)observed[_i].len, observed[_i].value);
	set_close(at);
	ipfix_feed();
	uint64_t want = NOW_MS - (observed[_i].len == 4 ? 1000 : 500);
	ck_assert_uint_eq(got[0].first, want);
	ck_assert_uint_eq(got[0].last, want);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("structured");
	TCase *t = tcase_create("decode");
	tcase_add_test(t, a_list_with_a_template_is_part_of_its_record);
	tcase_add_test(t, a_multi_list_has_a_template_for_each_group);
	tcase_add_test(t, lists_in_lists_end_somewhere);
	tcase_add_test(t, a_basic_list_is_passed_over);
	tcase_add_test(t, the_reverse_direction_overwrites_nothing);
	tcase_add_loop_test(t, a_frame_section_becomes_the_flow_in_it, 0, 2);
	tcase_add_test(t, what_the_record_says_itself_stays);
	tcase_add_test(t, an_ip_header_section_and_a_rate_make_a_flow);
	tcase_add_loop_test(t, junipers_exception_is_a_forwarding_status, 0, 3);
	tcase_add_loop_test(t, when_it_was_observed_is_a_time_too, 0, 5);
	suite_add_tcase(s, t);
	return run_suite(s);
}
