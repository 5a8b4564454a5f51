#include "conf/value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "conf/scan.h"

struct parser {
	struct scan sc;
	struct value *vars; /* what the file has set so far */
	size_t cap;
	bool mine[VALUE_NAMES_MAX]; /* `my`: not in the result */
	int depth;
	size_t memory_max;
};

/* A list while it grows: items, or keys and values in turn. */
struct list {
	struct value **items;
	size_t n;
	size_t cap;
	struct parser *p;
};

static struct value *parse_expr(struct parser *p);
static int parse_items(struct parser *p, char close, struct list *l);

static struct value *
fail(struct parser *p, struct value_place at, const char *what)
{
	(void)scan_fail(&p->sc, at, "%s", what);
	return NULL;
}

/* "`what`, found 'word'" at the next token. */
static int
unexpected(struct parser *p, const char *what)
{
	char word[64];
	return scan_fail(&p->sc, p->sc.at, "%s, found %s", what,
	    scan_word(&p->sc, word, sizeof(word)));
}

static struct value *
new_value(struct parser *p, enum value_type type, struct value_place at)
{
	struct value *v = arena_alloc(p->sc.arena, sizeof(*v));
	v->type = type;
	v->line = at.line;
	v->column = at.column;
	return v;
}

static struct value *
new_scalar(struct parser *p, const char *text, struct value_place at)
{
	if (text == NULL)
		return NULL;
	struct value *v = new_value(p, VALUE_SCALAR, at);
	v->text = text;
	return v;
}

static struct value_place
place_of(const struct value *v)
{
	return (struct value_place){ v->line, v->column };
}

/* ---- lists ---------------------------------------------------------------- */

static int
list_add(struct list *l, struct value *v)
{
	if (v == NULL)
		return -1;
	if (l->n == l->cap) {
		l->cap = l->cap != 0 ? l->cap * 2 : 16;
		l->items = mem_realloc(l->items, l->cap, sizeof(*l->items));
	}
	l->items[l->n++] = v;
	return 0;
}

static int
add_word(void *ctx, const char *word, struct value_place at)
{
	struct list *l = ctx;
	return list_add(l, new_scalar(l->p, word, at));
}

static struct value *
array_from(struct list *l, struct value_place at)
{
	struct parser *p = l->p;
	struct value *v = new_value(p, VALUE_ARRAY, at);
	v->n = l->n;
	v->items = arena_array(p->sc.arena, l->n, sizeof(struct value *));
	if (l->n != 0)
		memcpy(v->items, l->items, l->n * sizeof(*l->items));
	return v;
}

struct pair {
	const struct value *key;
	struct value *value;
	size_t at; /* order of first appearance */
};

static int
pair_by_key(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;
	int c = strcmp(x->key->text, y->key->text);
	return c != 0 ? c : (x->at > y->at) - (x->at < y->at);
}

static int
pair_by_place(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;
	return (x->at > y->at) - (x->at < y->at);
}

/* Of pairs with one key the first keeps its place and gets the last value. */
static size_t
merge_pairs(struct parser *p, struct pair *pairs, size_t n)
{
	if (n == 0)
		return 0;
	qsort(pairs, n, sizeof(*pairs), pair_by_key);
	size_t m = 0;
	for (size_t i = 1; i < n; i++) {
		if (strcmp(pairs[i].key->text, pairs[m].key->text) != 0) {
			pairs[++m] = pairs[i];
			continue;
		}
		scan_warn(&p->sc, place_of(pairs[i].key),
		    "'%s' is given twice, this one counts", pairs[i].key->text);
		pairs[m].value = pairs[i].value;
		pairs[m].key = pairs[i].key;
	}
	qsort(pairs, m + 1, sizeof(*pairs), pair_by_place);
	return m + 1;
}

