/*
 * rotate: when a slot ends.  Pure arithmetic on the wall clock, which may be
 * set: forward it skips slots, backward (beyond what clocks are slewed by)
 * it begins an earlier one anew.
 */
#ifndef COLLECTOR_ROTATE_H
#define COLLECTOR_ROTATE_H

#include <stdbool.h>
#include <stdint.h>

/* A datagram of the old slot may be on its way so long after its end. */
#define ROTATE_GRACE_MS 50
/* The clock may be put back so far without a new slot. */
#define ROTATE_BACK_MS 2000

/*
 * The slot at now_ms when it is another than `slot`, else -1.  grace_ms is
 * how long after its end a slot stays open.
 */
int64_t rotate_due(int64_t slot, int64_t cycletime, uint64_t now_ms,
    unsigned grace_ms);

#endif
