#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "fcgi/http.h"
#include "profile/profile.h"
#include "store/rrd.h"

#define NOW  INT64_C(1795438200)
#define SLOT (NOW - 300)

static char dir[32];
static struct conf *conf;
static struct err err;
static struct response rs;

/* A tree with the profile live and one channel that has one slot. */
static void
setup(void)
{
	char text[512];
	char path[FILE_PATH_MAX];
	(void)setenv("TZ", "UTC", 1);
	(void)snprintf(dir, sizeof(dir), "/tmp/test_routeXXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	int n = snprintf(text, sizeof(text),
	    "$BASEDIR = '%s'; $PIDDIR = '%s'; $PROFILESTATDIR = '%s/stat'; "
	    "$PROFILEDATADIR = '%s/data'; "
	    "%%sources = ( 'a' => { 'port' => '9995' } ); 1;",
	    dir, dir, dir, dir);
	conf = conf_load_text("test", text, (size_t)n, &err);
	ck_assert_msg(conf != NULL, "%s", err.msg);
	struct profile *p = profile_new(".", "live");
	p->type = PROFILE_LIVE;
	p->tbegin = p->tstart = p->tend = p->updated = SLOT;
	p->status = "OK";
	(void)profile_add_channel(p, "a");
	ck_assert(profile_stat_path(conf, ".", "live", NULL, path));
	ck_assert_int_eq(file_mkdirs(path, 0755, &err), 0);
	ck_assert_int_eq(profile_save(conf, p, &err), 0);
	ck_assert(profile_rrd_path(conf, p, "a", path));
	struct counters c = { .flows = { 1, 1 } };
	ck_assert_int_eq(rrd_channel_create(path, SLOT, 300, &err), 0);
	ck_assert_int_eq(rrd_channel_update(path, SLOT, &c, &err), 0);
	profile_free(p);
	rs = (struct response){ 0 };
}

static void
teardown(void)
{
	http_response_free(&rs);
	conf_free(conf);
	ck_assert_int_eq(file_remove_tree(dir, &err), 0);
}

static int
ask(const char *method, const char *path, const char *query)
{
	const struct request rq = { .method = method,
		.path = path,
		.query = query,
		.now = NOW };
	http_response_free(&rs);
	rs = (struct response){ 0 };
	http_handle(conf, &rq, &rs);
	return rs.status;
}

static const struct {
	const char *path, *query;
	int status;
} addresses[] = {
	{ "/", "", 200 },
	{ "/status", "", 200 },
	{ "/p/live/graphs", "", 200 },
	{ "/p/live/details", "", 200 },
	{ "/p/live", "", 302 },
	{ "/nfsen.php", "tab=2&what=ever", 302 },
	{ "/api/v1/profiles", "", 200 },
	{ "/api/v1/openapi.json", "", 200 },
	{ "/api/v1/p/live/series", "type=traffic", 200 },
	{ "/api/v1/p/live/stats", "", 200 },
	{ "/", "x=1", 400 },
	{ "/status", "t=now", 400 },
	{ "/p/live/details", "ch=a&width=5", 400 },
	{ "/nope", "", 404 },
	{ "", "", 404 },
	{ "//", "", 404 },
	{ "/p/none/details", "", 404 },
	{ "/p/./live/details", "", 200 }, /* the group without a name */
	{ "/p/../details", "", 404 },
	{ "/p/..%2f..%2fetc/details", "", 404 },
	{ "/p/live%00/details", "", 404 },
	{ "/p/live/../../../etc/passwd", "", 404 },
	{ "/p/live/live/live/details", "", 404 },
	{ "/p/%zz/details", "", 404 },
	{ "/p//details", "", 404 },
	{ "/www/nfsen.css", "", 404 }, /* the web server's */
	{ "/api/v1/p/live/graph.png", "", 404 },
};

START_TEST(an_address_has_one_answer)
{
	ck_assert_msg(ask("GET", addresses[_i].path, addresses[_i].query) ==
			  addresses[_i].status,
	    "%s?%s: %d", addresses[_i].path, addresses[_i].query, rs.status);
}
END_TEST

START_TEST(only_get_and_head_are_answered)
{
	ck_assert_int_eq(ask("HEAD", "/", ""), 200);
	ck_assert_int_eq(ask("POST", "/", ""), 405);
	ck_assert_ptr_nonnull(strstr(rs.extra, "Allow: GET, HEAD"));
	ck_assert_int_eq(ask("DELETE", "/p/live/details", ""), 405);
	ck_assert_int_eq(ask("", "/", ""), 405);
}
END_TEST