static struct value *
hash_of_pairs(struct parser *p, const struct pair *pairs, size_t n,
    struct value_place at)
{
	struct value *v = new_value(p, VALUE_HASH, at);
	v->n = n;
	v->keys = arena_array(p->sc.arena, n, sizeof(const char *));
	v->key_at = arena_array(p->sc.arena, n, sizeof(*v->key_at));
	v->items = arena_array(p->sc.arena, n, sizeof(struct value *));
	for (size_t i = 0; i < n; i++) {
		v->keys[i] = pairs[i].key->text;
		v->key_at[i] = place_of(pairs[i].key);
		v->items[i] = pairs[i].value;
	}
	return v;
}

static struct value *
hash_from(struct list *l, struct value_place at)
{
	struct parser *p = l->p;
	for (size_t i = 0; i < l->n; i += 2)
		if (l->items[i]->type != VALUE_SCALAR)
			return fail(p, place_of(l->items[i]),
			    "a key must be a text");
	if (l->n % 2 != 0) {
		const struct value *last = l->items[l->n - 1];
		(void)scan_fail(&p->sc, place_of(last), "key '%s' has no value",
		    last->text);
		return NULL;
	}
	size_t n = l->n / 2;
	struct pair *pairs = mem_calloc(n != 0 ? n : 1, sizeof(*pairs));
	for (size_t i = 0; i < n; i++)
		pairs[i] =
		    (struct pair){ l->items[2 * i], l->items[2 * i + 1], i };
	n = merge_pairs(p, pairs, n);
	struct value *v = hash_of_pairs(p, pairs, n, at);
	free(pairs);
	return v;
}

/* A bareword is a text only left of '=>'. */
static bool
is_bare_key(const struct parser *p)
{
	struct scan look = p->sc;
	size_t n = scan_name(&look);
	if (n == 0)
		return false;
	scan_advance(&look, n);
	scan_blanks(&look);
	return scan_looking_at(&look, "=>");
}

static int
parse_item(struct parser *p, struct list *l)
{
	struct value_place at = p->sc.at;
	if (is_bare_key(p)) {
		size_t n = scan_name(&p->sc);
		const char *key = arena_strndup(p->sc.arena, p->sc.s, n);
		scan_advance(&p->sc, n);
		return list_add(l, new_scalar(p, key, at));
	}
	if (scan_is_qw(&p->sc))
		return scan_qw(&p->sc, add_word, l);
	return list_add(l, parse_expr(p));
}

/* After an item: one separator or the end. */
static int
parse_separator(struct parser *p, char close)
{
	scan_blanks(&p->sc);
	bool any = false;
	while (scan_peek(&p->sc, 0) == ',' || scan_looking_at(&p->sc, "=>")) {
		scan_advance(&p->sc, scan_peek(&p->sc, 0) == ',' ? 1 : 2);
		scan_blanks(&p->sc);
		any = true;
	}
	if (any || scan_peek(&p->sc, 0) == close)
		return 0;
	char what[32];
	(void)snprintf(what, sizeof(what), "expected ',' or '%c'", close);
	return unexpected(p, what);
}

/* What stands between the brackets; the opening one is consumed. */
static int
parse_items(struct parser *p, char close, struct list *l)
{
	scan_blanks(&p->sc);
	while (scan_peek(&p->sc, 0) != close) {
		if (p->sc.s == p->sc.end) {
			char what[32];
			(void)snprintf(what, sizeof(what), "'%c' is missing",
			    close);
			return unexpected(p, what);
		}
		if (parse_item(p, l) == -1 || parse_separator(p, close) == -1)
			return -1;
	}
	scan_advance(&p->sc, 1);
	return 0;
}

static struct value *
parse_list(struct parser *p, char close, enum value_type type,
    struct value_place at)
{
	struct list l = { .p = p };
	struct value *v = NULL;
	if (++p->depth > VALUE_DEPTH_MAX)
		return fail(p, at, "lists are nested too deeply");
	scan_advance(&p->sc, 1);
	if (parse_items(p, close, &l) == 0)
		v = type == VALUE_HASH ? hash_from(&l, at) : array_from(&l, at);
	free(l.items);
	p->depth--;
	return v;
}

/* ---- expressions ---------------------------------------------------------- */

/*
 * $NAME or ${NAME} as a value.  Lists are not shared: a small file could
 * otherwise describe an endlessly large tree.
 */
