/*
 * background: a child of the profiler and the talk with it.
 *
 * The child has a session of its own, the lowest priority, default signals
 * and nothing open but its end of a socket and the log.  It ends when the
 * profiler ends.  It is told to stand still and to go on, and tells what it
 * has done; messages are whole or not there.
 *
 * It can be killed at any time: whatever it has told is on the disk.
 */
#ifndef PROFILER_BACKGROUND_H
#define PROFILER_BACKGROUND_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

#define BG_NAME_MAX 256

enum bg_kind {
	BG_PROGRESS, /* slot, percent, size: so far, and on the disk */
	BG_PROFILE,  /* expiry of one profile: rc and its text */
	BG_INDEX,    /* indexes of one profile's flow files: rc and its text */
	BG_REACHED,  /* the end is reached, is there more meanwhile? */
	BG_DONE      /* the last message */
};

struct bg_report {
	enum bg_kind kind;
	int rc;         /* -1: went wrong, text says why */
	bool canceled;  /* ended early: what is there is all */
	int64_t slot;   /* everything up to here is done */
	int64_t tstart; /* oldest and newest slot with data, 0: none */
	int64_t tend;
	uint64_t size;    /* bytes of flow files */
	uint64_t removed; /* files */
	double percent;
	char group[BG_NAME_MAX];
	char name[BG_NAME_MAX];
	char text[ERR_MAX];
};

/* ---- the child's side ---------------------------------------------------------- */

struct bg;

/*
 * May I go on?  Waits while the profiler wants us to stand still.  False:
 * end now, without a word.  For any thread.
 */
bool bg_go_on(struct bg *w);

/*
 * As well false when the file `path` is there (NULL: none): the work is no
 * longer wanted, but is to be left in order.
 */
void bg_cancel_file(struct bg *w, const char *path);
bool bg_canceled(struct bg *w);

/* Progress may be dropped when nobody listens, the rest is not. */
void bg_tell(struct bg *w, const struct bg_report *r);

/* After BG_REACHED: the slot to go on to, or -1: it is enough. */
int64_t bg_ask(struct bg *w, const struct bg_report *r);

/* ---- the profiler's side ------------------------------------------------------- */

struct bg_child {
	pid_t pid; /* 0: none */
	int fd;    /* -1: none */
};

/* main runs in the child, which ends with it. */
int bg_start(struct bg_child *c, void (*main)(struct bg *w, void *arg),
    void *arg, struct err *err);

void bg_pause(struct bg_child *c, bool pause);
void bg_answer(struct bg_child *c, int64_t slot);

/* The next report.  False: none now. */
bool bg_hear(struct bg_child *c, struct bg_report *r);

/* Has it ended?  Its last reports can still be heard then. */
bool bg_ended(struct bg_child *c);
void bg_forget(struct bg_child *c);

/* End it now, whatever it is at, and wait for that. */
void bg_kill(struct bg_child *c);

#endif
