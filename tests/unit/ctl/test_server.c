/* Both ends over a socket in a temporary folder; the server in a thread. */
#include <check.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "ctl/ctl.h"

static char dir[64];
static char path[100];
static struct ctl_server *server;
static pthread_t thread;
static atomic_bool stop;
static struct err err;

static struct ctl_stream *stream; /* of the last "later" */
static int ticks;                 /* calls of serve_later since then */
static atomic_bool left;

static void
gone(void *ctx)
{
	(void)ctx;
	stream = NULL;
	atomic_store(&left, true);
}

/* A reply in the making: some of it in every round, with an end. */
static void
serve_later(void)
{
	static char line[1024];
	if (stream == NULL || ctl_stream_full(stream))
		return;
	(void)snprintf(line, sizeof(line), "_n=%d %0900d\n", ticks, 0);
	ctl_stream_add(stream, line, strlen(line));
	if (++ticks == 2000) {
		struct ctl_reply last = { 0 };
		ctl_reply_add(&last, "exit", "0");
		ctl_reply_ok(&last, "ended");
		struct ctl_stream *s = stream;
		stream = NULL;
		ctl_stream_end(s, &last);
	}
}

static bool
known(void *ctx, const char *command)
{
	(void)ctx;
	return strcmp(command, "x") != 0;
}

static void
handler(void *ctx, const struct ctl_request *req, struct ctl_reply *reply)
{
	(void)ctx;
	if (strcmp(req->command, "echo") == 0) {
		ctl_reply_add(reply, "scalar", "%s", ctl_arg(req, "text"));
		for (size_t i = 0; i < req->n; i++)
			ctl_reply_add_array(reply, "arg", "%s=%s",
			    req->args[i].key, req->args[i].value);
		ctl_reply_ok(reply, "echoed %zu", req->n);
	} else if (strcmp(req->command, "lines") == 0)
		ctl_reply_add(reply, "text", "one\ntwo\r\n.\n");
	else if (strcmp(req->command, "much") == 0)
		for (int i = 0; i < 20000; i++)
			ctl_reply_add_array(reply, "n", "%d %0100d", i, i);
	else if (strcmp(req->command, "bytes") == 0) {
		reply->raw = true;
		if (ctl_arg(req, "fail") != NULL)
			ctl_reply_err(reply, "no bytes");
		buf_adds(&reply->data, "B\nY");
	} else if (strcmp(req->command, "later") == 0) {
		ctl_reply_add(reply, "first", "1");
		stream = ctl_reply_later(reply, gone, NULL);
	} else if (strcmp(req->command, "nothing") != 0)
		ctl_reply_err(reply, "Command unknown: '%s'", req->command);
}

static void *
serve(void *arg)
{
	(void)arg;
	while (!atomic_load(&stop)) {
		struct pollfd fds[CTL_CLIENTS_MAX + 1];
		size_t n = ctl_server_pollfds(server, fds);
		(void)poll(fds, (nfds_t)n, stream != NULL ? 0 : 10);
		ctl_server_run(server, fds, n);
		serve_later();
	}
	return NULL;
}

static void
setup(void)
{
	(void)snprintf(dir, sizeof(dir), "/tmp/test_ctl.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/s", dir);
	server = ctl_server_open(path, 0660, (gid_t)-1, "test ready", handler,
	    NULL, &err);
	ck_assert_msg(server != NULL, "%s", err.msg);
	atomic_store(&stop, false);
	atomic_store(&left, false);
	stream = NULL;
	ticks = 0;
}

static void
start(void)
{
	ck_assert_int_eq(pthread_create(&thread, NULL, serve, NULL), 0);
}

static void
finish(void)
{
	atomic_store(&stop, true);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
}

static void
teardown(void)
{
	ctl_server_close(server);
	ck_assert_int_eq(file_remove_tree(dir, &err), 0);
}

static void
dial(struct ctl_client *c)
{
	ck_assert_msg(ctl_connect(c, path, 5000, &err) == 0, "%s", err.msg);
}

/* A bare connection that has read nothing yet. */
static int
dial_raw(void)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	(void)snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	ck_assert_int_eq(connect(fd, (const struct sockaddr *)&sun,
			     sizeof(sun)),
	    0);
	return fd;
}

/* Everything until the other side closes. */
static size_t
drain(int fd, char *text, size_t size)
{
	size_t n = 0;
	for (ssize_t k;
	     n < size - 1 && (k = recv(fd, text + n, size - 1 - n, 0)) > 0;)
		n += (size_t)k;
	text[n] = '\0';
	(void)close(fd);
	return n;
}

