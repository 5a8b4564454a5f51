#include "query/partition.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define LINE   64
#define EXTENT ((size_t)1 << 20) /* bytes written at a time */

/* So many groups a partition has at least before they go to the file. */
#define SPILL_LEAST 256

#define LOADED 512 /* entries read that are added at a time */

/* ---- families ------------------------------------------------------------------- */

void
family_init(struct family *f, const struct groups_conf *c, bool narrow,
    struct keyhash *hash)
{
	memset(f, 0, sizeof(*f));
	size_t keys = c->ways != ONE_WAY ? 2 : c->n_keys;
	for (size_t i = 0; i < keys; i++) {
		f->key[i] = c->key[i];
		key_layout(&f->key[i], narrow);
	}
	for (size_t w = 0; w < WIDTHS; w++)
		f->shape[w] = (struct shape){ f, (enum width)w };
	f->hash = hash;
	f->key_len = f->key[0].len;
	f->whole = c->whole;
	f->ways = c->ways;
	f->len[SLIM] = f->key_len + sizeof(struct tally) +
		       (c->whole ? sizeof(uint8_t *) : 0);
	/* What nearly fills a line of the cache should not be on two. */
	if (f->len[SLIM] == LINE - 8)
		f->len[SLIM] = LINE;
	f->len[FULL] = f->len[SLIM] + sizeof(struct tally_out) +
		       (c->ways != ONE_WAY ? sizeof(uint64_t) : 0);
	f->budget = c->budget;
	for (size_t i = 0; i < WIDTHS; i++)
		pool_init(&f->pool[i], f->len[i] * HASHTAB_PIECE, c->budget);
	spill_init(&f->spill);
	for (size_t i = 0; i < PARTITIONS; i++) {
		(void)pthread_mutex_init(&f->part[i].lock, NULL);
		family_table(f, &f->part[i].table, SLIM);
	}
}

void
family_free(struct family *f)
{
	for (size_t i = 0; i < PARTITIONS; i++) {
		struct partition *p = &f->part[i];
		hashtab_free(&p->table);
		budget_sub(f->budget, p->records.total);
		arena_free(&p->records);
		free(p->rows.extent);
		(void)pthread_mutex_destroy(&p->lock);
	}
	spill_free(&f->spill);
	for (size_t i = 0; i < WIDTHS; i++)
		pool_free(&f->pool[i]);
}

void
family_table(struct family *f, struct hashtab *t, enum width w)
{
	hashtab_init(t, f->hash, &f->pool[w], f->key_len, f->len[w]);
}

/* ---- merging ---------------------------------------------------------------------- */

static size_t
record_size(const uint8_t *rec)
{
	uint16_t size;
	memcpy(&size, rec + 2, sizeof(size));
	return size;
}

/* How the first flow went, unless it was an answer. */
bool
family_turned(const struct family *f, const uint8_t *entry)
{
	enum { PROTO, SRCPORT = 3, DSTPORT }; /* fields of such keys */
	struct elem_value v[DSTPORT + 1];
	bool turned = place_side(family_tally(f, entry)->place) != 0;
	if (f->ways != TO_SERVER)
		return turned;
	for (size_t i = 0; i <= DSTPORT; i++)
		key_value(&f->key[0], i, entry, &v[i]);
	bool answer = turned ? ports_of_answer(v[DSTPORT].n, v[SRCPORT].n)
			     : ports_of_answer(v[SRCPORT].n, v[DSTPORT].n);
	return turned ^ (proto_has_two_ways(v[PROTO].n) && answer);
}

void
family_face(const struct family *f, const uint8_t *entry, struct sums *s)
{
	if (place_side(s->place) != 0)
		s->tcp_flags = (uint8_t)*family_back(f, entry);
	if (family_turned(f, entry))
		sums_turn(s);
}

const uint8_t *
record_copy(struct arena *a, const uint8_t *rec)
{
	size_t size = record_size(rec);
	return memcpy(arena_alloc(a, size), rec, size);
}

static void
merge_out(struct tally_out *s, const struct tally_out *more)
{
	s->packets += more->packets;
	s->bytes += more->bytes;
}

static void
merge_one(struct family *f, uint8_t *to, const uint8_t *from,
    struct arena *records)
{
	struct tally *s = family_tally(f, to);
	const struct tally *more = family_tally(f, from);
	bool earlier = s->place == 0 || more->place < s->place;
	tally_merge(s, more);
	if (f->whole && earlier)
		*family_record(f, to) =
		    record_copy(records, *family_record(f, from));
}

/* The table becomes full when entries are. */
static void
merge(struct family *f, struct hashtab *t, struct arena *records,
    const struct entries *more)
{
	uint64_t h[HASHTAB_BATCH];
	uint32_t index[HASHTAB_BATCH];
	size_t len = f->len[more->width];
	if (more->width == FULL && family_width(f, t) == SLIM)
		hashtab_widen(t, &f->pool[FULL], f->len[FULL]);
	keyhash(f->hash, more->at, len, f->key_len / 8, more->n, h);
	hashtab_take(t, more->at, len, h, more->n, index);
	for (size_t i = 0; i < more->n; i++) {
		uint8_t *to = hashtab_entry(t, index[i]);
		const uint8_t *from = more->at + i * len;
		merge_one(f, to, from, records);
		if (more->width == FULL)
			merge_out(family_out(f, to), family_out(f, from));
		if (f->ways != ONE_WAY)
			*family_back(f, to) |= *family_back(f, from);
	}
}

