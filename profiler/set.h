/*
 * set: the profiles that are followed, read from the tree: live with its
 * sources, and the channels ("members") of every continuous profile that is
 * OK, with their filters compiled into one filter set.
 *
 * What cannot be used (a profile.dat that does not parse, a filter with an
 * error) is logged and left out; the rest works on.
 */
#ifndef PROFILER_SET_H
#define PROFILER_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "conf/conf.h"
#include "filter/filter.h"
#include "profile/profile.h"
#include "store/rrd.h"

/* An RRD and the newest slot it holds; an older or equal one is not due. */
struct mark {
	const char *rrd; /* path */
	int64_t last;
	bool bad; /* the last update failed: say so once */
	/* Slots that wait to be stored together, and the newest on its way. */
	struct rrd_value *wait;
	size_t n_wait, cap;
	size_t out;   /* of n_wait, handed to the writer */
	int64_t sent; /* 0: none */
};

/* A channel of live. */
struct source {
	const char *name; /* the ident of its files */
	const char *dir;  /* PROFILEDATADIR/live/<name> */
	struct mark mark;
	bool stat_bad; /* its .nfstat cannot be written: say so once */
};

/* A channel of another profile. */
struct member {
	struct profile *profile;
	const char *name;
	const char *dir; /* of its flow files */
	size_t filter;   /* of the set's filters */
	bool keeps;      /* writes flow files: the profile is no shadow */
	bool flat;       /* they go without sub-directories: an alert's */
	bool failed;     /* cannot be written: nothing is due any more */
	bool *wants;     /* by source: the channel reads it */
	struct mark mark;
};

struct set {
	struct arena arena;
	struct profile *live;
	struct profile **profiles; /* the others */
	size_t n_profiles;
	int64_t *saved; /* by profile: `updated` in its file */
	int64_t live_saved;
	struct source *sources;
	size_t n_sources;
	struct member *members;
	size_t n_members;
	struct filter **filters; /* parsed; members name them by index */
	size_t n_filters;
	struct filter_options options; /* of all filters */
};

/*
 * unlock: the start of the only writer; lock flags that a dead one left are
 * taken off.  Otherwise locked profiles are left alone.
 */
struct set *set_load(const struct conf *c, bool unlock, struct err *err);
void set_free(struct set *s);

/*
 * live and one profile, whatever its status and lock; nothing is changed.
 * Live's databases are somebody else's, none of their slots is due.
 * NULL: one of the two cannot be read.
 */
struct set *set_load_one(const struct conf *c, const char *group,
    const char *name, struct err *err);

/* Index of a profile among the set's, or n_profiles. */
size_t set_find_profile(const struct set *s, const char *group,
    const char *name);

/* A thread's own set of all filters, compiled; freed by filterset_free. */
struct filterset *set_filters(const struct set *s);

/* The oldest `updated` of all profiles: what comes after it may be missing. */
int64_t set_oldest(const struct set *s);

/* The index of a source, or n_sources. */
size_t set_find_source(const struct set *s, const char *name);

#endif
