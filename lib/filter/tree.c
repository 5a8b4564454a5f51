/*
 * tree: making, copying and restricting trees.
 */
#include "filter/tree.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct filter_node *
tree_node(struct arena *a, enum node_kind kind,
    const struct filter_node *const *kid, size_t n)
{
	struct filter_node *x = arena_alloc(a, sizeof(*x));
	const struct filter_node **copy = arena_array(a, n, sizeof(copy[0]));
	memcpy(copy, kid, n * sizeof(copy[0]));
	*x = (struct filter_node){ .kind = kind, .n = n, .kid = copy };
	return x;
}

/* ---- (a and b) and c is one and of three ----------------------------------------- */

static size_t
count_flat(const struct filter_node *x, enum node_kind kind)
{
	size_t n = 0;
	if (x->kind != kind)
		return 1;
	for (size_t i = 0; i < x->n; i++)
		n += count_flat(x->kid[i], kind);
	return n;
}

static void
fill_flat(struct arena *a, const struct filter_node *x, enum node_kind kind,
    const struct filter_node ***to)
{
	if (x->kind != kind)
		*(*to)++ = tree_flat(a, x);
	else
		for (size_t i = 0; i < x->n; i++)
			fill_flat(a, x->kid[i], kind, to);
}

const struct filter_node *
tree_flat(struct arena *a, const struct filter_node *x)
{
	if (x->kind == NODE_TERM)
		return x;
	bool chain = x->kind == NODE_AND || x->kind == NODE_OR;
	struct filter_node *y = arena_alloc(a, sizeof(*y));
	*y = *x;
	y->n = chain ? count_flat(x, x->kind) : 1;
	const struct filter_node **kid = arena_array(a, y->n, sizeof(kid[0]));
	y->kid = kid;
	if (chain)
		fill_flat(a, x, x->kind, &kid);
	else
		kid[0] = tree_flat(a, x->kid[0]);
	return y;
}

/* ---- what terms have compiled --------------------------------------------------- */

void
term_keep_add(struct term_keep **list, struct arena *a, struct term_data *d)
{
	struct term_keep *k = arena_alloc(a, sizeof(*k));
	(void)atomic_fetch_add(&d->refs, 1);
	*k = (struct term_keep){ d, *list };
	*list = k;
}

void
term_keep_free(struct term_keep *list)
{
	for (; list != NULL; list = list->next)
		if (atomic_fetch_sub(&list->data->refs, 1) == 1)
			list->data->free(list->data);
}

uint64_t
filter_given_up(const struct filter *f)
{
	uint64_t n = 0;
	for (const struct term_keep *k = f->keep; k != NULL; k = k->next)
		if (k->data->given_up != NULL)
			n += k->data->given_up(k->data);
	return n;
}

/* ---- restricting ---------------------------------------------------------------- */

static const struct filter_node *copy_node(struct arena *a,
    const struct filter_node *x);

void
term_copy(struct arena *a, struct term *t)
{
	if (t->num != NULL) {
		uint64_t *num = arena_array(a, t->n, sizeof(num[0]));
		memcpy(num, t->num, t->n * sizeof(num[0]));
		t->num = num;
	}
	if (t->net != NULL) {
		struct prefix *net = arena_array(a, t->n, sizeof(net[0]));
		memcpy(net, t->net, t->n * sizeof(net[0]));
		t->net = net;
	}
	if (t->text != NULL)
		t->text = arena_strdup(a, t->text);
}

static const struct filter_node **
copy_kids(struct arena *a, const struct filter_node *x)
{
	const struct filter_node **kid = arena_array(a, x->n, sizeof(kid[0]));
	for (size_t i = 0; i < x->n; i++)
		kid[i] = copy_node(a, x->kid[i]);
	return kid;
}

static const struct filter_node *
copy_node(struct arena *a, const struct filter_node *x)
{
	struct filter_node *y = arena_alloc(a, sizeof(*y));
	*y = *x;
	if (x->kind == NODE_TERM)
		term_copy(a, &y->term);
	else
		y->kid = copy_kids(a, x);
	if (x->label != NULL)
		y->label = arena_strdup(a, x->label);
	return y;
}

static struct filter_node *
ident_node(struct arena *a, const char *ident)
{
	struct filter_node *x = arena_alloc(a, sizeof(*x));
	x->kind = NODE_TERM;
	x->term = (struct term){ .def = term_find("ident"),
		.n = 1,
		.text = arena_strdup(a, ident) };
	return x;
}

struct filter *
filter_with_idents(const struct filter *f, const char *const *idents, size_t n)
{
	struct filter *r = mem_calloc(1, sizeof(*r));
	r->root = copy_node(&r->arena, f->root);
	for (const struct term_keep *k = f->keep; k != NULL; k = k->next)
		term_keep_add(&r->keep, &r->arena, k->data);
	if (n == 0)
		return r;
	const struct filter_node **kid =
	    arena_array(&r->arena, n, sizeof(kid[0]));
	for (size_t i = 0; i < n; i++)
		kid[i] = ident_node(&r->arena, idents[i]);
	const struct filter_node *both[2] = {
		n == 1 ? kid[0] : tree_node(&r->arena, NODE_OR, kid, n), r->root
	};
	r->root = tree_flat(&r->arena, tree_node(&r->arena, NODE_AND, both, 2));
	return r;
}
