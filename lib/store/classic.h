/*
 * classic: graphs as NfSen draws them, for its pages: the same sizes, titles
 * and colours (they compute with the place of the plot in the image).  Our own
 * pages have rrd_graph_draw.  As there, the one-slot shift of the files is
 * corrected, also where NfSen forgets it.
 */
#ifndef STORE_CLASSIC_H
#define STORE_CLASSIC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "store/rrd.h"

struct classic_graph {
	const struct rrd_graph_channel *channels; /* in drawing order */
	size_t n;                                 /* > 0 */
	enum rrd_type type;
	enum counter_class proto;
	int64_t from, to; /* epoch seconds */
	int64_t slot_length;
	int64_t profile_start;  /* grey before it; 0: none */
	const char *title;      /* NULL: none */
	const char *label;      /* at the vertical axis; NULL: none */
	unsigned width, height; /* of the plot, bounded by the caller */
	bool light;             /* small: no legend, no title, no fine grid */
	bool padded;            /* names of the legend have one width */
	bool log_scale, lines;
};

/* A PNG in place of what out had. */
int classic_channels(const struct classic_graph *g, struct buf *out,
    struct err *err);

/* The averages of an alert: one of its three files, and when it fired. */
struct classic_alert {
	const char *path; /* avg-flows.rrd ... */
	enum rrd_type type;
	int64_t from, to;
	const int64_t *events; /* only those within are drawn */
	size_t n_events;
};
int classic_alert(const struct classic_alert *g, struct buf *out,
    struct err *err);

/* An image of that size that says a text and nothing else. */
int classic_text(const char *text, unsigned width, unsigned height,
    struct buf *out, struct err *err);

/* "Mon Nov 23 09:35:00 2026", local time; buf CLASSIC_TIME_MAX. */
#define CLASSIC_TIME_MAX 32
const char *classic_time(int64_t t, char *buf);

#endif
