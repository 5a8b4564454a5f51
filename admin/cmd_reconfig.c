/*
 * reconfig: show the plan, ask, apply it.
 *
 * While the profiler runs it is the one writer of the tree and applies the
 * steps we send it; otherwise we do, under the tree's lock.  Sources are
 * added to the tree before the collector opens their sockets, and removed
 * after it has closed them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "admin/daemon.h"
#include "admin/fields.h"
#include "admin/running.h"
#include "base/file.h"
#include "base/proc.h"
#include "conf/changes.h"
#include "conf/grown.h"
#include "profile/ops.h"
#include "profile/profile.h"
#include "profile/reconfig.h"

/* Steps of a request: few enough that the answer comes in time. */
#define STEPS_MAX 10

struct reconfig {
	const struct admin *a;
	const struct conf *c;
	struct plan plan;
	struct pidfile lock; /* one reconfig at a time */
	pid_t collector;     /* 0: does not run */
	pid_t profiler;
	struct ctl_result before; /* the collector's sources until now */
	struct buf running;       /* its config until now */
	struct buf settings;      /* the profiler's, likewise */
	struct buf restart[2]; /* what each daemon takes at its start alone */
	size_t changes;        /* that were said */
	bool tell_profiler;    /* of settings among them */
	bool deleting;         /* "Delete source(s)" has been said */
	const char *forget;    /* goes though its parent stays; or NULL */
};

/* ---- the plan, shown ------------------------------------------------------ */

static bool
is_delete(const struct plan_step *s)
{
	return s->action == PLAN_SOURCE_DELETE ||
	       s->action == PLAN_PROFILE_DELETE;
}

static void
print_name(const struct plan_step *s)
{
	if (s->group != NULL && strcmp(s->group, ".") != 0)
		(void)printf("%s/", s->group);
	(void)printf("%s", s->name);
}

/* "title a b" for all steps of one kind; nothing when there is none. */
static bool
print_names(const struct plan *p, enum plan_action action, const char *title,
    const char *end)
{
	bool any = false;
	for (size_t i = 0; i < p->n; i++) {
		if (p->steps[i].action != action)
			continue;
		(void)printf("%s", any ? " " : title);
		print_name(&p->steps[i]);
		any = true;
	}
	if (any)
		(void)printf("%s\n", end);
	return any;
}

/* What a step costs, indented: lines of the original have none of these. */
static void
print_cost(const struct plan_step *s)
{
	for (const char *at = s->cost; *at != '\0';) {
		size_t n = strcspn(at, "\n");
		(void)printf("  %.*s\n", (int)n, at);
		at += n + (at[n] == '\n');
	}
}

static void
print_costs(const struct plan *p, enum plan_action action)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->steps[i].action == action)
			print_cost(&p->steps[i]);
}

static void
print_changes(const struct plan *p, enum plan_action action, const char *kind)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct plan_step *s = &p->steps[i];
		if (s->action != action)
			continue;
		(void)printf("Change %s '", kind);
		print_name(s);
		(void)printf("': %s\n", s->what);
		print_cost(s);
	}
}

/* Profiles that config does not know, when it changes others. */
static void
print_others(const struct plan *p)
{
	bool any = false;
	for (size_t i = 0; i < p->n; i++)
		any |= p->steps[i].action == PLAN_PROFILE_ADD ||
		       p->steps[i].action == PLAN_PROFILE_CHANGE ||
		       p->steps[i].action == PLAN_PROFILE_DELETE;
	if (!any || p->others.n == 0)
		return;
	(void)printf("Made by hand, left alone  :");
	for (size_t i = 0; i < p->others.n; i++) {
		const struct profile_id *id = &p->others.ids[i];
		bool grouped = strcmp(id->group, ".") != 0;
		(void)printf(" %s%s%s", grouped ? id->group : "",
		    grouped ? "/" : "", id->name);
	}
	(void)putchar('\n');
}

