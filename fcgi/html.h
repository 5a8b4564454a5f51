/*
 * html: markup that escapes by construction.  Tags and attribute names are
 * literals of ours; every text and every attribute value passes through the
 * escaping of its place.
 */
#ifndef FCGI_HTML_H
#define FCGI_HTML_H

#include "base/buf.h"

/*
 * <tag name="value" ...>: attributes are name, value pairs ending in NULL; a
 * NULL value leaves the attribute out, an empty one is written as name="".
 */
void html_open(struct buf *b, const char *tag, ...) __attribute__((sentinel));
void html_close(struct buf *b, const char *tag);

/* Text content. */
void html_text(struct buf *b, const char *text);
void html_textf(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* <tag attributes>text</tag> */
void html_el(struct buf *b, const char *tag, const char *text, ...)
    __attribute__((sentinel));

#endif
