/*
 * changes: what of a config a running daemon does not go by yet.
 *
 * The collector and the profiler tell what they go by in the config's own
 * syntax.  Both are compared as they are printed, key by key, so that no key is
 * forgotten and another way to write the same is no change.
 */
#ifndef CONF_CHANGES_H
#define CONF_CHANGES_H

#include "base/buf.h"
#include "base/err.h"
#include "conf/conf.h"

enum changes_of { CHANGES_COLLECTOR, CHANGES_PROFILER };

/*
 * The settings that such a daemon goes by, and the sources, as a config.  (The
 * profiler's sources are the tree's, which is compared with the config's by
 * profile/reconfig.h.)
 */
void changes_print(const struct conf *c, enum changes_of of, struct buf *out);

/*
 * One source, or (NULL) the settings, and in words what is to change:
 * "port 9996, IP, codec"; "$CYCLETIME".  Valid during the call.
 */
typedef void changes_take(void *ctx, const struct conf_source *s,
    const char *what);

/*
 * Call take for what is not as in `running` (of changes_print): the settings
 * first, then a collector's sources by ident.  Sources that c does not have are
 * passed over, and so are colours, which a collector does not know.  Settings
 * that the daemon takes at its start alone are added to `restart` instead:
 * "$RECEIVERS, $SANDBOX".  -1: `running` is no config.
 */
int changes_find(const struct conf *c, enum changes_of of, const char *running,
    size_t len, changes_take *take, void *ctx, struct buf *restart,
    struct err *err);

#endif
