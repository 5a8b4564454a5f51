/*
 * random_flow: flows of every element, the same for the same seed, such that
 * writing and reading them gives the same again.
 */
#ifndef RANDOM_FLOW_H
#define RANDOM_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "flow/flow.h"

struct rnd {
	uint64_t state;
};

static inline uint64_t
rnd(struct rnd *r)
{
	uint64_t z = (r->state += UINT64_C(0x9e3779b97f4a7c15));
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* Never zero, so that no element is left out. */
static inline uint64_t
rnd1(struct rnd *r)
{
	return rnd(r) | 1;
}

static inline struct flow_ip6
rnd_ip(struct rnd *r, bool v6)
{
	struct flow_ip6 a = { 0, rnd1(r) & 0xffffffff };
	if (v6)
		a = (struct flow_ip6){ rnd1(r), rnd(r) };
	return a;
}

static inline struct flow_bytes
rnd_bytes(struct rnd *r, uint16_t most)
{
	static uint8_t text[300];
	memset(text, 'x', sizeof(text));
	return (struct flow_bytes){ text, (uint16_t)(1 + rnd(r) % most) };
}

static inline void
rnd_common(struct rnd *r, struct flow *f)
{
	f->engine_type = (uint8_t)rnd(r);
	f->engine_id = (uint8_t)rnd(r);
	f->flags = (uint8_t)rnd(r) & 7;
	f->nfversion = 10;
	f->exporter = (uint16_t)rnd(r);
	f->first = UINT64_C(1700000000000) + rnd(r) % 300000;
	f->last = f->first + rnd(r) % 60000;
	f->received = f->last + 1000;
	f->packets = rnd1(r) % 1000;
	f->bytes = rnd1(r) % 1000000;
	f->src_port = (uint16_t)rnd(r);
	f->dst_port = (uint16_t)rnd(r);
	static const uint8_t protos[] = { 6, 6, 17, 1, 58, 47 };
	f->proto = protos[rnd(r) % sizeof(protos)];
	f->tcp_flags = (uint8_t)rnd(r);
	f->fwd_status = (uint8_t)rnd(r);
	f->src_tos = (uint8_t)rnd(r);
}

static inline void
rnd_misc(struct rnd *r, struct flow *f)
{
	f->in_if = (uint32_t)rnd1(r);
	f->out_if = (uint32_t)rnd(r);
	f->src_mask = (uint8_t)rnd(r);
	f->dst_mask = (uint8_t)rnd(r);
	f->dir = (uint8_t)rnd(r);
	f->dst_tos = (uint8_t)rnd(r);
	f->biflow_dir = (uint8_t)rnd(r);
	f->end_reason = (uint8_t)rnd(r);
}

static inline void
rnd_numbers(struct rnd *r, struct flow *f)
{
	f->flows = rnd1(r) % 100;
	f->out_packets = rnd1(r) % 1000;
	f->out_bytes = rnd(r) % 100000;
	f->src_vlan = (uint32_t)rnd1(r) & 4095;
	f->dst_vlan = (uint32_t)rnd(r) & 4095;
	f->src_as = (uint32_t)rnd1(r);
	f->dst_as = (uint32_t)rnd(r);
	f->next_as = (uint32_t)rnd1(r);
	f->prev_as = (uint32_t)rnd(r);
	for (int i = 0; i < 10; i++)
		f->mpls[i] = (uint32_t)rnd1(r) & 0xffffff;
	f->in_src_mac = rnd1(r) >> 16;
	f->out_dst_mac = rnd1(r) >> 16;
	f->in_dst_mac = rnd1(r) >> 16;
	f->out_src_mac = rnd1(r) >> 16;
	f->client_usec = rnd1(r);
	f->server_usec = rnd(r);
	f->app_usec = rnd(r);
	f->event_time = rnd1(r);
	f->conn_id = (uint32_t)rnd(r);
	f->fw_xevent = (uint16_t)rnd(r);
	f->fw_event = (uint8_t)rnd(r);
	f->nat_event_time = rnd1(r);
	f->nat_pool = (uint32_t)rnd(r);
	f->nat_event = (uint8_t)rnd(r);
	f->xlate_src_port = (uint16_t)rnd1(r);
	f->xlate_dst_port = (uint16_t)rnd(r);
	f->block_start = (uint16_t)rnd1(r);
	f->block_end = (uint16_t)rnd(r);
	f->block_step = (uint16_t)rnd(r);
	f->block_size = (uint16_t)rnd(r);
	for (int i = 0; i < 3; i++) {
		f->in_acl[i] = (uint32_t)rnd1(r);
		f->out_acl[i] = (uint32_t)rnd(r);
	}
	f->obs_point = rnd1(r);
	f->obs_domain = (uint32_t)rnd(r);
	f->frame_size = (uint16_t)rnd1(r);
	f->link_type = (uint16_t)rnd(r);
	f->egress_vrf = (uint32_t)rnd1(r);
	f->ingress_vrf = (uint32_t)rnd(r);
}

static inline void
rnd_text_fields(struct rnd *r, struct flow *f)
{
	f->user = rnd_bytes(r, 66);
	f->nbar = rnd_bytes(r, 12);
	f->label = rnd_bytes(r, 40);
	f->in_payload = rnd_bytes(r, 300);
	f->out_payload = rnd_bytes(r, 300);
	f->frame = rnd_bytes(r, 128);
	f->pf_ifname = rnd_bytes(r, 15);
	f->pf_action = (uint8_t)rnd(r);
	f->pf_reason = (uint8_t)rnd(r);
	f->pf_dir = (uint8_t)rnd(r);
	f->pf_rewritten = (uint8_t)rnd(r);
	f->pf_rule = (uint32_t)rnd1(r);
	f->pf_subrule = (uint32_t)rnd(r);
	f->pf_uid = (uint32_t)rnd(r);
	f->pf_pid = (uint32_t)rnd(r);
}

static inline void
rnd_families(struct rnd *r, struct flow *f)
{
	/* One of each family. */
	static const int v4[] = { FE_IPV4, FE_BGPNEXT4, FE_NEXT4, FE_EXPORTER4,
		FE_NAT4, FE_TUN4 };
	for (int i = 0; i < 6; i++)
		f->have &= ~FLOW_BIT(v4[i] + (int)(rnd(r) % 2));
	f->have |= (f->have & FLOW_BIT(FE_IPV6)) != 0 ? 0 : FLOW_BIT(FE_IPV4);
	f->have &=
	    ~((f->have & FLOW_BIT(FE_IPV6)) != 0 ? FLOW_BIT(FE_IPV4) : 0);
}

static inline void
rnd_addresses(struct rnd *r, struct flow *f)
{
	bool nat6 = flow_has(f, FE_NAT6), tun6 = flow_has(f, FE_TUN6);
	f->src = rnd_ip(r, flow_has(f, FE_IPV6));
	f->dst = rnd_ip(r, flow_has(f, FE_IPV6));
	f->bgp_next = rnd_ip(r, flow_has(f, FE_BGPNEXT6));
	f->next_hop = rnd_ip(r, flow_has(f, FE_NEXT6));
	f->exporter_ip = rnd_ip(r, flow_has(f, FE_EXPORTER6));
	f->xlate_src = rnd_ip(r, nat6);
	f->xlate_dst = rnd_ip(r, nat6);
	f->tun_src = rnd_ip(r, tun6);
	f->tun_dst = rnd_ip(r, tun6);
	f->tun_proto = (uint32_t)rnd(r);
}

/* What nfdump 1.7.1 does not know. */
static inline void
rnd_newer(struct rnd *r, struct flow *f)
{
	f->sampler_id = rnd1(r);
	f->sampler_exporter = (uint16_t)rnd(r);
	f->l2_vlan = (uint16_t)rnd1(r);
	f->l2_cust_vlan = (uint16_t)rnd(r);
	f->l2_post_vlan = (uint16_t)rnd(r);
	f->l2_post_cust_vlan = (uint16_t)rnd(r);
	f->phys_in = (uint32_t)rnd(r);
	f->phys_out = (uint32_t)rnd(r);
	f->vxlan = rnd(r);
	f->ether_type = (uint16_t)rnd(r);
	f->ip_version = flow_has(f, FE_IPV6) ? 6 : 4;
	f->flow_id = rnd1(r);
	f->nokia_in = (uint16_t)rnd1(r);
	f->nokia_out = (uint16_t)rnd(r);
	f->nokia_str = rnd_bytes(r, 40);
	f->frag_flags = (uint8_t)rnd(r);
	f->min_ttl = (uint8_t)rnd1(r);
	f->max_ttl = (uint8_t)rnd(r);
}

/* Exactly these elements; of a family's pair only one may be among them. */
static inline void
random_flow_of(struct rnd *r, struct flow *f, uint64_t elements)
{
	memset(f, 0xa5, sizeof(*f));
	f->have = elements;
	rnd_common(r, f);
	rnd_addresses(r, f);
	rnd_misc(r, f);
	rnd_numbers(r, f);
	rnd_text_fields(r, f);
	rnd_newer(r, f);
}

/*
 * everything: any of the elements that are written; else those of everyday
 * flows.  Fields of elements that are not there hold rubbish.
 */
static inline void
random_flow(struct rnd *r, struct flow *f, bool everything)
{
	static const uint64_t plain = FLOW_BIT(FE_IPV6) | FLOW_BIT(FE_MISC) |
				      FLOW_BIT(FE_AS) | FLOW_BIT(FE_NEXT4) |
				      FLOW_BIT(FE_EXPORTER4);
	memset(f, 0xa5, sizeof(*f));
	f->have = rnd(r) & rnd(r);
	f->have &= everything ? FLOW_BIT(FE_LAYER2) - 1 : plain;
	f->have &= ~(FLOW_BIT(FE_NULL) | FLOW_BIT(FE_SAMPLER) |
		     FLOW_BIT(FE_FRAMEMETA) | FLOW_BIT(FE_FRAME));
	f->have |= FLOW_BIT(FE_GENERIC);
	rnd_common(r, f);
	rnd_families(r, f);
	rnd_addresses(r, f);
	rnd_misc(r, f);
	rnd_numbers(r, f);
	rnd_text_fields(r, f);
}

#define SAME(e, a, b)                                                          \
	(!flow_has(x, e) || memcmp(&x->a, &y->a,                               \
				offsetof(struct flow, b) + sizeof(x->b) -      \
				    offsetof(struct flow, a)) == 0)

static inline bool
same_bytes(const struct flow *x, enum flow_elem e, const struct flow_bytes *a,
    const struct flow_bytes *b)
{
	return !flow_has(x, e) ||
	       (a->len == b->len && memcmp(a->p, b->p, a->len) == 0);
}

static inline bool
same_texts(const struct flow *x, const struct flow *y)
{
	return same_bytes(x, FE_USER, &x->user, &y->user) &&
	       same_bytes(x, FE_NBAR, &x->nbar, &y->nbar) &&
	       same_bytes(x, FE_LABEL, &x->label, &y->label) &&
	       same_bytes(x, FE_INPAYLOAD, &x->in_payload, &y->in_payload) &&
	       same_bytes(x, FE_OUTPAYLOAD, &x->out_payload, &y->out_payload) &&
	       same_bytes(x, FE_FRAME, &x->frame, &y->frame) &&
	       same_bytes(x, FE_PFINFO, &x->pf_ifname, &y->pf_ifname) &&
	       same_bytes(x, FE_NOKIASTR, &x->nokia_str, &y->nokia_str);
}

/* Everything that x's elements say is the same in y. */
static inline bool
flow_same(const struct flow *x, const struct flow *y)
{
	return x->have == y->have && x->engine_type == y->engine_type &&
	       x->engine_id == y->engine_id && x->flags == y->flags &&
	       x->nfversion == y->nfversion && x->exporter == y->exporter &&
	       SAME(FE_GENERIC, first, src_tos) && SAME(FE_IPV4, src, dst) &&
	       SAME(FE_IPV6, src, dst) && SAME(FE_MISC, in_if, end_reason) &&
	       SAME(FE_CNT, flows, out_bytes) &&
	       SAME(FE_VLAN, src_vlan, dst_vlan) &&
	       SAME(FE_AS, src_as, dst_as) &&
	       SAME(FE_ASADJ, next_as, prev_as) &&
	       SAME(FE_BGPNEXT4, bgp_next, bgp_next) &&
	       SAME(FE_BGPNEXT6, bgp_next, bgp_next) &&
	       SAME(FE_NEXT4, next_hop, next_hop) &&
	       SAME(FE_NEXT6, next_hop, next_hop) &&
	       SAME(FE_EXPORTER4, exporter_ip, exporter_ip) &&
	       SAME(FE_EXPORTER6, exporter_ip, exporter_ip) &&
	       SAME(FE_MPLS, mpls, mpls) &&
	       SAME(FE_MAC, in_src_mac, out_src_mac) &&
	       SAME(FE_LATENCY, client_usec, app_usec) &&
	       SAME(FE_NSEL, event_time, fw_event) &&
	       SAME(FE_NATEVENT, nat_event_time, nat_event) &&
	       SAME(FE_NAT4, xlate_src, xlate_dst) &&
	       SAME(FE_NAT6, xlate_src, xlate_dst) &&
	       SAME(FE_NATPORT, xlate_src_port, xlate_dst_port) &&
	       SAME(FE_PORTBLOCK, block_start, block_size) &&
	       SAME(FE_ACL, in_acl, out_acl) &&
	       SAME(FE_TUN4, tun_src, tun_proto) &&
	       SAME(FE_TUN6, tun_src, tun_proto) &&
	       SAME(FE_OBSERVATION, obs_point, obs_domain) &&
	       SAME(FE_FRAMEMETA, frame_size, link_type) &&
	       SAME(FE_SAMPLER, sampler_id, sampler_exporter) &&
	       SAME(FE_LAYER2, l2_vlan, ip_version) &&
	       SAME(FE_FLOWID, flow_id, flow_id) &&
	       SAME(FE_NOKIANAT, nokia_in, nokia_out) &&
	       SAME(FE_IPINFO, frag_flags, max_ttl) &&
	       SAME(FE_VRF, egress_vrf, ingress_vrf) &&
	       SAME(FE_PFINFO, pf_action, pf_pid) && same_texts(x, y);
}

#endif
