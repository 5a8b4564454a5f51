/* service: from one configuration to the next while everything runs. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "collector/service_private.h"
#include "collector/sockets.h"

/* From what is received now to what conf wants, in an order that loses none. */
static void
switch_over(struct service *s, struct conf *conf, struct decoder_plan *plan,
    const struct listeners *next, const struct stream_setup *next_stream)
{
	struct listeners stay = { 0 };
	struct stream_setup stream_stay;
	sockets_common(&s->listeners, next, &stay);
	stream_common(&s->stream, next_stream, &stream_stay);
	sockets_turn(&s->listeners, next);
	receivers_use(&s->receivers, &stay);
	streams_use(s->streams, &stream_stay);
	decoder_call(&s->decoder, decoder_apply, plan);
	receivers_use(&s->receivers, next);
	streams_use(s->streams, next_stream);
	sockets_close(&s->listeners, next);
	sockets_settle(s->conf, conf, next);
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

static const char *
keep_text(const char *name, const char *is, const char *wanted, struct conf *c)
{
	if (is == wanted ||
	    (is != NULL && wanted != NULL && strcmp(is, wanted) == 0))
		return wanted;
	log_warnx("%s takes a restart", name);
	return is != NULL ? arena_strdup(&c->arena, is) : NULL;
}

static int
keep_number(const char *name, int is, int wanted)
{
	if (is != wanted)
		log_warnx("%s takes a restart", name);
	return is;
}

/* What only a start takes stays, also in what we say we go by. */
static void
keep_lasting(const struct conf *was, struct conf *c)
{
	c->receivers = keep_number("$RECEIVERS", was->receivers, c->receivers);
	c->sandbox = keep_number("$SANDBOX", was->sandbox, c->sandbox);
	c->wwwgroup = keep_text("$WWWGROUP", was->wwwgroup, c->wwwgroup, c);
	c->syslog_facility = keep_text("$syslog_facility", was->syslog_facility,
	    c->syslog_facility, c);
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
	if (conf_same_places(s->conf, conf, err) == -1 ||
	    repeaters_open(conf, &s->repeaters, &rs, err) == -1)
		goto fail;
	if (service_plan(s, conf, &rs, &plan, err) == -1) {
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
	keep_lasting(s->conf, conf);
	struct sockets_plan sp = { .conf = conf,
		.was = s->conf,
		.ports = &s->ports,
		.shards = s->receivers.n };
	if (stream_open(conf, &s->ports, &s->stream, &next_stream, err) == -1)
		goto fail_metrics;
	/* Last: what comes to a new one of an old port is to be read. */
	if (sockets_open(&sp, &s->listeners, &next, err) == -1) {
		stream_close(&next_stream, &s->stream);
		stream_free(&next_stream);
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
