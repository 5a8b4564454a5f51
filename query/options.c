#include "query/options.h"

#include <getopt.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "query/geodb.h"
#include "query/window.h"

#define OPT_CONFIG 256
#define OPT_CHECK  257

/* How far from its own time, in seconds, a flow may have been filed. */
#define FILED_LATE 86400

const char options_usage[] =
    "usage: nfsen-query [options] [filter]\n"
    "  -r PATH      one file, or all files of a folder\n"
    "  -R PATH      a folder with all below, DIR/FILE and all later files,\n"
    "               DIR/FILE1:FILE2\n"
    "  -M DIR/A:B   the files of -r or -R in several sources; DIR/@: in all\n"
    "  -t WINDOW    yyyy/mm/dd.hh:mm:ss[-yyyy/mm/dd.hh:mm:ss]\n"
    "  -f FILE      read the filter from FILE\n"
    "  -G FILES     MaxMind databases for the filter, ':' between; none\n"
    "  -c N         stop after N matching flows\n"
    "  -a           aggregate flows with equal protocol, addresses, ports\n"
    "  -A LIST      aggregate by these: srcip4/24,dstport\n"
    "  -s STAT[:p][/ORDER..]   top N of record, ip, srcip, dstport, proto, ..\n"
    "  -n N         number of lines in tables, 0: all\n"
    "  -O ORDER     sort by tstart, tend, flows, packets, bytes, pps, bps, ..\n"
    "  -o MODE      line, long, extended, biline, bilong, each also with 6;\n"
    "               csv, json, pipe, null, fmt:%ts..\n"
    "  -6 -N -T     full IPv6 addresses; plain numbers; tags on addresses\n"
    "  -q           neither headings nor footer\n"
    "  -I           sums from the files' own statistics\n"
    "  -Z -X        check the filter; print it in normal form\n"
    "  --config FILE, --check   the configuration; check it\n"
    "  -V -h        version; this text\n";

/* ---- single arguments ---------------------------------------------------------- */

static int
parse_count(const char *text, uint64_t least, uint64_t *n)
{
	char *end;
	if (text[0] < '0' || text[0] > '9')
		return -1;
	*n = strtoull(text, &end, 10);
	return *end == '\0' && *n >= least ? 0 : -1;
}

static int
set_limit(struct options *o, const char *text, struct err *err)
{
	if (parse_count(text, 1, &o->limit) == -1)
		return err_set(err, "Option -c needs a number > 0");
	return 0;
}

static int
set_top(struct options *o, const char *text, struct err *err)
{
	uint64_t n;
	if (parse_count(text, 0, &n) == -1)
		return err_set(err, "Option -n needs a number, not '%s'", text);
	o->top = (size_t)n;
	o->top_given = true;
	return 0;
}

static int
set_order(struct options *o, const char *text, struct err *err)
{
	o->order = order_parse(text, strlen(text));
	if (o->order == -1)
		return err_set(err, "Unknown print order '%s'", text);
	return 0;
}

static int
set_mask(struct options *o, const char *text, struct err *err)
{
	o->aggregate = o->masked = true;
	return agg_parse(&o->agg, text, err);
}

static int
add_stat(struct options *o, const char *text, struct err *err)
{
	struct stat s;
	uint32_t orders;
	int r = stat_parse(&s, text, &orders, err);
	if (r == 1)
		o->record_orders |= orders;
	if (r != 0)
		return r == 1 ? 0 : -1;
	if (o->n_stats == STAT_MAX)
		return err_set(err, "More than %d element statistics",
		    STAT_MAX);
	o->stats[o->n_stats++] = s;
	return 0;
}

static int
set_window(struct options *o, const char *text, struct err *err)
{
	return window_parse(text, &o->from_ms, &o->to_ms, err);
}

/* ---- the letters ---------------------------------------------------------------- */

