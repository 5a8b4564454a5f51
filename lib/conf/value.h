/*
 * value: the Perl subset that nfsen.conf is written in, read into a tree.
 *
 *   file   := { stmt }
 *   stmt   := assign ';' | number ';' | ';' | ('our'|'my') assign ';' | 'use' ... ';'
 *   assign := '$' NAME '=' expr | '@' NAME '=' list | '%' NAME '=' list
 *   expr   := term { '.' term }
 *   term   := '...' | "..." | q{} | qq{} | number | undef | $NAME | ${NAME}
 *           | '[' items ']' | '{' items '}' | '(' expr ')'
 *   list   := '(' items ')' | qw(words)
 *   items  := [ item { (',' | '=>') item } [','] ]
 *   item   := expr | qw(words) | BAREWORD (left of '=>')
 *
 * Later assignments win.  Comments, POD and __END__ are understood.  All
 * else (function calls, if, %ENV, here-docs, regexes) is an error with its
 * place: "file:line:column: what is wrong with which word".
 */
#ifndef CONF_VALUE_H
#define CONF_VALUE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

#define VALUE_DEPTH_MAX  32                 /* [ and { and ( inside another */
#define VALUE_TEXT_MAX   (1024 * 1024)      /* bytes of one string */
#define VALUE_MEMORY_MAX (64 * 1024 * 1024) /* bytes of a whole file's tree */
#define VALUE_NAMES_MAX  4096               /* variables of a file */

enum value_type { VALUE_UNDEF, VALUE_SCALAR, VALUE_ARRAY, VALUE_HASH };

struct value_place {
	int line;   /* from 1 */
	int column; /* characters, from 1 */
};

struct value {
	enum value_type type;
	const char *text;  /* VALUE_SCALAR */
	bool is_number;    /* written without quotes */
	bool used;         /* a variable that a later value reads */
	size_t n;          /* items of VALUE_ARRAY, pairs of VALUE_HASH */
	const char **keys; /* VALUE_HASH, in order of first appearance */
	struct value_place *key_at; /* where each key stands */
	struct value **items;       /* array items or hash values */
	int line;                   /* where it stands, from 1 */
	int column;
};

/* What the parser may ask and say beyond its result; all may be NULL. */
struct value_hooks {
	/* Text of a variable that is read before it is set, or NULL. */
	const char *(*unset)(const struct value *vars, const char *name,
	    struct arena *a);
	struct buf *warnings; /* "file:line:column: text" lines are added */
};

/*
 * Parse a whole file; the result is one VALUE_HASH from name with sigil
 * ("$BASEDIR", "@plugins", "%sources") to value, in the arena.  `my` variables can be
 * read by later values but are not in the result.  file is for messages;
 * hooks may be NULL.  NULL and err on the first error.
 */
struct value *value_parse(const char *file, const char *text, size_t len,
    const struct value_hooks *hooks, struct arena *a, struct err *err);

/* The value of a hash key, or NULL. */
const struct value *value_get(const struct value *hash, const char *key);

/*
 * Write a value in the syntax it was read from ("'it\'s'", "42", "[ 1, 2 ]").
 * value_print_string is for text of the caller's own.
 */
void value_print(const struct value *v, struct buf *out);
void value_print_string(const char *text, struct buf *out);

#endif
