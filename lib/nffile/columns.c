/*
 * columns: records of a block -> columns of a batch.
 *
 * Work goes in chunks of 64 rows, a word of every bitmap and few enough
 * bytes to stay in the first level cache while each column takes its turn.
 *
 * Where an element has the same place in all records of a chunk (most of
 * them are of one or two shapes, and the first elements are the same in
 * all), its columns are copied by one fixed offset.  Else each row's place is
 * looked up once for the columns of the element.
 */
#include "nffile/internal.h"
#include "nffile/shape.h"

#define CHUNK SHAPE_CHUNK

_Static_assert(CHUNK == 64 && BATCH_ROWS % CHUNK == 0, "whole chunks");

/* Tables that are written before they are read need no clearing. */
#if defined(__has_attribute)
#if __has_attribute(uninitialized)
#define UNCLEARED __attribute__((uninitialized))
#endif
#endif
#ifndef UNCLEARED
#define UNCLEARED
#endif

/* One chunk at work. */
struct chunk {
	size_t row; /* in the batch */
	size_t n;   /* rows of it in use */
	const struct shapes *shapes;
	const struct shape_ways *ways;
	struct gathered g;
	uint8_t kinds[CHUNK]; /* shapes that occur */
	size_t n_kinds;
	bool settle;
	size_t whole; /* CHUNK, which the compiler need not know: see CLEAR */

	/* the element at hand: row i has it at from[i] + at */
	const uint8_t *const *from;
	size_t at;
	const uint8_t *base[CHUNK];
};

/* What a row without the element copies from. */
static const uint8_t zeros[SHAPE_ZEROS];

/* ---- where elements are --------------------------------------------------------- */

/* How many rows of the chunk are of this shape. */
static uint64_t
rows_of(const struct chunk *c, size_t id)
{
	uint64_t n = 0;
	for (size_t i = 0; i < c->n; i++)
		n += c->g.shape[i] == id;
	return n;
}

static bool
gather(struct chunk *c, struct shapes *t, const struct nffile_block *blk,
    size_t *pos, struct batch *b)
{
	c->g.rec = b->rec + c->row;
	c->ways->gather(t, blk, pos, &c->g);
	c->n = c->g.n;
	c->n_kinds = 0;
	c->settle = false;
	b->damaged += c->g.damaged;
	for (size_t w = 0; w < SHAPES / 64; w++) {
		for (uint64_t m = c->g.seen[w]; m != 0; m &= m - 1) {
			size_t id = w * 64 + (size_t)__builtin_ctzll(m);
			c->kinds[c->n_kinds++] = (uint8_t)id;
			c->settle |= t->s[id].settle;
			if (t->s[id].unknown != 0)
				b->unknown_elems +=
				    t->s[id].unknown * rows_of(c, id);
		}
	}
	return c->n != 0;
}

static uint64_t
locate_mixed(struct chunk *c, enum flow_elem e)
{
	c->from = c->base;
	c->at = 0;
	return c->ways->place(c->shapes, &c->g, e, c->base);
}

/* Rows that have the element; 0: none, and nothing to copy from. */
static uint64_t
locate(struct chunk *c, enum flow_elem e)
{
	size_t off = c->shapes->s[c->kinds[0]].payload[e];
	for (size_t i = 1; i < c->n_kinds; i++)
		if (c->shapes->s[c->kinds[i]].payload[e] != off)
			return locate_mixed(c, e);
	c->from = c->g.rec;
	c->at = off;
	if (off == 0)
		return 0;
	return c->n < 64 ? (UINT64_C(1) << c->n) - 1 : ~UINT64_C(0);
}

/* ---- copying columns ------------------------------------------------------------ */

/* Field `at` of the element of all rows; none past the last one. */
#define FILL(bits, load)                                                       \
	static void fill##bits(const struct chunk *c, uint##bits##_t *to,      \
	    size_t at)                                                         \
	{                                                                      \
		const uint8_t *const *from = c->from;                          \
		size_t i = 0;                                                  \
		at += c->at;                                                   \
		to += c->row;                                                  \
		for (; i + 4 <= c->n; i += 4) {                                \
			to[i] = load(from[i] + at);                            \
			to[i + 1] = load(from[i + 1] + at);                    \
			to[i + 2] = load(from[i + 2] + at);                    \
			to[i + 3] = load(from[i + 3] + at);                    \
		}                                                              \
		for (; i < c->n; i++)                                          \
			to[i] = load(from[i] + at);                            \
		for (; i < CHUNK; i++)                                         \
			to[i] = 0;                                             \
	}

static inline uint8_t
get8(const uint8_t *p)
{
	return *p;
}

