/*
 * One step of a plan, done on disk as one transaction (edit.h): after a crash
 * it has happened or it has not, and the next plan holds what is missing.
 */
#include <string.h>

#include "base/file.h"
#include "base/slot.h"
#include "conf/grown.h"
#include "profile/edit.h"
#include "profile/internal.h"
#include "profile/nfstat.h"
#include "profile/ops_internal.h"

struct step {
	const struct conf *c;
	int64_t slot; /* the one that runs now */
	int64_t now;
	struct err *err;
};

/* ---- sizes ------------------------------------------------------------------------ */

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
set_source(struct edit *e, int64_t slot, const char *name)
{
	struct profile *live = e->p;
	const struct conf_source *s = conf_source_find(e->c, name);
	struct channel *ch = profile_find_channel(live, name);
	if (s == NULL)
		return err_set(e->err, "source '%s' is not in %%sources", name);
	/* What came by itself may have files already. */
	if (s->parent != NULL)
		slot = slot_start(s->since, e->c->cycletime);
	if (ch == NULL) {
		append_source(live, s);
		return edit_add_channel(e, name, slot, NULL);
	}
	if (s->col != NULL)
		ch->color = arena_strdup(&live->arena, s->col);
	return edit_mend_channel(e, name, slot);
}

/*
 * Out of a channel's list.  One that read nothing else keeps the name: an
 * empty list would mean every source.
 */
static bool
forget_source(struct channel *ch, const char *name)
{
	size_t n = 0;
	bool found = false;
	for (size_t i = 0; i < ch->n_sources; i++)
		found |= strcmp(ch->sources[i], name) == 0;
	if (!found || ch->n_sources < 2)
		return false;
	for (size_t i = 0; i < ch->n_sources; i++)
		if (strcmp(ch->sources[i], name) != 0)
			ch->sources[n++] = ch->sources[i];
	ch->n_sources = n;
	return true;
}

static int
forget_in_profile(struct edit *e, const struct profile_id *id, const char *name)
{
	bool any = false;
	/* One that cannot be read does not hold up the others. */
	struct profile *p = profile_load(e->c, id->group, id->name, NULL);
	for (size_t i = 0; p != NULL && i < p->n_channels; i++)
		any |= forget_source(&p->channels[i], name);
	int rc = any ? edit_also(e, p) : 0;
	profile_free(p);
	return rc;
}

/* The other profiles no longer read it. */
static int
forget_everywhere(struct edit *e, const char *name)
{
	struct arena a = ARENA_EMPTY;
	struct profile_list l;
	int rc = profile_list(e->c, &a, &l, e->err);
	for (size_t i = 0; rc == 0 && i < l.n; i++)
		if (!ops_is_live(&l.ids[i]))
			rc = forget_in_profile(e, &l.ids[i], name);
	arena_free(&a);
	return rc;
}

static int
delete_source(struct edit *e, const char *name)
{
	struct profile *live = e->p;
	struct channel *ch = profile_find_channel(live, name);
	struct buf ledger = BUF_EMPTY;
	buf_printf(&ledger, ".ledger/%s", name); /* the collector's */
	int rc = edit_drop_file(e, buf_str(&ledger));
	buf_free(&ledger);
	if (rc == -1 || edit_drop_channel(e, name) == -1 ||
	    forget_everywhere(e, name) == -1)
		return -1;
	if (ch == NULL)
		return 0;
	ops_remove_channel(live, ch);
	live->size = 0;
	profile_account(e->c, live);
	return 0;
}

static int
apply_source(struct step *st, const struct plan_step *s)
{
	struct edit e;
	if (plan_init_tree(st->c, st->now, st->err) == -1)
		return -1;
	struct profile *live = profile_load(st->c, ".", "live", st->err);
	if (live == NULL)
		return -1;
	int rc = edit_open(&e, st->c, live, st->err);
	if (rc == 0)
		rc = s->action == PLAN_SOURCE_DELETE
			 ? delete_source(&e, s->name)
			 : set_source(&e, st->slot, s->name);
	if (rc == 0)
		rc = edit_commit(&e);
	if (rc == 0 && s->action == PLAN_SOURCE_DELETE)
		rc = grown_drop(st->c, s->name, st->err);
	edit_close(&e);
	profile_free(live);
	return rc;
}

