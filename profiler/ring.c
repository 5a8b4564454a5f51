#include "profiler/ring.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/slot.h"
#include "profiler/ring_pack.h"

#define GROUP  10           /* seconds of the open slot allocated at once */
#define WINDOW INT64_C(300) /* of a coarse piece */
#define CELLS  (WINDOW / RING_STEP)
#define FIELDS ((int)(sizeof(struct counters) / sizeof(uint64_t)))

/* Packed cells from `start` on. */
struct piece {
	int64_t start;
	uint8_t *data;
	size_t len;
};

struct pieces {
	struct piece *v; /* ascending, without empty ones */
	size_t n, cap;
};

struct series {
	char *name;
	int64_t first;          /* second known, -1: none is settled */
	int64_t settled;        /* end of the newest settled slot, -1 */
	struct counters **open; /* by group of seconds, NULL: nothing */
	struct pieces fine, coarse;
	int64_t window;         /* of `cells`, -1: none */
	struct counters *cells; /* CELLS, of the coarse piece in progress */
};

struct ring {
	struct series *v;
	size_t n;
	size_t *table; /* by hash of the name: index + 1 */
	size_t table_size;
	int64_t cycle;
	size_t groups;
	int64_t start;  /* of the open slot, -1 */
	int64_t newest; /* second, of all channels, -1 */
	int64_t horizon;
	int64_t floor_fine, floor_coarse; /* what memory made go is before */
	uint64_t bytes, limit;
};

/* ---- pieces --------------------------------------------------------------------- */

static uint64_t
cost(const struct piece *p)
{
	return p->len + sizeof(*p) + 16; /* the allocator's part */
}

static void
keep_piece(struct ring *r, struct pieces *l, int64_t start, const struct buf *b)
{
	struct piece p = { .start = start, .len = b->len };
	if (b->len == 0)
		return;
	p.data = mem_alloc(b->len);
	memcpy(p.data, b->data, b->len);
	if (l->n == l->cap)
		l->v = mem_realloc(l->v, l->cap = l->cap + l->cap / 2 + 4,
		    sizeof(*l->v));
	l->v[l->n++] = p;
	r->bytes += cost(&p);
}

/* Those that begin before `start`. */
static void
drop_pieces(struct ring *r, struct pieces *l, int64_t start)
{
	size_t n = 0;
	while (n < l->n && l->v[n].start < start) {
		r->bytes -= cost(&l->v[n]);
		free(l->v[n++].data);
	}
	if (n == 0)
		return;
	l->n -= n;
	memmove(l->v, l->v + n, l->n * sizeof(*l->v));
}

static int64_t
oldest(const struct ring *r, bool fine)
{
	int64_t min = INT64_MAX;
	for (size_t i = 0; i < r->n; i++) {
		const struct pieces *l = fine ? &r->v[i].fine : &r->v[i].coarse;
		if (l->n > 0 && l->v[0].start < min)
			min = l->v[0].start;
	}
	return min;
}

static int64_t
max64(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* The oldest of all channels go until the rest fits. */
static void
make_room(struct ring *r)
{
	while (r->bytes > r->limit) {
		int64_t at = oldest(r, false);
		bool fine = at == INT64_MAX;
		if (fine && (at = oldest(r, true)) == INT64_MAX)
			return;
		for (size_t i = 0; i < r->n; i++)
			drop_pieces(r, fine ? &r->v[i].fine : &r->v[i].coarse,
			    at + 1);
		if (fine)
			r->floor_fine = at + r->cycle;
		else
			r->floor_coarse = at + WINDOW;
	}
}

/* ---- channels -------------------------------------------------------------------- */

static void
forget_open(struct ring *r, struct series *s)
{
	for (size_t g = 0; s->open != NULL && g < r->groups; g++)
		free(s->open[g]);
	free(s->open);
	s->open = NULL;
}

static void
free_series(struct ring *r, struct series *s)
{
	forget_open(r, s);
	drop_pieces(r, &s->fine, INT64_MAX);
	drop_pieces(r, &s->coarse, INT64_MAX);
	free(s->fine.v);
	free(s->coarse.v);
	free(s->cells);
	free(s->name);
}

struct ring *
ring_new(uint64_t bytes)
{
	struct ring *r = mem_calloc(1, sizeof(*r));
	r->limit = bytes != 0 ? bytes : RING_BYTES;
	r->start = r->newest = r->horizon = -1;
	return r;
}

void
ring_free(struct ring *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < r->n; i++)
		free_series(r, &r->v[i]);
	free(r->v);
	free(r->table);
	free(r);
}

