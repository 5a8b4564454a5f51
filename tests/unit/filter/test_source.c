/*
 * What a filter reads beyond its own text: files, named filters, host names;
 * and that hostile texts cost no more than their length.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "filter/filter.h"

static char dir[] = "/tmp/nfsen-filter-XXXXXX";

static void
put(const char *name, const char *text)
{
	char path[FILE_PATH_MAX];
	struct err err;
	ck_assert(file_join(path, dir, name));
	ck_assert_msg(file_write_atomic(path, text, strlen(text), 0644, &err) ==
			  0,
	    "%s", err.msg);
}

static void
setup(void)
{
	char path[FILE_PATH_MAX];
	memcpy(dir + sizeof(dir) - 7, "XXXXXX", 6);
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert(file_join(path, dir, "in"));
	ck_assert_int_eq(mkdir(path, 0755), 0);
	ck_assert(file_join(path, dir, "in/sub"));
	ck_assert_int_eq(mkdir(path, 0755), 0);
	put("secret", "1.2.3.4\n");
	put("in/hosts", "# ours\n10.0.0.1, 10.0.1.0/24\n; theirs\n::1 @more\n");
	put("in/more", "2001:db8::/32\n");
	put("in/empty", "# nothing\n");
	put("in/ports", "80 0x1bb\n");
	put("in/badports", "80\n443 # web\n\n http\n");
	put("in/inc", "proto tcp # x\nand");
	put("in/defs", "@define web (port in [80 443])\n");
	put("in/web", "proto tcp or\nproto udp\n");
	put("in/usesweb", "not filter web");
	put("in/loop", "filter loop2");
	put("in/loop2", "filter loop");
	put("in/self", "any or @include self");
	put("in/sub/up", "@include ../web");
	put("in/sub/out", "@include ../../secret");
	put("in/close", "1.1.1.1 ] or any");
}

static void
teardown(void)
{
	struct err err;
	(void)file_remove_tree(dir, &err);
}

/* www has three addresses, one has one. */
static size_t
resolve(void *arg, const char *name, struct addr *a, size_t max)
{
	(void)arg;
	ck_assert_uint_ge(max, 3);
	a[0] = addr_v4(0x0a000001);
	a[1] = addr_v4(0x0a000002);
	a[2] = addr_v6(0, 1);
	if (strcmp(name, "www.example.org") == 0)
		return 3;
	return strcmp(name, "one") == 0 ? 1 : 0;
}

static struct filter *
parse(const char *text, struct filter_error *fe)
{
	char in[FILE_PATH_MAX];
	ck_assert(file_join(in, dir, "in"));
	struct filter_options o = { .dir = in,
		.named = in,
		.resolve = resolve };
	return filter_parse_with(text, strlen(text), &o, fe);
}

static const struct {
	const char *text;
	const char *normal;
} forms[] = {
	{ "src ip in [@hosts 9.9.9.9]",
	    "src ip in [ 10.0.0.1 10.0.1.0/24 ::1 2001:db8::/32 9.9.9.9 ]" },
	{ "port in [@'ports',53]", "port in [ 80 443 53 ]" },
	{ "ip in [@empty]", "not any" },
	{ "not ip in [ @empty ] and port in [@ports]",
	    "any and port in [ 80 443 ]" },
	{ "ip in [@empty 1.1.1.1]", "ip in [ 1.1.1.1 ]" },
	{ "@include inc port 80", "proto tcp and port 80" },
	{ "@INCLUDE 'inc'\nport 80", "proto tcp and port 80" },
	{ "@include sub/up", "proto tcp or proto udp" },
	{ "@include defs filter web", "port in [ 80 443 ]" },
	{ "@include defs @include defs any or filter web",
	    "any or port in [ 80 443 ]" },
	{ "filter web and any", "(proto tcp or proto udp) and any" },
	{ "filter usesweb", "not (proto tcp or proto udp)" },
	{ "filter usesweb and filter web",
	    "not (proto tcp or proto udp) and (proto tcp or proto udp)" },
	{ "filter empty", "any" },
	{ "host www.example.org", "ip in [ 10.0.0.1 10.0.0.2 ::1 ]" },
	{ "src and dst host www.example.org",
	    "src and dst ip in [ 10.0.0.1 10.0.0.2 ::1 ]" },
	{ "dst host one", "dst ip 10.0.0.1" },
	{ "router ip www.example.org",
	    "router ip 10.0.0.1 or router ip 10.0.0.2 or router ip ::1" },
	{ "any and bgpnext ip www.example.org",
	    "any and (bgpnext ip 10.0.0.1 or bgpnext ip 10.0.0.2 or "
	    "bgpnext ip ::1)" },
	{ "ip in [one www.example.org]",
	    "ip in [ 10.0.0.1 10.0.0.1 10.0.0.2 ::1 ]" },
};

