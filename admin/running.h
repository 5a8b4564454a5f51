/*
 * running: by which config a daemon runs, as it tells it.
 */
#ifndef ADMIN_RUNNING_H
#define ADMIN_RUNNING_H

#include "admin/daemon.h"
#include "base/buf.h"

/* Its text (conf/changes.h) behind what out has.  -1: err. */
int running_config(const struct conf *c, const struct daemon *d,
    struct buf *out, struct err *err);

#endif
