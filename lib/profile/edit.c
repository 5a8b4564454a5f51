#include "profile/edit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "profile/internal.h"
#include "profile/ops.h"
#include "store/rrd.h"

static int
too_long(struct edit *e, const char *name)
{
	return err_set(e->err, "'%s': path too long", name);
}

/* ---- where things are made ------------------------------------------------------- */

/*
 * Where to make what will be dir/name: there, when the folder itself is still
 * hidden.  where and place are FILE_PATH_MAX.
 */
static int
find_place(struct edit *e, const char *dir, const char *name, char *where,
    char *place)
{
	if (!file_join(place, dir, name))
		return too_long(e, name);
	if (!e->fresh)
		return txn_new(&e->txn, place, where, e->err);
	memcpy(where, place, strlen(place) + 1);
	return 0;
}

static int
settle(struct edit *e, const char *where, const char *place)
{
	if (!e->fresh)
		return txn_put(&e->txn, where, place, e->err);
	return file_sync(where, e->err);
}

/* "channel" and "-filter.txt" in one buffer. */
static int
file_name(struct edit *e, const char *channel, const char *suffix, char *name,
    size_t size)
{
	int n = snprintf(name, size, "%s%s", channel, suffix);
	return n > 0 && (size_t)n < size ? 0 : too_long(e, channel);
}

static int
new_file(struct edit *e, const char *name, const struct buf *text)
{
	char where[FILE_PATH_MAX];
	char place[FILE_PATH_MAX];
	if (find_place(e, e->stat, name, where, place) == -1 ||
	    tree_write(e->c, where, text, e->err) == -1)
		return -1;
	return settle(e, where, place);
}

static int
new_folder(struct edit *e, const char *channel)
{
	char where[FILE_PATH_MAX];
	char place[FILE_PATH_MAX];
	if (find_place(e, e->data, channel, where, place) == -1 ||
	    tree_mkdir(e->c, where, e->err) == -1)
		return -1;
	return settle(e, where, place);
}

/* ---- a channel --------------------------------------------------------------------- */

int
edit_filter(struct edit *e, const char *channel, const struct buf *text)
{
	char name[FILE_PATH_MAX];
	if (file_name(e, channel, "-filter.txt", name, sizeof(name)) == -1)
		return -1;
	return new_file(e, name, text);
}

int
edit_database(struct edit *e, const char *channel, int64_t first)
{
	char name[FILE_PATH_MAX];
	char where[FILE_PATH_MAX];
	char place[FILE_PATH_MAX];
	if (file_name(e, channel, ".rrd", name, sizeof(name)) == -1 ||
	    find_place(e, e->stat, name, where, place) == -1 ||
	    rrd_channel_create(where, first, e->c->cycletime, e->err) == -1 ||
	    tree_own(e->c, where, e->err) == -1)
		return -1;
	return settle(e, where, place);
}

static int
drop_in(struct edit *e, const char *dir, const char *name)
{
	char path[FILE_PATH_MAX];
	if (!file_join(path, dir, name))
		return too_long(e, name);
	return txn_drop(&e->txn, path, e->err);
}

int
edit_folder(struct edit *e, const char *channel)
{
	if (drop_in(e, e->data, channel) == -1)
		return -1;
	return new_folder(e, channel);
}

int
edit_add_channel(struct edit *e, const char *channel, int64_t first,
    const struct buf *filter)
{
	char path[FILE_PATH_MAX];
	if (!file_join(path, e->data, channel))
		return too_long(e, channel);
	if (!file_exists(path) && new_folder(e, channel) == -1)
		return -1;
	if (edit_database(e, channel, first) == -1)
		return -1;
	return filter == NULL ? 0 : edit_filter(e, channel, filter);
}

