/*
 * groups: flows with equal keys added up, in bounded memory.
 *
 *	each thread   a table of its own; when it is full its entries go to
 *	partitions    by hash, shared, one lock each; beyond the budget to a
 *	file          per partition lists of rows, added up again when asked
 *
 * A thread whose keys rarely come twice passes its rows straight on.  Keys
 * without IPv6 addresses are kept apart from others, as they are small.
 *
 * Results depend on the flows and their order in files only: what comes
 * first of equals is what was seen first.
 */
#ifndef QUERY_GROUPS_H
#define QUERY_GROUPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "query/elem.h"
#include "query/order.h"
#include "query/pool.h"
#include "query/scan.h"

struct groups;

/* Are flows there and back one group? */
enum ways {
	ONE_WAY,
	/*
	 * Of TCP and UDP they are; key[1] is key[0] with the ends exchanged.
	 * `in` is what flowed as the first flow did, `out` the other way.
	 */
	TWO_WAYS,
	/* The same, but the source is the end with the higher kind of port. */
	TO_SERVER
};

/* Ports as a server's answer has them: a kind below the other's. */
static inline bool
ports_of_answer(uint64_t src, uint64_t dst)
{
	return (src < 1024 && dst >= 1024) || (src < 32768 && dst >= 32768) ||
	       (src < 49152 && dst >= 49152);
}

/* Flows of these are there and back. */
static inline bool
proto_has_two_ways(uint64_t proto)
{
	return proto == 6 || proto == 17;
}

struct groups_conf {
	/* Fields, not yet laid out; two: each flow counts for both sides. */
	struct key key[2];
	size_t n_keys;
	enum ways ways;
	bool whole;            /* keep each group's first record */
	struct budget *budget; /* shared by all groups of the query */
	unsigned sharers;      /* how many do */
	unsigned threads;      /* at most, 0: one per processor */
};

struct groups *groups_new(const struct groups_conf *c);
void groups_free(struct groups *g);

/* For a struct scan_sink with ctx g. */
void *groups_part(void *g);
void groups_take(void *part, const struct picked *k);
void groups_end(void *g, void *part);

/* After the scan, before anything is asked. */
void groups_finish(struct groups *g);

struct group {
	const struct key *key;
	bool turned; /* two ways: the key's source is the group's destination */
	const uint8_t *bytes; /* of the key */
	const struct sums *sums;
	const uint8_t *record; /* the first flow's, NULL: not kept */
};

/* A group in its turn; borrowed. */
typedef void group_fn(void *ctx, const struct group *g);

/*
 * The top groups (0: all) by this order, -1: by first sight.  Equal ones by
 * first sight, then by key.  only: of those within these bounds; NULL: all.
 */
void groups_each(struct groups *g, int order, size_t top,
    const struct bounds *only, group_fn *fn, void *ctx);

#endif
