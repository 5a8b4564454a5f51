/*
 * reconfig: what config asks for against what the tree has, and making the
 * tree so.
 *
 * Sources: %sources, and those that came by themselves (conf/grown.h), against
 * the channels of live.  Profiles: %profiles
 * against the profiles that came from config (PROFILESTATDIR/.from-config
 * lists them, one group/name a line); profiles made by hand are left alone.
 *
 * A plan is computed without changing anything, shown, confirmed, applied.
 * Applying is a list of steps, each one transaction (profile/txn.h) and safe
 * to repeat: after a crash the next plan holds what is still missing.
 */
#ifndef PROFILE_RECONFIG_H
#define PROFILE_RECONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "conf/conf.h"
#include "profile/profile.h"

enum plan_action {
	PLAN_SOURCE_ADD,
	PLAN_SOURCE_DELETE,
	PLAN_SOURCE_CHANGE, /* colour (all else is the collector's) */
	PLAN_PROFILE_ADD,
	PLAN_PROFILE_CHANGE,
	PLAN_PROFILE_DELETE
};

struct plan_step {
	enum plan_action action;
	const char *group; /* profiles */
	const char *name;  /* source or profile */
	const char *what;  /* a change in words: "channel https: filter" */
	const char *cost; /* what that costs, lines ending in LF; "": nothing */
};

struct plan {
	struct arena arena;
	struct plan_step *steps; /* in the order they are applied */
	size_t n;
	/* Profiles that config says nothing of, made by hand: left alone. */
	struct profile_list others;
};

/* Compare; an empty plan means nothing to do.  Free with plan_free. */
int plan_make(const struct conf *c, struct plan *p, struct err *err);
void plan_free(struct plan *p);

/*
 * One step as a line without LF, the same for the same step: "add source
 * 'peer1'", "change profile 'group/web': channel https: filter".
 */
void plan_step_text(const struct plan_step *s, struct buf *out);

/*
 * Profiles of config that wait for their past to be built: histories, and
 * continuous ones that begin in the past.  The profiler commits them.
 */
int plan_waiting(const struct conf *c, struct arena *a, struct profile_list *l,
    struct err *err);

/* Did this profile come from config?  Others are left alone by it. */
bool plan_is_configs(const struct conf *c, const char *group, const char *name);

/*
 * True when live's channels are exactly %sources (start may go on); those that
 * came by themselves may still be missing, and a dynamic one needs none.
 */
bool plan_sources_match(const struct conf *c, struct err *err);

/*
 * Apply one step at time `now` (epoch seconds).  The caller holds the tree
 * lock.  Creates or removes folders, RRDs, filter files, profile.dat.
 */
int plan_apply(const struct conf *c, const struct plan_step *s, int64_t now,
    struct err *err);

/* First use: PROFILESTATDIR/live with an empty profile.dat; PIDDIR etc. */
int plan_init_tree(const struct conf *c, int64_t now, struct err *err);

#endif