static struct value *
parse_variable(struct parser *p)
{
	struct scan *sc = &p->sc;
	struct value_place at = sc->at;
	scan_advance(sc, 1);
	bool braces = scan_peek(sc, 0) == '{';
	if (braces)
		scan_advance(sc, 1);
	size_t n = scan_name(sc);
	if (n == 0)
		return fail(p, at, "'$' without a name");
	const char *name = arena_printf(sc->arena, "$%.*s", (int)n, sc->s);
	scan_advance(sc, n);
	if (braces && scan_peek(sc, 0) != '}')
		return fail(p, at, "'${' needs a name and '}'");
	if (braces)
		scan_advance(sc, 1);
	int c = scan_peek(sc, 0);
	if (c == '[' || c == '{' || scan_looking_at(sc, "->") ||
	    scan_looking_at(sc, "::")) {
		(void)scan_fail(sc, at,
		    "element of '%s': only whole "
		    "variables can be read",
		    name);
		return NULL;
	}
	return new_scalar(p, scan_variable(sc, p->vars, name, at), at);
}

static struct value *
parse_group(struct parser *p)
{
	struct value_place at = p->sc.at;
	if (++p->depth > VALUE_DEPTH_MAX)
		return fail(p, at, "brackets are nested too deeply");
	scan_advance(&p->sc, 1);
	struct value *v = parse_expr(p);
	if (v == NULL)
		return NULL;
	scan_blanks(&p->sc);
	if (scan_peek(&p->sc, 0) != ')') {
		(void)unexpected(p, "expected ')'");
		return NULL;
	}
	scan_advance(&p->sc, 1);
	p->depth--;
	return v;
}

/* A word where a value should be: undef, or something we do not run. */
static struct value *
parse_word(struct parser *p, size_t n)
{
	struct value_place at = p->sc.at;
	struct scan look = p->sc;
	scan_advance(&look, n);
	int next = scan_peek(&look, 0);
	scan_blanks(&look);
	int len = n > 40 ? 40 : (int)n;
	if (n == 5 && memcmp(p->sc.s, "undef", 5) == 0 &&
	    scan_peek(&look, 0) != '(') {
		scan_advance(&p->sc, n);
		return new_value(p, VALUE_UNDEF, at);
	}
	if (scan_peek(&look, 0) == '(')
		(void)scan_fail(&p->sc, at,
		    "function call '%.*s(': only "
		    "plain values are understood",
		    len, p->sc.s);
	else if (scan_is_qw(&p->sc))
		(void)scan_fail(&p->sc, at,
		    "'qw' gives a list, but one value "
		    "is needed here");
	else if (next == '/' || next == '{')
		(void)scan_fail(&p->sc, at,
		    "operator '%.*s%c': only plain "
		    "values are understood",
		    len, p->sc.s, next);
	else
		(void)scan_fail(&p->sc, at,
		    "word '%.*s': put quotes around "
		    "text",
		    len, p->sc.s);
	return NULL;
}

/* A character that begins no value; the known ones by their name. */
static struct value *
refuse_term(struct parser *p)
{
	static const struct {
		const char *start, *what;
	} known[] = {
		{ "<<", "here-document '<<'" },
		{ "<", "file read '<'" },
		{ "`", "command '`'" },
		{ "\\", "reference '\\'" },
		{ "/", "pattern '/'" },
		{ "!", "operator '!'" },
		{ "&", "function call '&'" },
		{ "@", "list '@' inside a value" },
		{ "%", "hash '%' inside a value" },
	};
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		if (!scan_looking_at(&p->sc, known[i].start))
			continue;
		(void)scan_fail(&p->sc, p->sc.at,
		    "%s: only plain values are understood", known[i].what);
		return NULL;
	}
	(void)unexpected(p, "expected a value");
	return NULL;
}

static struct value *
parse_number(struct parser *p)
{
	struct value_place at = p->sc.at;
	struct value *v = new_scalar(p, scan_number(&p->sc), at);
	if (v != NULL)
		v->is_number = true;
	return v;
}

