/*
 * hints: NfSen's memory between two starts, PROFILESTATDIR/hints, a Storable
 * file (storable.h):
 *
 *   version ("1.3.11"), installed (epoch seconds), subdirlayout, nfdump
 *   (minor version, "7"), sources {ident => port}, sim {tbreak}
 *
 * We need nothing of it; it is kept for the way back.  Keys that we do not
 * know stay.
 */
#ifndef PROFILE_HINTS_H
#define PROFILE_HINTS_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "conf/conf.h"
#include "profile/storable.h"

/* What NfSen would write on the first day. */
struct perl_value *hints_new(const struct conf *c, struct arena *a,
    int64_t now);

/* NULL: there is none (err "") or it cannot be read. */
struct perl_value *hints_read(const struct conf *c, struct arena *a,
    struct err *err);

/*
 * Make them those of the configuration: sources with their ports, layout;
 * nfdump 7 where nothing is known; `sim` goes unless it is a simulation.
 */
void hints_update(const struct conf *c, struct arena *a, struct perl_value *h);

/* Replace the file. */
int hints_write(const struct conf *c, const struct perl_value *h,
    struct err *err);

#endif
