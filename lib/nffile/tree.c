/*
 * tree: a query is turned into one walk per source: a root folder, and the
 * first and last file below it.  Files are compared by the time that their
 * names tell, wherever they lie: a tree may have changed its layout, and in
 * the night when clocks go back names with a zone do not sort by time.  Only
 * other names are compared as text.
 */
#include "nffile/tree.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/slot.h"
#include "nffile/bounds.h"

#define OPEN_PREFIX "nfcapd.current"

/* Flows of a slot's file may begin and be filed around its edges. */
#define WINDOW_SLACK INT64_C(86400)

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

/* ---- lists -------------------------------------------------------------------- */

static void
add_file(struct walk *w, const char *path, const char *name)
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

static void
add_missing(struct walk *w, const char *path)
{
	struct tree_list *l = w->l;
	const char **m = arena_array(w->a, l->n_missing + 1, sizeof(*m));
	if (l->n_missing != 0)
		memcpy(m, l->missing, l->n_missing * sizeof(*m));
	m[l->n_missing++] = path;
	l->missing = m;
}

/* ---- folders ------------------------------------------------------------------- */

struct names {
	char **name;
	size_t n;
};

static int
by_name(const void *a, const void *b)
{
	char *const *x = a, *const *y = b;
	return strcmp(*x, *y);
}

