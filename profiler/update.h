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
 * The same for work on many slots, in two steps.  First the channel files,
 * by any thread, if slot.out is there.  Then, slots in order, the values,
 * which only wait, however many; .nfstat and profile.dat are the caller's.  A
 * channel whose file could not be written has `failed` and gets no value.
 */
void update_publish(struct slot *s);
void update_gather(struct slot *s, struct rrd_writer *w);

/*
 * What was gathered, so that it stays: files are forced to the disk, then
 * values are stored, then these are forced.  A channel whose database cannot
 * be written has `failed`.
 */
void update_flush(const struct conf *c, struct set *set, struct rrd_writer *w);

/*
 * Store what waits for the RRDs, then save every profile.dat of the set that
 * update_slot has changed.  A process that dies before does those slots
 * again.
 */
void update_profiles(const struct conf *c, struct set *set,
    struct rrd_writer *w);

/*
 * What rrdcached holds back is in the files: before they are moved, and
 * before somebody else has them.
 */
void update_uncache(const struct set *set);

#endif
