/* The survey: which profiles and groups there are. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "admin/takeover.h"
#include "base/file.h"
#include "base/mem.h"

static void
add_profile(struct survey *s, const char *group, const char *name)
{
	struct err err = { "" };
	if (s->n_profiles % 32 == 0)
		s->profiles = mem_realloc(s->profiles, s->n_profiles + 32,
		    sizeof(*s->profiles));
	struct survey_profile *p = &s->profiles[s->n_profiles++];
	*p = (struct survey_profile){ .id = { arena_strdup(&s->arena, group),
					  arena_strdup(&s->arena, name) } };
	p->p = profile_load(s->c, p->id.group, p->id.name, &err);
	if (p->p == NULL)
		p->error = arena_strdup(&s->arena, err.msg);
}

static bool
ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);
	return n > m && strcmp(s + n - m, end) == 0;
}

/* Does the folder hold something whose name ends so? */
static bool
holds(const char *dir, const char *end)
{
	bool found = false;
	DIR *d = opendir(dir);
	for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;)
		found |= ends_with(e->d_name, end);
	if (d != NULL)
		(void)closedir(d);
	return found;
}

static bool
is_folder(const char *path)
{
	struct stat st;
	return lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Sorted names of folders below dir, without hidden ones and alerts. */
static char **
folders(const char *dir, size_t *n, struct err *err)
{
	char **v = NULL;
	char path[FILE_PATH_MAX];
	DIR *d = opendir(dir);
	*n = 0;
	if (d == NULL) {
		(void)err_set(err, "%s: %s", dir, strerror(errno));
		return NULL;
	}
	for (struct dirent *e; (e = readdir(d)) != NULL;)
		if (e->d_name[0] != '.' && e->d_name[0] != '~' &&
		    file_join(path, dir, e->d_name) && is_folder(path)) {
			v = mem_realloc(v, *n + 1, sizeof(*v));
			v[(*n)++] = mem_strdup(e->d_name);
		}
	(void)closedir(d);
	return v != NULL ? v : mem_calloc(1, sizeof(*v));
}

static void
free_names(char **v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(v[i]);
	free(v);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void look_in_group(struct survey *s, const char *group);

/* A folder without mark whose folders are profiles. */
static bool
was_group(const char *dir)
{
	char sub[FILE_PATH_MAX];
	bool group = false;
	size_t n;
	struct err err;
	char **names = folders(dir, &n, &err);
	for (size_t i = 0; names != NULL && i < n; i++)
		group |=
		    file_join(sub, dir, names[i]) && holds(sub, "rofile.dat");
	if (names != NULL)
		free_names(names, n);
	return group;
}

static void
lost_mark(struct survey *s, const char *group, const char *mark)
{
	struct finding *f = survey_find(s, FIND_LOST, group,
	    "a group that has lost its mark .group: made anew");
	f->step = STEP_MARK;
	f->path = arena_strdup(&s->arena, mark);
	look_in_group(s, group);
}

/* A profile, one without its descriptor, a group, or something else. */
static void
look_at_folder(struct survey *s, const char *dir, const char *group,
    const char *name)
{
	char path[FILE_PATH_MAX], mark[FILE_PATH_MAX], dat[FILE_PATH_MAX];
	if (!file_join(path, dir, name) || !file_join(mark, path, ".group") ||
	    !file_join(dat, path, "profile.dat"))
		return;
	bool top = strcmp(group, ".") == 0;
	if (file_exists(dat) || holds(path, ".rrd"))
		add_profile(s, group, name);
	else if (top && file_exists(mark))
		look_in_group(s, name);
	else if (top && was_group(path))
		lost_mark(s, name, mark);
	else
		(void)survey_find(s, FIND_NOTE, "profiles",
		    "%s is neither profile nor group: left alone", path);
}

static int
look_in(struct survey *s, const char *dir, const char *group, struct err *err)
{
	size_t n;
	char **names = folders(dir, &n, err);
	if (names == NULL)
		return -1;
	qsort(names, n, sizeof(*names), by_name);
	for (size_t i = 0; i < n; i++)
		look_at_folder(s, dir, group, names[i]);
	free_names(names, n);
	return 0;
}

static void
look_in_group(struct survey *s, const char *group)
{
	char dir[FILE_PATH_MAX];
	struct err err;
	size_t before = s->n_profiles;
	if (!file_join(dir, s->c->profilestatdir, group))
		return;
	if (look_in(s, dir, group, &err) == -1)
		(void)survey_find(s, FIND_LOST, group, "%s", err.msg);
	else if (s->n_profiles == before)
		(void)survey_find(s, FIND_NOTE, group,
		    "a group without profiles (NfSen would update nothing)");
}

int
survey_profiles(struct survey *s, struct err *err)
{
	char path[FILE_PATH_MAX];
	if (look_in(s, s->c->profilestatdir, ".", err) == -1)
		return -1;
	if (file_join(path, s->c->profilestatdir, "live/flows.rrd") &&
	    file_exists(path))
		(void)survey_find(s, FIND_STOP, "live",
		    "databases of NfSen before 1.3 (flows.rrd): let NfSen "
		    "1.3's "
		    "installer convert them first");
	for (size_t i = 0; i < s->n_profiles; i++)
		survey_profile(s, &s->profiles[i]);
	return 0;
}
