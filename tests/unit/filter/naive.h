/*
 * naive: what a filter means, written a second time in the simplest way.
 *
 * Own trees, made together with their text (naive_gen.h); own table of terms;
 * one flow at a time; nothing of lib/filter.  From the specification: a term
 * on something that the flow lacks is false, families are kept apart, and so
 * on (docs/filter.md).
 */
#ifndef TESTS_FILTER_NAIVE_H
#define TESTS_FILTER_NAIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "flow/flow.h"

/* ---- what a flow says ------------------------------------------------------- */

/* A number of the flow; false when the flow does not tell. */
typedef bool (*nv_number)(const struct flow *f, uint64_t *v);

#define NV_HAS(f, e) (((f)->have >> (e)&1) != 0)
#define NV_NUMBER(name, known, expr)                                           \
	static inline bool nv_##name(const struct flow *f, uint64_t *v)        \
	{                                                                      \
		*v = (expr);                                                   \
		return (known);                                                \
	}
/* A member of an element. */
#define NV_MEMBER(name, e) NV_NUMBER(name, NV_HAS(f, e), f->name)

NV_MEMBER(proto, 1)
NV_MEMBER(tcp_flags, 1)
NV_MEMBER(fwd_status, 1)
NV_MEMBER(src_tos, 1)
NV_MEMBER(src_port, 1)
NV_MEMBER(dst_port, 1)
NV_NUMBER(icmp_type, NV_HAS(f, 1), (uint64_t)(f->dst_port / 256))
NV_NUMBER(icmp_code, NV_HAS(f, 1), (uint64_t)(f->dst_port % 256))
NV_MEMBER(packets, 1)
NV_MEMBER(bytes, 1)
NV_MEMBER(in_if, 4)
NV_MEMBER(out_if, 4)
NV_MEMBER(src_mask, 4)
NV_MEMBER(dst_mask, 4)
NV_MEMBER(dir, 4)
NV_MEMBER(dst_tos, 4)
NV_MEMBER(out_packets, 5)
NV_MEMBER(out_bytes, 5)
NV_NUMBER(flows, true, NV_HAS(f, 5) && f->flows != 0 ? f->flows : 1)
NV_MEMBER(src_vlan, 6)
NV_MEMBER(dst_vlan, 6)
NV_NUMBER(src_as, true, NV_HAS(f, 7) ? f->src_as : 0)
NV_NUMBER(dst_as, true, NV_HAS(f, 7) ? f->dst_as : 0)
NV_MEMBER(next_as, 16)
NV_MEMBER(prev_as, 16)
NV_MEMBER(in_src_mac, 15)
NV_MEMBER(in_dst_mac, 15)
NV_MEMBER(out_src_mac, 15)
NV_MEMBER(out_dst_mac, 15)
NV_MEMBER(client_usec, 17)
NV_MEMBER(server_usec, 17)
NV_MEMBER(app_usec, 17)
NV_MEMBER(fw_event, 19)
NV_MEMBER(fw_xevent, 19)
NV_MEMBER(xlate_src_port, 22)
NV_MEMBER(xlate_dst_port, 22)
NV_NUMBER(in_acl, NV_HAS(f, 23), __builtin_bswap32(f->in_acl[0]))
NV_NUMBER(in_ace, NV_HAS(f, 23), __builtin_bswap32(f->in_acl[1]))
NV_NUMBER(in_xace, NV_HAS(f, 23), __builtin_bswap32(f->in_acl[2]))
NV_NUMBER(out_acl, NV_HAS(f, 23), __builtin_bswap32(f->out_acl[0]))
NV_MEMBER(nat_event, 25)
NV_MEMBER(block_start, 26)
NV_MEMBER(block_end, 26)
NV_MEMBER(block_step, 26)
NV_MEMBER(block_size, 26)
NV_NUMBER(src_in_block, NV_HAS(f, 26),
    f->block_start <= f->src_port && f->src_port <= f->block_end)
NV_NUMBER(dst_in_block, NV_HAS(f, 26),
    f->block_start <= f->dst_port && f->dst_port <= f->block_end)
