/*
 * filtercheck [GEODB] <filters: what the parser makes of each line: "OK", its
 * normal form; or "ERR", the message, what is expected there.  Tabs between.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "filter/filter.h"
#include "filter/geo.h"

static struct filter_options options;

static void
check(const char *text, size_t n)
{
	struct filter_error fe;
	struct filter *f = filter_parse_with(text, n, &options, &fe);
	if (f == NULL) {
		(void)printf("ERR\t%s\t%s\n", fe.message, fe.expected);
		return;
	}
	struct buf b = BUF_EMPTY;
	filter_print(f, &b);
	(void)printf("OK\t%s\n", buf_str(&b));
	buf_free(&b);
	filter_free(f);
}

int
main(int argc, char **argv)
{
	struct err err;
	if (argc > 1 && (options.geo = geo_open_list(argv[1], &err)) == NULL) {
		(void)fprintf(stderr, "filtercheck: %s\n", err.msg);
		return 1;
	}
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	while ((n = getline(&line, &cap, stdin)) > 0)
		check(line, (size_t)(n - (line[n - 1] == '\n')));
	free(line);
	geo_free(options.geo);
	return 0;
}
