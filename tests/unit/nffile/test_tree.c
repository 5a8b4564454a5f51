/* Which files -r, -R and -M name, in a small tree of two sources. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/slot.h"
#include "nffile/tree.h"

static char top[64];
static struct arena arena;
static struct err err;

static void
touch(const char *rel)
{
	char path[FILE_PATH_MAX], dir[FILE_PATH_MAX];
	ck_assert(file_join(path, top, rel));
	memcpy(dir, path, sizeof(dir));
	*strrchr(dir, '/') = '\0';
	ck_assert_int_eq(file_mkdirs(dir, 0755, &err), 0);
	int fd = open(path, O_WRONLY | O_CREAT, 0644);
	ck_assert_int_ne(fd, -1);
	(void)close(fd);
}

static void
setup(void)
{
	(void)setenv("TZ", "UTC", 1);
	(void)snprintf(top, sizeof(top), "/tmp/tree.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(top));
	touch("a/2026/11/22/nfcapd.202611222355");
	touch("a/2026/11/23/nfcapd.202611231000");
	touch("a/2026/11/23/nfcapd.202611231005");
	touch("a/2026/11/24/nfcapd.202611240000");
	touch("a/nfcapd.current.123");
	touch("a/.nfstat");
	touch("b/nfcapd.202611231000");
	touch("b/nfcapd.202611231005");
	touch("b/nfcapd.current.123");
	touch("c/odd");
}

static void
teardown(void)
{
	arena_free(&arena);
	ck_assert_int_eq(file_remove_tree(top, &err), 0);
}

/* What q names, without the top folder, blank between. */
static const char *
found(struct tree_query q)
{
	static struct buf b;
	struct tree_list l;
	const char **fields[] = { &q.r, &q.R, &q.M };
	for (int i = 0; i < 3; i++)
		if (*fields[i] != NULL && (*fields[i])[0] == '/')
			*fields[i] =
			    arena_printf(&arena, "%s%s", top, *fields[i]);
	buf_clear(&b);
	if (tree_find(&q, &arena, &l, &err) == -1)
		return "error";
	for (size_t i = 0; i < l.n; i++)
		buf_printf(&b, "%s%s", i != 0 ? " " : "",
		    l.files[i].path + strlen(top) + 1);
	for (size_t i = 0; i < l.n_missing; i++)
		buf_printf(&b, " -%s", l.missing[i] + strlen(top) + 1);
	return buf_str(&b);
}

#define A22   "a/2026/11/22/nfcapd.202611222355"
#define A1000 "a/2026/11/23/nfcapd.202611231000"
#define A1005 "a/2026/11/23/nfcapd.202611231005"
#define A24   "a/2026/11/24/nfcapd.202611240000"
#define AOPEN "a/nfcapd.current.123"
#define B1000 "b/nfcapd.202611231000"
#define B1005 "b/nfcapd.202611231005"
#define BOPEN "b/nfcapd.current.123"

/* 2026-11-23 00:00 UTC */
#define DAY INT64_C(1795392000)

