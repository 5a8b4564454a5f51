/*
 * payload_term: the payload terms: reading, printing, matching.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "filter/dns.h"
#include "filter/parse.h"
#include "filter/payload.h"
#include "filter/tls.h"

/* ---- reading ---------------------------------------------------------------------- */

struct regex_data {
	struct term_data shared; /* first */
	struct payload_regex *re;
};

static void
regex_free(struct term_data *d)
{
	struct regex_data *r = (struct regex_data *)(void *)d;
	payload_regex_free(r->re);
	free(r);
}

static uint64_t
regex_given_up(const struct term_data *d)
{
	return payload_regex_given_up(
	    ((const struct regex_data *)(const void *)d)->re);
}

/* Letters i, m, s, each at most once. */
static bool
regex_flags(const struct token *t, uint64_t *flags)
{
	static const char letters[] = "ims";
	*flags = 0;
	for (size_t i = 0; i < t->len; i++) {
		const char *at = memchr(letters, t->s[i], 3);
		uint64_t bit = at != NULL ? UINT64_C(1) << (at - letters) : 0;
		if (bit == 0 || (*flags & bit) != 0)
			return false;
		*flags |= bit;
	}
	return true;
}

static bool
read_regex(struct parser *ps, struct term *t)
{
	struct token at = ps->tok;
	struct err err;
	uint64_t flags = 0;
	if (!parse_string(ps, "a regular expression, best in quotes",
		PAYLOAD_TEXT_MAX, t))
		return false;
	if (ps->tok.kind == TOK_WORD && !lex_is(&ps->tok, "and") &&
	    !lex_is(&ps->tok, "or")) {
		if (!regex_flags(&ps->tok, &flags))
			return parse_error(ps, &ps->tok,
			    "i (any case), m (lines), s (. is any byte), and, "
			    "or",
			    "unknown flags of a regular expression");
		parse_next(ps);
	}
	parse_number(ps, t, flags);
	struct payload_regex *re =
	    payload_regex_new(t->text, strlen(t->text), (unsigned)flags, &err);
	if (re == NULL)
		return parse_error(ps, &at, "a regular expression (pcre2)",
		    "%s", err.msg);
	struct regex_data *d = mem_calloc(1, sizeof(*d));
	d->shared.free = regex_free;
	d->shared.given_up = regex_given_up;
	d->re = re;
	parse_keep(ps, t, &d->shared);
	return true;
}

/* "defined" stands for any; then there is no text. */
static bool
defined(struct parser *ps, struct term *t)
{
	if (!lex_is(&ps->tok, "defined"))
		return false;
	parse_next(ps);
	t->text = NULL;
	return true;
}

static bool
is_md5(const char *s)
{
	return strlen(s) == TLS_JA3_LEN &&
	       s[strspn(s, "0123456789abcdef")] == '\0';
}

/* t13d1516h2_8daaf6152771_e5627efa2ab1 */
static bool
is_ja4(const char *s)
{
	if (strlen(s) != TLS_JA4_LEN)
		return false;
	for (size_t i = 0; i < TLS_JA4_LEN; i++)
		if (i == 10 || i == 23
			? s[i] != '_'
			: (i < 10 ? isalnum((unsigned char)s[i])
				  : isxdigit((unsigned char)s[i])) == 0)
			return false;
	return true;
}

