/* Blocks to files in a temporary folder; what happens when it cannot be. */
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/slot.h"
#include "collector/writer.h"

#define SLOT INT64_C(1795000200)

static char dir[64];
static char slot_file[128];
static struct flowfile_spec spec;
static struct nffile_writer block;
static struct err err;

static void
setup(void)
{
	(void)snprintf(dir, sizeof(dir), "/tmp/test_writer.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)snprintf(slot_file, sizeof(slot_file), "%s/collector.slot", dir);
	spec = (struct flowfile_spec){ .cycletime = 300,
		.layout = 1,
		.codec = CODEC_LZ4 };
	(void)snprintf(spec.ident, sizeof(spec.ident), "gw");
	(void)snprintf(spec.dir, sizeof(spec.dir), "%s/gw", dir);
	ck_assert_int_eq(mkdir(spec.dir, 0755), 0);
	nffile_collect_init(&block, CREATOR_NFCAPD);
}

static void
teardown(void)
{
	nffile_writer_abandon(&block);
	ck_assert_int_eq(file_remove_tree(dir, &err), 0);
}

static void
put_flows(struct writer *w, struct outfile *f, size_t n)
{
	struct flow flow = { .have = FLOW_BIT(FE_GENERIC) | FLOW_BIT(FE_IPV4),
		.proto = 6,
		.packets = 1,
		.bytes = 100 };
	for (size_t i = 0; i < n; i++) {
		flow.first = flow.last = (uint64_t)SLOT * 1000 + i;
		if (nffile_collect_full(&block))
			writer_put(w, f, &block);
		/* No assertion each: they are written to a file. */
		if (nffile_add_flow(&block, &flow, &err) == -1)
			ck_abort_msg("%s", err.msg);
	}
	writer_put(w, f, &block);
}

static uint64_t
flows_of(int64_t slot)
{
	char name[SLOT_PATH_MAX], path[FILE_PATH_MAX];
	char ident[NFFILE_IDENT_MAX];
	struct nffile_stat st;
	(void)slot_path(slot, spec.cycletime, spec.layout, name);
	ck_assert(file_join(path, spec.dir, name));
	ck_assert_msg(nffile_stat_read(path, &st, ident, &err) == 0, "%s",
	    err.msg);
	ck_assert_str_eq(ident, "gw");
	return st.flows;
}

static struct writer *
start(void)
{
	struct writer *w = writer_start(slot_file, &err);
	ck_assert_msg(w != NULL, "%s", err.msg);
	return w;
}

START_TEST(a_slot_s_file_is_written_named_and_announced)
{
	struct writer *w = start();
	struct outfile *f = writer_open(w, &spec, SLOT, SLOT + 7, true);
	put_flows(w, f, 50000); /* several blocks */
	writer_finish(w, f, 3, 0);
	writer_announce(w, SLOT, 300);
	writer_stop(w);
	ck_assert_uint_eq(flows_of(SLOT), 50000);
	struct buf b = BUF_EMPTY;
	ck_assert_int_eq(file_read(slot_file, 100, &b, &err), 0);
	ck_assert_str_eq(b.data, "1795000200 300\n");
	buf_free(&b);
}
END_TEST

START_TEST(waiting_ends_when_what_was_given_is_done)
{
	struct writer *w = start();
	writer_wait(w);
	struct outfile *f = writer_open(w, &spec, SLOT, SLOT, false);
	put_flows(w, f, 50000);
	writer_finish(w, f, 0, 0);
	writer_wait(w);
	ck_assert_uint_eq(flows_of(SLOT), 50000);
	writer_stop(w);
}
END_TEST

START_TEST(an_empty_slot_has_an_empty_file)
{
	struct writer *w = start();
	writer_finish(w, writer_open(w, &spec, SLOT, SLOT, false), 0, 0);
	writer_stop(w);
	ck_assert_uint_eq(flows_of(SLOT), 0);
}
END_TEST

START_TEST(what_was_left_open_is_finished_under_its_slot_s_name)
{
	/* As after kill -9: blocks, no appendix; one of them torn. */
	struct nffile_writer left;
	char path[FILE_PATH_MAX];
	ck_assert(file_join(path, spec.dir, "nfcapd.current.4711"));
	struct nffile_writer_opts o = { .codec = CODEC_LZ4,
		.creator = CREATOR_NFCAPD,
		.created = SLOT - 300 + 11,
		.ident = "gw",
		.mode = 0644 };
	ck_assert_int_eq(nffile_create(&left, path, &o, &err), 0);
	struct flow flow = { .have = FLOW_BIT(FE_GENERIC),
		.proto = 17,
		.first = 1,
		.last = 2 };
	for (int i = 0; i < 10; i++)
		ck_assert_int_eq(nffile_add_flow(&left, &flow, &err), 0);
	ck_assert_int_eq(nffile_flush(&left, &err), 0);
	ck_assert_int_eq(pwrite(left.fd, "torn", 4, left.pos), 4);
	nffile_writer_abandon(&left);

	struct writer *w = start();
	struct outfile *f = writer_open(w, &spec, SLOT, SLOT, true);
	writer_announce(w, SLOT - 300, 300);
	writer_finish(w, f, 0, 0);
	writer_stop(w);
	ck_assert_uint_eq(flows_of(SLOT - 300), 10);
	ck_assert_uint_eq(flows_of(SLOT), 0);
	ck_assert(!file_exists(path));
	struct buf b = BUF_EMPTY;
	ck_assert_int_eq(file_read(slot_file, 100, &b, &err), 0);
	ck_assert_str_eq(b.data, "1794999900 300\n");
	buf_free(&b);
}
END_TEST

START_TEST(a_left_over_that_cannot_be_read_is_neither_lost_nor_written_over)
{
	char path[FILE_PATH_MAX], name[64];
	(void)snprintf(name, sizeof(name), "nfcapd.current.%ld",
	    (long)getpid());
	ck_assert(file_join(path, spec.dir, name));
	static const char junk[] =
	    "this is longer than a header, and it is no flow file at all";
	ck_assert_int_eq(file_write_atomic(path, junk, sizeof(junk), 0644,
			     &err),
	    0);
	struct writer *w = start();
	struct outfile *f = writer_open(w, &spec, SLOT, SLOT, true);
	put_flows(w, f, 5);
	writer_finish(w, f, 0, 0);
	writer_stop(w);
	ck_assert_uint_eq(flows_of(SLOT), 5);
	struct buf b = BUF_EMPTY;
	ck_assert_int_eq(file_read(path, 1000, &b, &err), 0);
	ck_assert_str_eq(b.data, junk);
	buf_free(&b);
}
END_TEST

START_TEST(flows_that_cannot_be_written_are_counted)
{
	struct writer *w = start();
	const atomic_uint_fast64_t *lost = writer_unwritten(w, "gw");
	ck_assert_int_eq(rmdir(spec.dir), 0);
	struct outfile *f = writer_open(w, &spec, SLOT, SLOT, false);
	put_flows(w, f, 100);
	writer_finish(w, f, 0, 0);
	/* The folder is there again: so are the next slot's flows. */
	writer_wait(w);
	ck_assert_uint_eq(atomic_load(lost), 100);
	ck_assert_int_eq(mkdir(spec.dir, 0755), 0);
	f = writer_open(w, &spec, SLOT + 300, SLOT + 300, false);
	put_flows(w, f, 100);
	writer_finish(w, f, 0, 0);
	writer_stop(w);
	ck_assert_uint_eq(flows_of(SLOT + 300), 100);
}
END_TEST

START_TEST(a_full_disk_loses_counted_blocks_and_nothing_else)
{
	struct writer *w = start();
	const atomic_uint_fast64_t *lost = writer_unwritten(w, "gw");
	struct rlimit old, small;
	spec.codec = CODEC_NONE;
	struct outfile *f = writer_open(w, &spec, SLOT, SLOT, false);
	put_flows(w, f, 100);
	/* A limit on file size stands for the full disk. */
	(void)signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &old), 0);
	small = old;
	small.rlim_cur = 100 * 1024;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
	put_flows(w, f, 5000);
	writer_wait(w);
	ck_assert_uint_eq(atomic_load(lost), 5000);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &old), 0);
	put_flows(w, f, 200);
	writer_finish(w, f, 0, 0);
	writer_stop(w);
	ck_assert_uint_eq(flows_of(SLOT), 300);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("writer");
	TCase *t = tcase_create("files");
	tcase_set_timeout(t, 30);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, a_slot_s_file_is_written_named_and_announced);
	tcase_add_test(t, waiting_ends_when_what_was_given_is_done);
	tcase_add_test(t, an_empty_slot_has_an_empty_file);
	tcase_add_test(t, what_was_left_open_is_finished_under_its_slot_s_name);
	tcase_add_test(t,
	    a_left_over_that_cannot_be_read_is_neither_lost_nor_written_over);
	tcase_add_test(t, flows_that_cannot_be_written_are_counted);
	tcase_add_test(t, a_full_disk_loses_counted_blocks_and_nothing_else);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
