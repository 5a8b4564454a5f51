#include "profiler/build.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "profiler/buildstate.h"
#include "profiler/expiry.h"
#include "profiler/past.h"
#include "profiler/refill.h"
#include "profiler/update.h"

#define HEAR_MS  100 /* between looks while children work */
#define SAVE_S   1   /* between two writings of the progress */
#define DEATHS   3   /* without progress, then it is given up */
#define TROUBLES 256 /* profiles whose expiry's errors are remembered */

struct job {
	enum build_kind kind;
	bool all; /* expiry of all profiles */
	char group[BG_NAME_MAX];
	char name[BG_NAME_MAX];
	struct build_listener l;
	struct bg_child child; /* fd -1: waits */
	int64_t now, upto;     /* of an expiry */
	bool deep;
	bool afresh; /* nothing of an earlier child's counts */
	bool sure;   /* .BUILDING says what is built */
	bool dirty;  /* progress that is not saved */
	int64_t saved;
	unsigned deaths;
	bool told; /* the last report is there */
	struct bg_report last;
	bool over;
};

struct builds {
	struct job *jobs[BUILD_JOBS];
	size_t n;
	bool paused;
	bool expire;  /* all profiles, when there is time */
	bool counted; /* all files have been, since the start */
	struct trouble {
		char name[2 * BG_NAME_MAX];
		char text[ERR_MAX];
	} * troubles;
	size_t n_troubles;
};

/* ---- jobs ------------------------------------------------------------------------ */

static struct job *
find(const struct builds *b, const char *group, const char *name)
{
	for (size_t i = 0; i < b->n; i++)
		if (!b->jobs[i]->all && strcmp(b->jobs[i]->group, group) == 0 &&
		    strcmp(b->jobs[i]->name, name) == 0)
			return b->jobs[i];
	return NULL;
}

static bool
is_past(const struct job *j)
{
	return j->kind == BUILD_PAST;
}

static bool
is_rebuild(const struct job *j)
{
	return j->kind == BUILD_STATS || j->kind == BUILD_RRDS;
}

static struct job *
add(struct builds *b, enum build_kind kind, const char *group, const char *name,
    struct err *err)
{
	if (b->n == BUILD_JOBS) {
		(void)err_set(err, "Can't fork: too much work is waiting");
		return NULL;
	}
	struct job *j = mem_calloc(1, sizeof(*j));
	j->kind = kind;
	j->child.fd = -1;
	(void)snprintf(j->group, sizeof(j->group), "%s", group);
	(void)snprintf(j->name, sizeof(j->name), "%s", name);
	return b->jobs[b->n++] = j;
}

static size_t
at_work(const struct builds *b)
{
	size_t n = 0;
	for (size_t i = 0; i < b->n; i++)
		n += b->jobs[i]->child.fd != -1;
	return n;
}

/* The child has copies of all that is named here. */
static int
start_child(struct profiler *p, struct job *j, struct err *err)
{
	const char *group = j->all ? NULL : j->group;
	const char *name = j->all ? NULL : j->name;
	if (is_past(j)) {
		struct past past = { p->conf, group, name, j->afresh };
		return bg_start(&j->child, past_build, &past, err);
	}
	if (is_rebuild(j)) {
		struct refill refill = { p->conf, group, name,
			j->kind == BUILD_RRDS };
		return bg_start(&j->child, refill_run, &refill, err);
	}
	struct expiry x = { p->conf, group, name, j->now, j->upto, j->deep };
	return bg_start(&j->child, expiry_run, &x, err);
}

static int
start(struct profiler *p, struct job *j, struct err *err)
{
	if (at_work(p->builds) >= BUILD_CHILDREN)
		return 0;
	if (start_child(p, j, err) == -1)
		return -1;
	log_debug("background work begins profile=%s/%s pid=%ld", j->group,
	    j->name, (long)j->child.pid);
	if (p->builds->paused)
		bg_pause(&j->child, true);
	if (is_past(j))
		buildstate_flag(p, j->group, j->name, j->child.pid, j->sure);
	return 0;
}

