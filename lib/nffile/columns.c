/*
 * columns: records of a block -> columns of a batch.
 *
 * Records of one template look alike: same size, same elements in the same
 * order.  Such a shape is worked out and checked once; a record belongs to
 * it when its length and element headers are equal, which are a few loads.
 * Then columns are copied by fixed offsets.
 *
 * Work goes in chunks of 64 rows, a word of every bitmap and few enough
 * bytes to stay in the first level cache while each column takes its turn.
 */
#include "nffile/internal.h"

#define CHUNK       64
#define SHAPES      (2 * CHUNK) /* a chunk can never need more than CHUNK */
#define SHAPE_ELEMS 48
#define SHAPE_STEP  4 /* headers compared at a time */
#define GUESSES     64

_Static_assert(SHAPE_ELEMS % SHAPE_STEP == 0, "whole steps");
_Static_assert(SHAPES <= UINT8_MAX + 1, "a guess is a byte");

_Static_assert(BATCH_ROWS % CHUNK == 0, "whole chunks");

struct shape {
	uint32_t head;    /* size | number of elements << 16 */
	uint16_t n;       /* headers to compare, whole steps; 0: never equal */
	bool settle;      /* both families, or an event's own time */
	uint16_t unknown; /* elements that nobody knows */
	uint64_t have;
	uint16_t at[SHAPE_ELEMS];   /* of element headers */
	uint32_t word[SHAPE_ELEMS]; /* id | length << 16 */
	uint16_t payload[FE_MAX];   /* offset in the record, 0: absent */
};

/*
 * Templates alternate without a pattern, so the record before is a bad guess
 * at a record's shape; its length and number of elements are a good one.
 */
struct shapes {
	uint32_t n;
	uint8_t guess[GUESSES]; /* by a hash of .head */
	struct shape s[SHAPES];
};

/* One chunk at work. */
struct chunk {
	size_t row; /* in the batch */
	size_t n;   /* rows of it in use */
	const uint8_t *const *rec;
	const struct shape *shape[CHUNK];
	bool uniform; /* all of one shape */
	bool settle;
	const uint8_t *base[CHUNK]; /* of the element at hand */
};

/* What a row without the element copies from. */
static const uint8_t zeros[64];

/* Payload that the columns read; shorter elements count as absent here as
 * in nffile_record_flow. */
static const struct {
	uint8_t elem;
	uint8_t len;
	uint64_t cols;
} sources[] = {
	{ FE_GENERIC, GENERIC_LEN,
	    COL_BIT(COL_PROTO) | COL_BIT(COL_FLAGS) | COL_BIT(COL_TOS) |
		COL_BIT(COL_FWD) | COL_BIT(COL_SRCPORT) | COL_BIT(COL_DSTPORT) |
		COL_BIT(COL_FIRST) | COL_BIT(COL_LAST) | COL_BIT(COL_RECEIVED) |
		COL_BIT(COL_PACKETS) | COL_BIT(COL_BYTES) },
	{ FE_IPV4, 8, COL_BIT(COL_ADDR) },
	{ FE_IPV6, 32, COL_BIT(COL_ADDR) },
	{ FE_MISC, 16,
	    COL_BIT(COL_INIF) | COL_BIT(COL_OUTIF) | COL_BIT(COL_MISC8) },
	{ FE_CNT, CNT_LEN, COL_BIT(COL_CNT) },
	{ FE_AS, 8, COL_BIT(COL_AS) },
	{ FE_VLAN, 8, COL_BIT(COL_VLAN) },
	{ FE_LAYER2, 32, COL_BIT(COL_ADDR) }, /* says which family */
	{ FE_NSEL, 16, COL_BIT(COL_FIRST) },
	{ FE_NATEVENT, 16, COL_BIT(COL_FIRST) },
};
#define SOURCES (sizeof(sources) / sizeof(sources[0]))

/* ---- shapes ------------------------------------------------------------------- */

static uint32_t
rec_head(const uint8_t *rec)
{
	return get16(rec + 2) | (uint32_t)get16(rec + 4) << 16;
}

