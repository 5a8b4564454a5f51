#include "filter/kernel_x86.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

#define AVX512                                                                 \
	__attribute__((target("avx512f,avx512bw,avx512vl,popcnt,bmi,bmi2")))
#define AVX2 __attribute__((target("avx2,popcnt,bmi,bmi2")))

/* ---- AVX-512: a comparison is a bit mask already ---------------------------- */

/* A vector is 64 bytes; its mask is stored where its rows have their bits. */
#define RANGES512(bits, masktype, lanes)                                       \
	AVX512 static void ranges512_##bits(const void *col, size_t words,     \
	    const uint64_t *r, size_t n, uint64_t *out)                        \
	{                                                                      \
		const char *v = col;                                           \
		char *to = (char *)out;                                        \
		char *end = (char *)(out + words);                             \
		const __m512i lo = set512_##bits(r[0]);                        \
		const __m512i wide = set512_##bits(r[1] - r[0]);               \
		for (; to < end; to += (lanes) / 8, v += 64) {                 \
			__m512i x = _mm512_loadu_si512(v);                     \
			masktype hit =                                         \
			    le512_##bits(sub512_##bits(x, lo), wide);          \
			for (size_t k = 1; k < n; k++)                         \
				hit |= in512_##bits(x, r + 2 * k);             \
			memcpy(to, &hit, sizeof(hit));                         \
		}                                                              \
	}
#define MASK512(bits, masktype, lanes)                                         \
	AVX512 static void mask512_##bits(const void *col, size_t words,       \
	    uint64_t mask, uint64_t want, uint64_t *out)                       \
	{                                                                      \
		const char *v = col;                                           \
		char *to = (char *)out;                                        \
		char *end = (char *)(out + words);                             \
		const __m512i m = set512_##bits(mask);                         \
		const __m512i e = set512_##bits(want);                         \
		for (; to < end; to += (lanes) / 8, v += 64) {                 \
			masktype hit = _mm512_cmpeq_epi##bits##_mask(          \
			    _mm512_and_si512(_mm512_loadu_si512(v), m), e);    \
			memcpy(to, &hit, sizeof(hit));                         \
		}                                                              \
	}
#define LANE512(bits, type, masktype, lanes, set)                              \
	AVX512 static inline __m512i set512_##bits(uint64_t v)                 \
	{                                                                      \
		return set((type)v);                                           \
	}                                                                      \
	AVX512 static inline __m512i sub512_##bits(__m512i x, __m512i y)       \
	{                                                                      \
		return _mm512_sub_epi##bits(x, y);                             \
	}                                                                      \
	AVX512 static inline masktype le512_##bits(__m512i x, __m512i y)       \
	{                                                                      \
		return _mm512_cmple_epu##bits##_mask(x, y);                    \
	}                                                                      \
	AVX512 static inline masktype in512_##bits(__m512i x,                  \
	    const uint64_t *r)                                                 \
	{                                                                      \
		return le512_##bits(sub512_##bits(x, set512_##bits(r[0])),     \
		    set512_##bits(r[1] - r[0]));                               \
	}                                                                      \
	RANGES512(bits, masktype, lanes)                                       \
	MASK512(bits, masktype, lanes)

LANE512(8, char, __mmask64, 64, _mm512_set1_epi8)
LANE512(16, short, __mmask32, 32, _mm512_set1_epi16)
LANE512(32, int, __mmask16, 16, _mm512_set1_epi32)
LANE512(64, long long, __mmask8, 8, _mm512_set1_epi64)

AVX512 static uint64_t
and512(uint64_t *to, const uint64_t *from, const uint64_t *x, uint64_t flip,
    size_t words)
{
	const __m512i f = _mm512_set1_epi64((long long)flip);
	__m512i any = _mm512_setzero_si512();
	for (size_t i = 0; i < words; i += 8) {
		__m512i v = _mm512_and_si512(_mm512_loadu_si512(from + i),
		    _mm512_xor_si512(_mm512_loadu_si512(x + i), f));
		any = _mm512_or_si512(any, v);
		_mm512_storeu_si512(to + i, v);
	}
	return _mm512_test_epi64_mask(any, any);
}

AVX512 static void
or512(uint64_t *to, const uint64_t *x, uint64_t flip, const uint64_t *want,
    size_t words)
{
	const __m512i f = _mm512_set1_epi64((long long)flip);
	for (size_t i = 0; i < words; i += 8) {
		__m512i v = _mm512_and_si512(_mm512_loadu_si512(want + i),
		    _mm512_xor_si512(_mm512_loadu_si512(x + i), f));
		_mm512_storeu_si512(to + i,
		    _mm512_or_si512(_mm512_loadu_si512(to + i), v));
	}
}

