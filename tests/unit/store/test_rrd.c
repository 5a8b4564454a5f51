#include <check.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "store/rrd.h"

#define T0 INT64_C(1700000100) /* a multiple of 300 */

static char dir[32];
static char path[64];
static struct err err;

static void
setup(void)
{
	(void)snprintf(dir, sizeof(dir), "/tmp/test_rrdXXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/a.rrd", dir);
}

static void
teardown(void)
{
	ck_assert_int_eq(file_remove_tree(dir, &err), 0);
}

static struct counters
numbers(uint64_t base)
{
	struct counters c;
	for (uint64_t i = 0; i < CLASS_MAX; i++) {
		c.flows[i] = base + i;
		c.packets[i] = base * 10 + i;
		c.bytes[i] = base * 1000003 + i;
	}
	return c;
}

START_TEST(totals_come_back_to_the_unit_under_their_true_slot)
{
	ck_assert_msg(rrd_channel_create(path, T0, 300, &err) == 0, "%s",
	    err.msg);
	for (int64_t i = 0; i < 12; i++) {
		struct counters c = numbers((uint64_t)(i + 1) * 7919);
		ck_assert_msg(rrd_channel_update(path, T0 + i * 300, &c,
				  &err) == 0,
		    "%s", err.msg);
	}
	ck_assert_int_eq(rrd_channel_last(path, &err), T0 + INT64_C(11) * 300);

	struct arena a = ARENA_EMPTY;
	struct rrd_series s;
	ck_assert_msg(rrd_channel_fetch(path, T0, T0 + INT64_C(12) * 300, 300,
			  0x7fff, &a, &s, &err) == 0,
	    "%s", err.msg);
	ck_assert_int_eq(s.step, 300);
	for (size_t ds = 0; ds < 15; ds++)
		for (int64_t i = 0; i < 12; i++) {
			struct counters c = numbers((uint64_t)(i + 1) * 7919);
			const uint64_t *v = ds < 5    ? c.flows
					    : ds < 10 ? c.packets
						      : c.bytes;
			size_t row = (size_t)((T0 + i * 300 - s.start) / 300);
			ck_assert_uint_lt(row, s.n);
			ck_assert(llround(s.values[ds][row] * 300) ==
				  (long long)v[ds % 5]);
		}
	arena_free(&a);
}
END_TEST

START_TEST(a_slot_is_stored_once)
{
	struct counters c = numbers(1);
	ck_assert_int_eq(rrd_channel_create(path, T0, 300, &err), 0);
	ck_assert_int_eq(rrd_channel_update(path, T0, &c, &err), 0);
	ck_assert_int_eq(rrd_channel_update(path, T0, &c, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.msg, path));
}
END_TEST

START_TEST(a_missing_file_is_named)
{
	ck_assert_int_eq(rrd_channel_last("/nowhere/x.rrd", &err), -1);
	ck_assert_ptr_nonnull(strstr(err.msg, "/nowhere/x.rrd"));
}
END_TEST

/* Slot lengths that are no divisors of 300 still make a file and take data. */
static const int64_t steps[] = { 1, 2, 7, 60, 300, 600, 3600 };

/* A reader in another process that holds the file for 50 ms. */
static pid_t
reader(void)
{
	int ready[2];
	char byte;
	ck_assert_int_eq(pipe(ready), 0);
	pid_t pid = fork();
	if (pid == 0) {
		struct flock lock = { .l_type = F_RDLCK };
		int fd = open(path, O_RDONLY);
		if (fd == -1 || fcntl(fd, F_SETLK, &lock) == -1)
			_exit(1);
		(void)!write(ready[1], "x", 1);
		(void)poll(NULL, 0, 50);
		_exit(0);
	}
	ck_assert_int_gt(pid, 0);
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	(void)close(ready[0]);
	(void)close(ready[1]);
	return pid;
}

