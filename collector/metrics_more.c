/* Repeaters, connections over TCP, and interfaces, for Prometheus. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "collector/interfaces.h"
#include "collector/metrics_private.h"
#include "collector/repeat.h"
#include "collector/traffic.h"
#include "decode/interface.h"
#include "decode/names.h"

struct metrics_repeat {
	char ident[LEDGER_SOURCE_MAX];
	char target[128];
	uint64_t sent, failed;
};

struct metrics_interface {
	struct ledger_line l; /* whose it is */
	uint64_t index;
	char name[NAME_MAX_LEN + 1];
	bool has_flows, has_counters;
	struct traffic flows;
	struct interface counters;
};

/* ---- in the decode thread ------------------------------------------------- */

static void
take_repeat(struct metrics_more *m, const struct source *s)
{
	for (size_t i = 0; s->repeat != NULL && i < s->repeat->n; i++) {
		const struct repeat_target *t = &s->repeat->targets[i];
		m->repeats = mem_realloc(m->repeats, m->n_repeats + 1,
		    sizeof(*m->repeats));
		struct metrics_repeat *r = &m->repeats[m->n_repeats++];
		*r = (struct metrics_repeat){ .sent = atomic_load(&t->sent),
			.failed = atomic_load(&t->failed) };
		(void)snprintf(r->ident, sizeof(r->ident), "%s", s->spec.ident);
		(void)snprintf(r->target, sizeof(r->target), "%s/%u", t->host,
		    t->port);
	}
}

static struct metrics_interface *
add_interface(struct metrics_more *m, const struct sender *x,
    const struct exporter *names, uint64_t index)
{
	struct metrics_interface *i = &m->interfaces[m->n_interfaces++];
	const struct name *name = exporter_name(names, NAME_INTERFACE, index);
	*i = (struct metrics_interface){ .l = { .exporter = x->e.ip,
					     .version = x->e.version,
					     .id = x->e.id,
					     .agent = x->e.agent },
		.index = index };
	(void)snprintf(i->l.source, sizeof(i->l.source), "%s",
	    x->source->spec.ident);
	if (name != NULL)
		memcpy(i->name, name->name, sizeof(i->name));
	return i;
}

/* Both lists are by number; max entries in all. */
static void
take_interfaces(struct metrics_more *m, const struct sender *x, size_t max)
{
	size_t n, k, i = 0, j = 0;
	const struct traffic *flows = traffic_of(x, &n);
	const struct interface *counters = exporter_interfaces(&x->e, &k);
	const struct exporter *names =
	    n + k != 0 ? interfaces_named_by(x) : NULL;
	while ((i < n || j < k) && m->n_interfaces < max) {
		bool a =
		    i < n && (j == k || flows[i].key.id <= counters[j].key.id);
		bool b =
		    j < k && (i == n || counters[j].key.id <= flows[i].key.id);
		struct metrics_interface *to = add_interface(m, x, names,
		    a ? flows[i].key.id : counters[j].key.id);
		to->has_flows = a;
		to->has_counters = b;
		if (a)
			to->flows = flows[i++];
		if (b)
			to->counters = counters[j++];
	}
	m->left_out += n - i + k - j;
}

void
metrics_more_take(struct metrics_more *m, struct decoder *d)
{
	size_t max = d->sources.traffic.max;
	*m = (struct metrics_more){ .has_interfaces = max != 0,
		.left_out_flows = d->sources.traffic.left_out };
	if (max != 0)
		m->interfaces = mem_calloc(max, sizeof(*m->interfaces));
	for (struct source *s = d->sources.first; s != NULL; s = s->next) {
		take_repeat(m, s);
		for (struct sender *x = s->senders; max != 0 && x != NULL;
		     x = x->next_sibling)
			take_interfaces(m, x, max);
	}
	const struct stream_counts *c = d->streams;
	if (c == NULL || atomic_load(&c->accepted) == 0)
		return;
	m->has_streams = true;
	m->connections = atomic_load(&c->connections);
	m->accepted = atomic_load(&c->accepted);
	m->messages = atomic_load(&c->messages);
	m->bytes = atomic_load(&c->bytes);
	for (size_t i = 0; i < STREAM_ENDS; i++)
		m->ended[i] = atomic_load(&c->ended[i]);
}

/* ---- text ----------------------------------------------------------------- */

static void
print_repeats(const struct metrics_more *m, struct buf *out)
{
	static const char *const names[] = { "datagrams", "failed" };
	static const char *const helps[] = {
		"Datagrams sent on to another collector.",
		"Datagrams that could not be sent on."
	};
	for (size_t k = 0; m->n_repeats != 0 && k < 2; k++) {
		metrics_head(out, "repeat", names[k], "_total", helps[k]);
		for (size_t i = 0; i < m->n_repeats; i++) {
			const struct metrics_repeat *r = &m->repeats[i];
			buf_printf(out,
			    "nfsen_repeat_%s_total{source=", names[k]);
			metrics_value(out, r->ident);
			buf_adds(out, ",target=");
			metrics_value(out, r->target);
			buf_printf(out, "} %" PRIu64 "\n",
			    k == 0 ? r->sent : r->failed);
		}
	}
}

