#include "filter/lex.h"

#include <string.h>
#include <strings.h>

static bool
is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_' || c == ':' || c == '.' ||
	       c == '-';
}

void
lex_init(struct lexer *lx, const char *text, size_t n)
{
	*lx = (struct lexer){ .p = text,
		.end = text + n,
		.line_start = text,
		.line = 1 };
}

static void
skip_space(struct lexer *lx)
{
	for (; lx->p < lx->end; lx->p++) {
		if (*lx->p == '#' || (lx->list && *lx->p == ';')) {
			while (lx->p < lx->end && *lx->p != '\n')
				lx->p++;
			if (lx->p == lx->end)
				return;
		}
		if (*lx->p == '\n') {
			lx->line++;
			lx->line_start = lx->p + 1;
		} else if (strchr(" \t\r\f\v", *lx->p) == NULL ||
			   *lx->p == '\0') {
			return;
		}
	}
}

/* A quoted string ends at the same quote on the same line. */
static void
string(struct lexer *lx, struct token *t)
{
	char quote = *lx->p++;
	t->s = lx->p;
	while (lx->p < lx->end && *lx->p != quote && *lx->p != '\n' &&
	       (unsigned char)*lx->p >= ' ')
		lx->p++;
	t->len = (size_t)(lx->p - t->s);
	if (lx->p < lx->end && *lx->p == quote) {
		t->kind = TOK_STRING;
		lx->p++;
	} else {
		t->kind = TOK_OPEN;
	}
}

/* The name of a file: quoted, or up to a blank or what ends an item. */
static void
file_name(struct lexer *lx, struct token *t, enum tok kind)
{
	if (lx->p < lx->end && (*lx->p == '\'' || *lx->p == '"')) {
		string(lx, t);
		if (t->kind == TOK_STRING)
			t->kind = kind;
		return;
	}
	t->s = lx->p;
	while (lx->p < lx->end && (unsigned char)*lx->p > ' ' &&
	       (kind == TOK_INCLUDE || strchr(",]#", *lx->p) == NULL))
		lx->p++;
	t->len = (size_t)(lx->p - t->s);
	t->kind = kind;
}

/* @ and what is glued to it: a directive, or a file of a list. */
static void
at(struct lexer *lx, struct token *t)
{
	lx->p++;
	file_name(lx, t, TOK_FILE);
	bool quoted = t->s != t->at + 1;
	if (!quoted && t->len == 6 && strncasecmp(t->s, "define", 6) == 0) {
		t->kind = TOK_DEFINE;
	} else if (!quoted && t->len == 7 &&
		   strncasecmp(t->s, "include", 7) == 0) {
		while (lx->p < lx->end && (*lx->p == ' ' || *lx->p == '\t'))
			lx->p++;
		file_name(lx, t, TOK_INCLUDE);
	} else if (t->kind == TOK_FILE && t->len == 0) {
		t->kind = TOK_CHAR;
		t->s = t->at;
		t->len = 1;
	}
}

static const struct {
	const char *text; /* longer ones first */
	enum tok kind;
	enum cmp cmp;
} signs[] = {
	{ "==", TOK_CMP, CMP_EQ },
	{ ">=", TOK_CMP, CMP_GE },
	{ "<=", TOK_CMP, CMP_LE },
	{ "&&", TOK_AND, CMP_EQ },
	{ "||", TOK_OR, CMP_EQ },
	{ "=", TOK_CMP, CMP_EQ },
	{ ">", TOK_CMP, CMP_GT },
	{ "<", TOK_CMP, CMP_LT },
	{ "!", TOK_NOT, CMP_EQ },
	{ "(", TOK_CHAR, CMP_EQ },
	{ ")", TOK_CHAR, CMP_EQ },
	{ "[", TOK_CHAR, CMP_EQ },
	{ "]", TOK_CHAR, CMP_EQ },
	{ ",", TOK_CHAR, CMP_EQ },
	{ "/", TOK_CHAR, CMP_EQ },
	{ "%", TOK_CHAR, CMP_EQ },
};

