/*
 * fmtconf: formats that a file defines beside those that are known:
 *
 *   [nfdump]
 *   fmt.NAME = "%ts %td ..."
 *   csv.NAME = "%ts,%td, ..."
 *   format = "nsel"            what to print without -o
 *
 * Other keys and sections are passed over; nfdump reads the same file.
 */
#ifndef QUERY_FMTCONF_H
#define QUERY_FMTCONF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

#define FMTCONF_MAX 65536 /* bytes of such a file */

struct fmt_named {
	const char *name;
	const char *text;
	bool csv;
	const struct fmt_named *next;
};

struct fmtconf {
	const struct fmt_named *list; /* later ones first */
	const char *format;           /* NULL: not said */
};

/* c, all zero at first, gets what the text says.  -1: err, "line N". */
int fmtconf_parse(const char *text, struct arena *a, struct fmtconf *c,
    struct err *err);

/* The same of a file; "none" and NULL: of none. */
int fmtconf_read(const char *path, struct arena *a, struct fmtconf *c,
    struct err *err);

/* NULL: no such name. */
const struct fmt_named *fmtconf_find(const struct fmt_named *list,
    const char *name, size_t len);

#endif
