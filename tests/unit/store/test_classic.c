/* Graphs in NfSen's style: sizes that its pages compute with, odd names. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "store/classic.h"

#define T0 INT64_C(1767225600) /* 2026-01-01 00:00 UTC */

static char dir[64];
static char path[2][128];
static struct buf image;
static struct err err;

static void
setup(void)
{
	(void)snprintf(dir, sizeof(dir), "/tmp/test_classic.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	for (int i = 0; i < 2; i++) {
		(void)snprintf(path[i], sizeof(path[i]), "%s/a:%d.rrd", dir, i);
		ck_assert_int_eq(rrd_channel_create(path[i], T0, 300, &err), 0);
		for (int64_t t = T0; t < T0 + 3000; t += 300) {
			struct counters c = { .flows = { 100, 60, 40 } };
			ck_assert_int_eq(rrd_channel_update(path[i], t, &c,
					     &err),
			    0);
		}
	}
}

static void
teardown(void)
{
	buf_free(&image);
	ck_assert_int_eq(file_remove_tree(dir, &err), 0);
}

static unsigned
big_endian(const char *p)
{
	const unsigned char *u = (const unsigned char *)p;
	return (unsigned)u[0] << 24 | (unsigned)u[1] << 16 |
	       (unsigned)u[2] << 8 | u[3];
}

static void
check_png(unsigned width, unsigned height)
{
	ck_assert_uint_gt(image.len, 100);
	ck_assert_int_eq(memcmp(image.data, "\x89PNG\r\n\x1a\n", 8), 0);
	ck_assert_uint_eq(big_endian(image.data + 16), width);
	ck_assert_uint_eq(big_endian(image.data + 20), height);
}

static struct classic_graph
graph(const struct rrd_graph_channel *channels, size_t n)
{
	return (struct classic_graph){
		.channels = channels,
		.n = n,
		.from = T0 - 3600,
		.to = T0 + 3000,
		.slot_length = 300,
		.profile_start = T0,
		.title = "Title: with a colon",
		.label = "Flows/s",
		.width = 576,
		.height = 200,
		.padded = true,
	};
}

/* stacked, lines, logarithmic, both; each also small */
START_TEST(every_kind_has_the_size_that_pages_expect)
{
	const struct rrd_graph_channel ch[] = {
		{ "TIME", path[0], "#ff0000", '+' },
		{ "a:b\\c", path[1], "#00ff00", '-' },
	};
	struct classic_graph g = graph(ch, 2);
	g.lines = (_i & 1) != 0;
	g.log_scale = (_i & 2) != 0;
	g.light = (_i & 4) != 0;
	if (g.light)
		g.width = 288, g.height = 100;
	ck_assert_msg(classic_channels(&g, &image, &err) == 0, "%s", err.msg);
	if (g.light)
		check_png(369, 139);
	else
		check_png(673, 268);
}
END_TEST

START_TEST(a_database_that_is_not_there_is_named)
{
	const struct rrd_graph_channel ch = { "x", "/nonexistent.rrd",
		"#ff0000", '+' };
	struct classic_graph g = graph(&ch, 1);
	ck_assert_int_eq(classic_channels(&g, &image, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.msg, "/nonexistent.rrd"));
}
END_TEST

START_TEST(a_text_stands_alone)
{
	ck_assert_msg(classic_text("No channel", 576, 200, &image, &err) == 0,
	    "%s", err.msg);
	ck_assert_int_eq(memcmp(image.data, "\x89PNG", 4), 0);
}
END_TEST

START_TEST(times_read_as_in_c)
{
	char text[CLASSIC_TIME_MAX];
	ck_assert_str_eq(classic_time(T0, text), "Thu Jan  1 00:00:00 2026");
}
END_TEST

int
main(void)
{
	(void)setenv("TZ", "UTC", 1);
	tzset();
	Suite *s = suite_create("classic graphs");
	TCase *t = tcase_create("draw");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, every_kind_has_the_size_that_pages_expect, 0, 8);
	tcase_add_test(t, a_database_that_is_not_there_is_named);
	tcase_add_test(t, a_text_stands_alone);
	tcase_add_test(t, times_read_as_in_c);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
