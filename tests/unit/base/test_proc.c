/* Pid files, detaching, readiness, ids. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/proc.h"

static char dir[64];
static char path[96]; /* a pid file in dir */
static struct err err;

static void
setup(void)
{
	(void)snprintf(dir, sizeof(dir), "/tmp/test_proc.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/x.pid", dir);
}

static void
teardown(void)
{
	ck_assert_int_eq(file_remove_tree(dir, &err), 0);
}

static int
exit_status(pid_t pid)
{
	int status;
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

START_TEST(a_pid_file_names_its_holder_while_it_lives)
{
	struct pidfile pf;
	ck_assert_int_eq(pidfile_holder(path), 0);
	ck_assert_int_eq(pidfile_open(&pf, path, &err), 0);
	ck_assert_int_eq(pidfile_holder(path), getpid());
	ck_assert_int_eq(pidfile_write(&pf, &err), 0);
	ck_assert_int_eq(pidfile_holder(path), getpid());
	pidfile_close(&pf);
	ck_assert_int_eq(pidfile_holder(path), 0);
	pidfile_close(&pf);
}
END_TEST

START_TEST(a_second_holder_is_refused_with_the_pid_of_the_first)
{
	struct pidfile pf, other;
	char want[160];
	ck_assert_int_eq(pidfile_open(&pf, path, &err), 0);
	ck_assert_int_eq(pidfile_open(&other, path, &err), -1);
	(void)snprintf(want, sizeof(want), "%s: already running, pid %ld", path,
	    (long)getpid());
	ck_assert_str_eq(err.msg, want);
	pidfile_close(&other);
	ck_assert_int_eq(pidfile_holder(path), getpid());
	pidfile_close(&pf);
}
END_TEST

START_TEST(a_left_over_file_is_taken_over)
{
	struct pidfile pf;
	/* Longer than any pid, so that a rest of it would show. */
	ck_assert_int_eq(file_write_atomic(path, "1234567890123\n", 14, 0644,
			     &err),
	    0);
	ck_assert_int_eq(pidfile_holder(path), -1);
	ck_assert_int_eq(pidfile_open(&pf, path, &err), 0);
	ck_assert_int_eq(pidfile_holder(path), getpid());
	pidfile_close(&pf);
}
END_TEST

START_TEST(a_killed_holder_leaves_no_lock)
{
	int p[2];
	char c;
	ck_assert_int_eq(pipe(p), 0);
	pid_t pid = fork();
	ck_assert_int_ne(pid, -1);
	if (pid == 0) {
		struct pidfile pf;
		if (pidfile_open(&pf, path, &err) == 0)
			(void)!write(p[1], "1", 1);
		for (;;)
			(void)pause();
	}
	ck_assert_int_eq(read(p[0], &c, 1), 1);
	ck_assert_int_eq(pidfile_holder(path), pid);
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	(void)exit_status(pid);
	ck_assert_int_eq(pidfile_holder(path), -1);
	struct pidfile pf;
	ck_assert_int_eq(pidfile_open(&pf, path, &err), 0);
	pidfile_close(&pf);
}
END_TEST

START_TEST(a_file_that_the_last_holder_removes_is_made_again)
{
	const struct timespec a_while = { .tv_nsec = 30000000 };
	struct pidfile pf;
	ck_assert_int_eq(pidfile_open(&pf, path, &err), 0);
	pid_t pid = fork();
	ck_assert_int_ne(pid, -1);
	if (pid == 0) {
		(void)close(pf.fd);
		/* Waits for the lock, then finds the file gone. */
		if (pidfile_open(&pf, path, &err) == -1)
			_exit(1);
		_exit(pidfile_holder(path) == getpid() ? 0 : 2);
	}
	(void)nanosleep(&a_while, NULL);
	pidfile_close(&pf);
	ck_assert_int_eq(exit_status(pid), 0);
}
END_TEST

START_TEST(a_pid_file_that_cannot_be_made_is_named)
{
	struct pidfile pf;
	char none[128];
	(void)snprintf(none, sizeof(none), "%s/none/x.pid", dir);
	ck_assert_int_eq(pidfile_open(&pf, none, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.msg, none));
	pidfile_close(&pf);
	ck_assert_int_eq(pidfile_holder(none), 0);
}
END_TEST

/* A daemon that detaches, with or without standard descriptors. */
static pid_t
daemon_of(bool closed, bool becomes_ready, int report)
{
	pid_t pid = fork();
	ck_assert_int_ne(pid, -1);
	if (pid != 0)
		return pid;
	if (closed)
		for (int fd = 0; fd < 3; fd++)
			(void)close(fd);
	if (log_open("d", NULL, &err) == -1 || proc_detach(&err) == -1)
		_exit(9);
	if (!becomes_ready)
		_exit(0);
	proc_ready();
	struct stat null, fd0, fd2;
	bool ok = stat("/dev/null", &null) == 0 && fstat(0, &fd0) == 0 &&
		  fstat(2, &fd2) == 0 && fd0.st_rdev == null.st_rdev &&
		  fd2.st_rdev == null.st_rdev && getsid(0) == getpid();
	(void)!write(report, ok ? "y" : "n", 1);
	_exit(0);
}

START_TEST(a_detached_daemon_reports_ready_and_lets_go_of_the_terminal)
{
	int p[2];
	char c;
	ck_assert_int_eq(pipe(p), 0);
	pid_t pid = daemon_of(_i == 1, true, p[1]);
	ck_assert_int_eq(exit_status(pid), 0);
	ck_assert_int_eq(read(p[0], &c, 1), 1);
	ck_assert_int_eq(c, 'y');
}
END_TEST

START_TEST(a_daemon_that_ends_before_it_is_ready_is_a_failure)
{
	ck_assert_int_eq(exit_status(daemon_of(_i == 1, false, -1)), 1);
}
END_TEST

START_TEST(a_service_manager_is_told)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	(void)snprintf(sun.sun_path, sizeof(sun.sun_path), "%s/notify", dir);
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(bind(fd, (const struct sockaddr *)&sun, sizeof(sun)),
	    0);
	ck_assert_int_eq(setenv("NOTIFY_SOCKET", sun.sun_path, 1), 0);
	proc_ready();
	char text[64] = "";
	ck_assert_int_gt(recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT), 0);
	ck_assert_str_eq(text, "READY=1");
	ck_assert_int_eq(setenv("NOTIFY_SOCKET", "relative", 1), 0);
	proc_ready();
	ck_assert_int_eq(recv(fd, text, sizeof(text), MSG_DONTWAIT), -1);
	(void)close(fd);
}
END_TEST