FILL(8, get8)
FILL(16, get16)
FILL(32, get32)
FILL(64, get64)

#define WANT(col) ((b->want & COL_BIT(col)) != 0)

/*
 * No row has it: no need to look at any.  For a length known beforehand the
 * compiler takes an instruction that is slow to start.
 */
#define CLEAR(c, column)                                                       \
	memset((column) + (c)->row, 0, (c)->whole * sizeof(*(column)))

static void
from_zeros(struct chunk *c)
{
	for (size_t i = 0; i < CHUNK; i++)
		c->base[i] = zeros;
	c->from = c->base;
	c->at = 0;
}

static void
fill_generic(struct chunk *c, struct batch *b)
{
	b->present[FE_GENERIC][c->row / 64] = locate(c, FE_GENERIC);
	if (b->present[FE_GENERIC][c->row / 64] == 0)
		from_zeros(c);
	if (WANT(COL_FIRST))
		fill64(c, b->first, 0);
	if (WANT(COL_LAST))
		fill64(c, b->last, 8);
	if (WANT(COL_RECEIVED))
		fill64(c, b->received, 16);
	if (WANT(COL_PACKETS))
		fill64(c, b->packets, 24);
	if (WANT(COL_BYTES))
		fill64(c, b->bytes, 32);
	if (WANT(COL_SRCPORT))
		fill16(c, b->src_port, 40);
	if (WANT(COL_DSTPORT))
		fill16(c, b->dst_port, 42);
	if (WANT(COL_PROTO))
		fill8(c, b->proto, 44);
	if (WANT(COL_FLAGS))
		fill8(c, b->tcp_flags, 45);
	if (WANT(COL_FWD))
		fill8(c, b->fwd_status, 46);
	if (WANT(COL_TOS))
		fill8(c, b->tos, 47);
}

static void
fill_ipv4(struct chunk *c, struct batch *b)
{
	uint64_t bits = locate(c, FE_IPV4);
	b->present[FE_IPV4][c->row / 64] = bits;
	if (bits == 0) {
		CLEAR(c, b->src4);
		CLEAR(c, b->dst4);
		return;
	}
	fill32(c, b->src4, 0);
	fill32(c, b->dst4, 4);
}

static void
fill_ipv6(struct chunk *c, struct batch *b)
{
	uint64_t bits = locate(c, FE_IPV6);
	b->present[FE_IPV6][c->row / 64] = bits;
	if (bits == 0) {
		CLEAR(c, b->src6hi);
		CLEAR(c, b->src6lo);
		CLEAR(c, b->dst6hi);
		CLEAR(c, b->dst6lo);
		return;
	}
	fill64(c, b->src6hi, 0);
	fill64(c, b->src6lo, 8);
	fill64(c, b->dst6hi, 16);
	fill64(c, b->dst6lo, 24);
}

static void
fill_misc(struct chunk *c, struct batch *b)
{
	uint64_t bits = locate(c, FE_MISC);
	b->present[FE_MISC][c->row / 64] = bits;
	if (bits == 0)
		from_zeros(c);
	if (WANT(COL_INIF))
		fill32(c, b->in_if, 0);
	if (WANT(COL_OUTIF))
		fill32(c, b->out_if, 4);
	if (!WANT(COL_MISC8))
		return;
	fill8(c, b->src_mask, 8);
	fill8(c, b->dst_mask, 9);
	fill8(c, b->dir, 10);
	fill8(c, b->dst_tos, 11);
	fill8(c, b->biflow_dir, 12);
	fill8(c, b->end_reason, 13);
}

static void
fill_cnt(struct chunk *c, struct batch *b)
{
	uint64_t bits = locate(c, FE_CNT);
	b->present[FE_CNT][c->row / 64] = bits;
	if (bits == 0) {
		CLEAR(c, b->flows);
		CLEAR(c, b->out_packets);
		CLEAR(c, b->out_bytes);
	} else {
		fill64(c, b->flows, 0);
		fill64(c, b->out_packets, 8);
		fill64(c, b->out_bytes, 16);
	}
	/* A record is a flow, also where nobody counted. */
	for (size_t i = 0; i < c->n; i++)
		b->flows[c->row + i] += b->flows[c->row + i] == 0;
}

static void
fill_pair32(struct chunk *c, struct batch *b, enum flow_elem e, uint32_t *first,
    uint32_t *second)
{
	uint64_t bits = locate(c, e);
	b->present[e][c->row / 64] = bits;
	if (bits == 0) {
		CLEAR(c, first);
		CLEAR(c, second);
		return;
	}
	fill32(c, first, 0);
	fill32(c, second, 4);
}

