/* nfreplay's command line. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "query/replay.h"
#include "query/tool.h"

#define OPT_RATE     256
#define OPT_MTU      257
#define OPT_PORT     258
#define OPT_TEMPLATE 259

const char replay_usage[] =
    "usage: nfreplay [options] [filter]\n"
    "  -H HOST      send to this host (127.0.0.1); -i is the same\n"
    "  -p PORT      to this port (9995)\n"
    "  -v 5|9|10    NetFlow v5, v9 or IPFIX (9)\n"
    "  -4 -6        IPv4, IPv6 alone\n"
    "  -j GROUP     send to a multicast group\n"
    "  -S ADDR, --source-port N   send from here\n"
    "  -r -R -M -t -f -G   as nfsen-query takes them: which flows\n"
    "  -c N         stop after N flows\n"
    "  -d USEC      wait so long for each flow (1; 0: do not wait)\n"
    "      --rate N flows a second, in place of -d\n"
    "  -z FACTOR    as they were recorded, FACTOR times as fast\n"
    "  -b BYTES     send buffer\n"
    "      --mtu N  bytes of a packet (1500)\n"
    "      --templates N   announce them again after N datagrams (20)\n"
    "  -q           say nothing of what went well\n"
    "  -V -h        version; this text\n";

/* "-X" or "-Xvalue" for the query's own parser. */
static int
pass_on(struct replay *r, const char *option, char *arg, struct err *err)
{
	static char names[][3] = { "-r", "-R", "-M", "-t", "-f", "-c", "-G" };
	if (r->n_query + 2 > REPLAY_QUERY)
		return err_set(err, "too many options");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i][1] != option[0])
			continue;
		r->query[r->n_query++] = names[i];
		r->query[r->n_query++] = arg;
	}
	return 0;
}

static int
set_version(struct replay *r, const char *arg, struct err *err)
{
	static const struct {
		const char *text;
		int version;
	} versions[] = { { "5", 5 }, { "9", 9 }, { "10", 10 },
		{ "ipfix", 10 } };
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		if (strcmp(arg, versions[i].text) == 0) {
			r->encode.version = versions[i].version;
			return 0;
		}
	}
	return err_set(err,
	    "option -v: '%s': flows are sent as 5, 9 or 10 (IPFIX)", arg);
}

/* A number above 0, with a fraction. */
static int
set_factor(char option, const char *arg, double *v, struct err *err)
{
	char *end;
	*v = strtod(arg, &end);
	if (arg[0] >= '0' && arg[0] <= '9' && *end == '\0' && *v > 0 &&
	    *v < 1e12)
		return 0;
	return err_set(err, "option -%c: '%s' is no number above 0", option,
	    arg);
}

static int
set_delay(struct replay *r, const char *arg, struct err *err)
{
	uint64_t us;
	if (tool_number('d', arg, 0, 1000000000, &us, err) == -1)
		return -1;
	r->per_flow_ns = 1000.0 * (double)us;
	return 0;
}

static int
set_rate(struct replay *r, const char *arg, struct err *err)
{
	char *end;
	double rate = strtod(arg, &end);
	if (arg[0] < '0' || arg[0] > '9' || *end != '\0' || !(rate > 0) ||
	    rate > 1e9)
		return err_set(err,
		    "option --rate: '%s' is no number of flows a second", arg);
	r->per_flow_ns = 1e9 / rate;
	return 0;
}

static int
set_number(struct replay *r, int c, const char *arg, struct err *err)
{
	uint64_t n;
	switch (c) {
	case 'b':
		if (tool_number('b', arg, 1, 1 << 30, &n, err) == -1)
			return -1;
		r->to.buffer = (int)n;
		return 0;
	case OPT_MTU:
		return tool_number_named("--mtu", arg, 576, 65535, &r->mtu,
		    err);
	case OPT_PORT:
		if (tool_number_named("--source-port", arg, 1, 65535, &n,
			err) == -1)
			return -1;
		r->to.source_port = (uint16_t)n;
		return 0;
	default:
		if (tool_number_named("--templates", arg, 1, 1000000, &n,
			err) == -1)
			return -1;
		r->encode.template_every = (unsigned)n;
		return 0;
	}
}

static int
set_target(struct replay *r, int c, const char *arg)
{
	switch (c) {
	case 'H':
	case 'i':
		r->to.host = arg;
		break;
	case 'j':
		r->to.host = arg;
		r->to.multicast = true;
		break;
	case 'p':
		r->to.port = arg;
		break;
	case 'S':
		r->to.source = arg;
		break;
	case '4':
		r->to.family = AF_INET;
		break;
	case '6':
		r->to.family = AF_INET6;
		break;
	case 'q':
		r->quiet = true;
		break;
	case 'V':
		r->version = true;
		break;
	default:
		r->help = true;
		break;
	}
	return 0;
}

static int
set_option(struct replay *r, int c, char *arg, struct err *err)
{
	char option[2] = { (char)c, '\0' };
	switch (c) {
	case 'r':
	case 'R':
	case 'M':
	case 't':
	case 'f':
	case 'c':
	case 'G':
		return pass_on(r, option, arg, err);
	case 'v':
		return set_version(r, arg, err);
	case 'z':
		return set_factor('z', arg, &r->factor, err);
	case 'd':
		return set_delay(r, arg, err);
	case OPT_RATE:
		return set_rate(r, arg, err);
	case 'b':
	case OPT_MTU:
	case OPT_PORT:
	case OPT_TEMPLATE:
		return set_number(r, c, arg, err);
	default:
		return set_target(r, c, arg);
	}
}

#define LETTERS ":46H:i:p:v:j:S:r:R:M:t:f:c:G:d:z:b:qVh"

static int
parse_letters(struct replay *r, int argc, char **argv, struct err *err)
{
	static const struct option names[] = {
		{ "rate", required_argument, NULL, OPT_RATE },
		{ "mtu", required_argument, NULL, OPT_MTU },
		{ "source-port", required_argument, NULL, OPT_PORT },
		{ "templates", required_argument, NULL, OPT_TEMPLATE },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;
	optind = 1;
	opterr = 0;
	while ((c = getopt_long(argc, argv, LETTERS, names, NULL)) != -1) {
		if (c == ':' || c == '?')
			return tool_bad_option(c, argv, err);
		if (set_option(r, c, optarg, err) == -1)
			return -1;
	}
	return 0;
}

/* Files, window and filter are a query's, that shows nothing. */
static int
parse_query(struct replay *r, char **words, int *status, struct err *err)
{
	static char quiet[] = "-q", format[] = "-onull", end[] = "--";
	int n = r->n_query;
	size_t more = 0;
	while (words[more] != NULL)
		more++;
	char **argv =
	    arena_array(&r->q->arena, (size_t)n + more + 5, sizeof(*argv));
	memcpy(argv, r->query, (size_t)n * sizeof(*argv));
	argv[n++] = quiet;
	argv[n++] = format;
	argv[n++] = end;
	memcpy(argv + n, words, more * sizeof(*argv));
	argv[n + (int)more] = NULL;
	struct arena args = r->q->arena;
	int rc = options_parse(r->q, n + (int)more, argv, status, err);
	arena_free(&args);
	return rc;
}

int
replay_options(struct replay *r, int argc, char **argv, int *status,
    struct err *err)
{
	*status = TOOL_FAILED;
	if (parse_letters(r, argc, argv, err) == -1)
		return -1;
	if (r->help || r->version)
		return 0;
	return parse_query(r, argv + optind, status, err);
}
