/*
 * cached: RRDs behind rrdcached.  Updates are given to it, which writes many
 * of a file together; before a file is read here it is told to write what it
 * has.  Only lib/store calls these, but for the first two.
 */
#ifndef STORE_CACHED_H
#define STORE_CACHED_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The daemon's address, "unix:/path"; NULL: none, as at first.  Holds for
 * this process and those it forks later.  The text is copied.
 */
void rrd_cached_use(const char *address);
bool rrd_cached_used(void);

/*
 * Keep the connection between calls: for a process that does little else.
 * Others connect for each call, so that no child inherits a connection.
 */
void rrd_cached_keep(bool keep);

/*
 * Update texts of one file to the daemon.  1: it cannot be reached, so the
 * file has to be written directly; -1: it refuses, librrd has the error.
 */
int rrd_cached_update(const char *path, const char *const *values, size_t n);

/* What it has of the file is in the file; it cannot be reached: nothing. */
void rrd_cached_flush(const char *path);

/* The file is made anew: what the daemon has of the old one is dropped. */
void rrd_cached_forget(const char *path);

#endif
