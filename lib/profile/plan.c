/* Config against the tree: the steps that make the tree so. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"
#include "profile/internal.h"

#define WHAT_MAX 1000 /* bytes of a step's change in words */

struct planner {
	const struct conf *c;
	struct plan *plan;
	size_t cap;
	struct profile_list from_config;
};

/*
 * Words for people and a line of the control protocol: a long list is cut,
 * and its hash tells it from another one.
 */
static const char *
bounded(struct arena *a, const char *what)
{
	size_t n = strlen(what);
	if (n <= WHAT_MAX)
		return arena_strdup(a, what);
	size_t cut = WHAT_MAX - 40;
	while (cut > 0 && what[cut] != ',')
		cut--;
	return arena_printf(a, "%.*s, and more (%016" PRIx64 ")", (int)cut,
	    what, hash_bytes(what, n, 0));
}

static void
add_step(struct planner *pl, enum plan_action action,
    const struct profile_id *id, const char *what, const struct buf *cost)
{
	struct plan *p = pl->plan;
	if (p->n == pl->cap) {
		size_t cap = pl->cap * 2 + 16;
		struct plan_step *s = arena_array(&p->arena, cap, sizeof(*s));
		if (p->n > 0)
			memcpy(s, p->steps, p->n * sizeof(*s));
		p->steps = s;
		pl->cap = cap;
	}
	p->steps[p->n++] =
	    (struct plan_step){ action, arena_strdup(&p->arena, id->group),
		    arena_strdup(&p->arena, id->name), bounded(&p->arena, what),
		    arena_strdup(&p->arena, buf_str(cost)) };
}

/* live as it is; blank when this is the first use. */
static struct profile *
load_live(const struct conf *c, struct err *err)
{
	char path[FILE_PATH_MAX];
	if (!profile_stat_path(c, ".", "live", "profile.dat", path)) {
		(void)err_set(err, "%s: path too long", c->profilestatdir);
		return NULL;
	}
	if (!file_exists(path))
		return profile_new(".", "live");
	return profile_load(c, ".", "live", err);
}

/* ---- sources ------------------------------------------------------------------ */

static void
plan_source(struct planner *pl, const struct profile *live,
    const struct conf_source *s)
{
	struct buf what = BUF_EMPTY;
	struct buf cost = BUF_EMPTY;
	struct profile_id id = { ".", s->ident };
	const struct channel *ch = profile_find_channel(live, s->ident);
	if (ch == NULL) {
		/* It has no flows of its own, those that come by it have. */
		if (s->in.dynamic == 0)
			add_step(pl, PLAN_SOURCE_ADD, &id, "", &cost);
		return;
	}
	if (s->col != NULL && strcmp(s->col, ch->color) != 0)
		buf_printf(&what, "colour %s", s->col);
	if (diff_files_missing(pl->c, live, ch))
		buf_printf(&what, "%sfiles missing", what.len > 0 ? ", " : "");
	if (what.len > 0) {
		cost_source_change(pl->c, live, s->ident, &cost);
		add_step(pl, PLAN_SOURCE_CHANGE, &id, buf_str(&what), &cost);
	}
	buf_free(&cost);
	buf_free(&what);
}

static void
plan_sources(struct planner *pl, const struct profile *live)
{
	for (size_t i = 0; i < pl->c->n_sources; i++)
		plan_source(pl, live, &pl->c->sources[i]);
}

static void
plan_source_deletes(struct planner *pl, const struct profile *live)
{
	for (size_t i = 0; i < live->n_channels; i++) {
		struct profile_id id = { ".", live->channels[i].name };
		struct buf cost = BUF_EMPTY;
		if (conf_source_find(pl->c, id.name) != NULL)
			continue;
		cost_source_delete(pl->c, live, id.name, &cost);
		add_step(pl, PLAN_SOURCE_DELETE, &id, "", &cost);
		buf_free(&cost);
	}
}

/* ---- profiles ----------------------------------------------------------------- */

