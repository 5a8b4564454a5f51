#include "profile/saved.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "filter/filter.h"
#include "profile/internal.h"
#include "profile/ops.h"

#define NAME_MAX_LEN 128 /* of a filter or format */
#define LIST_MAX     100000

static const char name_chars[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				 "abcdefghijklmnopqrstuvwxyz0123456789+_-";

/* ---- names ------------------------------------------------------------------------ */

/* 'what' is "filter" or "format"; the first run of bad characters is named. */
static int
check_name(const char *what, const char *name, struct err *err)
{
	size_t good = strspn(name, name_chars);
	size_t bad = strcspn(name + good, name_chars);
	if (bad > 0)
		return err_set(err,
		    "Illegal characters in %s name '%s': '%.*s'!", what, name,
		    (int)bad, name + good);
	if (good > NAME_MAX_LEN)
		return err_set(err, "The %s name '%s' is too long!", what,
		    name);
	return 0;
}

static int
find_file(const char *dir, const char *name, char *path, struct err *err)
{
	if (dir == NULL || !file_join(path, dir, name))
		return err_set(err, "'%s': path too long", name);
	return 0;
}

static int
filter_file(const struct conf *c, const char *name, char *path, struct err *err)
{
	if (name == NULL || name[0] == '\0')
		return err_set(err, "Missing filter name!");
	if (check_name("filter", name, err) == -1)
		return -1;
	return find_file(c->filterdir, name, path, err);
}

static int
format_file(const struct conf *c, const char *name, char *path, struct err *err)
{
	if (name == NULL || name[0] == '\0')
		return err_set(err, "Missing format!");
	if (check_name("format", name, err) == -1)
		return -1;
	return find_file(c->formatdir, name, path, err);
}

/* ---- lists -------------------------------------------------------------------------- */

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Names that one could have given; others in there are not ours. */
static bool
is_saved(const char *name)
{
	return name[0] != '\0' && strspn(name, name_chars) == strlen(name);
}

static void
add_name(struct saved_list *l, size_t *cap, const char *name, struct arena *a)
{
	if (l->n == *cap) {
		*cap = *cap * 2 + 64;
		const char **more = arena_array(a, *cap, sizeof(*more));
		for (size_t i = 0; i < l->n; i++)
			more[i] = l->names[i];
		l->names = more;
	}
	l->names[l->n++] = arena_strdup(a, name);
}

static int
list_folder(const char *what, const char *dir, struct arena *a,
    struct saved_list *l, struct err *err)
{
	size_t cap = 0;
	*l = (struct saved_list){ 0 };
	DIR *d = opendir(dir != NULL ? dir : "");
	if (d == NULL)
		return err_set(err, "Can't open %s directory %s: %s", what,
		    dir != NULL ? dir : "", strerror(errno));
	for (struct dirent *e; (e = readdir(d)) != NULL && l->n < LIST_MAX;)
		if (is_saved(e->d_name))
			add_name(l, &cap, e->d_name, a);
	(void)closedir(d);
	if (l->n > 0)
		qsort(l->names, l->n, sizeof(*l->names), by_name);
	return 0;
}

int
saved_filter_list(const struct conf *c, struct arena *a, struct saved_list *l,
    struct err *err)
{
	return list_folder("filter", c->filterdir, a, l, err);
}

int
saved_format_list(const struct conf *c, struct arena *a, struct saved_list *l,
    struct err *err)
{
	return list_folder("format", c->formatdir, a, l, err);
}

/* ---- filters ------------------------------------------------------------------------- */

int
saved_filter_get(const struct conf *c, const char *name, struct buf *text,
    struct err *err)
{
	char path[FILE_PATH_MAX];
	if (filter_file(c, name, path, err) == -1)
		return -1;
	if (!file_exists(path))
		return err_set(err, "filter '%s' No such filter!", name);
	return file_read(path, FILTER_TEXT_MAX, text, err);
}

int
saved_filter_add(const struct conf *c, const char *name, const char *text,
    bool overwrite, struct err *err)
{
	char path[FILE_PATH_MAX];
	struct buf out = BUF_EMPTY;
	if (filter_file(c, name, path, err) == -1)
		return -1;
	if (!overwrite && file_exists(path))
		return err_set(err, "filter '%s' already exists!", name);
	if (text == NULL)
		return err_set(err, "Missing filter!");
	if (ops_check_filter(c, text, strlen(text), err) == -1)
		return -1;
	buf_adds(&out, text);
	while (out.len > 0 && out.data[out.len - 1] == '\n')
		out.len--;
	int rc = tree_mkdir(c, c->filterdir, err);
	if (rc == 0)
		rc = tree_write(c, path, &out, err);
	buf_free(&out);
	return rc;
}

static int
delete_file(const char *what, const char *name, const char *path,
    struct err *err)
{
	if (unlink(path) == 0)
		return 0;
	if (errno == ENOENT)
		return err_set(err, "No such %s '%s'!", what, name);
	return err_set(err, "Can not delete %s '%s': %s", what, name,
	    strerror(errno));
}

int
saved_filter_delete(const struct conf *c, const char *name, struct err *err)
{
	char path[FILE_PATH_MAX];
	if (filter_file(c, name, path, err) == -1)
		return -1;
	return delete_file("filter", name, path, err);
}

/* ---- formats --------------------------------------------------------------------------- */

int
saved_format_get(const struct conf *c, const char *name, struct buf *text,
    struct err *err)
{
	char path[FILE_PATH_MAX];
	size_t before = text->len;
	if (format_file(c, name, path, err) == -1)
		return -1;
	if (!file_exists(path))
		return err_set(err, "No such format '%s'!", name);
	if (file_read(path, SAVED_FORMAT_MAX, text, err) == -1)
		return -1;
	while (text->len > before && (text->data[text->len - 1] == '\n' ||
					 text->data[text->len - 1] == '\r'))
		text->data[--text->len] = '\0';
	return 0;
}

static int
check_definition(const char *def, struct err *err)
{
	if (def == NULL)
		return err_set(err, "Missing format definition!");
	if (strlen(def) >= SAVED_FORMAT_MAX)
		return err_set(err, "The format definition is too long!");
	for (const char *s = def; *s != '\0'; s++)
		if (!isprint((unsigned char)*s))
			return err_set(err,
			    "Illegal characters in format definition '%s'!",
			    def);
	return 0;
}

int
saved_format_add(const struct conf *c, const char *name, const char *def,
    bool overwrite, struct err *err)
{
	static const char *const predefined[] = { "line", "long", "extended" };
	char path[FILE_PATH_MAX];
	struct buf out = BUF_EMPTY;
	if (format_file(c, name, path, err) == -1)
		return -1;
	for (size_t i = 0; i < 3; i++)
		if (strcmp(name, predefined[i]) == 0)
			return err_set(err,
			    "format name '%s' is a predefined format!", name);
	if (check_definition(def, err) == -1)
		return -1;
	if (!overwrite && file_exists(path))
		return err_set(err, "format '%s' already exists!", name);
	buf_printf(&out, "%s\n", def);
	int rc = tree_mkdir(c, c->formatdir, err);
	if (rc == 0)
		rc = tree_write(c, path, &out, err);
	buf_free(&out);
	return rc;
}

int
saved_format_delete(const struct conf *c, const char *name, struct err *err)
{
	char path[FILE_PATH_MAX];
	/* NfSen does not name the characters here. */
	if (name != NULL && strspn(name, name_chars) != strlen(name))
		return err_set(err, "Illegal characters in format name '%s'!",
		    name);
	if (format_file(c, name, path, err) == -1)
		return -1;
	return delete_file("format", name, path, err);
}
