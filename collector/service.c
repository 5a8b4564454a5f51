#include "collector/service.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"

static bool
collects(const struct conf_source *cs)
{
	return cs->port != 0 && cs->type != SOURCE_PCAP;
}

static bool
takes_datagrams(const struct conf_source *cs)
{
	return collects(cs) &&
	       (cs->transport == 0 || (cs->transport & TRANSPORT_UDP) != 0);
}

static bool
wants_port(const struct conf *c, uint16_t port)
{
	for (size_t i = 0; i < c->n_sources; i++)
		if (takes_datagrams(&c->sources[i]) &&
		    c->sources[i].port == port)
			return true;
	return false;
}

/* ---- sockets -------------------------------------------------------------- */

static void
close_listeners(const struct listeners *ls, const struct listeners *but)
{
	for (size_t i = 0; i < ls->n; i++)
		if (but == NULL || listeners_find(but, ls->l[i].port) == NULL)
			(void)close(ls->l[i].fd);
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

/* Those of `have` that conf still wants, and new ones for the rest. */
static int
open_listeners(const struct conf *c, struct ports *ps,
    const struct listeners *have, struct listeners *ls, struct err *err)
{
	*ls = (struct listeners){ 0 };
	for (size_t i = 0; i < c->n_sources; i++) {
		const struct conf_source *cs = &c->sources[i];
		if (!takes_datagrams(cs) ||
		    listeners_find(ls, cs->port) != NULL)
			continue;
		const struct listener *old = listeners_find(have, cs->port);
		struct listener l = { .port = cs->port,
			.lost = ports_get(ps, cs->port) };
		if (old != NULL) {
			l.fd = old->fd;
			l.drops = old->drops;
		} else {
			struct listen_opts o = opts_of_port(c, cs->port);
			if ((l.fd = listen_open(&o, cs->port, err)) == -1)
				goto fail;
		}
		listeners_add(ls, &l);
	}
	return 0;
fail:
	close_listeners(ls, have);
	listeners_free(ls);
	return -1;
}

int
service_bind(struct service *s, struct conf *conf, const struct listeners *have,
    const struct listeners *have_tcp, struct err *err)
{
	struct stream_setup have_streams = { 0 };
	static const struct repeaters none;
	*s = (struct service){ .conf = conf };
	if (repeaters_open(conf, &none, &s->repeaters, err) == -1 ||
	    open_listeners(conf, &s->ports, have, &s->listeners, err) == -1)
		return -1;
	close_listeners(have, &s->listeners);
	stream_inherit(&have_streams, have_tcp);
	int rc = stream_open(conf, &s->ports, &have_streams, &s->stream, err);
	if (rc == 0)
		stream_close(&have_streams, &s->stream);
	stream_free(&have_streams);
	return rc;
}

void
service_counts(struct service *s, const struct listeners *ls)
{
	for (size_t i = 0; i < s->listeners.n; i++) {
		struct listener *l = &s->listeners.l[i];
		const struct listener *was = listeners_find(ls, l->port);
		if (was != NULL)
			l->drops = was->drops;
	}
}

/* ---- what the config wants ------------------------------------------------ */

static struct decode_opts
opts_of(const struct conf_intake *in)
{
	struct decode_opts o = { .tunnels = in->tunnels };
	if (in->sampling > 0)
		o.sampling = (uint32_t)in->sampling;
	else if (in->sampling < 0)
		o.sampling_override = (uint32_t)-in->sampling;
	return o;
}

/* dir of the source's files; false: too long. */
static bool
dir_of(const struct conf *c, const struct conf_source *cs, char *dir,
    size_t size)
{
	int n = cs->dir != NULL
		    ? snprintf(dir, size, "%s", cs->dir)
		    : snprintf(dir, size, "%s/live%s%s", c->profiledatadir,
			  cs->in.dynamic != 0 ? "" : "/",
			  cs->in.dynamic != 0 ? "" : cs->ident);
	return n > 0 && (size_t)n < size;
}

static int
plan_source(const struct conf *c, const struct conf_source *cs,
    struct decoder_source *out, struct err *err)
{
	struct flowfile_spec *f = &out->spec;
	struct stat st;
	*out = (struct decoder_source){ .port = cs->port,
		.ips = cs->ips,
		.n_ips = cs->n_ips,
		.only_ips = cs->only_ips,
		.opts = opts_of(&cs->in),
		.dynamic = cs->in.dynamic };
	f->cycletime = c->cycletime;
	f->layout = cs->in.layout != -1 ? cs->in.layout : c->subdirlayout;
	const struct conf_codec *codec =
	    cs->in.own_codec ? &cs->in.codec : &c->zip_collected;
	f->codec = codec->codec;
	f->level = codec->level;
	f->compat = (enum nffile_compat)c->flowformat;
	f->fsync = (enum conf_fsync)c->fsync;
	f->zone = cs->in.zone;
	(void)snprintf(f->ident, sizeof(f->ident), "%s", cs->ident);
	if (!dir_of(c, cs, f->dir, sizeof(f->dir)))
		return err_set(err, "source '%s': path of its folder too long",
		    cs->ident);
	if (stat(f->dir, &st) == -1)
		return err_set(err,
		    "source '%s': %s: %s; run 'nfsen "
		    "reconfig' first",
		    cs->ident, f->dir, strerror(errno));
	if (!S_ISDIR(st.st_mode) || access(f->dir, W_OK | X_OK) == -1)
		return err_set(err, "source '%s': %s: cannot write there",
		    cs->ident, f->dir);
	return 0;
}

/* The source's command gets its number. */
static int
plan_command(const struct service *s, const struct conf_source *cs,
    struct flowfile_spec *f, struct err *err)
{
	if (cs->in.command == NULL || s->launch == NULL)
		return 0;
	f->launch = s->launch;
	f->command = launch_command(s->launch, cs->in.command);
	if (f->command == 0)
		return err_set(err, "source '%s': too many commands",
		    cs->ident);
	return 0;
}

static int
make_plan(const struct service *s, const struct conf *c,
    const struct repeaters *rs, struct decoder_plan *p, struct err *err)
{
	*p = (struct decoder_plan){ .cycletime = c->cycletime };
	if (c->profilestatdir != NULL &&
	    !file_join(p->templates, c->profilestatdir, "live/.templates"))
		return err_set(err, "%s/live/.templates: path too long",
		    c->profilestatdir);
	if (c->profilestatdir != NULL &&
	    !file_join(p->ledger, c->profilestatdir, "live/.ledger"))
		return err_set(err, "%s/live/.ledger: path too long",
		    c->profilestatdir);
	p->sources = mem_calloc(c->n_sources + 1, sizeof(*p->sources));
	for (size_t i = 0; i < c->n_sources; i++) {
		const struct conf_source *cs = &c->sources[i];
		if (cs->port != 0 && !collects(cs))
			log_warnx("only netflow and ipfix are collected, not "
				  "this source's type ident=%s",
			    cs->ident);
		if (!collects(cs))
			continue;
		struct decoder_source *out = &p->sources[p->n++];
		if (plan_source(c, cs, out, err) == -1 ||
		    plan_command(s, cs, &out->spec, err) == -1) {
			free(p->sources);
			return -1;
		}
		out->repeat = repeaters_find(rs, cs->ident);
	}
	return 0;
}

/* ---- start, reload, stop -------------------------------------------------- */

int
service_check(const struct service *s, struct err *err)
{
	struct decoder_plan plan;
	if (make_plan(s, s->conf, &s->repeaters, &plan, err) == -1)
		return -1;
	free(plan.sources);
	return 0;
}

/* The queues, with whatever may still be in them. */
static int
open_rings(struct service *s, struct err *err)
{
	if (s->ring.mem == NULL &&
	    ring_open(&s->ring, SERVICE_QUEUE, err) == -1)
		return -1;
	if (s->stream_ring.mem != NULL)
		return 0;
	if (ring_open(&s->stream_ring, SERVICE_STREAM_QUEUE, err) == -1)
		return -1;
	ring_join(&s->ring, &s->stream_ring);
	return 0;
}

int
service_receive(struct service *s, struct err *err)
{
	if (open_rings(s, err) == -1)
		return -1;
	struct rx *rx = rx_mmsg_new();
	if (receive_start(&s->receiver, &s->ring,
		rx != NULL ? rx : rx_plain_new(), err) == -1)
		return -1;
	s->receiving = true;
	s->since = time(NULL);
	receive_use(&s->receiver, &s->listeners);
	if ((s->streams = streams_start(&s->stream_ring, &s->refusals, err)) ==
	    NULL)
		return -1;
	streams_use(s->streams, &s->stream);
	return 0;
}

static int
start_threads(struct service *s, struct decoder_plan *plan, struct err *err)
{
	char path[FILE_PATH_MAX] = "";
	if (s->conf->piddir != NULL &&
	    !file_join(path, s->conf->piddir, "collector.slot"))
		return err_set(err, "%s: path too long", s->conf->piddir);
	if (!s->receiving && service_receive(s, err) == -1)
		return -1;
	plan->begin = s->since;
	plan->refusals = &s->refusals;
	if ((s->writer = writer_start(path, err)) == NULL ||
	    decoder_start(&s->decoder, &s->ring, s->writer, &s->ports, plan,
		err) == -1)
		return -1;
	s->decoding = true;
	return 0;
}

/* Flows are collected whether or not anybody can look at metrics. */
static void
begin_metrics(struct service *s)
{
	struct err err;
	if (s->conf->metrics == NULL)
		return;
	s->metrics = metrics_start(s->conf->metrics, &s->decoder, &err);
	if (s->metrics == NULL)
		log_errx("%s; there are no metrics until a reload", err.msg);
}

int
service_helper(struct service *s, const int *fds, size_t n, struct err *err)
{
	size_t room = s->listeners.n + s->stream.ls.n + n + 1;
	int *all = mem_calloc(room, sizeof(*all));
	size_t m = 0;
	for (size_t i = 0; i < s->listeners.n; i++)
		all[m++] = s->listeners.l[i].fd;
	for (size_t i = 0; i < s->stream.ls.n; i++)
		all[m++] = s->stream.ls.l[i].fd;
	for (size_t i = 0; i < n; i++)
		if (fds[i] != -1)
			all[m++] = fds[i];
	s->launch = launch_start(LAUNCH_TIMEOUT_S, all, m, err);
	free(all);
	return s->launch != NULL ? 0 : -1;
}

int
service_start(struct service *s, struct err *err)
{
	struct decoder_plan plan;
	if (make_plan(s, s->conf, &s->repeaters, &plan, err) == -1)
		return -1;
	int rc = start_threads(s, &plan, err);
	free(plan.sources);
	if (rc == 0)
		begin_metrics(s);
	return rc;
}

/* From what is received now to what conf wants, in an order that loses none. */
static void
switch_over(struct service *s, struct conf *conf, struct decoder_plan *plan,
    const struct listeners *next, const struct stream_setup *next_stream)
{
	struct listeners stay = { 0 };
	struct stream_setup stream_stay;
	for (size_t i = 0; i < s->listeners.n; i++)
		if (wants_port(conf, s->listeners.l[i].port))
			listeners_add(&stay, &s->listeners.l[i]);
	stream_common(&s->stream, next_stream, &stream_stay);
	receive_use(&s->receiver, &stay);
	streams_use(s->streams, &stream_stay);
	decoder_call(&s->decoder, decoder_apply, plan);
	receive_use(&s->receiver, next);
	streams_use(s->streams, next_stream);
	close_listeners(&s->listeners, next);
	stream_close(&s->stream, next_stream);
	stream_free(&stream_stay);
	stream_free(&s->stream);
	s->stream = *next_stream;
	listeners_free(&stay);
	listeners_free(&s->listeners);
	s->listeners = *next;
	conf_free(s->conf);
	s->conf = conf;
}

/* Are they served where conf wants them, if it does? */
static bool
metrics_stay(const struct service *s, const struct conf *conf)
{
	if (conf->metrics == NULL || s->metrics == NULL)
		return conf->metrics == NULL && s->metrics == NULL;
	return strcmp(conf->metrics, s->conf->metrics) == 0;
}

int
service_reload(struct service *s, struct err *err)
{
	struct decoder_plan plan;
	struct listeners next;
	struct stream_setup next_stream;
	struct metrics *metrics = s->metrics;
	struct repeaters rs;
	struct conf *conf = conf_load(s->conf->file, err);
	if (conf == NULL)
		return -1;
	if (repeaters_open(conf, &s->repeaters, &rs, err) == -1)
		goto fail;
	if (make_plan(s, conf, &rs, &plan, err) == -1) {
		repeaters_close(&rs, &s->repeaters);
		goto fail;
	}
	plan.begin = time(NULL);
	if (!metrics_stay(s, conf)) {
		metrics = NULL;
		if (conf->metrics != NULL &&
		    (metrics = metrics_start(conf->metrics, &s->decoder,
			 err)) == NULL)
			goto fail_plan;
	}
	if (open_listeners(conf, &s->ports, &s->listeners, &next, err) == -1)
		goto fail_metrics;
	if (stream_open(conf, &s->ports, &s->stream, &next_stream, err) == -1) {
		close_listeners(&next, &s->listeners);
		listeners_free(&next);
		goto fail_metrics;
	}
	if (conf->warnings.len != 0)
		log_warnx("%s", buf_str(&conf->warnings));
	switch_over(s, conf, &plan, &next, &next_stream);
	if (metrics != s->metrics)
		metrics_stop(s->metrics);
	s->metrics = metrics;
	repeaters_close(&s->repeaters, &rs);
	s->repeaters = rs;
	/* Who asked may now remove the folder of a source that went. */
	writer_wait(s->writer);
	free(plan.sources);
	return 0;
fail_metrics:
	if (metrics != s->metrics)
		metrics_stop(metrics);
fail_plan:
	free(plan.sources);
	repeaters_close(&rs, &s->repeaters);
fail:
	conf_free(conf);
	return -1;
}

void
service_deafen(struct service *s)
{
	/* While datagrams are still taken: it may last a moment. */
	if (s->streams != NULL)
		streams_stop(s->streams, false);
	s->streams = NULL;
	if (s->receiving)
		receive_stop(&s->receiver, &s->listeners);
	s->receiving = false;
}

void
service_finish(struct service *s)
{
	metrics_stop(s->metrics);
	s->metrics = NULL;
	if (s->decoding)
		decoder_stop(&s->decoder);
	s->decoding = false;
	writer_stop(s->writer);
	s->writer = NULL;
}

void
service_stop(struct service *s)
{
	/* Nobody else will: what waits at the ports is taken as well. */
	if (s->streams != NULL)
		streams_stop(s->streams, true);
	s->streams = NULL;
	service_deafen(s);
	service_finish(s);
	launch_stop(s->launch);
	ring_close(&s->ring);
	ring_close(&s->stream_ring);
	ports_free(&s->ports);
	close_listeners(&s->listeners, NULL);
	listeners_free(&s->listeners);
	stream_close(&s->stream, NULL);
	stream_free(&s->stream);
	repeaters_close(&s->repeaters, NULL);
	conf_free(s->conf);
	*s = (struct service){ 0 };
}
