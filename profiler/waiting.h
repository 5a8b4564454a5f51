/*
 * waiting: profiles of config whose past is still to be built begin: what
 * commit-profile is for the others.
 */
#ifndef PROFILER_WAITING_H
#define PROFILER_WAITING_H

#include "profile/reconfig.h"
#include "profiler/profiler.h"

/* At the start and after a reconfig.  What cannot begin is logged. */
void waiting_begin(struct profiler *p);

/*
 * Before a step of a plan is applied: a build of the profile does not go on
 * under its hands.  -1: the step has to wait for it.
 */
int waiting_step(struct profiler *p, const struct plan_step *s,
    struct err *err);

#endif
