/*
 * rx: reading datagrams off a socket, several at a time where the system
 * can (rx_mmsg.c, Linux), else one by one (rx_plain.c).
 */
#ifndef COLLECTOR_RX_H
#define COLLECTOR_RX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

#define RX_BATCH 64
#define RX_BYTES 65536 /* no UDP payload is longer */

struct rx_datagram {
	const uint8_t *data; /* valid until the next read */
	uint32_t len;
	struct addr from;
};

struct rx_read {
	struct rx_datagram d[RX_BATCH];
	size_t n;
	bool has_drops;
	uint32_t
	    drops; /* the socket's count since it was opened, modulo 2^32 */
};

struct rx;

/*
 * Where rx_drops does not know: ask the kernel to say with each datagram what
 * it drops; where it cannot either, nothing happens.
 */
void rx_prepare(int fd);

/*
 * What the socket has dropped until now, also behind the last datagram that
 * was read; modulo 2^32.  False: the system does not say.
 */
bool rx_drops(int fd, uint32_t *drops);

/* Bytes its buffer holds, as the system counts them; 0: not known. */
uint64_t rx_room(int fd);

struct rx *rx_mmsg_new(void); /* NULL: not on this system */
struct rx *rx_plain_new(void);
void rx_free(struct rx *rx);

/* What is there without waiting; n 0: nothing. */
void rx_read(struct rx *rx, int fd, struct rx_read *out);

#endif