START_TEST(requests_are_answered_several_on_one_connection)
{
	struct ctl_client c;
	struct ctl_result r;
	start();
	dial(&c);
	const char *args[] = { "text=a b=c", "_item=1", "_item=2", NULL };
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(ctl_call(&c, "echo", args, &r, &err), 0);
		ck_assert(ctl_status_ok(&r));
		ck_assert_str_eq(r.status, "OK echoed 3");
		ck_assert_str_eq(ctl_result_get(&r, "scalar"), "a b=c");
		ck_assert_uint_eq(r.n, 4);
		ck_assert_str_eq(r.data[3].value, "item=2");
		ck_assert(r.data[3].array);
		ctl_result_free(&r);
	}
	ctl_close(&c);
	finish();
}
END_TEST

START_TEST(errors_come_with_their_text_and_the_connection_lives_on)
{
	struct ctl_client c;
	struct ctl_result r;
	start();
	dial(&c);
	ck_assert_int_eq(ctl_call(&c, "nonsense", NULL, &r, &err), 0);
	ck_assert(!ctl_status_ok(&r));
	ck_assert_str_eq(r.status, "ERR Command unknown: 'nonsense'");
	ctl_result_free(&r);
	const char *bad[] = { "no equal sign", NULL };
	ck_assert_int_eq(ctl_call(&c, "echo", bad, &r, &err), 0);
	ck_assert(!ctl_status_ok(&r));
	ctl_result_free(&r);
	ck_assert_int_eq(ctl_call(&c, "nothing", NULL, &r, &err), 0);
	ck_assert(ctl_status_ok(&r));
	ctl_result_free(&r);
	ctl_close(&c);
	finish();
}
END_TEST

START_TEST(newlines_never_get_into_the_frame)
{
	struct ctl_client c;
	struct ctl_result r;
	start();
	dial(&c);
	ck_assert_int_eq(ctl_call(&c, "lines", NULL, &r, &err), 0);
	ck_assert_str_eq(ctl_result_get(&r, "text"), "one two  . ");
	ctl_result_free(&r);
	const char *args[] = { "text=a\n.", NULL };
	ck_assert_int_eq(ctl_call(&c, "echo", args, &r, &err), -1);
	ctl_close(&c);
	finish();
}
END_TEST

START_TEST(a_reply_larger_than_the_socket_arrives_whole)
{
	struct ctl_client c;
	struct ctl_result r;
	start();
	dial(&c);
	ck_assert_int_eq(ctl_call(&c, "much", NULL, &r, &err), 0);
	ck_assert_uint_eq(r.n, 20000);
	ck_assert_int_eq(strtol(r.data[19999].value, NULL, 10), 19999);
	ctl_result_free(&r);
	ctl_close(&c);
	finish();
}
END_TEST

START_TEST(requests_sent_at_once_are_answered_in_order)
{
	char text[1024];
	start();
	int fd = dial_raw();
	static const char both[] =
	    "nothing\n.\n\n.\n.\nx\n.\nquit\n.\nnothing\n.\n";
	ck_assert_int_eq(send(fd, both, sizeof(both) - 1, MSG_NOSIGNAL),
	    sizeof(both) - 1);
	(void)drain(fd, text, sizeof(text));
	ck_assert_int_eq(strncmp(text, "220 ", 4), 0);
	ck_assert_str_eq(strchr(text, '\n'),
	    "\n.\nOK\n.\nOK I'm here\n" /* nothing for no line */
	    ".\nERR Command unknown: 'x'\n.\nOK Bye Bye\n");
	finish();
}
END_TEST

START_TEST(an_idle_or_half_sent_request_is_dropped)
{
	char text[1024];
	ctl_server_set_idle(server, 30);
	start();
	int idle = dial_raw();
	int half = dial_raw();
	ck_assert_int_eq(send(half, "echo\nte", 7, MSG_NOSIGNAL), 7);
	ck_assert_uint_gt(drain(idle, text, sizeof(text)), 0);
	ck_assert_uint_gt(drain(half, text, sizeof(text)), 0);
	finish();
}
END_TEST

START_TEST(a_request_without_end_is_cut_off)
{
	static char junk[64 * 1024];
	char text[1024];
	start();
	int fd = dial_raw();
	memset(junk, 'a', sizeof(junk));
	for (int i = 0; i < 8; i++)
		if (send(fd, junk, sizeof(junk), MSG_NOSIGNAL) == -1)
			break;
	(void)shutdown(fd, SHUT_WR);
	(void)drain(fd, text, sizeof(text));
	ck_assert_ptr_nonnull(strstr(text, "220 "));
	finish();
}
END_TEST