static void
note_source(struct shape *s, unsigned id, size_t off, size_t len)
{
	for (size_t i = 0; i < SOURCES; i++) {
		if (sources[i].elem == id && len >= sources[i].len) {
			s->payload[id] = (uint16_t)off;
			s->have |= FLOW_BIT(id);
		}
	}
}

static const uint64_t both_families = FLOW_BIT(FE_IPV4) | FLOW_BIT(FE_IPV6);
static const uint64_t event_times = FLOW_BIT(FE_NSEL) | FLOW_BIT(FE_NATEVENT);

/* False: the record's elements do not fit into it. */
static bool
shape_learn(struct shape *s, const uint8_t *rec)
{
	struct elem_walk w;
	size_t n = 0;
	*s = (struct shape){ .head = rec_head(rec) };
	elem_walk(&w, rec);
	while (elem_next(&w)) {
		size_t off = (size_t)(w.payload - rec);
		if (n < SHAPE_ELEMS) {
			s->at[n] = (uint16_t)(off - ELEM_HEADER);
			s->word[n] = get32(w.payload - ELEM_HEADER);
		}
		n++;
		s->unknown = (uint16_t)(s->unknown + (w.id >= FE_MAX));
		note_source(s, w.id, off, w.len);
	}
	/* Comparing the first again costs less than a loop of odd length. */
	for (; n % SHAPE_STEP != 0 && n < SHAPE_ELEMS; n++) {
		s->at[n] = s->at[0];
		s->word[n] = s->word[0];
	}
	s->n = n <= SHAPE_ELEMS ? (uint16_t)n : 0;
	s->settle = (s->have & both_families) == both_families ||
		    (s->have & event_times) != 0;
	return !w.bad;
}

static inline bool
shape_fits(const struct shape *s, const uint8_t *rec, uint32_t head)
{
	if (s->head != head || s->n == 0)
		return false;
	uint32_t differ = 0;
	for (size_t i = 0; i < s->n; i += SHAPE_STEP)
		for (size_t k = 0; k < SHAPE_STEP; k++)
			differ |= get32(rec + s->at[i + k]) ^ s->word[i + k];
	return differ == 0;
}

static inline uint8_t *
shape_guess(struct shapes *t, uint32_t head)
{
	return &t->guess[(head * UINT32_C(0x9e3779b1)) >> 26];
}

static const struct shape *
shape_search(struct shapes *t, const uint8_t *rec, uint32_t head)
{
	for (uint32_t i = 0; i < t->n; i++) {
		if (shape_fits(&t->s[i], rec, head)) {
			*shape_guess(t, head) = (uint8_t)i;
			return &t->s[i];
		}
	}
	if (!shape_learn(&t->s[t->n], rec))
		return NULL;
	*shape_guess(t, head) = (uint8_t)t->n;
	return &t->s[t->n++];
}

/* The record's shape, NULL when it is damaged. */
static inline const struct shape *
shape_of(struct shapes *t, const uint8_t *rec)
{
	uint32_t head = rec_head(rec);
	uint8_t guess = *shape_guess(t, head);
	if (guess < t->n && shape_fits(&t->s[guess], rec, head))
		return &t->s[guess];
	return shape_search(t, rec, head);
}

/* ---- gathering a chunk ---------------------------------------------------------- */

static bool
gather(struct chunk *c, struct shapes *t, const struct nffile_block *blk,
    size_t *pos, struct batch *b)
{
	c->n = 0;
	c->uniform = true;
	c->settle = false;
	if (t->n >= SHAPES - CHUNK)
		t->n = 0;
	while (c->n < CHUNK) {
		const uint8_t *rec = nffile_record_next(blk, pos);
		if (rec == NULL)
			break;
		if (get16(rec) != REC_FLOW)
			continue;
		const struct shape *s =
		    get16(rec + 2) < FLOW_HEADER ? NULL : shape_of(t, rec);
		if (s == NULL) {
			b->damaged++;
			continue;
		}
		b->rec[c->row + c->n] = rec;
		c->shape[c->n] = s;
		c->uniform &= s == c->shape[0];
		b->unknown_elems += s->unknown;
		c->settle |= s->settle;
		c->n++;
	}
	c->rec = b->rec + c->row;
	return c->n != 0;
}

