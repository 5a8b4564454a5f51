/* Print profile.dat files as we write them; refusals to stderr, exit 1. */
#include <stdio.h>

#include "base/file.h"
#include "profile/profile.h"

static int
cat(const char *path)
{
	struct buf text = BUF_EMPTY;
	struct err err;
	struct profile *p = NULL;
	if (file_read(path, 1 << 24, &text, &err) == 0)
		p = profile_parse(path, buf_str(&text), text.len, &err);
	buf_clear(&text);
	if (p != NULL)
		profile_print(p, &text);
	(void)fputs(p != NULL ? buf_str(&text) : err.msg, stdout);
	(void)fputs(p != NULL ? "" : "\n", stdout);
	buf_free(&text);
	profile_free(p);
	return p == NULL;
}

int
main(int argc, char **argv)
{
	int rc = 0;
	for (int i = 1; i < argc; i++)
		rc |= cat(argv[i]);
	return rc;
}
