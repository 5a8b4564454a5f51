/* A profile changed: everything that is asked for is checked, then done. */
#include <stdio.h>
#include <string.h>

#include "base/slot.h"
#include "profile/internal.h"
#include "profile/ops_internal.h"

struct change {
	const struct conf *c;
	const struct ops_request *r;
	int64_t now;
	struct profile *p;
	const struct profile *live;
	bool any;
	bool drop_flows;   /* it becomes a shadow */
	const char *group; /* it moves there; NULL: it stays */
};

/* ---- simple values --------------------------------------------------------------- */

static int
change_lock(struct change *ch, struct err *err)
{
	const char *v = ch->r->locked;
	if (v == NULL)
		return 0;
	if (strcmp(v, "0") != 0 && strcmp(v, "1") != 0)
		return err_set(err,
		    "Invalid value for option locked: '%s'. "
		    "Use locked=0 or locked=1",
		    v);
	ch->p->locked = v[0] == '1';
	ch->any = true;
	return 0;
}

static int
change_status(struct change *ch, struct err *err)
{
	static const char *const known[] = { "new", "OK", "FAILED" };
	const char *v = ch->r->status;
	size_t i = 0;
	if (v == NULL)
		return 0;
	while (i < 3 && strcmp(v, known[i]) != 0)
		i++;
	if (i == 3)
		return err_set(err,
		    "Invalid value for option status: '%s'. "
		    "Use 'new', 'OK' or 'FAILED'",
		    v);
	ch->p->status = known[i];
	ch->any = true;
	return 0;
}

/* Checked always, used where something expires. */
static int
change_limits(struct change *ch, struct err *err)
{
	const struct ops_request *r = ch->r;
	int64_t expire = ch->p->expire;
	uint64_t maxsize = ch->p->maxsize;
	if (ops_expire(r->expire, &expire, err) == -1 ||
	    ops_maxsize(r->maxsize, &maxsize, err) == -1)
		return -1;
	if (ops_kind(ch->p) == PROFILE_HISTORY ||
	    (r->expire == NULL && r->maxsize == NULL))
		return 0;
	ch->p->expire = expire;
	ch->p->maxsize = maxsize;
	ch->any = true;
	return 0;
}

/* ---- the type ------------------------------------------------------------------------ */

