#include "collector/tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "collector/decoder.h"

/* ---- what there is -------------------------------------------------------- */

void
tally_sender_counts(const struct sender *x, uint64_t n[LEDGER_COUNTS])
{
	const struct decode_stats *s = &x->e.stats;
	memset(n, 0, LEDGER_COUNTS * sizeof(*n));
	n[LEDGER_DATAGRAMS] = s->datagrams;
	n[LEDGER_FLOWS] = s->flows;
	n[LEDGER_PACKETS] = x->packets;
	n[LEDGER_BYTES] = x->bytes;
	n[LEDGER_BAD_VERSION] = s->bad_version;
	n[LEDGER_MALFORMED] = s->malformed;
	n[LEDGER_NO_TEMPLATE] = s->no_template;
	n[LEDGER_WAITED] = s->waited;
	n[LEDGER_NO_FIELD] = s->no_field;
	n[LEDGER_TEMPLATES_BAD] = s->templates_bad;
	n[LEDGER_SEQUENCE_GAPS] = s->sequence_gaps;
	n[LEDGER_SEQUENCE_LOST] = s->sequence_lost;
}

/* Of no exporter. */
static void
own_counts(const struct source *s, uint64_t n[LEDGER_COUNTS])
{
	memset(n, 0, LEDGER_COUNTS * sizeof(*n));
	n[LEDGER_DATAGRAMS] = s->bad;
	n[LEDGER_BAD_VERSION] = s->bad_version;
	n[LEDGER_TRUNCATED] = s->too_short;
	n[LEDGER_NO_ROOM] = s->bad - s->bad_version - s->too_short;
}

static void
port_counts(const struct port *p, uint64_t n[LEDGER_COUNTS])
{
	n[LEDGER_KERNEL_DROPS] += atomic_load(&p->kernel_drops);
	n[LEDGER_QUEUE_DROPS] += atomic_load(&p->queue_drops);
	n[LEDGER_UNKNOWN] += p->unknown;
	n[LEDGER_DATAGRAMS] += p->unknown;
}

static void
add(uint64_t *sum, const uint64_t *n)
{
	for (size_t i = 0; i < LEDGER_COUNTS; i++)
		sum[i] += n[i];
}

/* The source that is alone on its port; NULL: none, or there are several. */
static struct source *
alone_on(const struct decoder *d, uint16_t port)
{
	struct source *only = NULL;
	for (struct source *s = d->sources.first; s != NULL; s = s->next)
		if (s->port == port) {
			if (only != NULL)
				return NULL;
			only = s;
		}
	return only;
}

void
tally_source_counts(struct decoder *d, const struct source *s,
    uint64_t n[LEDGER_COUNTS])
{
	uint64_t one[LEDGER_COUNTS];
	own_counts(s, n);
	add(n, s->gone);
	for (const struct sender *x = s->senders; x != NULL;
	     x = x->next_sibling) {
		tally_sender_counts(x, one);
		add(n, one);
	}
	n[LEDGER_UNWRITTEN] = atomic_load(s->unwritten);
	const struct port *p = ports_find(d->ports, s->port);
	if (p != NULL && alone_on(d, s->port) == s)
		port_counts(p, n);
}

void
tally_keep(struct source *s, const struct sender *x)
{
	uint64_t n[LEDGER_COUNTS];
	tally_sender_counts(x, n);
	add(s->gone, n);
}

/* ---- what is new ---------------------------------------------------------- */

/* What was not told yet; true: something. */
static bool
news(const uint64_t *now, const uint64_t *told, uint64_t *out)
{
	bool any = false;
	for (size_t i = 0; i < LEDGER_COUNTS; i++) {
		out[i] = now[i] > told[i] ? now[i] - told[i] : 0;
		any |= out[i] != 0;
	}
	return any;
}

static uint64_t
port_news(uint64_t now, uint64_t *told, bool tell)
{
	uint64_t n = now - *told;
	if (tell)
		*told = now;
	return n;
}

static void
add_port_news(struct port *p, uint64_t *n, bool tell)
{
	uint64_t unknown = port_news(p->unknown, &p->unknown_told, tell);
	n[LEDGER_KERNEL_DROPS] +=
	    port_news(atomic_load(&p->kernel_drops), &p->kernel_told, tell);
	n[LEDGER_QUEUE_DROPS] +=
	    port_news(atomic_load(&p->queue_drops), &p->queue_told, tell);
	n[LEDGER_UNKNOWN] += unknown;
	n[LEDGER_DATAGRAMS] += unknown;
}

static bool
sender_news(const struct sender *x, uint64_t *out)
{
	uint64_t now[LEDGER_COUNTS];
	tally_sender_counts(x, now);
	return news(now, x->told, out);
}