static struct value *
parse_term(struct parser *p)
{
	scan_blanks(&p->sc);
	struct value_place at = p->sc.at;
	int c = scan_peek(&p->sc, 0);
	if (scan_is_quote(&p->sc))
		return new_scalar(p, scan_quoted(&p->sc, p->vars), at);
	if (c == '$')
		return parse_variable(p);
	if (c == '[')
		return parse_list(p, ']', VALUE_ARRAY, at);
	if (c == '{')
		return parse_list(p, '}', VALUE_HASH, at);
	if (c == '(')
		return parse_group(p);
	if ((c >= '0' && c <= '9') || c == '-')
		return parse_number(p);
	size_t n = scan_name(&p->sc);
	return n != 0 ? parse_word(p, n) : refuse_term(p);
}

static const char *
joinable(struct parser *p, const struct value *v)
{
	if (v->type == VALUE_SCALAR)
		return v->text;
	if (v->type == VALUE_UNDEF)
		return "";
	(void)scan_fail(&p->sc, place_of(v),
	    "a list cannot be joined with "
	    "'.'");
	return NULL;
}

static struct value *
join(struct parser *p, const struct value *a, const struct value *b)
{
	const char *x = joinable(p, a);
	const char *y = joinable(p, b);
	if (x == NULL || y == NULL)
		return NULL;
	if (strlen(x) + strlen(y) > VALUE_TEXT_MAX)
		return fail(p, place_of(a), "joined text is too long");
	return new_scalar(p, arena_printf(p->sc.arena, "%s%s", x, y),
	    place_of(a));
}

/* '.' joins; '..' and '.=' are other operators. */
static bool
is_join(const struct parser *p)
{
	return scan_peek(&p->sc, 0) == '.' && scan_peek(&p->sc, 1) != '.' &&
	       scan_peek(&p->sc, 1) != '=';
}

static struct value *
parse_expr(struct parser *p)
{
	struct value *v = parse_term(p);
	if (v == NULL)
		return NULL;
	if (p->sc.arena->total > p->memory_max)
		return fail(p, place_of(v),
		    "the file's values take too much "
		    "memory");
	for (scan_blanks(&p->sc); is_join(p); scan_blanks(&p->sc)) {
		scan_advance(&p->sc, 1);
		const struct value *right = parse_term(p);
		v = right != NULL ? join(p, v, right) : NULL;
		if (v == NULL)
			return NULL;
	}
	return v;
}

/* ---- statements ----------------------------------------------------------- */

static int
set_variable(struct parser *p, const char *name, struct value *v, bool mine,
    struct value_place at)
{
	struct value *vars = p->vars;
	size_t i = 0;
	while (i < vars->n && strcmp(vars->keys[i], name) != 0)
		i++;
	if (i == VALUE_NAMES_MAX)
		return scan_fail(&p->sc, at, "more than %d variables",
		    VALUE_NAMES_MAX);
	if (i == vars->n)
		vars->n++;
	else
		v->used = vars->items[i]->used;
	vars->keys[i] = name;
	vars->key_at[i] = at;
	vars->items[i] = v;
	p->mine[i] = mine;
	return 0;
}

static struct value *
parse_right_side(struct parser *p, char sigil)
{
	scan_blanks(&p->sc);
	struct value_place at = p->sc.at;
	if (sigil == '$')
		return parse_expr(p);
	enum value_type type = sigil == '%' ? VALUE_HASH : VALUE_ARRAY;
	if (scan_peek(&p->sc, 0) == '(')
		return parse_list(p, ')', type, at);
	if (!scan_is_qw(&p->sc)) {
		(void)unexpected(p, "expected '('");
		return NULL;
	}
	struct list l = { .p = p };
	struct value *v = NULL;
	if (scan_qw(&p->sc, add_word, &l) == 0)
		v = type == VALUE_HASH ? hash_from(&l, at) : array_from(&l, at);
	free(l.items);
	return v;
}

