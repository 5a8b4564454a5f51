/*
 * entry: rules of the index' bytes that its reader and its writer share.
 */
#ifndef INDEX_ENTRY_H
#define INDEX_ENTRY_H

#include "base/hash.h"
#include "index/index.h"

#define ENTRY_SEED UINT64_C(0x6e66696e646578)

static inline uint64_t
entry_padded(uint64_t n)
{
	return (n + 7) & ~UINT64_C(7);
}

static inline bool
entry_length_ok(uint64_t length)
{
	return length >= sizeof(struct index_head) && length % 8 == 0 &&
	       length <= INDEX_FILE_MAX;
}

/*
 * Of an entry whose h->length bytes are there; four words at a time, which do
 * not wait for each other.
 */
static inline uint64_t
entry_check(const struct index_head *h)
{
	const uint64_t *w = (const uint64_t *)(const void *)h + 1;
	size_t n = (size_t)(h->length / 8) - 1, i = 0;
	uint64_t lane[4] = { ENTRY_SEED, ENTRY_SEED + 1, ENTRY_SEED + 2,
		ENTRY_SEED + 3 };
	for (; i + 4 <= n; i += 4)
		for (size_t k = 0; k < 4; k++)
			lane[k] = hash_mix(lane[k], w[i + k]);
	for (; i < n; i++)
		lane[0] = hash_mix(lane[0], w[i]);
	return hash_mix(hash_mix(lane[0], lane[1]), hash_mix(lane[2], lane[3]));
}

static inline bool
entry_header_ok(const struct index_header *h)
{
	return h->magic == INDEX_MAGIC && h->version == INDEX_VERSION &&
	       h->columns == SUMMARY_COLUMNS && h->zero == 0;
}

#endif