static void
set_flag(struct options *o, int c)
{
	switch (c) {
	case 'a':
		o->aggregate = true;
		break;
	case 'q':
		o->quiet = true;
		break;
	case 'N':
		o->format.plain = true;
		break;
	case '6':
		o->format.wide6 = true;
		break;
	case 'T':
		o->format.tag = true;
		break;
	case 'm':
		o->order = ORDER_TSTART;
		break;
	default:
		break;
	}
}

static bool
set_action(struct options *o, int c)
{
	static const struct {
		int c;
		enum action action;
	} actions[] = {
		{ 'V', ACTION_VERSION },
		{ 'h', ACTION_USAGE },
		{ 'Z', ACTION_CHECK_FILTER },
		{ 'X', ACTION_DUMP_FILTER },
		{ 'I', ACTION_INFO },
		{ OPT_CHECK, ACTION_CHECK_CONFIG },
	};
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (actions[i].c == c) {
			o->action = actions[i].action;
			return true;
		}
	}
	return false;
}

static int
set_text(struct options *o, int c, const char *arg, struct err *err)
{
	switch (c) {
	case 'r':
		o->files.r = arg;
		return 0;
	case 'R':
		o->files.R = arg;
		return 0;
	case 'M':
		o->files.M = arg;
		return 0;
	case 'f':
		o->filter_file = arg;
		return 0;
	case 'G':
		o->geo = arg;
		return 0;
	case 'o':
		o->mode = arg;
		return 0;
	case OPT_CONFIG:
		o->config = arg;
		return 0;
	case 'c':
		return set_limit(o, arg, err);
	case 'n':
		return set_top(o, arg, err);
	case 'O':
		return set_order(o, arg, err);
	case 'A':
		return set_mask(o, arg, err);
	case 's':
		return add_stat(o, arg, err);
	case 't':
		return set_window(o, arg, err);
	default:
		return 0;
	}
}

#define LETTERS "6aA:c:f:G:hImM:n:No:O:qr:R:s:t:TVXZ"

static int
parse_letters(struct options *o, int argc, char **argv, struct err *err)
{
	static const struct option names[] = {
		{ "config", required_argument, NULL, OPT_CONFIG },
		{ "check", no_argument, NULL, OPT_CHECK },
		{ NULL, 0, NULL, 0 },
	};
	int c;
	optind = 1;
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":" LETTERS, names, NULL)) != -1) {
		if (c == ':')
			return err_set(err, "option '%s' needs an argument",
			    argv[optind - 1]);
		if (c == '?')
			return err_set(err,
			    "unknown option '%s' (-h shows "
			    "them all)",
			    argv[optind - 1]);
		if (optarg != NULL && set_text(o, c, optarg, err) == -1)
			return -1;
		if (optarg == NULL && !set_action(o, c))
			set_flag(o, c);
	}
	return 0;
}

/* ---- what follows from them ------------------------------------------------------ */

/* Every address of the name; the command line may ask the resolver. */
static size_t
resolve(void *arg, const char *name, struct addr *a, size_t max)
{
	struct addrinfo hints = { .ai_socktype = SOCK_DGRAM }, *list;
	size_t n = 0;
	uint16_t port;
	(void)arg;
	if (getaddrinfo(name, NULL, &hints, &list) != 0)
		return 0;
	for (const struct addrinfo *i = list; i != NULL && n < max;
	     i = i->ai_next)
		n += addr_from_sockaddr(i->ai_addr, &a[n], &port);
	freeaddrinfo(list);
	return n;
}

static int
filter_failed(const struct filter_error *fe, int *status, struct err *err)
{
	struct buf why = BUF_EMPTY;
	filter_error_explain(fe, &why);
	*status = fe->unreadable ? EXIT_INCLUDE : EXIT_FILTER;
	(void)err_set(err, "%.*s", (int)why.len - 1, buf_str(&why));
	buf_free(&why);
	return -1;
}

