/*
 * One step of a plan, done on disk.  profile.dat is always written last: it
 * is what makes an addition or a change real, and it still names what a
 * removal has not finished; so every step can be interrupted and repeated.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/slot.h"
#include "profile/internal.h"
#include "profile/nfstat.h"
#include "store/rrd.h"

struct step {
	const struct conf *c;
	int64_t slot; /* the one that runs now */
	struct err *err;
};

static int
too_long(struct step *st, const char *name)
{
	return err_set(st->err, "'%s': path too long", name);
}

/* ---- a channel's files ---------------------------------------------------------- */

static bool
filter_path(const struct conf *c, const struct profile *p, const char *channel,
    char *path)
{
	struct buf file = BUF_EMPTY;
	buf_printf(&file, "%s-filter.txt", channel);
	bool fits =
	    profile_stat_path(c, p->group, p->name, buf_str(&file), path);
	buf_free(&file);
	return fits;
}

static int
make_folder(struct step *st, const struct profile *p, const char *channel)
{
	char path[FILE_PATH_MAX];
	if (!profile_data_path(st->c, p->group, p->name, channel, path))
		return too_long(st, channel);
	return tree_mkdir(st->c, path, st->err);
}

static int
make_rrd(struct step *st, const struct profile *p, const char *channel,
    int64_t first, bool replace)
{
	char path[FILE_PATH_MAX];
	if (!profile_rrd_path(st->c, p, channel, path))
		return too_long(st, channel);
	if (!replace && file_exists(path))
		return 0;
	if (rrd_channel_create(path, first, st->c->cycletime, st->err) == -1)
		return -1;
	return tree_own(st->c, path, st->err);
}

static int
make_filter(struct step *st, const struct profile *p,
    const struct conf_channel *cc)
{
	char path[FILE_PATH_MAX];
	struct buf text = BUF_EMPTY;
	if (!filter_path(st->c, p, cc->name, path))
		return too_long(st, cc->name);
	wanted_filter(cc->filter, &text);
	int rc = tree_write(st->c, path, &text, st->err);
	buf_free(&text);
	return rc;
}

static int
remove_file(struct step *st, const char *path)
{
	if (unlink(path) == 0 || errno == ENOENT)
		return 0;
	return err_set(st->err, "%s: %s", path, strerror(errno));
}

static int
remove_channel(struct step *st, const struct profile *p, const char *channel)
{
	char path[FILE_PATH_MAX];
	if (!profile_data_path(st->c, p->group, p->name, channel, path))
		return too_long(st, channel);
	if (tree_remove(path, st->err) == -1)
		return -1;
	if (!profile_rrd_path(st->c, p, channel, path))
		return too_long(st, channel);
	if (remove_file(st, path) == -1)
		return -1;
	if (!filter_path(st->c, p, channel, path))
		return too_long(st, channel);
	return remove_file(st, path);
}

void
profile_account(const struct conf *c, struct profile *p)
{
	uint64_t sum = 0;
	bool any = false;
	for (size_t i = 0; i < p->n_channels; i++) {
		char dir[FILE_PATH_MAX];
		struct nfstat s;
		if (profile_data_path(c, p->group, p->name, p->channels[i].name,
			dir) &&
		    nfstat_read(dir, &s, NULL) == 0) {
			sum += s.size;
			any = true;
		}
	}
	if (any)
		p->size = sum;
}

/* ---- sources ---------------------------------------------------------------------- */

static const char *
free_colour(const struct profile *live)
{
	for (size_t n = 0;; n++) {
		size_t i = 0;
		while (i < live->n_channels &&
		       strcmp(live->channels[i].color, wanted_colour(n)) != 0)
			i++;
		if (i == live->n_channels || n > live->n_channels)
			return wanted_colour(n);
	}
}

static void
append_source(struct profile *live, const struct conf_source *s)
{
	const char *color = s->col != NULL ? s->col : free_colour(live);
	struct channel *ch = profile_add_channel(live, s->ident);
	ch->color = arena_strdup(&live->arena, color);
	ch->sources = arena_array(&live->arena, 1, sizeof(*ch->sources));
	ch->sources[0] = ch->name;
	ch->n_sources = 1;
	profile_renumber(live);
}

