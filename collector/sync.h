/*
 * sync: a thread for what has to wait for the disk, in the order given:
 * forcing files to it, naming them, and what may be said only then.  So
 * neither receiving nor compressing ever waits.
 */
#ifndef COLLECTOR_SYNC_H
#define COLLECTOR_SYNC_H

#include "base/err.h"

struct sync;

struct sync *sync_start(struct err *err);

/* Call fn(arg) there when what was given before is done. */
void sync_do(struct sync *s, void (*fn)(void *arg), void *arg);

/* Until all that was given before is done. */
void sync_wait(struct sync *s);

/* Do what was given, end the thread.  NULL: nothing. */
void sync_stop(struct sync *s);

#endif
