/* Hashes: the same for the same, spread for the rest. */
#include <check.h>
#include <pthread.h>
#include <string.h>

#include "base/hash.h"

static void *
ask_seed(void *result)
{
	*(uint64_t *)result = hash_seed();
	return NULL;
}

START_TEST(the_seed_is_one_for_all_threads)
{
	pthread_t thread[8];
	uint64_t seed[8];
	for (int i = 0; i < 8; i++)
		ck_assert_int_eq(pthread_create(&thread[i], NULL, ask_seed,
				     &seed[i]),
		    0);
	for (int i = 0; i < 8; i++)
		ck_assert_int_eq(pthread_join(thread[i], NULL), 0);
	for (int i = 0; i < 8; i++)
		ck_assert_uint_eq(seed[i], hash_seed());
	ck_assert_uint_ne(hash_seed(), 0);
}
END_TEST

START_TEST(every_byte_the_length_and_the_seed_count)
{
	unsigned char key[40] = { 0 };
	for (size_t n = 0; n <= sizeof(key); n++) {
		uint64_t h = hash_bytes(key, n, 1);
		ck_assert_uint_eq(h, hash_bytes(key, n, 1));
		ck_assert_uint_ne(h, hash_bytes(key, n, 3));
		if (n < sizeof(key))
			ck_assert_uint_ne(h, hash_bytes(key, n + 1, 1));
		for (size_t i = 0; i < n; i++) {
			key[i] ^= 1;
			ck_assert_uint_ne(h, hash_bytes(key, n, 1));
			key[i] ^= 1;
		}
	}
	ck_assert_uint_eq(hash_bytes(NULL, 0, 1), hash_bytes(key, 0, 1));
}
END_TEST

START_TEST(consecutive_keys_spread_over_a_table)
{
	enum { N = 4096 };
	static unsigned low[N], high[N];
	for (uint64_t i = 0; i < N; i++) {
		uint64_t h = hash_mix(i, 0);
		low[h % N]++;
		high[h >> 52]++;
	}
	/* Random placing leaves 37 % of the places empty. */
	unsigned empty_low = 0, empty_high = 0;
	for (size_t i = 0; i < N; i++) {
		empty_low += low[i] == 0;
		empty_high += high[i] == 0;
	}
	ck_assert_uint_lt(empty_low, N * 45 / 100);
	ck_assert_uint_lt(empty_high, N * 45 / 100);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("base hash");
	TCase *t = tcase_create("hash");
	tcase_add_test(t, the_seed_is_one_for_all_threads);
	tcase_add_test(t, every_byte_the_length_and_the_seed_count);
	tcase_add_test(t, consecutive_keys_spread_over_a_table);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
