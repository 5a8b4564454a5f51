/*
 * json: the keys of nfdump 1.7.1, each only where its element is there;
 * ndjson: the same objects, one a line and without blanks.
 */
#include "base/addr.h"
#include "query/format.h"
#include "query/json.h"
#include "query/text.h"

/* ---- elements ------------------------------------------------------------------ */

static void
put_generic(const struct flow *f, const struct json_object *o)
{
	char flags[TEXT_FLAGS_LEN];
	TIME(o, "first", f->first);
	TIME(o, "last", f->last);
	TIME(o, "received", f->received);
	NUMBER(o, "in_packets", f->packets);
	NUMBER(o, "in_bytes", f->bytes);
	NUMBER(o, "proto", f->proto);
	if (f->proto == 1 || f->proto == 58) {
		NUMBER(o, "icmp_type", f->dst_port >> 8);
		NUMBER(o, "icmp_code", f->dst_port & 0xff);
	} else {
		STRING(o, "tcp_flags", text_flags(f->tcp_flags, flags));
		NUMBER(o, "src_port", f->src_port);
		NUMBER(o, "dst_port", f->dst_port);
	}
	NUMBER(o, "src_tos", f->src_tos);
}

static void
add_net(const struct json_object *o, const struct flow_ip6 *a, bool v6,
    uint8_t mask)
{
	struct prefix p = { { a->hi, a->lo, v6 ? ADDR_V6 : ADDR_V4 }, mask };
	uint8_t most = v6 ? 128 : 32;
	if (p.len > most)
		p.len = most;
	prefix_mask(&p);
	struct flow_ip6 net = { p.addr.hi, p.addr.lo };
	json_ip(o, &net, v6);
}

static void
put_misc(const struct flow *f, const struct json_object *o)
{
	bool v6 = flow_has(f, FE_IPV6);
	NUMBER(o, "input_snmp", f->in_if);
	NUMBER(o, "output_snmp", f->out_if);
	NUMBER(o, "src_mask", f->src_mask);
	NUMBER(o, "dst_mask", f->dst_mask);
	KEY(o, "src_net", "\"");
	add_net(o, &f->src, v6, f->src_mask);
	KEY(o, "dst_net", "\"");
	add_net(o, &f->dst, v6, f->dst_mask);
	NUMBER(o, "fwd_status", f->fwd_status);
	NUMBER(o, "direction", f->dir);
	NUMBER(o, "dst_tos", f->dst_tos);
}

static void
add_mpls(const struct json_object *o, uint32_t label)
{
	json_end(o, text_put_mpls(put_room(o->b, TEXT_MPLS_LEN), label));
}

