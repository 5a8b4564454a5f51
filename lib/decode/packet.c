#include "decode/packet.h"

#define PROTO_ICMP    1
#define PROTO_IPIP    4
#define PROTO_TCP     6
#define PROTO_UDP     17
#define PROTO_DCCP    33
#define PROTO_IPV6    41
#define PROTO_GRE     47
#define PROTO_ICMP6   58
#define PROTO_SCTP    132
#define PROTO_UDPLITE 136

#define TYPE_IPV4      0x0800
#define TYPE_VLAN      0x8100
#define TYPE_IPV6      0x86dd
#define TYPE_PPP       0x880b
#define TYPE_MPLS      0x8847
#define TYPE_MPLS_MC   0x8848
#define TYPE_PPPOE     0x8864
#define TYPE_QINQ      0x88a8
#define TYPE_QINQ_OLD  0x9100
#define TYPE_QINQ_OLD2 0x9200
#define TYPE_ETHERNET  0x6558
#define TYPE_MIN       0x0600 /* below: an 802.3 length */

#define VXLAN_PORT 4789
#define TAGS_MAX   8
#define DEPTH_MAX  8 /* frames inside frames */

static void by_type(struct packet *p, uint16_t type, struct wire *w);
static void read_ethernet(struct packet *p, struct wire *w);
static void read_ppp(struct packet *p, struct wire *w);
static void read_ipv4(struct packet *p, struct wire *w);
static void read_ipv6(struct packet *p, struct wire *w);

/* ---- tunnels -------------------------------------------------------------- */

/* The flow so far is the outer one; false: it is not to be left. */
static bool
enter_tunnel(struct packet *p)
{
	struct flow *f = p->f;
	if (!p->tunnels || p->inner)
		return false;
	p->inner = true;
	bool v6 = flow_has(f, FE_IPV6);
	f->tun_src = f->src;
	f->tun_dst = f->dst;
	f->tun_proto = f->proto;
	f->have &= ~(FLOW_BIT(FE_IPV4) | FLOW_BIT(FE_IPV6));
	f->have |= FLOW_BIT(v6 ? FE_TUN6 : FE_TUN4);
	f->src = f->dst = (struct flow_ip6){ 0 };
	f->src_port = f->dst_port = 0;
	f->tcp_flags = f->proto = f->src_tos = 0;
	return true;
}

/* RFC 2784, RFC 2890; version 1: RFC 2637. */
static void
read_gre(struct packet *p, struct wire *w)
{
	uint16_t flags = wire_u16(w);
	uint16_t type = wire_u16(w);
	static const uint16_t four[] = { 0x8000, 0x2000, 0x1000 };
	for (unsigned i = 0; i < sizeof(four) / sizeof(four[0]); i++)
		if ((flags & four[i]) != 0)
			wire_skip(w, 4);
	if ((flags & 7) == 1 && (flags & 0x80) != 0)
		wire_skip(w, 4);
	bool known = type == TYPE_IPV4 || type == TYPE_IPV6 ||
		     type == TYPE_ETHERNET || type == TYPE_PPP ||
		     type == TYPE_MPLS;
	if (!w->bad && known && wire_left(w) != 0 && enter_tunnel(p))
		by_type(p, type, w);
}

/* RFC 7348: flags, reserved, VNI, reserved. */
static void
read_vxlan(struct packet *p, struct wire *w)
{
	uint32_t flags = wire_u32(w);
	uint32_t vni = wire_u32(w) >> 8;
	if (w->bad || (flags >> 24 & 0x08) == 0 || wire_left(w) < 14)
		return;
	if (!enter_tunnel(p))
		return;
	p->f->vxlan = vni;
	p->f->have |= FLOW_BIT(FE_LAYER2);
	read_ethernet(p, w);
}

/* ---- layer 4 -------------------------------------------------------------- */

static void
read_ports(struct flow *f, struct wire *w)
{
	uint16_t src = wire_u16(w);
	uint16_t dst = wire_u16(w);
	if (w->bad)
		return;
	f->src_port = src;
	f->dst_port = dst;
}

static void
read_layer4(struct packet *p, struct wire *w)
{
	struct flow *f = p->f;
	switch (f->proto) {
	case PROTO_TCP:
		read_ports(f, w);
		wire_skip(w, 9);
		f->tcp_flags = wire_u8(w);
		break;
	case PROTO_UDP:
		read_ports(f, w);
		wire_skip(w, 4);
		if (!w->bad && f->dst_port == VXLAN_PORT)
			read_vxlan(p, w);
		break;
	case PROTO_DCCP:
	case PROTO_SCTP:
	case PROTO_UDPLITE:
		read_ports(f, w);
		break;
	case PROTO_ICMP:
	case PROTO_ICMP6:
		f->dst_port = wire_u16(w); /* type, code */
		break;
	case PROTO_GRE:
		read_gre(p, w);
		break;
	case PROTO_IPIP:
	case PROTO_IPV6:
		if (wire_left(w) >= 20 && enter_tunnel(p))
			by_type(p, *w->p >> 4 == 4 ? TYPE_IPV4 : TYPE_IPV6, w);
		break;
	default:
		break;
	}
}

