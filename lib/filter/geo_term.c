#include "filter/geo_term.h"

#include <ctype.h>
#include <stdlib.h>

#include "base/mem.h"
#include "filter/parse.h"

struct geo_data {
	struct term_data shared; /* first */
	struct geo *geo;
};

static void
data_free(struct term_data *d)
{
	struct geo_data *g = (struct geo_data *)(void *)d;
	geo_free(g->geo);
	free(g);
}

void
geo_keep(struct parser *ps, struct term *t)
{
	struct geo_data *d = mem_calloc(1, sizeof(*d));
	d->shared.free = data_free;
	d->geo = geo_hold(ps->options->geo);
	parse_keep(ps, t, &d->shared);
}

struct geo *
geo_of(const struct term *t)
{
	return t->data != NULL ? ((struct geo_data *)(void *)t->data)->geo
			       : NULL;
}

/* Some countries look like comparators: GE, GT, LT. */
static bool
is_country(const struct token *k)
{
	return (k->kind == TOK_WORD || k->kind == TOK_CMP) && k->len == 2 &&
	       isalpha((unsigned char)k->s[0]) &&
	       isalpha((unsigned char)k->s[1]);
}

static bool
read_country(struct parser *ps, struct term *t)
{
	const struct token *k = &ps->tok;
	if (!is_country(k))
		return parse_syntax(ps, "a country's two letters, no quotes");
	if (ps->options->geo == NULL || !geo_has_country(ps->options->geo))
		return parse_error(ps, k,
		    "other terms, until $GEODB (or -G) names a MaxMind "
		    "database",
		    "no database of countries");
	uint64_t *num = arena_alloc(ps->arena, sizeof(num[0]));
	num[0] = GEO_CODE(toupper((unsigned char)k->s[0]),
	    toupper((unsigned char)k->s[1]));
	t->num = num;
	t->n = 1;
	parse_next(ps);
	geo_keep(ps, t);
	return true;
}

static void
print_country(const struct term *t, struct buf *out)
{
	buf_printf(out, " %c%c", (char)(t->num[0] >> 8),
	    (char)(t->num[0] & 255));
}

/* The flow's address of that side. */
static struct addr
address(unsigned bit, const struct flow *flow)
{
	const struct flow_ip6 *a = bit == 0 ? &flow->src : &flow->dst;
	if (flow_has(flow, FE_IPV4))
		return addr_v4((uint32_t)a->lo);
	if (flow_has(flow, FE_IPV6))
		return addr_v6(a->hi, a->lo);
	return (struct addr){ 0 };
}

static bool
match_country(const struct term *t, unsigned bit, const struct flow *flow)
{
	struct addr a = address(bit, flow);
	return a.family != ADDR_NONE && geo_country(geo_of(t), &a) == t->num[0];
}

uint64_t
geo_filled_as(const struct term *t, unsigned bit, const struct flow *flow,
    uint64_t as)
{
	struct geo *g = geo_of(t);
	struct addr a = address(bit, flow);
	if (as != 0 || g == NULL || a.family == ADDR_NONE)
		return as;
	return geo_as(g, &a);
}

const struct term_ops geo_ops = {
	.read = read_country,
	.print = print_country,
	.match = match_country,
};