NV_NUMBER(tun_proto, NV_HAS(f, 31) || NV_HAS(f, 32), f->tun_proto)
NV_MEMBER(obs_point, 33)
NV_MEMBER(obs_domain, 33)
NV_MEMBER(ingress_vrf, 36)
NV_MEMBER(egress_vrf, 36)
NV_MEMBER(pf_rule, 37)
NV_MEMBER(ether_type, 38)
NV_MEMBER(min_ttl, 42)
NV_MEMBER(max_ttl, 42)
NV_NUMBER(exporter, true, f->exporter)
NV_NUMBER(engine_type, true, f->engine_type)
NV_NUMBER(engine_id, true, f->engine_id)
NV_NUMBER(nfversion, true, f->nfversion)

static inline uint64_t
nv_ms(const struct flow *f)
{
	return f->last < f->first ? 0 : f->last - f->first;
}

NV_NUMBER(duration, NV_HAS(f, 1), nv_ms(f))
NV_NUMBER(pps, NV_HAS(f, 1), nv_ms(f) == 0 ? 0 : f->packets * 1000 / nv_ms(f))
NV_NUMBER(bps, NV_HAS(f, 1), nv_ms(f) == 0 ? 0 : f->bytes * 8000 / nv_ms(f))
NV_NUMBER(bpp, NV_HAS(f, 1), f->packets == 0 ? 0 : f->bytes / f->packets)

