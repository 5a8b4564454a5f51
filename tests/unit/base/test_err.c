/* Error texts: replaced, prefixed, cut, never required. */
#include <check.h>
#include <string.h>

#include "base/err.h"

static struct err err;

START_TEST(an_error_is_always_minus_one)
{
	ck_assert_int_eq(err_set(&err, "%s: %d", "x", 1), -1);
	ck_assert_str_eq(err.msg, "x: 1");
	ck_assert_int_eq(err_set(NULL, "nobody asks"), -1);
	ck_assert_int_eq(err_prefix(NULL, "nobody asks"), -1);
}
END_TEST

START_TEST(a_prefix_goes_before_what_is_there)
{
	(void)err_set(&err, "cause");
	ck_assert_int_eq(err_prefix(&err, "block %d", 7), -1);
	ck_assert_str_eq(err.msg, "block 7: cause");
	ck_assert_int_eq(err_prefix(&err, "file"), -1);
	ck_assert_str_eq(err.msg, "file: block 7: cause");
}
END_TEST

START_TEST(the_old_text_may_be_an_argument)
{
	(void)err_set(&err, "old");
	(void)err_set(&err, "new after '%s'", err.msg);
	ck_assert_str_eq(err.msg, "new after 'old'");
}
END_TEST

START_TEST(too_long_a_text_is_cut)
{
	char text[3 * ERR_MAX];
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	(void)err_set(&err, "%s", text);
	ck_assert_uint_eq(strlen(err.msg), ERR_MAX - 1);
	(void)err_prefix(&err, "a");
	ck_assert_uint_eq(strlen(err.msg), ERR_MAX - 1);
	ck_assert_mem_eq(err.msg, "a: xxx", 6);
	(void)err_prefix(&err, "%s", text);
	ck_assert_uint_eq(strlen(err.msg), ERR_MAX - 1);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("base err");
	TCase *t = tcase_create("err");
	tcase_add_test(t, an_error_is_always_minus_one);
	tcase_add_test(t, a_prefix_goes_before_what_is_there);
	tcase_add_test(t, the_old_text_may_be_an_argument);
	tcase_add_test(t, too_long_a_text_is_cut);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
