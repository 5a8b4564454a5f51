/*
 * Overview: every profile with its day, its rates and its state, and how the
 * sources are doing.
 */
#include <math.h>
#include <string.h>

#include "fcgi/html.h"
#include "fcgi/layout.h"
#include "fcgi/pages.h"
#include "fcgi/parts.h"
#include "fcgi/source_table.h"
#include "fcgi/text.h"

/* The newest slot's rates of all channels together; NaN when not known. */
static void
newest_rates(const struct view *v, double rate[3])
{
	size_t known = 0;
	rate[0] = rate[1] = rate[2] = 0;
	for (size_t i = 0; i < v->n_channels; i++) {
		struct view_sums s;
		struct err err;
		if (view_channel_sums(v, &v->channels[i], &s, &err) == -1 ||
		    s.unknown == s.slots)
			continue;
		known++;
		for (size_t t = 0; t < 3; t++)
			rate[t] += s.sum[t * CLASS_MAX] *
				   (t == RRD_TRAFFIC ? 8 : 1) /
				   (double)(v->sel_to - v->sel_from);
	}
	for (size_t t = 0; known == 0 && t < 3; t++)
		rate[t] = (double)NAN;
}

static void
day_graph(const struct view *v, int type, double rate, size_t place,
    const struct request *rq, struct response *rs)
{
	struct picture p = { .view = v,
		.q = { .type = type },
		.width = 420,
		.height = 130,
		.small = true,
		.lazy = place > 3,
		.alt = arena_printf(&rs->arena, "%s of %s, one day",
		    part_types[type], v->profile->name) };
	html(&rs->body,
	    "<figure><figcaption><b title=\"%s %s\">%s%s</b></figcaption>"
	    "<a href=\"%s\">",
	    text_full(&rs->arena, rate), part_rate_units[type],
	    text_short(&rs->arena, rate), part_rate_units[type],
	    view_url(v, &rs->arena, "details", PAGE_DETAILS, &p.q));
	part_picture(&p, rq, rs);
	html(&rs->body, "</a></figure>");
}

static void
card(const struct view *v, size_t place, const struct request *rq,
    struct response *rs)
{
	struct buf *b = &rs->body;
	const struct profile *p = v->profile;
	double rate[3];
	newest_rates(v, rate);
	html(b,
	    "<section class=\"card\"><div class=\"title\"><h2><a href=\"%s\">%s"
	    "</a></h2><span class=\"tag\">%s</span>",
	    view_url(v, &rs->arena, "details", PAGE_DETAILS, &v->q),
	    part_profile_name(p, &rs->arena), part_profile_type(p));
	if (strcmp(p->status, "OK") != 0)
		html(b, "<span class=\"tag warn\">%s</span>", p->status);
	part_freshness(v, rs);
	part_legend(v, rs);
	html(b, "<a class=\"more\" href=\"%s\">all graphs</a></div>",
	    view_url(v, &rs->arena, "graphs", PAGE_GRAPHS, &v->q));
	if (p->description[0] != '\0')
		html(b, "<p class=\"note\">%s</p>", p->description);
	html(b, "<div class=\"triple\">");
	for (int type = 0; type < 3; type++)
		day_graph(v, type, rate[type], place, rq, rs);
	html(b, "</div></section>");
}

static void
broken_card(const struct profile_id *id, const char *why, struct response *rs)
{
	html(&rs->body,
	    "<section class=\"card\"><h2>%s/%s</h2>"
	    "<p class=\"warn\" role=\"alert\">%s</p></section>",
	    id->group, id->name, why);
}

/* live first, then by group and name. */
static void
cards(const struct conf *c, const struct profile_list *l,
    const struct request *rq, struct response *rs)
{
	size_t place = 0;
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < l->n; i++) {
			struct err err;
			const struct profile_id *id = &l->ids[i];
			bool live = strcmp(id->group, ".") == 0 &&
				    strcmp(id->name, "live") == 0;
			if (live != (pass == 0))
				continue;
			struct view v = { .conf = c,
				.page = PAGE_HOME,
				.now = rq->now,
				.q = { .type = -1 } };
			v.profile = profile_load(c, id->group, id->name, &err);
			if (v.profile == NULL) {
				broken_card(id, err.msg, rs);
				continue;
			}
			view_resolve(&v, &rs->arena);
			card(&v, place++, rq, rs);
			view_close(&v);
		}
}

void
page_home(const struct conf *c, const struct request *rq, struct response *rs)
{
	const struct layout l = { .conf = c,
		.page = "home",
		.title = "Overview",
		.live = true };
	struct profile_list list;
	struct err err;
	if (profile_list(c, &rs->arena, &list, &err) == -1) {
		http_error(rs, rq, 500, "%s", err.msg);
		return;
	}
	rs->status = 200;
	layout_begin(&l, rq, rs);
	html(&rs->body, "<h1 class=\"quiet\">Overview</h1>");
	if (list.n == 0)
		html(&rs->body,
		    "<p class=\"warn\" role=\"alert\">There is no profile in "
		    "%s yet. Run <b>nfsen reconfig</b>.</p>",
		    c->profilestatdir);
	cards(c, &list, rq, rs);
	source_table(c, rq, rs);
	layout_end(rq, rs);
}
