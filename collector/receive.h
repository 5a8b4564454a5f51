/*
 * receive: the thread that only receives.  It copies what the sockets have
 * into the ring and never waits for anything but the sockets.
 */
#ifndef COLLECTOR_RECEIVE_H
#define COLLECTOR_RECEIVE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "collector/listen.h"
#include "collector/ring.h"
#include "collector/rx.h"

struct receiver {
	pthread_t thread;
	struct ring *ring;
	struct rx *rx;
	int wake[2];
	atomic_uint_fast64_t kernel_drops; /* datagrams, all sockets */

	pthread_mutex_t lock; /* for what follows */
	pthread_cond_t changed;
	struct listeners next; /* what receive_use gave */
	unsigned asked, done;  /* generations of it */
	struct listeners last; /* what it had at the end */
	bool stop;
};

/* rx is the receiver's from now on. */
int receive_start(struct receiver *r, struct ring *ring, struct rx *rx,
    struct err *err);

/*
 * Receive from these sockets from now on; when it returns, the thread uses
 * no other.  Counts of sockets it had before go on.
 */
void receive_use(struct receiver *r, const struct listeners *ls);

/*
 * Take what the sockets still hold, end the thread.  ls, when not NULL, gets
 * the last counts of its sockets.
 */
void receive_stop(struct receiver *r, struct listeners *ls);

#endif
