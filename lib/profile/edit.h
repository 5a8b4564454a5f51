/*
 * edit: one profile changed with everything that belongs to it, as one
 * transaction: profile.dat, and the channels' folders, databases and filters.
 *
 *   edit_open or edit_open_new
 *   change e->p, and say what happens to files
 *   edit_commit (or not), edit_close
 *
 * For lib/profile alone.
 */
#ifndef PROFILE_EDIT_H
#define PROFILE_EDIT_H

#include "base/file.h"
#include "profile/profile.h"
#include "profile/txn.h"

struct edit {
	const struct conf *c;
	struct err *err; /* of all that follows */
	struct txn txn;
	struct profile *p; /* as it is to stand; the caller's */
	bool fresh;        /* it is made under hidden names */
	bool one_tree;     /* both trees are one folder */
	char stat[FILE_PATH_MAX], data[FILE_PATH_MAX]; /* its folders, now */
};

/* A profile that is in the tree as p->group/p->name. */
int edit_open(struct edit *e, const struct conf *c, struct profile *p,
    struct err *err);

/*
 * One that is not there yet.  "profile 'p' in group 'g' already exists",
 * "Can't create profile [group] directory 'd': cause!".
 */
int edit_open_new(struct edit *e, const struct conf *c, struct profile *p,
    struct err *err);

/*
 * Folder, database that takes `first` as its first slot, and filter (NULL:
 * none, a source of live).  A folder that is there already is kept.
 */
int edit_add_channel(struct edit *e, const char *channel, int64_t first,
    const struct buf *filter);
int edit_drop_channel(struct edit *e, const char *channel);

/* What of its folder and database is missing; there is no filter for it. */
int edit_mend_channel(struct edit *e, const char *channel, int64_t first);

/* One of them anew. */
int edit_filter(struct edit *e, const char *channel, const struct buf *text);
int edit_database(struct edit *e, const char *channel, int64_t first);
int edit_folder(struct edit *e, const char *channel); /* empty afterwards */

/* Anything in the profile's stat folder, thrown away. */
int edit_drop_file(struct edit *e, const char *file);

/* Into another group; the group is made.  p->group is changed. */
int edit_move(struct edit *e, const char *group);

/* The whole profile; p is not written again. */
int edit_drop_profile(struct edit *e);

/* What .from-config says of it, too. */
int edit_fromconf(struct edit *e, bool present);

/* Another profile, changed by the same decision: its profile.dat. */
int edit_also(struct edit *e, const struct profile *other);

/* Write p and do it all. */
int edit_commit(struct edit *e);

/* Groups that have become empty are gone afterwards. */
void edit_close(struct edit *e);

#endif