static void
sign(struct lexer *lx, struct token *t)
{
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		size_t n = strlen(signs[i].text);
		if ((size_t)(lx->end - lx->p) < n ||
		    memcmp(lx->p, signs[i].text, n) != 0)
			continue;
		t->kind = signs[i].kind;
		t->cmp = signs[i].cmp;
		t->len = n;
		lx->p += n;
		return;
	}
	t->kind = TOK_BAD;
	t->len = 1;
	lx->p++;
}

static const struct {
	const char *word;
	enum cmp cmp;
} compare_words[] = {
	{ "eq", CMP_EQ },
	{ "gt", CMP_GT },
	{ "ge", CMP_GE },
	{ "lt", CMP_LT },
	{ "le", CMP_LE },
};

static void
word(struct lexer *lx, struct token *t)
{
	while (lx->p < lx->end && is_word(*lx->p))
		lx->p++;
	t->kind = TOK_WORD;
	t->len = (size_t)(lx->p - t->s);
	for (size_t i = 0; i < sizeof(compare_words) / sizeof(compare_words[0]);
	     i++) {
		if (lex_is(t, compare_words[i].word)) {
			t->kind = TOK_CMP;
			t->cmp = compare_words[i].cmp;
			return;
		}
	}
}

struct token
lex_next(struct lexer *lx)
{
	const char *before = lx->p;
	skip_space(lx);
	struct token t = { .kind = TOK_END,
		.s = lx->p,
		.line = lx->line,
		.column = (int)(lx->p - lx->line_start) + 1,
		.glued = lx->p == before,
		.at = lx->p,
		.line_start = lx->line_start,
		.end = lx->end,
		.file = lx->file };
	if (lx->p == lx->end)
		return t;
	if (is_word(*lx->p))
		word(lx, &t);
	else if (*lx->p == '\'' || *lx->p == '"')
		string(lx, &t);
	else if (*lx->p == '@')
		at(lx, &t);
	else
		sign(lx, &t);
	return t;
}

bool
lex_is(const struct token *t, const char *text)
{
	return t->kind == TOK_WORD && strlen(text) == t->len &&
	       strncasecmp(t->s, text, t->len) == 0;
}

bool
lex_is_char(const struct token *t, char c)
{
	return t->kind == TOK_CHAR && *t->s == c;
}

static uint64_t
unit(char c)
{
	switch (c) {
	case 'k':
	case 'K':
		return 1000;
	case 'm':
	case 'M':
		return 1000 * 1000;
	case 'g':
	case 'G':
		return 1000 * 1000 * 1000;
	case 't':
	case 'T':
		return UINT64_C(1000000000000);
	default:
		return 0;
	}
}

static int
digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 99;
}

enum lex_number
lex_number(const struct token *t, uint64_t *value)
{
	if (t->kind != TOK_WORD)
		return LEX_NO_NUMBER;
	const char *p = t->s, *end = t->s + t->len;
	unsigned base = 10;
	uint64_t factor = 1;
	if (t->len > 2 && p[0] == '0' && (p[1] == 'x' || p[1] == 'X')) {
		base = 16;
		p += 2;
	} else if (t->len > 1 && unit(end[-1]) != 0) {
		factor = unit(*--end);
	}
	uint64_t v = 0;
	bool large = false;
	for (; p < end; p++) {
		int d = digit(*p);
		if (d >= (int)base)
			return LEX_NO_NUMBER;
		large |= __builtin_mul_overflow(v, base, &v);
		large |= __builtin_add_overflow(v, (uint64_t)d, &v);
	}
	large |= __builtin_mul_overflow(v, factor, &v);
	*value = v;
	return large ? LEX_TOO_LARGE : LEX_NUMBER;
}

bool
lex_copy(const struct token *t, char *buf, size_t size)
{
	if (t->len >= size)
		return false;
	memcpy(buf, t->s, t->len);
	buf[t->len] = '\0';
	return true;
}