static void
answer(struct job *j, int rc, const char *text)
{
	if (j->l.done != NULL)
		j->l.done(j->l.ctx, rc, text);
	j->l = (struct build_listener){ .done = NULL };
	j->over = true;
}

/* ---- beginning ------------------------------------------------------------------- */

static bool
is_type(const struct profile *p, int type)
{
	return (p->type & ~PROFILE_SHADOW) == type;
}

static int
check_past(const struct profile *p, struct err *err)
{
	if (strcmp(p->status, "new") != 0)
		return err_set(err,
		    "Profile '%s' not a new profile. Nothing to confirm.",
		    p->name);
	if (p->n_channels == 0)
		return err_set(err,
		    "No channels in profile '%s'. At least one channels must "
		    "exists.",
		    p->name);
	if (is_type(p, PROFILE_HISTORY) && p->tend < p->tstart)
		return err_set(err, "Profile '%s' ends before it begins.",
		    p->name);
	return 0;
}

static int
check_rebuild(const struct profile *p, bool busy, struct err *err)
{
	if (strcmp(p->status, "new") == 0)
		return err_set(err, "Profile '%s' is a new profile.", p->name);
	if ((p->type & PROFILE_SHADOW) != 0)
		return err_set(err, "Profile '%s' is a shadow profile.",
		    p->name);
	if (busy || p->locked != 0)
		return err_set(err,
		    "Profile '%s' is already locked. Can't rebuild now",
		    p->name);
	return 0;
}

static int
check_expire(const struct profile *p, bool busy, struct err *err)
{
	if (busy || p->locked != 0)
		return err_set(err, "Profile is locked!");
	if (is_type(p, PROFILE_HISTORY) || (p->type & PROFILE_SHADOW) != 0)
		return err_set(err, "Can't expire history profile");
	return 0;
}

static int
check(enum build_kind kind, const struct profile *p, bool busy, struct err *err)
{
	if (kind == BUILD_PAST)
		return busy ? err_set(err, "Profile '%s' is being worked on.",
				  p->name)
			    : check_past(p, err);
	if (kind == BUILD_EXPIRE)
		return check_expire(p, busy, err);
	return check_rebuild(p, busy, err);
}

/* What the disk is to say before the child begins. */
static int
mark(struct profiler *p, struct job *j, const struct profile *prof,
    struct err *err)
{
	j->now = (int64_t)time(NULL);
	j->upto = p->done;
	if (j->kind == BUILD_RRDS)
		return buildstate_rebuilding(p, j->group, j->name, err);
	if (!is_past(j))
		return 0;
	struct bg_report none = { .slot = prof->tstart - p->conf->cycletime };
	j->afresh = true;
	j->last = none;
	buildstate_unflag(p->conf, j->group, j->name);
	return buildstate_built(p, j->group, j->name, &none, err);
}

int
build_begin(struct profiler *p, enum build_kind kind, const char *group,
    const char *name, const struct build_listener *l, long *pid,
    struct err *err)
{
	struct profile *prof = buildstate_load(p, group, name, err);
	struct job *j = NULL;
	if (prof == NULL)
		return -1;
	bool busy = find(p->builds, group, name) != NULL;
	if (check(kind, prof, busy, err) == 0 &&
	    (j = add(p->builds, kind, group, name, err)) != NULL &&
	    mark(p, j, prof, err) == -1) {
		free(p->builds->jobs[--p->builds->n]);
		j = NULL;
	}
	profile_free(prof);
	if (j == NULL)
		return -1;
	if (l != NULL)
		j->l = *l;
	struct err why;
	if (start(p, j, &why) == -1)
		log_warnx("%s: tried again", why.msg);
	if (pid != NULL)
		*pid = j->child.pid != 0 ? (long)j->child.pid : (long)getpid();
	return 0;
}

