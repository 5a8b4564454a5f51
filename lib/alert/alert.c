#include "alert/alert.h"

#include <dirent.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "profile/keyed.h"

struct alert *
alert_new(const char *name)
{
	struct alert *a = mem_calloc(1, sizeof(*a));
	a->name = arena_strdup(&a->arena, name);
	a->description = "";
	a->status = "0";
	a->version = 130;
	a->trigger_number = 1;
	a->trigger_blocks = 1;
	a->action_email = a->action_system = a->action_plugin = "";
	a->action_subject = "Alert triggered";
	return a;
}

void
alert_free(struct alert *a)
{
	if (a == NULL)
		return;
	arena_free(&a->arena);
	free(a);
}

bool
alert_enabled(const struct alert *a)
{
	return strcmp(a->status, "enabled") == 0;
}

/* ---- text ------------------------------------------------------------------ */

/* What a key sets: a text, or a number. */
static const struct {
	const char *key;
	bool number;
	size_t at;
} fields[] = {
	{ "name", false, offsetof(struct alert, name) },
	{ "status", false, offsetof(struct alert, status) },
	{ "version", true, offsetof(struct alert, version) },
	{ "type", true, offsetof(struct alert, type) },
	{ "trigger_type", true, offsetof(struct alert, trigger_type) },
	{ "trigger_number", true, offsetof(struct alert, trigger_number) },
	{ "trigger_blocks", true, offsetof(struct alert, trigger_blocks) },
	{ "action_type", true, offsetof(struct alert, action_type) },
	{ "action_email", false, offsetof(struct alert, action_email) },
	{ "action_subject", false, offsetof(struct alert, action_subject) },
	{ "action_system", false, offsetof(struct alert, action_system) },
	{ "action_plugin", false, offsetof(struct alert, action_plugin) },
};

static int
set_field(const struct keyed *k, size_t i, struct span value, struct err *err)
{
	struct alert *a = k->ctx;
	void *to = (char *)a + fields[i].at;
	uint64_t v = 0;
	if (!fields[i].number) {
		*(const char **)to = arena_strndup(&a->arena, value.s, value.n);
		return 0;
	}
	if (keyed_number(k, value, 1000000, &v, err) == -1)
		return -1;
	*(int *)to = (int)v;
	return 0;
}

static int
read_value(struct keyed *k, struct span key, struct span value, struct err *err)
{
	struct alert *a = k->ctx;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (span_is(key, fields[i].key))
			return set_field(k, i, value, err);
	if (span_is(key, "channellist")) {
		a->sources = span_names(value, &a->arena, &a->n_sources);
		return 0;
	}
	if (!span_is(key, "condition"))
		return keyed_bad(k, err, "unknown key", key);
	if (a->n_conditions == ALERT_CONDITIONS_MAX)
		return keyed_bad(k, err, "too many conditions:", value);
	a->conditions[a->n_conditions++] =
	    arena_strndup(&a->arena, value.s, value.n);
	return 0;
}

struct alert *
alert_parse(const char *path, const char *text, size_t len, struct err *err)
{
	struct alert *a = alert_new("");
	struct keyed k = { .path = path, .value = read_value, .ctx = a };
	a->version = 0;
	int rc = keyed_read(&k, text, len, err);
	if (rc == 0 && a->name[0] == '\0')
		rc = err_set(err, "%s: no 'name' in it", path);
	a->description = arena_strdup(&a->arena, buf_str(&k.description));
	buf_free(&k.description);
	if (rc == 0)
		return a;
	alert_free(a);
	return NULL;
}

