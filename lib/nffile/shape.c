#include "nffile/shape.h"

#include <assert.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

_Static_assert(SHAPE_ELEMS % SHAPE_STEP == 0, "whole steps");
_Static_assert(SHAPES <= UINT8_MAX + 1, "a guess is a byte");
_Static_assert(SHAPES == 128, "bits of seen");

#define SHAPE_NONE UINT32_MAX
#define AHEAD      1024 /* bytes to fetch before they are walked over */

/*
 * Length of payload that columns read; shorter elements count as absent here
 * as in nffile_record_flow.
 */
static const uint8_t sources[FE_MAX] = {
	[FE_GENERIC] = GENERIC_LEN,
	[FE_IPV4] = 8,
	[FE_IPV6] = 32,
	[FE_MISC] = 16,
	[FE_CNT] = CNT_LEN,
	[FE_AS] = 8,
	[FE_VLAN] = 8,
	[FE_LAYER2] = 32, /* says which family */
	[FE_NSEL] = 16,
	[FE_NATEVENT] = 16,
};

void
shapes_init(struct shapes *t)
{
	t->n = 0;
	t->bytes = 0;
	memset(t->guess, 0, sizeof(t->guess));
}

/* ---- learning ------------------------------------------------------------------ */

static void
note_element(struct shape *s, const struct elem_walk *w, size_t n, size_t off)
{
	if (n < SHAPE_ELEMS) {
		s->at[n] = (uint16_t)(off - ELEM_HEADER);
		s->word[n] = get32(w->payload - ELEM_HEADER);
	}
	s->unknown = (uint16_t)(s->unknown + (w->id >= FE_MAX));
	if (w->id < FE_MAX && sources[w->id] != 0 && w->len >= sources[w->id]) {
		s->payload[w->id] = (uint16_t)off;
		s->have |= FLOW_BIT(w->id);
	}
}

/* Four bytes that have to be equal. */
static bool
note_bytes(struct shape *s, size_t at, uint32_t word, size_t *bytes)
{
	if (at + sizeof(word) > SHAPE_BYTES)
		return false;
	memset(s->mask + at, 0xff, sizeof(word));
	memcpy(s->want + at, &word, sizeof(word));
	if (*bytes < at + sizeof(word))
		*bytes = (at + sizeof(word) + 63) / 64 * 64;
	return true;
}

/* What masked comparison compares; the table's longest shape decides. */
static void
learn_mask(struct shapes *t, struct shape *s)
{
	bool all = s->n != 0 && note_bytes(s, 2, s->head, &t->bytes);
	for (size_t i = 0; i < s->n; i++)
		all = all && note_bytes(s, s->at[i], s->word[i], &t->bytes);
	/* Headers lie further behind: compared one by one.  No flow's byte. */
	if (!all) {
		s->mask[0] = 0xff;
		if (t->bytes == 0) /* nothing compared would be equal */
			t->bytes = 64;
	}
}

/* False: the record's elements do not fit into it. */
static bool
shape_learn(struct shapes *t, struct shape *s, const uint8_t *rec,
    uint32_t head)
{
	struct elem_walk w;
	size_t n = 0;
	*s = (struct shape){ .head = head };
	elem_walk(&w, rec);
	for (; elem_next(&w); n++)
		note_element(s, &w, n, (size_t)(w.payload - rec));
	if (n > SHAPE_ELEMS)
		n = 0;
	/* Comparing the first again costs less than a loop of odd length. */
	for (; n % SHAPE_STEP != 0; n++) {
		s->at[n] = s->at[0];
		s->word[n] = s->word[0];
	}
	s->n = (uint16_t)n;
	learn_mask(t, s);
	s->settle = (s->have & SHAPE_FAMILIES) == SHAPE_FAMILIES ||
		    (s->have & SHAPE_EVENTS) != 0;
	return !w.bad;
}

/* ---- comparing ----------------------------------------------------------------- */

static inline bool
fits_each(const struct shape *s, const uint8_t *rec, uint32_t head)
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
	return &t->guess[(head * UINT32_C(0x9e3779b1)) >> 24];
}

/* A record without room for a header has none that fits. */
static inline uint32_t
rec_head(const uint8_t *rec, size_t size)
{
	return size >= FLOW_HEADER ? get32(rec + 2) : 0;
}

/* SHAPE_NONE: the record is damaged. */
static uint32_t
shape_search(struct shapes *t, const uint8_t *rec, uint32_t head)
{
	uint32_t i = 0;
	while (i < t->n && !fits_each(&t->s[i], rec, head))
		i++;
	if (i == t->n) {
		assert(t->n < SHAPES);
		if (head == 0 || !shape_learn(t, &t->s[i], rec, head))
			return SHAPE_NONE;
		t->n++;
	}
	*shape_guess(t, head) = (uint8_t)i;
	return i;
}

/* ---- gathering ------------------------------------------------------------------ */

static inline void
gather_one(struct gathered *g, const uint8_t *rec, uint32_t id)
{
	g->rec[g->n] = rec;
	g->shape[g->n++] = (uint8_t)id;
	g->seen[id / 64] |= UINT64_C(1) << (id % 64);
}

