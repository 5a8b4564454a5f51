/*
 * hint: what would be accepted at an error, and what may be meant.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "filter/parse.h"

/* ---- likeness ----------------------------------------------------------------- */

#define LIKE_MAX 24

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Letters to change, add, drop or swap; both words are short. */
static size_t
distance(const char *a, size_t n, const char *b, size_t m)
{
	size_t d[LIKE_MAX + 1][LIKE_MAX + 1];
	for (size_t i = 0; i <= n; i++)
		d[i][0] = i;
	for (size_t k = 0; k <= m; k++)
		d[0][k] = k;
	for (size_t i = 1; i <= n; i++) {
		for (size_t k = 1; k <= m; k++) {
			int x = tolower((unsigned char)a[i - 1]);
			int y = tolower((unsigned char)b[k - 1]);
			d[i][k] = least(d[i - 1][k - 1] + (x != y),
			    least(d[i - 1][k], d[i][k - 1]) + 1);
			if (i > 1 && k > 1 &&
			    x == tolower((unsigned char)b[k - 2]) &&
			    y == tolower((unsigned char)a[i - 2]))
				d[i][k] = least(d[i][k], d[i - 2][k - 2] + 1);
		}
	}
	return d[n][m];
}

/* The word most like the token among those that were offered. */
struct like {
	const struct token *t;
	const char *word;
	size_t len;
	size_t far;
};

static void
like_begin(struct like *l, const struct token *t)
{
	*l = (struct like){ .t = t, .far = t->len < 4 ? 2 : 3 };
	if (t->kind != TOK_WORD || t->len > LIKE_MAX || t->len < 2)
		l->far = 0;
}

static void
like_offer(struct like *l, const char *word, size_t n)
{
	if (l->far == 0 || n > LIKE_MAX || n < 2)
		return;
	size_t far = distance(l->t->s, l->t->len, word, n);
	size_t both = least(n, l->t->len); /* forward is like forw */
	if (both >= 3 && strncasecmp(l->t->s, word, both) == 0)
		far = least(far, 2);
	if (far < l->far) {
		l->far = far;
		l->word = word;
		l->len = n;
	}
}

static bool
like_hint(struct parser *ps, const struct like *l)
{
	if (l->word != NULL)
		(void)parse_hint(ps, "did you mean '%.*s'?", (int)l->len,
		    l->word);
	return false;
}

/* ---- lists of words ------------------------------------------------------------- */

struct words {
	char text[512];
	size_t len;
};

/* Add a word with a comma, if it has room and is not there yet. */
static void
words_add(struct words *w, const char *word, size_t n)
{
	for (const char *p = w->text; w->len != 0 && *p != '\0';) {
		size_t len = strcspn(p, ",");
		if (len == n && strncasecmp(p, word, n) == 0)
			return;
		p += len + strspn(p + len, ", ");
	}
	if (w->len + n + 8 > sizeof(w->text))
		return;
	w->len += (size_t)snprintf(w->text + w->len, sizeof(w->text) - w->len,
	    "%s%.*s", w->len != 0 ? ", " : "", (int)n, word);
}

/* ---- where a term should begin ---------------------------------------------------- */

static const char a_term[] =
    "a term such as any, proto tcp, ip 10.0.0.1, net 10.0.0.0/8, src port 80, "
    "flags S, packets > 10, bytes > 1m, as 64500, if 3, ident name";

/* Words of other tools for terms. */
static const struct {
	const char *word;
	const char *term;
} synonyms[] = {
	{ "sport", "src port" },
	{ "srcport", "src port" },
	{ "dport", "dst port" },
	{ "dstport", "dst port" },
	{ "srcip", "src ip" },
	{ "saddr", "src ip" },
	{ "dstip", "dst ip" },
	{ "daddr", "dst ip" },
	{ "srcas", "src as" },
	{ "dstas", "dst as" },
	{ "asn", "as" },
	{ "protocol", "proto" },
	{ "interface", "if" },
	{ "octets", "bytes" },
	{ "pkts", "packets" },
	{ "tcpflags", "flags" },
	{ "ip4", "ipv4" },
	{ "ip6", "ipv6" },
	{ "dscp", "tos" },
	{ "all", "any" },
	{ "icmpv6", "proto icmp6" },
	{ "true", "any" },
	{ "begin", "first seen" },
	{ "first", "first seen" },
	{ "last", "last seen" },
	{ "source", "src" },
	{ "destination", "dst" },
};

