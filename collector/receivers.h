/*
 * receivers: the threads that receive, each with its sockets and its ring.
 *
 * Of a port that has several sockets (shard.h) each is another thread's, as
 * far as there are threads: all of an exporter's datagrams go through one
 * ring, in order.  The rings are joined for their one consumer.
 */
#ifndef COLLECTOR_RECEIVERS_H
#define COLLECTOR_RECEIVERS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "collector/listen.h"
#include "collector/receive.h"
#include "collector/ring.h"

struct receivers {
	size_t n;
	struct ring *rings; /* of n */
	struct receiver *threads;
	size_t running; /* the first of them */
};

/*
 * The rings of n threads (at least 1), together of about `size` bytes, a
 * power of two; those there are already stay, with what is in them.
 */
int receivers_open(struct receivers *rs, size_t n, size_t size,
    struct err *err);
void receivers_close(struct receivers *rs);

/* What the consumer reads, and further rings are joined to. */
struct ring *receivers_ring(const struct receivers *rs);

/* As receive_start, receive_use and receive_stop, of all. */
int receivers_start(struct receivers *rs, struct err *err);
void receivers_use(struct receivers *rs, const struct listeners *ls);
void receivers_stop(struct receivers *rs, struct listeners *ls);

/* Datagrams since the start. */
uint64_t receivers_kernel_drops(const struct receivers *rs);
uint64_t receivers_queue_drops(const struct receivers *rs);

#endif
