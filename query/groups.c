#include "query/groups.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "query/crew.h"
#include "query/groups_internal.h"

#define LOCAL_BYTES ((size_t)24 << 20) /* of a thread's own table */
#define LOCAL_LEAST 1024               /* entries */
#define DIRECT_KEYS 65536              /* keys of two bytes */
#define STRETCH     512                /* rows looked up and added at a time */
#define BOX_ROWS    250                /* on their way to a partition */
#define RECORDS_MAX ((size_t)4 << 20)  /* bytes of records not yet there */

/* One thread's, narrow or wide. */
struct half {
	struct family *f;
	struct hashtab local;
	uint32_t most;    /* entries of local */
	uint64_t taken;   /* rows since it was empty */
	uint64_t skip;    /* rows that go past it */
	uint32_t *direct; /* short keys: index + 1 of their entries */
	enum width width; /* of the entries in both */
	uint8_t *box;     /* BOX_ROWS for each partition */
	uint8_t boxed[PARTITIONS];
};

struct groups_part {
	struct groups *g;
	struct groups_part *next;
	struct half half[FAMILIES];
	struct arena records;
	uint16_t rows[FAMILIES][BATCH_ROWS];
	size_t n[FAMILIES];
	uint8_t *keys;
	/* Two ways: keys of the way back; rows that go by these. */
	uint8_t *back;
	bool turned[BATCH_ROWS];
	uint64_t hash[BATCH_ROWS];
};

/* ---- making ---------------------------------------------------------------------- */

struct groups *
groups_new(const struct groups_conf *c)
{
	struct groups *g = mem_calloc(1, sizeof(*g));
	g->c = *c;
	g->use = key_narrow_use(&c->key[0]);
	keyhash_init(&g->hash, hash_seed());
	for (size_t i = 0; i < FAMILIES; i++)
		family_init(&g->family[i], c, i == NARROW, &g->hash);
	return g;
}

static void
part_free(struct groups_part *p)
{
	for (size_t i = 0; i < FAMILIES; i++) {
		hashtab_free(&p->half[i].local);
		free(p->half[i].box);
		free(p->half[i].direct);
	}
	arena_free(&p->records);
	free(p->keys);
	free(p->back);
	free(p);
}

void
groups_free(struct groups *g)
{
	if (g == NULL)
		return;
	while (g->parts != NULL) {
		struct groups_part *p = g->parts;
		g->parts = p->next;
		part_free(p);
	}
	for (size_t i = 0; i < FAMILIES; i++)
		family_free(&g->family[i]);
	free(g);
}

static uint32_t
local_entries(const struct groups *g, const struct family *f)
{
	size_t bytes = LOCAL_BYTES;
	size_t sharers = g->c.sharers != 0 ? g->c.sharers : 1;
	size_t limit =
	    f->budget->limit / (8 * sharers * crew_size(g->c.threads));
	if (f->budget->limit != 0 && limit < bytes)
		bytes = limit;
	size_t n = bytes / f->len[FULL];
	return (uint32_t)(n < LOCAL_LEAST ? LOCAL_LEAST : n);
}

/* Bytes that differ between keys. */
static size_t
key_size(const struct key *k)
{
	const struct key_field *last = &k->f[k->n - 1];
	return (size_t)last->at + last->size;
}

void *
groups_part(void *groups)
{
	struct groups *g = groups;
	struct groups_part *p = mem_calloc(1, sizeof(*p));
	size_t len = 0;
	p->g = g;
	for (size_t i = 0; i < FAMILIES; i++) {
		struct half *h = &p->half[i];
		h->f = &g->family[i];
		h->most = local_entries(g, h->f);
		h->width = g->c.ways != ONE_WAY ? FULL : SLIM;
		family_table(h->f, &h->local, h->width);
		if (key_size(&h->f->key[0]) <= 2)
			h->direct =
			    mem_calloc(DIRECT_KEYS, sizeof(h->direct[0]));
		len = h->f->key_len > len ? h->f->key_len : len;
	}
	p->keys = mem_alloc(BATCH_ROWS * len);
	if (g->c.ways != ONE_WAY)
		p->back = mem_alloc(BATCH_ROWS * len);
	return p;
}

