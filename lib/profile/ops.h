/*
 * ops: the life of profiles and channels: add, commit, cancel, modify,
 * delete, move, convert.  One meaning for the socket, the command line and
 * the tests; values come in as text, in NfSen's syntax, and are checked here.
 *
 * The caller holds the tree's lock.  Where a profiler runs, it is the caller,
 * between profiler_pause and profiler_reload.
 *
 * Every operation is one transaction on disk (profile/txn.h): whatever
 * happens, after ops_recover the tree is as it was before or as it is after.
 * An operation that fails has changed nothing.
 *
 * Error texts are NfSen's, word by word, where NfSen has one: front ends and
 * scripts know them.  They have no LF at their end.
 */
#ifndef PROFILE_OPS_H
#define PROFILE_OPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "conf/conf.h"
#include "profile/profile.h"

/* Lines of a description or filter; sent at all, it may still be empty. */
struct ops_lines {
	struct buf text; /* joined with LF, one at the end of each line */
	bool given;
};

/*
 * What an operation is asked.  NULL: not given.  Begin with OPS_REQUEST,
 * fill in directly or with ops_set, end with ops_request_free.  The texts are
 * the caller's (ops_set keeps pointers); only lines are copied.
 */
struct ops_request {
	const char *profile;      /* "[group/]name" */
	const char *profilegroup; /* the group, when profile is a bare name */
	const char *channel; /* "name", "profile/name", "group/profile/name" */

	const char *tstart, *tend; /* yyyymmddHHMM, local time */
	const char *expire;        /* "2 days 3 hours", hours; 0: never */
	const char *maxsize;       /* "1.5g", MB; 0: unlimited */
	const char *shadow;        /* "1" */
	const char *locked;        /* "0", "1" */
	const char *status;        /* "new", "OK", "FAILED" */
	const char *newgroup;      /* "." for none */
	const char *profile_type;  /* "1", "2", "5", "6" */

	const char *colour;     /* "#rrggbb" */
	const char *sign;       /* "+", "-" */
	const char *order;      /* digits; 0: last */
	const char *sourcelist; /* live channels, joined by '|' */

	const char *force; /* set and neither "" nor "0" */

	struct ops_lines description;
	struct ops_lines filter;
};

#define OPS_REQUEST                                                            \
	{                                                                      \
		.profile = NULL                                                \
	}

/*
 * One argument of the protocol or the command line: profile, profilegroup,
 * channel, tstart, tend, expire, maxsize, shadow, locked, status, newgroup,
 * profile_type, colour or color, sign, order, sourcelist, force, and
 * description and filter, each call a line of them.  -1: a key that no
 * operation knows, the caller may have use for it.  `filterfile` is not among
 * them: whoever has the file reads it and sends its lines.
 */
int ops_set(struct ops_request *r, const char *key, const char *value);
void ops_request_free(struct ops_request *r);

/* What an operation has done. */
struct ops_result {
	char text[512]; /* behind "OK ": "profile added" */
	bool changed;   /* on disk: the profiler loads its profiles anew */
	/*
	 * commit: flows of the past are wanted.  Nothing has been changed;
	 * the caller starts a build of slots from .. to (starts, both
	 * included), which makes the profile OK at its end.
	 */
	bool build;
	int64_t from, to;
	/* Which profile it was, or became: a move's new group. */
	char group[CONF_NAME_MAX + 1];
	char name[CONF_NAME_MAX + 1];
};

/* ---- addressing ------------------------------------------------------------- */

/*
 * Which profile is meant, checked for its characters and that it is there
 * (profile.dat exists, no .DELETED).  Texts: "Missing profile name",
 * "Ambiguous profile group", "Illegal characters in profile group name 'g'!",
 * "Illegal characters in profile name 'p'!", "Profile 'p' does not exists",
 * "Profile 'p' does not exists profile group 'g'", "Missing profile
 * descriptor file of profile 'p'".  id points into `a`.
 */
int ops_find_profile(const struct conf *c, const struct ops_request *r,
    struct arena *a, struct profile_id *id, struct err *err);

