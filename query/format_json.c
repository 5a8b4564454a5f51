/*
 * json: the keys of nfdump 1.7.1, each only where its element is there.
 */
#include <stdio.h>

#include "base/addr.h"
#include "query/format.h"
#include "query/text.h"

/* ---- values ------------------------------------------------------------------- */

static void
key(struct buf *b, const char *name)
{
	buf_add(b, ",\n\t\"", 4);
	buf_adds(b, name);
	buf_add(b, "\" : ", 4);
}

static void
number(struct buf *b, const char *name, uint64_t v)
{
	key(b, name);
	text_number(b, v, 0);
}

/* nfdump 1.7.1 has some numbers in quotes. */
static void
quoted(struct buf *b, const char *name, uint64_t v)
{
	key(b, name);
	buf_addc(b, '"');
	text_number(b, v, 0);
	buf_addc(b, '"');
}

static void
string(struct buf *b, const char *name, const char *s)
{
	key(b, name);
	buf_addc(b, '"');
	buf_adds(b, s);
	buf_addc(b, '"');
}

/* Foreign text: escaped, up to its NUL. */
static void
bytes(struct buf *b, const char *name, const struct flow_bytes *v)
{
	key(b, name);
	buf_addc(b, '"');
	for (uint16_t i = 0; i < v->len && v->p[i] != 0; i++) {
		uint8_t c = v->p[i];
		if (c == '"' || c == '\\')
			buf_printf(b, "\\%c", c);
		else if (c < 0x20 || c >= 0x7f)
			buf_printf(b, "\\u%04x", c);
		else
			buf_addc(b, (char)c);
	}
	buf_addc(b, '"');
}

static void
hex(struct buf *b, const char *name, const struct flow_bytes *v)
{
	key(b, name);
	buf_addc(b, '"');
	for (uint16_t i = 0; i < v->len; i++)
		buf_printf(b, "%02x", v->p[i]);
	buf_addc(b, '"');
}

static void
ip(struct buf *b, const char *name, const struct flow_ip6 *a, bool v6)
{
	char s[TEXT_IP_LEN];
	string(b, name, text_ip(a, v6, s));
}

static void
mac(struct buf *b, const char *name, uint64_t v)
{
	char s[TEXT_MAC_LEN];
	string(b, name, text_mac(v, s));
}

static void
time_of(struct buf *b, const char *name, uint64_t ms)
{
	key(b, name);
	buf_addc(b, '"');
	text_time(b, ms, 'T');
	buf_addc(b, '"');
}

static void
latency(struct buf *b, const char *name, uint64_t usec)
{
	key(b, name);
	buf_printf(b, "%f", (double)usec / 1000);
}

/* ---- elements ------------------------------------------------------------------ */

static void
put_generic(const struct flow *f, struct buf *b)
{
	char flags[TEXT_FLAGS_LEN];
	time_of(b, "first", f->first);
	time_of(b, "last", f->last);
	time_of(b, "received", f->received);
	number(b, "in_packets", f->packets);
	number(b, "in_bytes", f->bytes);
	number(b, "proto", f->proto);
	if (f->proto == 1 || f->proto == 58) {
		number(b, "icmp_type", f->dst_port >> 8);
		number(b, "icmp_code", f->dst_port & 0xff);
	} else {
		string(b, "tcp_flags", text_flags(f->tcp_flags, flags));
		number(b, "src_port", f->src_port);
		number(b, "dst_port", f->dst_port);
	}
	number(b, "src_tos", f->src_tos);
}

static void
put_net(struct buf *b, const char *name, const struct flow_ip6 *a, bool v6,
    uint8_t mask)
{
	struct prefix p = { { a->hi, a->lo, v6 ? ADDR_V6 : ADDR_V4 }, mask };
	uint8_t most = v6 ? 128 : 32;
	if (p.len > most)
		p.len = most;
	prefix_mask(&p);
	struct flow_ip6 net = { p.addr.hi, p.addr.lo };
	ip(b, name, &net, v6);
}

static void
put_misc(const struct flow *f, struct buf *b)
{
	bool v6 = flow_has(f, FE_IPV6);
	number(b, "input_snmp", f->in_if);
	number(b, "output_snmp", f->out_if);
	number(b, "src_mask", f->src_mask);
	number(b, "dst_mask", f->dst_mask);
	put_net(b, "src_net", &f->src, v6, f->src_mask);
	put_net(b, "dst_net", &f->dst, v6, f->dst_mask);
	number(b, "fwd_status", f->fwd_status);
	number(b, "direction", f->dir);
	number(b, "dst_tos", f->dst_tos);
}

static void
put_labels(const struct flow *f, struct buf *b)
{
	for (int i = 0; i < 10; i++) {
		char name[24], s[TEXT_MPLS_LEN];
		(void)snprintf(name, sizeof(name), "mpls_%d", i + 1);
		string(b, name, text_mpls(f->mpls[i], s));
	}
}

