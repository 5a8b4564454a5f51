#include "fcgi/confine.h"

#include "base/sandbox.h"

/* Groups, profiles and channels may be links to other disks. */
#define LINKS_DEPTH 2

void
confine(const struct conf *c, bool tell)
{
	struct sandbox sb = SANDBOX_NOTHING;
	struct sandbox_held held;
	if (c->sandbox == 0)
		return;
	sb.sockets = SANDBOX_UNIX;
	sandbox_add_system(&sb);
	sandbox_add_folder_of(&sb, SANDBOX_READ, c->file);
	sandbox_add_folders_of(&sb, SANDBOX_READ, c->geodb);
	sandbox_add_tree(&sb, SANDBOX_READ, c->profilestatdir, LINKS_DEPTH);
	sandbox_add_tree(&sb, SANDBOX_READ, c->profiledatadir, LINKS_DEPTH);
	sandbox_add(&sb, SANDBOX_READ, c->piddir);
	sandbox_add(&sb, SANDBOX_READ, c->filterdir);
	sandbox_add(&sb, SANDBOX_READ, c->formatdir);
	sandbox_enter(&sb, &held);
	sandbox_free(&sb);
	if (tell)
		sandbox_log(&held);
}
