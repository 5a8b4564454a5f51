/* Jobs through the runner: what they say, how they end, who stops them. */
#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/sandbox.h"
#include "runner/runner.h"

static struct runner *runner;
static struct err err;

/* ---- workers ------------------------------------------------------------------- */

static int
w_echo(int argc, char **argv)
{
	char text[4096];
	for (int i = 1; i < argc; i++)
		(void)printf("[%s]", argv[i]);
	(void)fflush(stdout);
	for (ssize_t n; (n = read(0, text, sizeof(text))) > 0;)
		(void)fwrite(text, 1, (size_t)n, stdout);
	return argc;
}

static int
w_much(int argc, char **argv)
{
	char line[1001];
	(void)argc;
	memset(line, 'm', sizeof(line));
	line[1000] = '\n';
	for (long i = strtol(argv[1], NULL, 10); i > 0; i--)
		(void)fwrite(line, 1, sizeof(line), stdout);
	return 0;
}

/* Tells its process, and a child's that stays behind, and never ends. */
static int
w_stay(int argc, char **argv)
{
	(void)argv;
	pid_t child = fork();
	if (child == 0)
		for (;;)
			(void)pause();
	(void)printf("%ld %ld\n", (long)getpid(), (long)child);
	(void)fflush(stdout);
	if (argc == 1)
		for (;;)
			(void)pause();
	return 0;
}

static int
w_die(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	(void)raise(SIGKILL);
	return 0;
}

/* What a job may not do. */
static int
w_limits(int argc, char **argv)
{
	struct rlimit rl;
	(void)argc;
	(void)getrlimit(RLIMIT_FSIZE, &rl);
	(void)printf("fsize=%lld ", (long long)rl.rlim_cur);
	(void)getrlimit(RLIMIT_CORE, &rl);
	(void)printf("core=%lld ", (long long)rl.rlim_cur);
	int open_fds = 0;
	for (int fd = 3; fd < 256; fd++)
		open_fds += dup2(fd, fd) != -1;
	(void)printf("open=%d stdin=%s", open_fds,
	    read(0, argv[0], 1) == 0 ? "empty" : "full");
	return 0;
}

static const struct runner_worker workers[] = {
	{ "echo", w_echo },
	{ "much", w_much },
	{ "stay", w_stay },
	{ "die", w_die },
	{ "limits", w_limits },
	{ NULL, NULL },
};

/* ---- a loop that waits for one or several jobs ---------------------------------- */

struct seen {
	struct buf out;
	bool ended, hold;
	enum runner_how how;
	int status;
};

static void
on_output(void *ctx, const char *data, size_t n)
{
	struct seen *s = ctx;
	buf_add(&s->out, data, n);
}

static bool
on_full(void *ctx)
{
	const struct seen *s = ctx;
	return s->hold;
}

static void
on_ended(void *ctx, enum runner_how how, int status)
{
	struct seen *s = ctx;
	s->ended = true;
	s->how = how;
	s->status = status;
}

static void
step(void)
{
	struct pollfd fds[RUNNER_FDS_MAX];
	size_t n = runner_pollfds(runner, fds);
	(void)poll(fds, (nfds_t)n, 20);
	runner_serve(runner, fds, n);
}

static struct runner_job *
start(struct seen *s, struct runner_spec spec)
{
	const struct runner_events e = { on_output, on_full, on_ended, s };
	*s = (struct seen){ 0 };
	if (spec.seconds == 0)
		spec.seconds = 30;
	return runner_start(runner, &spec, &e, &err);
}

static void
finish(struct seen *s)
{
	while (!s->ended)
		step();
}

#define ARGV(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void
setup(void)
{
	runner = runner_new(workers, 2, NULL, &err);
	ck_assert_msg(runner != NULL, "%s", err.msg);
}

static void
teardown(void)
{
	runner_free(runner);
}

/* ---- tests -------------------------------------------------------------------------- */

