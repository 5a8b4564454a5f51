/*
 * hash: 64-bit hashing of fixed keys.  Tables that an outsider can fill use
 * a seed from hash_seed(), so that keys cannot be chosen to collide.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* A random seed, the same for the life of the process. */
uint64_t hash_seed(void);

/* Any bytes. */
uint64_t hash_bytes(const void *p, size_t n, uint64_t seed);

/* One or two words: a multiply and a fold, for hot tables. */
static inline uint64_t
hash_mix(uint64_t a, uint64_t b)
{
	__extension__ typedef unsigned __int128 u128;
	u128 m = (u128)(a ^ UINT64_C(0x9e3779b97f4a7c15)) *
		 (b ^ UINT64_C(0xd6e8feb86659fd93));
	return (uint64_t)m ^ (uint64_t)(m >> 64);
}

#endif
