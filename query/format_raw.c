/* raw: every element of a flow, a line each, as nfdump 1.7.1 prints them. */
#include <ctype.h>
#include <inttypes.h>

#include "query/fmt.h"
#include "query/format_raw.h"
#include "query/text.h"

#define HEADER 12 /* bytes of a record's */
#define USER   68 /* of a user's name in a file, however long it is */

/* ---- lines -------------------------------------------------------------------- */

void
raw_number(struct buf *b, const char *name, uint64_t n)
{
	buf_printf(b, "  %-12s = %17" PRIu64 "\n", name, n);
}

/* The same where nfdump has room for ten digits. */
static void
counter(struct buf *b, const char *name, uint64_t n)
{
	buf_printf(b, "  %-12s =        %10" PRIu64 "\n", name, n);
}

/* Narrow numbers, which may stick out on the right. */
void
raw_narrow(struct buf *b, const char *name, uint32_t n)
{
	buf_printf(b, "  %-12s =             %5" PRIu32 "\n", name, n);
}

static void
text(struct buf *b, const char *name, const char *s)
{
	buf_printf(b, "  %-12s =  %16s\n", name, s);
}

static void
address(struct buf *b, const char *name, const struct flow_ip6 *ip, bool v6)
{
	char s[TEXT_IP_LEN];
	text(b, name, text_ip(ip, v6, s));
}

void
raw_place(const struct row *r, const char *name, const struct flow_ip6 *ip,
    bool v6)
{
	char s[TEXT_IP_LEN], code[FMT_GEO_LEN];
	struct addr a = fmt_addr(ip, v6);
	if (r->f->geo == NULL) {
		address(r->b, name, ip, v6);
		return;
	}
	buf_printf(r->b, "  %-12s =  %16s(%s)\n", name, text_ip(ip, v6, s),
	    fmt_country(r->f, &a, code));
}

static void
mac(struct buf *b, const char *name, uint64_t v)
{
	char s[TEXT_MAC_LEN];
	buf_printf(b, "  %-12s = %s\n", name, text_mac(v, s));
}

void
raw_at_time(struct buf *b, const char *name, uint64_t ms)
{
	buf_printf(b, "  %-12s =     %13" PRIu64 " [", name, ms);
	text_time(b, ms, ' ');
	buf_adds(b, "]\n");
}

void
raw_borrowed(struct buf *b, const struct flow_bytes *bytes, int width)
{
	struct buf s = BUF_EMPTY;
	fmt_put_text(&s, bytes);
	text_right(b, buf_str(&s), width);
	buf_free(&s);
	buf_addc(b, '\n');
}

/* ---- the record itself ---------------------------------------------------------- */

/* Bytes of an element in a file, without what has no fixed length. */
static size_t
fixed(int e)
{
	static const uint8_t size[FE_MAX] = { [FE_GENERIC] = 48,
		[FE_IPV4] = 8,
		[FE_IPV6] = 32,
		[FE_MISC] = 16,
		[FE_CNT] = 24,
		[FE_VLAN] = 8,
		[FE_AS] = 8,
		[FE_BGPNEXT4] = 4,
		[FE_BGPNEXT6] = 16,
		[FE_NEXT4] = 4,
		[FE_NEXT6] = 16,
		[FE_EXPORTER4] = 4,
		[FE_EXPORTER6] = 16,
		[FE_MPLS] = 40,
		[FE_MAC] = 32,
		[FE_ASADJ] = 8,
		[FE_LATENCY] = 24,
		[FE_SAMPLER] = 16,
		[FE_NSEL] = 16,
		[FE_NAT4] = 8,
		[FE_NAT6] = 32,
		[FE_NATPORT] = 4,
		[FE_ACL] = 24,
		[FE_USER] = USER,
		[FE_NATEVENT] = 16,
		[FE_PORTBLOCK] = 8,
		[FE_TUN4] = 12,
		[FE_TUN6] = 40,
		[FE_OBSERVATION] = 16,
		[FE_FRAMEMETA] = 4,
		[FE_VRF] = 8,
		[FE_PFINFO] = 20,
		[FE_LAYER2] = 32,
		[FE_FLOWID] = 8,
		[FE_NOKIANAT] = 4,
		[FE_NOKIASTR] = 4,
		[FE_IPINFO] = 4 };
	return 4U + size[e];
}

static size_t
record_size(const struct flow *f)
{
	const struct {
		enum flow_elem e;
		const struct flow_bytes *bytes;
	} var[] = { { FE_NBAR, &f->nbar }, { FE_LABEL, &f->label },
		{ FE_INPAYLOAD, &f->in_payload },
		{ FE_OUTPAYLOAD, &f->out_payload }, { FE_FRAME, &f->frame },
		{ FE_PFINFO, &f->pf_ifname }, { FE_NOKIASTR, &f->nokia_str } };
	size_t n = HEADER;
	for (int e = 1; e < FE_MAX; e++)
		if (flow_has(f, (enum flow_elem)e))
			n += fixed(e);
	for (size_t i = 0; i < sizeof(var) / sizeof(var[0]); i++)
		if (flow_has(f, var[i].e))
			n += var[i].bytes->len;
	return n;
}

