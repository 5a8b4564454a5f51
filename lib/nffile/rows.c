#include "nffile/rows.h"

#include <stdbool.h>
#include <string.h>

#include "nffile/internal.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* LZ4's block format, https://github.com/lz4/lz4, doc/lz4_Block_format.md */
#define MATCH_MIN 4
#define REACH     65535 /* how far back a match can be */
#define NIBBLE    15    /* a length of so much or more goes on in bytes */
#define END       12    /* no match begins nearer to the end */

#define STEP    64 /* bytes compared at a time: a word of bits */
#define AHEAD   16 /* literals are copied so many at a time */
#define KINDS   256
#define KEY_LOG 11
#define KEYS    (1 << KEY_LOG)
#define FAR     ((uint32_t) - (2 * REACH)) /* a place nothing can reach */
#define REFS    3

/* Each way of packing (below) has its own copy of all of it. */
#define INLINE inline __attribute__((always_inline))

/* Records with the same length and number of elements. */
struct kind {
	uint32_t head;   /* as in the record: size | number << 16 */
	uint32_t last;   /* where the last of them is */
	uint16_t key[2]; /* offsets of 4 bytes each: source, destination */
};

struct rows {
	uint8_t *op;
	const uint8_t *anchor; /* what lies before is written */
	/* The match that is not: it may go on. */
	const uint8_t *at;
	size_t len; /* 0: none */
	uint32_t off;
	struct kind kinds[KINDS];
	uint32_t keyed[2][KEYS]; /* places of records, by their keys */
};

size_t
rows_bound(size_t n)
{
	/* Extension bytes of literals, last token, copying ahead. */
	return n + n / 255 + 16 + AHEAD;
}

/* ---- writing sequences ------------------------------------------------------- */

/* A length of n behind its nibble. */
static uint8_t *
put_length(uint8_t *op, size_t n)
{
	for (n -= NIBBLE; n >= 255; n -= 255)
		*op++ = 255;
	*op++ = (uint8_t)n;
	return op;
}

/* Literals from anchor to `to`; the token has the match's nibble. */
static uint8_t *
put_literals(uint8_t *op, const uint8_t *from, size_t n, unsigned match)
{
	if (n < NIBBLE) {
		*op++ = (uint8_t)(n << 4 | match);
	} else {
		*op++ = (uint8_t)(NIBBLE << 4 | match);
		op = put_length(op, n);
	}
	memcpy(op, from, n);
	return op + n;
}

/* Write the match that is pending, with the literals before it. */
static INLINE void
settle(struct rows *r)
{
	size_t lit = (size_t)(r->at - r->anchor), more = r->len - MATCH_MIN;
	uint8_t *op = r->op;
	if (lit < NIBBLE && more < NIBBLE + 255) {
		/* Nearly all of them, without a jump that depends on lengths. */
		bool is_long = more >= NIBBLE;
		*op = (uint8_t)(lit << 4 | (is_long ? NIBBLE : more));
		memcpy(op + 1, r->anchor, AHEAD);
		op += 1 + lit;
		put16(op, (uint16_t)r->off);
		op[2] = (uint8_t)(more - NIBBLE);
		op += 2 + is_long;
	} else {
		op = put_literals(op, r->anchor, lit,
		    (unsigned)(more < NIBBLE ? more : NIBBLE));
		put16(op, (uint16_t)r->off);
		op += 2;
		if (more >= NIBBLE)
			op = put_length(op, more);
	}
	r->op = op;
	r->anchor = r->at + r->len;
}

/* ---- comparing ------------------------------------------------------------------ */

/* Bit i: byte i of STEP is equal. */
typedef uint64_t equal_fn(const uint8_t *a, const uint8_t *b);

static INLINE uint64_t
equal_words(const uint8_t *a, const uint8_t *b)
{
	const uint64_t low = UINT64_C(0x7f7f7f7f7f7f7f7f);
	uint64_t m = 0;
	for (unsigned i = 0; i < STEP; i += 8) {
		uint64_t x = get64(a + i) ^ get64(b + i);
		/* Top bit of each byte: equal; then these bits side by side. */
		uint64_t e = ~(((x & low) + low) | x) & ~low;
		m |= (e >> 7) * UINT64_C(0x0102040810204080) >> 56 << i;
	}
	return m;
}

/* Only runs of at least MATCH_MIN ones. */
static INLINE uint64_t
long_runs(uint64_t m)
{
	uint64_t start = m & m >> 1;
	start &= start >> 2;
	uint64_t two = start | start << 1;
	return two | two << 2;
}

/* Bytes saved by a step's runs, at 3 bytes each. */
static INLINE int
gain(uint64_t runs)
{
	return __builtin_popcountll(runs) -
	       3 * __builtin_popcountll(runs & ~(runs << 1));
}

/* How many ones from bit `from` on, at least one. */
static INLINE unsigned
run_length(uint64_t m, unsigned from)
{
	uint64_t rest = ~(m >> from);
	unsigned n = rest != 0 ? (unsigned)__builtin_ctzll(rest) : STEP;
	return n < STEP - from ? n : STEP - from;
}

