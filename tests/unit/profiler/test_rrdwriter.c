/*
 * Database updates by a child: many on their way, several slots in one, and
 * what happens when a file is no database, the child dies, or we do.
 */
#include <check.h>
#include <inttypes.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "profiler/rrdwriter.h"

#define T0   INT64_C(1700000100) /* a multiple of 300 */
#define STEP 300

static char root[32];
static char path[FILE_PATH_MAX];
static struct err err;

/* What one request came to. */
struct result {
	unsigned number;
	char why[ERR_MAX];
};
static unsigned told;

static void
done(void *ctx, const char *why)
{
	struct result *r = ctx;
	r->number = ++told;
	(void)snprintf(r->why, sizeof(r->why), "%s", why != NULL ? why : "");
}

static void
setup(void)
{
	(void)snprintf(root, sizeof(root), "/tmp/rrdwriterXXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(root));
	told = 0;
}

static void
teardown(void)
{
	ck_assert_int_eq(file_remove_tree(root, &err), 0);
}

static const char *
database(unsigned i)
{
	(void)snprintf(path, sizeof(path), "%s/d%u.rrd", root, i);
	return path;
}

static struct rrd_value
value(int64_t slot, uint64_t flows)
{
	struct rrd_value v = { .slot = slot, .known = true };
	v.c.flows[CLASS_ALL] = flows;
	return v;
}

/* Flows of a slot in a database; -1: unknown. */
static int64_t
flows_of(unsigned i, int64_t slot)
{
	struct arena a = ARENA_EMPTY;
	struct rrd_series s;
	ck_assert_msg(rrd_channel_fetch(database(i), slot, slot + STEP, STEP,
			  0x7fff, &a, &s, &err) == 0,
	    "%s", err.msg);
	size_t at = (size_t)((slot - s.start) / STEP);
	ck_assert_uint_lt(at, s.n);
	double v = s.values[0][at];
	arena_free(&a);
	return isnan(v) ? -1 : (int64_t)llround(v * STEP);
}

START_TEST(more_requests_than_fit_on_the_way_all_arrive_in_order)
{
	enum { N = 100 };
	static struct result r[N];
	struct rrd_writer *w = rrd_writer_new(NULL, &err);
	for (unsigned i = 0; i < N; i++) {
		struct rrd_value v = value(T0, i + 1);
		rrd_writer_store(w, database(i), STEP, &v, 1, done, &r[i]);
	}
	rrd_writer_wait(w);
	ck_assert_uint_eq(told, N);
	rrd_writer_free(w);
	ck_assert_uint_eq(told, N);
	for (unsigned i = 0; i < N; i++) {
		ck_assert_str_eq(r[i].why, "");
		ck_assert_uint_eq(r[i].number, i + 1);
		ck_assert_int_eq(flows_of(i, T0), i + 1);
	}
}
END_TEST

START_TEST(many_slots_go_in_one_request)
{
	struct rrd_value v[RRD_VALUES];
	struct result r;
	for (int64_t i = 0; i < RRD_VALUES; i++) {
		v[i] = value(T0 + i * STEP, (uint64_t)i * 3 + 1);
		v[i].known = i != 2;
	}
	struct rrd_writer *w = rrd_writer_new(NULL, &err);
	rrd_writer_store(w, database(0), STEP, v, RRD_VALUES, done, &r);
	rrd_writer_free(w);
	ck_assert_str_eq(r.why, "");
	for (int64_t i = 0; i < RRD_VALUES; i++)
		ck_assert_int_eq(flows_of(0, T0 + i * STEP),
		    i == 2 ? -1 : i * 3 + 1);
}
END_TEST

START_TEST(a_file_that_is_no_database_hurts_no_other)
{
	struct rrd_value v = value(T0, 5);
	struct result r[3];
	ck_assert_int_eq(file_write_atomic(database(1), "nonsense", 8, 0644,
			     &err),
	    0);
	struct rrd_writer *w = rrd_writer_new(NULL, &err);
	for (unsigned i = 0; i < 3; i++)
		rrd_writer_store(w, database(i), STEP, &v, 1, done, &r[i]);
	rrd_writer_free(w);
	ck_assert_str_eq(r[0].why, "");
	ck_assert_ptr_nonnull(strstr(r[1].why, "d1.rrd"));
	ck_assert_str_eq(r[2].why, "");
	ck_assert_int_eq(flows_of(2, T0), 5);
}
END_TEST

START_TEST(a_path_that_is_too_long_is_said_at_once)
{
	static char longest[FILE_PATH_MAX + 2];
	struct rrd_value v = value(T0, 5);
	struct result r;
	memset(longest, 'x', sizeof(longest) - 1);
	struct rrd_writer *w = rrd_writer_new(NULL, &err);
	rrd_writer_store(w, longest, STEP, &v, 1, done, &r);
	ck_assert_uint_eq(told, 1);
	ck_assert_ptr_nonnull(strstr(r.why, "path too long"));
	rrd_writer_free(w);
}
END_TEST

/*
 * The only child of this process in a test: who it is shows in the list of
 * the kernel.
 */
static pid_t
child_of(pid_t parent)
{
	char name[64];
	struct buf text = BUF_EMPTY;
	(void)snprintf(name, sizeof(name), "/proc/%ld/task/%ld/children",
	    (long)parent, (long)parent);
	if (file_read(name, 4096, &text, &err) == -1)
		return 0;
	pid_t pid = (pid_t)strtol(buf_str(&text), NULL, 10);
	buf_free(&text);
	return pid;
}

START_TEST(a_child_that_dies_is_said_and_followed_by_another)
{
	struct rrd_value v = value(T0, 5);
	struct result r[2];
	struct rrd_writer *w = rrd_writer_new(NULL, &err);
	rrd_writer_store(w, database(0), STEP, &v, 1, done, &r[0]);
	rrd_writer_wait(w);
	ck_assert_str_eq(r[0].why, "");
	pid_t pid = child_of(getpid());
	if (pid == 0) { /* not on this system */
		rrd_writer_free(w);
		return;
	}
	siginfo_t info;
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	ck_assert_int_eq(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	v = value(T0 + STEP, 6);
	rrd_writer_store(w, database(0), STEP, &v, 1, done, &r[0]);
	rrd_writer_wait(w);
	ck_assert_str_ne(r[0].why, "");
	rrd_writer_store(w, database(0), STEP, &v, 1, done, &r[1]);
	rrd_writer_free(w);
	ck_assert_str_eq(r[1].why, "");
	ck_assert_int_eq(flows_of(0, T0 + STEP), 6);
}
END_TEST

/* The lock of a killed writer is free when its child has done all. */
START_TEST(what_a_killed_process_asked_for_is_still_done)
{
	enum { N = 20 };
	char lock[FILE_PATH_MAX];
	int ready[2];
	char c;
	(void)snprintf(lock, sizeof(lock), "%s/lock", root);
	ck_assert_int_eq(pipe(ready), 0);
	pid_t pid = fork();
	if (pid == 0) {
		static struct result r[N];
		struct rrd_writer *w = rrd_writer_new(lock, &err);
		for (unsigned i = 0; w != NULL && i < N; i++) {
			struct rrd_value v = value(T0, i + 1);
			rrd_writer_store(w, database(i), STEP, &v, 1, done,
			    &r[i]);
		}
		if (write(ready[1], "x", 1) == 1)
			(void)pause();
		_exit(1);
	}
	(void)close(ready[1]);
	ck_assert_int_eq(read(ready[0], &c, 1), 1);
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	struct rrd_writer *w = rrd_writer_new(lock, &err);
	ck_assert_msg(w != NULL, "%s", err.msg);
	for (unsigned i = 0; i < N; i++)
		ck_assert_int_eq(flows_of(i, T0), i + 1);
	rrd_writer_free(w);
	(void)close(ready[0]);
}
END_TEST

START_TEST(a_lock_that_cannot_be_is_an_error)
{
	char lock[FILE_PATH_MAX];
	(void)snprintf(lock, sizeof(lock), "%s/none/lock", root);
	ck_assert_ptr_null(rrd_writer_new(lock, &err));
	ck_assert_ptr_nonnull(strstr(err.msg, lock));
	rrd_writer_free(NULL);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("rrdwriter");
	TCase *t = tcase_create("rrdwriter");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t,
	    more_requests_than_fit_on_the_way_all_arrive_in_order);
	tcase_add_test(t, many_slots_go_in_one_request);
	tcase_add_test(t, a_file_that_is_no_database_hurts_no_other);
	tcase_add_test(t, a_path_that_is_too_long_is_said_at_once);
	tcase_add_test(t, a_child_that_dies_is_said_and_followed_by_another);
	tcase_add_test(t, what_a_killed_process_asked_for_is_still_done);
	tcase_add_test(t, a_lock_that_cannot_be_is_an_error);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
