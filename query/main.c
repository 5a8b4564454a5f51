/* nfsen-query: flow search and top-N, with nfdump's options. */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "conf/conf.h"
#include "conf/conf_cli.h"
#include "query/files.h"
#include "query/names.h"
#include "query/options.h"
#include "query/report.h"

#define NFDUMP_VERSION "NSEL-NEL1.7.1" /* whose command line ours is */

static int
check_config(const char *path)
{
	struct err err;
	struct conf *c = conf_load(path, &err);
	if (c == NULL) {
		(void)fprintf(stderr, "%s\n", err.msg);
		return EXIT_ARGS;
	}
	(void)fputs(buf_str(&c->warnings), stderr);
	(void)printf("%s: ok\n", c->file);
	conf_free(c);
	return 0;
}

static int
dump_filter(const struct filter *f)
{
	struct buf b = BUF_EMPTY;
	if (f != NULL)
		filter_print(f, &b);
	(void)puts(buf_str(&b));
	buf_free(&b);
	return 0;
}

/* Regular expressions that took too long on some payloads: say so. */
static void
tell_given_up(const struct filter *f)
{
	uint64_t n = f != NULL ? filter_given_up(f) : 0;
	if (n != 0)
		(void)fprintf(stderr,
		    "nfsen-query: %" PRIu64 " payloads took a regular "
		    "expression of the filter beyond its limits and count as "
		    "no match\n",
		    n);
}

static void
print_usage(const struct options *o)
{
	(void)printf("usage: %s%s", o->nfdump ? "nfdump" : "nfsen-query",
	    options_usage);
}

static void
print_version(const struct options *o)
{
	if (o->nfdump)
		(void)puts("nfdump: Version: " NFDUMP_VERSION);
	else
		(void)printf("nfsen-query: Version: %s\n", conf_cli_release());
}

static int
act(struct options *o)
{
	switch (o->action) {
	case ACTION_VERSION:
		print_version(o);
		return 0;
	case ACTION_USAGE:
		print_usage(o);
		return 0;
	case ACTION_CHECK_FILTER: /* parsed already */
		return 0;
	case ACTION_DUMP_FILTER:
		return dump_filter(o->filter);
	case ACTION_CHECK_CONFIG:
		return check_config(o->config);
	case ACTION_EXPLAIN:
		return report_explain(o);
	case ACTION_INFO:
		return files_info(o);
	case ACTION_FILES:
		return files_list(o);
	case ACTION_VERIFY:
		return files_verify(o->file);
	case ACTION_SENDERS:
		return files_senders(o->file);
	case ACTION_MAPS:
		return files_maps(o->file);
	case ACTION_RECOMPRESS:
		return files_recompress(o);
	case ACTION_IDENT:
		return files_ident(o);
	case ACTION_QUERY:
		break;
	}
	return report_query(o);
}

int
main(int argc, char **argv)
{
	struct options o;
	struct err err;
	int status;
	tzset();
	const struct tool *tool = names_tool(&argc, &argv);
	if (tool != NULL)
		return tool->run(argc, argv);
	if (options_parse(&o, argc, argv, &status, &err) == -1) {
		(void)fprintf(stderr, "%s\n", err.msg);
		if (o.nfdump && status == EXIT_USAGE)
			print_usage(&o);
	} else {
		status = act(&o);
	}
	tell_given_up(o.filter);
	status = options_exit(&o, status);
	options_free(&o);
	return status;
}
