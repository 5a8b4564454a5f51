/*
 * build: work on a whole profile that takes its time, done by background
 * children of the profiler: building its past, rebuilding, expiry.
 *
 * A child is a fork in a session of its own at the lowest priority; it works
 * with the batch engine (run.h), stands still while the end of a slot is
 * worked on, and ends with the profiler.  It writes flow files, RRDs and
 * .nfstat of its profile; profile.dat is written by the profiler alone, from
 * what the child reports once it is on the disk.  So a child or the profiler
 * can be killed at any time, or the machine lose its power: what is missing
 * is done again, nothing is counted twice.
 *
 * State on disk, as NfSen has it, below PROFILESTATDIR/[group/]name:
 *	profile.dat    status `built n%`, locked 1, `updated`: built so far
 *	.BUILDING      the child's pid; behind it which start of the machine
 *	.CANCELED      the build is to end
 * A build that finds these at the start of the profiler goes on.
 *
 * One piece of work per profile at a time; others wait for a free child.
 * All functions return at once and are for the profiler's own thread.
 */
#ifndef PROFILER_BUILD_H
#define PROFILER_BUILD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "profiler/profiler.h"

#define BUILD_CHILDREN 4   /* at work together; more wait */
#define BUILD_JOBS     256 /* at work and waiting */

enum build_kind {
	/*
	 * Flow files and RRDs of tstart..tend (a continuous profile: up to
	 * now, then it is followed as all others), from live's files.  What
	 * lies before live's tstart is left out.  The profile is `new`, has
	 * channels, and tstart < tend.
	 */
	BUILD_PAST,
	/* size, tstart, tend, .nfstat from the files there are. */
	BUILD_STATS,
	/* The same, and every RRD made anew from the flow files. */
	BUILD_RRDS,
	/* Take away files that are too old or too many (profile/expire.h). */
	BUILD_EXPIRE
};

/*
 * Who wants to hear of it.  Called from profiler_step, never from the call
 * that began the work.  done: exactly once, text says why it failed.
 */
struct build_listener {
	void (*progress)(void *ctx, double percent); /* may be NULL */
	void (*done)(void *ctx, int rc, const char *text);
	void *ctx;
};

/*
 * Begin; l may be NULL and is copied.  *pid (may be NULL): the child's, or
 * the profiler's own while the work waits.  -1: refused, err is the text
 * that NfSen answers with ("Profile 'x' is a new profile.").
 */
int build_begin(struct profiler *p, enum build_kind kind, const char *group,
    const char *name, const struct build_listener *l, long *pid,
    struct err *err);

/*
 * End the building of a profile's past: what is there so far becomes a
 * history.  The state follows within a second (`done`, then get-profile).
 * -1: "No such build in progress".
 */
int build_cancel(struct profiler *p, const char *group, const char *name,
    struct err *err);

/* Is there work on the profile?  *percent (may be NULL): how much is done. */
bool build_running(const struct profiler *p, const char *group,
    const char *name, double *percent);

/*
 * Before a profile is deleted or moved: its work is given up and its child
 * gone when this returns.  Listeners hear of a failure.
 */
void build_stop(struct profiler *p, const char *group, const char *name);

/* A client is gone: the work goes on, nobody hears of it. */
void build_unlisten(struct profiler *p, const void *ctx);

/* ---- the profiler's side --------------------------------------------------- */

/* At the start: stale flags and locks go, interrupted builds go on. */
void builds_open(struct profiler *p);

/* At the end: children end where they are; the next start goes on there. */
void builds_close(struct profiler *p);

/* Hear the children.  Returns in how many ms to call again, -1: no work. */
int builds_step(struct profiler *p, int64_t now);

/* Stand still while a slot ends, and go on. */
void builds_pause(struct profiler *p, bool pause);

/*
 * A slot is done: expiry of all profiles.  The first time after the start
 * all files are counted, later .nfstat are believed unless they cannot be
 * true.
 */
void builds_expire_all(struct profiler *p);

#endif
