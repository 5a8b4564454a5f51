/*
 * outfile: the file of one source and slot, from its first block to its
 * name.  Opened, filled and finished by the writer's thread; named by the
 * sync thread, which waits for the disk where $FSYNC asks for it.
 */
#ifndef COLLECTOR_OUTFILE_H
#define COLLECTOR_OUTFILE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "collector/flowfile.h"
#include "collector/sync.h"
#include "collector/tally.h"
#include "nffile/nffile.h"

#define OUTFILE_KEPT_MAX 256 /* per ident; more wait for the next start */

/* A finished or broken file that could not be named: tried again. */
struct kept {
	struct kept *next;
	struct flowfile_spec spec;
	char path[];
};

/* What is known about an ident beyond one file; outlives them all. */
struct account {
	struct account *next; /* the owner's list */
	char ident[FLOWFILE_IDENT_MAX + 1];
	atomic_uint_fast64_t unwritten;
	atomic_bool failing; /* the last write failed, and that was logged */
	uint64_t unwritten_told; /* to the ledger; the writer's thread's */
	/* the sync thread's */
	struct kept *kept;
	size_t n_kept;
	struct tally_queue tallies;

	struct meter *meter; /* not ours; NULL: none */
	struct meter_source *metered;
};

struct outfile {
	struct flowfile_spec spec;
	struct account *account;
	int64_t slot;
	int64_t created; /* epoch seconds, within the slot */
	bool recover;    /* first finish what was left open in the folder */
	time_t tried;    /* last attempt to open */
	char path[FILE_PATH_MAX];
	struct nffile_writer w; /* fd -1: not open */

	/* for the sync thread */
	int fd;              /* FSYNC_BLOCK: the same file, -1: none */
	atomic_bool forcing; /* it was asked to force the blocks there are */
	bool broken;         /* not finished: recover it first */
	struct nffile_stat stat;
	uint64_t sequence_failures, bad_packets;
};

/* Free what is kept of the files that were not named; they stay. */
void account_free(struct account *a);

void outfile_open(struct outfile *f);

/* Append the block collected in b, or count it as unwritten; b is empty. */
void outfile_block(struct outfile *f, struct nffile_writer *b, struct sync *s);

/* Finish the file and have it named; f is gone. */
void outfile_finish(struct outfile *f, struct sync *s);

#endif
