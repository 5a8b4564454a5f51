/*
 * Details: one big graph, the other types and protocols beside it, and the
 * statistics of the slot or window that is selected.
 */
#include <string.h>

#include "fcgi/details.h"
#include "fcgi/html.h"
#include "fcgi/layout.h"
#include "fcgi/pages.h"
#include "fcgi/parts.h"

#define GRAPH_WIDTH  1160
#define GRAPH_HEIGHT 340

const char *
details_url(const struct view *v, const struct query *q, struct arena *a)
{
	return view_url(v, a, "details", PAGE_DETAILS, q);
}

bool
details_marked(const struct view *v)
{
	return v->window || v->q.t.text != NULL;
}

static bool
listed(const char *const *list, const char *s, size_t n)
{
	for (; *list != NULL; list++)
		if (strlen(*list) == n && memcmp(*list, s, n) == 0)
			return true;
	return false;
}

void
details_hidden(const struct query *q, const char *const *but,
    struct response *rs)
{
	struct buf pairs = BUF_EMPTY;
	query_print(q, PAGE_DETAILS, &pairs);
	for (const char *s = buf_str(&pairs); *s != '\0';) {
		size_t n = strcspn(s, "&");
		size_t eq = strcspn(s, "=");
		if (!listed(but, s, eq))
			html(&rs->body,
			    "<input type=\"hidden\" name=\"%s\" value=\"%s\">",
			    arena_strndup(&rs->arena, s, eq),
			    query_decode(s + eq + 1, n - eq - 1, &rs->arena));
		s += n + (s[n] == '&');
	}
	buf_free(&pairs);
}

static const char *
alt_text(const struct view *v, int type, enum counter_class proto,
    struct arena *a)
{
	return arena_printf(a, "Graph: %s, %s, from %s to %s", part_types[type],
	    part_classes[proto], view_time_text(v->graph_from, a),
	    view_time_text(v->graph_to, a));
}

static void
main_graph(const struct view *v, const struct request *rq, struct response *rs)
{
	struct buf *b = &rs->body;
	struct query q = v->q;
	bool none = true;
	for (size_t i = 0; i < v->n_channels; i++)
		none = none && !v->channels[i].shown;
	q.type = (int)v->type;
	const struct picture p = { .view = v,
		.q = q,
		.width = layout_graph_width(rq, GRAPH_WIDTH),
		.height = GRAPH_HEIGHT,
		.alt = alt_text(v, q.type, q.proto, &rs->arena) };
	html(b,
	    "<figure class=\"main\" id=\"graph\" data-from=\"%lld\" data-to="
	    "\"%lld\" data-slot=\"%lld\" data-east=\"%lld\" data-zone=\"%s\" "
	    "data-series=\"/api/v1%s\">",
	    (long long)v->graph_from, (long long)v->graph_to,
	    (long long)v->slot, (long long)view_zone_east(v->graph_to),
	    view_zone_text(v->graph_to, &rs->arena),
	    view_url(v, &rs->arena, "series", PAGE_SERIES, &q));
	html(b,
	    "<figcaption><b>%s</b> <small>%s, %s</small><span id=\"readout\" "
	    "class=\"readout\">%s – %s %s</span></figcaption>",
	    part_types[v->type], part_rate_units[v->type],
	    part_classes[v->q.proto], view_time_text(v->graph_from, &rs->arena),
	    view_time_text(v->graph_to, &rs->arena),
	    view_zone_text(v->graph_to, &rs->arena));
	if (none)
		html(b, "<p class=\"warn\" role=\"status\">No channel is "
			"ticked.</p>");
	html(b, "<div class=\"plot\" id=\"plot\" tabindex=\"0\" role=\"group\" "
		"aria-label=\"Main graph; arrow keys move the slot\">");
	part_picture(&p, rq, rs);
	html(b, "</div></figure>");
}

static void
small_graph(const struct view *v, int type, enum counter_class proto,
    const char *caption, const struct request *rq, struct response *rs)
{
	struct picture p = { .view = v,
		.q = v->q,
		.width = 220,
		.height = 110,
		.small = true,
		.alt = alt_text(v, type, proto, &rs->arena) };
	p.q.type = type;
	p.q.proto = proto;
	html(&rs->body,
	    "<figure><a href=\"%s\"><figcaption>%s <small>%s</small>"
	    "</figcaption>",
	    details_url(v, &p.q, &rs->arena), caption, part_rate_units[type]);
	part_picture(&p, rq, rs);
	html(&rs->body, "</a></figure>");
}

static void
small_graphs(const struct view *v, const struct request *rq,
    struct response *rs)
{
	html(&rs->body, "<div class=\"small\" id=\"small\">");
	for (int c = 0; c < CLASS_MAX; c++)
		if (c != (int)v->q.proto)
			small_graph(v, (int)v->type, (enum counter_class)c,
			    part_classes[c], rq, rs);
	for (int type = 0; type < 3; type++)
		if (type != (int)v->type)
			small_graph(v, type, v->q.proto, part_types[type], rq,
			    rs);
	html(&rs->body, "</div>");
}

void
page_details(const struct view *v, const struct request *rq,
    struct response *rs)
{
	const char *name = part_profile_name(v->profile, &rs->arena);
	bool live = v->q.end.text == NULL && !details_marked(v);
	const struct layout l = { .conf = v->conf,
		.view = v,
		.page = "details",
		.title = arena_printf(&rs->arena, "%s, %s %s", name,
		    part_types[v->type], view_time_text(v->slot, &rs->arena)),
		.live = live };
	rs->status = 200;
	layout_begin(&l, rq, rs);
	html(&rs->body,
	    "<div class=\"title\" id=\"title\"><h1>%s</h1>"
	    "<span class=\"tag\">%s</span>",
	    name, part_profile_type(v->profile));
	part_freshness(v, rs);
	html(&rs->body, "</div>");
	details_controls(v, rs);
	main_graph(v, rq, rs);
	small_graphs(v, rq, rs);
	details_stats(v, rs);
	layout_end(rq, rs);
}
