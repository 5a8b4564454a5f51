/*
 * ring_pack: counters of consecutive seconds as few bytes: per non-empty
 * cell the distance to the one before, a byte of what is there, then numbers
 * of 7 bits a byte.
 *
 *   cell   := distance classes { flows packets bytes }
 *   classes  bit 0..3: TCP, UDP, ICMP, other; bit 4: what the totals have
 *            beyond the sum of the classes (signed: 2n, or -2n - 1)
 *
 * The first distance counts from one cell before the piece's start, so none
 * is 0.
 */
#ifndef PROFILER_RING_PACK_H
#define PROFILER_RING_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "flow/counters.h"

bool counters_empty(const struct counters *c);
void counters_subtract(struct counters *c, const struct counters *less);

/* Cell number `at` behind cell `before` (-1: the first). */
void ring_pack(struct buf *b, int64_t before, int64_t at,
    const struct counters *c);

/*
 * The next cell: *at (-1 at first) and *c; false at the end, or where bytes
 * make no sense.
 */
bool ring_unpack(const uint8_t **p, const uint8_t *end, int64_t *at,
    struct counters *c);

#endif
