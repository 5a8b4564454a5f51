/* Reading the files of a query. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "nffile/nffile.h"
#include "query/scan.h"

static char dir[64];
static char path[128];
static struct err err;
static char said[ERR_MAX];

static void
setup(void)
{
	(void)snprintf(dir, sizeof(dir), "/tmp/scan.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/nfcapd.202311142210", dir);
	said[0] = '\0';
}

static void
teardown(void)
{
	ck_assert_int_eq(file_remove_tree(dir, &err), 0);
}

/* Flow i begins at 1000 * i ms and lasts 500 ms. */
static void
write_flows(unsigned n, bool finish)
{
	struct nffile_writer w;
	struct nffile_writer_opts o = { .codec = CODEC_LZ4,
		.creator = CREATOR_NFCAPD,
		.created = 1,
		.ident = "x",
		.mode = 0644 };
	ck_assert_int_eq(nffile_create(&w, path, &o, &err), 0);
	for (unsigned i = 1; i <= n; i++) {
		struct flow f = { .have = FLOW_BIT(FE_GENERIC),
			.first = i * 1000,
			.last = i * 1000 + 500,
			.packets = 1,
			.bytes = 10 };
		ck_assert_int_eq(nffile_add_flow(&w, &f, &err), 0);
	}
	ck_assert_int_eq(nffile_flush(&w, &err), 0);
	if (finish)
		ck_assert_int_eq(nffile_finish(&w, false, &err), 0);
	else
		nffile_writer_abandon(&w);
}

static void
complain(const char *text)
{
	(void)snprintf(said, sizeof(said), "%s", text);
}

static void
run(struct scan *s, bool open)
{
	struct tree_file f = { .path = path, .open = open };
	struct tree_list l = { .files = &f, .n = 1 };
	scan_run(s, &l, complain);
}

static void
count_rows(void *ctx, const struct picked *p)
{
	*(size_t *)ctx += p->n;
}

static const struct {
	uint64_t from, to, limit;
	size_t passed, processed;
} cases[] = {
	{ 0, 0, 0, 9000, 9000 },
	{ 0, 0, 1, 1, 1 },
	{ 0, 0, 5000, 5000, 5000 },
	{ 2000, 0, 0, 8999, 9000 },
	{ 2001, 0, 0, 8998, 9000 },
	{ 0, 3500, 0, 3, 9000 },
	{ 0, 3499, 0, 2, 9000 },
	{ 2000, 4500, 2, 2, 3 },
	{ 90000000, 0, 0, 0, 9000 },
};

START_TEST(a_window_and_a_limit_pick_these_flows)
{
	struct scan s;
	size_t rows = 0;
	write_flows(9000, true);
	scan_init(&s);
	s.from_ms = cases[_i].from;
	s.to_ms = cases[_i].to;
	s.limit = cases[_i].limit;
	scan_add_sink(&s, &(struct scan_sink){ .ctx = &rows,
			      .ordered = true,
			      .take = count_rows });
	run(&s, false);
	ck_assert_uint_eq(rows, cases[_i].passed);
	ck_assert_uint_eq(s.passed, cases[_i].passed);
	ck_assert_uint_eq(s.processed, cases[_i].processed);
	ck_assert_uint_eq(s.total.bytes, 10 * cases[_i].passed);
	ck_assert_uint_eq(s.first, 1000);
	ck_assert_uint_eq(s.last, 9000500);
}
END_TEST

START_TEST(an_open_file_is_read_and_its_times_are_its_flows)
{
	struct scan s;
	write_flows(10, false);
	scan_init(&s);
	run(&s, true);
	ck_assert_uint_eq(s.passed, 10);
	ck_assert_uint_eq(s.first, 1000);
	ck_assert_uint_eq(s.last, 10500);
	ck_assert_uint_eq(s.failed, 0);
	ck_assert(!s.vanished);
}
END_TEST

/* A flow's record whose second element is n bytes of an unknown type. */
static void
add_odd(struct nffile_writer *w, uint16_t length, uint16_t type)
{
	uint8_t rec[12 + 44 + 8] = { 0 };
	uint16_t words[] = { type, sizeof(rec), 2 };
	uint16_t elems[][2] = { { FE_GENERIC, 44 }, { 60000, length } };
	memcpy(rec, words, sizeof(words));
	memcpy(rec + 12, elems[0], sizeof(elems[0]));
	memcpy(rec + 56, elems[1], sizeof(elems[1]));
	ck_assert_int_eq(nffile_add_record(w, rec, &err), 0);
}

START_TEST(what_is_not_known_or_does_not_fit_is_counted)
{
	struct scan s;
	struct nffile_writer w;
	struct nffile_writer_opts o = { .ident = "x", .mode = 0644 };
	size_t rows = 0;
	ck_assert_int_eq(nffile_create(&w, path, &o, &err), 0);
	for (unsigned i = 0; i < 100; i++) {
		add_odd(&w, 8, REC_FLOW);
		if (i % 2 == 0)
			add_odd(&w, 8, 300); /* a type of record */
		if (i % 4 == 0)
			add_odd(&w, 9, REC_FLOW); /* beyond its record */
	}
	ck_assert_int_eq(nffile_finish(&w, false, &err), 0);
	scan_init(&s);
	if (_i == 1) /* in turn, else sums alone */
		scan_add_sink(&s, &(struct scan_sink){ .ctx = &rows,
				      .ordered = true,
				      .take = count_rows });
	run(&s, false);
	ck_assert_uint_eq(s.passed, 100);
	ck_assert_uint_eq(s.unknown_elems, 100);
	ck_assert_uint_eq(s.unknown_records, 50);
	ck_assert_uint_eq(s.damaged, 25);
}
END_TEST

START_TEST(an_open_file_that_was_finished_meanwhile_is_no_failure)
{
	struct scan s;
	scan_init(&s);
	run(&s, true);
	ck_assert(s.vanished);
	ck_assert_uint_eq(s.failed, 0);
	ck_assert_str_eq(said, "");
	run(&s, false);
	ck_assert_uint_eq(s.failed, 1);
	ck_assert_ptr_nonnull(strstr(said, path));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("query scan");
	TCase *t = tcase_create("all");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, a_window_and_a_limit_pick_these_flows, 0,
	    (int)(sizeof(cases) / sizeof(cases[0])));
	tcase_add_loop_test(t, what_is_not_known_or_does_not_fit_is_counted, 0,
	    2);
	tcase_add_test(t, an_open_file_is_read_and_its_times_are_its_flows);
	tcase_add_test(t,
	    an_open_file_that_was_finished_meanwhile_is_no_failure);
	suite_add_tcase(s, t);
	SRunner *sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	int failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