static const struct {
	struct tree_query q;
	const char *files;
} cases[] = {
	{ { .r = "/" A1000 }, A1000 },
	{ { .r = "/a/2026/11/23" }, A1000 " " A1005 },
	{ { .r = "/c/odd" }, "c/odd" },
	{ { .r = "/nope" }, "error" },
	{ { .R = "/a" }, A22 " " A1000 " " A1005 " " A24 },
	{ { .R = "/a/" }, A22 " " A1000 " " A1005 " " A24 },
	{ { .R = "/a", .with_open = true },
	    A22 " " A1000 " " A1005 " " A24 " " AOPEN },
	{ { .R = "/" A1005 }, A1005 },
	{ { .R = "/b/nfcapd.202611231005" }, B1005 },
	{ { .R = "/b/nfcapd.202611231001", .with_open = true },
	    B1005 " " BOPEN },
	{ { .R = "/" A1000 ":nfcapd.202611231000", .with_open = true }, A1000 },
	{ { .R = "/" A22 ":2026/11/23/nfcapd.202611231000" }, A22 " " A1000 },
	{ { .R = "/a/nfcapd.202611231005" }, A1005 " " A24 },
	{ { .R = "/a/nfcapd.202611231000:nfcapd.202611231005" },
	    A1000 " " A1005 },
	{ { .M = "/a:b", .r = "nfcapd.202611231005" }, A1005 " " B1005 },
	{ { .M = "/a:b:c", .r = "nfcapd.202611231005" },
	    A1005 " " B1005 " -c" },
	{ { .M = "/b:a", .R = "nfcapd.202611231000:nfcapd.202611231005" },
	    B1000 " " B1005 " " A1000 " " A1005 },
	{ { .M = "/a", .R = "2026/11/23/nfcapd.202611231005" }, A1005 " " A24 },
	{ { .M = "/a", .R = "2026/11/23" }, A1000 " " A1005 },
	{ { .M = "/a:b", .R = ".", .with_open = true },
	    A22 " " A1000 " " A1005 " " A24 " " AOPEN " " B1000 " " B1005
		" " BOPEN },
	{ { .M = "/@", .r = "nfcapd.202611231005" }, A1005 " " B1005 " -c" },
	{ { .M = "/a", .r = "nfcapd.202611230000" }, "error" },
	{ { .M = "/a:b", .R = "/a" }, "error" },
	{ { .M = "/a" }, "error" },
	{ { .M = "/a", .R = "a", .with_open = true }, "error" },
	{ { .R = "/a/nope", .with_open = true }, "error" },
	{ { .R = "/a",
	      .from = DAY + 10 * 3600 + 300,
	      .to = DAY + 10 * 3600 + 301 },
	    A1005 },
	{ { .R = "/a", .from = DAY, .to = DAY + 86400 },
	    A22 " " A1000 " " A1005 },
	{ { .R = "/b", .to = DAY + 10 * 3600 + 300 }, B1000 },
	{ { .R = "/b", .from = DAY + 10 * 3600 + 300 }, B1005 },
};

START_TEST(a_query_names_these_files)
{
	ck_assert_str_eq(found(cases[_i].q), cases[_i].files);
}
END_TEST

START_TEST(every_layout_is_found_and_cut_to_a_window)
{
	char sub[SLOT_PATH_MAX], rel[FILE_PATH_MAX];
	int64_t start = DAY - 14 * 86400;
	for (int i = 0; i < 20; i++) {
		(void)snprintf(rel, sizeof(rel), "l/%s",
		    slot_path(start + i * 86400, 300, _i, sub));
		touch(rel);
	}
	struct tree_query q = { .R = "/l", .from = DAY, .to = DAY + 86400 };
	const char *files = found(q);
	ck_assert_ptr_nonnull(strstr(files, slot_path(DAY, 300, _i, sub)));
	ck_assert_uint_le(strlen(files), 2 * (strlen(sub) + 8));

	struct tree_query one = { .M = "/l", .r = "nfcapd.202611230000" };
	(void)snprintf(rel, sizeof(rel), "l/%s", sub);
	ck_assert_str_eq(found(one), rel);
}
END_TEST

START_TEST(a_tree_may_have_changed_its_layout)
{
	char sub[SLOT_PATH_MAX], rel[FILE_PATH_MAX];
	struct tree_list l;
	/* Each day in another layout, all nine in turn, for half a year. */
	for (int i = 0; i < 180; i++) {
		(void)snprintf(rel, sizeof(rel), "m/%s",
		    slot_path(DAY + i * 86400, 300, i % SLOT_LAYOUTS, sub));
		touch(rel);
	}
	struct tree_query q = { .R = arena_printf(&arena, "%s/m", top) };
	ck_assert_int_eq(tree_find(&q, &arena, &l, &err), 0);
	ck_assert_uint_eq(l.n, 180);
	for (size_t i = 0; i < l.n; i++)
		ck_assert_int_eq(l.files[i].start, DAY + (int64_t)i * 86400);
	/* A range and a window anywhere in it. */
	for (int64_t i = 0; i < 160; i += 17) {
		char first[SLOT_NAME_MAX], last[SLOT_NAME_MAX];
		q.R = arena_printf(&arena, "%s/m/%s:%s", top,
		    slot_name(DAY + i * 86400, 300, first),
		    slot_name(DAY + (i + 10) * 86400, 300, last));
		ck_assert_int_eq(tree_find(&q, &arena, &l, &err), 0);
		ck_assert_uint_eq(l.n, 11);
		ck_assert_int_eq(l.files[0].start, DAY + i * 86400);
		q.R = arena_printf(&arena, "%s/m", top);
		q.from = DAY + i * 86400;
		q.to = q.from + INT64_C(10) * 86400;
		ck_assert_int_eq(tree_find(&q, &arena, &l, &err), 0);
		ck_assert_uint_eq(l.n, 10);
		ck_assert_int_eq(l.files[9].start, DAY + (i + 9) * 86400);
		q.from = q.to = 0;
	}
}
END_TEST