START_TEST(an_update_waits_for_a_reader)
{
	struct counters c = numbers(1);
	int status;
	ck_assert_int_eq(rrd_channel_create(path, T0, 300, &err), 0);
	pid_t pid = reader();
	ck_assert_msg(rrd_channel_update(path, T0, &c, &err) == 0, "%s",
	    err.msg);
	ck_assert_int_eq(rrd_channel_last(path, &err), T0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(every_slot_length_takes_its_first_slot)
{
	int64_t step = steps[_i];
	int64_t first = T0 - T0 % step;
	struct counters c = numbers(5);
	ck_assert_msg(rrd_channel_create(path, first, step, &err) == 0, "%s",
	    err.msg);
	ck_assert_int_eq(rrd_channel_update(path, first, &c, &err), 0);
	struct arena a = ARENA_EMPTY;
	struct rrd_series s;
	ck_assert_int_eq(rrd_channel_fetch(path, first, first + step, step, 1,
			     &a, &s, &err),
	    0);
	ck_assert_int_eq(s.start, first);
	ck_assert_int_eq(s.step, step);
	ck_assert(llround(s.values[0][0] * (double)step) == 5);
	arena_free(&a);
}
END_TEST

static const struct {
	enum rrd_image format;
	const char *magic;
} formats[] = { { RRD_PNG, "\x89PNG" }, { RRD_SVG, "<?xm" } };

START_TEST(a_graph_of_both_signs_is_drawn_in_memory)
{
	struct counters c = numbers(100);
	ck_assert_int_eq(rrd_channel_create(path, T0, 300, &err), 0);
	ck_assert_int_eq(rrd_channel_update(path, T0, &c, &err), 0);
	const struct rrd_graph_channel ch[] = {
		{ "in: a", path, "#00aa00", '+' },
		{ "b", path, "#aa0000", '+' },
		{ "out", path, "#0000aa", '-' },
	};
	for (int variant = 0; variant < 8; variant++) {
		struct rrd_graph g = { .channels = ch,
			.n = 3,
			.type = RRD_TRAFFIC,
			.from = T0 - 3600,
			.to = T0 + 3600,
			.slot_length = 300,
			.profile_start = T0,
			.mark_from = T0,
			.mark_to = variant > 3 ? T0 + 1800 : T0,
			.width = 300,
			.height = 100,
			.lines = (variant & 1) != 0,
			.light = (variant & 2) != 0,
			.dark = (variant & 4) != 0,
			.title = "50% of: x",
			.format = formats[_i].format };
		struct buf b = BUF_EMPTY;
		ck_assert_msg(rrd_graph_draw(&g, &b, NULL, &err) == 0, "%s",
		    err.msg);
		ck_assert_uint_gt(b.len, 100);
		ck_assert_mem_eq(b.data, formats[_i].magic, 4);
		buf_free(&b);
	}
}
END_TEST

START_TEST(a_graph_without_channels_is_an_empty_one)
{
	struct rrd_graph g = { .to = T0,
		.from = T0 - 3600,
		.width = 100,
		.height = 50,
		.slot_length = 300 };
	struct buf b = BUF_EMPTY;
	ck_assert_msg(rrd_graph_draw(&g, &b, NULL, &err) == 0, "%s", err.msg);
	ck_assert_uint_gt(b.len, 100);
	buf_free(&b);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("rrd");
	TCase *tc = tcase_create("rrd");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, totals_come_back_to_the_unit_under_their_true_slot);
	tcase_add_test(tc, a_slot_is_stored_once);
	tcase_add_test(tc, a_missing_file_is_named);
	tcase_add_test(tc, an_update_waits_for_a_reader);
	tcase_add_loop_test(tc, every_slot_length_takes_its_first_slot, 0,
	    sizeof(steps) / sizeof(*steps));
	tcase_add_loop_test(tc, a_graph_of_both_signs_is_drawn_in_memory, 0,
	    sizeof(formats) / sizeof(*formats));
	tcase_add_test(tc, a_graph_without_channels_is_an_empty_one);
	suite_add_tcase(s, tc);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
