#include "profiler/set.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "filter/geo.h"
#include "nffile/nffile.h"

/* ---- marks ------------------------------------------------------------------ */

static struct mark
make_mark(struct set *s, const struct conf *c, const struct profile *p,
    const char *channel)
{
	char path[FILE_PATH_MAX];
	struct err err;
	if (!profile_rrd_path(c, p, channel, path))
		log_warnx("path of database too long channel=%s", channel);
	struct mark m = { .rrd = arena_strdup(&s->arena, path) };
	m.last = file_exists(path) ? rrd_channel_last(path, &err) : p->updated;
	if (m.last == -1) {
		log_warnx("%s", err.msg);
		m.last = p->updated;
	}
	return m;
}

static const char *
data_dir(struct set *s, const struct conf *c, const struct profile *p,
    const char *channel)
{
	char path[FILE_PATH_MAX];
	if (!profile_data_path(c, p->group, p->name, channel, path))
		log_warnx("path of data too long channel=%s", channel);
	return arena_strdup(&s->arena, path);
}

/* ---- live ------------------------------------------------------------------- */

static void
load_sources(struct set *s, const struct conf *c)
{
	const struct profile *live = s->live;
	s->n_sources = live->n_channels;
	s->sources =
	    arena_array(&s->arena, s->n_sources + 1, sizeof(*s->sources));
	for (size_t i = 0; i < s->n_sources; i++) {
		const char *name = live->channels[i].name;
		s->sources[i] = (struct source){ .name = name,
			.dir = data_dir(s, c, live, name),
			.mark = make_mark(s, c, live, name) };
	}
}

size_t
set_find_source(const struct set *s, const char *name)
{
	size_t i = 0;
	while (i < s->n_sources && strcmp(s->sources[i].name, name) != 0)
		i++;
	return i;
}

/* ---- members ---------------------------------------------------------------- */

static struct filter *
read_filter(const struct set *s, const struct conf *c, const struct profile *p,
    const struct channel *ch)
{
	struct buf text = BUF_EMPTY;
	struct filter_error fe;
	struct err err;
	struct filter *f = NULL;
	if (profile_filter_read(c, p, ch->name, &text, &err) == -1)
		log_errx("channel left out: %s", err.msg);
	else if ((f = filter_parse_with(buf_str(&text), text.len, &s->options,
		      &fe)) == NULL)
		log_errx("channel left out: filter: %s profile=%s/%s "
			 "channel=%s",
		    fe.message, p->group, p->name, ch->name);
	buf_free(&text);
	return f;
}

static bool
reads_all(const struct channel *ch)
{
	return ch->n_sources == 0 ||
	       (ch->n_sources == 1 && strcmp(ch->sources[0], "*") == 0);
}

/* Which sources the channel reads; names that are gone match nothing. */
static bool *
wanted_sources(struct set *s, const struct channel *ch)
{
	bool *wants = arena_array(&s->arena, s->n_sources + 1, sizeof(*wants));
	for (size_t i = 0; i < s->n_sources; i++)
		wants[i] = reads_all(ch);
	for (size_t i = 0; i < ch->n_sources; i++)
		wants[set_find_source(s, ch->sources[i])] = true;
	return wants;
}

static size_t
add_filter(struct set *s, const struct channel *ch, const struct filter *f)
{
	struct filter *with = filter_with_idents(f, ch->sources,
	    reads_all(ch) ? 0 : ch->n_sources);
	s->filters[s->n_filters] = with;
	return s->n_filters++;
}

static void
add_member(struct set *s, const struct conf *c, struct profile *p,
    const struct channel *ch)
{
	struct filter *f = read_filter(s, c, p, ch);
	if (f == NULL)
		return;
	s->members[s->n_members++] = (struct member){ .profile = p,
		.name = ch->name,
		.dir = data_dir(s, c, p, ch->name),
		.filter = add_filter(s, ch, f),
		.keeps = (p->type & PROFILE_SHADOW) == 0,
		.wants = wanted_sources(s, ch),
		.mark = make_mark(s, c, p, ch->name) };
	filter_free(f);
}

static void
load_members(struct set *s, const struct conf *c)
{
	size_t n = 1;
	for (size_t i = 0; i < s->n_profiles; i++)
		n += s->profiles[i]->n_channels;
	s->members = arena_array(&s->arena, n, sizeof(*s->members));
	s->filters = arena_array(&s->arena, n, sizeof(*s->filters));
	for (size_t i = 0; i < s->n_profiles; i++)
		for (size_t k = 0; k < s->profiles[i]->n_channels; k++)
			add_member(s, c, s->profiles[i],
			    &s->profiles[i]->channels[k]);
}

struct filterset *
set_filters(const struct set *s)
{
	struct filterset *f = filterset_new();
	for (size_t i = 0; i < s->n_filters; i++)
		(void)filterset_add(f, s->filters[i]);
	filterset_compile(f);
	filterset_expander(f, nffile_record_flow);
	return f;
}

