/*
 * hint_value: what would be accepted as a term's value, and what may be meant.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "filter/parse.h"

static size_t
name_list(const struct names *names, char *buf, size_t size)
{
	size_t len = 0;
	for (size_t i = 0; i < names->n && len + 40 < size; i++)
		len += (size_t)snprintf(buf + len, size - len, ", %s",
		    names->name[i].text);
	return len;
}

static void
expect_number(const struct term_def *d, char *buf, size_t size)
{
	size_t len = 0;
	if (d->limit != 0)
		len = (size_t)snprintf(buf, size, "a number, 0 to %llu%s",
		    (unsigned long long)d->limit,
		    d->limit > UINT16_MAX ? " (1k is 1000; also m, g, t)" : "");
	else
		len = (size_t)snprintf(buf, size, "a word");
	if (d->names == &names_proto)
		(void)snprintf(buf + len, size - len,
		    ", or a name: tcp, udp, icmp, icmp6, gre, esp, ospf, ...");
	else if (d->names != NULL)
		(void)name_list(d->names, buf + len, size - len);
}

void
expect_value(const struct term_def *d, char *buf, size_t size)
{
	switch (d->value) {
	case VALUE_NUM:
		expect_number(d, buf, size);
		return;
	case VALUE_HOST:
		(void)snprintf(buf, size, "an IPv4 or IPv6 address");
		return;
	case VALUE_NET:
		(void)snprintf(buf, size,
		    "a network, such as 10.0.0.0/8 or 2001:db8::/32");
		return;
	case VALUE_FLAGS:
		(void)snprintf(buf, size,
		    "letters of FSRPAUEC in upper case, each once, X for "
		    "FSRPAU, or a number, 0 to 255");
		return;
	case VALUE_TIME:
		(void)snprintf(buf, size,
		    "a time: 2024, 2024-07, 2024-07-11, 2024-07-11T09, "
		    "2024-07-11T09:15, ...T09:15:00, ...T09:15:00.123");
		return;
	case VALUE_NONE:
	case VALUE_MAC:
	case VALUE_IDENT:
	case VALUE_OWN:
		break;
	}
	*buf = '\0';
}

/* Ports that people know by name. */
static const struct {
	const char *name;
	unsigned port;
} services[] = {
	{ "ftp", 21 },
	{ "ssh", 22 },
	{ "telnet", 23 },
	{ "smtp", 25 },
	{ "dns", 53 },
	{ "domain", 53 },
	{ "http", 80 },
	{ "pop3", 110 },
	{ "ntp", 123 },
	{ "imap", 143 },
	{ "snmp", 161 },
	{ "bgp", 179 },
	{ "ldap", 389 },
	{ "https", 443 },
	{ "syslog", 514 },
	{ "imaps", 993 },
	{ "rdp", 3389 },
	{ "sip", 5060 },
};

static const char digits[] = "0123456789";

/* 80-90; *split is where the - stands. */
static bool
is_range(const char *text, int *split)
{
	size_t lo = strspn(text, digits);
	size_t hi = text[lo] == '-' ? strspn(text + lo + 1, digits) : 0;
	*split = (int)lo;
	return lo != 0 && hi != 0 && text[lo + 1 + hi] == '\0';
}

static bool
word_hint(struct parser *ps, const struct token *at, const struct term_def *d)
{
	char text[64];
	int split;
	if (!lex_copy(at, text, sizeof(text)))
		return false;
	if (strstr(d->phrase, "port") != NULL)
		for (size_t i = 0; i < sizeof(services) / sizeof(services[0]);
		     i++)
			if (strcasecmp(services[i].name, text) == 0)
				return parse_hint(ps,
				    "service names are not known; "
				    "%s is port %u",
				    text, services[i].port);
	if (is_range(text, &split))
		return parse_hint(ps,
		    "a range is written '%s >= %.*s and %s <= %s'", d->phrase,
		    split, text, d->phrase, text + split + 1);
	if (lex_is(at, "and") || lex_is(at, "or") || lex_is(at, "not"))
		return parse_hint(ps, "the value of '%s' is missing",
		    d->phrase);
	if (isdigit((unsigned char)*text) && *text != '0')
		return parse_hint(ps, "units are k, m, g and t");
	return false;
}

