#include "build.h"

#include "decode/field.h"
#include "decode/template.h"

START_TEST(the_element_table_is_in_order)
{
	for (size_t i = 1; i < field_table_len; i++) {
		const struct field *a = &field_table[i - 1];
		const struct field *b = &field_table[i];
		ck_assert(a->pen < b->pen ||
			  (a->pen == b->pen && a->id < b->id) ||
			  (a->pen == b->pen && a->id == b->id &&
			      (a->flags & b->flags & FIELD_BOTH) == 0));
	}
	ck_assert_uint_eq(field_find(FIELD_V9, 0, 148)->elem, FE_NSEL);
	ck_assert_uint_eq(field_find(FIELD_IPFIX, 0, 148)->elem, FE_FLOWID);
	ck_assert_ptr_null(field_find(FIELD_IPFIX, 0, 40005));
	ck_assert_ptr_null(field_find(FIELD_V9, 9, 8337));
}
END_TEST

START_TEST(fields_of_variable_length_are_walked)
{
	begin(10, 7);
	ipfix_header(0);
	/* application name (variable, unknown), packets, app id (variable) */
	put_template(2, 256, 96, 65535, 2, 4, 95, 65535, 1, 4, -1);
	size_t at = set_open(256);
	puts_be(1, UINT64_C(3), 1, UINT64_C(0x61), 2, UINT64_C(0), 4,
	    UINT64_C(11), 1, UINT64_C(4), 4, UINT64_C(0x0d000035), 4,
	    UINT64_C(1100), 0);
	puts_be(1, UINT64_C(255), 2, UINT64_C(300), 0);
	for (int i = 0; i < 300; i++)
		put(1, 'x');
	puts_be(4, UINT64_C(12), 1, UINT64_C(0), 4, UINT64_C(1200), 0);
	set_close(at);
	ipfix_feed();
	ck_assert_uint_eq(n_got, 2);
	ck_assert_uint_eq(got[0].packets, 11);
	ck_assert_uint_eq(got[0].bytes, 1100);
	ck_assert_uint_eq(got[0].nbar.len, 4);
	ck_assert_uint_eq(got[1].packets, 12);
	ck_assert_uint_eq(got[1].nbar.len, 0);
	ck_assert_uint_eq(ex.stats.malformed, 0);
}
END_TEST

START_TEST(enterprise_fields_are_skipped_or_known)
{
	begin(10, 7);
	ipfix_header(0);
	size_t at = set_open(2);
	puts_be(2, UINT64_C(256), 2, UINT64_C(5), /* 5 fields */
	    2, UINT64_C(0x8001), 2, UINT64_C(8), 4, UINT64_C(29305), 2,
	    UINT64_C(0x8004), 2, UINT64_C(1), 4, UINT64_C(29305), 2,
	    UINT64_C(0x8001), 2, UINT64_C(4), 4, UINT64_C(424242), 2,
	    UINT64_C(1), 2, UINT64_C(8), 2, UINT64_C(4), 2, UINT64_C(1), 0);
	set_close(at);
	at = set_open(256);
	puts_be(8, UINT64_C(500), 1, UINT64_C(99), 4, UINT64_C(1), 8,
	    UINT64_C(700), 1, UINT64_C(6), 0);
	set_close(at);
	ipfix_feed();
	ck_assert_uint_eq(n_got, 1);
	ck_assert_uint_eq(got[0].out_bytes, 500);
	ck_assert_uint_eq(got[0].bytes, 700);
	ck_assert_uint_eq(got[0].proto, 6);
	ck_assert_uint_eq(got[0].flows, 1);
}
END_TEST

START_TEST(a_withdrawn_template_is_forgotten)
{
	static const uint16_t withdraw[] = { 256, 2 };
	for (size_t i = 0; i < 2; i++) {
		begin(10, 7);
		ipfix_header(0);
		put_template(2, 256, 1, 4, -1);
		put_template(2, 257, 1, 4, -1);
		put_template(2, withdraw[i], -1);
		size_t at = set_open(256);
		put(4, 1);
		set_close(at);
		at = set_open(257);
		put(4, 1);
		set_close(at);
		ipfix_feed();
		ck_assert_uint_eq(n_got, 1 - i);
		ck_assert_uint_eq(ex.stats.no_template, 1 + i);
		ck_assert_uint_eq(template_set_count(ex.templates), 1 - i);
	}
}
END_TEST

