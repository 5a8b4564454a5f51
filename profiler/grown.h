/*
 * grown: sources that came by themselves (conf/grown.h) become channels of
 * live, without anybody's reconfig.
 */
#ifndef PROFILER_GROWN_H
#define PROFILER_GROWN_H

#include <stdbool.h>
#include <stdint.h>

#include "profiler/profiler.h"

/*
 * Look at the collector's list.  Called between the announcement of a slot
 * and its end, it has every source of that slot: the list comes before the
 * first flow.  True: profiles were loaded anew.
 */
bool grown_take(struct profiler *p, int64_t now);

#endif
