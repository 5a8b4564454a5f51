/* NetFlow v1 and v7, which share v5's decoder. */
#include "build.h"

#define UPTIME 10000000

static void
header(uint16_t version, uint16_t count)
{
	puts_be(2, (uint64_t)version, 2, (uint64_t)count, 4, (uint64_t)UPTIME,
	    4, (uint64_t)NOW_S, 4, UINT64_C(123000000), 0);
	if (version == 7)
		puts_be(4, UINT64_C(77), 4, UINT64_C(0), 0);
}

static void
record_start(uint64_t n)
{
	puts_be(4, 0x0a000000 + n, 4, UINT64_C(0xc0a80101), 4,
	    UINT64_C(0xac100001), 2, UINT64_C(3), 2, UINT64_C(4), 4,
	    UINT64_C(10), 4, UINT64_C(1500), 4, UINT64_C(UPTIME - 5000), 4,
	    UINT64_C(UPTIME - 1000), 2, UINT64_C(1024), 2, UINT64_C(443), 0);
}

static void
record1(uint64_t n, unsigned pad)
{
	record_start(n);
	puts_be(2, UINT64_C(0), 1, UINT64_C(6), 1, UINT64_C(0x20), 1,
	    UINT64_C(0x1b), 0);
	while (pad-- > 0)
		put(1, 0xee);
}

static void
record7(uint64_t n)
{
	record_start(n);
	puts_be(1, UINT64_C(9), 1, UINT64_C(0x1b), 1, UINT64_C(6), 1,
	    UINT64_C(0x20), 2, UINT64_C(65001), 2, UINT64_C(65002), 1,
	    UINT64_C(24), 1, UINT64_C(16), 2, UINT64_C(9), 4, UINT64_C(99), 0);
}

static void
check_common(const struct flow *f, uint64_t n)
{
	ck_assert_uint_eq(f->src.lo, 0x0a000000 + n);
	ck_assert_uint_eq(f->dst.lo, 0xc0a80101);
	ck_assert_uint_eq(f->next_hop.lo, 0xac100001);
	ck_assert_uint_eq(f->in_if, 3);
	ck_assert_uint_eq(f->out_if, 4);
	ck_assert_uint_eq(f->packets, 10);
	ck_assert_uint_eq(f->bytes, 1500);
	ck_assert_uint_eq(f->first, NOW_MS + 123 - 5000);
	ck_assert_uint_eq(f->last, NOW_MS + 123 - 1000);
	ck_assert_uint_eq(f->src_port, 1024);
	ck_assert_uint_eq(f->dst_port, 443);
	ck_assert_uint_eq(f->proto, 6);
	ck_assert_uint_eq(f->tcp_flags, 0x1b);
	ck_assert_uint_eq(f->src_tos, 0x20);
	ck_assert(!flow_has(f, FE_IPV6));
}

/* Bytes behind the flags: some exporters send 48 bytes, some 52. */
static const unsigned pads[] = { 7, 11 };

START_TEST(v1_has_records_of_either_length)
{
	begin(1, 0);
	header(1, 30);
	for (uint64_t i = 0; i < 30; i++)
		record1(i, pads[_i]);
	feed_prefixes();
	ck_assert_uint_eq(n_got, 30);
	for (uint64_t i = 0; i < 30; i++)
		check_common(&got[i], i);
	ck_assert_uint_eq(got[0].nfversion, 1);
	ck_assert(!flow_has(&got[0], FE_AS));
	ck_assert_uint_eq(ex.stats.malformed, 0);
	ck_assert_uint_eq(ex.stats.sequence_gaps, 0);
}
END_TEST

START_TEST(v7_is_v5_with_a_router_behind)
{
	begin(7, 0);
	header(7, 28);
	for (uint64_t i = 0; i < 28; i++)
		record7(i);
	feed_prefixes();
	ck_assert_uint_eq(n_got, 28);
	for (uint64_t i = 0; i < 28; i++) {
		check_common(&got[i], i);
		ck_assert_uint_eq(got[i].src_as, 65001);
		ck_assert_uint_eq(got[i].dst_as, 65002);
		ck_assert_uint_eq(got[i].src_mask, 24);
		ck_assert_uint_eq(got[i].dst_mask, 16);
	}
	ck_assert_uint_eq(got[0].nfversion, 7);
	ck_assert_uint_eq(ex.stats.malformed, 0);
}
END_TEST

START_TEST(the_sequence_of_v7_counts_flows)
{
	begin(7, 0);
	header(7, 1);
	record7(0);
	feed();
	header(7, 1);
	poke16(18, 77 + 1 + 4); /* four flows are missing */
	record7(0);
	feed();
	ck_assert_uint_eq(ex.stats.sequence_gaps, 1);
	ck_assert_uint_eq(ex.stats.sequence_lost, 4);
}
END_TEST

static const uint16_t versions[] = { 1, 7 };

START_TEST(a_count_beyond_the_datagram_is_malformed)
{
	begin(versions[_i], 0);
	header(versions[_i], 2);
	if (versions[_i] == 1)
		record1(0, 7);
	else
		record7(0);
	feed();
	ck_assert_uint_eq(n_got, 0);
	ck_assert_uint_eq(ex.stats.malformed, 1);
}
END_TEST

START_TEST(the_head_tells_version_and_id)
{
	struct decode_head h;
	begin(1, 0);
	header(1, 0);
	ck_assert(decode_peek((uint8_t *)out.data, out.len, &h));
	ck_assert_uint_eq(h.version, 1);
	ck_assert_uint_eq(h.id, 0);
	ck_assert(!decode_peek((uint8_t *)out.data, out.len - 1, &h));
	buf_clear(&out);
	header(7, 0);
	ck_assert(decode_peek((uint8_t *)out.data, out.len, &h));
	ck_assert_uint_eq(h.version, 7);
	ck_assert(!decode_peek((uint8_t *)out.data, 21, &h));
	ck_assert(decode_head_is(&h, &(struct exporter){ .version = 7 }));
	ck_assert(!decode_head_is(&h, &(struct exporter){ .version = 5 }));
	buf_clear(&out);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("NetFlow v1, v7");
	TCase *t = tcase_create("decode");
	tcase_add_loop_test(t, v1_has_records_of_either_length, 0, 2);
	tcase_add_test(t, v7_is_v5_with_a_router_behind);
	tcase_add_test(t, the_sequence_of_v7_counts_flows);
	tcase_add_loop_test(t, a_count_beyond_the_datagram_is_malformed, 0, 2);
	tcase_add_test(t, the_head_tells_version_and_id);
	suite_add_tcase(s, t);
	return run_suite(s);
}
