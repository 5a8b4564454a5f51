#include "fcgi/parts.h"

#include <string.h>

#include "fcgi/html.h"
#include "fcgi/layout.h"
#include "fcgi/text.h"

#define PHONE_WIDTH 380
#define PHONE_MEDIA "(max-width: 640px)"
#define DARK_MEDIA  "(prefers-color-scheme: dark)"

/* Data of a slot should be there so many seconds after its end. */
#define GRACE_SECS 60

const char *const part_types[3] = { "Flows", "Packets", "Traffic" };
const char *const part_rate_units[3] = { "flows/s", "packets/s", "bit/s" };
const char *const part_sum_units[3] = { "flows", "packets", "bytes" };
const char *const part_classes[CLASS_MAX] = { "any", "TCP", "UDP", "ICMP",
	"other" };

static const char *
image_url(const struct view *v, struct arena *a, const struct query *q)
{
	return view_url(v, a, "graph.png", PAGE_IMAGE, q);
}

/* srcset for screens with one and with two pixels per CSS pixel. */
static void
densities(const struct view *v, struct query q, unsigned width,
    struct response *rs)
{
	q.px_width = width;
	html(&rs->body, "srcset=\"%s 1x, ", image_url(v, &rs->arena, &q));
	q.zoom = 200;
	html(&rs->body, "%s 2x\"", image_url(v, &rs->arena, &q));
}

static void
source(const struct view *v, const struct query *q, unsigned width,
    const char *media, struct response *rs)
{
	html(&rs->body, "<source media=\"%s\" ", media);
	densities(v, *q, width, rs);
	html(&rs->body, ">");
}

void
part_picture(const struct picture *p, const struct request *rq,
    struct response *rs)
{
	const struct view *v = p->view;
	struct query q = p->q;
	enum layout_theme theme = layout_theme(rq);
	bool phone = p->width > 600;
	/* A fixed end gives each slot's picture an address of its own. */
	view_set_time(&q.end, v->graph_to, &rs->arena);
	q.light = p->small;
	q.plain = !p->small;
	const char *base = image_url(v, &rs->arena, &q);
	q.px_height = p->height;
	struct query dark = q;
	dark.dark = true;
	q.dark = theme == THEME_DARK;
	html(&rs->body, "<picture>");
	if (phone && theme == THEME_AUTO)
		source(v, &dark, PHONE_WIDTH, PHONE_MEDIA " and " DARK_MEDIA,
		    rs);
	if (phone)
		source(v, &q, PHONE_WIDTH, PHONE_MEDIA, rs);
	if (theme == THEME_AUTO)
		source(v, &dark, p->width, DARK_MEDIA, rs);
	q.px_width = p->width;
	html(&rs->body, "<img src=\"%s\" ", image_url(v, &rs->arena, &q));
	densities(v, q, p->width, rs);
	html(&rs->body,
	    " width=\"%u\" height=\"%u\" alt=\"%s\" data-graph=\"%s\"",
	    p->width, p->height, p->alt, base);
	html(&rs->body,
	    p->lazy ? " loading=\"lazy\"></picture>" : "></picture>");
}

/* Attributes of SVG, not style: the policy forbids inline style. */
void
part_swatch(struct buf *b, const char *color)
{
	html(b,
	    "<svg class=\"swatch\" viewBox=\"0 0 10 10\" aria-hidden=\"true\">"
	    "<rect width=\"10\" height=\"10\" rx=\"2\" fill=\"%s\"/></svg>",
	    color);
}

void
part_legend(const struct view *v, struct response *rs)
{
	html(&rs->body, "<ul class=\"legend\">");
	for (size_t i = 0; i < v->n_channels; i++) {
		const struct view_channel *c = &v->channels[i];
		html(&rs->body, "<li>");
		part_swatch(&rs->body, c->color);
		html(&rs->body, "%s%s</li>", c->ch->name,
		    c->ch->sign == '-' ? " (−)" : "");
	}
	html(&rs->body, "</ul>");
}

void
part_freshness(const struct view *v, struct response *rs)
{
	struct buf *b = &rs->body;
	struct arena *a = &rs->arena;
	const struct profile *p = v->profile;
	int64_t end = v->newest + v->step;
	const char *until = view_time_text(end, a);
	const char *zone = view_zone_text(end, a);
	if (p->updated < p->tstart)
		html(b,
		    "<span class=\"fresh late\">no data yet: the first "
		    "slot ends %s %s</span>",
		    view_time_text(p->tstart + v->step, a), zone);
	else if ((p->type & ~PROFILE_SHADOW) == PROFILE_HISTORY)
		html(b, "<span class=\"fresh\">ended %s %s</span>", until,
		    zone);
	else if (v->now - end > v->step + GRACE_SECS)
		html(b,
		    "<span class=\"fresh late\" role=\"status\">stale: no "
		    "data since %s %s, for %s</span>",
		    until, zone, text_duration(a, v->now - end));
	else
		html(b, "<span class=\"fresh ok\">data to %s %s</span>", until,
		    zone);
}

const char *
part_profile_type(const struct profile *p)
{
	bool shadow = (p->type & PROFILE_SHADOW) != 0;
	switch (p->type & ~PROFILE_SHADOW) {
	case PROFILE_LIVE:
		return "live";
	case PROFILE_HISTORY:
		return shadow ? "history, shadow" : "history";
	default:
		return shadow ? "continuous, shadow" : "continuous";
	}
}

const char *
part_profile_name(const struct profile *p, struct arena *a)
{
	return strcmp(p->group, ".") == 0
		   ? p->name
		   : arena_printf(a, "%s/%s", p->group, p->name);
}
