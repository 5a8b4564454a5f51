/*
 * hashtab: keys of equal length to entries, numbered in the order of their
 * first sight.  Lookups come in batches, so that the memory accesses of many
 * keys overlap.
 */
#ifndef QUERY_HASHTAB_H
#define QUERY_HASHTAB_H

#include <stddef.h>
#include <stdint.h>

#include "flow/batch.h"
#include "query/keyhash.h"
#include "query/pool.h"

#define HASHTAB_BATCH   BATCH_ROWS /* keys in one call */
#define HASHTAB_PIECE   128        /* entries in a piece of the pool */
#define HASHTAB_ENTRIES ((1U << 24) - 1)

struct hashtab {
	const struct keyhash *hash;
	struct pool *pool;
	size_t key_len;   /* bytes, a multiple of 8 */
	size_t entry_len; /* with the key in front, a multiple of 8 */
	uint8_t **piece;
	size_t pieces; /* in use; */
	size_t room;   /* in the list of them */
	uint32_t n;
	uint32_t *slots; /* 8 bits of the hash, index + 1; 0: free */
	size_t mask;
};

/* The pool's pieces are HASHTAB_PIECE entries. */
void hashtab_init(struct hashtab *t, const struct keyhash *hash,
    struct pool *pool, size_t key_len, size_t entry_len);
void hashtab_free(struct hashtab *t);

/* No entry any more; keep: the memory will be needed again. */
void hashtab_clear(struct hashtab *t, bool keep);

/* Is there room for n more? */
static inline bool
hashtab_fits(const struct hashtab *t, size_t n)
{
	return n <= HASHTAB_ENTRIES - t->n;
}

/*
 * The index of each of n (<= HASHTAB_BATCH) keys, one every `step` bytes,
 * with these hashes; new ones get a new entry with zeros behind the key.
 * They have to fit.
 */
void hashtab_take(struct hashtab *t, const uint8_t *keys, size_t step,
    const uint64_t *hash, size_t n, uint32_t *index);

/*
 * Entries become longer, to len, with zeros behind what they had; their
 * pieces come from another pool.
 */
void hashtab_widen(struct hashtab *t, struct pool *pool, size_t len);

static inline uint8_t *
hashtab_entry(const struct hashtab *t, uint32_t i)
{
	return t->piece[i / HASHTAB_PIECE] + i % HASHTAB_PIECE * t->entry_len;
}

#endif
