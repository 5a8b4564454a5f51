/*
 * Commands that nfsend sends to itself.  Scripts use some of them, so they are
 * there; the work behind them is done elsewhere.
 */
#include <string.h>

#include "base/log.h"
#include "profiler/cmd.h"

/* Nobody else writes while we answer. */
static void
semaphore(struct cmd *c)
{
	ctl_reply_note(c->reply, " Semaphore Nfsync::semlock");
	ctl_reply_ok(c->reply, "Semaphore available");
}

/* What an nfsend before us, or a script, marked as deleted goes now. */
static int
delete_marked(struct cmd *c)
{
	struct err reload;
	profiler_pause(c->p);
	int rc = ops_recover(c->p->conf, &c->err);
	if (profiler_reload(c->p, NULL, &reload) == -1)
		log_errx("%s: profiles: %s", c->req->command, reload.msg);
	return rc;
}

static void
sign(struct cmd *c)
{
	const char *flag = cmd_arg(c, "flag");
	if (flag == NULL)
		ctl_reply_err(c->reply, "Missing signal flag");
	else if (strcmp(flag, "start-periodic") != 0 &&
		 strcmp(flag, "end-periodic") != 0)
		ctl_reply_err(c->reply, "Illegal flag '%s'!", flag);
	else if (strcmp(flag, "end-periodic") == 0 && delete_marked(c) == -1)
		cmd_fail(c);
	else
		ctl_reply_ok(c->reply, "signal");
}

const struct cmd_entry cmd_internal[] = {
	{ "semcheck", semaphore },
	{ "signal", sign },
	{ NULL, NULL },
};
