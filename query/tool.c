#include "query/tool.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

void
tool_say(const char *tool, const char *text)
{
	(void)fprintf(stderr, "%s: %s\n", tool, text);
}

int
tool_bad_option(int c, char **argv, struct err *err)
{
	if (c == ':')
		return err_set(err, "option '%s' needs an argument",
		    argv[optind - 1]);
	return err_set(err, "unknown option '%s' (-h shows them all)",
	    argv[optind - 1]);
}

int
tool_number_named(const char *option, const char *text, uint64_t least,
    uint64_t most, uint64_t *n, struct err *err)
{
	char *end;
	errno = 0;
	*n = strtoull(text, &end, 10);
	if (text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 &&
	    *n >= least && *n <= most)
		return 0;
	return err_set(err,
	    "option %s: '%s' is no number from %" PRIu64 " to %" PRIu64, option,
	    text, least, most);
}

int
tool_number(char option, const char *text, uint64_t least, uint64_t most,
    uint64_t *n, struct err *err)
{
	const char name[] = { '-', option, '\0' };
	return tool_number_named(name, text, least, most, n, err);
}
