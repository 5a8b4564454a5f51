/*
 * saved: filters and output formats that users keep by name, a file each in
 * FILTERDIR and FORMATDIR.
 *
 *   FILTERDIR/<name>   the filter's lines joined with LF, none at the end
 *   FORMATDIR/<name>   one line, LF at its end
 *
 * Names are [A-Za-z0-9+_-]+.  Files are replaced atomically.  Errors are
 * NfSen's texts.  Nothing here needs the tree's lock.
 */
#ifndef PROFILE_SAVED_H
#define PROFILE_SAVED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "conf/conf.h"

#define SAVED_FORMAT_MAX (64 * 1024) /* bytes of a format's file */

struct saved_list {
	const char **names; /* sorted */
	size_t n;
};

/* ---- filters ---------------------------------------------------------------- */

/* "Can't open filter directory D: cause". */
int saved_filter_list(const struct conf *c, struct arena *a,
    struct saved_list *l, struct err *err);

/*
 * The text is added to `text`.  "Missing filter name!", "Illegal characters
 * in filter name 'n': 'c'!", "filter 'n' No such filter!".  name may be NULL.
 */
int saved_filter_get(const struct conf *c, const char *name, struct buf *text,
    struct err *err);

/*
 * text: lines joined with LF, NULL: none was sent ("Missing filter!").  Also
 * "filter 'n' already exists!" (unless overwrite), "Filter syntax error: ...".
 */
int saved_filter_add(const struct conf *c, const char *name, const char *text,
    bool overwrite, struct err *err);

/* "No such filter 'n'!", "Can not delete filter 'n': cause". */
int saved_filter_delete(const struct conf *c, const char *name,
    struct err *err);

/* ---- formats ---------------------------------------------------------------- */

int saved_format_list(const struct conf *c, struct arena *a,
    struct saved_list *l, struct err *err);

/* The definition, without LF. */
int saved_format_get(const struct conf *c, const char *name, struct buf *text,
    struct err *err);

/*
 * "Missing format!", "Illegal characters in format name 'n': 'c'!", "format
 * name 'n' is a predefined format!" (line, long, extended), "Missing format
 * definition!", "Illegal characters in format definition 'd'!", "format 'n'
 * already exists!".
 */
int saved_format_add(const struct conf *c, const char *name, const char *def,
    bool overwrite, struct err *err);

/* "No such format 'n'!". */
int saved_format_delete(const struct conf *c, const char *name,
    struct err *err);

#endif
