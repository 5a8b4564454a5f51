/* options: what follows from the letters. */
#include "query/options.h"

#include <getopt.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "query/fmt.h"
#include "query/fmtconf.h"
#include "query/geodb.h"
#include "query/input.h"

/* How far from its own time, in seconds, a flow may have been filed. */
#define FILED_LATE 86400

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
compile_filter(struct options *o, const struct buf *text, struct filter **f,
    int *status, struct err *err)
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
	*f = filter_parse_with(buf_str(text), text->len, &options, &fe);
	geo_free(options.geo);
	return *f != NULL ? 0 : filter_failed(&fe, status, err);
}

/* From -f, or the remaining arguments joined by blanks; and -P's. */
static int
take_filters(struct options *o, char **words, int *status, struct err *err)
{
	struct buf text = BUF_EMPTY, post = BUF_EMPTY;
	int r = 0;
	if (o->filter_file != NULL && *words != NULL)
		return err_set(err, "filter given twice: -f %s and '%s'",
		    o->filter_file, *words);
	if (o->filter_file != NULL)
		r = file_read(o->filter_file, FILTER_TEXT_MAX, &text, err);
	for (; *words != NULL; words++)
		buf_printf(&text, "%s%s", text.len != 0 ? " " : "", *words);
	bool behind = o->post_text != NULL && !o->aggregate;
	if (behind && text.len != 0)
		buf_printf(&post, "(%s\n) and (%s\n)", buf_str(&text),
		    o->post_text);
	/* Without groups there is one filter; a mistake is the user's own. */
	if (r == 0 && text.len != 0)
		r = compile_filter(o, &text, &o->filter, status, err);
	if (r == 0 && o->post_text != NULL) {
		if (post.len == 0)
			buf_adds(&post, o->post_text);
		r = compile_filter(o, &post, &o->post, status, err);
	}
	if (r == 0 && behind) {
		filter_free(o->filter);
		o->filter = o->post;
		o->post = NULL;
	}
	buf_free(&post);
	buf_free(&text);
	return r;
}

/* -G is for countries, also in what is printed. */
static const char *
mode_of(const struct options *o, const struct fmtconf *c)
{
	if (o->mode != NULL)
		return o->mode;
	if (o->ways != ONE_WAY && o->aggregate)
		return "biline";
	if (o->geo != NULL && strcmp(o->geo, "none") != 0)
		return "gline";
	return c->format != NULL ? c->format : "line";
}

static int
take_format(struct options *o, struct err *err)
{
	struct buf automatic = BUF_EMPTY;
	struct fmtconf c = { 0 };
	int r;
	if (fmtconf_read(o->formats != NULL ? o->formats : getenv("NFCONF"),
		&o->arena, &c, err) == -1)
		return -1;
	o->format.user = c.list;
	if (o->mode == NULL && o->masked) {
		agg_format(&o->agg, &automatic);
		r = fmt_compile(&o->format, buf_str(&automatic), &o->arena,
		    err);
	} else {
		r = format_parse(&o->format, mode_of(o, &c), &o->arena, err);
	}
	buf_free(&automatic);
	if (r == 0 && o->n_stats != 0 &&
	    (o->format.mode == MODE_JSON || o->format.mode == MODE_NDJSON))
		return err_set(err, "-s has no json output yet, use csv");
	return r;
}

/* ---- where flows come from ------------------------------------------------------- */

static bool
needs_files(const struct options *o)
{
	switch (o->action) {
	case ACTION_QUERY:
	case ACTION_EXPLAIN:
	case ACTION_INFO:
	case ACTION_FILES:
	case ACTION_RECOMPRESS:
	case ACTION_IDENT:
		return true;
	default:
		return false;
	}
}

static int
take_files(struct options *o, int *status, struct err *err)
{
	struct tree_query *f = &o->files;
	if (f->r != NULL && f->R != NULL)
		return err_set(err,
		    "-r and -R are mutually exclusive. Please specify either "
		    "-r or -R");
	if (f->r == NULL && f->R == NULL && f->M != NULL)
		return err_set(err,
		    "-M needs either -r or -R to specify the file or file "
		    "list. Add '-R .' for all files in the directories.");
	if (f->r != NULL && f->r[0] == '\0')
		return err_set(err, "-r needs a file or a folder, not ''");
	if (o->action == ACTION_IDENT && f->R != NULL)
		return err_set(err, "-i needs -r, the file to be changed");
	bool asked = f->r != NULL && strcmp(f->r, "-") == 0 && f->M == NULL;
	bool none = f->r == NULL && f->R == NULL;
	if (asked || (none && !o->nfdump && o->action == ACTION_QUERY &&
			 input_is_fed())) {
		o->standard_input = true;
		f->r = INPUT_PATH;
		if (o->action == ACTION_QUERY)
			return 0;
		return err_set(err,
		    "standard input has flows to be printed, and nothing "
		    "else: -r needs a file here");
	}
	if (!none)
		return 0;
	*status = EXIT_USAGE;
	return err_set(err,
	    "no input: -r or -R names files (-h shows all options)");
}

