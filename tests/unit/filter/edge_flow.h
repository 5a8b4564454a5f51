/*
 * edge_flow: flows with every field filled, from small sets of values with
 * edges, so that filters that name such values find some of them.
 *
 * Elements are there or not by chance (`sparse`), or all but one of each
 * pair of address families.  Flows can be written to files that nfdump 1.7.1
 * reads to the same values: no element is all zero, counters can be added up.
 */
#ifndef TESTS_FILTER_EDGE_FLOW_H
#define TESTS_FILTER_EDGE_FLOW_H

#include "flows.h"

/* nfdump 1.7.1's elements, without those that filters do not read. */
#define EDGE_ELEMS                                                             \
	((FLOW_BIT(FE_LAYER2) - 1) &                                           \
	    ~(FLOW_BIT(FE_NULL) | FLOW_BIT(FE_SAMPLER) | FLOW_BIT(FE_NBAR) |   \
		FLOW_BIT(FE_FRAMEMETA) | FLOW_BIT(FE_FRAME) |                  \
		FLOW_BIT(FE_PFINFO)))

#define EDGE_TEXT(s)                                                           \
	{                                                                      \
		(const uint8_t *)(s), sizeof(s) - 1                            \
	}

static inline struct flow_bytes
edge_payload(struct rnd *r)
{
	static const struct flow_bytes some[] = {
		EDGE_TEXT("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"),
		EDGE_TEXT("POST /x HTTP/1.0\r\n\r\n"),
		EDGE_TEXT("get lower\n"),
		EDGE_TEXT("a"),
		EDGE_TEXT("aaab"),
		EDGE_TEXT("\x16\x03\x01\x02\x00\x01\x00GET\0"),
		EDGE_TEXT("line one\nline two"),
		EDGE_TEXT("0123456789.-_"),
	};
	return some[rnd_below(r, 8)];
}

static inline struct flow_bytes
edge_user(struct rnd *r)
{
	static const struct flow_bytes some[] = { EDGE_TEXT("root"),
		EDGE_TEXT("alice"), EDGE_TEXT("LOCAL\\bob") };
	return some[rnd_below(r, 3)];
}

/* A value that adds up over a file without wrapping round. */
static inline uint64_t
edge_count(struct rnd *r)
{
	return rnd_edge(r, rnd_below(r, 6) == 0 ? 40 : 20);
}

static inline void
edge_common(struct rnd *r, struct flow *f)
{
	static const uint8_t protos[] = { 6, 6, 6, 17, 1, 58, 47, 0, 255, 132 };
	flow_random_common(r, f);
	f->proto = protos[rnd_below(r, 10)];
	if (rnd_below(r, 2) == 0)
		f->tcp_flags &= 63;
	f->fwd_status =
	    (uint8_t)(rnd_below(r, 3) == 0 ? rnd_edge(r, 8) : rnd_below(r, 32));
	f->packets = edge_count(r) + 1;
	f->bytes = edge_count(r);
	f->first = UINT64_C(1700000000000) + rnd_below(r, 3);
	f->last = f->first + rnd_edge(r, 17);
	f->received = f->last + 1000;
}

static inline void
edge_misc(struct rnd *r, struct flow *f)
{
	f->in_if = (uint32_t)rnd_edge(r, 32);
	f->out_if = (uint32_t)rnd_edge(r, 32);
	f->src_mask = (uint8_t)rnd_below(r, 129);
	f->dst_mask = (uint8_t)rnd_edge(r, 8);
	f->dir = (uint8_t)rnd_below(r, 3);
	f->dst_tos = (uint8_t)rnd_edge(r, 8);
	f->end_reason = 1;
	f->flows = 1 + rnd_below(r, 4);
	f->out_packets = edge_count(r);
	f->out_bytes = edge_count(r);
	f->src_vlan = (uint32_t)rnd_edge(r, 16);
	f->dst_vlan = (uint32_t)rnd_edge(r, 12);
	f->src_as = (uint32_t)rnd_edge(r, 32);
	f->dst_as = (uint32_t)rnd_edge(r, 32);
	f->next_as = (uint32_t)rnd_edge(r, 32);
	f->prev_as = (uint32_t)rnd_edge(r, 32);
}