static int notify_fd;

static void
expect_told(const char *want)
{
	char text[1024] = "";
	ssize_t n = recv(notify_fd, text, sizeof(text) - 1, MSG_DONTWAIT);
	if (want == NULL)
		ck_assert_int_eq(n, -1);
	else
		ck_assert_str_eq(text, want);
}

START_TEST(a_service_manager_is_told_of_all_that_happens)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	char long_line[1000];
	(void)snprintf(sun.sun_path, sizeof(sun.sun_path), "%s/notify", dir);
	ck_assert_int_eq(unsetenv("NOTIFY_SOCKET"), 0);
	ck_assert(!proc_supervised());
	proc_stopping(); /* nobody is there */
	notify_fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	ck_assert_int_ne(notify_fd, -1);
	ck_assert_int_eq(bind(notify_fd, (const struct sockaddr *)&sun,
			     sizeof(sun)),
	    0);
	ck_assert_int_eq(setenv("NOTIFY_SOCKET", sun.sun_path, 1), 0);
	ck_assert(proc_supervised());
	proc_status("%d sources", 3);
	expect_told("STATUS=3 sources");
	proc_status("one\nMAINPID=1");
	expect_told("STATUS=one");
	memset(long_line, 'x', sizeof(long_line) - 1);
	long_line[sizeof(long_line) - 1] = '\0';
	proc_status("%s", long_line);
	char text[1024] = "";
	ck_assert_int_lt(recv(notify_fd, text, sizeof(text) - 1, MSG_DONTWAIT),
	    1000);
	proc_succeeded_by(42);
	expect_told("MAINPID=42\nREADY=1");
	proc_reloading();
	ck_assert_int_gt(recv(notify_fd, text, sizeof(text) - 1, MSG_DONTWAIT),
	    0);
	ck_assert_int_eq(strncmp(text, "RELOADING=1\nMONOTONIC_USEC=", 27), 0);
	proc_reloaded();
	expect_told("READY=1");
	proc_stopping();
	expect_told("STOPPING=1");
	(void)close(notify_fd);
}
END_TEST

START_TEST(a_watchdog_hears_from_a_loop_that_turns)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	(void)snprintf(sun.sun_path, sizeof(sun.sun_path), "%s/notify", dir);
	notify_fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	ck_assert_int_eq(bind(notify_fd, (const struct sockaddr *)&sun,
			     sizeof(sun)),
	    0);
	ck_assert_int_eq(setenv("NOTIFY_SOCKET", sun.sun_path, 1), 0);
	ck_assert_int_eq(unsetenv("WATCHDOG_USEC"), 0);
	proc_alive();
	expect_told(NULL);
	/* So short that it is always time. */
	ck_assert_int_eq(setenv("WATCHDOG_USEC", "1", 1), 0);
	proc_alive();
	expect_told("WATCHDOG=1");
	/* An hour: that was enough for now. */
	ck_assert_int_eq(setenv("WATCHDOG_USEC", "3600000000", 1), 0);
	proc_alive();
	expect_told(NULL);
	(void)close(notify_fd);
}
END_TEST

/* The grandchild's end shows as the end of file of a pipe only it holds. */
static _Noreturn void
parent_of_one(int alive, int ready)
{
	pid_t self = getpid();
	if (fork() == 0) {
		(void)signal(SIGTERM, SIG_DFL); /* check has a handler */
		proc_end_with(self);
		(void)!write(ready, "x", 1);
		(void)pause();
	}
	(void)close(alive);
	(void)pause();
	_exit(1);
}

