#include "flow/summary.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define FIRST_SLOTS 4096

/* ---- columns --------------------------------------------------------------------- */

struct column {
	uint32_t offset;
	uint16_t size; /* bytes of a value */
	uint16_t elem; /* that it belongs to; FE_NULL: every flow has it */
};

#define COLUMN(e, member)                                                      \
	{                                                                      \
		.offset = offsetof(struct batch, member),                      \
		.size = sizeof(((struct batch *)0)->member[0]), .elem = (e),   \
	}

static const struct column columns[SUMMARY_COLUMNS] = {
	COLUMN(FE_GENERIC, proto),
	COLUMN(FE_GENERIC, tcp_flags),
	COLUMN(FE_GENERIC, tos),
	COLUMN(FE_GENERIC, fwd_status),
	COLUMN(FE_GENERIC, src_port),
	COLUMN(FE_GENERIC, dst_port),
	COLUMN(FE_GENERIC, first),
	COLUMN(FE_GENERIC, last),
	COLUMN(FE_GENERIC, packets),
	COLUMN(FE_GENERIC, bytes),
	COLUMN(FE_IPV4, src4),
	COLUMN(FE_IPV4, dst4),
	COLUMN(FE_IPV6, src6hi),
	COLUMN(FE_IPV6, dst6hi),
	COLUMN(FE_MISC, in_if),
	COLUMN(FE_MISC, out_if),
	COLUMN(FE_MISC, src_mask),
	COLUMN(FE_MISC, dst_mask),
	COLUMN(FE_MISC, dir),
	COLUMN(FE_MISC, dst_tos),
	COLUMN(FE_CNT, out_packets),
	COLUMN(FE_CNT, out_bytes),
	COLUMN(FE_NULL, src_as),
	COLUMN(FE_NULL, dst_as),
	COLUMN(FE_VLAN, src_vlan),
	COLUMN(FE_VLAN, dst_vlan),
	COLUMN(FE_NULL, exporter),
	COLUMN(FE_NULL, engine_type),
	COLUMN(FE_NULL, engine_id),
};

static const size_t set_offset[SUMMARY_SETS] = {
	[SUMMARY_PROTO] = offsetof(struct batch, proto),
	[SUMMARY_FLAGS] = offsetof(struct batch, tcp_flags),
};

const struct summary_range *
summary_column(const struct summary *s, size_t offset)
{
	for (size_t i = 0; i < SUMMARY_COLUMNS; i++)
		if (columns[i].offset == offset)
			return &s->range[i];
	return NULL;
}

const uint64_t *
summary_set(const struct summary *s, size_t offset)
{
	for (size_t i = 0; i < SUMMARY_SETS; i++)
		if (set_offset[i] == offset)
			return s->set[i];
	return NULL;
}

/* ---- ranges ---------------------------------------------------------------------- */

static void
widen(struct summary_range *r, uint64_t lo, uint64_t hi)
{
	if (lo < r->lo)
		r->lo = lo;
	if (hi > r->hi)
		r->hi = hi;
}

#define RANGE_OF(type)                                                         \
	static void range_##type(struct summary_range *r, const void *column,  \
	    size_t from, size_t to)                                            \
	{                                                                      \
		const type *v = column;                                        \
		type lo = (type)-1, hi = 0;                                    \
		for (size_t i = from; i < to; i++) {                           \
			lo = v[i] < lo ? v[i] : lo;                            \
			hi = v[i] > hi ? v[i] : hi;                            \
		}                                                              \
		if (from < to)                                                 \
			widen(r, lo, hi);                                      \
	}

RANGE_OF(uint8_t)
RANGE_OF(uint16_t)
RANGE_OF(uint32_t)
RANGE_OF(uint64_t)

static void
range_of(struct summary_range *r, const struct batch *b, const struct column *c,
    size_t from, size_t to)
{
	const void *column = (const uint8_t *)b + c->offset;
	if (c->size == 1)
		range_uint8_t(r, column, from, to);
	else if (c->size == 2)
		range_uint16_t(r, column, from, to);
	else if (c->size == 4)
		range_uint32_t(r, column, from, to);
	else
		range_uint64_t(r, column, from, to);
}

static bool
is_full(const uint64_t *bits, size_t rows)
{
	uint64_t full = ~UINT64_C(0);
	for (size_t w = 0; w < rows / 64; w++)
		full &= bits[w];
	if (rows % 64 != 0)
		full &= bits[rows / 64] | ~UINT64_C(0) << (rows % 64);
	return full == ~UINT64_C(0);
}

/*
 * Flows without the element have 0, which no predicate takes for a value; but
 * an event may have its time in `first` without one.
 */