/* Files are looked for beside the filter's own, or here. */
static int
compile_filter(struct options *o, const struct buf *text, int *status,
    struct err *err)
{
	struct filter_error fe;
	char dir[FILE_PATH_MAX];
	const char *slash =
	    o->filter_file != NULL ? strrchr(o->filter_file, '/') : NULL;
	(void)snprintf(dir, sizeof(dir), "%.*s",
	    slash != NULL ? (int)(slash - o->filter_file) + 1 : 1,
	    slash != NULL ? o->filter_file : ".");
	struct filter_options options = { .name = o->filter_file,
		.dir = dir,
		.anywhere = true,
		.named = dir,
		.resolve = resolve };
	if (geodb_open(o->geo, o->config, &options.geo, err) == -1)
		return -1;
	o->filter = filter_parse_with(buf_str(text), text->len, &options, &fe);
	geo_free(options.geo);
	return o->filter != NULL ? 0 : filter_failed(&fe, status, err);
}

/* From -f, or the remaining arguments joined by blanks. */
static int
take_filter(struct options *o, char **words, int *status, struct err *err)
{
	struct buf text = BUF_EMPTY;
	int r = 0;
	if (o->filter_file != NULL && *words != NULL)
		return err_set(err, "filter given twice: -f %s and '%s'",
		    o->filter_file, *words);
	if (o->filter_file != NULL)
		r = file_read(o->filter_file, FILTER_TEXT_MAX, &text, err);
	for (; *words != NULL; words++)
		buf_printf(&text, "%s%s", text.len != 0 ? " " : "", *words);
	if (r == 0 && text.len != 0)
		r = compile_filter(o, &text, status, err);
	buf_free(&text);
	return r;
}

static int
take_format(struct options *o, struct err *err)
{
	struct buf automatic = BUF_EMPTY;
	int r;
	if (o->mode == NULL && o->masked) {
		agg_format(&o->agg, &automatic);
		r = fmt_compile(&o->format, buf_str(&automatic), &o->arena,
		    err);
	} else {
		r = format_parse(&o->format, o->mode != NULL ? o->mode : "line",
		    &o->arena, err);
	}
	buf_free(&automatic);
	if (r == 0 && o->n_stats != 0 && o->format.mode == MODE_JSON)
		return err_set(err, "-s has no json output yet, use csv");
	return r;
}

static int
settle(struct options *o, char **words, int *status, struct err *err)
{
	bool stats = o->n_stats != 0 || o->record_orders != 0;
	if (o->record_orders != 0)
		o->aggregate = true;
	else if (o->n_stats != 0)
		o->aggregate = false;
	if (o->aggregate && !o->masked)
		agg_default(&o->agg);
	if (stats && !o->top_given)
		o->top = 10;
	if (take_format(o, err) == -1)
		return -1;
	if (o->action == ACTION_QUERY && o->files.r == NULL &&
	    o->files.R == NULL)
		return err_set(err,
		    o->files.M != NULL
			? "-M needs either -r or -R to specify the file or "
			  "file "
			  "list. Add '-R .' for all files in the directories."
			: "no input: -r or -R names files (-h shows all "
			  "options)");
	o->files.with_open = true;
	if (o->from_ms / 1000 > FILED_LATE)
		o->files.from = (int64_t)(o->from_ms / 1000) - FILED_LATE;
	if (o->to_ms != 0)
		o->files.to = (int64_t)(o->to_ms / 1000) + FILED_LATE;
	return take_filter(o, words, status, err);
}

int
options_parse(struct options *o, int argc, char **argv, int *status,
    struct err *err)
{
	*o = (struct options){ .order = -1 };
	*status = EXIT_ARGS;
	if (parse_letters(o, argc, argv, err) == -1)
		return -1;
	if (o->action == ACTION_VERSION || o->action == ACTION_USAGE ||
	    o->action == ACTION_CHECK_CONFIG)
		return 0;
	return settle(o, argv + optind, status, err);
}

void
options_free(struct options *o)
{
	agg_free(&o->agg);
	for (size_t i = 0; i < o->n_stats; i++)
		stat_free(&o->stats[i]);
	filter_free(o->filter);
	arena_free(&o->arena);
}
