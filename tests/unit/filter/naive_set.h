/*
 * naive_set: random flows, and sets of random filters held against naive.h.
 */
#ifndef TESTS_FILTER_NAIVE_SET_H
#define TESTS_FILTER_NAIVE_SET_H

#include <check.h>
#include <stdio.h>

#include "filter/filter.h"
#include "filter/set.h"
#include "naive_gen.h"

/* What a batch's columns hold for elements that are missing. */
static inline void
nv_clear_missing(struct flow *f)
{
	struct flow blank = { 0 };
	if (!flow_has(f, FE_GENERIC))
		memcpy(&f->first, &blank.first,
		    offsetof(struct flow, src) - offsetof(struct flow, first));
	if (!flow_has(f, FE_MISC))
		memcpy(&f->in_if, &blank.in_if,
		    offsetof(struct flow, flows) -
			offsetof(struct flow, in_if));
	if (!flow_has(f, FE_CNT)) {
		f->flows = 1;
		f->out_packets = f->out_bytes = 0;
	}
	if (!flow_has(f, FE_VLAN))
		f->src_vlan = f->dst_vlan = 0;
	if (!flow_has(f, FE_AS))
		f->src_as = f->dst_as = 0;
}

/* Flows of all sorts: everything there, some, nothing, both families. */
static inline void
nv_random_flows(struct rnd *r, struct flow *flows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct flow *f = &flows[i];
		switch (rnd_below(r, 8)) {
		case 0:
			flow_random(r, f);
			break;
		case 1:
			edge_flow(r, f, true);
			f->have = rnd_below(r, 2) != 0 ? 0 : f->have & 15;
			break;
		case 2:
		case 3:
			edge_flow(r, f, false);
			f->have |= FLOW_BIT(FE_PFINFO) | FLOW_BIT(FE_LAYER2) |
				   FLOW_BIT(FE_IPINFO);
			break;
		default:
			edge_flow(r, f, true);
		}
		if (rnd_below(r, 16) == 0) {
			f->packets = rnd_edge(r, 64);
			f->bytes = rnd_edge(r, 64);
			f->last = rnd_edge(r, 64);
		}
		nv_clear_missing(f);
	}
}

struct nv_filter {
	struct nv_node *tree;
	struct buf text;
	struct filter *f;
};

static inline struct filter *
nv_parse(const char *text)
{
	struct filter_error fe;
	struct filter *f = filter_parse(text, strlen(text), &fe);
	ck_assert_msg(f != NULL, "%s: %s", text, fe.message);
	return f;
}

static inline void
nv_filter_free(struct nv_filter *x)
{
	nv_free(x->tree);
	filter_free(x->f);
	buf_free(&x->text);
}

static inline struct nv_filter
nv_filter_of(struct rnd *r, const struct nv_def *d, const struct flow *flows,
    size_t n)
{
	struct nv_filter x = { .text = BUF_EMPTY };
	x.tree = nv_make_term(r, d, flows, n, &x.text);
	x.f = nv_parse(buf_str(&x.text));
	return x;
}

static inline struct nv_filter
nv_filter_random(struct rnd *r, int depth, const struct flow *flows, size_t n)
{
	struct nv_filter x = { .text = BUF_EMPTY };
	x.tree = nv_make(r, depth, flows, n, &x.text);
	x.f = nv_parse(buf_str(&x.text));
	return x;
}

static inline struct filterset *
nv_set(struct filter *const *f, size_t n, const char *ident)
{
	struct filterset *s = filterset_new();
	for (size_t i = 0; i < n; i++)
		ck_assert_uint_eq(filterset_add(s, f[i]), i);
	filterset_compile(s);
	filterset_expander(s, flow_expand);
	filterset_file(s, ident);
	return s;
}

static inline bool
nv_hit(const uint64_t *bits, size_t row)
{
	return (bits[row / 64] >> (row % 64) & 1) != 0;
}

#endif
