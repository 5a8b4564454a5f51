#include "filter/necessary.h"

#include <stdlib.h>

#include "base/mem.h"
#include "filter/set.h"

/* So many single values of a range, or networks, are asked for one by one. */
#define ASK_MOST 16

/* What may be the case for some flow. */
#define MAY_MATCH 1U
#define MAY_FAIL  2U
#define MAY_BOTH  (MAY_MATCH | MAY_FAIL)

struct necessary {
	const struct filterset *set;
	size_t index;
	uint8_t *may; /* of each node */
};

struct necessary *
necessary_new(const struct filterset *s, size_t index)
{
	struct necessary *n = mem_calloc(1, sizeof(*n));
	*n = (struct necessary){ .set = s,
		.index = index,
		.may = mem_calloc(s->graph.n, sizeof(n->may[0])) };
	return n;
}

void
necessary_free(struct necessary *n)
{
	if (n == NULL)
		return;
	free(n->may);
	free(n);
}

/* ---- predicates on columns --------------------------------------------------------- */

/* Every flow has a value of the field, and all of them lie in lo .. hi. */
static bool
all_within(const struct summary *s, const struct field_def *d,
    const struct summary_range *have, uint64_t lo, uint64_t hi)
{
	bool all = d->elem == FE_NULL || (s->all >> d->elem & 1) != 0;
	return all && have->lo >= lo && have->hi <= hi;
}

/* A field whose values are known one by one. */
static unsigned
set_may(const struct summary *s, const struct pred *p,
    const struct field_def *d, const uint64_t *set)
{
	unsigned may =
	    d->elem == FE_NULL || (s->all >> d->elem & 1) != 0 ? 0 : MAY_FAIL;
	for (uint64_t v = 0; v < 256; v++) {
		if ((set[v / 64] >> (v % 64) & 1) == 0)
			continue;
		bool match = p->op == PRED_MASK ? (v & p->w[0]) == p->w[1]
						: ranges_have(p->w, p->n, v);
		may |= match ? MAY_MATCH : MAY_FAIL;
	}
	return may;
}

static bool
has_number(const struct summary *s, uint32_t field, uint64_t v)
{
	if (field == F_SRC_PORT || field == F_DST_PORT)
		return summary_may_have(s, SUMMARY_PORT, 0, v);
	if (field == F_SRC_IP || field == F_DST_IP)
		return summary_may_have(s, SUMMARY_IP4, 0, v);
	return true;
}

/* Some value of lo .. hi may be there. */
static bool
has_range(const struct summary *s, uint32_t field, uint64_t lo, uint64_t hi)
{
	if (hi - lo >= ASK_MOST)
		return true;
	for (uint64_t v = lo; v <= hi; v++)
		if (has_number(s, field, v))
			return true;
	return false;
}

static unsigned
ranges_may(const struct summary *s, const struct pred *p,
    const struct field_def *d, const struct summary_range *have)
{
	unsigned may = MAY_FAIL;
	for (size_t i = 0; i < p->n; i++) {
		uint64_t lo = p->w[2 * i], hi = p->w[2 * i + 1];
		if (all_within(s, d, have, lo, hi))
			return MAY_MATCH;
		/* Beyond what is there nothing needs to be asked for. */
		lo = lo < have->lo ? have->lo : lo;
		hi = hi > have->hi ? have->hi : hi;
		if (lo <= hi && (may & MAY_MATCH) == 0 &&
		    has_range(s, p->field, lo, hi))
			may |= MAY_MATCH;
	}
	return may;
}

static bool
has_net(const struct summary *s, const struct summary_range *have,
    const uint64_t *net)
{
	uint64_t hi = net[0], lo = net[1], len = net[2];
	uint64_t last = hi | (len < 64 ? ~UINT64_C(0) >> len : 0);
	if (hi > have->hi || last < have->lo)
		return false;
	if (len == 128)
		return summary_may_have(s, SUMMARY_IP6, hi, lo);
	return true;
}

static unsigned
nets_may(const struct summary *s, const struct pred *p,
    const struct summary_range *have)
{
	for (size_t i = 0; i < p->n; i++)
		if (has_net(s, have, p->w + 3 * i))
			return MAY_BOTH;
	return MAY_FAIL;
}

/* ---- any predicate ----------------------------------------------------------------- */

/* Is the field's element nowhere? */
static bool
is_absent(const struct summary *s, const struct field_def *d)
{
	return d->elem != FE_NULL && (s->any >> d->elem & 1) == 0;
}

static unsigned
pred_may(const struct summary *s, const struct pred *p)
{
	if (p->op == PRED_TEST)
		return MAY_BOTH;
	const struct field_def *d = field_def((enum field)p->field);
	if (field_rare((enum field)p->field))
		return is_absent(s, d) ? MAY_FAIL : MAY_BOTH;
	if (d->column == FIELD_NO_COLUMN)
		return MAY_BOTH; /* computed */
	const uint64_t *set = summary_set(s, d->column);
	if (set != NULL)
		return set_may(s, p, d, set);
	const struct summary_range *have = summary_column(s, d->column);
	if (have == NULL)
		return MAY_BOTH;
	if (p->op == PRED_NETS)
		return nets_may(s, p, have);
	return p->op == PRED_RANGES ? ranges_may(s, p, d, have) : MAY_BOTH;
}

/* ---- nodes ------------------------------------------------------------------------- */

static unsigned
negated(unsigned may)
{
	return ((may & MAY_MATCH) != 0 ? MAY_FAIL : 0) |
	       ((may & MAY_FAIL) != 0 ? MAY_MATCH : 0);
}

static unsigned
ref_may(const struct necessary *n, ref r)
{
	if (r == REF_FALSE || r == REF_TRUE)
		return r == REF_TRUE ? MAY_MATCH : MAY_FAIL;
	unsigned may = n->may[REF_NODE(r)];
	return REF_NEGATED(r) ? negated(may) : may;
}

/*
 * An and may match when all kids may, it may fail when one may.  Kids that
 * may each match some flow need not match the same one.
 */
static unsigned
kids_may(const struct necessary *n, const struct node_state *x, bool is_and)
{
	unsigned all = MAY_BOTH, any = 0;
	for (size_t i = 0; i < x->n; i++) {
		unsigned may = ref_may(n, x->kid[i]);
		all &= may;
		any |= may;
	}
	return is_and ? (all & MAY_MATCH) | (any & MAY_FAIL)
		      : (any & MAY_MATCH) | (all & MAY_FAIL);
}

bool
necessary_may_match(struct necessary *n, const struct summary *s)
{
	const struct filterset *set = n->set;
	for (size_t i = 1; i < set->graph.n; i++) {
		const struct graph_node *x = &set->graph.node[i];
		if (!set->node[i].needed)
			continue;
		if (x->kind == GRAPH_PRED)
			n->may[i] = (uint8_t)pred_may(s, &x->pred);
		else
			n->may[i] = (uint8_t)kids_may(n, &set->node[i],
			    x->kind == GRAPH_AND);
	}
	return (ref_may(n, set_now(set, set->root[n->index])) & MAY_MATCH) != 0;
}
