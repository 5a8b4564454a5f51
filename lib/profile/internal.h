/*
 * internal: what the files of lib/profile share.
 *
 * "Wanted" is a struct profile made from config as it should stand in the
 * tree; a plan is the difference between that and the tree.
 */
#ifndef PROFILE_INTERNAL_H
#define PROFILE_INTERNAL_H

#include "profile/profile.h"
#include "profile/reconfig.h"

#define PROFILE_FILE_MAX  (16 * 1024 * 1024) /* profile.dat, a filter file */
#define PROFILE_DIR_MODE  0775
#define PROFILE_FILE_MODE 0664

/* Give what was made to USER:WWWGROUP; nothing to do unless root. */
int tree_own(const struct conf *c, const char *path, struct err *err);

/* A folder of the tree with its parents, and a small file in it. */
int tree_mkdir(const struct conf *c, const char *path, struct err *err);
int tree_write(const struct conf *c, const char *path, const struct buf *text,
    struct err *err);

/*
 * Remove a folder so that no half of it is ever seen: it gets a hidden name
 * first.  Also removes what an interrupted removal left.
 */
int tree_remove(const char *path, struct err *err);

/* ---- config's side (wanted.c) --------------------------------------------- */

/* A colour for the n-th thing drawn, told apart also by the colour-blind. */
const char *wanted_colour(size_t n);

/*
 * The profile as config wants it; `old` is the one in the tree or NULL (what
 * config leaves open is kept from there).  Checks every filter and source.
 */
struct profile *wanted_profile(const struct conf *c,
    const struct conf_profile *cp, const struct profile *old, struct err *err);

const struct conf_profile *wanted_find(const struct conf *c, const char *group,
    const char *name);

const struct conf_channel *wanted_channel(const struct conf_profile *cp,
    const char *name);

/* A filter as its file holds it: lines that each end in LF. */
void wanted_filter(const char *text, struct buf *out);

/* ---- the list of profiles that came from config (fromconf.c) -------------- */

int fromconf_load(const struct conf *c, struct arena *a, struct profile_list *l,
    struct err *err);
bool fromconf_has(const struct profile_list *l, const char *group,
    const char *name);
int fromconf_set(const struct conf *c, const char *group, const char *name,
    bool present, struct err *err);

/* ---- comparing (diff.c) ---------------------------------------------------- */

/*
 * What differs between the tree and `want`, in words, joined with ", ";
 * nothing: no difference.
 */
int diff_profile(const struct conf *c, const struct profile *have,
    const struct profile *want, const struct conf_profile *cp, struct buf *what,
    struct err *err);

/* The channel's filter file does not hold config's text; -1: unreadable. */
int diff_filter(const struct conf *c, const struct profile *p,
    const struct conf_channel *cc, struct err *err);

/* A channel's RRD or data folder is not there. */
bool diff_files_missing(const struct conf *c, const struct profile *p,
    const struct channel *ch);

#endif
