/*
 * make: entries made of flow files, and put behind those of their day.
 */
#ifndef INDEX_MAKE_H
#define INDEX_MAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "index/index.h"

struct maker;

struct maker *maker_new(void);
void maker_free(struct maker *m);

enum made {
	MADE_FAILED = -1, /* err */
	MADE_NOTHING = 0, /* not yet: it is being written, or was just now */
	MADE_ENTRY = 1
};

/*
 * Read the flow file `path` and put its entry into `out` (emptied first).  A
 * file that cannot be read whole gets an entry that says so.  go_on (may be NULL) is asked before
 * each block; false: MADE_NOTHING.
 */
enum made maker_file(struct maker *m, const char *path,
    bool (*go_on)(void *ctx), void *ctx, struct buf *out, struct err *err);

/*
 * Put entries behind those of the index file `path`, which is begun when it
 * is not there or none.  A torn entry at its end goes.  Whoever is killed, or
 * runs out of room, leaves what was there before.
 */
int index_append(const char *path, const struct buf *entries, struct err *err);

#endif
