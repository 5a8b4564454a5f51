/* Commands that change profiles and channels. */
#include <stdio.h>
#include <time.h>

#include "base/log.h"
#include "profile/txn.h"
#include "profiler/build.h"
#include "profiler/cmd.h"

typedef int change(struct cmd *c, int64_t now, struct ops_result *res);

/* What commit wants: flows of the past, in the background. */
static int
build_past(struct cmd *c, struct ops_result *res)
{
	long pid;
	if (build_begin(c->p, BUILD_PAST, res->group, res->name, NULL, &pid,
		&c->err) == -1)
		return -1;
	ctl_reply_add(c->reply, "pid", "%ld", pid);
	(void)snprintf(res->text, sizeof(res->text), "Profiling netflow data");
	return 0;
}

struct pause {
	struct profiler *p;
	bool done;
};

static void
pause_now(void *ctx)
{
	struct pause *p = ctx;
	profiler_pause(p->p);
	p->done = true;
}

/*
 * Once the operation is decided the profiler lets go of the tree, and what
 * the tree then holds is loaded.  The slot in progress is read again from its
 * files, so nothing of it is lost.  What is refused disturbs nobody.
 */
static void
run(struct cmd *c, change *op)
{
	struct ops_result res = { .changed = false };
	struct pause pauses = { .p = c->p };
	struct err reload;
	profiler_save(c->p);
	txn_before(pause_now, &pauses);
	int rc = op(c, (int64_t)time(NULL), &res);
	txn_before(NULL, NULL);
	if (pauses.done && profiler_reload(c->p, NULL, &reload) == -1)
		log_errx("%s: profiles: %s", c->req->command, reload.msg);
	if (rc == 0 && res.build)
		rc = build_past(c, &res);
	if (rc == -1)
		cmd_fail(c);
	else
		ctl_reply_ok(c->reply, "%s", res.text);
	if (rc == 0 && res.changed)
		log_info("%s: %s/%s: %s", c->req->command, res.group, res.name,
		    res.text);
}

static int
do_add_profile(struct cmd *c, int64_t now, struct ops_result *res)
{
	return ops_add_profile(c->p->conf, &c->ops, now, res, &c->err);
}

/* The past is built once what stands in the tree has been loaded again. */
static int
do_commit(struct cmd *c, int64_t now, struct ops_result *res)
{
	return ops_commit_profile(c->p->conf, &c->ops, now, res, &c->err);
}

/*
 * What moves or goes must not be worked on: with force that is given up, else
 * it is waited for.  -1: ask again later.
 */
static int
stop_work(struct cmd *c, bool force)
{
	struct profile_id id;
	if (ops_find_profile(c->p->conf, &c->ops, &c->arena, &id, NULL) == -1 ||
	    !build_running(c->p, id.group, id.name, NULL))
		return 0; /* the operation tells what is wrong */
	if (!force)
		return err_set(&c->err,
		    "Profile '%s' is locked: it is being worked on", id.name);
	build_stop(c->p, id.group, id.name);
	return 0;
}

static int
do_modify_profile(struct cmd *c, int64_t now, struct ops_result *res)
{
	bool moves = cmd_arg(c, "newgroup") != NULL ||
		     cmd_arg(c, "profile_type") != NULL;
	if (moves && stop_work(c, false) == -1)
		return -1;
	return ops_modify_profile(c->p->conf, &c->ops, now, res, &c->err);
}

static int
do_delete_profile(struct cmd *c, int64_t now, struct ops_result *res)
{
	(void)now;
	if (stop_work(c, cmd_flag(c, "force")) == -1)
		return -1;
	return ops_delete_profile(c->p->conf, &c->ops, res, &c->err);
}

static int
do_add_channel(struct cmd *c, int64_t now, struct ops_result *res)
{
	/* A path in a request would make us read any file for anybody. */
	if (cmd_arg(c, "filterfile") != NULL)
		return err_set(&c->err, "filterfile is not read by the daemon: "
					"send its lines as _filter");
	return ops_add_channel(c->p->conf, &c->ops, now, res, &c->err);
}

static int
do_modify_channel(struct cmd *c, int64_t now, struct ops_result *res)
{
	(void)now;
	return ops_modify_channel(c->p->conf, &c->ops, res, &c->err);
}

static int
do_delete_channel(struct cmd *c, int64_t now, struct ops_result *res)
{
	if (stop_work(c, false) == -1)
		return -1;
	return ops_delete_channel(c->p->conf, &c->ops, now, res, &c->err);
}

#define COMMAND(name)                                                          \
	static void name(struct cmd *c)                                        \
	{                                                                      \
		run(c, do_##name);                                             \
	}

COMMAND(add_profile)
COMMAND(commit)
COMMAND(modify_profile)
COMMAND(delete_profile)
COMMAND(add_channel)
COMMAND(modify_channel)
COMMAND(delete_channel)

/* A flag beside the profile: nothing is loaded anew. */
static void
cancel(struct cmd *c)
{
	struct ops_result res = { .changed = false };
	if (ops_cancel_profile(c->p->conf, &c->ops, &res, &c->err) == -1)
		cmd_fail(c);
	else
		ctl_reply_ok(c->reply, "%s", res.text);
}

const struct cmd_entry cmd_profile[] = {
	{ "add-profile", add_profile },
	{ "commit-profile", commit },
	{ "cancel-profile", cancel },
	{ "modify-profile", modify_profile },
	{ "delete-profile", delete_profile },
	{ "add-channel", add_channel },
	{ "modify-channel", modify_channel },
	{ "delete-channel", delete_channel },
	{ NULL, NULL },
};