static void
add_column(struct summary_range *r, const struct batch *b,
    const struct column *c)
{
	const uint64_t *have = b->present[c->elem];
	if (c->elem == FE_NULL || is_full(have, b->rows)) {
		range_of(r, b, c, 0, b->rows);
		return;
	}
	for (size_t i = 0; i < b->rows; i++) {
		struct summary_range one = { UINT64_MAX, 0 };
		range_of(&one, b, c, i, i + 1);
		if (one.hi != 0 || (have[i / 64] >> (i % 64) & 1) != 0)
			widen(r, one.lo, one.hi);
	}
}

/* ---- keys ------------------------------------------------------------------------ */

static void
put(struct summary_maker *m, uint64_t hash)
{
	size_t i = hash & (m->slots - 1);
	while (m->slot[i] != 0 && m->slot[i] != hash)
		i = (i + 1) & (m->slots - 1);
	m->used += m->slot[i] == 0;
	m->slot[i] = hash;
}

static void
grow(struct summary_maker *m)
{
	uint64_t *old = m->slot;
	size_t slots = m->slots;
	m->slots = slots != 0 ? slots * 2 : FIRST_SLOTS;
	m->slot = mem_calloc(m->slots, sizeof(m->slot[0]));
	m->used = 0;
	for (size_t i = 0; i < slots; i++)
		if (old[i] != 0)
			put(m, old[i]);
	free(old);
}

static void
add_key(struct summary_maker *m, enum summary_key kind, uint64_t hi,
    uint64_t lo)
{
	uint64_t hash = bloom_hash((uint64_t)kind, hi, lo);
	if (m->used >= m->slots / 2)
		grow(m);
	put(m, hash | (hash == 0));
}

static void
add_keys(struct summary_maker *m, const struct batch *b)
{
	for (size_t i = 0; i < b->rows; i++) {
		add_key(m, SUMMARY_PORT, 0, b->src_port[i]);
		add_key(m, SUMMARY_PORT, 0, b->dst_port[i]);
		if ((b->present[FE_IPV4][i / 64] >> (i % 64) & 1) != 0) {
			add_key(m, SUMMARY_IP4, 0, b->src4[i]);
			add_key(m, SUMMARY_IP4, 0, b->dst4[i]);
		}
		if ((b->present[FE_IPV6][i / 64] >> (i % 64) & 1) != 0) {
			add_key(m, SUMMARY_IP6, b->src6hi[i], b->src6lo[i]);
			add_key(m, SUMMARY_IP6, b->dst6hi[i], b->dst6lo[i]);
		}
	}
}

/* ---- the whole ------------------------------------------------------------------- */

void
summary_begin(struct summary_maker *m)
{
	m->s = (struct summary){ .all = ~UINT64_C(0) };
	for (size_t i = 0; i < SUMMARY_COLUMNS; i++)
		m->s.range[i].lo = UINT64_MAX;
	if (m->slot != NULL)
		memset(m->slot, 0, m->slots * sizeof(m->slot[0]));
	m->used = 0;
}

static void
add_to_set(uint64_t *set, const uint8_t *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		set[v[i] / 64] |= UINT64_C(1) << (v[i] % 64);
}

/* Only of elements that have columns. */
static uint64_t
all_have(const struct batch *b)
{
	uint64_t all = FLOW_BIT(FE_NULL);
	for (size_t i = 0; i < SUMMARY_COLUMNS; i++)
		if (columns[i].elem != FE_NULL &&
		    is_full(b->present[columns[i].elem], b->rows))
			all |= FLOW_BIT(columns[i].elem);
	return all;
}

void
summary_add(struct summary_maker *m, const struct batch *b,
    uint64_t (*elements)(const uint8_t *rec))
{
	for (size_t i = 0; i < SUMMARY_COLUMNS; i++)
		add_column(&m->s.range[i], b, &columns[i]);
	add_to_set(m->s.set[SUMMARY_PROTO], b->proto, b->rows);
	add_to_set(m->s.set[SUMMARY_FLAGS], b->tcp_flags, b->rows);
	for (size_t i = 0; i < b->rows; i++)
		m->s.any |= elements(b->rec[i]);
	m->s.all &= all_have(b);
	add_keys(m, b);
	m->s.rows += b->rows;
}

static size_t
at_most(size_t n, size_t most)
{
	return n < most ? n : most;
}

void
summary_end(struct summary_maker *m, size_t most)
{
	size_t lines = at_most(bloom_lines(m->used), most);
	if (lines > m->cap) {
		free(m->line);
		m->line = mem_calloc(lines, sizeof(m->line[0]));
		m->cap = lines;
	} else if (lines != 0) {
		memset(m->line, 0, lines * sizeof(m->line[0]));
	}
	for (size_t i = 0; lines != 0 && i < m->slots; i++)
		if (m->slot[i] != 0)
			bloom_add(m->line, lines, m->slot[i]);
	m->s.line = m->line;
	m->s.lines = lines;
}

void
summary_free(struct summary_maker *m)
{
	free(m->slot);
	free(m->line);
	*m = (struct summary_maker){ .slot = NULL };
}