/* ---- profiles ----------------------------------------------------------------------- */

static int64_t
min64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/*
 * Start, and for a history the end, of a profile that has no data yet.  What
 * begins in the past is "new" until that has been built (plan_waiting).
 */
static void
begin_at(struct step *st, struct profile *p, const struct conf_profile *cp)
{
	int64_t step = st->c->cycletime;
	int64_t asked = cp->tstart > 0 ? slot_start(cp->tstart, step) : 0;
	struct profile *live = profile_load(st->c, ".", "live", NULL);
	int64_t first = live != NULL ? live->tstart : st->slot;
	int64_t last = live != NULL ? live->tend : st->slot;
	if (cp->history) {
		p->tstart = asked;
		p->tend = min64(last,
		    slot_start(cp->tend > 0 ? cp->tend : asked, step));
		if (p->tend < p->tstart)
			p->tend = p->tstart;
		p->status = "new";
	} else if (asked > 0 && asked < last && first < last) {
		p->tstart = asked > first ? asked : first;
		p->tend = last;
		p->status = "new";
	} else {
		p->tstart = asked > st->slot ? asked : st->slot;
		p->tend = p->tstart;
		p->status = "OK";
	}
	if (p->n_channels == 0)
		p->status = "stalled";
	p->tbegin = p->tstart;
	p->updated = p->tstart - step;
	profile_free(live);
}

static int
add_filter_and_files(struct edit *e, const struct conf_channel *cc,
    int64_t first)
{
	struct buf text = BUF_EMPTY;
	wanted_filter(cc->filter, &text);
	int rc = edit_add_channel(e, cc->name, first, &text);
	buf_free(&text);
	return rc;
}

static int
add_profile(struct step *st, const struct conf_profile *cp)
{
	struct edit e = { .c = NULL };
	struct profile *p = wanted_profile(st->c, cp, NULL, st->err);
	if (p == NULL)
		return -1;
	begin_at(st, p, cp);
	p->tcreate = st->now;
	int rc = edit_open_new(&e, st->c, p, st->err);
	for (size_t i = 0; rc == 0 && i < p->n_channels; i++)
		rc = add_filter_and_files(&e,
		    wanted_channel(cp, p->channels[i].name), p->tstart);
	if (rc == 0)
		rc = edit_fromconf(&e, true);
	if (rc == 0)
		rc = edit_commit(&e);
	edit_close(&e);
	profile_free(p);
	return rc;
}

/* What is missing or different in the files of a channel that stays. */
static int
mend_channel(struct edit *e, const struct conf_channel *cc, int64_t first)
{
	struct buf text = BUF_EMPTY;
	int filter = diff_filter(e->c, e->p, cc, e->err);
	if (filter == -1 || edit_mend_channel(e, cc->name, first) == -1)
		return -1;
	if (filter == 0)
		return 0;
	wanted_filter(cc->filter, &text);
	int rc = edit_filter(e, cc->name, &text);
	buf_free(&text);
	return rc;
}

static int
set_channels(struct edit *e, const struct profile *old,
    const struct conf_profile *cp, int64_t first)
{
	const struct profile *p = e->p;
	for (size_t i = 0; i < p->n_channels; i++) {
		const struct conf_channel *cc =
		    wanted_channel(cp, p->channels[i].name);
		bool fresh = profile_find_channel(old, cc->name) == NULL;
		if ((fresh ? add_filter_and_files(e, cc, first)
			   : mend_channel(e, cc, first)) == -1)
			return -1;
	}
	return 0;
}

static int
drop_old_channels(struct edit *e, const struct profile *old)
{
	for (size_t i = 0; i < old->n_channels; i++)
		if (profile_find_channel(e->p, old->channels[i].name) == NULL &&
		    edit_drop_channel(e, old->channels[i].name) == -1)
			return -1;
	return 0;
}

