/*
 * layout: what all pages share: head, bar with profile and page links,
 * footer.  A page writes its own part between layout_begin and layout_end.
 */
#ifndef FCGI_LAYOUT_H
#define FCGI_LAYOUT_H

#include <stdbool.h>

#include "fcgi/http.h"
#include "fcgi/view.h"

struct layout {
	const struct conf *conf;
	const struct view *view; /* NULL on pages of the whole system */
	const char *page;        /* "home", "graphs", "details", "status" */
	const char *title;
	bool live; /* shows now: comes anew when the next slot is due */
};

void layout_begin(const struct layout *l, const struct request *rq,
    struct response *rs);
void layout_end(const struct request *rq, struct response *rs);

/* A whole page that says what went wrong; never fails. */
void layout_error(struct response *rs, const struct request *rq,
    const char *heading, const char *text);

/* The theme that the reader chose. */
enum layout_theme { THEME_AUTO, THEME_LIGHT, THEME_DARK };
enum layout_theme layout_theme(const struct request *rq);

/* Width of the main graph that fits the reader's window, or `otherwise`. */
unsigned layout_graph_width(const struct request *rq, unsigned otherwise);

#endif
