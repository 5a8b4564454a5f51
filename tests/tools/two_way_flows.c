/*
 * two_way_flows: a flow file with conversations in both directions: every
 * pair of ports and protocol that nfdump's -b and -B tell apart, some with
 * counters of the other direction, in turns v4 and v6.  Each flow has numbers
 * of its own, so that one that went astray shows.
 */
#include <stdio.h>
#include <stdlib.h>

#include "nffile/nffile.h"

#define FIRST UINT64_C(1700000000000)

static const uint8_t protos[] = { 0, 1, 6, 17, 47, 58, 132 };
static const uint16_t ports[][2] = { { 0, 0 }, { 0, 5 }, { 53, 53 }, { 53, 80 },
	{ 80, 1023 }, { 80, 1024 }, { 1023, 1024 }, { 1024, 2000 },
	{ 2000, 32767 }, { 2000, 32768 }, { 32767, 32768 }, { 32768, 40000 },
	{ 40000, 49151 }, { 40000, 49152 }, { 49151, 49152 },
	{ 49152, 50000 } };
#define PROTOS (sizeof(protos) / sizeof(protos[0]))
#define PORTS  (sizeof(ports) / sizeof(ports[0]))

/* Of a conversation: there, back, back again, either with both counters. */
enum { THERE, BACK, AGAIN, BOTH, TURNS };

static struct flow
flow_of(unsigned i, unsigned turn, bool begins_back)
{
	unsigned pair = i / (unsigned)PROTOS % (unsigned)PORTS;
	bool v6 = i % 2 != 0;
	bool against =
	    turn == BACK || turn == AGAIN || (turn == BOTH && pair % 2 != 0);
	bool back = against != begins_back;
	struct flow f = { .have = FLOW_BIT(FE_GENERIC) | FLOW_BIT(FE_AS) |
				  FLOW_BIT(FE_MISC) |
				  FLOW_BIT(v6 ? FE_IPV6 : FE_IPV4) };
	struct flow_ip6 near = { 0, 0x0a000001 + i }, far = { 0, 0xc0000201 };
	if (v6)
		near.hi = far.hi = UINT64_C(0x20010db800000000);
	f.src = back ? far : near;
	f.dst = back ? near : far;
	f.src_port = ports[pair][back];
	f.dst_port = ports[pair][!back];
	f.proto = protos[i % PROTOS];
	f.first = FIRST + i * 1000 + turn * 10;
	f.last = f.first + 100 + turn;
	f.received = f.last + 50;
	f.packets = i + turn + 1;
	f.bytes = 1000 + 10 * i + turn;
	f.tcp_flags = (uint8_t)(1U << turn);
	f.src_tos = (uint8_t)(turn + 1);
	f.src_as = back ? 200 : 100;
	f.dst_as = back ? 100 : 200;
	f.in_if = back ? 8 : 4;
	f.out_if = back ? 4 : 8;
	f.src_mask = back ? 16 : 24;
	f.dst_mask = back ? 24 : 16;
	if (turn == BOTH) {
		f.have |= FLOW_BIT(FE_CNT);
		f.out_packets = 2 * i + 7;
		f.out_bytes = 500 + i;
		f.flows = i % 3;
	}
	return f;
}

static int
write_file(const char *path, const struct nffile_writer_opts *o,
    struct err *err)
{
	struct nffile_writer w;
	if (nffile_create(&w, path, o, err) == -1)
		return -1;
	/* All of a turn before the next, as they come over time. */
	for (unsigned turn = 0; turn < TURNS; turn++)
		for (unsigned i = 0; i < PROTOS * PORTS * 2; i++) {
			struct flow f = flow_of(i, turn, i >= PROTOS * PORTS);
			/* Some have one direction alone. */
			if (turn != THERE && i % 11 == 10)
				continue;
			if (nffile_add_flow(&w, &f, err) == -1)
				return -1;
		}
	return nffile_finish(&w, false, err);
}

int
main(int argc, char **argv)
{
	struct nffile_writer_opts o = { .creator = CREATOR_NFDUMP,
		.created = FIRST / 1000,
		.ident = "both",
		.codec = CODEC_LZ4,
		.mode = 0644 };
	struct err err;
	if (argc != 2) {
		(void)fprintf(stderr, "usage: two_way_flows file\n");
		return 2;
	}
	if (write_file(argv[1], &o, &err) == -1) {
		(void)fprintf(stderr, "%s\n", err.msg);
		return 1;
	}
	return 0;
}
