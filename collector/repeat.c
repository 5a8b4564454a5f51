#include "collector/repeat.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/be.h"
#include "base/mem.h"

#define HOPS       64
#define BUFFER     (1024 * 1024)
#define UDP_NUMBER 17

/* ---- headers -------------------------------------------------------------- */

/* The address as it stands on the wire; its length. */
static size_t
put_addr(uint8_t *p, const struct addr *a)
{
	if (a->family == ADDR_V6) {
		be64_put(p, a->hi);
		be64_put(p + 8, a->lo);
		return 16;
	}
	be32_put(p, (uint32_t)a->lo);
	return 4;
}

static size_t
udp_head(uint8_t *p, const struct addr *from, uint16_t from_port,
    const struct addr *to, uint16_t to_port, const uint8_t *data, size_t len)
{
	uint8_t ends[32];
	size_t n = put_addr(ends, from);
	n += put_addr(ends + n, to);
	be16_put(p, from_port);
	be16_put(p + 2, to_port);
	be16_put(p + 4, (uint16_t)(len + 8));
	be16_put(p + 6, 0);
	uint32_t s = inet_sum((uint32_t)len + 8 + UDP_NUMBER, ends, n);
	uint16_t check = inet_checksum(inet_sum(inet_sum(s, p, 8), data, len));
	be16_put(p + 6, check != 0 ? check : 0xffff);
	return 8;
}

size_t
repeat_head(uint8_t *buf, const struct addr *from, uint16_t from_port,
    const struct addr *to, uint16_t to_port, const uint8_t *data, size_t len)
{
	size_t n = 8;
	memset(buf, 0, REPEAT_HEAD_MAX);
	if (to->family == ADDR_V6) {
		buf[0] = 0x60;
		be16_put(buf + 4, (uint16_t)(len + 8));
		buf[6] = UDP_NUMBER;
		buf[7] = HOPS;
		n += put_addr(buf + n, from);
		n += put_addr(buf + n, to);
	} else {
		buf[0] = 0x45;
		be16_put(buf + 2, (uint16_t)(len + 28));
		buf[8] = HOPS;
		buf[9] = UDP_NUMBER;
		n = 12;
		n += put_addr(buf + n, from);
		n += put_addr(buf + n, to);
		be16_put(buf + 10, inet_checksum(inet_sum(0, buf, n)));
	}
	return n + udp_head(buf + n, from, from_port, to, to_port, data, len);
}

/* ---- sockets -------------------------------------------------------------- */

static int
resolve(struct repeat_target *t, const struct conf_repeat *c, struct err *err)
{
	struct addrinfo hints = { .ai_socktype = SOCK_DGRAM };
	struct addrinfo *list;
	uint16_t port;
	t->port = c->port;
	if (addr_parse(c->host, &t->addr))
		return 0;
	int rc = getaddrinfo(c->host, NULL, &hints, &list);
	if (rc != 0)
		return err_set(err, "repeater '%s': %s", c->host,
		    gai_strerror(rc));
	bool ok = addr_from_sockaddr(list->ai_addr, &t->addr, &port);
	freeaddrinfo(list);
	return ok ? 0 : err_set(err, "repeater '%s': no address", c->host);
}

/*
 * Ordinary sockets are not connected: a target that refuses one datagram
 * would cost the next.
 */
static int
open_socket(struct repeat_target *t, bool spoof, struct err *err)
{
	int on = 1, bytes = BUFFER;
	int family = t->addr.family == ADDR_V6 ? AF_INET6 : AF_INET;
	int type = spoof ? SOCK_RAW : SOCK_DGRAM;
	t->fd = socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    spoof ? IPPROTO_RAW : 0);
	if (t->fd == -1)
		return err_set(err, "repeater '%s'%s: %s", t->host,
		    spoof ? ", with the exporters' addresses" : "",
		    strerror(errno));
	(void)setsockopt(t->fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
	if (!spoof)
		return 0;
	if (family == AF_INET)
		(void)setsockopt(t->fd, IPPROTO_IP, IP_HDRINCL, &on,
		    sizeof(on));
#ifdef IPV6_HDRINCL
	else
		(void)setsockopt(t->fd, IPPROTO_IPV6, IPV6_HDRINCL, &on,
		    sizeof(on));
#endif
	return 0;
}

int
repeat_open(const struct conf_intake *in, struct repeat **out, struct err *err)
{
	*out = NULL;
	if (in->n_repeat == 0)
		return 0;
	struct repeat *r = mem_calloc(1, sizeof(*r));
	r->spoof = in->spoof;
	for (size_t i = 0; i < in->n_repeat; i++) {
		struct repeat_target *t = &r->targets[r->n++];
		t->fd = -1;
		t->host = mem_strdup(in->repeat[i].host);
		if (resolve(t, &in->repeat[i], err) == -1 ||
		    open_socket(t, r->spoof, err) == -1) {
			repeat_close(r);
			return -1;
		}
	}
	*out = r;
	return 0;
}

void
repeat_close(struct repeat *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < r->n; i++) {
		if (r->targets[i].fd != -1)
			(void)close(r->targets[i].fd);
		free(r->targets[i].host);
	}
	free(r);
}

bool
repeat_is(const struct repeat *r, const struct conf_intake *in)
{
	if (r->n != in->n_repeat || r->spoof != in->spoof)
		return false;
	for (size_t i = 0; i < r->n; i++)
		if (r->targets[i].port != in->repeat[i].port ||
		    strcmp(r->targets[i].host, in->repeat[i].host) != 0)
			return false;
	return true;
}

/* ---- sending -------------------------------------------------------------- */

static bool
send_plain(const struct repeat_target *t, const uint8_t *data, size_t len)
{
	struct sockaddr_storage ss;
	socklen_t n = addr_to_sockaddr(&t->addr, t->port, &ss);
	return sendto(t->fd, data, len, 0, (struct sockaddr *)&ss, n) ==
	       (ssize_t)len;
}

static bool
send_as(const struct repeat_target *t, const struct addr *from, uint16_t port,
    const uint8_t *data, size_t len)
{
	uint8_t head[REPEAT_HEAD_MAX];
	struct sockaddr_storage ss;
	/* Raw sockets want no port, of v6 not even one in the address. */
	socklen_t n = addr_to_sockaddr(&t->addr, 0, &ss);
	if (from->family != t->addr.family)
		return false;
	void *body; /* iovec's type; it is only read */
	memcpy(&body, &data, sizeof(body));
	struct iovec iov[2] = { { head, repeat_head(head, from, port, &t->addr,
					    t->port, data, len) },
		{ body, len } };
	struct msghdr m = { .msg_name = &ss,
		.msg_namelen = n,
		.msg_iov = iov,
		.msg_iovlen = 2 };
	return sendmsg(t->fd, &m, 0) == (ssize_t)(iov[0].iov_len + len);
}

void
repeat_send(struct repeat *r, const struct addr *from, uint16_t port,
    const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < r->n; i++) {
		struct repeat_target *t = &r->targets[i];
		bool ok = r->spoof ? send_as(t, from, port, data, len)
				   : send_plain(t, data, len);
		(void)atomic_fetch_add_explicit(ok ? &t->sent : &t->failed, 1,
		    memory_order_relaxed);
	}
}
