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
add_step(struct planner *pl, enum plan_action action, const char *group,
    const char *name, const char *what)
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
	    (struct plan_step){ action, arena_strdup(&p->arena, group),
		    arena_strdup(&p->arena, name), bounded(&p->arena, what) };
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
	const struct channel *ch = profile_find_channel(live, s->ident);
	if (ch == NULL) {
		add_step(pl, PLAN_SOURCE_ADD, ".", s->ident, "");
		return;
	}
	if (s->col != NULL && strcmp(s->col, ch->color) != 0)
		buf_printf(&what, "colour %s", s->col);
	if (diff_files_missing(pl->c, live, ch))
		buf_printf(&what, "%sfiles missing", what.len > 0 ? ", " : "");
	if (what.len > 0)
		add_step(pl, PLAN_SOURCE_CHANGE, ".", s->ident, buf_str(&what));
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
	for (size_t i = 0; i < live->n_channels; i++)
		if (conf_source_find(pl->c, live->channels[i].name) == NULL)
			add_step(pl, PLAN_SOURCE_DELETE, ".",
			    live->channels[i].name, "");
}

/* ---- profiles ----------------------------------------------------------------- */

static void
describe_new(const struct conf_profile *cp, struct buf *what)
{
	buf_printf(what, "%s%s, %zu channel%s",
	    cp->history ? "history" : "continuous", cp->shadow ? " shadow" : "",
	    cp->n_channels, cp->n_channels == 1 ? "" : "s");
	if (cp->history)
		buf_adds(what, ", waits to be built");
	else if (cp->tstart != 0)
		buf_printf(what,
		    ", asked from %" PRId64
		    " on: a past start begins at the current slot",
		    cp->tstart);
}

static int
plan_profile(struct planner *pl, const struct conf_profile *cp,
    const struct profile *have, const struct profile *want, struct err *err)
{
	struct buf what = BUF_EMPTY;
	if (have == NULL) {
		describe_new(cp, &what);
		add_step(pl, PLAN_PROFILE_ADD, cp->group, cp->name,
		    buf_str(&what));
		buf_free(&what);
		return 0;
	}
	if (!fromconf_has(&pl->from_config, cp->group, cp->name))
		buf_adds(&what, "taken into config");
	int rc = diff_profile(pl->c, have, want, cp, &what, err);
	if (rc == 0 && what.len > 0)
		add_step(pl, PLAN_PROFILE_CHANGE, cp->group, cp->name,
		    buf_str(&what));
	buf_free(&what);
	return rc;
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
		if (wanted_find(pl->c, id->group, id->name) == NULL)
			add_step(pl, PLAN_PROFILE_DELETE, id->group, id->name,
			    "");
	}
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

bool
plan_sources_match(const struct conf *c, struct err *err)
{
	struct profile *live = load_live(c, err);
	bool match = live != NULL;
	for (size_t i = 0; match && i < c->n_sources; i++)
		if (profile_find_channel(live, c->sources[i].ident) == NULL) {
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
