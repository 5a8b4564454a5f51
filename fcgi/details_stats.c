/*
 * The statistics table: flows, packets and traffic of each channel by
 * protocol, as rate or as sum, and the total of the ticked ones.
 */
#include <math.h>
#include <string.h>

#include "fcgi/details.h"
#include "fcgi/html.h"
#include "fcgi/parts.h"
#include "fcgi/text.h"

#define DS_COUNT ((size_t)3 * CLASS_MAX)

static double
value_of(const struct view *v, const struct view_sums *s, size_t ds)
{
	bool traffic = ds / CLASS_MAX == RRD_TRAFFIC;
	if (s->slots == 0 || s->unknown == s->slots)
		return (double)NAN;
	if (v->q.sum)
		return nearbyint(s->sum[ds]);
	/* Of the time that is known. */
	double secs = (double)(v->sel_to - v->sel_from) *
		      (double)(s->slots - s->unknown) / (double)s->slots;
	return s->sum[ds] * (traffic ? 8 : 1) / secs;
}

static const char *
unit_of(const struct view *v, size_t ds)
{
	return v->q.sum ? part_sum_units[ds / CLASS_MAX]
			: part_rate_units[ds / CLASS_MAX];
}

static void
cells(const struct view *v, const struct view_sums *s, struct response *rs)
{
	for (size_t ds = 0; ds < DS_COUNT; ds++) {
		double n = value_of(v, s, ds);
		bool here = ds == (size_t)v->type * CLASS_MAX + v->q.proto;
		html(&rs->body,
		    "<td class=\"num%s%s\" data-v=\"%.10g\" title=\"%s %s\">"
		    "%s</td>",
		    ds % CLASS_MAX == 0 ? " first" : "", here ? " here" : "",
		    isnan(n) ? -1 : n, text_full(&rs->arena, n), unit_of(v, ds),
		    v->q.sum ? text_count(&rs->arena, n)
			     : text_short(&rs->arena, n));
	}
}

static void
channel_row(const struct view *v, const struct view_channel *c,
    const struct view_sums *s, struct response *rs)
{
	struct buf *b = &rs->body;
	struct query only = v->q;
	only.channels = c->ch->name;
	html(b,
	    "<tr data-ch=\"%s\"><th scope=\"row\"><label>"
	    "<input type=\"checkbox\" form=\"channels\" name=\"ch\" "
	    "value=\"%s\"",
	    c->ch->name, c->ch->name);
	html(b, c->shown ? " checked>" : ">");
	part_swatch(b, c->color);
	html(b, "%s</label>", c->ch->name);
	if (c->ch->sign == '-')
		html(b,
		    "<span class=\"tag\" title=\"drawn downwards\">−</span>");
	if (s->unknown != 0 && s->unknown < s->slots)
		html(b,
		    "<span class=\"tag warn\" title=\"%zu of %zu slots are "
		    "unknown\">%.1f %% known</span>",
		    s->unknown, s->slots,
		    100.0 * (double)(s->slots - s->unknown) / (double)s->slots);
	html(b, "<a class=\"only\" href=\"%s\">only</a></th>",
	    details_url(v, &only, &rs->arena));
	cells(v, s, rs);
	html(b, "</tr>");
}

static void
add_sums(struct view_sums *sum, const struct view_sums *s)
{
	if (s->slots == 0)
		return;
	if (sum->slots == 0)
		*sum = (struct view_sums){ .slots = s->slots,
			.unknown = s->unknown,
			.step = s->step };
	if (s->unknown < sum->unknown)
		sum->unknown = s->unknown;
	for (size_t ds = 0; ds < DS_COUNT; ds++)
		sum->sum[ds] += s->sum[ds];
}

static void
total_row(const struct view *v, const char *name, const struct view_sums *s,
    struct response *rs)
{
	html(&rs->body, "<tr class=\"total\"><th scope=\"row\">%s</th>", name);
	cells(v, s, rs);
	html(&rs->body, "</tr>");
}

