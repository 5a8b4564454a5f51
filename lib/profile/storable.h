/*
 * storable: Perl's Storable files (Storable(3perl)), as far as NfSen uses
 * them for `hints` and `alert.status`: text, numbers, lists and maps.
 *
 *   "pst0"  byte major * 2 + network order  byte minor
 *   in native order: byte n, n digits of the byte order ("12345678": little
 *   endian, 8 bytes an integer), sizes of int, long, pointer, double
 *   one object; every list or map in another one is behind a REF
 *
 * Files of either byte order and of 4 or 8 byte integers are read.  Written
 * is the native form of a 64 bit machine with little endian order, as Perl
 * writes it there, in the oldest version that holds it, so that any Perl
 * since 5.8 reads it.
 *
 * What is not plain data (objects of a class, code, shared or weak
 * references) is an error that names the byte; so is anything behind the
 * object.  Limits: STORABLE_MAX bytes, STORABLE_DEPTH containers in each
 * other, STORABLE_NODES values.
 */
#ifndef PROFILE_STORABLE_H
#define PROFILE_STORABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

#define STORABLE_MAX   (1024 * 1024)
#define STORABLE_DEPTH 16
#define STORABLE_NODES 65536

enum perl_type {
	PERL_UNDEF,
	PERL_INT,
	PERL_DOUBLE,
	PERL_TEXT,
	PERL_LIST,
	PERL_MAP
};

/* Bytes with their length; characters when utf8, else Latin 1. */
struct perl_text {
	const char *s; /* a NUL follows the last byte */
	size_t len;
	bool utf8;
};

struct perl_value {
	enum perl_type type;
	int64_t number;           /* PERL_INT */
	double real;              /* PERL_DOUBLE */
	struct perl_text text;    /* PERL_TEXT */
	struct perl_value *items; /* PERL_LIST, PERL_MAP: n of them */
	struct perl_text *keys;   /* PERL_MAP: of the items, all different */
	size_t n;
};

/* Everything lives in the arena.  NULL and err: not such a file. */
struct perl_value *storable_parse(const void *data, size_t len, struct arena *a,
    struct err *err);

/* The same from a file; err names it. */
struct perl_value *storable_read(const char *path, struct arena *a,
    struct err *err);

/* A whole file's bytes are added to out.  The root is a list or a map. */
void storable_print(const struct perl_value *v, struct buf *out);

/*
 * As JSON, keys sorted, in lines; text that is no UTF-8 yet becomes it.
 * Numbers are numbers, text is text whatever it looks like.
 */
void storable_json(const struct perl_value *v, struct buf *out);

/* ---- values --------------------------------------------------------------- */

/* The item of a map, NULL when there is none or m is no map. */
struct perl_value *perl_find(const struct perl_value *m, const char *key);

/* A whole number, also one that is written as text; false: neither. */
bool perl_number(const struct perl_value *v, int64_t *number);

struct perl_value *perl_map(struct arena *a);

/* Set a key of a map, new or not; the strings are copied. */
struct perl_value *perl_set(struct arena *a, struct perl_value *m,
    const char *key);
void perl_set_int(struct arena *a, struct perl_value *m, const char *key,
    int64_t number);
void perl_set_text(struct arena *a, struct perl_value *m, const char *key,
    const char *text);
void perl_unset(struct perl_value *m, const char *key);

#endif