/* '=' and nothing that only looks like it. */
static int
parse_equals(struct parser *p, const char *name)
{
	scan_blanks(&p->sc);
	int c = scan_peek(&p->sc, 0);
	if (c == '[' || c == '{' || scan_looking_at(&p->sc, "->"))
		return scan_fail(&p->sc, p->sc.at,
		    "element of '%s': only "
		    "whole variables can be set",
		    name);
	int next = scan_peek(&p->sc, 1);
	if (c == '=' && next != '=' && next != '~' && next != '>') {
		scan_advance(&p->sc, 1);
		return 0;
	}
	char what[128];
	(void)snprintf(what, sizeof(what), "expected '=' after '%.80s'", name);
	return unexpected(p, what);
}

/* The end of a statement: ';' or the end of the file. */
static int
parse_end(struct parser *p, struct value_place from)
{
	scan_blanks(&p->sc);
	if (scan_peek(&p->sc, 0) == ';')
		scan_advance(&p->sc, 1);
	else if (p->sc.s < p->sc.end)
		return unexpected(p,
		    p->sc.at.line > from.line
			? "expected ';' at the end of the line before"
			: "expected ';'");
	return 0;
}

static int
parse_assign(struct parser *p, bool mine, bool declared)
{
	struct scan *sc = &p->sc;
	struct value_place at = sc->at;
	char sigil = (char)scan_peek(sc, 0);
	scan_advance(sc, 1);
	size_t n = scan_name(sc);
	if (n == 0)
		return unexpected(p, "expected a name after the sigil");
	const char *name =
	    arena_printf(sc->arena, "%c%.*s", sigil, (int)n, sc->s);
	scan_advance(sc, n);
	scan_blanks(sc);
	if (declared && scan_peek(sc, 0) == ';')
		return parse_end(p, sc->at);
	if (parse_equals(p, name) == -1)
		return -1;
	struct value *v = parse_right_side(p, sigil);
	if (v == NULL || set_variable(p, name, v, mine, at) == -1)
		return -1;
	return parse_end(p, at);
}

static int
parse_use(struct parser *p)
{
	struct value_place at = p->sc.at;
	while (scan_peek(&p->sc, 0) != ';') {
		if (p->sc.s == p->sc.end)
			return scan_fail(&p->sc, at, "'use' without ';'");
		if (!scan_is_quote(&p->sc))
			scan_advance(&p->sc, 1);
		else if (scan_quoted(&p->sc, p->vars) == NULL)
			return -1;
		scan_blanks(&p->sc);
	}
	return 0;
}

/* A statement that begins with a word. */
static int
parse_keyword(struct parser *p, size_t n)
{
	const char *s = p->sc.s;
	bool my = n == 2 && memcmp(s, "my", 2) == 0;
	if (my || (n == 3 && memcmp(s, "our", 3) == 0)) {
		scan_advance(&p->sc, n);
		scan_blanks(&p->sc);
		int c = scan_peek(&p->sc, 0);
		if (c != '$' && c != '@' && c != '%')
			return unexpected(p, "expected one variable");
		return parse_assign(p, my, true);
	}
	if (n == 3 && memcmp(s, "use", 3) == 0) {
		scan_advance(&p->sc, n);
		scan_blanks(&p->sc);
		return parse_use(p);
	}
	return scan_fail(&p->sc, p->sc.at,
	    "'%.*s' is not understood: a config "
	    "only sets variables, as in $NAME = value;",
	    n > 40 ? 40 : (int)n, s);
}

static int
parse_statement(struct parser *p)
{
	struct value_place at = p->sc.at;
	int c = scan_peek(&p->sc, 0);
	if (c == ';') {
		scan_advance(&p->sc, 1);
		return 0;
	}
	if (c == '$' || c == '@' || c == '%')
		return parse_assign(p, false, false);
	if (c >= '0' && c <= '9')
		return scan_number(&p->sc) != NULL ? parse_end(p, at) : -1;
	size_t n = scan_name(&p->sc);
	return n != 0 ? parse_keyword(p, n)
		      : unexpected(p, "expected a variable");
}

