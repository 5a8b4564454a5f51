/* Several threads receive from one port. */
#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "collector/receivers.h"
#include "collector/shard.h"

#define THREADS 3
#define SENDERS 24
#define EACH    200

static struct err err;

static uint16_t
port_of(int fd)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	struct addr a;
	uint16_t port;
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&ss, &len), 0);
	ck_assert(addr_from_sockaddr((struct sockaddr *)&ss, &a, &port));
	return port;
}

static int
open_shard(uint16_t shard, uint16_t port)
{
	struct listen_opts o = { .bind = "127.0.0.1",
		.sharded = true,
		.shard = shard };
	return listen_open(&o, port, &err);
}

/* So many sockets of a free port. */
static void
open_shards(struct listeners *ls, struct port *lost)
{
	struct listener l = { .lost = lost };
	*ls = (struct listeners){ 0 };
	for (; l.shard < THREADS; l.shard++) {
		l.fd = open_shard(l.shard, l.port);
		ck_assert_msg(l.fd != -1, "%s", err.msg);
		l.port = port_of(l.fd);
		listeners_add(ls, &l);
	}
}

static void
close_all(struct listeners *ls)
{
	for (size_t i = 0; i < ls->n; i++)
		(void)close(ls->l[i].fd);
	listeners_free(ls);
}

static void
send_to(int fd, uint16_t port, const uint32_t what[2])
{
	struct sockaddr_storage ss;
	struct addr a = addr_v4(INADDR_LOOPBACK);
	socklen_t len = addr_to_sockaddr(&a, port, &ss);
	ck_assert_int_eq(sendto(fd, what, 8, 0, (struct sockaddr *)&ss, len),
	    8);
}

/* What the ring has; whose and which number is in the datagram. */
static size_t
take(struct ring *ring, uint32_t next[SENDERS])
{
	const struct ring_head *h;
	const uint8_t *data;
	size_t n = 0;
	for (; (h = ring_next(ring, &data)) != NULL; n++) {
		uint32_t got[2];
		ck_assert_uint_eq(h->len, sizeof(got));
		memcpy(got, data, sizeof(got));
		ck_assert_uint_lt(got[0], SENDERS);
		ck_assert_uint_eq(got[1], next[got[0]]);
		next[got[0]]++;
	}
	ring_release(ring);
	return n;
}

START_TEST(each_sender_comes_in_order_through_one_ring)
{
	struct receivers rs = { 0 };
	struct listeners ls;
	struct port lost = { 0 };
	uint32_t next[SENDERS] = { 0 };
	int fd[SENDERS];
	size_t used = 0, n = 0;
	if (!shard_can())
		return;
	open_shards(&ls, &lost);
	ck_assert_int_eq(receivers_open(&rs, THREADS, 1 << 24, &err), 0);
	ck_assert_int_eq(receivers_start(&rs, &err), 0);
	receivers_use(&rs, &ls);
	for (size_t i = 0; i < SENDERS; i++)
		fd[i] = socket(AF_INET, SOCK_DGRAM, 0);
	for (uint32_t k = 0; k < EACH; k++)
		for (uint32_t i = 0; i < SENDERS; i++) {
			send_to(fd[i], ls.l[0].port, (uint32_t[]){ i, k });
			n += take(receivers_ring(&rs), next);
		}
	receivers_stop(&rs, &ls);
	for (size_t i = 0; i < THREADS; i++)
		used += atomic_load(&rs.rings[i].head) != 0;
	n += take(receivers_ring(&rs), next);
	ck_assert_uint_eq(n + receivers_kernel_drops(&rs), SENDERS * EACH);
	ck_assert_uint_eq(receivers_kernel_drops(&rs),
	    atomic_load(&lost.kernel_drops));
	ck_assert_uint_gt(used, 1);
	for (size_t i = 0; i < SENDERS; i++)
		(void)close(fd[i]);
	receivers_close(&rs);
	close_all(&ls);
}
END_TEST

/* More sockets than threads, as after an upgrade with fewer of these. */
START_TEST(threads_take_all_sockets_there_are)
{
	struct receivers rs = { 0 };
	struct listeners ls;
	uint32_t next[SENDERS] = { 0 };
	size_t n = 0;
	if (!shard_can())
		return;
	open_shards(&ls, NULL);
	ck_assert_int_eq(receivers_open(&rs, 2, 1 << 24, &err), 0);
	ck_assert_int_eq(receivers_start(&rs, &err), 0);
	for (uint32_t i = 0; i < SENDERS; i++) {
		int fd = socket(AF_INET, SOCK_DGRAM, 0);
		send_to(fd, ls.l[0].port, (uint32_t[]){ i, 0 });
		(void)close(fd);
	}
	receivers_use(&rs, &ls);
	receivers_stop(&rs, &ls);
	n = take(receivers_ring(&rs), next);
	ck_assert_uint_eq(n, SENDERS);
	receivers_close(&rs);
	close_all(&ls);
}
END_TEST

