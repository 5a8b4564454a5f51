#include "collector/status.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "collector/interfaces.h"
#include "collector/tally.h"
#include "conf/changes.h"
#include "decode/sampling.h"
#include "decode/template.h"

/* Data sets that wait for their template. */
static size_t
waiting_of(const struct source *s)
{
	size_t n = 0;
	for (const struct sender *x = s->senders; x != NULL;
	     x = x->next_sibling)
		n += x->e.waiting.n;
	return n;
}

static void
print_counts(struct buf *b, const uint64_t n[LEDGER_COUNTS])
{
	for (size_t i = 0; i < LEDGER_COUNTS; i++)
		buf_printf(b, " %s=%" PRIu64, ledger_name[i], n[i]);
}

static void
print_source(struct buf *b, struct decoder *d, const struct source *s)
{
	uint64_t n[LEDGER_COUNTS];
	struct buf ips = BUF_EMPTY;
	tally_source_counts(d, s, n);
	source_ips(s->ips, s->n_ips, &ips);
	buf_printf(b,
	    "ident=%s port=%u ip=%s exporters=%zu last_ms=%" PRIu64
	    " waiting=%zu",
	    s->spec.ident, s->port, s->n_ips != 0 ? buf_str(&ips) : "any",
	    s->n_senders, s->last_ms, waiting_of(s));
	if (s->parent != NULL)
		buf_printf(b, " parent=%s", s->parent->spec.ident);
	if (s->dynamic != 0)
		buf_printf(b, " dynamic=%d grown=%d refused=%" PRIu64,
		    s->dynamic, s->n_dynamic, s->refused);
	buf_free(&ips);
	print_counts(b, n);
}

static void
print_exporter(struct buf *b, const struct sender *x)
{
	char ip[ADDR_STRLEN];
	uint64_t n[LEDGER_COUNTS];
	tally_sender_counts(x, n);
	buf_printf(b, "ident=%s ip=%s version=%u id=%" PRIu32,
	    x->source->spec.ident, addr_str(&x->e.ip, ip), x->e.version,
	    x->e.id);
	if (x->e.agent.family != ADDR_NONE && !addr_eq(&x->e.agent, &x->e.ip))
		buf_printf(b, " agent=%s", addr_str(&x->e.agent, ip));
	buf_adds(b, x->stream ? " transport=tcp" : " transport=udp");
	buf_printf(b,
	    " last_ms=%" PRId64
	    " templates=%zu waiting=%zu waited_flows=%" PRIu64,
	    x->e.last_seen_ms, template_set_count(x->e.templates),
	    x->e.waiting.n, x->e.stats.waited_flows);
	print_counts(b, n);
}

/* Which rules of sampling there are, and to how many flows each applied. */
static void
print_sampler(struct buf *b, const struct sender *x, const struct sampler *s)
{
	char ip[ADDR_STRLEN];
	buf_printf(b,
	    "ident=%s ip=%s version=%u id=%" PRIu32 " rule=%s of=%" PRIu64
	    " packets=%" PRIu32 " space=%" PRIu32 " algorithm=%u flows=%" PRIu64
	    " last_ms=%" PRIu64,
	    x->source->spec.ident, addr_str(&x->e.ip, ip), x->e.version,
	    x->e.id, sampler_kind_name((enum sampler_kind)s->key.kind),
	    s->key.id, s->packets, s->space, s->algorithm, s->flows,
	    s->last_ms);
}

struct report {
	struct service *service;
	struct ctl_reply *reply; /* NULL: to the log */
};

static void
put_scalars(const struct report *r, const struct decoder *d)
{
	struct ctl_reply *reply = r->reply;
	ctl_reply_add(reply, "pid", "%ld", (long)getpid());
	ctl_reply_add(reply, "slot", "%" PRId64, d->slot);
	ctl_reply_add(reply, "cycletime", "%" PRId64, d->cycletime);
	ctl_reply_add(reply, "kernel_drops", "%" PRIu64,
	    receivers_kernel_drops(&r->service->receivers));
	ctl_reply_add(reply, "queue_drops", "%" PRIu64,
	    receivers_queue_drops(&r->service->receivers));
	ctl_reply_add(reply, "unknown_sender", "%" PRIu64, d->unknown_sender);
	ctl_reply_add(reply, "exporters", "%zu", d->sources.n_senders);
	ctl_reply_add(reply, "exporters_max", "%zu",
	    d->sources.limits.exporters);
	ctl_reply_add(reply, "waiting_bytes", "%zu",
	    waiting_used(&d->sources.waiting));
	ctl_reply_add(reply, "waiting_max", "%zu", d->sources.limits.waiting);
}

static void
put_line(const struct report *r, const char *key, struct buf *line)
{
	if (r->reply != NULL)
		ctl_reply_add_array(r->reply, key, "%s", buf_str(line));
	else
		log_info("%s %s", key, buf_str(line));
	buf_clear(line);
}

