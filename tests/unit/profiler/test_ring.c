/*
 * The ring: packed cells come back as they were, sums over a slot are the
 * slot's totals whatever came in between, old seconds go, memory is bounded.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "profiler/ring.h"
#include "profiler/ring_pack.h"

#define CYCLE 300
#define T0    INT64_C(1700000100)

static uint64_t state = 88172645463325252U;

static uint64_t
draw(uint64_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % below;
}

static struct counters
one(enum counter_class class, uint64_t flows, uint64_t packets, uint64_t bytes)
{
	struct counters c = { 0 };
	c.flows[class] = c.flows[CLASS_ALL] = flows;
	c.packets[class] = c.packets[CLASS_ALL] = packets;
	c.bytes[class] = c.bytes[CLASS_ALL] = bytes;
	return c;
}

static struct counters
random_counters(void)
{
	struct counters c = { 0 };
	for (int i = (int)draw(4); i >= 0; i--) {
		uint64_t bits = draw(63) + 1;
		struct counters part =
		    one((enum counter_class)(1 + draw(4)), 1 + draw(100),
			draw(UINT64_C(1) << bits), draw(UINT64_C(1) << bits));
		counters_add(&c, &part);
	}
	/* live: what leaves is in the totals only */
	if (draw(3) == 0)
		c.bytes[CLASS_ALL] += draw(5000);
	return c;
}

static void
check_equal(const struct counters *have, const struct counters *want)
{
	for (int i = 0; i < CLASS_MAX; i++) {
		ck_assert_uint_eq(have->flows[i], want->flows[i]);
		ck_assert_uint_eq(have->packets[i], want->packets[i]);
		ck_assert_uint_eq(have->bytes[i], want->bytes[i]);
	}
}

static void
check_sum(const struct ring *r, size_t i, int64_t from, int64_t to,
    const struct counters *want)
{
	struct counters have = ring_sum(r, i, from, to);
	check_equal(&have, want);
}

static const char *const names[] = { "./p/a", "./p/b", "./live/s" };

static struct ring *
two_channels(uint64_t bytes)
{
	struct ring *r = ring_new(bytes);
	ring_bind(r, names, 3, CYCLE);
	return r;
}

START_TEST(cells_come_back_as_they_were)
{
	struct buf b = BUF_EMPTY;
	struct counters in[500];
	int64_t at[500];
	int64_t last = -1;
	for (int i = 0; i < 500; i++) {
		in[i] = random_counters();
		if (draw(10) == 0) /* totals below the sum of the classes */
			in[i].packets[CLASS_ALL] -= 1;
		at[i] = last + 1 + (int64_t)draw(300);
		ring_pack(&b, last, at[i], &in[i]);
		last = at[i];
	}
	const uint8_t *p = (const uint8_t *)b.data;
	struct counters c;
	int64_t k = -1;
	for (int i = 0; i < 500; i++) {
		ck_assert(
		    ring_unpack(&p, (const uint8_t *)b.data + b.len, &k, &c));
		ck_assert_int_eq(k, at[i]);
		check_equal(&c, &in[i]);
	}
	ck_assert(!ring_unpack(&p, (const uint8_t *)b.data + b.len, &k, &c));
	/* cut short anywhere: an end, not a read beyond it */
	for (size_t n = 0; n < 60 && n < b.len; n++) {
		uint8_t *copy = mem_alloc(n + 1);
		memcpy(copy, b.data, n);
		p = copy;
		k = -1;
		while (ring_unpack(&p, copy + n, &k, &c))
			;
		free(copy);
	}
	buf_free(&b);
}
END_TEST

/* A few cells of a busy second are small: that is what bounds memory. */
START_TEST(a_second_of_one_class_takes_at_most_ten_bytes)
{
	struct buf b = BUF_EMPTY;
	struct counters c = one(CLASS_TCP, 100, 9000, 1900000);
	ring_pack(&b, 4, 5, &c);
	ck_assert_uint_le(b.len, 10);
	buf_free(&b);
}
END_TEST

/* Random seconds of random slots, with re-reading and other slots between. */
START_TEST(sums_over_a_slot_are_its_totals)
{
	struct ring *r = two_channels(0);
	struct counters total[3][40] = { 0 };
	for (int n = 0; n < 40; n++) {
		int64_t start = T0 + n * CYCLE;
		ring_begin(r, start);
		for (int again = (int)draw(3); again >= 0; again--) {
			ring_begin(r, start);
			for (int i = 0; i < 3; i++)
				total[i][n] = (struct counters){ 0 };
			for (uint64_t k = draw(400); k > 0; k--) {
				size_t i = draw(3);
				struct counters c = random_counters();
				/* some before, some behind the slot */
				ring_add(r, i, start - 20 + (int64_t)draw(340),
				    &c);
				counters_add(&total[i][n], &c);
			}
		}
		for (size_t i = 0; i < 3; i++) {
			check_sum(r, i, start, start + CYCLE, &total[i][n]);
			ring_settle(r, i, &total[i][n]);
			ring_settle(r, i, &total[i][0]); /* no more */
		}
		ring_begin(r, -1);
	}
	for (int n = 28; n < 40; n++)
		for (size_t i = 0; i < 3; i++)
			check_sum(r, i, T0 + n * CYCLE, T0 + (n + 1) * CYCLE,
			    &total[i][n]);
	/* older than an hour: not by seconds, but by ten */
	struct counters none = { 0 };
	check_sum(r, 0, T0, T0 + 27 * CYCLE, &none);
	ring_free(r);
}
END_TEST

static void
add_up(void *ctx, int64_t second, const struct counters *c)
{
	ck_assert_int_eq(second % RING_STEP, 0);
	counters_add(ctx, c);
}