/* ---- layer 3 -------------------------------------------------------------- */

static void
set_ttl(struct flow *f, uint8_t ttl)
{
	f->min_ttl = f->max_ttl = ttl;
	f->have |= FLOW_BIT(FE_IPINFO);
}

static void
read_ipv4(struct packet *p, struct wire *w)
{
	struct flow *f = p->f;
	uint8_t first = wire_u8(w);
	size_t header = (first & 15U) * 4;
	uint8_t tos = wire_u8(w);
	uint16_t total = wire_u16(w);
	wire_skip(w, 2);
	uint16_t fragment = wire_u16(w);
	uint8_t ttl = wire_u8(w);
	uint8_t proto = wire_u8(w);
	wire_skip(w, 2);
	uint32_t src = wire_u32(w), dst = wire_u32(w);
	if (w->bad || first >> 4 != 4 || header < 20)
		return;
	f->src = (struct flow_ip6){ .lo = src };
	f->dst = (struct flow_ip6){ .lo = dst };
	f->proto = proto;
	f->src_tos = tos;
	f->frag_flags = fragment >> 8 & 0x60;
	f->have &= ~FLOW_BIT(FE_IPV6);
	f->have |= FLOW_BIT(FE_IPV4);
	set_ttl(f, ttl);
	p->l3_len = total;
	wire_skip(w, header - 20);
	if ((fragment & 0x1fff) == 0)
		read_layer4(p, w);
}

/*
 * RFC 8200 section 4: *next is the type of the header at w; true when what
 * follows the extension headers is there.
 */
static bool
skip_extensions(struct flow *f, struct wire *w, uint8_t *next)
{
	for (;;) {
		uint8_t type = *next, len;
		switch (type) {
		case 0:   /* hop by hop */
		case 43:  /* routing */
		case 60:  /* destination */
		case 135: /* mobility */
		case 139: /* HIP */
		case 140: /* shim6 */
			*next = wire_u8(w);
			len = wire_u8(w);
			wire_skip(w, len * 8U + 6);
			break;
		case 51: /* authentication: units of 4 */
			*next = wire_u8(w);
			len = wire_u8(w);
			wire_skip(w, len * 4U + 6);
			break;
		case 44: /* fragment */
			*next = wire_u8(w);
			wire_skip(w, 1);
			uint16_t fragment = wire_u16(w);
			wire_skip(w, 4);
			f->frag_flags = (fragment & 1) != 0 ? 0x20 : 0;
			if (fragment >> 3 != 0)
				return false;
			break;
		default:
			return true;
		}
		if (w->bad) {
			*next = type;
			return false;
		}
	}
}

static struct flow_ip6
read_addr6(struct wire *w)
{
	struct flow_ip6 a = { .hi = wire_u64(w) };
	a.lo = wire_u64(w);
	return a;
}

static void
read_ipv6(struct packet *p, struct wire *w)
{
	struct flow *f = p->f;
	uint32_t first = wire_u32(w);
	uint16_t payload = wire_u16(w);
	uint8_t next = wire_u8(w);
	uint8_t ttl = wire_u8(w);
	struct flow_ip6 src = read_addr6(w), dst = read_addr6(w);
	if (w->bad || first >> 28 != 6)
		return;
	f->src = src;
	f->dst = dst;
	f->src_tos = (uint8_t)(first >> 20);
	f->have &= ~FLOW_BIT(FE_IPV4);
	f->have |= FLOW_BIT(FE_IPV6);
	set_ttl(f, ttl);
	p->l3_len = payload + 40U;
	bool whole = skip_extensions(f, w, &next);
	f->proto = next;
	if (whole)
		read_layer4(p, w);
}

/* ---- layer 2 -------------------------------------------------------------- */

/* RFC 3032; what is below the stack is told by its first bits. */
static void
read_mpls(struct packet *p, struct wire *w)
{
	struct flow *f = p->f;
	bool bottom = false;
	for (unsigned i = 0; !bottom && wire_left(w) >= 4; i++) {
		uint32_t label = wire_u32(w) >> 8;
		bottom = (label & 1) != 0;
		if (p->inner || i >= sizeof(f->mpls) / sizeof(f->mpls[0]))
			continue;
		f->mpls[i] = label;
		f->have |= FLOW_BIT(FE_MPLS);
	}
	if (!bottom || wire_left(w) == 0)
		return;
	uint8_t version = *w->p >> 4;
	if (version == 4)
		read_ipv4(p, w);
	else if (version == 6)
		read_ipv6(p, w);
	else if (version == 0 && wire_left(w) >= 4 + 14) {
		/* RFC 4448: a control word, then Ethernet. */
		wire_skip(w, 4);
		read_ethernet(p, w);
	}
}

