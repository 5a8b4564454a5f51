#include "query/keyhash.h"

#include <string.h>

#include "base/hash.h"

#define LOW   UINT64_C(0xffffffff)
#define MIXER UINT64_C(0x9fb21c651e98df25)

void
keyhash_init(struct keyhash *k, uint64_t seed)
{
	for (size_t i = 0; i < KEYHASH_WORDS; i++)
		k->secret[i] = hash_mix(seed, i + 1);
}

/* Both halves of a word, added to those of the secret. */
static inline uint64_t
product(uint64_t word, uint64_t secret)
{
	return ((word + secret) & LOW) *
	       (((word >> 32) + (secret >> 32)) & LOW);
}

static inline uint64_t
mix(uint64_t h)
{
	h ^= h >> 32;
	h *= MIXER;
	return h ^ h >> 32;
}

void
keyhash_portable(const struct keyhash *k, const uint8_t *keys, size_t step,
    size_t words, size_t n, uint64_t *out)
{
	for (size_t i = 0; i < n; i++, keys += step) {
		uint64_t h = 0, w;
		for (size_t j = 0; j < words; j++) {
			memcpy(&w, keys + 8 * j, sizeof(w));
			h += product(w, k->secret[j]);
		}
		out[i] = mix(h);
	}
}

#if defined(__x86_64__)

#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))

AVX2 static inline __m256i
product4(__m256i w, __m256i s)
{
	__m256i sum = _mm256_add_epi32(w, s);
	return _mm256_mul_epu32(sum, _mm256_srli_epi64(sum, 32));
}

AVX2 static inline __m256i
mix4(__m256i h)
{
	const __m256i m = _mm256_set1_epi64x((long long)MIXER);
	h = _mm256_xor_si256(h, _mm256_srli_epi64(h, 32));
	__m256i cross =
	    _mm256_add_epi64(_mm256_mul_epu32(_mm256_srli_epi64(h, 32), m),
		_mm256_mul_epu32(h, _mm256_srli_epi64(m, 32)));
	h = _mm256_add_epi64(_mm256_mul_epu32(h, m),
	    _mm256_slli_epi64(cross, 32));
	return _mm256_xor_si256(h, _mm256_srli_epi64(h, 32));
}

AVX2 static inline __m256i
load4(const uint8_t *p, size_t step)
{
	long long w[4];
	if (step == 8)
		return _mm256_loadu_si256((const void *)p);
	for (size_t i = 0; i < 4; i++)
		memcpy(&w[i], p + i * step, sizeof(w[i]));
	return _mm256_set_epi64x(w[3], w[2], w[1], w[0]);
}

AVX2 static void
keyhash_avx2(const struct keyhash *k, const uint8_t *keys, size_t step,
    size_t words, size_t n, uint64_t *out)
{
	size_t i = 0;
	for (; i + 4 <= n; i += 4, keys += 4 * step) {
		__m256i h = _mm256_setzero_si256();
		for (size_t j = 0; j < words; j++)
			h = _mm256_add_epi64(h,
			    product4(load4(keys + 8 * j, step),
				_mm256_set1_epi64x((long long)k->secret[j])));
		_mm256_storeu_si256((void *)(out + i), mix4(h));
	}
	keyhash_portable(k, keys, step, words, n - i, out + i);
}

void
keyhash(const struct keyhash *k, const uint8_t *keys, size_t step, size_t words,
    size_t n, uint64_t *out)
{
	if (__builtin_cpu_supports("avx2"))
		keyhash_avx2(k, keys, step, words, n, out);
	else
		keyhash_portable(k, keys, step, words, n, out);
}

#else

void
keyhash(const struct keyhash *k, const uint8_t *keys, size_t step, size_t words,
    size_t n, uint64_t *out)
{
	keyhash_portable(k, keys, step, words, n, out);
}

#endif
