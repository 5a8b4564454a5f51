/* What nfreplay sent, and what it could not. */
#include <inttypes.h>
#include <stdio.h>

#include "query/replay.h"

static const char *const elem_names[FE_MAX] = {
	[FE_GENERIC] = "generic",
	[FE_IPV6] = "IPv6",
	[FE_MISC] = "direction and out tos",
	[FE_CNT] = "out counters",
	[FE_VLAN] = "VLANs",
	[FE_AS] = "AS numbers",
	[FE_BGPNEXT4] = "BGP next hop",
	[FE_BGPNEXT6] = "BGP next hop (IPv6)",
	[FE_NEXT4] = "next hop",
	[FE_NEXT6] = "next hop (IPv6)",
	[FE_MPLS] = "MPLS labels",
	[FE_MAC] = "MAC addresses",
	[FE_ASADJ] = "adjacent AS",
	[FE_LATENCY] = "latencies",
	[FE_SAMPLER] = "sampler",
	[FE_NSEL] = "firewall event",
	[FE_NAT4] = "translated addresses",
	[FE_NAT6] = "translated addresses (IPv6)",
	[FE_NATPORT] = "translated ports",
	[FE_ACL] = "access lists",
	[FE_USER] = "user name",
	[FE_NATEVENT] = "NAT event",
	[FE_PORTBLOCK] = "port block",
	[FE_NBAR] = "application",
	[FE_LABEL] = "label",
	[FE_INPAYLOAD] = "payload",
	[FE_OUTPAYLOAD] = "out payload",
	[FE_TUN4] = "tunnel",
	[FE_TUN6] = "tunnel (IPv6)",
	[FE_OBSERVATION] = "observation point",
	[FE_FRAMEMETA] = "frame size",
	[FE_FRAME] = "frame",
	[FE_VRF] = "VRFs",
	[FE_PFINFO] = "pf rule",
	[FE_LAYER2] = "layer 2",
	[FE_FLOWID] = "flow id",
	[FE_NOKIANAT] = "Nokia NAT",
	[FE_NOKIASTR] = "Nokia NAT text",
	[FE_IPINFO] = "TTLs",
};

static void
say_left(const struct replay *r, const char *protocol)
{
	const struct encode_counts *n = encoder_counts(r->encoder);
	for (int i = 0; i < FE_MAX; i++)
		if (n->left[i] != 0)
			(void)fprintf(stderr,
			    REPLAY_NAME ": %" PRIu64
					" flows sent without: %s\n",
			    n->left[i],
			    elem_names[i] != NULL ? elem_names[i] : "?");
	if (n->clipped != 0)
		(void)fprintf(stderr,
		    REPLAY_NAME ": %" PRIu64 " flows sent with a value that %s "
				"cannot hold, at its limit\n",
		    n->clipped, protocol);
	if (n->not_ipv4 != 0)
		(void)fprintf(stderr,
		    REPLAY_NAME ": %" PRIu64
				" flows not sent: %s has IPv4 alone\n",
		    n->not_ipv4, protocol);
	if (n->too_long != 0)
		(void)fprintf(stderr,
		    REPLAY_NAME ": %" PRIu64 " flows not sent: longer than a "
				"datagram\n",
		    n->too_long);
	if (r->target.refused != 0)
		(void)fprintf(stderr,
		    REPLAY_NAME ": nobody received %" PRIu64
				" datagrams or more\n",
		    r->target.refused);
}

void
replay_say(const struct replay *r)
{
	const struct encode_counts *n = encoder_counts(r->encoder);
	char text[ADDR_STRLEN];
	say_left(r, r->encode.version == 10  ? "IPFIX"
		    : r->encode.version == 9 ? "NetFlow v9"
					     : "NetFlow v5");
	if (!r->quiet)
		(void)printf("%" PRIu64 " flows in %" PRIu64
			     " datagrams with %" PRIu64
			     " templates sent to %s port %u\n",
		    n->flows, n->datagrams, n->templates,
		    addr_str(&r->target.addr, text), r->target.port);
}
