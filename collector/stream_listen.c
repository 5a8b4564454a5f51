#include "collector/stream_listen.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"

#define BACKLOG 128
#define FDS     16384 /* descriptors that are asked for, if they may be had */

/* ---- one socket ----------------------------------------------------------- */

static int
open_at(const struct addr *a, uint16_t port)
{
	struct sockaddr_storage ss;
	socklen_t len = addr_to_sockaddr(a, port, &ss);
	int on = 1, off = 0;
	int fd =
	    socket(ss.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return -1;
	if (ss.ss_family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off,
		    sizeof(off));
	/* Old connections may still be dying when we start again. */
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (const struct sockaddr *)&ss, len) == 0 &&
	    listen(fd, BACKLOG) == 0)
		return fd;
	int cause = errno;
	(void)close(fd);
	errno = cause;
	return -1;
}

static int
open_port(const char *bind_addr, uint16_t port, struct err *err)
{
	struct addr a = addr_v6(0, 0);
	if (bind_addr != NULL && !addr_parse(bind_addr, &a))
		return err_set(err, "TCP port %u: '%s' is no address", port,
		    bind_addr);
	int fd = open_at(&a, port);
	/* A kernel without IPv6. */
	if (fd == -1 && bind_addr == NULL &&
	    (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL)) {
		a = addr_v4(INADDR_ANY);
		fd = open_at(&a, port);
	}
	if (fd == -1)
		return err_set(err, "TCP port %u: %s", port, strerror(errno));
	return fd;
}

/* ---- all that are wanted -------------------------------------------------- */

static const struct stream_listener *
find(const struct stream_setup *s, uint16_t port, bool tls)
{
	for (size_t i = 0; i < s->ls.n; i++)
		if (s->ls.l[i].port == port && s->ls.l[i].tls == tls)
			return &s->ls.l[i];
	return NULL;
}

static bool
has_fd(const struct stream_setup *s, int fd)
{
	for (size_t i = 0; i < s->ls.n; i++)
		if (s->ls.l[i].fd == fd)
			return true;
	return false;
}

static void
add(struct stream_setup *s, const struct stream_listener *l)
{
	s->ls.l = mem_realloc(s->ls.l, s->ls.n + 1, sizeof(*s->ls.l));
	s->ls.l[s->ls.n++] = *l;
}

/* The socket of a source, unless another source of its port has it already. */
static int
want(const struct conf *c, const struct conf_source *cs,
    const struct stream_setup *have, struct stream_setup *out, struct err *err)
{
	struct stream_listener l = {
		.port = cs->port,
		.tls = (cs->transport & TRANSPORT_TLS) != 0,
	};
	if (find(out, l.port, l.tls) != NULL)
		return 0;
	/* Of the same port, plain or not: the socket does not know. */
	const struct stream_listener *old = find(have, l.port, l.tls);
	if (old == NULL)
		old = find(have, l.port, !l.tls);
	if (old != NULL)
		l.fd = old->fd;
	else
		l.fd = open_port(cs->in.bind != NULL ? cs->in.bind : c->bind_v4,
		    cs->port, err);
	if (l.fd == -1)
		return -1;
	add(out, &l);
	return 0;
}

static int
open_tls(const struct conf *c, struct stream_setup *out, struct err *err)
{
	bool needed = false;
	for (size_t i = 0; i < out->ls.n; i++)
		needed |= out->ls.l[i].tls;
	if (!needed)
		return 0;
	struct tls_files files = { c->tlscert, c->tlskey, c->tlsca };
	out->tls = tls_open(&files, err);
	return out->tls != NULL ? 0 : -1;
}

/*
 * As many connections as are configured, but never so many that flow files
 * would lack descriptors: half of all.
 */
static size_t
most_connections(const struct conf *c)
{
	struct rlimit r;
	size_t max = (size_t)c->tcpconnections;
	if (getrlimit(RLIMIT_NOFILE, &r) == -1)
		return max;
	if (r.rlim_cur < FDS) {
		struct rlimit more = { r.rlim_max < FDS ? r.rlim_max : FDS,
			r.rlim_max };
		if (setrlimit(RLIMIT_NOFILE, &more) == 0)
			r = more;
	}
	if (r.rlim_cur / 2 >= max)
		return max;
	log_warnx("connections are limited to half of the descriptors "
		  "limit=%llu",
	    (unsigned long long)r.rlim_cur);
	return (size_t)r.rlim_cur / 2;
}

int
stream_open(const struct conf *c, struct ports *ps,
    const struct stream_setup *have, struct stream_setup *out, struct err *err)
{
	int rc = 0;
	*out = (struct stream_setup){
		.idle_s = c->tcpidle,
	};
	for (size_t i = 0; i < c->n_sources && rc == 0; i++) {
		const struct conf_source *cs = &c->sources[i];
		if (cs->port == 0 || cs->type == SOURCE_PCAP ||
		    (cs->transport & (TRANSPORT_TCP | TRANSPORT_TLS)) == 0)
			continue;
		(void)ports_get(ps, cs->port);
		rc = want(c, cs, have, out, err);
	}
	if (rc == 0 && out->ls.n != 0)
		out->max = most_connections(c);
	if (rc == 0)
		rc = open_tls(c, out, err);
	if (rc == 0)
		return 0;
	stream_close(out, have);
	stream_free(out);
	return -1;
}

void
stream_close(const struct stream_setup *s, const struct stream_setup *next)
{
	for (size_t i = 0; i < s->ls.n; i++)
		if (next == NULL || !has_fd(next, s->ls.l[i].fd))
			(void)close(s->ls.l[i].fd);
}

void
stream_common(const struct stream_setup *all, const struct stream_setup *next,
    struct stream_setup *out)
{
	*out = *all;
	out->ls = (struct stream_listeners){ 0 };
	out->tls = tls_ref(all->tls);
	for (size_t i = 0; i < all->ls.n; i++)
		if (find(next, all->ls.l[i].port, all->ls.l[i].tls) != NULL)
			add(out, &all->ls.l[i]);
}

void
stream_inherit(struct stream_setup *s, const struct listeners *ls)
{
	*s = (struct stream_setup){ 0 };
	for (size_t i = 0; i < ls->n; i++) {
		struct stream_listener l = { ls->l[i].fd, ls->l[i].port,
			false };
		add(s, &l);
	}
}

void
stream_free(struct stream_setup *s)
{
	free(s->ls.l);
	tls_unref(s->tls);
	*s = (struct stream_setup){ 0 };
}
