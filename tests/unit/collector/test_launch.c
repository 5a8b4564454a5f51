/* Commands at rotation: what they are told; and repeated datagrams' headers. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "collector/launch.h"
#include "collector/launch_private.h"
#include "collector/repeat.h"

static struct err err;

static const struct launch_file file = {
	.ident = "gw",
	.dir = "/data/live/gw",
	.name = "2026/11/23/nfcapd.202611231600",
	.time = "202611231600",
	.slot = 1795449600,
};

static const struct {
	const char *word, *want;
} words[] = {
	{ "%d/%f", "/data/live/gw/2026/11/23/nfcapd.202611231600" },
	{ "-t%t", "-t202611231600" },
	{ "%u", "1795449600" },
	{ "%i%%", "gw%" },
	{ "%z", "%z" },
	{ "100%", "100%" },
	{ "$(id);`id`", "$(id);`id`" },
	{ "", "" },
};

START_TEST(words_are_told_the_file)
{
	struct buf b = BUF_EMPTY;
	launch_expand(words[_i].word, &file, &b);
	ck_assert_str_eq(buf_str(&b), words[_i].want);
	buf_free(&b);
}
END_TEST

START_TEST(commands_are_run_one_after_the_other)
{
	char path[] = "/tmp/test_launch.XXXXXX";
	int fd = mkstemp(path);
	char script[128];
	struct buf text = BUF_EMPTY;
	(void)snprintf(script, sizeof(script),
	    "echo a%%u >>%s; sleep 0.1; echo b >>%s", path, path);
	const char *command[] = { "sh", "-c", script, NULL };
	struct launch *l = launch_start(10, NULL, 0, &err);
	ck_assert_ptr_nonnull(l);
	int n = launch_command(l, command);
	ck_assert_int_eq(n, 1);
	ck_assert_int_eq(launch_command(l, command), 1);
	launch_run(l, n, &file);
	launch_run(l, n, &file);
	launch_run(l, 7, &file);
	launch_stop(l);
	ck_assert_int_eq(file_read(path, 1000, &text, &err), 0);
	ck_assert_str_eq(buf_str(&text), "a1795449600\nb\na1795449600\nb\n");
	buf_free(&text);
	(void)close(fd);
	(void)unlink(path);
}
END_TEST

START_TEST(who_takes_too_long_is_ended)
{
	const char *command[] = { "sleep", "60", NULL };
	struct launch *l = launch_start(1, NULL, 0, &err);
	ck_assert_ptr_nonnull(l);
	launch_run(l, launch_command(l, command), &file);
	launch_stop(l); /* or the test would be ended */
}
END_TEST

/* What comes out of a pipe until its last writer is gone. */
static void
read_all(int fd, struct buf *b)
{
	char text[256];
	ssize_t n;
	while ((n = read(fd, text, sizeof(text))) > 0)
		buf_add(b, text, (size_t)n);
}

/* The program's descriptors are ends of pipes, the last is its errors. */
static void
run_program(const char *const *argv, struct buf *said, struct buf *errors)
{
	int a[2], e[2], fds[PROGRAM_FDS];
	struct launch *l = launch_start(10, NULL, 0, &err);
	ck_assert_ptr_nonnull(l);
	ck_assert_int_eq(pipe(a), 0);
	ck_assert_int_eq(pipe(e), 0);
	/* More than one message has room for. */
	struct launch_program p = { .argv = argv,
		.cwd = "/usr",
		.env = "TEST_FDS",
		.fds = fds,
		.n = PROGRAM_BATCH + 10 };
	for (size_t i = 0; i < p.n; i++)
		fds[i] = a[1];
	fds[p.n - 1] = e[1];
	ck_assert_int_gt(launch_program(launch_fd(l), &p, &err), 0);
	(void)close(a[1]);
	(void)close(e[1]);
	read_all(a[0], said);
	read_all(e[0], errors);
	(void)close(a[0]);
	(void)close(e[0]);
	launch_stop(l);
}

START_TEST(a_program_gets_descriptors)
{
	struct buf said = BUF_EMPTY, errors = BUF_EMPTY;
	/* $# of the names; the folder through the first, words, the last. */
	static const char script[] =
	    "set -- \"$1\" $TEST_FDS; one=$2; eval last=\\${$#}; "
	    "echo $# \"$1\" >/dev/fd/$one; pwd >/dev/fd/$last; echo no >&2";
	const char *argv[] = { "sh", "-c", script, "x", "a word", NULL };
	run_program(argv, &said, &errors);
	char want[64];
	(void)snprintf(want, sizeof(want), "%d a word\n/usr\n",
	    PROGRAM_BATCH + 10);
	ck_assert_str_eq(buf_str(&said), want);
	ck_assert_str_eq(buf_str(&errors), "no\n");
	buf_free(&said);
	buf_free(&errors);
}
END_TEST

START_TEST(a_program_that_is_not_there_says_so)
{
	struct buf said = BUF_EMPTY, errors = BUF_EMPTY;
	const char *argv[] = { "/there/is/none", NULL };
	run_program(argv, &said, &errors);
	ck_assert_str_eq(buf_str(&errors), "cannot be started\n");
	buf_free(&said);
	buf_free(&errors);
}
END_TEST

static uint32_t
sum16(uint32_t s, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		s += i % 2 == 0 ? (uint32_t)p[i] << 8 : p[i];
	return s;
}

static uint32_t
fold(uint32_t s)
{
	while (s >> 16 != 0)
		s = (s & 0xffff) + (s >> 16);
	return s;
}

/* With its checksum in it, everything sums up to ones. */
START_TEST(heads_have_lengths_and_checksums)
{
	static const uint8_t data[] = { 0, 9, 0xff, 0xfe, 7 };
	struct addr from[2], to[2];
	uint8_t head[REPEAT_HEAD_MAX];
	ck_assert(addr_parse("192.0.2.1", &from[0]));
	ck_assert(addr_parse("198.51.100.2", &to[0]));
	ck_assert(addr_parse("2001:db8::1", &from[1]));
	ck_assert(addr_parse("2001:db8::2", &to[1]));
	size_t n =
	    repeat_head(head, &from[0], 2055, &to[0], 9995, data, sizeof(data));
	ck_assert_uint_eq(n, 28);
	ck_assert_uint_eq(fold(sum16(0, head, 20)), 0xffff);
	ck_assert_uint_eq(head[3], 33);
	ck_assert_uint_eq(fold(sum16(sum16(17 + 13, head + 12, n - 12), data,
			      sizeof(data))),
	    0xffff);
	n = repeat_head(head, &from[1], 2055, &to[1], 9995, data, sizeof(data));
	ck_assert_uint_eq(n, 48);
	ck_assert_uint_eq(head[5], 13);
	ck_assert_uint_eq(fold(sum16(sum16(17 + 13, head + 8, n - 8), data,
			      sizeof(data))),
	    0xffff);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("launch");
	TCase *t = tcase_create("launch");
	tcase_set_timeout(t, 30);
	tcase_add_loop_test(t, words_are_told_the_file, 0,
	    sizeof(words) / sizeof(*words));
	tcase_add_test(t, commands_are_run_one_after_the_other);
	tcase_add_test(t, who_takes_too_long_is_ended);
	tcase_add_test(t, a_program_gets_descriptors);
	tcase_add_test(t, a_program_that_is_not_there_says_so);
	tcase_add_test(t, heads_have_lengths_and_checksums);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
