/*
 * page: one request through nfsen-fcgi's own code, without a web server.
 *
 *   page CONFIG NOW ADDRESS [COOKIE]     prints headers and body
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "fcgi/http.h"
#include "store/cached.h"

int
main(int argc, char **argv)
{
	struct err err;
	if (argc < 4) {
		(void)fprintf(stderr, "usage: page config now address\n");
		return 2;
	}
	struct conf *c = conf_load(argv[1], &err);
	if (c == NULL) {
		(void)fprintf(stderr, "page: %s\n", err.msg);
		return 1;
	}
	rrd_cached_use(c->rrdcached);
	struct response rs = { 0 };
	struct buf head = BUF_EMPTY;
	size_t n = strcspn(argv[3], "?");
	struct request rq = { .method = "GET",
		.path = arena_strndup(&rs.arena, argv[3], n),
		.query = argv[3][n] == '?' ? argv[3] + n + 1 : "",
		.cookie = argc > 4 ? argv[4] : NULL,
		.now = strtoll(argv[2], NULL, 10) };
	http_handle(c, &rq, &rs);
	http_headers(&rs, &head);
	(void)fwrite(head.data, 1, head.len, stdout);
	if (rs.body.len != 0)
		(void)fwrite(rs.body.data, 1, rs.body.len, stdout);
	buf_free(&head);
	http_response_free(&rs);
	conf_free(c);
	return 0;
}