static void
boot_options(uint64_t boot_ms)
{
	size_t at = set_open(3);
	/* 2 fields, 1 of them scope: exporting process id, 160 */
	puts_be(2, UINT64_C(400), 2, UINT64_C(2), 2, UINT64_C(1), 2,
	    UINT64_C(144), 2, UINT64_C(4), 2, UINT64_C(160), 2, UINT64_C(8), 0);
	set_close(at);
	at = set_open(400);
	puts_be(4, UINT64_C(1), 8, boot_ms, 0);
	set_close(at);
}

START_TEST(uptimes_are_read_with_the_boot_time_from_options)
{
	begin(10, 7);
	ipfix_header(0);
	put_template(2, 256, 22, 4, 21, 4, -1);
	size_t at = set_open(256);
	puts_be(4, UINT64_C(1000), 4, UINT64_C(2000), 0);
	set_close(at);
	boot_options(NOW_MS - 60000);
	at = set_open(256);
	puts_be(4, UINT64_C(1000), 4, UINT64_C(2000), 0);
	set_close(at);
	ipfix_feed();
	ck_assert_uint_eq(n_got, 2);
	/* Not known yet: the export time. */
	ck_assert_uint_eq(got[0].first, NOW_MS);
	ck_assert_uint_eq(got[1].first, NOW_MS - 59000);
	ck_assert_uint_eq(got[1].last, NOW_MS - 58000);
	/* Options count in the sequence as well. */
	ipfix_header(3);
	ipfix_feed();
	ck_assert_uint_eq(ex.stats.sequence_gaps, 0);
	ipfix_header(13);
	ipfix_feed();
	ck_assert_uint_eq(ex.stats.sequence_lost, 10);
}
END_TEST

START_TEST(a_record_may_name_its_own_boot_time)
{
	begin(10, 7);
	ipfix_header(0);
	put_template(2, 256, 160, 8, 22, 4, 21, 4, -1);
	size_t at = set_open(256);
	puts_be(8, NOW_MS - 5000, 4, UINT64_C(1000), 4, UINT64_C(4000), 0);
	set_close(at);
	ipfix_feed();
	ck_assert_uint_eq(got[0].first, NOW_MS - 4000);
	ck_assert_uint_eq(got[0].last, NOW_MS - 1000);
}
END_TEST

START_TEST(the_finest_time_wins_and_a_duration_helps_out)
{
	begin(10, 7);
	ipfix_header(0);
	put_template(2, 256, 150, 4, 152, 8, 161, 4, -1);
	size_t at = set_open(256);
	puts_be(4, (uint64_t)(NOW_S - 10), 8, NOW_MS - 9500, 4, UINT64_C(500),
	    0);
	puts_be(4, (uint64_t)(NOW_S - 10), 8, UINT64_C(0), 4, UINT64_C(500), 0);
	puts_be(4, UINT64_C(0), 8, NOW_MS + UINT64_C(86400001) * 367, 4,
	    UINT64_C(0), 0);
	set_close(at);
	ipfix_feed();
	ck_assert_uint_eq(got[0].first, NOW_MS - 9500);
	ck_assert_uint_eq(got[0].last, NOW_MS - 9000);
	ck_assert_uint_eq(got[1].first, NOW_MS - 10000);
	ck_assert_uint_eq(got[1].last, NOW_MS - 9500);
	ck_assert_uint_eq(got[2].first, NOW_MS);
}
END_TEST

