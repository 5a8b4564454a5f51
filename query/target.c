#include "query/target.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NS       UINT64_C(1000000000)
#define FULL_US  1000      /* between tries at a full buffer */
#define LATE_NS  (NS / 10) /* behind by more: what was missed stays missed */
#define EARLY_NS 500000    /* shorter waits add up to one */

/* ---- the socket ------------------------------------------------------------------ */

static bool
is_group(const struct addr *a)
{
	if (a->family == ADDR_V4)
		return a->lo >> 28 == 14;
	return a->hi >> 56 == 0xff;
}

/* From an address of ours, and a port that stays. */
static int
bind_source(const struct target_opts *o, int fd, struct err *err)
{
	struct addr from;
	struct sockaddr_storage ss;
	struct sockaddr_storage name = { 0 };
	socklen_t len = sizeof(name);
	if (o->source == NULL && o->source_port == 0)
		return 0;
	if (getsockname(fd, (struct sockaddr *)&name, &len) == -1)
		return err_set(err, "socket: %s", strerror(errno));
	from = name.ss_family == AF_INET ? addr_v4(0) : addr_v6(0, 0);
	if (o->source != NULL && !addr_parse(o->source, &from))
		return err_set(err, "source '%s' is no address", o->source);
	len = addr_to_sockaddr(&from, o->source_port, &ss);
	if (bind(fd, (struct sockaddr *)&ss, len) == -1)
		return err_set(err, "source %s port %u: %s",
		    o->source != NULL ? o->source : "*", o->source_port,
		    strerror(errno));
	return 0;
}

static int
open_one(struct target *t, const struct target_opts *o,
    const struct addrinfo *i, struct err *err)
{
	t->fd = socket(i->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (t->fd == -1)
		return err_set(err, "socket: %s", strerror(errno));
	if (o->buffer != 0)
		(void)setsockopt(t->fd, SOL_SOCKET, SO_SNDBUF, &o->buffer,
		    sizeof(o->buffer));
	(void)addr_from_sockaddr(i->ai_addr, &t->addr, &t->port);
	if (o->multicast && !is_group(&t->addr))
		return err_set(err, "'%s' is no multicast group", o->host);
	if (bind_source(o, t->fd, err) == -1)
		return -1;
	if (connect(t->fd, i->ai_addr, i->ai_addrlen) == -1)
		return err_set(err, "%s port %s: %s", o->host, o->port,
		    strerror(errno));
	return 0;
}

int
target_open(struct target *t, const struct target_opts *o, struct err *err)
{
	struct addrinfo hints = { .ai_family = o->family,
		.ai_socktype = SOCK_DGRAM };
	struct addrinfo *list;
	*t = (struct target){ .fd = -1 };
	int rc = getaddrinfo(o->host, o->port, &hints, &list);
	if (rc != 0)
		return err_set(err, "%s port %s: %s", o->host, o->port,
		    gai_strerror(rc));
	rc = -1;
	for (const struct addrinfo *i = list; rc == -1 && i != NULL;
	     i = i->ai_next) {
		target_close(t);
		rc = open_one(t, o, i, err);
	}
	freeaddrinfo(list);
	if (rc == -1)
		target_close(t);
	return rc;
}

void
target_close(struct target *t)
{
	if (t->fd != -1)
		(void)close(t->fd);
	t->fd = -1;
}

size_t
target_headers(const struct target *t)
{
	return t->addr.family == ADDR_V4 ? 28 : 48;
}

static void
nap(uint64_t ns)
{
	struct timespec ts = { (time_t)(ns / NS), (long)(ns % NS) };
	(void)nanosleep(&ts, NULL);
}

int
target_send(struct target *t, const uint8_t *data, size_t len, struct err *err)
{
	char text[ADDR_STRLEN];
	for (;;) {
		if (send(t->fd, data, len, 0) != -1)
			return 0;
		if (errno == ECONNREFUSED) /* of one before; this one goes */
			t->refused++;
		else if (errno == ENOBUFS || errno == EAGAIN)
			nap(UINT64_C(1000) * FULL_US);
		else if (errno != EINTR)
			return err_set(err, "%s port %u: %s",
			    addr_str(&t->addr, text), t->port, strerror(errno));
	}
}

/* ---- pace ------------------------------------------------------------------------ */

static uint64_t
now_ns(void)
{
	struct timespec ts;
	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NS + (uint64_t)ts.tv_nsec;
}

void
target_pace(struct target *t, uint64_t ns)
{
	uint64_t now = now_ns();
	if (t->due_ns == 0 || t->due_ns + LATE_NS < now)
		t->due_ns = now;
	if (t->due_ns > now + EARLY_NS)
		nap(t->due_ns - now);
	t->due_ns += ns;
}

void
target_wait(uint64_t *begin_ns, uint64_t ns)
{
	uint64_t now = now_ns();
	if (*begin_ns == 0)
		*begin_ns = now;
	if (*begin_ns + ns > now + EARLY_NS)
		nap(*begin_ns + ns - now);
}

bool
target_is_early(uint64_t begin_ns, uint64_t ns)
{
	return begin_ns != 0 && begin_ns + ns > now_ns() + EARLY_NS;
}
