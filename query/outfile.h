/*
 * outfile: -w, flows into a flow file instead of onto the screen.
 *
 * The file gets its name when it is whole: until then it is a hidden one
 * beside it.  With the flows go the descriptions of who sent them (exporters,
 * samplers, names), each once; exporters' counts, which are those of the
 * files read, do not.  Flows are copied as they are, or as they were
 * aggregated.
 */
#ifndef QUERY_OUTFILE_H
#define QUERY_OUTFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "nffile/nffile.h"
#include "nffile/tree.h"
#include "query/scan.h"

struct outfile {
	const char *path; /* "-": standard output */
	char *tmp;
	struct nffile_writer w;
	uint64_t *seen; /* hashes of descriptions, an open table */
	size_t n_seen, cap;
	uint64_t seed;
	bool failed; /* err says why; nothing more is written */
	struct err err;
};

/* The ident is that of the first file that says one. */
int outfile_open(struct outfile *out, const char *path, enum nffile_codec codec,
    int level, const struct tree_list *files, struct err *err);

/* It is standard output: nothing else may be printed there. */
bool outfile_streams(const struct outfile *out);

/* scan.describe: what the block says of senders.  ctx: struct outfile. */
void outfile_describe(void *ctx, const struct scan_block *b);

/* A scan's flows as they come, byte for byte. */
struct scan_sink outfile_sink(struct outfile *out);

void outfile_record(struct outfile *out, const uint8_t *rec);
void outfile_flow(struct outfile *out, const struct flow *f);

/* Complete it and give it its name; -1: nothing is left of it. */
int outfile_close(struct outfile *out, struct err *err);

#endif