static bool
read_fingerprint(struct parser *ps, struct term *t)
{
	bool ja3 = t->def->arg == PAYLOAD_JA3;
	const char *what = ja3 ? "an MD5 of 32 hex digits, or defined"
			       : "a JA4 such as "
				 "t13d1516h2_8daaf6152771_e5627efa2ab1, or "
				 "defined";
	struct token at = ps->tok;
	if (defined(ps, t))
		return true;
	if (!parse_string(ps, what, PAYLOAD_TEXT_MAX, t))
		return false;
	char *lower = arena_strdup(ps->arena, t->text);
	for (char *p = lower; ja3 && *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	t->text = lower;
	if (!(ja3 ? is_md5(lower) : is_ja4(lower)))
		return parse_error(ps, &at, what, "no %s fingerprint",
		    ja3 ? "JA3" : "JA4");
	return true;
}

static bool
read_version(struct parser *ps, struct term *t)
{
	static const char what[] = "1.0, 1.1, 1.2, 1.3, or 3.0 for SSL 3";
	struct token at = ps->tok;
	if (!parse_string(ps, what, PAYLOAD_TEXT_MAX, t))
		return false;
	if (tls_version_number(t->text) == 0)
		return parse_error(ps, &at, what, "unknown version of TLS");
	parse_number(ps, t, tls_version_number(t->text));
	return true;
}

static bool
read_address(struct parser *ps, struct term *t)
{
	static const char what[] = "a full IPv4 or IPv6 address";
	struct token at = ps->tok;
	struct prefix *p = arena_alloc(ps->arena, sizeof(*p));
	char text[ADDR_STRLEN];
	if (!parse_string(ps, what, PAYLOAD_TEXT_MAX, t))
		return false;
	if (!addr_parse(t->text, &p->addr))
		return parse_error(ps, &at, what, "invalid address");
	p->len = p->addr.family == ADDR_V4 ? 32 : 128;
	t->net = p;
	t->text = arena_strdup(ps->arena, addr_str(&p->addr, text));
	return true;
}

static bool
read_term(struct parser *ps, struct term *t)
{
	switch ((enum payload_arg)t->def->arg) {
	case PAYLOAD_CONTENT:
		return parse_string(ps, "a text, best in quotes",
		    PAYLOAD_TEXT_MAX, t);
	case PAYLOAD_REGEX:
		return read_regex(ps, t);
	case PAYLOAD_JA3:
	case PAYLOAD_JA4:
		return read_fingerprint(ps, t);
	case PAYLOAD_JA4S:
		return parse_error(ps, &ps->tok,
		    "payload ja3, which servers have too",
		    "JA4S is not supported (no free method)");
	case PAYLOAD_TLS_VERSION:
		return read_version(ps, t);
	case PAYLOAD_TLS_SNI:
	case PAYLOAD_DNS_NAME:
		return parse_string(ps, "part of a name", 255, t);
	case PAYLOAD_DNS_ADDRESS:
		return read_address(ps, t);
	case PAYLOAD_TLS_DEFINED:
	case PAYLOAD_DNS_DEFINED:
		return true;
	}
	return false;
}

/* ---- printing --------------------------------------------------------------------- */

static void
print_quoted(const char *s, struct buf *out)
{
	char quote = strchr(s, '\'') != NULL ? '"' : '\'';
	buf_printf(out, " %c%s%c", quote, s, quote);
}

static void
print_term(const struct term *t, struct buf *out)
{
	switch ((enum payload_arg)t->def->arg) {
	case PAYLOAD_JA3:
	case PAYLOAD_JA4:
	case PAYLOAD_TLS_VERSION:
	case PAYLOAD_DNS_ADDRESS:
		buf_printf(out, " %s", t->text != NULL ? t->text : "defined");
		return;
	case PAYLOAD_TLS_DEFINED:
	case PAYLOAD_DNS_DEFINED:
	case PAYLOAD_JA4S:
		return;
	case PAYLOAD_CONTENT:
	case PAYLOAD_TLS_SNI:
	case PAYLOAD_DNS_NAME:
		print_quoted(t->text, out);
		return;
	case PAYLOAD_REGEX:
		break;
	}
	print_quoted(t->text, out);
	for (int i = 0; i < 3; i++)
		if ((t->num[0] >> i & 1) != 0)
			buf_printf(out, "%s%c",
			    (t->num[0] & ((1u << i) - 1)) == 0 ? " " : "",
			    "ims"[i]);
}

/* ---- matching --------------------------------------------------------------------- */

/* Is the text part of the name, in any case? */
static bool
name_has(const char *name, size_t len, const char *text)
{
	size_t n = strlen(text);
	for (size_t i = 0; i + n <= len; i++)
		if (strncasecmp(name + i, text, n) == 0)
			return true;
	return false;
}

static bool
match_dns(const struct term *t, const struct flow_bytes *p, bool tcp)
{
	struct dns d;
	struct dns_item item;
	if (!dns_begin(&d, p->p, p->len, tcp))
		return false;
	if (t->def->arg == PAYLOAD_DNS_DEFINED)
		return true;
	while (dns_next(&d, &item)) {
		if (t->def->arg == PAYLOAD_DNS_NAME
			? name_has(item.name, strlen(item.name), t->text)
			: addr_eq(&item.addr, &t->net->addr))
			return true;
	}
	return false;
}

static bool
match_tls(const struct term *t, const struct flow_bytes *p)
{
	struct tls_hello h;
	char ja3[TLS_JA3_LEN + 1], ja4[TLS_JA4_LEN + 1];
	if (!tls_parse(p->p, p->len, &h))
		return false;
	switch (t->def->arg) {
	case PAYLOAD_TLS_DEFINED:
		return true;
	case PAYLOAD_TLS_VERSION:
		return h.version == t->num[0];
	case PAYLOAD_TLS_SNI:
		return name_has((const char *)h.sni.p, h.sni.len, t->text);
	case PAYLOAD_JA3:
		return t->text == NULL
			   ? h.whole
			   : tls_ja3(&h, ja3) && strcmp(ja3, t->text) == 0;
	case PAYLOAD_JA4:
		return tls_ja4(&h, ja4) &&
		       (t->text == NULL || strcmp(ja4, t->text) == 0);
	default:
		return false;
	}
}

static bool
match_term(const struct term *t, unsigned bit, const struct flow *flow)
{
	bool out = bit == 1;
	const struct flow_bytes *p =
	    out ? &flow->out_payload : &flow->in_payload;
	if (!flow_has(flow, out ? FE_OUTPAYLOAD : FE_INPAYLOAD) || p->len == 0)
		return false;
	switch ((enum payload_arg)t->def->arg) {
	case PAYLOAD_CONTENT:
		return memmem(p->p, p->len, t->text, strlen(t->text)) != NULL;
	case PAYLOAD_REGEX:
		return payload_regex_match(
		    ((struct regex_data *)(void *)t->data)->re, p->p, p->len);
	case PAYLOAD_DNS_DEFINED:
	case PAYLOAD_DNS_NAME:
	case PAYLOAD_DNS_ADDRESS:
		return match_dns(t, p, flow->proto == 6);
	default:
		return match_tls(t, p);
	}
}

const struct term_ops payload_ops = {
	.read = read_term,
	.print = print_term,
	.match = match_term,
};