void
alert_print(const struct alert *a, struct buf *out)
{
	keyed_print_description(a->description, out);
	buf_printf(out,
	    "name = %s\n"
	    "status = %s\n"
	    "version = %d\n"
	    "type = %d\n"
	    "trigger_type = %d\n"
	    "trigger_number = %d\n"
	    "trigger_blocks = %d\n"
	    "channellist = ",
	    a->name, a->status, a->version, a->type, a->trigger_type,
	    a->trigger_number, a->trigger_blocks);
	for (size_t i = 0; i < a->n_sources; i++)
		buf_printf(out, "%s%s", i > 0 ? "|" : "", a->sources[i]);
	buf_printf(out,
	    "\naction_type = %d\n"
	    "action_email = %s\n"
	    "action_subject = %s\n"
	    "action_system = %s\n"
	    "action_plugin = %s\n",
	    a->action_type, a->action_email, a->action_subject,
	    a->action_system, a->action_plugin);
	for (size_t i = 0; i < a->n_conditions; i++)
		buf_printf(out, "condition=%s\n", a->conditions[i]);
}

/* ---- files ----------------------------------------------------------------- */

static bool
in_tree(const char *root, const char *name, const char *file, char *buf)
{
	int n = snprintf(buf, FILE_PATH_MAX, "%s/~%s%s%s", root, name,
	    file != NULL ? "/" : "", file != NULL ? file : "");
	if (n > 0 && n < FILE_PATH_MAX)
		return true;
	buf[0] = '\0';
	return false;
}

bool
alert_stat_path(const struct conf *c, const char *name, const char *file,
    char *buf)
{
	return in_tree(c->profilestatdir, name, file, buf);
}

bool
alert_data_path(const struct conf *c, const char *name, char *buf)
{
	return in_tree(c->profiledatadir, name, name, buf);
}

struct alert *
alert_load(const struct conf *c, const char *name, struct err *err)
{
	char path[FILE_PATH_MAX];
	struct buf text = BUF_EMPTY;
	struct alert *a = NULL;
	if (!alert_stat_path(c, name, "alert.dat", path) ||
	    !file_exists(path)) {
		(void)err_set(err, "alert '%s' does not exists", name);
		return NULL;
	}
	if (file_read(path, ALERT_FILE_MAX, &text, err) == 0)
		a = alert_parse(path, buf_str(&text), text.len, err);
	buf_free(&text);
	if (a == NULL || strcmp(a->name, name) == 0)
		return a;
	(void)err_set(err, "%s: it is of alert '%s'", path, a->name);
	alert_free(a);
	return NULL;
}

int
alert_filter_read(const struct conf *c, const char *name, struct buf *text,
    struct err *err)
{
	char path[FILE_PATH_MAX];
	char file[ALERT_NAME_MAX + 16];
	int n = snprintf(file, sizeof(file), "%s-filter.txt", name);
	if (n < 0 || (size_t)n >= sizeof(file) ||
	    !alert_stat_path(c, name, file, path) || !file_exists(path))
		return err_set(err, "Missing alert filter file for alert '%s'",
		    name);
	return file_read(path, ALERT_FILE_MAX, text, err);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int
alert_list(const struct conf *c, struct arena *a, struct alert_list *l,
    struct err *err)
{
	DIR *d = opendir(c->profilestatdir);
	const char **names = NULL;
	size_t n = 0;
	*l = (struct alert_list){ 0 };
	if (d == NULL)
		return err_set(err, "%s: %s", c->profilestatdir,
		    strerror(errno));
	for (struct dirent *e; (e = readdir(d)) != NULL;) {
		char path[FILE_PATH_MAX];
		if (e->d_name[0] != '~' ||
		    !alert_stat_path(c, e->d_name + 1, "alert.dat", path) ||
		    !file_exists(path))
			continue;
		names = mem_realloc(names, n + 1, sizeof(*names));
		names[n++] = arena_strdup(a, e->d_name + 1);
	}
	(void)closedir(d);
	if (names != NULL)
		qsort(names, n, sizeof(*names), by_name);
	l->names = arena_array(a, n + 1, sizeof(*l->names));
	for (size_t i = 0; i < n; i++)
		l->names[i] = names[i];
	l->n = n;
	free(names);
	return 0;
}
