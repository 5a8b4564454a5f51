/*
 * tree: finding flow files below folders, as nfdump's -r, -R and -M name
 * them, in name order, each source's layout read from the names themselves.
 */
#ifndef NFFILE_TREE_H
#define NFFILE_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

struct tree_file {
	const char *path;
	int64_t start; /* slot start by its name; -1 for the open file */
	bool open;     /* nfcapd.current.*: still being written */
};

#define TREE_DEPTH_MAX 16 /* folders below each other */

struct tree_list {
	struct tree_file *files;
	size_t n;
	size_t cap;
	const char **missing; /* sources of -M that have no such file */
	size_t n_missing;
};

struct tree_query {
	const char *r; /* -r: one file or folder, or NULL */
	const char *R; /* -R: dir, dir/file (and later), dir/f1:f2 */
	const char *M; /* -M: /path/d1:d2:d3, or /path/@ (all folders of it);
	                   r and R are then relative to each of them */
	int64_t from;  /* only slots that can overlap [from, to); 0, 0: all */
	int64_t to;
	bool with_open; /* also the file that is still being written */
};

/*
 * Files in order of source, then of the time in their names (a zone suffix is
 * heeded: "nfcapd.202610250200+0200" is an hour before "...+0100"), names
 * without one last.  Ranges go by that time as well.  List and names live in
 * the arena.
 * A file name without its sub-directories ("nfcapd.202601011200") is looked
 * for in all layouts of slot.h.  Names starting with a dot are ignored.
 * Nothing found is an error that names the path; of several sources it is
 * enough that one has something.
 */
int tree_find(const struct tree_query *q, struct arena *a, struct tree_list *l,
    struct err *err);

#endif
