#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "encode.h"
#include "nffile/codec.h"

static _Noreturn void
usage(void)
{
	(void)fputs(
	    "usage: flowgen --to ADDR:PORT | --pcap FILE | --packets FILE\n"
	    "       flowgen --files DIR [--source NAME] [--until EPOCH]\n"
	    "  -v, --version V        NetFlow 1, 5, 7, 9; 10: IPFIX; sflow "
	    "(9)\n"
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
	    "      --files DIR        flow files of slots from --start on; -n "
	    "and\n"
	    "                         -r count for each slot\n"
	    "      --source NAME      folder and ident of the files (flowgen)\n"
	    "      --until EPOCH      end of the slots (one slot)\n"
	    "      --slot S           seconds (300)\n"
	    "      --layout 0..8      of sub-directories (0)\n"
	    "      --codec NAME       none, lzo, lz4, bz2, zstd (lz4)\n"
	    "      --trace FILE       what was sent when, 10 lines a second\n"
	    "      --json             totals as JSON\n"
	    "  -q, --quiet            no totals\n",
	    stderr);
	exit(2);
}

double
options_number(const char *name, const char *text, double min, double max)
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
	OPT_CODEC = 256,
	OPT_DROP,
	OPT_FILES,
	OPT_FROM,
	OPT_HOSTS,
	OPT_JSON,
	OPT_LAYOUT,
	OPT_LIVE,
	OPT_MAX_PACKETS,
	OPT_PACKETS,
	OPT_PCAP,
	OPT_PREBUILD,
	OPT_REPEAT,
	OPT_SLOT,
	OPT_SOURCE,
	OPT_START,
	OPT_DELAY,
	OPT_EVERY,
	OPT_TO,
	OPT_TRACE,
	OPT_UNTIL,
	OPT_V6
};

static const struct option long_options[] = {
	{ "codec", 1, NULL, OPT_CODEC },
	{ "domains", 1, NULL, 'd' },
	{ "drop-every", 1, NULL, OPT_DROP },
	{ "exporters", 1, NULL, 'e' },
	{ "files", 1, NULL, OPT_FILES },
	{ "flows", 1, NULL, 'n' },
	{ "from", 1, NULL, OPT_FROM },
	{ "hosts", 1, NULL, OPT_HOSTS },
	{ "json", 0, NULL, OPT_JSON },
	{ "layout", 1, NULL, OPT_LAYOUT },
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
	{ "slot", 1, NULL, OPT_SLOT },
	{ "source", 1, NULL, OPT_SOURCE },
	{ "start", 1, NULL, OPT_START },
	{ "template-delay", 1, NULL, OPT_DELAY },
	{ "template-every", 1, NULL, OPT_EVERY },
	{ "to", 1, NULL, OPT_TO },
	{ "trace", 1, NULL, OPT_TRACE },
	{ "until", 1, NULL, OPT_UNTIL },
	{ "v6", 1, NULL, OPT_V6 },
	{ "version", 1, NULL, 'v' },
	{ NULL, 0, NULL, 0 },
};

static void
set_traffic_option(struct options *o, int c, const char *name)
{
	switch (c) {
	case 's':
		o->traffic.seed =
		    (uint64_t)options_number(name, optarg, 0, 1e15);
		break;
	case OPT_HOSTS:
		o->traffic.hosts =
		    (unsigned)options_number(name, optarg, 1, 16777215);
		break;
	case OPT_MAX_PACKETS:
		o->traffic.max_packets =
		    (uint64_t)options_number(name, optarg, 2, 1e9);
		break;
	case OPT_V6:
		o->traffic.v6_percent =
		    (unsigned)options_number(name, optarg, 0, 100);
		break;
	default:
		usage();
	}
}

static void
set_files_option(struct options *o, int c, const char *name)
{
	struct err err;
	int level;
	switch (c) {
	case OPT_CODEC:
		if (codec_parse(optarg, &o->files.codec, &level, &err) == 0)
			break;
		(void)fprintf(stderr, "flowgen: --codec: %s\n", err.msg);
		exit(2);
	case OPT_LAYOUT:
		o->files.layout = (int)options_number(name, optarg, 0, 8);
		break;
	case OPT_SLOT:
		o->files.slot = (int64_t)options_number(name, optarg, 1, 86400);
		break;
	case OPT_SOURCE:
		o->files.source = optarg;
		break;
	case OPT_UNTIL:
		o->files.until =
		    (int64_t)options_number(name, optarg, 1e6, 4e9);
		break;
	default:
		set_traffic_option(o, c, name);
		break;
	}
}

