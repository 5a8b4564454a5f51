#include "index/folder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/slot.h"
#include "index/find.h"
#include "index/make.h"
#include "nffile/tree.h"

#define APPEND_AT (4U << 20) /* bytes of entries that are written at once */
#define DEAD_MOST (1U << 20) /* bytes of useless entries in a day */

/* The folder and day at work. */
struct task {
	struct index_work *w;
	const char *root, *below;
	struct maker *maker;
	char path[FILE_PATH_MAX]; /* of the index; "": none yet */
	struct index *index;      /* NULL: none */
	struct buf entry, entries;
	struct err *err;
};

/* ---- writing --------------------------------------------------------------------- */

static int
make_folder_of(const char *path, struct err *err)
{
	char dir[FILE_PATH_MAX];
	(void)snprintf(dir, sizeof(dir), "%s", path);
	*strrchr(dir, '/') = '\0';
	return file_mkdirs(dir, 0775, err);
}

static int
put_entries(struct task *t)
{
	struct err why;
	int rc = 0;
	if (t->entries.len == 0)
		return 0;
	errno = 0;
	if (make_folder_of(t->path, t->err) == -1 ||
	    index_append(t->path, &t->entries, t->err) == -1)
		rc = -1;
	bool full = rc == -1 && (errno == ENOSPC || errno == EDQUOT);
	buf_clear(&t->entries);
	if (full && index_drop(t->root, t->below, &why) == 0)
		(void)err_prefix(t->err, "index is dropped");
	return rc;
}

static int
make_entry(struct task *t, const char *path)
{
	struct index_work *w = t->w;
	/* One that cannot be opened has no entry: readers say why. */
	if (maker_file(t->maker, path, w->go_on, w->ctx, &t->entry, NULL) !=
	    MADE_ENTRY)
		return 0;
	const struct index_head *h =
	    (const struct index_head *)(const void *)t->entry.data;
	w->made++;
	w->opaque += (h->flags & INDEX_OPAQUE) != 0;
	buf_add(&t->entries, t->entry.data, t->entry.len);
	return t->entries.len < APPEND_AT ? 0 : put_entries(t);
}

/* ---- days ------------------------------------------------------------------------ */

static bool
mostly_dead(const struct index *ix)
{
	uint64_t live = index_live(ix);
	return index_size(ix) > 2 * live + DEAD_MOST;
}

static uint64_t
size_of(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 ? (uint64_t)st.st_size : 0;
}

/* -1: what belongs to the day before could not be written. */
static int
leave_day(struct task *t)
{
	int rc = put_entries(t);
	if (t->path[0] != '\0')
		t->w->index_bytes += size_of(t->path);
	index_free(t->index);
	t->index = NULL;
	t->path[0] = '\0';
	return rc;
}

static void
begin_day(struct task *t, const char *path)
{
	(void)snprintf(t->path, sizeof(t->path), "%s", path);
	t->index = index_load(t->path);
	if (t->index != NULL && !t->w->afresh && !mostly_dead(t->index))
		return;
	if (!t->w->look)
		(void)unlink(t->path);
	index_free(t->index);
	t->index = NULL;
}

/* Where the index of the file's folder and day is; false: nowhere. */
static bool
index_of(const struct task *t, const char *file, char *path)
{
	char below[FILE_PATH_MAX], dir[FILE_PATH_MAX];
	char day[INDEX_DAY_LEN + 1];
	const char *name = strrchr(file, '/') + 1;
	const char *rest = file + strlen(t->root);
	while (*rest == '/')
		rest++;
	if (!index_day(name, day) || rest >= name)
		return false;
	(void)snprintf(below, sizeof(below), "%.*s", (int)(name - rest) - 1,
	    rest);
	return index_folder(dir, t->root, below) && file_join(path, dir, day);
}

static bool
has_entry(struct task *t, const char *name, const struct stat *st)
{
	struct index_entry e;
	struct index_id id;
	index_id_of(st, &id);
	if (t->index == NULL || !index_find(t->index, name, &e) ||
	    !index_id_same(&id, &e.head->id))
		return false;
	t->w->opaque += (e.head->flags & INDEX_OPAQUE) != 0;
	return true;
}

static int
take_file(struct task *t, const char *file)
{
	char path[FILE_PATH_MAX];
	struct stat st;
	int rc = 0;
	if (!index_of(t, file, path) || stat(file, &st) == -1)
		return 0;
	if (strcmp(path, t->path) != 0) {
		rc = leave_day(t);
		begin_day(t, path);
	}
	t->w->files++;
	t->w->flow_bytes += (uint64_t)st.st_size;
	if (has_entry(t, strrchr(file, '/') + 1, &st))
		t->w->known++;
	else if (t->w->look)
		t->w->made++;
	else if (rc == 0)
		rc = make_entry(t, file);
	return rc;
}

/* ---- the folder ------------------------------------------------------------------ */

static int
take_files(struct task *t, const struct tree_list *l)
{
	const struct index_work *w = t->w;
	bool ended = false;
	int rc = 0;
	for (size_t i = 0; rc == 0 && !ended && i < l->n; i++) {
		ended = w->go_on != NULL && !w->go_on(w->ctx);
		if (!ended && !l->files[i].open && l->files[i].start != -1)
			rc = take_file(t, l->files[i].path);
	}
	return leave_day(t) == -1 ? -1 : rc;
}

int
index_update(const char *root, const char *below, struct index_work *w,
    struct err *err)
{
	char folder[FILE_PATH_MAX];
	struct arena a = ARENA_EMPTY;
	struct tree_list l = { 0 };
	struct tree_query q = { .R = folder, .from = w->since };
	struct task t = { .w = w, .root = root, .below = below, .err = err };
	if (!file_join(folder, root, below))
		return err_set(err, "%s/%s: path too long", root, below);
	/* Nothing found is no error. */
	(void)tree_find(&q, &a, &l, NULL);
	t.maker = maker_new();
	int rc = take_files(&t, &l);
	maker_free(t.maker);
	buf_free(&t.entry);
	buf_free(&t.entries);
	arena_free(&a);
	return rc;
}

int
index_drop(const char *root, const char *below, struct err *err)
{
	char dir[FILE_PATH_MAX];
	if (!index_folder(dir, root, below))
		return err_set(err, "%s/%s: path too long", root, below);
	return file_remove_tree(dir, err);
}
