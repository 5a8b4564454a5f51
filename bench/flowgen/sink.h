/*
 * sink: where export datagrams go: UDP to a collector, each exporter from
 * its own source address, or a pcap file of the same datagrams.
 */
#ifndef FLOWGEN_SINK_H
#define FLOWGEN_SINK_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>

#include "base/addr.h"
#include "base/err.h"

#define SINK_BATCH 64 /* datagrams of one call */

struct sink_datagram {
	uint8_t *data;
	size_t len;
};

struct sink {
	struct addr to;
	uint16_t port;
	struct addr *from; /* source address of each exporter */
	size_t n;
	struct sockaddr_storage peer;
	socklen_t peer_len;
	int *fds;   /* UDP: one socket per exporter */
	FILE *pcap; /* else the capture */
};

/* One socket per exporter, bound to its address. */
int sink_open_udp(struct sink *s, struct err *err);

/* A capture: Ethernet, IP, UDP from port 40000 + exporter. */
int sink_open_pcap(struct sink *s, const char *path, struct err *err);

/* Send n (<= SINK_BATCH) datagrams of one exporter at now_ms. */
int sink_send(struct sink *s, size_t exporter, const struct sink_datagram *d,
    size_t n, uint64_t now_ms, struct err *err);

int sink_close(struct sink *s, struct err *err);

#endif
