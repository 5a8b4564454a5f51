/*
 * profiler: the state machine that turns growing files into finished slots.
 *
 *   ready   newest slot whose files are final: announced by the collector
 *           (PIDDIR/collector.slot), or passed by the clock when no
 *           collector runs
 *   done    newest slot that is worked off
 *   slot    the one in progress, > done; its open files are followed
 *
 * One step does a bounded piece of work and never sleeps:
 *   slot <= ready   finish it: check against the final files, publish
 *   done < ready    catch up from final files, a slot a step
 *   else            read new blocks of the slot in progress
 */
#ifndef PROFILER_PROFILER_H
#define PROFILER_PROFILER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "base/err.h"
#include "conf/conf.h"
#include "profiler/catchup.h"
#include "profiler/run.h"
#include "profiler/set.h"
#include "profiler/sim.h"
#include "profiler/slot.h"
#include "profiler/watch.h"

struct builds;
struct runner;

struct profiler {
	struct conf *conf;
	struct builds *builds; /* build.h */
	int lock;              /* of the tree */
	struct set *set;
	struct run *run;
	struct rrd_writer *writer;
	struct ring *ring;
	struct slot slot;
	struct watch watch;
	struct backlog backlog;
	bool catching_up;
	unsigned caught_up; /* slots, for saving now and then */
	bool rubbish;       /* hidden in the tree, to be removed when idle */
	int64_t done;
	int64_t ready;
	int64_t scanned; /* when folders were last listed */
	int64_t asked;   /* when the collector was last looked for */
	bool collector;  /* it was alive then */
	struct {
		off_t size; /* as it was last looked at */
		struct timespec mtime;
		int64_t again; /* after a failure */
	} grown;               /* the collector's list, grown.h */
	struct sim sim;
	struct runner *runner; /* for slow commands; not ours, may be NULL */
};

/*
 * Take the tree's lock and load everything.  c becomes the profiler's; on
 * failure it stays the caller's.
 */
struct profiler *profiler_open(struct conf *c, struct err *err);

/* Forget the slot in progress (a later start does it again) and free. */
void profiler_close(struct profiler *p);

/* Returns in how many ms it wants to be called again at the latest. */
int profiler_step(struct profiler *p, int64_t now);

/* A descriptor that becomes readable when there may be work, or -1. */
int profiler_fd(const struct profiler *p);

/*
 * Load profiles anew; c (or NULL: the config stays) becomes the profiler's.
 * The slot in progress is read again from its files with the new channels,
 * nothing of it is lost.  -1: nothing has changed, c stays the caller's.
 */
int profiler_reload(struct profiler *p, struct conf *c, struct err *err);

/* What is known stands in the files, for who reads them. */
void profiler_save(struct profiler *p);

/*
 * Before the tree is changed: what is known is saved and no file of ours is
 * open.  Ends with profiler_reload.
 */
void profiler_pause(struct profiler *p);

/* c moves nothing that only a restart can move. */
bool profiler_same_place(const struct conf *a, const struct conf *b,
    struct err *err);

/* Seconds of finished slots that are not worked off yet. */
int64_t profiler_behind(const struct profiler *p);

#endif
