#include "fcgi/view.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/slot.h"

#define DEFAULT_WIDTH INT64_C(86400)

/* Safe for colour blindness, legible on light and dark paper. */
static const char *const palette[] = { "#0072b2", "#e69f00", "#009e73",
	"#cc79a7", "#56b4e9", "#d55e00", "#8c7ae6", "#a3a847", "#44aa99",
	"#b15928", "#7f8c8d", "#e0619a" };
#define PALETTE (sizeof(palette) / sizeof(*palette))

static bool
listed(const struct conf *c, const char *group, const char *name,
    struct arena *a)
{
	struct profile_list l;
	struct err err;
	if (profile_list(c, a, &l, &err) == -1)
		return false;
	for (size_t i = 0; i < l.n; i++)
		if (strcmp(l.ids[i].group, group) == 0 &&
		    strcmp(l.ids[i].name, name) == 0)
			return true;
	return false;
}

static void
resolve_channels(struct view *v, struct arena *a)
{
	const struct profile *p = v->profile;
	size_t *order = arena_array(a, p->n_channels, sizeof(*order));
	profile_draw_order(p, order);
	v->n_channels = p->n_channels;
	v->channels = arena_array(a, p->n_channels, sizeof(*v->channels));
	for (size_t i = 0; i < p->n_channels; i++) {
		struct channel *ch = &p->channels[order[i]];
		char path[FILE_PATH_MAX];
		(void)profile_rrd_path(v->conf, p, ch->name, path);
		v->channels[i] = (struct view_channel){ .ch = ch,
			.rrd = arena_strdup(a, path),
			.color = conf_colour_ok(ch->color)
				     ? ch->color
				     : palette[order[i] % PALETTE],
			.shown = query_has_channel(&v->q, ch->name) };
	}
}

/* The last moment there can be data for: the end of the last whole slot. */
static int64_t
data_end(const struct view *v)
{
	if ((v->profile->type & ~PROFILE_SHADOW) == PROFILE_HISTORY)
		return v->newest + v->step;
	return slot_start(v->now, v->step);
}

static void
resolve_selection(struct view *v)
{
	v->window = v->q.from.text != NULL;
	v->slot =
	    slot_start(v->q.t.text != NULL ? v->q.t.when : v->newest, v->step);
	v->sel_from = v->slot;
	v->sel_to = v->slot + v->step;
	if (!v->window)
		return;
	v->sel_from = slot_start(v->q.from.when, v->step);
	v->sel_to = slot_start(v->q.to.when + v->step - 1, v->step);
	if (v->q.t.text == NULL)
		v->slot = v->sel_from;
}

/*
 * The graph ends where the query says, else at the newest data; a selection
 * that would not be in it is put in the middle.
 */
static void
resolve_graph(struct view *v)
{
	int64_t width = v->q.width != 0 ? v->q.width : DEFAULT_WIDTH;
	if (width < 10 * v->step)
		width = 10 * v->step;
	int64_t last = data_end(v);
	int64_t end = last;
	if (v->q.end.text != NULL) {
		end = slot_start(v->q.end.when + v->step - 1, v->step);
	} else if (v->sel_from < end - width) {
		int64_t middle = (v->sel_from + v->sel_to) / 2;
		end = slot_start(middle + width / 2, v->step);
	}
	if (end > last)
		end = last;
	v->graph_to = end > width ? end : width;
	v->graph_from = v->graph_to - width;
	/* What was not chosen is the newest slot in sight. */
	if (!v->window && v->q.t.text == NULL && v->slot >= v->graph_to) {
		v->slot = v->sel_from = v->graph_to - v->step;
		v->sel_to = v->graph_to;
	}
}

void
view_resolve(struct view *v, struct arena *a)
{
	v->step = v->conf->cycletime;
	v->newest = v->profile->tend > 0
			? slot_start(v->profile->tend, v->step)
			: slot_start(v->now, v->step) - v->step;
	v->type = v->q.type >= 0 ? (enum rrd_type)v->q.type : RRD_FLOWS;
	resolve_channels(v, a);
	resolve_selection(v);
	resolve_graph(v);
}