START_TEST(what_every_socket_drops_is_counted_at_the_port)
{
	static uint8_t big[60000];
	struct receivers rs = { 0 };
	struct listeners ls;
	struct port lost = { 0 };
	struct sockaddr_storage ss;
	struct addr a = addr_v4(INADDR_LOOPBACK);
	const uint8_t *data;
	int small = 65536;
	size_t got = 0, sent = 0;
	if (!shard_can())
		return;
	open_shards(&ls, &lost);
	for (size_t i = 0; i < ls.n; i++)
		(void)setsockopt(ls.l[i].fd, SOL_SOCKET, SO_RCVBUF, &small,
		    sizeof(small));
	socklen_t len = addr_to_sockaddr(&a, ls.l[0].port, &ss);
	for (size_t i = 0; i < SENDERS; i++) {
		int fd = socket(AF_INET, SOCK_DGRAM, 0);
		for (size_t k = 0; k < 10; k++, sent++)
			(void)sendto(fd, big, sizeof(big), 0,
			    (struct sockaddr *)&ss, len);
		(void)close(fd);
	}
	ck_assert_int_eq(receivers_open(&rs, THREADS, 1 << 24, &err), 0);
	ck_assert_int_eq(receivers_start(&rs, &err), 0);
	receivers_use(&rs, &ls);
	receivers_stop(&rs, &ls);
	while (ring_next(receivers_ring(&rs), &data) != NULL)
		got++;
	uint64_t drops = 0;
	for (size_t i = 0; i < ls.n; i++)
		drops += ls.l[i].drops;
#ifdef __linux__
	ck_assert_uint_gt(drops, 0);
	ck_assert_uint_eq(got + drops, sent);
	ck_assert_uint_eq(receivers_kernel_drops(&rs), drops);
	ck_assert_uint_eq(atomic_load(&lost.kernel_drops), drops);
#endif
	receivers_close(&rs);
	close_all(&ls);
}
END_TEST

START_TEST(a_port_that_is_taken_is_not_shared)
{
	struct listen_opts alone = { .bind = "127.0.0.1" };
	struct listeners ls;
	if (!shard_can())
		return;
	int fd = listen_open(&alone, 0, &err);
	ck_assert_int_ne(fd, -1);
	for (uint16_t shard = 0; shard < 2; shard++)
		ck_assert_int_eq(open_shard(shard, port_of(fd)), -1);
	(void)close(fd);
#ifdef __linux__
	/* Nor by another one that would share. */
	open_shards(&ls, NULL);
	ck_assert_int_eq(open_shard(0, ls.l[0].port), -1);
	close_all(&ls);
#else
	(void)ls;
#endif
}
END_TEST

START_TEST(rings_share_the_size_of_one)
{
	struct receivers rs = { 0 };
	size_t sum = 0;
	ck_assert_int_eq(receivers_open(&rs, THREADS, 1 << 26, &err), 0);
	for (size_t i = 0; i < rs.n; i++)
		sum += rs.rings[i].size;
	ck_assert_uint_le(sum, 1 << 26);
	ck_assert_uint_ge(sum, 1 << 25);
	/* Those there are stay. */
	struct ring *ring = receivers_ring(&rs);
	ck_assert_int_eq(receivers_open(&rs, 1, 1 << 26, &err), 0);
	ck_assert_ptr_eq(receivers_ring(&rs), ring);
	ck_assert_uint_eq(rs.n, THREADS);
	receivers_close(&rs);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("receivers");
	TCase *t = tcase_create("receivers");
	tcase_add_test(t, each_sender_comes_in_order_through_one_ring);
	tcase_add_test(t, threads_take_all_sockets_there_are);
	tcase_add_test(t, what_every_socket_drops_is_counted_at_the_port);
	tcase_add_test(t, a_port_that_is_taken_is_not_shared);
	tcase_add_test(t, rings_share_the_size_of_one);
	suite_add_tcase(s, t);
	SRunner *sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	int failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
