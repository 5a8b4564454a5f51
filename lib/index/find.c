#include "index/find.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/slot.h"

#define NAME_PREFIX "nfcapd."

bool
index_day(const char *name, char day[INDEX_DAY_LEN + 1])
{
	int64_t start;
	if (!slot_parse_name(name, &start))
		return false;
	memcpy(day, name + strlen(NAME_PREFIX), INDEX_DAY_LEN);
	day[INDEX_DAY_LEN] = '\0';
	return true;
}

bool
index_folder(char *buf, const char *root, const char *below)
{
	char all[FILE_PATH_MAX];
	if (below[0] == '\0')
		return file_join(buf, root, INDEX_DIR);
	return file_join(all, root, INDEX_DIR) && file_join(buf, all, below);
}

static void
forget_day(struct finder *f)
{
	index_free(f->index);
	f->index = NULL;
	f->day[0] = '\0';
}

void
finder_free(struct finder *f)
{
	index_free(f->index);
	*f = (struct finder){ .index = NULL };
}

/* From the folder `real` upwards. */
static void
find_indexes(struct finder *f, const char *real)
{
	char root[PATH_MAX], path[FILE_PATH_MAX];
	(void)snprintf(root, sizeof(root), "%s", real);
	f->indexes[0] = '\0';
	for (int up = 0; up < FIND_UP; up++) {
		char *slash = strrchr(root, '/');
		if (slash == NULL)
			return;
		*slash = '\0';
		if (index_folder(path, root, real + (slash - root) + 1) &&
		    file_exists(path)) {
			(void)snprintf(f->indexes, sizeof(f->indexes), "%s",
			    path);
			return;
		}
	}
}

/* Is the folder, `n` bytes of path, another one than before? */
static void
enter_folder(struct finder *f, const char *path, size_t n)
{
	char real[PATH_MAX];
	if (strlen(f->folder) == n && memcmp(f->folder, path, n) == 0)
		return;
	forget_day(f);
	f->indexes[0] = f->folder[0] = '\0';
	if (n >= sizeof(f->folder))
		return;
	(void)snprintf(f->folder, sizeof(f->folder), "%.*s", (int)n, path);
	if (realpath(f->folder, real) != NULL)
		find_indexes(f, real);
}

static void
enter_day(struct finder *f, const char *day)
{
	char path[FILE_PATH_MAX];
	if (strcmp(f->day, day) == 0)
		return;
	forget_day(f);
	(void)snprintf(f->day, sizeof(f->day), "%s", day);
	if (file_join(path, f->indexes, day))
		f->index = index_load(path);
}

bool
finder_ask(struct finder *f, const char *path, struct index_entry *e)
{
	char day[INDEX_DAY_LEN + 1];
	struct index_id id;
	struct stat st;
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;
	if (!index_day(name, day))
		return false;
	if (slash == NULL)
		enter_folder(f, ".", 1);
	else
		enter_folder(f, path,
		    slash == path ? 1 : (size_t)(slash - path));
	if (f->indexes[0] == '\0')
		return false;
	enter_day(f, day);
	if (f->index == NULL || !index_find(f->index, name, e) ||
	    stat(path, &st) == -1)
		return false;
	index_id_of(&st, &id);
	return index_id_same(&id, &e->head->id);
}
