/*
 * parse: expressions, and which term stands where.
 *
 *   filter := [ or ]
 *   or     := and { ("or" | "||") and }
 *   and    := unary { ("and" | "&&") unary }
 *   unary  := { "not" | "!" } ( "(" or ")" | term )
 *   term   := [ direction ] phrase [ values ]
 *
 * The term is the row of the table with the longest phrase that the words
 * ahead spell.
 */
#include "filter/parse.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

#define EXPECT_TERM                                                            \
	"a term: any, proto, ip, net, port, as, packets, bytes, flags, "       \
	"if, ident and others, src or dst before it"
#define EXPECT_OPERATOR "and, or, or the end"

void
parse_next(struct parser *ps)
{
	ps->tok = lex_next(&ps->lx);
}

/* Bytes that would disturb a terminal or a page become '?'. */
static void
copy_token(const struct token *at, char *buf, size_t size)
{
	size_t n = at->len < size ? at->len : size - 1;
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)at->s[i];
		buf[i] = c >= ' ' && c != 0x7f ? (char)c : '?';
	}
	buf[n] = '\0';
}

#undef parse_error

bool
parse_error(struct parser *ps, const struct token *at, const char *expected,
    const char *fmt, ...)
{
	struct filter_error *fe = ps->fe;
	char why[128];
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	fe->line = at->line;
	fe->column = at->column;
	copy_token(at, fe->token, sizeof(fe->token));
	(void)snprintf(fe->message, sizeof(fe->message),
	    "Line %d: column %d: %s at '%s'", fe->line, fe->column, why,
	    fe->token);
	(void)snprintf(fe->expected, sizeof(fe->expected), "%s", expected);
	return false;
}

bool
parse_syntax(struct parser *ps, const char *expected)
{
	if (ps->tok.kind == TOK_OPEN)
		return parse_error(ps, &ps->tok, expected, "quote without end");
	return parse_error(ps, &ps->tok, expected, "syntax error");
}

/* ---- terms ------------------------------------------------------------------ */

/* Is the word src or dst? */
static bool
side(const struct token *t, enum dir *dir)
{
	*dir = lex_is(t, "src") ? DIR_SRC : DIR_DST;
	return *dir == DIR_SRC || lex_is(t, "dst");
}

/* [in | out] [src | dst], src or dst, src and dst */
static bool
direction(struct parser *ps, enum dir *dir)
{
	enum dir a, b;
	bool in = lex_is(&ps->tok, "in");
	if (in || lex_is(&ps->tok, "out")) {
		parse_next(ps);
		*dir = in ? DIR_IN : DIR_OUT;
		if (!side(&ps->tok, &a))
			return true;
		*dir = in ? DIR_IN_SRC : DIR_OUT_SRC;
		*dir += a == DIR_DST;
		parse_next(ps);
		return true;
	}
	*dir = DIR_NONE;
	if (!side(&ps->tok, &a))
		return true;
	*dir = a;
	parse_next(ps);
	bool both = lex_is(&ps->tok, "and");
	if (!both && !lex_is(&ps->tok, "or"))
		return true;
	parse_next(ps);
	if (!side(&ps->tok, &b) || a == b)
		return parse_syntax(ps, a == DIR_SRC ? "dst" : "src");
	*dir = both ? DIR_SRC_AND_DST : DIR_SRC_OR_DST;
	parse_next(ps);
	return true;
}

/*
 * Does the token spell this word of a phrase?  A '#' at the word's end
 * stands for a number, 1 to `params`.
 */
static bool
spells(const struct token *t, const char *word, size_t n, unsigned params,
    uint8_t *param)
{
	if (t->kind != TOK_WORD)
		return false;
	if (word[n - 1] != '#')
		return t->len == n && strncasecmp(t->s, word, n) == 0;
	if (t->len < n || strncasecmp(t->s, word, n - 1) != 0)
		return false;
	struct token digits = *t;
	uint64_t v;
	digits.s += n - 1;
	digits.len -= n - 1;
	if (lex_number(&digits, &v) != LEX_NUMBER || v < 1 || v > params)
		return false;
	*param = (uint8_t)(v - 1);
	return true;
}

/*
 * Does the text ahead spell the phrase?  Moves *ahead behind it, or to the
 * word where they part.
 */
static bool
phrase(struct parser *ahead, const struct term_def *d, uint8_t *param,
    size_t *words)
{
	*param = 0;
	*words = 0;
	for (const char *w = d->phrase; *w != '\0';) {
		size_t n = strcspn(w, " ");
		if (!spells(&ahead->tok, w, n, d->params, param))
			return false;
		parse_next(ahead);
		++*words;
		w += n + (w[n] == ' ');
	}
	return true;
}