static size_t
place_of(const struct ring *r, const char *name)
{
	size_t at = (size_t)hash_bytes(name, strlen(name), hash_seed());
	for (at &= r->table_size - 1; r->table[at] != 0;
	     at = (at + 1) & (r->table_size - 1))
		if (strcmp(r->v[r->table[at] - 1].name, name) == 0)
			break;
	return at;
}

size_t
ring_find(const struct ring *r, const char *name)
{
	size_t i = r->n == 0 ? 0 : r->table[place_of(r, name)];
	return i == 0 ? r->n : i - 1;
}

static void
index_names(struct ring *r)
{
	r->table_size = 16;
	while (r->table_size < 2 * r->n)
		r->table_size *= 2;
	free(r->table);
	r->table = mem_calloc(r->table_size, sizeof(*r->table));
	for (size_t i = 0; i < r->n; i++)
		r->table[place_of(r, r->v[i].name)] = i + 1;
}

/*
 * The channel of that name as it is, or a new one.  A second one of the same
 * name (a damaged profile) begins empty.
 */
static struct series
take(struct ring *r, const char *name, bool *taken)
{
	size_t at = ring_find(r, name);
	if (at != r->n && !taken[at]) {
		taken[at] = true;
		return r->v[at];
	}
	return (struct series){ .name = mem_strdup(name),
		.first = -1,
		.settled = -1,
		.window = -1 };
}

void
ring_bind(struct ring *r, const char *const *names, size_t n, int64_t cycle)
{
	struct series *v = mem_calloc(n + 1, sizeof(*v));
	bool *taken = mem_calloc(r->n + 1, sizeof(*taken));
	ring_begin(r, -1);
	for (size_t i = 0; i < n; i++)
		v[i] = take(r, names[i], taken);
	for (size_t i = 0; i < r->n; i++)
		if (!taken[i])
			free_series(r, &r->v[i]);
	free(taken);
	free(r->v);
	r->v = v;
	r->n = n;
	r->cycle = cycle;
	r->groups = (size_t)((cycle + GROUP - 1) / GROUP);
	index_names(r);
}

size_t
ring_count(const struct ring *r)
{
	return r->n;
}

const char *
ring_name(const struct ring *r, size_t i)
{
	return r->v[i].name;
}

/* ---- the open slot ---------------------------------------------------------------- */

void
ring_horizon(struct ring *r, int64_t newest)
{
	r->horizon = newest;
}

bool
ring_wants(const struct ring *r, int64_t start)
{
	return start + r->cycle > max64(r->newest, r->horizon) - RING_COARSE;
}

void
ring_begin(struct ring *r, int64_t start)
{
	for (size_t i = 0; i < r->n; i++)
		forget_open(r, &r->v[i]);
	r->start = start != -1 && ring_wants(r, start) ? start : -1;
}

/* The open slot's cell, `at` seconds into it. */
static struct counters *
open_cell(struct ring *r, struct series *s, int64_t at)
{
	size_t g = (size_t)at / GROUP;
	if (s->open == NULL)
		s->open = mem_calloc(r->groups, sizeof(struct counters *));
	if (s->open[g] == NULL)
		s->open[g] = mem_calloc(GROUP, sizeof(struct counters));
	return &s->open[g][at % GROUP];
}

