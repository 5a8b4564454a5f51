#include "profiler/expiry.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "index/folder.h"
#include "profile/census.h"
#include "profile/expire.h"

/*
 * How far back is looked for files that lack an index: in a slot, and at the
 * first one; what is older is for 'nfsen index update'.  Expiry must not wait
 * long for it, what is not done in time is left to the next slot.  Seconds.
 */
#define INDEX_LATE  INT64_C(3600)
#define INDEX_FIRST INT64_C(86400)
#define INDEX_TIME  120

struct run {
	const struct expiry *x;
	struct bg *work;
	int64_t live_tstart; /* after live's own expiry */
	bool removed;        /* flow files */
	time_t index_until;  /* then no more indexes */
};

static bool
go_on(void *ctx)
{
	return bg_go_on(ctx);
}

static void
note(struct bg_report *r, const struct err *err)
{
	r->rc = -1;
	if (r->text[0] == '\0')
		(void)snprintf(r->text, sizeof(r->text), "%s", err->msg);
}

static void
take_away(struct run *run, const struct profile *p,
    const struct expire_limits *l, struct bg_report *r)
{
	struct expire_plan plan;
	struct expire_result result;
	struct err err;
	if (expire_choose(run->x->c, p, l, &plan, &err) == -1)
		note(r, &err);
	if (expire_apply(run->x->c, p, &plan, go_on, run->work, &result,
		&err) == -1)
		note(r, &err);
	r->removed = result.files;
	expire_free(&plan);
}

/* Whatever changed the tree while nobody was here. */
static void
count_files(struct run *run, const struct profile *p, struct bg_report *r)
{
	struct err err;
	if (!run->x->deep || (p->type & PROFILE_SHADOW) != 0)
		return;
	for (size_t i = 0; i < p->n_channels && bg_go_on(run->work); i++)
		if (census_nfstat(run->x->c, p, p->channels[i].name, &err) ==
		    -1)
			note(r, &err);
}

/* Flow files of a profile that keeps some. */
static void
expire_files(struct run *run, const struct profile *p, struct bg_report *r)
{
	const struct conf *c = run->x->c;
	struct expire_limits l =
	    expire_limits_of(c, p, run->x->now, run->x->upto);
	struct census_sum sum;
	struct err err;
	if (census_sum(c, p, &sum, &err) == -1)
		note(r, &err);
	if (expire_due(&l, &sum)) {
		take_away(run, p, &l, r);
		if (census_sum(c, p, &sum, &err) == -1)
			note(r, &err);
	}
	r->size = sum.size;
	r->tstart = sum.first;
	r->tend = sum.last;
}

/* ---- indexes --------------------------------------------------------------------- */

static bool
index_goes_on(void *ctx)
{
	const struct run *run = ctx;
	return bg_go_on(run->work) && time(NULL) < run->index_until;
}

static int
index_channel(struct run *run, const char *dir, struct err *err)
{
	const struct conf *c = run->x->c;
	const char *below = dir + strlen(c->profiledatadir);
	struct index_work w = { .go_on = index_goes_on,
		.ctx = run,
		.since =
		    run->x->upto - (run->x->deep ? INDEX_FIRST : INDEX_LATE) };
	below += strspn(below, "/");
	return index_update(c->profiledatadir, below, &w, err);
}

/*
 * Without them queries take longer, no more.  What is told has a name of its
 * own: it is no news about the profile.
 */
static void
index_profile(struct run *run, const struct profile *p)
{
	struct bg_report r = { .kind = BG_INDEX };
	char dir[FILE_PATH_MAX];
	struct err err;
	(void)snprintf(r.group, sizeof(r.group), "%s", p->group);
	(void)snprintf(r.name, sizeof(r.name), "%s (index)", p->name);
	for (size_t i = 0; r.rc == 0 && i < p->n_channels; i++) {
		if (!index_goes_on(run))
			return;
		if (profile_data_path(run->x->c, p->group, p->name,
			p->channels[i].name, dir) &&
		    index_channel(run, dir, &err) == -1)
			note(&r, &err);
	}
	bg_tell(run->work, &r);
}

static void
index_all(struct run *run, const struct profile_list *l)
{
	const struct conf *c = run->x->c;
	if (run->x->c->index == 0 || c->simmode)
		return;
	run->index_until = time(NULL) + INDEX_TIME;
	if (run->removed || run->x->deep)
		(void)index_prune(c->profiledatadir, "", false);
	for (size_t i = 0; i < l->n && index_goes_on(run); i++) {
		struct profile *p =
		    profile_load(c, l->ids[i].group, l->ids[i].name, NULL);
		if (p != NULL && (p->type & PROFILE_SHADOW) == 0)
			index_profile(run, p);
		profile_free(p);
	}
}

/* ---- profiles -------------------------------------------------------------------- */

static void
one_profile(struct run *run, const struct profile_id *id)
{
	struct bg_report r = { .kind = BG_PROFILE };
	struct profile *p = profile_load(run->x->c, id->group, id->name, NULL);
	/* One that cannot be read was complained of when it was loaded. */
	bool known =
	    p != NULL && p->locked == 0 && strcmp(p->status, "OK") == 0;
	(void)snprintf(r.group, sizeof(r.group), "%s", id->group);
	(void)snprintf(r.name, sizeof(r.name), "%s", id->name);
	if (known)
		count_files(run, p, &r);
	if (known && expire_applies(p)) {
		expire_files(run, p, &r);
		if (p->type == PROFILE_LIVE)
			run->live_tstart =
			    r.tstart > p->tstart ? r.tstart : p->tstart;
		bg_tell(run->work, &r);
	} else if (known && p->type == (PROFILE_CONTINUOUS | PROFILE_SHADOW) &&
		   run->live_tstart > p->tstart) {
		r.tstart = run->live_tstart;
		bg_tell(run->work, &r);
	} else if (r.rc == -1) {
		bg_tell(run->work, &r);
	}
	run->removed |= r.removed != 0;
	profile_free(p);
}

static bool
is_live(const struct profile_id *id)
{
	return strcmp(id->group, ".") == 0 && strcmp(id->name, "live") == 0;
}

/*
 * live first: shadows begin where its flows do.  What a simulation replays
 * stays.
 */
static void
all_profiles(struct run *run, struct bg_report *r)
{
	struct arena a = ARENA_EMPTY;
	struct profile_list l;
	struct err err;
	if (profile_list(run->x->c, &a, &l, &err) == -1)
		note(r, &err);
	for (int live = 1; live >= 0; live--)
		for (size_t i = 0; i < l.n; i++)
			if (is_live(&l.ids[i]) == live &&
			    !(live && run->x->c->simmode) &&
			    bg_go_on(run->work))
				one_profile(run, &l.ids[i]);
	index_all(run, &l);
	arena_free(&a);
}

void
expiry_run(struct bg *w, void *arg)
{
	struct run run = { .x = arg, .work = w };
	struct bg_report r = { .kind = BG_DONE };
	if (run.x->name != NULL)
		one_profile(&run,
		    &(struct profile_id){ run.x->group, run.x->name });
	else
		all_profiles(&run, &r);
	bg_tell(w, &r);
}
