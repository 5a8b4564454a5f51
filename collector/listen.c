#include "collector/listen.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/addr.h"
#include "base/mem.h"
#include "collector/rx.h"
#include "collector/shard.h"

#define USUAL_BUFFER (4 * 1024 * 1024) /* the kernel cuts it to its limit */
#define NOBODYS_PORT 9                 /* discard: it sends nothing */

static void
set_buffer(int fd, int bytes)
{
	if (bytes == 0)
		bytes = USUAL_BUFFER;
#ifdef SO_RCVBUFFORCE
	/* Beyond the limit, for those who may. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) ==
	    0)
		return;
#endif
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
}

static int
buffer_of(int fd)
{
	int bytes = 0;
	socklen_t len = sizeof(bytes);
	(void)getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, &len);
	return bytes;
}

/*
 * What was set with more rights than we have now would be gone for good, so
 * another socket is asked first what we would get.
 */
bool
listen_buffer(int fd, int bytes)
{
	int probe = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (probe == -1)
		return false;
	set_buffer(probe, bytes);
	int would = buffer_of(probe), is = buffer_of(fd);
	(void)close(probe);
	int wanted = bytes != 0 ? bytes : USUAL_BUFFER;
	if (would < wanted && would < is)
		return false;
	set_buffer(fd, bytes);
	return true;
}

void
listen_share(int fd, bool on)
{
	int value = on;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &value, sizeof(value));
#ifndef __linux__
	/* There the first means addresses that differ only. */
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &value, sizeof(value));
#endif
}

/* A socket that is connected takes nothing but its peer's. */
void
listen_mute(int fd)
{
	struct sockaddr_storage ss;
	struct addr a;
	uint16_t port;
	socklen_t len = sizeof(ss);
	if (getsockname(fd, (struct sockaddr *)&ss, &len) == -1 ||
	    !addr_from_sockaddr((const struct sockaddr *)&ss, &a, &port))
		return;
	if (a.hi == 0 && a.lo == 0)
		a = a.family == ADDR_V4 ? addr_v4(INADDR_LOOPBACK)
					: addr_v6(0, 1);
	len = addr_to_sockaddr(&a, NOBODYS_PORT, &ss);
	(void)connect(fd, (const struct sockaddr *)&ss, len);
}

static int
open_at(const struct addr *a, uint16_t port, bool only_v6,
    const struct listen_opts *o)
{
	struct sockaddr_storage ss;
	socklen_t len = addr_to_sockaddr(a, port, &ss);
	int only = only_v6;
	int fd =
	    socket(ss.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return -1;
	if (ss.ss_family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only,
		    sizeof(only));
	if (o->share)
		listen_share(fd, true);
	if (o->sharded)
		shard_before_bind(fd, o->shard == 0);
	if (bind(fd, (const struct sockaddr *)&ss, len) == 0) {
		if (o->sharded)
			shard_bound(fd, o->shard == 0);
		return fd;
	}
	int cause = errno;
	(void)close(fd);
	errno = cause;
	return -1;
}

/* iface: an address of the interface, NULL: the system's choice. */
static int
join(int fd, const struct addr *group, const struct addr *iface)
{
	struct sockaddr_storage g, i;
	(void)addr_to_sockaddr(group, 0, &g);
	if (group->family == ADDR_V6) {
		struct ipv6_mreq m = {
			.ipv6mr_multiaddr =
			    ((struct sockaddr_in6 *)&g)->sin6_addr
		};
		return setsockopt(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &m,
		    sizeof(m));
	}
	struct ip_mreq m = { .imr_multiaddr =
				 ((struct sockaddr_in *)&g)->sin_addr };
	if (iface != NULL && iface->family == ADDR_V4) {
		(void)addr_to_sockaddr(iface, 0, &i);
		m.imr_interface = ((struct sockaddr_in *)&i)->sin_addr;
	}
	return setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &m, sizeof(m));
}

/*
 * A group's datagrams come to all addresses or the group's, not to that of
 * an interface; a group of IPv4 makes the socket one of IPv4.
 */
static int
open_group(const struct listen_opts *o, uint16_t port, struct err *err)
{
	struct addr group, iface;
	bool has_iface = o->bind != NULL && addr_parse(o->bind, &iface);
	if (!addr_parse(o->mcast, &group))
		return err_set(err, "multicast group '%s' is no address",
		    o->mcast);
	struct addr any =
	    group.family == ADDR_V4 ? addr_v4(INADDR_ANY) : addr_v6(0, 0);
	int fd = open_at(&any, port, o->family == ADDR_V6, o);
	if (fd == -1)
		return err_set(err, "port %u: %s", port, strerror(errno));
	if (join(fd, &group, has_iface ? &iface : NULL) == 0)
		return fd;
	(void)err_set(err, "port %u: cannot join %s: %s", port, o->mcast,
	    strerror(errno));
	(void)close(fd);
	return -1;
}

static int
open_unicast(const struct listen_opts *o, uint16_t port, struct err *err)
{
	struct addr a =
	    o->family == ADDR_V4 ? addr_v4(INADDR_ANY) : addr_v6(0, 0);
	if (o->bind != NULL && !addr_parse(o->bind, &a))
		return err_set(err, "BINDADDR '%s' is no address", o->bind);
	int fd = open_at(&a, port, o->family == ADDR_V6, o);
	/* A kernel without IPv6. */
	if (fd == -1 && o->bind == NULL && o->family == ADDR_NONE &&
	    (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL)) {
		a = addr_v4(INADDR_ANY);
		fd = open_at(&a, port, false, o);
	}
	if (fd == -1)
		return err_set(err, "port %u: %s", port, strerror(errno));
	return fd;
}

int
listen_open(const struct listen_opts *o, uint16_t port, struct err *err)
{
	int fd = o->mcast != NULL ? open_group(o, port, err)
				  : open_unicast(o, port, err);
	if (fd == -1)
		return -1;
	set_buffer(fd, o->bufflen);
	rx_prepare(fd);
	return fd;
}

const struct listener *
listeners_find(const struct listeners *ls, uint16_t port)
{
	for (size_t i = 0; i < ls->n; i++)
		if (ls->l[i].port == port)
			return &ls->l[i];
	return NULL;
}

const struct listener *
listeners_with(const struct listeners *ls, int fd)
{
	for (size_t i = 0; i < ls->n; i++)
		if (ls->l[i].fd == fd)
			return &ls->l[i];
	return NULL;
}

size_t
listeners_count(const struct listeners *ls, uint16_t port)
{
	size_t n = 0;
	for (size_t i = 0; i < ls->n; i++)
		n += ls->l[i].port == port;
	return n;
}

size_t
listeners_ports(const struct listeners *ls)
{
	size_t n = 0;
	for (size_t i = 0; i < ls->n; i++)
		n += listeners_find(ls, ls->l[i].port) == &ls->l[i];
	return n;
}

void
listeners_add(struct listeners *ls, const struct listener *l)
{
	ls->l = mem_realloc(ls->l, ls->n + 1, sizeof(*ls->l));
	ls->l[ls->n++] = *l;
}

void
listeners_free(struct listeners *ls)
{
	free(ls->l);
	*ls = (struct listeners){ 0 };
}