static void
init_line(const struct decoder *d, const char *source, struct ledger_line *l)
{
	*l = (struct ledger_line){ .slot = d->slot,
		.length = (uint32_t)d->cycletime };
	(void)snprintf(l->source, sizeof(l->source), "%s", source);
}

static void
add_line(struct decoder *d, struct tally *t, const struct sender *x,
    const uint64_t *n)
{
	if ((t->n & (t->n + 1)) == 0)
		t->lines =
		    mem_realloc(t->lines, t->n * 2 + 1, sizeof(*t->lines));
	struct ledger_line *l = &t->lines[t->n++];
	init_line(d, t->own.source, l);
	l->exporter = x->e.ip;
	l->version = x->e.version;
	l->id = x->e.id;
	l->agent = x->e.agent;
	memcpy(l->n, n, sizeof(l->n));
}

/* The list has the newest first; those beyond the limit are summed up. */
static void
add_senders(struct decoder *d, struct tally *t, struct source *s, bool tell)
{
	uint64_t n[LEDGER_COUNTS];
	size_t active = 0;
	for (struct sender *x = s->senders; x != NULL; x = x->next_sibling)
		active += sender_news(x, n);
	size_t skip =
	    active > TALLY_EXPORTERS_MAX ? active - TALLY_EXPORTERS_MAX : 0;
	for (struct sender *x = s->senders; x != NULL; x = x->next_sibling) {
		if (!sender_news(x, n))
			continue;
		if (tell)
			add(x->told, n);
		if (skip == 0)
			add_line(d, t, x, n);
		else {
			add(t->own.n, n);
			skip--;
		}
	}
}

static struct tally *
tally_new(struct decoder *d, const char *source)
{
	struct tally *t = mem_calloc(1, sizeof(*t));
	init_line(d, source, &t->own);
	(void)snprintf(t->dir, sizeof(t->dir), "%s", d->ledger);
	return t;
}

static struct tally *
of_source(struct decoder *d, struct source *s, bool tell)
{
	uint64_t now[LEDGER_COUNTS];
	struct tally *t = tally_new(d, s->spec.ident);
	(void)snprintf(t->data, sizeof(t->data), "%s", s->spec.dir);
	own_counts(s, now);
	(void)news(now, s->told, t->own.n);
	if (tell)
		add(s->told, t->own.n);
	struct port *p = ports_find(d->ports, s->port);
	if (p != NULL && alone_on(d, s->port) == s)
		add_port_news(p, t->own.n, tell);
	add_senders(d, t, s, tell);
	return t;
}

static struct tally *
of_port(struct decoder *d, struct port *p, bool tell)
{
	char name[sizeof(LEDGER_PORT) + 8];
	(void)snprintf(name, sizeof(name), LEDGER_PORT, (unsigned)p->port);
	struct tally *t = tally_new(d, name);
	add_port_news(p, t->own.n, tell);
	/* Beside the sources' folders: that of all of them. */
	if (d->sources.first != NULL) {
		(void)snprintf(t->data, sizeof(t->data), "%s",
		    d->sources.first->spec.dir);
		*strrchr(t->data, '/') = '\0';
	}
	return t;
}

static bool
has_news(const struct tally *t)
{
	static const uint64_t none[LEDGER_COUNTS];
	return t->n != 0 || memcmp(t->own.n, none, sizeof(none)) != 0;
}

/* ---- who is told ---------------------------------------------------------- */

void
tally_source(struct decoder *d, struct source *s)
{
	if (d->slot == -1)
		return;
	struct tally *t = of_source(d, s, true);
	writer_ledger(d->writer, t->own.source, t);
}

void
tally_slot(struct decoder *d)
{
	if (d->slot == -1)
		return;
	for (struct source *s = d->sources.first; s != NULL; s = s->next)
		tally_source(d, s);
	for (struct port *p = ports_first(d->ports); p != NULL; p = p->next) {
		struct tally *t = of_port(d, p, true);
		if (has_news(t))
			writer_ledger(d->writer, t->own.source, t);
		else
			tally_free(t);
	}
}

static void
show(struct tally *t, ledger_take *take, void *ctx)
{
	for (size_t i = 0; i < t->n; i++)
		take(ctx, &t->lines[i]);
	t->n = 0;
	if (has_news(t))
		take(ctx, &t->own);
	tally_free(t);
}

void
tally_look(struct decoder *d, ledger_take *take, void *ctx)
{
	for (struct source *s = d->sources.first; s != NULL; s = s->next)
		show(of_source(d, s, false), take, ctx);
	for (struct port *p = ports_first(d->ports); p != NULL; p = p->next)
		if (alone_on(d, p->port) == NULL)
			show(of_port(d, p, false), take, ctx);
}
