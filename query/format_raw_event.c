/* raw: the elements of events, translations, texts and packet filters. */
#include <arpa/inet.h>
#include <inttypes.h>

#include "filter/tls.h"
#include "query/fmt.h"
#include "query/fmt_pf.h"
#include "query/format_raw.h"
#include "query/text.h"

/* ---- events ------------------------------------------------------------------------ */

static void
put_event(struct buf *b, const char *name, uint8_t event, const char *what)
{
	buf_printf(b, "  %-12s = %17u: %s\n", name, event,
	    what != NULL ? what : "UNKNOW");
}

static void
put_nsel(const struct row *r)
{
	const struct flow *f = r->flow;
	if (!flow_has(f, FE_NSEL))
		return;
	const char *x = fmt_nsel_xevent(f->fw_xevent);
	raw_number(r->b, "connect ID", f->conn_id);
	put_event(r->b, "fw event", f->fw_event, fmt_nsel_event(f->fw_event));
	buf_printf(r->b, "  fw ext event = %17u: ", f->fw_xevent);
	if (x != NULL)
		buf_printf(r->b, "%s\n", x);
	else
		buf_printf(r->b, "%u\n", f->fw_xevent);
	raw_at_time(r->b, "Event time", f->event_time);
}

static void
put_xlate(const struct row *r)
{
	const struct flow *f = r->flow;
	struct buf *b = r->b;
	bool v6 = flow_has(f, FE_NAT6);
	if (v6 || flow_has(f, FE_NAT4)) {
		raw_place(r, "src xlt ip", &f->xlate_src, v6);
		raw_place(r, "dst xlt ip", &f->xlate_dst, v6);
	}
	if (flow_has(f, FE_NATPORT)) {
		raw_number(b, "src xlt port", f->xlate_src_port);
		raw_number(b, "dst xlt port", f->xlate_dst_port);
	}
	if (flow_has(f, FE_ACL)) {
		buf_printf(b, "  Ingress ACL  =       0x%x/0x%x/0x%x\n",
		    ntohl(f->in_acl[0]), ntohl(f->in_acl[1]),
		    ntohl(f->in_acl[2]));
		buf_printf(b, "  Egress ACL   =       0x%x/0x%x/0x%x\n",
		    ntohl(f->out_acl[0]), ntohl(f->out_acl[1]),
		    ntohl(f->out_acl[2]));
	}
	if (flow_has(f, FE_USER)) {
		buf_adds(b, "  username     =       ");
		raw_borrowed(b, &f->user, 0);
	}
}

static void
put_nat(const struct row *r)
{
	const struct flow *f = r->flow;
	struct buf *b = r->b;
	if (flow_has(f, FE_NATEVENT)) {
		put_event(b, "nat event", f->nat_event,
		    fmt_nat_event(f->nat_event));
		raw_at_time(b, "Event time", f->nat_event_time);
	}
	if (flow_has(f, FE_PORTBLOCK)) {
		raw_number(b, "pblock start", f->block_start);
		raw_number(b, "pblock end", f->block_end);
		raw_number(b, "pblock step", f->block_step);
		raw_number(b, "pblock size", f->block_size);
	}
}

/* ---- texts ------------------------------------------------------------------------- */

static void
put_hello(struct buf *b, const struct flow_bytes *p)
{
	struct tls_hello h;
	char hex[TLS_JA3_LEN + 1];
	if (!tls_parse(p->p, p->len, &h) || !tls_ja3(&h, hex))
		return;
	buf_printf(b, "  %-12s = %s\n", h.server ? "ja3s hash" : "ja3 hash",
	    hex);
	if (h.sni.len == 0)
		return;
	struct flow_bytes name = { h.sni.p, (uint16_t)h.sni.len };
	buf_adds(b, "  sni name     = ");
	raw_borrowed(b, &name, 0);
}

static void
put_payload(struct buf *b, const char *name, const struct flow_bytes *p)
{
	raw_number(b, name, p->len);
	put_hello(b, p);
	if (fmt_is_printable(p)) {
		buf_add(b, p->p, p->len);
		buf_addc(b, '\n');
	}
	fmt_put_bytes(b, p);
}

static void
put_texts(const struct row *r)
{
	const struct flow *f = r->flow;
	char app[FMT_APP_LEN];
	if (flow_has(f, FE_NBAR)) {
		buf_printf(r->b, "  app ID       =             %s: ",
		    fmt_app(&f->nbar, app));
		fmt_put_app(r);
		buf_addc(r->b, '\n');
	}
	if (flow_has(f, FE_INPAYLOAD))
		put_payload(r->b, "in payload", &f->in_payload);
	if (flow_has(f, FE_OUTPAYLOAD))
		put_payload(r->b, "out payload", &f->out_payload);
}

static void
put_vrf(const struct row *r, const char *name, uint32_t id)
{
	buf_printf(r->b, "  %-12s = %17u", name, id);
	fmt_put_vrf(r, id);
	buf_addc(r->b, '\n');
}

static void
put_pf(const struct row *r)
{
	const struct flow *f = r->flow;
	struct buf *b = r->b;
	if (!flow_has(f, FE_PFINFO))
		return;
	buf_adds(b, "  pflog ifname = ");
	raw_borrowed(b, &f->pf_ifname, 16);
	buf_printf(b, "  pflog action = %17s\n", fmt_pf_action(f->pf_action));
	buf_printf(b, "  pflog reason = %17u/%s\n", f->pf_reason,
	    fmt_pf_reason(f->pf_reason));
	buf_printf(b, "  pflog direct = %17s\n", fmt_pf_direction(f->pf_dir));
	raw_narrow(b, "pflog rulenr", f->pf_rule);
}

static void
put_last(const struct row *r)
{
	const struct flow *f = r->flow;
	if (flow_has(f, FE_OBSERVATION)) {
		buf_printf(r->b, "  obs domainID =         0x%05x\n",
		    f->obs_domain);
		buf_printf(r->b, "  obs pointID  =      0x%010" PRIx64 "\n",
		    f->obs_point);
	}
	if (flow_has(f, FE_VRF)) {
		put_vrf(r, "ingress VRF", f->ingress_vrf);
		put_vrf(r, "egress VRF", f->egress_vrf);
	}
	put_pf(r);
}

void
raw_rest(const struct row *r)
{
	put_nsel(r);
	put_xlate(r);
	put_nat(r);
	put_texts(r);
	put_last(r);
}
