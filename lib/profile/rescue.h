/*
 * rescue: a profile whose profile.dat is damaged or gone, described by what
 * else there is of it: databases, flow files, filters.
 *
 * What only profile.dat knew is a guess: every channel is drawn upwards, in
 * colours of its own, and reads all sources; limits are none.  A profile that
 * was still updated with live is continuous, another one a history; without
 * flow files it is a shadow.
 */
#ifndef PROFILE_RESCUE_H
#define PROFILE_RESCUE_H

#include <stdint.h>

#include "base/err.h"
#include "conf/conf.h"
#include "profile/profile.h"

/* live: its channels are the sources of the configuration. */
struct profile *rescue_live(const struct conf *c, int64_t now);

/*
 * Another one: a channel for every database, or folder of flow files.  NULL
 * and err: there is neither.
 */
struct profile *rescue_profile(const struct conf *c,
    const struct profile_id *id, int64_t now, struct err *err);

#endif