int
edit_drop_channel(struct edit *e, const char *channel)
{
	char name[FILE_PATH_MAX];
	if (drop_in(e, e->data, channel) == -1 ||
	    file_name(e, channel, ".rrd", name, sizeof(name)) == -1 ||
	    drop_in(e, e->stat, name) == -1 ||
	    file_name(e, channel, "-filter.txt", name, sizeof(name)) == -1)
		return -1;
	return drop_in(e, e->stat, name);
}

int
edit_mend_channel(struct edit *e, const char *channel, int64_t first)
{
	char path[FILE_PATH_MAX];
	if (!file_join(path, e->data, channel))
		return too_long(e, channel);
	if (!file_exists(path) && new_folder(e, channel) == -1)
		return -1;
	if (!profile_rrd_path(e->c, e->p, channel, path))
		return too_long(e, channel);
	return file_exists(path) ? 0 : edit_database(e, channel, first);
}

int
edit_drop_file(struct edit *e, const char *file)
{
	char path[FILE_PATH_MAX];
	char beside[FILE_PATH_MAX];
	if (!file_join(path, e->stat, file) || !file_join(beside, e->stat, "x"))
		return too_long(e, file);
	return txn_drop_beside(&e->txn, path, beside, e->err);
}

/* ---- a whole profile ----------------------------------------------------------------- */

static bool
same_folder(const char *a, const char *b)
{
	struct stat x, y;
	return strcmp(a, b) == 0 ||
	       (stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev &&
		   x.st_ino == y.st_ino);
}

static int
begin(struct edit *e, const struct conf *c, struct profile *p, struct err *err)
{
	*e = (struct edit){ .c = c, .err = err, .p = p };
	e->one_tree = same_folder(c->profilestatdir, c->profiledatadir);
	if (!profile_stat_path(c, p->group, p->name, NULL, e->stat) ||
	    !profile_data_path(c, p->group, p->name, NULL, e->data))
		return too_long(e, p->name);
	if (e->one_tree)
		memcpy(e->data, e->stat, sizeof(e->data));
	return txn_begin(&e->txn, c, err);
}

int
edit_open(struct edit *e, const struct conf *c, struct profile *p,
    struct err *err)
{
	return begin(e, c, p, err);
}

/* A group is no profile, and the other way round. */
static int
check_group(struct edit *e, const char *root, const char *group)
{
	char dir[FILE_PATH_MAX];
	char file[FILE_PATH_MAX];
	if (!file_join(dir, root, group) ||
	    !file_join(file, dir, "profile.dat"))
		return too_long(e, group);
	if (strcmp(group, "live") == 0 || file_exists(file))
		return err_set(e->err,
		    "Can't create profile group directory '%s': it is a "
		    "profile!",
		    dir);
	return 0;
}

/* A new folder with the group's mark in it. */
static int
new_group(struct edit *e, const char *dir, struct err *why)
{
	char hidden[FILE_PATH_MAX];
	char mark[FILE_PATH_MAX];
	struct buf none = BUF_EMPTY;
	if (txn_new(&e->txn, dir, hidden, why) == -1 ||
	    tree_mkdir(e->c, hidden, why) == -1)
		return -1;
	if (!file_join(mark, hidden, ".group"))
		return err_set(why, "path too long");
	if (tree_write(e->c, mark, &none, why) == -1)
		return -1;
	return txn_put(&e->txn, hidden, dir, why);
}

static int
mark_group(struct edit *e, const char *mark, struct err *why)
{
	char hidden[FILE_PATH_MAX];
	struct buf none = BUF_EMPTY;
	if (file_exists(mark))
		return 0;
	if (txn_new(&e->txn, mark, hidden, why) == -1 ||
	    tree_write(e->c, hidden, &none, why) == -1)
		return -1;
	return txn_put(&e->txn, hidden, mark, why);
}

static int
make_group(struct edit *e, const char *root, const char *group)
{
	char dir[FILE_PATH_MAX];
	char mark[FILE_PATH_MAX];
	struct err why;
	if (check_group(e, root, group) == -1)
		return -1;
	if (!file_join(dir, root, group) || !file_join(mark, dir, ".group"))
		return too_long(e, group);
	int rc = file_exists(dir) ? mark_group(e, mark, &why)
				  : new_group(e, dir, &why);
	if (rc == -1)
		return err_set(e->err,
		    "Can't create profile group directory '%s': %s!", dir,
		    why.msg);
	return 0;
}

