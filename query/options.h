/*
 * options: nfdump's command line into what is to be done.
 */
#ifndef QUERY_OPTIONS_H
#define QUERY_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "filter/filter.h"
#include "nffile/tree.h"
#include "query/agg.h"
#include "query/format.h"
#include "query/stat.h"

/* Exit statuses, nfdump's where it has one. */
#define EXIT_ARGS    1
#define EXIT_DAMAGE  2 /* answered, but some input could not be read */
#define EXIT_FILTER  254
#define EXIT_INCLUDE 255 /* a file of the filter cannot be read */

enum action {
	ACTION_QUERY,
	ACTION_VERSION,
	ACTION_USAGE,
	ACTION_CHECK_FILTER, /* -Z */
	ACTION_DUMP_FILTER,  /* -X */
	ACTION_CHECK_CONFIG, /* --check */
	ACTION_INFO          /* -I */
};

struct options {
	struct arena arena;
	enum action action;
	const char *config;
	struct tree_query files;
	uint64_t from_ms, to_ms;
	uint64_t limit; /* -c */
	size_t top;     /* -n, 0: all */
	bool top_given;
	bool quiet;
	struct filter *filter;
	const char *filter_file;
	const char *geo; /* -G, NULL: not given */

	bool aggregate; /* -a, -A, -s record */
	bool masked;    /* -A */
	struct agg agg;
	uint32_t record_orders; /* -s record */
	struct stat stats[STAT_MAX];
	size_t n_stats;
	int order; /* -O, -1: none */

	const char *mode; /* -o, NULL: not given */
	struct format format;
};

/*
 * 0, or -1 with a message; *status is then the exit status.  Messages are
 * to be printed, those about the filter have two lines more.
 */
int options_parse(struct options *o, int argc, char **argv, int *status,
    struct err *err);
void options_free(struct options *o);

extern const char options_usage[];

#endif
