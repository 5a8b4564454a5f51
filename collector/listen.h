/*
 * listen: the UDP sockets, one per distinct port, for both families.
 */
#ifndef COLLECTOR_LISTEN_H
#define COLLECTOR_LISTEN_H

#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
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

struct listen_opts {
	const char *bind;        /* address; NULL: all of them */
	const char *mcast;       /* group to join, on the interface of bind */
	enum addr_family family; /* ADDR_NONE: both */
	int bufflen; /* bytes; 0: as much as is usual, see listen.c */
};

/* A socket for port.  -1: err names port and cause. */
int listen_open(const struct listen_opts *o, uint16_t port, struct err *err);

const struct listener *listeners_find(const struct listeners *ls,
    uint16_t port);
void listeners_add(struct listeners *ls, const struct listener *l);

/* Frees the list; the sockets are whoever's they are. */
void listeners_free(struct listeners *ls);

#endif