static void
print_plan(const struct plan *p)
{
	(void)print_names(p, PLAN_SOURCE_ADD,
	    "New sources to configure : ", "");
	print_changes(p, PLAN_SOURCE_CHANGE, "source");
	(void)print_names(p, PLAN_SOURCE_DELETE,
	    "Remove configured sources: ", "");
	print_costs(p, PLAN_SOURCE_DELETE);
	(void)print_names(p, PLAN_PROFILE_ADD,
	    "New profiles to configure : ", "");
	print_costs(p, PLAN_PROFILE_ADD);
	print_changes(p, PLAN_PROFILE_CHANGE, "profile");
	(void)print_names(p, PLAN_PROFILE_DELETE,
	    "Remove configured profiles: ", "");
	print_costs(p, PLAN_PROFILE_DELETE);
	print_others(p);
}

enum answer {
	ANSWER_YES,
	ANSWER_NO,
	ANSWER_END, /* of the input, which is no */
	ANSWER_AGAIN
};

static enum answer
read_answer(void)
{
	char *line = NULL;
	size_t size = 0;
	enum answer rc = ANSWER_AGAIN;
	ssize_t n = getline(&line, &size, stdin);
	if (n > 0)
		line[strcspn(line, " \t\r\n")] = '\0';
	if (n <= 0)
		rc = ANSWER_END;
	else if (strcasecmp(line, "y") == 0 || strcasecmp(line, "yes") == 0)
		rc = ANSWER_YES;
	else if (strcasecmp(line, "n") == 0 || strcasecmp(line, "no") == 0)
		rc = ANSWER_NO;
	free(line);
	return rc;
}

static enum answer
ask(const struct admin *a)
{
	enum answer rc;
	if (a->yes) {
		(void)printf("Continue? [y/n] y\n");
		return ANSWER_YES;
	}
	do {
		(void)printf("Continue? [y/n] ");
		(void)fflush(stdout);
		rc = read_answer();
	} while (rc == ANSWER_AGAIN);
	return rc;
}

/* ---- what is done, said --------------------------------------------------- */

/* The port a removed source had, while the collector runs. */
static void
print_stopped(const struct reconfig *r, const char *ident)
{
	const char *line = fields_find(&r->before, "source", "ident", ident);
	unsigned port =
	    line != NULL ? (unsigned)fields_number(line, "port") : 0;
	if (port != 0)
		(void)printf(" Stop running collector on port '%u' (%s)[%ld].",
		    port, ident, (long)r->collector);
}

static void
print_done(struct reconfig *r, const struct plan_step *s)
{
	static const char *const words[] = {
		[PLAN_SOURCE_ADD] = "Add source",
		[PLAN_SOURCE_CHANGE] = "Change source",
		[PLAN_SOURCE_DELETE] = "Delete source",
		[PLAN_PROFILE_ADD] = "Add profile",
		[PLAN_PROFILE_CHANGE] = "Change profile",
		[PLAN_PROFILE_DELETE] = "Delete profile",
	};
	if (s->action == PLAN_SOURCE_DELETE && !r->deleting) {
		(void)print_names(&r->plan, PLAN_SOURCE_DELETE,
		    "Delete source(s): ", ":");
		r->deleting = true;
	}
	(void)printf("%s '", words[s->action]);
	print_name(s);
	(void)putchar('\'');
	if (s->action == PLAN_SOURCE_CHANGE || s->action == PLAN_PROFILE_CHANGE)
		(void)printf(": %s", s->what);
	if (s->action == PLAN_SOURCE_DELETE)
		print_stopped(r, s->name);
	(void)putchar('\n');
	(void)fflush(stdout);
}

/* ---- applying ------------------------------------------------------------- */

static int
apply_here(struct reconfig *r, bool deletes, struct err *err)
{
	int rc = 0;
	int fd = profile_tree_lock(r->c, false, err);
	if (fd == -1)
		return -1;
	for (size_t i = 0; rc == 0 && i < r->plan.n; i++) {
		const struct plan_step *s = &r->plan.steps[i];
		if (is_delete(s) != deletes)
			continue;
		rc = plan_apply(r->c, s, (int64_t)time(NULL), err);
		if (rc == 0)
			print_done(r, s);
	}
	/* What was removed is only out of sight until now. */
	if (rc == 0 && deletes)
		rc = ops_sweep(r->c, SIZE_MAX, err);
	profile_tree_unlock(fd);
	return rc;
}

