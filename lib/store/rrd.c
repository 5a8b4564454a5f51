#include "store/rrd.h"

#include <assert.h>
#include <math.h>
#include <rrd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store/cached.h"
#include "store/retry.h"
#include "store/shape.h"

#define DS_COUNT ((size_t)3 * CLASS_MAX)

const char *const rrd_ds_names[3 * CLASS_MAX] = {
	"flows",
	"flows_tcp",
	"flows_udp",
	"flows_icmp",
	"flows_other",
	"packets",
	"packets_tcp",
	"packets_udp",
	"packets_icmp",
	"packets_other",
	"traffic",
	"traffic_tcp",
	"traffic_udp",
	"traffic_icmp",
	"traffic_other",
};

#define CREATE_ARGS  25 /* data sources and up to 10 archives */
#define ARG_MAX_CHAR 64

#define LOCK_WAIT_MS  2000
#define LOCK_PAUSE_MS 2

bool
rrd_retry(int *tries)
{
	const struct timespec pause = { 0, LOCK_PAUSE_MS * 1000000 };
	if (++*tries > LOCK_WAIT_MS / LOCK_PAUSE_MS || !rrd_test_error() ||
	    strstr(rrd_get_error(), "could not lock") == NULL)
		return false;
	rrd_clear_error();
	(void)nanosleep(&pause, NULL);
	return true;
}

int
rrd_fail(struct err *err, const char *path)
{
	(void)err_set(err, "%s: %s", path,
	    rrd_test_error() ? rrd_get_error() : "unknown librrd error");
	rrd_clear_error();
	return -1;
}

static size_t
create_args(int64_t step, char args[CREATE_ARGS][ARG_MAX_CHAR])
{
	struct rrd_shape s;
	size_t n = 0;
	rrd_shape_channel(&s, step);
	for (size_t i = 0; i < s.n_ds; i++)
		(void)snprintf(args[n++], ARG_MAX_CHAR,
		    "DS:%s:ABSOLUTE:%lld:U:U", s.ds[i], 2 * (long long)step);
	for (size_t i = 0; i < s.n_rra; i++)
		(void)snprintf(args[n++], ARG_MAX_CHAR, "RRA:%s:0.5:%lld:%lld",
		    s.rra[i].cf, (long long)s.rra[i].slots,
		    (long long)s.rra[i].rows);
	return n;
}

int
rrd_channel_create(const char *path, int64_t first_slot, int64_t step,
    struct err *err)
{
	char args[CREATE_ARGS][ARG_MAX_CHAR];
	const char *argv[CREATE_ARGS];
	assert(step > 0);
	rrd_cached_forget(path);
	size_t n = create_args(step, args);
	for (size_t i = 0; i < n; i++)
		argv[i] = args[i];
	rrd_clear_error();
	/* An update must lie after the start, so the first slot does. */
	if (rrd_create_r(path, (unsigned long)step, (time_t)(first_slot - step),
		(int)n, argv) == -1)
		return rrd_fail(err, path);
	return 0;
}

/* "flows:flows_tcp:...": which data source each value is for. */
static void
template_text(char *text, size_t size)
{
	size_t len = 0;
	for (size_t i = 0; i < DS_COUNT; i++)
		len += (size_t)snprintf(text + len, size - len, "%s%s",
		    i != 0 ? ":" : "", rrd_ds_names[i]);
}

#define VALUE_MAX 512 /* 16 numbers of at most 20 digits */

static void
value_text(const struct rrd_value *v, char text[VALUE_MAX])
{
	const uint64_t *const rows[] = { v->c.flows, v->c.packets, v->c.bytes };
	size_t len =
	    (size_t)snprintf(text, VALUE_MAX, "%lld", (long long)v->slot);
	for (size_t i = 0; i < DS_COUNT; i++) {
		char *to = text + len;
		uint64_t n = rows[i / CLASS_MAX][i % CLASS_MAX];
		len += v->known ? (size_t)snprintf(to, VALUE_MAX - len, ":%llu",
				      (unsigned long long)n)
				: (size_t)snprintf(to, VALUE_MAX - len, ":U");
	}
}