/* Below so many rows of 64, taking them one by one is quicker. */
#define SPARSE 6

/* Sums of one class while a bitmap is walked. */
struct sum512 {
	__m512i a, b;
	uint64_t la, lb, rows;
};

AVX512 static inline __m512i
add512(__m512i sum, __mmask8 k, const uint64_t *p)
{
	return _mm512_mask_add_epi64(sum, k, sum, _mm512_loadu_si512(p));
}

AVX512 static inline void
sum512_word(struct sum512 *s, uint64_t m, const uint64_t *a, const uint64_t *b)
{
	int n = __builtin_popcountll(m);
	s->rows += (uint64_t)n;
	if (n < SPARSE) {
		uint64_t la = 0, lb = 0;
		for (; m != 0; m &= m - 1) {
			la += a[__builtin_ctzll(m)];
			lb += b[__builtin_ctzll(m)];
		}
		s->la += la;
		s->lb += lb;
		return;
	}
	/* Two chains of additions each, which do not wait for each other. */
	__m512i va = s->a, vb = s->b;
	__m512i wa = _mm512_setzero_si512(), wb = wa;
	for (int i = 0; i < 64; i += 16) {
		__mmask8 k = (__mmask8)(m >> i), l = (__mmask8)(m >> (i + 8));
		va = add512(va, k, a + i);
		vb = add512(vb, k, b + i);
		wa = add512(wa, l, a + i + 8);
		wb = add512(wb, l, b + i + 8);
	}
	s->a = _mm512_add_epi64(va, wa);
	s->b = _mm512_add_epi64(vb, wb);
}

AVX512 static uint64_t
lanes512(__m512i x)
{
	uint64_t v[8], sum = 0;
	_mm512_storeu_si512(v, x);
	for (int i = 0; i < 8; i++)
		sum += v[i];
	return sum;
}

/* Words without a row, most of them, are passed over by eights. */
AVX512 static inline void
sum512_class(struct sum512 *s, const uint64_t *bits, const uint64_t *mask,
    size_t words, const uint64_t *a, const uint64_t *b)
{
	for (size_t w = 0; w < words; w += 8) {
		__m512i v = _mm512_and_si512(_mm512_loadu_si512(bits + w),
		    _mm512_loadu_si512(mask + w));
		uint64_t m[8];
		unsigned left = _mm512_test_epi64_mask(v, v);
		if (left == 0)
			continue;
		_mm512_storeu_si512(m, v);
		for (; left != 0; left &= left - 1) {
			size_t i = (size_t)__builtin_ctz(left);
			sum512_word(s, m[i], a + 64 * (w + i),
			    b + 64 * (w + i));
		}
	}
}

AVX512 static void
sum512(const uint64_t *bits, const uint64_t (*mask)[BATCH_WORDS], size_t words,
    const uint64_t *a, const uint64_t *b, struct kernel_sums *sums)
{
	for (int c = 0; c < KERNEL_CLASSES; c++) {
		struct sum512 s;
		memset(&s, 0, sizeof(s));
		sum512_class(&s, bits, mask[c], words, a, b);
		sums[c].rows += s.rows;
		if (s.rows == 0)
			continue;
		sums[c].a += s.la + lanes512(s.a);
		sums[c].b += s.lb + lanes512(s.b);
	}
}

static const struct kernels kernels_avx512 = {
	.name = "avx512",
	.ranges = { ranges512_8, ranges512_16, ranges512_32, ranges512_64 },
	.mask = { mask512_8, mask512_16, mask512_32, mask512_64 },
	.and = and512,
	.or = or512,
	.sum = sum512,
};

/* ---- AVX2: comparisons give lanes of ones, gathered into bits ----------------- */

/* 32 rows from one vector of bytes. */
AVX2 static inline uint64_t
bits8(__m256i x)
{
	return (uint32_t)_mm256_movemask_epi8(x);
}

/* 32 rows from two vectors; packing works on halves, so put them right. */
AVX2 static inline uint64_t
bits16(__m256i x, __m256i y)
{
	return bits8(_mm256_permute4x64_epi64(_mm256_packs_epi16(x, y), 0xd8));
}

AVX2 static inline uint64_t
bits32(__m256i x)
{
	return (uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(x));
}