static void
describe_new(const struct conf_profile *cp, struct buf *what)
{
	buf_printf(what, "%s%s, %zu channel%s",
	    cp->history ? "history" : "continuous", cp->shadow ? " shadow" : "",
	    cp->n_channels, cp->n_channels == 1 ? "" : "s");
	if (cp->history || cp->tstart != 0)
		buf_adds(what, ", built from what live has");
}

static void
plan_new(struct planner *pl, const struct conf_profile *cp)
{
	struct buf what = BUF_EMPTY;
	struct buf cost = BUF_EMPTY;
	struct profile_id id = { cp->group, cp->name };
	describe_new(cp, &what);
	cost_profile_add(pl->c, cp, &cost);
	add_step(pl, PLAN_PROFILE_ADD, &id, buf_str(&what), &cost);
	buf_free(&what);
	buf_free(&cost);
}

static int
plan_change(struct planner *pl, const struct conf_profile *cp,
    const struct profile *have, const struct profile *want, struct err *err)
{
	struct buf what = BUF_EMPTY;
	struct buf cost = BUF_EMPTY;
	struct profile_id id = { cp->group, cp->name };
	if (!fromconf_has(&pl->from_config, cp->group, cp->name))
		buf_adds(&what, "taken into config");
	int rc = diff_profile(pl->c, have, want, cp, &what, err);
	if (rc == 0 && what.len > 0) {
		cost_profile_change(pl->c, have, want, cp, &cost);
		add_step(pl, PLAN_PROFILE_CHANGE, &id, buf_str(&what), &cost);
	}
	buf_free(&what);
	buf_free(&cost);
	return rc;
}

static int
plan_profile(struct planner *pl, const struct conf_profile *cp,
    const struct profile *have, const struct profile *want, struct err *err)
{
	if (have != NULL)
		return plan_change(pl, cp, have, want, err);
	plan_new(pl, cp);
	return 0;
}

static int
plan_one(struct planner *pl, const struct conf_profile *cp, bool exists,
    struct err *err)
{
	struct profile *have = NULL;
	if (exists &&
	    (have = profile_load(pl->c, cp->group, cp->name, err)) == NULL)
		return -1;
	struct profile *want = wanted_profile(pl->c, cp, have, err);
	int rc = want == NULL ? -1 : plan_profile(pl, cp, have, want, err);
	profile_free(have);
	profile_free(want);
	return rc;
}

/* Additions (first pass) and changes (second): existing is what they have. */
static int
plan_profiles(struct planner *pl, bool existing, struct err *err)
{
	const struct conf *c = pl->c;
	char path[FILE_PATH_MAX];
	for (size_t i = 0; i < c->n_profiles; i++) {
		const struct conf_profile *cp = &c->profiles[i];
		if (!profile_stat_path(c, cp->group, cp->name, "profile.dat",
			path))
			return err_set(err, "profile '%s': path too long",
			    cp->name);
		if (file_exists(path) == existing &&
		    plan_one(pl, cp, existing, err) == -1)
			return -1;
	}
	return 0;
}

static void
plan_profile_deletes(struct planner *pl)
{
	for (size_t i = 0; i < pl->from_config.n; i++) {
		const struct profile_id *id = &pl->from_config.ids[i];
		struct buf cost = BUF_EMPTY;
		if (wanted_find(pl->c, id->group, id->name) != NULL)
			continue;
		cost_profile_delete(pl->c, id->group, id->name, &cost);
		add_step(pl, PLAN_PROFILE_DELETE, id, "", &cost);
		buf_free(&cost);
	}
}

/* Neither config's, nor to become so, nor live. */
static int
find_others(struct planner *pl, struct err *err)
{
	struct profile_list all;
	struct profile_list *l = &pl->plan->others;
	if (!file_exists(pl->c->profilestatdir))
		return 0;
	if (profile_list(pl->c, &pl->plan->arena, &all, err) == -1)
		return -1;
	l->ids = arena_array(&pl->plan->arena, all.n + 1, sizeof(*l->ids));
	for (size_t i = 0; i < all.n; i++) {
		const struct profile_id *id = &all.ids[i];
		if (!(strcmp(id->group, ".") == 0 &&
			strcmp(id->name, "live") == 0) &&
		    wanted_find(pl->c, id->group, id->name) == NULL &&
		    !fromconf_has(&pl->from_config, id->group, id->name))
			l->ids[l->n++] = *id;
	}
	return 0;
}

