/*
 * rrdwriter: RRD updates in a process of their own.
 *
 * librrd changes a mapped file in many small steps; a process killed in
 * between leaves one that takes the next update into the wrong rows.  So
 * the updates are done by a small child, one after another: when the
 * profiler is killed, the child finishes what it has been given and ends.
 *
 * The parent does not wait for each: some requests are on their way while
 * it goes on, and several slots of one file go in one request.
 */
#ifndef PROFILER_RRDWRITER_H
#define PROFILER_RRDWRITER_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "store/rrd.h"

struct rrd_writer;

/*
 * Waits until the child of a killed profiler has ended: both hold a lock on
 * `lock_file` as long as they live (NULL: no lock).  To be called while the
 * process is small: the child keeps what memory it is born with.  One that
 * has died is followed by another with the next request.
 */
struct rrd_writer *rrd_writer_new(const char *lock_file, struct err *err);

/* Let the child finish and end. */
void rrd_writer_free(struct rrd_writer *w);

/*
 * Store n (1 .. RRD_VALUES) slots, the oldest first.  A file that is gone is
 * made anew.  `done` is told what came of it, by a later call of these
 * functions; why: NULL when all went well.
 */
typedef void rrd_writer_done(void *ctx, const char *why);
void rrd_writer_store(struct rrd_writer *w, const char *path, int64_t step,
    const struct rrd_value *v, size_t n, rrd_writer_done *done, void *ctx);

/* Until all is done. */
void rrd_writer_wait(struct rrd_writer *w);

#endif