/* ---- to the file ------------------------------------------------------------------ */

/* With its lock: all groups to the file. */
static void
spill(struct family *f, struct partition *p)
{
	struct buf b = BUF_EMPTY;
	enum width w = family_width(f, &p->table);
	for (uint32_t i = 0; i < p->table.n; i++) {
		const uint8_t *e = hashtab_entry(&p->table, i);
		buf_add(&b, e, f->len[w]);
		if (f->whole) {
			const uint8_t *rec = *family_record(f, e);
			buf_add(&b, rec, record_size(rec));
		}
		if (b.len >= EXTENT) {
			spill_write(&f->spill, &p->rows, &b, w);
			buf_clear(&b);
		}
	}
	if (b.len != 0)
		spill_write(&f->spill, &p->rows, &b, w);
	buf_free(&b);
	hashtab_clear(&p->table, false);
	budget_sub(f->budget, p->records.total);
	arena_free(&p->records);
}

void
partition_add(struct family *f, size_t i, const struct entries *e)
{
	struct partition *p = &f->part[i];
	(void)pthread_mutex_lock(&p->lock);
	if (!hashtab_fits(&p->table, e->n))
		spill(f, p);
	size_t before = p->records.total;
	merge(f, &p->table, &p->records, e);
	budget_add(f->budget, p->records.total - before);
	if (budget_over(f->budget) && p->table.n >= SPILL_LEAST)
		spill(f, p);
	(void)pthread_mutex_unlock(&p->lock);
}

void
partition_finish(struct family *f, size_t i)
{
	struct partition *p = &f->part[i];
	if (p->rows.n != 0 && p->table.n != 0)
		spill(f, p);
}

/* ---- and back ---------------------------------------------------------------------- */

/* A table that is made of what is in the file. */
struct loading {
	struct family *f;
	struct hashtab *t;
	struct arena *records;
	size_t pass, passes; /* only those groups whose turn it is */
	uint8_t *box;        /* entries on their way */
	struct entries e;
};

/* Bits of the hash that neither partitions nor their tables use. */
static bool
is_in_pass(const struct loading *l, uint64_t hash)
{
	return l->passes == 1 || (hash >> 32 & 0xffff) % l->passes == l->pass;
}

static void
unload(struct loading *l)
{
	if (l->e.n != 0)
		merge(l->f, l->t, l->records, &l->e);
	l->e.n = 0;
}

/* Entries of one extent, not aligned when there are records between. */
static void
load_extent(struct loading *l, const uint8_t *data, size_t len)
{
	const struct family *f = l->f;
	size_t step = f->len[l->e.width];
	for (const uint8_t *p = data; p < data + len;) {
		uint8_t *row = l->box + l->e.n * step;
		uint64_t h;
		memcpy(row, p, step);
		p += step;
		if (f->whole) {
			*family_record(f, row) = p;
			p += record_size(p);
		}
		keyhash(f->hash, row, step, f->key_len / 8, 1, &h);
		if (is_in_pass(l, h) && ++l->e.n == LOADED)
			unload(l);
	}
	unload(l);
}

static void
load(struct loading *l, struct partition *p)
{
	uint8_t *data = NULL;
	size_t room = 0;
	l->box = mem_alloc(LOADED * l->f->len[FULL]);
	l->e.at = l->box;
	for (size_t i = 0; i < p->rows.n; i++) {
		const struct spill_extent *e = &p->rows.extent[i];
		if (e->len > room) {
			room = e->len;
			free(data);
			data = mem_alloc(room);
		}
		spill_read(&l->f->spill, e, data);
		l->e.width = (enum width)e->kind;
		load_extent(l, data, e->len);
	}
	free(l->box);
	free(data);
}

void
partition_each(struct family *f, size_t i, size_t room, partition_fn *fn,
    void *ctx)
{
	struct partition *p = &f->part[i];
	if (p->rows.n == 0) {
		if (p->table.n != 0)
			fn(ctx, f, &p->table);
		return;
	}
	size_t passes = (size_t)(p->rows.bytes / (room + 1)) + 1;
	size_t least =
	    (size_t)(p->rows.bytes / f->len[SLIM] / HASHTAB_ENTRIES) + 1;
	passes = passes > least ? passes : least;
	for (size_t pass = 0; pass < passes; pass++) {
		struct hashtab t;
		struct arena records = ARENA_EMPTY;
		struct loading l = { .f = f,
			.t = &t,
			.records = &records,
			.pass = pass,
			.passes = passes };
		family_table(f, &t, SLIM);
		load(&l, p);
		fn(ctx, f, &t);
		hashtab_free(&t);
		arena_free(&records);
	}
}
