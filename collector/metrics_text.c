/* The numbers of the decode thread in Prometheus' text format 0.0.4. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "collector/metrics.h"
#include "collector/metrics_private.h"
#include "collector/tally.h"

struct source_numbers {
	char ident[LEDGER_SOURCE_MAX];
	uint64_t exporters, last_ms;
	uint64_t n[LEDGER_COUNTS];
};

struct exporter_numbers {
	struct ledger_line l;
	uint64_t last_ms;
};

struct port_numbers {
	uint16_t port;
	uint64_t kernel_drops, queue_drops, unknown;
};

struct numbers {
	int64_t slot;
	uint64_t queue_used, queue_size;
	struct source_numbers *sources;
	struct exporter_numbers *exporters;
	struct port_numbers *ports;
	size_t n_sources, n_exporters, n_ports;
	uint64_t unlisted; /* exporters */
	struct metrics_more more;
};

/* ---- in the decode thread ------------------------------------------------- */

static void
take_exporter(struct numbers *v, const struct sender *x)
{
	struct exporter_numbers *e = &v->exporters[v->n_exporters++];
	*e = (struct exporter_numbers){ .l = { .exporter = x->e.ip,
					    .version = x->e.version,
					    .id = x->e.id,
					    .agent = x->e.agent },
		.last_ms = (uint64_t)x->e.last_seen_ms };
	(void)snprintf(e->l.source, sizeof(e->l.source), "%s",
	    x->source->spec.ident);
	tally_sender_counts(x, e->l.n);
}

/* Lists have the newest first: those beyond its share are passed over. */
static void
take_exporters(struct numbers *v, const struct source *s)
{
	size_t room = METRICS_EXPORTERS - v->n_exporters;
	size_t skip = s->n_senders > room ? s->n_senders - room : 0;
	v->unlisted += skip;
	for (const struct sender *x = s->senders; x != NULL;
	     x = x->next_sibling)
		if (skip > 0)
			skip--;
		else
			take_exporter(v, x);
}

static void
take_source(struct decoder *d, struct numbers *v, const struct source *s)
{
	v->sources =
	    mem_realloc(v->sources, v->n_sources + 1, sizeof(*v->sources));
	struct source_numbers *out = &v->sources[v->n_sources++];
	*out = (struct source_numbers){ .exporters = s->n_senders,
		.last_ms = s->last_ms };
	(void)snprintf(out->ident, sizeof(out->ident), "%s", s->spec.ident);
	tally_source_counts(d, s, out->n);
}

static void
take_port(struct numbers *v, const struct port *p)
{
	v->ports = mem_realloc(v->ports, v->n_ports + 1, sizeof(*v->ports));
	v->ports[v->n_ports++] = (struct port_numbers){ .port = p->port,
		.kernel_drops = atomic_load(&p->kernel_drops),
		.queue_drops = atomic_load(&p->queue_drops),
		.unknown = p->unknown };
}

static void
take_all(struct decoder *d, void *arg)
{
	struct numbers *v = arg;
	v->slot = d->slot;
	for (struct ring *r = d->ring; r != NULL; r = r->next) {
		v->queue_size += r->size;
		v->queue_used += atomic_load(&r->head) - atomic_load(&r->tail);
	}
	v->exporters = mem_calloc(METRICS_EXPORTERS, sizeof(*v->exporters));
	for (const struct source *s = d->sources.first; s != NULL;
	     s = s->next) {
		take_source(d, v, s);
		take_exporters(v, s);
	}
	for (const struct port *p = ports_first(d->ports); p != NULL;
	     p = p->next)
		take_port(v, p);
	metrics_more_take(&v->more, d);
}

/* ---- text ----------------------------------------------------------------- */

