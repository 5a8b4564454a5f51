/*
 * buildstate: what the disk knows of work on a profile: status and numbers in
 * profile.dat, and the flags beside it.  Written by the profiler alone; what
 * a followed profile has in memory is saved first, and follows at the next
 * profiler_reload.
 */
#ifndef PROFILER_BUILDSTATE_H
#define PROFILER_BUILDSTATE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "profiler/background.h"
#include "profiler/profiler.h"

/* A profile as it is on the disk, now; free it. */
struct profile *buildstate_load(struct profiler *p, const char *group,
    const char *name, struct err *err);

/* `built n%`, locked; nothing built: slot = tstart - a cycle. */
int buildstate_built(struct profiler *p, const char *group, const char *name,
    const struct bg_report *r, struct err *err);

/*
 * .BUILDING.  sure: what is reported as built is on the disk of the running
 * system; after another start of it the build begins anew.
 */
void buildstate_flag(struct profiler *p, const char *group, const char *name,
    pid_t pid, bool sure);
bool buildstate_sure(const struct conf *c, const char *group, const char *name);
void buildstate_unflag(const struct conf *c, const char *group,
    const char *name);

/* The past is there, or as much of it as there will be. */
int buildstate_finish(struct profiler *p, const char *group, const char *name,
    const struct bg_report *r, struct err *err);

/* `rebuilding`, locked; the profile is followed on. */
int buildstate_rebuilding(struct profiler *p, const char *group,
    const char *name, struct err *err);

/*
 * The rebuild's numbers, and its new databases in the old ones' places
 * (databases).  With rc -1 only the status is put back.
 */
int buildstate_rebuilt(struct profiler *p, const char *group, const char *name,
    const struct bg_report *r, bool databases, struct err *err);

/* What an expiry has left.  In memory, too; saved by update_profiles. */
void buildstate_expired(struct profiler *p, const struct bg_report *r);

/* Until nobody, also no dead child's own child, writes its databases. */
void buildstate_settle(const struct conf *c, const char *group,
    const char *name);

/*
 * At the start: a rebuild that was interrupted is forgotten, a flag without
 * a build goes.  True: the profile has a build that is to go on.
 */
bool buildstate_recover(const struct conf *c, const char *group,
    const char *name);

#endif
