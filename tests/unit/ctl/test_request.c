/* Requests as text: what is taken, what is refused with which words. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/request.h"

static struct ctl_request req;
static struct err err;

static int
parse(const char *text)
{
	size_t scan = 0;
	size_t len = ctl_request_end(text, strlen(text), &scan);
	ck_assert_uint_ne(len, 0);
	return ctl_request_parse(&req, text, len, &err);
}

START_TEST(a_request_has_command_scalars_and_arrays)
{
	ck_assert_int_eq(parse("status\nident=gw\n_ip=10.0.0.1\n_ip=::1\n.\n"),
	    0);
	ck_assert_str_eq(req.command, "status");
	ck_assert_uint_eq(req.n, 3);
	ck_assert_str_eq(ctl_arg(&req, "ident"), "gw");
	ck_assert_str_eq(ctl_arg(&req, "ip"), "10.0.0.1");
	ck_assert(req.args[1].array && !req.args[0].array);
	ck_assert_str_eq(req.args[2].value, "::1");
	ck_assert_ptr_null(ctl_arg(&req, "nothing"));
	ctl_request_free(&req);
}
END_TEST

START_TEST(the_value_is_split_at_the_first_equal_sign)
{
	ck_assert_int_eq(parse("x\nfilter=bytes = 500\n  key =  a=b \n.\n"), 0);
	ck_assert_str_eq(ctl_arg(&req, "filter"), "bytes = 500");
	ck_assert_str_eq(ctl_arg(&req, "key"), "a=b ");
	ctl_request_free(&req);
}
END_TEST

START_TEST(the_last_of_equal_scalars_wins)
{
	ck_assert_int_eq(parse("x\nkey=1\nkey=2\n.\n"), 0);
	ck_assert_uint_eq(req.n, 1);
	ck_assert_str_eq(ctl_arg(&req, "key"), "2");
	ctl_request_free(&req);
}
END_TEST

START_TEST(one_argument_may_follow_the_command)
{
	ck_assert_int_eq(parse("get-profile profile=live\n.\n"), 0);
	ck_assert_str_eq(req.command, "get-profile");
	ck_assert_str_eq(ctl_arg(&req, "profile"), "live");
	ctl_request_free(&req);
}
END_TEST

START_TEST(internal_lines_are_skipped_and_two_dots_are_one)
{
	ck_assert_int_eq(parse(".debug=1\n..\n.silent=1\n.\n"), 0);
	ck_assert_str_eq(req.command, ".");
	ck_assert_uint_eq(req.n, 0);
	ctl_request_free(&req);
}
END_TEST

START_TEST(an_empty_request_has_an_empty_command)
{
	ck_assert_int_eq(parse(".\n"), 0);
	ck_assert_str_eq(req.command, "");
	ctl_request_free(&req);
	ck_assert_int_eq(parse("\n.\n"), 0);
	ck_assert_str_eq(req.command, "");
	ctl_request_free(&req);
}
END_TEST

static const struct {
	const char *text;
	const char *msg;
} refused[] = {
	{ "x\nno equal sign\n.\n", "Failed to decode line 'no equal sign'" },
	{ "x\n=v\n.\n", "key format error" },
	{ "x\na b=v\n.\n", "key format error" },
	{ "x\n_=v\n.\n", "key format error" },
	{ "x\n_key=1\nkey=2\n.\n",
	    "tried to assign a scalar entry to an array entry" },
	{ "x\nkey=1\n_key=2\n.\n",
	    "tried to assign an array entry to a scalar element" },
};

START_TEST(bad_lines_are_refused_with_nfsends_words)
{
	ck_assert_int_eq(parse(refused[_i].text), -1);
	ck_assert_str_eq(err.msg, refused[_i].msg);
	ck_assert_ptr_null(req.text);
}
END_TEST

START_TEST(a_value_has_at_most_ten_kilobytes)
{
	static char text[CTL_VALUE_MAX + 64];
	for (int over = 0; over < 2; over++) {
		int n = snprintf(text, sizeof(text), "x\nkey=%0*d\n.\n",
		    CTL_VALUE_MAX + over, 1);
		ck_assert_int_gt(n, CTL_VALUE_MAX);
		ck_assert_int_eq(parse(text), -over);
		ctl_request_free(&req);
	}
	ck_assert_str_eq(err.msg, "value too long.");
}
END_TEST

START_TEST(the_number_of_arguments_is_bounded)
{
	struct buf b = BUF_EMPTY;
	buf_adds(&b, "x\n");
	for (int i = 0; i <= CTL_ARGS_MAX; i++)
		buf_adds(&b, "_k=1\n");
	buf_adds(&b, ".\n");
	ck_assert_int_eq(parse(b.data), -1);
	ck_assert_str_eq(err.msg, "more than 4096 arguments");
	buf_free(&b);
}
END_TEST

START_TEST(the_end_is_found_however_the_text_is_cut)
{
	static const char text[] = "cmd\nkey=.\n..\n.\nnext\n";
	size_t scan = 0;
	for (size_t n = 0; n < 15; n++)
		ck_assert_uint_eq(ctl_request_end(text, n, &scan), 0);
	ck_assert_uint_eq(ctl_request_end(text, 15, &scan), 15);
}
END_TEST

START_TEST(a_nul_byte_is_refused)
{
	ck_assert_int_eq(ctl_request_parse(&req, "a\0b\n.\n", 6, &err), -1);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("ctl request");
	TCase *t = tcase_create("parse");
	tcase_add_test(t, a_request_has_command_scalars_and_arrays);
	tcase_add_test(t, the_value_is_split_at_the_first_equal_sign);
	tcase_add_test(t, the_last_of_equal_scalars_wins);
	tcase_add_test(t, one_argument_may_follow_the_command);
	tcase_add_test(t, internal_lines_are_skipped_and_two_dots_are_one);
	tcase_add_test(t, an_empty_request_has_an_empty_command);
	tcase_add_loop_test(t, bad_lines_are_refused_with_nfsends_words, 0,
	    sizeof(refused) / sizeof(*refused));
	tcase_add_test(t, a_value_has_at_most_ten_kilobytes);
	tcase_add_test(t, the_number_of_arguments_is_bounded);
	tcase_add_test(t, the_end_is_found_however_the_text_is_cut);
	tcase_add_test(t, a_nul_byte_is_refused);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
