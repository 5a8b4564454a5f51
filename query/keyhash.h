/*
 * keyhash: hashes of many keys at once.
 *
 * A key is some 64-bit words; each word's halves are added to secret ones
 * and multiplied, the products added up (NH, of UMAC, RFC 4418): who does
 * not know the secret cannot choose keys that collide.  The sum is mixed so
 * that all bits of the result can be used.
 */
#ifndef QUERY_KEYHASH_H
#define QUERY_KEYHASH_H

#include <stddef.h>
#include <stdint.h>

#define KEYHASH_WORDS 72 /* the longest key */

struct keyhash {
	uint64_t secret[KEYHASH_WORDS]; /* two halves each */
};

void keyhash_init(struct keyhash *k, uint64_t seed);

/* n keys of `words` words, one every `step` bytes. */
typedef void keyhash_fn(const struct keyhash *k, const uint8_t *keys,
    size_t step, size_t words, size_t n, uint64_t *out);

/* The definition, in portable C. */
keyhash_fn keyhash_portable;

/* The same, as this processor does it best. */
keyhash_fn keyhash;

#endif
