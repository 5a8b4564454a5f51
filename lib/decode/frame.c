/*
 * frame: records that carry the first bytes of a packet instead of its
 * fields: dataLinkFrameSection (315), layer2packetSectionData (104),
 * ipHeaderPacketSection (313).
 */
#include "decode/engine.h"
#include "decode/packet.h"

#define FAMILIES (FLOW_BIT(FE_IPV4) | FLOW_BIT(FE_IPV6))

#define LINK_80211 2

static void
take_addresses(struct flow *f, const struct flow *g)
{
	if ((f->have & FAMILIES) != 0 || (g->have & FAMILIES) == 0)
		return;
	f->src = g->src;
	f->dst = g->dst;
	f->src_port = g->src_port;
	f->dst_port = g->dst_port;
	f->proto = g->proto;
	f->tcp_flags = g->tcp_flags;
	f->src_tos = g->src_tos;
	f->have |= g->have & (FAMILIES | FLOW_BIT(FE_TUN4) | FLOW_BIT(FE_TUN6));
	f->tun_src = g->tun_src;
	f->tun_dst = g->tun_dst;
	f->tun_proto = g->tun_proto;
}

static void
take_layer2(struct flow *f, const struct flow *g, const struct packet *p)
{
	if (!flow_has(f, FE_MAC) && flow_has(g, FE_MAC)) {
		f->in_src_mac = g->in_src_mac;
		f->out_dst_mac = g->out_dst_mac;
		f->have |= FLOW_BIT(FE_MAC);
	}
	if (!flow_has(f, FE_VLAN) && p->tags != 0) {
		f->src_vlan = p->vlan;
		f->dst_vlan = 0;
		f->have |= FLOW_BIT(FE_VLAN);
	}
	if (!flow_has(f, FE_MPLS) && flow_has(g, FE_MPLS)) {
		for (unsigned i = 0; i < 10; i++)
			f->mpls[i] = g->mpls[i];
		f->have |= FLOW_BIT(FE_MPLS);
	}
}

/* What only newer files hold. */
static void
take_extras(struct flow *f, const struct flow *g)
{
	if (!flow_has(f, FE_LAYER2) && flow_has(g, FE_LAYER2)) {
		f->l2_vlan = g->l2_vlan;
		f->l2_cust_vlan = g->l2_cust_vlan;
		f->l2_post_vlan = g->l2_post_vlan;
		f->l2_post_cust_vlan = g->l2_post_cust_vlan;
		f->phys_in = g->phys_in;
		f->phys_out = g->phys_out;
		f->vxlan = g->vxlan;
		f->ether_type = g->ether_type;
		f->ip_version = g->ip_version;
		f->have |= FLOW_BIT(FE_LAYER2);
	}
	if (!flow_has(f, FE_IPINFO) && flow_has(g, FE_IPINFO)) {
		f->frag_flags = g->frag_flags;
		f->min_ttl = g->min_ttl;
		f->max_ttl = g->max_ttl;
		f->have |= FLOW_BIT(FE_IPINFO);
	}
}

void
frame_decode(struct decoding *d)
{
	struct flow *f = &d->r.f;
	const struct flow_bytes *ip = &d->r.x.ip_section;
	struct flow g = { 0 };
	struct packet p = { .f = &g,
		.tunnels = d->e->opts != NULL && d->e->opts->tunnels };
	if (flow_has(f, FE_FRAME) && f->frame.len != 0)
		(void)packet_decode(&p,
		    f->link_type == LINK_80211 ? PACKET_80211 : PACKET_ETHERNET,
		    wire_init(f->frame.p, f->frame.len));
	else if (ip->len != 0)
		(void)packet_decode(&p,
		    ip->p[0] >> 4 == 6 ? PACKET_IPV6 : PACKET_IPV4,
		    wire_init(ip->p, ip->len));
	take_layer2(f, &g, &p);
	take_extras(f, &g);
	if (p.l3_len == 0)
		return;
	take_addresses(f, &g);
	if (f->packets == 0)
		f->packets = 1;
	if (f->bytes == 0)
		f->bytes = p.l3_len;
}
