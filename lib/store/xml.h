/*
 * xml: strict, streaming XML from outside (expat).  The reader gets elements
 * as they begin and end; text is only allowed in elements without others,
 * and comes whole with the end.
 *
 * Refused: entities and other declarations of a document type (one that only
 * names its system identifier is passed over, rrdtool writes such), more than
 * XML_DEPTH elements in each other, more than XML_TEXT bytes of text in one,
 * attributes beyond XML_ATTRS, processing instructions, and files larger than
 * the caller's limit.  Errors have line and column.
 */
#ifndef STORE_XML_H
#define STORE_XML_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define XML_DEPTH 16
#define XML_TEXT  (256 * 1024)
#define XML_ATTRS 16

struct xml_reader {
	/* attrs: name, value, .., NULL.  -1 and err: stop here. */
	int (*start)(void *ctx, const char *name, const char *const *attrs,
	    struct err *err);
	/* text is "" in elements that have others. */
	int (*end)(void *ctx, const char *name, const char *text, size_t len,
	    struct err *err);
};

/* -1: err has "line:column: cause" of the first thing that is wrong. */
int xml_parse(const void *data, size_t len, const struct xml_reader *r,
    void *ctx, struct err *err);

/* The same of a file of at most `limit` bytes; err names it. */
int xml_parse_file(const char *path, uint64_t limit, const struct xml_reader *r,
    void *ctx, struct err *err);

/* The value of an attribute, or NULL. */
const char *xml_attr(const char *const *attrs, const char *name);

#endif