#define NV_MPLS(n)                                                             \
	NV_NUMBER(label##n, NV_HAS(f, 14), f->mpls[(n)-1] / 16)                \
	NV_NUMBER(exp##n, NV_HAS(f, 14), f->mpls[(n)-1] / 2 % 8)
NV_MPLS(1)
NV_MPLS(2)
NV_MPLS(3)
NV_MPLS(4)
NV_MPLS(5)
NV_MPLS(6)
NV_MPLS(7)
NV_MPLS(8)
NV_MPLS(9)
NV_MPLS(10)

static inline bool
nv_eos(const struct flow *f, uint64_t *v)
{
	for (int i = 0; i < 10; i++) {
		*v = f->mpls[i] / 16;
		if (f->mpls[i] % 2 == 1)
			return NV_HAS(f, 14);
	}
	return false;
}

/* An address of the flow: 4, 6, or 0 when the flow does not tell. */
typedef int (*nv_address)(const struct flow *f, struct flow_ip6 *a);

#define NV_ADDRESS(name, four, six)                                            \
	static inline int nv_##name(const struct flow *f, struct flow_ip6 *a)  \
	{                                                                      \
		*a = f->name;                                                  \
		return NV_HAS(f, four) ? 4 : NV_HAS(f, six) ? 6 : 0;           \
	}
NV_ADDRESS(src, 2, 3)
NV_ADDRESS(dst, 2, 3)
NV_ADDRESS(bgp_next, 8, 9)
NV_ADDRESS(next_hop, 10, 11)
NV_ADDRESS(exporter_ip, 12, 13)
NV_ADDRESS(xlate_src, 20, 21)
NV_ADDRESS(xlate_dst, 20, 21)
NV_ADDRESS(tun_src, 31, 32)
NV_ADDRESS(tun_dst, 31, 32)

/* ---- terms ------------------------------------------------------------------- */

enum nv_kind {
	NV_ANY,
	NV_IDENT,
	NV_FAMILY, /* num[0] */
	NV_NUM,
	NV_LETTERS, /* num[0]: TCP flags, all of them; below a not: any */
	NV_NETS,    /* net[] */
	NV_NETMASK  /* IPv4: net[0], num[0] */
};

enum nv_op { NV_EQ, NV_GT, NV_GE, NV_LT, NV_LE, NV_IN };

enum nv_implied { NV_NOTHING, NV_TCP, NV_ICMP, NV_DENIED };

struct nv_net {
	int family;
	unsigned len;
	struct flow_ip6 a;
};

#define NV_VALUES 64
#define NV_FIELDS 10

/* Numbers or addresses that a term compares; NULL: no more. */
struct nv_fields {
	nv_number number[NV_FIELDS];
	nv_address address[NV_FIELDS];
};

struct nv_term {
	enum nv_kind kind;
	enum nv_op op;
	enum nv_implied implied;
	const struct nv_fields *of;
	unsigned fields; /* bits: these of them */
	bool both;       /* all of these, else any */
	size_t n;
	uint64_t num[NV_VALUES];
	struct nv_net net[NV_VALUES];
	char ident[16];
};

enum nv_node_kind { NV_TERM, NV_NOT, NV_AND, NV_OR };

struct nv_node {
	enum nv_node_kind kind;
	struct nv_term term;
	struct nv_node *a;
	struct nv_node *b;
};

static inline bool
nv_bit(const struct flow_ip6 *a, int family, unsigned i)
{
	if (family == 4)
		return (a->lo >> (31 - i) & 1) != 0;
	return i < 64 ? (a->hi >> (63 - i) & 1) != 0
		      : (a->lo >> (127 - i) & 1) != 0;
}

static inline bool
nv_in_net(const struct nv_net *n, int family, const struct flow_ip6 *a)
{
	if (family != n->family)
		return false;
	for (unsigned i = 0; i < n->len; i++)
		if (nv_bit(a, family, i) != nv_bit(&n->a, family, i))
			return false;
	return true;
}

static inline bool
nv_compare(const struct nv_term *t, uint64_t v)
{
	switch (t->op) {
	case NV_EQ:
		return v == t->num[0];
	case NV_GT:
		return v > t->num[0];
	case NV_GE:
		return v >= t->num[0];
	case NV_LT:
		return v < t->num[0];
	case NV_LE:
		return v <= t->num[0];
	case NV_IN:
		for (size_t i = 0; i < t->n; i++)
			if (v == t->num[i])
				return true;
	}
	return false;
}

static inline bool
nv_field(const struct nv_term *t, size_t i, const struct flow *f, bool negated)
{
	nv_number number = t->of->number[i];
	nv_address address = t->of->address[i];
	struct flow_ip6 a = { 0, 0 };
	uint64_t v = 0;
	if (number != NULL && !number(f, &v))
		return false;
	if (t->kind == NV_NUM)
		return nv_compare(t, v);
	if (t->kind == NV_LETTERS)
		return negated ? (v & t->num[0]) != 0
			       : (v & t->num[0]) == t->num[0];
	int family = address != NULL ? address(f, &a) : 0;
	if (t->kind == NV_FAMILY)
		return family == (int)t->num[0];
	if (t->kind == NV_NETMASK)
		return family == 4 &&
		       (a.lo & t->num[0]) == (t->net[0].a.lo & t->num[0]);
	for (size_t k = 0; k < t->n; k++)
		if (nv_in_net(&t->net[k], family, &a))
			return true;
	return false;
}

static inline bool
nv_implied(const struct nv_term *t, const struct flow *f)
{
	uint64_t v;
	switch (t->implied) {
	case NV_NOTHING:
		break;
	case NV_TCP:
		return nv_proto(f, &v) && v == 6;
	case NV_ICMP:
		return nv_proto(f, &v) && (v == 1 || v == 58);
	case NV_DENIED:
		return nv_fw_event(f, &v) && v == 3;
	}
	return true;
}

static inline bool
nv_term(const struct nv_term *t, const struct flow *f, const char *ident,
    bool negated)
{
	size_t fields = 0, hits = 0;
	if (t->kind == NV_ANY)
		return true;
	if (t->kind == NV_IDENT)
		return strcmp(ident, t->ident) == 0;
	for (size_t i = 0; i < NV_FIELDS; i++) {
		if ((t->fields >> i & 1) == 0)
			continue;
		fields++;
		hits += nv_field(t, i, f, negated);
	}
	return (t->both ? hits == fields : hits != 0) && nv_implied(t, f);
}

/* Does the flow of a file with this ident match?  negated: false. */
static inline bool
nv_match(const struct nv_node *x, const struct flow *f, const char *ident,
    bool negated)
{
	switch (x->kind) {
	case NV_TERM:
		return nv_term(&x->term, f, ident, negated);
	case NV_NOT:
		return !nv_match(x->a, f, ident, !negated);
	case NV_AND:
		return nv_match(x->a, f, ident, negated) &&
		       nv_match(x->b, f, ident, negated);
	case NV_OR:
		return nv_match(x->a, f, ident, negated) ||
		       nv_match(x->b, f, ident, negated);
	}
	return false;
}

#endif