/* TERM_WORD: is one of the term's names next? */
static bool
word_follows(const struct parser *ahead, const struct term_def *d)
{
	char text[64];
	uint64_t v;
	return (d->opt & TERM_WORD) == 0 ||
	       (ahead->tok.kind == TOK_WORD &&
		   lex_copy(&ahead->tok, text, sizeof(text)) &&
		   names_find(term_find(d->alias_of)->names, text, &v));
}

/*
 * Take the words of the term ahead.  When there is none, *odd is the first
 * word that no term has there.
 */
static bool
find_term(struct parser *ps, struct term *t, struct token *odd)
{
	size_t n, best = 0;
	const struct term_def *table = term_table(&n);
	struct parser after = *ps;
	*odd = ps->tok;
	for (size_t i = 0; i < n; i++) {
		struct parser ahead = *ps;
		uint8_t param;
		size_t words;
		bool spelled = phrase(&ahead, &table[i], &param, &words);
		if (!spelled && ahead.tok.s > odd->s)
			*odd = ahead.tok;
		if (!spelled || words <= best ||
		    !word_follows(&ahead, &table[i]))
			continue;
		best = words;
		after = ahead;
		t->def = &table[i];
		t->param = param;
	}
	if (best == 0)
		return false;
	if (t->def->alias_of != NULL)
		t->def = term_find(t->def->alias_of);
	ps->lx = after.lx;
	ps->tok = after.tok;
	return true;
}

/* Words of nfdump's language that are refused with a reason. */
static bool
refused(struct parser *ps, const struct token *odd)
{
	if (odd->s != ps->tok.s)
		return parse_error(ps, odd, "", "syntax error");
	if (lex_is(&ps->tok, "count") || lex_is(&ps->tok, "cnt"))
		return parse_error(ps, &ps->tok, "",
		    "counting records is no property of a flow;"
		    " limit the output instead");
	if (lex_is_char(&ps->tok, '@'))
		return parse_error(ps, &ps->tok, "",
		    "files cannot be included here");
	if (lex_is_char(&ps->tok, '%'))
		return parse_error(ps, &ps->tok, "",
		    "flow labels are not supported");
	return parse_syntax(ps, EXPECT_TERM);
}

/* Where no direction means either side, `src or dst` says the same. */
static enum dir
plain(const struct term *t)
{
	const uint8_t *sides = t->def->sides;
	if (t->dir == DIR_SRC_OR_DST &&
	    sides[DIR_NONE] == sides[DIR_SRC_OR_DST])
		return DIR_NONE;
	return t->dir;
}

static struct filter_node *
parse_term(struct parser *ps)
{
	struct token first = ps->tok, odd;
	struct term t = { 0 };
	if (!direction(ps, &t.dir))
		return NULL;
	if (!find_term(ps, &t, &odd)) {
		(void)refused(ps, &odd);
		return NULL;
	}
	if (t.def->sides == NULL || t.def->sides[t.dir] == 0) {
		(void)parse_error(ps, &first, "",
		    "'%s' cannot stand before '%s'", dir_text(t.dir),
		    t.def->phrase);
		return NULL;
	}
	t.dir = plain(&t);
	if (!parse_value(ps, &t))
		return NULL;
	struct filter_node *node = arena_alloc(ps->arena, sizeof(*node));
	node->kind = NODE_TERM;
	node->term = t;
	return node;
}

/* ---- expressions -------------------------------------------------------------- */

static struct filter_node *parse_or(struct parser *ps);

static struct filter_node *
parse_primary(struct parser *ps)
{
	if (!lex_is_char(&ps->tok, '('))
		return parse_term(ps);
	if (++ps->depth > FILTER_DEPTH_MAX) {
		(void)parse_error(ps, &ps->tok, "",
		    "more than %d levels of parentheses", FILTER_DEPTH_MAX);
		return NULL;
	}
	parse_next(ps);
	struct filter_node *inner = parse_or(ps);
	if (inner == NULL)
		return NULL;
	if (!lex_is_char(&ps->tok, ')')) {
		(void)parse_syntax(ps, "and, or, or )");
		return NULL;
	}
	parse_next(ps);
	ps->depth--;
	return inner;
}

