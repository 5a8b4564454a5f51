#include "filter/kernel.h"

#include <stdbool.h>
#include <string.h>

#include "filter/kernel_x86.h"

/* 64 bytes of 0 or 1 as bits: eight at a time meet in the top byte. */
static uint64_t
pack(const uint8_t *hit)
{
	uint64_t bits = 0;
	for (size_t i = 0; i < 8; i++) {
		uint64_t x;
		memcpy(&x, hit + 8 * i, sizeof(x));
		bits |= (x * UINT64_C(0x0102040810204080) >> 56) << 8 * i;
	}
	return bits;
}

/* lo <= v <= hi is one comparison without sign: v - lo <= hi - lo. */
#define PORTABLE(type, bits)                                                   \
	static void ranges_##bits(const void *col, size_t words,               \
	    const uint64_t *r, size_t n, uint64_t *out)                        \
	{                                                                      \
		const type *v = col;                                           \
		for (size_t w = 0; w < words; w++, v += 64) {                  \
			uint8_t hit[64] = { 0 };                               \
			for (size_t k = 0; k < n; k++) {                       \
				type lo = (type)r[2 * k];                      \
				type wide = (type)(r[2 * k + 1] - lo);         \
				for (size_t i = 0; i < 64; i++)                \
					hit[i] |= (type)(v[i] - lo) <= wide;   \
			}                                                      \
			out[w] = pack(hit);                                    \
		}                                                              \
	}                                                                      \
	static void mask_##bits(const void *col, size_t words, uint64_t mask,  \
	    uint64_t want, uint64_t *out)                                      \
	{                                                                      \
		const type *v = col;                                           \
		for (size_t w = 0; w < words; w++, v += 64) {                  \
			uint8_t hit[64];                                       \
			for (size_t i = 0; i < 64; i++)                        \
				hit[i] = (v[i] & mask) == want;                \
			out[w] = pack(hit);                                    \
		}                                                              \
	}                                                                      \
	static void lookup_##bits(const struct lookup *l, const void *col,     \
	    size_t words, uint64_t *out)                                       \
	{                                                                      \
		const type *v = col;                                           \
		for (size_t w = 0; w < words; w++, v += 64) {                  \
			uint64_t word = 0;                                     \
			for (size_t i = 0; i < 64; i++)                        \
				word |= maybe(l, v[i]) << i;                   \
			if (l->shift != 0 && word != 0)                        \
				for (size_t i = 0; i < 64; i++)                \
					if ((word >> i & 1) != 0 &&            \
					    !ranges_have(l->range, l->n,       \
						v[i]))                         \
						word &= ~(UINT64_C(1) << i);   \
			out[w] = word;                                         \
		}                                                              \
	}

int
ranges_have(const uint64_t *range, size_t n, uint64_t v)
{
	size_t from = 0, to = n; /* the last range with lo <= v is in here */
	while (from < to) {
		size_t mid = (from + to) / 2;
		if (range[2 * mid] <= v)
			from = mid + 1;
		else
			to = mid;
	}
	return from != 0 && v <= range[2 * from - 1];
}

static inline uint64_t
maybe(const struct lookup *l, uint64_t v)
{
	uint64_t d = v - l->base;
	/* Outside the window any bit may be read; it does not count. */
	uint64_t i = (d >> l->shift) & (LOOKUP_BITS - 1);
	return (l->bits[i / 64] >> (i % 64) & 1) & (d <= l->span);
}

PORTABLE(uint8_t, 8)
PORTABLE(uint16_t, 16)
PORTABLE(uint32_t, 32)
PORTABLE(uint64_t, 64)

static uint64_t
and_bits(uint64_t *to, const uint64_t *from, const uint64_t *x, uint64_t flip,
    size_t words)
{
	uint64_t any = 0;
	for (size_t i = 0; i < words; i++)
		any |= to[i] = from[i] & (x[i] ^ flip);
	return any;
}

static void
or_bits(uint64_t *to, const uint64_t *x, uint64_t flip, const uint64_t *want,
    size_t words)
{
	for (size_t i = 0; i < words; i++)
		to[i] |= (x[i] ^ flip) & want[i];
}

static void
sum(const uint64_t *bits, const uint64_t (*mask)[BATCH_WORDS], size_t words,
    const uint64_t *a, const uint64_t *b, struct kernel_sums *sums)
{
	for (size_t w = 0; w < words; w++) {
		for (int c = 0; c < KERNEL_CLASSES && bits[w] != 0; c++) {
			uint64_t m = bits[w] & mask[c][w];
			sums[c].rows += (uint64_t)__builtin_popcountll(m);
			for (; m != 0; m &= m - 1) {
				size_t i = w * 64 + (size_t)__builtin_ctzll(m);
				sums[c].a += a[i];
				sums[c].b += b[i];
			}
		}
	}
}

const struct kernels kernels_portable = {
	.name = "portable",
	.ranges = { ranges_8, ranges_16, ranges_32, ranges_64 },
	.mask = { mask_8, mask_16, mask_32, mask_64 },
	.and = and_bits,
	.or = or_bits,
	.sum = sum,
};

const struct kernels *
kernels_nth(size_t n)
{
	const struct kernels *k = kernels_x86_nth(&n);
	if (k != NULL)
		return k;
	return n == 0 ? &kernels_portable : NULL;
}

/* ---- lookup ----------------------------------------------------------------- */

void
lookup_init(struct lookup *l, const uint64_t *range, size_t n)
{
	memset(l, 0, sizeof(*l));
	l->range = range;
	l->n = n;
	l->base = range[0];
	l->span = range[2 * n - 1] - range[0];
	while (l->span >> l->shift >= LOOKUP_BITS)
		l->shift++;
	for (size_t k = 0; k < n; k++) {
		size_t i = (size_t)((range[2 * k] - l->base) >> l->shift);
		size_t to = (size_t)((range[2 * k + 1] - l->base) >> l->shift);
		for (; i <= to; i++)
			l->bits[i / 64] |= UINT64_C(1) << (i % 64);
	}
}

void
lookup_rows(const struct lookup *l, enum width width, const void *col,
    size_t words, uint64_t *out)
{
	switch (width) {
	case WIDTH_8:
		lookup_8(l, col, words, out);
		break;
	case WIDTH_16:
		lookup_16(l, col, words, out);
		break;
	case WIDTH_32:
		lookup_32(l, col, words, out);
		break;
	case WIDTH_64:
	case WIDTHS:
		lookup_64(l, col, words, out);
		break;
	}
}
