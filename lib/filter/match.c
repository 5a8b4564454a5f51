/*
 * match: the meaning of every term, on one flow.  Shares nothing with the
 * batch engine but the tables, so that one can prove the other.
 */
#include <string.h>

#include "filter/geo_term.h"
#include "filter/tree.h"

/* One value of the flow; its family is ADDR_NONE for plain numbers. */
struct operand {
	uint64_t num;
	struct addr addr;
};

/* The flow's value of a field; of an address, of either family. */
static bool
operand(const struct term *t, enum field f, const struct flow *flow,
    struct operand *o)
{
	bool net = t->def->value == VALUE_HOST || t->def->value == VALUE_NET;
	struct flow_ip6 a;
	memset(o, 0, sizeof(*o));
	if (field_def(f)->type == FT_IP6) { /* `ipv6` */
		o->num = 0;
		return field_get6(flow, f, &a);
	}
	if (field_get(flow, f, &o->num)) {
		o->addr = addr_v4((uint32_t)o->num);
		return true;
	}
	if (!net || !field_get6(flow, f + 1, &a))
		return false;
	o->addr = addr_v6(a.hi, a.lo);
	return true;
}

static bool
compare(const struct term *t, size_t i, const struct operand *o)
{
	if (t->net != NULL)
		return prefix_has(&t->net[i], &o->addr);
	if (t->def->value == VALUE_TIME && t->op == CMP_EQ)
		return i == 0 && o->num >= t->num[0] && o->num <= t->num[1];
	uint64_t v = t->num[i];
	switch (t->op) {
	case CMP_EQ:
	case CMP_IN:
		return o->num == v;
	case CMP_GT:
		return o->num > v;
	case CMP_GE:
		return o->num >= v;
	case CMP_LT:
		return o->num < v;
	case CMP_LE:
		return o->num <= v;
	case CMP_MASK:
	case CMP_ANY:
		break;
	}
	return false;
}

/* Does one value satisfy the term? */
static bool
satisfies(const struct term *t, const struct operand *o)
{
	if (t->def->value == VALUE_NONE)
		return o->num >= t->def->limit;
	if (t->op == CMP_MASK)
		return (t->def->value == VALUE_FLAGS ||
			   o->addr.family == ADDR_V4) &&
		       (o->num & t->num[0]) == t->num[1];
	if (t->op == CMP_ANY)
		return (o->num & t->num[0]) != 0;
	for (size_t i = 0; i < t->n; i++)
		if (compare(t, i, o))
			return true;
	return false;
}

static bool
implied(const struct term *t, const struct flow *flow)
{
	uint64_t v;
	switch (t->def->implied) {
	case IMPLIED_NONE:
		return true;
	case IMPLIED_TCP:
		return field_get(flow, F_PROTO, &v) && v == 6;
	case IMPLIED_ICMP:
		return field_get(flow, F_PROTO, &v) && (v == 1 || v == 58);
	case IMPLIED_DENIED:
		return field_get(flow, F_FW_EVENT, &v) && v == ASA_DENIED;
	}
	return false;
}

/* The term on one of its fields. */
static bool
side_match(const struct term *t, unsigned bit, const struct flow *flow)
{
	struct operand o;
	if (t->def->value == VALUE_OWN)
		return t->def->ops->match(t, bit, flow);
	if (!operand(t, term_field(t, bit), flow, &o))
		return false;
	if ((t->def->opt & TERM_FILL) != 0)
		o.num = geo_filled_as(t, bit, flow, o.num);
	return satisfies(t, &o);
}

static bool
term_match(const struct term *t, const struct flow *flow, const char *ident)
{
	if (t->def->value == VALUE_IDENT)
		return ident != NULL && strcmp(ident, t->text) == 0;
	if (t->def->value != VALUE_OWN && t->def->field[0] == F_NONE)
		return true;
	unsigned bits = term_side_bits(t), hits = 0;
	for (unsigned i = 0; i < term_fields(t); i++)
		if ((bits >> i & 1) != 0 && side_match(t, i, flow))
			hits |= 1u << i;
	return (t->dir == DIR_SRC_AND_DST ? hits == bits : hits != 0) &&
	       implied(t, flow);
}

static bool
match(const struct filter_node *x, const struct flow *flow, const char *ident)
{
	if (x->kind == NODE_TERM)
		return term_match(&x->term, flow, ident);
	if (x->kind == NODE_LABEL)
		return match(x->kid[0], flow, ident);
	if (x->kind == NODE_NOT)
		return !match(x->kid[0], flow, ident);
	for (size_t i = 0; i < x->n; i++)
		if (match(x->kid[i], flow, ident) == (x->kind == NODE_OR))
			return x->kind == NODE_OR;
	return x->kind == NODE_AND;
}

bool
filter_match(const struct filter *f, const struct flow *flow, const char *ident)
{
	return match(f->root, flow, ident);
}

/* ---- labels ----------------------------------------------------------------- */

static const char *label_of(const struct filter_node *x,
    const struct flow *flow, const char *ident);

/* Of an or the first kid that matches, of an and the last with a label. */
static const char *
kids_label(const struct filter_node *x, const struct flow *flow,
    const char *ident)
{
	const char *label = NULL;
	for (size_t i = 0; i < x->n; i++) {
		if (x->kind == NODE_OR && !match(x->kid[i], flow, ident))
			continue;
		const char *l = label_of(x->kid[i], flow, ident);
		label = l != NULL ? l : label;
		if (x->kind == NODE_OR)
			break;
	}
	return label;
}

/* The label of an expression that matches. */
static const char *
label_of(const struct filter_node *x, const struct flow *flow,
    const char *ident)
{
	switch (x->kind) {
	case NODE_LABEL:
		return x->label;
	case NODE_AND:
	case NODE_OR:
		return kids_label(x, flow, ident);
	case NODE_TERM:
	case NODE_NOT:
		break;
	}
	return NULL;
}

const char *
filter_label(const struct filter *f, const struct flow *flow, const char *ident)
{
	return match(f->root, flow, ident) ? label_of(f->root, flow, ident)
					   : NULL;
}

static bool
has_label(const struct filter_node *x)
{
	bool has = x->kind == NODE_LABEL;
	for (size_t i = 0; i < x->n && !has; i++)
		has = has_label(x->kid[i]);
	return has;
}

bool
filter_labels(const struct filter *f)
{
	return has_label(f->root);
}

static bool
has_count(const struct filter_node *x)
{
	bool has = x->kind == NODE_TERM && x->term.def->field[0] == F_COUNT;
	for (size_t i = 0; i < x->n && !has; i++)
		has = has_count(x->kid[i]);
	return has;
}

bool
filter_counts(const struct filter *f)
{
	return has_count(f->root);
}