START_TEST(ports_of_either_protocol_find_their_place)
{
	begin(10, 7);
	ipfix_header(0);
	put_template(2, 256, 180, 2, 182, 2, 181, 2, 183, 2, -1);
	size_t at = set_open(256);
	puts_be(2, UINT64_C(0), 2, UINT64_C(1024), 2, UINT64_C(0), 2,
	    UINT64_C(80), 2, UINT64_C(53), 2, UINT64_C(0), 2, UINT64_C(54), 2,
	    UINT64_C(0), 2, UINT64_C(0), 2, UINT64_C(0), 2, UINT64_C(0), 2,
	    UINT64_C(0), 0);
	set_close(at);
	ipfix_feed();
	ck_assert_uint_eq(got[0].src_port, 1024);
	ck_assert_uint_eq(got[0].dst_port, 80);
	ck_assert_uint_eq(got[1].src_port, 53);
	ck_assert_uint_eq(got[1].dst_port, 54);
	ck_assert_uint_eq(got[2].src_port, 0);
}
END_TEST

START_TEST(ipv6_addresses_and_next_hops_are_kept)
{
	begin(10, 7);
	ex.ip = addr_v6(UINT64_C(0x20010db8) << 32, 9);
	ipfix_header(0);
	put_template(2, 256, 27, 16, 28, 16, 62, 16, 63, 16, 281, 16, 4, 1, 139,
	    2, -1);
	size_t at = set_open(256);
	for (uint64_t i = 1; i <= 5; i++)
		puts_be(8, i << 32, 8, i, 0);
	puts_be(1, UINT64_C(58), 2, UINT64_C(0x8000), 0);
	set_close(at);
	ipfix_feed();
	const struct flow *f = &got[0];
	ck_assert_uint_eq(f->have,
	    FLOW_BIT(FE_GENERIC) | FLOW_BIT(FE_IPV6) | FLOW_BIT(FE_NEXT6) |
		FLOW_BIT(FE_BGPNEXT6) | FLOW_BIT(FE_NAT6) |
		FLOW_BIT(FE_EXPORTER6));
	ck_assert_uint_eq(f->src.lo, 1);
	ck_assert_uint_eq(f->dst.hi, UINT64_C(2) << 32);
	ck_assert_uint_eq(f->next_hop.lo, 3);
	ck_assert_uint_eq(f->bgp_next.lo, 4);
	ck_assert_uint_eq(f->xlate_src.lo, 5);
	ck_assert_uint_eq(f->dst_port, 0x8000);
	ck_assert_uint_eq(f->exporter_ip.lo, 9);
}
END_TEST

START_TEST(the_length_of_the_message_is_believed_only_when_it_can_be)
{
	static const struct {
		int delta;
		size_t flows, malformed;
	} cases[] = { { 0, 1, 0 }, { 1, 0, 1 }, { -1, 0, 1 }, { -8, 0, 0 },
		{ -100, 0, 1 } };
	for (size_t i = 0; i < 5; i++) {
		begin(10, 7);
		ipfix_header(0);
		put_template(2, 256, 1, 4, -1);
		size_t at = set_open(256);
		put(4, 1);
		set_close(at);
		poke16(2, out.len + (size_t)cases[i].delta);
		feed();
		ck_assert_uint_eq(n_got, cases[i].flows);
		ck_assert_uint_eq(ex.stats.malformed, cases[i].malformed);
	}
}
END_TEST

START_TEST(a_variable_field_past_the_set_ends_it)
{
	begin(10, 7);
	ipfix_header(0);
	put_template(2, 256, 2, 4, 95, 65535, -1);
	size_t at = set_open(256);
	puts_be(4, UINT64_C(1), 1, UINT64_C(1), 1, UINT64_C(9), 0);
	puts_be(4, UINT64_C(2), 1, UINT64_C(255), 2, UINT64_C(65535), 4,
	    UINT64_C(0), 0);
	set_close(at);
	ipfix_feed();
	ck_assert_uint_eq(n_got, 1);
	ck_assert_uint_eq(ex.stats.malformed, 1);
	/* What followed could not be counted, so nothing is called lost. */
	ipfix_header(1000);
	ipfix_feed();
	ck_assert_uint_eq(ex.stats.sequence_gaps, 0);
}
END_TEST

