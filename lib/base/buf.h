/*
 * buf: bytes that grow.  data is always NUL-terminated one past len once
 * anything was added, so text can be used as a string.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stddef.h>

struct buf {
	char *data; /* NULL while empty and never used */
	size_t len;
	size_t cap;
};

#define BUF_EMPTY ((struct buf){ 0 })

/* Room for n more bytes at data + len; the caller then adds to len. */
void buf_reserve(struct buf *b, size_t n);
void buf_add(struct buf *b, const void *p, size_t n);
void buf_adds(struct buf *b, const char *s);
void buf_addc(struct buf *b, char c);
void buf_printf(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Forget the content, keep the memory. */
void buf_clear(struct buf *b);

/* Drop the first n bytes. */
void buf_drop(struct buf *b, size_t n);

/* The content as a string, "" when empty; valid until the next change. */
const char *buf_str(const struct buf *b);

void buf_free(struct buf *b);

#endif
