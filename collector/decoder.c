#include "collector/decoder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "base/slot.h"
#include "collector/decoder_private.h"
#include "collector/introduce.h"
#include "collector/repeat.h"
#include "collector/rotate.h"
#include "collector/tally.h"

#define ROUND        256     /* datagrams between looks at the clock */
#define IDLE_MS      50      /* longest wait for a datagram */
#define PAUSE_NS     5000000 /* under traffic, for more to come */
#define QUIET        6       /* rounds without a datagram before a real wait */
#define LOOK_MS      100     /* between looks at the blocks */
#define BLOCK_MS     750     /* a block is handed over by then */
#define STATS_A_TIME 2000    /* exporters in one statistics record */

int64_t
decoder_clock_ms(clockid_t id)
{
	struct timespec ts;
	(void)clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* ---- files ---------------------------------------------------------------- */

void
decoder_open_file(struct decoder *d, struct source *s, bool recover)
{
	if (s->dynamic != 0)
		return;
	int64_t now = decoder_clock_ms(CLOCK_REALTIME) / 1000;
	int64_t created =
	    slot_start(now, d->cycletime) == d->slot ? now : d->slot;
	s->file = writer_open(d->writer, &s->spec, d->slot, created, recover);
	for (struct sender *x = s->senders; x != NULL; x = x->next_sibling) {
		x->in_file = false;
		x->before = x->e.stats;
	}
	s->bad_before = s->bad;
}

struct nffile_writer *
decoder_block(struct decoder *d, struct source *s)
{
	if (nffile_collect_full(&s->block))
		writer_put(d->writer, s->file, &s->block);
	if (s->block.raw_records == 0)
		s->block_since_ms = d->now_ms;
	return &s->block;
}

static void
add_stats(struct decoder *d, struct source *s,
    const struct nffile_exporter_stat *stats, size_t n)
{
	(void)nffile_add_exporter_stats(decoder_block(d, s), stats, n, NULL);
}

void
decoder_close_file(struct decoder *d, struct source *s)
{
	if (s->file == NULL)
		return;
	struct nffile_exporter_stat stats[STATS_A_TIME];
	size_t n = 0;
	uint64_t gaps = 0, bad = s->bad - s->bad_before;
	introduce_again(s);
	for (struct sender *x = s->senders; x != NULL; x = x->next_sibling) {
		const struct decode_stats *now = &x->e.stats;
		if (!x->in_file)
			continue;
		introduce(d, x); /* rates that were not told yet */
		uint64_t failed = now->sequence_gaps - x->before.sequence_gaps;
		gaps += failed;
		bad += now->malformed - x->before.malformed;
		stats[n++] = (struct nffile_exporter_stat){
			.sysid = x->e.sysid,
			.sequence_failures = (uint32_t)failed,
			.packets = now->datagrams - x->before.datagrams,
			.flows = now->flows - x->before.flows,
		};
		if (n == STATS_A_TIME) {
			add_stats(d, s, stats, n);
			n = 0;
		}
	}
	if (n > 0)
		add_stats(d, s, stats, n);
	writer_put(d->writer, s->file, &s->block);
	writer_finish(d->writer, s->file, gaps, bad);
	s->file = NULL;
}

/* All sources at once; the old slot is announced behind its last file. */
static void
rotate(struct decoder *d, int64_t slot)
{
	uint64_t now = (uint64_t)decoder_clock_ms(CLOCK_REALTIME);
	waiting_expire(&d->sources.waiting, now);
	for (struct source *s = d->sources.first; s != NULL; s = s->next)
		decoder_close_file(d, s);
	tally_slot(d);
	writer_announce(d->writer, d->slot, d->cycletime);
	senders_expire(&d->sources, now);
	d->slot = slot;
	for (struct source *s = d->sources.first; s != NULL; s = s->next)
		decoder_open_file(d, s, false);
}

static void
rotate_if_due(struct decoder *d, uint64_t now_ms, unsigned grace_ms)
{
	int64_t slot = rotate_due(d->slot, d->cycletime, now_ms, grace_ms);
	if (slot != -1)
		rotate(d, slot);
}

/* ---- datagrams ------------------------------------------------------------ */

struct flow_ctx {
	struct decoder *d;
	struct source *s;
	struct sender *x;
};

static void
take_flow(void *ctx, const struct flow *f)
{
	const struct flow_ctx *c = ctx;
	struct source *s = c->s;
	(void)nffile_add_flow(decoder_block(c->d, s), f, NULL);
	s->flows++;
	s->packets += f->packets;
	s->bytes += f->bytes;
	c->x->packets += f->packets;
	c->x->bytes += f->bytes;
	if (c->d->sources.traffic.max != 0)
		traffic_add(&c->d->sources.traffic, c->x, f);
}

static void
log_unknown(struct decoder *d, const struct ring_head *h)
{
	char ip[ADDR_STRLEN];
	uint64_t skipped;
	const struct source *s = source_of(&d->sources, h->port, &h->from);
	if (s != NULL && s->refusing)
		return; /* that was said */
	if (log_limit_ok(&d->unknown_log, d->now_ms / 1000, &skipped))
		log_warnx("no source for this sender ip=%s port=%u "
			  "left_out=%llu",
		    addr_str(&h->from, ip), h->port,
		    (unsigned long long)skipped);
}

static void
log_malformed(struct decoder *d, const struct source *s,
    const struct ring_head *h)
{
	char ip[ADDR_STRLEN];
	uint64_t skipped;
	if (log_limit_ok(&d->malformed_log, d->now_ms / 1000, &skipped))
		log_warnx("malformed datagram ident=%s ip=%s length=%u "
			  "left_out=%llu",
		    s->spec.ident, addr_str(&h->from, ip), h->len,
		    (unsigned long long)skipped);
}

static void
count_unknown(struct decoder *d, uint16_t port)
{
	struct port *p = ports_find(d->ports, port);
	d->unknown_sender++;
	if (p != NULL)
		p->unknown++;
}

static bool
is_known(uint16_t version)
{
	return version == 1 || version == 5 || version == 7 || version == 9 ||
	       version == 10 || version == DECODE_SFLOW;
}

/* One that no exporter could be found for: why not? */
static void
count_bad(struct source *s, const uint8_t *data, size_t len)
{
	struct decode_head h;
	s->bad++;
	if (decode_peek(data, len, &h))
		return; /* there are too many */
	if (len < sizeof(h.version) || is_known(h.version))
		s->too_short++;
	else
		s->bad_version++;
}

static void
log_redefined(struct decoder *d, const struct sender *x)
{
	char ip[ADDR_STRLEN];
	uint64_t skipped;
	if (log_limit_ok(&d->redefined_log, d->now_ms / 1000, &skipped))
		log_info("template has other fields now ident=%s ip=%s "
			 "version=%u id=%u template=%u left_out=%llu",
		    x->source->spec.ident, addr_str(&x->e.ip, ip), x->e.version,
		    x->e.id, x->e.redefined_id, (unsigned long long)skipped);
}

static void
take_datagram(struct decoder *d, const struct ring_head *h, const uint8_t *data)
{
	struct source *s;
	struct sender *x = sender_find(&d->sources, h, data, &s);
	if (x == NULL)
		session_refuse(&d->sources, h->session);
	if (s == NULL) {
		count_unknown(d, h->port);
		log_unknown(d, h);
		return;
	}
	s->datagrams++;
	s->last_ms = h->arrival_ms;
	if (s->repeat != NULL)
		repeat_send(s->repeat, &h->from, h->port, data, h->len);
	if (x == NULL) {
		count_bad(s, data, h->len);
		log_malformed(d, s, h);
		return;
	}
	if (introduce_due(x, d->now_ms))
		introduce(d, x);
	uint64_t malformed = x->e.stats.malformed;
	uint64_t redefined = x->e.stats.redefined;
	struct flow_ctx ctx = { d, s, x };
	decode_datagram(&x->e, data, h->len, h->arrival_ms, take_flow, &ctx);
	if (introduce_due(x, d->now_ms))
		introduce(d, x);
	if (x->e.stats.malformed != malformed)
		log_malformed(d, s, h);
	if (x->e.stats.redefined != redefined)
		log_redefined(d, x);
}

/* A session has ended: nothing of it is known to the next. */
static void
take_end(struct decoder *d, const struct ring_head *h)
{
	struct source *s = source_of(&d->sources, h->port, &h->from);
	session_end(&d->sources, h->session);
	if (s == NULL)
		return;
	if (h->kind == RING_CUT)
		s->too_short++;
	else if (h->kind == RING_BROKEN)
		s->bad_version++;
}

/* At most n datagrams; how many there were. */
static size_t
take_some(struct decoder *d, size_t n)
{
	const struct ring_head *h;
	const uint8_t *data;
	size_t i = 0;
	for (; i < n && (h = ring_next(d->ring, &data)) != NULL; i++) {
		if (d->slot != -1)
			rotate_if_due(d, h->arrival_ms, 0);
		if (h->kind <= RING_MESSAGE)
			take_datagram(d, h, data);
		else
			take_end(d, h);
	}
	ring_release(d->ring);
	return i;
}

/* Readers behind us see complete blocks within a second. */
static void
hand_over_blocks(struct decoder *d)
{
	if (d->now_ms - d->looked_ms < LOOK_MS)
		return;
	d->looked_ms = d->now_ms;
	for (struct source *s = d->sources.first; s != NULL; s = s->next) {
		introduce_again(s);
		if (s->block.raw_records != 0 &&
		    d->now_ms - s->block_since_ms >= BLOCK_MS)
			writer_put(d->writer, s->file, &s->block);
	}
	keep_look(&d->keep, &d->sources, d->now_ms,
	    (uint64_t)decoder_clock_ms(CLOCK_REALTIME));
}

/* ---- the thread ----------------------------------------------------------- */

static void
answer_call(struct decoder *d)
{
	if (!atomic_load(&d->called))
		return;
	ring_mark(d->ring);
	while (ring_marked(d->ring) && take_some(d, 1) != 0)
		;
	(void)pthread_mutex_lock(&d->lock);
	d->call(d, d->call_arg);
	d->call = NULL;
	d->answers++;
	atomic_store(&d->called, false);
	(void)pthread_cond_broadcast(&d->answered);
	(void)pthread_mutex_unlock(&d->lock);
}

/*
 * While traffic goes on, a short sleep costs the receiver nothing; only
 * after some quiet it has to wake us.
 */
static void
wait_for_more(struct decoder *d, unsigned *quiet)
{
	static const struct timespec pause = { .tv_nsec = PAUSE_NS };
	if (++*quiet < QUIET)
		(void)nanosleep(&pause, NULL);
	else
		ring_wait(d->ring, IDLE_MS);
}

static void *
decoder_main(void *arg)
{
	struct decoder *d = arg;
	unsigned quiet = 0;
	while (!atomic_load(&d->stop)) {
		d->now_ms = decoder_clock_ms(CLOCK_MONOTONIC);
		answer_call(d);
		size_t n = take_some(d, ROUND);
		if (n == 0 && d->slot != -1)
			rotate_if_due(d,
			    (uint64_t)decoder_clock_ms(CLOCK_REALTIME),
			    ROTATE_GRACE_MS);
		hand_over_blocks(d);
		if (n == 0)
			wait_for_more(d, &quiet);
		else
			quiet = 0;
	}
	while (take_some(d, ROUND) != 0)
		;
	if (d->carry != NULL)
		decoder_carry(d, d->carry);
	for (struct source *s = d->sources.first; s != NULL; s = s->next) {
		if (d->carry == NULL)
			source_give_up(s);
		decoder_close_file(d, s);
	}
	tally_slot(d);
	keep_write(&d->keep, &d->sources,
	    (uint64_t)decoder_clock_ms(CLOCK_REALTIME));
	keep_close(&d->keep);
	return NULL;
}

int
decoder_start(struct decoder *d, struct ring *ring, struct writer *writer,
    struct ports *ports, struct decoder_plan *plan, struct err *err)
{
	memset(d, 0, sizeof(*d));
	d->ring = ring;
	d->writer = writer;
	d->ports = ports;
	d->slot = -1;
	d->unknown_log = (struct log_limit){ .burst = 5, .per_s = 60 };
	d->grow_log = d->unknown_log;
	d->malformed_log = (struct log_limit){ .burst = 5, .per_s = 60 };
	d->redefined_log = (struct log_limit){ .burst = 5, .per_s = 60 };
	sources_init(&d->sources);
	d->sources.refusals = plan->refusals;
	d->streams = plan->streams;
	d->sources.keep = &d->keep;
	decoder_prepare(d);
	(void)pthread_mutex_init(&d->lock, NULL);
	(void)pthread_cond_init(&d->answered, NULL);
	d->now_ms = decoder_clock_ms(CLOCK_MONOTONIC);
	decoder_apply(d, plan);
	if (plan->carry != NULL && plan->carry->len != 0)
		decoder_go_on(d, plan->carry);
	int rc = pthread_create(&d->thread, NULL, decoder_main, d);
	return rc == 0 ? 0 : err_set(err, "thread: %s", strerror(rc));
}

void
decoder_call(struct decoder *d, void (*fn)(struct decoder *d, void *arg),
    void *arg)
{
	(void)pthread_mutex_lock(&d->lock);
	while (d->call != NULL)
		(void)pthread_cond_wait(&d->answered, &d->lock);
	unsigned mine = ++d->calls;
	d->call = fn;
	d->call_arg = arg;
	atomic_store(&d->called, true);
	ring_poke(d->ring);
	while (d->answers < mine)
		(void)pthread_cond_wait(&d->answered, &d->lock);
	(void)pthread_mutex_unlock(&d->lock);
}

void
decoder_leave(struct decoder *d, struct buf *carry)
{
	d->carry = carry;
	decoder_stop(d);
}

void
decoder_stop(struct decoder *d)
{
	atomic_store(&d->stop, true);
	ring_poke(d->ring);
	(void)pthread_join(d->thread, NULL);
	sources_free(&d->sources);
	(void)pthread_mutex_destroy(&d->lock);
	(void)pthread_cond_destroy(&d->answered);
}
