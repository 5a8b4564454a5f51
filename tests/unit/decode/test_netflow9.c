#include "build.h"

#define ID 0x102

/* Addresses, ports, protocol, counters, times: 33 bytes a record. */
static void
usual_template(uint16_t id)
{
	put_template(0, id, 8, 4, 12, 4, 7, 2, 11, 2, 4, 1, 2, 4, 1, 8, 22, 4,
	    21, 4, -1);
}

static void
usual_record(uint8_t proto, uint16_t src_port, uint64_t bytes)
{
	puts_be(4, UINT64_C(0x0a000001), 4, UINT64_C(0x0a000002), 2,
	    (uint64_t)src_port, 2, UINT64_C(80), 1, (uint64_t)proto, 4,
	    UINT64_C(3), 8, bytes, 4, UINT64_C(90000), 4, UINT64_C(95000), 0);
}

START_TEST(data_is_read_by_its_template)
{
	begin(9, ID);
	v9_header(100000, 1);
	usual_template(256);
	size_t at = set_open(256);
	usual_record(6, 1024, UINT64_C(1) << 40);
	usual_record(17, 53, 7);
	put(2, 0); /* padding */
	set_close(at);
	feed();
	ck_assert_uint_eq(n_got, 2);
	const struct flow *f = &got[0];
	ck_assert_uint_eq(f->have,
	    FLOW_BIT(FE_GENERIC) | FLOW_BIT(FE_IPV4) | FLOW_BIT(FE_EXPORTER4));
	ck_assert_uint_eq(f->src.lo, 0x0a000001);
	ck_assert_uint_eq(f->bytes, UINT64_C(1) << 40);
	ck_assert_uint_eq(f->packets, 3);
	ck_assert_uint_eq(f->first, NOW_MS - 10000);
	ck_assert_uint_eq(f->last, NOW_MS - 5000);
	ck_assert_uint_eq(f->nfversion, 9);
	ck_assert_uint_eq(f->engine_type, 1);
	ck_assert_uint_eq(f->engine_id, 2);
	ck_assert_uint_eq(f->in_if, 0);
	ck_assert_uint_eq(got[1].proto, 17);
	ck_assert_uint_eq(got[1].bytes, 7);
	ck_assert_uint_eq(ex.stats.templates, 1);
	ck_assert_uint_eq(ex.stats.malformed, 0);
}
END_TEST

