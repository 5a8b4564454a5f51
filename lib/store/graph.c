/*
 * Drawing: a struct rrd_graph becomes librrd's argument vector, and the
 * image that librrd returns becomes the caller's buffer.
 *
 * One channel i is three variables: d<i> as stored, s<i> moved one slot to
 * the right (the file is a slot early), c<i> scaled and signed.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <rrd.h>

#include "store/args.h"
#include "store/cached.h"
#include "store/retry.h"
#include "store/rrd.h"

#define FIXED_ARGS       48
#define ARGS_PER_CHANNEL 4
#define NARROW           500 /* pixels */

struct theme {
	const char *back, *font, *axis, *grid, *mgrid;
	const char *before, *tint, *gap, *mark, *window;
};

static const struct theme light_theme = {
	.back = "FFFFFF",
	.font = "3E4C59",
	.axis = "9AA5B1",
	.grid = "00000000",
	.mgrid = "0000001A",
	.before = "EBEEF1",
	.tint = "D9A44140",
	.gap = "D9A44166",
	.mark = "D6204E",
	.window = "2563EB38",
};
static const struct theme dark_theme = {
	.back = "151A21",
	.font = "B4BEC9",
	.axis = "66727F",
	.grid = "00000000",
	.mgrid = "FFFFFF1F",
	.before = "20262E",
	.tint = "C98A1B40",
	.gap = "C98A1B73",
	.mark = "FF6B8B",
	.window = "60A5FA4D",
};

static const char *const type_units[] = { "flows/s", "packets/s", "bit/s" };

static void
add_colors(struct args *a, const struct theme *t)
{
	ADD(a, "--color=BACK#%s", t->back);
	ADD(a, "--color=CANVAS#%s", t->back);
	ADD(a, "--color=FONT#%s", t->font);
	ADD(a, "--color=AXIS#%s", t->axis);
	ADD(a, "--color=FRAME#00000000");
	ADD(a, "--color=ARROW#00000000");
	ADD(a, "--color=GRID#%s", t->grid);
	ADD(a, "--color=MGRID#%s", t->mgrid);
}

/*
 * librrd's own choice is for wide graphs: in narrow ones its labels are long
 * and the last is cut off by the edge.
 */
static void
add_time_axis(struct args *a, const struct rrd_graph *g)
{
	static const struct {
		int64_t span;
		const char *grid;
	} axes[] = {
		{ INT64_C(7) * 3600, "MINUTE:30:HOUR:2:HOUR:2:0:%H:%M" },
		{ INT64_C(13) * 3600, "HOUR:1:HOUR:3:HOUR:3:0:%H:%M" },
		{ INT64_C(30) * 3600, "HOUR:1:HOUR:6:HOUR:6:0:%H:%M" },
		{ INT64_C(60) * 3600, "HOUR:3:HOUR:12:HOUR:12:0:%H:%M" },
		{ INT64_C(8) * 86400, "HOUR:6:DAY:1:DAY:1:86400:%a" },
		{ INT64_C(16) * 86400, "DAY:1:DAY:2:DAY:2:86400:%d" },
		{ INT64_C(70) * 86400, "DAY:1:WEEK:1:WEEK:1:0:%d.%m." },
		{ INT64_C(200) * 86400, "WEEK:1:MONTH:1:MONTH:1:2592000:%b" },
		{ INT64_MAX, "MONTH:1:MONTH:2:MONTH:2:2592000:%b" },
	};
	size_t i = 0;
	if (g->width >= NARROW || g->to - g->from < INT64_C(2) * 3600)
		return;
	while (axes[i].span < g->to - g->from)
		i++;
	ADD(a, "--x-grid=%s", axes[i].grid);
}

/* One unit length for all, so that plots above each other line up. */
static void
add_layout(struct args *a, const struct rrd_graph *g)
{
	ADD(a, "--width=%u", g->width);
	ADD(a, "--height=%u", g->height);
	ADD(a, "--full-size-mode");
	ADD(a, "--border=0");
	ADD(a, "--disable-rrdtool-tag");
	ADD(a, "--grid-dash=1:0");
	ADD(a, "--units=si");
	ADD(a, "--units-length=%d", g->light ? 5 : 6);
	add_time_axis(a, g);
	ADD(a, "--font=DEFAULT:%d:DejaVu Sans", g->light ? 7 : 8);
	if (g->zoom > 100)
		ADD(a, "--zoom=%u.%02u", g->zoom / 100, g->zoom % 100);
	if (g->light || g->plain)
		ADD(a, "--no-legend");
	if (g->light)
		return;
	ADD(a, "--vertical-label=%s", type_units[g->type]);
	if (g->title != NULL)
		ADD(a, "--title=%s", g->title);
}

