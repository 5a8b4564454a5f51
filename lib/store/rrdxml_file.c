/* Dumps that are files of their own. */
#include <errno.h>
#include <rrd.h>
#include <string.h>

#include "store/rrdxml.h"
#include "store/xml.h"

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
rrdxml_restore(const char *xml, const char *path, const struct rrd_shape *shape,
    struct err *err)
{
	static const struct xml_reader reader = { on_start, on_end };
	struct rrdxml *x = rrdxml_new(path, shape, err);
	int rc =
	    x == NULL ? -1 : xml_parse_file(xml, RRDXML_MAX, &reader, x, err);
	if (rc == 0)
		rc = rrdxml_finish(x, err);
	rrdxml_close(x);
	return rc;
}

int
rrdxml_check(const char *xml, const struct rrd_shape *shape, struct err *err)
{
	return rrdxml_restore(xml, NULL, shape, err);
}

static size_t
on_dump(const void *data, size_t len, void *ctx)
{
	return fwrite(data, 1, len, ctx);
}

int
rrdxml_dump(const char *path, FILE *out, struct err *err)
{
	rrd_clear_error();
	if (rrd_dump_cb_r(path, 0, on_dump, out) == 0 && ferror(out) == 0)
		return 0;
	(void)err_set(err, "%s: %s", path,
	    rrd_test_error() ? rrd_get_error() : strerror(errno));
	rrd_clear_error();
	return -1;
}
