/*
 * parse: what the parser (parse.c: expressions) and the reader of values
 * (value.c: what follows a term's words) share.
 */
#ifndef FILTER_PARSE_H
#define FILTER_PARSE_H

#include "filter/lex.h"
#include "filter/tree.h"

struct parser {
	struct lexer lx;
	struct token tok; /* the next one, not yet taken */
	struct arena *arena;
	struct filter *filter;                /* the one being made */
	const struct filter_options *options; /* never NULL */
	struct filter_error *fe;
	int depth;
	bool negated; /* below an odd number of nots */
};

void parse_next(struct parser *ps);

/* Fill the error from the token.  Always false. */
bool parse_error(struct parser *ps, const struct token *at,
    const char *expected, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* As with err_set: analysers see one file at a time. */
#ifdef __clang_analyzer__
#define parse_error(...) ((void)(parse_error)(__VA_ARGS__), false)
#endif

/* "syntax error" at the next token. */
bool parse_syntax(struct parser *ps, const char *expected);

/*
 * Take a word or a quoted string of 1 to max bytes as the term's text;
 * `what` names it in messages ("a user name").
 */
bool parse_string(struct parser *ps, const char *what, size_t max,
    struct term *t);

/* t->data = d, which the filter will free; d->refs is set here. */
void parse_keep(struct parser *ps, struct term *t, struct term_data *d);

/* Comparator, list and values of t->def, checked against its limits. */
bool parse_value(struct parser *ps, struct term *t);

#endif
