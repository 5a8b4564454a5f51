/* sflow_elem: what stands in a flow sample: packet data, extended data. */
#include "decode/sflow.h"

#define VLAN_MAX 4095 /* 0xffffffff: not known */

/* ---- packet data ---------------------------------------------------------- */

static void
read_header(struct sample *s, struct wire *w)
{
	struct decoding *d = s->d;
	struct packet p = { .f = &d->r.f,
		.tunnels = d->e->opts != NULL && d->e->opts->tunnels };
	uint32_t start = wire_u32(w);
	uint32_t frame_len = wire_u32(w);
	if (s->version == 5)
		wire_skip(w, 4); /* octets stripped, such as a checksum */
	uint32_t len = wire_u32(w);
	size_t padded = ((size_t)len + 3) & ~(size_t)3;
	struct wire frame = wire_sub(w, len);
	if (frame.bad)
		return;
	if (padded - len <= wire_left(w))
		wire_skip(w, padded - len);
	s->frame_len = frame_len;
	(void)packet_decode(&p, (enum packet_start)start, frame);
	if (p.vlan != 0) {
		d->r.f.src_vlan = p.vlan;
		d->r.f.have |= FLOW_BIT(FE_VLAN);
	}
}

static uint64_t
read_mac(struct wire *w)
{
	uint64_t high = wire_u32(w);
	return high << 16 | wire_u32(w) >> 16;
}

static void
read_ethernet(struct sample *s, struct wire *w)
{
	struct flow *f = &s->d->r.f;
	uint32_t len = wire_u32(w);
	uint64_t src = read_mac(w), dst = read_mac(w);
	if (wire_left(w) < 4 || w->bad)
		return;
	f->ether_type = (uint16_t)wire_u32(w);
	f->in_src_mac = src;
	f->out_dst_mac = dst;
	f->have |= FLOW_BIT(FE_MAC) | FLOW_BIT(FE_LAYER2);
	s->frame_len = len;
}

static struct flow_ip6
read_ip(struct wire *w, bool v6)
{
	struct flow_ip6 a = { 0 };
	if (v6)
		a.hi = wire_u64(w);
	a.lo = v6 ? wire_u64(w) : wire_u32(w);
	return a;
}

struct sampled_ip {
	uint32_t len;
	uint32_t proto;
	struct flow_ip6 src, dst;
	uint32_t src_port, dst_port;
	uint32_t tcp_flags;
	uint32_t tos;
};

static struct sampled_ip
read_sampled(struct wire *w, bool v6)
{
	struct sampled_ip s = { .len = wire_u32(w) };
	s.proto = wire_u32(w);
	s.src = read_ip(w, v6);
	s.dst = read_ip(w, v6);
	s.src_port = wire_u32(w);
	s.dst_port = wire_u32(w);
	s.tcp_flags = wire_u32(w);
	s.tos = wire_u32(w);
	return s;
}

/* A header says it in more detail. */
static void
take_sampled(struct flow *f, const struct sampled_ip *s, bool v6)
{
	if (flow_has(f, FE_IPV4) || flow_has(f, FE_IPV6))
		return;
	f->proto = (uint8_t)s->proto;
	f->src = s->src;
	f->dst = s->dst;
	f->src_port = (uint16_t)s->src_port;
	f->dst_port = (uint16_t)s->dst_port;
	f->tcp_flags = (uint8_t)s->tcp_flags;
	f->src_tos = (uint8_t)s->tos;
	f->have |= FLOW_BIT(v6 ? FE_IPV6 : FE_IPV4);
	if (f->proto == 1 || f->proto == 58) {
		/* Type and code come as ports. */
		f->dst_port =
		    (uint16_t)(s->src_port << 8 | (s->dst_port & 0xff));
		f->src_port = 0;
	}
}

static void
read_sampled_ip(struct sample *s, struct wire *w, bool v6)
{
	struct sampled_ip ip = read_sampled(w, v6);
	if (w->bad)
		return;
	s->frame_len = ip.len;
	take_sampled(&s->d->r.f, &ip, v6);
}

