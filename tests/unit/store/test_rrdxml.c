#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "store/rrd.h"
#include "store/rrdxml.h"

#define T0 INT64_C(1700000100) /* a multiple of 300 */

static char dir[32];
static char rrd[64], xml[64], again[64];
static struct rrd_shape shape;
static struct err err;

static void
dump(const char *from, const char *to)
{
	FILE *f = fopen(to, "w");
	ck_assert_ptr_nonnull(f);
	ck_assert_msg(rrdxml_dump(from, f, &err) == 0, "%s", err.msg);
	ck_assert_int_eq(fclose(f), 0);
}

static char *
content(const char *path)
{
	struct buf b = BUF_EMPTY;
	ck_assert_msg(file_read(path, RRDXML_MAX, &b, &err) == 0, "%s",
	    err.msg);
	return b.data;
}

static void
setup(void)
{
	(void)snprintf(dir, sizeof(dir), "/tmp/test_xmlXXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)snprintf(rrd, sizeof(rrd), "%s/a.rrd", dir);
	(void)snprintf(xml, sizeof(xml), "%s/a.xml", dir);
	(void)snprintf(again, sizeof(again), "%s/b.rrd", dir);
	rrd_shape_channel(&shape, 300);
	ck_assert_msg(rrd_channel_create(rrd, T0, 300, &err) == 0, "%s",
	    err.msg);
	for (int64_t i = 0; i < 40; i++) {
		struct counters c = { 0 };
		for (uint64_t k = 0; k < CLASS_MAX; k++) {
			c.flows[k] = (uint64_t)i * 7 + k;
			c.bytes[k] = (uint64_t)i * 1000003 + k;
		}
		ck_assert_int_eq(rrd_channel_update(rrd, T0 + i * 300, &c,
				     &err),
		    0);
	}
	dump(rrd, xml);
}

static void
teardown(void)
{
	ck_assert_int_eq(file_remove_tree(dir, &err), 0);
}

START_TEST(every_value_comes_back)
{
	char second[64];
	(void)snprintf(second, sizeof(second), "%s/b.xml", dir);
	ck_assert_msg(rrdxml_restore(xml, again, &shape, &err) == 0, "%s",
	    err.msg);
	dump(again, second);
	char *a = content(xml), *b = content(second);
	ck_assert(strcmp(a, b) == 0);
	free(a);
	free(b);

	struct rrd_facts f;
	rrd_inspect(again, &shape, &f);
	ck_assert_msg(f.state == RRD_GOOD, "%s", f.why);
	ck_assert_int_eq(f.last, T0 + INT64_C(39) * 300);
	struct counters c = { 0 };
	ck_assert_msg(rrd_channel_update(again, T0 + INT64_C(40) * 300, &c,
			  &err) == 0,
	    "%s", err.msg);
}
END_TEST

/* What is replaced in a good dump (once), by what, and what is said. */
static const struct {
	const char *from, *to, *why;
} spoilt[] = {
	{ "<step>300<", "<step>60<", "step 60, not 300" },
	{ "<name> packets <", "<name> parcels <",
	    "data source 'parcels', not 'packets'" },
	{ "ABSOLUTE", "GAUGE", "type of a data source 'GAUGE'" },
	{ "<minimal_heartbeat>600<", "<minimal_heartbeat>900<",
	    "heartbeat 900, not 600" },
	{ "<cf>MAX<", "<cf>MIN<", "function of an archive 'MIN', not 'MAX'" },
	{ "<pdp_per_row>6<", "<pdp_per_row>12<", "steps in a row 12, not 6" },
	{ "<row><v>NaN</v>", "<row>", "archive 1, row 1: 14 values, not 15" },
	{ "<row><v>NaN</v>", "<row><v>NaN</v><v>1</v>",
	    "more values than data sources" },
	{ "<row><v>NaN</v>", "<row><v>0x10</v>", "'0x10' is no number" },
	{ "<row><v>NaN</v>", "<row><v>1 2</v>", "'1 2' is no number" },
	{ "<row><v>NaN</v>", "<row><v>&lt;</v>", "'<' is no number" },
	{ "<version>0003<", "<version>0009<", "version '0009'" },
	{ "<last_ds>", "<last_ds>a b", "is no word" },
	{ "<xff>", "<alpha>", "<alpha> does not belong here" },
	{ "</rrd>", "", "no element found" },
	{ "<rrd>", "<!DOCTYPE rrd [<!ENTITY a 'b'>]><rrd>",
	    "document type with declarations" },
	{ "<rrd>", "<?php x?><rrd>", "processing instruction" },
	{ "</rrd>", "</rrd><rrd>", "junk after document element" },
	{ "<ds>", "<ds>text", "text beside elements" },
	{ "<step>300</step>", "", "<rrd> lacks a part of it" },
	{ "<step>300<", "<step>300</step><step>300<", "<step> twice" },
	{ "<row><v>", "<row><v><v>", "does not belong here" },
};

static void
spoil(const char *from, const char *to)
{
	char *good = content(xml);
	char *at = strstr(good, from);
	struct buf b = BUF_EMPTY;
	ck_assert_msg(at != NULL, "%s is not in a dump", from);
	buf_add(&b, good, (size_t)(at - good));
	buf_adds(&b, to);
	buf_adds(&b, at + strlen(from));
	ck_assert_int_eq(file_write_atomic(xml, b.data, b.len, 0600, &err), 0);
	buf_free(&b);
	free(good);
}

START_TEST(a_wrong_dump_is_refused_and_leaves_nothing)
{
	char *before = content(rrd);
	spoil(spoilt[_i].from, spoilt[_i].to);
	ck_assert_int_eq(rrdxml_restore(xml, again, &shape, &err), -1);
	ck_assert_msg(strstr(err.msg, spoilt[_i].why) != NULL, "%s", err.msg);
	ck_assert_msg(strncmp(err.msg, xml, strlen(xml)) == 0, "%s", err.msg);
	ck_assert(!file_exists(again));
	/* And what was there stays. */
	ck_assert_int_eq(rrdxml_restore(xml, rrd, &shape, &err), -1);
	char *after = content(rrd);
	ck_assert(strcmp(before, after) == 0);
	free(before);
	free(after);
	ck_assert_int_eq(unlink(xml), 0);
	ck_assert_int_eq(unlink(rrd), 0);
	ck_assert_msg(rmdir(dir) == 0, "files are left over");
	ck_assert_int_eq(mkdir(dir, 0700), 0);
}
END_TEST

START_TEST(a_cut_dump_is_refused)
{
	char *good = content(xml);
	ck_assert_int_eq(truncate(xml, (off_t)strlen(good) / 2), 0);
	ck_assert_int_eq(rrdxml_check(xml, &shape, &err), -1);
	free(good);
}
END_TEST

/* Bytes that are put into a good database at some place. */
static const struct {
	off_t at;
	const char *bytes;
	size_t n;
	off_t cut; /* to so many bytes; 0: not */
	enum rrd_state state;
	const char *why;
} files[] = {
	{ 0, "", 0, 0, RRD_GOOD, "" },
	{ 0, "", 0, 1000, RRD_DAMAGED, "reached EOF" },
	{ 0, "", 0, 20, RRD_DAMAGED, "cut off" },
	{ 0, "nope", 4, 0, RRD_DAMAGED, "not a round robin database" },
	{ 16, "\0\0\0\0", 4, 0, RRD_DAMAGED, "header is damaged" },
	{ 16, "\x5b\x1f\x2b\x43\xc7\xc0\x25\x2f", 8, 0, RRD_FOREIGN,
	    "other byte order" },
	{ 12, "\x2f\x25\xc0\xc7\x43\x2b\x1f\x5b", 8, 0, RRD_FOREIGN,
	    "32 bit machine" },
	{ 28, "\x08\0\0\0", 4, 0, RRD_FOREIGN, "32 bit machine" },
};

START_TEST(a_file_is_told_for_what_it_is)
{
	struct rrd_facts f;
	int fd = open(rrd, O_WRONLY);
	ck_assert_int_eq(pwrite(fd, files[_i].bytes, files[_i].n, files[_i].at),
	    (ssize_t)files[_i].n);
	if (files[_i].cut != 0)
		ck_assert_int_eq(ftruncate(fd, files[_i].cut), 0);
	(void)close(fd);
	rrd_inspect(rrd, &shape, &f);
	ck_assert_msg(f.state == files[_i].state, "%s", f.why);
	ck_assert_msg(strstr(f.why, files[_i].why) != NULL, "%s", f.why);
}
END_TEST

START_TEST(missing_empty_and_odd_files_are_told)
{
	struct rrd_facts f;
	rrd_inspect(again, &shape, &f);
	ck_assert_int_eq(f.state, RRD_MISSING);
	(void)close(open(again, O_WRONLY | O_CREAT, 0600));
	rrd_inspect(again, &shape, &f);
	ck_assert_int_eq(f.state, RRD_EMPTY);
	rrd_shape_channel(&shape, 60);
	rrd_inspect(rrd, &shape, &f);
	ck_assert_int_eq(f.state, RRD_ODD);
	ck_assert_int_eq(f.step, 300);
	rrd_shape_alert(&shape, 300);
	rrd_inspect(rrd, &shape, &f);
	ck_assert_int_eq(f.state, RRD_ODD);
	rrd_inspect(dir, &shape, &f);
	ck_assert_int_eq(f.state, RRD_DAMAGED);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("rrdxml");
	TCase *t = tcase_create("rrdxml");
	tcase_set_timeout(t, 120); /* whole databases, slow with sanitizers */
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, every_value_comes_back);
	tcase_add_loop_test(t, a_wrong_dump_is_refused_and_leaves_nothing, 0,
	    (int)(sizeof(spoilt) / sizeof(*spoilt)));
	tcase_add_test(t, a_cut_dump_is_refused);
	tcase_add_loop_test(t, a_file_is_told_for_what_it_is, 0,
	    (int)(sizeof(files) / sizeof(*files)));
	tcase_add_test(t, missing_empty_and_odd_files_are_told);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
