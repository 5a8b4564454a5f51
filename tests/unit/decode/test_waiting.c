/* Data before its template: kept, decoded when it comes, bounded. */
#include "build.h"

static struct waiting_store store;

#define ROOM 100000

/* To e, received at ms. */
static void
feed_at(struct exporter *e, uint64_t ms)
{
	uint8_t *copy = malloc(out.len);
	ck_assert_ptr_nonnull(copy);
	memcpy(copy, out.data, out.len);
	n_got = 0;
	decode_datagram(e, copy, out.len, ms, sink, NULL);
	free(copy);
	buf_clear(&out);
}

static void
begin_with(uint16_t version, size_t all, size_t each)
{
	waiting_init(&store, all, each);
	begin(version, version == 9 ? 0x102 : 7);
	ex.store = &store;
}

/* Nothing may be left behind. */
static void
done(size_t all)
{
	exporter_free(&ex);
	ck_assert_uint_eq(store.budget.left, all);
	ck_assert_ptr_null(store.oldest);
	ck_assert_ptr_null(store.newest);
}

static void
put_data(uint16_t id, size_t records, uint32_t packets)
{
	size_t at = set_open(id);
	for (size_t i = 0; i < records; i++)
		puts_be(4, (uint64_t)packets + i, 4, UINT64_C(90000), 0);
	set_close(at);
}

/* Packets, end as uptime. */
static void
put_its_template(uint16_t set, uint16_t id)
{
	put_template(set, id, 2, 4, 21, 4, -1);
}

/* A v9 header of its own export time, seconds after NOW_S. */
static void
v9_at(uint32_t s, uint32_t sequence)
{
	puts_be(2, UINT64_C(9), 2, UINT64_C(1), 4, UINT64_C(100000) + s * 1000,
	    4, (uint64_t)NOW_S + s, 4, (uint64_t)sequence, 4, UINT64_C(0x102),
	    0);
}

START_TEST(data_is_decoded_when_its_template_comes)
{
	begin_with(9, ROOM, ROOM);
	for (uint32_t s = 0; s < 60; s++) {
		v9_at(s, s);
		put_data(256, 2, 100 * s + 1);
		feed_at(&ex, NOW_MS + s * 1000);
		ck_assert_uint_eq(n_got, 0);
	}
	ck_assert_uint_eq(ex.waiting.n, 60);
	v9_at(60, 60);
	put_data(256, 1, 7);
	put_its_template(0, 256);
	feed_at(&ex, NOW_MS + 60000);
	ck_assert_uint_eq(n_got, 121);
	for (uint32_t i = 0; i < 120; i++) {
		uint32_t s = i / 2;
		ck_assert_uint_eq(got[i].packets, 100 * s + 1 + i % 2);
		/* Times by the header it came with. */
		ck_assert_uint_eq(got[i].received, NOW_MS + s * 1000);
		ck_assert_uint_eq(got[i].last, NOW_MS - 10000);
	}
	ck_assert_uint_eq(ex.stats.waited, 61);
	ck_assert_uint_eq(ex.stats.waited_flows, 121);
	ck_assert_uint_eq(ex.stats.flows, 121);
	ck_assert_uint_eq(ex.stats.no_template, 0);
	ck_assert_uint_eq(ex.stats.sequence_gaps, 0);
	ck_assert_uint_eq(ex.waiting.n, 0);
	ck_assert_uint_eq(store.budget.left, ROOM);
	done(ROOM);
}
END_TEST

START_TEST(only_what_has_its_template_now_is_decoded)
{
	begin_with(9, ROOM, ROOM);
	v9_at(0, 0);
	put_data(256, 1, 1);
	put_data(257, 1, 2);
	put_data(256, 1, 3);
	feed_at(&ex, NOW_MS);
	v9_at(1, 1);
	put_its_template(0, 257);
	feed_at(&ex, NOW_MS + 1000);
	ck_assert_uint_eq(n_got, 1);
	ck_assert_uint_eq(got[0].packets, 2);
	ck_assert_uint_eq(ex.waiting.n, 2);
	v9_at(2, 2);
	put_its_template(0, 256);
	feed_at(&ex, NOW_MS + 2000);
	ck_assert_uint_eq(n_got, 2);
	ck_assert_uint_eq(got[0].packets, 1);
	ck_assert_uint_eq(got[1].packets, 3);
	done(ROOM);
}
END_TEST

