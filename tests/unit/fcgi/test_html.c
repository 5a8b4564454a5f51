#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "fcgi/html.h"
#include "fcgi/text.h"

static struct arena arena;
static struct buf b;

static void
setup(void)
{
	arena = ARENA_EMPTY;
	b = BUF_EMPTY;
}

static void
teardown(void)
{
	arena_free(&arena);
	buf_free(&b);
}

START_TEST(every_text_is_escaped_for_content_and_attributes)
{
	html(&b, "<a title=\"%s\">%s</a>", "\" onclick='x'", "<b>&</b>");
	ck_assert_str_eq(buf_str(&b), "<a title=\"&quot; onclick=&#39;x&#39;\">"
				      "&lt;b&gt;&amp;&lt;/b&gt;</a>");
}
END_TEST

START_TEST(numbers_are_printed_as_printf_does)
{
	html(&b, "%d %lld %zu %5.2f %% %u %c", -3, 1LL << 40, (size_t)7, 1.5,
	    4000000000U, '<');
	ck_assert_str_eq(buf_str(&b), "-3 1099511627776 7  1.50 % 4000000000 "
				      "&lt;");
}
END_TEST

START_TEST(json_strings_cannot_end_early)
{
	json_string(&b, "a\"b\\c\n</script>\x01");
	ck_assert_ptr_null(strchr(buf_str(&b), '\n'));
	ck_assert_ptr_nonnull(strstr(buf_str(&b), "a\\\"b\\\\c"));
	buf_clear(&b);
	json_double(&b, (double)NAN);
	ck_assert_str_eq(buf_str(&b), "null");
}
END_TEST

static const struct {
	double v;
	const char *text;
} numbers[] = { { 0, "0 " }, { 0.05, "0.050 " }, { 1, "1.00 " },
	{ 12.34, "12.3 " }, { 999.96, "1.00 k" }, { 1500, "1.50 k" },
	{ 3.6e6, "3.60 M" }, { -3.6e6, "-3.60 M" }, { 1.2e18, "1200.0 P" } };

START_TEST(rates_have_decimal_prefixes)
{
	ck_assert_str_eq(text_short(&arena, numbers[_i].v), numbers[_i].text);
}
END_TEST

START_TEST(unknown_is_shown_as_unknown)
{
	ck_assert_str_eq(text_short(&arena, (double)NAN), "–");
	ck_assert_str_eq(text_full(&arena, (double)NAN), "unknown");
}
END_TEST

START_TEST(all_digits_of_a_number_are_kept)
{
	ck_assert_str_eq(text_full(&arena, 1234567), "1 234 567");
	ck_assert_str_eq(text_full(&arena, -123456), "-123 456");
	ck_assert_str_eq(text_full(&arena, 12.5), "12.500");
	ck_assert_str_eq(text_count(&arena, 7), "7 ");
}
END_TEST

START_TEST(spans_are_short_words)
{
	ck_assert_str_eq(text_duration(&arena, 40), "40 s");
	ck_assert_str_eq(text_duration(&arena, 300), "5 min");
	ck_assert_str_eq(text_duration(&arena, 7500), "2 h 5 min");
	ck_assert_str_eq(text_duration(&arena, 7 * 86400), "7 d");
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("html");
	TCase *tc = tcase_create("html");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, every_text_is_escaped_for_content_and_attributes);
	tcase_add_test(tc, numbers_are_printed_as_printf_does);
	tcase_add_test(tc, json_strings_cannot_end_early);
	tcase_add_loop_test(tc, rates_have_decimal_prefixes, 0,
	    sizeof(numbers) / sizeof(*numbers));
	tcase_add_test(tc, unknown_is_shown_as_unknown);
	tcase_add_test(tc, all_digits_of_a_number_are_kept);
	tcase_add_test(tc, spans_are_short_words);
	suite_add_tcase(s, tc);
	SRunner *sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	int failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
