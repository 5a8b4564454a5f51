/*
 * Kernels of every kind of processor against a loop over rows that knows
 * nothing of words, vectors and tables.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "filter/kernel.h"

#define RANGES_MAX 40

/* All of one alignment, as the columns of a batch are. */
static _Alignas(64) union {
	uint8_t w8[BATCH_ROWS];
	uint16_t w16[BATCH_ROWS];
	uint32_t w32[BATCH_ROWS];
	uint64_t w64[BATCH_ROWS];
} column;
static uint64_t range[2 * RANGES_MAX];
static uint64_t state;

static uint64_t
rnd(void)
{
	uint64_t x = state += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

static uint64_t
width_max(int width)
{
	return width == WIDTH_64 ? UINT64_MAX
				 : (UINT64_C(1) << (8 << width)) - 1;
}

/* Often an end of the type or of its signed half, or near to it. */
static uint64_t
edgy(int width)
{
	uint64_t max = width_max(width), half = max / 2;
	switch (rnd() % 8) {
	case 0:
		return rnd() % 3;
	case 1:
		return max - rnd() % 3;
	case 2:
		return (half + 2 - rnd() % 4) & max;
	case 3:
		return rnd() & max;
	case 4:
		return rnd() % 100;
	default:
		return (UINT64_C(1) << (rnd() % 64)) & max;
	}
}

static uint64_t
value(int width, size_t row)
{
	switch (width) {
	case WIDTH_8:
		return column.w8[row];
	case WIDTH_16:
		return column.w16[row];
	case WIDTH_32:
		return column.w32[row];
	default:
		return column.w64[row];
	}
}

static void
fill_column(int width)
{
	for (size_t i = 0; i < BATCH_ROWS; i++) {
		uint64_t v = edgy(width);
		switch (width) {
		case WIDTH_8:
			column.w8[i] = (uint8_t)v;
			break;
		case WIDTH_16:
			column.w16[i] = (uint16_t)v;
			break;
		case WIDTH_32:
			column.w32[i] = (uint32_t)v;
			break;
		default:
			column.w64[i] = v;
		}
	}
}

static int
number_cmp(const void *a, const void *b)
{
	uint64_t x, y;
	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return (x > y) - (x < y);
}

/* Ascending ranges that lie apart; returns how many of the n wanted. */
static size_t
make_ranges(int width, size_t n)
{
	size_t kept = 0;
	for (size_t i = 0; i < 2 * n; i++)
		range[i] = edgy(width);
	qsort(range, 2 * n, sizeof(range[0]), number_cmp);
	for (size_t i = 0; i < n; i++) {
		if (kept != 0 && range[2 * i] <= range[2 * kept - 1])
			continue;
		range[2 * kept] = range[2 * i];
		range[2 * kept++ + 1] = range[2 * i + 1];
	}
	return kept;
}

static bool
in_ranges(uint64_t v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (v >= range[2 * i] && v <= range[2 * i + 1])
			return true;
	return false;
}

/* Bitmaps as rows have them, one after the other. */
static void
expect_ranges(int width, size_t n, uint64_t *out)
{
	memset(out, 0, BATCH_WORDS * sizeof(out[0]));
	for (size_t i = 0; i < BATCH_ROWS; i++)
		out[i / 64] |= (uint64_t)in_ranges(value(width, i), n)
			       << (i % 64);
}

static void
expect_mask(int width, uint64_t mask, uint64_t want, uint64_t *out)
{
	memset(out, 0, BATCH_WORDS * sizeof(out[0]));
	for (size_t i = 0; i < BATCH_ROWS; i++)
		out[i / 64] |= (uint64_t)((value(width, i) & mask) == want)
			       << (i % 64);
}

/* `words` words as they should be, and nothing written behind them. */
static void
check_words(const struct kernels *k, const uint64_t *out, const uint64_t *want,
    size_t words)
{
	for (size_t i = 0; i < words; i++)
		ck_assert_msg(out[i] == want[i], "%s, word %zu: %llx, not %llx",
		    k->name, i, (unsigned long long)out[i],
		    (unsigned long long)want[i]);
	ck_assert_uint_eq(out[words], UINT64_C(0x5a5a5a5a5a5a5a5a));
}

static const size_t some_words[] = { 1, 2, 7, 8, 9, 33, 64 };
#define SOME_WORDS (sizeof(some_words) / sizeof(some_words[0]))

START_TEST(ranges_are_what_lies_between_their_ends)
{
	const struct kernels *k;
	uint64_t out[BATCH_WORDS + 1], expected[BATCH_WORDS];
	state = (uint64_t)_i;
	fill_column(_i);
	for (int round = 0; round < 300; round++) {
		size_t n = make_ranges(_i, 1 + rnd() % 6);
		size_t words = some_words[rnd() % SOME_WORDS];
		expect_ranges(_i, n, expected);
		for (size_t nth = 0; (k = kernels_nth(nth)) != NULL; nth++) {
			memset(out, 0x5a, sizeof(out));
			k->ranges[_i](&column, words, range, n, out);
			check_words(k, out, expected, words);
		}
	}
}
END_TEST

START_TEST(masks_compare_the_bits_they_have)
{
	const struct kernels *k;
	uint64_t out[BATCH_WORDS + 1], expected[BATCH_WORDS];
	state = 100 + (uint64_t)_i;
	fill_column(_i);
	for (int round = 0; round < 300; round++) {
		uint64_t mask = edgy(_i);
		uint64_t want = value(_i, rnd() % BATCH_ROWS) & mask;
		size_t words = some_words[rnd() % SOME_WORDS];
		if (rnd() % 8 == 0)
			want = edgy(_i); /* may be impossible */
		expect_mask(_i, mask, want, expected);
		for (size_t nth = 0; (k = kernels_nth(nth)) != NULL; nth++) {
			memset(out, 0x5a, sizeof(out));
			k->mask[_i](&column, words, mask, want, out);
			check_words(k, out, expected, words);
		}
	}
}
END_TEST

START_TEST(looking_up_is_the_same_as_comparing)
{
	static struct lookup l;
	uint64_t out[BATCH_WORDS], expected[BATCH_WORDS];
	state = 200 + (uint64_t)_i;
	fill_column(_i);
	for (int round = 0; round < 200; round++) {
		size_t n = make_ranges(_i, 1 + rnd() % RANGES_MAX);
		lookup_init(&l, range, n);
		lookup_rows(&l, (enum width)_i, &column, BATCH_WORDS, out);
		expect_ranges(_i, n, expected);
		ck_assert_mem_eq(out, expected, sizeof(out));
		for (size_t i = 0; i < 100; i++)
			ck_assert_int_eq(ranges_have(range, n, value(_i, i)),
			    in_ranges(value(_i, i), n));
	}
}
END_TEST

static void
random_bits(uint64_t *bits, size_t words)
{
	memset(bits, 0, BATCH_WORDS * sizeof(bits[0]));
	for (size_t i = 0; i < words; i++)
		bits[i] = rnd() % 3 == 0 ? 0 : rnd() & rnd();
}

START_TEST(bitmaps_are_combined_bit_by_bit)
{
	const struct kernels *k;
	uint64_t a[BATCH_WORDS], x[BATCH_WORDS], to[BATCH_WORDS];
	state = 300;
	for (int round = 0; round < 500; round++) {
		size_t words = some_words[rnd() % SOME_WORDS];
		uint64_t flip = rnd() % 2 == 0 ? 0 : ~UINT64_C(0);
		uint64_t any = 0;
		random_bits(a, words);
		random_bits(x, words);
		for (size_t i = 0; i < words; i++)
			any |= a[i] & (x[i] ^ flip);
		for (size_t nth = 0; (k = kernels_nth(nth)) != NULL; nth++) {
			memset(to, 0, sizeof(to));
			ck_assert_int_eq(k->and (to, a, x, flip, words) != 0,
			    any != 0);
			for (size_t i = 0; i < BATCH_WORDS; i++)
				ck_assert_uint_eq(to[i], a[i] & (x[i] ^ flip));
			random_bits(to, words);
			uint64_t old = to[0], old1 = to[words - 1];
			k->or (to, x, flip, a, words);
			ck_assert_uint_eq(to[0], old | (a[0] & (x[0] ^ flip)));
			ck_assert_uint_eq(to[words - 1],
			    old1 | (a[words - 1] & (x[words - 1] ^ flip)));
			for (size_t i = words; i < BATCH_WORDS; i++)
				ck_assert_uint_eq(to[i], 0);
		}
	}
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("filter kernels");
	TCase *t = tcase_create("all");
	tcase_set_timeout(t, 120);
	tcase_add_loop_test(t, ranges_are_what_lies_between_their_ends, WIDTH_8,
	    WIDTHS);
	tcase_add_loop_test(t, masks_compare_the_bits_they_have, WIDTH_8,
	    WIDTHS);
	tcase_add_loop_test(t, looking_up_is_the_same_as_comparing, WIDTH_8,
	    WIDTHS);
	tcase_add_test(t, bitmaps_are_combined_bit_by_bit);
	suite_add_tcase(s, t);
	SRunner *sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	int failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
