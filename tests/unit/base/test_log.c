/* Log lines: one each, printable, errno kept; the limiter. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"

static int capture = -1; /* stands in for stderr */
static struct err err;

static void
setup(void)
{
	char path[] = "/tmp/test_log.XXXXXX";
	capture = mkstemp(path);
	ck_assert_int_ne(capture, -1);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(log_open("prog", NULL, &err), 0);
	ck_assert_int_eq(dup2(capture, STDERR_FILENO), STDERR_FILENO);
}

static void
teardown(void)
{
	(void)close(capture);
}

/* Everything logged so far. */
static const char *
logged(void)
{
	static char text[16384];
	ssize_t n = pread(capture, text, sizeof(text) - 1, 0);
	ck_assert_int_ge(n, 0);
	text[n] = '\0';
	return text;
}

START_TEST(a_line_has_the_programs_name)
{
	log_info("started port=%d", 9995);
	log_warnx("w");
	log_errx("e");
	ck_assert_str_eq(logged(),
	    "prog: started port=9995\nprog: w\nprog: e\n");
}
END_TEST

START_TEST(the_cause_follows_and_errno_is_kept)
{
	errno = ENOENT;
	log_warn("open %s", "x");
	ck_assert_int_eq(errno, ENOENT);
	log_err("again");
	ck_assert_int_eq(errno, ENOENT);
	ck_assert_str_eq(logged(), "prog: open x: No such file or directory\n"
				   "prog: again: No such file or directory\n");
}
END_TEST

START_TEST(debug_lines_are_off_until_asked_for)
{
	log_debug("one");
	log_debug_set(true);
	log_debug("two");
	log_debug_set(false);
	log_debug("three");
	ck_assert_str_eq(logged(), "prog: two\n");
}
END_TEST

START_TEST(control_characters_cannot_forge_a_line)
{
	log_info("name=%s", "a\nprog: fake\r\t\033[31m\x7f");
	ck_assert_str_eq(logged(), "prog: name=a?prog: fake???[31m?\n");
}
END_TEST

START_TEST(letters_beyond_ascii_pass)
{
	log_info("Z\xc3\xbcrich");
	ck_assert_str_eq(logged(), "prog: Z\xc3\xbcrich\n");
}
END_TEST

START_TEST(a_long_line_is_cut_but_keeps_its_cause)
{
	static char text[8000];
	memset(text, 'x', sizeof(text) - 1);
	errno = EACCES;
	log_warn("%s", text);
	const char *line = logged();
	size_t n = strlen(line);
	ck_assert_uint_lt(n, 3000);
	ck_assert_str_eq(line + n - 20, ": Permission denied\n");
}
END_TEST

START_TEST(an_unknown_facility_is_an_error)
{
	ck_assert_int_eq(log_open("prog", "local9", &err), -1);
	ck_assert_ptr_nonnull(strstr(err.msg, "'local9'"));
	ck_assert_int_eq(log_open("prog", "local3", &err), 0);
}
END_TEST

START_TEST(closed_standard_descriptors_are_opened)
{
	pid_t pid = fork();
	ck_assert_int_ne(pid, -1);
	if (pid == 0) {
		for (int fd = 0; fd < 3; fd++)
			(void)close(fd);
		if (log_open("prog", NULL, &err) == -1)
			_exit(1);
		for (int fd = 0; fd < 3; fd++)
			if (fcntl(fd, F_GETFD) == -1)
				_exit(2);
		/* The next file gets a number of its own. */
		_exit(open("/dev/null", O_RDONLY) > 2 ? 0 : 3);
	}
	int status;
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(the_limiter_lets_a_burst_through_and_counts_the_rest)
{
	struct log_limit l = { .burst = 2, .per_s = 10 };
	uint64_t skipped;
	ck_assert(log_limit_ok(&l, 1000, &skipped));
	ck_assert(log_limit_ok(&l, 1001, &skipped));
	ck_assert_uint_eq(skipped, 0);
	for (int i = 0; i < 5; i++)
		ck_assert(!log_limit_ok(&l, 1009, &skipped));
	ck_assert(log_limit_ok(&l, 1010, &skipped));
	ck_assert_uint_eq(skipped, 5);
	ck_assert(log_limit_ok(&l, 1011, &skipped));
	ck_assert_uint_eq(skipped, 0);
	ck_assert(!log_limit_ok(&l, 1011, &skipped));
}
END_TEST

START_TEST(a_clock_that_goes_back_does_not_silence_the_log)
{
	struct log_limit l = { .burst = 1, .per_s = 10 };
	uint64_t skipped;
	ck_assert(log_limit_ok(&l, 1000, &skipped));
	ck_assert(!log_limit_ok(&l, 1001, &skipped));
	ck_assert(log_limit_ok(&l, 500, &skipped));
	ck_assert_uint_eq(skipped, 1);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("base log");
	TCase *t = tcase_create("log");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, a_line_has_the_programs_name);
	tcase_add_test(t, the_cause_follows_and_errno_is_kept);
	tcase_add_test(t, debug_lines_are_off_until_asked_for);
	tcase_add_test(t, control_characters_cannot_forge_a_line);
	tcase_add_test(t, letters_beyond_ascii_pass);
	tcase_add_test(t, a_long_line_is_cut_but_keeps_its_cause);
	tcase_add_test(t, an_unknown_facility_is_an_error);
	tcase_add_test(t, closed_standard_descriptors_are_opened);
	tcase_add_test(t, the_limiter_lets_a_burst_through_and_counts_the_rest);
	tcase_add_test(t, a_clock_that_goes_back_does_not_silence_the_log);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
