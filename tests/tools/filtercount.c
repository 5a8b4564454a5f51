/*
 * filtercount: what lib/filter finds in a flow file.
 *
 *   filtercount FILE [GEODB] <filters    filters, each ended by a NUL; prints
 *                        one line each: flows, packets, bytes, or
 *                        "error MESSAGE"
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "filter/filter.h"
#include "filter/geo.h"
#include "filter/tally.h"
#include "nffile/nffile.h"

struct line {
	char *error;  /* or */
	size_t index; /* in the set */
	struct counters sum;
};

static struct filter_options options;
static struct line *lines;
static size_t count;

static void
read_filters(struct filterset *s)
{
	char *text = NULL;
	size_t cap = 0;
	ssize_t n;
	while ((n = getdelim(&text, &cap, '\0', stdin)) > 0) {
		struct filter_error fe;
		size_t len = (size_t)n - (text[n - 1] == '\0');
		struct filter *f = filter_parse_with(text, len, &options, &fe);
		lines = mem_realloc(lines, count + 1, sizeof(lines[0]));
		struct line *l = &lines[count++];
		*l = (struct line){ 0 };
		if (f == NULL)
			l->error = mem_strdup(fe.message);
		else
			l->index = filterset_add(s, f);
		filter_free(f);
	}
	free(text);
}

static void
add_batch(struct filterset *s, struct batch *b)
{
	struct tally t;
	filterset_eval(s, b);
	tally_begin(&t, b);
	for (size_t i = 0; i < count; i++)
		if (lines[i].error == NULL)
			tally_add(&t, filterset_bits(s, lines[i].index),
			    TALLY_LIVE, &lines[i].sum);
}

static int
read_file(struct filterset *s, const char *path, struct err *err)
{
	struct nffile_reader r;
	struct nffile_block blk;
	enum nffile_next next;
	if (nffile_open(&r, path, err) == -1)
		return -1;
	struct batch *b = mem_calloc(1, sizeof(*b));
	filterset_file(s, r.ident);
	b->ident = r.ident;
	b->want = filterset_columns(s) | TALLY_COLUMNS;
	while ((next = nffile_read(&r, &blk, err)) == NFFILE_BLOCK)
		for (size_t pos = 0; nffile_batch(&blk, &pos, b) != 0;)
			add_batch(s, b);
	nffile_close(&r);
	free(b);
	return next == NFFILE_ERROR ? -1 : 0;
}

static void
print_line(const struct line *l)
{
	if (l->error != NULL)
		(void)printf("error %s\n", l->error);
	else
		(void)printf("%" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
		    l->sum.flows[CLASS_ALL], l->sum.packets[CLASS_ALL],
		    l->sum.bytes[CLASS_ALL]);
	free(l->error);
}

int
main(int argc, char **argv)
{
	struct err err;
	if (argc != 2 && argc != 3) {
		(void)fprintf(stderr,
		    "usage: filtercount FILE [GEODB] <filters\n");
		return 2;
	}
	if (argc == 3 && (options.geo = geo_open_list(argv[2], &err)) == NULL) {
		(void)fprintf(stderr, "filtercount: %s\n", err.msg);
		return 1;
	}
	struct filterset *s = filterset_new();
	read_filters(s);
	filterset_compile(s);
	filterset_expander(s, nffile_record_flow);
	if (read_file(s, argv[1], &err) == -1) {
		(void)fprintf(stderr, "filtercount: %s\n", err.msg);
		return 1;
	}
	for (size_t i = 0; i < count; i++)
		print_line(&lines[i]);
	free(lines);
	filterset_free(s);
	geo_free(options.geo);
	return 0;
}
