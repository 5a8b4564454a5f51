/* Groups, the top of them, and numbers as text. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "query/hashtab.h"
#include "query/order.h"
#include "query/text.h"

/* ---- hash table ------------------------------------------------------------- */

#define KEYS 200000

START_TEST(every_key_has_one_entry_in_order_of_first_sight)
{
	struct hashtab t;
	uint64_t keys[HASHTAB_BATCH][2];
	uint32_t index[HASHTAB_BATCH];
	static uint64_t count[KEYS];
	struct budget budget = { 0 };
	struct pool pool;
	struct keyhash kh;
	uint64_t h[HASHTAB_BATCH];
	keyhash_init(&kh, hash_seed());
	pool_init(&pool, (size_t)24 * HASHTAB_PIECE, &budget);
	hashtab_init(&t, &kh, &pool, 16, 24);
	for (uint64_t done = 0; done < 3 * KEYS; done += HASHTAB_BATCH) {
		for (uint64_t i = 0; i < HASHTAB_BATCH; i++) {
			/* All keys in order, then any. */
			uint64_t k = done + i;
			if (k >= KEYS)
				k = hash_mix(k, 1) % KEYS;
			keys[i][0] = k;
			keys[i][1] = k / 7;
			count[k]++;
		}
		keyhash(&kh, (const uint8_t *)keys, 16, 2, HASHTAB_BATCH, h);
		hashtab_take(&t, (const uint8_t *)keys, 16, h, HASHTAB_BATCH,
		    index);
		for (size_t i = 0; i < HASHTAB_BATCH; i++)
			hashtab_entry(&t, index[i])[16]++;
	}
	ck_assert_uint_eq(t.n, KEYS);
	for (uint32_t i = 0; i < KEYS; i++) {
		uint64_t key[2] = { i, i / 7 };
		const uint8_t *e = hashtab_entry(&t, i);
		ck_assert_mem_eq(e, key, sizeof(key));
		ck_assert_uint_eq(e[16], count[i] & 0xff);
	}
	ck_assert_uint_ge(budget.used, (size_t)24 * KEYS);
	hashtab_free(&t);
	ck_assert_uint_eq(budget.used, 0);
	pool_free(&pool);
}
END_TEST

/* Any length, distance and number of keys. */
START_TEST(all_ways_of_hashing_agree)
{
	enum { N = 67, STEP = 40 };
	uint8_t keys[N * STEP];
	uint64_t a[N], b[N];
	struct keyhash kh;
	keyhash_init(&kh, 7);
	for (size_t i = 0; i < sizeof(keys); i++)
		keys[i] = (uint8_t)(hash_mix(i, 3) >> 8);
	for (size_t words = 1; words <= STEP / 8; words++) {
		for (size_t step = 8 * words; step <= STEP; step += 8) {
			for (size_t n = 0; n <= N; n++) {
				keyhash_portable(&kh, keys, step, words, n, a);
				keyhash(&kh, keys, step, words, n, b);
				ck_assert_mem_eq(a, b, n * sizeof(a[0]));
			}
		}
	}
}
END_TEST

/* Addresses in a row use all of a table's slots about equally. */
START_TEST(hashes_of_similar_keys_are_spread)
{
	enum { N = 65536, BINS = 256 };
	static uint64_t key[N], h[N];
	unsigned low[BINS] = { 0 }, high[BINS] = { 0 };
	struct keyhash kh;
	keyhash_init(&kh, hash_seed());
	for (size_t i = 0; i < N; i++)
		key[i] = UINT64_C(0x0a000000) + i;
	keyhash(&kh, (const uint8_t *)key, 8, 1, N, h);
	for (size_t i = 0; i < N; i++) {
		low[h[i] % BINS]++;
		high[h[i] >> 56]++;
	}
	for (size_t i = 0; i < BINS; i++) {
		ck_assert_uint_lt(low[i], 4 * N / BINS);
		ck_assert_uint_lt(high[i], 4 * N / BINS);
	}
}
END_TEST

/* ---- order ---------------------------------------------------------------------- */

static int
slow_rank(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;
	if (x->value != y->value)
		return x->value < y->value ? 1 : -1;
	return x->index < y->index ? -1 : 1;
}

START_TEST(the_top_is_the_start_of_the_sorted_whole)
{
	enum { N = 1000 };
	struct ranked r[N], sorted[N];
	for (uint32_t i = 0; i < N; i++)
		r[i] = (struct ranked){ hash_mix(i, (uint64_t)_i) % 100, i };
	memcpy(sorted, r, sizeof(r));
	qsort(sorted, N, sizeof(*sorted), slow_rank);
	size_t k = (size_t)_i * 37;
	size_t n = order_top(r, N, k);
	ck_assert_uint_eq(n, k == 0 || k > N ? N : k);
	ck_assert_mem_eq(r, sorted, n * sizeof(*r));
}
END_TEST

START_TEST(of_nothing_there_is_no_top)
{
	ck_assert_uint_eq(order_top(NULL, 0, 10), 0);
}
END_TEST

