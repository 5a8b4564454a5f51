/*
 * JSON: the same data as the pages.  Times are epoch seconds, true slot
 * starts; rates are per second, traffic in bit/s; unknown is null.
 */
#include <math.h>
#include <string.h>

#include "base/json.h"
#include "fcgi/loss_table.h"
#include "fcgi/pages.h"
#include "fcgi/sources.h"

#define POINTS_MAX 2000

static const char *const type_names[] = { "flows", "packets", "traffic" };
static const char *const type_units[] = { "flows/s", "packets/s", "bit/s" };

static void
begin(struct response *rs)
{
	rs->status = 200;
	rs->type = "application/json";
	buf_addc(&rs->body, '{');
}

static void
end(struct response *rs)
{
	buf_adds(&rs->body, "}\n");
}

static void
key_string(struct buf *b, bool *first, const char *key, const char *value)
{
	json_key(b, first, key);
	json_string(b, value);
}

static void
key_int(struct buf *b, bool *first, const char *key, int64_t value)
{
	json_key(b, first, key);
	json_int(b, value);
}

/* ---- profiles -------------------------------------------------------------- */

static void
put_profile(struct buf *b, const struct profile *p)
{
	static const char *const types[] = { "live", "history", "continuous" };
	bool first = true;
	buf_addc(b, '{');
	key_string(b, &first, "group", p->group);
	key_string(b, &first, "name", p->name);
	key_string(b, &first, "type", types[(p->type & 3) % 3]);
	json_key(b, &first, "shadow");
	buf_adds(b, (p->type & PROFILE_SHADOW) != 0 ? "true" : "false");
	key_string(b, &first, "status", p->status);
	key_int(b, &first, "tstart", p->tstart);
	key_int(b, &first, "tend", p->tend);
	key_int(b, &first, "updated", p->updated);
	json_key(b, &first, "channels");
	buf_addc(b, '[');
	bool first_channel = true;
	for (size_t i = 0; i < p->n_channels; i++) {
		bool in = true;
		json_item(b, &first_channel);
		buf_addc(b, '{');
		key_string(b, &in, "name", p->channels[i].name);
		key_string(b, &in, "sign",
		    p->channels[i].sign == '-' ? "-" : "+");
		key_string(b, &in, "color", p->channels[i].color);
		buf_addc(b, '}');
	}
	buf_adds(b, "]}");
}

void
api_profiles(const struct conf *c, const struct request *rq,
    struct response *rs)
{
	struct profile_list l;
	struct err err;
	if (profile_list(c, &rs->arena, &l, &err) == -1) {
		http_error(rs, rq, 500, "%s", err.msg);
		return;
	}
	bool first = true, first_item = true;
	begin(rs);
	key_int(&rs->body, &first, "slot_length", c->cycletime);
	json_key(&rs->body, &first, "profiles");
	buf_addc(&rs->body, '[');
	for (size_t i = 0; i < l.n; i++) {
		struct profile *p =
		    profile_load(c, l.ids[i].group, l.ids[i].name, &err);
		if (p == NULL)
			continue;
		json_item(&rs->body, &first_item);
		put_profile(&rs->body, p);
		profile_free(p);
	}
	buf_addc(&rs->body, ']');
	end(rs);
}

/* What the ledger has of the last slot and of the last day. */
static void
add_loss(const struct conf *c, const struct request *rq, const char *ident,
    struct response *rs)
{
	struct loss x;
	bool in = false;
	loss_read(c, ident, rq->now, &x);
	key_int(&rs->body, &in, "last_slot", x.slot);
	key_int(&rs->body, &in, "lost_in_slot",
	    (int64_t)ledger_lost(&x.in_slot));
	key_int(&rs->body, &in, "lost_in_day", (int64_t)ledger_lost(&x.in_day));
}

void
api_sources(const struct conf *c, const struct request *rq, struct response *rs)
{
	struct sources s;
	bool first = true, first_item = true;
	sources_ask(c, &rs->arena, &s);
	begin(rs);
	json_key(&rs->body, &first, "collector");
	json_string(&rs->body, s.running ? "running" : s.why);
	json_key(&rs->body, &first, "sources");
	buf_addc(&rs->body, '[');
	for (size_t i = 0; i < s.n; i++) {
		bool in = true;
		json_item(&rs->body, &first_item);
		buf_addc(&rs->body, '{');
		key_string(&rs->body, &in, "ident", s.list[i].ident);
		key_int(&rs->body, &in, "port", s.list[i].port);
		key_int(&rs->body, &in, "exporters", s.list[i].exporters);
		key_int(&rs->body, &in, "last_ms", s.list[i].last_ms);
		key_int(&rs->body, &in, "datagrams", s.list[i].datagrams);
		key_int(&rs->body, &in, "flows", s.list[i].flows);
		key_int(&rs->body, &in, "lost", s.list[i].lost);
		key_int(&rs->body, &in, "no_template", s.list[i].no_template);
		key_int(&rs->body, &in, "malformed", s.list[i].malformed);
		add_loss(c, rq, s.list[i].ident, rs);
		buf_addc(&rs->body, '}');
	}
	buf_addc(&rs->body, ']');
	end(rs);
}