static void
add_options(struct args *a, const struct rrd_graph *g, const struct theme *t)
{
	ADD(a, "graph");
	ADD(a, "-");
	ADD(a, "--imgformat=%s", g->format == RRD_SVG ? "SVG" : "PNG");
	ADD(a, "--start=%lld", (long long)g->from);
	/* A label at the very end would be cut off by the image's edge. */
	ADD(a, "--end=%lld", (long long)g->to - 1);
	add_layout(a, g);
	add_colors(a, t);
	if (g->log_scale)
		ADD(a, "--logarithmic");
	else
		ADD(a, "--lower-limit=0");
}

static const char *
ds_name(const struct rrd_graph *g)
{
	return rrd_ds_names[(size_t)g->type * CLASS_MAX + g->proto];
}

static void
add_data(struct args *a, const struct rrd_graph *g)
{
	for (size_t i = 0; i < g->n; i++) {
		const struct rrd_graph_channel *c = &g->channels[i];
		int factor = g->type == RRD_TRAFFIC ? 8 : 1;
		ADD(a, "DEF:d%zu=%s:%s:AVERAGE:start=%lld:end=%lld", i,
		    args_escaped(a, c->path), ds_name(g),
		    (long long)(g->from - g->slot_length),
		    (long long)(g->to - g->slot_length));
		ADD(a, "CDEF:c%zu=d%zu,%d,*", i, i,
		    c->sign == '-' && !g->log_scale ? -factor : factor);
		ADD(a, "SHIFT:c%zu:%lld", i, (long long)g->slot_length);
	}
}

/* Is anything drawn on that side of zero? */
static bool
has_sign(const struct rrd_graph *g, char sign)
{
	if (g->log_scale)
		return sign == '+';
	for (size_t i = 0; i < g->n; i++)
		if (g->channels[i].sign == sign)
			return true;
	return false;
}

/* A band over the full height of each sign that is drawn. */
static void
add_band(struct args *a, const struct rrd_graph *g, const char *name,
    const char *condition, const char *color)
{
	if (has_sign(g, '+') || g->n == 0) {
		ADD(a, "CDEF:%sp=%s,INF,UNKN,IF", name, condition);
		ADD(a, "AREA:%sp#%s", name, color);
	}
	if (has_sign(g, '-')) {
		ADD(a, "CDEF:%sn=%s,NEGINF,UNKN,IF", name, condition);
		ADD(a, "AREA:%sn#%s", name, color);
	}
}

/* The time enters an expression through any channel. */
static void
add_before(struct args *a, const struct rrd_graph *g, const struct theme *t)
{
	if (g->profile_start > g->from)
		add_band(a, g, "before",
		    arena_printf(&a->arena, "c0,POP,TIME,%lld,LE",
			(long long)g->profile_start),
		    t->before);
}

/* Stripes on a tint where every channel is unknown. */
static void
add_gaps(struct args *a, const struct rrd_graph *g, const struct theme *t)
{
	int64_t period = 8 * (g->to - g->from) / g->width;
	const char *unknown = "c0,UN";
	if (period < 2 * g->slot_length)
		period = 2 * g->slot_length;
	for (size_t i = 1; i < g->n; i++)
		unknown = arena_printf(&a->arena, "%s,c%zu,UN,*", unknown, i);
	/* The tint alone shows what is narrower than a stripe. */
	add_band(a, g, "tint",
	    arena_printf(&a->arena, "%s,TIME,%lld,GT,*", unknown,
		(long long)g->profile_start),
	    t->tint);
	add_band(a, g, "gap",
	    arena_printf(&a->arena, "%s,TIME,%lld,GT,*,TIME,%lld,%%,%lld,LT,*",
		unknown, (long long)g->profile_start, (long long)period,
		(long long)period / 2),
	    t->gap);
}

static void
add_mark(struct args *a, const struct rrd_graph *g, const struct theme *t)
{
	if (g->mark_from == 0)
		return;
	if (g->mark_to > g->mark_from + g->slot_length)
		add_band(a, g, "mark",
		    arena_printf(&a->arena,
			"c0,POP,TIME,%lld,GT,TIME,%lld,LE,*",
			(long long)g->mark_from, (long long)g->mark_to),
		    t->window);
	else
		ADD(a, "VRULE:%lld#%s", (long long)g->mark_from, t->mark);
}