/* type, announced length, value; where it is expected, as bytes of flow */
#define AT(m) offsetof(struct flow, m), sizeof(got[0].m)
static const struct {
	int type, len;
	uint64_t value;
	size_t off, width;
	int elem;
	uint64_t expect;
} fields[] = {
	{ 1, 3, 0x123456, AT(bytes), FE_GENERIC, 0x123456 },
	{ 6, 2, 0x0112, AT(tcp_flags), FE_GENERIC, 0x12 },
	{ 10, 2, 513, AT(in_if), FE_MISC, 513 },
	{ 10, 4, 70000, AT(in_if), FE_MISC, 70000 },
	{ 10, 8, 70000, AT(in_if), FE_MISC, 70000 },
	{ 14, 1, 9, AT(out_if), FE_MISC, 9 },
	{ 16, 2, 65001, AT(src_as), FE_AS, 65001 },
	{ 17, 4, 4200000000, AT(dst_as), FE_AS, 4200000000 },
	{ 15, 4, 0x01020304, AT(next_hop.lo), FE_NEXT4, 0x01020304 },
	{ 18, 4, 0x01020304, AT(bgp_next.lo), FE_BGPNEXT4, 0x01020304 },
	{ 9, 1, 24, AT(src_mask), FE_MISC, 24 },
	{ 30, 1, 64, AT(dst_mask), FE_MISC, 64 },
	{ 23, 4, 99, AT(out_bytes), FE_CNT, 99 },
	{ 24, 8, 98, AT(out_packets), FE_CNT, 98 },
	{ 3, 4, 5, AT(flows), FE_CNT, 5 },
	{ 55, 1, 46, AT(dst_tos), FE_MISC, 46 },
	{ 56, 6, 0x0a0b0c0d0e0f, AT(in_src_mac), FE_MAC, 0x0a0b0c0d0e0f },
	{ 80, 6, 0x0a0b0c0d0e0f, AT(in_dst_mac), FE_MAC, 0x0a0b0c0d0e0f },
	{ 58, 2, 101, AT(src_vlan), FE_VLAN, 101 },
	{ 59, 2, 102, AT(dst_vlan), FE_VLAN, 102 },
	{ 243, 2, 103, AT(src_vlan), FE_VLAN, 103 },
	{ 61, 1, 1, AT(dir), FE_MISC, 1 },
	{ 70, 3, 0x123451, AT(mpls[0]), FE_MPLS, 0x123451 },
	{ 79, 3, 0x123451, AT(mpls[9]), FE_MPLS, 0x123451 },
	{ 89, 1, 64, AT(fwd_status), FE_GENERIC, 64 },
	{ 128, 4, 64500, AT(next_as), FE_ASADJ, 64500 },
	{ 85, 8, 1234, AT(bytes), FE_GENERIC, 1234 },
	{ 136, 1, 3, AT(end_reason), FE_MISC, 3 },
	{ 138, 8, 77, AT(obs_point), FE_OBSERVATION, 77 },
	{ 138, 8, 77, AT(obs_domain), FE_OBSERVATION, ID },
	{ 148, 4, 66, AT(conn_id), FE_NSEL, 66 },
	{ 148, 4, 66, AT(flags), FE_NSEL, FLOW_EVENT },
	{ 152, 8, NOW_MS - 77, AT(first), FE_GENERIC, NOW_MS - 77 },
	{ 153, 8, NOW_MS - 76, AT(last), FE_GENERIC, NOW_MS - 76 },
	{ 150, 4, NOW_S - 5, AT(first), FE_GENERIC, NOW_MS - 5000 },
	{ 151, 4, NOW_S - 4, AT(last), FE_GENERIC, NOW_MS - 4000 },
	{ 154, 8, (NOW_S - 1 + UINT64_C(2208988800)) << 32 | 0x80000000,
	    AT(first), FE_GENERIC, NOW_MS - 500 },
	{ 156, 8, (NOW_S - 1 + UINT64_C(2208988800)) << 32 | 0x40000000,
	    AT(first), FE_GENERIC, NOW_MS - 750 },
	{ 157, 8, NOW_MS * 1000000, AT(last), FE_GENERIC, NOW_MS },
	{ 158, 4, 2500000, AT(first), FE_GENERIC, NOW_MS - 2500 },
	{ 225, 4, 0x05060708, AT(xlate_src.lo), FE_NAT4, 0x05060708 },
	{ 227, 2, 4000, AT(xlate_src_port), FE_NATPORT, 4000 },
	{ 230, 1, 4, AT(nat_event), FE_NATEVENT, 4 },
	{ 230, 1, 4, AT(nat_event_time), FE_NATEVENT, NOW_MS },
	{ 233, 1, 2, AT(fw_event), FE_NSEL, 2 },
	{ 234, 4, 11, AT(ingress_vrf), FE_VRF, 11 },
	{ 235, 4, 12, AT(egress_vrf), FE_VRF, 12 },
	{ 232, 8, 55, AT(out_bytes), FE_CNT, 55 },
	{ 361, 2, 1024, AT(block_start), FE_PORTBLOCK, 1024 },
	{ 40005, 1, 2, AT(fw_event), FE_NSEL, 2 },
	{ 57554, 4, 2, AT(client_usec), FE_LATENCY, 2000000 },
	{ 38, 1, 9, AT(engine_type), FE_GENERIC, 9 },
};

