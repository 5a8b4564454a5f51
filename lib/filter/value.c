/*
 * value: what follows a term's words, checked against the term's row.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "filter/parse.h"

/* ---- numbers ----------------------------------------------------------------- */

static bool
out_of_range(struct parser *ps, const struct token *at, uint64_t max)
{
	return parse_error(ps, at, "", "number outside of range 0..%llu",
	    (unsigned long long)max);
}

/* Which words a table of names takes, as far as there is room. */
static void
name_list(const struct names *names, char *buf, size_t size)
{
	size_t len = (size_t)snprintf(buf, size, "a number");
	for (size_t i = 0; i < names->n && len + 24 < size; i++)
		len += (size_t)snprintf(buf + len, size - len, ", %s",
		    names->name[i].text);
}

static bool
named(struct parser *ps, const struct term_def *d, uint64_t *v)
{
	char text[64], expected[sizeof(ps->fe->expected)];
	if (lex_copy(&ps->tok, text, sizeof(text)) &&
	    names_find(d->names, text, v))
		return true;
	name_list(d->names, expected, sizeof(expected));
	return parse_error(ps, &ps->tok, expected, "unknown %s",
	    d->names->what);
}

static bool
number(struct parser *ps, const struct term_def *d, uint64_t *v)
{
	enum lex_number kind = lex_number(&ps->tok, v);
	if (kind == LEX_NO_NUMBER && d->names != NULL &&
	    ps->tok.kind == TOK_WORD) {
		if (!named(ps, d, v))
			return false;
	} else if (kind == LEX_NO_NUMBER) {
		return parse_syntax(ps, "a number");
	} else if (kind == LEX_TOO_LARGE || *v > d->limit) {
		return out_of_range(ps, &ps->tok, d->limit);
	}
	parse_next(ps);
	return true;
}

/* ---- addresses ---------------------------------------------------------------- */

static bool
is_dotted(const char *text)
{
	return text[strspn(text, "0123456789.")] == '\0';
}

static bool
bad_address(struct parser *ps, const struct token *at, const char *text)
{
	if (lex_is(at, "in") || lex_is(at, "not"))
		return parse_syntax(ps, "an address");
	if ((*text >= '0' && *text <= '9' && strchr(text, '.') == NULL) ||
	    is_dotted(text) || strchr(text, ':') != NULL)
		return parse_error(ps, at, "a full IPv4 or IPv6 address",
		    "invalid address");
	return parse_error(ps, at, "an IPv4 or IPv6 address",
	    "host names are not looked up; use an address");
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
	char text[64];
	if (ps->tok.kind != TOK_WORD)
		return parse_syntax(ps, "an address");
	if (!lex_copy(&ps->tok, text, sizeof(text)))
		return parse_error(ps, &ps->tok, "", "invalid address");
	if (!addr_parse(text, a) && !(shorten && short_net(text, a)))
		return bad_address(ps, &ps->tok, text);
	parse_next(ps);
	return true;
}

/* Take the number behind a slash; of `max` bits something was said. */
static bool
prefix_len(struct parser *ps, unsigned max, struct prefix *p)
{
	uint64_t len;
	enum lex_number kind = lex_number(&ps->tok, &len);
	if (kind == LEX_NO_NUMBER)
		return parse_syntax(ps, "a prefix length");
	if (kind == LEX_TOO_LARGE || len > max)
		return parse_error(ps, &ps->tok, "",
		    "prefix length outside of range 0..%u", max);
	p->len = (uint8_t)len;
	prefix_mask(p);
	parse_next(ps);
	return true;
}

