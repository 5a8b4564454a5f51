/* Datagrams from sockets into the ring, by either way of reading. */
#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "collector/receive.h"

static struct ring ring;
static struct receiver receiver;
static struct err err;

/* A listener on a free port of 127.0.0.1. */
static struct listener
any_port(const char *bind_addr)
{
	struct listen_opts o = { .bind = bind_addr };
	struct listener l = { .fd = listen_open(&o, 0, &err) };
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	struct addr a;
	ck_assert_msg(l.fd != -1, "%s", err.msg);
	ck_assert_int_eq(getsockname(l.fd, (struct sockaddr *)&ss, &len), 0);
	ck_assert(addr_from_sockaddr((struct sockaddr *)&ss, &a, &l.port));
	return l;
}

static int
sender(const char *ip)
{
	struct addr a;
	struct sockaddr_storage ss;
	ck_assert(addr_parse(ip, &a));
	socklen_t len = addr_to_sockaddr(&a, 0, &ss);
	int fd = socket(ss.ss_family, SOCK_DGRAM, 0);
	ck_assert_int_ne(fd, -1);
	if (bind(fd, (struct sockaddr *)&ss, len) == -1) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

static void throw(int fd, const char *ip, uint16_t port, const void *data,
    size_t n)
{
	struct addr a;
	struct sockaddr_storage ss;
	ck_assert(addr_parse(ip, &a));
	socklen_t len = addr_to_sockaddr(&a, port, &ss);
	ck_assert_int_eq(sendto(fd, data, n, 0, (struct sockaddr *)&ss, len),
	    (ssize_t)n);
}

/* The next datagram, waited for. */
static const struct ring_head *
next(const uint8_t **data)
{
	const struct ring_head *h;
	ring_release(&ring);
	for (int i = 0; (h = ring_next(&ring, data)) == NULL; i++) {
		ck_assert_int_lt(i, 200);
		ring_wait(&ring, 50);
	}
	return h;
}

static void
start(bool plain)
{
	struct rx *rx = plain ? rx_plain_new() : rx_mmsg_new();
	ck_assert_int_eq(ring_open(&ring, 1 << 20, &err), 0);
	ck_assert_int_eq(receive_start(&receiver, &ring,
			     rx != NULL ? rx : rx_plain_new(), &err),
	    0);
}

START_TEST(datagrams_arrive_with_sender_port_and_time)
{
	struct listeners ls = { 0 };
	struct listener l = any_port("127.0.0.1");
	const uint8_t *data = NULL;
	start(_i == 0);
	listeners_add(&ls, &l);
	receive_use(&receiver, &ls);
	int one = sender("127.0.2.1"), two = sender("127.0.2.2");
	for (uint32_t i = 0; i < 500; i++) {
		throw(i % 2 ? two : one, "127.0.0.1", l.port, &i, sizeof(i));
		const struct ring_head *h = next(&data);
		ck_assert_uint_eq(h->len, sizeof(i));
		ck_assert_int_eq(memcmp(data, &i, sizeof(i)), 0);
		ck_assert_uint_eq(h->port, l.port);
		ck_assert_uint_eq(h->from.lo, 0x7f000201 + i % 2);
		ck_assert_uint_eq(h->from.family, ADDR_V4);
		ck_assert_uint_gt(h->arrival_ms, UINT64_C(1600000000000));
	}
	throw(one, "127.0.0.1", l.port, "", 0);
	ck_assert_uint_eq(next(&data)->len, 0);
	receive_stop(&receiver, NULL);
	listeners_free(&ls);
	(void)close(l.fd);
	(void)close(one);
	(void)close(two);
	ring_close(&ring);
}
END_TEST

START_TEST(one_socket_takes_both_families)
{
	struct listeners ls = { 0 };
	struct listener l = any_port(NULL);
	const uint8_t *data = NULL;
	start(false);
	listeners_add(&ls, &l);
	receive_use(&receiver, &ls);
	int v4 = sender("127.0.0.1"), v6 = sender("::1");
	throw(v4, "127.0.0.1", l.port, "four", 4);
	ck_assert_uint_eq(next(&data)->from.family, ADDR_V4);
	if (v6 != -1) {
		throw(v6, "::1", l.port, "six", 3);
		ck_assert_uint_eq(next(&data)->from.family, ADDR_V6);
		(void)close(v6);
	}
	receive_stop(&receiver, NULL);
	listeners_free(&ls);
	(void)close(l.fd);
	(void)close(v4);
	ring_close(&ring);
}
END_TEST

START_TEST(sockets_come_and_go_while_others_stay)
{
	struct listeners both = { 0 }, one = { 0 };
	struct listener a = any_port("127.0.0.1"), b = any_port("127.0.0.1");
	const uint8_t *data = NULL;
	int fd = sender("127.0.0.1");
	start(false);
	listeners_add(&both, &a);
	listeners_add(&both, &b);
	listeners_add(&one, &a);
	for (int i = 0; i < 50; i++) {
		receive_use(&receiver, i % 2 ? &one : &both);
		throw(fd, "127.0.0.1", a.port, "a", 1);
		ck_assert_uint_eq(next(&data)->port, a.port);
	}
	receive_use(&receiver, &one);
	throw(fd, "127.0.0.1", b.port, "b", 1);
	throw(fd, "127.0.0.1", a.port, "a", 1);
	ck_assert_uint_eq(next(&data)->port, a.port);
	/* It waited in its socket. */
	receive_use(&receiver, &both);
	ck_assert_uint_eq(next(&data)->port, b.port);
	/* Stopping takes what is there. */
	throw(fd, "127.0.0.1", a.port, "last", 4);
	receive_stop(&receiver, NULL);
	ck_assert_uint_eq(next(&data)->len, 4);
	listeners_free(&both);
	listeners_free(&one);
	(void)close(a.fd);
	(void)close(b.fd);
	(void)close(fd);
	ring_close(&ring);
}
END_TEST

START_TEST(what_the_kernel_drops_is_counted)
{
#ifndef __linux__
	return;
#endif
	struct listeners ls = { 0 };
	struct listener l = any_port("127.0.0.1");
	static uint8_t big[8000];
	const uint8_t *data = NULL;
	struct ports ports = { NULL };
	struct port *port = l.lost = ports_get(&ports, l.port);
	int small = 4096, fd = sender("127.0.0.1");
	ck_assert_int_eq(setsockopt(l.fd, SOL_SOCKET, SO_RCVBUF, &small,
			     sizeof(small)),
	    0);
	for (int i = 0; i < 100; i++)
		throw(fd, "127.0.0.1", l.port, big, sizeof(big));
	start(_i == 0);
	listeners_add(&ls, &l);
	receive_use(&receiver, &ls);
	/* No datagram comes that would bring the count. */
	uint64_t drops = 0, got = 0;
	for (int i = 0; i < 100 && got + drops != 100; i++) {
		for (; ring_next(&ring, &data) != NULL; got++)
			;
		ring_release(&ring);
		ring_wait(&ring, 100);
		drops = atomic_load(&port->kernel_drops);
	}
	ck_assert_uint_eq(got + drops, 100);
	ck_assert_uint_ge(drops, 90);
	/* Those of the last moment are counted at the end. */
	receive_use(&receiver, &(struct listeners){ 0 });
	for (int i = 0; i < 50; i++)
		throw(fd, "127.0.0.1", l.port, big, sizeof(big));
	ls.l[0].drops = (uint32_t)drops;
	receive_use(&receiver, &ls);
	receive_stop(&receiver, NULL);
	for (; ring_next(&ring, &data) != NULL; got++)
		;
	drops = atomic_load(&port->kernel_drops);
	ck_assert_uint_eq(got + drops, 150);
	ck_assert_uint_eq(atomic_load(&receiver.kernel_drops), drops);
	listeners_free(&ls);
	ports_free(&ports);
	(void)close(l.fd);
	(void)close(fd);
	ring_close(&ring);
}
END_TEST

START_TEST(what_the_queue_drops_is_counted_at_its_port)
{
	struct listeners ls = { 0 };
	struct listener l = any_port("127.0.0.1");
	static uint8_t big[60000];
	const uint8_t *data = NULL;
	struct ports ports = { NULL };
	struct port *port = l.lost = ports_get(&ports, l.port);
	int fd = sender("127.0.0.1");
	start(false);
	listeners_add(&ls, &l);
	receive_use(&receiver, &ls);
	/* 1 MiB holds 17 of them; nobody takes any. */
	uint64_t drops = 0, got = 0;
	for (uint64_t i = 0; i < 30; i++) {
		throw(fd, "127.0.0.1", l.port, big, sizeof(big));
		for (int k = 0; k < 1000 && drops + 17 <= i; k++) {
			(void)usleep(1000);
			drops = atomic_load(&port->queue_drops) +
				atomic_load(&port->kernel_drops);
		}
	}
	receive_stop(&receiver, NULL);
	for (; ring_next(&ring, &data) != NULL; got++)
		;
	ck_assert_uint_eq(got + atomic_load(&port->queue_drops) +
			      atomic_load(&port->kernel_drops),
	    30);
	ck_assert_uint_ge(atomic_load(&port->queue_drops), 1);
	ck_assert_uint_eq(atomic_load(&port->queue_drops),
	    atomic_load(&ring.dropped));
	listeners_free(&ls);
	ports_free(&ports);
	(void)close(l.fd);
	(void)close(fd);
	ring_close(&ring);
}
END_TEST

START_TEST(a_port_in_use_and_a_bad_address_are_named)
{
	struct listener l = any_port("127.0.0.1");
	struct listen_opts taken = { .bind = "127.0.0.1" };
	struct listen_opts wrong = { .bind = "no.address" };
	char want[64];
	(void)snprintf(want, sizeof(want), "port %u: ", l.port);
	ck_assert_int_eq(listen_open(&taken, l.port, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.msg, want));
	ck_assert_int_eq(listen_open(&wrong, 1, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.msg, "no.address"));
	(void)close(l.fd);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("receive");
	TCase *t = tcase_create("receive");
	tcase_set_timeout(t, 30);
	tcase_add_loop_test(t, datagrams_arrive_with_sender_port_and_time, 0,
	    2);
	tcase_add_test(t, one_socket_takes_both_families);
	tcase_add_test(t, sockets_come_and_go_while_others_stay);
	tcase_add_loop_test(t, what_the_kernel_drops_is_counted, 0, 2);
	tcase_add_test(t, what_the_queue_drops_is_counted_at_its_port);
	tcase_add_test(t, a_port_in_use_and_a_bad_address_are_named);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
