/* The queue between the threads: order, wrap, full, both ends at once. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "collector/ring.h"

#define SIZE (128 * 1024)

static struct ring ring;
static struct err err;
static uint8_t bytes[65536];

static void
setup(void)
{
	ck_assert_int_eq(ring_open(&ring, SIZE, &err), 0);
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 7);
}

static void
teardown(void)
{
	ring_close(&ring);
}

static bool
put(uint32_t len, uint64_t number)
{
	struct ring_head h = { .len = len, .arrival_ms = number, .port = 7 };
	return ring_put(&ring, &h, bytes);
}

START_TEST(datagrams_come_out_as_they_went_in)
{
	const uint8_t *data;
	uint64_t in = 0, out = 0;
	/* Many times around, with lengths that hit the end everywhere. */
	for (int round = 0; round < 2000; round++) {
		for (int i = 0; i < 5; i++, in++)
			ck_assert(put((uint32_t)(in * 2713 % 9001), in));
		const struct ring_head *h;
		while ((h = ring_next(&ring, &data)) != NULL) {
			ck_assert_uint_eq(h->arrival_ms, out);
			ck_assert_uint_eq(h->len, out * 2713 % 9001);
			ck_assert_int_eq(memcmp(data, bytes, h->len), 0);
			out++;
		}
		ring_release(&ring);
	}
	ck_assert_uint_eq(in, out);
	ck_assert_uint_eq(atomic_load(&ring.dropped), 0);
}
END_TEST

START_TEST(a_full_ring_drops_and_counts)
{
	const uint8_t *data;
	size_t n = 0;
	while (put(1000, n))
		n++;
	ck_assert_uint_ge(n, SIZE / 1100);
	ck_assert_uint_eq(atomic_load(&ring.dropped), 1);
	/* What was read is not free until it is released. */
	ck_assert_ptr_nonnull(ring_next(&ring, &data));
	ck_assert(!put(1000, n));
	ring_release(&ring);
	(void)ring_next(&ring, &data);
	ring_release(&ring);
	ck_assert(put(1000, n));
	ck_assert_uint_eq(atomic_load(&ring.dropped), 2);
}
END_TEST

START_TEST(most_of_the_ring_can_be_used_wherever_it_stands)
{
	const uint8_t *data;
	for (uint32_t off = 0; off < SIZE; off += 1016) {
		size_t n = 0, out = 0;
		while (put(20000, n))
			n++;
		/* An end that nothing fits into, or the first half. */
		ck_assert_uint_ge(n, 2);
		while (ring_next(&ring, &data) != NULL)
			out++;
		ck_assert_uint_eq(n, out);
		ring_release(&ring);
		ck_assert(put(1000, 0));
		(void)ring_next(&ring, &data);
		ring_release(&ring);
	}
}
END_TEST

#define MANY 300000

static void *
produce(void *arg)
{
	(void)arg;
	for (uint64_t i = 0; i < MANY; i++) {
		while (!put((uint32_t)(i % 1400), i))
			;
		if (i % 16 == 0)
			ring_tell(&ring);
	}
	ring_tell(&ring);
	return NULL;
}

START_TEST(both_threads_work_at_once)
{
	pthread_t t;
	const uint8_t *data;
	ck_assert_int_eq(pthread_create(&t, NULL, produce, NULL), 0);
	for (uint64_t i = 0; i < MANY;) {
		const struct ring_head *h = ring_next(&ring, &data);
		if (h == NULL) {
			ring_release(&ring);
			ring_wait(&ring, 1000);
			continue;
		}
		ck_assert_uint_eq(h->arrival_ms, i);
		ck_assert_uint_eq(h->len, i % 1400);
		if (h->len != 0)
			ck_assert_uint_eq(data[h->len - 1], bytes[h->len - 1]);
		i++;
		ring_release(&ring);
	}
	ck_assert_int_eq(pthread_join(t, NULL), 0);
}
END_TEST