/* Add a source, or put right what differs; both end in the same state. */
static int
set_source(struct step *st, struct profile *live, const char *name)
{
	const struct conf_source *s = conf_source_find(st->c, name);
	struct channel *ch = profile_find_channel(live, name);
	if (s == NULL)
		return err_set(st->err, "source '%s' is not in %%sources",
		    name);
	if (make_folder(st, live, name) == -1 ||
	    make_rrd(st, live, name, st->slot, ch == NULL) == -1)
		return -1;
	if (ch == NULL)
		append_source(live, s);
	else if (s->col != NULL)
		ch->color = arena_strdup(&live->arena, s->col);
	return profile_save(st->c, live, st->err);
}

/* The collector's, ledger/ledger.h. */
static int
remove_ledger(struct step *st, const char *name)
{
	char dir[FILE_PATH_MAX], path[FILE_PATH_MAX];
	if (!profile_stat_path(st->c, ".", "live", ".ledger", dir) ||
	    !file_join(path, dir, name))
		return too_long(st, name);
	return file_remove_tree(path, st->err);
}

static int
delete_source(struct step *st, struct profile *live, const char *name)
{
	struct channel *ch = profile_find_channel(live, name);
	if (remove_channel(st, live, name) == -1 ||
	    remove_ledger(st, name) == -1)
		return -1;
	if (ch == NULL)
		return 0;
	size_t at = (size_t)(ch - live->channels);
	memmove(ch, ch + 1, (live->n_channels - at - 1) * sizeof(*ch));
	live->n_channels--;
	profile_renumber(live);
	profile_account(st->c, live);
	return profile_save(st->c, live, st->err);
}

static int
apply_source(struct step *st, const struct plan_step *s, int64_t now)
{
	if (plan_init_tree(st->c, now, st->err) == -1)
		return -1;
	struct profile *live = profile_load(st->c, ".", "live", st->err);
	if (live == NULL)
		return -1;
	int rc = s->action == PLAN_SOURCE_DELETE
		     ? delete_source(st, live, s->name)
		     : set_source(st, live, s->name);
	profile_free(live);
	return rc;
}

/* ---- profiles ----------------------------------------------------------------------- */

/* The group's folder and its mark, in one of the two trees. */
static int
make_group(struct step *st, const char *root, const char *group)
{
	char dir[FILE_PATH_MAX];
	char mark[FILE_PATH_MAX];
	struct buf none = BUF_EMPTY;
	if (strcmp(group, ".") == 0)
		return 0;
	if (!file_join(dir, root, group) || !file_join(mark, dir, ".group"))
		return too_long(st, group);
	if (tree_mkdir(st->c, dir, st->err) == -1)
		return -1;
	return file_exists(mark) ? 0 : tree_write(st->c, mark, &none, st->err);
}

static int
make_folders(struct step *st, const struct profile *p)
{
	char path[FILE_PATH_MAX];
	if (make_group(st, st->c->profilestatdir, p->group) == -1 ||
	    make_group(st, st->c->profiledatadir, p->group) == -1)
		return -1;
	if (!profile_stat_path(st->c, p->group, p->name, NULL, path))
		return too_long(st, p->name);
	if (tree_mkdir(st->c, path, st->err) == -1)
		return -1;
	if (!profile_data_path(st->c, p->group, p->name, NULL, path))
		return too_long(st, p->name);
	return tree_mkdir(st->c, path, st->err);
}

/* Start, and for a history the end, of a profile that has no data yet. */
static void
begin_at(struct step *st, struct profile *p, const struct conf_profile *cp)
{
	int64_t step = st->c->cycletime;
	int64_t asked = cp->tstart > 0 ? slot_start(cp->tstart, step) : 0;
	if (cp->history) {
		p->tstart = asked;
		p->tend = slot_start(cp->tend > 0 ? cp->tend : asked, step);
		p->status = "new"; /* until it is built */
	} else {
		p->tstart = asked > st->slot ? asked : st->slot;
		p->tend = p->tstart;
		p->status = p->n_channels > 0 ? "OK" : "stalled";
	}
	p->tbegin = p->tstart;
	p->updated = p->tstart - step;
}

