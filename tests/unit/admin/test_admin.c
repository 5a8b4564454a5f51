/* The parts of nfsen that talk to nobody: options, ports, status lines. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "admin/admin.h"
#include "admin/fields.h"
#include "base/arena.h"

/* ---- options -------------------------------------------------------------- */

static struct admin a;
static struct arena arena;

static void
teardown(void)
{
	arena_free(&arena);
}

/* Words separated by blanks, behind the program's name. */
static int
options(const char *words)
{
	char *argv[16] = { arena_strdup(&arena, "nfsen") };
	int argc = 1;
	while (*words != '\0') {
		size_t n = strcspn(words, " ");
		argv[argc] = arena_strdup(&arena, words);
		argv[argc++][n] = '\0';
		words += n + strspn(words + n, " ");
	}
	return admin_options(&a, argc, argv);
}

START_TEST(a_command_may_stand_anywhere)
{
	ck_assert_int_eq(options("-y reconfig --config /x"), 0);
	ck_assert_str_eq(a.command, "reconfig");
	ck_assert_str_eq(a.file, "/x");
	ck_assert(a.yes && !a.check);
	ck_assert_int_eq(options("--config=/y --check"), 0);
	ck_assert_ptr_null(a.command);
	ck_assert_str_eq(a.file, "/y");
	ck_assert(a.check && !a.yes);
}
END_TEST

START_TEST(what_is_not_known_is_refused)
{
	ck_assert_int_eq(options("--konfig x"), -1);
	ck_assert_int_eq(options("--config"), -1);
	ck_assert_int_eq(options("-x"), -1);
	ck_assert_int_eq(options("start now"), -1);
	ck_assert_int_eq(options("--help"), 1);
	ck_assert_int_eq(options("-V"), 1);
}
END_TEST

/* ---- ports ---------------------------------------------------------------- */

START_TEST(sources_of_a_port_stand_together_and_port_0_is_last)
{
	static const char text[] =
	    "$BASEDIR = '/n'; %sources = ( z => { port => 0 },"
	    "b => { port => 2, IP => '::1' }, a => { port => 2, IP => '::2' },"
	    "c => { port => 1 }, y => { port => 0 } );";
	struct err err;
	struct buf idents = BUF_EMPTY;
	struct conf *c = conf_load_text("f", text, sizeof(text) - 1, &err);
	ck_assert_msg(c != NULL, "%s", err.msg);
	ck_assert(bundle_any(c));
	ck_assert_int_eq(bundle_next(c, -1), 1);
	ck_assert_int_eq(bundle_next(c, 1), 2);
	ck_assert_int_eq(bundle_next(c, 2), 0);
	ck_assert_int_eq(bundle_next(c, 0), -1);
	bundle_idents(c, 2, &idents);
	ck_assert_str_eq(buf_str(&idents), "a b");
	buf_clear(&idents);
	bundle_idents(c, 0, &idents);
	ck_assert_str_eq(buf_str(&idents), "y z");
	buf_free(&idents);
	conf_free(c);
}
END_TEST

/* ---- status lines --------------------------------------------------------- */

static const struct {
	const char *line, *key;
	uint64_t n;
} numbers[] = {
	{ "ident=gw port=9995 flows=18446744073709551615", "port", 9995 },
	{ "ident=gw port=9995 flows=18446744073709551615", "flows",
	    UINT64_MAX },
	{ "ident=gw port=9995", "ort", 0 },
	{ "ident=gw port=9995", "por", 0 },
	{ "ident=gw port=x", "port", 0 },
	{ "xport=1 port=2", "port", 2 },
	{ "  port=3", "port", 3 },
	{ "port", "port", 0 },
	{ "port=", "port", 0 },
	{ "port=-1", "port", 0 },
	{ "", "port", 0 },
};

START_TEST(a_number_is_found_by_its_whole_key)
{
	ck_assert_uint_eq(fields_number(numbers[_i].line, numbers[_i].key),
	    numbers[_i].n);
}
END_TEST

START_TEST(a_line_is_found_by_its_ident)
{
	char source[] = "source", other[] = "other";
	char one[] = "ident=gw1 port=1", two[] = "ident=gw port=2",
	     three[] = "ident=gw port=3";
	struct ctl_arg data[] = { { other, three, true },
		{ source, three, false }, { source, one, true },
		{ source, two, true } };
	struct ctl_result r = { data, 4, NULL };
	ck_assert_ptr_eq(fields_find(&r, "source", "ident", "gw"), two);
	ck_assert_ptr_eq(fields_find(&r, "source", "ident", "gw1"), one);
	ck_assert_ptr_null(fields_find(&r, "source", "ident", "g"));
	ck_assert(fields_is(one, "port", "1"));
	ck_assert(!fields_is(one, "port", ""));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("admin");
	TCase *t = tcase_create("parts");
	tcase_add_checked_fixture(t, NULL, teardown);
	tcase_add_test(t, a_command_may_stand_anywhere);
	tcase_add_test(t, what_is_not_known_is_refused);
	tcase_add_test(t, sources_of_a_port_stand_together_and_port_0_is_last);
	tcase_add_loop_test(t, a_number_is_found_by_its_whole_key, 0,
	    sizeof(numbers) / sizeof(*numbers));
	tcase_add_test(t, a_line_is_found_by_its_ident);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