static const struct {
	const char *help;
	bool of_exporters;
	bool of_ports; /* and so not of sources: several may share one */
} about[LEDGER_COUNTS] = {
	[LEDGER_DATAGRAMS] = { "Datagrams that arrived.", true, false },
	[LEDGER_FLOWS] = { "Flows decoded.", true, false },
	[LEDGER_PACKETS] = { "Packets of these flows, scaled by sampling.",
	    true, false },
	[LEDGER_BYTES] = { "Bytes of these flows, scaled by sampling.", true,
	    false },
	[LEDGER_KERNEL_DROPS] = { "Datagrams dropped by the kernel: the "
				  "socket's buffer was full.",
	    false, true },
	[LEDGER_QUEUE_DROPS] = { "Datagrams dropped: the collector's queue "
				 "was full.",
	    false, true },
	[LEDGER_UNKNOWN] = { "Datagrams of senders that no source takes.",
	    false, true },
	[LEDGER_NO_ROOM] = { "Datagrams of exporters beyond the limit.", false,
	    false },
	[LEDGER_BAD_VERSION] = { "Datagrams of no known protocol.", false,
	    false },
	[LEDGER_TRUNCATED] = { "Datagrams shorter than their header.", true,
	    false },
	[LEDGER_MALFORMED] = { "Datagrams, sets and samples with impossible "
			       "lengths.",
	    true, false },
	[LEDGER_NO_TEMPLATE] = { "Data sets given up: no template came.", true,
	    false },
	[LEDGER_WAITED] = { "Data sets decoded when their template had come.",
	    true, false },
	[LEDGER_NO_FIELD] = { "Data sets without a field that is kept.", true,
	    false },
	[LEDGER_TEMPLATES_BAD] = { "Templates refused.", true, false },
	[LEDGER_SEQUENCE_GAPS] = { "Times that sequence numbers were missing.",
	    true, false },
	[LEDGER_SEQUENCE_LOST] = { "Missing by sequence numbers: flows (v5, "
				   "v7, IPFIX) or datagrams (v9, sFlow).",
	    true, false },
	[LEDGER_UNWRITTEN] = { "Flows that found no room on the disk.", false,
	    false },
};

void
metrics_value(struct buf *out, const char *s)
{
	buf_addc(out, '"');
	for (; *s != '\0'; s++)
		if (*s == '\n')
			buf_adds(out, "\\n");
		else {
			if (*s == '"' || *s == '\\')
				buf_addc(out, '\\');
			buf_addc(out, *s);
		}
	buf_addc(out, '"');
}

void
metrics_exporter(struct buf *out, const struct ledger_line *l, const char *more)
{
	char ip[ADDR_STRLEN];
	buf_adds(out, "{source=");
	metrics_value(out, l->source);
	buf_printf(out, ",exporter=\"%s\",version=\"%u\",id=\"%" PRIu32 "\"",
	    addr_str(&l->exporter, ip), l->version, l->id);
	if (l->agent.family != ADDR_NONE && !addr_eq(&l->agent, &l->exporter))
		buf_printf(out, ",agent=\"%s\"", addr_str(&l->agent, ip));
	if (more != NULL)
		buf_adds(out, more);
	buf_addc(out, '}');
}

void
metrics_head(struct buf *out, const char *what, const char *name,
    const char *tail, const char *help)
{
	buf_printf(out, "# HELP nfsen_%s_%s%s %s\n# TYPE nfsen_%s_%s%s %s\n",
	    what, name, tail, help, what, name, tail,
	    tail[0] == '\0' ? "gauge" : "counter");
}

static void
add_counter(struct buf *out, const struct numbers *v, size_t i)
{
	const char *name = ledger_name[i], *help = about[i].help;
	if (!about[i].of_ports) {
		metrics_head(out, "source", name, "_total", help);
		for (size_t k = 0; k < v->n_sources; k++) {
			buf_printf(out, "nfsen_source_%s_total{source=", name);
			metrics_value(out, v->sources[k].ident);
			buf_printf(out, "} %" PRIu64 "\n", v->sources[k].n[i]);
		}
	}
	if (about[i].of_exporters && v->n_exporters != 0) {
		metrics_head(out, "exporter", name, "_total", help);
		for (size_t k = 0; k < v->n_exporters; k++) {
			buf_printf(out, "nfsen_exporter_%s_total", name);
			metrics_exporter(out, &v->exporters[k].l, NULL);
			buf_printf(out, " %" PRIu64 "\n",
			    v->exporters[k].l.n[i]);
		}
	}
}

