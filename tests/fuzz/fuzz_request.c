/*
 * fuzz_request: "path?query" LF "cookie", through every page's parameters
 * and through the whole request handler (of a tree that is not there).
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fcgi/html.h"
#include "fcgi/http.h"
#include "fcgi/query.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char text[] = "$BASEDIR = '/nonexistent'; %sources = ( 'a' => "
			   "{ 'port' => '9995', 'col' => '#112233' } ); 1;";

/* What was read and printed has to read the same again. */
static void
round_trip(enum query_page page, const char *query)
{
	struct arena a = ARENA_EMPTY;
	struct query q;
	struct err err;
	if (query_parse(&q, page, query, 1795438200, &a, &err) == 0) {
		struct buf once = BUF_EMPTY;
		struct buf twice = BUF_EMPTY;
		query_print(&q, page, &once);
		if (query_parse(&q, page, buf_str(&once), 1795438200, &a,
			&err) == -1)
			abort();
		query_print(&q, page, &twice);
		if (strcmp(buf_str(&once), buf_str(&twice)) != 0)
			abort();
		buf_free(&once);
		buf_free(&twice);
	}
	arena_free(&a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct conf *conf;
	struct err err;
	struct response rs = { 0 };
	struct buf head = BUF_EMPTY;
	if (conf == NULL)
		conf = conf_load_text("fuzz", text, sizeof(text) - 1, &err);
	char *in = arena_strndup(&rs.arena, (const char *)data, size);
	char *cookie = in + strcspn(in, "\n");
	if (*cookie != '\0')
		*cookie++ = '\0';
	size_t n = strcspn(in, "?");
	struct request rq = { .method = "GET",
		.path = arena_strndup(&rs.arena, in, n),
		.query = in[n] == '?' ? in + n + 1 : "",
		.cookie = cookie,
		.now = 1795438200 };
	for (int page = PAGE_HOME; page <= PAGE_PLAIN; page *= 2)
		round_trip((enum query_page)page, rq.query);
	http_handle(conf, &rq, &rs);
	http_headers(&rs, &head);
	buf_free(&head);
	http_response_free(&rs);
	return 0;
}
