/*
 * eval: one batch.  Nodes are evaluated when a filter asks for them, each at
 * most once per batch: an and stops at the first empty result, so that
 * predicates nobody needs are never computed.
 *
 * Nodes above a rare predicate are different: they are asked for some rows
 * only (`want`), those that the rest leaves open.  Their bits are good for
 * the caller at hand, the rare predicates themselves remember which rows
 * they know.
 *
 * Bits of rows that do not exist are 0 in every stored bitmap.
 */
#include <assert.h>
#include <string.h>

#include "filter/set.h"

/* Words that an earlier, larger batch has left are cleared. */
static void
fit(const struct filterset *s, struct node_state *n)
{
	if (n->words > s->words)
		memset(n->bits + s->words, 0,
		    (n->words - s->words) * sizeof(n->bits[0]));
	n->words = (uint8_t)s->words;
}

static bool
bits_any(const uint64_t *bits, size_t words)
{
	uint64_t any = 0;
	for (size_t i = 0; i < words; i++)
		any |= bits[i];
	return any != 0;
}

/* ---- predicates on columns -------------------------------------------------- */

static bool
pred_has_zero(const struct pred *p)
{
	return p->op == PRED_RANGES ? p->w[0] == 0 : p->w[1] == 0;
}

static enum width
column_width(const struct field_def *d)
{
	static const uint8_t width[] = {
		[FT_U8] = WIDTH_8,
		[FT_U16] = WIDTH_16,
		[FT_U32] = WIDTH_32,
		[FT_U64] = WIDTH_64,
		[FT_CALC] = WIDTH_64,
		[FT_IP4] = WIDTH_32,
		[FT_IP6] = WIDTH_64,
	};
	return (enum width)width[d->type];
}

/* The batch's column, or the computed one. */
static const void *
column(struct filterset *s, enum field f)
{
	const struct field_def *d = field_def(f);
	if (d->type != FT_CALC)
		return (const uint8_t *)s->b + d->column;
	struct calc *c = &s->calc[f];
	if (c->stamp != s->stamp) {
		if (d->geo != NULL)
			d->geo(s->geo, s->b, d->param != 0, c->value);
		else
			d->rows(s->b, c->value);
		for (size_t i = 0; f == F_COUNT && i < s->b->rows; i++)
			c->value[i] += s->number;
		memset(c->value + s->b->rows, 0,
		    (s->words * 64 - s->b->rows) * sizeof(c->value[0]));
		c->stamp = s->stamp;
	}
	return c->value;
}

/* Rows that have the field: 0 in a column may mean that it is missing. */
static const uint64_t *
present(const struct filterset *s, const struct field_def *d)
{
	return d->elem == FE_NULL ? s->all : s->b->present[d->elem];
}

static void
pred_number(struct filterset *s, uint32_t id, uint64_t *out)
{
	const struct pred *p = &s->graph.node[id].pred;
	const struct field_def *d = field_def((enum field)p->field);
	const struct lookup *lookup = s->node[id].lookup;
	enum width w = column_width(d);
	const void *col = column(s, (enum field)p->field);
	if (lookup != NULL)
		lookup_rows(lookup, w, col, s->words, out);
	else if (p->op == PRED_MASK)
		s->kernels->mask[w](col, s->words, p->w[0], p->w[1], out);
	else
		s->kernels->ranges[w](col, s->words, p->w, p->n, out);
	if (!pred_has_zero(p))
		return;
	const uint64_t *have = present(s, d);
	for (size_t i = 0; i < s->words; i++)
		out[i] &= have[i];
}

/* One network: a range in the upper word, or all of it and one in the lower. */
static void
net_rows(struct filterset *s, const uint64_t *hi, const uint64_t *net,
    uint64_t *out)
{
	const uint64_t *lo = hi + BATCH_ROWS;
	uint64_t h = net[0], l = net[1], len = net[2];
	kernel_ranges *ranges = s->kernels->ranges[WIDTH_64];
	if (len <= 64) {
		uint64_t r[2] = { h,
			h | (len == 64 ? 0 : ~UINT64_C(0) >> len) };
		ranges(hi, s->words, r, 1, out);
		return;
	}
	uint64_t bits[BATCH_WORDS], rh[2] = { h, h };
	uint64_t rl[2] = { l,
		l | (len == 128 ? 0 : ~UINT64_C(0) >> (len - 64)) };
	ranges(hi, s->words, rh, 1, out);
	ranges(lo, s->words, rl, 1, bits);
	for (size_t i = 0; i < s->words; i++)
		out[i] &= bits[i];
}

static bool
net_has(const uint64_t *net, uint64_t hi, uint64_t lo)
{
	struct prefix p = { .addr = addr_v6(net[0], net[1]),
		.len = (uint8_t)net[2] };
	struct addr a = addr_v6(hi, lo);
	return prefix_has(&p, &a);
}

