/*
 * out: standard output.  What is to be printed is collected and written in
 * large pieces.  When nobody reads it any more (a closed pipe) the program
 * ends without a word; any other failure is said.
 */
#ifndef QUERY_OUT_H
#define QUERY_OUT_H

#include <stddef.h>

#include "base/buf.h"

struct out {
	struct buf text; /* not written yet */
};

void out_flush(struct out *o);

/* n bytes behind what is there; large ones are not copied. */
void out_write(struct out *o, const char *p, size_t n);

void out_free(struct out *o);

#endif