AVX2 static inline uint64_t
bits64(__m256i x)
{
	return (uint32_t)_mm256_movemask_pd(_mm256_castsi256_pd(x));
}

/* x <= y without sign, where AVX2 has a minimum. */
#define LE256(bits, x, y) _mm256_cmpeq_epi##bits(_mm256_min_epu##bits(x, y), x)

/* Of 64 bits only signed greater-than: turn the top bits round. */
AVX2 static inline __m256i
le256_64(__m256i x, __m256i y)
{
	const __m256i top = _mm256_set1_epi64x((long long)(UINT64_C(1) << 63));
	return _mm256_xor_si256(_mm256_cmpgt_epi64(_mm256_xor_si256(x, top),
				    _mm256_xor_si256(y, top)),
	    _mm256_set1_epi64x(-1));
}

#define LANE256(bits, type, set, le)                                           \
	AVX2 static inline __m256i set256_##bits(uint64_t v)                   \
	{                                                                      \
		return set((type)v);                                           \
	}                                                                      \
	AVX2 static inline __m256i in256_##bits(__m256i x, __m256i lo,         \
	    __m256i wide, const uint64_t *r, size_t n)                         \
	{                                                                      \
		__m256i hit = le(_mm256_sub_epi##bits(x, lo), wide);           \
		for (size_t k = 1; k < n; k++)                                 \
			hit = _mm256_or_si256(hit,                             \
			    le(_mm256_sub_epi##bits(x,                         \
				   set256_##bits(r[2 * k])),                   \
				set256_##bits(r[2 * k + 1] - r[2 * k])));      \
		return hit;                                                    \
	}                                                                      \
	AVX2 static inline __m256i and256_##bits(__m256i x, uint64_t mask,     \
	    uint64_t want)                                                     \
	{                                                                      \
		return _mm256_cmpeq_epi##bits(_mm256_and_si256(x,              \
						  set256_##bits(mask)),        \
		    set256_##bits(want));                                      \
	}

#define LE256_8(x, y)  LE256(8, x, y)
#define LE256_16(x, y) LE256(16, x, y)
#define LE256_32(x, y) LE256(32, x, y)

LANE256(8, char, _mm256_set1_epi8, LE256_8)
LANE256(16, short, _mm256_set1_epi16, LE256_16)
LANE256(32, int, _mm256_set1_epi32, LE256_32)
LANE256(64, long long, _mm256_set1_epi64x, le256_64)

#define LOADU(p) _mm256_loadu_si256((const __m256i *)(const void *)(p))
#define LOAD(i)  LOADU(v + 32 * (i))

/* A word from `steps` gatherings of `lanes` rows each. */
#define KERNEL256(bits, size, lanes, gather_ranges, gather_mask)               \
	AVX2 static void ranges256_##bits(const void *col, size_t words,       \
	    const uint64_t *r, size_t n, uint64_t *out)                        \
	{                                                                      \
		const char *v = col;                                           \
		const __m256i lo = set256_##bits(r[0]);                        \
		const __m256i wide = set256_##bits(r[1] - r[0]);               \
		for (size_t w = 0; w < words; w++) {                           \
			uint64_t word = 0;                                     \
			for (int i = 0; i < 64;                                \
			     i += (lanes), v += (lanes) * (size))              \
				word |= (gather_ranges) << i;                  \
			out[w] = word;                                         \
		}                                                              \
	}                                                                      \
	AVX2 static void mask256_##bits(const void *col, size_t words,         \
	    uint64_t mask, uint64_t want, uint64_t *out)                       \
	{                                                                      \
		const char *v = col;                                           \
		for (size_t w = 0; w < words; w++) {                           \
			uint64_t word = 0;                                     \
			for (int i = 0; i < 64;                                \
			     i += (lanes), v += (lanes) * (size))              \
				word |= (gather_mask) << i;                    \
			out[w] = word;                                         \
		}                                                              \
	}

KERNEL256(8, 1, 32, bits8(in256_8(LOAD(0), lo, wide, r, n)),
    bits8(and256_8(LOAD(0), mask, want)))
KERNEL256(16, 2, 32,
    bits16(in256_16(LOAD(0), lo, wide, r, n),
	in256_16(LOAD(1), lo, wide, r, n)),
    bits16(and256_16(LOAD(0), mask, want), and256_16(LOAD(1), mask, want)))
KERNEL256(32, 4, 8, bits32(in256_32(LOAD(0), lo, wide, r, n)),
    bits32(and256_32(LOAD(0), mask, want)))
