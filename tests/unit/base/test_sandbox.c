/* What a process that entered a sandbox can do, and what it no longer can. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sandbox.h"

#define NOT_HELD 77 /* exit status: nothing to see on this machine */

static char dir[64], in[96], out[96], other[96];
static struct err err;

static void
setup(void)
{
	char path[128];
	(void)snprintf(dir, sizeof(dir), "/tmp/test_sandbox.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)snprintf(in, sizeof(in), "%s/in", dir);
	(void)snprintf(out, sizeof(out), "%s/out", dir);
	(void)snprintf(other, sizeof(other), "%s/other", dir);
	ck_assert_int_eq(mkdir(in, 0755), 0);
	ck_assert_int_eq(mkdir(out, 0755), 0);
	ck_assert_int_eq(mkdir(other, 0755), 0);
	(void)snprintf(path, sizeof(path), "%s/file", out);
	ck_assert_int_eq(file_write_atomic(path, "x", 1, 0644, &err), 0);
}

static void
teardown(void)
{
	ck_assert_int_eq(file_remove_tree(dir, &err), 0);
}

/* Runs `what` in a child that entered; the child's exit status. */
static int
in_sandbox(const struct sandbox *sb,
    int (*what)(const struct sandbox_held *held))
{
	int status;
	pid_t pid = fork();
	ck_assert_int_ne(pid, -1);
	if (pid == 0) {
		struct sandbox_held held;
		sandbox_enter(sb, &held);
		_exit(what(&held));
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status), "ended by signal %d",
	    WTERMSIG(status));
	return WEXITSTATUS(status);
}

static int
opens(const char *folder, const char *name, int flags)
{
	char path[256];
	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	int fd = open(path, flags | O_CLOEXEC, 0644);
	if (fd == -1)
		return errno;
	(void)close(fd);
	return 0;
}

/* A number for each thing that is not as it has to be. */
static int
use_files(const struct sandbox_held *held)
{
	char from[256], to[256];
	if (held->files != NULL)
		return NOT_HELD;
	if (opens(in, "new", O_RDWR | O_CREAT) != 0)
		return 1;
	if (opens(in, "new", O_RDWR | O_TRUNC) != 0)
		return 2;
	(void)snprintf(from, sizeof(from), "%s/new", in);
	(void)snprintf(to, sizeof(to), "%s/sub", in);
	if (mkdir(to, 0755) == -1)
		return 3;
	(void)snprintf(to, sizeof(to), "%s/sub/new", in);
	if (rename(from, to) == -1)
		return 4;
	if (opens(out, "file", O_RDONLY) != EACCES)
		return 5;
	if (opens(out, "new", O_RDWR | O_CREAT) != EACCES)
		return 6;
	if (opens(other, "new", O_RDWR | O_CREAT) != EACCES)
		return 7;
	if (opens("/etc", "passwd", O_RDONLY) != 0)
		return 8;
	if (opens("/dev", "null", O_RDWR) != 0)
		return 9;
	return 0;
}

START_TEST(files_elsewhere_are_out_of_reach)
{
	struct sandbox sb = SANDBOX_NOTHING;
	sandbox_add_system(&sb);
	sandbox_add(&sb, SANDBOX_WRITE, in);
	sandbox_add(&sb, SANDBOX_READ, other);
	sandbox_add(&sb, SANDBOX_READ, "/there/is/no/such/folder");
	sandbox_add(&sb, SANDBOX_READ, NULL);
	int rc = in_sandbox(&sb, use_files);
	sandbox_free(&sb);
	ck_assert(rc == 0 || rc == NOT_HELD);
}
END_TEST

static int
use_link(const struct sandbox_held *held)
{
	char path[128];
	if (held->files != NULL)
		return NOT_HELD;
	(void)snprintf(path, sizeof(path), "%s/a/b", in);
	return opens(path, "file", O_RDONLY);
}

START_TEST(what_a_link_in_a_tree_leads_to_is_given)
{
	char path[128];
	(void)snprintf(path, sizeof(path), "%s/a", in);
	ck_assert_int_eq(mkdir(path, 0755), 0);
	(void)snprintf(path, sizeof(path), "%s/a/b", in);
	ck_assert_int_eq(symlink(out, path), 0);
	for (int depth = 0; depth < 2; depth++) {
		struct sandbox sb = SANDBOX_NOTHING;
		sandbox_add_tree(&sb, SANDBOX_WRITE, in, depth);
		int rc = in_sandbox(&sb, use_link);
		sandbox_free(&sb);
		ck_assert(rc == (depth == 0 ? EACCES : 0) || rc == NOT_HELD);
	}
}
END_TEST

