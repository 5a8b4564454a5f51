/*
 * value: what follows a term's words, checked against the term's row.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "filter/parse.h"

/* ---- numbers ----------------------------------------------------------------- */

static bool
out_of_range(struct parser *ps, const struct token *at,
    const struct term_def *d)
{
	char expected[sizeof(ps->fe->expected)];
	expect_value(d, expected, sizeof(expected));
	return parse_error(ps, at, expected, "number outside of range 0..%llu",
	    (unsigned long long)d->limit);
}

static bool
named(struct parser *ps, const struct term_def *d, uint64_t *v)
{
	char text[64], expected[sizeof(ps->fe->expected)];
	if (lex_copy(&ps->tok, text, sizeof(text)) &&
	    names_find(d->names, text, v))
		return true;
	expect_value(d, expected, sizeof(expected));
	(void)parse_error(ps, &ps->tok, expected, "unknown %s", d->names->what);
	return hint_name(ps, &ps->tok, d->names);
}

static bool
number(struct parser *ps, const struct term_def *d, uint64_t *v)
{
	enum lex_number kind = lex_number(&ps->tok, v);
	bool word = ps->tok.kind == TOK_WORD && !lex_is(&ps->tok, "and") &&
		    !lex_is(&ps->tok, "or") && !lex_is(&ps->tok, "not") &&
		    (!lex_is(&ps->tok, "in") || d->names == &names_pf_dir);
	if (kind == LEX_NO_NUMBER && d->names != NULL && word) {
		if (!named(ps, d, v))
			return false;
	} else if (kind == LEX_NO_NUMBER) {
		return hint_value(ps, &ps->tok, d);
	} else if (kind == LEX_TOO_LARGE || *v > d->limit) {
		return out_of_range(ps, &ps->tok, d);
	}
	parse_next(ps);
	return true;
}

/* ---- lists --------------------------------------------------------------------- */

/* Values of a list while it is read; one of the two. */
struct items {
	uint64_t *num;
	struct prefix *net;
	size_t n;
	size_t cap;
};

static void
reserve(struct items *it, bool nets)
{
	if (it->cap - it->n >= FILTER_ADDRS_MAX)
		return;
	it->cap = it->cap != 0 ? it->cap * 2 : 2 * FILTER_ADDRS_MAX;
	if (nets)
		it->net = mem_realloc(it->net, it->cap, sizeof(it->net[0]));
	else
		it->num = mem_realloc(it->num, it->cap, sizeof(it->num[0]));
}

static bool items(struct parser *ps, const struct term_def *d, struct items *it,
    bool file);

/* A value, a host name with several, or a file of values. */
static bool
item(struct parser *ps, const struct term_def *d, struct items *it)
{
	bool nets = d->value == VALUE_HOST;
	size_t n = 1;
	if (ps->tok.kind == TOK_FILE) {
		if (!source_list(ps) || !items(ps, d, it, true))
			return false;
		source_close(ps);
		return true;
	}
	reserve(it, nets);
	if (nets ? !parse_host_or_net(ps, it->net + it->n, FILTER_ADDRS_MAX, &n)
		 : !number(ps, d, &it->num[it->n]))
		return false;
	it->n += n;
	return true;
}

/* a b, c up to ] or the file's end: a comma may stand between two items. */
static bool
items(struct parser *ps, const struct term_def *d, struct items *it, bool file)
{
	for (bool first = true;; first = false) {
		if (file ? ps->tok.kind == TOK_END
			 : !first && lex_is_char(&ps->tok, ']'))
			return true;
		if (!first && ps->tok.kind == TOK_END) {
			(void)parse_syntax(ps, "] or a value");
			return parse_hint(ps, "a ] is missing");
		}
		if (!item(ps, d, it))
			return false;
		if (lex_is_char(&ps->tok, ',')) {
			parse_next(ps);
			if (!file && lex_is_char(&ps->tok, ']'))
				return hint_value(ps, &ps->tok, d);
		}
	}
}

static bool
list(struct parser *ps, struct term *t)
{
	struct items it = { 0 };
	if (!lex_is_char(&ps->tok, '['))
		return parse_syntax(ps, "[ and a list of values");
	parse_next(ps);
	bool ok = items(ps, t->def, &it, false);
	if (ok)
		parse_next(ps);
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

void
parse_number(struct parser *ps, struct term *t, uint64_t v)
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
	char expected[sizeof(ps->fe->expected)];
	uint64_t v;
	expect_value(t->def, expected, sizeof(expected));
	if (lex_number(&ps->tok, &v) != LEX_NO_NUMBER) {
		if (!number(ps, t->def, &v))
			return false;
		parse_number(ps, t, v);
		return true;
	}
	if (!flag_letters(&ps->tok, &v) ||
	    (compared && (t->op != CMP_EQ || !ps->tok.glued))) {
		(void)parse_error(ps, &ps->tok, expected, "invalid flags");
		return hint_flags(ps, &ps->tok, compared);
	}
	parse_next(ps);
	if (compared) {
		parse_number(ps, t, v);
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
	parse_number(ps, t, v);
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
	parse_number(ps, t, v);
	return true;
}

bool
parse_value(struct parser *ps, struct term *t)
{
	bool compared =
	    ps->tok.kind == TOK_CMP && (t->def->opt & TERM_RAW) == 0;
	if ((t->def->opt & TERM_LIST) != 0 && lex_is(&ps->tok, "in")) {
		parse_next(ps);
		return list(ps, t);
	}
	t->op = CMP_EQ;
	if (compared) {
		if ((t->def->opt & TERM_CMP) == 0)
			return hint_comparison(ps, t->def);
		t->op = ps->tok.cmp;
		parse_next(ps);
	}
	switch (t->def->value) {
	case VALUE_NONE:
		return true;
	case VALUE_NUM:
		return one_value(ps, t);
	case VALUE_HOST:
		return parse_host(ps, t);
	case VALUE_NET:
		return parse_net(ps, t);
	case VALUE_FLAGS:
		return flags(ps, t, compared);
	case VALUE_MAC:
		return mac(ps, t);
	case VALUE_IDENT:
		return parse_string(ps, "an ident", 255, t);
	case VALUE_TIME:
		return parse_time(ps, t);
	case VALUE_OWN:
		return t->def->ops->read(ps, t);
	}
	return false;
}
