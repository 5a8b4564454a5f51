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
#include "base/file.h"
#include "base/proc.h"
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
	bool deleting;            /* "Delete source(s)" has been said */
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
	}
}

static void
print_plan(const struct plan *p)
{
	(void)print_names(p, PLAN_SOURCE_ADD,
	    "New sources to configure : ", "");
	print_changes(p, PLAN_SOURCE_CHANGE, "source");
	(void)print_names(p, PLAN_SOURCE_DELETE,
	    "Remove configured sources: ", "");
	(void)print_names(p, PLAN_PROFILE_ADD,
	    "New profiles to configure : ", "");
	print_changes(p, PLAN_PROFILE_CHANGE, "profile");
	(void)print_names(p, PLAN_PROFILE_DELETE,
	    "Remove configured profiles: ", "");
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

/* Does the collector's line say the senders that the config does? */
static bool
same_ips(const char *line, const struct conf_source *s)
{
	struct buf ips = BUF_EMPTY;
	source_ips(s->ips, s->n_ips, &ips);
	/* One that says nothing is of a release before. */
	bool same =
	    strstr(line, " ip=") == NULL ||
	    fields_is(line, "ip", s->n_ips != 0 ? buf_str(&ips) : "any");
	buf_free(&ips);
	return same;
}

/*
 * Sources that are in the tree, but which the collector listens to on
 * another port or from other senders, or knows nothing of: said, and true
 * when there is one.
 */
static bool
print_collector_changes(const struct reconfig *r)
{
	bool any = false;
	for (size_t i = 0; r->collector != 0 && i < r->c->n_sources; i++) {
		const struct conf_source *s = &r->c->sources[i];
		const char *line =
		    fields_find(&r->before, "source", "ident", s->ident);
		uint64_t port = line != NULL ? fields_number(line, "port") : 0;
		bool ips =
		    line != NULL && port == s->port && !same_ips(line, s);
		if (!source_is_collected(s) || (port == s->port && !ips) ||
		    is_new(&r->plan, s->ident))
			continue;
		(void)printf("Change source '%s': ", s->ident);
		if (ips)
			(void)printf("IP\n");
		else
			(void)printf("port %u\n", s->port);
		any = true;
	}
	return any;
}

/* "Start collector on port '9995' for (a)[123]" for every new source. */
static void
print_started(const struct reconfig *r)
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
	any |= print_collector_changes(r);
	if (any)
		(void)putchar('\n');
}

static int
reload_collector(const struct reconfig *r, struct err *err)
{
	struct ctl_result result;
	int rc =
	    daemon_call(r->c, &daemon_collector, "reload", NULL, &result, err);
	ctl_result_free(&result);
	return rc;
}

/* The collector takes the new sources; a system without any gets one. */
static int
update_collector(struct reconfig *r, struct err *err)
{
	(void)fflush(stdout);
	if (r->collector != 0) {
		if (reload_collector(r, err) == -1)
			return -1;
	} else if (r->profiler != 0 && bundle_any(r->c)) {
		if (daemon_start(r->a, &daemon_collector, err) == -1)
			return -1;
		(void)daemon_look(r->c, &daemon_collector, &r->collector);
	}
	if (r->collector != 0)
		print_started(r);
	return 0;
}

static int
look_at_daemons(struct reconfig *r, struct err *err)
{
	pid_t pid;
	if (daemon_look(r->c, &daemon_profiler, &pid) == DAEMON_UP)
		r->profiler = pid;
	if (daemon_look(r->c, &daemon_collector, &pid) != DAEMON_UP)
		return 0;
	r->collector = pid;
	return daemon_call(r->c, &daemon_collector, "status", NULL, &r->before,
	    err);
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
	if (apply(r, false, err) == -1 || update_collector(r, err) == -1 ||
	    apply(r, true, err) == -1)
		return -1;
	(void)printf("Reconfig done!\n");
	return 0;
}

static int
reconfig(struct reconfig *r, struct err *err)
{
	if (take_lock(r, err) == -1 || look_at_daemons(r, err) == -1 ||
	    plan_make(r->c, &r->plan, err) == -1)
		return -1;
	print_plan(&r->plan);
	if (!print_collector_changes(r) && r->plan.n == 0) {
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

int
cmd_reconfig(struct admin *a)
{
	struct reconfig r = { .a = a, .c = a->c, .lock = { .fd = -1 } };
	struct err err;
	if (a->c->n_sources == 0) {
		(void)fprintf(stderr, "Error: No sources defined!\n");
		return EXIT_FAILED;
	}
	int rc = reconfig(&r, &err);
	plan_free(&r.plan);
	ctl_result_free(&r.before);
	pidfile_close(&r.lock);
	return rc == 0 ? EXIT_OK : admin_fail(&err);
}
