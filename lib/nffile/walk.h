/*
 * walk: the flow files below one root, between a first and a last one and
 * within a window of time.
 *
 * Files are compared by the time that their names tell, wherever they lie: a
 * tree may have changed its layout, and in the night when clocks go back
 * names with a zone do not sort by time.  Only other names are compared as
 * text.
 */
#ifndef NFFILE_WALK_H
#define NFFILE_WALK_H

#include <sys/stat.h>

#include "nffile/bounds.h"
#include "nffile/tree.h"

struct walk {
	const struct tree_query *q;
	struct arena *a;
	struct tree_list *l;
	const char *root;
	const char *lo;   /* first path below root, NULL: from the start */
	const char *hi;   /* last, NULL: to the end */
	int64_t lo_start; /* their slots, -1: their names tell none */
	int64_t hi_start;
	struct bounds dirs;
};

/* All files below w->root that the range and the query want, in order. */
void walk_root(struct walk *w);

/* This file, whatever the range says; name is the path's last part. */
void walk_add(struct walk *w, const char *path, const char *name);

struct walk_names {
	char **name;
	size_t n;
};

/* Sorted, without dot names; a folder that cannot be read has none. */
struct walk_names walk_list(struct arena *a, const char *path);

/* "dir/name"; "." is the folder itself. */
const char *walk_below(struct arena *a, const char *dir, const char *name);

/* Of st_mode; 0: there is no such thing. */
mode_t walk_kind(const char *path);

#endif