START_TEST(options_with_impossible_counts_are_malformed)
{
	static const uint16_t bad[][2] = { { 1, 2 }, { 65535, 1 },
		{ 65535, 65535 } };
	for (size_t i = 0; i < 3; i++) {
		begin(10, 7);
		ipfix_header(0);
		size_t at = set_open(3);
		puts_be(2, UINT64_C(400), 2, (uint64_t)bad[i][0], 2,
		    (uint64_t)bad[i][1], 2, UINT64_C(160), 2, UINT64_C(8), 0);
		set_close(at);
		ipfix_feed();
		ck_assert_uint_eq(ex.stats.malformed, 1);
		ck_assert_uint_eq(ex.stats.templates, 0);
	}
}
END_TEST

START_TEST(an_options_template_may_be_replaced_by_itself_and_by_data)
{
	begin(10, 7);
	ipfix_header(0);
	boot_options(NOW_MS - 60000);
	boot_options(NOW_MS - 50000);
	put_template(2, 400, 1, 4, -1);
	size_t at = set_open(400);
	put(4, 77);
	set_close(at);
	ipfix_feed();
	ck_assert_uint_eq(n_got, 1);
	ck_assert_uint_eq(got[0].bytes, 77);
	ck_assert_uint_eq(ex.boot_ms, NOW_MS - 50000);
}
END_TEST

static struct template *
one_field(uint16_t id)
{
	struct template_field f = { .id = 1, .len = 4 };
	struct template_info info = { .proto = FIELD_IPFIX, .id = id };
	struct template *t = template_compile(&info, &f, 1);
	return t;
}

START_TEST(a_template_set_finds_what_was_put_after_any_removal)
{
	struct template_set *set = NULL;
	bool changed;
	struct budget b = { 1000000 }, one = { 1000 };
	ck_assert(template_set_put(&set, one_field(256), &one, &changed));
	size_t with_set = 1000 - one.left;
	template_set_remove(set, 256);
	size_t own = 1000 - one.left; /* what the set itself costs */
	template_set_free(set);
	ck_assert_uint_eq(one.left, 1000);
	set = NULL;
	for (uint32_t i = 0; i < 1000; i++)
		ck_assert(template_set_put(&set,
		    one_field((uint16_t)(256 + i * 37)), &b, &changed));
	size_t each = with_set - own;
	ck_assert_uint_eq(b.left, 1000000 - own - 1000 * each);
	for (uint32_t i = 0; i < 1000; i += 3)
		template_set_remove(set, (uint16_t)(256 + i * 37));
	for (uint32_t i = 0; i < 1000; i++)
		ck_assert((template_set_get(set, (uint16_t)(256 + i * 37)) !=
			      NULL) == (i % 3 != 0));
	ck_assert_uint_eq(template_set_count(set), 666);
	ck_assert_uint_eq(b.left, 1000000 - own - 666 * each);
	b.left = 0;
	ck_assert(!template_set_put(&set, one_field(255), &b, &changed));
	template_set_clear(set, true);
	ck_assert_uint_eq(b.left, 0);
	template_set_free(set);
	ck_assert_uint_eq(b.left, own + 666 * each);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("IPFIX");
	TCase *t = tcase_create("decode");
	tcase_add_test(t, the_element_table_is_in_order);
	tcase_add_test(t, fields_of_variable_length_are_walked);
	tcase_add_test(t, enterprise_fields_are_skipped_or_known);
	tcase_add_test(t, a_withdrawn_template_is_forgotten);
	tcase_add_test(t, uptimes_are_read_with_the_boot_time_from_options);
	tcase_add_test(t, a_record_may_name_its_own_boot_time);
	tcase_add_test(t, the_finest_time_wins_and_a_duration_helps_out);
	tcase_add_test(t, ports_of_either_protocol_find_their_place);
	tcase_add_test(t, ipv6_addresses_and_next_hops_are_kept);
	tcase_add_test(t,
	    the_length_of_the_message_is_believed_only_when_it_can_be);
	tcase_add_test(t, a_variable_field_past_the_set_ends_it);
	tcase_add_test(t, options_with_impossible_counts_are_malformed);
	tcase_add_test(t,
	    an_options_template_may_be_replaced_by_itself_and_by_data);
	tcase_add_test(t, a_template_set_finds_what_was_put_after_any_removal);
	suite_add_tcase(s, t);
	return run_suite(s);
}
