/*
 * abort-reset: a simulation back to its beginning.  Profiles but live, alerts
 * and saved filters go; live's databases begin anew at %sim's tstart and hold
 * what its files have up to tbegin.  Flow files of live stay.
 *
 * What an interrupted reset has left undone the next one does.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "admin/daemon.h"
#include "alert/alert.h"
#include "base/file.h"
#include "base/slot.h"
#include "nffile/nffile.h"
#include "profile/hints.h"
#include "profile/ops.h"
#include "profile/profile.h"
#include "profile/saved.h"
#include "profile/tree.h"
#include "store/rrd.h"

#define SWEEP_AT_ONCE 4096

/* ---- what goes -------------------------------------------------------------------- */

static int
clear_profile(const struct conf *c, const struct profile_id *id,
    struct err *err)
{
	struct ops_request r = OPS_REQUEST;
	struct ops_result res;
	(void)printf("Clear profile '%s' in group '%s'\n", id->name, id->group);
	r.profile = id->name;
	r.profilegroup = id->group;
	r.force = "1";
	int rc = ops_delete_profile(c, &r, &res, err);
	ops_request_free(&r);
	return rc;
}

static int
clear_profiles(const struct conf *c, struct arena *a, struct err *err)
{
	struct profile_list l;
	if (profile_list(c, a, &l, err) == -1)
		return -1;
	for (size_t i = 0; i < l.n; i++) {
		bool live = strcmp(l.ids[i].group, ".") == 0 &&
			    strcmp(l.ids[i].name, "live") == 0;
		if (!live && clear_profile(c, &l.ids[i], err) == -1)
			return -1;
	}
	return 0;
}

static int
clear_alerts(const struct conf *c, struct arena *a, struct err *err)
{
	struct alert_list l;
	if (alert_list(c, a, &l, err) == -1)
		return -1;
	for (size_t i = 0; i < l.n; i++) {
		(void)printf("Clear alert '%s'\n", l.names[i]);
		if (alert_delete(c, l.names[i], err) == -1)
			return -1;
	}
	return 0;
}

static int
remove_filters(const struct conf *c, struct arena *a, struct err *err)
{
	struct saved_list l;
	(void)printf("Remove filters ...");
	if (file_exists(c->filterdir)) {
		if (saved_filter_list(c, a, &l, err) == -1)
			return -1;
		for (size_t i = 0; i < l.n; i++)
			if (saved_filter_delete(c, l.names[i], err) == -1)
				return -1;
	}
	(void)printf("done.\n");
	return 0;
}

/* ---- live ------------------------------------------------------------------------- */

static int
new_database(const struct conf *c, const struct profile *live,
    const char *channel, struct err *err)
{
	char path[FILE_PATH_MAX];
	if (!profile_rrd_path(c, live, channel, path))
		return err_set(err, "channel '%s': path too long", channel);
	if (rrd_channel_create(path, c->sim.tstart, c->cycletime, err) == -1)
		return -1;
	return tree_own(c, path, err);
}

/* Before its databases: they must not end before what it says. */
static int
reset_live(const struct conf *c, struct profile *live, struct err *err)
{
	(void)printf("Reset profile 'live'\n");
	live->tcreate = live->tbegin = live->tstart = live->tend =
	    c->sim.tstart;
	live->updated = c->sim.tstart - c->cycletime;
	live->size = live->maxsize = 0;
	live->expire = 0;
	live->locked = 0;
	if (profile_save(c, live, err) == -1)
		return -1;
	for (size_t i = 0; i < live->n_channels; i++)
		if (new_database(c, live, live->channels[i].name, err) == -1)
			return -1;
	return 0;
}

/* What a slot's file says; a slot without one is unknown. */
static struct rrd_value
slot_value(const struct conf *c, const char *dir, int64_t slot)
{
	struct rrd_value v = { .slot = slot };
	char name[SLOT_PATH_MAX];
	char path[FILE_PATH_MAX];
	char ident[NFFILE_IDENT_MAX];
	struct nffile_stat stat;
	(void)slot_path(slot, c->cycletime, c->subdirlayout, name);
	v.known = file_join(path, dir, name) &&
		  nffile_stat_read(path, &stat, ident, NULL) == 0;
	if (v.known)
		nffile_stat_counters(&stat, &v.c);
	return v;
}

