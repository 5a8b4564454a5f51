#include "filter/graph.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "filter/geo_term.h"

/* Numbers are for one process only; no outsider gains by collisions. */
#define SEED UINT64_C(0x6a09e667f3bcc909)

#define FIRST_SLOTS 256

void
graph_init(struct graph *g)
{
	*g = (struct graph){ .slots = FIRST_SLOTS, .cap = FIRST_SLOTS / 2 };
	g->slot = mem_calloc(g->slots, sizeof(g->slot[0]));
	g->node = mem_calloc(g->cap, sizeof(g->node[0]));
	g->n = 1; /* GRAPH_FALSE */
}

void
graph_free(struct graph *g)
{
	term_keep_free(g->keep);
	arena_free(&g->arena);
	free(g->node);
	free(g->slot);
}

static uint64_t
node_hash(const struct graph_node *x)
{
	uint64_t h = hash_mix(SEED, (uint64_t)x->kind);
	switch (x->kind) {
	case GRAPH_FALSE:
		break;
	case GRAPH_IDENT:
		return hash_bytes(x->ident, strlen(x->ident), h);
	case GRAPH_PRED:
		h = hash_mix(h, (uint64_t)x->pred.field << 8 | x->pred.op);
		assert(x->pred.op != PRED_TEST || x->ident != NULL);
		if (x->pred.op == PRED_TEST)
			return hash_bytes(x->ident, strlen(x->ident), h);
		return hash_bytes(x->pred.w,
		    pred_words(&x->pred) * sizeof(x->pred.w[0]), h);
	case GRAPH_AND:
	case GRAPH_OR:
		return hash_bytes(x->kid, x->n * sizeof(x->kid[0]), h);
	}
	return h;
}

static bool
node_same(const struct graph_node *a, const struct graph_node *b)
{
	if (a->hash != b->hash || a->kind != b->kind || a->n != b->n)
		return false;
	switch (a->kind) {
	case GRAPH_FALSE:
		return true;
	case GRAPH_IDENT:
		return strcmp(a->ident, b->ident) == 0;
	case GRAPH_PRED:
		if (a->pred.op == PRED_TEST || b->pred.op == PRED_TEST)
			return a->pred.op == b->pred.op &&
			       a->pred.bit == b->pred.bit &&
			       strcmp(a->ident, b->ident) == 0;
		return a->pred.field == b->pred.field &&
		       a->pred.op == b->pred.op && a->pred.n == b->pred.n &&
		       memcmp(a->pred.w, b->pred.w,
			   pred_words(&a->pred) * sizeof(a->pred.w[0])) == 0;
	case GRAPH_AND:
	case GRAPH_OR:
		return memcmp(a->kid, b->kid, a->n * sizeof(a->kid[0])) == 0;
	}
	return false;
}

/* The slot that holds the node, or a free one for it. */
static uint32_t *
slot_of(const struct graph *g, const struct graph_node *x)
{
	size_t i = x->hash & (g->slots - 1);
	while (g->slot[i] != 0 && !node_same(&g->node[g->slot[i]], x))
		i = (i + 1) & (g->slots - 1);
	return &g->slot[i];
}

static void
grow(struct graph *g)
{
	g->cap *= 2;
	g->node = mem_realloc(g->node, g->cap, sizeof(g->node[0]));
	g->slots *= 2;
	free(g->slot);
	g->slot = mem_calloc(g->slots, sizeof(g->slot[0]));
	for (size_t i = 1; i < g->n; i++)
		*slot_of(g, &g->node[i]) = (uint32_t)i;
}

/* What the node points to moves into the graph. */
static void
own(struct graph *g, struct graph_node *x)
{
	size_t words = pred_words(&x->pred);
	if (x->ident != NULL)
		x->ident = arena_strdup(&g->arena, x->ident);
	if (x->pred.test != NULL) {
		struct term *t = arena_alloc(&g->arena, sizeof(*t));
		*t = *x->pred.test;
		term_copy(&g->arena, t);
		if (t->data != NULL)
			term_keep_add(&g->keep, &g->arena, t->data);
		x->pred.test = t;
	}
	if (words != 0) {
		uint64_t *w = arena_array(&g->arena, words, sizeof(w[0]));
		assert(x->pred.w != NULL);
		memcpy(w, x->pred.w, words * sizeof(w[0]));
		x->pred.w = w;
	}
	if (x->kid != NULL) {
		ref *kid = arena_array(&g->arena, x->n, sizeof(kid[0]));
		memcpy(kid, x->kid, x->n * sizeof(kid[0]));
		x->kid = kid;
	}
}

/* The node that is like *x, made if there is none. */
static ref
intern(struct graph *g, struct graph_node *x)
{
	x->hash = node_hash(x);
	uint32_t *slot = slot_of(g, x);
	if (*slot != 0)
		return *slot * 2;
	if (g->n == g->cap) {
		grow(g);
		slot = slot_of(g, x);
	}
	own(g, x);
	*slot = (uint32_t)g->n;
	g->node[g->n] = *x;
	return (ref)g->n++ * 2;
}

