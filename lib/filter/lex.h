/*
 * lex: the words of a filter text.  Keywords are not special here: the
 * parser knows where a word is a keyword, so `flags AS` and `as 1` are both
 * words, and `port=80` is three tokens.
 *
 * A # begins a comment, up to the end of the line; in files of lists a ;
 * does as well.  A word is the longest run of [A-Za-z0-9_:.-], so numbers, addresses, times
 * and names are words; what a word means is asked with the lex_ functions.
 */
#ifndef FILTER_LEX_H
#define FILTER_LEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum tok {
	TOK_END,
	TOK_WORD,
	TOK_STRING,  /* quoted; s and len are without the quotes */
	TOK_CMP,     /* = == > >= < <=, and eq gt lt ge le */
	TOK_AND,     /* && */
	TOK_OR,      /* || */
	TOK_NOT,     /* ! */
	TOK_CHAR,    /* ( ) [ ] , / % @ */
	TOK_FILE,    /* @name, @'a name': s and len are the name */
	TOK_INCLUDE, /* @include name, likewise */
	TOK_DEFINE,  /* @define */
	TOK_OPEN,    /* a quote that does not end on its line */
	TOK_BAD      /* no token starts like this */
};

enum cmp {
	CMP_EQ,
	CMP_GT,
	CMP_GE,
	CMP_LT,
	CMP_LE,
	CMP_IN,   /* in [ ... ] */
	CMP_MASK, /* value & num[0] == num[1] */
	CMP_ANY   /* value & num[0] != 0 */
};

struct token {
	enum tok kind;
	enum cmp cmp; /* of TOK_CMP */
	const char *s;
	size_t len;
	int line;       /* from 1 */
	int column;     /* from 1 */
	bool glued;     /* nothing between it and the token before */
	const char *at; /* where it begins, with its quote or @ */
	/* for messages */
	const char *line_start;
	const char *end;  /* of the whole text */
	const char *file; /* NULL: the text that was given */
};

struct lexer {
	const char *p;
	const char *end;
	const char *line_start;
	const char *file;
	int line;
	bool list; /* a list from a file */
};

void lex_init(struct lexer *lx, const char *text, size_t n);
struct token lex_next(struct lexer *lx);

/* The word (any case) or the character. */
bool lex_is(const struct token *t, const char *word);
bool lex_is_char(const struct token *t, char c);

enum lex_number { LEX_NO_NUMBER, LEX_NUMBER, LEX_TOO_LARGE };

/* Digits, 0x and hex digits, digits and one of kmgt (powers of 1000). */
enum lex_number lex_number(const struct token *t, uint64_t *value);

/* Its first character; '\0' when it is empty. */
static inline char
lex_first(const struct token *t)
{
	return t->len != 0 ? *t->s : '\0';
}

/* The token as a string; false when it has no room. */
bool lex_copy(const struct token *t, char *buf, size_t size);

#endif
