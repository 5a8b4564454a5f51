/*
 * print: the normal form.  Long names, signs for comparators, names for
 * numbers where nfdump has one, parentheses only where they matter.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "filter/tree.h"

static const char *const sign[] = {
	[CMP_EQ] = " ",
	[CMP_GT] = " > ",
	[CMP_GE] = " >= ",
	[CMP_LT] = " < ",
	[CMP_LE] = " <= ",
};

static void
print_phrase(const struct term *t, struct buf *out)
{
	for (const char *p = t->def->phrase; *p != '\0'; p++) {
		if (*p == '#')
			buf_printf(out, "%d", t->param + 1);
		else
			buf_addc(out, *p);
	}
}

static void
print_number(const struct term *t, uint64_t v, struct buf *out)
{
	const struct names *names = t->def->names;
	const char *name = names != NULL ? names_of(names, v) : NULL;
	if (name == NULL)
		buf_printf(out, "%llu", (unsigned long long)v);
	else
		for (; *name != '\0'; name++)
			buf_addc(out, (char)tolower((unsigned char)*name));
}

static void
print_prefix(const struct term *t, const struct prefix *p, struct buf *out)
{
	char text[PREFIX_STRLEN];
	bool bare = t->def->value == VALUE_HOST && prefix_is_host(p);
	buf_adds(out, bare ? addr_str(&p->addr, text) : prefix_str(p, text));
}

static void
print_value(const struct term *t, size_t i, struct buf *out)
{
	if (t->net != NULL)
		print_prefix(t, &t->net[i], out);
	else
		print_number(t, t->num[i], out);
}

static void
print_mask(const struct term *t, struct buf *out)
{
	if (t->def->value == VALUE_FLAGS) {
		buf_addc(out, ' ');
		for (int i = 0; i < 8; i++)
			if ((t->num[0] >> i & 1) != 0)
				buf_addc(out, "FSRPAUEC"[i]);
		return;
	}
	char text[ADDR_STRLEN];
	struct addr mask = addr_v4((uint32_t)t->num[0]);
	struct addr net = addr_v4((uint32_t)t->num[1]);
	buf_printf(out, " %s", addr_str(&net, text));
	buf_printf(out, " %s", addr_str(&mask, text));
}

/* Would the parser take the string for something else? */
static bool
is_plain(const char *s)
{
	static const char *const words[] = { "and", "or", "not", "eq", "gt",
		"ge", "lt", "le" };
	if (s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			"0123456789_-")] != '\0')
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasecmp(s, words[i]) == 0)
			return false;
	return true;
}

static void
print_text(const char *s, struct buf *out)
{
	if (is_plain(s)) {
		buf_printf(out, " %s", s);
		return;
	}
	char quote = strchr(s, '\'') != NULL ? '"' : '\'';
	buf_printf(out, " %c%s%c", quote, s, quote);
}

static void
print_values(const struct term *t, struct buf *out)
{
	if (t->op == CMP_MASK || t->op == CMP_ANY) {
		print_mask(t, out);
	} else if (t->op != CMP_IN) {
		buf_adds(out, sign[t->op]);
		print_value(t, 0, out);
	} else {
		buf_adds(out, " in [");
		for (size_t i = 0; i < t->n; i++) {
			buf_addc(out, ' ');
			print_value(t, i, out);
		}
		buf_adds(out, " ]");
	}
}

static void
print_mac(const struct term *t, struct buf *out)
{
	for (int i = 40; i >= 0; i -= 8)
		buf_printf(out, "%c%02x", i == 40 ? ' ' : ':',
		    (unsigned)(t->num[0] >> i & 255));
}

void
term_print(const struct term *t, struct buf *out)
{
	if (t->dir != DIR_NONE)
		buf_printf(out, "%s ", dir_text(t->dir));
	print_phrase(t, out);
	switch (t->def->value) {
	case VALUE_NONE:
		break;
	case VALUE_IDENT:
		print_text(t->text, out);
		break;
	case VALUE_MAC:
		print_mac(t, out);
		break;
	case VALUE_TIME:
		buf_printf(out, "%s%s", sign[t->op], t->text);
		break;
	case VALUE_OWN:
		if (t->def->ops->print != NULL)
			t->def->ops->print(t, out);
		else
			print_text(t->text, out);
		break;
	case VALUE_NUM:
	case VALUE_HOST:
	case VALUE_NET:
	case VALUE_FLAGS:
		print_values(t, out);
		break;
	}
}

/*
 * A kid that binds less than its parent needs parentheses, and what has a
 * label always.
 */
static void
print_node(const struct filter_node *x, enum node_kind parent, struct buf *out)
{
	bool wrap = x->kind > parent || parent == NODE_LABEL;
	if (wrap)
		buf_addc(out, '(');
	if (x->kind == NODE_TERM)
		term_print(&x->term, out);
	else if (x->kind == NODE_NOT)
		buf_adds(out, "not ");
	for (size_t i = 0; i < x->n; i++) {
		if (i != 0)
			buf_adds(out, x->kind == NODE_AND ? " and " : " or ");
		print_node(x->kid[i], x->kind, out);
	}
	if (x->kind == NODE_LABEL)
		buf_printf(out, " %%%s", x->label);
	if (wrap)
		buf_addc(out, ')');
}

void
filter_print(const struct filter *f, struct buf *out)
{
	print_node(f->root, NODE_OR, out);
}