static struct filter_node *
parse_unary(struct parser *ps)
{
	bool negate = false;
	while (ps->tok.kind == TOK_NOT || lex_is(&ps->tok, "not")) {
		negate = !negate;
		parse_next(ps);
	}
	ps->negated ^= negate;
	struct filter_node *inner = parse_primary(ps);
	ps->negated ^= negate;
	if (inner == NULL || !negate)
		return inner;
	struct filter_node *node = arena_alloc(ps->arena, sizeof(*node));
	if (inner->kind == NODE_NOT) { /* not (not x) */
		*node = *inner->kid[0];
		return node;
	}
	const struct filter_node **kid = arena_alloc(ps->arena, sizeof(*kid));
	kid[0] = inner;
	*node = (struct filter_node){ .kind = NODE_NOT, .n = 1, .kid = kid };
	return node;
}

/* Operands of one and-chain or or-chain while it is read. */
struct chain {
	const struct filter_node **kid;
	size_t n;
	size_t cap;
};

/* (a and b) and c is one chain. */
static void
chain_add(struct chain *c, enum node_kind kind, const struct filter_node *x)
{
	bool flat = x->kind == kind;
	size_t n = flat ? x->n : 1;
	if (c->n + n > c->cap) {
		c->cap = (c->n + n) * 2;
		c->kid = mem_realloc(c->kid, c->cap, sizeof(c->kid[0]));
	}
	for (size_t i = 0; i < n; i++)
		c->kid[c->n++] = flat ? x->kid[i] : x;
}

static struct filter_node *
chain_node(struct parser *ps, const struct chain *c, enum node_kind kind)
{
	struct filter_node *node = arena_alloc(ps->arena, sizeof(*node));
	const struct filter_node **kid =
	    arena_array(ps->arena, c->n, sizeof(kid[0]));
	memcpy(kid, c->kid, c->n * sizeof(kid[0]));
	*node = (struct filter_node){ .kind = kind, .n = c->n, .kid = kid };
	return node;
}

/* operand { operator operand } */
static struct filter_node *
parse_chain(struct parser *ps, enum node_kind kind, enum tok sign,
    const char *word, struct filter_node *(*operand)(struct parser *))
{
	struct chain c = { 0 };
	struct filter_node *x = operand(ps);
	while (x != NULL && (ps->tok.kind == sign || lex_is(&ps->tok, word))) {
		if (c.n == 0)
			chain_add(&c, kind, x);
		parse_next(ps);
		x = operand(ps);
		if (x != NULL)
			chain_add(&c, kind, x);
	}
	if (x != NULL && c.n != 0)
		x = chain_node(ps, &c, kind);
	free(c.kid);
	return x;
}

static struct filter_node *
parse_and(struct parser *ps)
{
	return parse_chain(ps, NODE_AND, TOK_AND, "and", parse_unary);
}

static struct filter_node *
parse_or(struct parser *ps)
{
	return parse_chain(ps, NODE_OR, TOK_OR, "or", parse_and);
}

static struct filter_node *
any_node(struct arena *a)
{
	struct filter_node *node = arena_alloc(a, sizeof(*node));
	node->kind = NODE_TERM;
	node->term.def = term_find("any");
	return node;
}

static struct filter_node *
parse_filter(struct parser *ps)
{
	parse_next(ps);
	if (ps->tok.kind == TOK_END)
		return any_node(ps->arena);
	struct filter_node *root = parse_or(ps);
	if (root == NULL || ps->tok.kind == TOK_END)
		return root;
	(void)parse_syntax(ps, EXPECT_OPERATOR);
	return NULL;
}

struct filter *
filter_parse(const char *text, size_t n, struct filter_error *fe)
{
	static const struct filter_options none;
	return filter_parse_with(text, n, &none, fe);
}

struct filter *
filter_parse_with(const char *text, size_t n,
    const struct filter_options *options, struct filter_error *fe)
{
	*fe = (struct filter_error){ 0 };
	struct filter *f = mem_calloc(1, sizeof(*f));
	struct parser ps = { .arena = &f->arena,
		.filter = f,
		.options = options,
		.fe = fe };
	lex_init(&ps.lx, text, n);
	if (n > FILTER_TEXT_MAX) {
		struct token start = { .line = 1, .column = 1, .s = "" };
		(void)parse_error(&ps, &start, "",
		    "filter of %zu bytes, at most %d", n, FILTER_TEXT_MAX);
	} else {
		f->root = parse_filter(&ps);
	}
	if (f->root == NULL) {
		filter_free(f);
		return NULL;
	}
	return f;
}

void
filter_free(struct filter *f)
{
	if (f == NULL)
		return;
	term_keep_free(f->keep);
	arena_free(&f->arena);
	free(f);
}