START_TEST(fields_go_to_their_place_in_any_length)
{
	begin(9, ID);
	v9_header(100000, 1);
	put_template(0, 300, 4, 1, fields[_i].type, fields[_i].len, -1);
	size_t at = set_open(300);
	put(1, 6);
	put((unsigned)fields[_i].len, fields[_i].value);
	set_close(at);
	feed();
	ck_assert_uint_eq(n_got, 1);
	uint64_t v = 0;
	memcpy(&v, (const uint8_t *)&got[0] + fields[_i].off, fields[_i].width);
	ck_assert_uint_eq(v, fields[_i].expect);
	ck_assert(flow_has(&got[0], (enum flow_elem)fields[_i].elem));
}
END_TEST

START_TEST(one_field_s_absence_leaves_nothing_of_the_record_before)
{
	begin(9, ID);
	v9_header(100000, 1);
	put_template(0, 300, 4, 1, 32, 2, -1);
	size_t at = set_open(300);
	puts_be(1, UINT64_C(1), 2, UINT64_C(0x0800), 1, UINT64_C(6), 2,
	    UINT64_C(0), 0);
	set_close(at);
	feed();
	ck_assert_uint_eq(got[0].dst_port, 0x0800);
	ck_assert_uint_eq(got[1].dst_port, 0);
}
END_TEST

START_TEST(of_both_families_the_one_that_is_set_is_taken)
{
	begin(9, ID);
	v9_header(100000, 1);
	put_template(0, 300, 27, 16, 28, 16, 8, 4, 12, 4, -1);
	size_t at = set_open(300);
	for (int v6 = 0; v6 < 3; v6++)
		puts_be(8, v6 == 1 ? UINT64_C(1) << 61 : 0, 8,
		    v6 == 1 ? UINT64_C(5) : 0, 8, UINT64_C(0), 8,
		    v6 == 1 ? UINT64_C(6) : 0, 4, (uint64_t)(v6 != 1), 4,
		    UINT64_C(0), 0);
	set_close(at);
	feed();
	ck_assert_uint_eq(n_got, 3);
	for (size_t i = 0; i < 3; i++) {
		ck_assert(flow_has(&got[i], FE_IPV4) == (i != 1));
		ck_assert(flow_has(&got[i], FE_IPV6) == (i == 1));
		ck_assert_uint_eq(got[i].src.lo, i == 1 ? 5 : 1);
		ck_assert_uint_eq(got[i].dst.lo, i == 1 ? 6 : 0);
		ck_assert_uint_eq(got[i].src.hi,
		    i == 1 ? UINT64_C(1) << 61 : 0);
	}
}
END_TEST

START_TEST(deltas_win_over_totals_in_either_order)
{
	static const int order[2][2] = { { 1, 85 }, { 85, 1 } };
	for (size_t i = 0; i < 2; i++) {
		begin(9, ID);
		v9_header(100000, 1);
		put_template(0, 300, order[i][0], 4, order[i][1], 4, -1);
		size_t at = set_open(300);
		put(4, (uint64_t)order[i][0]);
		put(4, (uint64_t)order[i][1]);
		set_close(at);
		feed();
		ck_assert_uint_eq(got[0].bytes, 1);
	}
}
END_TEST

START_TEST(a_record_is_one_flow_unless_it_says_more)
{
	begin(9, ID);
	v9_header(100000, 1);
	put_template(0, 300, 23, 4, 3, 4, -1);
	size_t at = set_open(300);
	puts_be(4, UINT64_C(0), 4, UINT64_C(0), 4, UINT64_C(9), 4, UINT64_C(5),
	    0);
	set_close(at);
	feed();
	ck_assert_uint_eq(got[0].flows, 1);
	ck_assert_uint_eq(got[1].flows, 5);
}
END_TEST