/* What the server says to `text` on a new connection, after its greeting. */
static char *
converse(const char *text, bool and_no_more)
{
	static char reply[8192];
	int fd = dial_raw();
	ck_assert_int_eq(send(fd, text, strlen(text), MSG_NOSIGNAL),
	    (ssize_t)strlen(text));
	if (and_no_more)
		(void)shutdown(fd, SHUT_WR);
	(void)drain(fd, reply, sizeof(reply));
	char *lf = strchr(reply, '\n');
	ck_assert_ptr_nonnull(lf);
	return lf + 1;
}

START_TEST(as_nfsend_requests_are_said_back_unless_silent)
{
	ctl_server_like_nfsend(server, known);
	start();
	ck_assert_str_eq(converse("nothing\nkey=1\n.\n.silent=1\nnothing\n.\n"
				  "quit\n.\n",
			     false),
	    ".Command is 'nothing' binary mode: 0\n"
	    ".Key: 'key', value: '1'\n.\nOK\n.\nOK\n.\nOK Bye Bye\n");
	ck_assert_str_eq(converse(".debug=1\nx\nbad\n.\nnothing\nbad\n.\n"
				  "   \n.\nnothing\n.\n",
			     false),
	    "INFO Set debug to 1\n.Command is 'x' binary mode: 0\n.\n"
	    "ERR Command unknown: 'x'\n.Command is 'nothing' binary mode: 0\n"
	    ".\nERR key format error\n.\nERR Failed to decode line '   '\n");
	finish();
}
END_TEST

START_TEST(bytes_come_without_a_frame_and_end_the_connection)
{
	ctl_server_like_nfsend(server, known);
	start();
	ck_assert_str_eq(converse("@bytes\n.\nnothing\n.\n", false), "B\nY");
	ck_assert_str_eq(converse("@bytes\nfail=1\n.\n", false),
	    ".\nERR no bytes\n");
	/* Without "@" it goes on. */
	ck_assert_str_eq(converse(".silent=1\nbytes\n.\nquit\n.\n", false),
	    "B\nY.\nOK Bye Bye\n");
	finish();
}
END_TEST

START_TEST(a_client_that_stops_in_the_middle_is_told)
{
	ctl_server_like_nfsend(server, known);
	start();
	ck_assert_str_eq(converse("nothing\nkey=1\n", true),
	    ".\nOK Failed to read from socket: connection closed\n");
	/* What was complete is answered first. */
	ck_assert_str_eq(converse(".silent=1\nnothing\n.\n", true), ".\nOK\n");
	finish();
}
END_TEST

START_TEST(a_client_that_waits_too_long_is_told)
{
	ctl_server_set_idle(server, 30);
	ctl_server_like_nfsend(server, known);
	start();
	ck_assert_str_eq(converse("nothing\n", false),
	    ".\nOK Timeout reading from socket!\n");
	finish();
}
END_TEST

START_TEST(a_reply_may_come_later_in_pieces_and_holds_up_nobody)
{
	struct ctl_client c, other;
	struct ctl_result r;
	start();
	dial(&c);
	ck_assert_int_eq(ctl_call(&c, "later", NULL, &r, &err), 0);
	ck_assert_str_eq(r.status, "OK ended");
	ck_assert_uint_eq(r.n, 2002);
	ck_assert_str_eq(r.data[0].key, "first");
	ck_assert_int_eq(strtol(r.data[2000].value, NULL, 10), 1999);
	ck_assert_str_eq(ctl_result_get(&r, "exit"), "0");
	ctl_result_free(&r);
	/* The connection goes on. */
	ck_assert_int_eq(ctl_call(&c, "nothing", NULL, &r, &err), 0);
	ctl_result_free(&r);
	/* One that does not read does not keep another from its answer. */
	int lazy = dial_raw();
	ck_assert_int_eq(send(lazy, "later\n.\n", 8, MSG_NOSIGNAL), 8);
	dial(&other);
	ck_assert_int_eq(ctl_call(&other, "nothing", NULL, &r, &err), 0);
	ctl_result_free(&r);
	ck_assert(!atomic_load(&left));
	(void)close(lazy);
	while (!atomic_load(&left))
		(void)usleep(1000);
	ctl_close(&other);
	ctl_close(&c);
	finish();
}
END_TEST

START_TEST(a_line_has_an_end)
{
	static char request[CTL_LINE_MAX + 8192];
	memset(request, 'a', sizeof(request) - 1);
	memcpy(request, "x\nkey=", 6);
	start();
	ck_assert_str_eq(converse(request, false), ".\nERR line too long\n");
	finish();
}
END_TEST

