/*
 * lanes: the next slots of a backlog, several at once.  A slot is read and
 * its channel files are written by one of a few threads; to put results
 * together, in the order of slots, is the caller's.
 *
 * A slot's files get their names only when all slots before it have been
 * read to their ends: when the work is ended early, the slots that are whole
 * are the first ones, and of the others there is nothing.
 */
#ifndef PROFILER_LANES_H
#define PROFILER_LANES_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "conf/conf.h"
#include "profiler/catchup.h"
#include "profiler/run.h"
#include "profiler/set.h"
#include "profiler/slot.h"

#define LANES_MAX     16 /* slots at once */
#define LANES_THREADS 4

struct lane {
	struct slot slot; /* .out: what came of its files */
	struct backlog b; /* begins with the slot; files are another's */
	bool whole;
};

struct lanes {
	struct lane lane[LANES_MAX];
	struct run *run[LANES_THREADS];
	size_t threads;
	/* Of the run in progress. */
	pthread_mutex_t lock;
	pthread_cond_t moved;
	size_t n;       /* slots */
	size_t claimed; /* of them */
	size_t read;    /* of them, the first ones */
	bool ended;
};

/* go_on: as run_watch.  The set must outlive the lanes. */
void lanes_open(struct lanes *l, const struct conf *c, struct set *set,
    bool (*go_on)(void *ctx), void *ctx);
void lanes_close(struct lanes *l);

/*
 * Take at most `most` slots from b and work on them.  Returns how many were
 * taken: lane[0 ..], in order; those behind one that is not whole are not
 * either.  The caller drops the slots.
 */
size_t lanes_run(struct lanes *l, struct backlog *b, size_t most);

#endif
