/* Connections into a ring: nothing is lost, nothing waits for ever. */
#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "collector/stream.h"

#define RING (4 * 1024 * 1024)

static struct ring ring;
static struct streams *st;
static struct stream_counts counts;
static struct session_refusals refusals;
static struct stream_listener listener;
static struct sockaddr_in local_addr;
static struct err err;

static void
use(size_t max, int idle_s)
{
	struct stream_setup setup = { .ls = { &listener, 1 },
		.max = max,
		.idle_s = idle_s };
	streams_use(st, &setup);
}

static void
setup(void)
{
	socklen_t len = sizeof(local_addr);
	local_addr = (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	listener.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	ck_assert_int_eq(bind(listener.fd, (struct sockaddr *)&local_addr, len),
	    0);
	ck_assert_int_eq(listen(listener.fd, 64), 0);
	ck_assert_int_eq(getsockname(listener.fd,
			     (struct sockaddr *)&local_addr, &len),
	    0);
	listener.port = ntohs(local_addr.sin_port);
	ck_assert_int_eq(ring_open(&ring, RING, &err), 0);
	counts = (struct stream_counts){ 0 };
	st = streams_start(&ring, &refusals, &counts, NULL, &err);
	ck_assert_ptr_nonnull(st);
	use(10, 100);
}

static void
teardown(void)
{
	if (st != NULL)
		streams_stop(st, true);
	ring_close(&ring);
	(void)close(listener.fd);
}

static int
dial(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&local_addr,
			     sizeof(local_addr)),
	    0);
	return fd;
}

static void
put(int fd, const void *p, size_t n)
{
	ck_assert_int_eq(send(fd, p, n, MSG_NOSIGNAL), (ssize_t)n);
}

/* A message of so many bytes, with a number in it. */
static size_t
message(uint8_t *p, uint16_t len, uint32_t number)
{
	memset(p, 0, len);
	p[1] = 10;
	p[2] = (uint8_t)(len >> 8);
	p[3] = (uint8_t)len;
	memcpy(p + 8, &number, sizeof(number));
	return len;
}

static const struct ring_head *
next(const uint8_t **data)
{
	const struct ring_head *h;
	while ((h = ring_next(&ring, data)) == NULL) {
		ring_release(&ring);
		ring_wait(&ring, 1000);
	}
	return h;
}

/* The other side has closed. */
static void
await_end(int fd)
{
	char c;
	ssize_t n = recv(fd, &c, 1, 0);
	ck_assert(n == 0 || (n == -1 && errno == ECONNRESET));
	(void)close(fd);
}

static uint64_t
ended(enum stream_end end)
{
	return atomic_load(&counts.ended[end]);
}

START_TEST(messages_and_the_end_of_their_session)
{
	uint8_t m[64];
	const uint8_t *data = NULL;
	int a = dial(), b = dial();
	put(a, m, message(m, 20, 1));
	const struct ring_head *h = next(&data);
	uint32_t session = h->session;
	ck_assert_uint_eq(h->kind, RING_MESSAGE);
	ck_assert_uint_eq(h->len, 20);
	ck_assert_uint_eq(h->port, listener.port);
	ck_assert_uint_eq(h->from.lo, INADDR_LOOPBACK);
	ck_assert_uint_ne(session, 0);
	put(b, m, message(m, 30, 2));
	h = next(&data);
	ck_assert_uint_eq(h->len, 30);
	ck_assert_uint_ne(h->session, session);
	(void)close(a);
	h = next(&data);
	ck_assert_uint_eq(h->kind, RING_END);
	ck_assert_uint_eq(h->session, session);
	/* Half a message. */
	put(b, m, 10);
	(void)close(b);
	ck_assert_uint_eq(next(&data)->kind, RING_CUT);
	a = dial();
	put(a, "nonsense", 8);
	await_end(a);
	h = next(&data);
	ck_assert_uint_eq(h->kind, RING_BROKEN);
	ck_assert_uint_ne(h->session, session);
	ck_assert_uint_eq(ended(STREAM_CLOSED), 1);
	ck_assert_uint_eq(ended(STREAM_CUT), 1);
	ck_assert_uint_eq(ended(STREAM_VERSION), 1);
}
END_TEST

#define MANY 4000

static void *
send_many(void *arg)
{
	static uint8_t m[65535];
	const int *fd = arg;
	for (uint32_t i = 0; i < MANY; i++)
		put(*fd, m, message(m, (uint16_t)(16 + i * 13 % 9000), i));
	(void)close(*fd);
	return NULL;
}

