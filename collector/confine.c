#include "collector/confine.h"

#include <string.h>

#include "base/file.h"
#include "base/sandbox.h"

/* A source's folder may be a link to another disk. */
#define LINKS_DEPTH 0

void
confine(const struct conf *c, const char *pidfile)
{
	struct sandbox sb = SANDBOX_NOTHING;
	struct sandbox_held held;
	char path[FILE_PATH_MAX];
	if (c->sandbox == 0)
		return;
	sb.sockets = SANDBOX_UNIX | SANDBOX_INET;
	sandbox_add_system(&sb);
	/* Called as nfcapd there is no file. */
	if (strchr(c->file, '/') != NULL)
		sandbox_add_folder_of(&sb, SANDBOX_READ, c->file);
	sandbox_add_folder_of(&sb, SANDBOX_READ, c->tlscert);
	sandbox_add_folder_of(&sb, SANDBOX_READ, c->tlskey);
	sandbox_add_folder_of(&sb, SANDBOX_READ, c->tlsca);
	sandbox_add_folder_of(&sb, SANDBOX_WRITE, pidfile);
	sandbox_add(&sb, SANDBOX_WRITE, c->piddir);
	if (c->profiledatadir != NULL &&
	    file_join(path, c->profiledatadir, "live"))
		sandbox_add_tree(&sb, SANDBOX_WRITE, path, LINKS_DEPTH);
	if (c->profilestatdir != NULL &&
	    file_join(path, c->profilestatdir, "live"))
		sandbox_add_made(&sb, path);
	sandbox_add(&sb, SANDBOX_WRITE, c->statedir);
	for (size_t i = 0; i < c->n_sources; i++)
		sandbox_add(&sb, SANDBOX_WRITE, c->sources[i].dir);
	sandbox_enter(&sb, &held);
	sandbox_free(&sb);
	sandbox_log(&held);
}
