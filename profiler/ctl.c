#include "profiler/ctl.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "profile/reconfig.h"

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
cmd_reload(struct profiler *p, const struct ctl_request *req,
    struct ctl_reply *reply)
{
	struct err err;
	(void)req;
	if (profiler_reload_config(p, &err) == -1)
		ctl_reply_err(reply, "%s", err.msg);
	else
		ctl_reply_ok(reply, "reloaded");
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
apply_steps(const struct conf *c, const struct plan *plan, const bool *chosen,
    struct ctl_reply *reply, struct err *err)
{
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < plan->n; i++) {
		struct buf line = BUF_EMPTY;
		if (!chosen[i])
			continue;
		plan_step_text(&plan->steps[i], &line);
		rc = plan_apply(c, &plan->steps[i], (int64_t)time(NULL), err);
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
reconfig(struct profiler *p, struct conf **c, const struct ctl_request *req,
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
		rc = apply_steps(*c, &plan, chosen, reply, err);
		/* Also after a failure: some steps are done. */
		if (profiler_reload(p, *c, &reload) == 0)
			*c = NULL;
		else if (rc == 0)
			rc = err_set(err, "%s", reload.msg);
	}
	plan_free(&plan);
	return rc;
}

static void
cmd_reconfig(struct profiler *p, const struct ctl_request *req,
    struct ctl_reply *reply)
{
	struct err err;
	struct conf *c = load_config(p, &err);
	int rc = c == NULL ? -1 : reconfig(p, &c, req, reply, &err);
	conf_free(c);
	if (rc == -1) {
		log_errx("reconfig: %s", err.msg);
		ctl_reply_err(reply, "%s", err.msg);
	} else {
		ctl_reply_ok(reply, "reconfig done");
	}
}

/* ---- what there is ---------------------------------------------------------------- */

static void
add_status(struct ctl_reply *reply, const struct profile *p)
{
	ctl_reply_add_array(reply, "profile",
	    "%s/%s updated=%" PRId64 " tend=%" PRId64 " status=%s channels=%zu",
	    p->group, p->name, p->updated, p->tend, p->status, p->n_channels);
}

static void
cmd_status(struct profiler *p, const struct ctl_request *req,
    struct ctl_reply *reply)
{
	(void)req;
	ctl_reply_add(reply, "pid", "%ld", (long)getpid());
	ctl_reply_add(reply, "slot", "%" PRId64, p->slot.start);
	ctl_reply_add(reply, "done", "%" PRId64, p->done);
	ctl_reply_add(reply, "behind", "%" PRId64, profiler_behind(p));
	add_status(reply, p->set->live);
	for (size_t i = 0; i < p->set->n_profiles; i++)
		add_status(reply, p->set->profiles[i]);
	ctl_reply_ok(reply, "status");
}

static void
cmd_profilelist(struct profiler *p, const struct ctl_request *req,
    struct ctl_reply *reply)
{
	struct arena a = ARENA_EMPTY;
	struct profile_list l;
	struct err err;
	(void)req;
	if (profile_list(p->conf, &a, &l, &err) == -1) {
		ctl_reply_err(reply, "%s", err.msg);
	} else {
		for (size_t i = 0; i < l.n; i++)
			ctl_reply_add_array(reply, "profiles", "%s/%s",
			    l.ids[i].group, l.ids[i].name);
		ctl_reply_ok(reply, "Profile Listing");
	}
	arena_free(&a);
}

/* profile=[group/]name, or profile=name with profilegroup=group. */
static bool
profile_argument(const struct ctl_request *req, struct arena *a,
    struct profile_id *id, struct ctl_reply *reply)
{
	const char *name = ctl_arg(req, "profile");
	const char *group = ctl_arg(req, "profilegroup");
	const char *slash = name != NULL ? strchr(name, '/') : NULL;
	if (name == NULL) {
		ctl_reply_err(reply, "Missing profile name");
		return false;
	}
	if (slash != NULL && group != NULL) {
		ctl_reply_err(reply, "Ambiguous profile group");
		return false;
	}
	if (slash != NULL) {
		group = arena_strndup(a, name, (size_t)(slash - name));
		name = slash + 1;
	}
	*id = (struct profile_id){ group != NULL ? group : ".", name };
	if (strcmp(id->group, ".") != 0 && !conf_name_ok(id->group, 255))
		ctl_reply_err(reply,
		    "Illegal characters in profile group name '%s'!",
		    id->group);
	else if (!conf_name_ok(name, 255))
		ctl_reply_err(reply, "Illegal characters in profile name '%s'!",
		    name);
	else
		return true;
	return false;
}

static void
add_description(struct ctl_reply *reply, const char *text)
{
	while (*text != '\0') {
		size_t n = strcspn(text, "\n");
		ctl_reply_add_array(reply, "description", "%.*s", (int)n, text);
		text += n + (text[n] == '\n');
	}
}

static void
add_profile(struct ctl_reply *reply, const struct profile *p)
{
	ctl_reply_add(reply, "name", "%s", p->name);
	ctl_reply_add(reply, "group", "%s", p->group);
	ctl_reply_add(reply, "tbegin", "%" PRId64, p->tbegin);
	ctl_reply_add(reply, "tcreate", "%" PRId64, p->tcreate);
	ctl_reply_add(reply, "tstart", "%" PRId64, p->tstart);
	ctl_reply_add(reply, "tend", "%" PRId64, p->tend);
	ctl_reply_add(reply, "updated", "%" PRId64, p->updated);
	ctl_reply_add(reply, "expire", "%" PRId64, p->expire);
	ctl_reply_add(reply, "maxsize", "%" PRIu64, p->maxsize);
	ctl_reply_add(reply, "size", "%" PRIu64, p->size);
	ctl_reply_add(reply, "type", "%d", p->type);
	ctl_reply_add(reply, "locked", "%d", p->locked);
	ctl_reply_add(reply, "status", "%s", p->status);
	ctl_reply_add(reply, "version", "%d", p->version);
	add_description(reply, p->description);
}

static void
add_channel(struct ctl_reply *reply, const struct channel *ch)
{
	struct buf text = BUF_EMPTY;
	profile_print_channel(ch, &text);
	ctl_reply_add_array(reply, "channel", "%s", buf_str(&text));
	buf_free(&text);
}

static void
add_channels(struct ctl_reply *reply, const struct profile *p, struct arena *a)
{
	size_t *order = arena_array(a, p->n_channels + 1, sizeof(*order));
	profile_draw_order(p, order);
	for (size_t i = 0; i < p->n_channels; i++)
		add_channel(reply, &p->channels[order[i]]);
}

static void
get_profile(struct profiler *p, const struct profile_id *id, struct arena *a,
    struct ctl_reply *reply)
{
	char path[FILE_PATH_MAX];
	struct err err;
	if (!profile_stat_path(p->conf, id->group, id->name, "profile.dat",
		path) ||
	    !file_exists(path)) {
		ctl_reply_err(reply, "Profile '%s' does not exists", id->name);
		return;
	}
	struct profile *prof = profile_load(p->conf, id->group, id->name, &err);
	if (prof == NULL) {
		ctl_reply_err(reply, "Profile '%s' in group '%s': %s", id->name,
		    id->group, err.msg);
		return;
	}
	add_profile(reply, prof);
	add_channels(reply, prof, a);
	ctl_reply_add(reply, "graphs", "no");
	ctl_reply_ok(reply, "Command completed");
	profile_free(prof);
}

static void
cmd_profile(struct profiler *p, const struct ctl_request *req,
    struct ctl_reply *reply)
{
	struct arena a = ARENA_EMPTY;
	struct profile_id id;
	if (profile_argument(req, &a, &id, reply))
		get_profile(p, &id, &a, reply);
	arena_free(&a);
}

/* ---- dispatch ----------------------------------------------------------------------- */

static const struct {
	const char *name;
	void (*run)(struct profiler *, const struct ctl_request *,
	    struct ctl_reply *);
} commands[] = {
	{ "get-status", cmd_status },
	{ "reload", cmd_reload },
	{ "reconfig", cmd_reconfig },
	{ "get-profilelist", cmd_profilelist },
	{ "get-profile", cmd_profile },
};

void
profiler_command(void *ctx, const struct ctl_request *req,
    struct ctl_reply *reply)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(commands[i].name, req->command) == 0) {
			commands[i].run(ctx, req, reply);
			return;
		}
	ctl_reply_err(reply, "Command unknown: '%s'", req->command);
}
