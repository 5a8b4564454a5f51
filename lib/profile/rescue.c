#include "profile/rescue.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/slot.h"
#include "nffile/tree.h"
#include "profile/internal.h"
#include "store/rrd.h"

#define CHANNELS_MAX 4096
#define BEHIND_S     1800 /* so far behind live is no longer continuous */

struct found {
	int64_t first, last; /* slots of flow files, 0: none */
	int64_t updated;     /* newest value of a database */
};

static void
look_at_channel(const struct conf *c, const struct profile *p,
    const char *channel, struct found *f)
{
	char path[FILE_PATH_MAX];
	struct arena a = ARENA_EMPTY;
	struct tree_list l = { 0 };
	struct tree_query q = { .R = path };
	if (profile_rrd_path(c, p, channel, path) && file_exists(path)) {
		int64_t last = rrd_channel_last(path, NULL);
		if (last > f->updated)
			f->updated = last;
	}
	if (profile_data_path(c, p->group, p->name, channel, path) &&
	    tree_find(&q, &a, &l, NULL) == 0)
		for (size_t i = 0; i < l.n; i++) {
			int64_t start = l.files[i].start;
			if (start > 0 && (f->first == 0 || start < f->first))
				f->first = start;
			if (start > f->last)
				f->last = start;
		}
	arena_free(&a);
}

/* The times of all channels; a profile without anything begins now. */
static void
set_times(const struct conf *c, struct profile *p, int64_t now)
{
	struct found f = { 0 };
	int64_t slot = slot_start(now, c->cycletime);
	for (size_t i = 0; i < p->n_channels; i++)
		look_at_channel(c, p, p->channels[i].name, &f);
	p->updated = f.updated > f.last ? f.updated : f.last;
	p->updated -= p->updated % c->cycletime;
	if (p->updated == 0)
		p->updated = slot - c->cycletime;
	p->tstart = f.first > 0 ? f.first : p->updated;
	p->tend = p->updated > p->tstart ? p->updated : p->tstart;
	p->tbegin = p->tcreate = p->tstart;
	if (f.first == 0)
		p->type |= PROFILE_SHADOW;
}

static void
add_channel(struct profile *p, const char *name, const char *color)
{
	struct channel *ch = profile_add_channel(p, name);
	ch->color = arena_strdup(&p->arena,
	    color != NULL ? color : wanted_colour(p->n_channels - 1));
	ch->order = (int)p->n_channels;
}

struct profile *
rescue_live(const struct conf *c, int64_t now)
{
	struct profile *p = profile_new(".", "live");
	p->status = "OK";
	for (size_t i = 0; i < c->n_sources; i++) {
		const struct conf_source *s = &c->sources[i];
		if (s->in.dynamic != 0)
			continue;
		add_channel(p, s->ident, s->col);
		struct channel *ch = &p->channels[p->n_channels - 1];
		ch->sources = arena_array(&p->arena, 1, sizeof(*ch->sources));
		ch->sources[0] = ch->name;
		ch->n_sources = 1;
	}
	profile_renumber(p);
	set_times(c, p, now);
	p->type = PROFILE_LIVE;
	profile_account(c, p);
	return p;
}

/* ---- other profiles -------------------------------------------------------------- */

static void
take_name(struct profile *p, const char *name, size_t len)
{
	char channel[CONF_CHANNEL_MAX + 1];
	if (len == 0 || len > CONF_CHANNEL_MAX || p->n_channels == CHANNELS_MAX)
		return;
	memcpy(channel, name, len);
	channel[len] = '\0';
	if (conf_channel_name_ok(channel) &&
	    profile_find_channel(p, channel) == NULL)
		add_channel(p, channel, NULL);
}

/* suffix NULL: folders, else files whose names end so. */
static void
take_names(struct profile *p, const char *dir, const char *suffix)
{
	char path[FILE_PATH_MAX];
	struct stat st;
	DIR *d = opendir(dir);
	for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
		size_t n = strlen(e->d_name);
		size_t m = suffix != NULL ? strlen(suffix) : 0;
		if (e->d_name[0] == '.' || n <= m ||
		    (m > 0 && strcmp(e->d_name + n - m, suffix) != 0) ||
		    !file_join(path, dir, e->d_name) || lstat(path, &st) == -1)
			continue;
		if (suffix != NULL ? S_ISREG(st.st_mode) : S_ISDIR(st.st_mode))
			take_name(p, e->d_name, n - m);
	}
	if (d != NULL)
		(void)closedir(d);
}

static void
set_type(const struct conf *c, struct profile *p, int64_t now)
{
	struct profile *live = profile_load(c, ".", "live", NULL);
	if (live == NULL)
		live = rescue_live(c, now);
	bool followed = p->updated + BEHIND_S >= live->updated;
	p->type |= followed ? PROFILE_CONTINUOUS : PROFILE_HISTORY;
	p->status = "OK";
	profile_free(live);
}

struct profile *
rescue_profile(const struct conf *c, const struct profile_id *id, int64_t now,
    struct err *err)
{
	char stat[FILE_PATH_MAX], data[FILE_PATH_MAX];
	if (!profile_stat_path(c, id->group, id->name, NULL, stat) ||
	    !profile_data_path(c, id->group, id->name, NULL, data)) {
		(void)err_set(err, "profile '%s': path too long", id->name);
		return NULL;
	}
	struct profile *p = profile_new(id->group, id->name);
	take_names(p, stat, ".rrd");
	take_names(p, data, NULL);
	if (p->n_channels == 0) {
		(void)err_set(err,
		    "profile '%s': nothing is left that tells its channels",
		    id->name);
		profile_free(p);
		return NULL;
	}
	set_times(c, p, now);
	set_type(c, p, now);
	profile_account(c, p);
	p->description = arena_strdup(&p->arena,
	    "made from its databases and flow files; profile.dat was damaged");
	return p;
}