static bool
was_done(const struct ctl_result *result, const char *text)
{
	for (size_t i = 0; i < result->n; i++)
		if (strcmp(result->data[i].key, "done") == 0 &&
		    strcmp(result->data[i].value, text) == 0)
			return true;
	return false;
}

/* One request with n steps; those that are done are said. */
static int
send_steps(struct reconfig *r, const struct plan_step **steps, size_t n,
    struct err *err)
{
	struct arena arena = ARENA_EMPTY;
	const char **args = arena_array(&arena, n + 1, sizeof(*args));
	struct ctl_result result;
	for (size_t i = 0; i < n; i++) {
		struct buf text = BUF_EMPTY;
		buf_adds(&text, "_step=");
		plan_step_text(steps[i], &text);
		args[i] = arena_strdup(&arena, buf_str(&text));
		buf_free(&text);
	}
	int rc =
	    daemon_call(r->c, &daemon_profiler, "reconfig", args, &result, err);
	/* The answer has the steps that are done, also after a failure. */
	for (size_t i = 0; i < n; i++)
		if (was_done(&result, args[i] + strlen("_step=")))
			print_done(r, steps[i]);
	ctl_result_free(&result);
	arena_free(&arena);
	return rc;
}

static int
apply_there(struct reconfig *r, bool deletes, struct err *err)
{
	const struct plan_step *steps[STEPS_MAX];
	size_t n = 0;
	for (size_t i = 0; i < r->plan.n; i++) {
		if (is_delete(&r->plan.steps[i]) == deletes)
			steps[n++] = &r->plan.steps[i];
		if (n == STEPS_MAX) {
			if (send_steps(r, steps, n, err) == -1)
				return -1;
			n = 0;
		}
	}
	return n == 0 ? 0 : send_steps(r, steps, n, err);
}

/* All additions and changes, or all deletions; then an empty line. */
static int
apply(struct reconfig *r, bool deletes, struct err *err)
{
	bool any = false;
	for (size_t i = 0; i < r->plan.n; i++)
		any |= is_delete(&r->plan.steps[i]) == deletes;
	if (!any)
		return 0;
	(void)fflush(stdout);
	int rc = r->profiler != 0 ? apply_there(r, deletes, err)
				  : apply_here(r, deletes, err);
	(void)putchar('\n');
	return rc;
}

/* ---- the collector --------------------------------------------------------- */

static bool
is_new(const struct plan *p, const char *ident)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->steps[i].action == PLAN_SOURCE_ADD &&
		    strcmp(p->steps[i].name, ident) == 0)
			return true;
	return false;
}

/* A changes_take. */
static void
print_change(void *ctx, const struct conf_source *s, const char *what)
{
	struct reconfig *r = ctx;
	if (s != NULL && is_new(&r->plan, s->ident))
		return;
	if (s == NULL)
		(void)printf("Change settings: %s\n", what);
	else
		(void)printf("Change source '%s': %s\n", s->ident, what);
	r->changes++;
	r->tell_profiler |= s == NULL;
}

/* A changes_take. */
static void
print_profiler_change(void *ctx, const struct conf_source *s, const char *what)
{
	struct reconfig *r = ctx;
	(void)s;
	(void)printf("Change the profiler's settings: %s\n", what);
	r->changes++;
	r->tell_profiler = true;
}

/* What the collector went by until now and is to go by; said. */
static int
print_collector_changes(struct reconfig *r, struct err *err)
{
	r->changes = 0;
	if (r->collector == 0)
		return 0;
	if (r->running.len == 0) {
		(void)printf("Reload collector: it does not tell what it runs "
			     "by\n");
		r->changes++;
		return 0;
	}
	struct buf *restart = &r->restart[CHANGES_COLLECTOR];
	buf_clear(restart);
	return changes_find(r->c, CHANGES_COLLECTOR, buf_str(&r->running),
	    r->running.len, print_change, r, restart, err);
}

