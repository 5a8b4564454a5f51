/*
 * Status: profiles and sources in numbers.
 */
#include <string.h>

#include "fcgi/html.h"
#include "fcgi/layout.h"
#include "fcgi/loss_table.h"
#include "fcgi/pages.h"
#include "fcgi/parts.h"
#include "fcgi/source_table.h"
#include "fcgi/sources.h"
#include "fcgi/text.h"

static void
row(const struct view *v, struct response *rs)
{
	struct buf *b = &rs->body;
	struct arena *a = &rs->arena;
	const struct profile *p = v->profile;
	html(b,
	    "<tr><th scope=\"row\"><a href=\"%s\">%s</a></th><td>%s</td>"
	    "<td>%s</td><td class=\"num\">%zu</td><td>",
	    view_url(v, a, "details", PAGE_DETAILS, &v->q),
	    part_profile_name(p, a), part_profile_type(p), p->status,
	    p->n_channels);
	part_freshness(v, rs);
	html(b,
	    "</td><td>%s</td><td class=\"num\" title=\"%llu bytes\">%sB</td>",
	    view_time_text(p->tstart, a), (unsigned long long)p->size,
	    text_count(a, (double)p->size));
	html(b, "<td class=\"num\">%s%s</td><td class=\"num\">%s</td></tr>",
	    p->maxsize != 0 ? text_count(a, (double)p->maxsize) : "unlimited",
	    p->maxsize != 0 ? "B" : "",
	    p->expire != 0 ? text_duration(a, p->expire * 3600) : "never");
}

static void
profiler_line(const struct conf *c, struct response *rs)
{
	struct profiler_health p;
	struct buf *b = &rs->body;
	profiler_ask(c, &rs->arena, &p);
	if (!p.running)
		html(b,
		    "<span class=\"fresh late\" role=\"status\">profiler is "
		    "not "
		    "running: %s</span>",
		    p.why);
	else if (p.behind > 1)
		html(b,
		    "<span class=\"fresh late\" role=\"status\">profiler is "
		    "%lld "
		    "slots behind</span>",
		    (long long)p.behind);
	else
		html(b,
		    "<span class=\"fresh ok\">profiler is running, last "
		    "finished "
		    "slot %s %s</span>",
		    view_time_text(p.done, &rs->arena),
		    view_zone_text(p.done, &rs->arena));
}

static void
profile_table(const struct conf *c, const struct request *rq,
    struct response *rs)
{
	struct profile_list l;
	struct err err;
	if (profile_list(c, &rs->arena, &l, &err) == -1)
		l.n = 0;
	html(&rs->body, "<section class=\"card\"><div class=\"title\">"
			"<h2>Profiles</h2>");
	profiler_line(c, rs);
	html(&rs->body,
	    "</div><div class=\"scroll\"><table class=\"data\"><thead><tr><th "
	    "scope=\"col\">Profile</th>"
	    "<th scope=\"col\">Type</th><th scope=\"col\">Status</th>"
	    "<th scope=\"col\" class=\"num\">Channels</th><th "
	    "scope=\"col\">Data</th>"
	    "<th scope=\"col\">Since</th><th scope=\"col\" "
	    "class=\"num\">Size</th>"
	    "<th scope=\"col\" class=\"num\">Max. size</th><th scope=\"col\" "
	    "class=\"num\">Expire</th>"
	    "</tr></thead><tbody>");
	for (size_t i = 0; i < l.n; i++) {
		struct view v = { .conf = c,
			.page = PAGE_HOME,
			.now = rq->now,
			.q = { .type = -1 } };
		v.profile =
		    profile_load(c, l.ids[i].group, l.ids[i].name, &err);
		if (v.profile == NULL) {
			html(&rs->body,
			    "<tr><th scope=\"row\">%s/%s</th><td colspan=\"8\" "
			    "class=\"warn\">%s</td></tr>",
			    l.ids[i].group, l.ids[i].name, err.msg);
			continue;
		}
		view_resolve(&v, &rs->arena);
		row(&v, rs);
		view_close(&v);
	}
	html(&rs->body, "</tbody></table></div></section>");
}

void
page_status(const struct conf *c, const struct request *rq, struct response *rs)
{
	const struct layout l = { .conf = c,
		.page = "status",
		.title = "Status",
		.live = true };
	rs->status = 200;
	layout_begin(&l, rq, rs);
	html(&rs->body, "<h1 class=\"quiet\">Status</h1>");
	source_table(c, rq, rs);
	loss_table(c, rq, rs);
	profile_table(c, rq, rs);
	html(&rs->body,
	    "<p class=\"note\">Slots of %s. As JSON: <a href=\""
	    "/api/v1/sources\">sources</a>, <a href=\"/api/v1/profiles\">"
	    "profiles</a>, <a href=\"/api/v1/openapi.json\">the API</a>.</p>",
	    text_duration(&rs->arena, c->cycletime));
	layout_end(rq, rs);
}