static int
make_groups(struct edit *e, const char *group)
{
	if (strcmp(group, ".") == 0)
		return 0;
	if (make_group(e, e->c->profilestatdir, group) == -1)
		return -1;
	return e->one_tree ? 0 : make_group(e, e->c->profiledatadir, group);
}

/* The folder that path is, or will be, in: one that is there already. */
static void
folder_above(const char *path, char *dir)
{
	memcpy(dir, path, strlen(path) + 1);
	for (char *slash; (slash = strrchr(dir, '/')) != NULL && slash > dir;) {
		*slash = '\0';
		if (file_exists(dir))
			return;
	}
}

static int
check_free(struct edit *e, const char *dir)
{
	char file[FILE_PATH_MAX];
	if (!file_exists(dir))
		return 0;
	if (file_join(file, dir, "profile.dat") && file_exists(file))
		return err_set(e->err,
		    "profile '%s' in group '%s' already exists", e->p->name,
		    e->p->group);
	return err_set(e->err, "Can't create profile directory '%s': %s!", dir,
	    strerror(EEXIST));
}

static int
hide(struct edit *e, char *dir)
{
	char above[FILE_PATH_MAX];
	char beside[FILE_PATH_MAX];
	char hidden[FILE_PATH_MAX];
	struct err why;
	folder_above(dir, above);
	if (!file_join(beside, above, "x"))
		return too_long(e, dir);
	if (txn_new(&e->txn, beside, hidden, e->err) == -1)
		return -1;
	if (tree_mkdir(e->c, hidden, &why) == -1)
		return err_set(e->err,
		    "Can't create profile directory '%s': "
		    "%s!",
		    dir, why.msg);
	memcpy(dir, hidden, sizeof(hidden));
	return 0;
}

int
edit_open_new(struct edit *e, const struct conf *c, struct profile *p,
    struct err *err)
{
	if (begin(e, c, p, err) == -1)
		return -1;
	if (check_free(e, e->stat) == -1 ||
	    (!e->one_tree && check_free(e, e->data) == -1) ||
	    make_groups(e, p->group) == -1 || hide(e, e->stat) == -1 ||
	    (!e->one_tree && hide(e, e->data) == -1))
		return -1;
	if (e->one_tree)
		memcpy(e->data, e->stat, sizeof(e->data));
	e->fresh = true;
	return 0;
}

/* Renames do not reach into another file system: see before deciding. */
static int
check_move(struct edit *e, const char *from, const char *to)
{
	char dir[FILE_PATH_MAX];
	struct stat a, b;
	folder_above(to, dir);
	if (file_exists(to))
		return err_set(e->err,
		    "An other profile with name '%s' already exists in new "
		    "group",
		    e->p->name);
	if (lstat(from, &a) == -1 || stat(dir, &b) == -1)
		return err_set(e->err, "%s: %s", from, strerror(errno));
	/* The folder that stands in the tree, or the link to it. */
	if (a.st_dev != b.st_dev)
		return err_set(e->err, "%s and %s are on two file systems",
		    from, dir);
	return 0;
}

static int
move_folder(struct edit *e, const char *from, const char *to)
{
	if (check_move(e, from, to) == -1)
		return -1;
	return txn_put(&e->txn, from, to, e->err);
}

static int
write_profile(struct edit *e)
{
	struct buf text = BUF_EMPTY;
	profile_print(e->p, &text);
	int rc = new_file(e, "profile.dat", &text);
	buf_free(&text);
	return rc;
}

