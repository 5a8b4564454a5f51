#include "profiler/ring_pack.h"

#include <string.h>

#define BEYOND CLASS_ALL /* of the totals: bit 4, behind the classes */

static const enum counter_class order[CLASS_MAX] = { CLASS_TCP, CLASS_UDP,
	CLASS_ICMP, CLASS_OTHER, BEYOND };

bool
counters_empty(const struct counters *c)
{
	static const struct counters none;
	return memcmp(c, &none, sizeof(none)) == 0;
}

void
counters_subtract(struct counters *c, const struct counters *less)
{
	for (int i = 0; i < CLASS_MAX; i++) {
		c->flows[i] -= less->flows[i];
		c->packets[i] -= less->packets[i];
		c->bytes[i] -= less->bytes[i];
	}
}

/* The totals take the classes in (sign 1) or leave them out (-1). */
static void
fold(struct counters *c, bool in)
{
	for (int i = CLASS_TCP; i < CLASS_MAX; i++) {
		uint64_t sign = in ? 1 : UINT64_MAX;
		c->flows[CLASS_ALL] += sign * c->flows[i];
		c->packets[CLASS_ALL] += sign * c->packets[i];
		c->bytes[CLASS_ALL] += sign * c->bytes[i];
	}
}

/* ---- numbers ------------------------------------------------------------------ */

static void
put_number(struct buf *b, uint64_t n)
{
	for (; n > 0x7f; n >>= 7)
		buf_addc(b, (char)(n & 0x7f) | (char)0x80);
	buf_addc(b, (char)n);
}

static bool
get_number(const uint8_t **p, const uint8_t *end, uint64_t *n)
{
	unsigned shift = 0;
	*n = 0;
	while (*p < end && shift < 64) {
		uint8_t byte = *(*p)++;
		*n |= (uint64_t)(byte & 0x7f) << shift;
		if ((byte & 0x80) == 0)
			return true;
		shift += 7;
	}
	return false;
}

/* Small whatever the sign. */
static uint64_t
to_zigzag(uint64_t n)
{
	return n << 1 ^ ((n >> 63) != 0 ? UINT64_MAX : 0);
}

static uint64_t
from_zigzag(uint64_t n)
{
	return n >> 1 ^ ((n & 1) != 0 ? UINT64_MAX : 0);
}

/* ---- cells --------------------------------------------------------------------- */

static bool
is_there(const struct counters *c, enum counter_class i)
{
	return c->flows[i] != 0 || c->packets[i] != 0 || c->bytes[i] != 0;
}

void
ring_pack(struct buf *b, int64_t before, int64_t at, const struct counters *c)
{
	struct counters parts = *c;
	unsigned classes = 0;
	fold(&parts, false);
	for (unsigned i = 0; i < CLASS_MAX; i++)
		classes |= is_there(&parts, order[i]) ? 1U << i : 0;
	put_number(b, (uint64_t)(at - before));
	buf_addc(b, (char)classes);
	for (unsigned i = 0; i < CLASS_MAX; i++) {
		enum counter_class k = order[i];
		bool beyond = k == BEYOND;
		if ((classes >> i & 1) == 0)
			continue;
		put_number(b,
		    beyond ? to_zigzag(parts.flows[k]) : parts.flows[k]);
		put_number(b,
		    beyond ? to_zigzag(parts.packets[k]) : parts.packets[k]);
		put_number(b,
		    beyond ? to_zigzag(parts.bytes[k]) : parts.bytes[k]);
	}
}

static bool
get_class(const uint8_t **p, const uint8_t *end, enum counter_class k,
    struct counters *c)
{
	if (!get_number(p, end, &c->flows[k]) ||
	    !get_number(p, end, &c->packets[k]) ||
	    !get_number(p, end, &c->bytes[k]))
		return false;
	if (k == BEYOND) {
		c->flows[k] = from_zigzag(c->flows[k]);
		c->packets[k] = from_zigzag(c->packets[k]);
		c->bytes[k] = from_zigzag(c->bytes[k]);
	}
	return true;
}

bool
ring_unpack(const uint8_t **p, const uint8_t *end, int64_t *at,
    struct counters *c)
{
	uint64_t distance;
	*c = (struct counters){ 0 };
	if (!get_number(p, end, &distance) || distance == 0 ||
	    distance > INT32_MAX || *p == end)
		return false;
	unsigned classes = *(*p)++;
	for (unsigned i = 0; i < CLASS_MAX; i++)
		if ((classes >> i & 1) != 0 && !get_class(p, end, order[i], c))
			return false;
	*at += (int64_t)distance;
	fold(c, true);
	return true;
}