static void
put_macs(const struct flow *f, struct buf *b)
{
	mac(b, "in_src_mac", f->in_src_mac);
	mac(b, "out_dst_mac", f->out_dst_mac);
	mac(b, "in_dst_mac", f->in_dst_mac);
	mac(b, "out_src_mac", f->out_src_mac);
}

/* Cisco ASA's events, by firewallEvent. */
static const char *
event_name(uint8_t event)
{
	static const char *const names[] = { "IGNORE", "CREATE", "DELETE",
		"DENIED", "ALERT", "UPDATE" };
	return event < sizeof(names) / sizeof(names[0]) ? names[event]
							: "UNKNOW";
}

/* IANA's natEvent, as nfdump spells them. */
static const char *
nat_event_name(uint8_t event)
{
	static const char *const names[] = { "Reserved",
		"NAT translation create", "NAT translation delete",
		"NAT Addresses exhausted", "NAT44 session create",
		"NAT44 session delete", "NAT64 session create",
		"NAT64 session delete", "NAT44 BIB create", "NAT44 BIB delete",
		"NAT64 BIB create", "NAT64 BIB delete", "NAT ports exhausted",
		"Quota Exceeded", "Address binding create",
		"Address binding delete", "Port block allocation",
		"Port block de-allocation", "Threshold Reached" };
	return event < sizeof(names) / sizeof(names[0]) ? names[event] : "";
}

static void
put_nsel(const struct flow *f, struct buf *b)
{
	quoted(b, "connect_id", f->conn_id);
	quoted(b, "event_id", f->fw_event);
	string(b, "event", event_name(f->fw_event));
	quoted(b, "xevent_id", f->fw_xevent);
	time_of(b, "t_event", f->event_time);
}

static void
put_acl(struct buf *b, const char *name, const uint32_t acl[3])
{
	key(b, name);
	buf_printf(b, "\"0x%x/0x%x/0x%x\"", __builtin_bswap32(acl[0]),
	    __builtin_bswap32(acl[1]), __builtin_bswap32(acl[2]));
}

static void
put_portblock(const struct flow *f, struct buf *b)
{
	quoted(b, "pblock_start", f->block_start);
	quoted(b, "pblock_end", f->block_end);
	quoted(b, "pblock_step", f->block_step);
	quoted(b, "pblock_size", f->block_size);
}

static void
put_tunnel(const struct flow *f, struct buf *b, bool v6)
{
	ip(b, v6 ? "src6_tun_ip" : "src4_tun_ip", &f->tun_src, v6);
	ip(b, v6 ? "dst6_tun_ip" : "dst4_tun_ip", &f->tun_dst, v6);
	number(b, "tun_proto", f->tun_proto);
}

static void
put_layer2(const struct flow *f, struct buf *b)
{
	number(b, "vlanID", f->l2_vlan);
	number(b, "post_vlanID", f->l2_post_vlan);
	number(b, "cust_vlanID", f->l2_cust_vlan);
	number(b, "post_cust_vlanID", f->l2_post_cust_vlan);
	number(b, "phys_ingress", f->phys_in);
	number(b, "phys_egress", f->phys_out);
	if (f->ether_type != 0) {
		key(b, "ethertype");
		buf_printf(b, "\"0x%04x\"", f->ether_type);
	}
	number(b, "ip_version", f->ip_version);
	if (f->vxlan != 0)
		number(b, "vxlan", f->vxlan);
}

/* Elements for which nfdump has no names in its JSON. */
static void
put_unnamed(const struct flow *f, struct buf *b, enum flow_elem e)
{
	switch (e) {
	case FE_SAMPLER:
		number(b, "sampler_id", f->sampler_id);
		break;
	case FE_FRAMEMETA:
		number(b, "frame_size", f->frame_size);
		number(b, "link_type", f->link_type);
		break;
	case FE_FRAME:
		hex(b, "frame", &f->frame);
		break;
	case FE_NOKIANAT:
		number(b, "in_service_id", f->nokia_in);
		number(b, "out_service_id", f->nokia_out);
		break;
	case FE_NOKIASTR:
		bytes(b, "nat_string", &f->nokia_str);
		break;
	default:
		break;
	}
}

static const struct flow_bytes empty = { (const uint8_t *)"<empty>", 7 };

