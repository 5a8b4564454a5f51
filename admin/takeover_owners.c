/* Who may use what is there: USER has to. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin/takeover.h"
#include "base/file.h"
#include "base/proc.h"

#define DEPTH 12

struct walk {
	uid_t uid;
	gid_t gid;
	bool fix;
	size_t *n;
	char *first; /* FILE_PATH_MAX */
	struct err *err;
};

/* Bits that the process's owner has: 4 read, 2 write, 1 search. */
static unsigned
rights(const struct stat *st, uid_t uid, gid_t gid)
{
	if (uid == 0)
		return 7;
	if (st->st_uid == uid)
		return st->st_mode >> 6 & 7;
	if (st->st_gid == gid)
		return st->st_mode >> 3 & 7;
	return st->st_mode & 7;
}

/* Flow files are only read; what else is in the trees is written. */
static unsigned
needed(const char *name, const struct stat *st)
{
	if (S_ISDIR(st->st_mode))
		return 7;
	return strncmp(name, "nfcapd.2", 8) == 0 ||
		       strncmp(name, "nfcapd.1", 8) == 0
		   ? 4
		   : 6;
}

static int
put_right(struct walk *w, const char *path, const struct stat *st)
{
	mode_t mode = st->st_mode & 07777;
	mode |= S_ISDIR(st->st_mode) ? 0770 : 0640;
	if (geteuid() == 0 && st->st_uid != w->uid &&
	    lchown(path, w->uid, w->gid) == -1)
		return err_set(w->err, "%s: %s", path, strerror(errno));
	if (mode != (st->st_mode & 07777) && chmod(path, mode) == -1)
		return err_set(w->err, "%s: %s", path, strerror(errno));
	return 0;
}

static int walk_dir(struct walk *w, const char *dir, int depth);

static int
look(struct walk *w, const char *path, int depth)
{
	struct stat st;
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;
	if (lstat(path, &st) == -1)
		return errno == ENOENT
			   ? 0
			   : err_set(w->err, "%s: %s", path, strerror(errno));
	/* Links lead elsewhere: what is there is not ours to change. */
	if (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode))
		return 0;
	unsigned need = needed(name, &st);
	if ((rights(&st, w->uid, w->gid) & need) != need) {
		if (w->fix && put_right(w, path, &st) == -1)
			return -1;
		if ((*w->n)++ == 0)
			(void)snprintf(w->first, FILE_PATH_MAX, "%s", path);
	}
	return S_ISDIR(st.st_mode) && depth < DEPTH
		   ? walk_dir(w, path, depth + 1)
		   : 0;
}

/* A folder that cannot be opened is what was found already. */
static int
walk_dir(struct walk *w, const char *dir, int depth)
{
	char path[FILE_PATH_MAX];
	int rc = 0;
	DIR *d = opendir(dir);
	for (struct dirent *e;
	     d != NULL && rc == 0 && (e = readdir(d)) != NULL;)
		if (strcmp(e->d_name, ".") != 0 &&
		    strcmp(e->d_name, "..") != 0 &&
		    file_join(path, dir, e->d_name))
			rc = look(w, path, depth);
	if (d != NULL)
		(void)closedir(d);
	return rc;
}

int
owners_walk(const struct conf *c, const char *path, bool fix, size_t *n,
    char *first, struct err *err)
{
	struct walk w = { .fix = fix, .n = n, .first = first, .err = err };
	*n = 0;
	first[0] = '\0';
	if (proc_ids(c->user, c->wwwgroup, &w.uid, &w.gid, err) == -1)
		return -1;
	return look(&w, path, 0);
}

void
survey_owners(struct survey *s)
{
	const char *const roots[] = { s->c->profilestatdir,
		s->c->profiledatadir, s->c->filterdir, s->c->formatdir,
		s->c->piddir };
	for (size_t i = 0; i < sizeof(roots) / sizeof(*roots); i++) {
		char first[FILE_PATH_MAX];
		struct err err = { "" };
		size_t n = 0;
		if (roots[i] == NULL || !file_exists(roots[i]))
			continue;
		if (owners_walk(s->c, roots[i], false, &n, first, &err) == -1) {
			(void)survey_find(s, FIND_STOP, "owners", "%s",
			    err.msg);
			continue;
		}
		if (n == 0)
			continue;
		struct finding *f = survey_find(s, FIND_DO, "owners",
		    "%zu files or folders below %s are not for '%s' to use, "
		    "the "
		    "first is %s: given to him",
		    n, roots[i], s->c->user, first);
		f->step = STEP_OWNERS;
		f->path = roots[i];
	}
}
