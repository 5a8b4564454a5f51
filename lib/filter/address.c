/*
 * address: addresses, networks and host names behind a term's words.
 */
#include <stdio.h>
#include <string.h>

#include "filter/parse.h"

static bool
is_dotted(const char *text)
{
	return text[strspn(text, "0123456789.")] == '\0';
}

/* 172.16 of 172.16/12: the missing parts are 0. */
static bool
short_net(const char *text, struct addr *a)
{
	char full[sizeof("255.255.255.255") + 8];
	int dots = 0;
	for (const char *p = text; *p != '\0'; p++)
		dots += *p == '.';
	if (!is_dotted(text) || dots < 1 || dots > 2)
		return false;
	int n = snprintf(full, sizeof(full), "%s%s", text,
	    dots == 1 ? ".0.0" : ".0");
	return n > 0 && (size_t)n < sizeof(full) && addr_parse(full, a);
}

/* Take an address; `shorten`: parts of an IPv4 network may be missing. */
static bool
address(struct parser *ps, bool shorten, struct addr *a)
{
	static const char expected[] = "an IPv4 or IPv6 address";
	char text[64];
	struct token at = ps->tok;
	if (at.kind != TOK_WORD) {
		(void)parse_syntax(ps, expected);
		(void)hint_address(ps, &at);
		return false;
	}
	if (!lex_copy(&at, text, sizeof(text)) ||
	    (!addr_parse(text, a) && !(shorten && short_net(text, a)))) {
		(void)parse_error(ps, &at, expected, "invalid address");
		(void)hint_address(ps, &at);
		return false;
	}
	parse_next(ps);
	return true;
}

/* Take the number behind a slash; of `max` bits something was said. */
static bool
prefix_len(struct parser *ps, unsigned max, struct prefix *p)
{
	uint64_t len;
	char expected[64];
	enum lex_number kind = lex_number(&ps->tok, &len);
	(void)snprintf(expected, sizeof(expected), "a prefix length, 0 to %u",
	    max);
	if (kind == LEX_NO_NUMBER)
		return parse_syntax(ps, expected);
	if (kind == LEX_TOO_LARGE || len > max)
		return parse_error(ps, &ps->tok, expected,
		    "prefix length outside of range 0..%u", max);
	p->len = (uint8_t)len;
	prefix_mask(p);
	parse_next(ps);
	return true;
}

/* Bits of an address that were written: 16 of 172.16. */
static unsigned
said_bits(const struct token *t, const struct addr *a)
{
	unsigned bits = 8;
	if (a->family != ADDR_V4)
		return 128;
	for (size_t i = 0; i < t->len; i++)
		bits += t->s[i] == '.' ? 8 : 0;
	return bits;
}

/* Does a slash follow the next word? */
static bool
slash_ahead(struct parser *ps)
{
	return lex_is_char(parse_peek(ps, 1), '/');
}

static bool
is_dotted_token(const struct token *t)
{
	char text[64];
	return lex_copy(t, text, sizeof(text)) && is_dotted(text);
}

static struct prefix *
new_prefix(struct parser *ps, struct term *t, const struct prefix *p)
{
	struct prefix *copy = arena_alloc(ps->arena, sizeof(*copy));
	*copy = *p;
	t->net = copy;
	t->n = 1;
	return copy;
}

/* A mask of ones followed by zeros is a prefix; others stay masks. */
static bool
dotted_mask(struct parser *ps, struct term *t, struct prefix *p)
{
	struct token at = ps->tok;
	struct addr mask = { 0 };
	if (!address(ps, false, &mask))
		return false;
	if (mask.family != ADDR_V4 || p->addr.family != ADDR_V4)
		return parse_error(ps, &at, "", "netmask that is not IPv4");
	uint32_t m = (uint32_t)mask.lo;
	if ((~m & (~m + 1)) == 0) {
		p->len = (uint8_t)__builtin_popcount(m);
		prefix_mask(p);
		(void)new_prefix(ps, t, p);
		return true;
	}
	uint64_t *num = arena_array(ps->arena, 2, sizeof(num[0]));
	num[0] = m;
	num[1] = p->addr.lo & m;
	t->op = CMP_MASK;
	t->num = num;
	t->n = 2;
	return true;
}

