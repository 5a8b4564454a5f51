/*
 * bloom: a set of 64-bit hashes in few bits: "no" is certain, "yes" is wrong
 * once in a hundred or so.
 *
 * The set is an array of lines of 32 bytes.  The upper half of a hash chooses
 * the line, the lower half one bit in each of the line's eight words (Putze,
 * Sanders, Singler: Cache-, hash- and space-efficient Bloom filters, 2007),
 * so that a question touches one cache line.
 *
 * Lines may be kept on disk in host order: what a hash sets never changes.
 */
#ifndef BASE_BLOOM_H
#define BASE_BLOOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bloom_line {
	uint32_t word[8];
};
_Static_assert(sizeof(struct bloom_line) == 32, "kept on disk");

/* Lines for n distinct hashes at one wrong yes in a hundred; 0 for none. */
static inline size_t
bloom_lines(size_t n)
{
	return (n * 21 / 2 + 255) / 256; /* 10.5 bits each */
}

static inline uint32_t
bloom_bit(uint64_t hash, unsigned i)
{
	static const uint32_t salt[8] = { 0x47b6137b, 0x44974d91, 0x8824ad5b,
		0xa2b7289d, 0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31 };
	return UINT32_C(1) << ((uint32_t)hash * salt[i] >> 27);
}

static inline size_t
bloom_place(uint64_t hash, size_t lines)
{
	return (size_t)((hash >> 32) * lines >> 32);
}

static inline void
bloom_add(struct bloom_line *line, size_t lines, uint64_t hash)
{
	struct bloom_line *l = &line[bloom_place(hash, lines)];
	for (unsigned i = 0; i < 8; i++)
		l->word[i] |= bloom_bit(hash, i);
}

/* lines is not 0. */
static inline bool
bloom_has(const struct bloom_line *line, size_t lines, uint64_t hash)
{
	const struct bloom_line *l = &line[bloom_place(hash, lines)];
	uint32_t missing = 0;
	for (unsigned i = 0; i < 8; i++)
		missing |= bloom_bit(hash, i) & ~l->word[i];
	return missing == 0;
}

/*
 * The hash of a key of two words and its kind.  Never to be changed: it is
 * kept on disk.
 */
static inline uint64_t
bloom_hash(uint64_t kind, uint64_t hi, uint64_t lo)
{
	uint64_t h = (kind + 1) * UINT64_C(0x9e3779b97f4a7c15);
	const uint64_t in[2] = { hi, lo };
	for (unsigned i = 0; i < 2; i++) {
		h ^= in[i];
		h = (h ^ h >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
		h = (h ^ h >> 27) * UINT64_C(0x94d049bb133111eb);
		h ^= h >> 31;
	}
	return h;
}

#endif
