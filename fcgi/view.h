/*
 * view: one profile and one query, resolved: which slot, which window, which
 * channels.  Pages, images and the API all start from here, so that the same
 * address means the same everywhere.
 */
#ifndef FCGI_VIEW_H
#define FCGI_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "fcgi/http.h"
#include "fcgi/query.h"
#include "profile/profile.h"
#include "store/rrd.h"

struct view_channel {
	const struct channel *ch;
	const char *rrd;   /* path */
	const char *color; /* its own, or one of the palette */
	bool shown;
};

struct view {
	const struct conf *conf;
	struct profile *profile;
	struct query q;
	enum query_page page;
	int64_t now;
	int64_t step;             /* slot length, seconds */
	int64_t newest;           /* start of the newest slot with data */
	int64_t slot;             /* the selected slot's start */
	bool window;              /* from and to were given */
	int64_t sel_from, sel_to; /* what the statistics cover: [from, to) */
	int64_t graph_from, graph_to;
	enum rrd_type type;
	struct view_channel *channels; /* + from the top of the stack, then - */
	size_t n_channels;
};

/* Find the profile and resolve rq's query.  False: rs is the answer. */
bool view_open(struct view *v, const struct conf *c, const char *group,
    const char *name, enum query_page page, const struct request *rq,
    struct response *rs);
void view_close(struct view *v);

/*
 * The same without an address: of the loaded profile with v's conf, q, page
 * and now.
 */
void view_resolve(struct view *v, struct arena *a);

/*
 * "/p/[group/]name/<leaf>?<query>" for a page of this profile with query q
 * (a copy of v->q with changes); the string lives in the arena.
 */
const char *view_url(const struct view *v, struct arena *a, const char *leaf,
    enum query_page page, const struct query *q);

/* Set a moment to a fixed time, as ISO 8601 (it lives in the arena). */
void view_set_time(struct query_time *t, int64_t when, struct arena *a);

/* "2026-11-23 09:30" in the server's time zone; "UTC+01:00" style zone. */
const char *view_time_text(int64_t when, struct arena *a);
const char *view_zone_text(int64_t when, struct arena *a);
int64_t view_zone_east(int64_t when); /* its offset, seconds */

/* Totals of the selection from a channel's RRD. */
struct view_sums {
	/* by rrd_ds_names: flows, packets, bytes; 0 where nothing is known */
	double sum[3 * CLASS_MAX];
	size_t slots;   /* rows in the selection */
	size_t unknown; /* of them without data */
	int64_t step;   /* seconds a row covers */
};

/* Sum one channel over [v->sel_from, v->sel_to).  -1: err names the file. */
int view_channel_sums(const struct view *v, const struct view_channel *ch,
    struct view_sums *s, struct err *err);

#endif