/* New channels and what is missing or different in the others' files. */
static int
set_channels(struct step *st, const struct profile *old, struct profile *p,
    const struct conf_profile *cp, int64_t first)
{
	for (size_t i = 0; i < p->n_channels; i++) {
		const char *name = p->channels[i].name;
		const struct conf_channel *cc = wanted_channel(cp, name);
		bool fresh =
		    old == NULL || profile_find_channel(old, name) == NULL;
		int filter = fresh ? 1 : diff_filter(st->c, p, cc, st->err);
		if (filter == -1 || make_folder(st, p, name) == -1 ||
		    make_rrd(st, p, name, first, fresh) == -1 ||
		    (filter == 1 && make_filter(st, p, cc) == -1))
			return -1;
	}
	return 0;
}

static int
add_profile(struct step *st, const struct conf_profile *cp, int64_t now)
{
	struct profile *p = wanted_profile(st->c, cp, NULL, st->err);
	if (p == NULL)
		return -1;
	begin_at(st, p, cp);
	p->tcreate = now;
	int rc = make_folders(st, p);
	if (rc == 0)
		rc = fromconf_set(st->c, p->group, p->name, true, st->err);
	if (rc == 0)
		rc = set_channels(st, NULL, p, cp, p->tstart);
	if (rc == 0)
		rc = profile_save(st->c, p, st->err);
	profile_free(p);
	return rc;
}

static int
remove_old_channels(struct step *st, const struct profile *old,
    const struct profile *p)
{
	for (size_t i = 0; i < old->n_channels; i++)
		if (profile_find_channel(p, old->channels[i].name) == NULL &&
		    remove_channel(st, old, old->channels[i].name) == -1)
			return -1;
	return 0;
}

/* A profile that becomes a shadow loses its flow files. */
static int
drop_flow_files(struct step *st, struct profile *p)
{
	for (size_t i = 0; i < p->n_channels; i++) {
		char path[FILE_PATH_MAX];
		const char *name = p->channels[i].name;
		if (!profile_data_path(st->c, p->group, p->name, name, path))
			return too_long(st, name);
		if (tree_remove(path, st->err) == -1 ||
		    make_folder(st, p, name) == -1)
			return -1;
	}
	p->size = 0;
	p->tstart = p->tbegin;
	return 0;
}

static int
change_type(struct step *st, const struct profile *old, struct profile *p,
    const struct conf_profile *cp)
{
	bool was_shadow = (old->type & PROFILE_SHADOW) != 0;
	bool shadow = (p->type & PROFILE_SHADOW) != 0;
	bool waits = strcmp(old->status, "new") == 0 ||
		     strcmp(old->status, "stalled") == 0;
	if (waits && (!cp->history || p->n_channels > 0))
		begin_at(st, p, cp);
	else if (p->n_channels == 0)
		p->status = "stalled";
	if (shadow && !was_shadow)
		return drop_flow_files(st, p);
	if (!shadow && was_shadow)
		p->tstart = st->slot > p->tbegin ? st->slot : p->tbegin;
	return 0;
}

/* Channels added to a profile start now; a history's at its start. */
static int64_t
first_slot(const struct step *st, const struct profile *p,
    const struct conf_profile *cp)
{
	return cp->history || p->tbegin > st->slot ? p->tbegin : st->slot;
}

static int
change_profile(struct step *st, const struct profile *old, struct profile *p,
    const struct conf_profile *cp)
{
	if (fromconf_set(st->c, p->group, p->name, true, st->err) == -1 ||
	    change_type(st, old, p, cp) == -1 || make_folders(st, p) == -1 ||
	    set_channels(st, old, p, cp, first_slot(st, p, cp)) == -1 ||
	    remove_old_channels(st, old, p) == -1)
		return -1;
	if ((p->type & PROFILE_SHADOW) == 0)
		profile_account(st->c, p);
	return profile_save(st->c, p, st->err);
}

static int
apply_change(struct step *st, const struct conf_profile *cp)
{
	struct profile *old = profile_load(st->c, cp->group, cp->name, st->err);
	if (old == NULL)
		return -1;
	struct profile *p = wanted_profile(st->c, cp, old, st->err);
	int rc = p == NULL ? -1 : change_profile(st, old, p, cp);
	profile_free(old);
	profile_free(p);
	return rc;
}

