/*
 * listen: the UDP sockets, one or more (shard.h) per distinct port, for both
 * families.
 */
#ifndef COLLECTOR_LISTEN_H
#define COLLECTOR_LISTEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"
#include "collector/ports.h"

struct listener {
	int fd;
	uint16_t port;
	uint16_t shard;    /* which of the port's sockets, shard.h */
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
	int bufflen;  /* bytes; 0: as much as is usual, see listen.c */
	bool share;   /* the port has another socket, see listen_share */
	bool sharded; /* it is to have several, this one is number: */
	uint16_t shard;
};

/* A socket for port.  -1: err names port and cause. */
int listen_open(const struct listen_opts *o, uint16_t port, struct err *err);

/*
 * May the port of this socket have another one, that is opened to share it?
 * The newer one receives.
 */
void listen_share(int fd, bool on);

/*
 * Have no more come to this socket, where another has its port; what it
 * holds can still be read.
 */
void listen_mute(int fd);

/*
 * Another length of an open socket's buffer.  False: we may not have that
 * much (any more), and the socket keeps what it has.
 */
bool listen_buffer(int fd, int bytes);

/* The first of the port; NULL: none. */
const struct listener *listeners_find(const struct listeners *ls,
    uint16_t port);
const struct listener *listeners_with(const struct listeners *ls, int fd);
size_t listeners_count(const struct listeners *ls, uint16_t port);
size_t listeners_ports(const struct listeners *ls);
void listeners_add(struct listeners *ls, const struct listener *l);

/* Frees the list; the sockets are whoever's they are. */
void listeners_free(struct listeners *ls);

#endif
