#include "profiler/confine.h"

#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/sandbox.h"
#include "conf/plugins.h"
#include "conf/value.h"

/* Groups, profiles and channels may be links to other disks. */
#define LINKS_DEPTH 2

/* Where nfsen-query may be; its libraries are programs to the kernel. */
static void
add_programs(const struct conf *c, struct sandbox *sb)
{
	static const char *const folders[] = { "/usr/local/bin", "/usr/bin",
		"/usr/lib", "/usr/local/lib", "/lib", "/lib32", "/lib64" };
	char own[FILE_PATH_MAX], bin[FILE_PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", own, sizeof(own) - 1);
	own[n > 0 ? n : 0] = '\0';
	char *slash = strrchr(own, '/');
	if (slash != NULL && slash != own) {
		*slash = '\0';
		sandbox_add(sb, SANDBOX_EXEC, own);
		if (file_join(bin, own, "../bin"))
			sandbox_add(sb, SANDBOX_EXEC, bin);
	}
	sandbox_add(sb, SANDBOX_EXEC, c->bindir);
	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++)
		sandbox_add(sb, SANDBOX_EXEC, folders[i]);
}

/* Made before, as the profiler may find something to keep there later. */
static void
add_saved(struct sandbox *sb, const char *folder)
{
	struct err err;
	if (folder == NULL)
		return;
	if (file_mkdirs(folder, 0775, &err) == -1)
		log_debug("%s", err.msg);
	sandbox_add(sb, SANDBOX_READ, folder);
}

static void
add_setting(const struct conf *c, struct sandbox *sb,
    enum sandbox_access access, const char *name)
{
	const struct value *v = value_get(c->vars, name);
	if (v != NULL && v->type == VALUE_SCALAR)
		sandbox_add(sb, access, v->text);
}

void
confine_readers(const struct conf *c, struct sandbox *sb)
{
	*sb = (struct sandbox)SANDBOX_NOTHING;
	sb->sockets = SANDBOX_UNIX | SANDBOX_INET;
	sb->programs = true;
	sandbox_add_system(sb);
	add_programs(c, sb);
	sandbox_add_folder_of(sb, SANDBOX_READ, c->file);
	sandbox_add_folders_of(sb, SANDBOX_READ, c->geodb);
	sandbox_add_tree(sb, SANDBOX_READ, c->profilestatdir, LINKS_DEPTH);
	sandbox_add_tree(sb, SANDBOX_READ, c->profiledatadir, LINKS_DEPTH);
	sandbox_add(sb, SANDBOX_READ, c->piddir);
	add_saved(sb, c->filterdir);
	add_saved(sb, c->formatdir);
	/* Pictures of plugins, where get-anypicture looks. */
	add_setting(c, sb, SANDBOX_READ,
	    value_get(c->vars, "$PICDIR") != NULL ? "$PICDIR"
						  : "$BACKEND_PLUGINDIR");
}

void
confine_guests(const struct conf *c, struct sandbox *sb)
{
	char state[FILE_PATH_MAX];
	confine_readers(c, sb);
	add_setting(c, sb, SANDBOX_EXEC, "$BACKEND_PLUGINDIR");
	sandbox_add(sb, SANDBOX_EXEC, "/bin");
	sandbox_add(sb, SANDBOX_EXEC, "/sbin");
	if (conf_plugin_state(c, state))
		sandbox_add_made(sb, state);
}

void
confine(const struct conf *c)
{
	struct sandbox sb = SANDBOX_NOTHING;
	struct sandbox_held held;
	if (c->sandbox == 0)
		return;
	sb.sockets = SANDBOX_UNIX;
	sandbox_add_system(&sb);
	sandbox_add_folder_of(&sb, SANDBOX_READ, c->file);
	sandbox_add_folders_of(&sb, SANDBOX_READ, c->geodb);
	sandbox_add_tree(&sb, SANDBOX_WRITE, c->profilestatdir, LINKS_DEPTH);
	sandbox_add_tree(&sb, SANDBOX_WRITE, c->profiledatadir, LINKS_DEPTH);
	sandbox_add(&sb, SANDBOX_WRITE, c->piddir);
	/* proc_boot reads it, where it is. */
	sandbox_add(&sb, SANDBOX_READ, "/proc/sys/kernel/random/boot_id");
	sandbox_add_folder_of(&sb, SANDBOX_WRITE, c->commsocket);
	sandbox_add_made(&sb, c->filterdir);
	sandbox_add_made(&sb, c->formatdir);
	sandbox_enter(&sb, &held);
	sandbox_free(&sb);
	sandbox_log(&held);
}
