/* Tokens of addresses and ports. */
#include "base/addr.h"
#include "query/fmt.h"
#include "query/put.h"
#include "query/text.h"

void
fmt_put_ip(const struct row *r, const struct flow_ip6 *ip, bool v6)
{
	if (r->f->tag)
		buf_addc(r->b, 1);
	if (r->f->wide6)
		text_address(r->b, ip, v6, 16 + FMT_WIDE6);
	else
		text_address_short(r->b, ip, v6, 16);
}

bool
fmt_is_icmp(const struct flow *f)
{
	return f->proto == 1 || f->proto == 58;
}

#define PORT_LEN 8

static char *
put_port(char *p, uint16_t port)
{
	return put_number(p, port);
}

/* ICMP has a type and code where others have a port. */
static char *
put_dst_port(char *p, const struct flow *f)
{
	if (!fmt_is_icmp(f))
		return put_port(p, f->dst_port);
	p = put_number(p, f->dst_port >> 8);
	*p++ = '.';
	return put_number(p, f->dst_port & 0xff);
}

/* Behind an address, left-aligned; p to end is the port. */
static void
add_port(const struct row *r, bool v6, const char *port, const char *end)
{
	size_t n = (size_t)(end - port);
	char *p = put_room(r->b, 1 + PORT_LEN);
	*p++ = v6 ? '.' : ':';
	memset(p, ' ', PORT_LEN);
	memcpy(p, port, n);
	put_end(r->b, p + (n > 5 ? n : 5));
}

static void
put_ip_port(const struct row *r, const struct flow_ip6 *ip, bool v6,
    uint16_t port)
{
	char s[PORT_LEN + PUT_SLACK] = "";
	fmt_put_ip(r, ip, v6);
	add_port(r, v6, s, put_port(s, port));
}

static void
put_ip_dst_port(const struct row *r, const struct flow_ip6 *ip, bool v6)
{
	char s[PORT_LEN + PUT_SLACK] = "";
	fmt_put_ip(r, ip, v6);
	add_port(r, v6, s, put_dst_port(s, r->flow));
}

struct flow_ip6
fmt_network(const struct flow_ip6 *ip, bool v6, uint8_t mask)
{
	uint8_t most = v6 ? 128 : 32;
	struct prefix p = { { ip->hi, ip->lo, v6 ? ADDR_V6 : ADDR_V4 },
		mask < most ? mask : most };
	prefix_mask(&p);
	return (struct flow_ip6){ p.addr.hi, p.addr.lo };
}

static void
put_net(const struct row *r, const struct flow_ip6 *ip, uint8_t mask)
{
	bool v6 = flow_has(r->flow, FE_IPV6);
	struct flow_ip6 net = fmt_network(ip, v6, mask);
	fmt_put_ip(r, &net, v6);
	buf_printf(r->b, "/%-2u", mask);
}

#define IP(name, field, six)                                                   \
	static void tk_##name(const struct row *r)                             \
	{                                                                      \
		fmt_put_ip(r, &r->flow->field, flow_has(r->flow, six));        \
	}

#define NUMBER(name, expr, width)                                              \
	static void tk_##name(const struct row *r)                             \
	{                                                                      \
		text_number(r->b, r->flow->expr, width);                       \
	}
NUMBER(sp, src_port, 6)
NUMBER(xsp, xlate_src_port, 6)
NUMBER(xdp, xlate_dst_port, 6)
IP(sa, src, FE_IPV6)
IP(da, dst, FE_IPV6)
IP(nhb, bgp_next, FE_BGPNEXT6)
IP(nh, next_hop, FE_NEXT6)
IP(ra, exporter_ip, FE_EXPORTER6)
IP(xsa, xlate_src, FE_NAT6)
IP(xda, xlate_dst, FE_NAT6)

static void
tk_dp(const struct row *r)
{
	char s[PORT_LEN + PUT_SLACK];
	*put_dst_port(s, r->flow) = '\0';
	text_right(r->b, s, 6);
}

static void
tk_it(const struct row *r)
{
	text_number(r->b, fmt_is_icmp(r->flow) ? r->flow->dst_port >> 8 : 0, 6);
}

static void
tk_ic(const struct row *r)
{
	text_number(r->b, fmt_is_icmp(r->flow) ? r->flow->dst_port & 0xff : 0,
	    6);
}

static void
tk_sap(const struct row *r)
{
	put_ip_port(r, &r->flow->src, flow_has(r->flow, FE_IPV6),
	    r->flow->src_port);
}

static void
tk_dap(const struct row *r)
{
	put_ip_dst_port(r, &r->flow->dst, flow_has(r->flow, FE_IPV6));
}

static void
tk_xsap(const struct row *r)
{
	put_ip_port(r, &r->flow->xlate_src, flow_has(r->flow, FE_NAT6),
	    r->flow->xlate_src_port);
}

static void
tk_xdap(const struct row *r)
{
	put_ip_port(r, &r->flow->xlate_dst, flow_has(r->flow, FE_NAT6),
	    r->flow->xlate_dst_port);
}

static void
tk_sn(const struct row *r)
{
	put_net(r, &r->flow->src, r->flow->src_mask);
}

static void
tk_dn(const struct row *r)
{
	put_net(r, &r->flow->dst, r->flow->dst_mask);
}

const struct token fmt_addresses[] = {
	{ "sa", "     Src IP Addr", true, tk_sa, 0 },
	{ "da", "     Dst IP Addr", true, tk_da, 0 },
	{ "sap", "     Src IP Addr:Port ", true, tk_sap, 0 },
	{ "dap", "     Dst IP Addr:Port ", true, tk_dap, 0 },
	{ "sp", "Src Pt", false, tk_sp, 0 },
	{ "dp", "Dst Pt", false, tk_dp, 0 },
	{ "it", "ICMP-T", false, tk_it, 0 },
	{ "ic", "ICMP-C", false, tk_ic, 0 },
	{ "sn", "        Src Network", true, tk_sn, 0 },
	{ "dn", "        Dst Network", true, tk_dn, 0 },
	{ "nhb", " BGP next-hop IP", true, tk_nhb, 0 },
	{ "nh", "     Next-hop IP", true, tk_nh, 0 },
	{ "ra", "       Router IP", true, tk_ra, 0 },
	{ "xsa", "   X-late Src IP", false, tk_xsa, 0 },
	{ "xda", "   X-late Dst IP", false, tk_xda, 0 },
	{ "nsa", "   X-late Src IP", false, tk_xsa, 0 },
	{ "nda", "   X-late Dst IP", false, tk_xda, 0 },
	{ "xsap", "   X-Src IP Addr:Port ", true, tk_xsap, 0 },
	{ "xdap", "   X-Dst IP Addr:Port ", true, tk_xdap, 0 },
	{ "nsap", "   X-Src IP Addr:Port ", true, tk_xsap, 0 },
	{ "ndap", "   X-Dst IP Addr:Port ", true, tk_xdap, 0 },
	{ "xsp", "XsPort", false, tk_xsp, 0 },
	{ "xdp", "XdPort", false, tk_xdp, 0 },
	{ "nsp", "XsPort", false, tk_xsp, 0 },
	{ "ndp", "XdPort", false, tk_xdp, 0 },
	{ .name = NULL },
};
