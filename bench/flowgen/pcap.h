/*
 * pcap: capture files (classic format, microseconds, Ethernet) of packets
 * made here.  Write errors are kept by the stream and told by pcap_finish.
 */
#ifndef FLOWGEN_PCAP_H
#define FLOWGEN_PCAP_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/addr.h"
#include "base/err.h"

#define PCAP_PACKET_MAX 1514 /* Ethernet header and an IP packet */

/* What a packet holds above IP. */
struct pcap_packet {
	uint64_t time_us; /* epoch */
	struct addr src;
	struct addr dst;
	uint8_t proto;
	uint8_t tcp_flags;
	uint8_t tos;
	uint16_t src_port; /* ICMP: type * 256 + code in dst_port */
	uint16_t dst_port;
	uint32_t tcp_seq;
	uint16_t ip_len;     /* whole IP packet; what data does not fill is 0 */
	const uint8_t *data; /* payload, may be NULL */
	size_t data_len;
};

FILE *pcap_create(const char *path, struct err *err);
void pcap_write(FILE *f, const struct pcap_packet *p);
int pcap_finish(FILE *f, struct err *err);

#endif