/* 1 of 100 for everybody: options that waited count for flows that did. */
START_TEST(options_that_waited_are_read_before_flows)
{
	begin_with(9, ROOM, ROOM);
	v9_at(0, 0);
	put_data(256, 1, 5);
	size_t at = set_open(400);
	puts_be(4, UINT64_C(1), 4, UINT64_C(100), 0);
	set_close(at);
	feed_at(&ex, NOW_MS);
	v9_at(1, 1);
	put_its_template(0, 256);
	at = set_open(1);
	puts_be(2, UINT64_C(400), 2, UINT64_C(4), 2, UINT64_C(4), 2,
	    UINT64_C(1), 2, UINT64_C(4), 2, UINT64_C(34), 2, UINT64_C(4), 0);
	set_close(at);
	feed_at(&ex, NOW_MS + 1000);
	ck_assert_uint_eq(n_got, 1);
	ck_assert_uint_eq(got[0].packets, 500);
	ck_assert((got[0].flags & FLOW_SAMPLED) != 0);
	ck_assert_uint_eq(ex.stats.waited, 2);
	ck_assert_uint_eq(ex.stats.waited_flows, 1);
	done(ROOM);
}
END_TEST

START_TEST(the_oldest_is_given_up_first)
{
	begin_with(9, ROOM, 1000);
	size_t n = 0;
	for (uint32_t s = 0; s < 50; s++) {
		v9_at(s, s);
		put_data(256, 1, s);
		feed_at(&ex, NOW_MS + s);
		ck_assert_uint_le(ex.waiting.bytes, 1000);
		n = ex.waiting.n;
	}
	ck_assert_uint_gt(n, 3);
	ck_assert_uint_eq(ex.stats.no_template, 50 - n);
	v9_at(50, 50);
	put_its_template(0, 256);
	feed_at(&ex, NOW_MS + 1000);
	ck_assert_uint_eq(n_got, n);
	ck_assert_uint_eq(got[0].packets, 50 - n);
	ck_assert_uint_eq(got[n - 1].packets, 49);
	done(ROOM);
}
END_TEST

START_TEST(all_exporters_share_the_room)
{
	struct decode_head h = { .version = 9, .id = 0x102 };
	struct exporter other;
	begin_with(9, 1000, 1000);
	exporter_init(&other, &ex.ip, &h);
	other.store = &store;
	v9_at(0, 0);
	put_data(256, 1, 1);
	feed_at(&other, NOW_MS);
	for (uint32_t s = 0; s < 50; s++) {
		v9_at(s, s);
		put_data(256, 1, s);
		feed_at(&ex, NOW_MS + s);
	}
	ck_assert_uint_eq(other.stats.no_template, 1);
	ck_assert_uint_eq(other.waiting.n, 0);
	/* What is larger than all there is: at once. */
	v9_at(1, 1);
	put_data(256, 200, 1);
	feed_at(&other, NOW_MS);
	ck_assert_uint_eq(other.stats.no_template, 2);
	exporter_free(&other);
	ck_assert_uint_eq(ex.stats.no_template + ex.waiting.n, 50);
	done(1000);
}
END_TEST

START_TEST(nothing_waits_for_ever)
{
	begin_with(9, ROOM, ROOM);
	for (uint32_t s = 0; s < 3; s++) {
		v9_at(s, s);
		put_data(256, 1, s);
		feed_at(&ex, NOW_MS + s * 1000);
	}
	waiting_expire(&store, NOW_MS + WAITING_MS);
	ck_assert_uint_eq(ex.waiting.n, 3);
	waiting_expire(&store, NOW_MS + WAITING_MS + 1001);
	ck_assert_uint_eq(ex.waiting.n, 1);
	ck_assert_uint_eq(ex.stats.no_template, 2);
	/* The clock was set back by more. */
	waiting_expire(&store, NOW_MS - WAITING_MS);
	ck_assert_uint_eq(ex.stats.no_template, 3);
	done(ROOM);
}
END_TEST

START_TEST(with_less_room_the_oldest_is_given_up)
{
	begin_with(9, ROOM, ROOM);
	for (uint32_t s = 0; s < 4; s++) {
		v9_at(s, s);
		put_data(256, 1, s);
		feed_at(&ex, NOW_MS + s * 1000);
	}
	size_t used = waiting_used(&store);
	ck_assert_uint_eq(store.budget.left, ROOM - used);
	waiting_limit(&store, used / 2, used / 2);
	ck_assert_uint_eq(ex.waiting.n, 2);
	ck_assert_uint_eq(ex.stats.no_template, 2);
	ck_assert_uint_eq(waiting_used(&store), used / 2);
	ck_assert_uint_eq(store.budget.left, 0);
	waiting_limit(&store, ROOM, used / 4);
	ck_assert_uint_eq(ex.waiting.n, 2);
	/* One exporter's part holds for its next one. */
	v9_at(4, 4);
	put_data(256, 1, 4);
	feed_at(&ex, NOW_MS + 4000);
	ck_assert_uint_eq(ex.waiting.n, 1);
	done(ROOM);
}
END_TEST

START_TEST(what_is_dropped_is_counted)
{
	begin_with(9, ROOM, ROOM);
	v9_at(0, 0);
	put_data(256, 1, 1);
	put_data(257, 1, 1);
	feed_at(&ex, NOW_MS);
	waiting_drop(&ex);
	ck_assert_uint_eq(ex.stats.no_template, 2);
	done(ROOM);
}
END_TEST

