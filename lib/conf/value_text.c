/*
 * Quoted strings: '...', "...", q{}, qq{}, qw().
 */
#include <string.h>

#include "conf/scan.h"

struct quote {
	char open;
	char close;
	bool interpolate;
	struct value_place at;
};

/* A delimiter that q, qq and qw may have here; not one of `q => 1`. */
static bool
is_delimiter(int c)
{
	return c > ' ' && c < 0x7f && strchr("=,;)]}>_", c) == NULL &&
	       !(c >= '0' && c <= '9') &&
	       !((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* Length of operator `op` and the blanks before its delimiter, 0: not here. */
static size_t
operator_length(const struct scan *sc, const char *op)
{
	size_t n = strlen(op);
	if (scan_name(sc) != n || memcmp(sc->s, op, n) != 0)
		return 0;
	size_t i = n;
	while (scan_peek(sc, i) == ' ' || scan_peek(sc, i) == '\t')
		i++;
	int c = scan_peek(sc, i);
	/* After a blank a '#' begins a comment. */
	return is_delimiter(c) && (c != '#' || i == n) ? i : 0;
}

bool
scan_is_quote(const struct scan *sc)
{
	int c = scan_peek(sc, 0);
	return c == '\'' || c == '"' || operator_length(sc, "q") != 0 ||
	       operator_length(sc, "qq") != 0;
}

bool
scan_is_qw(const struct scan *sc)
{
	return operator_length(sc, "qw") != 0;
}

static char
closing(char open)
{
	switch (open) {
	case '(':
		return ')';
	case '[':
		return ']';
	case '{':
		return '}';
	case '<':
		return '>';
	default:
		return open;
	}
}

static struct quote
quote_begin(struct scan *sc)
{
	struct quote q = { .at = sc->at };
	size_t n = operator_length(sc, "q");
	if (n == 0) {
		n = operator_length(sc, "qq");
		q.interpolate = n != 0 || scan_peek(sc, 0) == '"';
	}
	if (n == 0)
		n = operator_length(sc, "qw");
	scan_advance(sc, n);
	q.open = (char)scan_peek(sc, 0);
	q.close = closing(q.open);
	scan_advance(sc, 1);
	return q;
}

static int
unterminated(struct scan *sc, const struct quote *q)
{
	return scan_fail(sc, q->at, "string has no end: '%c' is missing",
	    q->close);
}

/* ---- interpolation -------------------------------------------------------- */

static const char *
find_text(struct scan *sc, struct value *vars, const char *name,
    struct value_place at, bool *found)
{
	*found = false;
	for (size_t i = 0; i < vars->n; i++) {
		if (strcmp(vars->keys[i], name) != 0)
			continue;
		struct value *v = vars->items[i];
		*found = true;
		v->used = true;
		if (v->type == VALUE_SCALAR)
			return v->text;
		if (v->type == VALUE_UNDEF)
			return "";
		(void)scan_fail(sc, at, "'%s' is a list, not a text", name);
		return NULL;
	}
	return NULL;
}

const char *
scan_variable(struct scan *sc, struct value *vars, const char *name,
    struct value_place at)
{
	bool found;
	const char *text = find_text(sc, vars, name, at, &found);
	if (found)
		return text;
	if (sc->hooks != NULL && sc->hooks->unset != NULL)
		text = sc->hooks->unset(vars, name, sc->arena);
	if (text != NULL)
		return text;
	scan_warn(sc, at, "'%s' is not set above this line, taken as empty",
	    name);
	return "";
}

/* What may not follow a variable: $a[0], $a{x}, $a->[0], $a::b. */
static bool
element_follows(const struct scan *sc)
{
	return scan_peek(sc, 0) == '[' || scan_peek(sc, 0) == '{' ||
	       scan_looking_at(sc, "->[") || scan_looking_at(sc, "->{") ||
	       scan_looking_at(sc, "::");
}

/* $NAME or ${NAME} inside a string. */
static int
interpolate(struct scan *sc, struct value *vars)
{
	struct value_place at = sc->at;
	scan_advance(sc, 1);
	bool braces = scan_peek(sc, 0) == '{';
	if (braces)
		scan_advance(sc, 1);
	size_t n = scan_name(sc);
	if (n == 0)
		return scan_fail(sc, at,
		    "'$' without a name in a string: write '\\$'");
	const char *name = arena_printf(sc->arena, "$%.*s", (int)n, sc->s);
	scan_advance(sc, n);
	if (braces && scan_peek(sc, 0) != '}')
		return scan_fail(sc, at, "'${%s' needs a '}'", name + 1);
	if (braces)
		scan_advance(sc, 1);
	else if (element_follows(sc))
		return scan_fail(sc, at,
		    "element of '%s' in a string: only whole variables can be "
		    "used, write '${%s}' when one is meant",
		    name, name + 1);
	const char *text = scan_variable(sc, vars, name, at);
	if (text == NULL)
		return -1;
	buf_adds(&sc->text, text);
	return 0;
}

/* Backslash and the character after it in an interpolated string. */
static int
escape(struct scan *sc)
{
	static const char from[] = "ntr", to[] = "\n\t\r";
	int c = scan_peek(sc, 1);
	const char *known = c > 0 ? strchr(from, c) : NULL;
	if (known != NULL)
		c = (unsigned char)to[known - from];
	else if ((c >= '0' && c <= '9') ||
		 ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'))
		return scan_fail(sc, sc->at, "escape '\\%c' is not known", c);
	buf_addc(&sc->text, (char)c);
	scan_advance(sc, 2);
	return 0;
}

/* '@' begins an array in Perl; a mail address in "..." lost its host there. */
static bool
array_begins(const struct scan *sc)
{
	int c = scan_peek(sc, 1);
	return c == '_' || c == '{' || c == '$' || c == ':' ||
	       ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

static int
interpolated_char(struct scan *sc, struct value *vars)
{
	switch (scan_peek(sc, 0)) {
	case '\\':
		if (sc->end - sc->s > 1)
			return escape(sc);
		break;
	case '$':
		return interpolate(sc, vars);
	case '@':
		if (array_begins(sc))
			return scan_fail(sc, sc->at,
			    "'@' in a \"string\" names an array: write '\\@' "
			    "or use single quotes");
		break;
	default:
		break;
	}
	buf_addc(&sc->text, *sc->s);
	scan_advance(sc, 1);
	return 0;
}

/* A character of '...' or q{}: only \\ and \delimiter are escapes. */
static void
plain_char(struct scan *sc, const struct quote *q)
{
	if (*sc->s == '\\' &&
	    (scan_peek(sc, 1) == '\\' || scan_peek(sc, 1) == q->open ||
		scan_peek(sc, 1) == q->close))
		scan_advance(sc, 1);
	buf_addc(&sc->text, *sc->s);
	scan_advance(sc, 1);
}

const char *
scan_quoted(struct scan *sc, struct value *vars)
{
	struct quote q = quote_begin(sc);
	unsigned depth = 1;
	buf_clear(&sc->text);
	for (;;) {
		if (sc->s == sc->end) {
			(void)unterminated(sc, &q);
			return NULL;
		}
		if (*sc->s == q.close && --depth == 0)
			break;
		if (*sc->s == q.open && q.open != q.close)
			depth++;
		if (!q.interpolate)
			plain_char(sc, &q);
		else if (interpolated_char(sc, vars) == -1)
			return NULL;
		if (sc->text.len > VALUE_TEXT_MAX) {
			(void)scan_fail(sc, q.at,
			    "string is longer than %d bytes", VALUE_TEXT_MAX);
			return NULL;
		}
	}
	scan_advance(sc, 1);
	return arena_strndup(sc->arena, buf_str(&sc->text), sc->text.len);
}

int
scan_qw(struct scan *sc,
    int (*add)(void *ctx, const char *word, struct value_place at), void *ctx)
{
	struct quote q = quote_begin(sc);
	for (;;) {
		while (sc->s < sc->end && strchr(" \t\r\n\f", *sc->s) != NULL)
			scan_advance(sc, 1);
		if (sc->s == sc->end)
			return unterminated(sc, &q);
		if (*sc->s == q.close)
			break;
		struct value_place at = sc->at;
		const char *from = sc->s;
		while (sc->s < sc->end && *sc->s != q.close &&
		       strchr(" \t\r\n\f", *sc->s) == NULL)
			scan_advance(sc, 1);
		if (add(ctx,
			arena_strndup(sc->arena, from, (size_t)(sc->s - from)),
			at) == -1)
			return -1;
	}
	scan_advance(sc, 1);
	return 0;
}