/* ---- profiles ---------------------------------------------------------------- */

/* Somebody is at work on it who will unlock it, too (build.h). */
static bool
is_in_work(const struct profile *p)
{
	return strncmp(p->status, "built", 5) == 0 ||
	       strcmp(p->status, "rebuilding") == 0;
}

static bool
is_followed(const struct profile *p)
{
	return (p->type & ~PROFILE_SHADOW) == PROFILE_CONTINUOUS &&
	       strcmp(p->status, "OK") == 0;
}

static void
take_lock_off(const struct conf *c, struct profile *p, bool unlock)
{
	struct err err;
	if (p->locked == 0)
		return;
	if (!unlock) {
		log_warnx("profile is locked and left alone profile=%s/%s",
		    p->group, p->name);
		return;
	}
	p->locked = 0;
	log_warnx("left-over lock taken off profile=%s/%s", p->group, p->name);
	if (profile_save(c, p, &err) == -1)
		log_errx("%s", err.msg);
}

static void
load_profile(struct set *s, const struct conf *c, const struct profile_id *id,
    bool unlock)
{
	struct err err;
	struct profile *p = profile_load(c, id->group, id->name, &err);
	if (p == NULL) {
		log_errx("profile left out: %s", err.msg);
		return;
	}
	if (!is_in_work(p))
		take_lock_off(c, p, unlock);
	if (p->locked != 0 || !is_followed(p)) {
		profile_free(p);
		return;
	}
	s->saved[s->n_profiles] = p->updated;
	s->profiles[s->n_profiles++] = p;
}

static int
load_profiles(struct set *s, const struct conf *c, bool unlock, struct err *err)
{
	struct profile_list l;
	if (profile_list(c, &s->arena, &l, err) == -1)
		return -1;
	s->profiles = arena_array(&s->arena, l.n + 1, sizeof(*s->profiles));
	s->saved = arena_array(&s->arena, l.n + 1, sizeof(*s->saved));
	for (size_t i = 0; i < l.n; i++)
		if (strcmp(l.ids[i].group, ".") != 0 ||
		    strcmp(l.ids[i].name, "live") != 0)
			load_profile(s, c, &l.ids[i], unlock);
	return 0;
}

static struct set *
load_live(const struct conf *c, struct err *err)
{
	struct set *s = mem_calloc(1, sizeof(*s));
	struct err why;
	if (profile_filter_options(c, &s->options, &why) == -1)
		log_errx("%s", why.msg);
	s->live = profile_load(c, ".", "live", err);
	if (s->live == NULL) {
		set_free(s);
		return NULL;
	}
	s->live_saved = s->live->updated;
	return s;
}

struct set *
set_load(const struct conf *c, bool unlock, struct err *err)
{
	struct set *s = load_live(c, err);
	if (s == NULL)
		return NULL;
	take_lock_off(c, s->live, true);
	if (load_profiles(s, c, unlock, err) == -1) {
		set_free(s);
		return NULL;
	}
	load_sources(s, c);
	load_members(s, c);
	return s;
}

struct set *
set_load_one(const struct conf *c, const char *group, const char *name,
    struct err *err)
{
	struct set *s = load_live(c, err);
	struct profile *p =
	    s == NULL ? NULL : profile_load(c, group, name, err);
	if (p == NULL) {
		set_free(s);
		return NULL;
	}
	s->profiles = arena_array(&s->arena, 1, sizeof(*s->profiles));
	s->saved = arena_array(&s->arena, 1, sizeof(*s->saved));
	s->profiles[s->n_profiles++] = p;
	s->saved[0] = p->updated;
	load_sources(s, c);
	for (size_t i = 0; i < s->n_sources; i++)
		s->sources[i].mark.last = INT64_MAX;
	load_members(s, c);
	return s;
}

size_t
set_find_profile(const struct set *s, const char *group, const char *name)
{
	size_t i = 0;
	while (
	    i < s->n_profiles && (strcmp(s->profiles[i]->name, name) != 0 ||
				     strcmp(s->profiles[i]->group, group) != 0))
		i++;
	return i;
}

void
set_free(struct set *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->n_filters; i++)
		filter_free(s->filters[i]);
	geo_free(s->options.geo);
	profile_free(s->live);
	for (size_t i = 0; i < s->n_profiles; i++)
		profile_free(s->profiles[i]);
	for (size_t i = 0; i < s->n_sources; i++)
		free(s->sources[i].mark.wait);
	for (size_t i = 0; i < s->n_members; i++)
		free(s->members[i].mark.wait);
	arena_free(&s->arena);
	free(s);
}

int64_t
set_oldest(const struct set *s)
{
	int64_t oldest = s->live->updated;
	for (size_t i = 0; i < s->n_profiles; i++)
		if (s->profiles[i]->updated < oldest)
			oldest = s->profiles[i]->updated;
	return oldest;
}