/* Do digits stand behind a keyword, as in port80? */
static size_t
glued_digits(const struct token *at)
{
	size_t n = at->len, terms;
	const struct term_def *table = term_table(&terms);
	while (n > 0 && isdigit((unsigned char)at->s[n - 1]))
		n--;
	if (n == at->len)
		return 0;
	for (size_t i = 0; i < terms; i++)
		if (strlen(table[i].phrase) == n &&
		    strncasecmp(table[i].phrase, at->s, n) == 0)
			return n;
	return 0;
}

static bool
word_hint(struct parser *ps, const struct token *at)
{
	char text[64];
	struct addr a;
	uint64_t v;
	if (!lex_copy(at, text, sizeof(text)))
		return false;
	for (size_t i = 0; i < names_proto.n; i++)
		if (strcasecmp(names_proto.name[i].text, text) == 0 &&
		    !isdigit((unsigned char)*text))
			return parse_hint(ps, "did you mean 'proto %s'?", text);
	const struct token *len = parse_peek(ps, 2);
	if (addr_parse(text, &a) && lex_is_char(parse_peek(ps, 1), '/'))
		return parse_hint(ps, "did you mean 'net %s/%.*s'?", text,
		    len->kind == TOK_WORD && len->len < 4 ? (int)len->len : 0,
		    len->s);
	if (addr_parse(text, &a))
		return parse_hint(ps, "did you mean 'ip %s'?", text);
	if (lex_number(at, &v) == LEX_NUMBER && v <= 65535)
		return parse_hint(ps, "did you mean 'port %s'?", text);
	for (size_t i = 0; i < sizeof(synonyms) / sizeof(synonyms[0]); i++)
		if (strcasecmp(synonyms[i].word, text) == 0)
			return parse_hint(ps, "did you mean '%s'?",
			    synonyms[i].term);
	size_t n = glued_digits(at);
	if (n != 0)
		return parse_hint(ps, "did you mean '%.*s %s'?", (int)n, text,
		    text + n);
	return false;
}

bool
hint_term(struct parser *ps, const struct token *at)
{
	static const char *const more[] = { "src", "dst", "in", "out", "not",
		"filter" };
	size_t n;
	struct like l;
	(void)parse_error(ps, at, a_term,
	    at->kind == TOK_OPEN ? "quote without end" : "syntax error");
	if (at->kind == TOK_FILE)
		return parse_hint(ps,
		    "did you mean '@include %s' or 'filter %s'?", ps->fe->token,
		    ps->fe->token);
	if (lex_is_char(at, '@'))
		return parse_hint(ps, "@include, @define or, in a list, the "
				      "name of a file begins with @");
	if (at->kind != TOK_WORD)
		return false;
	(void)word_hint(ps, at);
	const struct term_def *table = term_table(&n);
	like_begin(&l, at);
	for (size_t i = 0; i < n; i++)
		like_offer(&l, table[i].phrase, strcspn(table[i].phrase, " #"));
	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++)
		like_offer(&l, more[i], strlen(more[i]));
	return like_hint(ps, &l);
}

/* ---- inside the words of a term ----------------------------------------------------- */

/* The phrase behind the words that stand there, or NULL. */
static const char *
rest(struct parser *ps, const struct term_def *d, unsigned words)
{
	const char *p = d->phrase;
	for (unsigned i = 0; i < words; i++) {
		const struct token *t = parse_peek(ps, i);
		size_t n = strcspn(p, " ");
		if (t->len != n || strncasecmp(t->s, p, n) != 0 || p[n] == '\0')
			return NULL;
		p += n + 1;
	}
	return p;
}

