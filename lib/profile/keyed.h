/*
 * keyed: the text that NfSen's descriptors (profile.dat, alert.dat) are made
 * of.  Description lines "# text", then "key = value"; nothing is escaped, a
 * second '=' ends the value.
 */
#ifndef PROFILE_KEYED_H
#define PROFILE_KEYED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

/* A piece of a text; no NUL at its end. */
struct span {
	const char *s;
	size_t n;
};

/* Without white space at both ends. */
struct span span_trim(struct span t);

/* Cut *t at the first c; the rest (without c) becomes *t. */
struct span span_cut(struct span *t, char c);

bool span_is(struct span t, const char *word);

/* "a|b": names without what is blank, in the arena. */
const char **span_names(struct span t, struct arena *a, size_t *n);

/* Where a reader is, and what it fills. */
struct keyed {
	const char *path; /* for messages */
	int line;
	struct buf description; /* lines joined with LF */
	bool described;
	/* A "key = value" line; both trimmed. */
	int (*value)(struct keyed *k, struct span key, struct span value,
	    struct err *err);
	void *ctx;
};

/* Read all lines; -1: err, also for text with a NUL in it. */
int keyed_read(struct keyed *k, const char *text, size_t len, struct err *err);

/* "path:line: what 'text'"; -1. */
int keyed_bad(const struct keyed *k, struct err *err, const char *what,
    struct span t);

/* Digits; nothing at all is 0 (NfSen leaves values blank). */
int keyed_number(const struct keyed *k, struct span t, uint64_t max,
    uint64_t *v, struct err *err);

/*
 * Description lines.  A line feed at the end has one more, empty line behind
 * it.
 */
void keyed_print_description(const char *text, struct buf *out);

#endif