/* The header a tunnel put around the packet, or the packet where alone. */
static void
read_tunnel(struct sample *s, struct wire *w, bool v6)
{
	struct flow *f = &s->d->r.f;
	const struct decode_opts *o = s->d->e->opts;
	struct sampled_ip ip = read_sampled(w, v6);
	bool known = flow_has(f, FE_IPV4) || flow_has(f, FE_IPV6);
	bool inside = flow_has(f, FE_TUN4) || flow_has(f, FE_TUN6);
	if (w->bad)
		return;
	if (!known) {
		take_sampled(f, &ip, v6);
		return;
	}
	if (inside || o == NULL || !o->tunnels)
		return;
	f->tun_src = ip.src;
	f->tun_dst = ip.dst;
	f->tun_proto = ip.proto;
	f->have |= FLOW_BIT(v6 ? FE_TUN6 : FE_TUN4);
}

bool
sflow_packet(struct sample *s, uint32_t format, struct wire *w)
{
	switch (format) {
	case 1:
		read_header(s, w);
		return true;
	case 2:
		read_ethernet(s, w);
		return true;
	case 3:
	case 4:
		read_sampled_ip(s, w, format == 4);
		return true;
	default:
		return false;
	}
}

/* ---- extended data -------------------------------------------------------- */

static uint32_t
vlan_of(uint32_t v)
{
	return v <= VLAN_MAX ? v : 0;
}

static void
read_switch(struct flow *f, struct wire *w)
{
	uint32_t in = wire_u32(w);
	wire_skip(w, 4);
	uint32_t out = wire_u32(w);
	wire_skip(w, 4);
	if (w->bad)
		return;
	f->src_vlan = vlan_of(in);
	f->dst_vlan = vlan_of(out);
	f->have |= FLOW_BIT(FE_VLAN);
}

static void
set_next_hop(struct flow *f, const struct addr *a)
{
	f->next_hop = (struct flow_ip6){ a->hi, a->lo };
	f->have &= ~(FLOW_BIT(FE_NEXT4) | FLOW_BIT(FE_NEXT6));
	f->have |= FLOW_BIT(a->family == ADDR_V6 ? FE_NEXT6 : FE_NEXT4);
}

static void
read_router(struct flow *f, struct wire *w)
{
	struct addr next;
	bool has_next = sflow_address(w, &next);
	uint32_t src_mask = wire_u32(w), dst_mask = wire_u32(w);
	if (w->bad)
		return;
	if (has_next)
		set_next_hop(f, &next);
	f->src_mask = (uint8_t)src_mask;
	f->dst_mask = (uint8_t)dst_mask;
}

static void
skip_words(struct wire *w, uint32_t n)
{
	if (n > wire_left(w) / 4) {
		w->bad = true;
		w->p = w->end;
	} else
		wire_skip(w, n * (size_t)4);
}

/* n AS numbers; the last of them, or what it was. */
static uint32_t
read_path(struct wire *w, uint32_t n, uint32_t last)
{
	if (n == 0)
		return last;
	skip_words(w, n - 1);
	return wire_u32(w);
}

static uint32_t
read_segments(struct wire *w)
{
	uint32_t last = 0;
	for (uint32_t n = wire_u32(w); n > 0 && !w->bad; n--) {
		wire_skip(w, 4); /* set or sequence */
		last = read_path(w, wire_u32(w), last);
	}
	return last;
}

static void
read_gateway(struct flow *f, struct wire *w, uint8_t version)
{
	struct addr next = { 0 };
	bool has_next = version == 5 && sflow_address(w, &next);
	wire_skip(w, 4); /* the router's own AS */
	uint32_t src_as = wire_u32(w);
	wire_skip(w, 4); /* the peer's */
	uint32_t dst_as =
	    version == 2 ? read_path(w, wire_u32(w), 0) : read_segments(w);
	if (version != 2) {
		skip_words(w, wire_u32(w)); /* communities */
		wire_skip(w, 4);            /* local preference */
	}
	if (w->bad)
		return;
	f->src_as = src_as;
	f->dst_as = dst_as;
	f->have |= FLOW_BIT(FE_AS);
	if (!has_next)
		return;
	f->bgp_next = (struct flow_ip6){ next.hi, next.lo };
	f->have &= ~(FLOW_BIT(FE_BGPNEXT4) | FLOW_BIT(FE_BGPNEXT6));
	f->have |= FLOW_BIT(next.family == ADDR_V6 ? FE_BGPNEXT6 : FE_BGPNEXT4);
}

