/*
 * metrics_private: what the parts of the metrics' text share, and those that
 * not everybody has: repeaters, connections, interfaces.
 */
#ifndef COLLECTOR_METRICS_PRIVATE_H
#define COLLECTOR_METRICS_PRIVATE_H

#include "collector/metrics.h"
#include "collector/stream.h"
#include "ledger/ledger.h"

/* A label's value with its quotes. */
void metrics_value(struct buf *out, const char *s);

/* The labels of an exporter, and more behind them (or NULL), in braces. */
void metrics_exporter(struct buf *out, const struct ledger_line *l,
    const char *more);

/* What nfsen_<what>_<name><tail> is; without a tail it is a gauge. */
void metrics_head(struct buf *out, const char *what, const char *name,
    const char *tail, const char *help);

struct metrics_repeat;
struct metrics_interface;

struct metrics_more {
	bool has_streams;
	uint64_t connections, accepted, messages, bytes, ended[STREAM_ENDS];
	struct metrics_repeat *repeats;
	struct metrics_interface *interfaces;
	size_t n_repeats, n_interfaces;
	bool has_interfaces;
	uint64_t left_out; /* interfaces that sFlow tells of */
	uint64_t left_out_flows;
};

/* In the decode thread. */
void metrics_more_take(struct metrics_more *m, struct decoder *d);

/* As text; what was taken is gone. */
void metrics_more_print(struct metrics_more *m, struct buf *out);

#endif