/* One of an older version does not tell; it follows the next reload. */
static int
print_profiler_changes(struct reconfig *r, struct err *err)
{
	struct buf *restart = &r->restart[CHANGES_PROFILER];
	buf_clear(restart);
	if (r->settings.len == 0)
		return 0;
	return changes_find(r->c, CHANGES_PROFILER, buf_str(&r->settings),
	    r->settings.len, print_profiler_change, r, restart, err);
}

/* "Start collector on port '9995' for (a)[123]" for every new source. */
static int
print_started(struct reconfig *r, struct err *err)
{
	bool any = false;
	for (size_t i = 0; i < r->c->n_sources; i++) {
		const struct conf_source *s = &r->c->sources[i];
		if (!source_is_collected(s) || !is_new(&r->plan, s->ident))
			continue;
		(void)printf("Start collector on port '%u' for (%s)[%ld]\n",
		    s->port, s->ident, (long)r->collector);
		any = true;
	}
	if (print_collector_changes(r, err) == -1)
		return -1;
	if (any || r->changes != 0)
		(void)putchar('\n');
	return 0;
}

static int
reload(const struct reconfig *r, const struct daemon *d, struct err *err)
{
	struct ctl_result result;
	int rc = daemon_call(r->c, d, "reload", NULL, &result, err);
	ctl_result_free(&result);
	return rc;
}

/* The collector takes the new sources; a system without any gets one. */
static int
update_collector(struct reconfig *r, struct err *err)
{
	(void)fflush(stdout);
	if (r->collector != 0 && reload(r, &daemon_collector, err) == -1)
		return -1;
	if (r->tell_profiler && r->profiler != 0 &&
	    (reload(r, &daemon_profiler, err) == -1 ||
		print_profiler_changes(r, err) == -1))
		return -1;
	if (r->collector == 0 && r->profiler != 0 && bundle_any(r->c)) {
		if (daemon_start(r->a, &daemon_collector, err) == -1)
			return -1;
		(void)daemon_look(r->c, &daemon_collector, &r->collector);
	}
	return r->collector != 0 ? print_started(r, err) : 0;
}

static int
look_at_daemons(struct reconfig *r, struct err *err)
{
	struct err why;
	pid_t pid;
	if (daemon_look(r->c, &daemon_profiler, &pid) == DAEMON_UP)
		r->profiler = pid;
	if (r->profiler != 0 &&
	    running_config(r->c, &daemon_profiler, &r->settings, &why) == -1)
		buf_clear(&r->settings);
	if (daemon_look(r->c, &daemon_collector, &pid) != DAEMON_UP)
		return 0;
	r->collector = pid;
	if (daemon_call(r->c, &daemon_collector, "status", NULL, &r->before,
		err) == -1)
		return -1;
	/* One of an older version cannot tell, but takes changes as well. */
	if (running_config(r->c, &daemon_collector, &r->running, &why) == -1)
		buf_clear(&r->running);
	return 0;
}

/* ---- the whole -------------------------------------------------------------- */

/* One reconfig at a time.  Before the first use there is no PIDDIR yet. */
static int
take_lock(struct reconfig *r, struct err *err)
{
	char path[FILE_PATH_MAX];
	if (r->lock.fd != -1 || !file_exists(r->c->piddir))
		return 0;
	if (!file_join(path, r->c->piddir, "nfsen-reconfig.pid"))
		return err_set(err, "%s: path too long", r->c->piddir);
	if (pidfile_open(&r->lock, path, err) == -1)
		return err_prefix(err, "another reconfig is at work");
	return pidfile_write(&r->lock, err);
}

/*
 * Folders that only root can make are made now; what goes into them is the
 * user's own work.
 */
