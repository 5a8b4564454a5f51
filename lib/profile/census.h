/*
 * census: the flow files that a profile has, found by looking, and its
 * book-keeping put right by them.
 *
 * Counted are files whose name is a slot's (base/slot.h, with zone suffix or
 * without) below the channels' folders, in folders whose names begin with a
 * digit.  Sizes are bytes on disk: 512 * blocks, as nfexpire counts.
 */
#ifndef PROFILE_CENSUS_H
#define PROFILE_CENSUS_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "conf/conf.h"
#include "profile/profile.h"

struct census_file {
	int64_t slot;
	uint64_t size;
	size_t channel; /* index in the profile */
	const char *path;
};

struct census {
	struct arena arena;
	struct census_file *files; /* by slot, then channel, then path */
	size_t n;
	uint64_t size; /* of all */
};

/*
 * All files of slots <= upto (INT64_MAX: all).  A channel's folder that is
 * not there has none; one that cannot be read is an error that names it, and
 * the others are in c all the same.
 */
int census_take(const struct conf *c, const struct profile *p, int64_t upto,
    struct census *out, struct err *err);
void census_free(struct census *s);

/*
 * Put a channel's .nfstat right by its files, whatever it says.  Files that
 * others add meanwhile are not lost from it.  An unreadable folder is an
 * error, and the file as it was.
 */
int census_nfstat(const struct conf *c, const struct profile *p,
    const char *channel, struct err *err);

/*
 * What .nfstat of all channels say together: bytes, first and last slot (0:
 * none).  Files that are missing, cannot be true, or ask for it are put
 * right first.  -1: of some channel nothing is known; the others count.
 */
struct census_sum {
	uint64_t size;
	uint64_t numfiles;
	int64_t first;
	int64_t last;
};
int census_sum(const struct conf *c, const struct profile *p,
    struct census_sum *sum, struct err *err);

#endif
