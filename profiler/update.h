/*
 * update: a finished slot made known: channel files, RRDs, profile.dat, in
 * this order.  What an interrupted update has done already (an RRD that has
 * the slot) is not done again.
 */
#ifndef PROFILER_UPDATE_H
#define PROFILER_UPDATE_H

#include "profiler/rrdwriter.h"
#include "profiler/slot.h"

/*
 * Channel files; values for the RRDs, which wait for update_profiles so that
 * several slots of a file go in one update; `updated`, `tend` and size of
 * the profiles in memory.  Failures of single channels are logged; the slot
 * counts as done.
 */
void update_slot(struct slot *s, struct rrd_writer *w);

/*
 * Store what waits for the RRDs, then save every profile.dat of the set that
 * update_slot has changed.  A process that dies before does those slots
 * again.
 */
void update_profiles(const struct conf *c, struct set *set,
    struct rrd_writer *w);

#endif
