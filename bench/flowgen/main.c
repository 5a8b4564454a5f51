/*
 * flowgen: an exporter simulator.  Deterministic traffic by seed, as NetFlow
 * v5, v9 or IPFIX over UDP or in a capture, with exact totals at the end.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "packets.h"
#include "run.h"

static volatile sig_atomic_t stop;

struct options {
	struct run_opts run;
	struct traffic_opts traffic;
	const char *to;
	const char *pcap;
	const char *packets;
	const char *trace;
	struct addr first; /* source address of the first exporter */
	bool json;
	bool quiet;
};

static void
usage(void)
{
	(void)fputs(
	    "usage: flowgen --to ADDR:PORT | --pcap FILE | --packets FILE\n"
	    "  -v, --version 5|9|10   NetFlow v5, v9, IPFIX (9)\n"
	    "  -n, --flows N          stop after N flows\n"
	    "  -t, --seconds S        stop after S seconds\n"
	    "  -r, --rate R           flows per second (0: no pace)\n"
	    "      --live             the rate follows a day's curve\n"
	    "  -e, --exporters N      each from its own address (1)\n"
	    "      --from ADDR        address of the first (127.0.1.1)\n"
	    "  -d, --domains N        observation domains per exporter (1)\n"
	    "  -s, --seed N           other traffic (1)\n"
	    "      --hosts N          servers (20000)\n"
	    "      --v6 PERCENT       IPv6 flows (25, v5: 0)\n"
	    "      --max-packets N    of one flow (4000000, v5: 1000000)\n"
	    "      --template-every N datagrams between templates (20)\n"
	    "      --template-delay N datagrams before the first template\n"
	    "      --drop-every N     leave out each N-th datagram\n"
	    "      --prebuild         build all datagrams first\n"
	    "      --repeat N         send the prebuilt datagrams N times\n"
	    "      --start EPOCH      time in captures (now)\n"
	    "      --trace FILE       what was sent when, 10 lines a second\n"
	    "      --json             totals as JSON\n"
	    "  -q, --quiet            no totals\n",
	    stderr);
	exit(2);
}

static _Noreturn void
die(const struct err *err)
{
	(void)fprintf(stderr, "flowgen: %s\n", err->msg);
	exit(1);
}

static double
number(const char *name, const char *text, double min, double max)
{
	char *end;
	double v = strtod(text, &end);
	if (end != text && *end == '\0' && v >= min && v <= max)
		return v;
	(void)fprintf(stderr,
	    "flowgen: --%s %s: a number from %.0f to %.0f is "
	    "expected\n",
	    name, text, min, max);
	exit(2);
}

/* Long options in alphabetical order; those with a letter return it. */
enum {
	OPT_DROP = 256,
	OPT_FROM,
	OPT_HOSTS,
	OPT_JSON,
	OPT_LIVE,
	OPT_MAX_PACKETS,
	OPT_PACKETS,
	OPT_PCAP,
	OPT_PREBUILD,
	OPT_REPEAT,
	OPT_START,
	OPT_DELAY,
	OPT_EVERY,
	OPT_TO,
	OPT_TRACE,
	OPT_V6
};

static const struct option long_options[] = {
	{ "domains", 1, NULL, 'd' },
	{ "drop-every", 1, NULL, OPT_DROP },
	{ "exporters", 1, NULL, 'e' },
	{ "flows", 1, NULL, 'n' },
	{ "from", 1, NULL, OPT_FROM },
	{ "hosts", 1, NULL, OPT_HOSTS },
	{ "json", 0, NULL, OPT_JSON },
	{ "live", 0, NULL, OPT_LIVE },
	{ "max-packets", 1, NULL, OPT_MAX_PACKETS },
	{ "packets", 1, NULL, OPT_PACKETS },
	{ "pcap", 1, NULL, OPT_PCAP },
	{ "prebuild", 0, NULL, OPT_PREBUILD },
	{ "quiet", 0, NULL, 'q' },
	{ "rate", 1, NULL, 'r' },
	{ "repeat", 1, NULL, OPT_REPEAT },
	{ "seconds", 1, NULL, 't' },
	{ "seed", 1, NULL, 's' },
	{ "start", 1, NULL, OPT_START },
	{ "template-delay", 1, NULL, OPT_DELAY },
	{ "template-every", 1, NULL, OPT_EVERY },
	{ "to", 1, NULL, OPT_TO },
	{ "trace", 1, NULL, OPT_TRACE },
	{ "v6", 1, NULL, OPT_V6 },
	{ "version", 1, NULL, 'v' },
	{ NULL, 0, NULL, 0 },
};

static void
set_traffic_option(struct options *o, int c, const char *name)
{
	switch (c) {
	case 's':
		o->traffic.seed = (uint64_t)number(name, optarg, 0, 1e15);
		break;
	case OPT_HOSTS:
		o->traffic.hosts = (unsigned)number(name, optarg, 1, 16777215);
		break;
	case OPT_MAX_PACKETS:
		o->traffic.max_packets = (uint64_t)number(name, optarg, 2, 1e9);
		break;
	case OPT_V6:
		o->traffic.v6_percent = (unsigned)number(name, optarg, 0, 100);
		break;
	default:
		usage();
	}
}

