/* Tokens of firewall events, of NAT and of packet filters. */
#include <arpa/inet.h>

#include "query/fmt.h"
#include "query/text.h"

/* ---- names of codes ---------------------------------------------------------- */

#define NAME(names, i)                                                         \
	((i) < sizeof(names) / sizeof((names)[0]) ? (names)[i] : NULL)

const char *
fmt_nsel_event(uint8_t event)
{
	static const char *const names[] = { "IGNORE", "CREATE", "DELETE",
		"DENIED", "ALERT", "UPDATE" };
	return NAME(names, event);
}

const char *
fmt_nat_event(uint8_t event)
{
	static const char *const names[] = { "INVALID", "ADD", "DELETE" };
	return NAME(names, event);
}

const char *
fmt_nsel_xevent(uint16_t xevent)
{
	static const char *const names[] = { "I-ACL", "E-ACL", "Adap",
		"No Syn" };
	if (xevent == 0)
		return "Ignore";
	return xevent > 1000 ? NAME(names, xevent - 1001U) : NULL;
}

bool
fmt_is_nsel(const struct flow *f)
{
	return flow_has(f, FE_NSEL);
}

/* ---- tokens ------------------------------------------------------------------ */

static void
put_event(const struct row *r, const char *name)
{
	text_right(r->b, name != NULL ? name : "UNKNOW", 7);
}

static void
tk_evt(const struct row *r)
{
	const struct flow *f = r->flow;
	put_event(r, fmt_is_nsel(f) ? fmt_nsel_event(f->fw_event)
				    : fmt_nat_event(f->nat_event));
}

static void
tk_nevt(const struct row *r)
{
	const struct flow *f = r->flow;
	put_event(r, flow_has(f, FE_NATEVENT) || !fmt_is_nsel(f)
			 ? fmt_nat_event(f->nat_event)
			 : fmt_nsel_event(f->fw_event));
}

static void
tk_xevt(const struct row *r)
{
	const char *name = fmt_nsel_xevent(r->flow->fw_xevent);
	if (name != NULL)
		text_right(r->b, name, 7);
	else
		text_number(r->b, r->flow->fw_xevent, 7);
}

static void
tk_iacl(const struct row *r)
{
	const uint32_t *a = r->flow->in_acl;
	buf_printf(r->b, "0x%-8x 0x%-8x 0x%-8x", ntohl(a[0]), ntohl(a[1]),
	    ntohl(a[2]));
}

static void
tk_eacl(const struct row *r)
{
	const uint32_t *a = r->flow->out_acl;
	buf_printf(r->b, "%10u %10u %10u", ntohl(a[0]), ntohl(a[1]),
	    ntohl(a[2]));
}

static void
tk_uname(const struct row *r)
{
	if (flow_has(r->flow, FE_USER) && r->flow->user.len != 0)
		fmt_put_text(r->b, &r->flow->user);
	else
		buf_adds(r->b, "<empty>");
}

const struct token fmt_events[] = {
	{ "evt", " Event", false, tk_evt, 0 },
	{ "nevt", " Event", false, tk_nevt, 0 },
	{ "xevt", " XEvent", false, tk_xevt, 0 },
	{ "iacl", "Ingress ACL                     ", false, tk_iacl, 0 },
	{ "eacl", "Egress ACL                      ", false, tk_eacl, 0 },
	{ "uname", "UserName", false, tk_uname, 0 },
	{ .name = NULL },
};