static void
set_run_option(struct options *o, int c, const char *name)
{
	struct run_opts *r = &o->run;
	switch (c) {
	case 'd':
		r->domains = (unsigned)options_number(name, optarg, 1, 256);
		break;
	case 'e':
		r->exporters = (size_t)options_number(name, optarg, 1, 10000);
		break;
	case 'n':
		r->flows = (uint64_t)options_number(name, optarg, 1, 1e12);
		break;
	case 'r':
		r->rate = options_number(name, optarg, 0, 1e9);
		break;
	case 't':
		r->seconds = options_number(name, optarg, 0, 1e9);
		break;
	case 'v':
		r->version = strcmp(optarg, "sflow") == 0
				 ? ENCODE_SFLOW
				 : (int)options_number(name, optarg, 1, 10);
		break;
	case OPT_DROP:
		r->drop_every = (unsigned)options_number(name, optarg, 1, 1e9);
		break;
	case OPT_LIVE:
		r->live = true;
		break;
	case OPT_PREBUILD:
		r->prebuild = true;
		break;
	case OPT_REPEAT:
		r->repeat = (unsigned)options_number(name, optarg, 1, 1e6);
		break;
	case OPT_START:
		r->start_ms =
		    (uint64_t)options_number(name, optarg, 1e6, 4e9) * 1000;
		break;
	case OPT_DELAY:
		r->template_delay =
		    (unsigned)options_number(name, optarg, 0, 1e9);
		break;
	case OPT_EVERY:
		r->template_every =
		    (unsigned)options_number(name, optarg, 1, 1e9);
		break;
	default:
		set_files_option(o, c, name);
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
	case OPT_FILES:
		o->files.dir = optarg;
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

static void
complete_files(struct options *o)
{
	struct files_opts *f = &o->files;
	f->from = (int64_t)(o->run.start_ms / 1000);
	if (f->until == 0)
		f->until = f->from + 1;
	f->rate = o->run.rate;
	f->flows = o->run.flows;
	f->live = o->run.live;
	f->version = o->run.version;
	f->exporters = (uint16_t)o->run.exporters;
	f->first = o->first.family != ADDR_NONE ? o->first
						: addr_v4(UINT32_C(0x7f000101));
	if (f->flows == 0 && f->rate <= 0)
		usage();
}

static void
complete_traffic(struct options *o)
{
	bool old = o->run.version < 9;
	o->traffic.as32 = !old;
	if (old)
		o->traffic.v6_percent = 0;
	else if (o->traffic.v6_percent > 100)
		o->traffic.v6_percent = 25;
	if (o->traffic.max_packets == 0)
		o->traffic.max_packets = old ? 1000000 : 4000000;
}

/* What follows from the arguments, and what contradicts itself. */
static void
complete(struct options *o)
{
	struct run_opts *r = &o->run;
	if ((o->to != NULL) + (o->pcap != NULL) + (o->packets != NULL) +
		(o->files.dir != NULL) !=
	    1)
		usage();
	if (r->version != 1 && r->version != 5 && r->version != 7 &&
	    r->version != 9 && r->version != 10 && r->version != ENCODE_SFLOW) {
		(void)fprintf(stderr,
		    "flowgen: --version %d: 1, 5, 7, 9, 10 or sflow\n",
		    r->version);
		exit(2);
	}
	r->simulated = o->pcap != NULL;
	if (r->start_ms == 0)
		r->start_ms = (uint64_t)time(NULL) * 1000;
	if (r->simulated && r->rate <= 0)
		r->rate = 1000;
	if (r->flows == 0 && (r->prebuild || o->packets != NULL ||
				 (r->simulated && r->seconds <= 0)))
		usage();
	complete_traffic(o);
	if (o->files.dir != NULL)
		complete_files(o);
}

void
options_parse(int argc, char **argv, struct options *o)
{
	int c;
	*o = (struct options){
		.run = { .version = 9,
		    .exporters = 1,
		    .domains = 1,
		    .repeat = 1,
		    .template_every = 20 },
		.traffic = { .seed = 1, .hosts = 20000, .v6_percent = 101 },
		.files = { .source = "flowgen",
		    .slot = 300,
		    .codec = CODEC_LZ4 },
	};
	while ((c = getopt_long(argc, argv, "d:e:n:qr:s:t:v:", long_options,
		    NULL)) != -1)
		set_option(o, c, option_name(c));
	if (optind != argc)
		usage();
	complete(o);
}