static void
set_run_option(struct options *o, int c, const char *name)
{
	struct run_opts *r = &o->run;
	switch (c) {
	case 'd':
		r->domains = (unsigned)number(name, optarg, 1, 256);
		break;
	case 'e':
		r->exporters = (size_t)number(name, optarg, 1, 10000);
		break;
	case 'n':
		r->flows = (uint64_t)number(name, optarg, 1, 1e12);
		break;
	case 'r':
		r->rate = number(name, optarg, 0, 1e9);
		break;
	case 't':
		r->seconds = number(name, optarg, 0, 1e9);
		break;
	case 'v':
		r->version = (int)number(name, optarg, 5, 10);
		break;
	case OPT_DROP:
		r->drop_every = (unsigned)number(name, optarg, 1, 1e9);
		break;
	case OPT_LIVE:
		r->live = true;
		break;
	case OPT_PREBUILD:
		r->prebuild = true;
		break;
	case OPT_REPEAT:
		r->repeat = (unsigned)number(name, optarg, 1, 1e6);
		break;
	case OPT_START:
		r->start_ms = (uint64_t)number(name, optarg, 1e6, 4e9) * 1000;
		break;
	case OPT_DELAY:
		r->template_delay = (unsigned)number(name, optarg, 0, 1e9);
		break;
	case OPT_EVERY:
		r->template_every = (unsigned)number(name, optarg, 1, 1e9);
		break;
	default:
		set_traffic_option(o, c, name);
		break;
	}
}

static void
set_option(struct options *o, int c, const char *name)
{
	switch (c) {
	case 'q':
		o->quiet = true;
		break;
	case OPT_JSON:
		o->json = true;
		break;
	case OPT_FROM:
		if (!addr_parse(optarg, &o->first)) {
			(void)fprintf(stderr,
			    "flowgen: --from %s: no address\n", optarg);
			exit(2);
		}
		break;
	case OPT_PACKETS:
		o->packets = optarg;
		break;
	case OPT_PCAP:
		o->pcap = optarg;
		break;
	case OPT_TO:
		o->to = optarg;
		break;
	case OPT_TRACE:
		o->trace = optarg;
		break;
	default:
		set_run_option(o, c, name);
		break;
	}
}

static const char *
option_name(int c)
{
	for (const struct option *l = long_options; l->name != NULL; l++)
		if (l->val == c)
			return l->name;
	return "?";
}

/* What follows from the version, where nothing else was said. */
static void
complete(struct options *o)
{
	int v = o->run.version;
	if (v != 5 && v != 9 && v != 10) {
		(void)fprintf(stderr, "flowgen: --version %d: 5, 9 or 10\n", v);
		exit(2);
	}
	o->run.simulated = o->pcap != NULL;
	if (o->run.start_ms == 0)
		o->run.start_ms = (uint64_t)time(NULL) * 1000;
	if (o->run.simulated && o->run.rate <= 0)
		o->run.rate = 1000;
	if (v == 5)
		o->traffic.v6_percent = 0;
	else if (o->traffic.v6_percent > 100)
		o->traffic.v6_percent = 25;
	if (o->traffic.max_packets == 0)
		o->traffic.max_packets = v == 5 ? 1000000 : 4000000;
	o->traffic.as32 = v != 5;
	if (o->run.flows == 0 && (o->run.prebuild || o->packets != NULL ||
				     (o->run.simulated && o->run.seconds <= 0)))
		usage();
}

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
	s->port = (uint16_t)number("to", colon + 1, 1, 65535);
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

static void
on_signal(int sig)
{
	(void)sig;
	stop = 1;
}

int
main(int argc, char **argv)
{
	struct options o = {
		.run = { .version = 9,
		    .exporters = 1,
		    .domains = 1,
		    .repeat = 1,
		    .template_every = 20,
		    .stop = &stop },
		.traffic = { .seed = 1, .hosts = 20000, .v6_percent = 101 },
	};
	struct sigaction sa = { .sa_handler = on_signal };
	struct err err;
	int c, rc;

	while ((c = getopt_long(argc, argv, "d:e:n:qr:s:t:v:", long_options,
		    NULL)) != -1)
		set_option(&o, c, option_name(c));
	if (optind != argc ||
	    (o.to != NULL) + (o.pcap != NULL) + (o.packets != NULL) != 1)
		usage();
	complete(&o);
	(void)sigaction(SIGINT, &sa, NULL);
	(void)sigaction(SIGTERM, &sa, NULL);
	if (o.packets != NULL)
		rc = packets_write(o.packets, &o.traffic, o.run.flows,
		    o.run.start_ms, &err);
	else
		rc = export_flows(&o, &err);
	if (rc == -1)
		die(&err);
	return 0;
}
