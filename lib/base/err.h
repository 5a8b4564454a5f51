/*
 * err: one error text.  The library reports, the program decides.
 *
 * An action returns 0, or -1 with a message that names object, place and
 * cause: "nfcapd.202601011200: block 7: size 9000000, at most 5242880".
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdarg.h>

#define ERR_MAX 1024

struct err {
	char msg[ERR_MAX];
};

/* Replace the text; too long a text is cut.  err may be NULL.  Always -1. */
int err_set(struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Tells analysers, which see one file at a time, that it is always -1. */
#ifdef __clang_analyzer__
#define err_set(...) ((void)(err_set)(__VA_ARGS__), -1)
#endif

/* Put "text: " before what is there.  Always -1. */
int err_prefix(struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