static inline void
edge_layers(struct rnd *r, struct flow *f)
{
	unsigned depth = (unsigned)rnd_below(r, 11);
	for (unsigned i = 0; i < depth; i++)
		f->mpls[i] =
		    (uint32_t)(rnd_edge(r, 20) << 4 | rnd_below(r, 8) << 1 |
			       (i + 1 == depth && rnd_below(r, 8) != 0));
	f->in_src_mac = rnd_edge(r, 48);
	f->in_dst_mac = rnd_edge(r, 48);
	f->out_src_mac = rnd_edge(r, 48);
	f->out_dst_mac = rnd_edge(r, 48);
	f->client_usec = rnd_edge(r, 32);
	f->server_usec = rnd_edge(r, 64);
	f->app_usec = rnd_edge(r, 20);
	f->obs_point = rnd_edge(r, 64);
	f->obs_domain = (uint32_t)rnd_edge(r, 32);
	f->ingress_vrf = (uint32_t)rnd_edge(r, 32);
	f->egress_vrf = (uint32_t)rnd_edge(r, 32);
	f->tun_proto = (uint32_t)rnd_edge(r, 8);
	f->ether_type = (uint16_t)rnd_edge(r, 16);
	f->min_ttl = (uint8_t)rnd_edge(r, 8);
	f->max_ttl = (uint8_t)rnd_edge(r, 8);
	f->pf_rule = (uint32_t)rnd_edge(r, 32);
}

static inline void
edge_events(struct rnd *r, struct flow *f)
{
	f->event_time = f->first;
	f->conn_id = (uint32_t)rnd_edge(r, 32);
	f->fw_event = (uint8_t)rnd_below(r, 7);
	f->fw_xevent =
	    (uint16_t)(rnd_below(r, 3) == 0 ? rnd_edge(r, 16)
					    : 1000 + rnd_below(r, 6));
	f->nat_event_time = f->first;
	f->nat_event = (uint8_t)rnd_below(r, 20);
	f->xlate_src_port = (uint16_t)rnd_edge(r, 16);
	f->xlate_dst_port = (uint16_t)rnd_edge(r, 16);
	f->block_start = (uint16_t)rnd_edge(r, 16);
	f->block_end = (uint16_t)rnd_edge(r, 16);
	f->block_step = (uint16_t)rnd_edge(r, 16);
	f->block_size = (uint16_t)rnd_edge(r, 16);
	for (int i = 0; i < 3; i++) {
		f->in_acl[i] = __builtin_bswap32((uint32_t)rnd_edge(r, 32));
		f->out_acl[i] = __builtin_bswap32((uint32_t)rnd_edge(r, 32));
	}
	f->user = edge_user(r);
	f->in_payload = edge_payload(r);
	f->out_payload = edge_payload(r);
}

/* Of a pair of elements that both are wanted one stays; true: IPv6. */
static inline bool
edge_family(struct rnd *r, struct flow *f, int four, int six)
{
	if (flow_has(f, (enum flow_elem)four) &&
	    flow_has(f, (enum flow_elem)six))
		f->have &= ~FLOW_BIT(rnd_below(r, 3) != 0 ? six : four);
	return flow_has(f, (enum flow_elem)six);
}

static inline void
edge_addresses(struct rnd *r, struct flow *f)
{
	bool six = edge_family(r, f, FE_IPV4, FE_IPV6);
	rnd_ip(r, six, &f->src);
	rnd_ip(r, six, &f->dst);
	rnd_ip(r, edge_family(r, f, FE_NEXT4, FE_NEXT6), &f->next_hop);
	rnd_ip(r, edge_family(r, f, FE_BGPNEXT4, FE_BGPNEXT6), &f->bgp_next);
	rnd_ip(r, edge_family(r, f, FE_EXPORTER4, FE_EXPORTER6),
	    &f->exporter_ip);
	six = edge_family(r, f, FE_NAT4, FE_NAT6);
	rnd_ip(r, six, &f->xlate_src);
	rnd_ip(r, six, &f->xlate_dst);
	six = edge_family(r, f, FE_TUN4, FE_TUN6);
	rnd_ip(r, six, &f->tun_src);
	rnd_ip(r, six, &f->tun_dst);
}

static inline void
edge_flow(struct rnd *r, struct flow *f, bool sparse)
{
	memset(f, 0, sizeof(*f));
	f->have = EDGE_ELEMS & ~FLOW_BIT(FE_LABEL);
	if (sparse)
		f->have &=
		    rnd_next(r) | (rnd_below(r, 2) != 0 ? rnd_next(r) : 0);
	f->have |= FLOW_BIT(FE_GENERIC);
	edge_common(r, f);
	edge_addresses(r, f);
	edge_misc(r, f);
	edge_layers(r, f);
	edge_events(r, f);
	if (!flow_has(f, FE_CNT))
		f->flows = 1;
}

#endif
