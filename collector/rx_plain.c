/* rx_plain: one system call a datagram; any POSIX system. */
#include <stddef.h>

#include "base/mem.h"
#include "collector/rx_private.h"

struct rx_plain {
	struct rx rx;
	uint8_t data[RX_BATCH][RX_STRIDE];
};

static void
read_plain(struct rx *rx, int fd, struct rx_read *out)
{
	struct rx_plain *p = (void *)rx;
	for (size_t i = 0; i < RX_BATCH; i++) {
		struct sockaddr_storage from;
		socklen_t len = sizeof(from);
		ssize_t n = recvfrom(fd, p->data[i], RX_BYTES, MSG_DONTWAIT,
		    (struct sockaddr *)&from, &len);
		if (n == -1)
			break;
		rx_take(out, p->data[i], (size_t)n, &from);
	}
}

struct rx *
rx_plain_new(void)
{
	struct rx_plain *p = mem_calloc(1, sizeof(*p));
	p->rx.read = read_plain;
	return &p->rx;
}
