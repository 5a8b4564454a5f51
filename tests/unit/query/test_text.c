/* Text of values: the C library says what is right. */
#include <arpa/inet.h>
#include <check.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "query/put.h"
#include "query/text.h"

#include "../nffile/random_flow.h"

#define RANDOM 20000

/* Numbers around which something changes, and random ones of any length. */
static uint64_t
number(struct rnd *r, unsigned i)
{
	static const uint64_t edges[] = { 0, 1, 9, 10, 99, 100, 101, 999, 1000,
		9999, 10000, 65535, 65536, 99999, 999949, 999950, 999999,
		1000000, 1049999, 1050000, 1250000, 1750000, 999949999,
		999950000, 999999999, 1000000000, UINT32_MAX,
		UINT64_C(999949999999), UINT64_C(999950000000),
		UINT64_C(999999999999), UINT64_C(1000000000000),
		UINT64_C(1) << 53, (UINT64_C(1) << 53) + 1, INT64_MAX,
		UINT64_C(9999999999999999999), UINT64_C(10000000000000000000),
		UINT64_MAX - 1, UINT64_MAX };
	size_t n = sizeof(edges) / sizeof(edges[0]);
	if (i < n)
		return edges[i];
	return rnd(r) >> rnd(r) % 64;
}

static struct buf out;

/* What was added since the last time, which must be as the library has it. */
static void __attribute__((format(printf, 1, 2))) same(const char *fmt, ...)
{
	char expected[256];
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(expected, sizeof(expected), fmt, ap);
	va_end(ap);
	ck_assert_str_eq(buf_str(&out), expected);
	ck_assert_uint_eq(out.len, strlen(expected));
	buf_clear(&out);
}

START_TEST(numbers_stand_right_in_their_columns)
{
	struct rnd r = { 1 };
	for (unsigned i = 0; i < RANDOM; i++) {
		uint64_t v = number(&r, i);
		int width = (int)(rnd(&r) % 40);
		text_number(&out, v, width);
		same("%*" PRIu64, width, v);
		text_number(&out, v, 0);
		same("%" PRIu64, v);
		char s[PUT_NUMBER + PUT_SLACK];
		*put_number(s, v) = '\0';
		buf_adds(&out, s);
		same("%" PRIu64, v);
	}
	text_number(&out, 12, -3);
	same("12");
}
END_TEST

START_TEST(every_number_of_a_byte_or_a_port_is_right)
{
	for (unsigned v = 0; v <= UINT16_MAX; v++) {
		text_number(&out, v, 6);
		same("%6u", v);
	}
}
END_TEST

static void
scaled(uint64_t v, char *s)
{
	static const double unit[] = { 1e12, 1e9, 1e6 };
	(void)snprintf(s, 32, "%" PRIu64, v);
	for (int i = 0; i < 3; i++) {
		if ((double)v < unit[i])
			continue;
		(void)snprintf(s, 32, "%.1f %c", (double)v / unit[i], "TGM"[i]);
		return;
	}
}

START_TEST(counters_are_scaled_as_printf_rounds)
{
	struct rnd r = { 2 };
	char want[32], got[TEXT_SCALED_LEN];
	for (unsigned i = 0; i < RANDOM; i++) {
		uint64_t v = number(&r, i);
		scaled(v, want);
		ck_assert_str_eq(text_scaled(v, false, got), want);
		text_counter(&out, v, false, 8);
		same("%8s", want);
		text_counter(&out, v, true, 8);
		same("%8" PRIu64, v);
	}
	/* Halves: n + 0.05, as near to it as a double gets. */
	for (uint64_t v = 1050000; v < 1000000000; v += 100000 * 997) {
		scaled(v, want);
		ck_assert_str_eq(text_scaled(v, false, got), want);
	}
	for (uint64_t v = 1250000; v < 100000000; v += 500000) {
		scaled(v, want);
		ck_assert_str_eq(text_scaled(v, false, got), want);
	}
}
END_TEST

START_TEST(texts_are_aligned)
{
	static const char long_text[] =
	    "0123456789012345678901234567890123456789";
	for (int width = 0; width < 60; width++) {
		for (size_t n = 0; n < sizeof(long_text); n++) {
			const char *s = long_text + sizeof(long_text) - 1 - n;
			text_right(&out, s, width);
			same("%*s", width, s);
			text_left(&out, s, width);
			same("%-*s", width, s);
		}
	}
}
END_TEST

/* ---- addresses ------------------------------------------------------------------- */

