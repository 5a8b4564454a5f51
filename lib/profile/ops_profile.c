/* Profiles come, begin and go. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/slot.h"
#include "profile/internal.h"
#include "profile/ops_internal.h"
#include "store/rrd.h"

/* Slots that live's catching up does for a profile without a build. */
#define JOIN_SLOTS 2

/* ---- add -------------------------------------------------------------------------- */

static int
check_start(const struct profile *live, const struct ops_request *r,
    int64_t when, int64_t now, struct err *err)
{
	if (when > now)
		return err_set(err,
		    "Profile start time in future: '%" PRId64 "'!", when);
	if (when < live->tstart || when > live->tend)
		return err_set(err,
		    "'%s' not within 'live' profile time window", r->tstart);
	return 0;
}

/* From when to when, and what kind of profile that makes. */
static int
set_window(const struct conf *c, const struct ops_request *r,
    const struct profile *live, int64_t now, struct profile *p, struct err *err)
{
	int64_t end = live->tend;
	p->type = PROFILE_CONTINUOUS;
	p->tstart = live->tend;
	if (r->tstart != NULL) {
		if (ops_time(c, r->tstart, &p->tstart, err) == -1 ||
		    check_start(live, r, p->tstart, now, err) == -1)
			return -1;
	}
	if (r->tend != NULL && ops_time(c, r->tend, &end, err) == -1)
		return -1;
	/* An end without a start says nothing: it goes on from now. */
	p->tend = r->tstart == NULL || end > live->tend ? live->tend : end;
	if (r->tstart != NULL && r->tend != NULL)
		p->type = PROFILE_HISTORY;
	if (p->tend < p->tstart)
		return err_set(err, "'%s' before start time '%s'", r->tend,
		    r->tstart);
	p->tbegin = p->tstart;
	p->updated = p->tstart - c->cycletime;
	return 0;
}

/* Only flow files expire: a shadow has none, a history is kept as it is. */
static int
set_limits(const struct ops_request *r, struct profile *p, struct err *err)
{
	if (ops_expire(r->expire, &p->expire, err) == -1 ||
	    ops_maxsize(r->maxsize, &p->maxsize, err) == -1)
		return -1;
	if (ops_flag(r->shadow))
		p->type += PROFILE_SHADOW;
	if (p->type != PROFILE_CONTINUOUS) {
		p->expire = 0;
		p->maxsize = 0;
	}
	return 0;
}

static int
fill_new(const struct conf *c, const struct ops_request *r, int64_t now,
    struct profile *p, struct err *err)
{
	struct profile_id id = { ".", "live" };
	struct profile *live = ops_load(c, &id, err);
	int rc = live == NULL ? -1 : set_window(c, r, live, now, p, err);
	if (rc == 0)
		rc = set_limits(r, p, err);
	p->tcreate = now;
	if (r->description.given)
		ops_description(r, p);
	profile_free(live);
	return rc;
}

static int
add_profile(const struct conf *c, const struct ops_request *r, int64_t now,
    struct profile *p, struct err *err)
{
	struct edit e = { .c = NULL };
	char file[FILE_PATH_MAX];
	if (!profile_stat_path(c, p->group, p->name, "profile.dat", file))
		return err_set(err, "profile '%s': path too long", p->name);
	if (file_exists(file))
		return err_set(err, "profile '%s' in group '%s' already exists",
		    p->name, p->group);
	if (fill_new(c, r, now, p, err) == -1)
		return -1;
	int rc = edit_open_new(&e, c, p, err);
	if (rc == 0)
		rc = edit_commit(&e);
	edit_close(&e);
	return rc;
}

int
ops_add_profile(const struct conf *c, const struct ops_request *r, int64_t now,
    struct ops_result *res, struct err *err)
{
	struct arena a = ARENA_EMPTY;
	struct profile_id id;
	int rc = ops_name_profile(r, &a, &id, err);
	if (rc == 0) {
		struct profile *p = profile_new(id.group, id.name);
		rc = add_profile(c, r, now, p, err);
		profile_free(p);
	}
	if (rc == 0)
		ops_done(res, &id, true, "profile added");
	arena_free(&a);
	return rc;
}

/* ---- commit ------------------------------------------------------------------------- */

/* May it begin? */
static int
check_commit(const struct profile *p, struct err *err)
{
	bool stalled = strcmp(p->status, "stalled") == 0;
	if (!stalled && strcmp(p->status, "new") != 0)
		return err_set(err,
		    "Profile '%s' not a new profile. Nothing to confirm.",
		    p->name);
	if (stalled && ops_kind(p) == PROFILE_HISTORY)
		return err_set(err, "Can not commit stalled history profile.");
	if (p->n_channels == 0)
		return err_set(err,
		    "No channels in profile '%s'. At least one channels must "
		    "exists.",
		    p->name);
	if (p->locked != 0)
		return err_set(err, "Profile is locked!");
	return 0;
}

/* Empty databases that begin elsewhere would lose the first slots. */
static int
begin_databases(struct edit *e)
{
	const struct profile *p = e->p;
	for (size_t i = 0; i < p->n_channels; i++) {
		char path[FILE_PATH_MAX];
		const char *name = p->channels[i].name;
		if (!profile_rrd_path(e->c, p, name, path))
			return err_set(e->err, "'%s': path too long", name);
		if (file_exists(path) &&
		    rrd_channel_last(path, NULL) == p->tstart - e->c->cycletime)
			continue;
		if (edit_database(e, name, p->tstart) == -1)
			return -1;
	}
	return 0;
}