void
filter_error_caret(const char *text, size_t n, const struct filter_error *fe,
    struct buf *out)
{
	const char *p = text, *end = text + n;
	for (int line = 1; line < fe->line && p < end; p++)
		line += *p == '\n';
	const char *stop = p;
	while (stop < end && *stop != '\n')
		stop++;
	for (const char *c = p; c < stop; c++)
		buf_addc(out, (unsigned char)*c < ' ' && *c != '\t' ? '?' : *c);
	buf_addc(out, '\n');
	/* Tabs stay tabs, so that the caret stands right below. */
	for (int i = 1; i < fe->column; i++)
		buf_addc(out,
		    p + i - 1 < stop && p[i - 1] == '\t' ? '\t' : ' ');
	buf_adds(out, "^\n");
}

/* ---- what terms have compiled --------------------------------------------------- */

void
term_keep_add(struct term_keep **list, struct arena *a, struct term_data *d)
{
	struct term_keep *k = arena_alloc(a, sizeof(*k));
	(void)atomic_fetch_add(&d->refs, 1);
	*k = (struct term_keep){ d, *list };
	*list = k;
}

void
term_keep_free(struct term_keep *list)
{
	for (; list != NULL; list = list->next)
		if (atomic_fetch_sub(&list->data->refs, 1) == 1)
			list->data->free(list->data);
}

uint64_t
filter_given_up(const struct filter *f)
{
	uint64_t n = 0;
	for (const struct term_keep *k = f->keep; k != NULL; k = k->next)
		if (k->data->given_up != NULL)
			n += k->data->given_up(k->data);
	return n;
}

void
parse_keep(struct parser *ps, struct term *t, struct term_data *d)
{
	atomic_init(&d->refs, 0);
	t->data = d;
	term_keep_add(&ps->filter->keep, ps->arena, d);
}

/* ---- restricting ---------------------------------------------------------------- */

static const struct filter_node *copy_node(struct arena *a,
    const struct filter_node *x);

void
term_copy(struct arena *a, struct term *t)
{
	if (t->num != NULL) {
		uint64_t *num = arena_array(a, t->n, sizeof(num[0]));
		memcpy(num, t->num, t->n * sizeof(num[0]));
		t->num = num;
	}
	if (t->net != NULL) {
		struct prefix *net = arena_array(a, t->n, sizeof(net[0]));
		memcpy(net, t->net, t->n * sizeof(net[0]));
		t->net = net;
	}
	if (t->text != NULL)
		t->text = arena_strdup(a, t->text);
}

static const struct filter_node **
copy_kids(struct arena *a, const struct filter_node *x)
{
	const struct filter_node **kid = arena_array(a, x->n, sizeof(kid[0]));
	for (size_t i = 0; i < x->n; i++)
		kid[i] = copy_node(a, x->kid[i]);
	return kid;
}

static const struct filter_node *
copy_node(struct arena *a, const struct filter_node *x)
{
	struct filter_node *y = arena_alloc(a, sizeof(*y));
	*y = *x;
	if (x->kind == NODE_TERM)
		term_copy(a, &y->term);
	else
		y->kid = copy_kids(a, x);
	return y;
}

static struct filter_node *
ident_node(struct arena *a, const char *ident)
{
	struct filter_node *x = arena_alloc(a, sizeof(*x));
	x->kind = NODE_TERM;
	x->term = (struct term){ .def = term_find("ident"),
		.n = 1,
		.text = arena_strdup(a, ident) };
	return x;
}

struct filter *
filter_with_idents(const struct filter *f, const char *const *idents, size_t n)
{
	struct filter *r = mem_calloc(1, sizeof(*r));
	struct parser ps = { .arena = &r->arena };
	r->root = copy_node(&r->arena, f->root);
	for (const struct term_keep *k = f->keep; k != NULL; k = k->next)
		term_keep_add(&r->keep, &r->arena, k->data);
	if (n == 0)
		return r;
	struct chain c = { 0 };
	for (size_t i = 0; i < n; i++)
		chain_add(&c, NODE_OR, ident_node(&r->arena, idents[i]));
	const struct filter_node *any_ident =
	    n == 1 ? c.kid[0] : chain_node(&ps, &c, NODE_OR);
	c.n = 0;
	chain_add(&c, NODE_AND, any_ident);
	chain_add(&c, NODE_AND, r->root);
	r->root = chain_node(&ps, &c, NODE_AND);
	free(c.kid);
	return r;
}
