/* sendmmsg is in Linux, FreeBSD and NetBSD. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "pcap.h"
#include "sink.h"

#define SEND_BUFFER (4 * 1024 * 1024)

static int
open_socket(const struct sink *s, const struct addr *from, struct err *err)
{
	struct sockaddr_storage ss;
	socklen_t len = addr_to_sockaddr(from, 0, &ss);
	char text[ADDR_STRLEN];
	int size = SEND_BUFFER;
	int fd = socket(s->peer.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return err_set(err, "socket: %s", strerror(errno));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	if (bind(fd, (struct sockaddr *)&ss, len) == 0)
		return fd;
	(void)err_set(err, "source address %s: %s", addr_str(from, text),
	    strerror(errno));
	(void)close(fd);
	return -1;
}

int
sink_open_udp(struct sink *s, struct err *err)
{
	s->peer_len = addr_to_sockaddr(&s->to, s->port, &s->peer);
	s->fds = mem_calloc(s->n, sizeof(*s->fds));
	for (size_t i = 0; i < s->n; i++) {
		s->fds[i] = open_socket(s, &s->from[i], err);
		if (s->fds[i] == -1) {
			s->n = i;
			return -1;
		}
	}
	return 0;
}

/* Sockets are not connected: a collector that is away is no error here. */
static int
send_udp(struct sink *s, size_t exporter, const struct sink_datagram *d,
    size_t n, struct err *err)
{
	struct mmsghdr msg[SINK_BATCH];
	struct iovec iov[SINK_BATCH];
	memset(msg, 0, sizeof(msg[0]) * n);
	for (size_t i = 0; i < n; i++) {
		iov[i] = (struct iovec){ d[i].data, d[i].len };
		msg[i].msg_hdr.msg_name = &s->peer;
		msg[i].msg_hdr.msg_namelen = s->peer_len;
		msg[i].msg_hdr.msg_iov = &iov[i];
		msg[i].msg_hdr.msg_iovlen = 1;
	}
	for (size_t done = 0; done < n;) {
		int k = sendmmsg(s->fds[exporter], msg + done,
		    (unsigned)(n - done), 0);
		if (k > 0)
			done += (size_t)k;
		else if (errno == ENOBUFS || errno == EAGAIN)
			(void)usleep(1000);
		else if (errno != EINTR)
			return err_set(err, "send: %s", strerror(errno));
	}
	return 0;
}

static void
send_pcap(struct sink *s, size_t exporter, const struct sink_datagram *d,
    uint64_t time_us)
{
	struct pcap_packet p = { .time_us = time_us,
		.src = s->from[exporter],
		.dst = s->to,
		.proto = 17,
		.src_port = (uint16_t)(40000 + exporter),
		.dst_port = s->port,
		.ip_len = (uint16_t)(d->len + 8 +
				     (s->to.family == ADDR_V6 ? 40 : 20)),
		.data = d->data,
		.data_len = d->len };
	pcap_write(s->pcap, &p);
}

int
sink_send(struct sink *s, size_t exporter, const struct sink_datagram *d,
    size_t n, uint64_t now_ms, struct err *err)
{
	if (s->pcap == NULL)
		return send_udp(s, exporter, d, n, err);
	for (size_t i = 0; i < n; i++)
		send_pcap(s, exporter, &d[i], now_ms * 1000 + i);
	return 0;
}

int
sink_open_pcap(struct sink *s, const char *path, struct err *err)
{
	s->pcap = pcap_create(path, err);
	return s->pcap != NULL ? 0 : -1;
}

int
sink_close(struct sink *s, struct err *err)
{
	for (size_t i = 0; s->fds != NULL && i < s->n; i++)
		(void)close(s->fds[i]);
	free(s->fds);
	return s->pcap != NULL ? pcap_finish(s->pcap, err) : 0;
}
