#include "filter/set.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* From so many ranges on a predicate looks values up. */
#define LOOKUP_RANGES 12

struct filterset *
filterset_new(void)
{
	struct filterset *s = mem_calloc(1, sizeof(*s));
	s->number = 1;
	graph_init(&s->graph);
	s->kernels = kernels_best();
	return s;
}

void
filterset_free(struct filterset *s)
{
	if (s == NULL)
		return;
	graph_free(&s->graph);
	arena_free(&s->arena);
	free(s->root);
	free(s);
}

size_t
filterset_add(struct filterset *s, const struct filter *f)
{
	assert(!s->compiled);
	if (s->n == s->cap) {
		s->cap = s->cap != 0 ? s->cap * 2 : 16;
		s->root = mem_realloc(s->root, s->cap, sizeof(s->root[0]));
	}
	s->root[s->n] = graph_filter(&s->graph, f->root);
	return s->n++;
}

size_t
filterset_count(const struct filterset *s)
{
	return s->n;
}

void
filterset_expander(struct filterset *s, filterset_expand *expand)
{
	s->expand = expand;
}

void
filterset_number(struct filterset *s, uint64_t first)
{
	s->number = first;
}

/* ---- compile ------------------------------------------------------------- */

static uint64_t *
new_bits(struct filterset *s)
{
	return arena_array(&s->arena, BATCH_WORDS, sizeof(uint64_t));
}

/* Nodes that some filter reaches; kids come before parents. */
static void
mark(struct filterset *s)
{
	for (size_t i = 0; i < s->n; i++)
		s->node[REF_NODE(s->root[i])].needed = true;
	for (size_t i = s->graph.n; i-- > 1;) {
		const struct graph_node *x = &s->graph.node[i];
		for (size_t k = 0; s->node[i].needed && k < x->n; k++)
			s->node[REF_NODE(x->kid[k])].needed = true;
	}
}

static void
compile_pred(struct filterset *s, uint32_t id)
{
	const struct pred *p = &s->graph.node[id].pred;
	if (s->graph.node[id].rare) {
		s->rare[s->rares++] = id;
		return;
	}
	if (field_def((enum field)p->field)->type == FT_CALC &&
	    s->calc[p->field].value == NULL)
		s->calc[p->field].value =
		    arena_array(&s->arena, BATCH_ROWS, sizeof(uint64_t));
	if (p->op == PRED_RANGES && p->n >= LOOKUP_RANGES) {
		struct lookup *l = arena_alloc(&s->arena, sizeof(*l));
		lookup_init(l, p->w, p->n);
		s->node[id].lookup = l;
	}
}

static void
compile_node(struct filterset *s, uint32_t id)
{
	const struct graph_node *x = &s->graph.node[id];
	struct node_state *n = &s->node[id];
	if (!n->needed || x->kind == GRAPH_IDENT)
		return;
	n->bits = new_bits(s);
	if (x->kind == GRAPH_PRED)
		compile_pred(s, id);
	else
		n->kid = arena_array(&s->arena, x->n, sizeof(n->kid[0]));
	if (x->kind == GRAPH_OR && x->rare)
		n->open = new_bits(s);
}

void
filterset_compile(struct filterset *s)
{
	assert(!s->compiled);
	s->compiled = true;
	size_t nodes = s->graph.n;
	struct arena *a = &s->arena;
	s->node = arena_array(a, nodes, sizeof(s->node[0]));
	s->negated = arena_array(a, nodes, sizeof(s->negated[0]));
	s->first = arena_array(a, nodes * 2, sizeof(s->first[0]));
	s->rare = arena_array(a, nodes, sizeof(s->rare[0]));
	s->pred = arena_array(a, nodes, sizeof(s->pred[0]));
	s->result = arena_array(a, s->n, sizeof(s->result[0]));
	s->twin = arena_array(a, s->n, sizeof(s->twin[0]));
	s->all = new_bits(s);
	s->none = new_bits(s);
	s->expanded = new_bits(s);
	mark(s);
	if (s->graph.geo != NULL)
		s->geo = geo_cache_new(a, s->graph.geo);
	for (size_t i = 1; i < nodes; i++)
		compile_node(s, (uint32_t)i);
	filterset_file(s, NULL);
	s->filed = false;
}

/* ---- a file ----------------------------------------------------------------- */

/* Kids that need rows come last, when the fewest rows are left open. */
static void
rare_last(const struct filterset *s, struct node_state *n)
{
	uint32_t front = 0;
	for (uint32_t i = 0; i < n->n; i++) {
		ref kid = n->kid[i];
		if (s->graph.node[REF_NODE(kid)].rare)
			continue;
		n->kid[i] = n->kid[front];
		n->kid[front++] = kid;
	}
}