static int64_t
max64(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* The databases stay, flow files go; what the databases know counts. */
static void
become_shadow(struct change *ch)
{
	struct profile *p = ch->p;
	p->tstart = p->tbegin;
	if (ops_kind(p) == PROFILE_CONTINUOUS)
		p->tstart = max64(p->tstart, ch->live->tstart);
	if (p->tstart > p->tend)
		p->tstart = p->tend;
	p->size = 0;
	p->expire = 0;
	ch->drop_flows = true;
}

/* A history that goes on: the slots it has missed stay empty. */
static void
restart(struct change *ch)
{
	struct profile *p = ch->p;
	if (p->updated < ch->live->updated)
		p->updated = ch->live->updated;
}

static int
convert(struct change *ch, int type, struct err *err)
{
	struct profile *p = ch->p;
	bool was_shadow = (p->type & PROFILE_SHADOW) != 0;
	bool shadow = (type & PROFILE_SHADOW) != 0;
	bool was_history = ops_kind(p) == PROFILE_HISTORY;
	if (was_shadow && type == PROFILE_HISTORY)
		return err_set(err,
		    "Can not convert to history profile - no data available");
	p->type = type;
	if (was_history && ops_kind(p) == PROFILE_CONTINUOUS)
		restart(ch);
	if (shadow && !was_shadow)
		become_shadow(ch);
	if (!shadow && was_shadow)
		p->tstart = ops_next_slot(ch->c, p, ch->now);
	return 0;
}

static int
change_type(struct change *ch, struct err *err)
{
	const char *v = ch->r->profile_type;
	if (v == NULL)
		return 0;
	if (v[0] < '1' || v[0] > '6' || v[1] != '\0')
		return err_set(err, "Illegal profile type '%s'", v);
	int type = v[0] - '0';
	int kind = type & ~PROFILE_SHADOW;
	if (kind != PROFILE_HISTORY && kind != PROFILE_CONTINUOUS)
		return err_set(err, "Illegal profile type '%d'", kind);
	if (ch->p->type == PROFILE_LIVE)
		return err_set(err,
		    "Don't want to change the type of profile 'live'!");
	ch->any = true;
	return type == ch->p->type ? 0 : convert(ch, type, err);
}

/* ---- the group ------------------------------------------------------------------------- */

static int
change_group(struct change *ch, const char *status, struct err *err)
{
	const char *g = ch->r->newgroup;
	if (g == NULL)
		return 0;
	if (strcmp(g, ".") != 0 && !conf_name_ok(g, CONF_NAME_MAX))
		return err_set(err, "Illegal characters in group name: '%s'!",
		    g);
	if (ch->p->type == PROFILE_LIVE)
		return err_set(err, "Don't want to move profile 'live'!");
	if (strcmp(status, "OK") != 0)
		return err_set(err,
		    "Profile '%s' is not in status 'OK' and can not be moved "
		    "now!",
		    ch->p->name);
	ch->any = true;
	if (strcmp(g, ch->p->group) != 0)
		ch->group = g;
	return 0;
}

/* ---- all of it -------------------------------------------------------------------------- */

/* A builder has its own copy of the profile and would write over ours. */
static int
check_not_building(const struct change *ch, struct err *err)
{
	char path[FILE_PATH_MAX];
	const struct ops_request *r = ch->r;
	if (r->newgroup == NULL && r->profile_type == NULL && r->status == NULL)
		return 0;
	if (!profile_stat_path(ch->c, ch->p->group, ch->p->name, ".BUILDING",
		path) ||
	    file_exists(path))
		return err_set(err,
		    "Profile '%s' is being built. Cancel the build first!",
		    ch->p->name);
	return 0;
}

static int
change_all(struct change *ch, struct err *err)
{
	const char *status = ch->p->status;
	if (check_not_building(ch, err) == -1 || change_lock(ch, err) == -1 ||
	    change_status(ch, err) == -1 || change_limits(ch, err) == -1 ||
	    change_group(ch, status, err) == -1 || change_type(ch, err) == -1)
		return -1;
	if (ch->r->description.given) {
		ops_description(ch->r, ch->p);
		ch->any = true;
	}
	return 0;
}

static int
empty_folders(struct edit *e)
{
	for (size_t i = 0; i < e->p->n_channels; i++)
		if (edit_folder(e, e->p->channels[i].name) == -1)
			return -1;
	return 0;
}

static int
store(struct change *ch, struct err *err)
{
	struct edit e;
	int rc = edit_open(&e, ch->c, ch->p, err);
	if (rc == 0 && ch->drop_flows)
		rc = empty_folders(&e);
	if (rc == 0 && ch->group != NULL)
		rc = edit_move(&e, ch->group);
	if (rc == 0)
		rc = edit_commit(&e);
	edit_close(&e);
	return rc;
}

static int
modify(struct change *ch, struct profile_id *id, struct ops_result *res,
    struct err *err)
{
	if (change_all(ch, err) == -1)
		return -1;
	if (!ch->any) {
		ops_done(res, id, false, "Nothing modified");
		return 0;
	}
	if (store(ch, err) == -1)
		return -1;
	if (ch->group != NULL)
		id->group = ch->group;
	ops_done(res, id, true, "profile modified");
	return 0;
}

int
ops_modify_profile(const struct conf *c, const struct ops_request *r,
    int64_t now, struct ops_result *res, struct err *err)
{
	static const struct profile_id live_id = { ".", "live" };
	struct arena a = ARENA_EMPTY;
	struct change ch = { .c = c, .r = r, .now = now };
	struct profile *live = NULL;
	struct profile_id id;
	int rc = ops_find_profile(c, r, &a, &id, err);
	if (rc == 0 && ((ch.p = ops_load(c, &id, err)) == NULL ||
			   (live = ops_load(c, &live_id, err)) == NULL))
		rc = -1;
	ch.live = live;
	if (rc == 0)
		rc = modify(&ch, &id, res, err);
	profile_free(ch.p);
	profile_free(live);
	arena_free(&a);
	return rc;
}
