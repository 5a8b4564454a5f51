/*
 * html: markup that escapes by construction.
 *
 * html() prints like printf, but every %s and %c is escaped for text and for
 * quoted attribute values; markup can only come from the format, and that
 * has to be a literal.  Attributes that take a %s are quoted in it.
 */
#ifndef FCGI_HTML_H
#define FCGI_HTML_H

#include "base/buf.h"

/*
 * Conversions: %s %c (escaped) %d %u %x %f %g %% with l, ll, z, flags, width
 * and precision in digits.  Others end the program.
 */
void html(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Text alone, escaped. */
void html_text(struct buf *b, const char *text);

#endif