bool
hint_value(struct parser *ps, const struct token *at, const struct term_def *d)
{
	char expected[sizeof(ps->fe->expected)];
	expect_value(d, expected, sizeof(expected));
	(void)parse_error(ps, at, expected,
	    at->kind == TOK_OPEN ? "quote without end" : "syntax error");
	if (at->kind == TOK_END)
		return parse_hint(ps, "the value of '%s' is missing",
		    d->phrase);
	if (at->kind == TOK_FILE && (d->opt & TERM_LIST) != 0)
		return parse_hint(ps, "did you mean '%s in [@%s]'?", d->phrase,
		    ps->fe->token);
	if (at->kind == TOK_FILE)
		return parse_hint(ps, "'%s' takes no list and no file",
		    d->phrase);
	if (at->kind == TOK_NOT)
		return parse_hint(ps, "there is no !=; write 'not %s ...'",
		    d->phrase);
	if (lex_first(at) == '-')
		return parse_hint(ps, "numbers have no sign");
	if (lex_is_char(at, '[') && (d->opt & TERM_LIST) != 0)
		return parse_hint(ps, "did you mean '%s in ['?", d->phrase);
	if (lex_is_char(at, '[') || lex_is(at, "in"))
		return parse_hint(ps, "'%s' takes no list", d->phrase);
	if (at->kind == TOK_CMP && at->glued)
		return parse_hint(ps, "there is no <>; write 'not %s ...'",
		    d->phrase);
	if (at->kind == TOK_CMP)
		return parse_hint(ps, "one comparison is enough");
	if (lex_is_char(at, ',') || lex_is_char(at, ']'))
		return parse_hint(ps, "values of a list are separated by a "
				      "blank or one comma");
	return at->kind == TOK_WORD && word_hint(ps, at, d);
}

bool
hint_comparison(struct parser *ps, const struct term_def *d)
{
	char expected[sizeof(ps->fe->expected)];
	bool equal = ps->tok.cmp == CMP_EQ;
	expect_value(d, expected, sizeof(expected));
	(void)parse_error(ps, &ps->tok, expected, "'%s' takes no comparison",
	    d->phrase);
	if (equal)
		return parse_hint(ps, "leave out '%s'", ps->fe->token);
	return parse_hint(ps, "'%s' is only compared for equality", d->phrase);
}

/* ---- addresses -------------------------------------------------------------------- */

bool
hint_address(struct parser *ps, const struct token *at)
{
	static const char *const rest[] = { ".0.0.0/8", ".0.0/16", ".0/24" };
	char text[64];
	size_t dots = 0;
	if (at->kind == TOK_CMP)
		return parse_hint(ps, "leave out '%s'", ps->fe->token);
	if (lex_is_char(at, '['))
		return parse_hint(ps, "a list begins with 'in ['");
	if (lex_is(at, "in"))
		return parse_hint(ps, "this term takes no list");
	if (at->kind == TOK_FILE)
		return parse_hint(ps,
		    "a file of addresses stands in a list: 'ip in [@%s]'",
		    ps->fe->token);
	if (at->kind == TOK_STRING)
		return parse_hint(ps, "leave out the quotes");
	if (!lex_copy(at, text, sizeof(text)))
		return false;
	for (const char *p = text; *p != '\0'; p++)
		dots += *p == '.';
	size_t n = strlen(text);
	if (dots < 3 && n < 12 && isdigit((unsigned char)text[0]) &&
	    isdigit((unsigned char)text[n - 1]) &&
	    strspn(text, "0123456789.") == n && strstr(text, "..") == NULL)
		return parse_hint(ps, "did you mean 'net %s%s'?", text,
		    rest[dots]);
	return false;
}

bool
hint_net(struct parser *ps, const struct addr *a)
{
	char text[ADDR_STRLEN];
	return parse_hint(ps, "one address is written 'ip %s'",
	    addr_str(a, text));
}

bool
hint_flags(struct parser *ps, const struct token *at, bool compared)
{
	char upper[9];
	size_t n = at->len;
	if (at->kind != TOK_WORD || n >= sizeof(upper))
		return false;
	for (size_t i = 0; i < n; i++)
		upper[i] = (char)toupper((unsigned char)at->s[i]);
	upper[n] = '\0';
	if (strspn(upper, "FSRPAUECX") != n)
		return false;
	if (memcmp(upper, at->s, n) != 0)
		return parse_hint(ps, "did you mean 'flags %s'?", upper);
	if (compared)
		return parse_hint(ps,
		    "letters are only compared with '=', "
		    "without a blank: 'flags =%s'",
		    upper);
	return parse_hint(ps, "each letter may stand once");
}