START_TEST(what_there_is_room_for_fits)
{
	const uint8_t *data;
	uint64_t random = 1, n = 0;
	for (int round = 0; round < 20000; round++) {
		size_t room = ring_room(&ring);
		/* Half of the ring is always usable when it is empty. */
		if (round % 50 == 49) {
			while (ring_next(&ring, &data) != NULL)
				ring_release(&ring);
			ck_assert_uint_ge(ring_room(&ring), SIZE / 2);
			continue;
		}
		random = random * 6364136223846793005 + 1442695040888963407;
		uint32_t len = (uint32_t)(random >> 33) % 3000;
		/* Several at once, as long as each has its cost. */
		while (room >= len + RING_COST) {
			ck_assert(put(len, n++));
			room -= len + RING_COST;
		}
		for (int i = 0; i < round % 7; i++)
			(void)ring_next(&ring, &data);
		ring_release(&ring);
	}
	ck_assert_uint_eq(atomic_load(&ring.dropped), 0);
}
END_TEST

static struct ring other;

static void *
produce_other(void *arg)
{
	(void)arg;
	for (uint64_t i = 0; i < MANY; i++) {
		struct ring_head h = { .len = (uint32_t)(i % 100),
			.arrival_ms = i,
			.session = 9 };
		while (ring_room(&other) < h.len + RING_COST)
			;
		ck_assert(ring_put(&other, &h, bytes));
		if (i % 16 == 0)
			ring_tell(&other);
	}
	ring_tell(&other);
	return NULL;
}

START_TEST(two_producers_have_one_consumer)
{
	pthread_t t[2];
	const uint8_t *data;
	uint64_t n[2] = { 0 };
	ck_assert_int_eq(ring_open(&other, SIZE, &err), 0);
	ring_join(&ring, &other);
	ck_assert_int_eq(pthread_create(&t[0], NULL, produce, NULL), 0);
	ck_assert_int_eq(pthread_create(&t[1], NULL, produce_other, NULL), 0);
	while (n[0] + n[1] < (uint64_t)2 * MANY) {
		const struct ring_head *h = ring_next(&ring, &data);
		if (h == NULL) {
			ring_release(&ring);
			ring_wait(&ring, 1000);
			continue;
		}
		uint64_t *of = &n[h->session == 9];
		ck_assert_uint_eq(h->arrival_ms, *of);
		(*of)++;
		ring_release(&ring);
	}
	ck_assert_uint_eq(n[0], MANY);
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(pthread_join(t[i], NULL), 0);
	ck_assert_uint_eq(atomic_load(&other.dropped), 0);
	ring_close(&other);
	ring.next = NULL;
}
END_TEST

START_TEST(of_two_rings_the_older_is_first_and_a_mark_ends)
{
	const uint8_t *data;
	ck_assert_int_eq(ring_open(&other, SIZE, &err), 0);
	ring_join(&ring, &other);
	for (uint64_t i = 0; i < 100; i++) {
		struct ring_head h = { .arrival_ms = i };
		if (i % 3 == 0)
			ck_assert(put(0, i));
		else
			ck_assert(ring_put(&other, &h, bytes));
	}
	ring_mark(&ring);
	ck_assert(put(0, 1000));
	for (uint64_t i = 0; i < 100; i++) {
		ck_assert(ring_marked(&ring));
		ck_assert_uint_eq(ring_next(&ring, &data)->arrival_ms, i);
	}
	ck_assert(!ring_marked(&ring));
	ck_assert_uint_eq(ring_next(&ring, &data)->arrival_ms, 1000);
	ring_close(&other);
	ring.next = NULL;
}
END_TEST

START_TEST(a_poke_ends_the_wait)
{
	ring_poke(&ring);
	ring_wait(&ring, 60000); /* the test's time is less */
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("ring");
	TCase *t = tcase_create("ring");
	tcase_set_timeout(t, 30);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, datagrams_come_out_as_they_went_in);
	tcase_add_test(t, a_full_ring_drops_and_counts);
	tcase_add_test(t, most_of_the_ring_can_be_used_wherever_it_stands);
	tcase_add_test(t, both_threads_work_at_once);
	tcase_add_test(t, what_there_is_room_for_fits);
	tcase_add_test(t, two_producers_have_one_consumer);
	tcase_add_test(t, of_two_rings_the_older_is_first_and_a_mark_ends);
	tcase_add_test(t, a_poke_ends_the_wait);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
