/*
 * shard: several sockets of one port, of which the kernel gives each sender
 * one: all datagrams from the same address and port come to the same socket,
 * and so in order, for as long as there are the same sockets.
 *
 * Linux by SO_REUSEPORT (socket(7)), FreeBSD by SO_REUSEPORT_LB; elsewhere
 * there is one socket a port.
 */
#ifndef COLLECTOR_SHARD_H
#define COLLECTOR_SHARD_H

#include <stdbool.h>

/* Does this system give senders to sockets? */
bool shard_can(void);

/*
 * A socket that is to have the port with others, before and behind bind(2);
 * first: no other has it yet, and none but ours may.
 */
void shard_before_bind(int fd, bool first);
void shard_bound(int fd, bool first);

/* Has it its port with others? */
bool shard_is(int fd);

#endif