int
edit_move(struct edit *e, const char *group)
{
	char stat_to[FILE_PATH_MAX];
	char data_to[FILE_PATH_MAX];
	struct profile *p = e->p;
	if (!profile_stat_path(e->c, group, p->name, NULL, stat_to) ||
	    !profile_data_path(e->c, group, p->name, NULL, data_to))
		return too_long(e, p->name);
	if (edit_fromconf(e, false) == -1 || make_groups(e, group) == -1)
		return -1;
	p->group = arena_strdup(&p->arena, group);
	/* While its folder is where it was; later it moves along. */
	if (write_profile(e) == -1 || move_folder(e, e->stat, stat_to) == -1)
		return -1;
	if (!e->one_tree && file_exists(e->data) &&
	    move_folder(e, e->data, data_to) == -1)
		return -1;
	e->p = NULL;
	return 0;
}

/*
 * Out of its group at once, which may be empty then: hidden in the root, if
 * that is the same file system.
 */
static int
drop_folder(struct edit *e, const char *dir, const char *root)
{
	struct stat a, b;
	char beside[FILE_PATH_MAX];
	bool near = lstat(dir, &a) == 0 && stat(root, &b) == 0 &&
		    a.st_dev == b.st_dev && file_join(beside, root, "x");
	return txn_drop_beside(&e->txn, dir, near ? beside : dir, e->err);
}

int
edit_drop_profile(struct edit *e)
{
	if (edit_fromconf(e, false) == -1 ||
	    drop_folder(e, e->stat, e->c->profilestatdir) == -1 ||
	    (!e->one_tree &&
		drop_folder(e, e->data, e->c->profiledatadir) == -1))
		return -1;
	e->p = NULL;
	return 0;
}

int
edit_also(struct edit *e, const struct profile *other)
{
	char place[FILE_PATH_MAX];
	char hidden[FILE_PATH_MAX];
	struct buf text = BUF_EMPTY;
	if (!profile_stat_path(e->c, other->group, other->name, "profile.dat",
		place))
		return too_long(e, other->name);
	profile_print(other, &text);
	int rc = txn_new(&e->txn, place, hidden, e->err);
	if (rc == 0)
		rc = tree_write(e->c, hidden, &text, e->err);
	if (rc == 0)
		rc = txn_put(&e->txn, hidden, place, e->err);
	buf_free(&text);
	return rc;
}

int
edit_fromconf(struct edit *e, bool present)
{
	struct buf text = BUF_EMPTY;
	char path[FILE_PATH_MAX];
	char hidden[FILE_PATH_MAX];
	int rc = fromconf_edit(e->c, e->p->group, e->p->name, present, path,
	    &text, e->err);
	if (rc == 1 && text.len == 0)
		rc = txn_drop(&e->txn, path, e->err);
	else if (rc == 1 &&
		 (rc = txn_new(&e->txn, path, hidden, e->err)) == 0 &&
		 (rc = tree_write(e->c, hidden, &text, e->err)) == 0)
		rc = txn_put(&e->txn, hidden, path, e->err);
	buf_free(&text);
	return rc;
}

/* ---- the end ----------------------------------------------------------------------------- */

static int
place_fresh(struct edit *e)
{
	char place[FILE_PATH_MAX];
	if (!e->one_tree) {
		if (!profile_data_path(e->c, e->p->group, e->p->name, NULL,
			place))
			return too_long(e, e->p->name);
		if (txn_put(&e->txn, e->data, place, e->err) == -1)
			return -1;
	}
	if (!profile_stat_path(e->c, e->p->group, e->p->name, NULL, place))
		return too_long(e, e->p->name);
	return txn_put(&e->txn, e->stat, place, e->err);
}

int
edit_commit(struct edit *e)
{
	if (e->p != NULL &&
	    (write_profile(e) == -1 || (e->fresh && place_fresh(e) == -1)))
		return -1;
	return txn_commit(&e->txn, e->err);
}

void
edit_close(struct edit *e)
{
	const struct conf *c = e->c;
	txn_end(&e->txn);
	if (c != NULL)
		ops_tidy_groups(c);
}
