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
#define SEQUENCE  3     /* bytes of a match, about */
#define END       12    /* no match begins nearer to the end */

#define STEP    64 /* bytes compared at a time: a word of bits */
#define AHEAD   16 /* literals are copied so many at a time */
#define KINDS   256
#define KEY_LOG 11
#define PLACES  (1 << KEY_LOG)
#define FAR     ((uint32_t) - (2 * REACH)) /* a place nothing can reach */
#define REFS    4                          /* the last of the kind, 3 by key */

/* Each way of packing (below) has its own copy of all of it. */
#define INLINE inline __attribute__((always_inline))

/*
 * What records are found again by: pairs of words that often come together.
 * The first step of a record has its times, counters and ports, so what is
 * alike there is found by other keys than addresses and interfaces behind.
 */
enum key { KEY_SIZES, KEY_PACKETS, KEY_DST, KEY_SRC, KEY_IFS, KEYS };
#define FIRST_KEYS KEY_SIZES /* and the two behind it: of the first step */
#define OTHER_KEYS KEY_DST   /* ... of the others */
_Static_assert(OTHER_KEYS + REFS - 1 == KEYS, "all keys are used");

/* Records with the same length and number of elements. */
struct kind {
	uint32_t head;         /* as in the record: size | number << 16 */
	uint32_t last;         /* where the last of them is */
	uint16_t key[KEYS][2]; /* offsets of 4 bytes each; 0: no such element */
};

/*
 * What is being written.  Apart from the tables, and only ever a local
 * variable, so that it is in registers.
 */
struct out {
	uint8_t *op;
	const uint8_t *anchor; /* what lies before is written */
	/* The match that is not: it may go on. */
	const uint8_t *at;
	size_t len; /* 0: none */
	uint32_t off;
};