/* fits(shapes, number, rec, head, end) may read on to the block's end. */
#define GATHER(name, target, fits)                                             \
	target static void name(struct shapes *t,                              \
	    const struct nffile_block *blk, size_t *pos, struct gathered *g)   \
	{                                                                      \
		const uint8_t *end = blk->data + blk->len;                     \
		const uint8_t *rec = blk->data + *pos;                         \
		g->n = g->damaged = 0;                                         \
		g->seen[0] = g->seen[1] = 0;                                   \
		if (t->n >= SHAPES - SHAPE_CHUNK)                              \
			t->n = 0;                                              \
		for (size_t size; g->n < SHAPE_CHUNK && rec < end;             \
		     rec += size) {                                            \
			size = get16(rec + 2);                                 \
			__builtin_prefetch(rec + AHEAD);                       \
			__builtin_prefetch(rec + AHEAD + 64);                  \
			if (get16(rec) != REC_FLOW)                            \
				continue;                                      \
			uint32_t head = rec_head(rec, size);                   \
			uint32_t id = *shape_guess(t, head);                   \
			if (id >= t->n || !fits(t, id, rec, head, end))        \
				id = shape_search(t, rec, head);               \
			if (id != SHAPE_NONE)                                  \
				gather_one(g, rec, id);                        \
			else                                                   \
				g->damaged++;                                  \
		}                                                              \
		*pos = (size_t)(rec - blk->data);                              \
	}

#define FITS_EACH(t, id, rec, head, end) fits_each(&(t)->s[id], rec, head)
GATHER(gather_each, , FITS_EACH)

/* ---- where an element is ---------------------------------------------------------- */

/* What a row without the element copies from. */
static const uint8_t zeros[SHAPE_ZEROS];

static uint64_t
place_each(const struct shapes *t, const struct gathered *g, enum flow_elem e,
    const uint8_t **base)
{
	uint64_t bits = 0;
	for (size_t i = 0; i < g->n; i++) {
		size_t at = t->s[g->shape[i]].payload[e];
		/* Not by a branch: which row has it cannot be foreseen. */
		const uint8_t *const from[] = { zeros, g->rec[i] + at };
		base[i] = from[at != 0];
		bits |= (uint64_t)(at != 0) << i;
	}
	return bits;
}

/* ---- with wide registers ---------------------------------------------------------- */

#if defined(__x86_64__)

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl")))
#define AVX2   __attribute__((target("avx2")))

/*
 * Always as many bytes as the longest shape needs: how many a record's own
 * shape needs could not be foreseen.
 */
AVX512 static inline bool
fits_512(const struct shapes *t, uint32_t id, const uint8_t *rec, uint32_t head,
    const uint8_t *end)
{
	const struct shape *s = &t->s[id];
	__m512i differ = _mm512_setzero_si512();
	if ((ptrdiff_t)t->bytes > end - rec)
		return fits_each(s, rec, head);
	for (size_t i = 0; i < t->bytes; i += 64) {
		__m512i x = _mm512_xor_si512(_mm512_loadu_si512(rec + i),
		    _mm512_loadu_si512(s->want + i));
		differ = _mm512_or_si512(differ,
		    _mm512_and_si512(x, _mm512_loadu_si512(s->mask + i)));
	}
	return _mm512_test_epi64_mask(differ, differ) == 0;
}

AVX2 static inline __m256i
load256(const uint8_t *p)
{
	return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

AVX2 static inline bool
fits_256(const struct shapes *t, uint32_t id, const uint8_t *rec, uint32_t head,
    const uint8_t *end)
{
	const struct shape *s = &t->s[id];
	__m256i differ = _mm256_setzero_si256();
	if ((ptrdiff_t)t->bytes > end - rec)
		return fits_each(s, rec, head);
	for (size_t i = 0; i < t->bytes; i += 32) {
		__m256i x =
		    _mm256_xor_si256(load256(rec + i), load256(s->want + i));
		differ = _mm256_or_si256(differ,
		    _mm256_and_si256(x, load256(s->mask + i)));
	}
	return _mm256_testz_si256(differ, differ);
}

GATHER(gather_512, AVX512, fits_512)
GATHER(gather_256, AVX2, fits_256)

/* Eight rows at a time, while all offsets fit into two registers. */
AVX512 static uint64_t
place_512(const struct shapes *t, const struct gathered *g, enum flow_elem e,
    const uint8_t **base)
{
	uint64_t off[16] = { 0 }, bits = 0;
	if (t->n > 16)
		return place_each(t, g, e, base);
	for (size_t i = 0; i < t->n; i++)
		off[i] = t->s[i].payload[e];
	const __m512i low = _mm512_loadu_si512(off);
	const __m512i high = _mm512_loadu_si512(off + 8);
	const __m512i none = _mm512_set1_epi64((long long)(uintptr_t)zeros);
	for (size_t i = 0; i < g->n; i += 8) {
		long long ids;
		memcpy(&ids, g->shape + i, sizeof(ids));
		__m512i at = _mm512_permutex2var_epi64(low,
		    _mm512_cvtepu8_epi64(_mm_cvtsi64_si128(ids)), high);
		__mmask8 has = _mm512_test_epi64_mask(at, at);
		_mm512_storeu_si512(base + i,
		    _mm512_mask_add_epi64(none, has, at,
			_mm512_loadu_si512(g->rec + i)));
		bits |= (uint64_t)has << i;
	}
	return g->n < 64 ? bits & ((UINT64_C(1) << g->n) - 1) : bits;
}

#endif

static const struct shape_ways ways_each = { "each", gather_each, place_each };
#if defined(__x86_64__)
static const struct shape_ways ways_256 = { "avx2", gather_256, place_each };
static const struct shape_ways ways_512 = { "avx512", gather_512, place_512 };
#endif

const struct shape_ways *
shape_ways_nth(size_t n)
{
#if defined(__x86_64__)
	if (__builtin_cpu_supports("avx512bw") &&
	    __builtin_cpu_supports("avx512vl") && n-- == 0)
		return &ways_512;
	if (__builtin_cpu_supports("avx2") && n-- == 0)
		return &ways_256;
#endif
	return n == 0 ? &ways_each : NULL;
}
