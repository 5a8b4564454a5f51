/*
 * packet: the first bytes of a sampled frame, into the fields of its flow.
 *
 * Ethernet II and 802.3 with SNAP, VLAN tags (QinQ), MPLS, PPPoE, PPP,
 * 802.11 data frames, IPv4 with options, IPv6 with extension headers; TCP,
 * UDP, SCTP, DCCP, ICMP; on request what is inside GRE, IP in IP and VXLAN.
 * What is cut off or unknown ends the walk; the fields so far are kept.
 */
#ifndef DECODE_PACKET_H
#define DECODE_PACKET_H

#include <stdbool.h>

#include "base/wire.h"
#include "flow/flow.h"

/* sFlow's header protocols (sflow.org v5, enum header_protocol). */
enum packet_start {
	PACKET_ETHERNET = 1,
	PACKET_PPP = 7,
	PACKET_IPV4 = 11,
	PACKET_IPV6 = 12,
	PACKET_MPLS = 13,
	PACKET_80211 = 15
};

struct packet {
	struct flow *f;  /* zeroed where nothing is known */
	bool tunnels;    /* see struct decode_opts */
	bool inner;      /* inside one */
	uint8_t tags;    /* VLAN tags met */
	uint8_t depth;   /* frames inside frames */
	uint16_t vlan;   /* the innermost, as nfdump keeps it */
	uint32_t l3_len; /* octets of the IP packet; 0: none was found */
};

/* False: a start that is not known.  Sets the bits of what it finds. */
bool packet_decode(struct packet *p, enum packet_start start, struct wire w);

#endif