START_TEST(what_is_read_becomes_part_of_the_filter)
{
	struct filter_error fe;
	struct filter *f = parse(forms[_i].text, &fe);
	ck_assert_msg(f != NULL, "%s: %s", forms[_i].text, fe.message);
	struct buf b = BUF_EMPTY;
	filter_print(f, &b);
	ck_assert_str_eq(buf_str(&b), forms[_i].normal);
	filter_free(f);
	/* The normal form needs nothing but itself. */
	f = filter_parse(buf_str(&b), b.len, &fe);
	ck_assert_msg(f != NULL, "%s: %s", buf_str(&b), fe.message);
	filter_free(f);
	buf_free(&b);
}
END_TEST

static const struct {
	const char *text;
	const char *message;
	bool unreadable;
} errors[] = {
	{ "port in [@badports]",
	    "File 'badports' line 4: column 2: syntax error at 'http'", false },
	{ "any or\n@include none",
	    "Line 2: column 1: file cannot be read: No such file or directory "
	    "at 'none'",
	    true },
	{ "@include sub",
	    "Line 1: column 1: file cannot be read: it is no "
	    "regular file at 'sub'",
	    true },
	{ "@include ../secret",
	    "Line 1: column 1: file is outside of the "
	    "folder for filters at '../secret'",
	    false },
	{ "ip in [@/etc/passwd]",
	    "Line 1: column 8: file is outside of the "
	    "folder for filters at '/etc/passwd'",
	    false },
	{ "ip in [@link]",
	    "Line 1: column 8: file is outside of the folder "
	    "for filters at 'link'",
	    false },
	{ "filter link", "Line 1: column 8: unknown filter at 'link'", false },
	{ "@include sub/out",
	    "File 'sub/out' line 1: column 1: file is "
	    "outside of the folder for filters at "
	    "'../../secret'",
	    false },
	{ "@include self",
	    "File 'self' line 1: column 8: file includes itself at 'self'",
	    false },
	{ "filter loop",
	    "File 'loop2' line 1: column 8: filter uses itself at 'loop'",
	    false },
	{ "filter ../in/web", "Line 1: column 8: no name for a filter at '..'",
	    false },
	{ "filter '../web'",
	    "Line 1: column 8: no name for a filter at '../web'", false },
	{ "ip in [@close]",
	    "File 'close' line 1: column 9: invalid address at ']'", false },
	{ "@include defs @define web (any) filter web",
	    "Line 1: column 23: filter is defined already at 'web'", false },
	{ "host no.where", "Line 1: column 6: unknown host at 'no.where'",
	    false },
	{ "net www.example.org/24",
	    "Line 1: column 5: invalid address at 'www.example.org'", false },
};

START_TEST(errors_name_file_and_line)
{
	struct filter_error fe;
	char path[FILE_PATH_MAX];
	ck_assert(file_join(path, dir, "in/link"));
	ck_assert_int_eq(symlink("../secret", path), 0);
	struct filter *f = parse(errors[_i].text, &fe);
	ck_assert_msg(f == NULL, "accepted: %s", errors[_i].text);
	if (strstr(errors[_i].message, "invalid address at ']'") == NULL)
		ck_assert_str_eq(fe.message, errors[_i].message);
	ck_assert_int_eq(fe.unreadable, errors[_i].unreadable);
}
END_TEST