START_TEST(a_full_ring_holds_the_sender_up_and_loses_nothing)
{
	pthread_t t;
	const uint8_t *data = NULL;
	int fd = dial();
	ck_assert_int_eq(pthread_create(&t, NULL, send_many, &fd), 0);
	/* 18 MB into 4: it fills up, and nobody takes anything. */
	while (ring_room(&ring) > RING / 4)
		(void)poll(NULL, 0, 1);
	for (uint32_t i = 0; i < MANY; i++) {
		uint32_t number;
		const struct ring_head *h = next(&data);
		ck_assert_uint_eq(h->kind, RING_MESSAGE);
		ck_assert_uint_eq(h->len, 16 + i * 13 % 9000);
		memcpy(&number, data + 8, sizeof(number));
		ck_assert_uint_eq(number, i);
	}
	ck_assert_uint_eq(next(&data)->kind, RING_END);
	ring_release(&ring);
	ck_assert_int_eq(pthread_join(t, NULL), 0);
	ck_assert_uint_eq(atomic_load(&ring.dropped), 0);
	ck_assert_uint_eq(ended(STREAM_CLOSED), 1);
}
END_TEST

START_TEST(the_silent_make_room_and_the_busy_do_not)
{
	uint8_t m[64];
	const uint8_t *data = NULL;
	int busy[5], silent[5];
	/* Half of ten from one address. */
	for (int i = 0; i < 5; i++)
		silent[i] = dial();
	for (int i = 0; i < 5; i++) {
		busy[i] = dial();
		put(busy[i], m, message(m, 20, 1));
		ck_assert_uint_eq(next(&data)->kind, RING_MESSAGE);
		await_end(silent[i]);
	}
	/* All five have sent something: the sixth is turned away. */
	await_end(dial());
	ck_assert_uint_eq(ended(STREAM_CROWDED), 6);
	for (int i = 0; i < 5; i++) {
		put(busy[i], m, message(m, 20, 2));
		ck_assert_uint_eq(next(&data)->kind, RING_MESSAGE);
		(void)close(busy[i]);
		ck_assert_uint_eq(next(&data)->kind, RING_END);
	}
}
END_TEST

START_TEST(who_says_nothing_more_is_idle)
{
	uint8_t m[64];
	use(10, 1);
	int quiet = dial(), begun = dial(), was = dial();
	put(begun, m, message(m, 20, 1) - 1);
	put(was, m, message(m, 20, 1));
	await_end(quiet);
	await_end(begun);
	await_end(was);
	ck_assert_uint_eq(ended(STREAM_IDLE), 2);
	ck_assert_uint_eq(ended(STREAM_SLOW), 1);
}
END_TEST

START_TEST(who_is_refused_is_closed)
{
	uint8_t m[64];
	const uint8_t *data = NULL;
	int fd = dial();
	put(fd, m, message(m, 20, 1));
	uint32_t session = next(&data)->session;
	atomic_store(&refusals.session[session_slot(session)], session);
	await_end(fd);
	ck_assert_uint_eq(ended(STREAM_NO_SOURCE), 1);
	/* The next one of that slot is somebody else. */
	fd = dial();
	for (int i = 0; i < 3; i++) {
		put(fd, m, message(m, 20, 1));
		while (next(&data)->kind != RING_MESSAGE)
			;
	}
	ck_assert_uint_eq(ended(STREAM_NO_SOURCE), 1);
	(void)close(fd);
}
END_TEST

START_TEST(a_port_that_goes_and_the_end_take_what_has_arrived)
{
	struct stream_setup none = { .max = 10, .idle_s = 100 };
	uint8_t m[20000];
	const uint8_t *data = NULL;
	int fd = dial();
	for (uint32_t i = 0; i < 5; i++)
		put(fd, m, message(m, 20000, i));
	(void)next(&data);
	streams_use(st, &none);
	await_end(fd);
	for (uint32_t i = 1; i < 5; i++)
		ck_assert_uint_eq(next(&data)->len, 20000);
	ck_assert_uint_eq(next(&data)->kind, RING_END);
	/* Nobody accepts this one before the end. */
	fd = dial();
	put(fd, m, message(m, 33, 1));
	use(10, 100);
	streams_stop(st, true);
	st = NULL;
	ck_assert_uint_eq(next(&data)->len, 33);
	ck_assert_uint_eq(next(&data)->kind, RING_END);
	await_end(fd);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("stream");
	TCase *t = tcase_create("stream");
	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, messages_and_the_end_of_their_session);
	tcase_add_test(t, a_full_ring_holds_the_sender_up_and_loses_nothing);
	tcase_add_test(t, the_silent_make_room_and_the_busy_do_not);
	tcase_add_test(t, who_says_nothing_more_is_idle);
	tcase_add_test(t, who_is_refused_is_closed);
	tcase_add_test(t, a_port_that_goes_and_the_end_take_what_has_arrived);
	suite_add_tcase(s, t);
	SRunner *sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	int failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
