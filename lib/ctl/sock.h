/* sock: what both ends of a control socket do with it. */
#ifndef CTL_SOCK_H
#define CTL_SOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/un.h>

#include "base/buf.h"
#include "base/err.h"

/* A stream socket that neither blocks nor is inherited; -1 and err. */
int ctl_sock_new(struct err *err);

/* -1: the path is longer than a socket's may be. */
int ctl_sock_addr(struct sockaddr_un *sun, const char *path, struct err *err);

/*
 * Make room for a server at this address: a file left by a dead one is
 * removed; where someone answers, or it is no socket, -1 and err.
 */
int ctl_sock_clear(const struct sockaddr_un *sun, struct err *err);

/*
 * Send as much of b as goes without waiting and drop it from b.  False:
 * the other side is gone.
 */
bool ctl_sock_send(int fd, struct buf *b);

/* Milliseconds of a clock that is never set. */
int64_t ctl_sock_now(void);

#endif
