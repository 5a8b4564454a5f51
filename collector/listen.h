/*
 * listen: the UDP sockets, one per distinct port, for both families.
 */
#ifndef COLLECTOR_LISTEN_H
#define COLLECTOR_LISTEN_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "collector/ports.h"

struct listener {
	int fd;
	uint16_t port;
	uint32_t drops;    /* last count of the kernel */
	struct port *lost; /* where they are summed up */
};

struct listeners {
	struct listener *l; /* by port */
	size_t n;
};

/*
 * A socket for port on bind_addr (NULL: all addresses of both families) with
 * a receive buffer of bufflen bytes (0: as much as is usual, see listen.c).
 * -1: err names port and cause.
 */
int listen_open(const char *bind_addr, uint16_t port, int bufflen,
    struct err *err);

const struct listener *listeners_find(const struct listeners *ls,
    uint16_t port);
void listeners_add(struct listeners *ls, const struct listener *l);

/* Frees the list; the sockets are whoever's they are. */
void listeners_free(struct listeners *ls);

#endif
