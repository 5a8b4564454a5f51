#include "run.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "encode.h"

#define TRACE_MS 100
#define PACE_HZ  100 /* a paced batch lasts about this part of a second */

/* A datagram that is built but not sent. */
struct packet {
	size_t offset; /* in store.data */
	size_t stream;
	struct encode_result r;
};

struct store {
	struct packet *packets;
	size_t n, cap;
	uint8_t *data;
	size_t len, size;
};

struct run {
	const struct run_opts *o;
	const struct traffic_opts *to;
	struct sink *sink;
	struct totals *t;
	struct encode_stream *streams; /* exporter * domains + domain */
	size_t turn;                   /* next exporter */
	unsigned *domain_turn;         /* next domain of each exporter */
	uint64_t left;                 /* flows still to build */
	uint64_t sent;    /* flows handed to the sink, drops included */
	uint64_t counted; /* datagrams, drops included */
	uint64_t trace_at_ms;
	uint64_t begin_ns; /* monotonic */
	double due_ns;     /* since begin: when the next batch may go */
};

static uint64_t
clock_ns(clockid_t id)
{
	struct timespec ts;
	(void)clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static uint64_t
now_ms(const struct run *run)
{
	if (run->o->simulated)
		return run->o->start_ms + (uint64_t)(run->due_ns / 1e6);
	return clock_ns(CLOCK_REALTIME) / 1000000;
}

static double
elapsed_ns(const struct run *run)
{
	if (run->o->simulated)
		return run->due_ns;
	return (double)(clock_ns(CLOCK_MONOTONIC) - run->begin_ns);
}

static double
rate_now(const struct run *run)
{
	double rate = run->o->rate;
	if (run->o->live)
		rate *= traffic_curve(run->to->seed, (double)now_ms(run) / 1e3);
	return rate;
}

/* Wait until the next batch is due, then move the due time past `flows`. */
static void
pace(struct run *run, double rate, unsigned flows)
{
	if (rate <= 0)
		return;
	double ahead = run->due_ns - elapsed_ns(run);
	if (ahead > 0) {
		struct timespec ts = { (time_t)(ahead / 1e9),
			(long)((uint64_t)ahead % 1000000000) };
		(void)nanosleep(&ts, NULL);
	} else if (ahead < -1e8) {
		run->due_ns = elapsed_ns(run); /* too slow: no burst later */
	}
	run->due_ns += flows * 1e9 / rate;
}

static void
trace(struct run *run)
{
	uint64_t now = now_ms(run);
	if (run->o->trace == NULL || now < run->trace_at_ms)
		return;
	(void)fprintf(run->o->trace, "%" PRIu64 " %" PRIu64 "\n", now,
	    run->sent);
	(void)fflush(run->o->trace);
	run->trace_at_ms = now + TRACE_MS;
}

/* ---- building --------------------------------------------------------------- */

static struct packet *
store_add(struct store *st)
{
	if (st->n == st->cap) {
		st->cap = st->cap != 0 ? st->cap * 2 : SINK_BATCH;
		st->packets =
		    mem_realloc(st->packets, st->cap, sizeof(*st->packets));
	}
	if (st->len + ENCODE_MAX > st->size) {
		st->size = st->size != 0 ? st->size * 2
					 : (size_t)SINK_BATCH * ENCODE_MAX;
		st->data = mem_realloc(st->data, st->size, 1);
	}
	struct packet *p = &st->packets[st->n++];
	p->offset = st->len;
	return p;
}

/* One exporter's turn: up to `max` flows in up to SINK_BATCH datagrams. */
static void
build(struct run *run, struct store *st, uint64_t max)
{
	size_t e = run->turn;
	run->turn = (run->turn + 1) % run->o->exporters;
	if (max > run->left)
		max = run->left;
	for (size_t i = 0; i < SINK_BATCH && max > 0; i++) {
		struct packet *p = store_add(st);
		unsigned d = run->domain_turn[e];
		run->domain_turn[e] = (d + 1) % run->o->domains;
		p->stream = e * run->o->domains + d;
		encode_datagram(&run->streams[p->stream], now_ms(run),
		    max < ENCODE_FLOWS_MAX ? (unsigned)max : ENCODE_FLOWS_MAX,
		    st->data + p->offset, &p->r);
		st->len += p->r.len;
		max -= p->r.flows;
		run->left -= p->r.flows;
	}
}

/* ---- sending ---------------------------------------------------------------- */

/* Send packets[from..to), all of one exporter, counting what goes. */
static int
send_slice(struct run *run, struct store *st, size_t from, size_t to,
    struct err *err)
{
	struct sink_datagram d[SINK_BATCH];
	if (from == to)
		return 0;
	size_t n = 0, e = st->packets[from].stream / run->o->domains;
	for (size_t i = from; i < to; i++) {
		const struct packet *p = &st->packets[i];
		bool drop = run->o->drop_every != 0 &&
			    ++run->counted % run->o->drop_every == 0;
		run->sent += p->r.flows;
		if (drop) {
			counters_add(&run->t->dropped, &p->r.counters);
			continue;
		}
		counters_add(&run->t->exporters[e].sent, &p->r.counters);
		d[n++] =
		    (struct sink_datagram){ st->data + p->offset, p->r.len };
	}
	run->t->datagrams += n;
	trace(run);
	return sink_send(run->sink, e, d, n, now_ms(run), err);
}

static bool
time_is_up(const struct run *run)
{
	return *run->o->stop != 0 ||
	       (run->o->seconds > 0 &&
		   elapsed_ns(run) >= run->o->seconds * 1e9);
}

static int
run_building(struct run *run, struct store *st, struct err *err)
{
	while (run->left > 0 && !time_is_up(run)) {
		double rate = rate_now(run);
		uint64_t max =
		    rate > 0 ? (uint64_t)(rate / PACE_HZ) + 1 : UINT64_MAX;
		unsigned flows = 0;
		st->n = st->len = 0;
		build(run, st, max);
		for (size_t i = 0; i < st->n; i++)
			flows += st->packets[i].r.flows;
		pace(run, rate, flows);
		if (send_slice(run, st, 0, st->n, err) == -1)
			return -1;
	}
	return 0;
}

/* End of the run of packets of one exporter, bounded by size and pace. */
static size_t
slice_end(const struct run *run, const struct store *st, size_t from,
    double rate, unsigned *flows)
{
	size_t e = st->packets[from].stream / run->o->domains, i = from;
	*flows = 0;
	while (i < st->n && i - from < SINK_BATCH &&
	       st->packets[i].stream / run->o->domains == e &&
	       (i == from || rate <= 0 || *flows < rate / PACE_HZ))
		*flows += st->packets[i++].r.flows;
	return i;
}

static void
resequence(struct run *run, struct store *st)
{
	for (size_t i = 0; i < st->n; i++) {
		const struct packet *p = &st->packets[i];
		struct encode_stream *s = &run->streams[p->stream];
		encode_resequence(s->version, st->data + p->offset,
		    s->sequence);
		s->sequence += p->r.advance;
	}
}

static int
run_prebuilt(struct run *run, struct store *st, struct err *err)
{
	while (run->left > 0)
		build(run, st, UINT64_MAX);
	run->begin_ns = clock_ns(CLOCK_MONOTONIC);
	for (unsigned round = 0; round < run->o->repeat; round++) {
		if (round > 0)
			resequence(run, st);
		for (size_t i = 0; i < st->n && !time_is_up(run);) {
			unsigned flows;
			double rate = rate_now(run);
			size_t to = slice_end(run, st, i, rate, &flows);
			pace(run, rate, flows);
			if (send_slice(run, st, i, to, err) == -1)
				return -1;
			i = to;
		}
	}
	return 0;
}

static void
init_streams(struct run *run, const struct traffic_model *model)
{
	const struct run_opts *o = run->o;
	size_t n = o->exporters * o->domains;
	run->streams = mem_calloc(n, sizeof(*run->streams));
	for (size_t i = 0; i < n; i++) {
		struct encode_stream *s = &run->streams[i];
		encode_stream_init(s, o->version, (uint32_t)(i % o->domains),
		    run->to->v6_percent > 0, now_ms(run));
		s->template_every = o->template_every;
		s->template_delay = o->template_delay;
		traffic_stream_init(&s->traffic, model, (unsigned)i);
	}
}

int
run_export(const struct run_opts *o, const struct traffic_opts *to,
    struct sink *sink, struct totals *t, struct err *err)
{
	struct run run = { .o = o,
		.to = to,
		.sink = sink,
		.t = t,
		.domain_turn = mem_calloc(o->exporters, sizeof(unsigned)),
		.left = o->flows != 0 ? o->flows : UINT64_MAX,
		.begin_ns = clock_ns(CLOCK_MONOTONIC) };
	struct traffic_model *model = traffic_model_new(to);
	struct store st = { 0 };
	init_streams(&run, model);
	int rc = o->prebuild ? run_prebuilt(&run, &st, err)
			     : run_building(&run, &st, err);
	t->seconds = elapsed_ns(&run) / 1e9;
	run.trace_at_ms = 0;
	trace(&run);
	free(st.packets);
	free(st.data);
	free(run.streams);
	free(run.domain_turn);
	traffic_model_free(model);
	return rc;
}