static void
put_samplers(const struct report *r, const struct sender *x, struct buf *line)
{
	size_t n;
	const struct sampler *s = exporter_samplers(&x->e, &n);
	for (size_t i = 0; i < n; i++) {
		print_sampler(line, x, &s[i]);
		put_line(r, "sampler", line);
	}
}

static void
put_streams(const struct report *r, struct buf *line)
{
	const struct stream_counts *c = &r->service->stream_counts;
	buf_printf(line,
	    "connections=%" PRIu64 " accepted=%" PRIu64 " messages=%" PRIu64
	    " bytes=%" PRIu64,
	    (uint64_t)atomic_load(&c->connections),
	    (uint64_t)atomic_load(&c->accepted),
	    (uint64_t)atomic_load(&c->messages),
	    (uint64_t)atomic_load(&c->bytes));
	for (size_t i = 0; i < STREAM_ENDS; i++)
		buf_printf(line, " %s=%" PRIu64,
		    stream_end_name((enum stream_end)i),
		    (uint64_t)atomic_load(&c->ended[i]));
	put_line(r, "stream", line);
}

static void
put_repeats(const struct report *r, const struct source *s, struct buf *line)
{
	for (size_t i = 0; s->repeat != NULL && i < s->repeat->n; i++) {
		const struct repeat_target *t = &s->repeat->targets[i];
		buf_printf(line,
		    "ident=%s to=%s/%u sent=%" PRIu64 " failed=%" PRIu64,
		    s->spec.ident, t->host, t->port,
		    (uint64_t)atomic_load(&t->sent),
		    (uint64_t)atomic_load(&t->failed));
		put_line(r, "repeat", line);
	}
}

/* In the decode thread, which owns what is read here. */
static void
report(struct decoder *d, void *arg)
{
	const struct report *r = arg;
	struct buf line = BUF_EMPTY;
	if (r->reply != NULL)
		put_scalars(r, d);
	if (r->service->stream.ls.n != 0)
		put_streams(r, &line);
	for (const struct source *s = d->sources.first; s != NULL;
	     s = s->next) {
		print_source(&line, d, s);
		put_line(r, "source", &line);
		put_repeats(r, s, &line);
	}
	for (const struct source *s = d->sources.first; s != NULL; s = s->next)
		for (const struct sender *x = s->senders; x != NULL;
		     x = x->next_sibling) {
			print_exporter(&line, x);
			put_line(r, "exporter", &line);
			put_samplers(r, x, &line);
		}
	buf_free(&line);
}

static void
put_ledger_line(void *ctx, const struct ledger_line *l)
{
	struct buf line = BUF_EMPTY;
	ledger_print(l, &line);
	line.data[--line.len] = '\0'; /* its LF */
	ctl_reply_add_array(ctx, "line", "%s", buf_str(&line));
	buf_free(&line);
}

static void
report_ledger(struct decoder *d, void *arg)
{
	struct ctl_reply *reply = arg;
	ctl_reply_add(reply, "slot", "%" PRId64, d->slot);
	tally_look(d, put_ledger_line, reply);
}

void
status_log(struct service *s)
{
	struct report r = { s, NULL };
	decoder_call(&s->decoder, report, &r);
	log_info("kernel_drops=%" PRIu64 " queue_drops=%" PRIu64,
	    receivers_kernel_drops(&s->receivers),
	    receivers_queue_drops(&s->receivers));
}

int
status_reload(struct service *s, struct err *err)
{
	if (service_reload(s, err) == -1) {
		log_errx("the old config stays in use: %s", err->msg);
		return -1;
	}
	log_info("config reloaded file=%s sources=%zu", s->conf->file,
	    s->conf->n_sources);
	return 0;
}

void
status_handle(void *ctx, const struct ctl_request *req, struct ctl_reply *reply)
{
	struct service *s = ctx;
	struct err err;
	if (strcmp(req->command, "status") == 0) {
		struct report r = { s, reply };
		decoder_call(&s->decoder, report, &r);
		ctl_reply_ok(reply, "command completed");
	} else if (strcmp(req->command, "ledger") == 0) {
		decoder_call(&s->decoder, report_ledger, reply);
		writer_wait(s->writer);
		ctl_reply_ok(reply, "command completed");
	} else if (strcmp(req->command, "interfaces") == 0) {
		struct interfaces_request r = { ctl_arg(req, "ident"), reply };
		decoder_call(&s->decoder, interfaces_report, &r);
		ctl_reply_ok(reply, "command completed");
	} else if (strcmp(req->command, "config") == 0) {
		struct buf text = BUF_EMPTY;
		changes_print(s->conf, CHANGES_COLLECTOR, &text);
		ctl_reply_lines(reply, buf_str(&text));
		buf_free(&text);
		ctl_reply_ok(reply, "command completed");
	} else if (strcmp(req->command, "reload") == 0) {
		if (status_reload(s, &err) == -1)
			ctl_reply_err(reply, "%s", err.msg);
		else
			ctl_reply_ok(reply, "config reloaded");
	} else
		ctl_reply_err(reply, "Command unknown: '%s'", req->command);
}
