#include "query/hashtab.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define FIRST_SLOTS 256
#define LINE        64
#define AHEAD       32              /* keys between fetching and use */
#define INDEX       HASHTAB_ENTRIES /* bits of a slot */

void
hashtab_init(struct hashtab *t, const struct keyhash *hash, struct pool *pool,
    size_t key_len, size_t entry_len)
{
	assert(key_len % 8 == 0 && entry_len % 8 == 0);
	*t = (struct hashtab){ .hash = hash,
		.pool = pool,
		.key_len = key_len,
		.entry_len = entry_len };
}

static void
free_slots(struct hashtab *t)
{
	if (t->slots != NULL)
		budget_sub(t->pool->budget, (t->mask + 1) * sizeof(*t->slots));
	free(t->slots);
	t->slots = NULL;
	t->mask = 0;
}

void
hashtab_clear(struct hashtab *t, bool keep)
{
	t->n = 0;
	if (keep && t->slots != NULL) {
		memset(t->slots, 0, (t->mask + 1) * sizeof(*t->slots));
		return;
	}
	free_slots(t);
	while (t->pieces > 0)
		pool_put(t->pool, t->piece[--t->pieces]);
}

void
hashtab_free(struct hashtab *t)
{
	if (t->pool != NULL)
		hashtab_clear(t, false);
	free(t->piece);
	*t = (struct hashtab){ 0 };
}

/* ---- room ---------------------------------------------------------------------- */

/* What of the hash is kept beside the index. */
static inline uint32_t
tag_of(uint64_t h)
{
	return (uint32_t)(h >> 48 & 0xff) << 24;
}

static void
put_back(struct hashtab *t, uint32_t first, size_t n)
{
	uint64_t h[HASHTAB_PIECE];
	keyhash(t->hash, hashtab_entry(t, first), t->entry_len, t->key_len / 8,
	    n, h);
	for (size_t i = 0; i < n; i++) {
		size_t s = h[i] & t->mask;
		while (t->slots[s] != 0)
			s = (s + 1) & t->mask;
		t->slots[s] = tag_of(h[i]) | (first + (uint32_t)i + 1);
	}
}

static void
rehash(struct hashtab *t, size_t slots)
{
	free_slots(t);
	t->slots = pool_zeros(slots * sizeof(*t->slots));
	budget_add(t->pool->budget, slots * sizeof(*t->slots));
	t->mask = slots - 1;
	for (uint32_t i = 0; i < t->n; i += HASHTAB_PIECE)
		put_back(t, i,
		    t->n - i < HASHTAB_PIECE ? t->n - i : HASHTAB_PIECE);
}

/* Slots so that n more leave some free. */
static void
make_room(struct hashtab *t, size_t n)
{
	size_t want = t->n + n;
	size_t slots = t->slots != NULL ? t->mask + 1 : FIRST_SLOTS;
	assert(want <= HASHTAB_ENTRIES);
	while (want > slots / 8 * 6)
		slots *= 2;
	if (t->slots == NULL || slots != t->mask + 1)
		rehash(t, slots);
}

static void
add_piece(struct hashtab *t)
{
	if (t->pieces == t->room) {
		t->room = t->room != 0 ? t->room * 2 : 16;
		t->piece = mem_realloc(t->piece, t->room, sizeof(*t->piece));
	}
	t->piece[t->pieces++] = pool_get(t->pool);
}

void
hashtab_widen(struct hashtab *t, struct pool *pool, size_t len)
{
	struct hashtab old = *t;
	assert(len % 8 == 0 && len >= t->entry_len);
	t->pool = pool;
	t->entry_len = len;
	for (size_t k = 0; k < t->pieces; k++) {
		uint8_t *to = pool_get(pool);
		const uint8_t *from = old.piece[k];
		for (size_t i = 0; i < HASHTAB_PIECE; i++) {
			memcpy(to + i * len, from + i * old.entry_len,
			    old.entry_len);
			memset(to + i * len + old.entry_len, 0,
			    len - old.entry_len);
		}
		pool_put(old.pool, old.piece[k]);
		t->piece[k] = to;
	}
}

/* ---- lookup --------------------------------------------------------------------- */

static inline bool
same_key(const uint8_t *a, const uint8_t *b, size_t len)
{
	uint64_t x, y, differ = 0;
	for (size_t k = 0; k < len; k += 8) {
		memcpy(&x, a + k, sizeof(x));
		memcpy(&y, b + k, sizeof(y));
		differ |= x ^ y;
	}
	return differ == 0;
}

static uint32_t
add(struct hashtab *t, const uint8_t *key)
{
	if (t->n == t->pieces * HASHTAB_PIECE)
		add_piece(t);
	uint8_t *e = hashtab_entry(t, t->n);
	memcpy(e, key, t->key_len);
	memset(e + t->key_len, 0, t->entry_len - t->key_len);
	return t->n++;
}

/* Short keys are compared without a loop. */
static inline uint32_t
take(struct hashtab *t, const uint8_t *key, size_t key_len, uint64_t h)
{
	uint32_t tag = tag_of(h);
	for (size_t s = h & t->mask;; s = (s + 1) & t->mask) {
		uint32_t slot = t->slots[s];
		if (slot == 0) {
			uint32_t i = add(t, key);
			t->slots[s] = tag | (i + 1);
			return i;
		}
		uint32_t i = (slot & INDEX) - 1;
		if (((slot ^ tag) & ~INDEX) == 0 &&
		    same_key(hashtab_entry(t, i), key, key_len))
			return i;
	}
}

/* The slots tell, but for one in 256 keys, what will be touched. */
static inline void
prefetch_entry(const struct hashtab *t, uint64_t h)
{
	uint32_t slot, tag = tag_of(h);
	for (size_t s = h & t->mask;; s = (s + 1) & t->mask) {
		slot = t->slots[s];
		if (slot == 0)
			return;
		if (((slot ^ tag) & ~INDEX) == 0)
			break;
	}
	const uint8_t *e = hashtab_entry(t, (slot & INDEX) - 1);
	__builtin_prefetch(e, 1);
	if (t->entry_len > LINE)
		__builtin_prefetch(e + t->entry_len - 1, 1);
}

/* Three places at once: slots are fetched, then entries, then all is there. */
static inline void
take_all(struct hashtab *t, const uint8_t *keys, size_t step, size_t key_len,
    const uint64_t *h, size_t n, uint32_t *index)
{
	for (size_t i = 0; i < n + 2 * AHEAD; i++) {
		if (i < n)
			__builtin_prefetch(&t->slots[h[i] & t->mask]);
		if (i >= AHEAD && i - AHEAD < n)
			prefetch_entry(t, h[i - AHEAD]);
		if (i >= 2 * AHEAD) {
			size_t k = i - 2 * AHEAD;
			index[k] = take(t, keys + k * step, key_len, h[k]);
		}
	}
}

void
hashtab_take(struct hashtab *t, const uint8_t *keys, size_t step,
    const uint64_t *h, size_t n, uint32_t *index)
{
	make_room(t, n);
	if (t->key_len == 8)
		take_all(t, keys, step, 8, h, n, index);
	else if (t->key_len == 16)
		take_all(t, keys, step, 16, h, n, index);
	else
		take_all(t, keys, step, t->key_len, h, n, index);
}
