/*
 * tree: a query is turned into one walk per source: a root folder, and the
 * first and last path below it.  Paths below a root sort by time in every
 * layout, so ranges and time windows are comparisons of text.
 */
#include "nffile/tree.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/slot.h"

#define OPEN_PREFIX "nfcapd.current"

/* Flows of a slot's file may begin and be filed around its edges. */
#define WINDOW_SLACK INT64_C(86400)

struct walk {
	const struct tree_query *q;
	struct arena *a;
	struct tree_list *l;
	const char *root;
	const char *lo;     /* first path below root, NULL: from the start */
	const char *hi;     /* last, NULL: to the end */
	const char *dir_lo; /* folders that the time window allows, or NULL */
	const char *dir_hi;
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

static bool
file_between(const struct walk *w, const char *rel, const char *name)
{
	/* The open file is the newest, wherever its name would sort. */
	if (strncmp(name, OPEN_PREFIX, strlen(OPEN_PREFIX)) == 0)
		return w->q->with_open && w->hi == NULL;
	return (w->lo == NULL || strcmp(rel, w->lo) >= 0) &&
	       (w->hi == NULL || strcmp(rel, w->hi) <= 0);
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
		else if (m == S_IFDIR && dir_between(sub, w->lo, w->hi) &&
			 dir_between(sub, w->dir_lo, w->dir_hi))
			walk_dir(w, sub, &here);
	}
}

/* ---- time ------------------------------------------------------------------------- */

/* The layout that explains where `name` lies, 0 when none does. */
static int
layout_of(const char *rel, const char *name)
{
	int64_t start;
	char sub[SLOT_SUB_MAX];
	if (rel[0] == '\0' || !slot_parse_name(name, &start))
		return 0;
	for (int i = 1; i < SLOT_LAYOUTS; i++)
		if (strcmp(slot_subdir(start, i, sub), rel) == 0)
			return i;
	return 0;
}

/* The layout below root, judged by one file. */
static int
probe_layout(const struct walk *w, const char *rel, int depth)
{
	const char *dir = rel[0] != '\0' ? below(w->a, w->root, rel) : w->root;
	struct names l = list_dir(w->a, dir);
	for (size_t i = 0; i < l.n; i++) {
		const char *sub = below(w->a, rel, l.name[i]);
		int layout = layout_of(rel, l.name[i]);
		if (layout == 0 && depth < 4 &&
		    kind(below(w->a, w->root, sub)) == S_IFDIR)
			layout = probe_layout(w, sub, depth + 1);
		if (layout != 0)
			return layout;
		if (depth > 0 && strncmp(l.name[i], "nfcapd.", 7) == 0)
			return 0;
	}
	return 0;
}

static void
bound_dirs(struct walk *w)
{
	int layout = probe_layout(w, "", 0);
	char sub[SLOT_SUB_MAX];
	w->dir_lo = w->dir_hi = NULL;
	if (layout == 0)
		return;
	int64_t from = w->q->from - WINDOW_SLACK;
	if (from > 0)
		w->dir_lo = arena_strdup(w->a, slot_subdir(from, layout, sub));
	if (w->q->to > 0)
		w->dir_hi =
		    arena_strdup(w->a, slot_subdir(w->q->to, layout, sub));
}

/* Drop the files from `first` on that lie outside the window. */
static void
cut_window(struct walk *w, size_t first)
{
	struct tree_list *l = w->l;
	size_t kept = first;
	for (size_t i = first; i < l->n; i++) {
		struct tree_file f = l->files[i];
		int64_t next = i + 1 < l->n ? l->files[i + 1].start : -1;
		if (f.start != -1 && w->q->to > 0 && f.start >= w->q->to)
			continue;
		/* A slot ends at the latest where the next begins. */
		if (f.start != -1 && next > f.start && next <= w->q->from)
			continue;
		l->files[kept++] = f;
	}
	l->n = kept;
}

static void
walk_root(struct walk *w)
{
	size_t first = w->l->n;
	bool window = w->q->from > 0 || w->q->to > 0;
	if (window)
		bound_dirs(w);
	walk_dir(w, "", NULL);
	if (window)
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

/* A file that is there, or one that a slot could have had. */
static bool
names_file(const struct walk *w, const char *rel)
{
	int64_t start;
	const char *slash = strrchr(rel, '/');
	return slot_parse_name(slash != NULL ? slash + 1 : rel, &start) ||
	       kind(below(w->a, w->root, rel)) == S_IFREG;
}

/* -R first[:last], below w->root. */
static void
walk_range(struct walk *w, const char *first, const char *last)
{
	const char *path = below(w->a, w->root, first);
	w->lo = w->hi = NULL;
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
	if (last != NULL)
		w->hi = guess(w, last);
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
