/*
 * parse: expressions, and which term stands where.
 *
 *   filter := { define } [ or ]
 *   or     := and { ("or" | "||") and }
 *   and    := unary { ("and" | "&&") unary }
 *   unary  := { "not" | "!" } { define } primary
 *   primary := group [ "%" label ] | "%" label group | "filter" name | term
 *   group  := "(" or ")"
 *   define := "@define" name group
 *   term   := [ direction ] phrase [ values ]
 *
 * The term is the row of the table with the longest phrase that the words
 * ahead spell.
 */
#include "filter/parse.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "filter/geo_term.h"

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

/* Does the text ahead spell the phrase?  *words: so many of its words. */
static bool
phrase(struct parser *ps, const struct term_def *d, uint8_t *param,
    unsigned *words)
{
	*param = 0;
	*words = 0;
	for (const char *w = d->phrase; *w != '\0';) {
		size_t n = strcspn(w, " ");
		if (!spells(parse_peek(ps, *words), w, n, d->params, param))
			return false;
		++*words;
		w += n + (w[n] == ' ');
	}
	return true;
}

/* TERM_WORD: is one of the term's names next? */
static bool
word_follows(struct parser *ps, const struct term_def *d, unsigned words)
{
	char text[64];
	uint64_t v;
	const struct token *t = parse_peek(ps, words);
	return (d->opt & TERM_WORD) == 0 ||
	       (t->kind == TOK_WORD && lex_copy(t, text, sizeof(text)) &&
		   names_find(term_find(d->alias_of)->names, text, &v));
}

/*
 * Take the words of the term ahead.  When there is none, *right is how many
 * words some term begins with.
 */
static bool
find_term(struct parser *ps, struct term *t, unsigned *right)
{
	size_t n;
	unsigned best = 0;
	const struct term_def *table = term_table(&n);
	*right = 0;
	for (size_t i = 0; i < n; i++) {
		uint8_t param;
		unsigned words;
		bool spelled = phrase(ps, &table[i], &param, &words);
		if (!spelled && words > *right)
			*right = words;
		if (!spelled || words <= best ||
		    !word_follows(ps, &table[i], words))
			continue;
		best = words;
		t->def = &table[i];
		t->param = param;
	}
	if (best == 0)
		return false;
	if (t->def->alias_of != NULL)
		t->def = term_find(t->def->alias_of);
	for (unsigned i = 0; i < best; i++)
		parse_next(ps);
	return true;
}

static bool
no_term(struct parser *ps, unsigned right)
{
	struct token at = *parse_peek(ps, right);
	if (right != 0)
		return hint_phrase(ps, &at, right);
	return hint_term(ps, &at);
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
any_node(struct arena *a)
{
	struct filter_node *node = arena_alloc(a, sizeof(*node));
	node->kind = NODE_TERM;
	node->term.def = term_find("any");
	return node;
}

/* A list of empty files: no flow has a value of it. */
static struct filter_node *
nothing_node(struct arena *a)
{
	const struct filter_node *any = any_node(a);
	return tree_node(a, NODE_NOT, &any, 1);
}

/*
 * The node of a term.  A host name may stand for several addresses; where
 * the language has no list of them, it is an or.
 */
static struct filter_node *
term_node(struct parser *ps, const struct term *t)
{
	struct filter_node *node = arena_alloc(ps->arena, sizeof(*node));
	*node = (struct filter_node){ .kind = NODE_TERM, .term = *t };
	if (t->op == CMP_IN && t->n == 0)
		return nothing_node(ps->arena);
	if (t->def->value != VALUE_HOST || t->op != CMP_IN ||
	    (t->def->opt & TERM_LIST) != 0)
		return node;
	node->kind = NODE_OR;
	node->n = t->n;
	const struct filter_node **kid =
	    arena_array(ps->arena, t->n, sizeof(kid[0]));
	node->kid = kid;
	for (size_t i = 0; i < t->n; i++) {
		struct term one = *t;
		one.op = CMP_EQ;
		one.net += i;
		one.n = 1;
		kid[i] = term_node(ps, &one);
	}
	return node;
}

static struct filter_node *
parse_term(struct parser *ps)
{
	struct token first = ps->tok;
	struct term t = { 0 };
	unsigned right;
	if (!direction(ps, &t.dir))
		return NULL;
	if (!find_term(ps, &t, &right)) {
		(void)no_term(ps, right);
		return NULL;
	}
	if (t.def->sides == NULL || t.def->sides[t.dir] == 0) {
		(void)hint_direction(ps, &first, &t);
		return NULL;
	}
	if (t.def->field[0] == F_COUNT && ps->options->no_count) {
		(void)parse_error(ps, &first, "",
		    "'count' numbers the flows of one query; here is none");
		return NULL;
	}
	t.dir = plain(&t);
	if (!parse_value(ps, &t))
		return NULL;
	if ((t.def->opt & TERM_FILL) != 0 && ps->options->geo != NULL &&
	    geo_has_as(ps->options->geo))
		geo_keep(ps, &t);
	return term_node(ps, &t);
}

/* ---- expressions -------------------------------------------------------------- */

static struct filter_node *parse_or(struct parser *ps);

/* ( or ), up to the parenthesis, which is the next token then. */
static struct filter_node *
parse_group(struct parser *ps)
{
	if (!lex_is_char(&ps->tok, '(')) {
		(void)parse_syntax(ps, "(");
		return NULL;
	}
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
		struct token at = ps->tok;
		(void)hint_operator(ps, &at);
		return NULL;
	}
	ps->depth--;
	return inner;
}