/* ---- series ------------------------------------------------------------------ */

static int
put_series(struct buf *b, const struct view *v, const struct view_channel *ch,
    int64_t from, int64_t to, int64_t *start, int64_t *step, struct err *err)
{
	struct arena a = ARENA_EMPTY;
	struct rrd_series s;
	size_t ds = (size_t)v->type * CLASS_MAX + v->q.proto;
	int64_t want = (to - from) / POINTS_MAX;
	if (rrd_channel_fetch(ch->rrd, from, to, want, UINT32_C(1) << ds, &a,
		&s, err) == -1) {
		arena_free(&a);
		return -1;
	}
	*start = s.start;
	*step = s.step;
	bool first = true, first_value = true;
	buf_addc(b, '{');
	key_string(b, &first, "name", ch->ch->name);
	key_string(b, &first, "sign", ch->ch->sign == '-' ? "-" : "+");
	key_string(b, &first, "color", ch->color);
	json_key(b, &first, "values");
	buf_addc(b, '[');
	for (size_t i = 0; i < s.n; i++) {
		json_item(b, &first_value);
		json_double(b,
		    s.values[ds][i] * (v->type == RRD_TRAFFIC ? 8 : 1));
	}
	buf_adds(b, "]}");
	arena_free(&a);
	return 0;
}

void
api_series(const struct view *v, const struct request *rq, struct response *rs)
{
	int64_t from = v->window ? v->sel_from : v->graph_from;
	int64_t to = v->window ? v->sel_to : v->graph_to;
	int64_t start = from, step = v->step;
	struct buf list = BUF_EMPTY;
	struct err err;
	bool first = true, first_item = true;
	for (size_t i = 0; i < v->n_channels; i++) {
		if (!v->channels[i].shown)
			continue;
		json_item(&list, &first_item);
		if (put_series(&list, v, &v->channels[i], from, to, &start,
			&step, &err) == -1) {
			buf_free(&list);
			http_error(rs, rq, 500, "%s", err.msg);
			return;
		}
	}
	begin(rs);
	key_string(&rs->body, &first, "group", v->profile->group);
	key_string(&rs->body, &first, "profile", v->profile->name);
	key_string(&rs->body, &first, "type", type_names[v->type]);
	key_string(&rs->body, &first, "unit", type_units[v->type]);
	key_string(&rs->body, &first, "proto", counter_class_names[v->q.proto]);
	key_int(&rs->body, &first, "start", start);
	key_int(&rs->body, &first, "step", step);
	key_int(&rs->body, &first, "slot_length", v->step);
	json_key(&rs->body, &first, "channels");
	buf_addc(&rs->body, '[');
	buf_adds(&rs->body, buf_str(&list));
	buf_addc(&rs->body, ']');
	end(rs);
	buf_free(&list);
}

/* ---- statistics ---------------------------------------------------------------- */

static void
put_sums(struct buf *b, const struct view_channel *ch,
    const struct view_sums *s)
{
	bool first = true;
	buf_addc(b, '{');
	key_string(b, &first, "name", ch->ch->name);
	key_string(b, &first, "sign", ch->ch->sign == '-' ? "-" : "+");
	key_int(b, &first, "slots", (int64_t)s->slots);
	key_int(b, &first, "unknown", (int64_t)s->unknown);
	for (size_t t = 0; t < 3; t++) {
		bool in = true;
		json_key(b, &first, t == 2 ? "bytes" : type_names[t]);
		buf_addc(b, '{');
		for (size_t k = 0; k < CLASS_MAX; k++) {
			json_key(b, &in, counter_class_names[k]);
			if (s->unknown == s->slots)
				buf_adds(b, "null");
			else
				json_int(b, llround(s->sum[t * CLASS_MAX + k]));
		}
		buf_addc(b, '}');
	}
	buf_addc(b, '}');
}

void
api_stats(const struct view *v, const struct request *rq, struct response *rs)
{
	struct view_sums sums;
	struct err err;
	bool first = true, first_item = true;
	begin(rs);
	key_string(&rs->body, &first, "group", v->profile->group);
	key_string(&rs->body, &first, "profile", v->profile->name);
	key_int(&rs->body, &first, "from", v->sel_from);
	key_int(&rs->body, &first, "to", v->sel_to);
	json_key(&rs->body, &first, "channels");
	buf_addc(&rs->body, '[');
	for (size_t i = 0; i < v->n_channels; i++) {
		if (!v->channels[i].shown)
			continue;
		if (view_channel_sums(v, &v->channels[i], &sums, &err) == -1) {
			http_error(rs, rq, 500, "%s", err.msg);
			return;
		}
		json_item(&rs->body, &first_item);
		put_sums(&rs->body, &v->channels[i], &sums);
	}
	buf_addc(&rs->body, ']');
	end(rs);
}
