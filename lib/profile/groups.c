/* Groups that hold nothing any more. */
#include <dirent.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "profile/internal.h"
#include "profile/ops.h"

/* Any profile, also one that is marked as deleted and waits. */
static bool
holds_profile(const char *dir)
{
	char path[FILE_PATH_MAX];
	bool found = false;
	DIR *d = opendir(dir);
	if (d == NULL)
		return true;
	for (struct dirent *e; !found && (e = readdir(d)) != NULL;) {
		struct buf file = BUF_EMPTY;
		buf_printf(&file, "%s/profile.dat", e->d_name);
		found = e->d_name[0] != '.' &&
			(!file_join(path, dir, buf_str(&file)) ||
			    file_exists(path));
		buf_free(&file);
	}
	(void)closedir(d);
	return found;
}

static void
remove_group(const char *dir, const char *mark)
{
	/* What else is in there stays, but is no group. */
	if (unlink(mark) == 0)
		(void)rmdir(dir);
}

/* A folder below root is a group that no profile is in. */
static void
look_at(const char *root, const char *stat_root, const char *name)
{
	char dir[FILE_PATH_MAX];
	char mark[FILE_PATH_MAX];
	char group[FILE_PATH_MAX];
	if (file_join(dir, root, name) && file_join(mark, dir, ".group") &&
	    file_join(group, stat_root, name) && file_exists(mark) &&
	    (!file_exists(group) || !holds_profile(group)))
		remove_group(dir, mark);
}

static void
tidy(const char *root, const char *stat_root)
{
	DIR *d = opendir(root);
	if (d == NULL)
		return;
	for (struct dirent *e; (e = readdir(d)) != NULL;)
		if (e->d_name[0] != '.')
			look_at(root, stat_root, e->d_name);
	(void)closedir(d);
}

void
ops_tidy_groups(const struct conf *c)
{
	/* The data first: it asks the other tree which groups there are. */
	tidy(c->profiledatadir, c->profilestatdir);
	tidy(c->profilestatdir, c->profilestatdir);
}
