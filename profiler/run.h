/*
 * run: blocks of flow records through all filters into a slot's counters
 * and files.  One batch of columns at a time, whatever the number of
 * channels.
 */
#ifndef PROFILER_RUN_H
#define PROFILER_RUN_H

#include <stddef.h>

#include "filter/tally.h"
#include "flow/batch.h"
#include "nffile/nffile.h"
#include "profiler/slot.h"

struct run {
	struct set *set;
	size_t source; /* whose idents the filter set has decided on */
	struct batch batch;
	struct tally tally;
};

/* set must outlive the run. */
struct run *run_new(struct set *set);
void run_free(struct run *r);

/* Count a block of the source's file, and write out what channels keep. */
void run_block(struct run *r, struct slot *s, size_t source,
    const struct nffile_block *blk);

/*
 * Count a whole file, as far as it is there.  Damage is logged and passed
 * over.  -1: it could not be opened.
 */
int run_file(struct run *r, struct slot *s, size_t source, const char *path,
    struct err *err);

#endif