bool
parse_net(struct parser *ps, struct term *t)
{
	struct prefix p = { .len = 0 };
	struct token at = ps->tok;
	if (!address(ps, slash_ahead(ps), &p.addr))
		return false;
	if (!lex_is_char(&ps->tok, '/')) {
		if (ps->tok.kind == TOK_WORD && p.addr.family == ADDR_V4 &&
		    is_dotted_token(&ps->tok))
			return dotted_mask(ps, t, &p);
		(void)parse_syntax(ps,
		    p.addr.family == ADDR_V4
			? "/ and a prefix length, 0 to 32, or a netmask"
			: "/ and a prefix length, 0 to 128");
		return hint_net(ps, &p.addr);
	}
	parse_next(ps);
	if (!prefix_len(ps, said_bits(&at, &p.addr), &p))
		return false;
	(void)new_prefix(ps, t, &p);
	return true;
}

/* ---- hosts ------------------------------------------------------------------ */

static uint8_t
host_len(const struct addr *a)
{
	return a->family == ADDR_V4 ? 32 : 128;
}

/* Could the word be a host name? */
static bool
is_name(const char *text)
{
	bool letter = false;
	if (*text == '0' && (text[1] == 'x' || text[1] == 'X'))
		return false;
	for (const char *p = text; *p != '\0'; p++) {
		if (*p == ':')
			return false;
		letter |= (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z');
	}
	return letter;
}

/* Take the name; its addresses in a[]. */
static bool
lookup(struct parser *ps, const char *name, struct addr *a, size_t room,
    size_t *n)
{
	const struct filter_options *o = ps->options;
	struct token at = ps->tok;
	if (o->resolve == NULL)
		return parse_error(ps, &at, "an IPv4 or IPv6 address",
		    "host names are not looked up here");
	if (++ps->hosts > FILTER_HOSTS_MAX)
		return parse_error(ps, &at, "", "more than %d host names",
		    FILTER_HOSTS_MAX);
	*n = o->resolve(o->resolve_arg, name, a, room);
	if (*n == 0)
		return parse_error(ps, &at, "a host name that has addresses",
		    "unknown host");
	parse_next(ps);
	return true;
}

static bool
reserved(const struct token *t)
{
	return lex_is(t, "and") || lex_is(t, "or") || lex_is(t, "not") ||
	       lex_is(t, "in") || lex_is(t, "src") || lex_is(t, "dst");
}

/* An address, or a name with all its addresses. */
static bool
host(struct parser *ps, struct prefix *p, size_t room, size_t *n)
{
	char name[256], text[64];
	struct addr a[FILTER_ADDRS_MAX] = { 0 };
	bool numeric =
	    lex_copy(&ps->tok, text, sizeof(text)) && addr_parse(text, &a[0]);
	*n = 1;
	if (!numeric && ps->tok.kind == TOK_WORD && !reserved(&ps->tok) &&
	    lex_copy(&ps->tok, name, sizeof(name)) && is_name(name)) {
		if (room > FILTER_ADDRS_MAX)
			room = FILTER_ADDRS_MAX;
		if (!lookup(ps, name, a, room, n))
			return false;
	} else if (!address(ps, false, &a[0])) {
		return false;
	}
	for (size_t i = 0; i < *n; i++)
		p[i] = (struct prefix){ a[i], host_len(&a[i]) };
	return true;
}

bool
parse_host(struct parser *ps, struct term *t)
{
	struct prefix p[FILTER_ADDRS_MAX];
	if (!host(ps, p, FILTER_ADDRS_MAX, &t->n))
		return false;
	struct prefix *copy = arena_array(ps->arena, t->n, sizeof(copy[0]));
	memcpy(copy, p, t->n * sizeof(copy[0]));
	t->net = copy;
	t->op = t->n == 1 ? CMP_EQ : CMP_IN;
	return true;
}

bool
parse_host_or_net(struct parser *ps, struct prefix *p, size_t room, size_t *n)
{
	if (!slash_ahead(ps))
		return host(ps, p, room, n);
	*p = (struct prefix){ 0 };
	*n = 1;
	if (!address(ps, false, &p->addr))
		return false;
	parse_next(ps);
	return prefix_len(ps, p->addr.family == ADDR_V4 ? 32 : 128, p);
}
