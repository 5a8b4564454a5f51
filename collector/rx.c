#include "collector/rx.h"

#include <stdlib.h>
#include <sys/socket.h>
#ifdef __linux__
#include <linux/sock_diag.h>
#endif

#include "collector/rx_private.h"

/* With every datagram only where it cannot be asked for: that costs. */
void
rx_prepare(int fd)
{
#ifdef SO_RXQ_OVFL
	uint32_t drops;
	int on = !rx_drops(fd, &drops);
	(void)setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof(on));
#else
	(void)fd;
#endif
}

bool
rx_drops(int fd, uint32_t *drops)
{
#if defined(__linux__) && defined(SO_MEMINFO)
	uint32_t info[SK_MEMINFO_VARS] = { 0 };
	socklen_t n = sizeof(info);
	if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &n) == -1 ||
	    n <= SK_MEMINFO_DROPS * sizeof(*info))
		return false;
	*drops = info[SK_MEMINFO_DROPS];
	return true;
#else
	(void)fd;
	(void)drops;
	return false;
#endif
}

uint64_t
rx_room(int fd)
{
	int bytes = 0;
	socklen_t n = sizeof(bytes);
	if (getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, &n) == -1)
		return 0;
	return bytes > 0 ? (uint64_t)bytes : 0;
}

void
rx_read(struct rx *rx, int fd, struct rx_read *out)
{
	out->n = 0;
	out->has_drops = false;
	rx->read(rx, fd, out);
}

void
rx_free(struct rx *rx)
{
	free(rx);
}

void
rx_take(struct rx_read *out, const uint8_t *data, size_t len,
    const struct sockaddr_storage *from)
{
	struct rx_datagram *d = &out->d[out->n];
	uint16_t port;
	if (!addr_from_sockaddr((const struct sockaddr *)from, &d->from, &port))
		return;
	d->data = data;
	d->len = (uint32_t)len;
	out->n++;
}
