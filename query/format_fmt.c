/*
 * fmt: lines made of tokens.  A token has a heading and a function that
 * adds its column; heading and column are of equal width.
 */
#include <stdio.h>
#include <string.h>

#include "base/addr.h"
#include "query/format.h"
#include "query/order.h"
#include "query/text.h"

#define WIDE6 23 /* more columns of an address with -6 */

/* What a token's function works on. */
struct row {
	struct buf *b;
	const struct format *f;
	const struct flow *flow;
	bool no_flow; /* the outer packets of a tunnel: counted elsewhere */
};

struct fmt_op {
	const struct token *token; /* NULL: text */
	const char *text;
};

/* ---- helpers -------------------------------------------------------------------- */

static void
put_ip(const struct row *r, const struct flow_ip6 *ip, bool v6)
{
	char s[TEXT_IP_LEN];
	if (r->f->tag)
		buf_addc(r->b, 1);
	if (r->f->wide6)
		text_right(r->b, text_ip(ip, v6, s), 16 + WIDE6);
	else
		text_right(r->b, text_ip_short(ip, v6, s), 16);
}

static void
put_ip_port(const struct row *r, const struct flow_ip6 *ip, bool v6,
    const char *port)
{
	put_ip(r, ip, v6);
	buf_addc(r->b, v6 ? '.' : ':');
	text_left(r->b, port, 5);
}

static const char *
port_text(uint16_t port, char *s)
{
	(void)snprintf(s, 8, "%u", port);
	return s;
}

static bool
is_icmp(const struct flow *f)
{
	return f->proto == 1 || f->proto == 58;
}

/* ICMP has a type and code where others have a port. */
static const char *
dst_port_text(const struct flow *f, char *s)
{
	if (!is_icmp(f))
		return port_text(f->dst_port, s);
	(void)snprintf(s, 8, "%d.%d", f->dst_port >> 8, f->dst_port & 0xff);
	return s;
}

static void
put_counter(const struct row *r, uint64_t v)
{
	text_counter(r->b, v, r->f->plain, 8);
}

static struct rates
rates(const struct row *r, enum direction d)
{
	struct sums s = sums_of_flow(r->flow);
	return sums_rates(&s, d);
}

static uint64_t
length(const struct flow *f)
{
	return f->last > f->first ? f->last - f->first : 0;
}

static void
put_net(const struct row *r, const struct flow_ip6 *ip, uint8_t mask)
{
	bool v6 = flow_has(r->flow, FE_IPV6);
	uint8_t most = v6 ? 128 : 32;
	struct prefix p = { { ip->hi, ip->lo, v6 ? ADDR_V6 : ADDR_V4 },
		mask < most ? mask : most };
	prefix_mask(&p);
	struct flow_ip6 net = { p.addr.hi, p.addr.lo };
	put_ip(r, &net, v6);
	buf_printf(r->b, "/%-2u", mask);
}

/* ---- tokens --------------------------------------------------------------------- */

#define TOKEN(name) static void tk_##name(const struct row *r)
#define NUMBER(name, expr, width)                                              \
	TOKEN(name)                                                            \
	{                                                                      \
		text_number(r->b, r->flow->expr, width);                       \
	}
#define IP(name, field, six)                                                   \
	TOKEN(name)                                                            \
	{                                                                      \
		put_ip(r, &r->flow->field, flow_has(r->flow, six));            \
	}

TOKEN(ts)
{
	text_time(r->b, r->flow->first, ' ');
}

TOKEN(te)
{
	text_time(r->b, r->flow->last, ' ');
}

TOKEN(tr)
{
	text_time(r->b, r->flow->received, ' ');
}

TOKEN(tsr)
{
	text_millis(r->b, r->flow->first, 14);
}

TOKEN(ter)
{
	text_millis(r->b, r->flow->last, 14);
}

TOKEN(trr)
{
	text_millis(r->b, r->flow->received, 14);
}

TOKEN(tds)
{
	text_millis(r->b, length(r->flow), 16);
}

TOKEN(td)
{
	if (r->f->plain)
		tk_tds(r);
	else
		text_duration(r->b, length(r->flow));
}

TOKEN(pr)
{
	char s[8];
	text_left(r->b,
	    r->f->plain ? port_text(r->flow->proto, s)
			: text_proto(r->flow->proto),
	    5);
}