static void
put_events(const struct flow *f, struct buf *b, enum flow_elem e)
{
	switch (e) {
	case FE_NSEL:
		put_nsel(f, b);
		break;
	case FE_NAT4:
	case FE_NAT6:
		ip(b, e == FE_NAT6 ? "src6_xlt_ip" : "src4_xlt_ip",
		    &f->xlate_src, e == FE_NAT6);
		ip(b, e == FE_NAT6 ? "dst6_xlt_ip" : "dst4_xlt_ip",
		    &f->xlate_dst, e == FE_NAT6);
		break;
	case FE_NATPORT:
		quoted(b, "src_xlt_port", f->xlate_src_port);
		quoted(b, "dst_xlt_port", f->xlate_dst_port);
		break;
	case FE_ACL:
		put_acl(b, "ingress_acl", f->in_acl);
		put_acl(b, "egress_acl", f->out_acl);
		break;
	case FE_USER:
		bytes(b, "user_name", f->user.len != 0 ? &f->user : &empty);
		break;
	case FE_NATEVENT:
		quoted(b, "nat_event_id", f->nat_event);
		string(b, "nat_event", nat_event_name(f->nat_event));
		if (!flow_has(f, FE_NSEL))
			time_of(b, "t_event", f->nat_event_time);
		number(b, "nat_pool_id", f->nat_pool);
		break;
	case FE_PORTBLOCK:
		put_portblock(f, b);
		break;
	case FE_VRF:
		quoted(b, "ingress_vrf", f->ingress_vrf);
		quoted(b, "egress_vrf", f->egress_vrf);
		break;
	default:
		put_unnamed(f, b, e);
		break;
	}
}

static void
put_others(const struct flow *f, struct buf *b, enum flow_elem e)
{
	switch (e) {
	case FE_TUN4:
	case FE_TUN6:
		put_tunnel(f, b, e == FE_TUN6);
		break;
	case FE_OBSERVATION:
		number(b, "observationDomainID", f->obs_domain);
		number(b, "observationPointID", f->obs_point);
		break;
	case FE_LAYER2:
		put_layer2(f, b);
		break;
	case FE_FLOWID:
		number(b, "flowID", f->flow_id);
		break;
	case FE_IPINFO:
		number(b, "ip_minttl", f->min_ttl);
		number(b, "ip_maxttl", f->max_ttl);
		number(b, "ip_fragment", f->frag_flags);
		break;
	default:
		put_events(f, b, e);
		break;
	}
}

static void
put_routing(const struct flow *f, struct buf *b, enum flow_elem e)
{
	switch (e) {
	case FE_VLAN:
		number(b, "src_vlan", f->src_vlan);
		number(b, "dst_vlan", f->dst_vlan);
		break;
	case FE_AS:
		number(b, "src_as", f->src_as);
		number(b, "dst_as", f->dst_as);
		break;
	case FE_BGPNEXT4:
		ip(b, "bgp4_next_hop", &f->bgp_next, false);
		break;
	case FE_BGPNEXT6:
		ip(b, "bgp6_next_hop", &f->bgp_next, true);
		break;
	case FE_NEXT4:
		ip(b, "ip4_next_hop", &f->next_hop, false);
		break;
	case FE_NEXT6:
		ip(b, "ip6_next_hop", &f->next_hop, true);
		break;
	case FE_EXPORTER4:
		ip(b, "ip4_router", &f->exporter_ip, false);
		break;
	case FE_EXPORTER6:
		ip(b, "ip6_router", &f->exporter_ip, true);
		break;
	case FE_ASADJ:
		number(b, "next_as", f->next_as);
		number(b, "prev_as", f->prev_as);
		break;
	default:
		put_others(f, b, e);
		break;
	}
}

static void
put_elem(const struct flow *f, struct buf *b, enum flow_elem e)
{
	switch (e) {
	case FE_GENERIC:
		put_generic(f, b);
		break;
	case FE_IPV4:
		ip(b, "src4_addr", &f->src, false);
		ip(b, "dst4_addr", &f->dst, false);
		break;
	case FE_IPV6:
		ip(b, "src6_addr", &f->src, true);
		ip(b, "dst6_addr", &f->dst, true);
		break;
	case FE_MISC:
		put_misc(f, b);
		break;
	case FE_CNT:
		number(b, "out_packets", f->out_packets);
		number(b, "out_bytes", f->out_bytes);
		number(b, "aggr_flows", f->flows);
		break;
	case FE_MPLS:
		put_labels(f, b);
		break;
	case FE_MAC:
		put_macs(f, b);
		break;
	case FE_LATENCY:
		latency(b, "cli_latency", f->client_usec);
		latency(b, "srv_latency", f->server_usec);
		latency(b, "app_latency", f->app_usec);
		break;
	default:
		put_routing(f, b, e);
		break;
	}
}

void
json_flow(const struct flow *f, struct buf *b)
{
	buf_printf(b,
	    "{\n\t\"type\" : \"%s\",\n\t\"sampled\" : %d,\n"
	    "\t\"export_sysid\" : %u",
	    (f->flags & FLOW_EVENT) != 0 ? "EVENT" : "FLOW",
	    (f->flags & FLOW_SAMPLED) != 0, f->exporter);
	for (uint64_t left = f->have; left != 0; left &= left - 1)
		put_elem(f, b, (enum flow_elem)__builtin_ctzll(left));
	static const struct flow_bytes none = { (const uint8_t *)"<none>", 6 };
	bytes(b, "label", flow_has(f, FE_LABEL) ? &f->label : &none);
	buf_adds(b, "\n}");
}
