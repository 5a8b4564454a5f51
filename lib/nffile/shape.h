/*
 * shape: what records of one template have in common: their length and the
 * places of their elements.
 *
 * A shape is worked out and checked once; a record belongs to it when its
 * length and all element headers are equal.  The headers are compared all
 * at once, as masked bytes, where the processor has wide registers, else one
 * by one.
 */
#ifndef NFFILE_SHAPE_H
#define NFFILE_SHAPE_H

#include "nffile/internal.h"

#define SHAPE_CHUNK 64  /* records gathered in one go */
#define SHAPES      128 /* one chunk never needs more than SHAPE_CHUNK */
#define SHAPE_ELEMS 48
#define SHAPE_STEP  4 /* headers compared at a time */
#define SHAPE_BYTES 256
#define GUESSES     256

/* Records with both families, and with times of their own. */
#define SHAPE_FAMILIES (FLOW_BIT(FE_IPV4) | FLOW_BIT(FE_IPV6))
#define SHAPE_EVENTS   (FLOW_BIT(FE_NSEL) | FLOW_BIT(FE_NATEVENT))

struct shape {
	uint32_t head;    /* size | number of elements << 16 */
	uint16_t n;       /* headers to compare, whole steps; 0: never equal */
	bool settle;      /* both families, or an event's own time */
	uint16_t unknown; /* elements that nobody knows */
	uint64_t have;
	uint16_t payload[FE_MAX];   /* offset in the record, 0: absent */
	uint16_t at[SHAPE_ELEMS];   /* of element headers */
	uint32_t word[SHAPE_ELEMS]; /* id | length << 16 */
	/* In whole cache lines: each record is compared with them. */
	_Alignas(64) uint8_t mask[SHAPE_BYTES]; /* ff: part of a header */
	uint8_t want[SHAPE_BYTES];
};

/*
 * Templates alternate without a pattern, so the record before is a bad guess
 * at a record's shape; its length and number of elements are a good one.
 */
struct shapes {
	uint32_t n;
	size_t bytes;           /* compared masked, a multiple of 64 */
	uint8_t guess[GUESSES]; /* by a hash of .head */
	struct shape s[SHAPES];
};

void shapes_init(struct shapes *t);

/* Flow records from one place of a block on, and which shape each has. */
struct gathered {
	size_t n;
	size_t damaged; /* flow records left out: length nonsense */
	const uint8_t **rec;
	uint8_t shape[SHAPE_CHUNK];
	uint64_t seen[SHAPES / 64]; /* shapes that occur */
};

#define SHAPE_ZEROS 64 /* what a row without an element points to */

/* The loops over records, in one form for each kind of processor. */
struct shape_ways {
	const char *name;
	/*
	 * At most SHAPE_CHUNK records; none: the block is done.  Damaged ones
	 * and those that are no flows are left out.  g->rec is the caller's.
	 */
	void (*gather)(struct shapes *t, const struct nffile_block *blk,
	    size_t *pos, struct gathered *g);
	/*
	 * Where each record has the element; those without get SHAPE_ZEROS
	 * zeros.  Returns the bits of those with it.  base has room for
	 * SHAPE_CHUNK.
	 */
	uint64_t (*place)(const struct shapes *t, const struct gathered *g,
	    enum flow_elem e, const uint8_t **base);
};

/* The n-th way this processor knows, best first; NULL past the end. */
const struct shape_ways *shape_ways_nth(size_t n);

#endif
