/*
 * lower: terms become predicates on single fields, in one form for each
 * meaning: `port > 1023` and `port >= 1024` are the same two ranges, the
 * order of a list does not matter, `src ip 10.0.0.1` is `src net
 * 10.0.0.1/32`.  A term on two sides is an or (or and) of predicates.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "filter/geo_term.h"
#include "filter/graph.h"

/* ---- ranges ----------------------------------------------------------------- */

struct range {
	uint64_t lo;
	uint64_t hi;
};

/* Pairs of words, as struct pred keeps them. */
struct ranges {
	struct range *r;
	size_t n;
};

static void
ranges_add(struct ranges *s, uint64_t lo, uint64_t hi, uint64_t max)
{
	if (lo > max || lo > hi)
		return;
	s->r[s->n++] = (struct range){ lo, hi < max ? hi : max };
}

static int
range_cmp(const void *a, const void *b)
{
	const struct range *x = a, *y = b;
	if (x->lo != y->lo)
		return x->lo < y->lo ? -1 : 1;
	return (x->hi > y->hi) - (x->hi < y->hi);
}

/* Ascending; ranges that touch become one. */
static void
ranges_merge(struct ranges *s)
{
	size_t n = 0;
	if (s->n != 0)
		qsort(s->r, s->n, sizeof(s->r[0]), range_cmp);
	for (size_t i = 0; i < s->n; i++) {
		struct range *last = &s->r[n != 0 ? n - 1 : 0];
		if (n != 0 &&
		    (last->hi == UINT64_MAX || s->r[i].lo <= last->hi + 1)) {
			if (s->r[i].hi > last->hi)
				last->hi = s->r[i].hi;
		} else {
			s->r[n++] = s->r[i];
		}
	}
	s->n = n;
}

_Static_assert(sizeof(struct range) == 2 * sizeof(uint64_t),
    "a range is a pair of words");

static ref
ranges_pred(struct graph *g, enum field f, struct ranges *s)
{
	ranges_merge(s);
	struct pred p = { .field = (uint32_t)f,
		.op = PRED_RANGES,
		.n = s->n,
		.w = (const uint64_t *)s->r };
	return graph_pred(g, &p);
}

/* ---- numbers ------------------------------------------------------------------ */

static void
number_range(struct ranges *s, enum cmp op, uint64_t v, uint64_t max)
{
	switch (op) {
	case CMP_EQ:
	case CMP_IN:
		ranges_add(s, v, v, max);
		break;
	case CMP_GT:
		if (v < max)
			ranges_add(s, v + 1, max, max);
		break;
	case CMP_GE:
		ranges_add(s, v, max, max);
		break;
	case CMP_LT:
		if (v > 0)
			ranges_add(s, 0, v - 1, max);
		break;
	case CMP_LE:
		ranges_add(s, 0, v, max);
		break;
	case CMP_MASK:
	case CMP_ANY:
		break;
	}
}

static ref
time_ref(struct graph *g, const struct term *t, enum field f)
{
	struct range w = { t->num[0], t->num[1] };
	struct ranges s = { &w, 1 };
	return ranges_pred(g, f, &s);
}

static ref
number_ref(struct graph *g, const struct term *t, enum field f)
{
	if (t->data != NULL) { /* of terms on fields that is a database */
		graph_geo(g, t);
		if (f == F_SRC_AS || f == F_DST_AS)
			f = f == F_SRC_AS ? F_SRC_GEOAS : F_DST_GEOAS;
	}
	if (t->def->value == VALUE_TIME && t->op == CMP_EQ)
		return time_ref(g, t, f);
	struct ranges s = { mem_calloc(t->n, sizeof(s.r[0])), 0 };
	for (size_t i = 0; i < t->n; i++)
		number_range(&s, t->op, t->num[i], field_max(f));
	ref r = ranges_pred(g, f, &s);
	free(s.r);
	return r;
}

