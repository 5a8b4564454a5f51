/*
 * json: writing JSON values.  Keys and structure are the caller's literals;
 * strings are escaped, numbers are finite or null.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

void json_string(struct buf *b, const char *s);
void json_int(struct buf *b, int64_t v);

/* Shortest form that reads back the same to 10 digits; NaN, inf: null. */
void json_double(struct buf *b, double v);

/* A comma unless this is the first item, then "key": */
void json_key(struct buf *b, bool *first, const char *key);

/* A comma unless this is the first item. */
void json_item(struct buf *b, bool *first);

#endif