START_TEST(data_before_its_template_is_counted)
{
	begin(9, ID);
	v9_header(100000, 1);
	size_t at = set_open(256);
	usual_record(6, 1, 1);
	set_close(at);
	usual_template(256);
	feed();
	ck_assert_uint_eq(n_got, 0);
	ck_assert_uint_eq(ex.stats.no_template, 1);
}
END_TEST

START_TEST(options_are_never_taken_for_flows)
{
	begin(9, ID);
	v9_header(100000, 1);
	size_t at = set_open(1);
	/* scope: system (1), options: 34 and 4, as a flow would have it */
	puts_be(2, UINT64_C(400), 2, UINT64_C(4), 2, UINT64_C(8), 2,
	    UINT64_C(1), 2, UINT64_C(4), 2, UINT64_C(34), 2, UINT64_C(4), 2,
	    UINT64_C(4), 2, UINT64_C(1), 2, UINT64_C(0), 0);
	set_close(at);
	at = set_open(400);
	puts_be(4, UINT64_C(1), 4, UINT64_C(100), 1, UINT64_C(6), 0);
	set_close(at);
	feed();
	ck_assert_uint_eq(n_got, 0);
	ck_assert_uint_eq(ex.stats.templates, 1);
	ck_assert_uint_eq(ex.stats.no_template, 0);
	ck_assert_uint_eq(ex.stats.malformed, 0);
}
END_TEST

START_TEST(a_template_may_change_its_meaning)
{
	begin(9, ID);
	v9_header(100000, 1);
	put_template(0, 256, 1, 4, -1);
	put_template(0, 256, 1, 4, -1);
	put_template(0, 256, 2, 4, -1);
	size_t at = set_open(256);
	put(4, 42);
	set_close(at);
	feed();
	ck_assert_uint_eq(got[0].packets, 42);
	ck_assert_uint_eq(got[0].bytes, 0);
	ck_assert_uint_eq(ex.stats.templates, 2);
}
END_TEST

START_TEST(lost_datagrams_are_counted)
{
	begin(9, ID);
	static const uint32_t sequence[] = { UINT32_MAX - 1, UINT32_MAX, 0, 1,
		5 };
	for (size_t i = 0; i < 5; i++) {
		v9_header(100000, sequence[i]);
		feed();
	}
	ck_assert_uint_eq(ex.stats.sequence_gaps, 1);
	ck_assert_uint_eq(ex.stats.sequence_lost, 3);
}
END_TEST

START_TEST(a_nat_event_keeps_its_time_and_the_flow_its_own)
{
	begin(9, ID);
	v9_header(100000, 1);
	put_template(0, 300, 323, 8, 230, 1, 152, 8, -1);
	size_t at = set_open(300);
	puts_be(8, NOW_MS - 10, 1, UINT64_C(1), 8, NOW_MS - 2000, 0);
	puts_be(8, NOW_MS - 9, 1, UINT64_C(2), 8, UINT64_C(0), 0);
	set_close(at);
	feed();
	ck_assert_uint_eq(got[0].nat_event_time, NOW_MS - 10);
	ck_assert_uint_eq(got[0].first, NOW_MS - 2000);
	ck_assert_uint_eq(got[0].last, NOW_MS - 10);
	ck_assert_uint_eq(got[1].first, NOW_MS - 9);
}
END_TEST

/* ---- hostile -------------------------------------------------------------- */

START_TEST(a_set_of_length_zero_ends_the_datagram)
{
	for (size_t len = 0; len < 4; len++) {
		begin(9, ID);
		v9_header(100000, 1);
		size_t at = set_open(256);
		put(8, 0);
		poke16(at, len);
		usual_template(256);
		feed();
		ck_assert_uint_eq(ex.stats.malformed, 1);
		ck_assert_uint_eq(ex.stats.templates, 0);
	}
}
END_TEST