/*
 * ICMP type and code are the destination port's bytes, and that column is
 * there already.
 */
static ref
icmp_ref(struct graph *g, const struct term *t, enum field f)
{
	struct range w = { 255, t->num[0] };
	struct ranges s = { &w, 0 };
	if (f == F_ICMP_CODE && t->op == CMP_EQ) {
		struct pred p = { .field = F_DST_PORT,
			.op = PRED_MASK,
			.n = 1,
			.w = (const uint64_t *)&w };
		return graph_pred(g, &p);
	}
	if (f == F_ICMP_CODE)
		return number_ref(g, t, f);
	number_range(&s, t->op, t->num[0], 255);
	w.lo <<= 8;
	w.hi = w.hi << 8 | 255;
	return ranges_pred(g, F_DST_PORT, &s);
}

/* ---- addresses ------------------------------------------------------------------ */

/* The IPv4 prefixes as ranges. */
static ref
nets4_ref(struct graph *g, const struct term *t, enum field f)
{
	struct ranges s = { mem_calloc(t->n, sizeof(s.r[0])), 0 };
	for (size_t i = 0; i < t->n; i++) {
		const struct prefix *p = &t->net[i];
		if (p->addr.family == ADDR_V4)
			ranges_add(&s, p->addr.lo,
			    p->addr.lo | UINT64_C(0xffffffff) >> p->len,
			    UINT32_MAX);
	}
	ref r = ranges_pred(g, f, &s);
	free(s.r);
	return r;
}

/* Triples of words, as struct pred keeps them. */
struct net6 {
	uint64_t hi;
	uint64_t lo;
	uint64_t len;
};
_Static_assert(sizeof(struct net6) == 3 * sizeof(uint64_t),
    "a network is a triple of words");

/* Address order, the wider one first. */
static int
net6_cmp(const void *a, const void *b)
{
	const struct net6 *x = a, *y = b;
	if (x->hi != y->hi)
		return x->hi < y->hi ? -1 : 1;
	if (x->lo != y->lo)
		return x->lo < y->lo ? -1 : 1;
	return (x->len > y->len) - (x->len < y->len);
}

static bool
net6_has(const struct net6 *net, const struct net6 *inner)
{
	struct prefix p = { .addr = addr_v6(net->hi, net->lo),
		.len = (uint8_t)net->len };
	struct addr a = addr_v6(inner->hi, inner->lo);
	return prefix_has(&p, &a);
}

/* The IPv6 prefixes, without those inside others. */
static ref
nets6_ref(struct graph *g, const struct term *t, enum field f)
{
	struct net6 *net = mem_calloc(t->n, sizeof(net[0]));
	size_t all = 0, n = 0;
	for (size_t i = 0; i < t->n; i++) {
		const struct prefix *p = &t->net[i];
		if (p->addr.family == ADDR_V6)
			net[all++] =
			    (struct net6){ p->addr.hi, p->addr.lo, p->len };
	}
	qsort(net, all, sizeof(net[0]), net6_cmp);
	for (size_t i = 0; i < all; i++)
		if (n == 0 || !net6_has(&net[n - 1], &net[i]))
			net[n++] = net[i];
	struct pred p = { .field = (uint32_t)f,
		.op = PRED_NETS,
		.n = n,
		.w = (const uint64_t *)net };
	ref r = graph_pred(g, &p);
	free(net);
	return r;
}

static ref
address_ref(struct graph *g, const struct term *t, enum field f)
{
	ref r[2] = { nets4_ref(g, t, f), nets6_ref(g, t, f + 1) };
	return graph_or(g, r, 2);
}

/* ---- terms ------------------------------------------------------------------------ */

