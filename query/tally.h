/*
 * tally: a group's counters as its table keeps them, small, so that with a
 * short key an entry is one line of the cache.  What flows count in the
 * other direction stands behind the entry, only where there is any.
 */
#ifndef QUERY_TALLY_H
#define QUERY_TALLY_H

#include <stddef.h>
#include <stdint.h>

#include "flow/batch.h"
#include "query/order.h"

struct tally {
	uint64_t flows;
	uint64_t packets, bytes; /* in */
	uint64_t place;          /* see struct sums; 0: of none */
	uint64_t first;          /* ms << 16 | tos << 8 | tcp_flags */
	uint64_t last;           /* ms */
};

struct tally_out {
	uint64_t packets, bytes;
};

#define TALLY_SHIFT 16
#define TALLY_TOS   UINT64_C(0xff00)
#define TALLY_FLAGS UINT64_C(0xff)
/* The year 10889: times behind it are no flows' and count as this. */
#define TALLY_MS ((UINT64_C(1) << 48) - 1)

static inline uint64_t
tally_ms(uint64_t ms)
{
	return ms < TALLY_MS ? ms : TALLY_MS;
}

/* One row's. */
static inline struct tally
tally_of(const struct batch *b, size_t row, uint64_t place)
{
	return (struct tally){ .flows = b->flows[row],
		.packets = b->packets[row],
		.bytes = b->bytes[row],
		.place = place,
		.first = tally_ms(b->first[row]) << TALLY_SHIFT |
			 (uint64_t)b->tos[row] << 8 | b->tcp_flags[row],
		.last = tally_ms(b->last[row]) };
}

static inline void
tally_merge(struct tally *s, const struct tally *more)
{
	uint64_t a = s->first, b = more->first;
	if (s->place == 0) {
		*s = *more;
		return;
	}
	uint64_t ms = (a < b ? a : b) & ~(TALLY_TOS | TALLY_FLAGS);
	uint64_t tos = (more->place < s->place ? b : a) & TALLY_TOS;
	s->first = ms | tos | ((a | b) & TALLY_FLAGS);
	s->last = more->last > s->last ? more->last : s->last;
	s->place = more->place < s->place ? more->place : s->place;
	s->flows += more->flows;
	s->packets += more->packets;
	s->bytes += more->bytes;
}

/* out may be NULL: there is none. */
static inline struct sums
tally_sums(const struct tally *t, const struct tally_out *out)
{
	return (struct sums){ .flows = t->flows,
		.packets = t->packets,
		.bytes = t->bytes,
		.out_packets = out != NULL ? out->packets : 0,
		.out_bytes = out != NULL ? out->bytes : 0,
		.first = t->first >> TALLY_SHIFT,
		.last = t->last,
		.place = t->place,
		.tcp_flags = (uint8_t)(t->first & TALLY_FLAGS),
		.tos = (uint8_t)((t->first & TALLY_TOS) >> 8) };
}

#endif
