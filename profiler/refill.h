/*
 * refill: the child that rebuilds a profile: .nfstat of all channels by the
 * files there are, and, when asked for, every RRD anew from the flow files
 * (a source of live: from their own totals).
 *
 * New databases grow beside the old ones, as REFILL_PREFIX<channel>.rrd; the
 * profiler puts them in their places when they have caught up with it.  They
 * begin with the oldest flow file.
 */
#ifndef PROFILER_REFILL_H
#define PROFILER_REFILL_H

#include <stdbool.h>

#include "conf/conf.h"
#include "profile/profile.h"
#include "profiler/background.h"

#define REFILL_PREFIX ".rebuild-"

struct refill {
	const struct conf *c;
	const char *group, *name;
	bool databases;
};

/* For bg_start; arg is a struct refill. */
void refill_run(struct bg *w, void *arg);

/* Where a channel's new database grows; FILE_PATH_MAX. */
bool refill_path(const struct conf *c, const struct profile *p,
    const char *channel, char *path);

#endif
