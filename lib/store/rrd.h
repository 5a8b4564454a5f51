/*
 * rrd: counters into NfSen's RRDs and back.  The only user of librrd.
 * librrd keeps global state: one thread per process calls in here.
 *
 * One file per channel, 15 ABSOLUTE data sources (flow/counters.h's numbers
 * in NfSen's order: flows*, packets*, traffic*), step = slot length,
 * heartbeat 2 steps, NfSen's 8 archives: 60 d in rows of 300, 1800 and
 * 7200 s, 700 d in rows of a day, AVERAGE then MAX.  Another slot length
 * keeps these spans; below 300 s one more archive of each kind keeps the
 * newest 17280 single slots.
 *
 * Update times are slot STARTS: NfSen's convention, so data of [T, T+300)
 * sit in the row of (T-300, T].  Readers here correct it: rrd_series times
 * are true slot starts.
 */
#ifndef STORE_RRD_H
#define STORE_RRD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "flow/counters.h"

/* "flows".."traffic_other", in file order: 5 flows, 5 packets, 5 traffic. */
extern const char *const rrd_ds_names[3 * CLASS_MAX];

enum rrd_type {
	RRD_FLOWS,
	RRD_PACKETS,
	RRD_TRAFFIC /* bytes in the file; drawn and listed as bits */
};

/* Create (replacing an old file) so that `first_slot` is the first slot it takes. */
int rrd_channel_create(const char *path, int64_t first_slot, int64_t step,
    struct err *err);

/*
 * The same for one value of an alert (avg-flows.rrd ...): 7 ABSOLUTE data
 * sources, the newest slot's total and those averaged over up to a day, 30
 * days in rows of 300 and 1800 s, AVERAGE then MAX.
 */
#define RRD_ALERT_DS 7
extern const char *const rrd_alert_ds_names[RRD_ALERT_DS];
int rrd_alert_create(const char *path, int64_t first_slot, int64_t step,
    struct err *err);

/* What one slot brings: totals, or that nothing is known. */
struct rrd_value {
	int64_t slot;
	bool known;
	struct counters c;
};

/*
 * Store n (1 .. RRD_VALUES) slots, the oldest first, in one go: the file is
 * opened and locked once.  On error those before the one that failed are in.
 * Waits for readers of the file, at most 2 s.
 */
#define RRD_VALUES 64
int rrd_channel_store(const char *path, const struct rrd_value *v, size_t n,
    struct err *err);

/* Store the totals of one slot.  Waits for readers of the file, at most 2 s. */
int rrd_channel_update(const char *path, int64_t slot, const struct counters *c,
    struct err *err);

/*
 * Everything after the newest slot in the file, up to and including `slot`,
 * is unknown (without this the next value would be spread over a short gap).
 */
int rrd_channel_unknown(const char *path, int64_t slot, struct err *err);

/* Start of the newest slot in the file, or -1 and err. */
int64_t rrd_channel_last(const char *path, struct err *err);

/*
 * Rates per second (traffic in bytes/s) of [from, to) at a resolution of at
 * least `step` seconds.  values[i] covers [start + i*step, + step); NaN where
 * nothing is known.  Lives in the arena.
 */
struct rrd_series {
	int64_t start; /* slot start, NfSen's one-slot shift corrected */
	int64_t step;
	size_t n;
	double *values[3 * CLASS_MAX]; /* by rrd_ds_names; NULL: not asked */
};

/* ds_mask: bit i asks for rrd_ds_names[i]. */
int rrd_channel_fetch(const char *path, int64_t from, int64_t to, int64_t step,
    uint32_t ds_mask, struct arena *a, struct rrd_series *s, struct err *err);

/* ---- drawing ------------------------------------------------------------ */

struct rrd_graph_channel {
	const char *name;
	const char *path;  /* RRD file */
	const char *color; /* "#rrggbb" */
	char sign;         /* '+' up, '-' down */
};

enum rrd_image { RRD_PNG, RRD_SVG };

struct rrd_graph {
	const struct rrd_graph_channel *channels; /* in drawing order */
	size_t n;
	enum rrd_type type;
	enum counter_class proto;
	int64_t from, to;           /* epoch seconds, true slot times */
	int64_t slot_length;        /* for the shift */
	int64_t profile_start;      /* grey before it; 0: none */
	int64_t mark_from, mark_to; /* selection; 0: none */
	unsigned width, height;     /* of the image, bounded by the caller */
	unsigned zoom; /* percent of that size, text included; 0: 100 */
	bool log_scale;
	bool lines;        /* not stacked */
	bool light;        /* small: no title, no legend, small text */
	bool plain;        /* no legend: the page around has one */
	bool dark;         /* colours for the dark theme */
	const char *title; /* NULL: none */
	enum rrd_image format;
};

/* Where in the picture the plot area lies, pixels from its left top. */
struct rrd_plot {
	unsigned left, top, width, height;
	unsigned image_width, image_height;
};

/*
 * Draw into memory; the image replaces out's content.  Time of which no
 * channel knows anything is hatched, unless it lies before the profile.
 * plot may be NULL.
 */
int rrd_graph_draw(const struct rrd_graph *g, struct buf *out,
    struct rrd_plot *plot, struct err *err);

/* Load fonts and caches once, before a sandbox or the first request. */
void rrd_graph_warm(void);

#endif