static int
make(struct planner *pl, struct err *err)
{
	struct profile *live = load_live(pl->c, err);
	int rc = live == NULL ? -1 : 0;
	if (rc == 0)
		plan_sources(pl, live);
	if (rc == 0 && pl->c->has_profiles) {
		rc = fromconf_load(pl->c, &pl->plan->arena, &pl->from_config,
		    err);
		if (rc == 0)
			rc = plan_profiles(pl, false, err);
		if (rc == 0)
			rc = plan_profiles(pl, true, err);
		if (rc == 0)
			plan_profile_deletes(pl);
		if (rc == 0)
			rc = find_others(pl, err);
	}
	if (rc == 0)
		plan_source_deletes(pl, live);
	profile_free(live);
	return rc;
}

int
plan_make(const struct conf *c, struct plan *p, struct err *err)
{
	*p = (struct plan){ 0 };
	struct planner pl = { .c = c, .plan = p };
	int rc = make(&pl, err);
	if (rc == -1)
		plan_free(p);
	return rc;
}

void
plan_free(struct plan *p)
{
	arena_free(&p->arena);
	*p = (struct plan){ 0 };
}

static bool
waits(const struct conf *c, const struct profile_id *id)
{
	struct profile *p = profile_load(c, id->group, id->name, NULL);
	bool yes = p != NULL && strcmp(p->status, "new") == 0 &&
		   p->n_channels > 0 && p->locked == 0;
	profile_free(p);
	return yes;
}

int
plan_waiting(const struct conf *c, struct arena *a, struct profile_list *l,
    struct err *err)
{
	struct profile_list all;
	*l = (struct profile_list){ 0 };
	if (fromconf_load(c, a, &all, err) == -1)
		return -1;
	l->ids = arena_array(a, all.n + 1, sizeof(*l->ids));
	for (size_t i = 0; i < all.n; i++)
		if (waits(c, &all.ids[i]))
			l->ids[l->n++] = all.ids[i];
	return 0;
}

bool
plan_is_configs(const struct conf *c, const char *group, const char *name)
{
	struct arena a = ARENA_EMPTY;
	struct profile_list l;
	bool is = fromconf_load(c, &a, &l, NULL) == 0 &&
		  fromconf_has(&l, group, name);
	arena_free(&a);
	return is;
}

bool
plan_sources_match(const struct conf *c, struct err *err)
{
	struct profile *live = load_live(c, err);
	bool match = live != NULL;
	/* Those that come by themselves the profiler adds. */
	for (size_t i = 0; match && i < c->n_sources; i++)
		if (c->sources[i].parent == NULL &&
		    c->sources[i].in.dynamic == 0 &&
		    profile_find_channel(live, c->sources[i].ident) == NULL) {
			(void)err_set(err, "source '%s' is not set up",
			    c->sources[i].ident);
			match = false;
		}
	for (size_t i = 0; match && i < live->n_channels; i++)
		if (conf_source_find(c, live->channels[i].name) == NULL) {
			(void)err_set(err,
			    "source '%s' is no longer configured",
			    live->channels[i].name);
			match = false;
		}
	profile_free(live);
	return match;
}

void
plan_step_text(const struct plan_step *s, struct buf *out)
{
	static const char *const verbs[] = {
		[PLAN_SOURCE_ADD] = "add source",
		[PLAN_SOURCE_DELETE] = "delete source",
		[PLAN_SOURCE_CHANGE] = "change source",
		[PLAN_PROFILE_ADD] = "add profile",
		[PLAN_PROFILE_CHANGE] = "change profile",
		[PLAN_PROFILE_DELETE] = "delete profile",
	};
	bool grouped = strcmp(s->group, ".") != 0;
	buf_printf(out, "%s '%s%s%s'", verbs[s->action],
	    grouped ? s->group : "", grouped ? "/" : "", s->name);
	if (s->what[0] != '\0')
		buf_printf(out, ": %s", s->what);
}
