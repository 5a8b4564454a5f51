/*
 * run: blocks of flow records through all filters into a slot's counters
 * and files.  One batch of columns at a time, whatever the number of
 * channels.
 *
 * Whole files are worked on by several threads, each with a filter set of
 * its own; channel files are written in the order of files and blocks, so
 * results do not depend on the number of threads.  Blocks of a growing file
 * are handed in one by one.
 */
#ifndef PROFILER_RUN_H
#define PROFILER_RUN_H

#include <stdbool.h>
#include <stddef.h>

#include "nffile/nffile.h"
#include "profiler/slot.h"

struct run;

/* set must outlive the run.  threads 0: one per processor. */
struct run *run_new(struct set *set, unsigned threads);
void run_free(struct run *r);

/* Count a block of the source's file, and write out what channels keep. */
void run_block(struct run *r, struct slot *s, size_t source,
    const struct nffile_block *blk);

/*
 * go_on is asked before each block, by any of the threads, and may wait;
 * false ends the work on whole files: what is in the slot then is a part of
 * it and of no use.
 */
void run_watch(struct run *r, bool (*go_on)(void *ctx), void *ctx);
bool run_ended(const struct run *r);

struct run_input {
	size_t source;
	const char *path;
	bool
	    live; /* counts for the source, too; the slot's ring has it anyway */
};

/*
 * Count whole files, as far as they are there.  Damage and what cannot be
 * opened is logged and passed over; returns how many complaints there were.
 */
unsigned run_files(struct run *r, struct slot *s, const struct run_input *in,
    size_t n);

#endif
