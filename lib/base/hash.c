#include "base/hash.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

uint64_t
hash_seed(void)
{
	static _Atomic uint64_t the_seed; /* 0: not chosen yet */
	uint64_t seed = atomic_load(&the_seed);
	if (seed != 0)
		return seed;
	uint64_t mine;
	if (getrandom(&mine, sizeof(mine), GRND_NONBLOCK) != sizeof(mine))
		mine = hash_mix((uint64_t)time(NULL), (uint64_t)getpid());
	mine |= 1;
	/* When another thread was first, its choice is in `seed` now. */
	return atomic_compare_exchange_strong(&the_seed, &seed, mine) ? mine
								      : seed;
}

uint64_t
hash_bytes(const void *p, size_t n, uint64_t seed)
{
	const unsigned char *b = p;
	uint64_t h = seed ^ (n * UINT64_C(0xa0761d6478bd642f));
	for (; n >= 8; b += 8, n -= 8) {
		uint64_t v;
		memcpy(&v, b, 8);
		h = hash_mix(h, v);
	}
	uint64_t v = 0;
	if (n != 0)
		memcpy(&v, b, n);
	return hash_mix(hash_mix(h, v), seed);
}
