/*
 * nfstat: a channel's book-keeping file `.nfstat`, shared with nfdump's
 * tools (nfexpire, nfprofile): eight key=value lines, rewritten in place
 * under an fcntl lock, which is how those tools take turns.
 */
#ifndef PROFILE_NFSTAT_H
#define PROFILE_NFSTAT_H

#include <stdint.h>

#include "base/err.h"

enum nfstat_status {
	NFSTAT_OK = 0,
	NFSTAT_REBUILD = 3 /* the numbers may be wrong: scan the files */
};

struct nfstat {
	int64_t first; /* slot starts, epoch seconds; 0: none */
	int64_t last;
	uint64_t size; /* 512 * blocks of all files, bytes */
	uint64_t maxsize;
	uint64_t numfiles;
	uint64_t lifetime;
	uint64_t watermark;
	uint64_t status;
};

/* dir is the channel's folder.  An empty file reads as all zero. */
int nfstat_read(const char *dir, struct nfstat *s, struct err *err);

/*
 * A file of `slot` has come, `size` bytes on disk; `replaced` is the size of
 * the one it replaced, -1 when there was none.  A new file of the last slot
 * has been counted by a census since it came and is not counted again; any
 * other that may have been counted before sets NFSTAT_REBUILD.
 */
int nfstat_file_added(const char *dir, int64_t slot, uint64_t size,
    int64_t replaced, struct err *err);

/*
 * The numbers of all files that are there: first, last, size and numfiles of
 * s.  The limits stay as they are.
 */
int nfstat_set_files(const char *dir, const struct nfstat *s, struct err *err);

/* The same in memory, without mistrust. */
void nfstat_count(struct nfstat *s, int64_t slot, uint64_t size,
    int64_t replaced);

/* The numbers may be wrong from now on (profile/census.h puts them right). */
int nfstat_distrust(const char *dir, struct err *err);

/*
 * Replace what stands there if it still is `before` (a missing file: all
 * zero).  1: done; 0: others have changed it; -1: err.
 */
int nfstat_replace(const char *dir, const struct nfstat *before,
    const struct nfstat *s, struct err *err);

#endif
