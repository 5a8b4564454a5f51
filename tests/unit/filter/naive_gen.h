/*
 * naive_gen: random filters as trees for naive.h and, at the same time, as
 * text for the parser.
 */
#ifndef TESTS_FILTER_NAIVE_GEN_H
#define TESTS_FILTER_NAIVE_GEN_H

#include <stdlib.h>

#include "edge_flow.h"
#include "naive_terms.h"

/* ---- values ------------------------------------------------------------------ */

/* From the flow's own values, their neighbours, and edges. */
static inline uint64_t
nv_pick(struct rnd *r, const struct nv_term *t, const struct flow *flows,
    size_t n, uint64_t max)
{
	uint64_t v = rnd_edge(r, 64), at = rnd_below(r, NV_FIELDS);
	nv_number get =
	    t->of->number[at] != NULL ? t->of->number[at] : t->of->number[0];
	if (rnd_below(r, 8) == 0)
		return max - rnd_below(r, 2);
	if (n != 0 && rnd_below(r, 3) != 0 && get != NULL) {
		(void)get(&flows[rnd_below(r, n)], &v);
		v += rnd_below(r, 4) == 0 ? rnd_below(r, 3) - 1 : 0;
	}
	return max == UINT64_MAX ? v : v % (max + 1);
}

static inline void
nv_put_number(struct rnd *r, uint64_t v, struct buf *out)
{
	if (v != 0 && v % 1000 == 0 && rnd_below(r, 2) == 0)
		buf_printf(out, "%lluk", (unsigned long long)(v / 1000));
	else if (rnd_below(r, 6) == 0)
		buf_printf(out, "0x%llx", (unsigned long long)v);
	else
		buf_printf(out, "%llu", (unsigned long long)v);
}

static inline struct nv_net
nv_pick_net(struct rnd *r, const struct nv_term *t, const struct flow *flows,
    size_t n, bool host)
{
	static const unsigned lens[] = { 0, 1, 8, 31, 32, 33, 63, 64, 65, 96,
		127, 128 };
	struct nv_net x = { .family = rnd_below(r, 3) != 0 ? 4 : 6 };
	rnd_ip(r, x.family == 6, &x.a);
	nv_address get = t->of->address[rnd_below(r, 2)];
	if (n != 0 && rnd_below(r, 3) != 0 && get != NULL) {
		struct flow_ip6 a;
		int family = get(&flows[rnd_below(r, n)], &a);
		if (family != 0) {
			x.family = family;
			x.a = a;
		}
	}
	unsigned width = x.family == 4 ? 32 : 128;
	x.len = rnd_below(r, 2) != 0 ? lens[rnd_below(r, 12)]
				     : (unsigned)rnd_below(r, width + 1);
	if (host || x.len > width)
		x.len = width;
	return x;
}

static inline void
nv_put_net(const struct nv_net *x, bool bare, struct buf *out)
{
	char text[ADDR_STRLEN];
	struct addr a = x->family == 4 ? addr_v4((uint32_t)x->a.lo)
				       : addr_v6(x->a.hi, x->a.lo);
	buf_adds(out, addr_str(&a, text));
	if (!bare)
		buf_printf(out, "/%u", x->len);
}

static inline size_t
nv_list_length(struct rnd *r)
{
	static const size_t some[] = { 1, 2, 3, 7, 8, 9, 12, 13, 60 };
	return some[rnd_below(r, 9)];
}

/* ---- terms -------------------------------------------------------------------- */

static inline void
nv_put_compared(struct rnd *r, struct nv_term *t, const struct nv_def *d,
    const struct flow *flows, size_t n, struct buf *out)
{
	static const char *const sign[][3] = { { "", "= ", "eq " },
		{ "> ", "gt ", ">" }, { ">= ", "ge ", "GE " },
		{ "< ", "lt ", "<" }, { "<= ", "le ", "<=" } };
	t->op = d->form == NVF_NUMBER ? NV_EQ : (enum nv_op)rnd_below(r, 5);
	t->num[0] = nv_pick(r, t, flows, n, d->max);
	buf_addc(out, ' ');
	if (d->form != NVF_NUMBER)
		buf_adds(out, sign[t->op][rnd_below(r, 3)]);
	nv_put_number(r, t->num[0], out);
}

static inline void
nv_put_numbers(struct rnd *r, struct nv_term *t, const struct nv_def *d,
    const struct flow *flows, size_t n, struct buf *out)
{
	t->op = NV_IN;
	t->n = nv_list_length(r);
	for (size_t i = 0; i < t->n; i++) {
		t->num[i] = nv_pick(r, t, flows, n, d->max);
		buf_adds(out, i == 0 ? " in [ " : rnd_below(r, 2) ? " " : ", ");
		nv_put_number(r, t->num[i], out);
	}
	buf_adds(out, " ]");
}

static inline void
nv_put_letters(struct rnd *r, struct nv_term *t, struct buf *out)
{
	unsigned bits = 1 + (unsigned)rnd_below(r, 255);
	t->kind = NV_LETTERS;
	t->num[0] = bits;
	buf_addc(out, ' ');
	if (rnd_below(r, 6) == 0) { /* exactly these */
		t->kind = NV_NUM;
		buf_addc(out, '=');
	}
	for (int i = 0; i < 8; i++)
		if ((bits >> i & 1) != 0)
			buf_addc(out, "FSRPAUEC"[i]);
}

