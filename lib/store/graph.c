/*
 * Drawing: a struct rrd_graph becomes librrd's argument vector, and the
 * image that librrd returns becomes the caller's buffer.
 *
 * One channel i is three variables: d<i> as stored, s<i> moved one slot to
 * the right (the file is a slot early), c<i> scaled and signed.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <rrd.h>

#include "base/arena.h"
#include "store/rrd.h"

#define FIXED_ARGS       48
#define ARGS_PER_CHANNEL 4

struct args {
	struct arena arena;
	char **v;
	size_t n, max;
};

#define ADD(a, ...) add((a), arena_printf(&(a)->arena, __VA_ARGS__))

static void
add(struct args *a, char *text)
{
	assert(a->n < a->max);
	a->v[a->n++] = text;
}

struct theme {
	const char *back, *canvas, *font, *axis, *grid, *mgrid;
	const char *before, *unknown, *mark, *zero;
};

static const struct theme light_theme = { "FFFFFF", "FFFFFF", "1F2933",
	"7B8794", "E4E7EB", "CBD2D9", "E4E7EB", "F2D9A8", "2563EB40",
	"52606D" };
static const struct theme dark_theme = { "161B22", "161B22", "D7DEE6", "7B8794",
	"262D36", "3A434E", "262D36", "4A3B18", "60A5FA50", "9AA5B1" };

static const char *const type_units[] = { "flows/s", "packets/s", "bit/s" };

/* librrd splits arguments at ':'; a literal one is written "\:". */
static const char *
escaped(struct args *a, const char *text)
{
	char *out = arena_alloc(&a->arena, 2 * strlen(text) + 1);
	size_t n = 0;
	for (const char *s = text; *s != '\0'; s++) {
		if (*s == ':' || *s == '\\')
			out[n++] = '\\';
		out[n++] = *s;
	}
	return out;
}

static void
add_options(struct args *a, const struct rrd_graph *g, const struct theme *t)
{
	ADD(a, "graph");
	ADD(a, "-");
	ADD(a, "--imgformat=%s", g->format == RRD_SVG ? "SVG" : "PNG");
	ADD(a, "--start=%lld", (long long)g->from);
	ADD(a, "--end=%lld", (long long)g->to);
	ADD(a, "--width=%u", g->width);
	ADD(a, "--height=%u", g->height);
	ADD(a, "--border=0");
	ADD(a, "--disable-rrdtool-tag");
	ADD(a, "--units=si");
	ADD(a, "--color=BACK#%s", t->back);
	ADD(a, "--color=CANVAS#%s", t->canvas);
	ADD(a, "--color=FONT#%s", t->font);
	ADD(a, "--color=AXIS#%s", t->axis);
	ADD(a, "--color=FRAME#%s", t->axis);
	ADD(a, "--color=ARROW#%s", t->axis);
	ADD(a, "--color=GRID#%s", t->grid);
	ADD(a, "--color=MGRID#%s", t->mgrid);
	if (g->log_scale)
		ADD(a, "--logarithmic");
	if (g->light) {
		ADD(a, "--no-legend");
		ADD(a, "--no-minor");
		return;
	}
	ADD(a, "--vertical-label=%s", type_units[g->type]);
	if (g->title != NULL)
		ADD(a, "--title=%s", g->title);
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
		    escaped(a, c->path), ds_name(g),
		    (long long)(g->from - g->slot_length),
		    (long long)(g->to - g->slot_length));
		ADD(a, "CDEF:c%zu=d%zu,%d,*", i, i,
		    c->sign == '-' ? -factor : factor);
		ADD(a, "SHIFT:c%zu:%lld", i, (long long)g->slot_length);
	}
}

static bool
has_sign(const struct rrd_graph *g, char sign)
{
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

/* Something is drawn "before the start": time enters through any channel. */
static void
add_bands(struct args *a, const struct rrd_graph *g, const struct theme *t)
{
	if (g->profile_start > g->from)
		add_band(a, g, "before",
		    arena_printf(&a->arena, "c0,POP,TIME,%lld,LE",
			(long long)g->profile_start),
		    t->before);
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
		    t->mark);
	else
		ADD(a, "VRULE:%lld#%.6s", (long long)g->mark_from, t->mark);
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
		const char *label = g->light
					? ""
					: arena_printf(&a->arena, ":%-*s",
					      (int)widest, escaped(a, c->name));
		if (g->lines)
			ADD(a, "LINE1.5:c%zu%s%s", i, c->color, label);
		else
			ADD(a, "AREA:c%zu%s%s%s", i, c->color,
			    label[0] == '\0' && !first ? ":" : label,
			    first ? "" : ":STACK");
		first = false;
	}
}

static void
take_number(const rrd_info_t *i, const char *key, unsigned *v)
{
	if (strcmp(i->key, key) == 0)
		*v = (unsigned)i->value.u_cnt;
}

static int
take_image(const rrd_info_t *info, struct buf *out, struct rrd_plot *plot,
    struct err *err)
{
	buf_clear(out);
	*plot = (struct rrd_plot){ 0 };
	for (const rrd_info_t *i = info; i != NULL; i = i->next) {
		if (strcmp(i->key, "image") == 0)
			buf_add(out, i->value.u_blo.ptr, i->value.u_blo.size);
		take_number(i, "graph_left", &plot->left);
		take_number(i, "graph_top", &plot->top);
		take_number(i, "graph_width", &plot->width);
		take_number(i, "graph_height", &plot->height);
	}
	return out->len != 0 ? 0 : err_set(err, "graph: librrd made no image");
}

int
rrd_graph_draw(const struct rrd_graph *g, struct buf *out,
    struct rrd_plot *plot, struct err *err)
{
	struct args a = { .max = FIXED_ARGS + ARGS_PER_CHANNEL * g->n };
	const struct theme *t = g->dark ? &dark_theme : &light_theme;
	struct rrd_plot unused;
	a.v = arena_array(&a.arena, a.max, sizeof(*a.v));
	add_options(&a, g, t);
	add_data(&a, g);
	if (g->n != 0)
		add_bands(&a, g, t);
	add_channels(&a, g, '+');
	add_channels(&a, g, '-');
	if (g->n != 0)
		add_mark(&a, g, t);
	ADD(&a, "HRULE:0#%s", t->zero);

	rrd_clear_error();
	rrd_info_t *info = rrd_graph_v((int)a.n, a.v);
	int r = -1;
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
	const struct rrd_graph g = { .from = 0,
		.to = 86400,
		.width = 100,
		.height = 50,
		.slot_length = 300,
		.title = "0" };
	(void)rrd_graph_draw(&g, &image, NULL, &err);
	buf_free(&image);
}