static struct flow_bytes
read_string(struct wire *w)
{
	uint32_t len = wire_u32(w);
	size_t padded = ((size_t)len + 3) & ~(size_t)3;
	const uint8_t *p = wire_bytes(w, padded);
	if (p == NULL || len > UINT16_MAX)
		return (struct flow_bytes){ 0 };
	return (struct flow_bytes){ .p = p, .len = (uint16_t)len };
}

static void
read_user(struct flow *f, struct wire *w, uint8_t version)
{
	struct flow_bytes user[2];
	for (int i = 0; i < 2; i++) {
		if (version == 5)
			wire_skip(w, 4); /* character set */
		user[i] = read_string(w);
	}
	if (w->bad)
		return;
	f->user = user[0].len != 0 ? user[0] : user[1];
	if (f->user.len != 0)
		f->have |= FLOW_BIT(FE_USER);
}

static void
read_url(struct wire *w, uint8_t version)
{
	wire_skip(w, 4);
	(void)read_string(w);
	if (version == 5)
		(void)read_string(w);
}

/* What the switch did with the labels: the stack the packet came with. */
static void
read_mpls(struct flow *f, struct wire *w)
{
	struct addr next;
	(void)sflow_address(w, &next);
	uint32_t n = wire_u32(w);
	bool known = flow_has(f, FE_MPLS);
	for (uint32_t i = 0; i < n && !w->bad; i++) {
		uint32_t entry = wire_u32(w);
		if (known || w->bad ||
		    i >= sizeof(f->mpls) / sizeof(f->mpls[0]))
			continue;
		f->mpls[i] = entry >> 8;
		f->have |= FLOW_BIT(FE_MPLS);
	}
	skip_words(w, wire_u32(w));
}

static void
read_nat(struct flow *f, struct wire *w)
{
	struct addr src, dst;
	bool both = sflow_address(w, &src);
	both &= sflow_address(w, &dst);
	if (w->bad || !both || src.family != dst.family)
		return;
	f->xlate_src = (struct flow_ip6){ src.hi, src.lo };
	f->xlate_dst = (struct flow_ip6){ dst.hi, dst.lo };
	f->have &= ~(FLOW_BIT(FE_NAT4) | FLOW_BIT(FE_NAT6));
	f->have |= FLOW_BIT(src.family == ADDR_V6 ? FE_NAT6 : FE_NAT4);
}

static void
read_nat_port(struct flow *f, struct wire *w)
{
	uint32_t src = wire_u32(w), dst = wire_u32(w);
	if (w->bad)
		return;
	f->xlate_src_port = (uint16_t)src;
	f->xlate_dst_port = (uint16_t)dst;
	f->have |= FLOW_BIT(FE_NATPORT);
}

static void
read_vni(struct flow *f, struct wire *w)
{
	uint32_t vni = wire_u32(w);
	if (w->bad || flow_has(f, FE_TUN4) || flow_has(f, FE_TUN6))
		return;
	f->vxlan = vni;
	f->have |= FLOW_BIT(FE_LAYER2);
}

bool
sflow_extended(struct sample *s, uint32_t format, struct wire *w)
{
	struct flow *f = &s->d->r.f;
	/* Numbers above 5 exist in v5 only. */
	if (s->version != 5 && format > 1005)
		return false;
	switch (format) {
	case 1001:
		read_switch(f, w);
		return true;
	case 1002:
		read_router(f, w);
		return true;
	case 1003:
		read_gateway(f, w, s->version);
		return true;
	case 1004:
		read_user(f, w, s->version);
		return true;
	case 1005:
		read_url(w, s->version);
		return true;
	case 1006:
		read_mpls(f, w);
		return true;
	case 1007:
		read_nat(f, w);
		return true;
	case 1020:
		read_nat_port(f, w);
		return true;
	case 1023:
	case 1024:
		read_tunnel(s, w, false);
		return true;
	case 1025:
	case 1026:
		read_tunnel(s, w, true);
		return true;
	case 1029:
	case 1030:
		read_vni(f, w);
		return true;
	default:
		return false;
	}
}
