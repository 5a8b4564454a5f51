/* Crypto-PAn: the published sample, and what makes it worth having. */
#include <arpa/inet.h>
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "anon/cryptopan.h"
#include "base/addr.h"
#include "tests/unit/filter/flows.h"

/* The key of the sample trace that the authors publish with their code. */
static const uint8_t sample_key[CRYPTOPAN_KEY] = { 21, 34, 23, 141, 51, 164,
	207, 128, 19, 10, 91, 22, 73, 144, 125, 16, 216, 152, 143, 131, 121,
	121, 101, 39, 98, 87, 76, 45, 42, 132, 34, 2 };

static const struct {
	const char *from;
	const char *to;
} sample[] = {
	{ "128.11.68.132", "135.242.180.132" },
	{ "129.118.74.4", "134.136.186.123" },
	{ "130.132.252.244", "133.68.164.234" },
	{ "141.223.7.43", "141.167.8.160" },
	{ "141.233.145.108", "141.129.237.235" },
	{ "152.163.225.39", "151.140.114.167" },
	{ "156.29.3.236", "147.225.12.42" },
	{ "165.247.96.84", "162.9.99.234" },
	{ "166.107.77.190", "160.132.178.185" },
	{ "192.102.249.13", "252.138.62.131" },
	{ "192.215.32.125", "252.43.47.189" },
	{ "192.233.80.103", "252.25.108.8" },
	{ "192.41.57.43", "252.222.221.184" },
	{ "193.150.244.223", "253.169.52.216" },
	{ "195.205.63.100", "255.186.223.5" },
	{ "198.200.171.101", "249.199.68.213" },
	{ "24.0.250.221", "100.15.198.226" },
	{ "24.13.62.231", "100.2.192.247" },
	{ "38.15.67.68", "64.3.66.187" },
	{ "4.3.88.225", "124.60.155.63" },
	{ "63.14.55.111", "95.9.215.7" },
	{ "64.14.118.196", "0.255.183.58" },
	{ "64.39.15.238", "0.219.7.41" },
	{ "::1", "78ff:f001:9fc0:20df:8380:b1f1:704:ed" },
	{ "::2", "78ff:f001:9fc0:20df:8380:b1f1:704:ef" },
	{ "::ffff", "78ff:f001:9fc0:20df:8380:b1f1:704:f838" },
	{ "2001:db8::1", "4401:2bc:603f:d91d:27f:ff8e:e6f1:dc1e" },
	{ "2001:db8::2", "4401:2bc:603f:d91d:27f:ff8e:e6f1:dc1c" },
};

static struct cryptopan *pan;

static void
setup(void)
{
	pan = cryptopan_new(sample_key);
}

static void
teardown(void)
{
	cryptopan_free(pan);
}

START_TEST(the_published_sample_comes_out)
{
	struct addr from;
	char text[ADDR_STRLEN];
	ck_assert(addr_parse(sample[_i].from, &from));
	struct addr to = from;
	if (from.family == ADDR_V4) {
		to.lo = cryptopan_v4(pan, (uint32_t)from.lo);
	} else {
		struct flow_ip6 a =
		    cryptopan_v6(pan, (struct flow_ip6){ from.hi, from.lo });
		to = addr_v6(a.hi, a.lo);
	}
	ck_assert_str_eq(addr_str(&to, text), sample[_i].to);
}
END_TEST

static unsigned
common4(uint32_t a, uint32_t b)
{
	return a == b ? 32 : (unsigned)__builtin_clz(a ^ b);
}

static unsigned
common6(struct flow_ip6 a, struct flow_ip6 b)
{
	if (a.hi != b.hi)
		return (unsigned)__builtin_clzll(a.hi ^ b.hi);
	return a.lo == b.lo ? 128 : 64 + (unsigned)__builtin_clzll(a.lo ^ b.lo);
}

/* Pairs of every length in common. */
START_TEST(common_prefixes_of_ipv4_keep_their_length)
{
	struct rnd r = { 7 };
	for (int i = 0; i < 20000; i++) {
		uint32_t a = (uint32_t)rnd_next(&r);
		uint32_t b = a ^ ((uint32_t)rnd_next(&r) >> rnd_below(&r, 32));
		ck_assert_uint_eq(common4(a, b),
		    common4(cryptopan_v4(pan, a), cryptopan_v4(pan, b)));
	}
}
END_TEST