/*
 * Drop the kids that idents have decided.  An and with a false kid is false,
 * an or with a true one is true; the others change nothing.
 */
static void
decide_kids(struct filterset *s, uint32_t id)
{
	const struct graph_node *x = &s->graph.node[id];
	struct node_state *n = &s->node[id];
	ref decisive = x->kind == GRAPH_AND ? REF_FALSE : REF_TRUE;
	n->n = 0;
	n->now = decisive;
	for (size_t i = 0; i < x->n; i++) {
		ref kid = set_now(s, x->kid[i]);
		if (kid == decisive)
			return;
		if (kid != REF_NOT(decisive))
			n->kid[n->n++] = kid;
	}
	rare_last(s, n);
	if (n->n == 0)
		n->now = REF_NOT(decisive);
	else if (n->n == 1)
		n->now = n->kid[0];
	else
		n->now = id * 2;
}

/* ident NULL: before the first file, nothing is decided. */
static void
decide(struct filterset *s, uint32_t id, const char *ident)
{
	const struct graph_node *x = &s->graph.node[id];
	struct node_state *n = &s->node[id];
	n->now = id * 2;
	n->needed = false;
	if (x->kind == GRAPH_IDENT && ident != NULL)
		n->now = strcmp(x->ident, ident) == 0 ? REF_TRUE : REF_FALSE;
	else if (n->kid != NULL)
		decide_kids(s, id);
}

/* What live filters need: nodes, and the columns of predicates. */
static void
need(struct filterset *s, uint32_t id)
{
	const struct graph_node *x = &s->graph.node[id];
	struct node_state *n = &s->node[id];
	if (!n->needed)
		return;
	if (x->kind == GRAPH_PRED && x->pred.op != PRED_TEST)
		s->columns |= field_def((enum field)x->pred.field)->want;
	for (size_t i = 0; n->kid != NULL && i < n->n; i++)
		s->node[REF_NODE(n->kid[i])].needed = true;
}

/* Needed predicates that have a column, sorted by it. */
static void
group(struct filterset *s)
{
	memset(s->from, 0, sizeof(s->from));
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 1; i < s->graph.n; i++) {
			const struct graph_node *x = &s->graph.node[i];
			if (x->kind != GRAPH_PRED || x->rare ||
			    !s->node[i].needed)
				continue;
			if (pass == 0)
				s->from[x->pred.field + 1]++;
			else
				s->pred[s->from[x->pred.field]++] = (uint32_t)i;
		}
		for (size_t f = 1; f <= F_MAX && pass == 0; f++)
			s->from[f] += s->from[f - 1];
	}
	/* Filling has moved each start to its end. */
	memmove(s->from + 1, s->from, F_MAX * sizeof(s->from[0]));
	s->from[0] = 0;
}

/* A filter that is a negation in this file needs a bitmap for it. */
static void
file_root(struct filterset *s, size_t i)
{
	ref r = set_now(s, s->root[i]);
	size_t *first = &s->first[r];
	if (*first == SIZE_MAX)
		*first = i;
	s->twin[i] = *first;
	s->node[REF_NODE(r)].needed = true;
	if (REF_NEGATED(r) && s->negated[REF_NODE(r)] == NULL)
		s->negated[REF_NODE(r)] = new_bits(s);
}

void
filterset_file(struct filterset *s, const char *ident)
{
	assert(s->compiled);
	s->filed = true;
	s->columns = 0;
	for (size_t i = 0; i < s->graph.n; i++) {
		s->first[2 * i] = s->first[2 * i + 1] = SIZE_MAX;
		decide(s, (uint32_t)i, ident);
	}
	for (size_t i = 0; i < s->n; i++)
		file_root(s, i);
	for (size_t i = s->graph.n; i-- > 1;)
		need(s, (uint32_t)i);
	group(s);
}

bool
filterset_dead(const struct filterset *s, size_t index)
{
	return set_now(s, s->root[index]) == REF_FALSE;
}

uint64_t
filterset_columns(const struct filterset *s)
{
	return s->columns;
}

size_t
filterset_twin(const struct filterset *s, size_t index)
{
	return s->twin[index];
}

const uint64_t *
filterset_bits(const struct filterset *s, size_t index)
{
	return s->result[index];
}

static size_t
count_nodes(const struct filterset *s, bool preds)
{
	size_t n = 0;
	for (size_t i = 1; i < s->graph.n; i++)
		n += s->node[i].bits != NULL &&
		     (s->graph.node[i].kind == GRAPH_PRED) == preds;
	return n;
}

size_t
filterset_predicates(const struct filterset *s)
{
	return count_nodes(s, true);
}

size_t
filterset_nodes(const struct filterset *s)
{
	return count_nodes(s, false);
}