START_TEST(rates_follow_the_direction)
{
	struct sums s = { .flows = 2,
		.packets = 10,
		.bytes = 1000,
		.out_packets = 5,
		.out_bytes = 100,
		.first = 1000,
		.last = 3000 };
	struct rates in = sums_rates(&s, DIR_IN);
	struct rates out = sums_rates(&s, DIR_OUT);
	struct rates both = sums_rates(&s, DIR_BOTH);
	ck_assert_uint_eq(in.pps, 5);
	ck_assert_uint_eq(in.bps, 4000);
	ck_assert_uint_eq(in.bpp, 100);
	ck_assert_uint_eq(out.packets, 5);
	ck_assert_uint_eq(out.bpp, 20);
	ck_assert_uint_eq(both.bytes, 1100);
	ck_assert_uint_eq(order_value(ORDER_BYTES, &s), 1100);
	ck_assert_uint_eq(order_value(ORDER_OPKG, &s), 5);
	ck_assert_uint_eq(order_value(ORDER_DURATION, &s), 2000);
	s.last = s.first;
	ck_assert_uint_eq(sums_rates(&s, DIR_BOTH).bps, 0);
	s.packets = s.out_packets = 0;
	ck_assert_uint_eq(sums_rates(&s, DIR_BOTH).bpp, 0);
}
END_TEST

/* ---- text ------------------------------------------------------------------------ */

static const struct {
	uint64_t v;
	const char *text;
} scaled[] = {
	{ 0, "0" },
	{ 999999, "999999" },
	{ 1000000, "1.0 M" },
	{ 31540000, "31.5 M" },
	{ 999949999, "999.9 M" },
	{ 1000000000, "1.0 G" },
	{ UINT64_C(1000000000000), "1.0 T" },
	{ UINT64_C(4036543200000), "4.0 T" },
	{ UINT64_MAX, "18446744.1 T" },
};

START_TEST(counters_are_scaled_from_a_million_on)
{
	char s[TEXT_SCALED_LEN];
	struct buf b = BUF_EMPTY;
	ck_assert_str_eq(text_scaled(scaled[_i].v, false, s), scaled[_i].text);
	text_counter(&b, scaled[_i].v, true, 30);
	ck_assert_uint_eq(b.len, 30);
	ck_assert_uint_eq(strtoull(b.data, NULL, 10), scaled[_i].v);
	buf_free(&b);
}
END_TEST

static const struct {
	uint64_t ms;
	const char *text;
} durations[] = {
	{ 0, "    00:00:00.000" },
	{ 4000, "    00:00:04.000" },
	{ 86399999, "    23:59:59.999" },
	{ 86400000, " 1d 00:00:00.000" },
	{ UINT64_C(254234745), " 2d 22:37:14.745" },
};

START_TEST(durations_have_sixteen_columns)
{
	struct buf b = BUF_EMPTY;
	text_duration(&b, durations[_i].ms);
	ck_assert_str_eq(buf_str(&b), durations[_i].text);
	buf_free(&b);
}
END_TEST

static const struct {
	struct flow_ip6 ip;
	bool v6;
	const char *whole, *cut;
} ips[] = {
	{ { 0, 0 }, false, "0.0.0.0", "0.0.0.0" },
	{ { 0, 0xffffffff }, false, "255.255.255.255", "255.255.255.255" },
	{ { 0, 0x0a010203 }, false, "10.1.2.3", "10.1.2.3" },
	{ { 0, 0 }, true, "::", "::" },
	{ { UINT64_C(0x20010db800000000), 1 }, true, "2001:db8::1",
	    "2001:db8::1" },
	{ { UINT64_C(0x20010db800000000), UINT64_C(0xa362c79ed1f89412) }, true,
	    "2001:db8::a362:c79e:d1f8:9412", "2001:db..f8:9412" },
};

START_TEST(long_addresses_are_cut_in_the_middle)
{
	char s[TEXT_IP_LEN];
	ck_assert_str_eq(text_ip(&ips[_i].ip, ips[_i].v6, s), ips[_i].whole);
	ck_assert_str_eq(text_ip_short(&ips[_i].ip, ips[_i].v6, s),
	    ips[_i].cut);
}
END_TEST

START_TEST(flags_macs_labels_and_protocols_have_their_forms)
{
	char s[32];
	ck_assert_str_eq(text_flags(0x1b, s), "...AP.SF");
	ck_assert_str_eq(text_flags(0xff, s), "CEUAPRSF");
	ck_assert_str_eq(text_mac(UINT64_C(0x00112233445f), s),
	    "00:11:22:33:44:5f");
	ck_assert_str_eq(text_mpls(0xffffff, s), "1048575-7-1");
	ck_assert_str_eq(text_mpls(0x3e1, s), "62-0-1");
	ck_assert_str_eq(text_proto(6), "TCP");
	ck_assert_str_eq(text_proto(58), "ICMP6");
	ck_assert_str_eq(text_proto(0), "0");
	ck_assert_str_eq(text_proto(255), "255");
}
END_TEST

#define LOOP(t, test, table)                                                   \
	tcase_add_loop_test(t, test, 0,                                        \
	    (int)(sizeof(table) / sizeof((table)[0])))

int
main(void)
{
	Suite *s = suite_create("query tables");
	TCase *t = tcase_create("all");
	tcase_set_timeout(t, 60);
	tcase_add_test(t, every_key_has_one_entry_in_order_of_first_sight);
	tcase_add_test(t, all_ways_of_hashing_agree);
	tcase_add_test(t, hashes_of_similar_keys_are_spread);
	tcase_add_loop_test(t, the_top_is_the_start_of_the_sorted_whole, 0, 30);
	tcase_add_test(t, of_nothing_there_is_no_top);
	tcase_add_test(t, rates_follow_the_direction);
	LOOP(t, counters_are_scaled_from_a_million_on, scaled);
	LOOP(t, durations_have_sixteen_columns, durations);
	LOOP(t, long_addresses_are_cut_in_the_middle, ips);
	tcase_add_test(t, flags_macs_labels_and_protocols_have_their_forms);
	suite_add_tcase(s, t);
	SRunner *sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	int failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
