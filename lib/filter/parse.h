/*
 * parse: what the parser (parse.c: expressions) and the reader of values
 * (value.c: what follows a term's words) share.
 */
#ifndef FILTER_PARSE_H
#define FILTER_PARSE_H

#include "filter/lex.h"
#include "filter/tree.h"

#define PARSE_AHEAD 8 /* tokens that may be looked at before they are taken */

/*
 * A text that tokens come from: the filter itself, a file, a named filter.
 * A file of @include goes on into the text that includes it; the others are
 * read to their end (TOK_END) by whoever has opened them, and closed.
 */
struct source {
	struct lexer lx;
	struct source *up;
	const char *path; /* of a file, links followed; or NULL */
	const char *name; /* of a named filter; or NULL */
	bool included;
	int nesting;
	/* tokens of `up` that were looked at when this one was opened */
	struct token ahead[PARSE_AHEAD];
	unsigned n_ahead;
	size_t definitions; /* that were known then */
};

/* @define, or a file of the folder of named filters. */
struct definition {
	const char *name;
	struct lexer lx; /* at its beginning */
	const char *path;
};

struct parser {
	struct source *src;
	struct token tok; /* the next one, not yet taken */
	struct token ahead[PARSE_AHEAD];
	unsigned n_ahead;
	struct arena *arena;
	struct filter *filter;                /* the one being made */
	const struct filter_options *options; /* never NULL */
	struct filter_error *fe;
	bool failed; /* fe is filled: the first error counts */
	int depth;
	bool negated; /* below an odd number of nots */
	struct definition *definition;
	size_t definitions;
	unsigned files;
	size_t files_bytes;
	unsigned uses;
	size_t uses_bytes;
	unsigned hosts;
};

/* ---- source.c ---- */

/* Begin with a text; tokens are borrowed from it. */
void source_init(struct parser *ps, const char *text, size_t n);

/* Take the next token; the one after it becomes ps->tok. */
void parse_next(struct parser *ps);

/* The token i places behind ps->tok, up to PARSE_AHEAD; 0: ps->tok itself. */
const struct token *parse_peek(struct parser *ps, unsigned i);

/* ps->tok names a file of a list: its first token is next.  Close it. */
bool source_list(struct parser *ps);

/* ps->tok names a filter: its first token is next.  Close it. */
bool source_named(struct parser *ps);

/* At the end of what was opened: go on behind it. */
void source_close(struct parser *ps);

/* Name the text between the two tokens, both of the same text. */
bool source_define(struct parser *ps, const struct token *name,
    const struct token *open, const struct token *close);

/* ---- error.c ---- */

/* Fill the error from the token.  Always false. */
bool parse_error(struct parser *ps, const struct token *at,
    const char *expected, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Add what may be meant to the error just made.  Always false. */
bool parse_hint(struct parser *ps, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* As with err_set: analysers see one file at a time. */
#ifdef __clang_analyzer__
#define parse_error(...) ((void)(parse_error)(__VA_ARGS__), false)
#define parse_hint(...)  ((void)(parse_hint)(__VA_ARGS__), false)
#endif

/* "syntax error" at the next token. */
bool parse_syntax(struct parser *ps, const char *expected);

/* ---- hint.c: what may be meant, and what would be accepted ---- */

/* No term begins with the token. */
bool hint_term(struct parser *ps, const struct token *at);

/* `words` words of a term are right, the token behind them is not. */
bool hint_phrase(struct parser *ps, const struct token *at, unsigned words);

/* The direction cannot stand before the term. */
bool hint_direction(struct parser *ps, const struct token *at,
    const struct term *t);

/* The token is no value of the term. */
bool hint_value(struct parser *ps, const struct token *at,
    const struct term_def *d);

/* The term takes no comparator, and one is next. */
bool hint_comparison(struct parser *ps, const struct term_def *d);

/* More about an unknown name. */
bool hint_name(struct parser *ps, const struct token *at,
    const struct names *names);

/* The same, in words. */
void expect_value(const struct term_def *d, char *buf, size_t size);

/* More about an error made already. */
bool hint_address(struct parser *ps, const struct token *at);
bool hint_net(struct parser *ps, const struct addr *a);
bool hint_flags(struct parser *ps, const struct token *at, bool compared);

/* The token stands behind a whole expression. */
bool hint_operator(struct parser *ps, const struct token *at);

/* ---- value.c, address.c, time.c ---- */

/*
 * Take a word or a quoted string of 1 to max bytes as the term's text;
 * `what` names it in messages ("a user name").
 */
bool parse_string(struct parser *ps, const char *what, size_t max,
    struct term *t);

/* t->data = d, which the filter will free; d->refs is set here. */
void parse_keep(struct parser *ps, struct term *t, struct term_data *d);

/* The term's only value. */
void parse_number(struct parser *ps, struct term *t, uint64_t v);

/* Comparator, list and values of t->def, checked against its limits. */
bool parse_value(struct parser *ps, struct term *t);

/* The values behind a term's words when they are times, addresses, networks. */
bool parse_time(struct parser *ps, struct term *t);
bool parse_host(struct parser *ps, struct term *t);
bool parse_net(struct parser *ps, struct term *t);

/*
 * An item of a list: an address, a network, or a host name with all its
 * addresses.  At most `room` prefixes into p[]; the number in *n.
 */
bool parse_host_or_net(struct parser *ps, struct prefix *p, size_t room,
    size_t *n);

#endif
