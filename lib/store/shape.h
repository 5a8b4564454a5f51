/*
 * shape: which data sources and archives NfSen's databases have, and what a
 * file on disk is, before anybody relies on it.
 *
 * A round robin database is in the byte order and word size of the machine
 * that wrote it.  Its header tells both:
 *
 *   "RRD\0" "0003\0" padding, double 8.642135e130, then unsigned long
 *   ds count, rra count, step
 */
#ifndef STORE_SHAPE_H
#define STORE_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define SHAPE_ARCHIVES 10

struct rrd_archive {
	const char *cf; /* "AVERAGE", "MAX" */
	int64_t slots;  /* steps in a row */
	int64_t rows;
};

/* All data sources are ABSOLUTE, without limits; heartbeat 2 steps. */
struct rrd_shape {
	int64_t step;
	const char *const *ds;
	size_t n_ds;
	struct rrd_archive rra[SHAPE_ARCHIVES];
	size_t n_rra;
};

/* A channel's database (rrd.h), and one of an alert's averages. */
void rrd_shape_channel(struct rrd_shape *s, int64_t step);
void rrd_shape_alert(struct rrd_shape *s, int64_t step);

enum rrd_state {
	RRD_GOOD,
	RRD_MISSING,
	RRD_EMPTY,   /* no bytes: an interrupted creation */
	RRD_FOREIGN, /* written by a machine of another kind */
	RRD_DAMAGED, /* not such a file, or cut off */
	RRD_ODD      /* other data sources, archives or another step */
};

struct rrd_facts {
	enum rrd_state state;
	int64_t last; /* time of the newest update; RRD_GOOD, RRD_ODD */
	int64_t step;
	char why[256]; /* what is wrong, in words; "" when good */
};

/* Look at a file; nothing is changed.  librrd: one thread. */
void rrd_inspect(const char *path, const struct rrd_shape *want,
    struct rrd_facts *f);

/* "good", "missing", "empty", "foreign", "damaged", "odd" */
const char *rrd_state_word(enum rrd_state s);

#endif
