#include "collector/sockets.h"

#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "collector/shard.h"

bool
sockets_collect(const struct conf_source *cs)
{
	return cs->port != 0 && cs->type != SOURCE_PCAP;
}

static bool
takes_datagrams(const struct conf_source *cs)
{
	return sockets_collect(cs) &&
	       (cs->transport == 0 || (cs->transport & TRANSPORT_UDP) != 0);
}

/* How to listen on a port: what the first of its sources that cares says. */
static struct listen_opts
opts_of_port(const struct conf *c, uint16_t port)
{
	struct listen_opts o = { 0 };
	for (size_t i = 0; i < c->n_sources; i++) {
		const struct conf_intake *in = &c->sources[i].in;
		if (c->sources[i].port != port)
			continue;
		if (o.bind == NULL)
			o.bind = in->bind;
		if (o.mcast == NULL)
			o.mcast = in->mcast;
		if (o.family == ADDR_NONE)
			o.family = in->family;
		if (o.bufflen == 0)
			o.bufflen = in->bufflen;
	}
	if (o.bind == NULL)
		o.bind = c->bind_v4;
	if (o.bufflen == 0)
		o.bufflen = c->bufflen;
	return o;
}

static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* Does the socket of the port do as it is? */
static bool
does(const struct sockets_plan *p, uint16_t port)
{
	if (p->was == NULL)
		return true;
	struct listen_opts a = opts_of_port(p->was, port);
	struct listen_opts b = opts_of_port(p->conf, port);
	return same_text(a.bind, b.bind) && same_text(a.mcast, b.mcast) &&
	       a.family == b.family;
}

/* May the port have others for the moment of the change? */
static void
share_old(const struct listeners *have, uint16_t port, bool on)
{
	for (size_t i = 0; i < have->n; i++)
		if (have->l[i].port == port)
			listen_share(have->l[i].fd, on);
}

/* All of a multicast group's datagrams come to each socket. */
static int
open_new(const struct sockets_plan *p, uint16_t port, bool share,
    struct listeners *out, struct err *err)
{
	struct listen_opts o = opts_of_port(p->conf, port);
	struct listener l = { .port = port, .lost = ports_get(p->ports, port) };
	size_t n = o.mcast == NULL && shard_can() ? p->shards : 1;
	o.share = share;
	o.sharded = n > 1;
	for (; o.shard < n; o.shard++) {
		if ((l.fd = listen_open(&o, port, err)) == -1)
			return -1;
		l.shard = o.shard;
		listeners_add(out, &l);
	}
	return 0;
}

static int
open_port(const struct sockets_plan *p, uint16_t port,
    const struct listeners *have, struct listeners *out, struct err *err)
{
	bool old = listeners_find(have, port) != NULL;
	if (!old || !does(p, port)) {
		share_old(have, port, true);
		int rc = open_new(p, port, old, out, err);
		share_old(have, port, false);
		return rc;
	}
	for (size_t i = 0; i < have->n; i++) {
		struct listener l = have->l[i];
		if (l.port != port)
			continue;
		l.lost = ports_get(p->ports, port);
		listeners_add(out, &l);
	}
	return 0;
}

int
sockets_open(const struct sockets_plan *p, const struct listeners *have,
    struct listeners *out, struct err *err)
{
	*out = (struct listeners){ 0 };
	for (size_t i = 0; i < p->conf->n_sources; i++) {
		const struct conf_source *cs = &p->conf->sources[i];
		if (!takes_datagrams(cs) ||
		    listeners_find(out, cs->port) != NULL)
			continue;
		if (open_port(p, cs->port, have, out, err) == -1) {
			sockets_close(out, have);
			listeners_free(out);
			return -1;
		}
	}
	return 0;
}

void
sockets_close(const struct listeners *ls, const struct listeners *but)
{
	for (size_t i = 0; i < ls->n; i++)
		if (but == NULL || listeners_with(but, ls->l[i].fd) == NULL)
			(void)close(ls->l[i].fd);
}

void
sockets_common(const struct listeners *all, const struct listeners *next,
    struct listeners *out)
{
	*out = (struct listeners){ 0 };
	for (size_t i = 0; i < all->n; i++)
		if (listeners_with(next, all->l[i].fd) != NULL)
			listeners_add(out, &all->l[i]);
}

void
sockets_turn(const struct listeners *ls, const struct listeners *next)
{
	for (size_t i = 0; i < ls->n; i++) {
		if (listeners_find(next, ls->l[i].port) != NULL &&
		    listeners_with(next, ls->l[i].fd) == NULL)
			listen_mute(ls->l[i].fd);
	}
}

void
sockets_settle(const struct conf *was, const struct conf *conf,
    const struct listeners *ls)
{
	for (size_t i = 0; i < ls->n; i++) {
		uint16_t port = ls->l[i].port;
		int bytes = opts_of_port(conf, port).bufflen;
		listen_share(ls->l[i].fd, false);
		if (bytes != opts_of_port(was, port).bufflen &&
		    !listen_buffer(ls->l[i].fd, bytes))
			log_warnx("the receive buffer can only become that "
				  "long at a restart port=%u bytes=%d",
			    port, bytes);
	}
}
