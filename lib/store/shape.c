#include "store/shape.h"

#include <errno.h>
#include <fcntl.h>
#include <rrd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/retry.h"
#include "store/rrd.h"

/*
 * NfSen's archives at 300 s: one row covers row_secs, all rows span_secs.
 * Another slot length keeps the spans; a row is then the fewest slots that
 * reach row_secs.
 */
struct span {
	int64_t row_secs;
	int64_t span_secs;
};

static const struct span channel_spans[] = {
	{ 300, INT64_C(300) * 17280 },
	{ 1800, INT64_C(1800) * 2880 },
	{ 7200, INT64_C(7200) * 720 },
	{ 86400, INT64_C(86400) * 700 },
};

static const struct span alert_spans[] = {
	{ 300, INT64_C(300) * 8640 },
	{ 1800, INT64_C(1800) * 1440 },
};

static const char *const alert_ds[] = { "last", "avg10m", "avg30m", "avg1h",
	"avg6h", "avg12h", "avg24h" };

static void
add_archives(struct rrd_shape *s, const struct span *spans, size_t n)
{
	static const char *const consolidation[] = { "AVERAGE", "MAX" };
	for (size_t c = 0; c < 2; c++) {
		/* Single slots, where a slot is shorter than the first row. */
		if (s->step < spans[0].row_secs)
			s->rra[s->n_rra++] =
			    (struct rrd_archive){ consolidation[c], 1,
				    spans[0].span_secs / spans[0].row_secs };
		for (size_t i = 0; i < n; i++) {
			int64_t slots =
			    (spans[i].row_secs + s->step - 1) / s->step;
			int64_t row = slots * s->step;
			s->rra[s->n_rra++] =
			    (struct rrd_archive){ consolidation[c], slots,
				    (spans[i].span_secs + row - 1) / row };
		}
	}
}

void
rrd_shape_channel(struct rrd_shape *s, int64_t step)
{
	*s = (struct rrd_shape){ .step = step,
		.ds = rrd_ds_names,
		.n_ds = (size_t)3 * CLASS_MAX };
	add_archives(s, channel_spans,
	    sizeof(channel_spans) / sizeof(*channel_spans));
}

void
rrd_shape_alert(struct rrd_shape *s, int64_t step)
{
	*s = (struct rrd_shape){ .step = step,
		.ds = alert_ds,
		.n_ds = sizeof(alert_ds) / sizeof(*alert_ds) };
	add_archives(s, alert_spans,
	    sizeof(alert_spans) / sizeof(*alert_spans));
}

const char *
rrd_state_word(enum rrd_state s)
{
	static const char *const words[] = { [RRD_GOOD] = "good",
		[RRD_MISSING] = "missing",
		[RRD_EMPTY] = "empty",
		[RRD_FOREIGN] = "foreign",
		[RRD_DAMAGED] = "damaged",
		[RRD_ODD] = "odd" };
	return words[s];
}

/* ---- the header ------------------------------------------------------------ */

#define HEAD_MAX 32
#define COOKIE   8.642135e130

/* Does the double at p say so, in one order of bytes or the other? */
static bool
is_cookie(const uint8_t *p, bool swapped)
{
	uint8_t bytes[sizeof(double)];
	double v;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = p[swapped ? sizeof(bytes) - 1 - i : i];
	memcpy(&v, bytes, sizeof(v));
	return v == COOKIE;
}

static void
set(struct rrd_facts *f, enum rrd_state state, const char *why)
{
	f->state = state;
	(void)snprintf(f->why, sizeof(f->why), "%s", why);
}

/* Where the double lies tells its alignment, what follows the word size. */
static void
judge_header(const uint8_t *h, struct rrd_facts *f)
{
	bool is_long = h[24 + 4] == 0 && h[24 + 5] == 0 && h[24 + 6] == 0 &&
		       h[24 + 7] == 0;
	if (memcmp(h, "RRD", 4) != 0)
		set(f, RRD_DAMAGED, "not a round robin database");
	else if (is_cookie(h + 16, true) || is_cookie(h + 12, true))
		set(f, RRD_FOREIGN, "written by a machine of other byte order");
	else if (is_cookie(h + 12, false) ||
		 (is_cookie(h + 16, false) && sizeof(long) == 8 && !is_long))
		set(f, RRD_FOREIGN, "written by a 32 bit machine");
	else if (!is_cookie(h + 16, false))
		set(f, RRD_DAMAGED, "its header is damaged");
}