static void
add_ports(struct buf *out, const struct numbers *v, enum ledger_count i,
    const uint64_t *first)
{
	/* The same member of each entry. */
	const size_t step = sizeof(*v->ports) / sizeof(*first);
	metrics_head(out, "port", ledger_name[i], "_total", about[i].help);
	for (size_t k = 0; k < v->n_ports; k++)
		buf_printf(out,
		    "nfsen_port_%s_total{port=\"%u\"} %" PRIu64 "\n",
		    ledger_name[i], v->ports[k].port, first[k * step]);
}

static void
add_seconds(struct buf *out, uint64_t ms)
{
	buf_printf(out, " %" PRIu64 ".%03u\n", ms / 1000,
	    (unsigned)(ms % 1000));
}

static void
add_gauges(struct buf *out, const struct numbers *v)
{
	static const char last[] = "last_datagram_timestamp_seconds";
	metrics_head(out, "source", "exporters", "",
	    "Exporters that are known.");
	for (size_t k = 0; k < v->n_sources; k++) {
		buf_adds(out, "nfsen_source_exporters{source=");
		metrics_value(out, v->sources[k].ident);
		buf_printf(out, "} %" PRIu64 "\n", v->sources[k].exporters);
	}
	metrics_head(out, "source", last, "",
	    "When the last datagram came; 0: never.");
	for (size_t k = 0; k < v->n_sources; k++) {
		buf_printf(out, "nfsen_source_%s{source=", last);
		metrics_value(out, v->sources[k].ident);
		buf_addc(out, '}');
		add_seconds(out, v->sources[k].last_ms);
	}
	if (v->n_exporters != 0)
		metrics_head(out, "exporter", last, "",
		    "When the last datagram came.");
	for (size_t k = 0; k < v->n_exporters; k++) {
		buf_printf(out, "nfsen_exporter_%s", last);
		metrics_exporter(out, &v->exporters[k].l, NULL);
		add_seconds(out, v->exporters[k].last_ms);
	}
	metrics_head(out, "collector", "exporters_unlisted", "",
	    "Exporters that are not shown here: there are too many.");
	buf_printf(out, "nfsen_collector_exporters_unlisted %" PRIu64 "\n",
	    v->unlisted);
	metrics_head(out, "collector", "slot_start_timestamp_seconds", "",
	    "Start of the slot that is being written.");
	buf_printf(out,
	    "nfsen_collector_slot_start_timestamp_seconds %" PRId64 "\n",
	    v->slot);
	metrics_head(out, "collector", "queue_bytes", "",
	    "Received and not yet decoded.");
	buf_printf(out, "nfsen_collector_queue_bytes %" PRIu64 "\n",
	    v->queue_used);
	metrics_head(out, "collector", "queue_size_bytes", "",
	    "Room in that queue.");
	buf_printf(out, "nfsen_collector_queue_size_bytes %" PRIu64 "\n",
	    v->queue_size);
}

void
metrics_text(struct decoder *d, struct buf *out)
{
	struct numbers v = { 0 };
	decoder_call(d, take_all, &v);
	for (size_t i = 0; i < LEDGER_COUNTS; i++)
		add_counter(out, &v, i);
	if (v.n_ports != 0) {
		add_ports(out, &v, LEDGER_KERNEL_DROPS,
		    &v.ports[0].kernel_drops);
		add_ports(out, &v, LEDGER_QUEUE_DROPS, &v.ports[0].queue_drops);
		add_ports(out, &v, LEDGER_UNKNOWN, &v.ports[0].unknown);
	}
	add_gauges(out, &v);
	metrics_more_print(&v.more, out);
	free(v.sources);
	free(v.exporters);
	free(v.ports);
}