START_TEST(one_client_too_many_is_told_so)
{
	int fds[CTL_CLIENTS_MAX];
	char text[256];
	start();
	for (int i = 0; i < CTL_CLIENTS_MAX; i++) {
		fds[i] = dial_raw();
		ck_assert_int_gt(recv(fds[i], text, sizeof(text), 0), 0);
	}
	struct ctl_client c;
	ck_assert_int_eq(ctl_connect(&c, path, 5000, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.msg, "too many open connections"));
	(void)close(fds[0]);
	/* Its place is free as soon as the server has seen that. */
	int tries = 0;
	while (ctl_connect(&c, path, 5000, &err) == -1)
		ck_assert_int_lt(++tries, 10000);
	ctl_close(&c);
	for (int i = 1; i < CTL_CLIENTS_MAX; i++)
		(void)close(fds[i]);
	finish();
}
END_TEST

START_TEST(a_server_that_does_not_answer_times_out)
{
	struct ctl_client c;
	ck_assert_int_eq(ctl_connect(&c, path, 20, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.msg, path));
	ck_assert_ptr_nonnull(strstr(err.msg, "no answer in 20 ms"));
}
END_TEST

START_TEST(a_live_socket_is_not_taken_over_a_dead_one_is)
{
	ck_assert_ptr_null(ctl_server_open(path, 0600, (gid_t)-1, "second",
	    handler, NULL, &err));
	ck_assert_ptr_nonnull(strstr(err.msg, "in use"));

	char dead[100];
	(void)snprintf(dead, sizeof(dead), "%s/dead", dir);
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	(void)snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", dead);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	ck_assert_int_eq(bind(fd, (const struct sockaddr *)&sun, sizeof(sun)),
	    0);
	(void)close(fd);
	struct ctl_server *s =
	    ctl_server_open(dead, 0600, (gid_t)-1, "x", handler, NULL, &err);
	ck_assert_msg(s != NULL, "%s", err.msg);
	struct stat st;
	ck_assert_int_eq(stat(dead, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	ctl_server_close(s);
	ck_assert_int_eq(stat(dead, &st), -1);
}
END_TEST

START_TEST(a_file_that_is_no_socket_is_left_alone)
{
	char file[128];
	(void)snprintf(file, sizeof(file), "%s/file", dir);
	ck_assert_int_eq(file_write_atomic(file, "x", 1, 0644, &err), 0);
	ck_assert_ptr_null(
	    ctl_server_open(file, 0600, (gid_t)-1, "x", handler, NULL, &err));
	ck_assert_ptr_nonnull(strstr(err.msg, "no socket"));
	ck_assert(file_exists(file));
}
END_TEST

START_TEST(a_missing_server_is_named)
{
	struct ctl_client c;
	ck_assert_int_eq(ctl_connect(&c, "/nonexistent/s", 20, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.msg, "/nonexistent/s: No such file"));
	char longer[300];
	memset(longer, 'a', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	ck_assert_int_eq(ctl_connect(&c, longer, 20, &err), -1);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("ctl server and client");
	TCase *t = tcase_create("both ends");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, requests_are_answered_several_on_one_connection);
	tcase_add_test(t,
	    errors_come_with_their_text_and_the_connection_lives_on);
	tcase_add_test(t, newlines_never_get_into_the_frame);
	tcase_add_test(t, a_reply_larger_than_the_socket_arrives_whole);
	tcase_add_test(t, requests_sent_at_once_are_answered_in_order);
	tcase_add_test(t, an_idle_or_half_sent_request_is_dropped);
	tcase_add_test(t, a_request_without_end_is_cut_off);
	tcase_add_test(t, one_client_too_many_is_told_so);
	tcase_add_test(t, as_nfsend_requests_are_said_back_unless_silent);
	tcase_add_test(t, bytes_come_without_a_frame_and_end_the_connection);
	tcase_add_test(t, a_client_that_stops_in_the_middle_is_told);
	tcase_add_test(t, a_client_that_waits_too_long_is_told);
	tcase_add_test(t, a_reply_may_come_later_in_pieces_and_holds_up_nobody);
	tcase_add_test(t, a_line_has_an_end);
	tcase_add_test(t, a_server_that_does_not_answer_times_out);
	tcase_add_test(t, a_live_socket_is_not_taken_over_a_dead_one_is);
	tcase_add_test(t, a_file_that_is_no_socket_is_left_alone);
	tcase_add_test(t, a_missing_server_is_named);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
