#include "anon/cryptopan.h"

#include <nettle/aes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/be.h"
#include "base/mem.h"

#define V4_BITS   14 /* of an index into v4 */
#define HIGH_BITS 14
#define V6_BITS   15
#define SPREAD    UINT64_C(0x9e3779b97f4a7c15)

/* What an address is or'ed with; a slot that is not used has address 0. */
struct known4 {
	uint32_t addr;
	uint32_t bits;
};

struct known_high {
	uint64_t high;
	uint64_t bits;
};

struct known6 {
	struct flow_ip6 addr;
	uint64_t bits; /* of the lower half */
};

struct cryptopan {
	struct aes128_ctx aes;
	struct flow_ip6 pad;
	bool has_top4[65536]; /* by the upper 16 bits of an IPv4 address */
	uint16_t top4[65536];
	struct known4 v4[1 << V4_BITS];
	struct known_high high[1 << HIGH_BITS];
	struct known6 v6[1 << V6_BITS];
};

/* ---- the key ------------------------------------------------------------------- */

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 32);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The text is a secret: no message shows it. */
int
cryptopan_key(const char *text, uint8_t key[CRYPTOPAN_KEY], struct err *err)
{
	size_t n = strlen(text);
	if (n == CRYPTOPAN_KEY) {
		memcpy(key, text, CRYPTOPAN_KEY);
		return 0;
	}
	if (n != 2 + 2 * CRYPTOPAN_KEY || text[0] != '0' ||
	    (text[1] | 32) != 'x')
		return err_set(err,
		    "a key of %zu characters: it has 32, or 0x and 64 "
		    "hexadecimal digits",
		    n);
	for (size_t i = 0; i < CRYPTOPAN_KEY; i++) {
		int a = hex_digit(text[2 + 2 * i]);
		int b = hex_digit(text[3 + 2 * i]);
		if (a == -1 || b == -1)
			return err_set(err,
			    "character %zu of the key is no hexadecimal digit",
			    2 + 2 * i + (a == -1 ? 1 : 2));
		key[i] = (uint8_t)(a << 4 | b);
	}
	return 0;
}

/* ---- Crypto-PAn ---------------------------------------------------------------- */

/* The first n (0..64) bits of a, the others of b. */
static uint64_t
blend(uint64_t a, uint64_t b, unsigned n)
{
	uint64_t mask = n == 0 ? 0 : UINT64_MAX << (64 - n);
	return (a & mask) | (b & ~mask);
}

/* n (<= 64) bits of what is or'ed, from bit `from` of the address on. */
static uint64_t
work_out(const struct cryptopan *c, struct flow_ip6 a, unsigned from,
    unsigned n)
{
	uint8_t block[64 * AES_BLOCK_SIZE];
	uint64_t bits = 0;
	for (unsigned i = 0; i < n; i++) {
		unsigned k = from + i;
		uint8_t *p = block + i * AES_BLOCK_SIZE;
		be64_put(p, blend(a.hi, c->pad.hi, k < 64 ? k : 64));
		be64_put(p + 8, blend(a.lo, c->pad.lo, k < 64 ? 0 : k - 64));
	}
	aes128_encrypt(&c->aes, n * AES_BLOCK_SIZE, block, block);
	for (unsigned i = 0; i < n; i++)
		bits = bits << 1 | block[i * AES_BLOCK_SIZE] >> 7;
	return bits;
}

static size_t
slot_of(uint64_t v, unsigned bits)
{
	return (size_t)(v * SPREAD >> (64 - bits));
}

static size_t
slot_of6(struct flow_ip6 a)
{
	return slot_of(a.hi * SPREAD ^ a.lo, V6_BITS);
}

static uint32_t
bits4(struct cryptopan *c, uint32_t a)
{
	uint32_t top = a >> 16;
	struct flow_ip6 wide = { (uint64_t)a << 32, 0 };
	if (!c->has_top4[top]) {
		c->top4[top] = (uint16_t)work_out(c, wide, 0, 16);
		c->has_top4[top] = true;
	}
	return (uint32_t)c->top4[top] << 16 |
	       (uint32_t)work_out(c, wide, 16, 16);
}

uint32_t
cryptopan_v4(struct cryptopan *c, uint32_t a)
{
	struct known4 *k = &c->v4[slot_of(a, V4_BITS)];
	if (k->addr != a)
		*k = (struct known4){ a, bits4(c, a) };
	return a ^ k->bits;
}

static uint64_t
bits_high(struct cryptopan *c, uint64_t high)
{
	struct known_high *k = &c->high[slot_of(high, HIGH_BITS)];
	if (k->high != high) {
		struct flow_ip6 a = { high, 0 };
		*k = (struct known_high){ high, work_out(c, a, 0, 64) };
	}
	return k->bits;
}

struct flow_ip6
cryptopan_v6(struct cryptopan *c, struct flow_ip6 a)
{
	struct known6 *k = &c->v6[slot_of6(a)];
	if (k->addr.hi != a.hi || k->addr.lo != a.lo)
		*k = (struct known6){ a, work_out(c, a, 64, 64) };
	return (struct flow_ip6){ a.hi ^ bits_high(c, a.hi), a.lo ^ k->bits };
}

uint64_t
cryptopan_mac(struct cryptopan *c, uint64_t mac)
{
	uint64_t high = mac << 16;
	return (high ^ bits_high(c, high)) >> 16;
}

/* ---- life ---------------------------------------------------------------------- */

struct cryptopan *
cryptopan_new(const uint8_t key[CRYPTOPAN_KEY])
{
	struct cryptopan *c = mem_calloc(1, sizeof(*c));
	const struct flow_ip6 zero = { 0, 0 };
	uint8_t pad[AES_BLOCK_SIZE];
	aes128_set_encrypt_key(&c->aes, key);
	aes128_encrypt(&c->aes, sizeof(pad), pad, key + AES_BLOCK_SIZE);
	c->pad = (struct flow_ip6){ be64(pad), be64(pad + 8) };
	/* Address 0 looks known in the one slot that it would have. */
	c->v4[slot_of(0, V4_BITS)].bits = bits4(c, 0);
	c->high[slot_of(0, HIGH_BITS)].bits = work_out(c, zero, 0, 64);
	c->v6[slot_of6(zero)].bits = work_out(c, zero, 64, 64);
	return c;
}

void
cryptopan_free(struct cryptopan *c)
{
	if (c == NULL)
		return;
	explicit_bzero(c, sizeof(*c)); /* the key is a secret */
	free(c);
}
