/*
 * watch: the collector's open files, nfcapd.current.*, read behind their
 * writer.  A file keeps being read under its descriptor when it is renamed
 * to its slot, so nothing is missed at the end of a slot.
 */
#ifndef PROFILER_WATCH_H
#define PROFILER_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"
#include "profiler/notify.h"
#include "profiler/run.h"

#define WATCH_FILES_PER_SOURCE 8 /* more are left-overs; catch-up has them */

struct follow {
	struct nffile_reader in;
	size_t source;
	int64_t slot;
	uint64_t dev, ino; /* a renamed or second file is told apart by these */
	long writer;       /* pid in its name, 0: none */
};

struct watch {
	const struct conf *c;
	const struct set *set;
	struct notify *notify;
	struct follow *files;
	size_t n;
	size_t cap;
	/* Block buffers, lent to the reader that reads. */
	uint8_t *in;
	uint8_t *out;
	size_t in_cap;
};

void watch_init(struct watch *w, const struct conf *c, const struct set *set);
void watch_free(struct watch *w);

/* Look for files that are not followed yet; those of slots <= done are not. */
void watch_scan(struct watch *w, int64_t done);

/* The oldest slot that has an open file, -1 when there is none. */
int64_t watch_oldest(const struct watch *w);

/*
 * Run up to `max` new blocks of the slot's files.  Returns how many there
 * were; less than max: all that is complete was read.
 */
size_t watch_read(struct watch *w, struct run *r, struct slot *s, size_t max);

/* The source has a file in this slot that its writer has not finished. */
bool watch_unfinished(const struct watch *w, size_t source, int64_t slot);

/* Count the unfinished files of the slot again, from their start. */
void watch_reread(struct watch *w, struct run *r, struct slot *s);

/*
 * A file of a slot <= `slot` that is not finished, though its writer (no
 * collector of ours) still lives.
 */
bool watch_growing(const struct watch *w, int64_t slot);

/* Stop following files of slots <= done (all: INT64_MAX). */
void watch_forget(struct watch *w, int64_t done);

#endif
