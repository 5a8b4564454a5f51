/*
 * options: nfdump's command line into what is to be done.
 *
 * letters.c takes the options one by one from a table, options.c settles
 * what follows from them.
 */
#ifndef QUERY_OPTIONS_H
#define QUERY_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "filter/filter.h"
#include "nffile/layout.h"
#include "nffile/tree.h"
#include "query/agg.h"
#include "query/format.h"
#include "query/pool.h"
#include "query/progress.h"
#include "query/stat.h"
#include "query/window.h"

/* What came of it, or 128 + the signal that interrupted; options_exit tells the exit status. */
#define EXIT_ARGS    1
#define EXIT_DAMAGE  2   /* answered, but some input could not be read */
#define EXIT_OUTPUT  3   /* what was to be written could not be */
#define EXIT_USAGE   249 /* not understood at all, or nothing was asked */
#define EXIT_BOUNDS  248 /* -l, -L without groups */
#define EXIT_OPEN    250 /* nothing to be read under the names given */
#define EXIT_FILTER  254
#define EXIT_INCLUDE 255 /* a file of the filter cannot be read */

enum action {
	ACTION_QUERY,
	ACTION_VERSION,
	ACTION_USAGE,
	ACTION_CHECK_FILTER, /* -Z */
	ACTION_DUMP_FILTER,  /* -X */
	ACTION_CHECK_CONFIG, /* --check */
	ACTION_EXPLAIN,      /* --explain */
	ACTION_INFO,         /* -I */
	ACTION_FILES,        /* -g */
	ACTION_VERIFY,       /* -v */
	ACTION_SENDERS,      /* -E */
	ACTION_MAPS,         /* -x */
	ACTION_RECOMPRESS,   /* -J */
	ACTION_IDENT         /* -i */
};

/* Whose lines the footer has. */
enum footer { FOOTER_171, FOOTER_16, FOOTER_178 };

struct options {
	struct arena arena;
	enum action action;
	const char *config;
	bool nfdump;      /* called by this name */
	bool nfdump_exit; /* --nfdump-exit, or called so */

	struct tree_query files;
	bool standard_input; /* what files names is there */
	const char *file;    /* of -v, -E, -x */
	struct window window;
	uint64_t limit;       /* -c */
	size_t top;           /* -n, 0: all */
	size_t memory;        /* bytes for groups */
	struct budget budget; /* of the groups, which live as long */
	bool top_given;
	bool quiet;
	bool no_index; /* --no-index */
	enum progress_mode progress;
	int progress_fd;
	unsigned threads; /* -W, 0: one per processor */
	struct filter *filter;
	const char *filter_file;
	struct filter *post; /* -P */
	const char *post_text;
	const char *geo; /* -G, NULL: not given */

	bool aggregate; /* -a, -A, -s record */
	bool masked;    /* -A */
	enum ways ways; /* -b, -B */
	struct agg agg;
	uint32_t record_orders; /* -s record */
	struct stat stats[STAT_MAX];
	size_t n_stats;
	struct bounds only; /* -l, -L */
	int order;          /* -O, -1: none */

	const char *mode;    /* -o, NULL: not given */
	const char *formats; /* -C: file that defines some, NULL: not given */
	enum footer footer;
	struct format format;

	const char *write;       /* -w, NULL: print */
	enum nffile_codec codec; /* of -w, -J */
	int level;
	char codec_letter; /* z, y or j; 0: none of them */
	const char *ident; /* -i */
};

/*
 * 0, or -1 with a message; *status is then what came of it.  Messages are
 * to be printed, those about the filter have two lines more.
 */
int options_parse(struct options *o, int argc, char **argv, int *status,
    struct err *err);
void options_free(struct options *o);

/* The program's exit status: ours, or what nfdump would say. */
int options_exit(const struct options *o, int status);

/* Only the letters, for options_parse. */
int letters_parse(struct options *o, int argc, char **argv, int *status,
    struct err *err);

/* What -h prints, after the program's name. */
extern const char options_usage[];

#endif