int
build_cancel(struct profiler *p, const char *group, const char *name,
    struct err *err)
{
	char path[FILE_PATH_MAX];
	const struct job *j = find(p->builds, group, name);
	if (j == NULL || !is_past(j))
		return err_set(err, "No such build in progress");
	if (!profile_stat_path(p->conf, group, name, ".CANCELED", path))
		return err_set(err, "profile '%s': path too long", name);
	return file_write_atomic(path, "", 0, 0664, err);
}

bool
build_running(const struct profiler *p, const char *group, const char *name,
    double *percent)
{
	const struct job *j = find(p->builds, group, name);
	if (j != NULL && percent != NULL)
		*percent = j->last.percent;
	return j != NULL;
}

void
build_stop(struct profiler *p, const char *group, const char *name)
{
	struct job *j = find(p->builds, group, name);
	if (j == NULL)
		return;
	bg_kill(&j->child);
	buildstate_settle(p->conf, group, name);
	answer(j, -1, "the profile is being changed");
	/* Whoever asked for it goes on without builds_step in between. */
	j->all = true;
	j->kind = BUILD_EXPIRE;
}

void
build_unlisten(struct profiler *p, const void *ctx)
{
	for (size_t i = 0; i < p->builds->n; i++)
		if (p->builds->jobs[i]->l.ctx == ctx)
			p->builds->jobs[i]->l =
			    (struct build_listener){ .done = NULL };
}

/* ---- what children tell ------------------------------------------------------------ */

static void
on_progress(struct job *j, const struct bg_report *r)
{
	if (r->slot > j->last.slot)
		j->deaths = 0;
	j->last = *r;
	j->dirty = true;
	j->afresh = false;
	if (j->l.progress != NULL)
		j->l.progress(j->l.ctx, r->percent);
}

/* New text for the profile?  Nobody wants to read it every five minutes. */
static bool
is_news(struct builds *b, const struct bg_report *r)
{
	char name[2 * BG_NAME_MAX];
	size_t i = 0;
	(void)snprintf(name, sizeof(name), "%s/%s", r->group, r->name);
	while (i < b->n_troubles && strcmp(b->troubles[i].name, name) != 0)
		i++;
	bool known = i < b->n_troubles;
	if (r->rc == 0) {
		if (known)
			b->troubles[i] = b->troubles[--b->n_troubles];
		return false;
	}
	if (known && strcmp(b->troubles[i].text, r->text) == 0)
		return false;
	if (!known && b->n_troubles == TROUBLES)
		return true;
	if (!known)
		b->n_troubles++;
	memcpy(b->troubles[i].name, name, sizeof(name));
	memcpy(b->troubles[i].text, r->text, sizeof(r->text));
	return true;
}

static void
on_profile(struct profiler *p, struct job *j, const struct bg_report *r)
{
	if (is_news(p->builds, r))
		log_errx("expiry: %s profile=%s/%s", r->text, r->group,
		    r->name);
	if (r->removed > 0)
		log_info("expired files=%" PRIu64 " profile=%s/%s", r->removed,
		    r->group, r->name);
	if (!j->all) {
		j->last.rc = r->rc;
		memcpy(j->last.text, r->text, sizeof(r->text));
	}
	buildstate_expired(p, r);
}

/* A followed profile has had more slots meanwhile. */
static void
on_reached(struct profiler *p, struct job *j, const struct bg_report *r)
{
	struct err err;
	struct profile *prof = buildstate_load(p, j->group, j->name, &err);
	int64_t more =
	    prof != NULL && prof->updated > r->slot ? prof->updated : -1;
	profile_free(prof);
	bg_answer(&j->child, more);
}

