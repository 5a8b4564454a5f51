#include "store/classic.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <rrd.h>

#include "store/args.h"
#include "store/retry.h"

#define FIXED_ARGS       32
#define ARGS_PER_CHANNEL 4
#define EVENTS_DRAWN     64
#define TEXT_TIME        1000000000 /* any that librrd takes for one */

/* The image of the argument vector, which is freed. */
static int
draw(struct args *a, struct buf *out, struct err *err)
{
	rrd_info_t *info;
	int tries = 0;
	buf_clear(out);
	rrd_clear_error();
	while (
	    (info = rrd_graph_v((int)a->n, a->v)) == NULL && rrd_retry(&tries))
		;
	for (const rrd_info_t *i = info; i != NULL; i = i->next)
		if (strcmp(i->key, "image") == 0)
			buf_add(out, i->value.u_blo.ptr, i->value.u_blo.size);
	if (info == NULL)
		(void)err_set(err, "graph: %s", rrd_get_error());
	else if (out->len == 0)
		(void)err_set(err, "graph: librrd made no image");
	rrd_info_free(info);
	arena_free(&a->arena);
	return out->len != 0 ? 0 : -1;
}

const char *
classic_time(int64_t t, char *buf)
{
	struct tm tm;
	time_t when = (time_t)t;
	if (localtime_r(&when, &tm) == NULL ||
	    strftime(buf, CLASSIC_TIME_MAX, "%a %b %e %H:%M:%S %Y", &tm) == 0)
		buf[0] = '\0';
	return buf;
}

static void
add_options(struct args *a, int64_t from, int64_t to, unsigned width,
    unsigned height)
{
	ADD(a, "graph");
	ADD(a, "-");
	ADD(a, "--imgformat=PNG");
	ADD(a, "--start=%lld", (long long)from);
	ADD(a, "--end=%lld", (long long)to);
	ADD(a, "--width=%u", width);
	ADD(a, "--height=%u", height);
}

/* ---- channels ------------------------------------------------------------------ */

static void
add_channel_options(struct args *a, const struct classic_graph *g)
{
	add_options(a, g->from, g->to, g->width, g->height);
	if (g->log_scale)
		ADD(a, "--logarithmic");
	if (g->light) {
		ADD(a, "--no-minor");
		ADD(a, "--no-legend");
		return;
	}
	if (g->title != NULL)
		ADD(a, "--title=%s", g->title);
	if (g->label != NULL)
		ADD(a, "--vertical-label=%s", g->label);
}

static void
add_data(struct args *a, const struct classic_graph *g)
{
	for (size_t i = 0; i < g->n; i++) {
		const struct rrd_graph_channel *c = &g->channels[i];
		int factor = g->type == RRD_TRAFFIC ? 8 : 1;
		ADD(a, "DEF:d%zu=%s:%s:AVERAGE:start=%lld:end=%lld", i,
		    args_escaped(a, c->path),
		    rrd_ds_names[(size_t)g->type * CLASS_MAX + g->proto],
		    (long long)(g->from - g->slot_length),
		    (long long)(g->to - g->slot_length));
		ADD(a, "CDEF:c%zu=d%zu,%d,*", i, i,
		    c->sign == '-' ? -factor : factor);
		ADD(a, "SHIFT:c%zu:%lld", i, (long long)g->slot_length);
	}
}

static bool
has_sign(const struct classic_graph *g, char sign)
{
	for (size_t i = 0; i < g->n; i++)
		if (g->channels[i].sign == sign)
			return true;
	return false;
}

/* Grey where the profile had not begun. */
static void
add_before(struct args *a, const struct classic_graph *g)
{
	static const struct {
		char sign;
		const char *name, *edge;
	} sides[] = { { '+', "before1", "INF" }, { '-', "before2", "NEGINF" } };
	if (g->light || g->profile_start <= g->from)
		return;
	for (size_t i = 0; i < 2; i++) {
		if (!has_sign(g, sides[i].sign))
			continue;
		ADD(a, "CDEF:%s=c0,POP,TIME,%lld,LE,%s,UNKN,IF", sides[i].name,
		    (long long)g->profile_start, sides[i].edge);
		ADD(a, "AREA:%s#DDDDDD", sides[i].name);
	}
}

