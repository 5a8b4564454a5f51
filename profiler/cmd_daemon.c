/* Commands about the daemon itself: reload, reconfig, its state. */
#include <inttypes.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/proc.h"
#include "conf/changes.h"
#include "profile/reconfig.h"
#include "profiler/cmd.h"
#include "profiler/ctl.h"
#include "profiler/waiting.h"

/* ---- reload -------------------------------------------------------------------- */

/* The config as it is now on disk, when it can be used without a restart. */
static struct conf *
load_config(struct profiler *p, struct err *err)
{
	struct conf *c = conf_load(p->conf->file, err);
	if (c == NULL)
		return NULL;
	if (profiler_same_place(p->conf, c, err))
		return c;
	conf_free(c);
	return NULL;
}

int
profiler_reload_config(struct profiler *p, struct err *err)
{
	struct err why;
	struct conf *c = load_config(p, err);
	if (c == NULL)
		return -1;
	if (!plan_sources_match(c, &why))
		log_warnx("sources differ, nfsen reconfig is needed: %s",
		    why.msg);
	if (profiler_reload(p, c, err) == 0)
		return 0;
	conf_free(c);
	return -1;
}

static void
reload(struct cmd *c)
{
	if (profiler_reload_config(c->p, &c->err) == -1)
		cmd_fail(c);
	else
		ctl_reply_ok(c->reply, "reloaded");
}

/* ---- reconfig ------------------------------------------------------------------- */

/* The step of the plan, from `from` on, that reads `text`; n: none. */
static size_t
find_step(const struct plan *plan, size_t from, const char *text)
{
	struct buf line = BUF_EMPTY;
	size_t i = from;
	for (; i < plan->n; i++) {
		buf_clear(&line);
		plan_step_text(&plan->steps[i], &line);
		if (strcmp(buf_str(&line), text) == 0)
			break;
	}
	buf_free(&line);
	return i;
}

/*
 * The steps asked for, as flags over the plan's: all of them must be in the
 * plan, in its order.  A step that is not says the world has changed since
 * the plan was confirmed.
 */
static int
choose_steps(const struct plan *plan, const struct ctl_request *req,
    bool *chosen, struct err *err)
{
	size_t at = 0;
	for (size_t i = 0; i < req->n; i++) {
		if (strcmp(req->args[i].key, "step") != 0)
			continue;
		at = find_step(plan, at, req->args[i].value);
		if (at == plan->n)
			return err_set(err, "not in the plan: %s",
			    req->args[i].value);
		chosen[at++] = true;
	}
	return 0;
}

static int
apply_steps(struct profiler *p, const struct conf *c, const struct plan *plan,
    const bool *chosen, struct ctl_reply *reply, struct err *err)
{
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < plan->n; i++) {
		struct buf line = BUF_EMPTY;
		if (!chosen[i])
			continue;
		plan_step_text(&plan->steps[i], &line);
		rc = waiting_step(p, &plan->steps[i], err);
		if (rc == 0)
			rc = plan_apply(c, &plan->steps[i], (int64_t)time(NULL),
			    err);
		if (rc == 0) {
			log_info("reconfig: %s", buf_str(&line));
			ctl_reply_add_array(reply, "done", "%s",
			    buf_str(&line));
		}
		buf_free(&line);
	}
	return rc;
}

/* *c is taken (set to NULL) once the profiler has loaded it. */
static int
follow_plan(struct profiler *p, struct conf **c, const struct ctl_request *req,
    struct ctl_reply *reply, struct err *err)
{
	struct plan plan;
	if (plan_make(*c, &plan, err) == -1)
		return -1;
	bool *chosen = arena_array(&plan.arena, plan.n + 1, sizeof(*chosen));
	int rc = choose_steps(&plan, req, chosen, err);
	if (rc == 0) {
		struct err reload;
		profiler_pause(p);
		rc = apply_steps(p, *c, &plan, chosen, reply, err);
		/* Also after a failure: some steps are done. */
		if (profiler_reload(p, *c, &reload) == 0) {
			*c = NULL;
			waiting_begin(p);
		} else if (rc == 0)
			rc = err_set(err, "%s", reload.msg);
	}
	plan_free(&plan);
	return rc;
}

static void
reconfig(struct cmd *c)
{
	struct conf *conf = load_config(c->p, &c->err);
	int rc = conf == NULL
		     ? -1
		     : follow_plan(c->p, &conf, c->req, c->reply, &c->err);
	conf_free(conf);
	if (rc == -1) {
		log_errx("reconfig: %s", c->err.msg);
		cmd_fail(c);
	} else {
		ctl_reply_ok(c->reply, "reconfig done");
	}
}

/* ---- its state ------------------------------------------------------------ */

static void
add_status(struct ctl_reply *reply, const struct profile *p)
{
	ctl_reply_add_array(reply, "profile",
	    "%s/%s updated=%" PRId64 " tend=%" PRId64 " status=%s channels=%zu",
	    p->group, p->name, p->updated, p->tend, p->status, p->n_channels);
}

static void
status(struct cmd *c)
{
	const struct profiler *p = c->p;
	struct ctl_reply *reply = c->reply;
	ctl_reply_add(reply, "pid", "%ld", (long)getpid());
	/* Does somebody start it again, so that USR2 can end it? */
	ctl_reply_add(reply, "manager", "%d", proc_supervised());
	ctl_reply_add(reply, "slot", "%" PRId64, p->slot.start);
	ctl_reply_add(reply, "done", "%" PRId64, p->done);
	ctl_reply_add(reply, "behind", "%" PRId64, profiler_behind(p));
	add_status(reply, p->set->live);
	for (size_t i = 0; i < p->set->n_profiles; i++)
		add_status(reply, p->set->profiles[i]);
	ctl_reply_ok(reply, "status");
}

/* By which settings it runs, for who compares them with a file's. */
static void
config(struct cmd *c)
{
	struct buf text = BUF_EMPTY;
	changes_print(c->p->conf, CHANGES_PROFILER, &text);
	ctl_reply_lines(c->reply, buf_str(&text));
	ctl_reply_ok(c->reply, "config");
	buf_free(&text);
}

const struct cmd_entry cmd_daemon[] = {
	{ "config", config },
	{ "get-status", status },
	{ "reload", reload },
	{ "reconfig", reconfig },
	{ NULL, NULL },
};