int
rrd_channel_store(const char *path, const struct rrd_value *v, size_t n,
    struct err *err)
{
	char template[256];
	char text[RRD_VALUES][VALUE_MAX];
	const char *argv[RRD_VALUES];
	int tries = 0;
	assert(n > 0 && n <= RRD_VALUES);
	for (size_t i = 0; i < n; i++) {
		value_text(&v[i], text[i]);
		argv[i] = text[i];
	}
	rrd_clear_error();
	int cached = rrd_cached_update(path, argv, n);
	if (cached != 1)
		return cached == 0 ? 0 : rrd_fail(err, path);
	template_text(template, sizeof(template));
	/* It locks before it stores anything: trying again is safe. */
	while (rrd_update_r(path, template, (int)n, argv) == -1)
		if (!rrd_retry(&tries))
			return rrd_fail(err, path);
	return 0;
}

int
rrd_channel_update(const char *path, int64_t slot, const struct counters *c,
    struct err *err)
{
	struct rrd_value v = { slot, true, *c };
	return rrd_channel_store(path, &v, 1, err);
}

int
rrd_channel_unknown(const char *path, int64_t slot, struct err *err)
{
	struct rrd_value v = { .slot = slot };
	return rrd_channel_store(path, &v, 1, err);
}

int64_t
rrd_channel_last(const char *path, struct err *err)
{
	time_t last;
	int tries = 0;
	rrd_cached_flush(path);
	rrd_clear_error();
	while ((last = rrd_last_r(path)) == (time_t)-1)
		if (!rrd_retry(&tries))
			return rrd_fail(err, path);
	return (int64_t)last;
}

struct fetched {
	time_t start, end;
	unsigned long step;
	unsigned long ds_count;
	char **names;
	rrd_value_t *data;
};

static void
fetched_free(struct fetched *f)
{
	for (unsigned long i = 0; f->names != NULL && i < f->ds_count; i++)
		rrd_freemem(f->names[i]);
	rrd_freemem((void *)f->names);
	rrd_freemem(f->data);
}

static void
series_column(struct rrd_series *s, const struct fetched *f, size_t ds,
    struct arena *a)
{
	unsigned long col = 0;
	while (
	    col < f->ds_count && strcmp(f->names[col], rrd_ds_names[ds]) != 0)
		col++;
	double *v = arena_array(a, s->n, sizeof(*v));
	for (size_t i = 0; i < s->n; i++)
		v[i] = col < f->ds_count ? f->data[i * f->ds_count + col]
					 : (double)NAN;
	s->values[ds] = v;
}

/* The file's own step: the length of a slot, and so of the shift. */
static int64_t
file_step(const char *path, struct err *err)
{
	rrd_info_t *info;
	int tries = 0;
	rrd_clear_error();
	while ((info = rrd_info_r(path)) == NULL)
		if (!rrd_retry(&tries))
			return rrd_fail(err, path);
	int64_t step = 0;
	for (const rrd_info_t *i = info; i != NULL; i = i->next)
		if (strcmp(i->key, "step") == 0)
			step = (int64_t)i->value.u_cnt;
	rrd_info_free(info);
	return step > 0 ? step : err_set(err, "%s: no step", path);
}

int
rrd_channel_fetch(const char *path, int64_t from, int64_t to, int64_t step,
    uint32_t ds_mask, struct arena *a, struct rrd_series *s, struct err *err)
{
	rrd_cached_flush(path);
	int64_t slot = file_step(path, err);
	if (slot == -1)
		return -1;
	struct fetched f = { .start = (time_t)(from - slot),
		.end = (time_t)(to - slot - 1), /* librrd rounds up */
		.step = (unsigned long)(step > slot ? step : slot) };
	int tries = 0;
	while (rrd_fetch_r(path, "AVERAGE", &f.start, &f.end, &f.step,
		   &f.ds_count, &f.names, &f.data) == -1)
		if (!rrd_retry(&tries))
			return rrd_fail(err, path);
	/* Row i ends at start + (i + 1) * step; the file is a slot early. */
	*s = (struct rrd_series){ .start = (int64_t)f.start + slot,
		.step = (int64_t)f.step,
		.n = (size_t)(f.end - f.start) / f.step };
	for (size_t ds = 0; ds < DS_COUNT; ds++)
		if ((ds_mask & UINT32_C(1) << ds) != 0)
			series_column(s, &f, ds, a);
	fetched_free(&f);
	return 0;
}