static int
use_folder_of(const struct sandbox_held *held)
{
	return held->files != NULL ? NOT_HELD : opens(out, "file", O_RDONLY);
}

START_TEST(a_file_is_given_with_its_folder_as_it_may_be_replaced)
{
	char path[128];
	static const char *const names[] = { "file", "not yet there" };
	for (size_t i = 0; i < 2; i++) {
		struct sandbox sb = SANDBOX_NOTHING;
		(void)snprintf(path, sizeof(path), "%s/%s", out, names[i]);
		sandbox_add_folder_of(&sb, SANDBOX_READ, path);
		int rc = in_sandbox(&sb, use_folder_of);
		sandbox_free(&sb);
		ck_assert(rc == 0 || rc == NOT_HELD);
	}
}
END_TEST

static int
use_program(const struct sandbox_held *held)
{
	if (held->calls != NULL)
		return NOT_HELD;
	(void)execl("/bin/true", "true", (char *)NULL);
	return errno == EPERM || errno == EACCES ? 1 : 2;
}

START_TEST(programs_are_started_only_by_who_asked_to)
{
	struct sandbox sb = SANDBOX_NOTHING;
	sandbox_add_system(&sb);
	int rc = in_sandbox(&sb, use_program);
	ck_assert(rc == 1 || rc == NOT_HELD);
	/* Some, but not this one. */
	sb.programs = true;
	rc = in_sandbox(&sb, use_program);
	ck_assert(rc == 1 || rc == NOT_HELD);
	static const char *const folders[] = { "/bin", "/usr", "/lib",
		"/lib64" };
	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++)
		sandbox_add(&sb, SANDBOX_EXEC, folders[i]);
	rc = in_sandbox(&sb, use_program);
	ck_assert(rc == 0 || rc == NOT_HELD);
	sandbox_free(&sb);
}
END_TEST

static int
opens_socket(int family)
{
	int fd = socket(family, SOCK_DGRAM, 0);
	if (fd == -1)
		return errno;
	(void)close(fd);
	return 0;
}

static int
use_sockets(const struct sandbox_held *held)
{
	if (held->calls != NULL)
		return NOT_HELD;
	if (opens_socket(AF_UNIX) != 0)
		return 1;
	if (opens_socket(AF_INET) != EACCES)
		return 2;
	if (opens_socket(AF_INET6) != EACCES)
		return 3;
	return opens_socket(AF_NETLINK) == EACCES ? 0 : 4;
}

static int
use_inet(const struct sandbox_held *held)
{
	if (held->calls != NULL)
		return NOT_HELD;
	if (opens_socket(AF_INET) != 0)
		return 1;
	return opens_socket(AF_UNIX) == EACCES ? 0 : 2;
}

START_TEST(only_named_kinds_of_sockets_are_opened)
{
	struct sandbox sb = SANDBOX_NOTHING;
	sb.sockets = SANDBOX_UNIX;
	int rc = in_sandbox(&sb, use_sockets);
	ck_assert(rc == 0 || rc == NOT_HELD);
	sb.sockets = SANDBOX_INET;
	rc = in_sandbox(&sb, use_inet);
	ck_assert(rc == 0 || rc == NOT_HELD);
}
END_TEST

static void *
try_in_thread(void *arg)
{
	int *rc = arg;
	*rc = opens(out, "file", O_RDONLY);
	return NULL;
}

static int
use_thread(const struct sandbox_held *held)
{
	pthread_t t;
	int rc = 0;
	if (held->files != NULL)
		return NOT_HELD;
	if (pthread_create(&t, NULL, try_in_thread, &rc) != 0)
		return 1;
	(void)pthread_join(t, NULL);
	return rc == EACCES ? 0 : 2;
}

START_TEST(threads_of_later_are_held_as_well)
{
	struct sandbox sb = SANDBOX_NOTHING;
	int rc = in_sandbox(&sb, use_thread);
	ck_assert(rc == 0 || rc == NOT_HELD);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("sandbox");
	TCase *t = tcase_create("sandbox");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, files_elsewhere_are_out_of_reach);
	tcase_add_test(t, what_a_link_in_a_tree_leads_to_is_given);
	tcase_add_test(t,
	    a_file_is_given_with_its_folder_as_it_may_be_replaced);
	tcase_add_test(t, programs_are_started_only_by_who_asked_to);
	tcase_add_test(t, only_named_kinds_of_sockets_are_opened);
	tcase_add_test(t, threads_of_later_are_held_as_well);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
