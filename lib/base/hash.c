#include "base/hash.h"

#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

uint64_t
hash_seed(void)
{
	static uint64_t seed;
	if (seed == 0 &&
	    getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != sizeof(seed))
		seed = hash_mix((uint64_t)time(NULL), (uint64_t)getpid());
	seed |= 1;
	return seed;
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
	memcpy(&v, b, n);
	return hash_mix(hash_mix(h, v), seed);
}