/* ---- to the partitions ------------------------------------------------------------- */

static void
deliver(struct half *h, size_t to)
{
	const struct entries e = { .at = h->box +
					 to * BOX_ROWS * h->f->len[h->width],
		.n = h->boxed[to],
		.width = h->width };
	if (e.n != 0)
		partition_add(h->f, to, &e);
	h->boxed[to] = 0;
}

/* Room for an entry to the partition of this hash, to be filled at once. */
static uint8_t *
post(struct half *h, uint64_t hash)
{
	size_t to = hash >> PARTITION_SHIFT, len = h->f->len[h->width];
	if (h->box == NULL)
		h->box = mem_alloc(PARTITIONS * BOX_ROWS * len);
	if (h->boxed[to] == BOX_ROWS)
		deliver(h, to);
	return h->box + (to * BOX_ROWS + h->boxed[to]++) * len;
}

static void
post_entries(struct half *h, uint32_t first, size_t n)
{
	uint64_t hash[HASHTAB_PIECE];
	const uint8_t *e = hashtab_entry(&h->local, first);
	size_t len = h->f->len[h->width];
	keyhash(h->f->hash, e, len, h->f->key_len / 8, n, hash);
	for (size_t i = 0; i < n; i++)
		memcpy(post(h, hash[i]), e + i * len, len);
}

/* The thread's own table becomes empty. */
static void
flush(struct half *h)
{
	uint32_t n = h->local.n;
	for (uint32_t i = 0; i < n; i += HASHTAB_PIECE)
		post_entries(h, i,
		    n - i < HASHTAB_PIECE ? n - i : HASHTAB_PIECE);
	hashtab_clear(&h->local, true);
	if (h->direct != NULL)
		memset(h->direct, 0, DIRECT_KEYS * sizeof(h->direct[0]));
	/* Is it worth the while to look rows up here first? */
	if (h->taken < 2 * (uint64_t)n)
		h->skip = 16 * (uint64_t)h->most;
	h->taken = 0;
}

static void
empty(struct half *h)
{
	flush(h);
	for (size_t to = 0; to < PARTITIONS; to++)
		deliver(h, to);
}

static void
drain(struct groups_part *p)
{
	for (size_t i = 0; i < FAMILIES; i++)
		empty(&p->half[i]);
	arena_free(&p->records);
}

/* From now on flows count in the other direction, too. */
static void
become_full(struct half *h)
{
	empty(h);
	hashtab_free(&h->local);
	free(h->box);
	h->box = NULL;
	h->width = FULL;
	family_table(h->f, &h->local, FULL);
}

/* ---- rows ------------------------------------------------------------------------- */

/*
 * In order of files, blocks, rows and sides, from 1.  What does not fit (a
 * million blocks in a file) is equally late.
 */
static uint64_t
place_of(const struct picked *p, size_t row, size_t side)
{
	uint64_t file = p->file < (1U << 22) ? p->file : (1U << 22) - 1;
	uint64_t block = p->block < (1U << 20) ? p->block : (1U << 20) - 1;
	uint64_t at = p->row + row;
	at = at < (1U << 21) - 1 ? at : (1U << 21) - 2;
	return file << 42 | block << 22 | ((at << 1) + side + 1);
}

static void
keep_record(struct groups_part *p, struct half *h, uint8_t *entry,
    const uint8_t *rec)
{
	*family_record(h->f, entry) = record_copy(&p->records, rec);
}

static void
add_out(const struct half *h, uint8_t *entry, const struct batch *b, size_t row)
{
	struct tally_out *out = family_out(h->f, entry);
	out->packets += b->out_packets[row];
	out->bytes += b->out_bytes[row];
}

/* In and out of an entry are exchanged. */
static void
entry_turn(const struct half *h, uint8_t *entry)
{
	struct tally *in = family_tally(h->f, entry);
	struct tally_out *out = family_out(h->f, entry);
	const struct tally_out was = *out;
	*out = (struct tally_out){ in->packets, in->bytes };
	in->packets = was.packets;
	in->bytes = was.bytes;
}

