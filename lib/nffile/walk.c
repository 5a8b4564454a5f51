#include "nffile/walk.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/slot.h"

#define OPEN_PREFIX "nfcapd.current"

/* Flows of a slot's file may begin and be filed around its edges. */
#define WINDOW_SLACK INT64_C(86400)

/* ---- lists -------------------------------------------------------------------- */

void
walk_add(struct walk *w, const char *path, const char *name)
{
	struct tree_list *l = w->l;
	if (l->n == l->cap) {
		size_t cap = l->cap != 0 ? 2 * l->cap : 64;
		struct tree_file *f = arena_array(w->a, cap, sizeof(*f));
		if (l->n != 0)
			memcpy(f, l->files, l->n * sizeof(*f));
		l->files = f;
		l->cap = cap;
	}
	struct tree_file *f = &l->files[l->n++];
	*f = (struct tree_file){ .path = path, .start = -1 };
	f->open = strncmp(name, OPEN_PREFIX, strlen(OPEN_PREFIX)) == 0;
	if (!f->open && !slot_parse_name(name, &f->start))
		f->start = -1;
}

/* ---- folders ------------------------------------------------------------------- */

static int
by_name(const void *a, const void *b)
{
	char *const *x = a, *const *y = b;
	return strcmp(*x, *y);
}

struct walk_names
walk_list(struct arena *a, const char *path)
{
	struct walk_names l = { 0 };
	size_t cap = 0;
	DIR *d = opendir(path);
	for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
		if (e->d_name[0] == '.')
			continue;
		if (l.n == cap) {
			cap = cap != 0 ? 2 * cap : 32;
			char **more = arena_array(a, cap, sizeof(*more));
			if (l.n != 0)
				memcpy(more, l.name, l.n * sizeof(*more));
			l.name = more;
		}
		l.name[l.n++] = arena_strdup(a, e->d_name);
	}
	if (d != NULL)
		(void)closedir(d);
	if (l.n != 0)
		qsort(l.name, l.n, sizeof(*l.name), by_name);
	return l;
}

const char *
walk_below(struct arena *a, const char *dir, const char *name)
{
	if (strcmp(name, ".") == 0)
		return dir;
	if (dir[0] == '\0')
		return name;
	return arena_printf(a, "%s/%s", dir, name);
}

mode_t
walk_kind(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 ? st.st_mode & S_IFMT : 0;
}

/* ---- the walk ------------------------------------------------------------------- */

/* Can anything below folder `rel` lie between lo and hi? */
static bool
dir_between(const char *rel, const char *lo, const char *hi)
{
	size_t n = strlen(rel);
	return (lo == NULL || strncmp(rel, lo, n) >= 0) &&
	       (hi == NULL || strncmp(rel, hi, n) <= 0);
}

/* Not before `lo`, by time where both names tell one. */
static bool
not_before(const char *rel, int64_t start, const char *lo, int64_t lo_start)
{
	if (start != -1 && lo_start != -1)
		return start >= lo_start;
	return lo == NULL || strcmp(rel, lo) >= 0;
}

static bool
file_between(const struct walk *w, const char *rel, const char *name)
{
	int64_t start;
	/* The open file is the newest, wherever its name would sort. */
	if (strncmp(name, OPEN_PREFIX, strlen(OPEN_PREFIX)) == 0)
		return w->q->with_open && w->hi == NULL;
	if (!slot_parse_name(name, &start))
		start = -1;
	return (w->lo == NULL || not_before(rel, start, w->lo, w->lo_start)) &&
	       (w->hi == NULL || (start != -1 && w->hi_start != -1
					 ? start <= w->hi_start
					 : strcmp(rel, w->hi) <= 0));
}

/* Folders are compared as text only with ends that tell no time. */
static bool
dir_wanted(const struct walk *w, const char *rel)
{
	return dir_between(rel, w->lo_start == -1 ? w->lo : NULL,
		   w->hi_start == -1 ? w->hi : NULL) &&
	       bounds_dir(&w->dirs, rel);
}

/* The folders above the one at work, so that links make no circles. */
struct above {
	const struct above *up;
	struct stat st;
	int depth;
};

static bool
in_circle(const struct above *here)
{
	for (const struct above *d = here->up; d != NULL; d = d->up)
		if (d->st.st_ino == here->st.st_ino &&
		    d->st.st_dev == here->st.st_dev)
			return true;
	return here->depth > TREE_DEPTH_MAX;
}

static void
walk_dir(struct walk *w, const char *rel, const struct above *up)
{
	struct above here = { .up = up,
		.depth = up != NULL ? up->depth + 1 : 0 };
	const char *dir =
	    rel[0] != '\0' ? walk_below(w->a, w->root, rel) : w->root;
	if (stat(dir, &here.st) == -1 || in_circle(&here))
		return;
	struct walk_names l = walk_list(w->a, dir);
	for (size_t i = 0; i < l.n; i++) {
		const char *sub = walk_below(w->a, rel, l.name[i]);
		const char *path = walk_below(w->a, w->root, sub);
		mode_t m = walk_kind(path);
		if (m == S_IFREG && file_between(w, sub, l.name[i]))
			walk_add(w, path, l.name[i]);
		else if (m == S_IFDIR && dir_wanted(w, sub))
			walk_dir(w, sub, &here);
	}
}

/* ---- time ------------------------------------------------------------------------- */

/* By time; then what tells none, then the open file. */
static int
by_time(const void *a, const void *b)
{
	const struct tree_file *x = a, *y = b;
	int rank_x = x->open ? 2 : x->start == -1;
	int rank_y = y->open ? 2 : y->start == -1;
	if (rank_x != rank_y)
		return rank_x - rank_y;
	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return strcmp(x->path, y->path);
}

/* The range of slots that range and window leave. */
static void
bound_dirs(struct walk *w)
{
	int64_t lo = w->lo_start, hi = w->hi_start;
	int64_t from = w->q->from - WINDOW_SLACK;
	if (w->q->from > 0 && from > lo)
		lo = from > 0 ? from : 0;
	if (w->q->to > 0 && (hi == -1 || w->q->to < hi))
		hi = w->q->to;
	bounds_set(&w->dirs, lo, hi);
}

/* Where the slot after file i's begins, -1: not known. */
static int64_t
next_start(const struct tree_list *l, size_t i)
{
	for (size_t k = i + 1; k < l->n && l->files[k].start != -1; k++)
		if (l->files[k].start > l->files[i].start)
			return l->files[k].start;
	return -1;
}

/* Drop the files from `first` on that lie outside the window. */
static void
cut_window(struct walk *w, size_t first)
{
	struct tree_list *l = w->l;
	size_t kept = first;
	for (size_t i = first; i < l->n; i++) {
		struct tree_file f = l->files[i];
		int64_t next = f.start != -1 ? next_start(l, i) : -1;
		if (f.start != -1 && w->q->to > 0 && f.start >= w->q->to)
			continue;
		/* A slot ends at the latest where the next begins. */
		if (next != -1 && next <= w->q->from)
			continue;
		l->files[kept++] = f;
	}
	l->n = kept;
}

void
walk_root(struct walk *w)
{
	size_t first = w->l->n;
	bound_dirs(w);
	walk_dir(w, "", NULL);
	if (w->l->n > first)
		qsort(w->l->files + first, w->l->n - first,
		    sizeof(*w->l->files), by_time);
	if (w->q->from > 0 || w->q->to > 0)
		cut_window(w, first);
}
