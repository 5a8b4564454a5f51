/* What a step of a plan costs: data that goes, starts anew, stays as it was. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/slot.h"
#include "profile/internal.h"
#include "profile/nfstat.h"

#define COST_LINES 20 /* shown of one step */

struct cost {
	const struct conf *c;
	struct buf *out;
	size_t n;
};

__attribute__((format(printf, 2, 3))) static void
line(struct cost *k, const char *fmt, ...)
{
	char text[1024];
	va_list ap;
	if (k->n++ >= COST_LINES)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	buf_printf(k->out, "%s\n", text);
}

static void
end(struct cost *k)
{
	if (k->n > COST_LINES)
		buf_printf(k->out, "and %zu more\n", k->n - COST_LINES);
}

/* ---- sizes and times --------------------------------------------------------------- */

#define SIZE_TEXT 32

/* " (1.5 GB)", or nothing when there is nothing. */
static const char *
size_text(uint64_t bytes, char *buf)
{
	static const char *const units[] = { "TB", "GB", "MB", "KB" };
	double v = (double)bytes;
	double unit = 1024.0 * 1024 * 1024 * 1024;
	size_t i = 0;
	buf[0] = '\0';
	while (i < 4 && v < unit) {
		unit /= 1024;
		i++;
	}
	if (bytes > 0 && i < 4)
		(void)snprintf(buf, SIZE_TEXT, " (%.1f %s)", v / unit,
		    units[i]);
	else if (bytes > 0)
		(void)snprintf(buf, SIZE_TEXT, " (%" PRIu64 " bytes)", bytes);
	return buf;
}

static uint64_t
channel_size(const struct conf *c, const struct profile *p, const char *channel)
{
	char dir[FILE_PATH_MAX];
	struct nfstat s;
	if (profile_data_path(c, p->group, p->name, channel, dir) &&
	    nfstat_read(dir, &s, NULL) == 0)
		return s.size;
	return 0;
}

static bool
has_database(const struct conf *c, const struct profile *p, const char *channel)
{
	char path[FILE_PATH_MAX];
	return profile_rrd_path(c, p, channel, path) && file_exists(path);
}

/* ---- sources -------------------------------------------------------------------------- */

static void
cost_reader(struct cost *k, const struct profile *p, const struct channel *ch,
    const char *source)
{
	bool grouped = strcmp(p->group, ".") != 0;
	for (size_t i = 0; i < ch->n_sources; i++)
		if (strcmp(ch->sources[i], source) == 0)
			line(k, "channel '%s' of profile '%s%s%s' %s", ch->name,
			    grouped ? p->group : "", grouped ? "/" : "",
			    p->name,
			    ch->n_sources > 1
				? "no longer reads it"
				: "reads nothing else and stays empty");
}

/* Profiles that config describes say themselves what they read. */
static void
cost_readers(struct cost *k, const char *source)
{
	struct arena a = ARENA_EMPTY;
	struct profile_list l;
	if (profile_list(k->c, &a, &l, NULL) == -1)
		l.n = 0;
	for (size_t i = 0; i < l.n; i++) {
		const struct profile_id *id = &l.ids[i];
		if (strcmp(id->name, "live") == 0 ||
		    (k->c->has_profiles &&
			plan_is_configs(k->c, id->group, id->name)))
			continue;
		struct profile *p =
		    profile_load(k->c, id->group, id->name, NULL);
		for (size_t m = 0; p != NULL && m < p->n_channels; m++)
			cost_reader(k, p, &p->channels[m], source);
		profile_free(p);
	}
	arena_free(&a);
}

void
cost_source_delete(const struct conf *c, const struct profile *live,
    const char *name, struct buf *out)
{
	struct cost k = { .c = c, .out = out };
	char size[SIZE_TEXT];
	line(&k, "source '%s': its flows%s and its database are deleted", name,
	    size_text(channel_size(c, live, name), size));
	cost_readers(&k, name);
	end(&k);
}

void
cost_source_change(const struct conf *c, const struct profile *live,
    const char *name, struct buf *out)
{
	struct cost k = { .c = c, .out = out };
	if (!has_database(c, live, name))
		line(&k, "its database starts anew");
}

/* ---- profiles ---------------------------------------------------------------------------- */