KERNEL256(64, 8, 4, bits64(in256_64(LOAD(0), lo, wide, r, n)),
    bits64(and256_64(LOAD(0), mask, want)))

/* Four bits as four lanes of ones. */
AVX2 static inline __m256i
lanes4(uint64_t m)
{
	const __m256i bit = _mm256_set_epi64x(8, 4, 2, 1);
	return _mm256_cmpeq_epi64(
	    _mm256_and_si256(_mm256_set1_epi64x((long long)m), bit), bit);
}

AVX2 static uint64_t
lanes_sum(__m256i x)
{
	uint64_t v[4];
	_mm256_storeu_si256((__m256i *)(void *)v, x);
	return v[0] + v[1] + v[2] + v[3];
}

AVX2 static uint64_t
and256(uint64_t *to, const uint64_t *from, const uint64_t *x, uint64_t flip,
    size_t words)
{
	const __m256i f = _mm256_set1_epi64x((long long)flip);
	__m256i any = _mm256_setzero_si256();
	for (size_t i = 0; i < words; i += 4) {
		__m256i v = _mm256_and_si256(LOADU(from + i),
		    _mm256_xor_si256(LOADU(x + i), f));
		any = _mm256_or_si256(any, v);
		_mm256_storeu_si256((__m256i *)(void *)(to + i), v);
	}
	return !_mm256_testz_si256(any, any);
}

AVX2 static void
or256(uint64_t *to, const uint64_t *x, uint64_t flip, const uint64_t *want,
    size_t words)
{
	const __m256i f = _mm256_set1_epi64x((long long)flip);
	for (size_t i = 0; i < words; i += 4) {
		__m256i v = _mm256_and_si256(LOADU(want + i),
		    _mm256_xor_si256(LOADU(x + i), f));
		_mm256_storeu_si256((__m256i *)(void *)(to + i),
		    _mm256_or_si256(LOADU(to + i), v));
	}
}

AVX2 static void
sum256_word(struct kernel_sums *s, uint64_t m, const uint64_t *a,
    const uint64_t *b)
{
	int n = __builtin_popcountll(m);
	uint64_t la = 0, lb = 0;
	s->rows += (uint64_t)n;
	if (n < 3 * SPARSE) {
		for (; m != 0; m &= m - 1) {
			la += a[__builtin_ctzll(m)];
			lb += b[__builtin_ctzll(m)];
		}
	} else {
		__m256i va = _mm256_setzero_si256(), vb = va;
		for (int i = 0; i < 64; i += 4) {
			__m256i k = lanes4(m >> i & 15);
			va = _mm256_add_epi64(va,
			    _mm256_and_si256(k, LOADU(a + i)));
			vb = _mm256_add_epi64(vb,
			    _mm256_and_si256(k, LOADU(b + i)));
		}
		la = lanes_sum(va);
		lb = lanes_sum(vb);
	}
	s->a += la;
	s->b += lb;
}

AVX2 static void
sum256(const uint64_t *bits, const uint64_t (*mask)[BATCH_WORDS], size_t words,
    const uint64_t *a, const uint64_t *b, struct kernel_sums *sums)
{
	for (size_t w = 0; w < words; w++) {
		for (int c = 0; c < KERNEL_CLASSES && bits[w] != 0; c++) {
			uint64_t m = bits[w] & mask[c][w];
			if (m != 0)
				sum256_word(&sums[c], m, a + 64 * w,
				    b + 64 * w);
		}
	}
}

static const struct kernels kernels_avx2 = {
	.name = "avx2",
	.ranges = { ranges256_8, ranges256_16, ranges256_32, ranges256_64 },
	.mask = { mask256_8, mask256_16, mask256_32, mask256_64 },
	.and = and256,
	.or = or256,
	.sum = sum256,
};

const struct kernels *
kernels_x86_nth(size_t *n)
{
	const struct kernels *have[2];
	size_t count = 0;
	if (__builtin_cpu_supports("avx512bw") &&
	    __builtin_cpu_supports("avx512vl") &&
	    __builtin_cpu_supports("bmi2"))
		have[count++] = &kernels_avx512;
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2"))
		have[count++] = &kernels_avx2;
	if (*n < count)
		return have[*n];
	*n -= count;
	return NULL;
}

#else

const struct kernels *
kernels_x86_nth(size_t *n)
{
	(void)n;
	return NULL;
}

#endif
