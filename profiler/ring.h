/*
 * ring: the newest past of every channel in memory: the last hour by single
 * seconds, the last day by ten of them; flows, packets and bytes by class.
 *
 * A flow counts in the second in which the collector received it (its
 * `received` time; without one, when it ended), moved into its slot where it
 * lies outside, and never before a flow in front of it in the same batch.
 * What a channel's seconds of a slot sum up to is, to the unit, what its RRD
 * got for the slot: the slot is settled with the same numbers.
 *
 *   open      the slot in progress: seconds that have something, in groups
 *             of ten, as plain counters.  Forgotten and counted again as
 *             often as the slot is.
 *   settled   seconds with something in them as packed bytes (ring_pack.h),
 *             one piece a slot, for an hour behind the newest
 *   coarse    the same by ten seconds, one piece for 300 s, for a day
 *
 * Memory: a channel's open slot takes at most 36 KB (300 s; ten seconds
 * without flows take none), its coarse piece in progress 3.6 KB, a settled
 * second or ten of them 8 to 25 bytes, an empty one none.  All settled
 * pieces together stay below RING_BYTES: when more channels are busier than
 * that holds, the oldest go first, of all channels alike.
 *
 * Nothing is on disk.  After a start the ring knows the slots that have been
 * worked off since, the one in progress from its first second on.
 */
#ifndef PROFILER_RING_H
#define PROFILER_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flow/counters.h"

#define RING_FINE   INT64_C(3600)  /* seconds behind the newest, by 1 s */
#define RING_COARSE INT64_C(86400) /* by 10 s */
#define RING_STEP   10             /* of the coarse part */
#define RING_BYTES  (UINT64_C(128) << 20)

struct ring;

/* bytes 0: RING_BYTES. */
struct ring *ring_new(uint64_t bytes);
void ring_free(struct ring *r);

/*
 * Follow these channels ("GROUP/PROFILE/CHANNEL", different from each
 * other); others are forgotten, those known already go on.  The calls below
 * name them by index.  The open slot is forgotten.
 */
void ring_bind(struct ring *r, const char *const *names, size_t n,
    int64_t cycle);

/* The index of a channel, or how many there are. */
size_t ring_find(const struct ring *r, const char *name);
size_t ring_count(const struct ring *r);
const char *ring_name(const struct ring *r, size_t i);

/* ---- filling ---------------------------------------------------------------- */

/*
 * The slot in progress is [start, start + cycle); -1: none.  What was
 * counted and is not settled is forgotten.
 */
void ring_begin(struct ring *r, int64_t start);

/* Slots a day before this time will not be asked for; -1: nothing is known. */
void ring_horizon(struct ring *r, int64_t newest);

/* The slot is one that is kept: not a day behind the newest. */
bool ring_wants(const struct ring *r, int64_t start);

/* Times outside of the slot are moved into it. */
void ring_add(struct ring *r, size_t i, int64_t second,
    const struct counters *c);

/*
 * The slot's totals, as they go into the RRD.  Where the seconds differ from
 * them (totals of a foreign file that do not fit its flows), the last one
 * that can takes the difference.  Once settled a slot stays as it is.
 */
void ring_settle(struct ring *r, size_t i, const struct counters *sum);

/* ---- reading ---------------------------------------------------------------- */

struct ring_span {
	int64_t from; /* the first second that is known, -1: nothing is */
	int64_t to;   /* behind the last settled second or the newest flow */
};
struct ring_span ring_known(const struct ring *r, size_t i, int64_t step);

/*
 * Each non-empty cell of `step` (1 or RING_STEP) seconds that begins in
 * [from, to), ascending.  Cells of one second reach back RING_FINE.
 */
typedef void ring_cell(void *ctx, int64_t second, const struct counters *c);
void ring_each(const struct ring *r, size_t i, int64_t from, int64_t to,
    int64_t step, ring_cell *cell, void *ctx);

/* Their sum by single seconds. */
struct counters ring_sum(const struct ring *r, size_t i, int64_t from,
    int64_t to);

/* Bytes that settled pieces take, and those of the rest. */
struct ring_size {
	uint64_t settled, open;
};
struct ring_size ring_size(const struct ring *r);

#endif
