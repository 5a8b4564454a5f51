/*
 * pages: what answers each address; route.c has the table.
 */
#ifndef FCGI_PAGES_H
#define FCGI_PAGES_H

#include "fcgi/http.h"
#include "fcgi/view.h"

/* Pages of the whole system. */
void page_home(const struct conf *c, const struct request *rq,
    struct response *rs);
void page_status(const struct conf *c, const struct request *rq,
    struct response *rs);

/* Pages of one profile. */
void page_graphs(const struct view *v, const struct request *rq,
    struct response *rs);
void page_details(const struct view *v, const struct request *rq,
    struct response *rs);

/* JSON. */
void api_profiles(const struct conf *c, const struct request *rq,
    struct response *rs);
void api_sources(const struct conf *c, const struct request *rq,
    struct response *rs);
void api_openapi(const struct conf *c, const struct request *rq,
    struct response *rs);
void api_series(const struct view *v, const struct request *rq,
    struct response *rs);
void api_stats(const struct view *v, const struct request *rq,
    struct response *rs);

#endif