static void
table_head(const struct view *v, struct response *rs)
{
	struct buf *b = &rs->body;
	html(b, "<thead><tr><th rowspan=\"2\" scope=\"col\" class=\"sort\" "
		"data-col=\"0\">Channel</th>");
	for (size_t t = 0; t < 3; t++)
		html(b,
		    "<th colspan=\"5\" scope=\"colgroup\" class=\"first\">%s "
		    "<small>%s</small></th>",
		    part_types[t], unit_of(v, t * CLASS_MAX));
	html(b, "</tr><tr>");
	for (size_t ds = 0; ds < DS_COUNT; ds++)
		html(b,
		    "<th scope=\"col\" class=\"num sort%s\" data-col=\"%zu\">%s"
		    "</th>",
		    ds % CLASS_MAX == 0 ? " first" : "", ds + 1,
		    part_classes[ds % CLASS_MAX]);
	html(b, "</tr></thead>");
}

struct totals {
	struct view_sums all, up, down;
	size_t n_up, n_down;
	int64_t step; /* coarsest of the archives used */
};

static void
channel_rows(const struct view *v, struct totals *t, struct response *rs)
{
	html(&rs->body, "<tbody>");
	for (size_t i = 0; i < v->n_channels; i++) {
		const struct view_channel *c = &v->channels[i];
		struct view_sums s;
		struct err err;
		if (view_channel_sums(v, c, &s, &err) == -1)
			s = (struct view_sums){ 0 };
		channel_row(v, c, &s, rs);
		if (s.step > t->step)
			t->step = s.step;
		if (!c->shown)
			continue;
		bool down = c->ch->sign == '-';
		add_sums(&t->all, &s);
		add_sums(down ? &t->down : &t->up, &s);
		if (down)
			t->n_down++;
		else
			t->n_up++;
	}
	html(&rs->body, "</tbody>");
}

static void
total_rows(const struct view *v, const struct totals *t, struct response *rs)
{
	html(&rs->body, "<tfoot>");
	if (t->n_up != 0 && t->n_down != 0) {
		total_row(v, "Total +", &t->up, rs);
		total_row(v, "Total −", &t->down, rs);
	}
	total_row(v,
	    t->n_up + t->n_down == v->n_channels ? "Total" : "Total of ticked",
	    &t->all, rs);
	html(&rs->body, "</tfoot>");
}

static void
heading(const struct view *v, struct response *rs)
{
	struct buf *b = &rs->body;
	struct arena *a = &rs->arena;
	struct query rate = v->q;
	struct query sum = v->q;
	struct query all = v->q;
	rate.sum = false;
	sum.sum = true;
	all.channels = NULL;
	html(b,
	    "<div class=\"title\"><h2>%s <small>%s – %s %s (%s)</small>"
	    "</h2>",
	    v->window ? "Window" : "Slot", view_time_text(v->sel_from, a),
	    view_time_text(v->sel_to, a), view_zone_text(v->sel_from, a),
	    text_duration(a, v->sel_to - v->sel_from));
	html(b, "<div class=\"seg\" role=\"group\" aria-label=\"Values\">");
	html(b,
	    v->q.sum ? "<a href=\"%s\">Rate</a>"
		     : "<a href=\"%s\" aria-current=\"true\">Rate</a>",
	    details_url(v, &rate, a));
	html(b,
	    v->q.sum ? "<a href=\"%s\" aria-current=\"true\">Sum</a>"
		     : "<a href=\"%s\">Sum</a>",
	    details_url(v, &sum, a));
	html(b, "</div><a class=\"step\" href=\"%s\">all channels</a></div>",
	    details_url(v, &all, a));
}

void
details_stats(const struct view *v, struct response *rs)
{
	static const char *const but[] = { "ch", NULL };
	struct totals t = { 0 };
	html(&rs->body, "<section class=\"stats\" id=\"stats\">");
	heading(v, rs);
	/* The boxes stand in the table; a form cannot be around rows. */
	html(&rs->body, "<form id=\"channels\" method=\"get\">");
	details_hidden(&v->q, but, rs);
	html(&rs->body, "<input type=\"hidden\" name=\"ch\" value=\"-\">"
			"</form><div class=\"scroll\">"
			"<table class=\"data\">");
	table_head(v, rs);
	channel_rows(v, &t, rs);
	total_rows(v, &t, rs);
	html(&rs->body,
	    "</table></div><p class=\"note\"><button form=\"channels"
	    "\" class=\"apply\">Show ticked channels</button> ");
	if (t.step > v->step)
		html(&rs->body,
		    "Values are from averages over %s: the single slots are no "
		    "longer kept. ",
		    text_duration(&rs->arena, t.step));
	html(&rs->body, "Point at a number for all its digits. "
			"– is unknown.</p></section>");
}
