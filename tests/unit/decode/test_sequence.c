#include <check.h>
#include <stdlib.h>

#include "decode/engine.h"

static struct exporter ex;

static void
setup(void)
{
	ex = (struct exporter){ .version = 10 };
}

/* Sizes of datagrams that are never twice the same in a row. */
static uint32_t
size_of(uint32_t i)
{
	return 20 + i * 7 % 9;
}

START_TEST(every_lost_datagram_costs_just_its_units)
{
	uint32_t number = 4000000000; /* wraps on the way */
	uint64_t lost = 0;
	for (uint32_t i = 0; i < 1000; i++) {
		uint32_t units = size_of(i);
		if (i % 7 == 3)
			lost += units;
		else
			sequence_check(&ex, number, units, 0);
		number += units;
	}
	ck_assert_uint_eq(ex.stats.sequence_lost, lost);
	ck_assert_uint_eq(ex.stats.sequence_gaps, 143);
}
END_TEST

/* One record each, and every third lost: two follow where one was. */
START_TEST(small_datagrams_do_not_hide_a_loss)
{
	uint32_t number = 0;
	for (uint32_t i = 0; i < 900; i++) {
		uint32_t units = i % 3 == 2 ? 2 : 1;
		if (i % 3 != 1)
			sequence_check(&ex, number, units, 0);
		number += units;
	}
	ck_assert_uint_eq(ex.stats.sequence_lost, 300);
}
END_TEST

START_TEST(numbers_that_include_their_own_datagram_lose_nothing)
{
	uint32_t number = 0;
	for (uint32_t i = 0; i < 200; i++) {
		number += size_of(i);
		sequence_check(&ex, number, size_of(i), 0);
	}
	ck_assert_uint_eq(ex.stats.sequence_lost, 0);
	ck_assert_uint_eq(ex.stats.sequence_gaps, 0);
	number += 31; /* one gets lost */
	for (uint32_t i = 0; i < 50; i++) {
		number += size_of(i);
		sequence_check(&ex, number, size_of(i), 0);
	}
	ck_assert_uint_eq(ex.stats.sequence_lost, 31);
}
END_TEST

/* As softflowd numbers its IPFIX; options come with every 16th datagram. */
START_TEST(numbers_without_options_lose_nothing)
{
	uint32_t number = 0;
	for (uint32_t i = 0; i < 200; i++) {
		uint32_t options = i % 16 == 0;
		number += size_of(i);
		sequence_check(&ex, number, size_of(i) + options, options);
	}
	ck_assert_uint_eq(ex.stats.sequence_lost, 0);
	ck_assert_uint_eq(ex.stats.sequence_gaps, 0);
}
END_TEST

START_TEST(a_restarted_exporter_lost_nothing)
{
	sequence_check(&ex, 1000000, 20, 0);
	sequence_check(&ex, 0, 20, 0);
	sequence_check(&ex, 20, 25, 0);
	sequence_check(&ex, 45, 20, 0);
	ck_assert_uint_eq(ex.stats.sequence_lost, 0);
	ck_assert_uint_eq(ex.stats.sequence_gaps, 1);
}
END_TEST

START_TEST(a_late_datagram_is_no_longer_lost)
{
	sequence_check(&ex, 0, 20, 0);
	sequence_check(&ex, 45, 20, 0);
	ck_assert_uint_eq(ex.stats.sequence_lost, 25);
	sequence_check(&ex, 20, 25, 0);
	sequence_check(&ex, 65, 20, 0);
	ck_assert_uint_eq(ex.stats.sequence_lost, 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("sequence");
	TCase *tc = tcase_create("sequence");
	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, every_lost_datagram_costs_just_its_units);
	tcase_add_test(tc, small_datagrams_do_not_hide_a_loss);
	tcase_add_test(tc,
	    numbers_that_include_their_own_datagram_lose_nothing);
	tcase_add_test(tc, numbers_without_options_lose_nothing);
	tcase_add_test(tc, a_restarted_exporter_lost_nothing);
	tcase_add_test(tc, a_late_datagram_is_no_longer_lost);
	suite_add_tcase(s, tc);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
