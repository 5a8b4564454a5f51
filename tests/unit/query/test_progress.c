/* Progress: what is said, and that what is counted adds up. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "query/progress.h"

static const struct {
	const char *text;
	enum progress_mode mode;
	int fd; /* -1: refused */
} words[] = {
	{ "auto", PROGRESS_AUTO, STDERR_FILENO },
	{ "none", PROGRESS_NONE, STDERR_FILENO },
	{ "line", PROGRESS_LINE, STDERR_FILENO },
	{ "json", PROGRESS_JSON, STDERR_FILENO },
	{ "json:1", PROGRESS_JSON, STDOUT_FILENO },
	{ "json:2", PROGRESS_JSON, STDERR_FILENO },
	{ "json:0", 0, -1 },     /* standard input */
	{ "json:60000", 0, -1 }, /* not open */
	{ "json:", 0, -1 },
	{ "json:-1", 0, -1 },
	{ "json:2x", 0, -1 },
	{ "json:99999999999999999999", 0, -1 },
	{ "", 0, -1 },
	{ "lines", 0, -1 },
};

START_TEST(modes_are_taken_or_refused)
{
	enum progress_mode mode;
	int fd;
	struct err err = { .msg = "" };
	int r = progress_parse(words[_i].text, &mode, &fd, &err);
	if (words[_i].fd == -1) {
		ck_assert_int_eq(r, -1);
		ck_assert_ptr_nonnull(strstr(err.msg, "--progress"));
		return;
	}
	ck_assert_int_eq(r, 0);
	ck_assert_int_eq((int)mode, (int)words[_i].mode);
	ck_assert_int_eq(fd, words[_i].fd);
}
END_TEST

static const struct {
	uint64_t done, all;
	double seconds;
	const char *line;
	const char *json; /* from the bytes on */
} sayings[] = {
	{ 0, 0, 0, "0 B of 0 B, 0 B/s",
	    "\"bytes\":0,\"of_bytes\":0,\"bytes_per_second\":0,"
	    "\"seconds\":0.000,\"seconds_left\":null}\n" },
	{ 0, 5000000, 1, "0 B of 5.0 MB, 0 %, 0 B/s",
	    "\"bytes\":0,\"of_bytes\":5000000,\"bytes_per_second\":0,"
	    "\"seconds\":1.000,\"seconds_left\":null}\n" },
	{ 1000000, 5000000, 2, "1.0 MB of 5.0 MB, 20 %, 500.0 kB/s, 0:08 left",
	    "\"bytes\":1000000,\"of_bytes\":5000000,"
	    "\"bytes_per_second\":500000,\"seconds\":2.000,"
	    "\"seconds_left\":8}\n" },
	{ 1, 86401, 1, "1 B of 86.4 kB, 0 %, 1 B/s, 24:00:00 left", NULL },
	{ 999949, 999951, 0.5, "999.9 kB of 1.0 MB, 100 %, 2.0 MB/s, 0:00 left",
	    NULL },
};

START_TEST(bytes_rate_and_time_left_are_said)
{
	struct progress p = { .bytes = sayings[_i].all, .files = 3 };
	struct buf b = BUF_EMPTY;
	atomic_store(&p.bytes_done, sayings[_i].done);
	progress_line(&p, sayings[_i].seconds, &b);
	ck_assert_str_eq(buf_str(&b), sayings[_i].line);
	buf_clear(&b);
	progress_json(&p, "running", sayings[_i].seconds, &b);
	const char *bytes = strstr(buf_str(&b), "\"bytes\"");
	ck_assert_ptr_nonnull(bytes);
	if (sayings[_i].json != NULL)
		ck_assert_str_eq(bytes, sayings[_i].json);
	buf_free(&b);
}
END_TEST

/* Files of seven bytes in two or three blocks: 3 x 2 < 7 < 2 x 4. */
START_TEST(blocks_and_the_rest_of_a_file_are_all_of_it)
{
	struct progress_file file[2] = { { .size = 7 }, { .size = 7 } };
	struct progress p = { .file = file, .files = 2, .bytes = 14 };
	for (int i = 0; i < 3; i++)
		progress_block(&p, 0, 3);
	ck_assert_uint_eq(atomic_load(&p.bytes_done), 6);
	progress_file(&p, 0);
	ck_assert_uint_eq(atomic_load(&p.bytes_done), 7);
	for (int i = 0; i < 20; i++) /* more than the header said */
		progress_block(&p, 1, 2);
	ck_assert_uint_eq(atomic_load(&p.bytes_done), 14);
	progress_file(&p, 1);
	progress_block(&p, 2, 1); /* no such file */
	progress_file(&p, 2);
	progress_block(NULL, 0, 1);
	ck_assert_uint_eq(atomic_load(&p.bytes_done), 14);
	ck_assert_uint_eq(atomic_load(&p.files_done), 2);
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

int
main(void)
{
	Suite *s = suite_create("progress");
	TCase *t = tcase_create("progress");
	tcase_add_loop_test(t, modes_are_taken_or_refused, 0, COUNT(words));
	tcase_add_loop_test(t, bytes_rate_and_time_left_are_said, 0,
	    COUNT(sayings));
	tcase_add_test(t, blocks_and_the_rest_of_a_file_are_all_of_it);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