static inline void
nv_put_mac(struct rnd *r, struct nv_term *t, const struct flow *flows, size_t n,
    struct buf *out)
{
	t->num[0] = nv_pick(r, t, flows, n, (UINT64_C(1) << 48) - 1);
	if (t->num[0] == 0)
		t->num[0] = 1;
	for (int i = 40; i >= 0; i -= 8)
		buf_printf(out, "%c%x", i == 40 ? ' ' : ':',
		    (unsigned)(t->num[0] >> i & 255));
}

/* 10.0.0.0 255.0.255.0 */
static inline void
nv_put_netmask(struct rnd *r, struct nv_term *t, struct buf *out)
{
	static const uint32_t masks[] = { 0xffff0000, 0xff00ff00, 0, UINT32_MAX,
		1, 0xfffffffe };
	t->kind = NV_NETMASK;
	t->net[0].a.lo = 0x0a000000 + (uint32_t)rnd_below(r, 1024);
	t->num[0] = masks[rnd_below(r, 6)];
	for (int i = 24; i >= 0; i -= 8)
		buf_printf(out, "%c%u", i == 24 ? ' ' : '.',
		    (unsigned)(t->net[0].a.lo >> i & 255));
	for (int i = 24; i >= 0; i -= 8)
		buf_printf(out, "%c%u", i == 24 ? ' ' : '.',
		    (unsigned)(t->num[0] >> i & 255));
}

static inline void
nv_put_nets(struct rnd *r, struct nv_term *t, const struct nv_def *d,
    const struct flow *flows, size_t n, struct buf *out)
{
	bool list = d->form == NVF_HOSTS && rnd_below(r, 2) != 0;
	if (d->form == NVF_NET && rnd_below(r, 5) == 0) {
		nv_put_netmask(r, t, out);
		return;
	}
	t->kind = NV_NETS;
	t->n = list ? nv_list_length(r) : 1;
	for (size_t i = 0; i < t->n; i++) {
		bool host =
		    d->form != NVF_NET && (!list || rnd_below(r, 2) != 0);
		t->net[i] = nv_pick_net(r, t, flows, n, host);
		buf_adds(out, i == 0 && list ? " in [ " : " ");
		nv_put_net(&t->net[i], host, out);
	}
	if (list)
		buf_adds(out, " ]");
}

static inline void
nv_put_value(struct rnd *r, struct nv_term *t, const struct nv_def *d,
    const struct flow *flows, size_t n, struct buf *out)
{
	t->kind = NV_NUM;
	t->num[0] = d->max;
	switch (d->form) {
	case NVF_ANY:
		t->kind = NV_ANY;
		break;
	case NVF_IDENT:
		t->kind = NV_IDENT;
		(void)snprintf(t->ident, sizeof(t->ident), "src%d",
		    (int)rnd_below(r, 3));
		buf_printf(out, " %s", t->ident);
		break;
	case NVF_FAMILY:
		t->kind = NV_FAMILY;
		break;
	case NVF_TRUE:
		break;
	case NVF_LIST:
		if (rnd_below(r, 2) == 0)
			nv_put_numbers(r, t, d, flows, n, out);
		else
			nv_put_compared(r, t, d, flows, n, out);
		break;
	case NVF_NUMBER:
	case NVF_COMPARED:
		nv_put_compared(r, t, d, flows, n, out);
		break;
	case NVF_FLAGS:
		nv_put_letters(r, t, out);
		break;
	case NVF_MAC:
		nv_put_mac(r, t, flows, n, out);
		break;
	case NVF_HOST:
	case NVF_HOSTS:
	case NVF_NET:
		nv_put_nets(r, t, d, flows, n, out);
		break;
	}
}

/* A term of this row, with values that the n flows have or nearly have. */
static inline struct nv_node *
nv_make_term(struct rnd *r, const struct nv_def *d, const struct flow *flows,
    size_t n, struct buf *out)
{
	struct nv_node *x = mem_calloc(1, sizeof(*x));
	size_t sides = 0;
	while (d->sides[sides].text != NULL)
		sides++;
	const struct nv_side *side = &d->sides[rnd_below(r, sides)];
	x->term.both = side->both;
	x->term.implied = d->implied;
	x->term.of = &d->of;
	for (unsigned i = 0; i < NV_FIELDS; i++)
		if (d->of.number[i] != NULL || d->of.address[i] != NULL)
			x->term.fields |= side->fields & 1u << i;
	buf_printf(out, "%s%s", side->text, d->phrase);
	nv_put_value(r, &x->term, d, flows, n, out);
	return x;
}

static inline struct nv_node *
nv_make(struct rnd *r, int depth, const struct flow *flows, size_t n,
    struct buf *out)
{
	uint64_t what = depth == 0 ? 0 : rnd_below(r, 7);
	if (what == 0)
		return nv_make_term(r, &nv_defs[rnd_below(r, NV_DEFS)], flows,
		    n, out);
	struct nv_node *x = mem_calloc(1, sizeof(*x));
	x->kind = what == 1 ? NV_NOT : what % 2 == 0 ? NV_AND : NV_OR;
	buf_adds(out, what == 1 ? "not (" : "(");
	x->a = nv_make(r, depth - 1, flows, n, out);
	if (what != 1) {
		buf_adds(out, x->kind == NV_AND ? ") and (" : ") || (");
		x->b = nv_make(r, depth - 1, flows, n, out);
	}
	buf_addc(out, ')');
	return x;
}

static inline void
nv_free(struct nv_node *x)
{
	if (x == NULL)
		return;
	nv_free(x->a);
	nv_free(x->b);
	free(x);
}

#endif