START_TEST(a_worker_gets_arguments_and_input_as_they_are)
{
	struct seen s;
	static const char input[] = "line\nof input";
	ck_assert_ptr_nonnull(start(&s,
	    (struct runner_spec){ .argv = ARGV("echo", "a b", "", "$(id)'\n;"),
		.worker = true,
		.input = input,
		.input_len = sizeof(input) - 1 }));
	finish(&s);
	ck_assert_str_eq(s.out.data, "[a b][][$(id)'\n;]line\nof input");
	ck_assert_int_eq(s.how, RUNNER_ENDED);
	ck_assert(WIFEXITED(s.status));
	ck_assert_int_eq(WEXITSTATUS(s.status), 4);
	buf_free(&s.out);
}
END_TEST

START_TEST(a_program_is_started_without_a_shell)
{
	struct seen s;
	ck_assert_ptr_nonnull(start(&s,
	    (struct runner_spec){ .argv = ARGV("/bin/echo", "$HOME;", "*") }));
	finish(&s);
	ck_assert_str_eq(s.out.data, "$HOME; *\n");
	ck_assert_int_eq(s.status, 0);
	buf_free(&s.out);
}
END_TEST

/* Status of a program that asks for /proc/self/status, which shows it. */
static bool
is_held(bool may_write, bool guest)
{
	struct seen s;
	ck_assert_ptr_nonnull(start(&s,
	    (struct runner_spec){
		.argv = ARGV("/bin/grep", "NoNewPrivs", "/proc/self/status"),
		.may_write = may_write,
		.guest = guest }));
	finish(&s);
	bool held = strstr(buf_str(&s.out), "NoNewPrivs:\t1") != NULL;
	buf_free(&s.out);
	return held;
}

START_TEST(jobs_that_only_read_enter_the_sandbox)
{
	struct sandbox sb = SANDBOX_NOTHING;
	struct seen s;
	/* As this test is held or not, where it runs. */
	bool here = is_held(true, false);
	ck_assert(is_held(false, false) == here);
	runner_free(runner);
	sandbox_add_system(&sb);
	static const char *const folders[] = { "/bin", "/usr", "/lib",
		"/lib64" };
	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++)
		sandbox_add(&sb, SANDBOX_EXEC, folders[i]);
	sb.programs = true;
	const struct runner_rooms guests = { .guests = &sb };
	runner = runner_new(workers, 2, &guests, &err);
	ck_assert(is_held(true, false) == here);
	ck_assert(is_held(false, false) == here);
	(void)is_held(true, true);
	runner_free(runner);
	const struct runner_rooms rooms = { .readers = &sb };
	runner = runner_new(workers, 2, &rooms, &err);
	ck_assert(is_held(true, false) == here);
	if (is_held(false, false)) {
		/* Not where a sanitizer or the system keeps it out. */
		ck_assert_ptr_nonnull(start(&s,
		    (struct runner_spec){ .argv = ARGV("/bin/ls", "/usr") }));
		finish(&s);
		ck_assert_int_eq(s.status, 0);
		buf_free(&s.out);
	}
	runner_free(runner);
	sandbox_free(&sb);
	setup();
}
END_TEST

START_TEST(errors_go_where_output_goes_if_wanted)
{
	struct seen s;
	for (int with = 0; with < 2; with++) {
		ck_assert_ptr_nonnull(
		    start(&s, (struct runner_spec){
				  .argv = ARGV("/bin/cat", "/nonexistent"),
				  .with_errors = with == 1 }));
		finish(&s);
		ck_assert_int_eq(WEXITSTATUS(s.status), 1);
		ck_assert_int_eq(s.out.len != 0, with);
		buf_free(&s.out);
	}
}
END_TEST

START_TEST(what_cannot_be_started_says_so)
{
	struct seen s;
	ck_assert_ptr_nonnull(start(&s,
	    (struct runner_spec){ .argv = ARGV("/nonexistent/program"),
		.with_errors = true }));
	finish(&s);
	ck_assert_int_eq(WEXITSTATUS(s.status), 127);
	ck_assert_ptr_nonnull(strstr(s.out.data, "/nonexistent/program: No "));
	buf_free(&s.out);
	ck_assert_ptr_nonnull(start(&s,
	    (struct runner_spec){ .argv = ARGV("nobody"), .worker = true }));
	finish(&s);
	ck_assert_int_eq(WEXITSTATUS(s.status), 127);
	buf_free(&s.out);
}
END_TEST