static void
fill_header(struct chunk *c, struct batch *b)
{
	c->from = c->g.rec;
	c->at = 0;
	fill8(c, b->engine_type, 6);
	fill8(c, b->engine_id, 7);
	fill16(c, b->exporter, 8);
	fill8(c, b->rflags, 10);
	fill8(c, b->nfversion, 11);
}

/* ---- rare rows ------------------------------------------------------------------- */

static const struct shape *
shape_of(const struct chunk *c, size_t i)
{
	return &c->shapes->s[c->g.shape[i]];
}

/* Both families: as nffile_record_flow decides it. */
static void
settle_family(const struct chunk *c, size_t i, struct batch *b)
{
	const struct shape *s = shape_of(c, i);
	const uint8_t *rec = c->g.rec[i];
	size_t row = c->row + i;
	bool use6 = b->src4[row] == 0 && b->dst4[row] == 0;
	if (s->payload[FE_LAYER2] != 0) {
		uint8_t version = rec[s->payload[FE_LAYER2] + 26];
		if (version == 4 || version == 6)
			use6 = version == 6;
	}
	b->present[use6 ? FE_IPV4 : FE_IPV6][c->row / 64] &=
	    ~(UINT64_C(1) << i);
	if (use6) {
		b->src4[row] = b->dst4[row] = 0;
		return;
	}
	b->src6hi[row] = b->src6lo[row] = 0;
	b->dst6hi[row] = b->dst6lo[row] = 0;
}

/* An event's time stands in for the flow's. */
static void
settle_time(const struct chunk *c, size_t i, struct batch *b)
{
	static const enum flow_elem from[] = { FE_NSEL, FE_NATEVENT };
	for (size_t k = 0; k < 2; k++) {
		size_t off = shape_of(c, i)->payload[from[k]];
		if (off != 0 && b->first[c->row + i] == 0)
			b->first[c->row + i] = get64(c->g.rec[i] + off);
	}
}

static void
settle(const struct chunk *c, struct batch *b)
{
	for (size_t i = 0; i < c->n; i++) {
		uint64_t have = shape_of(c, i)->have;
		if (WANT(COL_ADDR) && (have & SHAPE_FAMILIES) == SHAPE_FAMILIES)
			settle_family(c, i, b);
		if (WANT(COL_FIRST) && (have & SHAPE_EVENTS) != 0)
			settle_time(c, i, b);
	}
}

/* ---- the batch ------------------------------------------------------------------- */

/* Columns of FE_GENERIC. */
#define GENERIC_COLUMNS                                                        \
	(COL_BIT(COL_PROTO) | COL_BIT(COL_FLAGS) | COL_BIT(COL_TOS) |          \
	    COL_BIT(COL_FWD) | COL_BIT(COL_SRCPORT) | COL_BIT(COL_DSTPORT) |   \
	    COL_BIT(COL_FIRST) | COL_BIT(COL_LAST) | COL_BIT(COL_RECEIVED) |   \
	    COL_BIT(COL_PACKETS) | COL_BIT(COL_BYTES))

static void
fill(struct chunk *c, struct batch *b)
{
	if ((b->want & GENERIC_COLUMNS) != 0)
		fill_generic(c, b);
	if (WANT(COL_ADDR)) {
		fill_ipv4(c, b);
		fill_ipv6(c, b);
	}
	if (WANT(COL_INIF) || WANT(COL_OUTIF) || WANT(COL_MISC8))
		fill_misc(c, b);
	if (WANT(COL_CNT))
		fill_cnt(c, b);
	if (WANT(COL_AS))
		fill_pair32(c, b, FE_AS, b->src_as, b->dst_as);
	if (WANT(COL_VLAN))
		fill_pair32(c, b, FE_VLAN, b->src_vlan, b->dst_vlan);
	if (WANT(COL_HEADER))
		fill_header(c, b);
	if (c->settle)
		settle(c, b);
}

size_t
nffile_batch(const struct nffile_block *blk, size_t *pos, struct batch *b)
{
	UNCLEARED struct shapes shapes;
	UNCLEARED struct chunk c;
	shapes_init(&shapes);
	c.shapes = &shapes;
	c.ways = shape_ways_nth(0);
	c.whole = CHUNK;
	b->rows = 0;
	while (b->rows < BATCH_ROWS && *pos < blk->len) {
		c.row = b->rows;
		if (!gather(&c, &shapes, blk, pos, b))
			break;
		fill(&c, b);
		b->rows += c.n;
		if (c.n < CHUNK)
			break;
	}
	return b->rows;
}
