/* Tokens that nfdump has had since 1.7.1. */
#include <inttypes.h>

#include "query/fmt.h"
#include "query/fmt_pf.h"
#include "query/text.h"

static bool
has_pf(const struct row *r)
{
	return flow_has(r->flow, FE_PFINFO);
}

static void
tk_pfifn(const struct row *r)
{
	struct buf name = BUF_EMPTY;
	if (has_pf(r))
		fmt_put_text(&name, &r->flow->pf_ifname);
	text_right(r->b, has_pf(r) ? buf_str(&name) : "<no-pf>", 9);
	buf_free(&name);
}

static void
tk_pfact(const struct row *r)
{
	text_right(r->b,
	    has_pf(r) ? fmt_pf_action(r->flow->pf_action) : "<no-pf>", 7);
}

static void
tk_pfrea(const struct row *r)
{
	text_right(r->b,
	    has_pf(r) ? fmt_pf_reason(r->flow->pf_reason) : "<no-pf>", 7);
}

static void
tk_pfdir(const struct row *r)
{
	text_right(r->b,
	    has_pf(r) ? fmt_pf_direction(r->flow->pf_dir) : "<no pfinfo>", 11);
}

static void
tk_pfrule(const struct row *r)
{
	text_number(r->b, r->flow->pf_rule, 4);
}

static void
tk_flid(const struct row *r)
{
	buf_printf(r->b, "0x%13" PRIx64, r->flow->flow_id);
}

static void
tk_isid(const struct row *r)
{
	text_number(r->b, r->flow->nokia_in, 8);
}

static void
tk_osid(const struct row *r)
{
	text_number(r->b, r->flow->nokia_out, 8);
}

static void
tk_nats(const struct row *r)
{
	struct buf text = BUF_EMPTY;
	if (flow_has(r->flow, FE_NOKIASTR))
		fmt_put_text(&text, &r->flow->nokia_str);
	text_right(r->b, text.len != 0 ? buf_str(&text) : "<unknown>", 9);
	buf_free(&text);
}

static void
tk_minttl(const struct row *r)
{
	text_number(r->b, r->flow->min_ttl, 6);
}

static void
tk_maxttl(const struct row *r)
{
	text_number(r->b, r->flow->max_ttl, 6);
}

static void
tk_ttl(const struct row *r)
{
	text_number(r->b, r->flow->min_ttl, 5);
	text_number(r->b, r->flow->max_ttl, 6);
}

/* IE 197: don't fragment, more fragments. */
static void
tk_frag(const struct row *r)
{
	uint8_t f = r->flow->frag_flags;
	buf_adds(r->b, (f & 0x40) != 0 ? "DF" : "--");
	buf_adds(r->b, (f & 0x20) != 0 ? "MF" : "--");
}

static void
tk_eth(const struct row *r)
{
	buf_printf(r->b, "0x%04x", r->flow->ether_type);
}

const struct token fmt_newer[] = {
	{ "pfifn", "interface", false, tk_pfifn, 0 },
	{ "pfact", "action", false, tk_pfact, 0 },
	{ "pfrea", "reason", false, tk_pfrea, 0 },
	{ "pfdir", "dir", false, tk_pfdir, 0 },
	{ "pfrule", "rule", false, tk_pfrule, 0 },
	{ "flid", "               flowID", false, tk_flid, 0 },
	{ "isid", " inSrvID", false, tk_isid, 0 },
	{ "osid", "outSrvID", false, tk_osid, 0 },
	{ "nats", "nat string", false, tk_nats, 0 },
	{ "ttl", "min/maxTTL", false, tk_ttl, 0 },
	{ "minttl", "minTTL", false, tk_minttl, 0 },
	{ "maxttl", "maxTTL", false, tk_maxttl, 0 },
	{ "frag", "Frag", false, tk_frag, 0 },
	{ "eth", "EtherType", false, tk_eth, 0 },
	{ .name = NULL },
};