/* An empty group goes with its last profile. */
static void
remove_group(const char *root, const char *group)
{
	char dir[FILE_PATH_MAX];
	char mark[FILE_PATH_MAX];
	if (strcmp(group, ".") == 0 || !file_join(dir, root, group) ||
	    !file_join(mark, dir, ".group"))
		return;
	(void)unlink(mark);
	/* Others in there: it stays a group. */
	if (rmdir(dir) == -1 && errno == ENOTEMPTY)
		(void)file_write_atomic(mark, "", 0, PROFILE_FILE_MODE, NULL);
}

/* Only config's own are deleted; one that is gone already is no error. */
static int
is_configs(struct step *st, const char *group, const char *name)
{
	char path[FILE_PATH_MAX];
	struct arena a = ARENA_EMPTY;
	struct profile_list l;
	int rc = fromconf_load(st->c, &a, &l, st->err);
	if (rc == 0)
		rc = fromconf_has(&l, group, name);
	arena_free(&a);
	if (rc == 0 && profile_stat_path(st->c, group, name, NULL, path) &&
	    file_exists(path))
		rc = err_set(st->err, "profile '%s' is not from config", name);
	return rc;
}

static int
delete_profile(struct step *st, const char *group, const char *name)
{
	char data[FILE_PATH_MAX];
	char stat[FILE_PATH_MAX];
	int rc = is_configs(st, group, name);
	if (rc != 1)
		return rc;
	if (!profile_data_path(st->c, group, name, NULL, data) ||
	    !profile_stat_path(st->c, group, name, NULL, stat))
		return too_long(st, name);
	if (tree_remove(data, st->err) == -1 ||
	    tree_remove(stat, st->err) == -1)
		return -1;
	remove_group(st->c->profiledatadir, group);
	remove_group(st->c->profilestatdir, group);
	return fromconf_set(st->c, group, name, false, st->err);
}

static int
apply_profile(struct step *st, const struct plan_step *s, int64_t now)
{
	const struct conf_profile *cp = wanted_find(st->c, s->group, s->name);
	if (s->action == PLAN_PROFILE_DELETE)
		return delete_profile(st, s->group, s->name);
	if (cp == NULL)
		return err_set(st->err, "profile '%s' is not in %%profiles",
		    s->name);
	return s->action == PLAN_PROFILE_ADD ? add_profile(st, cp, now)
					     : apply_change(st, cp);
}

int
plan_apply(const struct conf *c, const struct plan_step *s, int64_t now,
    struct err *err)
{
	struct step st = { c, slot_start(now, c->cycletime), err };
	int rc = s->action == PLAN_SOURCE_ADD ||
			 s->action == PLAN_SOURCE_DELETE ||
			 s->action == PLAN_SOURCE_CHANGE
		     ? apply_source(&st, s, now)
		     : apply_profile(&st, s, now);
	if (rc == -1) {
		struct buf text = BUF_EMPTY;
		plan_step_text(s, &text);
		(void)err_prefix(err, "%s", buf_str(&text));
		buf_free(&text);
	}
	return rc;
}

/* ---- first use ----------------------------------------------------------------------- */

int
plan_init_tree(const struct conf *c, int64_t now, struct err *err)
{
	char live[FILE_PATH_MAX];
	char data[FILE_PATH_MAX];
	char file[FILE_PATH_MAX];
	if (!profile_stat_path(c, ".", "live", NULL, live) ||
	    !profile_stat_path(c, ".", "live", "profile.dat", file) ||
	    !profile_data_path(c, ".", "live", NULL, data))
		return err_set(err, "%s: path too long", c->profilestatdir);
	const char *const dirs[] = { c->profilestatdir, c->profiledatadir,
		c->piddir, c->filterdir, c->formatdir, live, data };
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		if (dirs[i] != NULL && tree_mkdir(c, dirs[i], err) == -1)
			return -1;
	if (file_exists(file))
		return 0;
	struct profile *p = profile_new(".", "live");
	p->tcreate = p->tbegin = p->tstart = p->tend =
	    slot_start(now, c->cycletime);
	p->updated = p->tend - c->cycletime;
	p->status = "OK";
	int rc = profile_save(c, p, err);
	profile_free(p);
	return rc;
}