static void
on_done(struct job *j, const struct bg_report *r)
{
	int rc = j->last.rc;
	char text[ERR_MAX];
	memcpy(text, j->last.text, sizeof(text));
	j->last = *r;
	j->told = true;
	if (j->kind != BUILD_EXPIRE || rc == 0)
		return;
	j->last.rc = rc;
	memcpy(j->last.text, text, sizeof(text));
}

static void
hear(struct profiler *p, struct job *j)
{
	struct bg_report r;
	while (bg_hear(&j->child, &r)) {
		r.group[sizeof(r.group) - 1] = '\0';
		r.name[sizeof(r.name) - 1] = '\0';
		r.text[sizeof(r.text) - 1] = '\0';
		switch (r.kind) {
		case BG_PROGRESS:
			on_progress(j, &r);
			break;
		case BG_PROFILE:
			on_profile(p, j, &r);
			break;
		case BG_INDEX:
			if (is_news(p->builds, &r))
				log_warnx("queries will take longer: %s "
					  "profile=%s/%s",
				    r.text, r.group, r.name);
			break;
		case BG_REACHED:
			on_reached(p, j, &r);
			break;
		case BG_DONE:
			on_done(j, &r);
			break;
		}
	}
}

static void
save_progress(struct profiler *p, struct job *j, int64_t now)
{
	struct err err;
	if (!is_past(j) || !j->dirty ||
	    (now < j->saved + SAVE_S && now >= j->saved))
		return;
	j->dirty = false;
	j->saved = now;
	if (buildstate_built(p, j->group, j->name, &j->last, &err) == -1) {
		log_errx("%s", err.msg);
		return;
	}
	if (!j->sure && j->child.pid != 0) {
		j->sure = true;
		buildstate_flag(p, j->group, j->name, j->child.pid, true);
	}
}

/* ---- the end of a child -------------------------------------------------------------- */

static void
reload(struct profiler *p)
{
	struct err err;
	if (profiler_reload(p, NULL, &err) == -1)
		log_errx("profiles not loaded: %s", err.msg);
}

static void
finish_past(struct profiler *p, struct job *j)
{
	const struct bg_report *r = &j->last;
	struct err err;
	int rc = r->rc;
	if (buildstate_finish(p, j->group, j->name, r, &err) == -1) {
		log_errx("%s", err.msg);
		rc = -1;
	} else if (rc == -1) {
		log_errx("build failed: %s profile=%s/%s", r->text, j->group,
		    j->name);
	} else {
		log_info("build %s profile=%s/%s slot=%" PRId64,
		    r->canceled ? "canceled" : "done", j->group, j->name,
		    r->slot);
	}
	answer(j, rc, r->text);
	if (rc == 0 && !r->canceled)
		reload(p); /* a continuous one is followed from now on */
}

static void
finish_rebuild(struct profiler *p, struct job *j)
{
	struct err err = { "" };
	bool databases = j->kind == BUILD_RRDS;
	int rc =
	    buildstate_rebuilt(p, j->group, j->name, &j->last, databases, &err);
	if (rc == -1)
		log_errx("rebuild: %s profile=%s/%s", err.msg, j->group,
		    j->name);
	answer(j, rc, err.msg);
	reload(p);
}

static void
finish(struct profiler *p, struct job *j)
{
	if (is_past(j)) {
		finish_past(p, j);
	} else if (is_rebuild(j)) {
		finish_rebuild(p, j);
	} else {
		if (!j->all) /* whoever asked looks at the result */
			update_profiles(p->conf, p->set, p->writer);
		p->builds->counted |= j->deep && j->told;
		answer(j, j->last.rc, j->last.text);
	}
}

/* It was killed, or could not begin. */
static void
died(struct profiler *p, struct job *j)
{
	log_warnx("background work ended unexpectedly profile=%s/%s", j->group,
	    j->name);
	if (is_past(j) && ++j->deaths <= DEATHS)
		return; /* started again */
	j->last.rc = -1;
	(void)snprintf(j->last.text, sizeof(j->last.text),
	    "ended unexpectedly");
	buildstate_settle(p->conf, j->group, j->name);
	finish(p, j);
}