/* Slots that cannot have flows of the window are not looked at. */
static void
narrow(struct options *o)
{
	o->files.with_open = true;
	if (o->window.from_ms / 1000 > FILED_LATE)
		o->files.from =
		    (int64_t)(o->window.from_ms / 1000) - FILED_LATE;
	if (o->window.to_ms != 0)
		o->files.to = (int64_t)(o->window.to_ms / 1000) + FILED_LATE;
}

/* ---- all together ---------------------------------------------------------------- */

static int
check_write(struct options *o, struct err *err)
{
	if (o->write == NULL && o->codec_letter != 0)
		return err_set(err,
		    "-%c packs what -w writes, and there is no -w",
		    o->codec_letter);
	if (o->write == NULL)
		return 0;
	if ((o->record_orders & (o->record_orders - 1)) != 0)
		return err_set(err,
		    "-w writes the flows of one order of -s record, not of "
		    "several");
	if (strcmp(o->write, "-") == 0 && o->n_stats != 0)
		return err_set(err,
		    "-w - has standard output, where the tables of -s go");
	o->quiet = true;
	return 0;
}

static int
settle(struct options *o, char **words, int *status, struct err *err)
{
	bool stats = o->n_stats != 0 || o->record_orders != 0;
	if (o->record_orders != 0)
		o->aggregate = true;
	else if (o->n_stats != 0)
		o->aggregate = false;
	if ((o->only.packets.kind != BOUND_NONE ||
		o->only.bytes.kind != BOUND_NONE) &&
	    !stats && !o->aggregate && o->action == ACTION_QUERY) {
		*status = EXIT_BOUNDS;
		return err_set(err,
		    "-l and -L choose rows of -s; a filter chooses flows: "
		    "'packets > 5'");
	}
	if (o->masked && o->ways != ONE_WAY)
		return err_set(err, "Can not set custom aggregation in bidir "
				    "mode: -A goes without -b and -B");
	/* As nfdump has it: tables of -s record keep the first flow's way. */
	if (o->ways == TO_SERVER && o->record_orders != 0)
		o->ways = TWO_WAYS;
	if (o->aggregate && !o->masked)
		agg_default(&o->agg, o->ways);
	if (stats && !o->top_given)
		o->top = 10;
	if (o->post_text != NULL && o->n_stats != 0)
		return err_set(err,
		    "-P filters flows behind their aggregation, not elements "
		    "of -s");
	if (take_format(o, err) == -1 || check_write(o, err) == -1)
		return -1;
	if ((o->format.needs & FMT_GEO) != 0 &&
	    geodb_open(o->geo, o->config, &o->format.geo, err) == -1)
		return -1;
	if (needs_files(o) && take_files(o, status, err) == -1)
		return -1;
	narrow(o);
	return take_filters(o, words, status, err);
}

static bool
is_nfdump(const char *argv0)
{
	const char *slash = argv0 != NULL ? strrchr(argv0, '/') : NULL;
	const char *name = slash != NULL ? slash + 1 : argv0;
	return name != NULL && strcmp(name, "nfdump") == 0;
}

/* A quarter of the machine's. */
static size_t
usual_memory(void)
{
	long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
	if (pages <= 0 || size <= 0)
		return (size_t)1 << 30;
	return (size_t)pages / 4 * (size_t)size;
}

int
options_parse(struct options *o, int argc, char **argv, int *status,
    struct err *err)
{
	*o = (struct options){ .order = -1,
		.memory = usual_memory(),
		.progress_fd = STDERR_FILENO,
		.nfdump = is_nfdump(argv[0]) };
	o->nfdump_exit = o->nfdump;
	if (letters_parse(o, argc, argv, status, err) == -1)
		return -1;
	*status = EXIT_ARGS;
	switch (o->action) {
	case ACTION_VERSION:
	case ACTION_USAGE:
	case ACTION_CHECK_CONFIG:
	case ACTION_VERIFY:
	case ACTION_SENDERS:
	case ACTION_MAPS:
		return 0;
	default:
		return settle(o, argv + optind, status, err);
	}
}

int
options_exit(const struct options *o, int status)
{
	switch (status) {
	case EXIT_USAGE:
		return o->nfdump_exit ? 0 : EXIT_ARGS;
	case EXIT_BOUNDS: /* the original's is ours as well */
		return EXIT_OPEN;
	case EXIT_DAMAGE:
	case EXIT_OUTPUT:
		return o->nfdump_exit ? 0 : status;
	case EXIT_OPEN:
		return o->nfdump_exit ? status : EXIT_ARGS;
	default:
		return status;
	}
}

void
options_free(struct options *o)
{
	agg_free(&o->agg);
	for (size_t i = 0; i < o->n_stats; i++)
		stat_free(&o->stats[i]);
	filter_free(o->filter);
	filter_free(o->post);
	geo_free(o->format.geo);
	arena_free(&o->arena);
}