static bool
at_end(const struct parser *p)
{
	size_t n = scan_name(&p->sc);
	return p->sc.s == p->sc.end ||
	       (n == 7 && memcmp(p->sc.s, "__END__", n) == 0) ||
	       (n == 8 && memcmp(p->sc.s, "__DATA__", n) == 0);
}

static int
parse_file(struct parser *p)
{
	const char *nul = memchr(p->sc.s, '\0', (size_t)(p->sc.end - p->sc.s));
	if (nul != NULL) {
		scan_advance(&p->sc, (size_t)(nul - p->sc.s));
		return scan_fail(&p->sc, p->sc.at,
		    "character 0: this is no text file");
	}
	if (scan_looking_at(&p->sc, "\xef\xbb\xbf"))
		p->sc.s += 3; /* an editor's byte order mark */
	for (scan_blanks(&p->sc); !at_end(p); scan_blanks(&p->sc))
		if (parse_statement(p) == -1)
			return -1;
	return 0;
}

static void
drop_mine(struct parser *p)
{
	struct value *vars = p->vars;
	size_t m = 0;
	for (size_t i = 0; i < vars->n; i++) {
		if (p->mine[i])
			continue;
		vars->keys[m] = vars->keys[i];
		vars->key_at[m] = vars->key_at[i];
		vars->items[m++] = vars->items[i];
	}
	vars->n = m;
}

struct value *
value_parse(const char *file, const char *text, size_t len,
    const struct value_hooks *hooks, struct arena *a, struct err *err)
{
	struct parser *p = mem_calloc(1, sizeof(*p));
	p->sc = (struct scan){ .file = file,
		.s = text,
		.end = text + len,
		.at = { 1, 1 },
		.arena = a,
		.hooks = hooks,
		.err = err };
	p->memory_max = a->total + VALUE_MEMORY_MAX;
	p->vars = new_value(p, VALUE_HASH, p->sc.at);
	p->vars->keys = arena_array(a, VALUE_NAMES_MAX, sizeof(const char *));
	p->vars->key_at =
	    arena_array(a, VALUE_NAMES_MAX, sizeof(struct value_place));
	p->vars->items =
	    arena_array(a, VALUE_NAMES_MAX, sizeof(struct value *));
	struct value *vars = parse_file(p) == 0 ? p->vars : NULL;
	if (vars != NULL)
		drop_mine(p);
	buf_free(&p->sc.text);
	free(p);
	return vars;
}

const struct value *
value_get(const struct value *hash, const char *key)
{
	if (hash == NULL || hash->type != VALUE_HASH)
		return NULL;
	for (size_t i = 0; i < hash->n; i++)
		if (strcmp(hash->keys[i], key) == 0)
			return hash->items[i];
	return NULL;
}

/* ---- printing ------------------------------------------------------------- */

void
value_print_string(const char *text, struct buf *out)
{
	buf_addc(out, '\'');
	for (const char *s = text; *s != '\0'; s++) {
		if (*s == '\'' || *s == '\\')
			buf_addc(out, '\\');
		buf_addc(out, *s);
	}
	buf_addc(out, '\'');
}

static void
print_list(const struct value *v, char open, char close, struct buf *out)
{
	buf_addc(out, open);
	for (size_t i = 0; i < v->n; i++) {
		buf_adds(out, i == 0 ? " " : ", ");
		if (v->type == VALUE_HASH) {
			value_print_string(v->keys[i], out);
			buf_adds(out, " => ");
		}
		value_print(v->items[i], out);
	}
	buf_addc(out, ' ');
	buf_addc(out, close);
}

void
value_print(const struct value *v, struct buf *out)
{
	switch (v->type) {
	case VALUE_UNDEF:
		buf_adds(out, "undef");
		break;
	case VALUE_SCALAR:
		if (v->is_number)
			buf_adds(out, v->text);
		else
			value_print_string(v->text, out);
		break;
	case VALUE_ARRAY:
		print_list(v, '[', ']', out);
		break;
	case VALUE_HASH:
		print_list(v, '{', '}', out);
		break;
	}
}