START_TEST(a_job_has_nothing_open_and_writes_no_files)
{
	struct seen s;
	ck_assert_ptr_nonnull(start(&s,
	    (struct runner_spec){ .argv = ARGV("limits"), .worker = true }));
	finish(&s);
	ck_assert_str_eq(s.out.data, "fsize=0 core=0 open=0 stdin=empty");
	buf_free(&s.out);
}
END_TEST

START_TEST(much_output_comes_whole_also_to_a_slow_reader)
{
	struct seen s;
	ck_assert_ptr_nonnull(
	    start(&s, (struct runner_spec){ .argv = ARGV("much", "5000"),
			  .worker = true }));
	for (int i = 0; i < 5 && !s.ended; i++)
		step();
	s.hold = true;
	size_t held = s.out.len;
	for (int i = 0; i < 5; i++)
		step();
	ck_assert_uint_eq(s.out.len, held);
	s.hold = false;
	finish(&s);
	ck_assert_uint_eq(s.out.len, 5000 * 1001);
	ck_assert_int_eq(s.status, 0);
	buf_free(&s.out);
}
END_TEST

START_TEST(too_much_output_ends_it)
{
	struct seen s;
	ck_assert_ptr_nonnull(
	    start(&s, (struct runner_spec){ .argv = ARGV("much", "100000"),
			  .worker = true,
			  .output_max = 100000 }));
	finish(&s);
	ck_assert_int_eq(s.how, RUNNER_OUTPUT);
	ck_assert_uint_le(s.out.len, 100000);
	buf_free(&s.out);
}
END_TEST

static bool
is_gone(long pid)
{
	return kill((pid_t)pid, 0) == -1 && errno == ESRCH;
}

/* The two processes that w_stay tells. */
static void
read_pids(struct seen *s, long pids[2])
{
	char *end;
	while (s->out.len == 0 || s->out.data[s->out.len - 1] != '\n')
		step();
	pids[0] = strtol(s->out.data, &end, 10);
	pids[1] = strtol(end, NULL, 10);
	ck_assert_int_gt(pids[0], 1);
	ck_assert_int_gt(pids[1], 1);
}

static void
wait_gone(const long pids[2])
{
	while (!is_gone(pids[0]) || !is_gone(pids[1]))
		step();
}

START_TEST(who_takes_too_long_is_killed_with_its_children)
{
	struct seen s;
	long pids[2];
	ck_assert_ptr_nonnull(
	    start(&s, (struct runner_spec){ .argv = ARGV("stay"),
			  .worker = true,
			  .seconds = 1 }));
	read_pids(&s, pids);
	finish(&s);
	ck_assert_int_eq(s.how, RUNNER_TIME);
	wait_gone(pids);
	buf_free(&s.out);
}
END_TEST

START_TEST(what_a_job_leaves_behind_goes_with_it)
{
	struct seen s;
	long pids[2];
	ck_assert_ptr_nonnull(
	    start(&s, (struct runner_spec){ .argv = ARGV("stay", "not"),
			  .worker = true }));
	finish(&s);
	read_pids(&s, pids);
	ck_assert_int_eq(s.how, RUNNER_ENDED);
	wait_gone(pids);
	buf_free(&s.out);
}
END_TEST

START_TEST(a_cancelled_job_is_killed_and_says_no_more)
{
	struct seen s;
	long pids[2];
	struct runner_job *j = start(&s,
	    (struct runner_spec){ .argv = ARGV("stay"), .worker = true });
	ck_assert_ptr_nonnull(j);
	read_pids(&s, pids);
	runner_cancel(j);
	wait_gone(pids);
	ck_assert(!s.ended);
	buf_free(&s.out);
}
END_TEST

START_TEST(jobs_wait_for_their_turn_and_are_bounded)
{
	struct seen s[RUNNER_JOBS_MAX], more;
	struct runner_job *j[RUNNER_JOBS_MAX];
	for (int i = 0; i < RUNNER_JOBS_MAX; i++) {
		j[i] = start(&s[i], (struct runner_spec){ .argv = ARGV("stay"),
					.worker = true });
		ck_assert_ptr_nonnull(j[i]);
	}
	ck_assert_ptr_null(start(&more,
	    (struct runner_spec){ .argv = ARGV("echo"), .worker = true }));
	ck_assert_ptr_nonnull(strstr(err.msg, "too much"));
	long pids[2], later[2];
	read_pids(&s[0], pids);
	read_pids(&s[1], pids);
	ck_assert_uint_eq(s[2].out.len, 0);
	runner_cancel(j[1]);
	read_pids(&s[2], later);
	ck_assert_uint_eq(s[3].out.len, 0);
	for (int i = 0; i < RUNNER_JOBS_MAX; i++) {
		if (i != 1)
			runner_cancel(j[i]);
		buf_free(&s[i].out);
	}
}
END_TEST

