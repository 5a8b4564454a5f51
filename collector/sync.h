/*
 * sync: a thread that has finished files put on the disk for good.
 *
 * A file gets its name when it is complete; forcing it to the disk can take
 * seconds and is only for a power failure, so nothing waits for it.
 */
#ifndef COLLECTOR_SYNC_H
#define COLLECTOR_SYNC_H

#include "base/err.h"

#define SYNC_WAITING 256 /* files; beyond that the system does it in its time */

struct sync;

struct sync *sync_start(struct err *err);

/* fsync fd some time and close it. */
void sync_later(struct sync *s, int fd);

/* Wait for what was given, end the thread.  NULL: nothing. */
void sync_stop(struct sync *s);

#endif
