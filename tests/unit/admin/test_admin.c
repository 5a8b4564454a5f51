/* The parts of nfsen that talk to nobody: options, ports, status lines. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "admin/admin.h"
#include "admin/fields.h"
#include "admin/loss.h"
#include "admin/period.h"
#include "base/arena.h"
#include "ledger/words.h"

/* ---- options -------------------------------------------------------------- */

static struct admin a;
static struct arena arena;

static void
teardown(void)
{
	arena_free(&arena);
	arena_free(&a.arena);
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
	arena_free(&a.arena); /* of the one before */
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

START_TEST(a_period_is_for_exporters)
{
	ck_assert_int_eq(options("exporters --last 2h --source=gw --json"), 0);
	ck_assert_str_eq(a.last, "2h");
	ck_assert_str_eq(a.source, "gw");
	ck_assert(a.json);
	ck_assert_int_eq(options("--from @5 exporters --to=@6"), 0);
	ck_assert_str_eq(a.from, "@5");
	ck_assert_str_eq(a.to, "@6");
	ck_assert_int_eq(options("exporters --last"), -1);
	ck_assert_int_eq(options("status --last 2h"), -1);
	ck_assert_int_eq(options("--json"), -1);
	ck_assert_int_eq(options("exporters --lastly 2h"), -1);
}
END_TEST

/* ---- periods, in UTC ------------------------------------------------------ */

START_TEST(times_are_read_as_people_write_them)
{
	static const struct {
		const char *text;
		int64_t want; /* -1: none */
	} times[] = {
		{ "2026-11-23 14:05", 1795442700 },
		{ "2026-11-23T14:05:07", 1795442707 },
		{ "202611231405", 1795442700 },
		{ "2026-11-23", 1795392000 },
		{ "@1795442700", 1795442700 },
		{ "@", -1 },
		{ "@-5", -1 },
		{ "@5x", -1 },
		{ "@99999999999999999999", -1 },
		{ "2026", -1 },
		{ "2026-13-01", -1 },
		{ "yesterday", -1 },
		{ "2026-11-23 14:05:07.5", -1 },
		{ "", -1 },
	};
	int64_t t = 0;
	ck_assert_int_eq(setenv("TZ", "UTC", 1), 0);
	for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
		bool ok = period_time(times[i].text, &t);
		ck_assert_msg(ok == (times[i].want != -1), "%s", times[i].text);
		if (ok)
			ck_assert_int_eq(t, times[i].want);
	}
}
END_TEST

START_TEST(spans_have_a_unit)
{
	int64_t s = 0;
	ck_assert(period_span("90s", &s) && s == 90);
	ck_assert(period_span("2h", &s) && s == 7200);
	ck_assert(period_span("1d", &s) && s == 86400);
	ck_assert(period_span("3w", &s) && s == INT64_C(1814400));
	ck_assert(!period_span("0d", &s));
	ck_assert(!period_span("-1d", &s));
	ck_assert(!period_span("1", &s));
	ck_assert(!period_span("1y", &s));
	ck_assert(!period_span("1dd", &s));
	ck_assert(!period_span("", &s));
	ck_assert(!period_span("9223372036854775807w", &s));
	ck_assert(!period_span("99999999999999999999s", &s));
}
END_TEST

START_TEST(the_last_day_unless_asked_otherwise)
{
	const int64_t now = 1795442700;
	int64_t from, to;
	struct err err;
	ck_assert_int_eq(options("exporters"), 0);
	ck_assert_int_eq(period_of(&a, now, &from, &to, &err), 0);
	ck_assert_int_eq(to, now + 1);
	ck_assert_int_eq(from, to - 86400);
	ck_assert_int_eq(options("exporters --from @100 --to @200"), 0);
	ck_assert_int_eq(period_of(&a, now, &from, &to, &err), 0);
	ck_assert_int_eq(from, 100);
	ck_assert_int_eq(to, 200);
	ck_assert_int_eq(options("exporters --last 999999w"), 0);
	ck_assert_int_eq(period_of(&a, now, &from, &to, &err), 0);
	ck_assert_int_eq(from, 0);
	ck_assert_int_eq(options("exporters --from @200 --to @200"), 0);
	ck_assert_int_eq(period_of(&a, now, &from, &to, &err), -1);
	ck_assert_int_eq(options("exporters --last 1d --to @200"), 0);
	ck_assert_int_eq(period_of(&a, now, &from, &to, &err), -1);
}
END_TEST

START_TEST(losses_are_told_in_words)
{
	struct ledger_line l;
	struct buf words = BUF_EMPTY;
	char protocol[LOSS_PROTOCOL_MAX];
	loss_of_line("ident=gw flows=7 sequence_lost=3 malformed=2", &l);
	ck_assert_uint_eq(ledger_lost(&l), 5);
	ck_assert_uint_eq(l.n[LEDGER_FLOWS], 7);
	ledger_words(&l, &words);
	ck_assert_str_eq(buf_str(&words), "3 missing in sequence, 2 malformed");
	/* Every kind that is summed up has words. */
	for (size_t i = 0; i < LEDGER_COUNTS; i++) {
		l = (struct ledger_line){ 0 };
		l.n[i] = 1;
		buf_clear(&words);
		ledger_words(&l, &words);
		ck_assert_msg((words.len != 0) == (ledger_lost(&l) != 0), "%s",
		    ledger_name[i]);
	}
	buf_free(&words);
	l.version = 9999;
	ck_assert_str_eq(loss_protocol(&l, protocol), "sflow");
	l.version = 5;
	ck_assert_str_eq(loss_protocol(&l, protocol), "v5");
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
	tcase_add_test(t, a_period_is_for_exporters);
	tcase_add_test(t, times_are_read_as_people_write_them);
	tcase_add_test(t, spans_have_a_unit);
	tcase_add_test(t, the_last_day_unless_asked_otherwise);
	tcase_add_test(t, losses_are_told_in_words);
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