TOKEN(flg)
{
	char s[TEXT_FLAGS_LEN];
	text_right(r->b,
	    text_flags(r->flow->proto == 6 ? r->flow->tcp_flags : 0, s), 8);
}

TOKEN(pkt)
{
	put_counter(r, r->flow->packets);
}

TOKEN(byt)
{
	put_counter(r, r->flow->bytes);
}

TOKEN(ipkt)
{
	put_counter(r, r->flow->packets);
}

TOKEN(ibyt)
{
	put_counter(r, r->flow->bytes);
}

TOKEN(opkt)
{
	put_counter(r, rates(r, DIR_OUT).packets);
}

TOKEN(obyt)
{
	put_counter(r, rates(r, DIR_OUT).bytes);
}

TOKEN(pps)
{
	put_counter(r, rates(r, DIR_IN).pps);
}

TOKEN(bps)
{
	put_counter(r, rates(r, DIR_IN).bps);
}

TOKEN(bpp)
{
	text_number(r->b, rates(r, DIR_IN).bpp, 6);
}

TOKEN(fl)
{
	text_number(r->b, r->no_flow ? 0 : sums_of_flow(r->flow).flows, 5);
}

TOKEN(dp)
{
	char s[8];
	text_right(r->b, dst_port_text(r->flow, s), 6);
}

TOKEN(it)
{
	text_number(r->b, is_icmp(r->flow) ? r->flow->dst_port >> 8 : 0, 6);
}

TOKEN(ic)
{
	text_number(r->b, is_icmp(r->flow) ? r->flow->dst_port & 0xff : 0, 6);
}

TOKEN(sap)
{
	char s[8];
	put_ip_port(r, &r->flow->src, flow_has(r->flow, FE_IPV6),
	    port_text(r->flow->src_port, s));
}

TOKEN(dap)
{
	char s[8];
	put_ip_port(r, &r->flow->dst, flow_has(r->flow, FE_IPV6),
	    dst_port_text(r->flow, s));
}

TOKEN(xsap)
{
	char s[8];
	put_ip_port(r, &r->flow->xlate_src, flow_has(r->flow, FE_NAT6),
	    port_text(r->flow->xlate_src_port, s));
}

TOKEN(xdap)
{
	char s[8];
	put_ip_port(r, &r->flow->xlate_dst, flow_has(r->flow, FE_NAT6),
	    port_text(r->flow->xlate_dst_port, s));
}

TOKEN(sn)
{
	put_net(r, &r->flow->src, r->flow->src_mask);
}

TOKEN(dn)
{
	put_net(r, &r->flow->dst, r->flow->dst_mask);
}

TOKEN(dir)
{
	text_right(r->b, r->flow->dir == 0 ? "I" : "E", 3);
}

TOKEN(nas)
{
	buf_addc(r->b, ' ');
	text_number(r->b, r->flow->next_as, 6);
}

TOKEN(pas)
{
	buf_addc(r->b, ' ');
	text_number(r->b, r->flow->prev_as, 6);
}

TOKEN(eng)
{
	buf_printf(r->b, "%3u/%-3u", r->flow->engine_type, r->flow->engine_id);
}

TOKEN(cnt)
{
	text_number(r->b, r->f->count + 1, 5);
}

static void
put_mpls(const struct row *r, int i)
{
	char s[TEXT_MPLS_LEN];
	text_right(r->b, text_mpls(r->flow->mpls[i], s), 12);
}