static int
prepare(struct reconfig *r, struct err *err)
{
	const struct conf *c = r->c;
	if (plan_init_tree(c, (int64_t)time(NULL), err) == -1 ||
	    take_lock(r, err) == -1)
		return -1;
	return geteuid() == 0 ? proc_drop(c->user, c->wwwgroup, err) : 0;
}

/* The steps, in the order that loses no flow. */
static int
carry_out(struct reconfig *r, struct err *err)
{
	if (prepare(r, err) == -1)
		return -1;
	/* The daemons read the configuration anew, and so the list. */
	if (r->forget != NULL && grown_drop(r->c, r->forget, err) == -1)
		return -1;
	if (apply(r, false, err) == -1 || update_collector(r, err) == -1 ||
	    apply(r, true, err) == -1)
		return -1;
	(void)printf("Reconfig done!\n");
	return 0;
}

/*
 * Without a profiler nobody else has finished what a crash interrupted; the
 * plan is for the tree as it is afterwards.
 */
static int
recover(const struct reconfig *r, struct err *err)
{
	if (r->profiler != 0 || !file_exists(r->c->profilestatdir))
		return 0;
	int fd = profile_tree_lock(r->c, false, err);
	if (fd == -1)
		return -1;
	int rc = ops_recover_start(r->c, err);
	if (rc == 0)
		rc = ops_sweep(r->c, SIZE_MAX, err);
	profile_tree_unlock(fd);
	return rc;
}

/* No reconfig changes that, so nobody is asked. */
static void
print_restarts(const struct reconfig *r)
{
	static const char *const daemon[] = { [CHANGES_COLLECTOR] = "collector",
		[CHANGES_PROFILER] = "profiler" };
	for (size_t i = 0; i < 2; i++)
		if (r->restart[i].len != 0)
			(void)printf("Wait for a restart of the %s: %s\n",
			    daemon[i], buf_str(&r->restart[i]));
}

static int
reconfig(struct reconfig *r, struct err *err)
{
	if (take_lock(r, err) == -1 || look_at_daemons(r, err) == -1 ||
	    recover(r, err) == -1 || plan_make(r->c, &r->plan, err) == -1)
		return -1;
	print_plan(&r->plan);
	if (print_collector_changes(r, err) == -1 ||
	    print_profiler_changes(r, err) == -1)
		return -1;
	print_restarts(r);
	if (r->changes == 0 && r->plan.n == 0) {
		(void)printf("Reconfig: No changes found!\n");
		return 0;
	}
	enum answer answer = ask(r->a);
	if (answer != ANSWER_YES) {
		(void)printf("Faire enough! - Nothing changed!\n");
		return answer == ANSWER_END
			   ? err_set(err, "no answer: the input has ended")
			   : 0;
	}
	(void)putchar('\n');
	return carry_out(r, err);
}

static int
run(struct admin *a, const char *forget)
{
	struct reconfig r = { .a = a,
		.c = a->c,
		.lock = { .fd = -1 },
		.forget = forget };
	struct err err;
	if (a->c->n_sources == 0) {
		(void)fprintf(stderr, "Error: No sources defined!\n");
		return EXIT_FAILED;
	}
	int rc = reconfig(&r, &err);
	plan_free(&r.plan);
	ctl_result_free(&r.before);
	buf_free(&r.running);
	buf_free(&r.settings);
	buf_free(&r.restart[CHANGES_COLLECTOR]);
	buf_free(&r.restart[CHANGES_PROFILER]);
	pidfile_close(&r.lock);
	return rc == 0 ? EXIT_OK : admin_fail(&err);
}

int
cmd_reconfig(struct admin *a)
{
	return run(a, NULL);
}

int
cmd_forget(struct admin *a)
{
	const char *ident = a->n_words == 1 ? a->words[0] : "";
	const struct conf_source *s = conf_source_find(a->c, ident);
	if (s == NULL || s->parent == NULL) {
		(void)fprintf(stderr,
		    "nfsen forget: '%s' is no source that came by itself\n",
		    ident);
		return EXIT_FAILED;
	}
	ident = arena_strdup(&a->arena, ident);
	grown_forget(a->c, ident);
	return run(a, ident);
}
