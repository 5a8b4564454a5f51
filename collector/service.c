#include "collector/service_private.h"

#include <stdlib.h>
#include <time.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "collector/meter.h"
#include "collector/shard.h"
#include "collector/sockets.h"

/* ---- sockets -------------------------------------------------------------- */

/* One for each thread that receives; a conf of a command line has none. */
static size_t
shards_of(const struct conf *c)
{
	return c->receivers > 1 && shard_can() ? (size_t)c->receivers : 1;
}

int
service_bind(struct service *s, struct conf *conf, const struct listeners *have,
    const struct listeners *have_tcp, struct err *err)
{
	struct stream_setup have_streams = { 0 };
	static const struct repeaters none;
	*s = (struct service){ .conf = conf };
	struct sockets_plan p = { .conf = conf,
		.ports = &s->ports,
		.shards = shards_of(conf) };
	if (repeaters_open(conf, &none, &s->repeaters, err) == -1 ||
	    sockets_open(&p, have, &s->listeners, err) == -1)
		return -1;
	sockets_close(have, &s->listeners);
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
		const struct listener *was = listeners_with(ls, l->fd);
		if (was != NULL)
			l->drops = was->drops;
	}
}

/* ---- start and stop -------------------------------------------------- */

int
service_check(const struct service *s, struct err *err)
{
	struct decoder_plan plan;
	if (service_plan(s, s->conf, &s->repeaters, &plan, err) == -1)
		return -1;
	free(plan.sources);
	return 0;
}

/* The queues, with whatever may still be in them. */
static int
open_rings(struct service *s, struct err *err)
{
	if (receivers_open(&s->receivers, shards_of(s->conf), SERVICE_QUEUE,
		err) == -1)
		return -1;
	if (s->stream_ring.mem != NULL)
		return 0;
	if (ring_open(&s->stream_ring, SERVICE_STREAM_QUEUE, err) == -1)
		return -1;
	ring_join(receivers_ring(&s->receivers), &s->stream_ring);
	return 0;
}

int
service_receive(struct service *s, struct err *err)
{
	if (open_rings(s, err) == -1)
		return -1;
	s->receiving = true;
	if (receivers_start(&s->receivers, err) == -1)
		return -1;
	s->since = time(NULL);
	receivers_use(&s->receivers, &s->listeners);
	return 0;
}

int
service_listen(struct service *s, struct err *err)
{
	s->streams = streams_start(&s->stream_ring, &s->refusals,
	    &s->stream_counts, &s->carry.kept, err);
	if (s->streams == NULL)
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
	plan->streams = &s->stream_counts;
	plan->carry = &s->carry.decoder;
	if ((s->writer = writer_start(path, err)) == NULL)
		return -1;
	if (s->conf->meter != NULL) {
		if ((s->meter = meter_start(s->conf->meter, err)) == NULL)
			return -1;
		writer_meter(s->writer, s->meter);
	}
	if (decoder_start(&s->decoder, receivers_ring(&s->receivers), s->writer,
		&s->ports, plan, err) == -1)
		return -1;
	s->decoding = true;
	buf_free(&s->carry.decoder);
	return s->streams != NULL ? 0 : service_listen(s, err);
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
	if (service_plan(s, s->conf, &s->repeaters, &plan, err) == -1)
		return -1;
	int rc = start_threads(s, &plan, err);
	free(plan.sources);
	if (rc == 0)
		begin_metrics(s);
	return rc;
}

static void
stop_receiving(struct service *s)
{
	if (s->receiving)
		receivers_stop(&s->receivers, &s->listeners);
	s->receiving = false;
}

void
service_deafen(struct service *s)
{
	/* While datagrams are still taken: it may last a moment. */
	if (s->streams != NULL)
		streams_leave(s->streams, &s->carry.kept);
	s->streams = NULL;
	stop_receiving(s);
}

static void
stop_writing(struct service *s)
{
	s->decoding = false;
	writer_stop(s->writer);
	s->writer = NULL;
	meter_stop(s->meter);
	s->meter = NULL;
}

void
service_finish(struct service *s)
{
	metrics_stop(s->metrics);
	s->metrics = NULL;
	if (s->decoding)
		decoder_leave(&s->decoder, &s->carry.decoder);
	stop_writing(s);
}

void
service_stop(struct service *s)
{
	/* Nobody else will: what waits at the ports is taken as well. */
	if (s->streams != NULL)
		streams_stop(s->streams, true);
	s->streams = NULL;
	stop_receiving(s);
	metrics_stop(s->metrics);
	s->metrics = NULL;
	if (s->decoding)
		decoder_stop(&s->decoder);
	stop_writing(s);
	carry_free(&s->carry);
	launch_stop(s->launch);
	receivers_close(&s->receivers);
	ring_close(&s->stream_ring);
	ports_free(&s->ports);
	sockets_close(&s->listeners, NULL);
	listeners_free(&s->listeners);
	stream_close(&s->stream, NULL);
	stream_free(&s->stream);
	repeaters_close(&s->repeaters, NULL);
	conf_free(s->conf);
	*s = (struct service){ 0 };
}