START_TEST(a_set_longer_than_the_datagram_is_not_read)
{
	begin(9, ID);
	v9_header(100000, 1);
	usual_template(256);
	size_t at = set_open(256);
	usual_record(6, 1, 1);
	set_close(at);
	poke16(at, 4 + 33 + 1);
	feed();
	ck_assert_uint_eq(n_got, 0);
	ck_assert_uint_eq(ex.stats.malformed, 1);
}
END_TEST

START_TEST(a_template_with_65535_fields_is_refused)
{
	begin(9, ID);
	v9_header(100000, 1);
	size_t at = set_open(0);
	puts_be(2, UINT64_C(256), 2, UINT64_C(65535), 0);
	for (int i = 0; i < 2000; i++)
		puts_be(2, UINT64_C(1), 2, UINT64_C(4), 0);
	set_close(at);
	feed();
	ck_assert_uint_eq(ex.stats.templates, 0);
	ck_assert_uint_eq(ex.stats.malformed, 1);
}
END_TEST

START_TEST(a_template_with_too_many_fields_is_passed_by)
{
	begin(9, ID);
	v9_header(100000, 1);
	size_t at = set_open(0);
	puts_be(2, UINT64_C(256), 2, (uint64_t)(DECODE_FIELDS_MAX + 1), 0);
	for (int i = 0; i < DECODE_FIELDS_MAX + 1; i++)
		puts_be(2, UINT64_C(1), 2, UINT64_C(4), 0);
	puts_be(2, UINT64_C(257), 2, UINT64_C(1), 2, UINT64_C(1), 2,
	    UINT64_C(4), 0);
	set_close(at);
	at = set_open(257);
	put(4, 99);
	set_close(at);
	feed();
	ck_assert_uint_eq(ex.stats.templates_bad, 1);
	ck_assert_uint_eq(ex.stats.templates, 1);
	ck_assert_uint_eq(n_got, 1);
}
END_TEST

START_TEST(records_without_length_are_refused)
{
	begin(9, ID);
	v9_header(100000, 1);
	usual_template(256);
	put_template(0, 256, 1, 0, 2, 0, -1);
	put_template(0, 257, -1);
	put_template(0, 258, 1, 65535, 2, 4, -1); /* wraps 16 bits */
	size_t at = set_open(256);
	put(8, 0);
	set_close(at);
	feed();
	ck_assert_uint_eq(n_got, 0);
	ck_assert_uint_eq(ex.stats.templates_bad, 3);
	ck_assert_uint_eq(ex.stats.no_template, 1);
}
END_TEST

START_TEST(option_lengths_that_do_not_fit_are_malformed)
{
	static const uint16_t bad[][2] = { { 3, 4 }, { 4, 65532 },
		{ 65535, 65535 }, { 65532, 4 }, { 0, 0 } };
	for (size_t i = 0; i < 5; i++) {
		begin(9, ID);
		v9_header(100000, 1);
		size_t at = set_open(1);
		puts_be(2, UINT64_C(400), 2, (uint64_t)bad[i][0], 2,
		    (uint64_t)bad[i][1], 8, UINT64_C(0), 0);
		set_close(at);
		feed();
		ck_assert_uint_eq(ex.stats.templates, 0);
		ck_assert_uint_ge(ex.stats.malformed + ex.stats.templates_bad,
		    1);
	}
}
END_TEST

START_TEST(the_number_of_templates_is_bounded)
{
	begin(9, ID);
	for (uint32_t id = 256; id < 65536; id++) {
		v9_header(100000, id);
		put_template(0, (uint16_t)id, 1, 4, 2, 4, -1);
		feed();
	}
	ck_assert_uint_eq(ex.stats.templates, DECODE_TEMPLATES_MAX);
	ck_assert_uint_eq(ex.stats.templates_bad,
	    65536 - 256 - DECODE_TEMPLATES_MAX);
}
END_TEST

