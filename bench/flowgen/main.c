/*
 * flowgen: an exporter simulator.  Deterministic traffic by seed, as NetFlow
 * v5, v9 or IPFIX over UDP or in a capture, as packets in a capture, or as
 * flow files, with exact totals at the end.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "options.h"
#include "packets.h"

static volatile sig_atomic_t stop;

/* "127.0.0.1:9995" or "[::1]:9995". */
static int
parse_target(const char *text, struct sink *s, struct err *err)
{
	char host[ADDR_STRLEN];
	const char *colon = strrchr(text, ':');
	bool bracket = text[0] == '[';
	size_t n = colon != NULL ? (size_t)(colon - text) : 0;
	if (bracket && n > 2 && text[n - 1] == ']') {
		text++;
		n -= 2;
	}
	if (n == 0 || n >= sizeof(host))
		return err_set(err, "--to %s: ADDR:PORT is expected", text);
	memcpy(host, text, n);
	host[n] = '\0';
	if (!addr_parse(host, &s->to))
		return err_set(err, "--to %s: no address", host);
	s->port = (uint16_t)options_number("to", colon + 1, 1, 65535);
	return 0;
}

/* Consecutive addresses; every one of ::1's exporters is ::1 itself. */
static void
name_exporters(const struct options *o, struct sink *s, struct totals *t)
{
	struct addr a = o->first;
	if (a.family == ADDR_NONE)
		a = s->to.family == ADDR_V6 ? addr_v6(0, 1)
					    : addr_v4(UINT32_C(0x7f000101));
	bool same = a.family == ADDR_V6 && a.hi == 0 && a.lo == 1;
	s->n = t->n = o->run.exporters;
	s->from = mem_calloc(s->n, sizeof(*s->from));
	t->exporters = mem_calloc(t->n, sizeof(*t->exporters));
	for (size_t i = 0; i < s->n; i++) {
		s->from[i] = a;
		(void)addr_str(&a, t->exporters[i].name);
		if (!same)
			a.lo++;
	}
}

static int
export_flows(struct options *o, struct err *err)
{
	struct sink s = { .to = addr_v4(UINT32_C(0x7f000001)), .port = 9995 };
	struct totals t = { 0 };
	if (o->to != NULL && parse_target(o->to, &s, err) == -1)
		return -1;
	name_exporters(o, &s, &t);
	if (o->trace != NULL && (o->run.trace = fopen(o->trace, "we")) == NULL)
		return err_set(err, "%s: %s", o->trace, strerror(errno));
	if ((o->pcap != NULL ? sink_open_pcap(&s, o->pcap, err)
			     : sink_open_udp(&s, err)) == -1)
		return -1;
	int rc = run_export(&o->run, &o->traffic, &s, &t, err);
	if (!o->quiet)
		totals_print(&t, o->json, stdout);
	if (sink_close(&s, rc == 0 ? err : NULL) == -1)
		rc = -1;
	if (o->run.trace != NULL)
		(void)fclose(o->run.trace);
	free(s.from);
	free(t.exporters);
	return rc;
}

static int
write_files(const struct options *o, struct err *err)
{
	struct totals t = { .n = 1 };
	t.exporters = mem_calloc(1, sizeof(*t.exporters));
	(void)snprintf(t.exporters[0].name, sizeof(t.exporters[0].name), "%s",
	    o->files.source);
	int rc = files_write(&o->files, &o->traffic, &t, err);
	if (rc == 0 && !o->quiet)
		totals_print(&t, o->json, stdout);
	free(t.exporters);
	return rc;
}

static void
on_signal(int sig)
{
	(void)sig;
	stop = 1;
}

int
main(int argc, char **argv)
{
	struct sigaction sa = { .sa_handler = on_signal };
	struct options o;
	struct err err;
	int rc;

	options_parse(argc, argv, &o);
	o.run.stop = &stop;
	(void)sigaction(SIGINT, &sa, NULL);
	(void)sigaction(SIGTERM, &sa, NULL);
	if (o.packets != NULL)
		rc = packets_write(o.packets, &o.traffic, o.run.flows,
		    o.run.start_ms, &err);
	else if (o.files.dir != NULL)
		rc = write_files(&o, &err);
	else
		rc = export_flows(&o, &err);
	if (rc == 0)
		return 0;
	(void)fprintf(stderr, "flowgen: %s\n", err.msg);
	return 1;
}
