/* nfcapd -m: the message as nfdump's collectors send it. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "collector/meter.h"

static struct meter *
start(void)
{
	struct err err;
	struct meter *m = meter_start("/nonexistent/socket", &err);
	ck_assert_msg(m != NULL, "%s", err.msg);
	return m;
}

static uint64_t
get64(const struct buf *b, size_t at)
{
	uint64_t v;
	ck_assert_uint_le(at + sizeof(v), b->len);
	memcpy(&v, b->data + at, sizeof(v));
	return v;
}

static unsigned
get16(const struct buf *b, size_t at)
{
	uint16_t v;
	ck_assert_uint_le(at + sizeof(v), b->len);
	memcpy(&v, b->data + at, sizeof(v));
	return v;
}

START_TEST(a_message_has_every_number_in_its_place)
{
	struct meter *m = start();
	struct buf b = BUF_EMPTY;
	struct meter_source *quiet = meter_source(m, "quiet");
	struct meter_source *gw = meter_source(m, "gw");
	const struct nffile_stat s = { .flows = 10,
		.flows_tcp = 1,
		.flows_udp = 2,
		.flows_icmp = 3,
		.flows_other = 4,
		.bytes_tcp = 50,
		.bytes_udp = 60,
		.bytes_icmp = 70,
		.bytes_other = UINT64_C(1) << 40,
		.packets_tcp = 9,
		.packets_udp = 10,
		.packets_icmp = 11,
		.packets_other = 12 };
	ck_assert_ptr_ne(quiet, gw);
	meter_add(m, gw, &s);
	meter_add(m, gw, &s);
	meter_print(m, UINT64_C(1795457700000), &b);
	ck_assert_uint_eq(b.len, METER_HEAD + METER_SOURCE);
	ck_assert_int_eq(b.data[0], '@');
	ck_assert_int_eq(b.data[1], 1);
	ck_assert_uint_eq(get16(&b, 2), METER_SOURCE);
	ck_assert_uint_eq(get16(&b, 4), 1);
	ck_assert_uint_eq(get16(&b, 6), 60);
	ck_assert_uint_eq(get64(&b, 8), UINT64_C(1795457700000));
	ck_assert_str_eq(b.data + METER_HEAD, "gw");
	static const uint64_t want[] = { 2 << 16, 2, 4, 6, 8, 100, 120, 140,
		UINT64_C(1) << 41, 18, 20, 22, 24 };
	for (size_t i = 0; i < sizeof(want) / sizeof(*want); i++)
		ck_assert_uint_eq(get64(&b, METER_HEAD + 128 + 8 * i), want[i]);
	/* The next minute begins with nothing. */
	buf_clear(&b);
	meter_print(m, 0, &b);
	ck_assert_uint_eq(b.len, 0);
	buf_free(&b);
	meter_stop(m);
}
END_TEST

START_TEST(more_sources_than_a_message_holds_are_said_in_the_next)
{
	struct meter *m = start();
	struct buf b = BUF_EMPTY;
	const struct nffile_stat s = { .flows = 1, .flows_udp = 1 };
	const size_t n = METER_MANY + 3;
	for (size_t i = 0; i < n; i++)
		meter_add(m, meter_source(m, "x"), &s);
	meter_print(m, 1, &b);
	ck_assert_uint_eq(b.len, 2 * METER_HEAD + n * METER_SOURCE);
	ck_assert_uint_eq(get16(&b, 4), METER_MANY);
	size_t next = METER_HEAD + METER_MANY * METER_SOURCE;
	ck_assert_int_eq(b.data[next], '@');
	ck_assert_uint_eq(get16(&b, next + 2), 3 * METER_SOURCE);
	ck_assert_uint_eq(get16(&b, next + 4), 3);
	buf_free(&b);
	meter_stop(m);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("meter");
	TCase *t = tcase_create("meter");
	tcase_add_test(t, a_message_has_every_number_in_its_place);
	tcase_add_test(t,
	    more_sources_than_a_message_holds_are_said_in_the_next);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
