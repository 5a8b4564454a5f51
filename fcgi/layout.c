#include "fcgi/layout.h"

#include <stdlib.h>
#include <string.h>

#include "base/slot.h"
#include "fcgi/html.h"
#include "fcgi/text.h"

#ifndef NFSEN_VERSION
#define NFSEN_VERSION "0.1"
#endif

static const char *const theme_names[] = { "auto", "light", "dark" };

/* The value of a cookie up to its end, or NULL; it is not terminated. */
static const char *
cookie(const struct request *rq, const char *name, size_t *len)
{
	size_t n = strlen(name);
	for (const char *s = rq->cookie; s != NULL && *s != '\0';) {
		s += strspn(s, "; ");
		*len = strcspn(s, ";");
		if (*len > n && s[n] == '=' && memcmp(s, name, n) == 0) {
			*len -= n + 1;
			return s + n + 1;
		}
		s += *len;
	}
	return NULL;
}

enum layout_theme
layout_theme(const struct request *rq)
{
	size_t len = 0;
	const char *v = cookie(rq, "theme", &len);
	for (size_t i = THEME_LIGHT; v != NULL && i <= THEME_DARK; i++)
		if (strlen(theme_names[i]) == len &&
		    memcmp(v, theme_names[i], len) == 0)
			return (enum layout_theme)i;
	return THEME_AUTO;
}

unsigned
layout_graph_width(const struct request *rq, unsigned otherwise)
{
	size_t len = 0;
	const char *v = cookie(rq, "width", &len);
	if (v == NULL || len == 0 || len > 4 || strspn(v, "0123456789") < len)
		return otherwise;
	unsigned px = (unsigned)strtoul(v, NULL, 10);
	return px >= 280 && px <= QUERY_PIXELS_MAX ? px : otherwise;
}

/* Seconds until the data of the next slot are due. */
static int64_t
wait_secs(int64_t now, int64_t step)
{
	int64_t left = slot_start(now, step) + step - now + 2;
	return left < 3 ? 3 : left;
}

static void
head(const struct layout *l, const struct request *rq, struct response *rs)
{
	struct buf *b = &rs->body;
	html(b,
	    "<!doctype html>\n<html lang=\"en\" data-theme=\"%s\"><head>"
	    "<meta charset=\"utf-8\"><title>%s · NfSen</title>"
	    "<meta name=\"viewport\" content=\"width=device-width\">"
	    "<meta name=\"color-scheme\" content=\"light dark\">"
	    "<link rel=\"icon\" href=\"/www/icon.svg\" type=\"image/svg+xml\">"
	    "<link rel=\"stylesheet\" href=\"/www/nfsen.css?v=" NFSEN_VERSION
	    "\"><script type=\"module\" src=\"/www/nfsen.js?v=" NFSEN_VERSION
	    "\"></script>",
	    theme_names[layout_theme(rq)], l->title);
	if (l->live && l->conf != NULL)
		html(b,
		    "<noscript><meta http-equiv=\"refresh\" content=\"%lld\">"
		    "</noscript>",
		    (long long)wait_secs(rq->now, l->conf->cycletime));
	html(b, "</head>");
}

static void
tab(struct buf *b, const char *href, const char *text, bool here)
{
	html(b,
	    here ? "<a href=\"%s\" aria-current=\"page\">%s</a>"
		 : "<a href=\"%s\">%s</a>",
	    href, text);
}

/* "/p/[group/]name/<leaf>": names are checked, nothing needs encoding. */
static const char *
profile_href(struct arena *a, const char *group, const char *name,
    const char *leaf)
{
	bool grouped = strcmp(group, ".") != 0;
	return arena_printf(a, "/p/%s%s%s/%s", grouped ? group : "",
	    grouped ? "/" : "", name, leaf);
}