static void
print_number(struct buf *out, const char *name, const char *tail,
    const char *help, uint64_t n)
{
	metrics_head(out, "stream", name, tail, help);
	buf_printf(out, "nfsen_stream_%s%s %" PRIu64 "\n", name, tail, n);
}

static void
print_streams(const struct metrics_more *m, struct buf *out)
{
	if (!m->has_streams)
		return;
	print_number(out, "connections", "", "Connections that are open.",
	    m->connections);
	print_number(out, "accepted", "_total", "Connections that came.",
	    m->accepted);
	print_number(out, "messages", "_total", "IPFIX messages over TCP.",
	    m->messages);
	print_number(out, "bytes", "_total", "Bytes over TCP.", m->bytes);
	metrics_head(out, "stream", "ended", "_total",
	    "Connections that ended, and why.");
	for (size_t i = 0; i < STREAM_ENDS; i++)
		buf_printf(out,
		    "nfsen_stream_ended_total{why=\"%s\"} %" PRIu64 "\n",
		    stream_end_name((enum stream_end)i), m->ended[i]);
}

/* One family of interfaces: a number for each way. */
struct family {
	const char *name, *help;
	bool counters; /* of sFlow; else of flows */
	uint64_t (*in)(const struct metrics_interface *i);
	uint64_t (*out)(const struct metrics_interface *i);
};

#define NUMBER(name, value)                                                    \
	static uint64_t name(const struct metrics_interface *i)                \
	{                                                                      \
		return value;                                                  \
	}
NUMBER(flow_in_bytes, i->flows.in_bytes)
NUMBER(flow_out_bytes, i->flows.out_bytes)
NUMBER(flow_in_packets, i->flows.in_packets)
NUMBER(flow_out_packets, i->flows.out_packets)
NUMBER(in_octets, i->counters.in_octets)
NUMBER(out_octets, i->counters.out_octets)
NUMBER(in_packets, (uint64_t)i->counters.in_unicast + i->counters.in_multicast +
		       i->counters.in_broadcast)
NUMBER(out_packets, (uint64_t)i->counters.out_unicast +
			i->counters.out_multicast + i->counters.out_broadcast)
NUMBER(in_errors, i->counters.in_errors)
NUMBER(out_errors, i->counters.out_errors)
NUMBER(in_discards, i->counters.in_discards)
NUMBER(out_discards, i->counters.out_discards)

static const struct family families[] = {
	{ "flow_octets", "Octets of flows through the interface.", false,
	    flow_in_bytes, flow_out_bytes },
	{ "flow_packets", "Packets of flows through the interface.", false,
	    flow_in_packets, flow_out_packets },
	{ "octets", "Octets, as the exporter counts them.", true, in_octets,
	    out_octets },
	{ "packets", "Packets, as the exporter counts them.", true, in_packets,
	    out_packets },
	{ "errors", "Errors, as the exporter counts them.", true, in_errors,
	    out_errors },
	{ "discards", "Discards, as the exporter counts them.", true,
	    in_discards, out_discards },
};

static void
print_interface(const struct metrics_interface *i, const struct family *f,
    bool out_way, struct buf *out)
{
	struct buf labels = BUF_EMPTY;
	buf_printf(&labels, ",index=\"%" PRIu64 "\"", i->index);
	if (i->name[0] != '\0') {
		buf_adds(&labels, ",name=");
		metrics_value(&labels, i->name);
	}
	buf_printf(&labels, ",direction=\"%s\"", out_way ? "out" : "in");
	buf_printf(out, "nfsen_interface_%s_total", f->name);
	metrics_exporter(out, &i->l, buf_str(&labels));
	buf_printf(out, " %" PRIu64 "\n", out_way ? f->out(i) : f->in(i));
	buf_free(&labels);
}

static void
print_family(const struct metrics_more *m, const struct family *f,
    struct buf *out)
{
	bool any = false;
	for (size_t k = 0; k < m->n_interfaces; k++) {
		const struct metrics_interface *i = &m->interfaces[k];
		if (f->counters ? !i->has_counters : !i->has_flows)
			continue;
		if (!any)
			metrics_head(out, "interface", f->name, "_total",
			    f->help);
		any = true;
		print_interface(i, f, false, out);
		print_interface(i, f, true, out);
	}
}

static void
print_interfaces(const struct metrics_more *m, struct buf *out)
{
	for (size_t i = 0; i < sizeof(families) / sizeof(*families); i++)
		print_family(m, &families[i], out);
	if (!m->has_interfaces)
		return;
	metrics_head(out, "collector", "interfaces_unlisted", "",
	    "Interfaces that are not shown here: there are too many.");
	buf_printf(out, "nfsen_collector_interfaces_unlisted %" PRIu64 "\n",
	    m->left_out);
	metrics_head(out, "collector", "interface_flows_unlisted", "_total",
	    "Flows that count for no interface: there are too many.");
	buf_printf(out,
	    "nfsen_collector_interface_flows_unlisted_total %" PRIu64 "\n",
	    m->left_out_flows);
}

void
metrics_more_print(struct metrics_more *m, struct buf *out)
{
	print_repeats(m, out);
	print_streams(m, out);
	print_interfaces(m, out);
	free(m->repeats);
	free(m->interfaces);
	*m = (struct metrics_more){ 0 };
}