static void
add_channels(struct args *a, const struct rrd_graph *g, char sign)
{
	bool first = true;
	size_t widest = 0;
	for (size_t i = 0; i < g->n; i++)
		if (strlen(g->channels[i].name) > widest)
			widest = strlen(g->channels[i].name);
	for (size_t i = 0; i < g->n; i++) {
		const struct rrd_graph_channel *c = &g->channels[i];
		if (c->sign != sign)
			continue;
		const char *label =
		    g->light || g->plain
			? ""
			: arena_printf(&a->arena, ":%-*s", (int)widest,
			      args_escaped(a, c->name));
		/* A logarithm has no place below zero: dashed instead. */
		if (g->log_scale && sign == '-')
			ADD(a, "LINE1.5:c%zu%s%s:dashes=5,3", i, c->color,
			    label[0] == '\0' ? ":" : label);
		else if (g->lines)
			ADD(a, "LINE1.5:c%zu%s%s", i, c->color, label);
		else
			ADD(a, "AREA:c%zu%s%s%s", i, c->color,
			    label[0] == '\0' && !first ? ":" : label,
			    first ? "" : ":STACK");
		first = false;
	}
}

/* librrd tells sizes and the image as a list of named values. */
static int
take_image(const rrd_info_t *info, struct buf *out, struct rrd_plot *plot,
    struct err *err)
{
	const struct {
		const char *key;
		unsigned *value;
	} sizes[] = {
		{ "graph_left", &plot->left },
		{ "graph_top", &plot->top },
		{ "graph_width", &plot->width },
		{ "graph_height", &plot->height },
		{ "image_width", &plot->image_width },
		{ "image_height", &plot->image_height },
	};
	buf_clear(out);
	*plot = (struct rrd_plot){ 0 };
	for (const rrd_info_t *i = info; i != NULL; i = i->next) {
		if (strcmp(i->key, "image") == 0)
			buf_add(out, i->value.u_blo.ptr, i->value.u_blo.size);
		for (size_t k = 0; k < sizeof(sizes) / sizeof(*sizes); k++)
			if (i->type == RD_I_CNT &&
			    strcmp(i->key, sizes[k].key) == 0)
				*sizes[k].value = (unsigned)i->value.u_cnt;
	}
	return out->len != 0 ? 0 : err_set(err, "graph: librrd made no image");
}

static void
add_drawing(struct args *a, const struct rrd_graph *g, const struct theme *t)
{
	add_data(a, g);
	if (g->n != 0) {
		add_before(a, g, t);
		add_gaps(a, g, t);
	}
	add_channels(a, g, '+');
	add_channels(a, g, '-');
	if (g->n != 0)
		add_mark(a, g, t);
	if (!g->log_scale || g->n == 0)
		ADD(a, "HRULE:%d#%s", g->log_scale ? 1 : 0, t->axis);
}

int
rrd_graph_draw(const struct rrd_graph *g, struct buf *out,
    struct rrd_plot *plot, struct err *err)
{
	struct rrd_plot unused;
	struct args a;
	const struct theme *t = g->dark ? &dark_theme : &light_theme;
	args_begin(&a, FIXED_ARGS + ARGS_PER_CHANNEL * g->n);
	add_options(&a, g, t);
	add_drawing(&a, g, t);

	for (size_t i = 0; i < g->n; i++)
		rrd_cached_flush(g->channels[i].path);
	rrd_clear_error();
	rrd_info_t *info;
	int r = -1, tries = 0;
	while ((info = rrd_graph_v((int)a.n, a.v)) == NULL && rrd_retry(&tries))
		;
	if (info == NULL)
		(void)err_set(err, "graph: %s", rrd_get_error());
	else
		r = take_image(info, out, plot != NULL ? plot : &unused, err);
	rrd_info_free(info);
	arena_free(&a.arena);
	return r;
}

void
rrd_graph_warm(void)
{
	struct buf image = BUF_EMPTY;
	struct err err;
	const struct rrd_graph g = { .from = 86400,
		.to = INT64_C(2) * 86400,
		.width = 200,
		.height = 100,
		.slot_length = 300,
		.title = "0" };
	(void)rrd_graph_draw(&g, &image, NULL, &err);
	buf_free(&image);
}
