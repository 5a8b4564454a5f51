/*
 * http: a request as plain data in, a response as plain data out.  Nothing
 * here knows FastCGI; main.c moves both over libfcgi, tests call
 * http_handle() directly.
 */
#ifndef FCGI_HTTP_H
#define FCGI_HTTP_H

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "conf/conf.h"

#define HTTP_PATH_MAX  1024
#define HTTP_QUERY_MAX 8192

struct request {
	const char *method;        /* "GET" */
	const char *path;          /* undecoded, with the leading '/' */
	const char *query;         /* undecoded, without '?'; "" when none */
	const char *cookie;        /* NULL or "": none */
	const char *if_none_match; /* NULL or "": none */
	int64_t now;               /* epoch seconds */
};

struct response {
	struct arena arena; /* lives until http_response_free */
	int status;
	const char *type;     /* content type */
	const char *location; /* of a redirect, else NULL */
	const char *extra;    /* more header lines, each ending CR LF, or "" */
	char etag[24];        /* "" when none */
	int max_age;          /* seconds a browser may keep it; 0: revalidate */
	struct buf body;
};

/* Answer a request.  rs starts zeroed; every path ends in a status. */
void http_handle(const struct conf *c, const struct request *rq,
    struct response *rs);

void http_response_free(struct response *rs);

/*
 * An error page for people (or JSON below /api/): status, then what was
 * wrong and what to do.  text is escaped.
 */
void http_error(struct response *rs, const struct request *rq, int status,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/*
 * An answer the browser has already (If-None-Match) becomes 304 without a
 * body; else it gets its ETag.
 */
void http_conditional(const struct request *rq, struct response *rs);

/* The status line and headers of rs as CGI header lines, ending blank. */
void http_headers(const struct response *rs, struct buf *out);

#endif