static void
put_flags(struct buf *b, const struct flow *f)
{
	buf_printf(b, "  Flags        =              0x%.2x ", f->flags);
	if ((f->flags & FLOW_EVENT) != 0)
		buf_adds(b, "EVENT");
	else if (f->nfversion == 0)
		buf_adds(b, "FLOW");
	else if ((f->nfversion & 0x80) != 0)
		buf_printf(b, "SFLOW v%u", f->nfversion & 0x7fU);
	else
		buf_printf(b, "NETFLOW v%u", f->nfversion);
	buf_printf(b, "%s, %s\n",
	    (f->flags & FLOW_ANON) != 0 ? " Anonymized" : "",
	    (f->flags & FLOW_SAMPLED) != 0 ? "Sampled" : "Unsampled");
}

static void
put_elements(struct buf *b, const struct flow *f)
{
	unsigned n = 0;
	for (int e = 1; e < FE_MAX; e++)
		n += flow_has(f, (enum flow_elem)e);
	buf_printf(b, "  Elements     = %17u: ", n);
	for (int e = 1; e < FE_MAX; e++)
		if (flow_has(f, (enum flow_elem)e))
			buf_printf(b, "%d ", e);
	buf_addc(b, '\n');
}

static void
put_record(const struct row *r)
{
	const struct flow *f = r->flow;
	buf_adds(r->b, "\nFlow Record: \n");
	if (!r->f->merged)
		raw_number(r->b, "RecordCount", r->number);
	put_flags(r->b, f);
	put_elements(r->b, f);
	raw_number(r->b, "size", record_size(f));
	raw_number(r->b, "engine type", f->engine_type);
	raw_number(r->b, "engine ID", f->engine_id);
	raw_number(r->b, "export sysid", f->exporter);
	if (flow_has(f, FE_LABEL)) {
		buf_adds(r->b, "  Label        =  ");
		raw_borrowed(r->b, &f->label, 16);
	}
}

/* ---- everyday elements ------------------------------------------------------------ */

static void
put_generic(const struct row *r)
{
	const struct flow *f = r->flow;
	struct buf *b = r->b;
	char flags[TEXT_FLAGS_LEN];
	raw_at_time(b, "first", f->first);
	raw_at_time(b, "last", f->last);
	raw_at_time(b, "received at", f->received);
	const char *name = text_proto(f->proto);
	buf_printf(b, "  proto        = %17u %-*s\n", f->proto,
	    f->proto != 0 && isdigit((unsigned char)name[0]) ? 5 : 0, name);
	uint8_t tcp = f->proto == 6 ? f->tcp_flags : 0;
	buf_printf(b, "  tcp flags    =              0x%.2x %s\n", tcp,
	    text_flags(tcp, flags));
	if (fmt_is_icmp(f)) {
		buf_printf(b,
		    "  ICMP         =              %2u.%-2u type.code\n",
		    f->dst_port >> 8, f->dst_port & 0xffU);
	} else {
		raw_number(b, "src port", f->src_port);
		raw_number(b, "dst port", f->dst_port);
		raw_number(b, "src tos", f->src_tos);
	}
	counter(b, "in packets", f->packets);
	counter(b, "in bytes", f->bytes);
}

static void
put_tunnel(const struct row *r)
{
	const struct flow *f = r->flow;
	bool v6 = flow_has(f, FE_TUN6);
	if (!v6 && !flow_has(f, FE_TUN4))
		return;
	buf_printf(r->b, "  tun proto    =               %3u %s\n",
	    f->tun_proto, text_proto((uint8_t)f->tun_proto));
	address(r->b, "tun src addr", &f->tun_src, v6);
	address(r->b, "tun dst addr", &f->tun_dst, v6);
}

static void
put_mask(const struct row *r, const char *name, const struct flow_ip6 *ip,
    uint8_t mask)
{
	char s[TEXT_IP_LEN];
	bool v6 = flow_has(r->flow, FE_IPV6);
	struct flow_ip6 net = fmt_network(ip, v6, mask);
	buf_printf(r->b, "  %-12s = %17u %s/%u\n", name, mask,
	    mask != 0 ? text_ip(&net, v6, s) : "", mask);
}