static void
look_after(struct profiler *p, struct job *j, int64_t now)
{
	struct err err;
	if (j->over)
		return;
	if (j->child.fd == -1) {
		if (start(p, j, &err) == -1)
			log_warnx("%s", err.msg);
		return;
	}
	bool ended = bg_ended(&j->child);
	hear(p, j);
	save_progress(p, j, now);
	if (!ended)
		return;
	bg_forget(&j->child);
	if (j->told)
		finish(p, j);
	else
		died(p, j);
}

/* ---- the profiler's side --------------------------------------------------------------- */

static void
drop_over(struct builds *b)
{
	size_t kept = 0;
	for (size_t i = 0; i < b->n; i++) {
		if (b->jobs[i]->over)
			free(b->jobs[i]);
		else
			b->jobs[kept++] = b->jobs[i];
	}
	b->n = kept;
}

static void
start_expiry(struct profiler *p, int64_t now)
{
	struct builds *b = p->builds;
	struct job *j;
	for (size_t i = 0; i < b->n; i++)
		if (b->jobs[i]->all)
			return;
	b->expire = false;
	j = add(b, BUILD_EXPIRE, ".", "*", NULL);
	if (j == NULL)
		return;
	j->all = true;
	j->deep = !b->counted;
	/* In a simulation files are as old as they are there. */
	j->now = p->sim.clock != -1 ? p->sim.clock : now;
	j->upto = p->done;
}

int
builds_step(struct profiler *p, int64_t now)
{
	struct builds *b = p->builds;
	if (b->expire)
		start_expiry(p, now);
	for (size_t i = 0; i < b->n; i++)
		look_after(p, b->jobs[i], now);
	drop_over(b);
	return b->n > 0 ? HEAR_MS : -1;
}

void
builds_pause(struct profiler *p, bool pause)
{
	p->builds->paused = pause;
	for (size_t i = 0; i < p->builds->n; i++)
		bg_pause(&p->builds->jobs[i]->child, pause);
}

void
builds_expire_all(struct profiler *p)
{
	p->builds->expire = true;
}

static void
go_on_with(struct profiler *p, const struct profile_id *id)
{
	struct job *j = add(p->builds, BUILD_PAST, id->group, id->name, NULL);
	if (j == NULL)
		return;
	struct profile *prof = profile_load(p->conf, id->group, id->name, NULL);
	j->sure = buildstate_sure(p->conf, id->group, id->name);
	j->afresh = !j->sure;
	if (prof != NULL)
		j->last.slot = prof->updated;
	profile_free(prof);
	log_info("build goes on%s profile=%s/%s",
	    j->afresh ? " from its start" : "", id->group, id->name);
}

void
builds_open(struct profiler *p)
{
	struct arena a = ARENA_EMPTY;
	struct profile_list l;
	struct err err;
	p->builds = mem_calloc(1, sizeof(*p->builds));
	p->builds->troubles =
	    mem_calloc(TROUBLES, sizeof(*p->builds->troubles));
	if (profile_list(p->conf, &a, &l, &err) == -1)
		log_errx("%s", err.msg);
	for (size_t i = 0; i < l.n; i++)
		if (buildstate_recover(p->conf, l.ids[i].group, l.ids[i].name))
			go_on_with(p, &l.ids[i]);
	arena_free(&a);
}

void
builds_close(struct profiler *p)
{
	struct builds *b = p->builds;
	if (b == NULL)
		return;
	for (size_t i = 0; i < b->n; i++) {
		hear(p, b->jobs[i]);
		bg_kill(&b->jobs[i]->child);
		b->jobs[i]->saved = 0;
		save_progress(p, b->jobs[i], SAVE_S);
		free(b->jobs[i]);
	}
	free(b->troubles);
	free(b);
	p->builds = NULL;
}
