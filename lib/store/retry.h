/*
 * retry: what the files of lib/store share about librrd's errors.
 *
 * librrd does not wait for a file's lock.  Readers and the writer of
 * a file each hold it for some milliseconds; without another try a slot's
 * values would be lost, or a graph not be drawn.
 */
#ifndef STORE_RETRY_H
#define STORE_RETRY_H

#include <stdbool.h>

#include "base/err.h"

/*
 * After a call of librrd that failed: true when it was for the lock, a pause
 * has passed and the call is worth repeating.  *tries starts at 0 and bounds
 * the repetition to about two seconds.  librrd's error is cleared then.
 */
bool rrd_retry(int *tries);

/*
 * "path: librrd's text"; -1.  librrd keeps its text until it is cleared,
 * which this does.
 */
int rrd_fail(struct err *err, const char *path);

#endif
