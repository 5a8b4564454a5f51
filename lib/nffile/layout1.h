/*
 * layout1: records of nfdump 1.6 turned into records of 1.7, a block at a
 * time, so that nothing downstream knows of them.
 *
 * What a flow record has behind its fixed part is told by an extension map,
 * a record that came earlier in the file and may be replaced later: blocks
 * must be given in file order, all of them.
 *
 * Only maps that are valid count: a list ended by 0, ids of the table, none
 * twice, sizes that add up.  So one file's maps never take more than 65536
 * entries of this file's struct map.
 */
#ifndef NFFILE_LAYOUT1_H
#define NFFILE_LAYOUT1_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flow/flow.h"

#define MAP_ID_MIN 4
#define MAP_ID_MAX 49
#define MAP_IDS    (MAP_ID_MAX - MAP_ID_MIN + 1)

struct map {
	uint16_t size; /* of all its extensions */
	uint8_t n;
	bool valid;
	uint8_t id[MAP_IDS];
};

struct layout1 {
	struct map *maps; /* by map id */
	size_t n_maps;
	uint8_t *out; /* converted records */
	size_t cap;
	uint8_t flags; /* for every flow, FLOW_ANON */
	/* counted over all blocks */
	uint64_t bad;  /* records and maps too short or senseless */
	uint64_t bare; /* flows without some of their extensions */
};

/* Take an extension map of `size` bytes (checked to be there). */
bool map_parse(const uint8_t *rec, struct map *m);

/* Bytes of extension `id` (up to MAP_ID_MAX). */
size_t map_extension_size(unsigned id);

/* Only learn the maps of a block whose record lengths are checked. */
void layout1_learn(struct layout1 *l, const uint8_t *data, size_t len);

/*
 * Convert such a block into l->out, valid until the next call.  Flow records
 * become REC_FLOW, maps vanish, all others stay.  Returns its length and the
 * number of records.
 */
size_t layout1_convert(struct layout1 *l, const uint8_t *data, size_t len,
    uint32_t *records);

/* Expand one flow record of layout 1; false: it is too short. */
bool layout1_flow(struct layout1 *l, const uint8_t *rec, struct flow *f);

void layout1_free(struct layout1 *l);

#endif