#define MPLS(n)                                                                \
	TOKEN(mpls##n)                                                         \
	{                                                                      \
		put_mpls(r, (n)-1);                                            \
	}
MPLS(1)
MPLS(2)
MPLS(3)
MPLS(4)
MPLS(5)
MPLS(6)
MPLS(7)
MPLS(8)
MPLS(9)
MPLS(10)

TOKEN(mpls)
{
	for (int i = 0; i < 10; i++) {
		if (i != 0)
			buf_addc(r->b, ' ');
		put_mpls(r, i);
	}
}

#define MAC(name, field)                                                       \
	TOKEN(name)                                                            \
	{                                                                      \
		char s[TEXT_MAC_LEN];                                          \
		text_right(r->b, text_mac(r->flow->field, s), 17);             \
	}
MAC(ismc, in_src_mac)
MAC(odmc, out_dst_mac)
MAC(idmc, in_dst_mac)
MAC(osmc, out_src_mac)

#define LATENCY(name, field)                                                   \
	TOKEN(name)                                                            \
	{                                                                      \
		buf_printf(r->b, "%9.3f", (double)r->flow->field / 1000);      \
	}
LATENCY(cl, client_usec)
LATENCY(sl, server_usec)
LATENCY(al, app_usec)

TOKEN(tevt)
{
	text_time(r->b,
	    flow_has(r->flow, FE_NSEL) ? r->flow->event_time
				       : r->flow->nat_event_time,
	    ' ');
}

TOKEN(odid)
{
	buf_printf(r->b, "0x%09x", r->flow->obs_domain);
}

TOKEN(opid)
{
	buf_printf(r->b, "0x%010llx", (unsigned long long)r->flow->obs_point);
}

TOKEN(lbl)
{
	char text[64];
	const struct flow_bytes *label = &r->flow->label;
	size_t n = 0;
	if (flow_has(r->flow, FE_LABEL))
		for (; n < label->len && n < sizeof(text) - 1 &&
		       label->p[n] != '\0';
		     n++)
			text[n] = (char)(label->p[n] < ' ' ? '?' : label->p[n]);
	text[n] = '\0';
	buf_printf(r->b, "%16s", n != 0 ? text : "<none>");
}

TOKEN(n)
{
	buf_addc(r->b, '\n');
}

NUMBER(exp, exporter, 6)
NUMBER(sp, src_port, 6)
NUMBER(fwd, fwd_status, 3)
NUMBER(tos, src_tos, 3)
NUMBER(stos, src_tos, 4)
NUMBER(dtos, dst_tos, 4)
NUMBER(in, in_if, 6)
NUMBER(out, out_if, 6)
NUMBER(smk, src_mask, 5)
NUMBER(dmk, dst_mask, 5)
NUMBER(bfd, biflow_dir, 3)
NUMBER(end, end_reason, 3)
NUMBER(svln, src_vlan, 5)
NUMBER(dvln, dst_vlan, 5)
NUMBER(sas, src_as, 6)
NUMBER(das, dst_as, 6)
NUMBER(nfc, conn_id, 10)
NUMBER(xsp, xlate_src_port, 6)
NUMBER(xdp, xlate_dst_port, 6)
NUMBER(pbstart, block_start, 7)
NUMBER(pbend, block_end, 7)
NUMBER(pbstep, block_step, 7)
NUMBER(pbsize, block_size, 7)
NUMBER(ivrf, ingress_vrf, 10)
NUMBER(evrf, egress_vrf, 10)
IP(sa, src, FE_IPV6)
IP(da, dst, FE_IPV6)
IP(nhb, bgp_next, FE_BGPNEXT6)
IP(nh, next_hop, FE_NEXT6)
IP(ra, exporter_ip, FE_EXPORTER6)
IP(xsa, xlate_src, FE_NAT6)
IP(xda, xlate_dst, FE_NAT6)

/* `wide`: the heading moves right with -6. */
static const struct token {
	const char *name;
	const char *head;
	bool wide;
	void (*put)(const struct row *r);
} tokens[] = {
	{ "cnt", "Count", false, tk_cnt },
	{ "eng", " engine", false, tk_eng },
	{ "exp", "Exp ID", false, tk_exp },
	{ "tfs", "Date first seen        ", false, tk_ts },
	{ "ts", "Date first seen        ", false, tk_ts },
	{ "tsr", "Date first seen (raw)    ", false, tk_tsr },
	{ "te", "Date last seen         ", false, tk_te },
	{ "ter", "Date last seen (raw)     ", false, tk_ter },
	{ "tr", "Date flow received     ", false, tk_tr },
	{ "trr", "Date flow received (raw)  ", false, tk_trr },
	{ "td", "    Duration    ", false, tk_td },
	{ "tds", "    Duration    ", false, tk_tds },
	{ "pkt", " Packets", false, tk_pkt },
	{ "ipkt", "  In Pkt", false, tk_ipkt },
	{ "opkt", " Out Pkt", false, tk_opkt },
	{ "byt", "   Bytes", false, tk_byt },
	{ "ibyt", " In Byte", false, tk_ibyt },
	{ "obyt", "Out Byte", false, tk_obyt },
	{ "sp", "Src Pt", false, tk_sp },
	{ "dp", "Dst Pt", false, tk_dp },
	{ "it", "ICMP-T", false, tk_it },
	{ "ic", "ICMP-C", false, tk_ic },
	{ "pr", "Proto", false, tk_pr },
	{ "flg", "   Flags", false, tk_flg },
	{ "fwd", "Fwd", false, tk_fwd },
	{ "tos", "Tos", false, tk_tos },
	{ "stos", "STos", false, tk_stos },
	{ "dtos", "DTos", false, tk_dtos },
	{ "bps", "     bps", false, tk_bps },
	{ "pps", "     pps", false, tk_pps },
	{ "bpp", "   Bpp", false, tk_bpp },
	{ "sa", "     Src IP Addr", true, tk_sa },
	{ "da", "     Dst IP Addr", true, tk_da },
	{ "sap", "     Src IP Addr:Port ", true, tk_sap },
	{ "dap", "     Dst IP Addr:Port ", true, tk_dap },
	{ "in", " Input", false, tk_in },
	{ "out", "Output", false, tk_out },
	{ "smk", "SMask", false, tk_smk },
	{ "dmk", "DMask", false, tk_dmk },
	{ "dir", "Dir", false, tk_dir },
	{ "bfd", "Bfd", false, tk_bfd },
	{ "end", "End", false, tk_end },
	{ "sn", "        Src Network", true, tk_sn },
	{ "dn", "        Dst Network", true, tk_dn },
	{ "fl", "Flows", false, tk_fl },
	{ "svln", "SVlan", false, tk_svln },
	{ "dvln", "DVlan", false, tk_dvln },
	{ "sas", "Src AS", false, tk_sas },
	{ "das", "Dst AS", false, tk_das },
	{ "nas", "Next AS", false, tk_nas },
	{ "pas", "Prev AS", false, tk_pas },
	{ "nhb", " BGP next-hop IP", true, tk_nhb },
	{ "nh", "     Next-hop IP", true, tk_nh },
	{ "ra", "       Router IP", true, tk_ra },
	{ "mpls",
	    "                                               "
	    "MPLS labels 1-10                                    "
	    "               ",
	    false, tk_mpls },
	{ "lbl", "           label", false, tk_lbl },
	{ "mpls1", " MPLS lbl 1 ", false, tk_mpls1 },
	{ "mpls2", " MPLS lbl 2 ", false, tk_mpls2 },
	{ "mpls3", " MPLS lbl 3 ", false, tk_mpls3 },
	{ "mpls4", " MPLS lbl 4 ", false, tk_mpls4 },
	{ "mpls5", " MPLS lbl 5 ", false, tk_mpls5 },
	{ "mpls6", " MPLS lbl 6 ", false, tk_mpls6 },
	{ "mpls7", " MPLS lbl 7 ", false, tk_mpls7 },
	{ "mpls8", " MPLS lbl 8 ", false, tk_mpls8 },
	{ "mpls9", " MPLS lbl 9 ", false, tk_mpls9 },
	{ "mpls10", " MPLS lbl 10", false, tk_mpls10 },
	{ "ismc", "  In src MAC Addr", false, tk_ismc },
	{ "odmc", " Out dst MAC Addr", false, tk_odmc },
	{ "idmc", "  In dst MAC Addr", false, tk_idmc },
	{ "osmc", " Out src MAC Addr", false, tk_osmc },
	{ "cl", "C Latency", false, tk_cl },
	{ "sl", "S latency", false, tk_sl },
	{ "al", "A latency", false, tk_al },
	{ "tevt", "Event time             ", false, tk_tevt },
	{ "nfc", "   Conn-ID", false, tk_nfc },
	{ "xsa", "   X-late Src IP", true, tk_xsa },
	{ "xda", "   X-late Dst IP", true, tk_xda },
	{ "nsa", "   X-late Src IP", true, tk_xsa },
	{ "nda", "   X-late Dst IP", true, tk_xda },
	{ "xsap", "   X-Src IP Addr:Port ", true, tk_xsap },
	{ "xdap", "   X-Dst IP Addr:Port ", true, tk_xdap },
	{ "nsap", "   X-Src IP Addr:Port ", true, tk_xsap },
	{ "ndap", "   X-Dst IP Addr:Port ", true, tk_xdap },
	{ "xsp", "XsPort", false, tk_xsp },
	{ "xdp", "XdPort", false, tk_xdp },
	{ "nsp", "XsPort", false, tk_xsp },
	{ "ndp", "XdPort", false, tk_xdp },
	{ "pbstart", "Pb-Start", false, tk_pbstart },
	{ "pbend", "Pb-End", false, tk_pbend },
	{ "pbstep", "Pb-Step", false, tk_pbstep },
	{ "pbsize", "Pb-Size", false, tk_pbsize },
	{ "odid", "obsDomainID", false, tk_odid },
	{ "opid", "  obsPointID", false, tk_opid },
	{ "vrf", "  I-VRF-ID", false, tk_ivrf },
	{ "ivrf", "  I-VRF-ID", false, tk_ivrf },
	{ "evrf", "  E-VRF-ID", false, tk_evrf },
	{ "n", "", false, tk_n },
};
#define TOKENS (sizeof(tokens) / sizeof(tokens[0]))

/* ---- compiling ------------------------------------------------------------------ */

/* The longest token that text starts with, NULL: none. */
static const struct token *
find_token(const char *text, size_t *len)
{
	const struct token *best = NULL;
	*len = 0;
	for (size_t i = 0; i < TOKENS; i++) {
		size_t n = strlen(tokens[i].name);
		if (n > *len && strncmp(text, tokens[i].name, n) == 0) {
			best = &tokens[i];
			*len = n;
		}
	}
	return best;
}

int
fmt_compile(struct format *f, const char *text, struct arena *a,
    struct err *err)
{
	/* No text can have more parts than characters. */
	struct fmt_op *ops = arena_array(a, strlen(text) + 1, sizeof(*ops));
	f->ops = ops;
	f->n_ops = 0;
	for (const char *p = text; *p != '\0';) {
		struct fmt_op *op = &ops[f->n_ops++];
		size_t n;
		if (*p != '%') {
			n = strcspn(p, "%");
			op->text = arena_strndup(a, p, n);
			p += n;
			continue;
		}
		op->token = find_token(p + 1, &n);
		if (op->token == NULL)
			return err_set(err, "Output format parse error at: %s",
			    p);
		p += n + 1;
	}
	return 0;
}

/* ---- printing ------------------------------------------------------------------- */

void
fmt_head(const struct format *f, struct buf *b)
{
	for (size_t i = 0; i < f->n_ops; i++) {
		const struct token *t = f->ops[i].token;
		if (t != NULL && t->wide && f->wide6)
			text_right(b, "", WIDE6);
		/* Text between tokens is blank in the heading. */
		if (t != NULL)
			buf_adds(b, t->head);
		else
			text_right(b, "", (int)strlen(f->ops[i].text));
	}
	buf_addc(b, '\n');
}

static void
put_line(const struct row *r)
{
	const struct format *f = r->f;
	for (size_t i = 0; i < f->n_ops; i++) {
		if (f->ops[i].token != NULL)
			f->ops[i].token->put(r);
		else
			buf_adds(r->b, f->ops[i].text);
	}
	buf_addc(r->b, '\n');
}

/* The outer packets of a tunnel, as a line of its own without counters. */
static void
put_tunnel(const struct format *f, const struct flow *flow, struct buf *b)
{
	bool v6 = flow_has(flow, FE_TUN6);
	struct flow outer = { .first = flow->first,
		.last = flow->last,
		.proto = (uint8_t)flow->tun_proto,
		.src = flow->tun_src,
		.dst = flow->tun_dst,
		.have =
		    FLOW_BIT(FE_GENERIC) | FLOW_BIT(v6 ? FE_IPV6 : FE_IPV4) };
	struct row r = { .b = b, .f = f, .flow = &outer, .no_flow = true };
	put_line(&r);
}

void
fmt_flow(const struct format *f, const struct flow *flow, struct buf *b)
{
	struct row r = { .b = b, .f = f, .flow = flow };
	if (flow_has(flow, FE_TUN4) || flow_has(flow, FE_TUN6))
		put_tunnel(f, flow, b);
	put_line(&r);
}
