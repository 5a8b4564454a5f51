/* rx_private: what the two ways of reading share. */
#ifndef COLLECTOR_RX_PRIVATE_H
#define COLLECTOR_RX_PRIVATE_H

#include <sys/socket.h>

#include "collector/rx.h"

/*
 * Buffers do not follow each other at a power of two: what is used of them
 * would have the same few places in a cache.
 */
#define RX_STRIDE (RX_BYTES + 33 * 64)

struct rx {
	void (*read)(struct rx *rx, int fd, struct rx_read *out);
};

void rx_take(struct rx_read *out, const uint8_t *data, size_t len,
    const struct sockaddr_storage *from);

#endif