ref
graph_pred(struct graph *g, const struct pred *p)
{
	struct graph_node x = { .kind = GRAPH_PRED,
		.pred = *p,
		.rare = field_rare((enum field)p->field) };
	return p->n != 0 ? intern(g, &x) : REF_FALSE;
}

void
graph_geo(struct graph *g, const struct term *t)
{
	const struct geo *geo = geo_of(t);
	assert(g->geo == NULL || g->geo == geo);
	if (g->geo == NULL)
		term_keep_add(&g->keep, &g->arena, t->data);
	g->geo = geo;
}

ref
graph_test(struct graph *g, const struct term *t, unsigned bit)
{
	struct buf key = BUF_EMPTY;
	struct term bare = *t; /* `src x` and the source of `x` are the same */
	bare.dir = DIR_NONE;
	term_print(&bare, &key);
	struct graph_node x = { .kind = GRAPH_PRED,
		.pred = { .op = PRED_TEST, .test = t, .bit = bit },
		.ident = buf_str(&key),
		.rare = true };
	ref r = intern(g, &x);
	buf_free(&key);
	return r;
}

ref
graph_ident(struct graph *g, const char *ident)
{
	struct graph_node x = { .kind = GRAPH_IDENT, .ident = ident };
	return intern(g, &x);
}

/* ---- and, or -------------------------------------------------------------- */

struct refs {
	ref *r;
	size_t n;
	size_t cap;
};

static void
refs_add(struct refs *s, ref r)
{
	if (s->n == s->cap) {
		s->cap = s->cap != 0 ? s->cap * 2 : 16;
		s->r = mem_realloc(s->r, s->cap, sizeof(s->r[0]));
	}
	s->r[s->n++] = r;
}

/*
 * Chains in a tree are flat already; what is left comes from negations and
 * sharing.  Large ones stay as they are: copied at each of a thousand levels
 * they would be large a thousand times.
 */
#define FLAT_MAX 64

/* A kid that is an and itself gives its kids: (a and b) and c. */
static void
refs_flatten(const struct graph *g, struct refs *s, ref r)
{
	const struct graph_node *x = &g->node[REF_NODE(r)];
	bool flat = x->kind == (REF_NEGATED(r) ? GRAPH_OR : GRAPH_AND) &&
		    x->n <= FLAT_MAX;
	if (!flat)
		refs_add(s, r);
	else
		for (size_t i = 0; i < x->n; i++)
			refs_add(s, x->kid[i] ^ (r & 1));
}

static int
refs_cmp(const void *a, const void *b)
{
	const ref *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

/*
 * Sort; drop what repeats or is true.  False when the whole is false: a kid
 * is, or a kid and its negation are there (neighbours in this order).
 */
static bool
refs_reduce(struct refs *s)
{
	size_t n = 0;
	qsort(s->r, s->n, sizeof(s->r[0]), refs_cmp);
	for (size_t i = 0; i < s->n; i++) {
		ref r = s->r[i];
		if (r == REF_FALSE || (n != 0 && s->r[n - 1] == REF_NOT(r)))
			return false;
		if (r != REF_TRUE && (n == 0 || s->r[n - 1] != r))
			s->r[n++] = r;
	}
	s->n = n;
	return true;
}

/* The node for two or more reduced kids. */
static ref
conjunction(struct graph *g, struct refs *s)
{
	struct graph_node x = { .kind = GRAPH_OR, .n = s->n, .kid = s->r };
	for (size_t i = 0; i < s->n; i++) {
		x.rare |= g->node[REF_NODE(s->r[i])].rare;
		if (!REF_NEGATED(s->r[i]))
			x.kind = GRAPH_AND;
	}
	if (x.kind == GRAPH_AND)
		return intern(g, &x);
	for (size_t i = 0; i < s->n; i++)
		s->r[i] = REF_NOT(s->r[i]);
	return REF_NOT(intern(g, &x));
}

ref
graph_and(struct graph *g, ref *r, size_t n)
{
	struct refs s = { 0 };
	ref result = REF_FALSE;
	refs_add(&s, REF_TRUE); /* never empty */
	for (size_t i = 0; i < n; i++)
		refs_flatten(g, &s, r[i]);
	if (refs_reduce(&s)) {
		if (s.n == 0)
			result = REF_TRUE;
		else if (s.n == 1)
			result = s.r[0];
		else
			result = conjunction(g, &s);
	}
	free(s.r);
	return result;
}

ref
graph_or(struct graph *g, ref *r, size_t n)
{
	for (size_t i = 0; i < n; i++)
		r[i] = REF_NOT(r[i]);
	return REF_NOT(graph_and(g, r, n));
}
