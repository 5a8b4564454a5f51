#include "fcgi/source_table.h"

#include <string.h>

#include "fcgi/html.h"
#include "fcgi/sources.h"
#include "fcgi/text.h"

/* A source that was silent for so many slots is marked. */
#define SILENT_SLOTS 2

static const struct source_health *
find(const struct sources *s, const char *ident)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->list[i].ident, ident) == 0)
			return &s->list[i];
	return NULL;
}

static void
last_seen(const struct source_health *h, int64_t silent, int64_t now,
    struct response *rs)
{
	int64_t age = now - h->last_ms / 1000;
	if (h->last_ms == 0)
		html(&rs->body, "<td class=\"warn\">nothing yet</td>");
	else
		html(&rs->body, "<td>%s ago</td>",
		    text_duration(&rs->arena, age < 0 ? 0 : age));
	if (h->last_ms != 0 && age > silent)
		html(&rs->body, "<td class=\"warn\">silent</td>");
	else
		html(&rs->body, "<td>%s</td>",
		    h->last_ms == 0 ? "waiting" : "receiving");
}

static void
count(struct response *rs, int64_t n, bool bad)
{
	html(&rs->body, "<td class=\"num\">");
	html(&rs->body,
	    bad && n != 0 ? "<b class=\"warn\">%s</b></td>" : "%s</td>",
	    text_full(&rs->arena, (double)n));
}

/* Why nothing can be said about a source. */
static const char *
unknown(const struct conf_source *s, bool running)
{
	if (s->port == 0)
		return "no collector configured";
	return running ? "not known to the collector: run nfsen reconfig"
		       : "unknown";
}

static void
row(const struct conf_source *s, const struct sources *all, int64_t silent,
    int64_t now, struct response *rs)
{
	const struct source_health *h = find(all, s->ident);
	html(&rs->body,
	    "<tr><th scope=\"row\">%s</th><td class=\"num\">%u</td>", s->ident,
	    s->port);
	if (h == NULL) {
		html(&rs->body,
		    "<td class=\"quiet-text\" colspan=\"7\">%s</td></tr>",
		    unknown(s, all->running));
		return;
	}
	last_seen(h, silent, now, rs);
	count(rs, h->exporters, false);
	count(rs, h->flows, false);
	count(rs, h->lost, true);
	count(rs, h->no_template, true);
	count(rs, h->malformed, true);
	html(&rs->body, "</tr>");
}

static void
drops(const struct sources *s, struct response *rs)
{
	if (s->kernel_drops != 0 || s->queue_drops != 0)
		html(&rs->body,
		    "<p class=\"warn\" role=\"alert\">Datagrams dropped: %s by "
		    "the kernel, %s before decoding.</p>",
		    text_full(&rs->arena, (double)s->kernel_drops),
		    text_full(&rs->arena, (double)s->queue_drops));
}

void
source_table(const struct conf *c, const struct request *rq,
    struct response *rs)
{
	struct buf *b = &rs->body;
	struct sources s;
	sources_ask(c, &rs->arena, &s);
	html(b, "<section class=\"card\" id=\"sources\"><div class=\"title\">"
		"<h2>Sources</h2>");
	if (s.running)
		html(b, "<span class=\"fresh ok\">collector is running</span>"
			"</div>");
	else
		html(b,
		    "<span class=\"fresh late\" role=\"status\">collector "
		    "is not running: %s</span></div>",
		    s.why);
	drops(&s, rs);
	html(b, "<div class=\"scroll\"><table class=\"data\"><thead><tr>"
		"<th scope=\"col\">Source</th><th scope=\"col\" "
		"class=\"num\">Port</th>"
		"<th scope=\"col\">Last datagram</th><th scope=\"col\">State"
		"</th><th scope=\"col\" class=\"num\">Exporters</th><th "
		"scope=\"col\" class=\"num\">Flows "
		"since start</th><th scope=\"col\" class=\"num\">"
		"<a href=\"/status#lost\">Lost</a> (sequence)</th>"
		"<th scope=\"col\" class=\"num\">Sets without template</th>"
		"<th scope=\"col\" "
		"class=\"num\">Malformed</th></tr></thead><tbody>");
	for (size_t i = 0; i < c->n_sources; i++)
		row(&c->sources[i], &s, SILENT_SLOTS * (int64_t)c->cycletime,
		    rq->now, rs);
	html(b, "</tbody></table></div></section>");
}
