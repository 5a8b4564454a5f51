/*
 * tree: a query is turned into one walk per source: a root folder, and the
 * first and last file below it.
 */
#include "nffile/tree.h"

#include <string.h>

#include "base/file.h"
#include "base/slot.h"
#include "nffile/walk.h"

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
	    file_exists(walk_below(w->a, w->root, name)) ||
	    !slot_parse_name(name, &start))
		return name;
	for (int i = 1; i < SLOT_LAYOUTS; i++) {
		const char *dir =
		    arena_strdup(w->a, slot_subdir(start, i, sub));
		const char *rel = walk_below(w->a, dir, name);
		if (file_exists(walk_below(w->a, w->root, rel)))
			return rel;
		if (strlen(dir) > depth &&
		    walk_kind(walk_below(w->a, w->root, dir)) == S_IFDIR) {
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
	       walk_kind(walk_below(w->a, w->root, rel)) == S_IFREG;
}

/* -R first[:last], below w->root. */
static void
walk_range(struct walk *w, const char *first, const char *last)
{
	const char *path = walk_below(w->a, w->root, first);
	w->lo = w->hi = NULL;
	w->lo_start = w->hi_start = -1;
	if (last == NULL && walk_kind(path) == S_IFDIR) {
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
	const char *path = walk_below(w->a, w->root, guess(w, name));
	const char *slash = strrchr(path, '/');
	if (walk_kind(path) == S_IFDIR)
		walk_range(w, name, NULL);
	else if (walk_kind(path) != 0)
		walk_add(w, path, slash != NULL ? slash + 1 : path);
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
	if (last == NULL && walk_kind(first) == S_IFDIR) {
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
	struct walk_names l = walk_list(w->a, parent);
	for (size_t i = 0; i < l.n; i++) {
		const char *root = walk_below(w->a, parent, l.name[i]);
		if (walk_kind(root) == S_IFDIR)
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
			find_source(w, walk_below(w->a, parent,
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
	if (q->M == NULL && q->r != NULL && walk_kind(what) == 0)
		return err_set(err, "%s is not a file or directory", what);
	return err_set(err, "%s%s%s: no flow files", q->M != NULL ? q->M : "",
	    q->M != NULL ? ": " : "", what);
}
