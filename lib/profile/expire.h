/*
 * expire: which flow files of a profile are too many or too old, and taking
 * them away.  In place of nfexpire, with its rules:
 *
 *   size   more than maxsize: the oldest slots go until at most low_water
 *          percent of it are left;
 *   age    the oldest slot is `expire` hours old: slots go that are low_water
 *          percent of them old, or older.
 *
 * A slot goes whole, with the files of all channels, so that channels begin
 * alike.  Only files that census.h counts are touched; what is newer than
 * `upto` stays and is not counted.  Folders of dates that have become empty
 * go, too.
 *
 *	expire_choose(..., &plan)      a dry run ends here
 *	expire_apply(..., &plan)
 *	expire_free(&plan)
 *
 * Histories and shadows keep their files as they are (NfSen: nothing is
 * expired there); whoever calls this has seen to that: expire_applies.
 */
#ifndef PROFILE_EXPIRE_H
#define PROFILE_EXPIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "conf/conf.h"
#include "profile/census.h"
#include "profile/profile.h"

struct expire_limits {
	uint64_t maxsize; /* bytes, 0: none */
	int64_t lifetime; /* seconds, 0: none */
	int low_water;    /* percent; 0 counts as 100 */
	int64_t now;      /* ages are told from here, epoch seconds */
	int64_t upto;     /* newest slot that may go */
};

/* live or continuous, keeps files, and is OK. */
bool expire_applies(const struct profile *p);

/* The profile's own limits, and the low-water mark of the configuration. */
struct expire_limits expire_limits_of(const struct conf *c,
    const struct profile *p, int64_t now, int64_t upto);

/* By what .nfstat say, is anything to be done?  Looks at no flow file. */
bool expire_due(const struct expire_limits *l, const struct census_sum *s);

struct expire_plan {
	struct census all;
	size_t n;       /* all.files[0 .. n-1] go, the oldest first */
	uint64_t bytes; /* of them */
	int64_t tstart; /* oldest slot that stays, 0: none */
};

/*
 * Choose what goes; nothing is changed.  -1: a folder cannot be read, the
 * plan holds what is known of the others.
 */
int expire_choose(const struct conf *c, const struct profile *p,
    const struct expire_limits *l, struct expire_plan *plan, struct err *err);
void expire_free(struct expire_plan *plan);

/*
 * Take the files away and keep .nfstat true.  go_on (may be NULL) is asked
 * between files; false ends it early.  Files that cannot be removed stay and
 * are counted; err names the first.  Killed on the way, .nfstat say that
 * they have to be put right.
 */
struct expire_result {
	uint64_t files; /* removed */
	uint64_t bytes;
	uint64_t failed;
};
int expire_apply(const struct conf *c, const struct profile *p,
    const struct expire_plan *plan, bool (*go_on)(void *ctx), void *ctx,
    struct expire_result *r, struct err *err);

#endif
