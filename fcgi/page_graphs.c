/*
 * Graphs: day, week, month and year of flows, packets and traffic.
 */
#include "fcgi/html.h"
#include "fcgi/layout.h"
#include "fcgi/pages.h"
#include "fcgi/parts.h"

static const struct {
	const char *name, *width;
	int64_t seconds;
} periods[] = { { "Day", "1d", 86400 }, { "Week", "1w", 7 * 86400 },
	{ "Month", "1M", 30 * 86400 }, { "Year", "1y", 365 * 86400 } };
#define PERIODS (sizeof(periods) / sizeof(*periods))

static void
cell(const struct view *v, size_t period, int type, const struct request *rq,
    struct response *rs)
{
	struct picture p = { .view = v,
		.q = { .type = type,
		    .width = periods[period].seconds,
		    .width_text = periods[period].width,
		    .end = v->q.end },
		.width = 460,
		.height = 190,
		.small = true,
		.lazy = period > 1,
		.alt = arena_printf(&rs->arena, "%s, one %s: %s to %s",
		    part_types[type], periods[period].name,
		    view_time_text(v->graph_to - periods[period].seconds,
			&rs->arena),
		    view_time_text(v->graph_to, &rs->arena)) };
	html(&rs->body,
	    "<figure><figcaption>%s <small>%s</small></figcaption>"
	    "<a href=\"%s\">",
	    part_types[type], part_rate_units[type],
	    view_url(v, &rs->arena, "details", PAGE_DETAILS, &p.q));
	part_picture(&p, rq, rs);
	html(&rs->body, "</a></figure>");
}

void
page_graphs(const struct view *v, const struct request *rq, struct response *rs)
{
	struct buf *b = &rs->body;
	const char *name = part_profile_name(v->profile, &rs->arena);
	const struct layout l = { .conf = v->conf,
		.view = v,
		.page = "graphs",
		.title = arena_printf(&rs->arena, "%s, graphs", name),
		.live = v->q.end.text == NULL };
	rs->status = 200;
	layout_begin(&l, rq, rs);
	html(b, "<div class=\"title\"><h1>%s</h1><span class=\"tag\">%s</span>",
	    name, part_profile_type(v->profile));
	part_freshness(v, rs);
	part_legend(v, rs);
	html(b, "</div>");
	for (size_t i = 0; i < PERIODS; i++) {
		html(b,
		    "<section class=\"period\"><h2>%s <small>%s – %s %s"
		    "</small></h2><div class=\"triple\">",
		    periods[i].name,
		    view_time_text(v->graph_to - periods[i].seconds,
			&rs->arena),
		    view_time_text(v->graph_to, &rs->arena),
		    view_zone_text(v->graph_to, &rs->arena));
		for (int type = 0; type < 3; type++)
			cell(v, i, type, rq, rs);
		html(b, "</div></section>");
	}
	layout_end(rq, rs);
}
