/* Files appear complete or not at all; trees come and go. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

static char dir[64];
static struct err err;

static void
setup(void)
{
	(void)snprintf(dir, sizeof(dir), "/tmp/test_file.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void
teardown(void)
{
	ck_assert_int_eq(file_remove_tree(dir, &err), 0);
	ck_assert(!file_exists(dir));
}

/* dir/name, valid until the fourth next call. */
static const char *
in(const char *name)
{
	static char path[4][FILE_PATH_MAX];
	static unsigned n;
	char *p = path[n++ % 4];
	ck_assert(file_join(p, dir, name));
	return p;
}

static void
put(const char *name, const char *text)
{
	ck_assert_int_eq(file_write_atomic(in(name), text, strlen(text), 0644,
			     &err),
	    0);
}

static void
expect(const char *name, const char *text)
{
	struct buf b = BUF_EMPTY;
	ck_assert_msg(file_read(in(name), 1 << 20, &b, &err) == 0, "%s",
	    err.msg);
	ck_assert_str_eq(buf_str(&b), text);
	buf_free(&b);
}

START_TEST(a_written_file_reads_back)
{
	put("a", "text");
	expect("a", "text");
	put("a", "other");
	expect("a", "other");
	put("a", "");
	expect("a", "");
	struct stat st;
	ck_assert_int_eq(file_write_atomic(in("a"), "x", 1, 0600, &err), 0);
	ck_assert_int_eq(stat(in("a"), &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0600);
}
END_TEST

START_TEST(reading_adds_to_what_the_buffer_has)
{
	struct buf b = BUF_EMPTY;
	buf_adds(&b, "before ");
	put("a", "after");
	ck_assert_int_eq(file_read(in("a"), 5, &b, &err), 0);
	ck_assert_str_eq(buf_str(&b), "before after");
	buf_free(&b);
}
END_TEST

START_TEST(a_failed_read_names_the_file_and_leaves_the_buffer)
{
	struct buf b = BUF_EMPTY;
	buf_adds(&b, "kept");
	put("a", "123456");
	ck_assert_int_eq(file_read(in("a"), 5, &b, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.msg, in("a")));
	ck_assert_ptr_nonnull(strstr(err.msg, "larger than 5 bytes"));
	ck_assert_str_eq(buf_str(&b), "kept");
	ck_assert_int_eq(file_read(in("none"), 5, &b, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.msg, "No such file"));
	ck_assert_int_eq(file_read(dir, 5, &b, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.msg, "directory"));
	ck_assert_str_eq(buf_str(&b), "kept");
	buf_free(&b);
}
END_TEST

START_TEST(a_failed_write_leaves_the_old_file_and_nothing_else)
{
	static char large[65536];
	struct rlimit small = { .rlim_cur = 4096, .rlim_max = RLIM_INFINITY };
	put("a", "old");
	/* A write beyond the limit fails as on a full disk. */
	ck_assert(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &small), 0);
	rlim_t before = small.rlim_cur;
	small.rlim_cur = 4096;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
	ck_assert_int_eq(file_write_atomic(in("a"), large, sizeof(large), 0644,
			     &err),
	    -1);
	small.rlim_cur = before;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
	ck_assert_ptr_nonnull(strstr(err.msg, in("a")));
	ck_assert_ptr_nonnull(strstr(err.msg, "File too large"));
	expect("a", "old");
	ck_assert_int_eq(unlink(in("a")), 0);
	ck_assert_msg(rmdir(dir) == 0, "a temporary file stayed");
	ck_assert_int_eq(mkdir(dir, 0700), 0);
}
END_TEST

START_TEST(a_write_without_a_folder_is_an_error)
{
	put("a", "x");
	ck_assert_int_eq(file_write_atomic(in("none/b"), "x", 1, 0644, &err),
	    -1);
	ck_assert_ptr_nonnull(strstr(err.msg, in("none/b")));
	ck_assert_int_eq(file_write_atomic(in("a/b"), "x", 1, 0644, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.msg, "Not a directory"));
	char longest[FILE_PATH_MAX];
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	ck_assert_int_eq(file_write_atomic(longest, "x", 1, 0644, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.msg, "path too long"));
}
END_TEST

START_TEST(a_full_device_is_an_error)
{
	int fd = open("/dev/full", O_WRONLY);
	if (fd == -1)
		return; /* a Linux device */
	ck_assert_int_eq(file_write_full(fd, "x", 1), -1);
	ck_assert_int_eq(errno, ENOSPC);
	(void)close(fd);
}
END_TEST

static void
on_alarm(int sig)
{
	(void)sig;
}