/* What a flow counts for as that which went along the key. */
static void
turn_flags(const struct half *h, uint8_t *entry, struct tally *flow)
{
	*family_back(h->f, entry) |= flow->first & TALLY_FLAGS;
	flow->first &= ~TALLY_FLAGS;
}

/* Straight to the partitions. */
static void
pass_on(struct groups_part *p, struct half *h, const struct picked *k,
    size_t side)
{
	size_t len = h->f->key_len;
	for (size_t i = 0; i < k->n; i++) {
		size_t row = k->rows[i];
		uint8_t *e = post(h, p->hash[i]);
		memcpy(e, p->keys + i * len, len);
		*family_tally(h->f, e) = tally_of(k->b, row,
		    place_of(k, row, p->turned[i] ? 1 : side));
		if (h->f->whole)
			keep_record(p, h, e, k->b->rec[row]);
		if (h->width == FULL) {
			*family_out(h->f, e) = (struct tally_out){ 0 };
			add_out(h, e, k->b, row);
		}
		if (p->back != NULL)
			*family_back(h->f, e) = 0;
		if (p->turned[i]) {
			turn_flags(h, e, family_tally(h->f, e));
			entry_turn(h, e);
		}
	}
	h->skip -= h->skip < k->n ? h->skip : k->n;
}

/* A key of up to two bytes is its place in a list. */
static void
find_direct(struct half *h, const uint8_t *keys, size_t n, uint32_t *index)
{
	size_t len = h->f->key_len;
	for (size_t i = 0; i < n; i++, keys += len) {
		uint16_t key;
		memcpy(&key, keys, sizeof(key));
		uint32_t *at = &h->direct[key];
		if (*at == 0) {
			uint64_t hash;
			keyhash(h->f->hash, keys, len, len / 8, 1, &hash);
			hashtab_take(&h->local, keys, len, &hash, 1, at);
			++*at;
		}
		index[i] = *at - 1;
		__builtin_prefetch(hashtab_entry(&h->local, index[i]), 1);
	}
}

/* So few that their entries are still near when they are added to. */
static void
take_stretch(struct groups_part *p, struct half *h, const struct picked *k,
    size_t side, size_t first)
{
	size_t n = k->n - first < STRETCH ? k->n - first : STRETCH;
	size_t len = h->f->key_len;
	uint32_t index[STRETCH];
	if (h->direct != NULL)
		find_direct(h, p->keys + first * len, n, index);
	else
		hashtab_take(&h->local, p->keys + first * len, len,
		    p->hash + first, n, index);
	for (size_t i = 0; i < n; i++) {
		size_t row = k->rows[first + i];
		uint8_t *e = hashtab_entry(&h->local, index[i]);
		struct tally *s = family_tally(h->f, e);
		bool turned = p->turned[first + i];
		struct tally more =
		    tally_of(k->b, row, place_of(k, row, turned ? 1 : side));
		if (h->f->whole && s->place == 0)
			keep_record(p, h, e, k->b->rec[row]);
		if (turned) {
			turn_flags(h, e, &more);
			entry_turn(h, e);
		}
		tally_merge(s, &more);
		if (h->width == FULL)
			add_out(h, e, k->b, row);
		if (turned)
			entry_turn(h, e);
	}
}

static void
take_own(struct groups_part *p, struct half *h, const struct picked *k,
    size_t side)
{
	if (h->local.n + k->n > h->most)
		flush(h);
	for (size_t i = 0; i < k->n; i += STRETCH)
		take_stretch(p, h, k, side, i);
	h->taken += k->n;
}

/* Does any of the rows count in the other direction? */
static bool
has_out(const struct picked *k)
{
	const uint64_t *cnt = k->b->present[FE_CNT];
	uint64_t any = 0;
	for (size_t w = 0; w < BATCH_WORDS; w++)
		any |= cnt[w];
	if (any == 0)
		return false;
	any = 0;
	for (size_t i = 0; i < k->n; i++)
		any |=
		    k->b->out_packets[k->rows[i]] | k->b->out_bytes[k->rows[i]];
	return any != 0;
}

