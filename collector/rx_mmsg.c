/*
 * rx_mmsg: Linux.  recvmmsg(2) fetches many datagrams at once.  Kernels that
 * do not know SO_MEMINFO (before 4.12) tell by SO_RXQ_OVFL, with each of them,
 * how many the socket has dropped so far.
 */
#include <stddef.h>
#include <string.h>

#include "base/mem.h"
#include "collector/rx_private.h"

#ifdef __linux__

struct rx_mmsg {
	struct rx rx;
	struct mmsghdr msg[RX_BATCH];
	struct iovec iov[RX_BATCH];
	struct sockaddr_storage from[RX_BATCH];
	_Alignas(struct cmsghdr)
	    uint8_t control[RX_BATCH][CMSG_SPACE(sizeof(uint32_t))];
	uint8_t data[RX_BATCH][RX_STRIDE];
};

static void
take_drops(struct msghdr *m, struct rx_read *out)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL;
	     c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SO_RXQ_OVFL)
			continue;
		memcpy(&out->drops, CMSG_DATA(c), sizeof(out->drops));
		out->has_drops = true;
	}
}

static void
read_mmsg(struct rx *rx, int fd, struct rx_read *out)
{
	struct rx_mmsg *p = (void *)rx;
	for (size_t i = 0; i < RX_BATCH; i++) {
		p->msg[i].msg_hdr.msg_namelen = sizeof(p->from[i]);
		p->msg[i].msg_hdr.msg_controllen = sizeof(p->control[i]);
	}
	int n = recvmmsg(fd, p->msg, RX_BATCH, MSG_DONTWAIT, NULL);
	for (int i = 0; i < n; i++)
		rx_take(out, p->data[i], p->msg[i].msg_len, &p->from[i]);
	if (n > 0)
		take_drops(&p->msg[n - 1].msg_hdr, out);
}

struct rx *
rx_mmsg_new(void)
{
	struct rx_mmsg *p = mem_calloc(1, sizeof(*p));
	p->rx.read = read_mmsg;
	for (size_t i = 0; i < RX_BATCH; i++) {
		p->iov[i] = (struct iovec){ p->data[i], RX_BYTES };
		p->msg[i].msg_hdr = (struct msghdr){
			.msg_name = &p->from[i],
			.msg_iov = &p->iov[i],
			.msg_iovlen = 1,
			.msg_control = p->control[i],
		};
	}
	return &p->rx;
}

#else

struct rx *
rx_mmsg_new(void)
{
	return NULL;
}

#endif
