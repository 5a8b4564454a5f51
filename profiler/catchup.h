/*
 * catchup: the slots that were missed, worked off in order from the files
 * that are there.
 */
#ifndef PROFILER_CATCHUP_H
#define PROFILER_CATCHUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "conf/conf.h"
#include "profiler/rrdwriter.h"
#include "profiler/run.h"
#include "profiler/slot.h"

struct backlog_file {
	int64_t slot;
	size_t source;
	const char *path;
};

struct backlog {
	struct arena arena;
	struct backlog_file *files; /* by slot, then source, then name */
	size_t n;
	size_t next;  /* first file of the next slot */
	int64_t upto; /* after the last file everything up to here is done */
	bool members_only; /* live's own totals are not wanted; the caller's */
};

/*
 * All files of slots in (after, upto]; also left-over open files when
 * `orphans`.  Replaces what was in b.
 */
void backlog_build(struct backlog *b, const struct conf *c,
    const struct set *set, int64_t after, int64_t upto, bool orphans);
void backlog_free(struct backlog *b);
bool backlog_more(const struct backlog *b);
int64_t backlog_last(const struct backlog *b); /* newest slot, -1: none */

/*
 * Work off the oldest slot of b; returns that slot.  profile.dat is only
 * brought up to date in memory (update_profiles saves it).
 */
int64_t backlog_run(struct backlog *b, struct run *r, struct slot *s,
    struct rrd_writer *w);

/*
 * Only read: s has begun the oldest slot of b and holds what its files give;
 * the caller makes it known and drops it.
 */
int64_t backlog_read(struct backlog *b, struct run *r, struct slot *s);

#endif