/* ---- the sequence of IPFIX, which counts records -------------------------- */

static uint32_t
send_ipfix(uint32_t number, size_t records, uint32_t s)
{
	ipfix_header(number);
	put_data(256, records, 1);
	poke16(2, out.len);
	feed_at(&ex, NOW_MS + s * 1000);
	return number + (uint32_t)records;
}

static void
send_template(uint32_t number, uint32_t s)
{
	ipfix_header(number);
	put_its_template(2, 256);
	poke16(2, out.len);
	feed_at(&ex, NOW_MS + s * 1000);
}

START_TEST(what_was_lost_meanwhile_is_known_with_the_template)
{
	begin_with(10, ROOM, ROOM);
	uint32_t number = 1000;
	for (uint32_t s = 0; s < 60; s++) {
		if (s == 20)
			number += 5; /* a datagram of 5 is lost */
		number = send_ipfix(number, 1 + s % 7, s);
		ck_assert_uint_eq(ex.stats.sequence_gaps, 0);
	}
	send_template(number, 60);
	ck_assert_uint_eq(ex.stats.sequence_gaps, 1);
	ck_assert_uint_eq(ex.stats.sequence_lost, 5);
	ck_assert_uint_eq(ex.held.n, 0);
	number = send_ipfix(number, 3, 61);
	(void)send_ipfix(number + 2, 3, 61);
	ck_assert_uint_eq(ex.stats.sequence_lost, 7);
	done(ROOM);
}
END_TEST

START_TEST(sequences_do_not_wait_long)
{
	begin_with(10, ROOM, ROOM);
	uint32_t number = send_ipfix(0, 3, 0);
	send_template(number + 100, HELD_MS / 1000 + 1);
	/* Just in time. */
	ck_assert_uint_eq(n_got, 3);
	ck_assert_uint_eq(ex.held.n, 0);
	ck_assert_uint_eq(ex.stats.sequence_lost, 100);
	done(ROOM);

	begin_with(10, ROOM, ROOM);
	number = send_ipfix(0, 3, 0);
	number = send_ipfix(number, 3, HELD_MS / 1000 + 1);
	ck_assert_uint_eq(ex.held.n, 1);
	number = send_ipfix(number + 9, 3, HELD_MS / 1000 + 2);
	send_template(number, HELD_MS / 1000 + 3);
	ck_assert_uint_eq(n_got, 9);
	ck_assert_uint_eq(ex.stats.sequence_lost, 9);
	done(ROOM);
}
END_TEST

START_TEST(who_gives_up_a_set_starts_counting_anew)
{
	begin_with(10, ROOM, ROOM);
	uint32_t number = send_ipfix(0, 3, 0);
	number = send_ipfix(number + 100, 3, 1);
	waiting_drop(&ex);
	send_template(number, 2);
	(void)send_ipfix(number + 1, 3, 3);
	ck_assert_uint_eq(ex.stats.sequence_lost, 1);
	ck_assert_uint_eq(ex.stats.no_template, 2);
	done(ROOM);
}
END_TEST

START_TEST(numbers_are_held_within_the_room)
{
	begin_with(10, ROOM, 2000);
	uint32_t number = 0;
	for (uint32_t i = 0; i < 3000; i++) {
		number = send_ipfix(number, 1, i / 100);
		ck_assert_uint_le(ex.waiting.bytes, 2000);
		ck_assert_uint_eq(ROOM - store.budget.left, ex.waiting.bytes);
	}
	send_template(number, 31);
	number = send_ipfix(number, 3, 31);
	(void)send_ipfix(number + 4, 3, 31);
	ck_assert_uint_eq(ex.stats.sequence_lost, 4);
	ck_assert_uint_eq(ex.stats.no_template + ex.stats.waited, 3000);
	done(ROOM);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("waiting");
	TCase *t = tcase_create("sets");
	tcase_add_test(t, data_is_decoded_when_its_template_comes);
	tcase_add_test(t, only_what_has_its_template_now_is_decoded);
	tcase_add_test(t, options_that_waited_are_read_before_flows);
	tcase_add_test(t, the_oldest_is_given_up_first);
	tcase_add_test(t, all_exporters_share_the_room);
	tcase_add_test(t, nothing_waits_for_ever);
	tcase_add_test(t, with_less_room_the_oldest_is_given_up);
	tcase_add_test(t, what_is_dropped_is_counted);
	suite_add_tcase(s, t);
	t = tcase_create("sequence");
	tcase_add_test(t, what_was_lost_meanwhile_is_known_with_the_template);
	tcase_add_test(t, sequences_do_not_wait_long);
	tcase_add_test(t, who_gives_up_a_set_starts_counting_anew);
	tcase_add_test(t, numbers_are_held_within_the_room);
	suite_add_tcase(s, t);
	return run_suite(s);
}
