/*
 * master: keeps the workers running.  A worker that dies is replaced (after
 * a second when it lived for less); HUP loads the config anew and replaces
 * the workers one by one; TERM and INT end them all.
 */
#ifndef FCGI_MASTER_H
#define FCGI_MASTER_H

#include <stdbool.h>

#include "base/err.h"
#include "conf/conf.h"

/*
 * The listening socket: descriptor 0 when it is one (service manager,
 * spawn-fcgi), else a new one at c->fcgisocket, mode 0660 with the web
 * server's group; that one is *own, to unlink in the end.  -1 and err.
 */
int master_listen(const struct conf *c, bool *own, struct err *err);

/*
 * Run until told to stop; c is the caller's first config.  Returns the exit
 * status.
 */
int master_run(const struct conf *c, int listen_fd);

#endif