START_TEST(how_many_templates_there_may_be_can_be_told)
{
	static const struct decode_opts opts = { .templates = 3 };
	begin(9, ID);
	ex.opts = &opts;
	for (uint32_t i = 0; i < 8; i++) {
		v9_header(100000, i);
		put_template(0, (uint16_t)(256 + i % 4), 1, 4, 2, 4, -1);
		feed();
	}
	/* Known ones may be told again. */
	ck_assert_uint_eq(ex.stats.templates, 3);
	ck_assert_uint_eq(ex.stats.templates_bad, 2);
	/* Also with other fields. */
	v9_header(100000, 9);
	put_template(0, 256, 1, 4, 1, 4, -1);
	feed();
	ck_assert_uint_eq(ex.stats.redefined, 1);
	ck_assert_uint_eq(ex.stats.templates_bad, 2);
}
END_TEST

START_TEST(every_cut_of_a_datagram_is_survived)
{
	begin(9, ID);
	struct buf whole = BUF_EMPTY;
	v9_header(100000, 1);
	usual_template(256);
	size_t at = set_open(256);
	usual_record(6, 1024, 9);
	set_close(at);
	buf_add(&whole, out.data, out.len);
	for (size_t n = 0; n <= whole.len; n++) {
		begin(9, ID);
		buf_add(&out, whole.data, n);
		feed();
		ck_assert_uint_eq(n_got, n == whole.len);
	}
	buf_free(&whole);
}
END_TEST

START_TEST(unknown_sets_and_fields_are_skipped)
{
	begin(9, ID);
	v9_header(100000, 1);
	size_t at = set_open(5);
	put(8, 0);
	set_close(at);
	put_template(0, 256, 9999, 100, 2, 4, -1);
	put_template(0, 257, 9999, 4, -1);
	at = set_open(256);
	for (int i = 0; i < 100; i++)
		put(1, 0xff);
	put(4, 12);
	set_close(at);
	at = set_open(257);
	put(4, 12);
	set_close(at);
	feed();
	ck_assert_uint_eq(n_got, 1);
	ck_assert_uint_eq(got[0].packets, 12);
	ck_assert_uint_eq(ex.stats.malformed, 1);
	ck_assert_uint_eq(ex.stats.no_field, 1);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("NetFlow v9");
	TCase *t = tcase_create("decode");
	tcase_add_test(t, data_is_read_by_its_template);
	tcase_add_loop_test(t, fields_go_to_their_place_in_any_length, 0,
	    sizeof(fields) / sizeof(*fields));
	tcase_add_test(t,
	    one_field_s_absence_leaves_nothing_of_the_record_before);
	tcase_add_test(t, of_both_families_the_one_that_is_set_is_taken);
	tcase_add_test(t, deltas_win_over_totals_in_either_order);
	tcase_add_test(t, a_record_is_one_flow_unless_it_says_more);
	tcase_add_test(t, data_before_its_template_is_counted);
	tcase_add_test(t, options_are_never_taken_for_flows);
	tcase_add_test(t, a_template_may_change_its_meaning);
	tcase_add_test(t, lost_datagrams_are_counted);
	tcase_add_test(t, a_nat_event_keeps_its_time_and_the_flow_its_own);
	suite_add_tcase(s, t);
	t = tcase_create("hostile");
	tcase_add_test(t, a_set_of_length_zero_ends_the_datagram);
	tcase_add_test(t, a_set_longer_than_the_datagram_is_not_read);
	tcase_add_test(t, a_template_with_65535_fields_is_refused);
	tcase_add_test(t, a_template_with_too_many_fields_is_passed_by);
	tcase_add_test(t, records_without_length_are_refused);
	tcase_add_test(t, option_lengths_that_do_not_fit_are_malformed);
	tcase_add_test(t, the_number_of_templates_is_bounded);
	tcase_add_test(t, how_many_templates_there_may_be_can_be_told);
	tcase_add_test(t, every_cut_of_a_datagram_is_survived);
	tcase_add_test(t, unknown_sets_and_fields_are_skipped);
	suite_add_tcase(s, t);
	return run_suite(s);
}
