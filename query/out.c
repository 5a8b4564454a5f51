#include "query/out.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "query/options.h"

#define SMALL 4096

static void
write_all(const char *p, size_t n)
{
	if (n == 0 || file_write_full(STDOUT_FILENO, p, n) == 0)
		return;
	if (errno != EPIPE)
		(void)fprintf(stderr, "nfsen-query: write: %s\n",
		    strerror(errno)); /* NOLINT(concurrency-mt-unsafe) */
	_exit(EXIT_OUTPUT);           /* other threads are at work */
}

void
out_flush(struct out *o)
{
	write_all(o->text.data, o->text.len);
	buf_clear(&o->text);
}

void
out_write(struct out *o, const char *p, size_t n)
{
	if (n <= SMALL && o->text.len <= SMALL) {
		buf_add(&o->text, p, n);
		return;
	}
	out_flush(o);
	write_all(p, n);
}

void
out_free(struct out *o)
{
	buf_free(&o->text);
}