/* There and back go by the lesser of their two keys. */
static void
choose_keys(struct groups_part *p, const struct half *h, const struct picked *k)
{
	size_t len = h->f->key_len;
	key_make(&h->f->key[1], k->b, k->rows, k->n, p->back);
	for (size_t i = 0; i < k->n; i++) {
		size_t row = k->rows[i];
		uint8_t *key = p->keys + i * len, *back = p->back + i * len;
		p->turned[i] = proto_has_two_ways(k->b->proto[row]) &&
			       memcmp(back, key, len) < 0;
		if (p->turned[i])
			memcpy(key, back, len);
	}
}

static void
take_half(struct groups_part *p, struct half *h, const struct picked *k)
{
	if (h->width == SLIM && has_out(k))
		become_full(h);
	for (size_t side = 0; side < p->g->c.n_keys; side++) {
		const struct key *key = &h->f->key[side];
		key_make(key, k->b, k->rows, k->n, p->keys);
		if (p->back != NULL)
			choose_keys(p, h, k);
		if (h->direct == NULL || h->skip != 0)
			keyhash(h->f->hash, p->keys, key->len, key->len / 8,
			    k->n, p->hash);
		if (h->skip != 0)
			pass_on(p, h, k, side);
		else
			take_own(p, h, k, side);
	}
}

/* ---- batches ---------------------------------------------------------------------- */

static void
split(struct groups_part *p, const struct picked *k)
{
	const uint64_t *v6 = k->b->present[FE_IPV6];
	size_t narrow = 0, wide = 0;
	for (size_t i = 0; i < k->n; i++) {
		uint16_t row = k->rows[i];
		bool is_wide = (v6[row / 64] >> (row % 64) & 1) != 0;
		p->rows[NARROW][narrow] = row;
		p->rows[WIDE][wide] = row;
		narrow += !is_wide;
		wide += is_wide;
	}
	p->n[NARROW] = narrow;
	p->n[WIDE] = wide;
}

void
groups_take(void *part, const struct picked *k)
{
	struct groups_part *p = part;
	if (p->g->use == KEY_IPV4) {
		split(p, k);
	} else {
		size_t all = p->g->use == KEY_ALL ? NARROW : WIDE;
		memcpy(p->rows[all], k->rows, k->n * sizeof(k->rows[0]));
		p->n[all] = k->n;
		p->n[!all] = 0;
	}
	for (size_t i = 0; i < FAMILIES; i++) {
		struct picked some = *k;
		some.rows = p->rows[i];
		some.n = p->n[i];
		if (some.n != 0)
			take_half(p, &p->half[i], &some);
	}
	if (p->records.total > RECORDS_MAX)
		drain(p);
}

/* ---- the end ---------------------------------------------------------------------- */

void
groups_end(void *groups, void *part)
{
	struct groups *g = groups;
	struct groups_part *p = part;
	p->next = g->parts;
	g->parts = p;
	g->n_parts++;
}

static void
drain_one(void *ctx, size_t i, size_t thread)
{
	struct groups_part *p = ((struct groups *)ctx)->parts;
	(void)thread;
	while (i-- > 0)
		p = p->next;
	drain(p);
	for (size_t k = 0; k < FAMILIES; k++)
		hashtab_clear(&p->half[k].local, false);
}

static void
finish_one(void *ctx, size_t i, size_t thread)
{
	struct groups *g = ctx;
	(void)thread;
	partition_finish(&g->family[i / PARTITIONS], i % PARTITIONS);
}

void
groups_finish(struct groups *g)
{
	crew_run(g->c.threads, g->n_parts, drain_one, g);
	while (g->parts != NULL) {
		struct groups_part *p = g->parts;
		g->parts = p->next;
		part_free(p);
	}
	g->n_parts = 0;
	crew_run(g->c.threads, FAMILIES * PARTITIONS, finish_one, g);
}
