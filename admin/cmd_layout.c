/*
 * layout: flow files of all profiles into the sub-folders that $SUBDIRLAYOUT
 * asks for, as RebuildHierarchy.pl does.
 *
 * A file moves by one rename within its channel's folder, so at every moment
 * each is in its old place or in its new one, and both are found: it can be
 * interrupted and run again.  Two different files of one slot are left as they
 * are and named.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin/daemon.h"
#include "admin/takeover.h"
#include "base/file.h"
#include "nffile/tree.h"
#include "profile/hints.h"
#include "profile/tree.h"

#define DEPTH 6

struct mover {
	const struct conf *c;
	bool check;
	uint64_t right, moved, failed;
};

static void
complain(struct mover *m, const struct err *err)
{
	m->failed++;
	(void)fprintf(stderr, "%s\n", err->msg);
}

static bool
same_file(const char *a, const char *b)
{
	struct stat x, y;
	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev &&
	       x.st_ino == y.st_ino;
}

static int
move_to(struct mover *m, const char *from, char *to, struct err *err)
{
	char *slash = strrchr(to, '/');
	*slash = '\0';
	int rc = tree_mkdir(m->c, to, err);
	*slash = '/';
	if (rc == -1)
		return -1;
	/* link, unlike rename, does not replace what is there. */
	if (link(from, to) == 0 || (errno == EEXIST && same_file(from, to)))
		return unlink(from) == 0
			   ? 0
			   : err_set(err, "%s: %s", from, strerror(errno));
	if (errno == EEXIST)
		return err_set(err, "%s: stays, %s is there already", from, to);
	if ((errno == EPERM || errno == ENOTSUP || errno == EMLINK) &&
	    !file_exists(to) && rename(from, to) == 0)
		return 0;
	return err_set(err, "%s: %s", to, strerror(errno));
}

static void
move_file(struct mover *m, const char *dir, const struct tree_file *f)
{
	char sub[SLOT_SUB_MAX], place[FILE_PATH_MAX], to[FILE_PATH_MAX];
	struct err err;
	if (f->open || f->start < 0)
		return;
	(void)slot_subdir(f->start, m->c->subdirlayout, sub);
	const char *name = strrchr(f->path, '/') + 1;
	if (sub[0] == '\0')
		(void)snprintf(place, sizeof(place), "%s", dir);
	else if (!file_join(place, dir, sub))
		return;
	if (!file_join(to, place, name))
		return;
	if (strcmp(to, f->path) == 0) {
		m->right++;
	} else if (m->check || move_to(m, f->path, to, &err) == 0) {
		m->moved++;
	} else {
		complain(m, &err);
	}
}

/* Folders of dates that have become empty; those that have not stay. */
static void
remove_empty(const char *dir, int depth)
{
	char path[FILE_PATH_MAX];
	DIR *d = opendir(dir);
	for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;)
		if (isdigit((unsigned char)e->d_name[0]) && depth < DEPTH &&
		    file_join(path, dir, e->d_name)) {
			remove_empty(path, depth + 1);
			(void)rmdir(path);
		}
	if (d != NULL)
		(void)closedir(d);
}

static void
move_channel(struct mover *m, const struct profile *p, const char *channel)
{
	char dir[FILE_PATH_MAX];
	struct arena a = ARENA_EMPTY;
	struct tree_list l = { 0 };
	struct tree_query q = { .R = dir };
	if (!profile_data_path(m->c, p->group, p->name, channel, dir))
		return;
	/* Nothing found is no error: a shadow has no files. */
	if (tree_find(&q, &a, &l, NULL) == 0)
		for (size_t i = 0; i < l.n; i++)
			move_file(m, dir, &l.files[i]);
	if (!m->check)
		remove_empty(dir, 0);
	arena_free(&a);
}

static void
move_profile(struct mover *m, const struct profile_id *id)
{
	struct err err;
	uint64_t before = m->moved;
	struct profile *p = profile_load(m->c, id->group, id->name, &err);
	if (p == NULL) {
		complain(m, &err);
		return;
	}
	for (size_t i = 0; i < p->n_channels; i++)
		move_channel(m, p, p->channels[i].name);
	bool grouped = strcmp(p->group, ".") != 0;
	(void)printf("  %s%s%s: %" PRIu64 " files %s\n",
	    grouped ? p->group : "", grouped ? "/" : "", p->name,
	    m->moved - before, m->check ? "to move" : "moved");
	profile_free(p);
}

static int
move_all(struct mover *m, struct err *err)
{
	struct arena a = ARENA_EMPTY;
	struct profile_list l;
	int rc = profile_list(m->c, &a, &l, err);
	for (size_t i = 0; rc == 0 && i < l.n; i++)
		move_profile(m, &l.ids[i]);
	arena_free(&a);
	if (rc == 0 && !m->check)
		rc = file_sync_all(m->c->profiledatadir, err);
	return rc;
}

/* -1: not known. */
static int64_t
old_layout(const struct conf *c)
{
	struct arena a = ARENA_EMPTY;
	int64_t layout = -1;
	(void)perl_number(perl_find(hints_read(c, &a, NULL), "subdirlayout"),
	    &layout);
	arena_free(&a);
	return layout;
}

static int
remember(const struct conf *c, struct err *err)
{
	struct arena a = ARENA_EMPTY;
	struct perl_value *h = hints_read(c, &a, NULL);
	int rc = 0;
	if (h != NULL) {
		perl_set_int(&a, h, "subdirlayout", c->subdirlayout);
		rc = hints_write(c, h, err);
	}
	arena_free(&a);
	return rc;
}

static bool
confirmed(const struct admin *a)
{
	char answer[16] = "";
	if (a->yes || a->check)
		return true;
	(void)printf("Do you want to continue yes/[no] ");
	(void)fflush(stdout);
	return fgets(answer, sizeof(answer), stdin) != NULL &&
	       strcmp(answer, "yes\n") == 0;
}

static int
with_lock(struct mover *m)
{
	struct err err;
	int lock = m->check ? -1 : profile_tree_lock(m->c, false, &err);
	if (lock == -1 && !m->check)
		return admin_fail(&err);
	int rc = move_all(m, &err);
	if (rc == 0 && m->failed == 0 && !m->check)
		rc = remember(m->c, &err);
	profile_tree_unlock(lock);
	return rc == -1 ? admin_fail(&err) : EXIT_OK;
}

int
cmd_layout(struct admin *a)
{
	struct mover m = { .c = a->c, .check = a->check };
	pid_t pid;
	int64_t old = old_layout(a->c);
	if (!a->check &&
	    (daemon_look(a->c, &daemon_collector, &pid) == DAEMON_UP ||
		daemon_look(a->c, &daemon_profiler, &pid) == DAEMON_UP)) {
		(void)fprintf(stderr, "'nfsen stop' first\n");
		return EXIT_FAILED;
	}
	(void)printf("Current old layout is ");
	(void)(old == -1 ? printf("unknown\n")
			 : printf("'%" PRId64 "'\n", old));
	(void)printf("Configured new layout is '%d'\n", a->c->subdirlayout);
	if (!confirmed(a)) {
		(void)printf("Nothing was changed.\n");
		return EXIT_FAILED;
	}
	int rc = with_lock(&m);
	if (rc != EXIT_OK)
		return rc;
	(void)printf("%" PRIu64 " files %s, %" PRIu64
		     " in their place already, %" PRIu64 " left where they "
		     "were\n",
	    m.moved, a->check ? "to move" : "moved", m.right, m.failed);
	return m.failed == 0 ? EXIT_OK : EXIT_FAILED;
}
