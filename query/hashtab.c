#include "query/hashtab.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"

#define FIRST_SLOTS 4096

void
hashtab_init(struct hashtab *t, size_t key_len, size_t value_len)
{
	assert(key_len % 8 == 0 && value_len % 8 == 0);
	*t = (struct hashtab){ .key_len = key_len,
		.entry_len = key_len + value_len,
		.mask = FIRST_SLOTS - 1,
		.seed = hash_seed() };
	t->slots = mem_calloc(FIRST_SLOTS, sizeof(*t->slots));
}

void
hashtab_free(struct hashtab *t)
{
	free(t->entries);
	free(t->slots);
	*t = (struct hashtab){ 0 };
}

static uint64_t
hash_key(const struct hashtab *t, const uint8_t *key)
{
	uint64_t h = t->seed;
	for (size_t i = 0; i < t->key_len; i += 8) {
		uint64_t w;
		memcpy(&w, key + i, sizeof(w));
		h = hash_mix(h, w);
	}
	return h;
}

/* ---- room ---------------------------------------------------------------------- */

static void
rehash(struct hashtab *t, size_t slots)
{
	free(t->slots);
	t->slots = mem_calloc(slots, sizeof(*t->slots));
	t->mask = slots - 1;
	for (uint32_t i = 0; i < t->n; i++) {
		uint64_t h = hash_key(t, hashtab_key(t, i));
		size_t s = h & t->mask;
		while (t->slots[s] != 0)
			s = (s + 1) & t->mask;
		t->slots[s] = (h >> 32 << 32) | (i + 1);
	}
}

/* So that n more fit without moving anything. */
static void
make_room(struct hashtab *t, size_t n)
{
	assert(t->n < UINT32_MAX - HASHTAB_BATCH - 1);
	size_t want = t->n + n, slots = t->mask + 1;
	while (want > slots / 8 * 5)
		slots *= 2;
	if (slots != t->mask + 1)
		rehash(t, slots);
	if (want <= t->cap)
		return;
	size_t cap = t->cap + t->cap / 2;
	if (cap < want)
		cap = want;
	if (cap > UINT32_MAX)
		cap = UINT32_MAX;
	t->entries = mem_realloc(t->entries, cap, t->entry_len);
	t->cap = (uint32_t)cap;
}

/* ---- lookup --------------------------------------------------------------------- */

static inline bool
same_key(const struct hashtab *t, uint32_t i, const uint8_t *key)
{
	const uint8_t *have = hashtab_key(t, i);
	for (size_t k = 0; k < t->key_len; k += 8) {
		uint64_t x, y;
		memcpy(&x, have + k, sizeof(x));
		memcpy(&y, key + k, sizeof(y));
		if (x != y)
			return false;
	}
	return true;
}

static uint32_t
take(struct hashtab *t, const uint8_t *key, uint64_t h)
{
	uint64_t tag = h >> 32 << 32;
	for (size_t s = h & t->mask;; s = (s + 1) & t->mask) {
		uint64_t slot = t->slots[s];
		if (slot == 0) {
			uint8_t *e = hashtab_key(t, t->n);
			memcpy(e, key, t->key_len);
			memset(e + t->key_len, 0, t->entry_len - t->key_len);
			t->slots[s] = tag | ++t->n;
			return t->n - 1;
		}
		uint32_t i = (uint32_t)slot - 1;
		if ((slot ^ tag) >> 32 == 0 && same_key(t, i, key))
			return i;
	}
}

void
hashtab_take(struct hashtab *t, const uint8_t *keys, size_t n, uint32_t *index)
{
	uint64_t h[HASHTAB_BATCH];
	assert(n <= HASHTAB_BATCH);
	make_room(t, n);
	for (size_t i = 0; i < n; i++) {
		h[i] = hash_key(t, keys + i * t->key_len);
		__builtin_prefetch(&t->slots[h[i] & t->mask]);
	}
	for (size_t i = 0; i < n; i++) {
		uint32_t guess = (uint32_t)t->slots[h[i] & t->mask];
		if (guess != 0)
			__builtin_prefetch(hashtab_key(t, guess - 1), 1);
	}
	for (size_t i = 0; i < n; i++)
		index[i] = take(t, keys + i * t->key_len, h[i]);
}
