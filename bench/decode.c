/*
 * decode: how long lib/decode takes for a flow, without files and sockets.
 *
 *   decode [-n FLOWS]    millions of flows for each protocol, default 4
 *
 * Prints seconds of CPU for a million flows: the best of several rounds over
 * one datagram of 1400 bytes with the usual fields.
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "decode/decode.h"

#define ROUNDS 5
#define NOW    UINT64_C(1700000000)

static struct buf out;

static void
put(unsigned bytes, uint64_t v)
{
	while (bytes-- > 0)
		buf_addc(&out, (char)(v >> 8 * bytes));
}

static void
poke16(size_t at, size_t v)
{
	out.data[at] = (char)(v >> 8);
	out.data[at + 1] = (char)v;
}

/* Pairs of element and length, as routers announce them. */
static const uint16_t fields[][2] = { { 8, 4 }, { 12, 4 }, { 15, 4 }, { 10, 4 },
	{ 14, 4 }, { 2, 4 }, { 1, 4 }, { 22, 4 }, { 21, 4 }, { 7, 2 },
	{ 11, 2 }, { 6, 1 }, { 4, 1 }, { 5, 1 }, { 9, 1 }, { 13, 1 }, { 61, 1 },
	{ 16, 4 }, { 17, 4 }, { 48, 1 } };
#define FIELDS       (sizeof(fields) / sizeof(fields[0]))
#define ABSOLUTE(ie) ((ie) == 22 || (ie) == 21)

static void
header(int version, size_t sequence)
{
	put(2, (uint64_t)version);
	put(2, 0);
	if (version == 9)
		put(4, 5000000);
	put(4, NOW);
	put(4, sequence);
	put(4, 1);
}

static void
put_template(int version)
{
	put(2, version == 9 ? 0 : 2);
	put(2, 8 + FIELDS * 4);
	put(2, 256);
	put(2, FIELDS);
	for (size_t i = 0; i < FIELDS; i++) {
		bool ms = version == 10 && ABSOLUTE(fields[i][0]);
		put(2, ms ? 174 - fields[i][0] : fields[i][0]);
		put(2, ms ? 8 : fields[i][1]);
	}
}

static uint64_t
value(int version, uint16_t ie, uint64_t n)
{
	if (ABSOLUTE(ie))
		return version == 9 ? 4990000 + n : NOW * 1000 - 900 + n;
	return ie == 4 ? 6 : ie + n;
}

/* A datagram's data; returns the flows in it. */
static uint64_t
put_data(int version)
{
	size_t at = out.len + 2;
	uint64_t n = 0;
	put(2, 256);
	put(2, 0);
	for (; out.len < 1350; n++)
		for (size_t i = 0; i < FIELDS; i++) {
			bool ms = version == 10 && ABSOLUTE(fields[i][0]);
			put(ms ? 8 : fields[i][1],
			    value(version, fields[i][0], n));
		}
	poke16(at, out.len - at + 2);
	return n;
}

static uint64_t
put_v5(void)
{
	put(2, 5);
	put(2, 28);
	put(4, 5000000);
	put(4, NOW);
	put(8, 0);
	put(4, 0);
	for (uint64_t n = 0; n < 28; n++) {
		put(4, 0x0a000001 + n);
		put(4, 0x0a010001 + n);
		put(4, 0x0a020001);
		put(4, 0x00030004);
		put(4, 10);
		put(4, 1000);
		put(4, 4990000);
		put(4, 4995000);
		put(4, 0x040001bb);
		put(4, 0x001b0600);
		put(4, 0x00010002);
		put(4, 0x18100000);
	}
	return 28;
}

static uint64_t
put_sflow(void)
{
	uint64_t n = 0;
	for (int i = 0; i < 7; i++)
		put(4, (const uint32_t[]){ 5, 1, 1, 0, 1, 1000, 9 }[i]);
	for (; n < 9; n++) {
		static const uint32_t head[] = { 1, 128, 1, 5, 512, 1000, 0, 3,
			4, 1, 1, 88, 1, 1000, 4, 72 };
		for (size_t i = 0; i < sizeof(head) / sizeof(head[0]); i++)
			put(4, head[i]);
		put(8, 0);
		put(6, 0);
		put(8, 0x08004500038400ULL);
		put(2, 1);
		put(8, 0x40004006000a0000ULL);
		put(8, 0x010a0000020400ULL);
		for (int i = 0; i < 32; i++)
			put(1, 0x12);
	}
	return n;
}

static uint64_t sum;

static void
sink(void *ctx, const struct flow *f)
{
	(void)ctx;
	sum += f->bytes + f->first;
}

static double
cpu(void)
{
	struct timespec ts;
	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void
decode_built(struct exporter *e)
{
	decode_datagram(e, (const uint8_t *)out.data, out.len, NOW * 1000, sink,
	    NULL);
}

static void
measure(const char *name, int version, uint64_t flows)
{
	struct addr ip = addr_v4(0x7f000001);
	struct decode_head h = { .version = (uint16_t)version };
	struct exporter e;
	uint64_t each;
	double best = 1e9;
	exporter_init(&e, &ip, &h);
	buf_clear(&out);
	if (version == 9 || version == 10) {
		header(version, 0);
		put_template(version);
		poke16(2, out.len);
		decode_built(&e);
		buf_clear(&out);
		header(version, 0);
		each = put_data(version);
		poke16(2, version == 10 ? out.len : each);
	} else
		each = version == 5 ? put_v5() : put_sflow();
	for (int round = 0; round < ROUNDS; round++) {
		double start = cpu();
		for (uint64_t n = 0; n < flows; n += each)
			decode_built(&e);
		double took = (cpu() - start) * 1e6 / (double)flows;
		if (took < best)
			best = took;
	}
	printf("%-6s %.4f s for a million flows, %" PRIu64 " in a datagram\n",
	    name, best, each);
	exporter_free(&e);
}

int
main(int argc, char **argv)
{
	uint64_t flows = 4;
	int c;
	while ((c = getopt(argc, argv, "n:")) != -1)
		if (c != 'n' || (flows = strtoull(optarg, NULL, 10)) == 0) {
			(void)fprintf(stderr, "usage: decode [-n FLOWS]\n");
			return 2;
		}
	flows *= 1000000;
	measure("v5", 5, flows);
	measure("v9", 9, flows);
	measure("IPFIX", 10, flows);
	measure("sFlow", DECODE_SFLOW, flows);
	buf_free(&out);
	return sum == 1;
}
