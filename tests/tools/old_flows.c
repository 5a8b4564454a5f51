/*
 * old_flows FILE CODEC N SEED: a file of nfdump 1.6 with N random flows, of
 * maps with any extensions that go together.
 */
#include <stdio.h>

#include "base/file.h"
#include "tests/unit/nffile/old_file.h"
#include "tests/unit/nffile/random_flow.h"

#define BLOCK_FLOWS_N 300

/* Of each kind none or one: an extension or its wider form. */
static const uint8_t kinds[][2] = { { 4, 5 }, { 6, 7 }, { 8, 8 }, { 9, 10 },
	{ 11, 12 }, { 13, 13 }, { 14, 15 }, { 16, 17 }, { 18, 19 }, { 20, 20 },
	{ 21, 21 }, { 22, 22 }, { 23, 24 }, { 25, 25 }, { 26, 26 }, { 27, 27 },
	{ 37, 37 }, { 38, 38 }, { 39, 40 }, { 41, 41 }, { 42, 43 }, { 45, 45 },
	{ 46, 46 }, { 48, 48 } };
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static size_t
random_map(struct rnd *r, uint8_t *ids)
{
	size_t n = 0;
	for (size_t i = 0; i < KINDS; i++)
		if (rnd(r) % 3 == 0)
			ids[n++] = kinds[i][rnd(r) % 2];
	return n;
}

/* Bytes that mean something in each extension. */
static size_t
random_bytes(struct rnd *r, const uint8_t *ids, size_t n, uint8_t *out)
{
	size_t len = 0;
	for (size_t i = 0; i < n; i++) {
		size_t size = map_extension_size(ids[i]);
		for (size_t k = 0; k < size; k++)
			out[len + k] = ids[i] == 42 || ids[i] == 43
					   ? (uint8_t)('a' + rnd(r) % 26)
					   : (uint8_t)rnd(r);
		if (ids[i] == 43) /* longer than layout 2 can say */
			memset(out + len + 65, 0, 7);
		if (ids[i] == 20 || ids[i] == 21) /* 48 bits of 64 */
			out[len + 6] = out[len + 7] = out[len + 14] =
			    out[len + 15] = 0;
		if (ids[i] == 27 || ids[i] == 37) /* times that are */
			memset(out + len + 5, 0, 3);
		for (size_t k = 3; ids[i] == 22 && k < 40; k += 4)
			out[len + k] = 0; /* labels of 24 bits */
		if (ids[i] == 45)         /* latencies that print */
			for (size_t k = 4; k < 24; k++)
				out[len + k] = k % 8 < 4 ? out[len + k] : 0;
		len += size;
	}
	return len;
}

static void
add_flows(struct old_file *o, unsigned long n, struct rnd *r)
{
	static const uint8_t protos[] = { 6, 17, 47, 1, 58 };
	uint8_t ids[KINDS], bytes[1024];
	for (unsigned long i = 0; i < n; i++) {
		struct old_flow x = { .v6 = rnd(r) % 3 == 0,
			.wide_packets = rnd(r) % 2 == 0,
			.wide_bytes = rnd(r) % 2 == 0,
			.flags = 9 << 8,
			.map = (uint16_t)(rnd(r) % 4),
			.proto = protos[rnd(r) % sizeof(protos)],
			.ext = bytes };
		size_t k = random_map(r, ids);
		x.ext_len = random_bytes(r, ids, k, bytes);
		old_map(o, x.map, ids, k);
		old_flow(o, &x);
		if (i % BLOCK_FLOWS_N == BLOCK_FLOWS_N - 1)
			old_block(o);
	}
}

int
main(int argc, char **argv)
{
	static const char *const names[] = { "none", "lzo", "bz2", "lz4" };
	static const uint32_t flags[] = { 0, NFFILE1_LZO, NFFILE1_BZ2,
		NFFILE1_LZ4 };
	struct old_file o;
	struct err err;
	if (argc != 5) {
		(void)fprintf(stderr, "usage: old_flows file codec n seed\n");
		return 2;
	}
	for (size_t i = 0; i < 4; i++) {
		if (strcmp(argv[2], names[i]) != 0)
			continue;
		struct rnd r = { strtoul(argv[4], NULL, 10) };
		old_begin(&o, flags[i], "old");
		add_flows(&o, strtoul(argv[3], NULL, 10), &r);
		struct buf all = old_end(&o);
		int rc =
		    file_write_atomic(argv[1], all.data, all.len, 0644, &err);
		buf_free(&all);
		if (rc == 0)
			return 0;
		(void)fprintf(stderr, "old_flows: %s\n", err.msg);
		return 1;
	}
	(void)fprintf(stderr, "old_flows: no codec '%s'\n", argv[2]);
	return 2;
}
