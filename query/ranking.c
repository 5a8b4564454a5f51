/* groups: in order, the top of them or all. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "query/crew.h"
#include "query/groups_internal.h"

/* So many are chosen at a time when groups come from the file. */
#define CHOSEN_LEAST 1000

#define SORT_RUN 8 /* sorted by insertion */

/* A group and what it is sorted by. */
struct rank {
	uint64_t value;
	uint64_t place;
	const uint8_t *entry;
	const struct shape *shape;
};

/*
 * The best that one thread has seen: a heap with the worst in front.  When
 * groups come from the file, copies of them.
 */
struct choice {
	struct rank *r;
	size_t n, room;
	bool copies;
};

struct ranking {
	struct groups *g;
	int order;
	size_t most; /* to be chosen by each thread; 0: all */
	size_t room; /* bytes that a partition may take in memory */
	bool copies;
	const struct bounds *only;
	const struct rank *after; /* only what comes behind, NULL: all */
	struct choice choice[CREW_MAX];
};

/* ---- ranks ------------------------------------------------------------------------ */

static int
by_key(const struct rank *x, const struct rank *y)
{
	const struct family *f = x->shape->f;
	if (f != y->shape->f)
		return f < y->shape->f ? -1 : 1;
	return memcmp(x->entry, y->entry, f->key_len);
}

/* Never equal: keys differ. */
static inline int
by_rank(const struct rank *x, const struct rank *y)
{
	if (x->value != y->value)
		return x->value > y->value ? -1 : 1;
	if (x->place != y->place)
		return x->place < y->place ? -1 : 1;
	return by_key(x, y);
}

static void
sink_down(struct rank *r, size_t n, size_t i)
{
	for (;;) {
		size_t worst = i, kid = 2 * i + 1;
		if (kid < n && by_rank(&r[kid], &r[worst]) > 0)
			worst = kid;
		if (kid + 1 < n && by_rank(&r[kid + 1], &r[worst]) > 0)
			worst = kid + 1;
		if (worst == i)
			return;
		struct rank t = r[i];
		r[i] = r[worst];
		r[worst] = t;
		i = worst;
	}
}

/* ---- choosing ---------------------------------------------------------------------- */

static const uint8_t *
copy_of(const struct rank *r)
{
	const struct family *f = r->shape->f;
	size_t size = f->len[r->shape->width];
	uint16_t len = 0;
	if (f->whole)
		memcpy(&len, *family_record(f, r->entry) + 2, sizeof(len));
	uint8_t *to = mem_alloc(size + len);
	memcpy(to, r->entry, size);
	if (f->whole) {
		memcpy(to + size, *family_record(f, r->entry), len);
		*family_record(f, to) = to + size;
	}
	return to;
}

/* What copy_of made: read only while it is there. */
static void
free_copy(const struct rank *r)
{
	uint8_t *copy;
	memcpy(&copy, &r->entry, sizeof(copy));
	free(copy);
}

static void
forget(const struct choice *c, const struct rank *r)
{
	if (c->copies)
		free_copy(r);
}

static void
put(struct choice *c, struct rank r)
{
	if (c->n == c->room) {
		c->room = c->room != 0 ? c->room * 2 : 1024;
		c->r = mem_realloc(c->r, c->room, sizeof(c->r[0]));
	}
	c->r[c->n++] = r;
}

static void
offer(struct choice *c, size_t most, const struct rank *r)
{
	bool full = most != 0 && c->n == most;
	if (full && by_rank(r, &c->r[0]) > 0)
		return;
	struct rank mine = *r;
	if (c->copies)
		mine.entry = copy_of(r);
	if (!full) {
		put(c, mine);
		if (c->n == most)
			for (size_t i = most / 2; i-- > 0;)
				sink_down(c->r, most, i);
		return;
	}
	forget(c, &c->r[0]);
	c->r[0] = mine;
	sink_down(c->r, most, 0);
}

static bool
is_within(const struct bounds *b, const struct sums *s)
{
	return b == NULL || (bound_holds(&b->packets, s->packets) &&
				bound_holds(&b->bytes, s->bytes));
}

struct visit {
	struct ranking *k;
	struct choice *c;
};

static void
visit(void *ctx, struct family *f, const struct hashtab *t)
{
	const struct visit *v = ctx;
	const struct ranking *k = v->k;
	const struct shape *shape = &f->shape[family_width(f, t)];
	for (uint32_t i = 0; i < t->n; i++) {
		const uint8_t *e = hashtab_entry(t, i);
		const struct sums s = shape_sums(shape, e);
		if (!is_within(k->only, &s))
			continue;
		struct rank r = { .place = s.place,
			.entry = e,
			.shape = shape };
		if (k->order != -1)
			r.value = order_value((enum order)k->order, &s);
		if (k->after == NULL || by_rank(&r, k->after) > 0)
			offer(v->c, k->most, &r);
	}
}

static void
choose_one(void *ctx, size_t i, size_t thread)
{
	struct ranking *k = ctx;
	struct visit v = { k, &k->choice[thread] };
	struct family *f = &k->g->family[i / PARTITIONS];
	partition_each(f, i % PARTITIONS, k->room, visit, &v);
}

/* n sorted ones and the m at b to one run that ends where b ends. */
static void
join(const struct rank *a, size_t n, const struct rank *b, size_t m,
    struct rank *to)
{
	while (n != 0 && m != 0) {
		if (by_rank(a, b) <= 0) {
			*to++ = *a++;
			n--;
		} else {
			*to++ = *b++;
			m--;
		}
	}
	memcpy(to, a, n * sizeof(*to)); /* what is left of b is there */
}