/* A profile that becomes a shadow loses its flow files. */
static int
drop_flow_files(struct edit *e, const struct profile *old)
{
	struct profile *p = e->p;
	for (size_t i = 0; i < p->n_channels; i++)
		if (profile_find_channel(old, p->channels[i].name) != NULL &&
		    edit_folder(e, p->channels[i].name) == -1)
			return -1;
	p->size = 0;
	p->tstart = p->tbegin;
	return 0;
}

static int
change_type(struct step *st, struct edit *e, const struct profile *old,
    const struct conf_profile *cp)
{
	struct profile *p = e->p;
	bool was_shadow = (old->type & PROFILE_SHADOW) != 0;
	bool shadow = (p->type & PROFILE_SHADOW) != 0;
	bool waits = strcmp(old->status, "new") == 0 ||
		     strcmp(old->status, "stalled") == 0;
	if (waits && (!cp->history || p->n_channels > 0))
		begin_at(st, p, cp);
	else if (p->n_channels == 0)
		p->status = "stalled";
	if (shadow && !was_shadow)
		return drop_flow_files(e, old);
	if (!shadow && was_shadow)
		p->tstart = st->slot > p->tbegin ? st->slot : p->tbegin;
	return 0;
}

/* Channels added to a profile start now; a history's at its start. */
static int64_t
first_slot(const struct step *st, const struct profile *p,
    const struct conf_profile *cp)
{
	return cp->history || p->tbegin > st->slot
		   ? p->tbegin
		   : ops_next_slot(st->c, p, st->now);
}

static int
change_profile(struct step *st, struct edit *e, const struct profile *old,
    const struct conf_profile *cp)
{
	struct profile *p = e->p;
	if (edit_fromconf(e, true) == -1 || change_type(st, e, old, cp) == -1 ||
	    set_channels(e, old, cp, first_slot(st, p, cp)) == -1 ||
	    drop_old_channels(e, old) == -1)
		return -1;
	if ((p->type & PROFILE_SHADOW) == 0)
		profile_account(st->c, p);
	return edit_commit(e);
}

static int
apply_change(struct step *st, const struct conf_profile *cp)
{
	struct edit e = { .c = NULL };
	struct profile *old = profile_load(st->c, cp->group, cp->name, st->err);
	if (old == NULL)
		return -1;
	struct profile *p = wanted_profile(st->c, cp, old, st->err);
	int rc = p == NULL ? -1 : edit_open(&e, st->c, p, st->err);
	if (rc == 0)
		rc = change_profile(st, &e, old, cp);
	edit_close(&e);
	profile_free(old);
	profile_free(p);
	return rc;
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
	struct edit e;
	int rc = is_configs(st, group, name);
	if (rc != 1)
		return rc;
	struct profile *p = profile_new(group, name);
	rc = edit_open(&e, st->c, p, st->err);
	if (rc == 0)
		rc = edit_drop_profile(&e);
	if (rc == 0)
		rc = edit_commit(&e);
	edit_close(&e);
	profile_free(p);
	return rc;
}

static bool
is_there(const struct conf *c, const struct plan_step *s)
{
	char path[FILE_PATH_MAX];
	return profile_stat_path(c, s->group, s->name, "profile.dat", path) &&
	       file_exists(path);
}

static int
apply_profile(struct step *st, const struct plan_step *s)
{
	const struct conf_profile *cp = wanted_find(st->c, s->group, s->name);
	if (s->action == PLAN_PROFILE_DELETE)
		return delete_profile(st, s->group, s->name);
	if (cp == NULL)
		return err_set(st->err, "profile '%s' is not in %%profiles",
		    s->name);
	/* Done twice, an addition finds nothing left to do. */
	if (s->action == PLAN_PROFILE_ADD && !is_there(st->c, s))
		return add_profile(st, cp);
	return apply_change(st, cp);
}

int
plan_apply(const struct conf *c, const struct plan_step *s, int64_t now,
    struct err *err)
{
	struct step st = { c, slot_start(now, c->cycletime), now, err };
	int rc = s->action == PLAN_SOURCE_ADD ||
			 s->action == PLAN_SOURCE_DELETE ||
			 s->action == PLAN_SOURCE_CHANGE
		     ? apply_source(&st, s)
		     : apply_profile(&st, s);
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
