/*
 * filtercheck [GEODB] <filters: what the parser makes of each line: "OK", its
 * normal form; or "ERR", the message, what is expected there.  Tabs between.
 *
 * filtercheck -x DIR <filters: the same for people, with all that is told
 * about an error.  Files and named filters are those of DIR; "\n" stands for
 * the end of a line, "\t" for a tab.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static size_t
no_host(void *arg, const char *name, struct addr *a, size_t max)
{
	(void)arg;
	if (max == 0 || strcmp(name, "localhost") != 0)
		return 0;
	a[0] = addr_v4(0x7f000001);
	return 1;
}

static void
explain(const char *line, size_t n, const char *dir)
{
	struct filter_options o = { .dir = dir,
		.named = dir,
		.resolve = no_host };
	struct filter_error fe;
	struct buf text = BUF_EMPTY, out = BUF_EMPTY;
	for (size_t i = 0; i < n; i++) {
		bool escape = line[i] == '\\' && i + 1 < n;
		char c = escape ? line[i + 1] : line[i];
		i += escape;
		buf_addc(&text, !escape ? c : c == 'n' ? '\n' : '\t');
	}
	struct filter *f = filter_parse_with(buf_str(&text), text.len, &o, &fe);
	if (f != NULL) {
		buf_adds(&out, "accepted: ");
		filter_print(f, &out);
		buf_addc(&out, '\n');
	} else {
		filter_error_explain(&fe, &out);
	}
	(void)printf("$ %.*s\n%s\n", (int)n, line, buf_str(&out));
	filter_free(f);
	buf_free(&text);
	buf_free(&out);
}

int
main(int argc, char **argv)
{
	struct err err;
	bool people = argc > 2 && strcmp(argv[1], "-x") == 0;
	if (argc > 1 && !people &&
	    (options.geo = geo_open_list(argv[1], &err)) == NULL) {
		(void)fprintf(stderr, "filtercheck: %s\n", err.msg);
		return 1;
	}
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	while ((n = getline(&line, &cap, stdin)) > 0) {
		size_t len = (size_t)(n - (line[n - 1] == '\n'));
		if (people)
			explain(line, len, argv[2]);
		else
			check(line, len);
	}
	free(line);
	geo_free(options.geo);
	return 0;
}
