#include "build.h"

#define UPTIME 10000000

static void
header(uint16_t count, uint32_t sequence, uint16_t sampling)
{
	puts_be(2, UINT64_C(5), 2, (uint64_t)count, 4, (uint64_t)UPTIME, 4,
	    (uint64_t)NOW_S, 4, UINT64_C(123000000), 4, (uint64_t)sequence, 1,
	    UINT64_C(1), 1, UINT64_C(7), 2, (uint64_t)sampling, 0);
}

static void
record(uint8_t proto, uint16_t src_port, uint32_t first, uint32_t last)
{
	puts_be(4, UINT64_C(0x0a000001), 4, UINT64_C(0xc0a80101), 4,
	    UINT64_C(0xac100001), 2, UINT64_C(3), 2, UINT64_C(4), 4,
	    UINT64_C(10), 4, UINT64_C(1500), 4, (uint64_t)first, 4,
	    (uint64_t)last, 2, (uint64_t)src_port, 2, UINT64_C(443), 1,
	    UINT64_C(0), 1, UINT64_C(0x1b), 1, (uint64_t)proto, 1,
	    UINT64_C(0x20), 2, UINT64_C(65001), 2, UINT64_C(65002), 1,
	    UINT64_C(24), 1, UINT64_C(16), 2, UINT64_C(0), 0);
}

START_TEST(every_field_of_a_record_is_kept)
{
	begin(5, 0x0107);
	header(1, 0, 0);
	record(6, 1024, UPTIME - 5000, UPTIME - 1000);
	feed();
	ck_assert_uint_eq(n_got, 1);
	const struct flow *f = got;
	ck_assert_uint_eq(f->have,
	    FLOW_BIT(FE_GENERIC) | FLOW_BIT(FE_IPV4) | FLOW_BIT(FE_MISC) |
		FLOW_BIT(FE_AS) | FLOW_BIT(FE_NEXT4) | FLOW_BIT(FE_EXPORTER4));
	ck_assert_uint_eq(f->src.lo, 0x0a000001);
	ck_assert_uint_eq(f->dst.lo, 0xc0a80101);
	ck_assert_uint_eq(f->next_hop.lo, 0xac100001);
	ck_assert_uint_eq(f->in_if, 3);
	ck_assert_uint_eq(f->out_if, 4);
	ck_assert_uint_eq(f->packets, 10);
	ck_assert_uint_eq(f->bytes, 1500);
	ck_assert_uint_eq(f->first, NOW_MS + 123 - 5000);
	ck_assert_uint_eq(f->last, NOW_MS + 123 - 1000);
	ck_assert_uint_eq(f->received, NOW_MS + 250);
	ck_assert_uint_eq(f->src_port, 1024);
	ck_assert_uint_eq(f->dst_port, 443);
	ck_assert_uint_eq(f->tcp_flags, 0x1b);
	ck_assert_uint_eq(f->proto, 6);
	ck_assert_uint_eq(f->src_tos, 0x20);
	ck_assert_uint_eq(f->src_as, 65001);
	ck_assert_uint_eq(f->dst_as, 65002);
	ck_assert_uint_eq(f->src_mask, 24);
	ck_assert_uint_eq(f->dst_mask, 16);
	ck_assert_uint_eq(f->engine_type, 1);
	ck_assert_uint_eq(f->engine_id, 7);
	ck_assert_uint_eq(f->nfversion, 5);
	ck_assert_uint_eq(f->exporter, 3);
	ck_assert_uint_eq(f->exporter_ip.lo, 0xc0000201);
}
END_TEST

static const struct {
	uint32_t first, last; /* SysUptime of the header is UPTIME */
	int64_t first_ago, last_ago;
} times[] = {
	{ UPTIME - 4000, UPTIME, 4000, 0 },
	{ UPTIME - 1000, UPTIME + 500, 1000, -500 }, /* ahead of header */
	{ UINT32_MAX - 999, 1000, UPTIME + 1000, UPTIME - 1000 }, /* wrap */
	{ UINT32_MAX - 1999, UINT32_MAX - 999, UPTIME + 2000, UPTIME + 1000 },
	{ UPTIME - 10, UPTIME - 20, 10, 20 }, /* mixed up */
};

START_TEST(uptimes_become_times_also_when_they_wrap)
{
	begin(5, 0);
	header(1, 0, 0);
	record(17, 53, times[_i].first, times[_i].last);
	feed();
	int64_t now = (int64_t)NOW_MS + 123;
	ck_assert_int_eq((int64_t)got[0].first, now - times[_i].first_ago);
	ck_assert_int_eq((int64_t)got[0].last, now - times[_i].last_ago);
}
END_TEST

START_TEST(icmp_type_and_code_end_up_in_the_destination_port)
{
	begin(5, 0);
	header(2, 0, 0);
	record(1, 0x0803, 1, 2);
	record(1, 0, 1, 2);
	feed();
	ck_assert_uint_eq(got[0].dst_port, 0x0308);
	ck_assert_uint_eq(got[0].src_port, 0);
	ck_assert_uint_eq(got[1].dst_port, 443);
}
END_TEST

START_TEST(sampling_of_the_header_scales_and_marks)
{
	begin(5, 0);
	header(1, 0, 0x4002);
	record(6, 1, 1, 2);
	feed();
	ck_assert_uint_eq(got[0].packets, 20);
	ck_assert_uint_eq(got[0].bytes, 3000);
	ck_assert_uint_eq(got[0].flags, FLOW_SAMPLED);
}
END_TEST

