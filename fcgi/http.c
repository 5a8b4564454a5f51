#include "fcgi/http.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/json.h"
#include "fcgi/html.h"
#include "fcgi/layout.h"

static const struct {
	int status;
	const char *text;
} reasons[] = {
	{ 200, "OK" },
	{ 302, "Found" },
	{ 304, "Not Modified" },
	{ 400, "Bad Request" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 414, "URI Too Long" },
	{ 500, "Internal Server Error" },
};

static const char *
reason(int status)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++)
		if (reasons[i].status == status)
			return reasons[i].text;
	return "Error";
}

void
http_error(struct response *rs, const struct request *rq, int status,
    const char *fmt, ...)
{
	char text[ERR_MAX + 64];
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	rs->status = status;
	rs->max_age = 0;
	rs->extra = NULL;
	buf_clear(&rs->body);
	if (strncmp(rq->path, "/api/", 5) == 0) {
		rs->type = "application/json";
		buf_adds(&rs->body, "{\"error\":");
		json_string(&rs->body, text);
		buf_adds(&rs->body, "}\n");
		return;
	}
	layout_error(rs, rq, reason(status), text);
}

/*
 * Nothing on these pages comes from elsewhere or runs inline; the policy
 * holds for images and JSON as well, should someone open them as a page.
 */
static const char policy[] =
    "Content-Security-Policy: default-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "X-Frame-Options: DENY\r\n"
    "Referrer-Policy: same-origin\r\n";

void
http_conditional(const struct request *rq, struct response *rs)
{
	if (rs->status != 200)
		return;
	(void)snprintf(rs->etag, sizeof(rs->etag), "\"%016llx\"",
	    (unsigned long long)hash_bytes(rs->body.data, rs->body.len, 0));
	if (rq->if_none_match == NULL ||
	    strstr(rq->if_none_match, rs->etag) == NULL)
		return;
	rs->status = 304;
	buf_clear(&rs->body);
}

void
http_headers(const struct response *rs, struct buf *out)
{
	buf_printf(out, "Status: %d %s\r\n", rs->status, reason(rs->status));
	if (rs->location != NULL)
		buf_printf(out, "Location: %s\r\n", rs->location);
	buf_printf(out, "Content-Type: %s\r\n",
	    rs->type != NULL ? rs->type : "text/plain; charset=utf-8");
	buf_printf(out, "Content-Length: %zu\r\n", rs->body.len);
	if (rs->max_age > 0)
		buf_printf(out, "Cache-Control: private, max-age=%d\r\n",
		    rs->max_age);
	else
		buf_adds(out, "Cache-Control: no-cache\r\n");
	if (rs->etag[0] != '\0')
		buf_printf(out, "ETag: %s\r\n", rs->etag);
	buf_adds(out, policy);
	if (rs->extra != NULL)
		buf_adds(out, rs->extra);
	buf_adds(out, "\r\n");
}

void
http_response_free(struct response *rs)
{
	buf_free(&rs->body);
	arena_free(&rs->arena);
}