/* The same for a name that need not be there yet. */
int ops_name_profile(const struct ops_request *r, struct arena *a,
    struct profile_id *id, struct err *err);

/*
 * The profile as above and the channel's bare name, which may be NULL when
 * none is given.  The channel is not looked up, nor are its characters
 * checked.  Also "Ambiguous channel definition".
 */
int ops_find_channel(const struct conf *c, const struct ops_request *r,
    struct arena *a, struct profile_id *id, const char **channel,
    struct err *err);

/* Read a profile; "Profile 'p' in group 'g': cause". */
struct profile *ops_load(const struct conf *c, const struct profile_id *id,
    struct err *err);

/*
 * Is this text a filter?  "Filter syntax error: Line 1: syntax error at
 * 'foo'"; one without anything but comments is refused, too.  The size is
 * limited by FILTER_TEXT_MAX.
 */
int ops_check_filter(const struct conf *c, const char *text, size_t n,
    struct err *err);

/* ---- profiles ----------------------------------------------------------------- */

/*
 * A new profile without channels, status "new": profile, tstart, tend,
 * expire, maxsize, shadow, description.  tstart and tend: a history; tstart
 * alone: continuous, from the past on; neither: continuous from live's newest
 * slot on.
 */
int ops_add_profile(const struct conf *c, const struct ops_request *r,
    int64_t now, struct ops_result *res, struct err *err);

/*
 * A new profile, or a stalled continuous one, begins.  Joins live at once, or
 * res->build: what came before live's newest slot must be built first.
 */
int ops_commit_profile(const struct conf *c, const struct ops_request *r,
    int64_t now, struct ops_result *res, struct err *err);

/*
 * Ask the build of a profile (.BUILDING is there) to stop: .CANCELED beside
 * it.  The builder does what is left to do.
 */
int ops_cancel_profile(const struct conf *c, const struct ops_request *r,
    struct ops_result *res, struct err *err);

/*
 * Any of description, locked, status, expire, maxsize, newgroup and
 * profile_type at once, all or nothing.  "Nothing modified" is no error.
 */
int ops_modify_profile(const struct conf *c, const struct ops_request *r,
    int64_t now, struct ops_result *res, struct err *err);

/*
 * Gone at once; its files are removed by ops_sweep.  force: also when locked
 * or not OK.  A build of it has to be stopped before.
 */
int ops_delete_profile(const struct conf *c, const struct ops_request *r,
    struct ops_result *res, struct err *err);

/* ---- channels ------------------------------------------------------------------- */

/* channel, sourcelist, filter, colour, sign, order. */
int ops_add_channel(const struct conf *c, const struct ops_request *r,
    int64_t now, struct ops_result *res, struct err *err);

/* colour, sign, order, sourcelist, filter, all or nothing; order also moves. */
int ops_modify_channel(const struct conf *c, const struct ops_request *r,
    struct ops_result *res, struct err *err);

/* The last channel of a running profile leaves it "stalled". */
int ops_delete_channel(const struct conf *c, const struct ops_request *r,
    int64_t now, struct ops_result *res, struct err *err);

/* ---- upkeep ----------------------------------------------------------------------- */

/*
 * Finish a transaction that was interrupted after its decision, forget one
 * that was not; delete what NfSen only marked (.DELETED); take away empty
 * groups.
 */
int ops_recover(const struct conf *c, struct err *err);

/*
 * The same at the start of the tree's writer, before anything is read and
 * while nobody else works in it: files that were being written go, too.
 */
int ops_recover_start(const struct conf *c, struct err *err);

/*
 * Remove up to `max` files and folders of what operations have thrown away.
 * 1: there is more; 0: nothing is left; -1: err, the rest stays for the next
 * time.  A large profile goes in pieces, between slots.
 */
int ops_sweep(const struct conf *c, size_t max, struct err *err);

/* Groups without profiles vanish (NfSen does it when it lists profiles). */
void ops_tidy_groups(const struct conf *c);

#endif