static ref
truth_ref(struct graph *g, const struct term *t, enum field f)
{
	static const struct net6 every = { 0 };
	struct range w = { t->def->limit, field_max(f) };
	struct ranges s = { &w, 1 };
	if (field_def(f)->type != FT_IP6)
		return ranges_pred(g, f, &s);
	struct pred p = { .field = (uint32_t)f,
		.op = PRED_NETS,
		.n = 1,
		.w = (const uint64_t *)&every };
	return graph_pred(g, &p);
}

static ref
mask_ref(struct graph *g, const struct term *t, enum field f)
{
	uint64_t w[2] = { t->num[0], t->op == CMP_ANY ? 0 : t->num[1] };
	struct pred p = { .field = (uint32_t)f,
		.op = PRED_MASK,
		.n = 1,
		.w = w };
	ref r = graph_pred(g, &p);
	/* Terms with CMP_ANY imply a protocol, so the field is there. */
	return t->op == CMP_ANY ? REF_NOT(r) : r;
}

/* The term on one of its fields. */
static ref
side_ref(struct graph *g, const struct term *t, enum field f)
{
	if (t->def->value == VALUE_NONE)
		return truth_ref(g, t, f);
	if (t->op == CMP_MASK || t->op == CMP_ANY)
		return mask_ref(g, t, f);
	if (t->net != NULL)
		return address_ref(g, t, f);
	if (f == F_ICMP_TYPE || f == F_ICMP_CODE)
		return icmp_ref(g, t, f);
	return number_ref(g, t, f);
}

static ref
equal_ref(struct graph *g, enum field f, uint64_t v)
{
	uint64_t w[2] = { v, v };
	struct pred p = { .field = (uint32_t)f,
		.op = PRED_RANGES,
		.n = 1,
		.w = w };
	return graph_pred(g, &p);
}

static ref
implied_ref(struct graph *g, const struct term *t, ref r)
{
	ref icmp[2], both[2] = { r, REF_TRUE };
	switch (t->def->implied) {
	case IMPLIED_NONE:
		return r;
	case IMPLIED_TCP:
		both[1] = equal_ref(g, F_PROTO, 6);
		break;
	case IMPLIED_ICMP:
		icmp[0] = equal_ref(g, F_PROTO, 1);
		icmp[1] = equal_ref(g, F_PROTO, 58);
		both[1] = graph_or(g, icmp, 2);
		break;
	case IMPLIED_DENIED:
		both[1] = equal_ref(g, F_FW_EVENT, ASA_DENIED);
		break;
	}
	return graph_and(g, both, 2);
}

static ref
term_ref(struct graph *g, const struct term *t)
{
	if (t->def->value == VALUE_IDENT)
		return graph_ident(g, t->text);
	if (t->def->value != VALUE_OWN && t->def->field[0] == F_NONE)
		return REF_TRUE;
	ref side[16];
	size_t n = 0;
	unsigned bits = term_side_bits(t);
	for (unsigned i = 0; i < term_fields(t); i++)
		if ((bits >> i & 1) != 0)
			side[n++] = t->def->value == VALUE_OWN &&
					    t->def->field[0] == F_NONE
					? graph_test(g, t, i)
					: side_ref(g, t, term_field(t, i));
	ref r = t->dir == DIR_SRC_AND_DST ? graph_and(g, side, n)
					  : graph_or(g, side, n);
	return implied_ref(g, t, r);
}

ref
graph_filter(struct graph *g, const struct filter_node *x)
{
	if (x->kind == NODE_TERM)
		return term_ref(g, &x->term);
	if (x->kind == NODE_LABEL) /* labels are filter_label's */
		return graph_filter(g, x->kid[0]);
	if (x->kind == NODE_NOT)
		return REF_NOT(graph_filter(g, x->kid[0]));
	ref *kid = mem_calloc(x->n, sizeof(kid[0]));
	for (size_t i = 0; i < x->n; i++)
		kid[i] = graph_filter(g, x->kid[i]);
	ref r = x->kind == NODE_AND ? graph_and(g, kid, x->n)
				    : graph_or(g, kid, x->n);
	free(kid);
	return r;
}
