/* Any bytes as a dump of a small database: it is told what is wrong. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "store/rrdxml.h"
#include "store/xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
on_start(void *ctx, const char *name, const char *const *attrs, struct err *err)
{
	(void)attrs;
	return rrdxml_start(ctx, name, err);
}

static int
on_end(void *ctx, const char *name, const char *text, size_t len,
    struct err *err)
{
	return rrdxml_end(ctx, name, text, len, err);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const ds[] = { "a", "b" };
	static const struct rrd_shape shape = { .step = 300,
		.ds = ds,
		.n_ds = 2,
		.rra = { { "AVERAGE", 1, 2 }, { "MAX", 6, 1 } },
		.n_rra = 2 };
	static const struct xml_reader reader = { on_start, on_end };
	struct err err = { "" };
	struct rrdxml *x = rrdxml_new(NULL, &shape, &err);
	int rc = xml_parse(data, size, &reader, x, &err);
	if (rc == 0)
		rc = rrdxml_finish(x, &err);
	if ((rc == -1) != (err.msg[0] != '\0'))
		abort();
	rrdxml_close(x);
	return 0;
}
