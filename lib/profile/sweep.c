/* What operations leave behind: rubbish, and what a crash has interrupted. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "profile/edit.h"
#include "profile/internal.h"
#include "profile/ops.h"

typedef bool wanted_name(const char *name);

struct sweep {
	wanted_name *wanted;
	size_t left; /* so many things may still be removed */
	bool more;
	struct err *err;
	int rc;
};

/* ---- removing in pieces ---------------------------------------------------------- */

static void sweep_at(struct sweep *s, int dirfd, const char *name);

static void
sweep_content(struct sweep *s, int dirfd, const char *name)
{
	int fd = openat(dirfd, name,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *d = fd == -1 ? NULL : fdopendir(fd);
	if (d == NULL) {
		if (fd != -1)
			(void)close(fd);
		return; /* removing it will say why not */
	}
	for (struct dirent *e; !s->more && (e = readdir(d)) != NULL;)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			sweep_at(s, fd, e->d_name);
	(void)closedir(d);
}

static void
sweep_at(struct sweep *s, int dirfd, const char *name)
{
	struct stat st;
	int how = 0;
	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISDIR(st.st_mode)) {
		how = AT_REMOVEDIR;
		sweep_content(s, dirfd, name);
	}
	if (s->left == 0)
		s->more = true;
	if (s->more)
		return;
	s->left--;
	if (unlinkat(dirfd, name, how) == -1 && errno != ENOENT)
		s->rc = err_set(s->err, "%s: %s", name, strerror(errno));
}

/* ---- finding it --------------------------------------------------------------------- */

static bool
has_file(const char *dir, const char *file)
{
	char path[FILE_PATH_MAX];
	return file_join(path, dir, file) && file_exists(path);
}

/*
 * Hidden things stand in the roots, in groups and in profiles; in data
 * folders there are too many files to look at.
 */
static void
sweep_folder(struct sweep *s, const char *dir, int depth)
{
	DIR *d = opendir(dir);
	if (d == NULL)
		return;
	for (struct dirent *e; !s->more && (e = readdir(d)) != NULL;) {
		char path[FILE_PATH_MAX];
		if (s->wanted(e->d_name)) {
			sweep_at(s, dirfd(d), e->d_name);
			continue;
		}
		bool folder = e->d_name[0] != '.' && depth > 0 &&
			      file_join(path, dir, e->d_name);
		/* In a root everything; below it what is a group. */
		if (folder && (depth == 2 || has_file(dir, ".group")))
			sweep_folder(s, path, depth - 1);
	}
	(void)closedir(d);
}

static int
sweep_trees(const struct conf *c, wanted_name *wanted, size_t max,
    struct err *err)
{
	struct sweep s = { .wanted = wanted, .left = max, .err = err };
	sweep_folder(&s, c->profilestatdir, 2);
	sweep_folder(&s, c->profiledatadir, 2);
	if (s.rc == -1)
		return -1;
	return s.more;
}

int
ops_sweep(const struct conf *c, size_t max, struct err *err)
{
	return sweep_trees(c, txn_hidden_name, max, err);
}

/* ---- after a crash --------------------------------------------------------------------- */

/* "CHANNEL.rrdXXXXXX": a database that librrd was making. */
static bool
is_half_database(const char *name)
{
	size_t n = strlen(name);
	return n > 10 && memcmp(name + n - 10, ".rrd", 4) == 0 &&
	       strspn(name + n - 6,
		   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		   "abcdefghijklmnopqrstuvwxyz0123456789") == 6;
}

/* "profile.dat.tmpXXXXXX": a file that was being written (base/file.h). */
static bool
is_temporary(const char *name)
{
	if (is_half_database(name))
		return true;
	static const char *const whole[] = { "profile.dat", ".from-config",
		".journal", "-filter.txt", ".BUILDING", ".CANCELED" };
	const char *tmp = strstr(name, ".tmp");
	if (tmp == NULL || strlen(tmp) != strlen(".tmpXXXXXX"))
		return false;
	size_t n = (size_t)(tmp - name);
	for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
		size_t k = strlen(whole[i]);
		if (n >= k && memcmp(tmp - k, whole[i], k) == 0)
			return true;
	}
	return false;
}

/* What NfSen was to delete at the end of a cycle. */
static int
delete_marked(const struct conf *c, const char *group, const char *name,
    struct err *err)
{
	struct edit e;
	struct profile *p = profile_new(group, name);
	int rc = edit_open(&e, c, p, err);
	if (rc == 0)
		rc = edit_drop_profile(&e);
	if (rc == 0)
		rc = edit_commit(&e);
	edit_close(&e);
	profile_free(p);
	if (rc == 0)
		log_info("profile that was marked as deleted is removed "
			 "profile=%s/%s",
		    group, name);
	return rc;
}

static void
delete_marked_in(const struct conf *c, const char *dir, const char *group)
{
	DIR *d = opendir(dir);
	if (d == NULL)
		return;
	for (struct dirent *e; (e = readdir(d)) != NULL;) {
		char path[FILE_PATH_MAX];
		struct err err;
		if (e->d_name[0] == '.' || !file_join(path, dir, e->d_name))
			continue;
		if (has_file(path, ".DELETED")) {
			if (strcmp(e->d_name, "live") != 0 &&
			    delete_marked(c, group, e->d_name, &err) == -1)
				log_errx("%s", err.msg);
		} else if (strcmp(group, ".") == 0 && has_file(path, ".group"))
			delete_marked_in(c, path, e->d_name);
	}
	(void)closedir(d);
}

int
ops_recover(const struct conf *c, struct err *err)
{
	if (txn_recover(c, err) == -1)
		return -1;
	delete_marked_in(c, c->profilestatdir, ".");
	ops_tidy_groups(c);
	return 0;
}

int
ops_recover_start(const struct conf *c, struct err *err)
{
	if (ops_recover(c, err) == -1)
		return -1;
	return sweep_trees(c, is_temporary, SIZE_MAX, err);
}
