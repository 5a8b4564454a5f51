/*
 * plugins: what @plugins names.
 *
 *   @plugins = ( [ 'profiles', 'module' ], ... )
 *
 * profiles: "*" (all), "!" (none: it only answers commands), or names with
 * ',' between, "web" or "services/dns".  The program of a plugin is the file
 * `module` in $BACKEND_PLUGINDIR; what it is called with is in
 * nfsen-profiler(8).
 */
#ifndef CONF_PLUGINS_H
#define CONF_PLUGINS_H

#include "conf/conf.h"

struct conf_plugin {
	const char *profiles;
	const char *name; /* [A-Za-z0-9+_-]+ */
};

/*
 * All entries in the file's order, in the arena; what is no entry is left
 * out.  A module may be there more than once.  Returns how many.
 */
size_t conf_plugins(const struct conf *c, struct arena *a,
    const struct conf_plugin **list);

/* The modules, each once, in the file's order.  Returns how many. */
size_t conf_plugin_names(const struct conf *c, struct arena *a,
    const char ***names);

/* An entry names that module. */
bool conf_plugin_named(const struct conf *c, const char *name);

/* The entry asks for that profile. */
bool conf_plugin_wants(const struct conf_plugin *p, const char *group,
    const char *profile);

/*
 * The program of a plugin that is named in @plugins and can be run; path:
 * FILE_PATH_MAX.  False: there is none.
 */
bool conf_plugin_program(const struct conf *c, const char *name, char *path);

/*
 * The folder that programs of plugins may keep files in: $VARDIR/plugins.
 * False: too long a name, or no VARDIR.
 */
bool conf_plugin_state(const struct conf *c, char *path);

#endif
