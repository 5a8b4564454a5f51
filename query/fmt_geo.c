/* Tokens of places: countries and ASs of databases (filter/geo.h). */
#include <stdio.h>

#include "filter/geo.h"
#include "query/fmt.h"
#include "query/text.h"

struct addr
fmt_addr(const struct flow_ip6 *ip, bool v6)
{
	return (struct addr){ ip->hi, ip->lo, v6 ? ADDR_V6 : ADDR_V4 };
}

char *
fmt_country(const struct format *f, const struct addr *a, char *buf)
{
	uint16_t code = f->geo != NULL ? geo_country(f->geo, a) : 0;
	if (code == 0)
		code = GEO_CODE('.', '.');
	buf[0] = (char)(code >> 8);
	buf[1] = (char)(code & 0xff);
	buf[2] = '\0';
	return buf;
}

static struct addr
src(const struct row *r)
{
	return fmt_addr(&r->flow->src, flow_has(r->flow, FE_IPV6));
}

static struct addr
dst(const struct row *r)
{
	return fmt_addr(&r->flow->dst, flow_has(r->flow, FE_IPV6));
}

static void
put_country(const struct row *r, struct addr a)
{
	char code[FMT_GEO_LEN];
	buf_adds(r->b, fmt_country(r->f, &a, code));
}

static void
tk_sc(const struct row *r)
{
	put_country(r, src(r));
}

static void
tk_dc(const struct row *r)
{
	put_country(r, dst(r));
}

/* Databases are asked for countries only: that is the place. */
static void
put_place(const struct row *r, struct addr a)
{
	if (r->f->geo != NULL)
		put_country(r, a);
}

static void
tk_sloc(const struct row *r)
{
	put_place(r, src(r));
}

static void
tk_dloc(const struct row *r)
{
	put_place(r, dst(r));
}

static void
put_tagged(const struct row *r, const struct flow_ip6 *ip, bool v6)
{
	fmt_put_ip(r, ip, v6);
	buf_addc(r->b, '(');
	put_country(r, fmt_addr(ip, v6));
	buf_addc(r->b, ')');
}

static void
tk_gsa(const struct row *r)
{
	put_tagged(r, &r->flow->src, flow_has(r->flow, FE_IPV6));
}

static void
tk_gda(const struct row *r)
{
	put_tagged(r, &r->flow->dst, flow_has(r->flow, FE_IPV6));
}

static void
tk_gra(const struct row *r)
{
	put_tagged(r, &r->flow->exporter_ip, flow_has(r->flow, FE_EXPORTER6));
}

static void
put_port(const struct row *r, uint16_t port, bool icmp)
{
	char text[16];
	if (icmp)
		(void)snprintf(text, sizeof(text), "%d.%d", port >> 8,
		    port & 0xff);
	else
		(void)snprintf(text, sizeof(text), "%u", port);
	buf_addc(r->b, flow_has(r->flow, FE_IPV6) ? '.' : ':');
	text_left(r->b, text, 5);
}

static void
tk_gsap(const struct row *r)
{
	tk_gsa(r);
	put_port(r, r->flow->src_port, false);
}

static void
tk_gdap(const struct row *r)
{
	tk_gda(r);
	put_port(r, r->flow->dst_port, fmt_is_icmp(r->flow));
}

static void
put_as(const struct row *r, uint32_t as, struct addr a)
{
	char text[16];
	if (as == 0 && r->f->geo != NULL)
		as = geo_as(r->f->geo, &a);
	(void)snprintf(text, sizeof(text), "AS%u", as);
	text_right(r->b, as != 0 ? text : "none", 30);
}

static void
tk_sasn(const struct row *r)
{
	put_as(r, r->flow->src_as, src(r));
}

static void
tk_dasn(const struct row *r)
{
	put_as(r, r->flow->dst_as, dst(r));
}

/* Which addresses were exits of Tor is in no database of these. */
static void
tk_tor(const struct row *r)
{
	buf_adds(r->b, "    ");
}

#define HEAD_AS(side) side " AS organisation           "

const struct token fmt_geo[] = {
	{ "sc", "SC", false, tk_sc, FMT_GEO },
	{ "dc", "DC", false, tk_dc, FMT_GEO },
	{ "sloc", "Src IP location info", false, tk_sloc, FMT_GEO },
	{ "dloc", "Dst IP location info", false, tk_dloc, FMT_GEO },
	{ "gsa", "     Src IP Addr(..)", true, tk_gsa, FMT_GEO },
	{ "gda", "     Dst IP Addr(..)", true, tk_gda, FMT_GEO },
	{ "gra", "       Router IP(..)", true, tk_gra, FMT_GEO },
	{ "gsap", "     Src IP Addr(..):Port ", true, tk_gsap, FMT_GEO },
	{ "gdap", "     Dst IP Addr(..):Port ", true, tk_gdap, FMT_GEO },
	{ "sasn", HEAD_AS("Src"), false, tk_sasn, FMT_GEO },
	{ "dasn", HEAD_AS("Dst"), false, tk_dasn, FMT_GEO },
	{ "stor", "STor", false, tk_tor, 0 },
	{ "dtor", "DTor", false, tk_tor, 0 },
	{ .name = NULL },
};
