/*
 * scan: characters of a config text with their place, and the tokens that
 * need no grammar: blanks, names, numbers, the ends of quoted strings.
 * Only value.c and value_text.c use it.
 */
#ifndef CONF_SCAN_H
#define CONF_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "conf/value.h"

struct scan {
	const char *file;
	const char *s; /* next character */
	const char *end;
	struct value_place at; /* of *s */
	struct arena *arena;
	struct buf text; /* of the string that is being read */
	const struct value_hooks *hooks;
	struct err *err;
};

/* Put "file:line:column: text" into err (or the warnings).  -1. */
int scan_fail(struct scan *sc, struct value_place at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void scan_warn(struct scan *sc, struct value_place at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The n-th character from here, -1 past the end. */
static inline int
scan_peek(const struct scan *sc, size_t n)
{
	return n < (size_t)(sc->end - sc->s) ? (unsigned char)sc->s[n] : -1;
}

void scan_advance(struct scan *sc, size_t n);

/* Is `word` next?  Consumes nothing. */
bool scan_looking_at(const struct scan *sc, const char *word);

/* Blanks, comments and POD. */
void scan_blanks(struct scan *sc);

/* Length of the name [A-Za-z_][A-Za-z0-9_]* that starts here, 0: none. */
size_t scan_name(const struct scan *sc);

/* The word or character here, for messages; valid until the next call. */
const char *scan_word(const struct scan *sc, char *buf, size_t size);

/*
 * A number in Perl's spellings (1_000, 0x1f, 017, 1.5, -3), as decimal text
 * in the arena.  NULL and err: not one.
 */
const char *scan_number(struct scan *sc);

/*
 * The text of a quoted string.  `vars` is where interpolation looks names
 * up.  scan_is_quote tells whether '...', "...", q or qq starts here.
 */
bool scan_is_quote(const struct scan *sc);
const char *scan_quoted(struct scan *sc, struct value *vars);

/* The words of qw(...), each added to out by `add`. */
bool scan_is_qw(const struct scan *sc);
int scan_qw(struct scan *sc,
    int (*add)(void *ctx, const char *word, struct value_place at), void *ctx);

/*
 * The text of variable `name` (with sigil) that stands at `at`: what the
 * file set, else what the hooks know, else "" with a warning.
 */
const char *scan_variable(struct scan *sc, struct value *vars, const char *name,
    struct value_place at);

#endif