/* Where each row's element begins; returns the bits of rows that have it. */
static uint64_t
locate_mixed(struct chunk *c, enum flow_elem e)
{
	uint64_t bits = 0;
	for (size_t i = 0; i < c->n; i++) {
		size_t off = c->shape[i]->payload[e];
		/* Not by a branch: which row has it cannot be foreseen. */
		const uint8_t *const from[] = { zeros, c->rec[i] + off };
		c->base[i] = from[off != 0];
		bits |= (uint64_t)(off != 0) << i;
	}
	return bits;
}

static uint64_t
locate(struct chunk *c, enum flow_elem e)
{
	for (size_t i = c->n; i < CHUNK; i++)
		c->base[i] = zeros;
	if (!c->uniform)
		return locate_mixed(c, e);
	size_t off = c->shape[0]->payload[e];
	if (off == 0)
		return 0;
	for (size_t i = 0; i < c->n; i++)
		c->base[i] = c->rec[i] + off;
	return c->n < 64 ? (UINT64_C(1) << c->n) - 1 : ~UINT64_C(0);
}

/* ---- copying columns ------------------------------------------------------------ */

static void
fill8(const struct chunk *c, uint8_t *to, size_t at)
{
	to += c->row;
	for (size_t i = 0; i < CHUNK; i++)
		to[i] = c->base[i][at];
}

static void
fill16(const struct chunk *c, uint16_t *to, size_t at)
{
	to += c->row;
	for (size_t i = 0; i < CHUNK; i++)
		to[i] = get16(c->base[i] + at);
}

static void
fill32(const struct chunk *c, uint32_t *to, size_t at)
{
	to += c->row;
	for (size_t i = 0; i < CHUNK; i++)
		to[i] = get32(c->base[i] + at);
}

static void
fill64(const struct chunk *c, uint64_t *to, size_t at)
{
	to += c->row;
	for (size_t i = 0; i < CHUNK; i++)
		to[i] = get64(c->base[i] + at);
}

#define WANT(col) ((b->want & COL_BIT(col)) != 0)

/* No row has it: no need to look at any. */
#define CLEAR(c, column)                                                       \
	memset((column) + (c)->row, 0, CHUNK * sizeof(*(column)))

static void
fill_generic(struct chunk *c, struct batch *b)
{
	b->present[FE_GENERIC][c->row / 64] = locate(c, FE_GENERIC);
	if (b->present[FE_GENERIC][c->row / 64] == 0)
		for (size_t i = 0; i < CHUNK; i++)
			c->base[i] = zeros;
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
		for (size_t i = 0; i < CHUNK; i++)
			c->base[i] = zeros;
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
	for (size_t i = 0; i < CHUNK; i++)
		c->base[i] = i < c->n ? c->rec[i] : zeros;
	fill8(c, b->engine_type, 6);
	fill8(c, b->engine_id, 7);
	fill16(c, b->exporter, 8);
	fill8(c, b->rflags, 10);
	fill8(c, b->nfversion, 11);
}

/* ---- rare rows ------------------------------------------------------------------- */

/* Both families: as nffile_record_flow decides it. */
static void
settle_family(const struct chunk *c, size_t i, struct batch *b)
{
	const struct shape *s = c->shape[i];
	const uint8_t *rec = c->rec[i];
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
		size_t off = c->shape[i]->payload[from[k]];
		if (off != 0 && b->first[c->row + i] == 0)
			b->first[c->row + i] = get64(c->rec[i] + off);
	}
}

static void
settle(const struct chunk *c, struct batch *b)
{
	for (size_t i = 0; i < c->n; i++) {
		uint64_t have = c->shape[i]->have;
		if (WANT(COL_ADDR) && (have & both_families) == both_families)
			settle_family(c, i, b);
		if (WANT(COL_FIRST) && (have & event_times) != 0)
			settle_time(c, i, b);
	}
}

/* ---- the batch ------------------------------------------------------------------- */

static void
fill(struct chunk *c, struct batch *b)
{
	if ((b->want & sources[0].cols) != 0)
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
	struct shapes shapes;
	struct chunk c;
	shapes.n = 0;
	memset(shapes.guess, 0, sizeof(shapes.guess));
	b->rows = 0;
	while (b->rows < BATCH_ROWS) {
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