bool
view_open(struct view *v, const struct conf *c, const char *group,
    const char *name, enum query_page page, const struct request *rq,
    struct response *rs)
{
	struct err err;
	*v = (struct view){ .conf = c, .page = page, .now = rq->now };
	if (!listed(c, group, name, &rs->arena)) {
		http_error(rs, rq, 404, "There is no profile '%s%s%s'.",
		    strcmp(group, ".") == 0 ? "" : group,
		    strcmp(group, ".") == 0 ? "" : "/", name);
		return false;
	}
	if (query_parse(&v->q, page, rq->query, rq->now, &rs->arena, &err) ==
	    -1) {
		http_error(rs, rq, 400, "%s", err.msg);
		return false;
	}
	v->profile = profile_load(c, group, name, &err);
	if (v->profile == NULL) {
		http_error(rs, rq, 500, "%s", err.msg);
		return false;
	}
	view_resolve(v, &rs->arena);
	return true;
}

void
view_close(struct view *v)
{
	profile_free(v->profile);
	v->profile = NULL;
}

const char *
view_url(const struct view *v, struct arena *a, const char *leaf,
    enum query_page page, const struct query *q)
{
	struct buf b = BUF_EMPTY;
	buf_adds(&b, "/p/");
	if (strcmp(v->profile->group, ".") != 0) {
		query_encode(&b, v->profile->group);
		buf_addc(&b, '/');
	}
	query_encode(&b, v->profile->name);
	buf_printf(&b, "/%s?", leaf);
	size_t before = b.len;
	query_print(q, page, &b);
	if (b.len == before)
		b.len--;
	const char *url = arena_strndup(a, b.data, b.len);
	buf_free(&b);
	return url;
}

void
view_set_time(struct query_time *t, int64_t when, struct arena *a)
{
	char text[40] = "";
	time_t tt = (time_t)when;
	struct tm tm = { 0 };
	(void)localtime_r(&tt, &tm);
	(void)strftime(text, sizeof(text),
	    tm.tm_sec != 0 ? "%Y-%m-%dT%H:%M:%S" : "%Y-%m-%dT%H:%M", &tm);
	long off = tm.tm_gmtoff < 0 ? -tm.tm_gmtoff : tm.tm_gmtoff;
	*t = (struct query_time){ .when = when,
		.text = tm.tm_gmtoff == 0
			    ? arena_printf(a, "%sZ", text)
			    : arena_printf(a, "%s%c%02ld:%02ld", text,
				  tm.tm_gmtoff < 0 ? '-' : '+', off / 3600,
				  off / 60 % 60) };
}

const char *
view_time_text(int64_t when, struct arena *a)
{
	char text[32] = "?";
	time_t t = (time_t)when;
	struct tm tm;
	if (localtime_r(&t, &tm) != NULL)
		(void)strftime(text, sizeof(text),
		    tm.tm_sec != 0 ? "%Y-%m-%d %H:%M:%S" : "%Y-%m-%d %H:%M",
		    &tm);
	return arena_strdup(a, text);
}

int64_t
view_zone_east(int64_t when)
{
	time_t t = (time_t)when;
	struct tm tm;
	return localtime_r(&t, &tm) != NULL ? tm.tm_gmtoff : 0;
}

const char *
view_zone_text(int64_t when, struct arena *a)
{
	time_t t = (time_t)when;
	struct tm tm;
	if (localtime_r(&t, &tm) == NULL || tm.tm_gmtoff == 0)
		return "UTC";
	long off = tm.tm_gmtoff < 0 ? -tm.tm_gmtoff : tm.tm_gmtoff;
	return arena_printf(a, "UTC%c%02ld:%02ld", tm.tm_gmtoff < 0 ? '-' : '+',
	    off / 3600, off / 60 % 60);
}

int
view_channel_sums(const struct view *v, const struct view_channel *ch,
    struct view_sums *s, struct err *err)
{
	struct arena a = ARENA_EMPTY;
	struct rrd_series r;
	*s = (struct view_sums){ 0 };
	if (rrd_channel_fetch(ch->rrd, v->sel_from, v->sel_to, v->step, 0x7fff,
		&a, &r, err) == -1) {
		arena_free(&a);
		return -1;
	}
	s->step = r.step;
	for (size_t i = 0; i < r.n; i++) {
		/* Coarse rows stick out of the selection at both ends. */
		int64_t from = r.start + (int64_t)i * r.step;
		int64_t to = from + r.step;
		if (from < v->sel_from)
			from = v->sel_from;
		if (to > v->sel_to)
			to = v->sel_to;
		if (to <= from)
			continue;
		s->slots++;
		if (isnan(r.values[0][i])) {
			s->unknown++;
			continue;
		}
		for (size_t ds = 0; ds < sizeof(s->sum) / sizeof(*s->sum); ds++)
			s->sum[ds] += r.values[ds][i] * (double)(to - from);
	}
	arena_free(&a);
	return 0;
}
