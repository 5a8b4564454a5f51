/*
 * worker: one process that answers requests, one at a time, for ever.
 * The only file that knows libfcgi.
 */
#ifndef FCGI_WORKER_H
#define FCGI_WORKER_H

#include <stdbool.h>
#include <sys/types.h>

#include "conf/conf.h"

/*
 * Answer requests from the listening socket until TERM or INT, or until the
 * process `master`, our parent, has died; returns the exit status.  One of
 * them is to tell what its sandbox holds.
 */
int worker_run(const struct conf *c, int listen_fd, pid_t master, bool tell);

#endif