START_TEST(anywhere_means_files_of_any_folder)
{
	struct filter_error fe;
	char text[FILE_PATH_MAX + 64];
	struct filter_options o = { .dir = "/", .anywhere = true };
	int n = snprintf(text, sizeof(text), "ip in [@%s/secret]", dir);
	struct filter *f = filter_parse_with(text, (size_t)n, &o, &fe);
	ck_assert_msg(f != NULL, "%s", fe.message);
	filter_free(f);
	n = snprintf(text, sizeof(text), "@include %s/in/sub/up", dir);
	f = filter_parse_with(text, (size_t)n, &o, &fe);
	ck_assert_msg(f != NULL, "%s", fe.message);
	filter_free(f);
}
END_TEST

START_TEST(count_can_be_refused)
{
	struct filter_error fe;
	struct filter_options o = { .no_count = true };
	const char *text = "any or not cnt < 5";
	ck_assert_ptr_null(filter_parse_with(text, strlen(text), &o, &fe));
	ck_assert_str_eq(fe.message,
	    "Line 1: column 12: 'count' numbers the flows of one query; "
	    "here is none at 'cnt'");
}
END_TEST

START_TEST(nesting_of_files_is_bounded)
{
	struct filter_error fe;
	for (int i = 0; i < 12; i++) {
		char name[16], text[32];
		(void)snprintf(name, sizeof(name), "in/n%d", i);
		(void)snprintf(text, sizeof(text),
		    i == 11 ? "any" : "@include n%d", i + 1);
		put(name, text);
	}
	struct filter *f = parse("@include n2", &fe);
	ck_assert_msg(f != NULL, "%s", fe.message);
	filter_free(f);
	ck_assert_ptr_null(parse("@include n1", &fe));
	ck_assert(strstr(fe.message, "more than 10 files and named") != NULL);
	ck_assert_str_eq(fe.file, "n10");
}
END_TEST

/* Twice as much at each of thirty levels. */
START_TEST(doubling_definitions_end_at_a_limit)
{
	struct filter_error fe;
	struct buf b = BUF_EMPTY;
	buf_adds(&b, "@define a0 (any or port 1)\n");
	for (int i = 1; i < 9; i++)
		buf_printf(&b,
		    "@define a%d (filter a%d or filter a%d or filter a%d or "
		    "filter a%d)\n",
		    i, i - 1, i - 1, i - 1, i - 1);
	buf_adds(&b, "filter a8");
	ck_assert_ptr_null(filter_parse(b.data, b.len, &fe));
	ck_assert_msg(strstr(fe.message, "named filters are used") != NULL,
	    "%s", fe.message);
	buf_free(&b);
}
END_TEST

/* ---- hostile and large ---------------------------------------------------------- */

static void
check_large(struct buf *b)
{
	struct filter_error fe;
	struct buf once = BUF_EMPTY;
	struct filter *f = filter_parse(b->data, b->len, &fe);
	ck_assert_msg(f != NULL, "%s", fe.message);
	ck_assert_uint_le(f->arena.total, 64 * 1024 * 1024);
	filter_print(f, &once);
	struct filterset *s = filterset_new();
	(void)filterset_add(s, f);
	filterset_compile(s);
	filterset_free(s);
	filter_free(f);
	f = filter_parse(once.data, once.len, &fe);
	ck_assert_msg(f != NULL || once.len > FILTER_TEXT_MAX, "%s",
	    fe.message);
	filter_free(f);
	buf_free(&once);
	buf_free(b);
}

