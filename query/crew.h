/*
 * crew: some threads for pieces of work that do not depend on each other.
 */
#ifndef QUERY_CREW_H
#define QUERY_CREW_H

#include <stddef.h>

#define CREW_MAX 16

/* How many there would be: asked, 0: one per processor. */
size_t crew_size(unsigned asked);

/* thread < crew_size tells who works. */
typedef void crew_work(void *ctx, size_t i, size_t thread);

/* fn(ctx, i, ..) for each i < n, in any order; returns when all is done. */
void crew_run(unsigned threads, size_t n, crew_work *fn, void *ctx);

#endif