/* Disjoint networks in order: the last that begins at or below decides. */
static bool
nets_have(const struct pred *p, uint64_t hi, uint64_t lo)
{
	size_t from = 0, to = p->n;
	while (from < to) {
		size_t mid = (from + to) / 2;
		const uint64_t *net = p->w + 3 * mid;
		if (net[0] < hi || (net[0] == hi && net[1] <= lo))
			from = mid + 1;
		else
			to = mid;
	}
	return from != 0 && net_has(p->w + 3 * (from - 1), hi, lo);
}

/* From so many networks on rows are searched for one by one. */
#define MANY_NETS 8

static void
nets_rows(struct filterset *s, const struct pred *p, const uint64_t *hi,
    const uint64_t *have, uint64_t *out)
{
	const uint64_t *lo = hi + BATCH_ROWS;
	if (p->n < MANY_NETS) {
		uint64_t bits[BATCH_WORDS];
		memset(out, 0, s->words * sizeof(out[0]));
		for (size_t k = 0; k < p->n; k++) {
			net_rows(s, hi, p->w + 3 * k, bits);
			for (size_t i = 0; i < s->words; i++)
				out[i] |= bits[i];
		}
		return;
	}
	for (size_t w = 0; w < s->words; w++) {
		out[w] = 0;
		for (uint64_t m = have[w]; m != 0; m &= m - 1) {
			unsigned i = (unsigned)__builtin_ctzll(m);
			if (nets_have(p, hi[w * 64 + i], lo[w * 64 + i]))
				out[w] |= UINT64_C(1) << i;
		}
	}
}

_Static_assert(offsetof(struct batch, src6lo) ==
		   offsetof(struct batch, src6hi) +
		       sizeof(((struct batch *)0)->src6hi),
    "the words of an address are neighbours");
_Static_assert(offsetof(struct batch, dst6lo) ==
		   offsetof(struct batch, dst6hi) +
		       sizeof(((struct batch *)0)->dst6hi),
    "the words of an address are neighbours");

/* A row with an IPv4 address hides its IPv6 one, as field_get6 does. */
static void
pred_nets(struct filterset *s, uint32_t id, uint64_t *out)
{
	const struct pred *p = &s->graph.node[id].pred;
	const struct field_def *d = field_def((enum field)p->field);
	const uint64_t *have6 = s->b->present[d->elem];
	const uint64_t *have4 =
	    s->b->present[field_def((enum field)p->field - 1)->elem];
	uint64_t have[BATCH_WORDS];
	for (size_t i = 0; i < s->words; i++)
		have[i] = have6[i] & ~have4[i];
	if (!bits_any(have, s->words)) {
		memset(out, 0, s->words * sizeof(out[0]));
		return;
	}
	nets_rows(s, p, column(s, (enum field)p->field), have, out);
	for (size_t i = 0; i < s->words; i++)
		out[i] &= have[i];
}

/* All predicates on the column, while it is in the nearest cache. */
static void
eval_field(struct filterset *s, uint32_t field)
{
	for (size_t i = s->from[field]; i < s->from[field + 1]; i++) {
		uint32_t id = s->pred[i];
		struct node_state *n = &s->node[id];
		fit(s, n);
		n->stamp = s->stamp;
		if (s->graph.node[id].pred.op == PRED_NETS)
			pred_nets(s, id, n->bits);
		else
			pred_number(s, id, n->bits);
	}
}

/* ---- rare predicates: expanded rows ------------------------------------------ */

static bool
pred_row(const struct pred *p, const struct flow *flow)
{
	uint64_t v;
	struct flow_ip6 a;
	if (p->op == PRED_TEST)
		return p->test->def->ops->match(p->test, p->bit, flow);
	if (p->op == PRED_NETS)
		return field_get6(flow, (enum field)p->field, &a) &&
		       nets_have(p, a.hi, a.lo);
	if (!field_get(flow, (enum field)p->field, &v))
		return false;
	if (p->op == PRED_MASK)
		return (v & p->w[0]) == p->w[1];
	return ranges_have(p->w, p->n, v);
}

/* All rare predicates on one row: expanding it is the costly part. */
static void
expand_row(struct filterset *s, size_t row)
{
	struct flow flow;
	uint64_t bit = UINT64_C(1) << (row % 64);
	bool ok = s->expand != NULL && s->expand(s->b->rec[row], &flow);
	for (size_t i = 0; i < s->rares; i++) {
		uint32_t id = s->rare[i];
		uint64_t *word = &s->node[id].bits[row / 64];
		if (ok && pred_row(&s->graph.node[id].pred, &flow))
			*word |= bit;
		else
			*word &= ~bit;
	}
}

static void
eval_rare_pred(struct filterset *s, const uint64_t *want)
{
	for (size_t w = 0; w < s->words; w++) {
		uint64_t m = want[w] & ~s->expanded[w];
		s->expanded[w] |= m;
		for (; m != 0; m &= m - 1)
			expand_row(s, w * 64 + (size_t)__builtin_ctzll(m));
	}
}

/* ---- nodes --------------------------------------------------------------------- */

static void eval_node(struct filterset *s, uint32_t id, const uint64_t *want);

