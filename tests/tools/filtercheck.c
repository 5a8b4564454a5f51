/*
 * filtercheck <filters: what the parser makes of each line: "OK", its normal
 * form; or "ERR", the message, what is expected there.  Tabs between.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "filter/filter.h"

static void
check(const char *text, size_t n)
{
	struct filter_error fe;
	struct filter *f = filter_parse(text, n, &fe);
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
main(void)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	while ((n = getline(&line, &cap, stdin)) > 0)
		check(line, (size_t)(n - (line[n - 1] == '\n')));
	free(line);
	return 0;
}
