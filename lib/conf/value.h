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
#include "base/err.h"

enum value_type {
	VALUE_UNDEF,
	VALUE_SCALAR,
	VALUE_ARRAY,
	VALUE_HASH
};

struct value {
	enum value_type type;
	const char *text;       /* VALUE_SCALAR */
	bool is_number;         /* written without quotes */
	size_t n;               /* items of VALUE_ARRAY, pairs of VALUE_HASH */
	const char **keys;      /* VALUE_HASH, in order of first appearance */
	struct value **items;   /* array items or hash values */
	int line;               /* where it stands, from 1 */
	int column;
};

/*
 * Parse a whole file; the result is one VALUE_HASH from name with sigil
 * ("$BASEDIR", "@plugins", "%sources") to value, in the arena.  file is for
 * messages.  NULL and err on the first error.
 */
struct value *value_parse(const char *file, const char *text, size_t len,
    struct arena *a, struct err *err);

/* The value of a hash key, or NULL. */
const struct value *value_get(const struct value *hash, const char *key);

#endif
