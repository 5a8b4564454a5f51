/*
 * pass: many slots from whole files in one go, in a background child: slots
 * in order, files by the batch engine on all processors, values gathered and
 * stored at checkpoints.  What a checkpoint has reported is on the disk.
 */
#ifndef PROFILER_PASS_H
#define PROFILER_PASS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "conf/conf.h"
#include "profile/nfstat.h"
#include "profiler/background.h"
#include "profiler/catchup.h"
#include "profiler/lanes.h"
#include "profiler/rrdwriter.h"
#include "profiler/set.h"

/* Slots between checkpoints at most; they also come once a second. */
#define PASS_SLOTS 512

struct pass {
	struct bg *work;
	const struct conf *c;
	struct set *set; /* the caller's; must outlive the pass */
	struct lanes lanes;
	struct rrd_writer *writer;
	int64_t from, end;    /* for percentages */
	int64_t done;         /* everything up to here is on the disk */
	int64_t gathered;     /* everything up to here is read */
	struct nfstat *books; /* by member, the caller's: their files */
	size_t at_once;    /* slots between two questions; 0: as many as go */
	bool members_only; /* as the backlog's */
	bool quiet;        /* checkpoints are not told */
	unsigned waiting;  /* slots since the last checkpoint */
	int64_t checked;   /* when that was, ms */
	/* Asked with the next slot; true: end as if canceled.  May be NULL. */
	bool (*enough)(const struct pass *p, int64_t slot, void *ctx);
	void *ctx;
};

enum pass_end {
	PASS_FAILED = -1, /* the disk: err says so, done is what is there */
	PASS_CANCELED,    /* by the file, or enough */
	PASS_COMPLETE
};

/* All are the caller's and outlive the pass. */
void pass_open(struct pass *p, struct bg *w, const struct conf *c,
    struct set *set, struct rrd_writer *writer);
void pass_close(struct pass *p);

/* Bytes of flow files by the books, 0 without. */
uint64_t pass_size(const struct pass *p);

/* All slots in (after, upto] that have files. */
enum pass_end pass_slots(struct pass *p, int64_t after, int64_t upto,
    struct err *err);

#endif