static const char *
legend(struct args *a, const struct classic_graph *g, const char *name)
{
	size_t widest = 0;
	if (g->light)
		return "";
	for (size_t i = 0; g->padded && i < g->n; i++)
		if (strlen(g->channels[i].name) > widest)
			widest = strlen(g->channels[i].name);
	return arena_printf(&a->arena, ":%-*s", (int)widest,
	    args_escaped(a, name));
}

static void
add_drawn(struct args *a, const struct classic_graph *g, char sign)
{
	bool first = true;
	for (size_t i = 0; i < g->n; i++) {
		const struct rrd_graph_channel *c = &g->channels[i];
		const char *text = legend(a, g, c->name);
		if (!g->lines && c->sign != sign)
			continue;
		if (g->lines)
			ADD(a, "LINE1:c%zu%s%s", i, c->color, text);
		else if (first)
			ADD(a, "AREA:c%zu%s%s", i, c->color, text);
		else
			ADD(a, "AREA:c%zu%s%s:STACK", i, c->color,
			    text[0] == '\0' ? ":" : text);
		first = false;
	}
}

int
classic_channels(const struct classic_graph *g, struct buf *out,
    struct err *err)
{
	struct args a;
	args_begin(&a, FIXED_ARGS + ARGS_PER_CHANNEL * g->n);
	add_channel_options(&a, g);
	add_data(&a, g);
	add_before(&a, g);
	add_drawn(&a, g, '+');
	if (!g->lines)
		add_drawn(&a, g, '-');
	return draw(&a, out, err);
}

/* ---- alerts ----------------------------------------------------------------------- */

static const struct {
	const char *ds, *color;
} averages[] = {
	{ "last", "#ff0000" },
	{ "avg10m", "#800000" },
	{ "avg30m", "#008080" },
	{ "avg1h", "#00ffff" },
	{ "avg6h", "#ffff00" },
	{ "avg12h", "#808000" },
	{ "avg24h", "#0000ff" },
};
#define N_AVERAGES (sizeof(averages) / sizeof(averages[0]))

static const char *const units[] = { "Flows/s", "Packets/s", "Bits/s" };

int
classic_alert(const struct classic_alert *g, struct buf *out, struct err *err)
{
	struct args a;
	char from[CLASSIC_TIME_MAX], to[CLASSIC_TIME_MAX];
	size_t drawn = 0;
	args_begin(&a, FIXED_ARGS + 3 * N_AVERAGES + EVENTS_DRAWN);
	add_options(&a, g->from, g->to, 576, 200);
	ADD(&a, "--title=%s - %s %s", classic_time(g->from, from),
	    classic_time(g->to, to), units[g->type]);
	ADD(&a, "--vertical-label=%s", units[g->type]);
	for (size_t i = 0; i < N_AVERAGES; i++) {
		ADD(&a, "DEF:d%zu=%s:%s:AVERAGE", i, args_escaped(&a, g->path),
		    averages[i].ds);
		ADD(&a, "CDEF:c%zu=PREV(d%zu),%d,*", i, i,
		    g->type == RRD_TRAFFIC ? 8 : 1);
	}
	for (size_t i = 0; i < g->n_events && drawn < EVENTS_DRAWN; i++)
		if (g->events[i] >= g->from && g->events[i] <= g->to) {
			ADD(&a, "VRULE:%lld#000080", (long long)g->events[i]);
			drawn++;
		}
	for (size_t i = 0; i < N_AVERAGES; i++)
		ADD(&a, "LINE1:c%zu%s:%s", i, averages[i].color,
		    averages[i].ds);
	return draw(&a, out, err);
}

int
classic_text(const char *text, unsigned width, unsigned height, struct buf *out,
    struct err *err)
{
	struct args a;
	args_begin(&a, FIXED_ARGS);
	add_options(&a, TEXT_TIME, TEXT_TIME + 86400, width, height);
	ADD(&a, "--title=%s", text);
	ADD(&a, "--x-grid=none");
	ADD(&a, "--y-grid=none");
	ADD(&a, "LINE1:0#FFFFFF");
	return draw(&a, out, err);
}
