/*
 * graph: all filters of a set as one graph of distinct predicates and
 * distinct boolean nodes.
 *
 * A node is referred to by a ref: its number times two, plus one for its
 * negation.  `not` costs nothing, and de Morgan's laws hold by construction:
 * an and of negated kids is the negation of an or.  So equal meaning as far
 * as these rules see it is the same ref.
 *
 *   and{a, b, ...}  at least one kid is not negated
 *   or{a, b, ...}   no kid is negated
 *
 * Kids have smaller numbers than their parents.
 */
#ifndef FILTER_GRAPH_H
#define FILTER_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "filter/tree.h"

typedef uint32_t ref;

#define REF_FALSE      ((ref)0)
#define REF_TRUE       ((ref)1)
#define REF_NODE(r)    ((r) >> 1)
#define REF_NEGATED(r) (((r)&1) != 0)
#define REF_NOT(r)     ((r) ^ 1)

enum pred_op {
	PRED_RANGES, /* n pairs lo, hi: ascending, apart, none empty */
	PRED_MASK,   /* one pair mask, value */
	PRED_NETS,   /* n triples hi, lo, length of IPv6 prefixes, disjoint */
	PRED_TEST /* the functions of a term, VALUE_OWN; no field, no words */
};

/* A condition on one field; false where the flow lacks the field. */
struct pred {
	uint32_t field; /* enum field */
	uint32_t op;    /* enum pred_op */
	size_t n;
	const uint64_t *w;
	const struct term *test; /* PRED_TEST */
	unsigned bit;            /* PRED_TEST: which of its sides */
};

enum graph_kind { GRAPH_FALSE, GRAPH_IDENT, GRAPH_PRED, GRAPH_AND, GRAPH_OR };

struct graph_node {
	enum graph_kind kind;
	bool rare; /* needs expanded rows */
	size_t n;
	const ref *kid;    /* GRAPH_AND, GRAPH_OR: ascending */
	struct pred pred;  /* GRAPH_PRED */
	const char *ident; /* GRAPH_IDENT; of a PRED_TEST its normal form */
	uint64_t hash;
};

struct graph {
	struct arena arena;
	struct graph_node *node; /* node[0] is false */
	size_t n;
	size_t cap;
	uint32_t *slot; /* hash table of node numbers, 0: free */
	size_t slots;   /* power of two */
	struct term_keep *keep;
	const struct geo *geo; /* what fields of databases read; keep has it */
};

void graph_init(struct graph *g);
void graph_free(struct graph *g);

/* p's words are copied. */
ref graph_pred(struct graph *g, const struct pred *p);
ref graph_ident(struct graph *g, const char *ident);

/*
 * Fields of databases read the term's from now on; all filters of a graph
 * share one.
 */
void graph_geo(struct graph *g, const struct term *t);

/* One side of a term with functions; the term is copied. */
ref graph_test(struct graph *g, const struct term *t, unsigned bit);

/* Conjunction and disjunction of n refs; the array is changed. */
ref graph_and(struct graph *g, ref *r, size_t n);
ref graph_or(struct graph *g, ref *r, size_t n);

/* lower.c: a parsed filter into the graph. */
ref graph_filter(struct graph *g, const struct filter_node *x);

/* Words of a predicate. */
static inline size_t
pred_words(const struct pred *p)
{
	return p->n * (p->op == PRED_NETS ? 3 : 2);
}

#endif