static void
profile_menu(const struct layout *l, struct response *rs)
{
	struct buf *b = &rs->body;
	struct profile_list list;
	struct err err;
	const struct profile *here = l->view != NULL ? l->view->profile : NULL;
	const char *leaf =
	    strcmp(l->page, "graphs") == 0 ? "graphs" : "details";
	const char *group = ".";
	if (profile_list(l->conf, &rs->arena, &list, &err) == -1)
		return;
	html(b,
	    here != NULL ? "<details class=\"menu\"><summary>Profile <b>%s</b>"
			   "</summary><div class=\"sheet\">"
			 : "<details class=\"menu\"><summary>Profiles%s"
			   "</summary><div class=\"sheet\">",
	    here != NULL ? here->name : "");
	for (size_t i = 0; i < list.n; i++) {
		const struct profile_id *id = &list.ids[i];
		if (strcmp(group, id->group) != 0)
			html(b, "<span class=\"group\">%s</span>", id->group);
		group = id->group;
		tab(b, profile_href(&rs->arena, id->group, id->name, leaf),
		    id->name,
		    here != NULL && strcmp(here->name, id->name) == 0 &&
			strcmp(here->group, id->group) == 0);
	}
	html(b, "</div></details>");
}

static void
bar(const struct layout *l, const struct request *rq, struct response *rs)
{
	struct buf *b = &rs->body;
	const struct profile *p = l->view != NULL ? l->view->profile : NULL;
	const char *group = p != NULL ? p->group : ".";
	const char *name = p != NULL ? p->name : "live";
	html(b, "<header class=\"top\"><a class=\"brand\" href=\"/\">NfSen</a>"
		"<nav aria-label=\"Pages\">");
	tab(b, "/", "Overview", strcmp(l->page, "home") == 0);
	tab(b, profile_href(&rs->arena, group, name, "graphs"), "Graphs",
	    strcmp(l->page, "graphs") == 0);
	tab(b, profile_href(&rs->arena, group, name, "details"), "Details",
	    strcmp(l->page, "details") == 0);
	tab(b, "/status", "Status", strcmp(l->page, "status") == 0);
	html(b, "</nav>");
	if (l->conf != NULL)
		profile_menu(l, rs);
	html(b,
	    "<span class=\"clock\" id=\"clock\">%s <abbr title=\"time zone of "
	    "all times shown\">%s</abbr></span>"
	    "<button type=\"button\" id=\"theme\" hidden>Theme</button>"
	    "<button type=\"button\" id=\"help\" hidden "
	    "aria-label=\"Keys\">?</button></header>",
	    view_time_text(rq->now - rq->now % 60, &rs->arena),
	    view_zone_text(rq->now, &rs->arena));
}

void
layout_begin(const struct layout *l, const struct request *rq,
    struct response *rs)
{
	int64_t step = l->conf != NULL ? l->conf->cycletime : 300;
	rs->type = "text/html; charset=utf-8";
	head(l, rq, rs);
	html(&rs->body,
	    "<body><a class=\"skip\" href=\"#main\">Skip to content</a>");
	bar(l, rq, rs);
	html(&rs->body,
	    "<main id=\"main\" data-slot=\"%lld\" data-wait=\"%lld\">",
	    (long long)step,
	    l->live ? (long long)wait_secs(rq->now, step) : 0LL);
}

void
layout_end(const struct request *rq, struct response *rs)
{
	html(&rs->body,
	    "</main><footer class=\"foot\">NfSen " NFSEN_VERSION
	    " · all times are %s</footer></body></html>\n",
	    view_zone_text(rq->now, &rs->arena));
}

void
layout_error(struct response *rs, const struct request *rq, const char *heading,
    const char *text)
{
	const struct layout l = { .page = "", .title = heading };
	layout_begin(&l, rq, rs);
	html(&rs->body,
	    "<section class=\"error\"><h1>%s</h1><p role=\"alert\">%s</p>"
	    "<p><a href=\"/\">Overview</a></p></section>",
	    heading, text);
	layout_end(rq, rs);
}