static int
begin_live(const struct conf *c, struct profile *p, struct err *err)
{
	struct edit e;
	int rc = edit_open(&e, c, p, err);
	p->status = "OK";
	p->updated = p->tstart - c->cycletime;
	if (rc == 0)
		rc = begin_databases(&e);
	if (rc == 0)
		rc = edit_commit(&e);
	edit_close(&e);
	return rc;
}

/* What has passed since the start is more than live catches up itself. */
static bool
needs_build(const struct conf *c, const struct profile *p,
    const struct profile *live)
{
	if (ops_kind(p) == PROFILE_HISTORY)
		return true;
	return p->tstart < p->tend ||
	       live->tend > p->tstart + JOIN_SLOTS * c->cycletime;
}

static int
commit(const struct conf *c, struct profile *p, const struct profile *live,
    int64_t now, struct ops_result *res, struct err *err)
{
	struct profile_id id = { p->group, p->name };
	if (strcmp(p->status, "stalled") == 0) {
		p->tstart = slot_start(now, c->cycletime);
		p->tend = p->tstart;
	} else if (needs_build(c, p, live)) {
		ops_done(res, &id, false, "Profiling netflow data");
		res->build = true;
		res->from = p->tstart;
		res->to = ops_kind(p) == PROFILE_HISTORY ? p->tend : live->tend;
		return 0;
	}
	ops_done(res, &id, true, "command completed");
	return begin_live(c, p, err);
}

int
ops_commit_profile(const struct conf *c, const struct ops_request *r,
    int64_t now, struct ops_result *res, struct err *err)
{
	static const struct profile_id live_id = { ".", "live" };
	struct arena a = ARENA_EMPTY;
	struct profile_id id;
	struct profile *p = NULL;
	struct profile *live = NULL;
	int rc = ops_find_profile(c, r, &a, &id, err);
	if (rc == 0 && ((p = ops_load(c, &id, err)) == NULL ||
			   (live = ops_load(c, &live_id, err)) == NULL))
		rc = -1;
	if (rc == 0)
		rc = check_commit(p, err);
	if (rc == 0)
		rc = commit(c, p, live, now, res, err);
	profile_free(p);
	profile_free(live);
	arena_free(&a);
	return rc;
}

/* ---- cancel --------------------------------------------------------------------------- */

static int
mark_canceled(const struct conf *c, const struct profile_id *id,
    struct err *err)
{
	char path[FILE_PATH_MAX];
	struct buf none = BUF_EMPTY;
	if (!profile_stat_path(c, id->group, id->name, ".BUILDING", path))
		return err_set(err, "profile '%s': path too long", id->name);
	if (!file_exists(path))
		return err_set(err, "No such build in progress");
	if (!profile_stat_path(c, id->group, id->name, ".CANCELED", path))
		return err_set(err, "profile '%s': path too long", id->name);
	return tree_write(c, path, &none, err);
}

int
ops_cancel_profile(const struct conf *c, const struct ops_request *r,
    struct ops_result *res, struct err *err)
{
	struct arena a = ARENA_EMPTY;
	struct profile_id id;
	int rc = ops_find_profile(c, r, &a, &id, err);
	if (rc == 0 && ops_is_live(&id))
		rc = err_set(err, "Don't want to delete profile 'live'!");
	if (rc == 0)
		rc = mark_canceled(c, &id, err);
	if (rc == 0)
		ops_done(res, &id, false, "Building profile '%s' canceled.",
		    id.name);
	arena_free(&a);
	return rc;
}

/* ---- delete ------------------------------------------------------------------------------ */

static int
check_delete(const struct profile *p, const struct ops_request *r,
    struct err *err)
{
	if (ops_flag(r->force))
		return 0;
	if (p->locked != 0)
		return err_set(err,
		    "Profile '%s' is locked and can not be deleted now!",
		    p->name);
	if (strcmp(p->status, "OK") != 0 && strcmp(p->status, "DELETED") != 0)
		return err_set(err,
		    "Profile '%s' is not in status 'OK' and can not be "
		    "deleted now!",
		    p->name);
	return 0;
}

static int
delete_profile(const struct conf *c, struct profile *p, struct err *err)
{
	struct edit e;
	int rc = edit_open(&e, c, p, err);
	if (rc == 0)
		rc = edit_drop_profile(&e);
	if (rc == 0)
		rc = edit_commit(&e);
	edit_close(&e);
	return rc;
}

/* What cannot be read can still be thrown away, with force. */
static struct profile *
load_to_delete(const struct conf *c, const struct profile_id *id,
    const struct ops_request *r, struct err *err)
{
	struct profile *p = ops_load(c, id, err);
	if (p == NULL && ops_flag(r->force))
		p = profile_new(id->group, id->name);
	return p;
}

int
ops_delete_profile(const struct conf *c, const struct ops_request *r,
    struct ops_result *res, struct err *err)
{
	struct arena a = ARENA_EMPTY;
	struct profile_id id;
	struct profile *p = NULL;
	int rc = ops_find_profile(c, r, &a, &id, err);
	if (rc == 0 && ops_is_live(&id))
		rc = err_set(err, "Don't want to delete profile 'live'!");
	if (rc == 0 && (p = load_to_delete(c, &id, r, err)) == NULL)
		rc = -1;
	if (rc == 0)
		rc = check_delete(p, r, err);
	if (rc == 0)
		rc = delete_profile(c, p, err);
	if (rc == 0)
		ops_done(res, &id, true, "Profile '%s' deleted.", id.name);
	profile_free(p);
	arena_free(&a);
	return rc;
}
