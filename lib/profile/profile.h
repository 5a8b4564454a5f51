/*
 * profile: profiles, channels and their folders, in NfSen's formats.
 *
 *   PROFILESTATDIR/[group/]name/profile.dat
 *   PROFILESTATDIR/[group/]name/<channel>.rrd
 *   PROFILESTATDIR/[group/]name/<channel>-filter.txt   (not in live)
 *   PROFILESTATDIR/<group>/.group
 *   PROFILEDATADIR/[group/]name/<channel>/[subdirs/]nfcapd.<iso>
 *
 * A profile with a file `.DELETED`, and names that start with a dot, are not
 * there.  profile.dat is replaced atomically; whoever writes holds the tree
 * lock (one writer: the profiler, or nfsen while no profiler runs).
 */
#ifndef PROFILE_PROFILE_H
#define PROFILE_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "conf/conf.h"
#include "filter/filter.h"

enum profile_type {
	PROFILE_LIVE = 0,
	PROFILE_HISTORY = 1,
	PROFILE_CONTINUOUS = 2,
	PROFILE_SHADOW = 4 /* added to HISTORY or CONTINUOUS */
};

struct channel {
	const char *name;
	char sign;            /* '+' or '-' */
	const char *color;    /* "#rrggbb", "" when the file has none */
	int order;            /* 1.. per sign */
	const char **sources; /* live channels; n == 0 or "*": all */
	size_t n_sources;
};

struct profile {
	struct arena arena;
	const char *group; /* "." when none */
	const char *name;
	const char *description; /* lines joined with LF */
	int64_t tbegin, tcreate, tstart, tend, updated; /* epoch seconds */
	int64_t expire;                                 /* hours, 0 none */
	uint64_t maxsize;                               /* bytes, 0 none */
	uint64_t size;
	int type; /* enum profile_type, with PROFILE_SHADOW */
	int locked;
	const char *status; /* "new", "OK", "built 12.3%", ... */
	int version;        /* 130 */
	struct channel *channels;
	size_t n_channels;
};

/* Read profile.dat.  NULL and err: missing, unreadable, corrupt. */
struct profile *profile_load(const struct conf *c, const char *group,
    const char *name, struct err *err);
struct profile *profile_parse(const char *path, const char *text, size_t len,
    struct err *err);
void profile_print(const struct profile *p, struct buf *out);
/* "name:sign:colour:order:sources", as profile.dat and nfsend have it. */
void profile_print_channel(const struct channel *ch, struct buf *out);
int profile_save(const struct conf *c, const struct profile *p,
    struct err *err);
void profile_free(struct profile *p);

/* size from the channels' .nfstat files; untouched when there is none. */
void profile_account(const struct conf *c, struct profile *p);

/* A blank profile, and a channel appended to one (strings are copied). */
struct profile *profile_new(const char *group, const char *name);
struct channel *profile_add_channel(struct profile *p, const char *name);
struct channel *profile_find_channel(const struct profile *p, const char *name);

/* Per sign 1..n without gaps, in the order they have now. */
void profile_renumber(struct profile *p);

/*
 * Indices of channels in drawing order (NfSen's list L: +n .. +1 -1 .. -n);
 * `order` has n_channels entries.
 */
void profile_draw_order(const struct profile *p, size_t *order);

/* ---- paths, all FILE_PATH_MAX; false when too long ------------------------ */

bool profile_stat_path(const struct conf *c, const char *group,
    const char *name, const char *file, char *buf); /* file NULL: folder */
bool profile_data_path(const struct conf *c, const char *group,
    const char *name, const char *channel, char *buf);
bool profile_rrd_path(const struct conf *c, const struct profile *p,
    const char *channel, char *buf);

/* Its file is there; live needs none. */
bool profile_has_filter(const struct conf *c, const struct profile *p,
    const char *channel);

/* The channel's filter text; live's is "any". */
int profile_filter_read(const struct conf *c, const struct profile *p,
    const char *channel, struct buf *text, struct err *err);

/*
 * What filters of this configuration may use: its databases, files and named
 * filters of FILTERDIR; neither the resolver nor `count`, as they live on
 * their own.  -1: err, and o as without databases.  Give o->geo back with geo_free.
 */
int profile_filter_options(const struct conf *c, struct filter_options *o,
    struct err *err);

/* ---- the tree -------------------------------------------------------------- */

struct profile_id {
	const char *group;
	const char *name;
};

struct profile_list {
	struct profile_id *ids; /* by group ('.' first), then name */
	size_t n;
};

int profile_list(const struct conf *c, struct arena *a, struct profile_list *l,
    struct err *err);

/* Names of all groups, also of empty ones, '.' first, sorted. */
struct profile_groups {
	const char **names;
	size_t n;
};

int profile_groups(const struct conf *c, struct arena *a,
    struct profile_groups *g, struct err *err);

/*
 * The tree's write lock (PROFILESTATDIR/.lock, fcntl).  wait false: an
 * error naming the holder when it is taken.  Returns a descriptor.
 */
int profile_tree_lock(const struct conf *c, bool wait, struct err *err);
void profile_tree_unlock(int fd);

#endif