static uint16_t
read_tag(struct packet *p, struct wire *w)
{
	struct flow *f = p->f;
	uint16_t id = wire_u16(w) & 0x0fff;
	uint16_t type = wire_u16(w);
	if (w->bad || p->inner)
		return type;
	p->vlan = id;
	if (p->tags++ == 0)
		f->l2_vlan = id;
	else
		f->l2_cust_vlan = id;
	f->have |= FLOW_BIT(FE_LAYER2);
	return type;
}

static void
by_type(struct packet *p, uint16_t type, struct wire *w)
{
	for (unsigned i = 0; i < TAGS_MAX; i++) {
		if (type != TYPE_VLAN && type != TYPE_QINQ &&
		    type != TYPE_QINQ_OLD && type != TYPE_QINQ_OLD2)
			break;
		type = read_tag(p, w);
	}
	if (w->bad)
		return;
	if (!p->inner) {
		p->f->ether_type = type;
		p->f->have |= FLOW_BIT(FE_LAYER2);
	}
	switch (type) {
	case TYPE_IPV4:
		read_ipv4(p, w);
		break;
	case TYPE_IPV6:
		read_ipv6(p, w);
		break;
	case TYPE_MPLS:
	case TYPE_MPLS_MC:
		read_mpls(p, w);
		break;
	case TYPE_PPPOE: /* RFC 2516: 6 bytes, then PPP */
		wire_skip(w, 6);
		read_ppp(p, w);
		break;
	case TYPE_PPP:
		read_ppp(p, w);
		break;
	case TYPE_ETHERNET:
		read_ethernet(p, w);
		break;
	default:
		break;
	}
}

/* RFC 1042: AA AA 03, organisation 0, type. */
static void
read_snap(struct packet *p, struct wire *w)
{
	uint32_t head = wire_u32(w);
	uint16_t rest = wire_u16(w);
	uint16_t type = wire_u16(w);
	if (!w->bad && head == 0xaaaa0300 && rest == 0)
		by_type(p, type, w);
}

static uint64_t
read_mac(struct wire *w)
{
	uint64_t high = wire_u16(w);
	return high << 32 | wire_u32(w);
}

static void
read_ethernet(struct packet *p, struct wire *w)
{
	uint64_t dst = read_mac(w), src = read_mac(w);
	uint16_t type = wire_u16(w);
	if (w->bad || p->depth++ == DEPTH_MAX)
		return;
	if (!p->inner && !flow_has(p->f, FE_MAC)) {
		p->f->in_src_mac = src;
		p->f->out_dst_mac = dst;
		p->f->have |= FLOW_BIT(FE_MAC);
	}
	if (type < TYPE_MIN)
		read_snap(p, w);
	else
		by_type(p, type, w);
}

/* RFC 1661, with or without the address and control of RFC 1662. */
static void
read_ppp(struct packet *p, struct wire *w)
{
	uint16_t protocol = wire_u16(w);
	if (protocol == 0xff03)
		protocol = wire_u16(w);
	if (w->bad || p->depth++ == DEPTH_MAX)
		return;
	if (protocol == 0x0021)
		read_ipv4(p, w);
	else if (protocol == 0x0057)
		read_ipv6(p, w);
	else if (protocol == 0x0281 || protocol == 0x0283)
		read_mpls(p, w);
}

/* IEEE 802.11: data frames that are not encrypted. */
static void
read_80211(struct packet *p, struct wire *w)
{
	uint8_t control = wire_u8(w);
	uint8_t flags = wire_u8(w);
	wire_skip(w, 2);
	uint64_t a[4] = { 0 };
	for (unsigned i = 0; i < 3; i++)
		a[i] = read_mac(w);
	wire_skip(w, 2);
	bool to = (flags & 1) != 0, from = (flags & 2) != 0;
	if (to && from)
		a[3] = read_mac(w);
	if (w->bad || (control >> 2 & 3) != 2)
		return;
	p->f->out_dst_mac = to ? a[2] : a[0];
	p->f->in_src_mac = !from ? a[1] : to ? a[3] : a[2];
	p->f->have |= FLOW_BIT(FE_MAC);
	bool qos = (control & 0x80) != 0, ordered = (flags & 0x80) != 0;
	if (qos)
		wire_skip(w, ordered ? 6 : 2);
	bool empty = (control & 0x40) != 0, secret = (flags & 0x40) != 0;
	if (!empty && !secret)
		read_snap(p, w);
}

bool
packet_decode(struct packet *p, enum packet_start start, struct wire w)
{
	switch (start) {
	case PACKET_ETHERNET:
		read_ethernet(p, &w);
		return true;
	case PACKET_PPP:
		read_ppp(p, &w);
		return true;
	case PACKET_IPV4:
		read_ipv4(p, &w);
		return true;
	case PACKET_IPV6:
		read_ipv6(p, &w);
		return true;
	case PACKET_MPLS:
		read_mpls(p, &w);
		return true;
	case PACKET_80211:
		read_80211(p, &w);
		return true;
	default:
		return false;
	}
}
