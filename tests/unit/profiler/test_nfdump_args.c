/* Strings of arguments: what becomes a vector, what is refused. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "profiler/nfdump_args.h"

#define ROOT "/var/data"

static struct arena arena;
static struct nfdump_args args;
static struct err err;

static int
parse(const char *text, bool with_folders)
{
	return nfdump_args_parse(text, ROOT, with_folders, &arena, &args, &err);
}

static void
teardown(void)
{
	arena_free(&arena);
}

/* What pages send, and the vector with '|' between its words. */
static const struct {
	const char *text, *words;
} good[] = {
	{ "", "" },
	{ " -T  -r nfcapd.202611230430 -a  -A srcip,dstport -o long -c 3",
	    "-T|-r|nfcapd.202611230430|-a|-A|srcip,dstport|-o|long|-c|3" },
	{ "-T -R 2026/11/23/nfcapd.202611230430:2026/11/23/nfcapd.202611230440 "
	  "-n 5 -s ip/flows",
	    "-T|-R|2026/11/23/nfcapd.202611230430:2026/11/23/"
	    "nfcapd.202611230440|-n|5|-s|ip/flows" },
	{ "-o 'fmt:%pr %sap -> %dap | \"x\" ; $(id) `id`' -6 -Otstart -c 4",
	    "-o|fmt:%pr %sap -> %dap | \"x\" ; $(id) `id`|-6|-O|tstart|-c|4" },
	{ "-o 'fmt:it'\\''s %ts'", "-o|fmt:it's %ts" },
	{ "-o fmt:%ts' '%te", "-o|fmt:%ts %te" },
	{ "-aN6c10 -L +1000 -l -5K", "-a|-N|-6|-c|10|-L|+1000|-l|-5K" },
	{ "-o '' -c 1 -o fmt:", "-o||-c|1|-o|fmt:" },
	{ "-Z", "-Z" },
	{ "-G none -I", "-G|none|-I" },
	{ "-bBmq -t 2026/11/23.04:30:00-2026/11/23.05:00:00",
	    "-b|-B|-m|-q|-t|2026/11/23.04:30:00-2026/11/23.05:00:00" },
};

START_TEST(what_pages_send_becomes_a_vector)
{
	struct buf b = BUF_EMPTY;
	ck_assert_msg(parse(good[_i].text, true) == 0, "%s", err.msg);
	for (size_t i = 0; i < args.n; i++)
		buf_printf(&b, "%s%s", i > 0 ? "|" : "", args.v[i]);
	ck_assert_str_eq(buf_str(&b), good[_i].words);
	ck_assert_ptr_null(args.v[args.n]);
	buf_free(&b);
}
END_TEST

#define ILLEGAL "Illegal characters in argument list"

static const struct {
	const char *text, *msg;
} bad[] = {
	{ "-r x;id", ILLEGAL },
	{ "-r `id`", ILLEGAL },
	{ "-r $(id)", ILLEGAL },
	{ "-r x|id", ILLEGAL },
	{ "-r x>y", ILLEGAL },
	{ "-r x&", ILLEGAL },
	{ "-o 'x'", ILLEGAL },
	{ "-o fmt:%ts;id", ILLEGAL },
	{ "-o fmt:\"%ts\"", ILLEGAL },
	{ "-o 'fmt:%ts", ILLEGAL },
	{ "-o fmt:%ts\\ x", ILLEGAL },
	{ "-o fmt:\x01", ILLEGAL },
	{ "-o fmt:\xc3\xa9", ILLEGAL },
	{ "-w /tmp/x", "Option '-w' is not allowed" },
	{ "-aw /tmp/x", "Option '-w' is not allowed" },
	{ "-Tx f", "Option '-x' is not allowed" },
	{ "-f /etc/passwd", "Option '-f' is not allowed" },
	{ "-:", "Option '-:' is not allowed" },
	{ "--config x", "Option '--config' is not allowed" },
	{ "-- any", "Option '--' is not allowed" },
	{ "any", "'any' is no option" },
	{ "-", "'-' is no option" },
	{ "-c", "Option '-c' needs a value" },
	{ "-r ../x", "'../x' leaves its folder" },
	{ "-r a/../../x", "'a/../../x' leaves its folder" },
	{ "-R a:../b", "'a:../b' leaves its folder" },
	{ "-r /etc/passwd",
	    "'/etc/passwd' is no name below the channels' folders" },
	{ "-R a:/etc/passwd",
	    "'a:/etc/passwd' is no name below the channels' folders" },
	{ "-M /var/data/live/a -r x",
	    "Option '-M' is not allowed beside a profile" },
	{ "-G /etc/passwd", "Option '-G' takes only 'none'" },
};

START_TEST(anything_else_is_refused_by_name)
{
	ck_assert_int_eq(parse(bad[_i].text, true), -1);
	ck_assert_str_eq(err.msg, bad[_i].msg);
}
END_TEST

static const struct {
	const char *text;
	bool ok;
} alone[] = {
	{ "-M /var/data/live/a:b -r nfcapd.202601010000", true },
	{ "-r nfcapd.202601010000 -M /var/data/live/a:b", true },
	{ "-M/var/data/live/a -r x", true },
	{ "-r /var/data/live/a/nfcapd.202601010000", true },
	{ "-R /var/data/live/a/x:y", true },
	{ "-Z", true },
	{ "-M /etc -r passwd", false },
	{ "-M /var/database/a -r x", false },
	{ "-M /var/data -r x", false },
	{ "-M /var/data/live/a:../../../etc -r x", false },
	{ "-M /var/data/live/a:b -r /etc/passwd", false },
	{ "-M /var/data/live/a -r ../../../etc/passwd", false },
	{ "-r /etc/passwd", false },
	{ "-c -M -r etc/passwd", false },
	{ "-c -M -r /var/data/live/a/x", true },
	{ "-r passwd", false },
	{ "-r /var/data/../../etc/passwd", false },
};

START_TEST(without_a_profile_paths_stay_below_the_data)
{
	int rc = parse(alone[_i].text, false);
	ck_assert_msg((rc == 0) == alone[_i].ok, "%s", alone[_i].text);
}
END_TEST

START_TEST(the_number_of_words_is_bounded)
{
	struct buf b = BUF_EMPTY;
	for (int i = 0; i < NFDUMP_ARGS_MAX; i++)
		buf_adds(&b, "-a ");
	ck_assert_int_eq(parse(b.data, true), 0);
	ck_assert_uint_eq(args.n, NFDUMP_ARGS_MAX);
	buf_adds(&b, "-a");
	ck_assert_int_eq(parse(b.data, true), -1);
	buf_clear(&b);
	buf_addc(&b, '-');
	for (int i = 0; i <= NFDUMP_ARGS_MAX; i++)
		buf_addc(&b, 'a');
	ck_assert_int_eq(parse(b.data, true), -1);
	buf_free(&b);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("nfdump's arguments");
	TCase *t = tcase_create("parse");
	tcase_add_checked_fixture(t, NULL, teardown);
	tcase_add_loop_test(t, what_pages_send_becomes_a_vector, 0,
	    sizeof(good) / sizeof(*good));
	tcase_add_loop_test(t, anything_else_is_refused_by_name, 0,
	    sizeof(bad) / sizeof(*bad));
	tcase_add_loop_test(t, without_a_profile_paths_stay_below_the_data, 0,
	    sizeof(alone) / sizeof(*alone));
	tcase_add_test(t, the_number_of_words_is_bounded);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