/* Sorted, without dot names; a folder that cannot be read has none. */
static struct names
list_dir(struct arena *a, const char *path)
{
	struct names l = { 0 };
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

static const char *
below(struct arena *a, const char *dir, const char *name)
{
	if (strcmp(name, ".") == 0)
		return dir;
	if (dir[0] == '\0')
		return name;
	return arena_printf(a, "%s/%s", dir, name);
}

static mode_t
kind(const char *path)
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
	const char *dir = rel[0] != '\0' ? below(w->a, w->root, rel) : w->root;
	if (stat(dir, &here.st) == -1 || in_circle(&here))
		return;
	struct names l = list_dir(w->a, dir);
	for (size_t i = 0; i < l.n; i++) {
		const char *sub = below(w->a, rel, l.name[i]);
		const char *path = below(w->a, w->root, sub);
		mode_t m = kind(path);
		if (m == S_IFREG && file_between(w, sub, l.name[i]))
			add_file(w, path, l.name[i]);
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

static void
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

/* ---- names into walks ---------------------------------------------------------------- */

/*
 * `name` below root as it is, or in the sub-directory its time asks for:
 * where the file is, else the deepest folder there is (for a range).
 */
static const char *
guess(const struct walk *w, const char *name)
{
	int64_t start;
	char sub[SLOT_SUB_MAX];
	const char *best = name;
	size_t depth = 0;
	if (strchr(name, '/') != NULL ||
	    file_exists(below(w->a, w->root, name)) ||
	    !slot_parse_name(name, &start))
		return name;
	for (int i = 1; i < SLOT_LAYOUTS; i++) {
		const char *dir =
		    arena_strdup(w->a, slot_subdir(start, i, sub));
		const char *rel = below(w->a, dir, name);
		if (file_exists(below(w->a, w->root, rel)))
			return rel;
		if (strlen(dir) > depth &&
		    kind(below(w->a, w->root, dir)) == S_IFDIR) {
			depth = strlen(dir);
			best = rel;
		}
	}
	return best;
}

static size_t
slashes(const char *s)
{
	size_t n = 0;
	for (; *s != '\0'; s++)
		n += *s == '/';
	return n;
}

/* Cut path before its last `n` + 1 components: the rest is below a root. */
static const char *
split(struct arena *a, const char *path, size_t n, const char **rest)
{
	const char *p = path + strlen(path);
	while (p > path && (p[-1] != '/' || n-- > 0))
		p--;
	*rest = p;
	if (p == path)
		return ".";
	return p == path + 1 ? "/"
			     : arena_strndup(a, path, (size_t)(p - path) - 1);
}

/* The slot that a path's name tells, -1: none. */
static int64_t
start_of(const char *rel)
{
	int64_t start;
	const char *slash = strrchr(rel, '/');
	return slot_parse_name(slash != NULL ? slash + 1 : rel, &start) ? start
									: -1;
}

/* A file that is there, or one that a slot could have had. */
static bool
names_file(const struct walk *w, const char *rel)
{
	return start_of(rel) != -1 ||
	       kind(below(w->a, w->root, rel)) == S_IFREG;
}

/* -R first[:last], below w->root. */
static void
walk_range(struct walk *w, const char *first, const char *last)
{
	const char *path = below(w->a, w->root, first);
	w->lo = w->hi = NULL;
	w->lo_start = w->hi_start = -1;
	if (last == NULL && kind(path) == S_IFDIR) {
		const char *root = w->root;
		w->root = path;
		walk_root(w);
		w->root = root;
		return;
	}
	w->lo = guess(w, first);
	if (!names_file(w, w->lo))
		return;
	w->lo_start = start_of(w->lo);
	if (last != NULL) {
		w->hi = guess(w, last);
		w->hi_start = start_of(w->hi);
	}
	walk_root(w);
}

/* -r name below w->root. */
static void
walk_one(struct walk *w, const char *name)
{
	const char *path = below(w->a, w->root, guess(w, name));
	const char *slash = strrchr(path, '/');
	if (kind(path) == S_IFDIR)
		walk_range(w, name, NULL);
	else if (kind(path) != 0)
		add_file(w, path, slash != NULL ? slash + 1 : path);
}

/* Text before and behind the ':' of -R. */
static const char *
range_parts(struct arena *a, const char *R, const char **last)
{
	const char *colon = strrchr(R, ':');
	*last = colon != NULL ? colon + 1 : NULL;
	return colon != NULL ? arena_strndup(a, R, (size_t)(colon - R)) : R;
}

static const char *
no_slash_end(struct arena *a, const char *path)
{
	size_t n = strlen(path);
	while (n > 1 && path[n - 1] == '/')
		n--;
	return arena_strndup(a, path, n);
}

static void
find_plain(struct walk *w)
{
	const char *last = NULL, *rest = ".";
	const char *first =
	    w->q->r != NULL ? w->q->r : range_parts(w->a, w->q->R, &last);
	if (last == NULL && kind(first) == S_IFDIR) {
		w->root = no_slash_end(w->a, first);
		walk_range(w, ".", NULL);
		return;
	}
	if (w->q->r != NULL) {
		w->root = split(w->a, first, 0, &rest);
		walk_one(w, rest);
		return;
	}
	w->root = split(w->a, first, last != NULL ? slashes(last) : 0, &rest);
	walk_range(w, rest, last);
}

/* One source of -M. */
static void
find_source(struct walk *w, const char *root)
{
	const char *last = NULL;
	size_t before = w->l->n;
	w->root = root;
	if (w->q->r != NULL) {
		walk_one(w, w->q->r);
	} else {
		const char *first = range_parts(w->a, w->q->R, &last);
		walk_range(w, first, last);
	}
	if (w->l->n == before)
		add_missing(w, root);
}

static void
find_all_below(struct walk *w, const char *parent)
{
	struct names l = list_dir(w->a, parent);
	for (size_t i = 0; i < l.n; i++) {
		const char *root = below(w->a, parent, l.name[i]);
		if (kind(root) == S_IFDIR)
			find_source(w, root);
	}
}

/* "/path/d1:d2:d3", "/path/@" or "/path@". */
static void
find_sources(struct walk *w)
{
	const char *rest;
	size_t n = strlen(w->q->M);
	if (n > 0 && w->q->M[n - 1] == '@') {
		char *parent = arena_strndup(w->a, w->q->M, n - 1);
		n--;
		if (n > 1 && parent[n - 1] == '/')
			parent[n - 1] = '\0';
		find_all_below(w, parent);
		return;
	}
	const char *parent = split(w->a, w->q->M, 0, &rest);
	while (*rest != '\0') {
		size_t len = strcspn(rest, ":");
		if (len != 0)
			find_source(w, below(w->a, parent,
					   arena_strndup(w->a, rest, len)));
		rest += len + (rest[len] == ':');
	}
}

int
tree_find(const struct tree_query *q, struct arena *a, struct tree_list *l,
    struct err *err)
{
	struct walk w = { .q = q, .a = a, .l = l };
	const char *what = q->r != NULL ? q->r : q->R;
	*l = (struct tree_list){ 0 };
	if (what == NULL)
		return err_set(err, "no file or folder given (-r, -R)");
	if (q->M != NULL && what[0] == '/')
		return err_set(err,
		    "%s: must not start with '/' when "
		    "combined with a list of sources",
		    what);
	if (q->M != NULL)
		find_sources(&w);
	else
		find_plain(&w);
	if (l->n != 0)
		return 0;
	if (q->M == NULL && q->r != NULL && kind(what) == 0)
		return err_set(err, "%s is not a file or directory", what);
	return err_set(err, "%s%s%s: no flow files", q->M != NULL ? q->M : "",
	    q->M != NULL ? ": " : "", what);
}
