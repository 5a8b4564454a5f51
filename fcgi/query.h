/*
 * query: what an address asks for, as typed values.
 *
 * Every parameter has one row in a table: its key, the pages that know it
 * and the function that takes its text.  Unknown, repeated and malformed
 * parameters are refused by name.  The same table prints an address again,
 * so that every link keeps the state it does not change.
 *
 *   t      slot: epoch, ISO 8601 with or without zone, now, now-6h
 *   from to  window for the statistics, both or none
 *   end    right edge of the graph, as t
 *   w      width of the graph: <n>m h d w M (30 d) y
 *   type   flows packets traffic        proto  any tcp udp icmp other
 *   ch     shown channels, comma separated; "-" none; missing: all; the
 *          only one that may be repeated, as forms do
 *   scale  lin log    style  stack line    stat  rate sum
 *   width height  of images, pixels     theme  light dark
 *   zoom   of images, percent           light  plain  0 1
 */
#ifndef FCGI_QUERY_H
#define FCGI_QUERY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "flow/counters.h"
#include "store/rrd.h"

#define QUERY_CHANNELS_MAX 256
#define QUERY_PIXELS_MIN   32
#define QUERY_PIXELS_MAX   2400
#define QUERY_ZOOM_MAX     200
#define QUERY_SPAN_MAX     (INT64_C(3700) * 86400) /* seconds */

/* Which pages know a parameter. */
enum query_page {
	PAGE_HOME = 1,
	PAGE_GRAPHS = 2,
	PAGE_DETAILS = 4,
	PAGE_IMAGE = 8,
	PAGE_SERIES = 16,
	PAGE_STATS = 32,
	PAGE_PLAIN = 64 /* no parameters at all */
};

/* A moment as it was written, so that relative ones stay relative. */
struct query_time {
	const char *text; /* NULL: not given */
	int64_t when;     /* epoch seconds */
};

struct query {
	struct query_time t, from, to, end;
	const char *width_text; /* of w; NULL: not given */
	int64_t width;          /* seconds */
	int type;               /* enum rrd_type; -1: not given */
	enum counter_class proto;
	const char *channels; /* as written; NULL: all */
	bool log, lines, sum;
	unsigned px_width, px_height; /* 0: not given */
	unsigned zoom;                /* percent, 0: not given */
	bool dark, light, plain;
};

/*
 * Read `text` for a page; times are relative to `now`.  -1: err names the
 * parameter.  Strings live in the arena.
 */
int query_parse(struct query *q, enum query_page page, const char *text,
    int64_t now, struct arena *a, struct err *err);

/* "key=value&..." of all that differs from the default, for `page`. */
void query_print(const struct query *q, enum query_page page, struct buf *out);

/* Is this channel among q->channels? */
bool query_has_channel(const struct query *q, const char *name);

/* "1d", "90m" to seconds; false when it is none or too long. */
bool query_span(const char *text, int64_t *secs);

/* Percent-decode n bytes into the arena; NULL: malformed or control bytes. */
char *query_decode(const char *text, size_t n, struct arena *a);

/* Percent-encode for a query value or path segment. */
void query_encode(struct buf *out, const char *text);

#endif
