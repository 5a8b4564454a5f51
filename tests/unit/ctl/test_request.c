/* Requests as text: what is taken, what is refused with which words. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/request.h"

static struct ctl_request req;
static struct ctl_talk talk;
static enum ctl_kind kind;
static struct buf info;
static struct err err;

static int
parse(const char *text)
{
	size_t scan = 0;
	size_t len = ctl_request_end(text, strlen(text), &scan);
	ck_assert_uint_ne(len, 0);
	talk = (struct ctl_talk){ .timeout_ms = 10000 };
	buf_clear(&info);
	if (ctl_request_read(&req, &talk, text, len, &kind, &info, &err) == -1)
		return -1;
	return kind == CTL_COMMAND ? ctl_request_args(&req, &err) : 0;
}

START_TEST(a_request_has_command_scalars_and_arrays)
{
	ck_assert_int_eq(parse(
			     "status\nident=gw\n_ipn=10.0.0.1\n_ipn=::1\n.\n"),
	    0);
	ck_assert_str_eq(req.command, "status");
	ck_assert_uint_eq(req.n, 3);
	ck_assert_str_eq(ctl_arg(&req, "ident"), "gw");
	ck_assert_str_eq(ctl_arg(&req, "ipn"), "10.0.0.1");
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

START_TEST(settings_hold_for_the_connection_and_two_dots_are_one)
{
	ck_assert_int_eq(parse(".debug=1\n..\n.timeout=20\n.what=1\n.\n"), 0);
	ck_assert_str_eq(req.command, ".");
	ck_assert_uint_eq(req.n, 0);
	ck_assert(talk.debug && !talk.silent);
	ck_assert_int_eq(talk.timeout_ms, 20000);
	ck_assert_str_eq(buf_str(&info), "INFO Set debug to 1\n"
					 "INFO Set timeout to 20\n"
					 "INFO Unknown internal: 'what=1'\n");
	ctl_request_free(&req);
}
END_TEST

START_TEST(who_is_silent_is_told_nothing)
{
	ck_assert_int_eq(parse("x\nkey=1\n.silent=1\n.debug=1\n.\n"), 0);
	ck_assert(talk.silent && talk.debug);
	ck_assert_str_eq(buf_str(&info), "");
	ck_assert_uint_eq(req.n, 1);
	ctl_request_free(&req);
}
END_TEST

static const char *const odd_settings[] = { "silent=x", "silent=", "debug=2",
	"timeout=0", "timeout=x", "timeout=-1", "timeout=3601",
	"timeout=99999999999999999999", "silent" };

START_TEST(a_setting_with_another_value_changes_nothing)
{
	char text[64];
	(void)snprintf(text, sizeof(text), "x\n.%s\n.\n", odd_settings[_i]);
	ck_assert_int_eq(parse(text), 0);
	ck_assert(!talk.silent && !talk.debug);
	ck_assert_int_eq(talk.timeout_ms, 10000);
	ck_assert_ptr_nonnull(strstr(buf_str(&info), "INFO Unknown internal"));
	ctl_request_free(&req);
}
END_TEST

START_TEST(bytes_are_asked_for_with_an_at_sign)
{
	ck_assert_int_eq(parse("@get-picture profile=live\n.\n"), 0);
	ck_assert(req.binary);
	ck_assert_str_eq(req.command, "get-picture");
	ctl_request_free(&req);
	ck_assert_int_eq(parse("get-profilelist\r\n.\n"), 0);
	ck_assert(!req.binary);
	ck_assert_str_eq(req.command, "get-profilelist");
	ck_assert_uint_eq(req.n, 0);
	ctl_request_free(&req);
}
END_TEST

START_TEST(a_carriage_return_stays_in_a_value)
{
	ck_assert_int_eq(parse("x\nkey=a\r\n.\n"), 0);
	ck_assert_str_eq(ctl_arg(&req, "key"), "a\r");
	ctl_request_free(&req);
	ck_assert_int_eq(parse("x\n.\r\n.\n"), -1);
	ck_assert_str_eq(err.msg, "key format error");
	ctl_request_free(&req);
}
END_TEST

START_TEST(nothing_and_an_empty_command_are_told_apart)
{
	ck_assert_int_eq(parse(".\n"), 0);
	ck_assert_int_eq(kind, CTL_NOTHING);
	ctl_request_free(&req);
	ck_assert_int_eq(parse(".silent=1\n.\n"), 0);
	ck_assert_int_eq(kind, CTL_NOTHING);
	ctl_request_free(&req);
	ck_assert_int_eq(parse("\n.\n"), 0);
	ck_assert_int_eq(kind, CTL_EMPTY);
	ctl_request_free(&req);
	ck_assert_int_eq(parse("   \n.\n"), 0);
	ck_assert_int_eq(kind, CTL_BLANK);
	ck_assert_str_eq(req.command, "   ");
	ctl_request_free(&req);
}
END_TEST

START_TEST(a_request_is_said_back_as_nfsend_does)
{
	struct buf out = BUF_EMPTY;
	ck_assert_int_eq(parse("get-x\nkey= a \n_two=1\n_two=2\n.\n"), 0);
	ctl_request_echo_command(&req, &out);
	ctl_request_echo_args(&req, &out);
	ck_assert_str_eq(out.data, ".Command is 'get-x' binary mode: 0\n"
				   ".Key: 'key', value: 'a '\n"
				   ".Key: 'two', value: '1'\n"
				   ".Key: 'two', value: '2'\n");
	buf_free(&out);
	ctl_request_free(&req);
}
END_TEST

static const struct {
	const char *text;
	const char *msg;
} refused[] = {
	{ "x\nno equal sign\n.\n", "key format error" },
	{ "x\nky=1\n.\n", "key format error" },
	{ "x\n-key=1\n.\n", "key format error" },
	{ "x\nkey$=1\n.\n", "key format error" },
	{ "x not an argument\n.\n", "key format error" },
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
	ck_assert_str_eq(req.command, "x");
	ctl_request_free(&req);
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
		buf_adds(&b, "_key=1\n");
	buf_adds(&b, ".\n");
	ck_assert_int_eq(parse(b.data), -1);
	ck_assert_str_eq(err.msg, "more than 4096 arguments");
	ctl_request_free(&req);
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
	ck_assert_int_eq(ctl_request_read(&req, &talk, "a\0b\n.\n", 6, &kind,
			     &info, &err),
	    -1);
	ck_assert_ptr_null(req.text);
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
	tcase_add_test(t,
	    settings_hold_for_the_connection_and_two_dots_are_one);
	tcase_add_test(t, who_is_silent_is_told_nothing);
	tcase_add_loop_test(t, a_setting_with_another_value_changes_nothing, 0,
	    sizeof(odd_settings) / sizeof(*odd_settings));
	tcase_add_test(t, bytes_are_asked_for_with_an_at_sign);
	tcase_add_test(t, a_carriage_return_stays_in_a_value);
	tcase_add_test(t, nothing_and_an_empty_command_are_told_apart);
	tcase_add_test(t, a_request_is_said_back_as_nfsend_does);
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
