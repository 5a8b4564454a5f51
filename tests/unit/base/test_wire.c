/* The cursor over hostile bytes never leaves them. */
#include <check.h>
#include <stdlib.h>

#include "base/wire.h"

static const uint8_t bytes[] = { 0x01, 0x82, 0x03, 0x84, 0x05, 0x86, 0x07, 0x88,
	0x09, 0x8a, 0x0b, 0x8c, 0x0d, 0x8e, 0x0f, 0x90 };

START_TEST(numbers_are_big_endian)
{
	struct wire w = wire_init(bytes, sizeof(bytes));
	ck_assert_uint_eq(wire_u8(&w), 0x01);
	ck_assert_uint_eq(wire_u16(&w), 0x8203);
	ck_assert_uint_eq(wire_u32(&w), 0x84058607);
	ck_assert_uint_eq(wire_u64(&w), UINT64_C(0x88098a0b8c0d8e0f));
	ck_assert_uint_eq(wire_left(&w), 1);
	ck_assert_uint_eq(wire_u8(&w), 0x90);
	ck_assert(!w.bad);
	ck_assert_uint_eq(wire_left(&w), 0);
}
END_TEST

START_TEST(a_read_past_the_end_is_zero_and_stays_bad)
{
	for (size_t n = 0; n < 8; n++) {
		struct wire w = wire_init(bytes, n);
		ck_assert_uint_eq(wire_u64(&w), 0);
		ck_assert(w.bad);
		ck_assert_uint_eq(wire_left(&w), 0);
		ck_assert_uint_eq(wire_u8(&w), 0);
		ck_assert_uint_eq(wire_u16(&w), 0);
		ck_assert_uint_eq(wire_u32(&w), 0);
		ck_assert_ptr_null(wire_bytes(&w, 1));
		ck_assert(w.bad);
	}
}
END_TEST

START_TEST(bytes_are_given_in_place)
{
	struct wire w = wire_init(bytes, sizeof(bytes));
	wire_skip(&w, 3);
	ck_assert_ptr_eq(wire_bytes(&w, 4), bytes + 3);
	ck_assert_ptr_eq(wire_bytes(&w, 0), bytes + 7);
	ck_assert_ptr_null(wire_bytes(&w, SIZE_MAX));
	ck_assert(w.bad);
}
END_TEST

START_TEST(a_part_has_its_own_end)
{
	struct wire w = wire_init(bytes, sizeof(bytes));
	struct wire part = wire_sub(&w, 3);
	ck_assert_uint_eq(wire_u16(&part), 0x0182);
	ck_assert_uint_eq(wire_u16(&part), 0);
	ck_assert(part.bad);
	ck_assert(!w.bad);
	ck_assert_uint_eq(wire_u8(&w), 0x84);
}
END_TEST

START_TEST(a_part_that_is_too_long_is_empty_and_both_are_bad)
{
	struct wire w = wire_init(bytes, 4);
	struct wire part = wire_sub(&w, 5);
	ck_assert(part.bad && w.bad);
	ck_assert_uint_eq(wire_left(&part), 0);
	ck_assert_uint_eq(wire_u8(&part), 0);
}
END_TEST

START_TEST(no_bytes_at_all_can_be_read)
{
	struct wire w = wire_init(NULL, 0);
	ck_assert_uint_eq(wire_left(&w), 0);
	ck_assert_ptr_nonnull(wire_bytes(&w, 0));
	ck_assert_uint_eq(wire_u32(&w), 0);
	ck_assert(w.bad);
}
END_TEST

START_TEST(numbers_stand_in_network_order_at_any_place)
{
	uint8_t b[9] = { 0 };
	be16_put(b + 1, 0x0102);
	ck_assert_mem_eq(b, "\0\1\2\0", 4);
	ck_assert_uint_eq(be16(b + 1), 0x0102);
	be32_put(b + 1, 0x01020304);
	ck_assert_mem_eq(b, "\0\1\2\3\4\0", 6);
	ck_assert_uint_eq(be32(b + 1), 0x01020304);
	be64_put(b + 1, UINT64_C(0x0102030405060708));
	ck_assert_mem_eq(b, "\0\1\2\3\4\5\6\7\10", 9);
	ck_assert_uint_eq(be64(b + 1), UINT64_C(0x0102030405060708));
}
END_TEST

/* RFC 1071, section 3; and a last byte alone. */
START_TEST(the_checksum_is_the_internets)
{
	static const uint8_t b[] = { 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6,
		0xf7 };
	ck_assert_uint_eq(inet_checksum(inet_sum(0, b, 8)), 0x220d);
	ck_assert_uint_eq(inet_sum(inet_sum(0, b, 4), b + 4, 4),
	    inet_sum(0, b, 8));
	ck_assert_uint_eq(inet_sum(7, b + 7, 1), 7 + 0xf700);
	ck_assert_uint_eq(inet_checksum(0), 0xffff);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("base wire");
	TCase *t = tcase_create("wire");
	tcase_add_test(t, numbers_stand_in_network_order_at_any_place);
	tcase_add_test(t, the_checksum_is_the_internets);
	tcase_add_test(t, numbers_are_big_endian);
	tcase_add_test(t, a_read_past_the_end_is_zero_and_stays_bad);
	tcase_add_test(t, bytes_are_given_in_place);
	tcase_add_test(t, a_part_has_its_own_end);
	tcase_add_test(t, a_part_that_is_too_long_is_empty_and_both_are_bad);
	tcase_add_test(t, no_bytes_at_all_can_be_read);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