static void
sort_run(struct rank *r, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct rank t = r[i];
		size_t k = i;
		for (; k > 0 && by_rank(&t, &r[k - 1]) < 0; k--)
			r[k] = r[k - 1];
		r[k] = t;
	}
}

/* There may be ten millions: qsort takes twice as long. */
static void
sort(struct rank *r, size_t n, struct rank *spare)
{
	if (n <= SORT_RUN) {
		sort_run(r, n);
		return;
	}
	size_t half = n / 2;
	sort(r, half, spare);
	sort(r + half, n - half, spare);
	memcpy(spare, r, half * sizeof(*r));
	join(spare, half, r + half, n - half, r);
}

static void
sort_one(void *ctx, size_t i, size_t thread)
{
	struct choice *c = &((struct ranking *)ctx)->choice[i];
	(void)thread;
	if (c->n != 0) {
		struct rank *spare = mem_alloc(c->n * sizeof(*spare));
		sort(c->r, c->n, spare);
		free(spare);
	}
}

/* The first of what is left of sorted choices, from at[] on; NULL: none. */
static const struct rank *
next_of(const struct ranking *k, size_t at[CREW_MAX])
{
	const struct rank *best = NULL;
	size_t from = 0;
	for (size_t t = 0; t < CREW_MAX; t++) {
		const struct choice *c = &k->choice[t];
		if (at[t] < c->n &&
		    (best == NULL || by_rank(&c->r[at[t]], best) < 0)) {
			best = &c->r[at[t]];
			from = t;
		}
	}
	at[from] += best != NULL;
	return best;
}

/* All threads' in the first one's, sorted; returns how many are certain. */
static size_t
gather(struct ranking *k)
{
	struct choice all = { .copies = k->copies };
	size_t at[CREW_MAX] = { 0 };
	const struct rank *r;
	crew_run(k->g->c.threads, CREW_MAX, sort_one, k);
	for (size_t t = 0; t < CREW_MAX; t++)
		all.room += k->choice[t].n;
	all.r = mem_alloc((all.room + 1) * sizeof(all.r[0]));
	while ((r = next_of(k, at)) != NULL)
		all.r[all.n++] = *r;
	for (size_t t = 0; t < CREW_MAX; t++)
		free(k->choice[t].r);
	memset(k->choice, 0, sizeof(k->choice));
	k->choice[0] = all;
	return k->most != 0 && all.n > k->most ? k->most : all.n;
}

static size_t
choose(struct ranking *k)
{
	for (size_t t = 0; t < CREW_MAX; t++)
		k->choice[t] = (struct choice){ .copies = k->copies };
	crew_run(k->g->c.threads, FAMILIES * PARTITIONS, choose_one, k);
	return gather(k);
}

/* ---- in order ---------------------------------------------------------------------- */

static void
show(const struct rank *r, group_fn *fn, void *ctx)
{
	const struct family *f = r->shape->f;
	const struct sums sums = shape_sums(r->shape, r->entry);
	struct group g = { .key = &f->key[0],
		.bytes = r->entry,
		.turned = f->ways != ONE_WAY && family_turned(f, r->entry),
		.sums = &sums,
		.record = f->whole ? *family_record(f, r->entry) : NULL };
	fn(ctx, &g);
}

static void
drop(struct choice *c)
{
	for (size_t i = 0; i < c->n; i++)
		forget(c, &c->r[i]);
	free(c->r);
	*c = (struct choice){ 0 };
}

static bool
is_spilled(const struct groups *g)
{
	for (size_t i = 0; i < FAMILIES; i++)
		if (g->family[i].spill.end != 0)
			return true;
	return false;
}

/* Without a limit files come from tables that had no more numbers. */
static size_t
memory_of(const struct groups *g)
{
	size_t limit = g->c.budget->limit;
	return limit != 0 ? limit : (size_t)1 << 30;
}

/* How many copies the threads may hold. */
static size_t
affordable(const struct groups *g, size_t threads)
{
	size_t each = g->family[WIDE].len[FULL] + sizeof(struct rank) + 32 +
		      (g->c.whole ? 256 : 0);
	size_t n = memory_of(g) / 2 / threads / each;
	return n > CHOSEN_LEAST ? n : CHOSEN_LEAST;
}

static size_t
least(size_t a, size_t b)
{
	return a == 0 || (b != 0 && b < a) ? b : a;
}

/*
 * In memory one choice is enough.  Groups in the file are gone through as
 * often as it takes, with so many of them as memory permits.
 */
void
groups_each(struct groups *g, int order, size_t top, const struct bounds *only,
    group_fn *fn, void *ctx)
{
	struct ranking k = { .g = g, .order = order, .only = only };
	size_t threads = crew_size(g->c.threads), most = 0;
	struct rank after = { 0 };
	k.copies = is_spilled(g);
	k.room = memory_of(g) / 2 / threads;
	if (k.copies)
		most = affordable(g, threads);
	for (size_t shown = 0; top == 0 || shown < top;) {
		k.most = least(top != 0 ? top - shown : 0, most);
		size_t n = choose(&k);
		for (size_t i = 0; i < n; i++)
			show(&k.choice[0].r[i], fn, ctx);
		shown += n;
		bool done = n < k.most || k.most == 0;
		struct choice old = k.choice[0];
		if (!done) {
			struct rank last = old.r[n - 1];
			if (k.copies)
				last.entry = copy_of(&last);
			if (k.after != NULL && k.copies)
				free_copy(&after);
			after = last;
			k.after = &after;
		}
		drop(&old);
		if (done)
			break;
	}
	if (k.after != NULL && k.copies)
		free_copy(&after);
}
