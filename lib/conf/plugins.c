#include "conf/plugins.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "conf/value.h"

static bool
is_entry(const struct value *v)
{
	return v->type == VALUE_ARRAY && v->n == 2 &&
	       v->items[0]->type == VALUE_SCALAR &&
	       v->items[1]->type == VALUE_SCALAR &&
	       conf_name_ok(v->items[1]->text, CONF_NAME_MAX);
}

size_t
conf_plugins(const struct conf *c, struct arena *a,
    const struct conf_plugin **list)
{
	const struct value *all =
	    c->vars != NULL ? value_get(c->vars, "@plugins") : NULL;
	size_t n = 0;
	struct conf_plugin *l =
	    arena_array(a, (all != NULL ? all->n : 0) + 1, sizeof(*l));
	for (size_t i = 0; all != NULL && i < all->n; i++)
		if (is_entry(all->items[i]))
			l[n++] =
			    (struct conf_plugin){ all->items[i]->items[0]->text,
				    all->items[i]->items[1]->text };
	*list = l;
	return n;
}

size_t
conf_plugin_names(const struct conf *c, struct arena *a, const char ***names)
{
	const struct conf_plugin *list;
	size_t all = conf_plugins(c, a, &list), n = 0;
	*names = arena_array(a, all + 1, sizeof(**names));
	for (size_t i = 0; i < all; i++) {
		size_t k = 0;
		while (k < n && strcmp((*names)[k], list[i].name) != 0)
			k++;
		if (k == n)
			(*names)[n++] = list[i].name;
	}
	return n;
}

bool
conf_plugin_named(const struct conf *c, const char *name)
{
	struct arena a = ARENA_EMPTY;
	const char **names;
	size_t n = conf_plugin_names(c, &a, &names);
	bool found = false;
	for (size_t i = 0; i < n && !found; i++)
		found = strcmp(names[i], name) == 0;
	arena_free(&a);
	return found;
}

/* One name of the list, "web" or "./web" or "services/dns". */
static bool
is_profile(const char *word, size_t len, const char *group, const char *profile)
{
	size_t g = strlen(group);
	const char *slash = memchr(word, '/', len);
	if (slash == NULL && strcmp(group, ".") != 0)
		return false;
	if (slash != NULL) {
		if ((size_t)(slash - word) != g || memcmp(word, group, g) != 0)
			return false;
		len -= g + 1;
		word = slash + 1;
	}
	return len == strlen(profile) && memcmp(word, profile, len) == 0;
}

bool
conf_plugin_wants(const struct conf_plugin *p, const char *group,
    const char *profile)
{
	static const char between[] = ", \t\n";
	const char *s = p->profiles + strspn(p->profiles, between);
	while (*s != '\0') {
		size_t len = strcspn(s, between);
		if ((len == 1 && *s == '*') ||
		    is_profile(s, len, group, profile))
			return true;
		s += len;
		s += strspn(s, between);
	}
	return false;
}

bool
conf_plugin_program(const struct conf *c, const char *name, char *path)
{
	const struct value *dir =
	    c->vars != NULL ? value_get(c->vars, "$BACKEND_PLUGINDIR") : NULL;
	struct stat st;
	return dir != NULL && dir->type == VALUE_SCALAR &&
	       dir->text[0] == '/' && conf_name_ok(name, CONF_NAME_MAX) &&
	       conf_plugin_named(c, name) && file_join(path, dir->text, name) &&
	       stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	       access(path, X_OK) == 0;
}

bool
conf_plugin_state(const struct conf *c, char *path)
{
	return c->vardir != NULL && file_join(path, c->vardir, "plugins");
}
