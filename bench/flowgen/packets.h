/*
 * packets: flows into the packets that make them, as a capture for exporters
 * that watch a wire (softflowd).  Long flows are cut to a few packets.
 */
#ifndef FLOWGEN_PACKETS_H
#define FLOWGEN_PACKETS_H

#include <stdint.h>

#include "base/err.h"
#include "traffic.h"

#define PACKETS_PER_FLOW 40

/* Packets of `flows` flows in order of time, from start_ms on, into path. */
int packets_write(const char *path, const struct traffic_opts *to,
    uint64_t flows, uint64_t start_ms, struct err *err);

#endif