static void
read_header(const char *path, struct rrd_facts *f)
{
	uint8_t head[HEAD_MAX];
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1) {
		if (errno == ENOENT)
			set(f, RRD_MISSING, "");
		else
			set(f, RRD_DAMAGED, strerror(errno));
		return;
	}
	ssize_t n = pread(fd, head, sizeof(head), 0);
	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode))
		set(f, RRD_DAMAGED, "not a file");
	else if (n == 0)
		set(f, RRD_EMPTY, "no bytes in it");
	else if (n < (ssize_t)sizeof(head))
		set(f, RRD_DAMAGED, "cut off");
	else
		judge_header(head, f);
	(void)close(fd);
}

/* ---- what librrd says ---------------------------------------------------------- */

static bool
value_is(const rrd_info_t *i, const char *text)
{
	return i->type == RD_I_STR && strcmp(i->value.u_str, text) == 0;
}

static bool
count_is(const rrd_info_t *i, int64_t n)
{
	return i->type == RD_I_CNT && i->value.u_cnt == (unsigned long)n;
}

/* "ds[flows].index": is it what is wanted?  NULL: nothing to say of it. */
static const char *
judge_ds(const rrd_info_t *i, const struct rrd_shape *want, size_t *seen)
{
	const char *end = strchr(i->key, ']');
	size_t k = 0;
	if (end == NULL)
		return "an unknown data source";
	while (k < want->n_ds &&
	       (strncmp(want->ds[k], i->key + 3, (size_t)(end - i->key) - 3) !=
		       0 ||
		   strlen(want->ds[k]) != (size_t)(end - i->key) - 3))
		k++;
	if (k == want->n_ds)
		return "a data source NfSen does not have";
	if (strcmp(end, "].index") == 0 && !count_is(i, (int64_t)k))
		return "data sources in another order";
	if (strcmp(end, "].type") == 0) {
		(*seen)++;
		if (!value_is(i, "ABSOLUTE"))
			return "a data source that is not ABSOLUTE";
	}
	if (strcmp(end, "].minimal_heartbeat") == 0 &&
	    !count_is(i, 2 * want->step))
		return "another heartbeat";
	return NULL;
}

static const char *
judge_rra(const rrd_info_t *i, const struct rrd_shape *want, size_t *seen)
{
	char *end;
	size_t k = (size_t)strtoul(i->key + 4, &end, 10);
	if (k >= want->n_rra)
		return "more archives than NfSen's";
	if (strcmp(end, "].cf") == 0) {
		(*seen)++;
		if (!value_is(i, want->rra[k].cf))
			return "other archives than NfSen's";
	}
	if ((strcmp(end, "].rows") == 0 && !count_is(i, want->rra[k].rows)) ||
	    (strcmp(end, "].pdp_per_row") == 0 &&
		!count_is(i, want->rra[k].slots)))
		return "other archives than NfSen's";
	return NULL;
}

static void
judge_info(const rrd_info_t *info, const struct rrd_shape *want,
    struct rrd_facts *f)
{
	size_t ds = 0, rra = 0;
	const char *odd = NULL;
	for (const rrd_info_t *i = info; i != NULL; i = i->next) {
		const char *now = NULL;
		if (strcmp(i->key, "step") == 0)
			f->step = (int64_t)i->value.u_cnt;
		else if (strcmp(i->key, "last_update") == 0)
			f->last = (int64_t)i->value.u_cnt;
		else if (strncmp(i->key, "ds[", 3) == 0)
			now = judge_ds(i, want, &ds);
		else if (strncmp(i->key, "rra[", 4) == 0)
			now = judge_rra(i, want, &rra);
		odd = odd != NULL ? odd : now;
	}
	if (f->step != want->step)
		odd = "its step is not the length of a slot";
	else if (odd == NULL && (ds != want->n_ds || rra != want->n_rra))
		odd = "data sources or archives are missing";
	if (odd != NULL)
		set(f, RRD_ODD, odd);
}

void
rrd_inspect(const char *path, const struct rrd_shape *want, struct rrd_facts *f)
{
	rrd_info_t *info;
	int tries = 0;
	*f = (struct rrd_facts){ .state = RRD_GOOD };
	read_header(path, f);
	if (f->state != RRD_GOOD)
		return;
	rrd_clear_error();
	while ((info = rrd_info_r(path)) == NULL)
		if (!rrd_retry(&tries)) {
			set(f, RRD_DAMAGED,
			    rrd_test_error() ? rrd_get_error() : "unreadable");
			rrd_clear_error();
			return;
		}
	judge_info(info, want, f);
	rrd_info_free(info);
}
