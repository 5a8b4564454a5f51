/* What a sandbox is made of, and what there is without landlock. */
#include "base/sandbox.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"

void
sandbox_add(struct sandbox *sb, enum sandbox_access access, const char *path)
{
	if (path == NULL)
		return;
	if (sb->n == sb->size) {
		sb->size = sb->size == 0 ? 32 : sb->size * 2;
		sb->paths =
		    mem_realloc(sb->paths, sb->size, sizeof(*sb->paths));
	}
	sb->paths[sb->n++] = (struct sandbox_path){ access, mem_strdup(path) };
}

void
sandbox_add_made(struct sandbox *sb, const char *folder)
{
	struct err err;
	if (folder == NULL)
		return;
	/* Who needs it will say so. */
	if (file_mkdirs(folder, 0775, &err) == -1)
		log_debug("%s", err.msg);
	sandbox_add(sb, SANDBOX_WRITE, folder);
}

void
sandbox_add_folder_of(struct sandbox *sb, enum sandbox_access access,
    const char *path)
{
	char *full = path != NULL ? realpath(path, NULL) : NULL;
	/* A socket or file that is still to come. */
	char *copy = full == NULL && path != NULL ? mem_strdup(path) : full;
	char *slash = copy != NULL ? strrchr(copy, '/') : NULL;
	if (slash != NULL) {
		slash[slash == copy ? 1 : 0] = '\0';
		sandbox_add(sb, access, copy);
	}
	free(copy);
}

void
sandbox_add_folders_of(struct sandbox *sb, enum sandbox_access access,
    const char *list)
{
	char *copy = list != NULL ? mem_strdup(list) : NULL, *rest = NULL;
	char *file = copy != NULL ? strtok_r(copy, ":", &rest) : NULL;
	for (; file != NULL; file = strtok_r(NULL, ":", &rest))
		sandbox_add_folder_of(sb, access, file);
	free(copy);
}

/* ---- links in a tree ------------------------------------------------------ */

struct search {
	struct sandbox *sb;
	enum sandbox_access access;
	size_t left; /* entries to look at; damaged trees may be huge */
};

static void
look(struct search *s, const char *folder, int depth)
{
	char path[FILE_PATH_MAX];
	struct stat st;
	DIR *dir = opendir(folder);
	if (dir == NULL)
		return;
	for (struct dirent *e; s->left > 0 && (e = readdir(dir)) != NULL;) {
		s->left--;
		if (e->d_type == DT_REG || strcmp(e->d_name, ".") == 0 ||
		    strcmp(e->d_name, "..") == 0 ||
		    !file_join(path, folder, e->d_name) ||
		    lstat(path, &st) == -1)
			continue;
		if (S_ISLNK(st.st_mode))
			sandbox_add(s->sb, s->access, path);
		if ((S_ISDIR(st.st_mode) || S_ISLNK(st.st_mode)) && depth > 0)
			look(s, path, depth - 1);
	}
	(void)closedir(dir);
}

void
sandbox_add_tree(struct sandbox *sb, enum sandbox_access access,
    const char *path, int depth)
{
	struct search s = { sb, access, SANDBOX_ENTRIES };
	if (path == NULL)
		return;
	sandbox_add(sb, access, path);
	look(&s, path, depth);
}

void
sandbox_add_system(struct sandbox *sb)
{
	static const char *const folders[] = { "/etc", "/usr", "/lib", "/lib32",
		"/lib64", "/libx32", "/proc", "/sys/devices/system/cpu",
		"/var/cache/fontconfig", "/dev/urandom", "/dev/random",
		"/run/systemd/resolve", "/run/resolvconf" };
	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++)
		sandbox_add(sb, SANDBOX_READ, folders[i]);
	sandbox_add(sb, SANDBOX_WRITE, "/dev/null");
}

void
sandbox_free(struct sandbox *sb)
{
	for (size_t i = 0; i < sb->n; i++)
		free(sb->paths[i].path);
	free(sb->paths);
	*sb = (struct sandbox)SANDBOX_NOTHING;
}

void
sandbox_log(const struct sandbox_held *held)
{
	if (held->files == NULL && held->calls == NULL)
		log_info("sandbox files=landlock calls=seccomp abi=%d",
		    held->abi);
	else if (held->files == NULL)
		log_info("sandbox files=landlock abi=%d, calls are not held: "
			 "%s",
		    held->abi, held->calls);
	else if (held->calls == NULL)
		log_info("sandbox calls=seccomp, files are not held: %s",
		    held->files);
	else
		log_info("no sandbox: %s; %s", held->files, held->calls);
}

#if !defined(__linux__)
void
sandbox_enter(const struct sandbox *sb, struct sandbox_held *held)
{
	(void)sb;
	held->abi = 0;
	held->files = held->calls = "not on this system";
}
#endif
