#include "fcgi/image.h"

#include "base/slot.h"

#define PLOT_WIDTH  900
#define PLOT_HEIGHT 280

static size_t
shown_channels(const struct view *v, struct rrd_graph_channel *out)
{
	size_t n = 0;
	for (size_t i = 0; i < v->n_channels; i++) {
		const struct view_channel *c = &v->channels[i];
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
		.width = v->q.px_width != 0 ? v->q.px_width : PLOT_WIDTH,
		.height = v->q.px_height != 0 ? v->q.px_height : PLOT_HEIGHT,
		.log_scale = v->q.log,
		.lines = v->q.lines,
		.light = v->q.light,
		.dark = v->q.dark,
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
	rs->extra = arena_printf(&rs->arena,
	    "X-Plot: %u %u %u %u %lld %lld\r\n", plot.left, plot.top,
	    plot.width, plot.height, (long long)g.from, (long long)g.to);
}