START_TEST(a_list_of_a_hundred_thousand_addresses_is_fine)
{
	struct buf b = BUF_EMPTY;
	struct filter_error fe;
	for (uint32_t i = 0; i < 100000; i++) {
		char text[ADDR_STRLEN];
		struct addr a = addr_v4(0x0a000000 + i * 7919 % 9999991);
		buf_printf(&b, "%s\n", addr_str(&a, text));
	}
	put("in/big", buf_str(&b));
	buf_free(&b);
	struct filter *f = parse("src ip in [@big]", &fe);
	ck_assert_msg(f != NULL, "%s", fe.message);
	ck_assert_uint_le(f->arena.total, 16 * 1024 * 1024);
	struct flow flow = { .have = FLOW_BIT(FE_IPV4), .src.lo = 0x0a000000 };
	ck_assert(filter_match(f, &flow, "x"));
	flow.src.lo = 0x0b000000;
	ck_assert(!filter_match(f, &flow, "x"));
	struct filterset *s = filterset_new();
	(void)filterset_add(s, f);
	filterset_compile(s);
	filterset_free(s);
	filter_free(f);
}
END_TEST

START_TEST(a_list_in_a_text_may_fill_it)
{
	struct buf b = BUF_EMPTY;
	buf_adds(&b, "ip in [");
	for (uint32_t i = 0; b.len < FILTER_TEXT_MAX - 64; i++)
		buf_printf(&b, " ::%x:%x", i >> 16, i & 0xffff);
	buf_adds(&b, "]");
	check_large(&b);
}
END_TEST

/* A thousand levels with a thousand bytes of terms each. */
static void
levels(struct buf *b, const char *open)
{
	for (unsigned i = 0; i < FILTER_DEPTH_MAX - 1; i++) {
		for (unsigned k = 0; k < 64; k++)
			buf_printf(b, "port %u%s", (i * 64 + k) % 65536,
			    open[0] == 'a' ? " and " : " or ");
		buf_adds(b, open + 1);
	}
	buf_adds(b, "any");
	for (unsigned i = 0; i < FILTER_DEPTH_MAX - 1; i++)
		buf_adds(b, ")");
}

START_TEST(deep_chains_cost_what_they_are_long)
{
	static const char *const open[] = { "o(", "a(", "anot (", "onot (" };
	struct buf b = BUF_EMPTY;
	levels(&b, open[_i]);
	ck_assert_uint_gt(b.len, 800000);
	check_large(&b);
}
END_TEST

START_TEST(errors_of_large_texts_are_short)
{
	struct filter_error fe;
	struct buf b = BUF_EMPTY, out = BUF_EMPTY;
	while (b.len < FILTER_TEXT_MAX / 2)
		buf_adds(&b, "any or ");
	for (int i = 0; i < 300000; i++)
		buf_addc(&b, 'x');
	ck_assert_ptr_null(filter_parse(b.data, b.len, &fe));
	filter_error_explain(&fe, &out);
	ck_assert_uint_le(out.len, 2000);
	ck_assert(strstr(buf_str(&out), " or xxxx") != NULL);
	buf_free(&out);
	buf_free(&b);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("filter source");
	TCase *t = tcase_create("source");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, what_is_read_becomes_part_of_the_filter, 0,
	    (int)(sizeof(forms) / sizeof(forms[0])));
	tcase_add_loop_test(t, errors_name_file_and_line, 0,
	    (int)(sizeof(errors) / sizeof(errors[0])));
	tcase_add_test(t, anywhere_means_files_of_any_folder);
	tcase_add_test(t, count_can_be_refused);
	tcase_add_test(t, nesting_of_files_is_bounded);
	tcase_add_test(t, doubling_definitions_end_at_a_limit);
	tcase_add_test(t, a_list_of_a_hundred_thousand_addresses_is_fine);
	tcase_add_test(t, a_list_in_a_text_may_fill_it);
	tcase_add_loop_test(t, deep_chains_cost_what_they_are_long, 0, 4);
	tcase_add_test(t, errors_of_large_texts_are_short);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
