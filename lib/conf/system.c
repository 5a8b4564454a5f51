/*
 * What must hold on this machine beyond a config that reads well.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/proc.h"
#include "conf/conf.h"

/* The folder itself, or the nearest one above it that is there. */
static int
check_folder(const char *path, bool as_user, struct err *err)
{
	char p[FILE_PATH_MAX];
	struct stat st;
	if (!file_join(p, path, ""))
		return err_set(err, "%s: path too long", path);
	while (stat(p, &st) == -1) {
		char *slash = strrchr(p, '/');
		if (errno != ENOENT || slash == NULL || p[1] == '\0')
			return err_set(err, "%s: %s", path, strerror(errno));
		slash[slash == p ? 1 : 0] = '\0';
	}
	if (!S_ISDIR(st.st_mode))
		return err_set(err, "%s: not a folder", p);
	if (as_user && access(p, W_OK | X_OK) == -1)
		return err_set(err, "%s: %s", p, strerror(errno));
	return 0;
}

int
conf_check_system(const struct conf *c, struct err *err)
{
	uid_t uid;
	gid_t gid;
	struct stat st;
	if (c->basedir != NULL &&
	    (stat(c->basedir, &st) == -1 || !S_ISDIR(st.st_mode)))
		return err_set(err, "%s: $BASEDIR '%s' not found", c->file,
		    c->basedir);
	if (proc_ids(c->user, c->wwwgroup, &uid, &gid, err) == -1)
		return err_prefix(err, "%s", c->file);
	/* Another user's rights cannot be asked for; the daemons will say. */
	bool as_user = geteuid() == uid;
	const char *const folders[] = { c->profilestatdir, c->profiledatadir,
		c->piddir };
	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++)
		if (check_folder(folders[i], as_user, err) == -1)
			return -1;
	return 0;
}
