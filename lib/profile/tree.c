/* Where things are, which profiles there are, and who may write. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/proc.h"
#include "profile/internal.h"

/* ---- paths ------------------------------------------------------------------- */

static bool
in_tree(const char *root, const char *group, const char *name, const char *last,
    char *buf)
{
	bool grouped = strcmp(group, ".") != 0;
	int n = snprintf(buf, FILE_PATH_MAX, "%s%s%s/%s%s%s", root,
	    grouped ? "/" : "", grouped ? group : "", name,
	    last != NULL ? "/" : "", last != NULL ? last : "");
	if (n >= 0 && n < FILE_PATH_MAX)
		return true;
	buf[0] = '\0';
	return false;
}

bool
profile_stat_path(const struct conf *c, const char *group, const char *name,
    const char *file, char *buf)
{
	return in_tree(c->profilestatdir, group, name, file, buf);
}

bool
profile_data_path(const struct conf *c, const char *group, const char *name,
    const char *channel, char *buf)
{
	return in_tree(c->profiledatadir, group, name, channel, buf);
}

bool
profile_rrd_path(const struct conf *c, const struct profile *p,
    const char *channel, char *buf)
{
	char file[256 + 8];
	int n = snprintf(file, sizeof(file), "%s.rrd", channel);
	buf[0] = '\0';
	return n > 0 && (size_t)n < sizeof(file) &&
	       profile_stat_path(c, p->group, p->name, file, buf);
}

/* ---- making and removing ------------------------------------------------------ */

int
tree_own(const struct conf *c, const char *path, struct err *err)
{
	uid_t uid;
	gid_t gid;
	if (geteuid() != 0)
		return 0;
	if (proc_ids(c->user, c->wwwgroup, &uid, &gid, err) == -1)
		return -1;
	if (lchown(path, uid, gid) == -1)
		return err_set(err, "%s: %s", path, strerror(errno));
	return 0;
}

int
tree_mkdir(const struct conf *c, const char *path, struct err *err)
{
	if (file_exists(path))
		return 0;
	if (file_mkdirs(path, PROFILE_DIR_MODE, err) == -1)
		return -1;
	return tree_own(c, path, err);
}

int
tree_write(const struct conf *c, const char *path, const struct buf *text,
    struct err *err)
{
	if (file_write_atomic(path, buf_str(text), text->len, PROFILE_FILE_MODE,
		err) == -1)
		return -1;
	return tree_own(c, path, err);
}

/* ---- the list ------------------------------------------------------------------ */

struct names {
	struct arena *a;
	const char **v;
	size_t n;
};

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool
has_file(const char *dir, const char *name, const char *file)
{
	char path[FILE_PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s/%s/%s", dir, name, file);
	return n > 0 && (size_t)n < sizeof(path) && file_exists(path);
}

/* Names in dir, sorted, without those that start with a dot. */
static int
read_names(const char *dir, struct names *out, struct err *err)
{
	DIR *d = opendir(dir);
	size_t cap = 0;
	if (d == NULL)
		return err_set(err, "%s: %s", dir, strerror(errno));
	for (struct dirent *e; (e = readdir(d)) != NULL;) {
		if (e->d_name[0] == '.')
			continue;
		if (out->n == cap)
			out->v = mem_realloc(out->v, cap = cap * 2 + 64,
			    sizeof(*out->v));
		out->v[out->n++] = arena_strdup(out->a, e->d_name);
	}
	(void)closedir(d);
	if (out->n > 0)
		qsort(out->v, out->n, sizeof(*out->v), by_name);
	return 0;
}

static bool
is_profile(const char *dir, const char *name)
{
	return has_file(dir, name, "profile.dat") &&
	       !has_file(dir, name, ".DELETED");
}

struct lister {
	struct arena *a;
	struct profile_id *ids;
	size_t n, cap;
};

static void
list_group(struct lister *l, const char *dir, const char *group,
    const struct names *names)
{
	for (size_t i = 0; i < names->n; i++) {
		if (!is_profile(dir, names->v[i]))
			continue;
		if (l->n == l->cap)
			l->ids = mem_realloc(l->ids, l->cap = l->cap * 2 + 64,
			    sizeof(*l->ids));
		l->ids[l->n++] = (struct profile_id){ group, names->v[i] };
	}
}

static void
list_groups(struct lister *l, const char *root, const struct names *names)
{
	for (size_t i = 0; i < names->n; i++) {
		char dir[FILE_PATH_MAX];
		struct names inner = { .a = l->a };
		if (!has_file(root, names->v[i], ".group") ||
		    !file_join(dir, root, names->v[i]))
			continue;
		/* A group that vanishes or cannot be read hides only itself. */
		if (read_names(dir, &inner, NULL) == 0)
			list_group(l, dir, names->v[i], &inner);
		free(inner.v);
	}
}

int
profile_list(const struct conf *c, struct arena *a, struct profile_list *l,
    struct err *err)
{
	struct names top = { .a = a };
	struct lister lister = { .a = a };
	*l = (struct profile_list){ 0 };
	if (read_names(c->profilestatdir, &top, err) == -1)
		return -1;
	list_group(&lister, c->profilestatdir, ".", &top);
	list_groups(&lister, c->profilestatdir, &top);
	free(top.v);
	l->n = lister.n;
	l->ids = arena_array(a, lister.n + 1, sizeof(*l->ids));
	if (lister.n > 0)
		memcpy(l->ids, lister.ids, lister.n * sizeof(*l->ids));
	free(lister.ids);
	return 0;
}

int
profile_groups(const struct conf *c, struct arena *a, struct profile_groups *g,
    struct err *err)
{
	struct names top = { .a = a };
	if (read_names(c->profilestatdir, &top, err) == -1)
		return -1;
	*g = (struct profile_groups){
		arena_array(a, top.n + 1, sizeof(*g->names)), 0
	};
	g->names[g->n++] = ".";
	for (size_t i = 0; i < top.n; i++)
		if (has_file(c->profilestatdir, top.v[i], ".group"))
			g->names[g->n++] = top.v[i];
	free(top.v);
	return 0;
}

/* ---- the lock ------------------------------------------------------------------ */

static int
locked_by_other(int fd, const char *path, int cause, struct err *err)
{
	struct flock who = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	if ((cause == EAGAIN || cause == EACCES) &&
	    fcntl(fd, F_GETLK, &who) == 0 && who.l_type != F_UNLCK)
		return err_set(err, "%s: locked by pid %ld", path,
		    (long)who.l_pid);
	return err_set(err, "%s: %s", path, strerror(cause));
}

int
profile_tree_lock(const struct conf *c, bool wait, struct err *err)
{
	char path[FILE_PATH_MAX];
	struct flock fl = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int rc;
	if (!file_join(path, c->profilestatdir, ".lock"))
		return err_set(err, "%s: path too long", c->profilestatdir);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, PROFILE_FILE_MODE);
	if (fd == -1)
		return err_set(err, "%s: %s", path, strerror(errno));
	do
		rc = fcntl(fd, wait ? F_SETLKW : F_SETLK, &fl);
	while (rc == -1 && errno == EINTR);
	if (rc == -1) {
		(void)locked_by_other(fd, path, errno, err);
		(void)close(fd);
		return -1;
	}
	if (tree_own(c, path, err) == -1) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

void
profile_tree_unlock(int fd)
{
	if (fd != -1)
		(void)close(fd);
}