#define NIGHT "nfcapd.2026102502"

START_TEST(in_the_night_of_the_longer_hour_zones_tell_the_order)
{
	(void)setenv("TZ", "Europe/Zurich", 1);
	touch("z/nfcapd.202610250155+0200");
	touch("z/" NIGHT "00+0200");
	touch("z/" NIGHT "55+0200");
	touch("z/" NIGHT "00+0100");
	touch("z/" NIGHT "55+0100");
	touch("z/nfcapd.202610250300+0100");
	struct tree_query q = { .R = "/z" };
	ck_assert_str_eq(found(q),
	    "z/nfcapd.202610250155+0200 z/" NIGHT "00+0200 z/" NIGHT
	    "55+0200 z/" NIGHT "00+0100 z/" NIGHT
	    "55+0100 z/nfcapd.202610250300+0100");
	q.R = "/z/" NIGHT "55+0200:" NIGHT "00+0100";
	ck_assert_str_eq(found(q), "z/" NIGHT "55+0200 z/" NIGHT "00+0100");
	/* 01:00 UTC is when the hour begins again. */
	q = (struct tree_query){ .R = "/z", .from = 1792890000 };
	ck_assert_str_eq(found(q),
	    "z/" NIGHT "00+0100 z/" NIGHT "55+0100 z/nfcapd.202610250300+0100");
}
END_TEST

START_TEST(names_with_seconds_go_with_those_without)
{
	touch("s/nfcapd.20261123100030");
	touch("s/nfcapd.202611231000");
	touch("s/nfcapd.20261123100100");
	touch("s/odd");
	struct tree_query q = { .R = "/s" };
	ck_assert_str_eq(found(q),
	    "s/nfcapd.202611231000 s/nfcapd.20261123100030 "
	    "s/nfcapd.20261123100100 s/odd");
	q.R = "/s/nfcapd.20261123100001:nfcapd.202611231001";
	ck_assert_str_eq(found(q),
	    "s/nfcapd.20261123100030 s/nfcapd.20261123100100");
}
END_TEST

START_TEST(a_folder_linked_into_itself_is_walked_once)
{
	char link[FILE_PATH_MAX];
	ck_assert(file_join(link, top, "b/again"));
	ck_assert_int_eq(symlink(top, link), 0);
	struct tree_query q = { .R = "/b" };
	/* Through the link lie a and c, but not b again. */
	const char *files = found(q);
	ck_assert_ptr_nonnull(strstr(files, "b/again/c/odd"));
	ck_assert_ptr_null(strstr(files, "again/b"));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("nffile tree");
	TCase *t = tcase_create("all");
	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, a_query_names_these_files, 0,
	    (int)(sizeof(cases) / sizeof(cases[0])));
	tcase_add_loop_test(t, every_layout_is_found_and_cut_to_a_window, 0,
	    SLOT_LAYOUTS);
	tcase_add_test(t, a_tree_may_have_changed_its_layout);
	tcase_add_test(t, in_the_night_of_the_longer_hour_zones_tell_the_order);
	tcase_add_test(t, names_with_seconds_go_with_those_without);
	tcase_add_test(t, a_folder_linked_into_itself_is_walked_once);
	suite_add_tcase(s, t);
	SRunner *sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	int failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