/* @define name ( ... ): what is between is parsed now, used later. */
static bool
parse_define(struct parser *ps)
{
	parse_next(ps);
	struct token name = ps->tok;
	if (name.kind != TOK_WORD && name.kind != TOK_STRING)
		return parse_syntax(ps, "a name, and the filter in ( )");
	parse_next(ps);
	struct token open = ps->tok;
	if (parse_group(ps) == NULL)
		return false;
	if (ps->tok.end != open.end || ps->tok.s < open.s)
		return parse_error(ps, &ps->tok, "",
		    "definition does not end in the text it began in");
	struct token close = ps->tok;
	parse_next(ps);
	return source_define(ps, &name, &open, &close);
}

static bool
parse_defines(struct parser *ps)
{
	while (ps->tok.kind == TOK_DEFINE)
		if (!parse_define(ps))
			return false;
	return true;
}

/* A whole text of its own, up to its end. */
static struct filter_node *
parse_text(struct parser *ps)
{
	if (!parse_defines(ps))
		return NULL;
	if (ps->tok.kind == TOK_END)
		return any_node(ps->arena);
	struct filter_node *x = parse_or(ps);
	if (x == NULL || ps->tok.kind == TOK_END)
		return x;
	struct token at = ps->tok;
	(void)hint_operator(ps, &at);
	return NULL;
}

/* filter name */
static struct filter_node *
parse_use(struct parser *ps)
{
	parse_next(ps);
	if (++ps->depth > FILTER_DEPTH_MAX) {
		(void)parse_error(ps, &ps->tok, "",
		    "more than %d levels of parentheses", FILTER_DEPTH_MAX);
		return NULL;
	}
	if (!source_named(ps))
		return NULL;
	struct filter_node *x = parse_text(ps);
	if (x == NULL)
		return NULL;
	source_close(ps);
	ps->depth--;
	return x;
}

/* % label */
static bool
parse_label(struct parser *ps, const char **label)
{
	uint64_t v;
	parse_next(ps);
	struct token at = ps->tok;
	if (at.kind != TOK_WORD || lex_number(&at, &v) != LEX_NO_NUMBER)
		return parse_error(ps, &at, "a word that is no number",
		    "invalid label");
	if (at.len > FILTER_LABEL_MAX)
		return parse_error(ps, &at, "",
		    "label of %zu bytes, at most %d", at.len, FILTER_LABEL_MAX);
	*label = arena_strndup(ps->arena, at.s, at.len);
	parse_next(ps);
	return true;
}

static struct filter_node *
label_node(struct parser *ps, const struct filter_node *inner,
    const char *label)
{
	struct filter_node *node = tree_node(ps->arena, NODE_LABEL, &inner, 1);
	node->label = label;
	return node;
}

static struct filter_node *
parse_primary(struct parser *ps)
{
	const char *label = NULL;
	if (!parse_defines(ps))
		return NULL;
	if (lex_is(&ps->tok, "filter"))
		return parse_use(ps);
	bool before = lex_is_char(&ps->tok, '%');
	if (before && !parse_label(ps, &label))
		return NULL;
	if (!before && !lex_is_char(&ps->tok, '('))
		return parse_term(ps);
	struct filter_node *inner = parse_group(ps);
	if (inner == NULL)
		return NULL;
	parse_next(ps);
	if (!before && lex_is_char(&ps->tok, '%') && !parse_label(ps, &label))
		return NULL;
	return label != NULL ? label_node(ps, inner, label) : inner;
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
	const struct filter_node *kid = inner;
	struct filter_node *node = tree_node(ps->arena, NODE_NOT, &kid, 1);
	if (inner->kind == NODE_NOT) /* not (not x) */
		*node = *inner->kid[0];
	return node;
}

/* Operands of one and-chain or or-chain while it is read. */
struct chain {
	const struct filter_node **kid;
	size_t n;
	size_t cap;
};

static void
chain_add(struct chain *c, const struct filter_node *x)
{
	if (c->n == c->cap) {
		c->cap = c->cap != 0 ? c->cap * 2 : 4;
		c->kid = mem_realloc(c->kid, c->cap, sizeof(c->kid[0]));
	}
	c->kid[c->n++] = x;
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
			chain_add(&c, x);
		parse_next(ps);
		x = operand(ps);
		if (x != NULL)
			chain_add(&c, x);
	}
	if (x != NULL && c.n != 0)
		x = tree_node(ps->arena, kind, c.kid, c.n);
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

void
parse_keep(struct parser *ps, struct term *t, struct term_data *d)
{
	atomic_init(&d->refs, 0);
	t->data = d;
	term_keep_add(&ps->filter->keep, ps->arena, d);
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
	if (n > FILTER_TEXT_MAX) {
		struct token start = { .line = 1, .column = 1, .s = "" };
		(void)parse_error(&ps, &start, "",
		    "filter of %zu bytes, at most %d", n, FILTER_TEXT_MAX);
	} else {
		source_init(&ps, text, n);
		parse_next(&ps);
		const struct filter_node *root = parse_text(&ps);
		if (root != NULL && !ps.failed)
			f->root = tree_flat(&f->arena, root);
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
