/*
 * kept_internal: what kept.c, which takes flows from a scan, and
 * kept_spill.c, which has more of them than fit into memory, have in common.
 */
#ifndef QUERY_KEPT_INTERNAL_H
#define QUERY_KEPT_INTERNAL_H

#include "query/kept.h"

/* Records, each behind the label that the filter gave it, if it gives any. */
struct kept_chunk {
	struct kept_chunk *next;
	size_t used, room;
	uint8_t data[];
};

/* What a record takes, aligned for a pointer. */
size_t kept_room(const struct kept *k, const uint8_t *rec);
void kept_add_chunk(struct kept_chunk **list, size_t room);
void kept_free_chunks(struct kept_chunk *c);

/* Into a chunk that has the room. */
const uint8_t *kept_copy(const struct kept *k, struct kept_chunk *c,
    const uint8_t *rec, const char *label);
const char *kept_label(const struct kept *k, const uint8_t *rec);

/* ---- kept_spill.c --------------------------------------------------------- */

/* Sort what is there and put it on disk as one run; nothing is left here. */
void kept_spill(struct kept *k);

/* The first of all runs, then the next: into ref.  False: there is none. */
bool kept_merge(struct kept *k);

void kept_spill_free(struct kept *k);

#endif
