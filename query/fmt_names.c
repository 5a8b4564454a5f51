/* Tokens of interfaces, VRFs and applications: their names. */
#include <stdio.h>

#include "query/fmt.h"
#include "query/nameset.h"
#include "query/text.h"

/* nfdump's text for all of them. */
#define UNKNOWN "<ingress not found>"

static void
put_name(struct buf *b, const char *name, bool any, uint32_t id)
{
	if (id == 0 || !any)
		return;
	buf_printf(b, " %s", name != NULL ? name : UNKNOWN);
}

void
fmt_put_interface(const struct row *r, uint32_t id)
{
	bool any;
	const char *name = nameset_interface(r->f->names, id, &any);
	put_name(r->b, name, any, id);
}

void
fmt_put_vrf(const struct row *r, uint32_t id)
{
	bool any;
	const char *name = nameset_vrf(r->f->names, id, &any);
	put_name(r->b, name, any, id);
}

void
fmt_put_app(const struct row *r)
{
	const char *name = flow_has(r->flow, FE_NBAR)
			       ? nameset_app(r->f->names, &r->flow->nbar)
			       : NULL;
	buf_adds(r->b, name != NULL ? name : "<no info>");
}

/* Selectors of more than four bytes have a vendor's number in front. */
char *
fmt_app(const struct flow_bytes *id, char *buf)
{
	uint32_t number = 0;
	size_t i = 1, n = 0;
	unsigned engine = id->len != 0 ? id->p[0] : 0;
	n = (size_t)snprintf(buf, FMT_APP_LEN, "%2u..", engine);
	if (engine == 20 && id->len > 4) {
		for (; i < 5; i++)
			number = number << 8 | id->p[i];
		n += (size_t)snprintf(buf + n, FMT_APP_LEN - n, "%u..", number);
	}
	for (number = 0; i < id->len; i++)
		number = number << 8 | id->p[i];
	(void)snprintf(buf + n, FMT_APP_LEN - n, "%u", number);
	return buf;
}

static void
tk_inam(const struct row *r)
{
	fmt_put_interface(r, r->flow->in_if);
}

static void
tk_onam(const struct row *r)
{
	fmt_put_interface(r, r->flow->out_if);
}

static void
tk_ivrfnam(const struct row *r)
{
	fmt_put_vrf(r, r->flow->ingress_vrf);
}

static void
tk_evrfnam(const struct row *r)
{
	fmt_put_vrf(r, r->flow->egress_vrf);
}

static void
tk_nbid(const struct row *r)
{
	static const struct flow_bytes none = { (const uint8_t *)"", 0 };
	char text[FMT_APP_LEN];
	buf_adds(r->b,
	    fmt_app(flow_has(r->flow, FE_NBAR) ? &r->flow->nbar : &none, text));
}

const struct token fmt_names[] = {
	{ "inam", " Input interface name", false, tk_inam, FMT_NAMES },
	{ "onam", "Output interface name", false, tk_onam, FMT_NAMES },
	{ "ivrfnam", "  I-VRF-Name", false, tk_ivrfnam, FMT_NAMES },
	{ "evrfnam", "  E-VRF-Name", false, tk_evrfnam, FMT_NAMES },
	{ "nbid", "nbar ID", false, tk_nbid, 0 },
	{ "nbnam", "nbar name", false, fmt_put_app, FMT_NAMES },
	{ .name = NULL },
};
