/* Arguments of nfsen-query: windows, aggregations, statistics, formats. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "query/agg.h"
#include "query/format.h"
#include "query/options.h"
#include "query/stat.h"
#include "query/window.h"

static struct err err;

static void
setup(void)
{
	(void)setenv("TZ", "UTC", 1);
}

/* 2026-11-23 00:00:00 UTC */
#define DAY UINT64_C(1795392000000)
#define BAD UINT64_MAX

static const struct {
	const char *text;
	uint64_t from, to; /* BAD: refused */
} windows[] = {
	{ "2026/11/23.00:00:00-2026/11/24.00:00:00", DAY, DAY + 86400000 },
	{ "2026/11/23", DAY, 0 },
	{ "2026/11/23.01", DAY + 3600000, 0 },
	{ "2026/11/23.01:02", DAY + 3720000, 0 },
	{ "2026/11/23.01:02:03-2026/11/23.01:03", DAY + 3723000,
	    DAY + 3780000 },
	{ "2026/11/23T01:02", DAY + 3720000, 0 },
	{ "2026-11-23T01:02", DAY + 3720000, 0 },
	{ "2026-11-23-2026-11-24", DAY, DAY + 86400000 },
	{ "2026-2027", UINT64_C(1767225600000), UINT64_C(1798761600000) },
	{ "2026/11", DAY - UINT64_C(22) * 86400000, 0 },
	{ "2026", UINT64_C(1767225600000), 0 },
	{ "", BAD, 0 },
	{ "foo", BAD, 0 },
	{ "2026/11/23-", BAD, 0 },
	{ "2026/11/23-x", BAD, 0 },
	{ "2026/11/23.", BAD, 0 },
	{ "2026/11/23.24", BAD, 0 },
	{ "2026/00/01", BAD, 0 },
	{ "2026/11/23x", BAD, 0 },
	{ "2026/11/24-2026/11/23", BAD, 0 },
	{ "1969/11/24", BAD, 0 },
	{ "202611/24", BAD, 0 },
	{ "+", BAD, 0 },
	{ "-0", BAD, 0 },
	{ "-5x", BAD, 0 },
	{ "+1234567890", BAD, 0 },
};

START_TEST(a_window_may_be_cut_off_from_the_right)
{
	struct window w;
	int r = window_take(windows[_i].text, &w, &err);
	ck_assert_int_eq(r, windows[_i].from == BAD ? -1 : 0);
	if (r == 0) {
		ck_assert_uint_eq(w.from_ms, windows[_i].from);
		ck_assert_uint_eq(w.to_ms, windows[_i].to);
	} else {
		ck_assert_ptr_nonnull(strstr(err.msg, windows[_i].text));
	}
}
END_TEST

static const struct {
	const char *list;
	const char *format; /* of the output; NULL: refused */
} aggs[] = {
	{ "proto", "%ts %td  %pr  %pkt %byt %bps %bpp %fl" },
	{ "srcip4/24,dstport", "%ts %td  %sa %dp  %pkt %byt %bps %bpp %fl" },
	{ "srcip4/24,srcip6/64", "%ts %td  %sa  %pkt %byt %bps %bpp %fl" },
	{ "srctos,mpls10", "%ts %td  %stos %mpls10  %pkt %byt %bps %bpp %fl" },
	{ "", NULL },
	{ "foo", NULL },
	{ "proto,,srcip", NULL },
	{ "proto,proto", NULL },
	{ "srcip4", NULL },
	{ "srcip4/", NULL },
	{ "srcip4/0", NULL },
	{ "srcip4/33", NULL },
	{ "srcip4/8x", NULL },
	{ "srcip4/-1", NULL },
	{ "srcip6/129", NULL },
	{ "srcip/8", NULL },
	{ "proto/8", NULL },
	{ "a_name_that_is_much_longer_than_any_name_of_an_element_could_be__"
	  "even_so",
	    NULL },
};