static uint64_t
flip(ref kid)
{
	return REF_NEGATED(kid) ? ~UINT64_C(0) : 0;
}

/* to = from & kid, where kid may be negated; true while a bit is left. */
static bool
and_kid(const struct filterset *s, uint64_t *to, const uint64_t *from, ref kid)
{
	return s->kernels->and (to, from, s->node[REF_NODE(kid)].bits,
				   flip(kid), s->words) != 0;
}

static void
or_kid(const struct filterset *s, uint64_t *to, ref kid, const uint64_t *want)
{
	s->kernels->or
	    (to, s->node[REF_NODE(kid)].bits, flip(kid), want, s->words);
}

/* Kids that are known already come first; those that need rows stay last. */
static void
known_first(const struct filterset *s, struct node_state *n)
{
	uint32_t known = 0;
	for (uint32_t i = 0; i < n->n; i++) {
		ref kid = n->kid[i];
		if (s->graph.node[REF_NODE(kid)].rare)
			return;
		if (s->node[REF_NODE(kid)].stamp != s->stamp)
			continue;
		n->kid[i] = n->kid[known];
		n->kid[known++] = kid;
	}
}

static void
eval_and(struct filterset *s, struct node_state *n, const uint64_t *want)
{
	const uint64_t *from = want;
	known_first(s, n);
	for (uint32_t i = 0; i < n->n; i++) {
		eval_node(s, REF_NODE(n->kid[i]), from);
		if (!and_kid(s, n->bits, from, n->kid[i]))
			return;
		from = n->bits;
	}
}

/* Rows of want that no kid has yet; only kids that need rows care. */
static const uint64_t *
or_open(const struct filterset *s, const struct node_state *n,
    const uint64_t *want, ref kid)
{
	if (!s->graph.node[REF_NODE(kid)].rare)
		return want;
	for (size_t i = 0; i < s->words; i++)
		n->open[i] = want[i] & ~n->bits[i];
	return n->open;
}

static void
eval_or(struct filterset *s, struct node_state *n, const uint64_t *want)
{
	memset(n->bits, 0, s->words * sizeof(n->bits[0]));
	for (uint32_t i = 0; i < n->n; i++) {
		ref kid = n->kid[i];
		eval_node(s, REF_NODE(kid), or_open(s, n, want, kid));
		or_kid(s, n->bits, kid, want);
	}
}

/* Make the node's bits good for the rows of want. */
static void
eval_node(struct filterset *s, uint32_t id, const uint64_t *want)
{
	const struct graph_node *x = &s->graph.node[id];
	struct node_state *n = &s->node[id];
	if (n->stamp == s->stamp)
		return;
	if (!x->rare)
		want = s->all;
	if (want == s->all)
		n->stamp = s->stamp;
	fit(s, n);
	switch (x->kind) {
	case GRAPH_PRED:
		if (x->rare)
			eval_rare_pred(s, want);
		else
			eval_field(s, x->pred.field);
		break;
	case GRAPH_AND:
		eval_and(s, n, want);
		break;
	case GRAPH_OR:
		eval_or(s, n, want);
		break;
	case GRAPH_FALSE:
	case GRAPH_IDENT:
		assert(false); /* decided by filterset_file */
	}
}

/* ---- batches --------------------------------------------------------------------- */

static void
begin(struct filterset *s, const struct batch *b)
{
	s->b = b;
	s->stamp++;
	s->words = (b->rows + 63) / 64;
	memset(s->all, 0, BATCH_WORDS * sizeof(s->all[0]));
	memset(s->all, 0xff, b->rows / 64 * sizeof(s->all[0]));
	if (b->rows % 64 != 0)
		s->all[b->rows / 64] = (UINT64_C(1) << (b->rows % 64)) - 1;
	memset(s->expanded, 0, BATCH_WORDS * sizeof(s->expanded[0]));
	for (size_t i = 0; i < s->rares; i++)
		memset(s->node[s->rare[i]].bits, 0,
		    BATCH_WORDS * sizeof(s->all[0]));
}

/* The bitmap of a ref, evaluated. */
static const uint64_t *
result(struct filterset *s, ref r)
{
	uint32_t id = REF_NODE(r);
	if (r == REF_FALSE || r == REF_TRUE)
		return r == REF_TRUE ? s->all : s->none;
	eval_node(s, id, s->all);
	if (!REF_NEGATED(r))
		return s->node[id].bits;
	uint64_t *not = s->negated[id];
	for (size_t i = 0; i < BATCH_WORDS; i++)
		not [i] = s->all[i] & ~s->node[id].bits[i];
	return not ;
}

void
filterset_eval(struct filterset *s, const struct batch *b)
{
	assert(s->filed && b->rows <= BATCH_ROWS);
	begin(s, b);
	for (size_t i = 0; i < s->n; i++)
		s->result[i] = s->twin[i] != i
				   ? s->result[s->twin[i]]
				   : result(s, set_now(s, s->root[i]));
	s->number += b->rows;
}
