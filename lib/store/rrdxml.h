/*
 * rrdxml: databases as `rrdtool dump` writes them: how one comes in from a
 * machine of another kind, and how one goes out.
 *
 * A dump is read as a stream and checked against the shape that the database
 * must have: data sources by name and order, step, heartbeat, archives with
 * their functions and number of rows, and so many values in each place.  What
 * is good goes, value by value as it was written, into a clean dump beside
 * the database, which librrd restores; so every value stays what it was (a
 * dump has 11 digits).  The database appears complete or not at all.
 *
 * librrd: one thread.
 */
#ifndef STORE_RRDXML_H
#define STORE_RRDXML_H

#include <stddef.h>
#include <stdio.h>

#include "base/err.h"
#include "store/shape.h"

#define RRDXML_MAX (256 * 1024 * 1024) /* bytes of a dump; NfSen's have 10 M */

/* Make (replacing) the database `path` from the dump in the file `xml`. */
int rrdxml_restore(const char *xml, const char *path,
    const struct rrd_shape *shape, struct err *err);

/* Check a dump alone. */
int rrdxml_check(const char *xml, const struct rrd_shape *shape,
    struct err *err);

/* Write the <rrd> element of a database, without a prolog. */
int rrdxml_dump(const char *path, FILE *out, struct err *err);

/*
 * A dump that is part of another document: elements go in as they come,
 * <rrd> first (xml.h).  finish makes the database; close frees in any state,
 * and removes what is half done.  path NULL: only check.
 */
struct rrdxml;
struct rrdxml *rrdxml_new(const char *path, const struct rrd_shape *shape,
    struct err *err);
int rrdxml_start(struct rrdxml *x, const char *name, struct err *err);
int rrdxml_end(struct rrdxml *x, const char *name, const char *text, size_t len,
    struct err *err);
int rrdxml_finish(struct rrdxml *x, struct err *err);
void rrdxml_close(struct rrdxml *x);

#endif
