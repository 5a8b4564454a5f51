/*
 * rrdwriter: RRD updates in a process of their own.
 *
 * librrd changes a mapped file in many small steps; a process killed in
 * between leaves one that takes the next update into the wrong rows.  So
 * the updates are done by a small child, one after another: when the
 * profiler is killed, the child finishes the one it is at and ends.
 */
#ifndef PROFILER_RRDWRITER_H
#define PROFILER_RRDWRITER_H

#include <stdint.h>

#include "base/err.h"
#include "flow/counters.h"

struct rrd_writer;

/*
 * Waits until the child of a killed profiler has ended: both hold a lock on
 * `lock_file` as long as they live.  The child is started by the first call
 * that needs it.
 */
struct rrd_writer *rrd_writer_new(const char *lock_file, struct err *err);

/* Let the child finish and end. */
void rrd_writer_free(struct rrd_writer *w);

/*
 * Store the totals of `slot`; `last` is the newest slot in the file.  Slots
 * in between become unknown.  A file that is gone is made anew.
 */
int rrd_writer_store(struct rrd_writer *w, const char *path, int64_t last,
    int64_t slot, int64_t step, const struct counters *c, struct err *err);

#endif
