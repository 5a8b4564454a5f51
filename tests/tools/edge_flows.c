/*
 * edge_flows FILE CODEC N SEED sparse|full: a flow file of N flows with
 * values at edges (tests/unit/filter/edge_flow.h).
 */
#include <stdio.h>
#include <stdlib.h>

#include "nffile/codec.h"
#include "nffile/nffile.h"
#include "tests/unit/filter/edge_flow.h"

static int
write_flows(const char *path, const struct nffile_writer_opts *o,
    unsigned long n, uint64_t seed, bool sparse, struct err *err)
{
	struct nffile_writer w;
	struct rnd r = { seed };
	if (nffile_create(&w, path, o, err) == -1)
		return -1;
	for (unsigned long i = 0; i < n; i++) {
		struct flow f;
		edge_flow(&r, &f, sparse);
		if (nffile_add_flow(&w, &f, err) == -1)
			return -1;
	}
	return nffile_finish(&w, false, err);
}

int
main(int argc, char **argv)
{
	struct nffile_writer_opts o = { .creator = CREATOR_NFDUMP,
		.created = 1700000000,
		.ident = "edge",
		.mode = 0644 };
	struct err err;
	if (argc != 6) {
		(void)fprintf(stderr,
		    "usage: edge_flows file codec n seed sparse|full\n");
		return 2;
	}
	if (codec_parse(argv[2], &o.codec, &o.level, &err) == -1 ||
	    write_flows(argv[1], &o, strtoul(argv[3], NULL, 10),
		strtoull(argv[4], NULL, 10), argv[5][0] == 's', &err) == -1) {
		(void)fprintf(stderr, "%s\n", err.msg);
		return 1;
	}
	return 0;
}
