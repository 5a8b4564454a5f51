/*
 * metrics: counters for Prometheus, GET /metrics on a loopback address (text
 * format 0.0.4).  Off unless $METRICS says where.
 *
 * A thread of its own (libmicrohttpd's) serves at most METRICS_CLIENTS
 * connections, each silent for at most METRICS_IDLE_S.  The numbers are
 * taken in the decode thread, at most once a second, and made text here, so
 * whoever asks however often delays nothing.
 *
 * Sources are as many as are configured; exporters, which outsiders can
 * invent, are shown up to METRICS_EXPORTERS, the longest known first.
 */
#ifndef COLLECTOR_METRICS_H
#define COLLECTOR_METRICS_H

#include "base/addr.h"
#include "base/err.h"
#include "collector/decoder.h"

#define METRICS_CLIENTS   8
#define METRICS_IDLE_S    5
#define METRICS_EXPORTERS 1000

struct metrics;

/* at: "127.0.0.1:9390", "[::1]:9390".  -1: err names it and the cause. */
struct metrics *metrics_start(const char *at, struct decoder *d,
    struct err *err);

/* Before the decoder stops.  NULL: nothing. */
void metrics_stop(struct metrics *m);

/* The text, made of what the decode thread has now; for tests as well. */
void metrics_text(struct decoder *d, struct buf *out);

#endif
