/*
 * set: the inside of struct filterset, for set.c (build, files) and eval.c
 * (batches).
 */
#ifndef FILTER_SET_H
#define FILTER_SET_H

#include "filter/filter.h"
#include "filter/graph.h"
#include "filter/kernel.h"

/* A node in use: what it is in the file at hand, and its bitmap. */
struct node_state {
	/*
	 * What the node amounts to in this file: REF_TRUE or REF_FALSE when
	 * idents decide it, one of its kids when the others are decided,
	 * else itself.
	 */
	ref now;
	uint32_t n; /* kids that are left; they stand at kid */
	ref *kid;
	bool needed;    /* a live filter of this file reaches it */
	uint8_t words;  /* words of bits that may not be 0 */
	uint64_t stamp; /* the batch that bits belong to */
	uint64_t *bits; /* BATCH_WORDS */
	uint64_t *open; /* BATCH_WORDS for an or with kids that need rows */
	struct lookup *lookup; /* of a predicate with many ranges */
};

/* A computed column, FT_CALC. */
struct calc {
	uint64_t stamp;
	uint64_t *value; /* BATCH_ROWS */
};

struct filterset {
	struct graph graph;
	ref *root; /* of each filter */
	size_t n;
	size_t cap;
	bool compiled;
	filterset_expand *expand;
	const struct kernels *kernels;

	struct arena arena; /* everything below, made by filterset_compile */
	struct node_state *node;
	uint64_t **negated; /* bitmap of a node's negation, if a filter is */
	const uint64_t **result; /* of each filter */
	size_t *twin;
	size_t *first; /* by ref: first filter that is it, or SIZE_MAX */
	struct calc calc[F_MAX];
	struct geo_cache *geo; /* when a filter uses a database */
	uint32_t *rare;        /* nodes of rare predicates, all of them */
	size_t rares;
	/* Needed predicates on columns by field: pred[from[f] .. from[f+1]) */
	uint32_t *pred;
	size_t from[F_MAX + 1];
	uint64_t columns;
	bool filed;      /* filterset_file was called */
	uint64_t number; /* of the next batch's first row, for `count` */

	/* the batch at hand */
	const struct batch *b;
	uint64_t stamp;
	size_t words;
	uint64_t *all; /* rows that exist */
	uint64_t *none;
	uint64_t *expanded; /* rows that rare predicates are known for */
};

/* What a ref amounts to in this file. */
static inline ref
set_now(const struct filterset *s, ref r)
{
	return s->node[REF_NODE(r)].now ^ (r & 1);
}

#endif
