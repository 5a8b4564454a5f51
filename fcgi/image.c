#include "fcgi/image.h"

#include <string.h>

#include "base/slot.h"

#define IMAGE_WIDTH  1000
#define IMAGE_HEIGHT 340

/* "web, traffic tcp": what a picture that left its page is of. */
static const char *
title_of(const struct view *v, struct arena *a)
{
	static const char *const types[] = { "flows", "packets", "traffic" };
	const struct profile *p = v->profile;
	bool grouped = strcmp(p->group, ".") != 0;
	return arena_printf(a, "%s%s%s, %s %s, %s - %s %s",
	    grouped ? p->group : "", grouped ? "/" : "", p->name,
	    types[v->type], counter_class_names[v->q.proto],
	    view_time_text(v->graph_from, a), view_time_text(v->graph_to, a),
	    view_zone_text(v->graph_to, a));
}

static size_t
shown_channels(const struct view *v, struct rrd_graph_channel *out)
{
	size_t n = 0;
	size_t plus = 0;
	while (plus < v->n_channels && v->channels[plus].ch->sign != '-')
		plus++;
	for (size_t k = 0; k < v->n_channels; k++) {
		/* The first channel is the top of the stack: drawn last. */
		const struct view_channel *c =
		    &v->channels[k < plus ? plus - 1 - k : k];
		if (c->shown)
			out[n++] = (struct rrd_graph_channel){
				.name = c->ch->name,
				.path = c->rrd,
				.color = c->color,
				.sign = c->ch->sign,
			};
	}
	return n;
}

/* The selection is drawn only where the address asks for one. */
static void
set_mark(struct rrd_graph *g, const struct view *v)
{
	if (!v->window && v->q.t.text == NULL)
		return;
	g->mark_from = v->sel_from;
	g->mark_to = v->sel_to;
}

void
image_graph(const struct view *v, enum rrd_image format,
    const struct request *rq, struct response *rs)
{
	struct rrd_graph_channel *channels =
	    arena_array(&rs->arena, v->n_channels, sizeof(*channels));
	struct rrd_graph g = {
		.channels = channels,
		.n = shown_channels(v, channels),
		.type = v->type,
		.proto = v->q.proto,
		.from = v->graph_from,
		.to = v->graph_to,
		.slot_length = v->step,
		.profile_start = v->profile->tbegin,
		.width = v->q.px_width != 0 ? v->q.px_width : IMAGE_WIDTH,
		.height = v->q.px_height != 0 ? v->q.px_height : IMAGE_HEIGHT,
		.log_scale = v->q.log,
		.lines = v->q.lines,
		.zoom = v->q.zoom,
		.light = v->q.light,
		.plain = v->q.plain,
		.dark = v->q.dark,
		.title =
		    v->q.plain || v->q.light ? NULL : title_of(v, &rs->arena),
		.format = format,
	};
	set_mark(&g, v);
	struct rrd_plot plot;
	struct err err;
	if (rrd_graph_draw(&g, &rs->body, &plot, &err) == -1) {
		http_error(rs, rq, 500, "%s", err.msg);
		return;
	}
	rs->status = 200;
	rs->type = format == RRD_SVG ? "image/svg+xml" : "image/png";
	/* A graph of the past stays as it is; one of now lasts a moment. */
	rs->max_age = g.to < slot_start(rq->now, v->step) ? 3600 : 5;
	rs->extra =
	    arena_printf(&rs->arena, "X-Plot: %u %u %u %u %u %u %lld %lld\r\n",
		plot.left, plot.top, plot.width, plot.height, plot.image_width,
		plot.image_height, (long long)g.from, (long long)g.to);
}