void
ring_add(struct ring *r, size_t i, int64_t second, const struct counters *c)
{
	struct series *s = &r->v[i];
	int64_t at = max64(second - r->start, 0);
	if (r->start == -1 || s->settled > r->start)
		return;
	if (at >= r->cycle)
		at = r->cycle - 1;
	counters_add(open_cell(r, s, at), c);
	r->newest = max64(r->newest, r->start + at);
}

/* ---- settling ----------------------------------------------------------------------- */

static uint64_t *
field(struct counters *c, int i)
{
	uint64_t *const rows[] = { c->flows, c->packets, c->bytes };
	return &rows[i / CLASS_MAX][i % CLASS_MAX];
}

/* Take n of a field from the newest seconds that have it. */
static void
take_back(const struct ring *r, struct series *s, int i, uint64_t n)
{
	for (int64_t at = r->cycle - 1; n > 0 && at >= 0; at--) {
		struct counters *group = s->open[at / GROUP];
		if (group == NULL)
			continue;
		uint64_t *have = field(&group[at % GROUP], i);
		uint64_t less = *have < n ? *have : n;
		*have -= less;
		n -= less;
	}
}

static void
sum_open(const struct ring *r, const struct series *s, struct counters *sum)
{
	for (size_t k = 0; s->open != NULL && k < r->groups * GROUP; k++)
		if (s->open[k / GROUP] != NULL)
			counters_add(sum, &s->open[k / GROUP][k % GROUP]);
}

static void
adjust(struct ring *r, struct series *s, const struct counters *sum)
{
	struct counters have = { 0 };
	struct counters want = *sum;
	sum_open(r, s, &have);
	for (int i = 0; i < FIELDS; i++) {
		uint64_t w = *field(&want, i);
		uint64_t h = *field(&have, i);
		if (w > h)
			*field(open_cell(r, s, r->cycle - 1), i) += w - h;
		else if (w < h)
			take_back(r, s, i, h - w);
	}
}

static void
close_window(struct ring *r, struct series *s)
{
	struct buf b = BUF_EMPTY;
	int64_t before = -1;
	for (int64_t k = 0; s->window != -1 && k < CELLS; k++)
		if (!counters_empty(&s->cells[k])) {
			ring_pack(&b, before, k, &s->cells[k]);
			before = k;
		}
	keep_piece(r, &s->coarse, s->window, &b);
	buf_free(&b);
	free(s->cells);
	s->cells = NULL;
	s->window = -1;
}

static void
add_coarse(struct ring *r, struct series *s, int64_t second,
    const struct counters *c)
{
	int64_t window = slot_start(second, WINDOW);
	if (s->window != window)
		close_window(r, s);
	if (s->cells == NULL)
		s->cells = mem_calloc(CELLS, sizeof(*s->cells));
	s->window = window;
	counters_add(&s->cells[(second - window) / RING_STEP], c);
}

static void
pack_open(struct ring *r, struct series *s)
{
	struct buf b = BUF_EMPTY;
	int64_t before = -1;
	for (int64_t k = 0; s->open != NULL && k < r->cycle; k++) {
		const struct counters *c = s->open[k / GROUP] != NULL
					       ? &s->open[k / GROUP][k % GROUP]
					       : NULL;
		if (c == NULL || counters_empty(c))
			continue;
		ring_pack(&b, before, k, c);
		before = k;
		add_coarse(r, s, r->start + k, c);
	}
	keep_piece(r, &s->fine, r->start, &b);
	buf_free(&b);
}

void
ring_settle(struct ring *r, size_t i, const struct counters *sum)
{
	struct series *s = &r->v[i];
	if (r->start == -1 || s->settled > r->start)
		return;
	adjust(r, s, sum);
	pack_open(r, s);
	forget_open(r, s);
	if (s->first == -1)
		s->first = r->start;
	s->settled = r->start + r->cycle;
	if (s->settled > r->newest + 1)
		r->newest = s->settled - 1;
	drop_pieces(r, &s->fine, r->newest - RING_FINE - r->cycle + 2);
	drop_pieces(r, &s->coarse, r->newest - RING_COARSE - WINDOW + 2);
	if (r->bytes > r->limit)
		make_room(r);
}

