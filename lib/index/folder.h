/*
 * folder: the indexes of all flow files below one folder, "root/below", of a
 * channel or any other: brought up to date, looked at, dropped.
 */
#ifndef INDEX_FOLDER_H
#define INDEX_FOLDER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct index_work {
	int64_t since;            /* slots from here on; 0: all */
	bool afresh;              /* whatever is there is of no use */
	bool look;                /* change nothing, only count */
	bool (*go_on)(void *ctx); /* asked before each block; NULL: yes */
	void *ctx;

	/* what came of it, added up over several folders */
	uint64_t files;  /* flow files that can have an entry */
	uint64_t known;  /* of them, that had one */
	uint64_t made;   /* of them, that have one now (look: need one) */
	uint64_t opaque; /* of known and made: not readable whole */
	uint64_t flow_bytes, index_bytes; /* of these files and their days */
};

/*
 * Entries for the files that lack one.  A flow file that cannot be read stops
 * nothing.  -1: the index cannot be written; when there is no room on the
 * disk that of this folder is dropped, to leave what there is to flow files,
 * and err says so.
 */
int index_update(const char *root, const char *below, struct index_work *w,
    struct err *err);

/* Indexes of "root/below" go; below "": all of root's. */
int index_drop(const char *root, const char *below, struct err *err);

/*
 * Indexes go that are of no flow file any more: of folders that are gone, and
 * of days that a folder has no file of.  Returns how many (look: would).
 */
uint64_t index_prune(const char *root, const char *below, bool look);

#endif