static int
preset_channel(const struct conf *c, const struct profile *live,
    const char *channel, struct err *err)
{
	struct rrd_value v[RRD_VALUES];
	char dir[FILE_PATH_MAX];
	char rrd[FILE_PATH_MAX];
	size_t n = 0;
	if (!profile_data_path(c, live->group, live->name, channel, dir) ||
	    !profile_rrd_path(c, live, channel, rrd))
		return err_set(err, "channel '%s': path too long", channel);
	for (int64_t t = c->sim.tstart; t <= c->sim.tbegin; t += c->cycletime) {
		v[n++] = slot_value(c, dir, t);
		if (n < RRD_VALUES && t + c->cycletime <= c->sim.tbegin)
			continue;
		if (rrd_channel_store(rrd, v, n, err) == -1)
			return -1;
		n = 0;
	}
	return 0;
}

static int
preset_live(const struct conf *c, struct profile *live, struct err *err)
{
	if (c->sim.tbegin == -1)
		return 0;
	(void)printf("Preset profile 'live'\n");
	for (size_t i = 0; i < live->n_channels; i++)
		if (preset_channel(c, live, live->channels[i].name, err) == -1)
			return -1;
	live->tend = c->sim.tbegin;
	live->updated = c->sim.tbegin - c->cycletime;
	return profile_save(c, live, err);
}

static int
renew_live(const struct conf *c, struct err *err)
{
	struct profile *live = profile_load(c, ".", "live", err);
	if (live == NULL)
		return -1;
	int rc = reset_live(c, live, err);
	if (rc == 0)
		rc = preset_live(c, live, err);
	profile_free(live);
	return rc;
}

/* The next start begins at the beginning. */
static int
forget_break(const struct conf *c, struct arena *a, struct err *err)
{
	struct perl_value *h = hints_read(c, a, NULL);
	if (perl_find(h, "sim") == NULL)
		return 0;
	perl_unset(h, "sim");
	return hints_write(c, h, err);
}

/* ---- the command -------------------------------------------------------------------- */

static int
sweep(const struct conf *c, struct err *err)
{
	int rc;
	while ((rc = ops_sweep(c, SWEEP_AT_ONCE, err)) == 1)
		;
	return rc;
}

static int
reset(const struct conf *c, struct arena *a, struct err *err)
{
	int lock = profile_tree_lock(c, false, err);
	if (lock == -1)
		return -1;
	int rc = -1;
	if (ops_recover(c, err) == 0 && forget_break(c, a, err) == 0 &&
	    clear_profiles(c, a, err) == 0 && clear_alerts(c, a, err) == 0 &&
	    remove_filters(c, a, err) == 0 && renew_live(c, err) == 0)
		rc = sweep(c, err);
	profile_tree_unlock(lock);
	return rc;
}

int
cmd_abort_reset(struct admin *a)
{
	struct arena arena = ARENA_EMPTY;
	struct err err;
	pid_t pid;
	if (!a->c->simmode) {
		(void)err_set(&err,
		    "abort-reset is for simulations: $SIMmode is not set");
		return admin_fail(&err);
	}
	if (!admin_sources_match(a))
		return EXIT_FAILED;
	(void)printf("Reset NfSen:\n");
	if (daemon_look(a->c, &daemon_profiler, &pid) == DAEMON_UP ||
	    daemon_look(a->c, &daemon_collector, &pid) == DAEMON_UP) {
		(void)printf("Stop NfSen while resetting ...\n");
		if (cmd_stop(a) != EXIT_OK)
			return EXIT_FAILED;
	}
	int rc = reset(a->c, &arena, &err);
	arena_free(&arena);
	if (rc == -1)
		return admin_fail(&err);
	(void)printf("Reset NfSen completed.\n");
	return EXIT_OK;
}
