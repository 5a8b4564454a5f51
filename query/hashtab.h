/*
 * hashtab: groups of a query: keys of equal length to entries that grow in
 * one array.  Lookups come in batches, so that the memory accesses of many
 * keys overlap.  Memory is bounded by the number of different keys only,
 * which the query's user chose.
 */
#ifndef QUERY_HASHTAB_H
#define QUERY_HASHTAB_H

#include <stddef.h>
#include <stdint.h>

#include "flow/batch.h"

#define HASHTAB_BATCH BATCH_ROWS /* keys in one call */

struct hashtab {
	size_t key_len;   /* bytes, a multiple of 8 */
	size_t entry_len; /* with the key in front, a multiple of 8 */
	uint8_t *entries;
	uint32_t n;
	uint32_t cap;
	uint64_t *slots; /* upper half of the hash, index + 1; 0: free */
	size_t mask;
	uint64_t seed;
};

void hashtab_init(struct hashtab *t, size_t key_len, size_t value_len);
void hashtab_free(struct hashtab *t);

/*
 * The index of each of n (<= HASHTAB_BATCH) keys; new ones get a new entry
 * with a zeroed value.
 */
void hashtab_take(struct hashtab *t, const uint8_t *keys, size_t n,
    uint32_t *index);

static inline void *
hashtab_key(const struct hashtab *t, uint32_t i)
{
	return t->entries + i * t->entry_len;
}

static inline void *
hashtab_value(const struct hashtab *t, uint32_t i)
{
	return t->entries + i * t->entry_len + t->key_len;
}

#endif
