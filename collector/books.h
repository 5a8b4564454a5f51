/*
 * books: the .nfstat of a folder of flow files that no profile owns, as
 * nfcapd's are, and taking the oldest files away when the limits in it, which
 * `nfexpire -u` sets, are reached (-e).
 *
 *   size   at least maxsize: the oldest files go until at most watermark
 *          percent of it are left (0: 95);
 *   age    the oldest file is lifetime old: files go that are older than
 *          watermark percent of it.
 *
 * The file that has just come stays whatever the limits are.  All of it is
 * the sync thread's.
 */
#ifndef COLLECTOR_BOOKS_H
#define COLLECTOR_BOOKS_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/conf.h"

struct books_file {
	const char *dir; /* the source's folder */
	enum conf_books books;
	int64_t slot;
	uint64_t size;    /* on disk, bytes */
	int64_t replaced; /* of the one it replaced; -1: none */
	bool fresh;       /* the first that this process writes there */
};

/* A file has its name.  What cannot be done is logged. */
void books_file(const struct books_file *f);

#endif