struct rows {
	struct kind kinds[KINDS];
	uint32_t keyed[KEYS][PLACES]; /* places of records, by their keys */
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
settle(struct out *o)
{
	size_t lit = (size_t)(o->at - o->anchor), more = o->len - MATCH_MIN;
	uint8_t *op = o->op;
	if (lit < NIBBLE && more < NIBBLE + 255) {
		/* Nearly all of them, without a jump that depends on lengths. */
		bool is_long = more >= NIBBLE;
		*op = (uint8_t)(lit << 4 | (is_long ? NIBBLE : more));
		memcpy(op + 1, o->anchor, AHEAD);
		op += 1 + lit;
		put16(op, (uint16_t)o->off);
		op[2] = (uint8_t)(more - NIBBLE);
		op += 2 + is_long;
	} else {
		op = put_literals(op, o->anchor, lit,
		    (unsigned)(more < NIBBLE ? more : NIBBLE));
		put16(op, (uint16_t)o->off);
		op += 2;
		if (more >= NIBBLE)
			op = put_length(op, more);
	}
	o->op = op;
	o->anchor = o->at + o->len;
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

/* Bytes saved by a step's runs. */
static INLINE int
gain(uint64_t runs)
{
	return __builtin_popcountll(runs) -
	       SEQUENCE * __builtin_popcountll(runs & ~(runs << 1));
}

/* How many ones from the first bit on. */
static INLINE unsigned
ones(uint64_t m)
{
	return ~m != 0 ? (unsigned)__builtin_ctzll(~m) : STEP;
}

/* What a step has in common with an earlier record. */
struct common {
	uint64_t equal; /* bit i: byte i */
	uint64_t runs;  /* of these, those long enough for a match */
	uint32_t off;
	int gain;
};

static INLINE struct common
compare(const struct out *o, const uint8_t *a, uint64_t valid, uint32_t off,
    equal_fn *equal)
{
	struct common c = { .equal = equal(a, a - off) & valid, .off = off };
	c.runs = long_runs(c.equal);
	/* Going on with the match before costs nothing. */
	bool joins = (c.equal & 1) != 0 && o->at + o->len == a && o->off == off;
	c.gain = gain(c.runs) + (joins ? SEQUENCE : 0);
	return c;
}

/* One step of a record, `valid` bytes of it, against the best of refs. */
static INLINE void
pack_step(struct out *o, const uint8_t *a, uint64_t valid,
    const uint32_t refs[REFS], equal_fn *equal)
{
	struct common c = compare(o, a, valid, refs[0], equal);
	for (int i = 1; i < REFS; i++) {
		struct common x = compare(o, a, valid, refs[i], equal);
		bool better = x.gain > c.gain;
		c.equal = better ? x.equal : c.equal;
		c.runs = better ? x.runs : c.runs;
		c.off = better ? x.off : c.off;
		c.gain = better ? x.gain : c.gain;
	}
	uint64_t runs = c.runs;
	if ((c.equal & 1) != 0 && o->len != 0 && o->at + o->len == a &&
	    o->off == c.off) {
		unsigned n = ones(c.equal);
		o->len += n;
		runs &= n < STEP ? ~UINT64_C(0) << n : 0;
	}
	/* The first bit of each run, and the one behind it. */
	uint64_t starts = runs & ~(runs << 1);
	uint64_t ends = ~runs & runs << 1;
	for (; starts != 0; starts &= starts - 1, ends &= ends - 1) {
		unsigned from = (unsigned)__builtin_ctzll(starts);
		unsigned to =
		    ends != 0 ? (unsigned)__builtin_ctzll(ends) : STEP;
		if (o->len != 0)
			settle(o);
		o->at = a + from;
		o->len = to - from;
		o->off = c.off;
	}
}

/* ---- records ----------------------------------------------------------------------- */

static void
set_key(struct kind *k, enum key key, size_t a, size_t b)
{
	k->key[key][0] = (uint16_t)a;
	k->key[key][1] = (uint16_t)b;
}

/* Where the keys of this kind's records are; nowhere: all are alike. */
static void
learn(struct kind *k, const uint8_t *rec, uint32_t head)
{
	struct elem_walk w;
	*k = (struct kind){ .head = head, .last = FAR };
	if (get16(rec) != REC_FLOW)
		return;
	elem_walk(&w, rec);
	while (elem_next(&w)) {
		size_t at = (size_t)(w.payload - rec);
		if (w.id == FE_GENERIC && w.len >= GENERIC_LEN) {
			set_key(k, KEY_SIZES, at + 24, at + 32);
			set_key(k, KEY_PACKETS, at + 24, at + 44);
		} else if (w.id == FE_IPV4 && w.len >= 8) {
			set_key(k, KEY_SRC, at, at);
			set_key(k, KEY_DST, at + 4, at + 4);
		} else if (w.id == FE_IPV6 && w.len >= 32) {
			/* The low words. */
			set_key(k, KEY_SRC, at + 8, at + 8);
			set_key(k, KEY_DST, at + 24, at + 24);
		} else if (w.id == FE_MISC && w.len >= 8) {
			set_key(k, KEY_IFS, at, at + 4);
		}
	}
}

static INLINE struct kind *
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
swap_keyed(uint32_t keyed[PLACES], const uint8_t *rec, const uint16_t at[2],
    uint32_t size, uint32_t p)
{
	uint64_t pair = (uint64_t)get32(rec + at[0]) << 32 | get32(rec + at[1]);
	uint64_t h = (pair + size) * UINT64_C(0x9e3779b97f4a7c15);
	uint32_t was = keyed[h >> (64 - KEY_LOG)];
	keyed[h >> (64 - KEY_LOG)] = p;
	return was;
}

static INLINE void
pack_record(struct rows *r, struct out *o, const uint8_t *rec, uint32_t p,
    equal_fn *equal)
{
	uint32_t size = get16(rec + 2);
	struct kind *k = kind_of(r, rec);
	uint32_t near = p - k->last, by[KEYS];
	k->last = p;
	for (int i = 0; i < KEYS; i++) {
		by[i] = p - swap_keyed(r->keyed[i], rec, k->key[i], size, p);
		near = near <= REACH ? near : by[i];
	}
	if (near > REACH)
		return;
	for (int i = 0; i < KEYS; i++)
		by[i] = by[i] <= REACH ? by[i] : near;
	for (uint32_t i = 0; i < size; i += STEP) {
		const uint32_t *keyed = by + (i == 0 ? FIRST_KEYS : OTHER_KEYS);
		const uint32_t refs[REFS] = { near, keyed[0], keyed[1],
			keyed[2] };
		uint32_t left = size - i;
		pack_step(o, rec + i,
		    left < STEP ? (UINT64_C(1) << left) - 1 : ~UINT64_C(0),
		    refs, equal);
	}
}

static void
rows_init(struct rows *r)
{
	memset(r->kinds, 0, sizeof(r->kinds));
	for (int i = 0; i < KEYS; i++)
		for (size_t j = 0; j < PLACES; j++)
			r->keyed[i][j] = FAR;
}

static INLINE size_t
pack(const uint8_t *in, size_t n, uint8_t *out, equal_fn *equal)
{
	struct rows r;
	struct out o = { .op = out, .anchor = in, .at = in };
	size_t p = 0;
	rows_init(&r);
	while (p + REC_HEADER <= n) {
		size_t size = get16(in + p + 2);
		/* Steps and copies read ahead; the end is literals. */
		if (size < FLOW_HEADER || p + size + STEP + END > n)
			break;
		pack_record(&r, &o, in + p, (uint32_t)p, equal);
		p += size;
	}
	if (o.len != 0)
		settle(&o);
	o.op = put_literals(o.op, o.anchor, (size_t)(in + n - o.anchor), 0);
	return (size_t)(o.op - out);
}

static size_t
pack_plain(const uint8_t *in, size_t n, uint8_t *out)
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

#define AVX512 __attribute__((target("avx512f,avx512bw,popcnt,bmi,bmi2")))

AVX512 static inline uint64_t
equal_512(const uint8_t *a, const uint8_t *b)
{
	return _mm512_cmpeq_epi8_mask(_mm512_loadu_si512(a),
	    _mm512_loadu_si512(b));
}

AVX512 static size_t
pack_avx512(const uint8_t *in, size_t n, uint8_t *out)
{
	return pack(in, n, out, equal_512);
}

#endif

rows_way *
rows_way_nth(size_t n)
{
#if defined(__x86_64__)
	if (__builtin_cpu_supports("bmi2")) {
		if (__builtin_cpu_supports("avx512bw") && n-- == 0)
			return pack_avx512;
		if (__builtin_cpu_supports("avx2") && n-- == 0)
			return pack_avx2;
	}
#endif
	return n == 0 ? pack_plain : NULL;
}

size_t
rows_pack(const uint8_t *in, size_t n, uint8_t *out)
{
	return rows_way_nth(0)(in, n, out);
}
