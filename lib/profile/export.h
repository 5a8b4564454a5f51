/*
 * export: a profile of the tree as config holds it in %profiles.
 *
 *     'group/name' => {
 *         'description' => '...',
 *         ...
 *     },
 *
 * Config that has the text as a part of %profiles wants the profile as it is.
 */
#ifndef PROFILE_EXPORT_H
#define PROFILE_EXPORT_H

#include "base/buf.h"
#include "base/err.h"
#include "conf/conf.h"
#include "profile/profile.h"

/*
 * Add the text to out.  Sources that are in %sources no more are left out,
 * with a comment in front of the text.  -1 for what config cannot hold: live,
 * a profile without channels, names of another system, a channel all of whose
 * sources are gone.
 */
int export_config(const struct conf *c, const struct profile *p,
    struct buf *out, struct err *err);

#endif
