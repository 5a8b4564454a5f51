/*
 * details: the parts of the Details page, each in a file of its own.
 */
#ifndef FCGI_DETAILS_H
#define FCGI_DETAILS_H

#include "fcgi/http.h"
#include "fcgi/view.h"

/* Type, protocol, width, scale, style and the ways through time. */
void details_controls(const struct view *v, struct response *rs);

/* What is known of every channel in the selection. */
void details_stats(const struct view *v, struct response *rs);

/* Address of this page with query q. */
const char *details_url(const struct view *v, const struct query *q,
    struct arena *a);

/* Hidden fields of a form for all that q says, but for some keys. */
void details_hidden(const struct query *q, const char *const *but,
    struct response *rs);

/* Is the selection one that the address asks for? */
bool details_marked(const struct view *v);

#endif
