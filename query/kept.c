#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "nffile/nffile.h"
#include "query/kept_internal.h"

#define SLACK 65536 /* more than the top that are kept before a cut */
/* What a reference takes, and its place while it is sorted. */
#define REF_COST (2 * sizeof(struct kept_ref))
#define AHEAD    12 /* records that are fetched before their turn */

/* One thread's: the flows of the block at hand. */
struct part {
	struct kept *k;
	struct kept_ref *ref;
	size_t n, cap;
	struct kept_chunk *chunks;
};

static size_t
record_size(const uint8_t *rec)
{
	uint16_t size;
	memcpy(&size, rec + 2, sizeof(size));
	return size;
}

size_t
kept_room(const struct kept *k, const uint8_t *rec)
{
	size_t head = k->labels != NULL ? sizeof(const char *) : 0;
	return (head + record_size(rec) + 7) & ~(size_t)7;
}

void
kept_add_chunk(struct kept_chunk **list, size_t room)
{
	struct kept_chunk *c = mem_alloc(sizeof(*c) + room);
	*c = (struct kept_chunk){ .next = *list, .room = room };
	*list = c;
}

const uint8_t *
kept_copy(const struct kept *k, struct kept_chunk *c, const uint8_t *rec,
    const char *label)
{
	size_t head = k->labels != NULL ? sizeof(label) : 0;
	uint8_t *p = c->data + c->used;
	memcpy(p, &label, head);
	memcpy(p + head, rec, record_size(rec));
	c->used += kept_room(k, rec);
	assert(c->used <= c->room);
	return p + head;
}

const char *
kept_label(const struct kept *k, const uint8_t *rec)
{
	const char *label = NULL;
	if (k->labels != NULL)
		memcpy(&label, rec - sizeof(label), sizeof(label));
	return label;
}

void
kept_free_chunks(struct kept_chunk *c)
{
	while (c != NULL) {
		struct kept_chunk *next = c->next;
		free(c);
		c = next;
	}
}

/* ---- of a scan ------------------------------------------------------------------- */

static void *
part(void *ctx)
{
	struct part *p = mem_calloc(1, sizeof(*p));
	p->k = ctx;
	return p;
}

static uint64_t
key_of(enum order order, const struct batch *b, size_t row)
{
	const struct sums s = { .flows = b->flows[row],
		.packets = b->packets[row],
		.bytes = b->bytes[row],
		.out_packets = b->out_packets[row],
		.out_bytes = b->out_bytes[row],
		.first = b->first[row],
		.last = b->last[row] };
	if (order == ORDER_TSTART)
		return UINT64_MAX - b->first[row];
	if (order == ORDER_TEND)
		return UINT64_MAX - b->last[row];
	return order_value(order, &s);
}

static const char *
find_label(const struct kept *k, const uint8_t *rec, const char *ident)
{
	struct flow f;
	if (k->labels == NULL)
		return NULL;
	(void)nffile_record_flow(rec, &f);
	return filter_label(k->labels, &f, ident);
}

static void
take(void *ctx, const struct picked *picked)
{
	struct part *p = ctx;
	const struct batch *b = picked->b;
	if (p->cap - p->n < picked->n) {
		p->cap = p->n + picked->n + BATCH_ROWS;
		p->ref = mem_realloc(p->ref, p->cap, sizeof(*p->ref));
	}
	size_t room = 0;
	for (size_t i = 0; i < picked->n; i++)
		room += kept_room(p->k, b->rec[picked->rows[i]]);
	kept_add_chunk(&p->chunks, room);
	for (size_t i = 0; i < picked->n; i++) {
		size_t row = picked->rows[i];
		const uint8_t *rec = b->rec[row];
		p->ref[p->n++] = (struct kept_ref){ key_of(p->k->order, b, row),
			kept_copy(p->k, p->chunks, rec,
			    find_label(p->k, rec, b->ident)) };
	}
}

/* Forget all but the top, and let go of the memory of the others. */
static void
cut(struct kept *k)
{
	struct kept_chunk *old = k->chunks;
	kept_sort(k->ref, k->n);
	k->n = k->top;
	k->chunks = NULL;
	size_t room = 0;
	for (size_t i = 0; i < k->n; i++)
		room += kept_room(k, k->ref[i].rec);
	kept_add_chunk(&k->chunks, room);
	for (size_t i = 0; i < k->n; i++)
		k->ref[i].rec = kept_copy(k, k->chunks, k->ref[i].rec,
		    kept_label(k, k->ref[i].rec));
	k->used = room + k->n * REF_COST;
	kept_free_chunks(old);
}

/* The block's flows go behind those of the blocks before. */
static void
turn(void *ctx)
{
	struct part *p = ctx;
	struct kept *k = p->k;
	if (k->cap - k->n < p->n) {
		k->cap = (k->n + p->n) * 2;
		k->ref = mem_realloc(k->ref, k->cap, sizeof(*k->ref));
	}
	memcpy(k->ref + k->n, p->ref, p->n * sizeof(*p->ref));
	k->n += p->n;
	k->used += p->n * REF_COST;
	p->n = 0;
	if (p->chunks != NULL) {
		struct kept_chunk *last = p->chunks;
		for (; last->next != NULL; last = last->next)
			k->used += last->room;
		k->used += last->room;
		last->next = k->chunks;
		k->chunks = p->chunks;
		p->chunks = NULL;
	}
	if (k->top != 0 && k->n > SLACK && k->n / 4 > k->top)
		cut(k);
	if (k->memory != 0 && k->used > k->memory)
		kept_spill(k);
}

static void
end(void *ctx, void *state)
{
	struct part *p = state;
	(void)ctx;
	free(p->ref);
	free(p);
}

struct scan_sink
kept_sink(struct kept *k)
{
	return (struct scan_sink){ .ctx = k,
		.part = part,
		.take = take,
		.turn = turn,
		.end = end };
}

/* ---- printing -------------------------------------------------------------------- */

static void
get(const void *ctx, size_t i, struct flow *f)
{
	const struct kept *k = ctx;
	if (i + AHEAD < k->n) {
		__builtin_prefetch(k->ref[i + AHEAD].rec);
		__builtin_prefetch(k->ref[i + AHEAD].rec + 64);
	}
	(void)nffile_record_flow(k->ref[i].rec, f);
	listing_label(f, kept_label(k, k->ref[i].rec));
}

bool
kept_more(struct kept *k)
{
	if (k->runs != NULL && k->heap == NULL)
		kept_spill(k); /* the last run */
	if (k->runs != NULL)
		return kept_merge(k);
	if (k->given)
		return false;
	k->given = true;
	kept_sort(k->ref, k->n);
	if (k->top != 0 && k->top < k->n)
		k->n = k->top;
	return k->n != 0;
}

void
kept_print(struct kept *k, struct listing *l)
{
	while (kept_more(k))
		listing_print(l, get, k, k->n);
}

void
kept_free(struct kept *k)
{
	kept_free_chunks(k->chunks);
	kept_spill_free(k);
	free(k->ref);
	*k = (struct kept){ 0 };
}
