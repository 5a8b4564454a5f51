/* prune: indexes of what is gone. */
#include <ctype.h>
#include <dirent.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "index/find.h"
#include "index/folder.h"
#include "nffile/tree.h"

struct pruner {
	bool look;
	uint64_t gone;
};

static bool
is_day(const char *name)
{
	size_t n = 0;
	while (isdigit((unsigned char)name[n]))
		n++;
	return n == INDEX_DAY_LEN && name[n] == '\0';
}

static mode_t
kind_of(const char *path)
{
	struct stat st;
	return lstat(path, &st) == 0 ? st.st_mode & S_IFMT : 0;
}

/* The days of the folder's flow files, each with its NUL. */
static void
list_days(const char *folder, struct buf *days)
{
	char day[INDEX_DAY_LEN + 1];
	DIR *d = opendir(folder);
	for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;)
		if (index_day(e->d_name, day) &&
		    (days->len == 0 ||
			strcmp(days->data + days->len - sizeof(day), day) != 0))
			buf_add(days, day, sizeof(day));
	if (d != NULL)
		(void)closedir(d);
}

static bool
has_day(const struct buf *days, const char *day)
{
	for (size_t i = 0; i < days->len; i += INDEX_DAY_LEN + 1)
		if (strcmp(days->data + i, day) == 0)
			return true;
	return false;
}

static void
remove_index(struct pruner *p, const char *path)
{
	if (p->look || file_remove_tree(path, NULL) == 0)
		p->gone++;
}

static void prune(struct pruner *p, const char *folder, const char *indexes,
    int depth);

/* A name in `indexes`, those of `folder`, which is there. */
static void
prune_entry(struct pruner *p, const char *folder, const char *indexes,
    const char *name, const struct buf *days, int depth)
{
	char path[FILE_PATH_MAX], of[FILE_PATH_MAX];
	if (!file_join(path, indexes, name) || !file_join(of, folder, name))
		return;
	if (kind_of(path) == S_IFDIR && file_exists(of))
		prune(p, of, path, depth + 1);
	else if (kind_of(path) == S_IFDIR ||
		 (is_day(name) && !has_day(days, name)))
		remove_index(p, path);
}

static void
prune(struct pruner *p, const char *folder, const char *indexes, int depth)
{
	struct buf days = BUF_EMPTY;
	DIR *d = depth < TREE_DEPTH_MAX ? opendir(indexes) : NULL;
	if (d == NULL)
		return;
	list_days(folder, &days);
	for (struct dirent *e; (e = readdir(d)) != NULL;)
		if (e->d_name[0] != '.')
			prune_entry(p, folder, indexes, e->d_name, &days,
			    depth);
	(void)closedir(d);
	buf_free(&days);
	if (!p->look)
		(void)rmdir(indexes); /* when nothing is left in it */
}

uint64_t
index_prune(const char *root, const char *below, bool look)
{
	char folder[FILE_PATH_MAX], indexes[FILE_PATH_MAX];
	struct pruner p = { .look = look };
	if (!index_folder(indexes, root, below) ||
	    !file_join(folder, root, below[0] != '\0' ? below : "."))
		return 0;
	if (file_exists(folder))
		prune(&p, folder, indexes, 0);
	else if (file_exists(indexes))
		remove_index(&p, indexes);
	return p.gone;
}
