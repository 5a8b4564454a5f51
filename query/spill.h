/*
 * spill: rows that do not fit into memory, in a temporary file without a
 * name.  When it cannot be written or read the program ends with a message.
 */
#ifndef QUERY_SPILL_H
#define QUERY_SPILL_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define EXIT_SPILL 3

struct spill {
	pthread_mutex_t lock;
	int fd;       /* -1: not needed so far */
	uint64_t end; /* of what is written */
};

/* Where some rows are. */
struct spill_extent {
	uint64_t at;
	size_t len;
	unsigned kind; /* what the writer says */
};
struct spilled {
	struct spill_extent *extent;
	size_t n, room;
	uint64_t bytes;
};

void spill_init(struct spill *s);
void spill_free(struct spill *s);

/* Write all of b as one extent; any thread. */
void spill_write(struct spill *s, struct spilled *to, const struct buf *b,
    unsigned kind);
void spill_read(struct spill *s, const struct spill_extent *e, uint8_t *to);

#endif