START_TEST(a_cut_datagram_is_counted_and_gives_nothing)
{
	begin(5, 0);
	header(2, 0, 0);
	record(6, 1, 1, 2);
	record(6, 2, 1, 2);
	out.len -= 1;
	feed();
	ck_assert_uint_eq(n_got, 0);
	ck_assert_uint_eq(ex.stats.malformed, 1);
	for (size_t n = 2; n < 24; n++) {
		header(1, 1, 0);
		out.len = n;
		feed();
		ck_assert_uint_eq(n_got, 0);
	}
	ck_assert_uint_eq(ex.stats.malformed, 23);
}
END_TEST

START_TEST(several_pdus_in_one_datagram_are_all_read)
{
	begin(5, 0);
	header(1, 0, 0);
	record(6, 1, 1, 2);
	header(2, 1, 0);
	record(6, 2, 1, 2);
	record(6, 3, 1, 2);
	feed();
	ck_assert_uint_eq(n_got, 3);
	ck_assert_uint_eq(ex.stats.sequence_gaps, 0);
	ck_assert_uint_eq(ex.stats.malformed, 0);
}
END_TEST

START_TEST(missing_flows_are_counted_as_many_as_they_are)
{
	begin(5, 0);
	static const uint32_t sequence[] = { 100, 101, 131, 132 };
	for (size_t i = 0; i < 4; i++) {
		header(1, sequence[i], 0);
		record(6, 1, 1, 2);
		feed();
	}
	ck_assert_uint_eq(ex.stats.sequence_gaps, 1);
	ck_assert_uint_eq(ex.stats.sequence_lost, 29);
}
END_TEST

START_TEST(a_late_datagram_was_not_lost)
{
	begin(5, 0);
	static const uint32_t sequence[] = { 1, 2, 4, 3, 5 };
	for (size_t i = 0; i < 5; i++) {
		header(1, sequence[i], 0);
		record(6, 1, 1, 2);
		feed();
	}
	ck_assert_uint_eq(ex.stats.sequence_lost, 0);
}
END_TEST

START_TEST(a_restart_of_the_exporter_is_one_gap_and_no_loss)
{
	begin(5, 0);
	header(1, 4000000, 0);
	record(6, 1, 1, 2);
	feed();
	for (uint32_t i = 0; i < 20; i++) {
		header(1, i, 0);
		record(6, 1, 1, 2);
		feed();
	}
	ck_assert_uint_eq(ex.stats.sequence_gaps, 1);
	ck_assert_uint_eq(ex.stats.sequence_lost, 0);
	/* One that restarts close behind is noticed a little later. */
	for (uint32_t i = 0; i < 20; i++) {
		header(1, i, 0);
		record(6, 1, 1, 2);
		feed();
	}
	ck_assert_uint_eq(ex.stats.sequence_gaps, 2);
	ck_assert_uint_eq(ex.stats.sequence_lost, 0);
}
END_TEST

START_TEST(times_before_the_epoch_become_the_export_time)
{
	begin(5, 0);
	puts_be(2, UINT64_C(5), 2, UINT64_C(1), 4, UINT64_C(4000000), 4,
	    UINT64_C(500), 4, UINT64_C(0), 4, UINT64_C(0), 4, UINT64_C(0), 0);
	record(6, 1, 100, 200);
	feed();
	ck_assert_uint_eq(got[0].first, 500000);
	ck_assert_uint_eq(got[0].last, 500000);
}
END_TEST

START_TEST(a_datagram_names_its_exporter)
{
	struct decode_head h;
	begin(5, 0);
	header(0, 0, 0);
	const uint8_t *p = (const uint8_t *)out.data;
	ck_assert(decode_peek(p, 24, &h));
	ck_assert_uint_eq(h.version, 5);
	ck_assert_uint_eq(h.id, 0x0107);
	ck_assert(!decode_peek(p, 21, &h));
	ck_assert(!decode_peek(p, 1, &h));
	buf_clear(&out);
	v9_header(0, 0);
	ck_assert(decode_peek((const uint8_t *)out.data, 20, &h));
	ck_assert_uint_eq(h.id, 0x102);
	buf_clear(&out);
	ipfix_header(0);
	ck_assert(decode_peek((const uint8_t *)out.data, 16, &h));
	ck_assert_uint_eq(h.version, 10);
	ck_assert_uint_eq(h.id, 7);
	out.data[1] = 8;
	ck_assert(!decode_peek((const uint8_t *)out.data, 16, &h));
	ck_assert_uint_eq(h.version, 8);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("NetFlow v5");
	TCase *t = tcase_create("decode");
	tcase_add_test(t, every_field_of_a_record_is_kept);
	tcase_add_loop_test(t, uptimes_become_times_also_when_they_wrap, 0,
	    sizeof(times) / sizeof(*times));
	tcase_add_test(t, icmp_type_and_code_end_up_in_the_destination_port);
	tcase_add_test(t, sampling_of_the_header_scales_and_marks);
	tcase_add_test(t, a_cut_datagram_is_counted_and_gives_nothing);
	tcase_add_test(t, several_pdus_in_one_datagram_are_all_read);
	tcase_add_test(t, missing_flows_are_counted_as_many_as_they_are);
	tcase_add_test(t, a_late_datagram_was_not_lost);
	tcase_add_test(t, a_restart_of_the_exporter_is_one_gap_and_no_loss);
	tcase_add_test(t, times_before_the_epoch_become_the_export_time);
	tcase_add_test(t, a_datagram_names_its_exporter);
	suite_add_tcase(s, t);
	return run_suite(s);
}
