/*
 * Which address is what.  A path is taken apart into decoded segments; names
 * in it are looked up in the list of profiles and never used as a path.
 */
#include <stdio.h>
#include <string.h>

#include "fcgi/http.h"
#include "fcgi/image.h"
#include "fcgi/layout.h"
#include "fcgi/legacy.h"
#include "fcgi/pages.h"
#include "fcgi/view.h"

#define SEGMENTS_MAX 8

typedef void system_fn(const struct conf *c, const struct request *rq,
    struct response *rs);
typedef void profile_fn(const struct view *v, const struct request *rq,
    struct response *rs);

static void
image_png(const struct view *v, const struct request *rq, struct response *rs)
{
	image_graph(v, RRD_PNG, rq, rs);
}

static void
image_svg(const struct view *v, const struct request *rq, struct response *rs)
{
	image_graph(v, RRD_SVG, rq, rs);
}

static const struct system_route {
	const char *path;
	system_fn *answer;
	bool any_query; /* checks its query itself; else there is none */
} system_routes[] = {
	{ "/", page_home, false },
	{ "/status", page_status, false },
	{ "/api/v1/profiles", api_profiles, false },
	{ "/api/v1/sources", api_sources, false },
	{ "/api/v1/openapi.json", api_openapi, false },
	{ "/nfsen.php", legacy_redirect, true },
	{ "/nfsen/nfsen.php", legacy_redirect, true },
};

/* /p/[group/]name/<leaf> and /api/v1/p/[group/]name/<leaf> */
static const struct profile_route {
	bool api;
	const char *leaf;
	enum query_page page;
	profile_fn *answer;
} profile_routes[] = {
	{ false, "graphs", PAGE_GRAPHS, page_graphs },
	{ false, "details", PAGE_DETAILS, page_details },
	{ false, "graph.png", PAGE_IMAGE, image_png },
	{ false, "graph.svg", PAGE_IMAGE, image_svg },
	{ true, "series", PAGE_SERIES, api_series },
	{ true, "stats", PAGE_STATS, api_stats },
};

#define COUNT(table) (sizeof(table) / sizeof(*(table)))

/* Decoded segments of a path; 0 when it is not a plain absolute path. */
static size_t
split(const char *path, struct arena *a, const char **segment)
{
	size_t n = 0;
	while (*path == '/') {
		size_t len = strcspn(++path, "/");
		if (n == SEGMENTS_MAX || len == 0)
			return 0;
		segment[n] = query_decode(path, len, a);
		if (segment[n] == NULL)
			return 0;
		n++;
		path += len;
	}
	return n;
}

static bool
answer_system(const struct conf *c, const struct request *rq,
    struct response *rs)
{
	for (size_t i = 0; i < COUNT(system_routes); i++) {
		const struct system_route *r = &system_routes[i];
		struct query q;
		struct err err;
		if (strcmp(r->path, rq->path) != 0)
			continue;
		if (!r->any_query && query_parse(&q, PAGE_PLAIN, rq->query,
					 rq->now, &rs->arena, &err) == -1)
			http_error(rs, rq, 400, "%s", err.msg);
		else
			r->answer(c, rq, rs);
		return true;
	}
	return false;
}

/* Without a leaf a profile's address leads to its details. */
static void
redirect_details(const struct request *rq, struct response *rs)
{
	size_t n = strlen(rq->path);
	rs->status = 302;
	rs->location = arena_printf(&rs->arena, "%s%sdetails", rq->path,
	    n > 0 && rq->path[n - 1] == '/' ? "" : "/");
}

static void
answer_profile(const struct conf *c, bool api, const char *const *segment,
    size_t n, const struct request *rq, struct response *rs)
{
	const char *leaf = segment[n - 1];
	for (size_t i = 0; n >= 2 && n <= 3 && i < COUNT(profile_routes); i++) {
		const struct profile_route *r = &profile_routes[i];
		struct view v;
		if (r->api != api || strcmp(r->leaf, leaf) != 0)
			continue;
		if (view_open(&v, c, n == 3 ? segment[0] : ".", segment[n - 2],
			r->page, rq, rs)) {
			r->answer(&v, rq, rs);
			view_close(&v);
		}
		return;
	}
	if (!api && n <= 2)
		redirect_details(rq, rs);
	else
		http_error(rs, rq, 404, "There is no page '%s'.", leaf);
}

void
http_handle(const struct conf *c, const struct request *rq, struct response *rs)
{
	const char *segment[SEGMENTS_MAX];
	if (strcmp(rq->method, "GET") != 0 && strcmp(rq->method, "HEAD") != 0) {
		http_error(rs, rq, 405, "Only GET and HEAD are answered here.");
		rs->extra = "Allow: GET, HEAD\r\n";
		return;
	}
	if (strlen(rq->path) > HTTP_PATH_MAX ||
	    strlen(rq->query) > HTTP_QUERY_MAX) {
		http_error(rs, rq, 414, "The address is too long.");
		return;
	}
	if (answer_system(c, rq, rs))
		return;
	size_t n = split(rq->path, &rs->arena, segment);
	if (n >= 2 && strcmp(segment[0], "p") == 0)
		answer_profile(c, false, segment + 1, n - 1, rq, rs);
	else if (n >= 5 && strcmp(segment[0], "api") == 0 &&
		 strcmp(segment[1], "v1") == 0 && strcmp(segment[2], "p") == 0)
		answer_profile(c, true, segment + 3, n - 3, rq, rs);
	else
		http_error(rs, rq, 404, "There is nothing at this address.");
}