static void
check_ip6(const struct flow_ip6 *a)
{
	char want[INET6_ADDRSTRLEN], got[TEXT_IP_LEN];
	uint8_t wire[16];
	for (int i = 0; i < 8; i++) {
		wire[i] = (uint8_t)(a->hi >> (56 - 8 * i));
		wire[8 + i] = (uint8_t)(a->lo >> (56 - 8 * i));
	}
	ck_assert_ptr_nonnull(inet_ntop(AF_INET6, wire, want, sizeof(want)));
	ck_assert_str_eq(text_ip(a, true, got), want);
	text_address(&out, a, true, 39);
	same("%39s", want);
	size_t n = strlen(want);
	if (n > 16) {
		memcpy(want + 7, "..", 2);
		memmove(want + 9, want + n - 7, 8);
	}
	ck_assert_str_eq(text_ip_short(a, true, got), want);
	text_address_short(&out, a, true, 16);
	same("%16s", want);
}

/* Any of the 256 patterns of words that are zero, with words of any length. */
START_TEST(ipv6_is_as_inet_ntop_has_it)
{
	struct rnd r = { 3 };
	for (unsigned zero = 0; zero < 256; zero++) {
		for (int k = 0; k < 40; k++) {
			uint64_t half[2] = { 0, 0 };
			for (int i = 0; i < 8; i++) {
				uint16_t w = (uint16_t)rnd1(&r);
				w = (uint16_t)(w >> rnd(&r) % 16 | 1);
				if ((zero >> i & 1) != 0)
					w = 0;
				if (i == 5 && k % 4 == 0)
					w = 0xffff;
				half[i / 4] = half[i / 4] << 16 | w;
			}
			struct flow_ip6 a = { half[0], half[1] };
			check_ip6(&a);
		}
	}
	check_ip6(&(struct flow_ip6){ UINT64_MAX, UINT64_MAX });
	check_ip6(&(struct flow_ip6){ 0, 0xffff01020304 });
	check_ip6(&(struct flow_ip6){ 0, 0x10000 });
}
END_TEST

START_TEST(ipv4_is_as_inet_ntop_has_it)
{
	struct rnd r = { 4 };
	for (unsigned i = 0; i < RANDOM; i++) {
		uint32_t v =
		    i < 256 ? i * UINT32_C(0x01010101) : (uint32_t)rnd(&r);
		uint32_t wire = htonl(v);
		struct flow_ip6 a = { 0, v };
		char want[INET_ADDRSTRLEN], got[TEXT_IP_LEN];
		ck_assert_ptr_nonnull(
		    inet_ntop(AF_INET, &wire, want, sizeof(want)));
		ck_assert_str_eq(text_ip(&a, false, got), want);
		ck_assert_str_eq(text_ip_short(&a, false, got), want);
		text_address_short(&out, &a, false, 16);
		same("%16s", want);
	}
}
END_TEST

START_TEST(flags_macs_and_labels_are_right)
{
	struct rnd r = { 5 };
	char got[TEXT_MAC_LEN], want[TEXT_FLAGS_LEN] = "";
	for (unsigned v = 0; v < 256; v++) {
		for (unsigned i = 0; i < 8; i++)
			want[i] = (v & 0x80U >> i) != 0 ? "CEUAPRSF"[i] : '.';
		ck_assert_str_eq(text_flags((uint8_t)v, got), want);
	}
	for (unsigned i = 0; i < RANDOM; i++) {
		uint64_t v = rnd(&r) >> 16;
		uint32_t label = (uint32_t)number(&r, i);
		char mac[19], mpls[TEXT_MPLS_LEN];
		for (unsigned k = 0; k < 6; k++)
			(void)snprintf(mac + 3 * k, 4,
			    "%02x:", (unsigned)(v >> (40 - 8 * k) & 0xff));
		mac[17] = '\0';
		ck_assert_str_eq(text_mac(v, got), mac);
		buf_adds(&out, text_mpls(label, mpls));
		same("%u-%u-%u", label >> 4 & 0xfffff, label >> 1 & 7,
		    label & 1);
	}
}
END_TEST

START_TEST(protocols_have_nfdumps_names)
{
	ck_assert_str_eq(text_proto(0), "0");
	ck_assert_str_eq(text_proto(1), "ICMP");
	ck_assert_str_eq(text_proto(6), "TCP");
	ck_assert_str_eq(text_proto(17), "UDP");
	ck_assert_str_eq(text_proto(58), "ICMP6");
	ck_assert_str_eq(text_proto(99), "99");
	ck_assert_str_eq(text_proto(137), "MPLS");
	ck_assert_str_eq(text_proto(138), "138");
	ck_assert_str_eq(text_proto(255), "255");
}
END_TEST