START_TEST(a_signal_is_told_as_the_end)
{
	struct seen s;
	ck_assert_ptr_nonnull(start(&s,
	    (struct runner_spec){ .argv = ARGV("die"), .worker = true }));
	finish(&s);
	ck_assert(WIFSIGNALED(s.status));
	ck_assert_int_eq(WTERMSIG(s.status), SIGKILL);
}
END_TEST

START_TEST(too_long_arguments_are_refused)
{
	static char text[RUNNER_REQUEST_MAX + 1];
	struct seen s;
	memset(text, 'x', sizeof(text) - 1);
	ck_assert_ptr_null(
	    start(&s, (struct runner_spec){ .argv = ARGV("echo", text),
			  .worker = true }));
	ck_assert_ptr_nonnull(strstr(err.msg, "arguments"));
	text[RUNNER_REQUEST_MAX - 6] = '\0';
	ck_assert_ptr_nonnull(
	    start(&s, (struct runner_spec){ .argv = ARGV("echo", text),
			  .worker = true }));
	finish(&s);
	ck_assert_uint_eq(s.out.len, RUNNER_REQUEST_MAX - 6 + 2);
	buf_free(&s.out);
}
END_TEST

START_TEST(with_the_runner_its_jobs_end_and_the_next_starts_another)
{
	struct seen s;
	long pids[2];
	char path[64], text[64] = "";
	ck_assert_ptr_nonnull(start(&s,
	    (struct runner_spec){ .argv = ARGV("stay"), .worker = true }));
	read_pids(&s, pids);
	(void)snprintf(path, sizeof(path), "/proc/%ld/stat", pids[0]);
	FILE *f = fopen(path, "r");
	if (f != NULL) {
		ck_assert_uint_gt(fread(text, 1, sizeof(text) - 1, f), 0);
		(void)fclose(f);
		const char *after = strrchr(text, ')');
		ck_assert_ptr_nonnull(after);
		(void)kill((pid_t)strtol(after + 4, NULL, 10), SIGKILL);
		finish(&s);
		ck_assert_int_eq(s.how, RUNNER_LOST);
		wait_gone(pids);
	}
	buf_free(&s.out);
	ck_assert_ptr_nonnull(
	    start(&s, (struct runner_spec){ .argv = ARGV("echo", "again"),
			  .worker = true }));
	finish(&s);
	ck_assert_str_eq(s.out.data, "[again]");
	buf_free(&s.out);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("runner");
	TCase *t = tcase_create("jobs");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, a_worker_gets_arguments_and_input_as_they_are);
	tcase_add_test(t, a_program_is_started_without_a_shell);
	tcase_add_test(t, jobs_that_only_read_enter_the_sandbox);
	tcase_add_test(t, errors_go_where_output_goes_if_wanted);
	tcase_add_test(t, what_cannot_be_started_says_so);
	tcase_add_test(t, a_job_has_nothing_open_and_writes_no_files);
	tcase_add_test(t, much_output_comes_whole_also_to_a_slow_reader);
	tcase_add_test(t, too_much_output_ends_it);
	tcase_add_test(t, who_takes_too_long_is_killed_with_its_children);
	tcase_add_test(t, what_a_job_leaves_behind_goes_with_it);
	tcase_add_test(t, a_cancelled_job_is_killed_and_says_no_more);
	tcase_add_test(t, jobs_wait_for_their_turn_and_are_bounded);
	tcase_add_test(t, a_signal_is_told_as_the_end);
	tcase_add_test(t, too_long_arguments_are_refused);
	tcase_add_test(t,
	    with_the_runner_its_jobs_end_and_the_next_starts_another);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
