/* The ledger: lines, files, what a crash leaves. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "ledger/ledger.h"

static char dir[64];

static void
make_dir(void)
{
	(void)snprintf(dir, sizeof(dir), "/tmp/ledger.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void
remove_dir(void)
{
	struct err err;
	ck_assert_int_eq(file_remove_tree(dir, &err), 0);
}

static struct ledger_line
example(int64_t slot)
{
	struct ledger_line l = {
		.slot = slot,
		.length = 300,
		.source = "gw",
		.exporter = addr_v4(0xc0000201),
		.version = 9,
		.id = 4294967295U,
	};
	for (size_t i = 0; i < LEDGER_COUNTS; i++)
		l.n[i] = i % 3 == 0 ? 0 : UINT64_MAX - i;
	return l;
}

static void
append(int64_t slot, const struct ledger_line *l)
{
	struct buf b = BUF_EMPTY;
	struct err err;
	ledger_print(l, &b);
	ck_assert_msg(ledger_append(dir, "gw", slot, &b, &err) == 0, "%s",
	    err.msg);
	buf_free(&b);
}

struct got {
	struct ledger_line sum;
	unsigned lines;
	int64_t last;
};

static void
take(void *ctx, const struct ledger_line *l)
{
	struct got *g = ctx;
	ledger_sum(&g->sum, l);
	g->lines++;
	g->last = l->slot;
}

static struct got
read_all(int64_t from, int64_t to, uint64_t want_bad)
{
	struct got g = { 0 };
	struct err err;
	uint64_t bad = 0;
	ck_assert_msg(ledger_read(dir, "gw", from, to, take, &g, &bad, &err) ==
			  0,
	    "%s", err.msg);
	ck_assert_uint_eq(bad, want_bad);
	return g;
}

static void
must_print_as(const struct ledger_line *l, const char *text)
{
	struct buf b = BUF_EMPTY;
	ledger_print(l, &b);
	ck_assert_str_eq(b.data, text);
	buf_free(&b);
}

START_TEST(a_line_says_what_was_counted)
{
	struct ledger_line l = example(1795444200), back;
	struct buf b = BUF_EMPTY;
	ledger_print(&l, &b);
	ck_assert_int_eq(b.data[b.len - 1], '\n');
	ck_assert_ptr_nonnull(strstr(b.data,
	    "slot=1795444200 length=300 source=gw exporter=192.0.2.1 "
	    "version=9 id=4294967295 flows="));
	ck_assert_ptr_null(strstr(b.data, "datagrams"));
	ck_assert(ledger_parse(b.data, b.len - 1, &back));
	must_print_as(&back, b.data);
	buf_free(&b);
}
END_TEST

START_TEST(a_source_s_own_line_names_no_exporter)
{
	struct ledger_line l = { .slot = 0, .length = 1, .source = "a" }, back;
	struct buf b = BUF_EMPTY;
	l.n[LEDGER_KERNEL_DROPS] = 7;
	ledger_print(&l, &b);
	ck_assert_str_eq(b.data, "slot=0 length=1 source=a kernel_drops=7\n");
	ck_assert(ledger_parse(b.data, b.len - 1, &back));
	must_print_as(&back, b.data);
	buf_free(&b);
}
END_TEST

START_TEST(keys_of_newer_writers_are_passed_over)
{
	static const char text[] =
	    "slot=5 length=300 source=a colour=blue flows=3 x=";
	struct ledger_line l;
	ck_assert(ledger_parse(text, strlen(text), &l));
	ck_assert_uint_eq(l.n[LEDGER_FLOWS], 3);
}
END_TEST

static const char *const no_lines[] = {
	"",
	"slot=5 length=300",
	"slot=5 source=a",
	"slot=5 length=0 source=a",
	"length=300 source=a",
	"slot=-5 length=300 source=a",
	"slot=5 length=300 source=",
	"slot=5 length=300 source=a flows=",
	"slot=5 length=300 source=a flows=18446744073709551616",
	"slot=5 length=300 source=a flows=1e3",
	"slot=5 length=300 source=a exporter=10.0.0",
	"slot=5 length=300 source=a exporter=10.0.0.1 version=65536",
	"slot=5 length=300 source=a word",
	"slot=5  length=300 source=a",
};

START_TEST(what_is_no_line_is_refused)
{
	struct ledger_line l;
	ck_assert_msg(!ledger_parse(no_lines[_i], strlen(no_lines[_i]), &l),
	    "'%s'", no_lines[_i]);
}
END_TEST

START_TEST(slots_are_found_over_the_days)
{
	struct ledger_line l = { .length = 300, .source = "gw" };
	l.n[LEDGER_FLOWS] = 1;
	make_dir();
	for (int64_t slot = 86400 * 3 - 600; slot < 86400 * 3 + 600;
	     slot += 300) {
		l.slot = slot;
		append(slot, &l);
	}
	ck_assert_uint_eq(read_all(0, INT64_MAX, 0).lines, 4);
	ck_assert_uint_eq(read_all(86400 * 3 - 300, 86400 * 3, 0).lines, 1);
	struct got g = read_all(86400 * 3 - 300, 86400 * 3 + 1, 0);
	ck_assert_uint_eq(g.sum.n[LEDGER_FLOWS], 2);
	ck_assert_int_eq(g.last, 86400 * 3);
	remove_dir();
}
END_TEST

START_TEST(a_cut_line_does_not_spoil_the_next)
{
	struct ledger_line l = example(600);
	char path[128];
	make_dir();
	append(600, &l);
	(void)snprintf(path, sizeof(path), "%s/gw/19700101", dir);
	int fd = open(path, O_WRONLY | O_APPEND);
	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(file_write_full(fd, "slot=900 length=300 sou", 23), 0);
	(void)close(fd);
	ck_assert_uint_eq(read_all(0, INT64_MAX, 0).lines, 1);
	l.slot = 1200;
	append(1200, &l);
	struct got g = read_all(0, INT64_MAX, 1);
	ck_assert_uint_eq(g.lines, 2);
	ck_assert_int_eq(g.last, 1200);
	remove_dir();
}
END_TEST

START_TEST(old_days_go)
{
	struct ledger_line l = { .length = 300, .source = "gw" };
	struct err err;
	make_dir();
	for (int64_t day = 1; day <= 4; day++) {
		l.slot = day * 86400;
		append(l.slot, &l);
	}
	ck_assert_int_eq(ledger_expire(dir, "gw", 3 * 86400 + 5, &err), 0);
	ck_assert_uint_eq(read_all(0, INT64_MAX, 0).lines, 2);
	ck_assert_int_eq(ledger_expire(dir, "none", INT64_MAX, &err), 0);
	remove_dir();
}
END_TEST

START_TEST(no_path_leaves_the_folder)
{
	struct buf b = BUF_EMPTY;
	struct err err;
	buf_adds(&b, "slot=1 length=1 source=a\n");
	static const char *const names[] = { "..", "a/b", "", ".x" };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		ck_assert_int_eq(ledger_append("/nowhere", names[i], 1, &b,
				     &err),
		    -1);
	buf_free(&b);
}
END_TEST

START_TEST(what_is_lost_is_the_sum_of_all_losses)
{
	struct ledger_line l = { 0 };
	l.n[LEDGER_FLOWS] = 100;
	l.n[LEDGER_WAITED] = 5;
	ck_assert_uint_eq(ledger_lost(&l), 0);
	l.n[LEDGER_KERNEL_DROPS] = 1;
	l.n[LEDGER_SEQUENCE_LOST] = 10;
	l.n[LEDGER_UNWRITTEN] = 100;
	ck_assert_uint_eq(ledger_lost(&l), 111);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("ledger");
	TCase *t = tcase_create("ledger");
	tcase_add_test(t, a_line_says_what_was_counted);
	tcase_add_test(t, a_source_s_own_line_names_no_exporter);
	tcase_add_test(t, keys_of_newer_writers_are_passed_over);
	tcase_add_loop_test(t, what_is_no_line_is_refused, 0,
	    sizeof(no_lines) / sizeof(no_lines[0]));
	tcase_add_test(t, slots_are_found_over_the_days);
	tcase_add_test(t, a_cut_line_does_not_spoil_the_next);
	tcase_add_test(t, old_days_go);
	tcase_add_test(t, no_path_leaves_the_folder);
	tcase_add_test(t, what_is_lost_is_the_sum_of_all_losses);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