/* ---- times ----------------------------------------------------------------------- */

static const char *const zones[] = { "UTC", "Europe/Zurich", "America/New_York",
	"Asia/Kathmandu", "Australia/Lord_Howe", "Africa/Monrovia",
	"Pacific/Apia", "XYZ-13:37", "right/Europe/Paris" };
#define ZONES ((int)(sizeof(zones) / sizeof(zones[0])))

static void
check_time(uint64_t ms)
{
	char want[64];
	time_t t = (time_t)(ms / 1000);
	struct tm tm;
	ck_assert_ptr_nonnull(localtime_r(&t, &tm));
	ck_assert_uint_ne(strftime(want, sizeof(want), "%Y-%m-%d %H:%M:%S",
			      &tm),
	    0);
	text_seconds(&out, ms, ' ');
	same("%s", want);
	text_time(&out, ms, ' ');
	same("%s.%03u", want, (unsigned)(ms % 1000));
	want[strcspn(want, " ")] = 'T';
	text_time(&out, ms, 'T');
	same("%s.%03u", want, (unsigned)(ms % 1000));
}

/* What is kept of minutes is the thread's. */
static void *
check_zone(void *arg)
{
	struct rnd r = { 6 };
	(void)arg;
	/* A year in steps of 7 minutes: every change of it. */
	for (uint64_t s = 1767225600; s < 1767225600 + 366 * 86400; s += 421)
		check_time(s * 1000 + rnd(&r) % 1000);
	/* Each second around the changes of Europe, America, Lord Howe. */
	static const uint64_t at[] = { 0, 63593070, 1774746000, 1792890000,
		1772953200, 1793512800, 1775314800, 4294967296, 253402300800 };
	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++)
		for (uint64_t s = 0; s < 300; s++)
			check_time(
			    (at[i] > 150 ? at[i] - 150 + s : s) * 1000 + s);
	for (int i = 0; i < 2000; i++)
		check_time(rnd(&r) >> (10 + rnd(&r) % 50));
	check_time(UINT64_MAX);
	return NULL;
}

START_TEST(times_are_as_strftime_has_them)
{
	pthread_t thread;
	ck_assert_int_eq(setenv("TZ", zones[_i], 1), 0);
	tzset();
	ck_assert_int_eq(pthread_create(&thread, NULL, check_zone, NULL), 0);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
}
END_TEST

START_TEST(durations_and_milliseconds_are_right)
{
	struct rnd r = { 7 };
	for (unsigned i = 0; i < RANDOM; i++) {
		uint64_t ms = number(&r, i), s = ms / 1000;
		unsigned rest = (unsigned)(ms % 1000);
		int width = (int)(rnd(&r) % 24);
		char days[32] = "    ";
		if (s >= 86400)
			(void)snprintf(days, sizeof(days), "%2" PRIu64 "d ",
			    s / 86400);
		text_duration(&out, ms);
		same("%s%02u:%02u:%02u.%03u", days, (unsigned)(s / 3600 % 24),
		    (unsigned)(s / 60 % 60), (unsigned)(s % 60), rest);
		text_millis(&out, ms, width);
		same("%*" PRIu64 ".%03u", width > 4 ? width - 4 : 0, s, rest);
	}
}
END_TEST

static void
teardown(void)
{
	buf_free(&out);
}

int
main(void)
{
	Suite *s = suite_create("text");
	TCase *tc = tcase_create("text");
	tcase_add_checked_fixture(tc, NULL, teardown);
	tcase_add_test(tc, numbers_stand_right_in_their_columns);
	tcase_add_test(tc, every_number_of_a_byte_or_a_port_is_right);
	tcase_add_test(tc, counters_are_scaled_as_printf_rounds);
	tcase_add_test(tc, texts_are_aligned);
	tcase_add_test(tc, ipv6_is_as_inet_ntop_has_it);
	tcase_add_test(tc, ipv4_is_as_inet_ntop_has_it);
	tcase_add_test(tc, flags_macs_and_labels_are_right);
	tcase_add_test(tc, protocols_have_nfdumps_names);
	tcase_add_loop_test(tc, times_are_as_strftime_has_them, 0, ZONES);
	tcase_add_test(tc, durations_and_milliseconds_are_right);
	suite_add_tcase(s, tc);
	SRunner *sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	int failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? 0 : 1;
}