START_TEST(an_aggregation_is_a_list_of_elements)
{
	struct agg a;
	struct buf b = BUF_EMPTY;
	int r = agg_parse(&a, aggs[_i].list, &err);
	ck_assert_int_eq(r, aggs[_i].format == NULL ? -1 : 0);
	if (r == 0) {
		agg_format(&a, &b);
		ck_assert_str_eq(buf_str(&b), aggs[_i].format);
	}
	buf_free(&b);
}
END_TEST

#define BIT(o) (UINT32_C(1) << ORDER_##o)

static const struct {
	const char *text;
	int result;
	uint32_t orders;
	bool by_proto;
	size_t sides;
} stats[] = {
	{ "ip", 0, BIT(FLOWS), false, 2 },
	{ "srcip/bytes", 0, BIT(BYTES), false, 1 },
	{ "port:p/bytes/packets", 0, BIT(BYTES) | BIT(PACKETS), true, 2 },
	{ "proto", 0, BIT(FLOWS), true, 1 },
	{ "dstas/ibps/obpp", 0, BIT(IBPS) | BIT(OBPP), false, 1 },
	{ "srcip/ipackets", 0, BIT(IPKG), false, 1 },
	{ "record", 1, BIT(FLOWS), false, 0 },
	{ "record:p/bytes/flows", 1, BIT(FLOWS) | BIT(BYTES), true, 0 },
	{ "", -1, 0, false, 0 },
	{ "foo", -1, 0, false, 0 },
	{ "ip/", -1, 0, false, 0 },
	{ "ip/foo", -1, 0, false, 0 },
	{ "ip/tstart", -1, 0, false, 0 },
	{ "ip:x", -1, 0, false, 0 },
	{ "ip:", -1, 0, false, 0 },
	{ "ip:px", -1, 0, false, 0 },
};

START_TEST(a_statistic_has_an_element_and_orders)
{
	struct stat s;
	uint32_t orders = 0;
	int r = stat_parse(&s, stats[_i].text, &orders, &err);
	ck_assert_int_eq(r, stats[_i].result);
	if (r == -1)
		return;
	ck_assert_uint_eq(orders, stats[_i].orders);
	ck_assert(s.by_proto == stats[_i].by_proto);
	ck_assert_uint_eq(s.n_keys, stats[_i].sides);
}
END_TEST

static const struct {
	const char *text;
	int mode; /* -1: refused */
	bool wide;
} formats[] = {
	{ "line", MODE_FMT, false },
	{ "line6", MODE_FMT, true },
	{ "extended6", MODE_FMT, true },
	{ "csv", MODE_CSV, false },
	{ "null", MODE_NULL, false },
	{ "fmt:", MODE_FMT, false },
	{ "fmt:%ts x", MODE_FMT, false },
	{ "fmt:%", -1, false },
	{ "fmt:%zz", -1, false },
	{ "line7", -1, false },
	{ "", -1, false },
	{ "lin", -1, false },
};

START_TEST(an_output_format_has_a_name_or_tokens)
{
	struct format f = { 0 };
	struct arena a = ARENA_EMPTY;
	int r = format_parse(&f, formats[_i].text, &a, &err);
	ck_assert_int_eq(r, formats[_i].mode == -1 ? -1 : 0);
	if (r == 0) {
		ck_assert_int_eq((int)f.mode, formats[_i].mode);
		ck_assert(f.wide6 == formats[_i].wide);
	}
	arena_free(&a);
}
END_TEST