static void
put_misc(const struct row *r)
{
	static const char *const ways[] = { "", "initiator", "reverseInitiator",
		"perimeter" };
	static const char *const ends[] = { "", "idle timeout",
		"active timeout", "end of Flow detected", "forced end",
		"lack of resources" };
	const struct flow *f = r->flow;
	struct buf *b = r->b;
	if (!flow_has(f, FE_MISC))
		return;
	buf_printf(b, "  input        =          %8u", f->in_if);
	fmt_put_interface(r, f->in_if);
	buf_printf(b, "\n  output       =          %8u", f->out_if);
	fmt_put_interface(r, f->out_if);
	buf_addc(b, '\n');
	put_mask(r, "src mask", &f->src, f->src_mask);
	put_mask(r, "dst mask", &f->dst, f->dst_mask);
	raw_number(b, "fwd status", f->fwd_status);
	raw_number(b, "dst tos", f->dst_tos);
	raw_number(b, "direction", f->dir);
	buf_printf(b, "  biFlow Dir   =              0x%.2x %s\n",
	    f->biflow_dir, f->biflow_dir < 4 ? ways[f->biflow_dir] : "undef");
	buf_printf(b, "  end reason   =              0x%.2x %s\n",
	    f->end_reason, f->end_reason < 6 ? ends[f->end_reason] : "undef");
}

static void
put_counters(const struct row *r)
{
	const struct flow *f = r->flow;
	struct buf *b = r->b;
	if (flow_has(f, FE_CNT)) {
		counter(b, "out packets", f->out_packets);
		counter(b, "out bytes", f->out_bytes);
		raw_number(b, "aggr flows", f->flows);
	}
	if (flow_has(f, FE_VLAN)) {
		raw_number(b, "src vlan", f->src_vlan);
		raw_number(b, "dst vlan", f->dst_vlan);
	}
	if (flow_has(f, FE_AS)) {
		raw_narrow(b, "src as", f->src_as);
		raw_narrow(b, "dst as", f->dst_as);
	}
}

static void
put_hops(const struct row *r)
{
	const struct flow *f = r->flow;
	const struct {
		const char *name;
		const struct flow_ip6 *ip;
		enum flow_elem e4;
	} hops[] = { { "bgp next hop", &f->bgp_next, FE_BGPNEXT4 },
		{ "ip next hop", &f->next_hop, FE_NEXT4 },
		{ "ip exporter", &f->exporter_ip, FE_EXPORTER4 } };
	for (size_t i = 0; i < 3; i++) {
		enum flow_elem e6 = hops[i].e4 + 1;
		if (flow_has(f, hops[i].e4) || flow_has(f, e6))
			address(r->b, hops[i].name, hops[i].ip,
			    flow_has(f, e6));
	}
}

static void
put_link(const struct row *r)
{
	const struct flow *f = r->flow;
	struct buf *b = r->b;
	char label[TEXT_MPLS_LEN];
	for (int i = 0; i < 10 && flow_has(f, FE_MPLS); i++)
		if (f->mpls[i] != 0)
			buf_printf(b, "  MPLS Lbl %2d  = %17s\n", i + 1,
			    text_mpls(f->mpls[i], label));
	if (flow_has(f, FE_MAC)) {
		mac(b, "in src mac", f->in_src_mac);
		mac(b, "out dst mac", f->out_dst_mac);
		mac(b, "in dst mac", f->in_dst_mac);
		mac(b, "out src mac", f->out_src_mac);
	}
	if (flow_has(f, FE_ASADJ)) {
		raw_narrow(b, "bgp next as", f->next_as);
		raw_narrow(b, "bgp prev as", f->prev_as);
	}
}

static void
put_latencies(const struct row *r)
{
	const struct flow *f = r->flow;
	const struct {
		const char *name;
		uint64_t usec;
	} l[] = { { "cli latency", f->client_usec },
		{ "srv latency", f->server_usec },
		{ "app latency", f->app_usec } };
	for (size_t i = 0; i < 3 && flow_has(f, FE_LATENCY); i++)
		buf_printf(r->b, "  %-12s =         %9.3f ms\n", l[i].name,
		    (double)l[i].usec / 1000);
}

/* ---- all of a flow ------------------------------------------------------------- */

void
raw_flow(const struct format *f, uint64_t n, const struct flow *flow,
    struct buf *b)
{
	struct row r = { .b = b, .f = f, .flow = flow, .number = n };
	bool v6 = flow_has(flow, FE_IPV6);
	put_record(&r);
	put_generic(&r);
	put_tunnel(&r);
	if (v6 || flow_has(flow, FE_IPV4)) {
		raw_place(&r, "src addr", &flow->src, v6);
		raw_place(&r, "dst addr", &flow->dst, v6);
	}
	put_misc(&r);
	put_counters(&r);
	put_hops(&r);
	put_link(&r);
	put_latencies(&r);
	raw_rest(&r);
}