START_TEST(ten_seconds_reach_back_a_day_and_say_the_same)
{
	struct ring *r = two_channels(0);
	struct counters total[300] = { 0 };
	for (int n = 0; n < 300; n++) {
		ring_begin(r, T0 + n * CYCLE);
		for (int k = 0; k < 50; k++) {
			struct counters c = random_counters();
			ring_add(r, 0, T0 + n * CYCLE + (int64_t)draw(300), &c);
			counters_add(&total[n], &c);
		}
		if (n < 299) /* the last one stays in progress */
			ring_settle(r, 0, &total[n]);
	}
	struct ring_span known = ring_known(r, 0, RING_STEP);
	ck_assert_int_ge(known.from, T0 + 300 * CYCLE - RING_COARSE - CYCLE);
	for (int n = 0; n < 300; n++) {
		struct counters sum = { 0 };
		int64_t start = T0 + n * CYCLE;
		ring_each(r, 0, start, start + CYCLE, RING_STEP, add_up, &sum);
		if (start >= known.from)
			check_equal(&sum, &total[n]);
	}
	ck_assert_int_eq(known.to, ring_known(r, 0, 1).to);
	ck_assert_int_eq(ring_known(r, 0, 1).from, known.to - RING_FINE);
	ring_free(r);
}
END_TEST

START_TEST(totals_that_differ_are_met_to_the_unit)
{
	struct ring *r = two_channels(0);
	struct counters c = one(CLASS_UDP, 5, 50, 500);
	ring_begin(r, T0);
	ring_add(r, 0, T0 + 3, &c);
	ring_add(r, 0, T0 + 200, &c);
	struct counters want = one(CLASS_UDP, 7, 49, 10);
	want.bytes[CLASS_TCP] = 3;
	ring_settle(r, 0, &want);
	check_sum(r, 0, T0, T0 + CYCLE, &want);
	ring_settle(r, 1, &want); /* without any second */
	check_sum(r, 1, T0, T0 + CYCLE, &want);
	check_sum(r, 1, T0 + CYCLE - 1, T0 + CYCLE, &want);
	ring_free(r);
}
END_TEST

START_TEST(channels_go_on_by_name)
{
	static const char *const later[] = { "./live/s", "./p/new", "./p/a" };
	struct ring *r = two_channels(0);
	struct counters c = one(CLASS_TCP, 1, 2, 3);
	struct counters none = { 0 };
	ring_begin(r, T0);
	for (size_t i = 0; i < 3; i++) {
		ring_add(r, i, T0 + 5, &c);
		ring_settle(r, i, &c);
	}
	ring_begin(r, T0 + CYCLE);
	ring_add(r, 0, T0 + CYCLE, &c); /* forgotten: it will be read again */
	ring_bind(r, later, 3, CYCLE);
	ck_assert_uint_eq(ring_count(r), 3);
	ck_assert_uint_eq(ring_find(r, "./p/a"), 2);
	ck_assert_uint_eq(ring_find(r, "./p/b"), 3);
	check_sum(r, 0, T0, T0 + 2 * CYCLE, &c);
	check_sum(r, 1, T0, T0 + 2 * CYCLE, &none);
	check_sum(r, 2, T0, T0 + 2 * CYCLE, &c);
	ck_assert_int_eq(ring_known(r, 2, 1).from, T0);
	ck_assert_int_eq(ring_known(r, 1, 1).from, -1);
	ring_free(r);
}
END_TEST

START_TEST(memory_has_an_end_and_the_oldest_go_first)
{
	const uint64_t limit = 60000;
	struct ring *r = two_channels(limit);
	struct counters total = { 0 };
	for (int n = 0; n < 100; n++) {
		ring_begin(r, T0 + n * CYCLE);
		for (size_t i = 0; i < 3; i++) {
			total = (struct counters){ 0 };
			for (int k = 0; k < 300; k++) {
				struct counters c = random_counters();
				ring_add(r, i, T0 + n * CYCLE + k, &c);
				counters_add(&total, &c);
			}
			ring_settle(r, i, &total);
			ck_assert_uint_le(ring_size(r).settled, limit);
		}
	}
	check_sum(r, 2, T0 + 99 * CYCLE, T0 + 100 * CYCLE, &total);
	/* what is gone is not said to be known */
	struct ring_span day = ring_known(r, 0, RING_STEP);
	ck_assert_int_gt(day.from, T0 + 50 * CYCLE);
	ring_free(r);
}
END_TEST

START_TEST(slots_of_long_ago_are_not_wanted)
{
	struct ring *r = two_channels(0);
	ck_assert(ring_wants(r, T0));
	ring_horizon(r, T0 + RING_COARSE);
	ck_assert(!ring_wants(r, T0 - CYCLE));
	ck_assert(ring_wants(r, T0));
	struct counters c = one(CLASS_TCP, 1, 2, 3);
	ring_begin(r, T0 - CYCLE);
	ring_add(r, 0, T0 - CYCLE, &c);
	ring_settle(r, 0, &c);
	ck_assert_int_eq(ring_known(r, 0, 1).from, -1);
	ring_free(r);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("ring");
	TCase *t = tcase_create("ring");
	tcase_add_test(t, cells_come_back_as_they_were);
	tcase_add_test(t, a_second_of_one_class_takes_at_most_ten_bytes);
	tcase_add_test(t, sums_over_a_slot_are_its_totals);
	tcase_add_test(t, ten_seconds_reach_back_a_day_and_say_the_same);
	tcase_add_test(t, totals_that_differ_are_met_to_the_unit);
	tcase_add_test(t, channels_go_on_by_name);
	tcase_add_test(t, memory_has_an_end_and_the_oldest_go_first);
	tcase_add_test(t, slots_of_long_ago_are_not_wanted);
	suite_add_tcase(s, t);
	SRunner *sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	int failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
