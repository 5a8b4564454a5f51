/* Tokens of payloads, and what a TLS hello in them says. */
#include <stdio.h>

#include "filter/tls.h"
#include "query/fmt.h"
#include "query/text.h"

#define LINE  16
#define SHOWN 256 /* bytes of a token's, as nfdump */

bool
fmt_is_printable(const struct flow_bytes *b)
{
	for (size_t i = 0; i < b->len; i++)
		if ((b->p[i] < ' ' && b->p[i] != '\n' && b->p[i] != '\r' &&
			b->p[i] != '\t') ||
		    b->p[i] > '~')
			return false;
	return true;
}

static void
put_hex_line(struct buf *b, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < LINE; i++) {
		if (i < n)
			buf_printf(b, "%02X ", p[i]);
		else
			buf_adds(b, "   ");
		if (i == LINE / 2 - 1)
			buf_addc(b, ' ');
	}
	buf_adds(b, " |  ");
	for (size_t i = 0; i < n; i++)
		buf_addc(b, p[i] >= ' ' && p[i] <= '~' ? (char)p[i] : '.');
	buf_adds(b, " \n");
}

void
fmt_put_bytes(struct buf *b, const struct flow_bytes *bytes)
{
	for (size_t i = 0; i < bytes->len; i += LINE)
		put_hex_line(b, bytes->p + i,
		    bytes->len - i < LINE ? bytes->len - i : LINE);
}

void
fmt_put_text(struct buf *b, const struct flow_bytes *text)
{
	for (size_t i = 0; i < text->len && text->p[i] != '\0'; i++)
		buf_addc(b, (char)(text->p[i] < ' ' ? '?' : text->p[i]));
}

static void
put_payload(const struct row *r, enum flow_elem e, const struct flow_bytes *p)
{
	if (flow_has(r->flow, e) && p->len != 0 && !fmt_is_printable(p)) {
		struct flow_bytes most = { p->p,
			p->len < SHOWN ? p->len : SHOWN };
		fmt_put_bytes(r->b, &most);
		return;
	}
	if (flow_has(r->flow, e))
		buf_add(r->b, p->p, p->len);
	buf_addc(r->b, '\n');
}

static void
tk_ipl(const struct row *r)
{
	put_payload(r, FE_INPAYLOAD, &r->flow->in_payload);
}

static void
tk_opl(const struct row *r)
{
	put_payload(r, FE_OUTPAYLOAD, &r->flow->out_payload);
}

static bool
hello(const struct flow *f, struct tls_hello *h)
{
	return flow_has(f, FE_INPAYLOAD) &&
	       tls_parse(f->in_payload.p, f->in_payload.len, h);
}

static void
tk_ja3(const struct row *r)
{
	struct tls_hello h;
	char hex[TLS_JA3_LEN + 1];
	const char *text = "";
	if (hello(r->flow, &h) && tls_ja3(&h, hex))
		text = hex;
	else if (flow_has(r->flow, FE_INPAYLOAD))
		text = "ja3 error";
	text_right(r->b, text, TLS_JA3_LEN);
}

static void
tk_ja4(const struct row *r)
{
	struct tls_hello h;
	char ja4[TLS_JA4_LEN + 1];
	text_right(r->b,
	    hello(r->flow, &h) && tls_ja4(&h, ja4) ? ja4 : "no ja4", 38);
}

static void
tk_sni(const struct row *r)
{
	struct tls_hello h;
	struct flow_bytes name;
	if (!hello(r->flow, &h) || h.sni.len == 0) {
		text_right(r->b, "", 6);
		return;
	}
	name = (struct flow_bytes){ h.sni.p, (uint16_t)h.sni.len };
	fmt_put_text(r->b, &name);
}

static void
tk_tls(const struct row *r)
{
	struct tls_hello h;
	const char *text = NULL;
	if (hello(r->flow, &h))
		text = tls_version_text(h.version);
	text_right(r->b, text != NULL ? text : "0", 4);
}

#define HEAD_JA4 "                                   ja4"

const struct token fmt_payload[] = {
	{ "ipl", "", false, tk_ipl, 0 },
	{ "opl", "", false, tk_opl, 0 },
	{ "ja3", "                             ja3", false, tk_ja3, 0 },
	{ "ja4", HEAD_JA4, false, tk_ja4, 0 },
	{ "sni", "sni name", false, tk_sni, 0 },
	{ "tls", "TLS ver", false, tk_tls, 0 },
	{ .name = NULL },
};
