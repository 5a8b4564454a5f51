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

/*
 * The folder itself, or the nearest one above it that is there; mode is
 * access's, F_OK when nothing is asked for.
 */
static int
check_folder(const char *path, int mode, struct err *err)
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
	if (mode != F_OK && access(p, mode) == -1)
		return err_set(err, "%s: %s", p, strerror(errno));
	return 0;
}

/* data: what is asked of the trees, as for access. */
static int
check(const struct conf *c, int data, struct err *err)
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
	if (!as_user)
		data = F_OK;
	if (check_folder(c->profilestatdir, data, err) == -1 ||
	    check_folder(c->profiledatadir, data, err) == -1)
		return -1;
	return check_folder(c->piddir, as_user ? W_OK | X_OK : F_OK, err);
}

int
conf_check_system(const struct conf *c, struct err *err)
{
	return check(c, W_OK | X_OK, err);
}

int
conf_check_reader(const struct conf *c, struct err *err)
{
	return check(c, R_OK | X_OK, err);
}

int
conf_same_places(const struct conf *a, const struct conf *b, struct err *err)
{
	const struct {
		const char *name, *a, *b;
	} places[] = {
		{ "PROFILESTATDIR", a->profilestatdir, b->profilestatdir },
		{ "PROFILEDATADIR", a->profiledatadir, b->profiledatadir },
		{ "PIDDIR", a->piddir, b->piddir },
		{ "COMMSOCKET", a->commsocket, b->commsocket },
		{ "USER", a->user, b->user },
	};
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (strcmp(places[i].a, places[i].b) != 0)
			return err_set(err, "$%s has changed: restart needed",
			    places[i].name);
	return 0;
}
