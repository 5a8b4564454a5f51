/* NfSen's value syntax: names, colours, life times, sizes. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"

static const struct {
	const char *text;
	int64_t hours; /* -1: refused */
} expires[] = {
	{ "0", 0 },
	{ "never", 0 },
	{ "51", 51 },
	{ "30 days", 720 },
	{ "1 day", 24 },
	{ "1Day", 24 },
	{ "2 days 3 hours", 51 },
	{ "1d12h", 36 },
	{ "1d 12h", 36 },
	{ " 12 HOURS ", 12 },
	{ "", -1 },
	{ "x", -1 },
	{ "3 weeks", -1 },
	{ "-1", -1 },
	{ "1.5d", -1 },
	{ "d", -1 },
	{ "never 3", -1 },
	{ "99999999999999999999", -1 },
	{ "999999999999d", -1 },
};

START_TEST(a_life_time_is_hours)
{
	ck_assert_int_eq(conf_parse_expire(expires[_i].text),
	    expires[_i].hours);
}
END_TEST

static const struct {
	const char *text;
	bool ok;
	uint64_t bytes;
} sizes[] = {
	{ "0", true, 0 },
	{ "unlimited", true, 0 },
	{ "100", true, UINT64_C(100) << 20 },
	{ "2g", true, UINT64_C(2) << 30 },
	{ "2 GB", true, UINT64_C(2) << 30 },
	{ "1.5 GB", true, UINT64_C(3) << 29 },
	{ "1.5k", true, 1536 },
	{ "0.1k", true, 102 },
	{ "7b", true, 7 },
	{ "3T", true, UINT64_C(3) << 40 },
	{ "", false, 0 },
	{ "x", false, 0 },
	{ "-1g", false, 0 },
	{ "1.g", false, 0 },
	{ "2 gg", false, 0 },
	{ "2g 1", false, 0 },
	{ "9999999999t", false, 0 },
	{ "99999999999999999999", false, 0 },
};

START_TEST(a_size_is_bytes)
{
	uint64_t bytes = 0;
	ck_assert_int_eq(conf_parse_size(sizes[_i].text, &bytes), sizes[_i].ok);
	if (sizes[_i].ok)
		ck_assert_uint_eq(bytes, sizes[_i].bytes);
}
END_TEST

START_TEST(printed_sizes_and_times_read_back_exactly)
{
	static const uint64_t n[] = { 0, 1, 1023, 1024, 1536, 1 << 20,
		UINT64_C(3) << 29, UINT64_C(5) << 40, UINT64_C(123456789012) };
	for (size_t i = 0; i < sizeof(n) / sizeof(*n); i++) {
		struct buf b = BUF_EMPTY;
		uint64_t bytes;
		conf_print_size(n[i], &b);
		ck_assert(conf_parse_size(buf_str(&b), &bytes));
		ck_assert_uint_eq(bytes, n[i]);
		buf_clear(&b);
		conf_print_expire((int64_t)(n[i] % 10000), &b);
		ck_assert_int_eq(conf_parse_expire(buf_str(&b)),
		    (int64_t)(n[i] % 10000));
		buf_free(&b);
	}
}
END_TEST

START_TEST(names_have_their_characters_and_length)
{
	char long_name[CONF_CHANNEL_MAX + 2];
	memset(long_name, 'a', sizeof(long_name));
	long_name[CONF_CHANNEL_MAX + 1] = '\0';
	ck_assert(!conf_channel_name_ok(long_name));
	long_name[CONF_CHANNEL_MAX] = '\0';
	ck_assert(conf_channel_name_ok(long_name));
	ck_assert(conf_name_ok("a+b_c-9", 7));
	ck_assert(!conf_name_ok("a+b_c-9", 6));
	ck_assert(!conf_name_ok("", 6));
	ck_assert(!conf_name_ok(".x", 6));
	ck_assert(!conf_name_ok("a/b", 6));
	ck_assert(!conf_channel_name_ok("a+b"));
	ck_assert(!conf_channel_name_ok(""));
	ck_assert(!conf_channel_name_ok("a;b c"));
}
END_TEST

START_TEST(a_colour_is_six_hex_digits)
{
	ck_assert(conf_colour_ok("#00aaFF"));
	ck_assert(!conf_colour_ok("00aaff"));
	ck_assert(!conf_colour_ok("#00aaf"));
	ck_assert(!conf_colour_ok("#00aafff"));
	ck_assert(!conf_colour_ok("#00aafg"));
	ck_assert(!conf_colour_ok(""));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("conf syntax");
	TCase *t = tcase_create("values");
	tcase_add_loop_test(t, a_life_time_is_hours, 0,
	    sizeof(expires) / sizeof(*expires));
	tcase_add_loop_test(t, a_size_is_bytes, 0,
	    sizeof(sizes) / sizeof(*sizes));
	tcase_add_test(t, printed_sizes_and_times_read_back_exactly);
	tcase_add_test(t, names_have_their_characters_and_length);
	tcase_add_test(t, a_colour_is_six_hex_digits);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