/* One step of a record, `valid` bytes of it, against the best of refs. */
static INLINE void
pack_step(struct rows *r, const uint8_t *a, uint64_t valid,
    const uint32_t refs[REFS], equal_fn *equal)
{
	uint64_t m = equal(a, a - refs[0]) & valid;
	uint64_t runs = long_runs(m);
	uint32_t off = refs[0];
	int best = gain(runs);
	for (int i = 1; i < REFS; i++) {
		uint64_t mi = equal(a, a - refs[i]) & valid;
		uint64_t ri = long_runs(mi);
		int g = gain(ri);
		bool better = g > best;
		best = better ? g : best;
		m = better ? mi : m;
		runs = better ? ri : runs;
		off = better ? refs[i] : off;
	}
	if ((m & 1) != 0 && r->len != 0 && r->at + r->len == a &&
	    r->off == off) {
		unsigned n = run_length(m, 0);
		r->len += n;
		runs &= n < STEP ? ~UINT64_C(0) << n : 0;
	}
	while (runs != 0) {
		unsigned from = (unsigned)__builtin_ctzll(runs);
		unsigned n = run_length(runs, from);
		if (r->len != 0)
			settle(r);
		r->at = a + from;
		r->len = n;
		r->off = off;
		runs = from + n < STEP ? runs & ~UINT64_C(0) << (from + n) : 0;
	}
}

/* ---- records ----------------------------------------------------------------------- */

/* Where the addresses of this kind's records are; 0: nowhere. */
static void
learn(struct kind *k, const uint8_t *rec, uint32_t head)
{
	struct elem_walk w;
	*k = (struct kind){ .head = head, .last = FAR };
	if (get16(rec) != REC_FLOW)
		return;
	elem_walk(&w, rec);
	while (elem_next(&w)) {
		uint16_t at = (uint16_t)(w.payload - rec);
		if (w.id == FE_IPV4 && w.len >= 8) {
			k->key[0] = at;
			k->key[1] = (uint16_t)(at + 4);
		} else if (w.id == FE_IPV6 && w.len >= 32) {
			/* The low words. */
			k->key[0] = (uint16_t)(at + 8);
			k->key[1] = (uint16_t)(at + 24);
		}
	}
}

static struct kind *
kind_of(struct rows *r, const uint8_t *rec)
{
	uint32_t head = get32(rec + 2);
	struct kind *k = &r->kinds[(head * 2654435761U) >> 24];
	if (k->head != head)
		learn(k, rec, head);
	return k;
}

/* Who has this key, and from now on it is p.  FAR: nobody. */
static INLINE uint32_t
swap_keyed(uint32_t keyed[KEYS], const uint8_t *rec, uint16_t at, uint32_t size,
    uint32_t p)
{
	uint32_t h = (get32(rec + at) + size) * 2654435761U;
	uint32_t was = keyed[h >> (32 - KEY_LOG)];
	keyed[h >> (32 - KEY_LOG)] = p;
	return was;
}

static INLINE void
pack_record(struct rows *r, const uint8_t *in, uint32_t p, uint32_t size,
    equal_fn *equal)
{
	const uint8_t *rec = in + p;
	struct kind *k = kind_of(r, rec);
	uint32_t refs[REFS] = { p - k->last };
	for (int i = 0; i < REFS - 1; i++)
		refs[i + 1] =
		    p - swap_keyed(r->keyed[i], rec, k->key[i], size, p);
	k->last = p;
	if (refs[0] > REACH)
		refs[0] = refs[1] <= REACH ? refs[1] : refs[2];
	if (refs[0] > REACH)
		return;
	for (int i = 1; i < REFS; i++)
		refs[i] = refs[i] <= REACH ? refs[i] : refs[0];
	for (uint32_t i = 0; i < size; i += STEP) {
		uint32_t left = size - i;
		pack_step(r, rec + i,
		    left < STEP ? (UINT64_C(1) << left) - 1 : ~UINT64_C(0),
		    refs, equal);
	}
}

static void
rows_init(struct rows *r, const uint8_t *in, uint8_t *out)
{
	r->op = out;
	r->anchor = in;
	r->at = in;
	r->len = 0;
	r->off = 0;
	memset(r->kinds, 0, sizeof(r->kinds));
	for (int i = 0; i < REFS - 1; i++)
		for (size_t j = 0; j < KEYS; j++)
			r->keyed[i][j] = FAR;
}

static INLINE size_t
pack(const uint8_t *in, size_t n, uint8_t *out, equal_fn *equal)
{
	struct rows r;
	size_t p = 0;
	rows_init(&r, in, out);
	while (p + REC_HEADER <= n) {
		size_t size = get16(in + p + 2);
		/* Steps and copies read ahead; the end is literals. */
		if (size < FLOW_HEADER || p + size + STEP + END > n)
			break;
		pack_record(&r, in, (uint32_t)p, (uint32_t)size, equal);
		p += size;
	}
	if (r.len != 0)
		settle(&r);
	r.op = put_literals(r.op, r.anchor, (size_t)(in + n - r.anchor), 0);
	return (size_t)(r.op - out);
}

size_t
rows_pack_plain(const uint8_t *in, size_t n, uint8_t *out)
{
	return pack(in, n, out, equal_words);
}

#if defined(__x86_64__)

/* Counting and shifting bits are one instruction each, too. */
#define AVX2 __attribute__((target("avx2,popcnt,bmi,bmi2")))

AVX2 static inline uint64_t
equal_32(const uint8_t *a, const uint8_t *b)
{
	__m256i x, y;
	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(x, y));
}

AVX2 static inline uint64_t
equal_64(const uint8_t *a, const uint8_t *b)
{
	return equal_32(a, b) | equal_32(a + 32, b + 32) << 32;
}

AVX2 static size_t
pack_avx2(const uint8_t *in, size_t n, uint8_t *out)
{
	return pack(in, n, out, equal_64);
}

size_t
rows_pack(const uint8_t *in, size_t n, uint8_t *out)
{
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2"))
		return pack_avx2(in, n, out);
	return rows_pack_plain(in, n, out);
}

#else

size_t
rows_pack(const uint8_t *in, size_t n, uint8_t *out)
{
	return rows_pack_plain(in, n, out);
}

#endif
