/*
 * changes: what of a config a running collector does not go by yet.
 *
 * The collector tells what it goes by in the config's own syntax.  Both are
 * compared as they are printed, key by key, so that no key is forgotten and
 * another way to write the same is no change.
 */
#ifndef CONF_CHANGES_H
#define CONF_CHANGES_H

#include "base/buf.h"
#include "base/err.h"
#include "conf/conf.h"

/* The settings and sources that a collector goes by, as a config. */
void changes_print(const struct conf *c, struct buf *out);

/*
 * One source, or (NULL) the settings, and in words what is to change:
 * "port 9996, IP, codec"; "$CYCLETIME".  Valid during the call.
 */
typedef void changes_take(void *ctx, const struct conf_source *s,
    const char *what);

/*
 * Call take for what is not as in `running` (of changes_print): the settings
 * first, then sources by ident.  Sources that c does not have are passed
 * over, and so are colours, which a collector does not know.  Settings that it
 * takes at its start alone are added to `restart` instead: "$RECEIVERS,
 * $SANDBOX".  -1: `running` is no config.
 */
int changes_find(const struct conf *c, const char *running, size_t len,
    changes_take *take, void *ctx, struct buf *restart, struct err *err);

#endif