/* Words of a command line, and the exit status when they are refused. */
static const struct {
	const char *words[8];
	int status; /* -1: accepted */
} lines[] = {
	{ { "-r", "x", "-n", "0" }, -1 },
	{ { "-R", "x", "proto tcp", "-o", "null" }, -1 },
	{ { "-R", "x", "proto", "tcp" }, -1 },
	{ { "-V" }, -1 },
	{ { "-Z", "any" }, -1 },
	{ { "-Z", "foo" }, EXIT_FILTER },
	{ { "-R", "x", "foo" }, EXIT_FILTER },
	{ { "-R", "x", "-s", "ip", "-o", "json" }, EXIT_ARGS },
	{ { "proto tcp" }, EXIT_USAGE },
	{ { "-R" }, EXIT_USAGE },
	{ { "-R", "x", "-n", "-1" }, EXIT_ARGS },
	{ { "-R", "x", "-c", "1k" }, EXIT_ARGS },
	{ { "--no-such" }, EXIT_USAGE },
	{ { "-r" }, EXIT_USAGE },
	{ { "-r", "x", "-z=lz4:3", "-w", "y" }, -1 },
	{ { "-r", "x", "-z=lz5", "-w", "y" }, EXIT_ARGS },
	{ { "-r", "x", "-z", "-y", "-w", "y" }, EXIT_ARGS },
	{ { "-r", "x", "-y" }, EXIT_ARGS },
	{ { "-r", "x", "-w", "y", "-s", "record/bytes/flows" }, EXIT_ARGS },
	{ { "-r", "x", "-R", "y" }, EXIT_ARGS },
	{ { "-r", "x", "-J", "lz4:9" }, -1 },
	{ { "-R", "x", "-J", "0" }, -1 },
	{ { "-R", "x", "-J", "5" }, EXIT_ARGS },
	{ { "-R", "x", "-J", "" }, EXIT_ARGS },
	{ { "-R", "x", "-i", "a" }, EXIT_ARGS },
	{ { "-r", "x", "-i", "a b" }, EXIT_ARGS },
	{ { "-r", "x", "-i", "a" }, -1 },
	{ { "-r", "-" }, -1 },
	{ { "-r", "-", "-I" }, EXIT_ARGS },
	{ { "-v", "x" }, -1 },
	{ { "-r", "x", "-H", "db" }, EXIT_ARGS },
	{ { "-r", "x", "-H", "none", "-C", "none", "-D", "::1" }, -1 },
	{ { "-r", "x", "-W", "65" }, EXIT_ARGS },
	{ { "-r", "x", "-t", "-300" }, -1 },
	{ { "-r", "x", "-P", "bytes >" }, EXIT_FILTER },
};

START_TEST(a_command_line_is_taken_or_refused)
{
	static char name[] = "nfsen-query";
	char *argv[10] = { name };
	int argc = 1, status;
	struct options o;
	while (argc < 9 && lines[_i].words[argc - 1] != NULL) {
		argv[argc] = strdup(lines[_i].words[argc - 1]);
		ck_assert_ptr_nonnull(argv[argc++]);
	}
	int r = options_parse(&o, argc, argv, &status, &err);
	ck_assert_int_eq(r, lines[_i].status == -1 ? 0 : -1);
	if (r == -1)
		ck_assert_int_eq(status, lines[_i].status);
	options_free(&o);
	while (argc > 1)
		free(argv[--argc]);
}
END_TEST

#define LOOP(t, test, table)                                                   \
	tcase_add_loop_test(t, test, 0,                                        \
	    (int)(sizeof(table) / sizeof((table)[0])))

int
main(void)
{
	/* What is fed on standard input would be read. */
	if (freopen("/dev/null", "r", stdin) == NULL)
		return 1;
	Suite *s = suite_create("query arguments");
	TCase *t = tcase_create("all");
	tcase_add_checked_fixture(t, setup, NULL);
	LOOP(t, a_window_may_be_cut_off_from_the_right, windows);
	LOOP(t, an_aggregation_is_a_list_of_elements, aggs);
	LOOP(t, a_statistic_has_an_element_and_orders, stats);
	LOOP(t, an_output_format_has_a_name_or_tokens, formats);
	LOOP(t, a_command_line_is_taken_or_refused, lines);
	suite_add_tcase(s, t);
	SRunner *sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	int failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
