/* rx_private: what the two ways of reading share. */
#ifndef COLLECTOR_RX_PRIVATE_H
#define COLLECTOR_RX_PRIVATE_H

#include <sys/socket.h>

#include "collector/rx.h"

struct rx {
	void (*read)(struct rx *rx, int fd, struct rx_read *out);
};

void rx_take(struct rx_read *out, const uint8_t *data, size_t len,
    const struct sockaddr_storage *from);

#endif
