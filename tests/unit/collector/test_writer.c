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
#include "tests/unit/nffile/faults.h"

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

/* ---- the disk ------------------------------------------------------------- */

static const struct {
	enum conf_fsync policy;
	const char *calls;
} policies[] = {
	{ FSYNC_OFF, "rename nfcapd.202611181110\n" },
	/* new folders of the day first */
	{ FSYNC_SLOT, "sync folder\nsync folder\nsync folder\n"
		      "sync file\nrename nfcapd.202611181110\nsync folder\n" },
	{ FSYNC_BLOCK, "sync file\nsync folder\nsync folder\nsync folder\n"
		       "sync file\nrename nfcapd.202611181110\n"
		       "sync folder\n" },
};

START_TEST(the_disk_has_what_the_config_says_before_the_name)
{
	spec.fsync = policies[_i].policy;
	struct writer *w = start();
	faults_at(FAULT_NONE, 0, 0, 0);
	struct outfile *f = writer_open(w, &spec, SLOT, SLOT, false);
	put_flows(w, f, 10);
	writer_wait(w);
	writer_finish(w, f, 0, 0);
	writer_wait(w);
	ck_assert_str_eq(faults.log, policies[_i].calls);
	writer_stop(w);
}
END_TEST

START_TEST(a_slow_disk_stops_neither_blocks_nor_the_next_slot)
{
	spec.fsync = FSYNC_BLOCK;
	struct writer *w = start();
	faults.hang = true;
	struct outfile *f = writer_open(w, &spec, SLOT, SLOT, false);
	put_flows(w, f, 100);
	writer_finish(w, f, 0, 0);
	writer_announce(w, SLOT, 300);
	f = writer_open(w, &spec, SLOT + 300, SLOT + 300, false);
	/* More than would wait in front of the writer. */
	for (int i = 0; i < 2 * WRITER_BLOCKS; i++)
		put_flows(w, f, 10);
	ck_assert(!file_exists(slot_file));
	faults.hang = false;
	writer_finish(w, f, 0, 0);
	writer_stop(w);
	ck_assert(file_exists(slot_file));
	ck_assert_uint_eq(flows_of(SLOT), 100);
	ck_assert_uint_eq(flows_of(SLOT + 300), 20 * WRITER_BLOCKS);
}
END_TEST

static const struct {
	enum fault_kind kind;
	int error;
	unsigned span;
} failures[] = {
	{ FAULT_ERROR, ENOSPC, 1 },
	{ FAULT_ERROR, EIO, 3 },
	{ FAULT_SHORT, ENOSPC, 2 },
};

/* Three blocks, a slot's end, another slot; how many calls that took. */
static unsigned
two_slots(struct writer *w, const atomic_uint_fast64_t **lost)
{
	*lost = writer_unwritten(w, "gw");
	struct outfile *f = writer_open(w, &spec, SLOT, SLOT, false);
	for (int i = 0; i < 3; i++)
		put_flows(w, f, 10);
	writer_finish(w, f, 0, 0);
	f = writer_open(w, &spec, SLOT + 300, SLOT + 300, false);
	put_flows(w, f, 5);
	writer_finish(w, f, 0, 0);
	writer_wait(w);
	return atomic_load(&faults.calls);
}

static uint64_t
flows_if_any(int64_t slot)
{
	char name[SLOT_PATH_MAX], path[FILE_PATH_MAX];
	(void)slot_path(slot, spec.cycletime, spec.layout, name);
	ck_assert(file_join(path, spec.dir, name));
	uint64_t n = file_exists(path) ? flows_of(slot) : 0;
	(void)unlink(path);
	return n;
}

/* What was not counted as lost is there, at the latest after a restart. */
START_TEST(whatever_call_fails_no_flow_is_lost_uncounted)
{
	const atomic_uint_fast64_t *lost;
	unsigned at = 0, calls;
	spec.fsync = FSYNC_SLOT;
	do {
		struct writer *w = start();
		faults_at(failures[_i].kind, failures[_i].error, ++at,
		    failures[_i].span);
		calls = two_slots(w, &lost);
		faults_at(FAULT_NONE, 0, 0, 0);
		uint64_t unwritten = atomic_load(lost);
		writer_stop(w);
		w = start();
		writer_finish(w,
		    writer_open(w, &spec, SLOT + 600, SLOT + 600, true), 0, 0);
		writer_stop(w);
		uint64_t stored = flows_if_any(SLOT) +
				  flows_if_any(SLOT + 300) +
				  flows_if_any(SLOT + 600);
		ck_assert_msg(stored + unwritten == 35,
		    "call %u of %u: %llu stored, %llu counted as lost", at,
		    calls, (unsigned long long)stored,
		    (unsigned long long)unwritten);
	} while (at <= calls);
	ck_assert_uint_gt(at, 10);
}
END_TEST

static void
add_disk(TCase *t)
{
	tcase_add_loop_test(t,
	    the_disk_has_what_the_config_says_before_the_name, 0,
	    (int)(sizeof(policies) / sizeof(policies[0])));
	tcase_add_test(t, a_slow_disk_stops_neither_blocks_nor_the_next_slot);
	tcase_add_loop_test(t, whatever_call_fails_no_flow_is_lost_uncounted, 0,
	    (int)(sizeof(failures) / sizeof(failures[0])));
}

int
main(void)
{
	(void)setenv("TZ", "UTC", 1);
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
	add_disk(t);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