void
cost_profile_add(const struct conf *c, const struct conf_profile *cp,
    struct buf *out)
{
	struct cost k = { .c = c, .out = out };
	char from[SLOT_NAME_MAX];
	char to[SLOT_NAME_MAX];
	bool grouped = strcmp(cp->group, ".") != 0;
	if (cp->tstart == 0)
		return;
	(void)slot_iso(cp->tstart, c->cycletime, from);
	(void)slot_iso(cp->tend, c->cycletime, to);
	line(&k, "profile '%s%s%s': live's flows %s %s%s%s are read again",
	    grouped ? cp->group : "", grouped ? "/" : "", cp->name,
	    cp->history ? "from" : "since", from, cp->history ? " to " : "",
	    cp->history ? to : "");
}

void
cost_profile_delete(const struct conf *c, const char *group, const char *name,
    struct buf *out)
{
	struct cost k = { .c = c, .out = out };
	char size[SIZE_TEXT];
	bool grouped = strcmp(group, ".") != 0;
	struct profile *p = profile_load(c, group, name, NULL);
	line(&k, "profile '%s%s%s': its flows%s and its databases are deleted",
	    grouped ? group : "", grouped ? "/" : "", name,
	    size_text(p != NULL ? p->size : 0, size));
	profile_free(p);
}

static void
cost_type(struct cost *k, const struct profile *have,
    const struct profile *want)
{
	char size[SIZE_TEXT];
	char since[SLOT_NAME_MAX];
	bool was_shadow = (have->type & PROFILE_SHADOW) != 0;
	bool shadow = (want->type & PROFILE_SHADOW) != 0;
	int was = have->type & ~PROFILE_SHADOW;
	int kind = want->type & ~PROFILE_SHADOW;
	if (shadow && !was_shadow)
		line(k, "its flows%s are deleted, its databases stay",
		    size_text(have->size, size));
	if (!shadow && was_shadow)
		line(k, "flows are kept from now on");
	if (was == PROFILE_CONTINUOUS && kind == PROFILE_HISTORY)
		line(k, "it stands still, nothing is added any more");
	if (was == PROFILE_HISTORY && kind == PROFILE_CONTINUOUS)
		line(k, "it goes on now: what came after %s is not in it",
		    slot_iso(have->tend, k->c->cycletime, since));
}

static void
cost_limits(struct cost *k, const struct profile *have,
    const struct profile *want)
{
	char size[SIZE_TEXT];
	bool older = want->expire > 0 &&
		     (have->expire == 0 || want->expire < have->expire);
	if (older)
		line(k, "flows older than %" PRId64 " hours are deleted",
		    want->expire);
	if (want->maxsize > 0 && have->size > want->maxsize)
		line(k, "the oldest of its flows%s are deleted",
		    size_text(have->size - want->maxsize, size));
}

static void
cost_channel_stays(struct cost *k, const struct profile *have,
    const struct channel *a, const struct channel *b,
    const struct conf_channel *cc)
{
	if (!has_database(k->c, have, a->name))
		line(k, "channel '%s': its database starts anew", a->name);
	else if (!diff_same_sources(a, b) ||
		 diff_filter(k->c, have, cc, NULL) == 1)
		line(k,
		    "channel '%s': counts so from now on, what is stored "
		    "stays",
		    a->name);
}

static void
cost_channel_comes(struct cost *k, const struct profile *want, const char *name)
{
	if ((want->type & ~PROFILE_SHADOW) == PROFILE_HISTORY)
		line(k, "channel '%s': empty until the profile is built anew",
		    name);
	else
		line(k, "channel '%s': begins now, flows before are not in it",
		    name);
}

static void
cost_channel_goes(struct cost *k, const struct profile *have, const char *name)
{
	char size[SIZE_TEXT];
	line(k, "channel '%s': its flows%s and its database are deleted", name,
	    size_text(channel_size(k->c, have, name), size));
}

void
cost_profile_change(const struct conf *c, const struct profile *have,
    const struct profile *want, const struct conf_profile *cp, struct buf *out)
{
	struct cost k = { .c = c, .out = out };
	cost_type(&k, have, want);
	cost_limits(&k, have, want);
	for (size_t i = 0; i < want->n_channels; i++) {
		const struct channel *b = &want->channels[i];
		const struct channel *a = profile_find_channel(have, b->name);
		if (a == NULL)
			cost_channel_comes(&k, want, b->name);
		else
			cost_channel_stays(&k, have, a, b,
			    wanted_channel(cp, b->name));
	}
	for (size_t i = 0; i < have->n_channels; i++)
		if (profile_find_channel(want, have->channels[i].name) == NULL)
			cost_channel_goes(&k, have, have->channels[i].name);
	end(&k);
}