#define LABEL(n)                                                               \
	KEY(o, "mpls_" #n, "\"");                                              \
	add_mpls(o, f->mpls[(n)-1])

static void
put_labels(const struct flow *f, const struct json_object *o)
{
	LABEL(1);
	LABEL(2);
	LABEL(3);
	LABEL(4);
	LABEL(5);
	LABEL(6);
	LABEL(7);
	LABEL(8);
	LABEL(9);
	LABEL(10);
}

static void
put_macs(const struct flow *f, const struct json_object *o)
{
	MAC(o, "in_src_mac", f->in_src_mac);
	MAC(o, "out_dst_mac", f->out_dst_mac);
	MAC(o, "in_dst_mac", f->in_dst_mac);
	MAC(o, "out_src_mac", f->out_src_mac);
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
put_nsel(const struct flow *f, const struct json_object *o)
{
	QUOTED(o, "connect_id", f->conn_id);
	QUOTED(o, "event_id", f->fw_event);
	STRING(o, "event", event_name(f->fw_event));
	QUOTED(o, "xevent_id", f->fw_xevent);
	TIME(o, "t_event", f->event_time);
}

static void
add_acl(const struct json_object *o, const uint32_t acl[3])
{
	buf_printf(o->b, "0x%x/0x%x/0x%x\"", __builtin_bswap32(acl[0]),
	    __builtin_bswap32(acl[1]), __builtin_bswap32(acl[2]));
}

static void
put_portblock(const struct flow *f, const struct json_object *o)
{
	QUOTED(o, "pblock_start", f->block_start);
	QUOTED(o, "pblock_end", f->block_end);
	QUOTED(o, "pblock_step", f->block_step);
	QUOTED(o, "pblock_size", f->block_size);
}

static void
put_tunnel(const struct flow *f, const struct json_object *o, bool v6)
{
	if (v6) {
		IP(o, "src6_tun_ip", &f->tun_src, true);
		IP(o, "dst6_tun_ip", &f->tun_dst, true);
	} else {
		IP(o, "src4_tun_ip", &f->tun_src, false);
		IP(o, "dst4_tun_ip", &f->tun_dst, false);
	}
	NUMBER(o, "tun_proto", f->tun_proto);
}

static void
put_xlate(const struct flow *f, const struct json_object *o, bool v6)
{
	if (v6) {
		IP(o, "src6_xlt_ip", &f->xlate_src, true);
		IP(o, "dst6_xlt_ip", &f->xlate_dst, true);
	} else {
		IP(o, "src4_xlt_ip", &f->xlate_src, false);
		IP(o, "dst4_xlt_ip", &f->xlate_dst, false);
	}
}

static void
put_layer2(const struct flow *f, const struct json_object *o)
{
	NUMBER(o, "vlanID", f->l2_vlan);
	NUMBER(o, "post_vlanID", f->l2_post_vlan);
	NUMBER(o, "cust_vlanID", f->l2_cust_vlan);
	NUMBER(o, "post_cust_vlanID", f->l2_post_cust_vlan);
	NUMBER(o, "phys_ingress", f->phys_in);
	NUMBER(o, "phys_egress", f->phys_out);
	if (f->ether_type != 0) {
		KEY(o, "ethertype", "\"");
		buf_printf(o->b, "0x%04x\"", f->ether_type);
	}
	NUMBER(o, "ip_version", f->ip_version);
	if (f->vxlan != 0)
		NUMBER(o, "vxlan", f->vxlan);
}

/* Elements for which nfdump has no names in its JSON. */
static void
put_unnamed(const struct flow *f, const struct json_object *o, enum flow_elem e)
{
	switch (e) {
	case FE_SAMPLER:
		NUMBER(o, "sampler_id", f->sampler_id);
		break;
	case FE_FRAMEMETA:
		NUMBER(o, "frame_size", f->frame_size);
		NUMBER(o, "link_type", f->link_type);
		break;
	case FE_FRAME:
		HEX(o, "frame", &f->frame);
		break;
	case FE_NOKIANAT:
		NUMBER(o, "in_service_id", f->nokia_in);
		NUMBER(o, "out_service_id", f->nokia_out);
		break;
	case FE_NOKIASTR:
		BYTES(o, "nat_string", &f->nokia_str);
		break;
	default:
		break;
	}
}

static const struct flow_bytes empty = { (const uint8_t *)"<empty>", 7 };

static void
put_events(const struct flow *f, const struct json_object *o, enum flow_elem e)
{
	switch (e) {
	case FE_NSEL:
		put_nsel(f, o);
		break;
	case FE_NAT4:
	case FE_NAT6:
		put_xlate(f, o, e == FE_NAT6);
		break;
	case FE_NATPORT:
		QUOTED(o, "src_xlt_port", f->xlate_src_port);
		QUOTED(o, "dst_xlt_port", f->xlate_dst_port);
		break;
	case FE_ACL:
		KEY(o, "ingress_acl", "\"");
		add_acl(o, f->in_acl);
		KEY(o, "egress_acl", "\"");
		add_acl(o, f->out_acl);
		break;
	case FE_USER:
		BYTES(o, "user_name", f->user.len != 0 ? &f->user : &empty);
		break;
	case FE_NATEVENT:
		QUOTED(o, "nat_event_id", f->nat_event);
		STRING(o, "nat_event", nat_event_name(f->nat_event));
		if (!flow_has(f, FE_NSEL))
			TIME(o, "t_event", f->nat_event_time);
		NUMBER(o, "nat_pool_id", f->nat_pool);
		break;
	case FE_PORTBLOCK:
		put_portblock(f, o);
		break;
	case FE_VRF:
		QUOTED(o, "ingress_vrf", f->ingress_vrf);
		QUOTED(o, "egress_vrf", f->egress_vrf);
		break;
	default:
		put_unnamed(f, o, e);
		break;
	}
}

static void
put_others(const struct flow *f, const struct json_object *o, enum flow_elem e)
{
	switch (e) {
	case FE_TUN4:
	case FE_TUN6:
		put_tunnel(f, o, e == FE_TUN6);
		break;
	case FE_OBSERVATION:
		NUMBER(o, "observationDomainID", f->obs_domain);
		NUMBER(o, "observationPointID", f->obs_point);
		break;
	case FE_LAYER2:
		put_layer2(f, o);
		break;
	case FE_FLOWID:
		NUMBER(o, "flowID", f->flow_id);
		break;
	case FE_IPINFO:
		NUMBER(o, "ip_minttl", f->min_ttl);
		NUMBER(o, "ip_maxttl", f->max_ttl);
		NUMBER(o, "ip_fragment", f->frag_flags);
		break;
	default:
		put_events(f, o, e);
		break;
	}
}

static void
put_routing(const struct flow *f, const struct json_object *o, enum flow_elem e)
{
	switch (e) {
	case FE_VLAN:
		NUMBER(o, "src_vlan", f->src_vlan);
		NUMBER(o, "dst_vlan", f->dst_vlan);
		break;
	case FE_AS:
		NUMBER(o, "src_as", f->src_as);
		NUMBER(o, "dst_as", f->dst_as);
		break;
	case FE_BGPNEXT4:
		IP(o, "bgp4_next_hop", &f->bgp_next, false);
		break;
	case FE_BGPNEXT6:
		IP(o, "bgp6_next_hop", &f->bgp_next, true);
		break;
	case FE_NEXT4:
		IP(o, "ip4_next_hop", &f->next_hop, false);
		break;
	case FE_NEXT6:
		IP(o, "ip6_next_hop", &f->next_hop, true);
		break;
	case FE_EXPORTER4:
		IP(o, "ip4_router", &f->exporter_ip, false);
		break;
	case FE_EXPORTER6:
		IP(o, "ip6_router", &f->exporter_ip, true);
		break;
	case FE_ASADJ:
		NUMBER(o, "next_as", f->next_as);
		NUMBER(o, "prev_as", f->prev_as);
		break;
	default:
		put_others(f, o, e);
		break;
	}
}

static void
put_elem(const struct flow *f, const struct json_object *o, enum flow_elem e)
{
	switch (e) {
	case FE_GENERIC:
		put_generic(f, o);
		break;
	case FE_IPV4:
		IP(o, "src4_addr", &f->src, false);
		IP(o, "dst4_addr", &f->dst, false);
		break;
	case FE_IPV6:
		IP(o, "src6_addr", &f->src, true);
		IP(o, "dst6_addr", &f->dst, true);
		break;
	case FE_MISC:
		put_misc(f, o);
		break;
	case FE_CNT:
		NUMBER(o, "out_packets", f->out_packets);
		NUMBER(o, "out_bytes", f->out_bytes);
		NUMBER(o, "aggr_flows", f->flows);
		break;
	case FE_MPLS:
		put_labels(f, o);
		break;
	case FE_MAC:
		put_macs(f, o);
		break;
	case FE_LATENCY:
		LATENCY(o, "cli_latency", f->client_usec);
		LATENCY(o, "srv_latency", f->server_usec);
		LATENCY(o, "app_latency", f->app_usec);
		break;
	default:
		put_routing(f, o, e);
		break;
	}
}

/* What every object begins with. */
static void
put_head(const struct flow *f, const struct json_object *o)
{
	bool event = (f->flags & FLOW_EVENT) != 0;
	if (o->dense && event)
		TEXT(o, "{\"type\":\"EVENT\"");
	else if (o->dense)
		TEXT(o, "{\"type\":\"FLOW\"");
	else if (event)
		TEXT(o, "{\n\t\"type\" : \"EVENT\"");
	else
		TEXT(o, "{\n\t\"type\" : \"FLOW\"");
	NUMBER(o, "sampled", (f->flags & FLOW_SAMPLED) != 0);
	NUMBER(o, "export_sysid", f->exporter);
}

static void
put_object(const struct flow *f, const struct json_object *o)
{
	static const struct flow_bytes none = { (const uint8_t *)"<none>", 6 };
	put_head(f, o);
	for (uint64_t left = f->have; left != 0; left &= left - 1)
		put_elem(f, o, (enum flow_elem)__builtin_ctzll(left));
	BYTES(o, "label", flow_has(f, FE_LABEL) ? &f->label : &none);
}

void
json_flow(const struct flow *f, struct buf *b)
{
	const struct json_object o = { .b = b };
	put_object(f, &o);
	TEXT(&o, "\n}");
}

void
ndjson_flow(const struct flow *f, struct buf *b)
{
	const struct json_object o = { .b = b, .dense = true };
	put_object(f, &o);
	TEXT(&o, "}\n");
}