START_TEST(a_child_ends_with_its_killed_parent)
{
	int alive[2], ready[2];
	char byte;
	ck_assert_int_eq(pipe(alive), 0);
	ck_assert_int_eq(pipe(ready), 0);
	pid_t pid = fork();
	if (pid == 0)
		parent_of_one(alive[1], ready[1]);
	(void)close(alive[1]);
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	ck_assert_int_eq(read(alive[0], &byte, 1), 0);
	(void)close(alive[0]);
	(void)close(ready[0]);
	(void)close(ready[1]);
}
END_TEST

START_TEST(unknown_users_and_groups_are_named)
{
	uid_t uid;
	gid_t gid;
	ck_assert_int_eq(proc_ids("no-such-user", NULL, &uid, &gid, &err), -1);
	ck_assert_str_eq(err.msg,
	    "user 'no-such-user' not found on this system");
	ck_assert_int_eq(proc_ids("root", "no-such-group", &uid, &gid, &err),
	    -1);
	ck_assert_str_eq(err.msg,
	    "group 'no-such-group' not found on this system");
	ck_assert_int_eq(proc_ids("root", NULL, &uid, &gid, &err), 0);
	ck_assert_uint_eq(uid, 0);
	ck_assert_uint_eq(gid, 0);
}
END_TEST

/* One thread's; what its answer says is so, and the others stay. */
static void *
urge(void *arg)
{
	int *nice_then = arg;
	int before = getpriority(PRIO_PROCESS, 0);
	bool done = proc_urgent_thread();
	*nice_then = getpriority(PRIO_PROCESS, 0);
	ck_assert(done ? *nice_then == -10 : *nice_then == before);
	return arg;
}

START_TEST(an_urgent_thread_is_one_thread)
{
	pthread_t t;
	int nice_then, before = getpriority(PRIO_PROCESS, 0);
	proc_urgent_allow();
	ck_assert_int_eq(pthread_create(&t, NULL, urge, &nice_then), 0);
	ck_assert_int_eq(pthread_join(t, NULL), 0);
	ck_assert_int_eq(getpriority(PRIO_PROCESS, 0), before);
#ifdef __linux__
	if (geteuid() == 0)
		ck_assert_int_eq(nice_then, -10);
#endif
}
END_TEST

START_TEST(the_callers_own_user_is_fine)
{
	const struct passwd *pw = getpwuid(geteuid());
	if (pw == NULL)
		return;
	ck_assert_msg(proc_drop(pw->pw_name, NULL, &err) == 0, "%s", err.msg);
}
END_TEST

/* In a child, as there is no way back.  0: all as it should be. */
static int
drop_to(const char *user, const struct passwd *pw)
{
	if (proc_drop(user, NULL, &err) == -1)
		return 1;
	if (geteuid() != pw->pw_uid || getegid() != pw->pw_gid)
		return 2;
	if (setuid(0) != -1)
		return 3;
	/* An ordinary user becomes nobody else. */
	if (proc_drop("root", NULL, &err) != -1 ||
	    strstr(err.msg, "'root'") == NULL)
		return 4;
	return proc_drop(user, NULL, &err) == -1 ? 5 : 0;
}

START_TEST(root_becomes_another_user_for_good)
{
	const struct passwd *pw = getpwnam("nobody");
	if (geteuid() != 0 || pw == NULL)
		return;
	pid_t pid = fork();
	ck_assert_int_ne(pid, -1);
	if (pid == 0)
		_exit(drop_to("nobody", pw));
	ck_assert_int_eq(exit_status(pid), 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("base proc");
	TCase *t = tcase_create("proc");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, a_pid_file_names_its_holder_while_it_lives);
	tcase_add_test(t, a_second_holder_is_refused_with_the_pid_of_the_first);
	tcase_add_test(t, a_left_over_file_is_taken_over);
	tcase_add_test(t, a_killed_holder_leaves_no_lock);
	tcase_add_test(t, a_file_that_the_last_holder_removes_is_made_again);
	tcase_add_test(t, a_pid_file_that_cannot_be_made_is_named);
	tcase_add_loop_test(t,
	    a_detached_daemon_reports_ready_and_lets_go_of_the_terminal, 0, 2);
	tcase_add_loop_test(t,
	    a_daemon_that_ends_before_it_is_ready_is_a_failure, 0, 2);
	tcase_add_test(t, a_service_manager_is_told);
	tcase_add_test(t, a_service_manager_is_told_of_all_that_happens);
	tcase_add_test(t, a_watchdog_hears_from_a_loop_that_turns);
	tcase_add_test(t, a_child_ends_with_its_killed_parent);
	tcase_add_test(t, unknown_users_and_groups_are_named);
	tcase_add_test(t, an_urgent_thread_is_one_thread);
	tcase_add_test(t, the_callers_own_user_is_fine);
	tcase_add_test(t, root_becomes_another_user_for_good);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
