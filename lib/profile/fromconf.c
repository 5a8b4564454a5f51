/*
 * PROFILESTATDIR/.from-config: which profiles came from config, one
 * "group/name" a line, sorted.  Only these does a reconfig remove.
 *
 * A name comes and goes in the same transaction as its profile.
 */
#include <string.h>

#include "base/file.h"
#include "profile/internal.h"

static bool
list_path(const struct conf *c, char *path)
{
	return file_join(path, c->profilestatdir, ".from-config");
}

static bool
parse_line(struct arena *a, const char *line, size_t n, struct profile_id *id)
{
	const char *slash = memchr(line, '/', n);
	if (slash == NULL || slash == line || n == 0 || slash + 1 == line + n)
		return false;
	size_t group = (size_t)(slash - line);
	id->group = arena_strndup(a, line, group);
	id->name = arena_strndup(a, slash + 1, n - group - 1);
	return (strcmp(id->group, ".") == 0 || conf_name_ok(id->group, 255)) &&
	       conf_name_ok(id->name, 255);
}

int
fromconf_load(const struct conf *c, struct arena *a, struct profile_list *l,
    struct err *err)
{
	char path[FILE_PATH_MAX];
	struct buf text = BUF_EMPTY;
	*l = (struct profile_list){ 0 };
	if (!list_path(c, path))
		return err_set(err, "%s: path too long", c->profilestatdir);
	if (file_exists(path) &&
	    file_read(path, PROFILE_FILE_MAX, &text, err) == -1) {
		buf_free(&text);
		return -1;
	}
	size_t lines = 1;
	for (size_t i = 0; i < text.len; i++)
		lines += text.data[i] == '\n';
	l->ids = arena_array(a, lines, sizeof(*l->ids));
	for (const char *s = buf_str(&text); *s != '\0';) {
		size_t n = strcspn(s, "\n");
		if (parse_line(a, s, n, &l->ids[l->n]))
			l->n++;
		s += n + (s[n] == '\n');
	}
	buf_free(&text);
	return 0;
}

static int
id_cmp(const struct profile_id *id, const char *group, const char *name)
{
	int d = strcmp(id->group, group);
	return d != 0 ? d : strcmp(id->name, name);
}

bool
fromconf_has(const struct profile_list *l, const char *group, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (id_cmp(&l->ids[i], group, name) == 0)
			return true;
	return false;
}

static void
print_list(const struct profile_list *l, const char *group, const char *name,
    bool present, struct buf *out)
{
	bool done = !present;
	for (size_t i = 0; i < l->n; i++) {
		int d = id_cmp(&l->ids[i], group, name);
		if (d > 0 && !done) {
			buf_printf(out, "%s/%s\n", group, name);
			done = true;
		}
		if (d != 0)
			buf_printf(out, "%s/%s\n", l->ids[i].group,
			    l->ids[i].name);
	}
	if (!done)
		buf_printf(out, "%s/%s\n", group, name);
}

int
fromconf_edit(const struct conf *c, const char *group, const char *name,
    bool present, char *path, struct buf *text, struct err *err)
{
	struct arena a = ARENA_EMPTY;
	struct profile_list l;
	int rc = fromconf_load(c, &a, &l, err);
	if (rc == 0 && fromconf_has(&l, group, name) != present) {
		print_list(&l, group, name, present, text);
		(void)list_path(c, path);
		rc = 1;
	}
	arena_free(&a);
	return rc;
}