bool
hint_phrase(struct parser *ps, const struct token *at, unsigned words)
{
	size_t n;
	struct words w = { .len = 0 };
	struct like l;
	const struct term_def *table = term_table(&n);
	like_begin(&l, at);
	for (size_t i = 0; i < n; i++) {
		char range[64];
		const char *p = rest(ps, &table[i], words);
		if (p == NULL)
			continue;
		size_t len = strcspn(p, " #");
		if (p[len] != '#')
			like_offer(&l, p, len);
		(void)snprintf(range, sizeof(range), "%.*s1 to %.*s%u",
		    (int)len, p, (int)len, p, table[i].params);
		if (p[len] == '#')
			words_add(&w, range, strlen(range));
		else
			words_add(&w, p, strcspn(p, " "));
	}
	(void)parse_error(ps, at, w.text, "syntax error");
	return like_hint(ps, &l);
}

bool
hint_direction(struct parser *ps, const struct token *at, const struct term *t)
{
	struct words w = { .len = 0 };
	for (int d = DIR_SRC; d < DIR_MAX && t->def->sides != NULL; d++)
		if (t->def->sides[d] != 0)
			words_add(&w, dir_text((enum dir)d),
			    strlen(dir_text((enum dir)d)));
	char expected[600];
	(void)snprintf(expected, sizeof(expected), "%s%s before '%s'",
	    w.len != 0 ? "nothing, " : "nothing", w.text, t->def->phrase);
	return parse_error(ps, at, expected, "'%s' cannot stand before '%s'",
	    dir_text(t->dir), t->def->phrase);
}

/* ---- behind an expression ------------------------------------------------------------ */

static bool
begins_term(const struct token *t)
{
	size_t n;
	const struct term_def *table = term_table(&n);
	if (lex_is_char(t, '(') || t->kind == TOK_NOT || lex_is(t, "not") ||
	    lex_is(t, "src") || lex_is(t, "dst") || lex_is(t, "filter"))
		return true;
	for (size_t i = 0; i < n; i++) {
		size_t len = strcspn(table[i].phrase, " #");
		if (t->kind == TOK_WORD && t->len == len &&
		    strncasecmp(t->s, table[i].phrase, len) == 0)
			return true;
	}
	return false;
}

bool
hint_operator(struct parser *ps, const struct token *at)
{
	struct like l;
	bool open = ps->depth > 0;
	(void)parse_error(ps, at,
	    open ? "and, or, or )" : "and, or, or the end",
	    at->kind == TOK_OPEN ? "quote without end" : "syntax error");
	if (at->kind == TOK_END)
		return parse_hint(ps, "a ) is missing");
	if (lex_is_char(at, ')'))
		return parse_hint(ps, "there is no ( for this )");
	if (lex_is_char(at, '/'))
		return parse_hint(ps, "a network is written 'net 10.0.0.0/8'");
	if (lex_is_char(at, '%'))
		return parse_hint(ps,
		    "a label stands behind or before parentheses: "
		    "'(proto tcp) %%web'");
	if (lex_first(at) == ';')
		return parse_hint(ps, "terms are joined by 'and' or 'or'");
	if (at->kind == TOK_WORD && isdigit((unsigned char)lex_first(at)) &&
	    memchr(at->s, ':', at->len) != NULL)
		return parse_hint(ps,
		    "a T joins date and time: 2024-07-11T09:15");
	if (lex_first(at) == '&' || lex_first(at) == '|')
		return parse_hint(ps, "did you mean '%c%c'?", *at->s, *at->s);
	if (begins_term(at))
		return parse_hint(ps, "'and' or 'or' is missing before '%s'",
		    ps->fe->token);
	like_begin(&l, at);
	like_offer(&l, "and", 3);
	like_offer(&l, "or", 2);
	return like_hint(ps, &l);
}

/* ---- names ------------------------------------------------------------------------ */

bool
hint_name(struct parser *ps, const struct token *at, const struct names *names)
{
	struct like l;
	like_begin(&l, at);
	for (size_t i = 0; i < names->n; i++)
		if (!isdigit((unsigned char)names->name[i].text[0]))
			like_offer(&l, names->name[i].text,
			    strlen(names->name[i].text));
	return like_hint(ps, &l);
}
