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
#include "profile/tree.h"

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

/*
 * A description as profile.dat gives it back: lines without blanks at their
 * front, no empty lines at the ends, no control characters.
 */
const char *wanted_description(struct arena *a, const char *text);

/* A filter as its file holds it: lines that each end in LF. */
void wanted_filter(const char *text, struct buf *out);

/* ---- the list of profiles that came from config (fromconf.c) -------------- */

int fromconf_load(const struct conf *c, struct arena *a, struct profile_list *l,
    struct err *err);
bool fromconf_has(const struct profile_list *l, const char *group,
    const char *name);

/*
 * The list as it must read so that it has, or has not, this name.  1: path
 * (FILE_PATH_MAX) is its file and text (may be empty) its new content; 0: it
 * is so already.
 */
int fromconf_edit(const struct conf *c, const char *group, const char *name,
    bool present, char *path, struct buf *text, struct err *err);

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

/* They read the same sources, in any order. */
bool diff_same_sources(const struct channel *a, const struct channel *b);

/* A channel's RRD or data folder is not there. */
bool diff_files_missing(const struct conf *c, const struct profile *p,
    const struct channel *ch);

/* ---- what it costs (cost.c) ------------------------------------------------ */

/* Each adds lines that end in LF; nothing: it costs nothing. */
void cost_source_delete(const struct conf *c, const struct profile *live,
    const char *name, struct buf *out);
void cost_source_change(const struct conf *c, const struct profile *live,
    const char *name, struct buf *out);
void cost_profile_add(const struct conf *c, const struct conf_profile *cp,
    struct buf *out);
void cost_profile_delete(const struct conf *c, const char *group,
    const char *name, struct buf *out);
void cost_profile_change(const struct conf *c, const struct profile *have,
    const struct profile *want, const struct conf_profile *cp, struct buf *out);

#endif