START_TEST(short_writes_and_signals_lose_no_byte)
{
	enum { BYTES = 4 << 20 };
	int p[2];
	ck_assert_int_eq(pipe(p), 0);
	pid_t pid = fork();
	ck_assert_int_ne(pid, -1);
	if (pid == 0) {
		static unsigned char got[777];
		size_t total = 0;
		(void)close(p[1]);
		for (ssize_t n; (n = read(p[0], got, sizeof(got))) > 0;
		     total += (size_t)n)
			for (ssize_t i = 0; i < n; i++)
				if (got[i] != (total + (size_t)i) % 251)
					_exit(1);
		_exit(total == BYTES ? 0 : 2);
	}
	(void)close(p[0]);
	unsigned char *data = malloc(BYTES);
	ck_assert_ptr_nonnull(data);
	for (size_t i = 0; i < BYTES; i++)
		data[i] = (unsigned char)(i % 251);
	const struct sigaction sa = { .sa_handler = on_alarm };
	const struct itimerval often = { .it_interval = { .tv_usec = 500 },
		.it_value = { .tv_usec = 500 } };
	const struct itimerval never = { 0 };
	ck_assert_int_eq(sigaction(SIGALRM, &sa, NULL), 0);
	ck_assert_int_eq(setitimer(ITIMER_REAL, &often, NULL), 0);
	ck_assert_int_eq(file_write_full(p[1], data, BYTES), 0);
	ck_assert_int_eq(setitimer(ITIMER_REAL, &never, NULL), 0);
	(void)close(p[1]);
	free(data);
	int status;
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(folders_are_made_with_their_parents)
{
	ck_assert_int_eq(file_mkdirs(in("a/b/c"), 0755, &err), 0);
	ck_assert(file_exists(in("a/b/c")));
	ck_assert_int_eq(file_mkdirs(in("a/b/c"), 0755, &err), 0);
	ck_assert_int_eq(file_mkdirs(in("a//d/"), 0755, &err), 0);
	ck_assert(file_exists(in("a/d")));
	ck_assert_int_eq(file_mkdirs("/", 0755, &err), 0);
	ck_assert_int_eq(chdir(dir), 0);
	ck_assert_int_eq(file_mkdirs("e/f", 0755, &err), 0);
	ck_assert(file_exists(in("e/f")));
}
END_TEST

START_TEST(a_file_in_the_way_of_a_folder_is_named)
{
	put("a", "x");
	ck_assert_int_eq(file_mkdirs(in("a/b"), 0755, &err), -1);
	char want[FILE_PATH_MAX + 32];
	(void)snprintf(want, sizeof(want), "%s: Not a directory", in("a"));
	ck_assert_str_eq(err.msg, want);
}
END_TEST

START_TEST(a_link_to_a_folder_is_a_folder)
{
	ck_assert_int_eq(mkdir(in("real"), 0755), 0);
	ck_assert_int_eq(symlink("real", in("link")), 0);
	ck_assert_int_eq(file_mkdirs(in("link/b"), 0755, &err), 0);
	ck_assert(file_exists(in("real/b")));
}
END_TEST

START_TEST(a_tree_goes_and_what_its_links_point_to_stays)
{
	ck_assert_int_eq(file_mkdirs(in("keep"), 0755, &err), 0);
	put("keep/file", "x");
	ck_assert_int_eq(file_mkdirs(in("tree/a/b"), 0755, &err), 0);
	put("tree/a/file", "x");
	put("tree/a/b/.hidden", "x");
	ck_assert_int_eq(symlink("../../keep", in("tree/a/link")), 0);
	ck_assert_int_eq(symlink("nowhere", in("tree/a/dangling")), 0);
	ck_assert_int_eq(file_remove_tree(in("tree"), &err), 0);
	ck_assert(!file_exists(in("tree")));
	expect("keep/file", "x");
	ck_assert_int_eq(file_remove_tree(in("keep/file"), &err), 0);
	ck_assert(!file_exists(in("keep/file")));
	ck_assert_int_eq(symlink("keep", in("link")), 0);
	ck_assert_int_eq(file_remove_tree(in("link"), &err), 0);
	ck_assert(file_exists(in("keep")));
	ck_assert_int_eq(file_remove_tree(in("never"), &err), 0);
}
END_TEST

START_TEST(what_cannot_be_removed_is_named)
{
	ck_assert_int_eq(file_remove_tree("/proc/self/status", &err), -1);
	ck_assert_ptr_nonnull(strstr(err.msg, "/proc/self/status: "));
}
END_TEST

START_TEST(a_joined_path_fits_or_is_empty)
{
	static char half[2048];
	char path[FILE_PATH_MAX];
	memset(half, 'x', sizeof(half) - 1);
	ck_assert(file_join(path, "a", "b"));
	ck_assert_str_eq(path, "a/b");
	ck_assert(file_join(path, half, half));
	ck_assert_uint_eq(strlen(path), FILE_PATH_MAX - 1);
	char more[sizeof(half) + 1];
	(void)snprintf(more, sizeof(more), "%sy", half);
	ck_assert(!file_join(path, half, more));
	ck_assert_str_eq(path, "");
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("base file");
	TCase *t = tcase_create("file");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, a_written_file_reads_back);
	tcase_add_test(t, reading_adds_to_what_the_buffer_has);
	tcase_add_test(t, a_failed_read_names_the_file_and_leaves_the_buffer);
	tcase_add_test(t, a_failed_write_leaves_the_old_file_and_nothing_else);
	tcase_add_test(t, a_write_without_a_folder_is_an_error);
	tcase_add_test(t, a_full_device_is_an_error);
	tcase_add_test(t, short_writes_and_signals_lose_no_byte);
	tcase_add_test(t, folders_are_made_with_their_parents);
	tcase_add_test(t, a_file_in_the_way_of_a_folder_is_named);
	tcase_add_test(t, a_link_to_a_folder_is_a_folder);
	tcase_add_test(t, a_tree_goes_and_what_its_links_point_to_stays);
	tcase_add_test(t, what_cannot_be_removed_is_named);
	tcase_add_test(t, a_joined_path_fits_or_is_empty);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