/* ---- reading -------------------------------------------------------------------------- */

static int64_t
floor_of(const struct ring *r, int64_t step)
{
	return step == 1 ? max64(r->floor_fine, r->newest + 1 - RING_FINE)
			 : max64(r->floor_coarse, r->newest + 1 - RING_COARSE);
}

struct ring_span
ring_known(const struct ring *r, size_t i, int64_t step)
{
	const struct series *s = &r->v[i];
	int64_t first = s->first != -1 ? s->first : r->start;
	if (first == -1 || r->newest < first)
		return (struct ring_span){ -1, -1 };
	return (
	    struct ring_span){ max64(first, floor_of(r, step)), r->newest + 1 };
}

/* Cells on their way to the caller: equal ones are joined. */
struct reading {
	int64_t from, to, step;
	int64_t at; /* of sum, -1: none */
	struct counters sum;
	ring_cell *cell;
	void *ctx;
};

static void
pass_on(struct reading *g)
{
	if (g->at != -1)
		g->cell(g->ctx, g->at, &g->sum);
	g->at = -1;
	g->sum = (struct counters){ 0 };
}

static void
read_cell(struct reading *g, int64_t second, const struct counters *c)
{
	int64_t at = slot_start(second, g->step);
	if (at < g->from || at >= g->to || counters_empty(c))
		return;
	if (at != g->at)
		pass_on(g);
	g->at = at;
	counters_add(&g->sum, c);
}

static void
read_pieces(struct reading *g, const struct pieces *l, int64_t length,
    int64_t step)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct piece *p = &l->v[i];
		const uint8_t *at = p->data;
		int64_t k = -1;
		struct counters c;
		if (p->start + length <= g->from || p->start >= g->to)
			continue;
		while (ring_unpack(&at, p->data + p->len, &k, &c))
			read_cell(g, p->start + k * step, &c);
	}
}

static void
read_open(struct reading *g, const struct ring *r, const struct series *s)
{
	for (int64_t k = 0; s->open != NULL && k < r->cycle; k++)
		if (s->open[k / GROUP] != NULL)
			read_cell(g, r->start + k,
			    &s->open[k / GROUP][k % GROUP]);
}

void
ring_each(const struct ring *r, size_t i, int64_t from, int64_t to,
    int64_t step, ring_cell *cell, void *ctx)
{
	const struct series *s = &r->v[i];
	struct reading g = { max64(from, floor_of(r, step)), to, step, -1,
		{ { 0 }, { 0 }, { 0 } }, cell, ctx };
	if (step == 1) {
		read_pieces(&g, &s->fine, r->cycle, 1);
	} else {
		read_pieces(&g, &s->coarse, WINDOW, RING_STEP);
		for (int64_t k = 0; s->window != -1 && k < CELLS; k++)
			read_cell(&g, s->window + k * RING_STEP, &s->cells[k]);
	}
	read_open(&g, r, s);
	pass_on(&g);
}

static void
add_cell(void *ctx, int64_t second, const struct counters *c)
{
	(void)second;
	counters_add(ctx, c);
}

struct counters
ring_sum(const struct ring *r, size_t i, int64_t from, int64_t to)
{
	struct counters sum = { 0 };
	ring_each(r, i, from, to, 1, add_cell, &sum);
	return sum;
}

struct ring_size
ring_size(const struct ring *r)
{
	struct ring_size z = { .settled = r->bytes,
		.open = r->n * sizeof(struct series) };
	for (size_t i = 0; i < r->n; i++) {
		const struct series *s = &r->v[i];
		z.open += s->cells != NULL ? CELLS * sizeof(*s->cells) : 0;
		for (size_t g = 0; s->open != NULL && g < r->groups; g++)
			z.open += s->open[g] != NULL
				      ? GROUP * sizeof(struct counters)
				      : sizeof(struct counters *);
	}
	return z;
}