START_TEST(common_prefixes_of_ipv6_keep_their_length)
{
	struct rnd r = { 8 };
	for (int i = 0; i < 5000; i++) {
		struct flow_ip6 a = { rnd_next(&r), rnd_next(&r) };
		struct flow_ip6 b = a;
		unsigned k = (unsigned)rnd_below(&r, 64);
		if (rnd_below(&r, 2) == 0)
			b.hi ^= rnd_next(&r) >> k;
		b.lo ^= rnd_next(&r) >> k;
		ck_assert_uint_eq(common6(a, b),
		    common6(cryptopan_v6(pan, a), cryptopan_v6(pan, b)));
	}
}
END_TEST

/* More addresses than tables hold, each asked for twice. */
START_TEST(tables_change_no_answer)
{
	struct rnd r = { 9 };
	struct cryptopan *fresh = cryptopan_new(sample_key);
	for (int i = 0; i < 40000; i++) {
		uint32_t a = (uint32_t)rnd_below(&r, 100000) * 7919;
		struct flow_ip6 b = { rnd_below(&r, 50), rnd_below(&r, 50) };
		(void)cryptopan_v4(pan, a);
		(void)cryptopan_v6(pan, b);
		if (i % 1000 != 0)
			continue;
		cryptopan_free(fresh);
		fresh = cryptopan_new(sample_key);
		ck_assert_uint_eq(cryptopan_v4(pan, a), cryptopan_v4(fresh, a));
		struct flow_ip6 x = cryptopan_v6(pan, b);
		struct flow_ip6 y = cryptopan_v6(fresh, b);
		ck_assert(x.hi == y.hi && x.lo == y.lo);
	}
	cryptopan_free(fresh);
}
END_TEST

START_TEST(address_zero_is_one_like_others)
{
	ck_assert_uint_eq(common4(cryptopan_v4(pan, 0), cryptopan_v4(pan, 1)),
	    31);
	ck_assert_uint_eq(common6(cryptopan_v6(pan, (struct flow_ip6){ 0, 0 }),
			      cryptopan_v6(pan, (struct flow_ip6){ 0, 1 })),
	    127);
}
END_TEST

START_TEST(macs_of_one_vendor_stay_together)
{
	uint64_t a = cryptopan_mac(pan, UINT64_C(0x001122334455));
	uint64_t b = cryptopan_mac(pan, UINT64_C(0x001122334456));
	ck_assert_uint_eq(a >> 48, 0);
	ck_assert_uint_eq(a >> 24, b >> 24);
	ck_assert_uint_ne(a, b);
}
END_TEST

START_TEST(keys_are_characters_or_hexadecimal)
{
	uint8_t a[CRYPTOPAN_KEY], b[CRYPTOPAN_KEY];
	struct err err;
	ck_assert_int_eq(cryptopan_key("abcdefghijklmnopqrstuvwxyz012345", a,
			     &err),
	    0);
	ck_assert_int_eq(cryptopan_key("0x6162636465666768696a6b6c6d6e6f70"
				       "7172737475767778797A303132333435",
			     b, &err),
	    0);
	ck_assert_mem_eq(a, b, CRYPTOPAN_KEY);
}
END_TEST

START_TEST(wrong_keys_are_explained_but_not_shown)
{
	static const struct {
		const char *text;
		const char *says;
	} bad[] = {
		{ "", "a key of 0 characters" },
		{ "secret", "a key of 6 characters" },
		{ "abcdefghijklmnopqrstuvwxyz0123456", "of 33 characters" },
		{ "0x6162636465666768696a6b6c6d6e6f70"
		  "7172737475767778797g303132333435",
		    "character 54 of the key" },
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint8_t key[CRYPTOPAN_KEY];
		struct err err;
		ck_assert_int_eq(cryptopan_key(bad[i].text, key, &err), -1);
		ck_assert_msg(strstr(err.msg, bad[i].says) != NULL, "%s",
		    err.msg);
		ck_assert(bad[i].text[0] == '\0' ||
			  strstr(err.msg, bad[i].text) == NULL);
	}
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("cryptopan");
	TCase *tc = tcase_create("all");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, the_published_sample_comes_out, 0,
	    (int)(sizeof(sample) / sizeof(sample[0])));
	tcase_add_test(tc, common_prefixes_of_ipv4_keep_their_length);
	tcase_add_test(tc, common_prefixes_of_ipv6_keep_their_length);
	tcase_add_test(tc, tables_change_no_answer);
	tcase_add_test(tc, address_zero_is_one_like_others);
	tcase_add_test(tc, macs_of_one_vendor_stay_together);
	tcase_add_test(tc, keys_are_characters_or_hexadecimal);
	tcase_add_test(tc, wrong_keys_are_explained_but_not_shown);
	suite_add_tcase(s, tc);
	SRunner *sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	int failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