/* Does a slash follow the next word? */
static bool
slash_ahead(const struct parser *ps)
{
	struct lexer lx = ps->lx;
	struct token t = lex_next(&lx);
	return lex_is_char(&t, '/');
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
	struct addr mask;
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

static bool
net(struct parser *ps, struct term *t)
{
	struct prefix p = { 0 };
	struct token at = ps->tok;
	if (!address(ps, slash_ahead(ps), &p.addr))
		return false;
	if (!lex_is_char(&ps->tok, '/')) {
		if (ps->tok.kind == TOK_WORD && p.addr.family == ADDR_V4)
			return dotted_mask(ps, t, &p);
		return parse_syntax(ps, "/ and a prefix length");
	}
	parse_next(ps);
	if (!prefix_len(ps, said_bits(&at, &p.addr), &p))
		return false;
	(void)new_prefix(ps, t, &p);
	return true;
}

static bool
host(struct parser *ps, struct prefix *p)
{
	*p = (struct prefix){ 0 };
	if (!address(ps, false, &p->addr))
		return false;
	p->len = p->addr.family == ADDR_V4 ? 32 : 128;
	return true;
}

/* An item of a list of addresses: address or prefix. */
static bool
host_or_net(struct parser *ps, struct prefix *p)
{
	*p = (struct prefix){ 0 };
	if (!slash_ahead(ps))
		return host(ps, p);
	if (!address(ps, false, &p->addr))
		return false;
	parse_next(ps);
	return prefix_len(ps, p->addr.family == ADDR_V4 ? 32 : 128, p);
}

/* ---- lists --------------------------------------------------------------------- */

/* Values of a list while it is read; one of the two. */
struct items {
	uint64_t *num;
	struct prefix *net;
	size_t n;
	size_t cap;
};

static bool
item(struct parser *ps, const struct term_def *d, struct items *it)
{
	bool nets = d->value == VALUE_HOST;
	if (it->n == it->cap) {
		it->cap = it->cap != 0 ? it->cap * 2 : 8;
		if (nets)
			it->net =
			    mem_realloc(it->net, it->cap, sizeof(it->net[0]));
		else
			it->num =
			    mem_realloc(it->num, it->cap, sizeof(it->num[0]));
	}
	if (nets ? !host_or_net(ps, &it->net[it->n])
		 : !number(ps, d, &it->num[it->n]))
		return false;
	it->n++;
	return true;
}

/* [ a b, c ]: at most one comma between items, none at the ends. */
static bool
items(struct parser *ps, const struct term_def *d, struct items *it)
{
	if (!lex_is_char(&ps->tok, '['))
		return parse_syntax(ps, "[");
	parse_next(ps);
	for (;;) {
		if (!item(ps, d, it))
			return false;
		if (lex_is_char(&ps->tok, ']'))
			break;
		if (lex_is_char(&ps->tok, ','))
			parse_next(ps);
	}
	parse_next(ps);
	return true;
}

static bool
list(struct parser *ps, struct term *t)
{
	struct items it = { 0 };
	bool ok = items(ps, t->def, &it);
	if (ok && it.net != NULL) {
		struct prefix *p = arena_array(ps->arena, it.n, sizeof(p[0]));
		memcpy(p, it.net, it.n * sizeof(p[0]));
		t->net = p;
	} else if (ok && it.num != NULL) {
		uint64_t *v = arena_array(ps->arena, it.n, sizeof(v[0]));
		memcpy(v, it.num, it.n * sizeof(v[0]));
		t->num = v;
	}
	t->op = CMP_IN;
	t->n = it.n;
	free(it.num);
	free(it.net);
	return ok;
}

/* ---- flags, mac, ident ---------------------------------------------------------- */

static void
one_number(struct parser *ps, struct term *t, uint64_t v)
{
	uint64_t *num = arena_alloc(ps->arena, sizeof(num[0]));
	num[0] = v;
	t->num = num;
	t->n = 1;
}

/* Upper case, each at most once; X stands for the six old ones. */
static bool
flag_letters(const struct token *t, uint64_t *bits)
{
	static const char letters[] = "FSRPAUEC";
	bool x = false;
	*bits = 0;
	if (t->kind != TOK_WORD)
		return false;
	for (size_t i = 0; i < t->len; i++) {
		const char *at = memchr(letters, t->s[i], 8);
		if (t->s[i] == 'X' && !x) {
			x = true;
			continue;
		}
		if (at == NULL || (*bits & UINT64_C(1) << (at - letters)) != 0)
			return false;
		*bits |= UINT64_C(1) << (at - letters);
	}
	if (x)
		*bits |= 63;
	return true;
}

/*
 * `flags SA`: these are set, whatever the others are; `flags =SA`, without a
 * blank: exactly these.  `flags S and not flags AFRPU` is nfdump's way to say
 * "only S": below a not the letters mean any of them, so that none is left.
 */
static bool
flags(struct parser *ps, struct term *t, bool compared)
{
	static const char expected[] =
	    "letters of FSRPAUEC in upper case, X for FSRPAU, or a number";
	uint64_t v;
	if (lex_number(&ps->tok, &v) != LEX_NO_NUMBER) {
		if (!number(ps, t->def, &v))
			return false;
		one_number(ps, t, v);
		return true;
	}
	if (!flag_letters(&ps->tok, &v) ||
	    (compared && (t->op != CMP_EQ || !ps->tok.glued)))
		return parse_error(ps, &ps->tok, expected, "invalid flags");
	parse_next(ps);
	if (compared) {
		one_number(ps, t, v);
		return true;
	}
	uint64_t *num = arena_array(ps->arena, 2, sizeof(num[0]));
	num[0] = num[1] = v;
	t->op = ps->negated ? CMP_ANY : CMP_MASK;
	t->num = num;
	t->n = 2;
	return true;
}

static bool
mac_address(const struct token *t, uint64_t *mac)
{
	unsigned long part = 0;
	int parts = 1, digits = 0;
	*mac = 0;
	for (size_t i = 0; i < t->len; i++) {
		char c[2] = { t->s[i], '\0' };
		if (c[0] == ':' && digits != 0 && parts < 6) {
			*mac = *mac << 8 | part;
			part = 0;
			digits = 0;
			parts++;
		} else if (strchr("0123456789abcdefABCDEF", c[0]) != NULL &&
			   c[0] != '\0' && ++digits <= 2) {
			part = part << 4 | strtoul(c, NULL, 16);
		} else {
			return false;
		}
	}
	*mac = *mac << 8 | part;
	return parts == 6 && digits != 0 && *mac != 0;
}

static bool
mac(struct parser *ps, struct term *t)
{
	uint64_t v;
	if (ps->tok.kind != TOK_WORD)
		return parse_syntax(ps, "a MAC address");
	if (!mac_address(&ps->tok, &v))
		return parse_error(ps, &ps->tok, "h:h:h:h:h:h, not all zero",
		    "invalid MAC address");
	one_number(ps, t, v);
	parse_next(ps);
	return true;
}

bool
parse_string(struct parser *ps, const char *what, size_t max, struct term *t)
{
	const struct token *k = &ps->tok;
	if ((k->kind != TOK_WORD && k->kind != TOK_STRING) ||
	    lex_is(k, "and") || lex_is(k, "or") || lex_is(k, "not"))
		return parse_syntax(ps, what);
	if (k->len == 0 || k->len > max)
		return parse_error(ps, k, what, "%zu bytes, 1..%zu are allowed",
		    k->len, max);
	t->text = arena_strndup(ps->arena, k->s, k->len);
	t->n = 1;
	parse_next(ps);
	return true;
}

/* ---- all ------------------------------------------------------------------------- */

static bool
one_value(struct parser *ps, struct term *t)
{
	uint64_t v;
	if (!number(ps, t->def, &v))
		return false;
	one_number(ps, t, v);
	return true;
}

static bool
one_host(struct parser *ps, struct term *t)
{
	struct prefix p;
	if (!host(ps, &p))
		return false;
	(void)new_prefix(ps, t, &p);
	return true;
}

bool
parse_value(struct parser *ps, struct term *t)
{
	bool compared = ps->tok.kind == TOK_CMP;
	if ((t->def->opt & TERM_LIST) != 0 && lex_is(&ps->tok, "in")) {
		parse_next(ps);
		return list(ps, t);
	}
	t->op = CMP_EQ;
	if (compared) {
		if ((t->def->opt & TERM_CMP) == 0)
			return parse_error(ps, &ps->tok, "",
			    "'%s' takes no comparison", t->def->phrase);
		t->op = ps->tok.cmp;
		parse_next(ps);
	}
	switch (t->def->value) {
	case VALUE_NONE:
		return true;
	case VALUE_NUM:
		return one_value(ps, t);
	case VALUE_HOST:
		return one_host(ps, t);
	case VALUE_NET:
		return net(ps, t);
	case VALUE_FLAGS:
		return flags(ps, t, compared);
	case VALUE_MAC:
		return mac(ps, t);
	case VALUE_IDENT:
		return parse_string(ps, "an ident", 255, t);
	case VALUE_OWN:
		return t->def->ops->read(ps, t);
	}
	return false;
}