START_TEST(long_addresses_are_refused)
{
	char path[HTTP_PATH_MAX + 3];
	char query[HTTP_QUERY_MAX + 3];
	memset(path, 'a', sizeof(path));
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	memset(query, 'a', sizeof(query));
	query[sizeof(query) - 1] = '\0';
	ck_assert_int_eq(ask("GET", path, ""), 414);
	ck_assert_int_eq(ask("GET", "/", query), 414);
}
END_TEST

START_TEST(what_was_asked_is_never_markup_in_the_answer)
{
	ck_assert_int_eq(ask("GET", "/p/live/details", "w=<script>alert(1)"),
	    400);
	ck_assert_ptr_null(strstr(rs.body.data, "<script>alert"));
	ck_assert_ptr_nonnull(strstr(rs.body.data, "&lt;script&gt;"));
}
END_TEST

START_TEST(every_answer_carries_the_policy)
{
	struct buf head = BUF_EMPTY;
	ck_assert_int_eq(ask("GET", "/nope", ""), 404);
	http_headers(&rs, &head);
	ck_assert_ptr_nonnull(
	    strstr(head.data, "Content-Security-Policy: default-src 'self'"));
	ck_assert_ptr_nonnull(strstr(head.data, "nosniff"));
	ck_assert_ptr_nonnull(strstr(head.data, "X-Frame-Options: DENY"));
	buf_free(&head);
}
END_TEST

START_TEST(an_image_says_where_its_plot_is)
{
	ck_assert_int_eq(ask("GET", "/p/live/graph.png",
			     "width=300&height=150&type=traffic"),
	    200);
	ck_assert_mem_eq(rs.body.data, "\x89PNG", 4);
	/* Width and height in the PNG's header, big endian. */
	ck_assert_mem_eq(rs.body.data + 16, "\0\0\x01\x2c\0\0\0\x96", 8);
	ck_assert_ptr_nonnull(strstr(rs.extra, "X-Plot: "));
	ck_assert_ptr_nonnull(strstr(rs.extra, " 300 150 "));
	ck_assert_int_eq(ask("GET", "/p/live/graph.svg", "light=1"), 200);
	ck_assert_str_eq(rs.type, "image/svg+xml");
}
END_TEST

START_TEST(an_answer_that_is_known_already_has_no_body)
{
	struct request rq = { .method = "GET",
		.path = "/api/v1/profiles",
		.query = "",
		.now = NOW };
	ck_assert_int_eq(ask("GET", rq.path, ""), 200);
	http_conditional(&rq, &rs);
	ck_assert_int_eq(rs.status, 200);
	char etag[sizeof(rs.etag)];
	(void)snprintf(etag, sizeof(etag), "%s", rs.etag);
	rq.if_none_match = etag;
	ck_assert_int_eq(ask("GET", rq.path, ""), 200);
	http_conditional(&rq, &rs);
	ck_assert_int_eq(rs.status, 304);
	ck_assert_uint_eq(rs.body.len, 0);
}
END_TEST

START_TEST(a_broken_profile_is_said_not_hidden)
{
	char path[FILE_PATH_MAX];
	ck_assert(profile_stat_path(conf, ".", "live", "profile.dat", path));
	ck_assert_int_eq(file_write_atomic(path, "nonsense\n", 9, 0644, &err),
	    0);
	ck_assert_int_eq(ask("GET", "/", ""), 200);
	ck_assert_ptr_nonnull(strstr(rs.body.data, "role=\"alert\""));
	ck_assert_int_eq(ask("GET", "/p/live/details", ""), 500);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("route");
	TCase *tc = tcase_create("route");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, an_address_has_one_answer, 0,
	    sizeof(addresses) / sizeof(*addresses));
	tcase_add_test(tc, only_get_and_head_are_answered);
	tcase_add_test(tc, long_addresses_are_refused);
	tcase_add_test(tc, what_was_asked_is_never_markup_in_the_answer);
	tcase_add_test(tc, every_answer_carries_the_policy);
	tcase_add_test(tc, an_image_says_where_its_plot_is);
	tcase_add_test(tc, an_answer_that_is_known_already_has_no_body);
	tcase_add_test(tc, a_broken_profile_is_said_not_hidden);
	suite_add_tcase(s, tc);
	SRunner *sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	int failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
