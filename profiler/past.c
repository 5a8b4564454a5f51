#include "profiler/past.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "profile/census.h"
#include "profile/nfstat.h"
#include "profiler/pass.h"
#include "store/rrd.h"

struct build {
	const struct past *past;
	char cancel_file[FILE_PATH_MAX];
	struct rrd_writer *writer;
	struct set *set;
	struct profile *p; /* the set's */
	struct pass pass;
	struct nfstat *books;
};

static bool
is_shadow(const struct build *b)
{
	return (b->p->type & PROFILE_SHADOW) != 0;
}

static bool
is_continuous(const struct build *b)
{
	return (b->p->type & ~PROFILE_SHADOW) == PROFILE_CONTINUOUS;
}

/* ---- databases and books --------------------------------------------------------- */

/* A database that cannot be read is none. */
static void
begin_rrd(struct build *b, struct mark *m)
{
	int64_t step = b->past->c->cycletime;
	struct err err;
	bool keep = !b->past->afresh && file_exists(m->rrd) &&
		    rrd_channel_last(m->rrd, &err) != -1;
	if (keep)
		return;
	if (rrd_channel_create(m->rrd, b->p->tstart, step, &err) == -1)
		log_errx("%s", err.msg);
	m->last = b->p->tstart - step;
}

/*
 * What is there already.  Until the end .nfstat says that it is not to be
 * trusted, so that a build may be killed.
 */
static void
begin_books(struct build *b)
{
	struct census all;
	struct err err;
	b->books = arena_array(&b->set->arena, b->set->n_members + 1,
	    sizeof(*b->books));
	if (is_shadow(b))
		return;
	for (size_t i = 0; i < b->set->n_members; i++)
		if (nfstat_distrust(b->set->members[i].dir, &err) == -1)
			log_warnx("%s", err.msg);
	if (census_take(b->past->c, b->p, INT64_MAX, &all, &err) == -1)
		log_warnx("%s", err.msg);
	for (size_t i = 0; i < all.n; i++) {
		const struct census_file *f = &all.files[i];
		const char *channel = b->p->channels[f->channel].name;
		for (size_t k = 0; k < b->set->n_members; k++)
			if (strcmp(b->set->members[k].name, channel) == 0)
				nfstat_count(&b->books[k], f->slot, f->size,
				    -1);
	}
	census_free(&all);
}

/*
 * What a killed child had done behind its last report, and what is canceled
 * before it was done again: not a part of the history.
 */
static void
drop_behind(struct build *b, int64_t last)
{
	struct census all;
	struct err err;
	bool any = false;
	for (size_t i = 0; !is_shadow(b) && i < b->set->n_members; i++)
		any |= b->books[i].last > last;
	if (!any)
		return;
	if (census_take(b->past->c, b->p, INT64_MAX, &all, &err) == -1)
		log_warnx("%s", err.msg);
	for (size_t i = 0; i < all.n; i++)
		if (all.files[i].slot > last && unlink(all.files[i].path) == -1)
			log_warn("%s", all.files[i].path);
	census_free(&all);
	for (size_t i = 0; i < b->p->n_channels; i++)
		if (census_nfstat(b->past->c, b->p, b->p->channels[i].name,
			&err) == -1)
			log_warnx("%s", err.msg);
	for (size_t i = 0; i < b->set->n_members; i++)
		if (nfstat_read(b->set->members[i].dir, &b->books[i], &err) ==
		    -1)
			log_warnx("%s", err.msg);
}

static void
close_books(struct build *b)
{
	for (size_t i = 0; !is_shadow(b) && i < b->set->n_members; i++) {
		const char *dir = b->set->members[i].dir;
		struct nfstat before;
		struct err err;
		if (nfstat_read(dir, &before, &err) == -1 ||
		    nfstat_replace(dir, &before, &b->books[i], &err) == -1)
			log_warnx("%s", err.msg);
	}
}

static bool
has_end_of_age(const struct build *b)
{
	return b->p->expire > 0 && !is_continuous(b);
}

/*
 * NfSen's limits while building.  What goes on to follow live is not ended
 * by its age: it has its databases whole, and too old files expire once it
 * has joined.
 */
static bool
reached_limit(const struct pass *pass, int64_t slot, void *ctx)
{
	const struct build *b = ctx;
	const struct profile *p = b->p;
	const char *what = NULL;
	if (p->maxsize != 0 && pass_size(pass) > p->maxsize)
		what = "size";
	else if (has_end_of_age(b) && slot - p->tstart > p->expire * 3600)
		what = "lifetime";
	if (what == NULL)
		return false;
	log_info("Reached profile max %s while building. Cancel building "
		 "profile=%s/%s",
	    what, p->group, p->name);
	return true;
}

/* ---- the build -------------------------------------------------------------------- */

static int64_t
live_updated(const struct build *b)
{
	struct profile *live = profile_load(b->past->c, ".", "live", NULL);
	int64_t t = live != NULL ? live->updated : b->set->live->updated;
	profile_free(live);
	return t;
}

/* What all databases have, the files have. */
static int64_t
oldest_mark(const struct build *b)
{
	int64_t oldest = INT64_MAX;
	for (size_t i = 0; i < b->set->n_members; i++)
		if (b->set->members[i].mark.last < oldest)
			oldest = b->set->members[i].mark.last;
	return oldest;
}

/* A continuous profile's end moves on while it is built. */
static enum pass_end
build_slots(struct build *b, struct err *err)
{
	struct pass *pass = &b->pass;
	int64_t after = pass->from - b->past->c->cycletime;
	int64_t stored = oldest_mark(b);
	if (b->p->updated > after)
		after = b->p->updated;
	if (stored > after && stored <= pass->end)
		after = stored;
	pass->done = after;
	for (;;) {
		if (is_continuous(b))
			pass->end = live_updated(b);
		if (after >= pass->end)
			return PASS_COMPLETE;
		enum pass_end end = pass_slots(pass, after, pass->end, err);
		if (end != PASS_COMPLETE || !is_continuous(b))
			return end;
		after = pass->end;
	}
}

static void
begin(struct build *b, struct bg *w)
{
	struct pass *pass = &b->pass;
	int64_t live = b->set->live->tstart;
	bg_cancel_file(w, b->cancel_file);
	slot_sweep(b->set, true);
	for (size_t i = 0; i < b->set->n_members; i++)
		begin_rrd(b, &b->set->members[i].mark);
	if (b->past->afresh)
		b->p->updated = b->p->tstart - b->past->c->cycletime;
	begin_books(b);
	pass_open(pass, w, b->past->c, b->set, b->writer);
	pass->books = b->books;
	/* Where each slot may be the last one, it is looked at before. */
	pass->at_once = b->p->maxsize != 0 || has_end_of_age(b);
	pass->members_only = true;
	pass->from = b->p->tstart > live ? b->p->tstart : live;
	pass->end = b->p->tend;
	pass->enough = reached_limit;
	pass->ctx = b;
	if (!is_continuous(b) && pass->end < pass->from)
		log_errx("Error profiling history. tend now < tstart. "
			 "Abort profiling profile=%s/%s",
		    b->p->group, b->p->name);
}

static enum pass_end
build(struct build *b, struct bg *w, struct bg_report *r, struct err *err)
{
	const struct past *past = b->past;
	char lock_file[FILE_PATH_MAX];
	if (!profile_stat_path(past->c, past->group, past->name, ".build.lock",
		lock_file) ||
	    !profile_stat_path(past->c, past->group, past->name, ".CANCELED",
		b->cancel_file))
		return err_set(err, "'%s': path too long", past->name);
	/* Databases are looked at when no dead child's writer is at them. */
	b->writer = rrd_writer_new(lock_file, err);
	if (b->writer == NULL)
		return PASS_FAILED;
	b->set = set_load_one(past->c, past->group, past->name, err);
	if (b->set == NULL)
		return PASS_FAILED;
	b->p = b->set->profiles[0];
	if (b->set->n_members == 0)
		return err_set(err, "no channel can be used, see the log");
	begin(b, w);
	enum pass_end end = build_slots(b, err);
	if (end == PASS_CANCELED)
		drop_behind(b, b->pass.done);
	close_books(b);
	r->slot = b->pass.done;
	r->size = pass_size(&b->pass);
	pass_close(&b->pass);
	return end;
}

void
past_build(struct bg *w, void *arg)
{
	struct build b = { .past = arg };
	struct bg_report r = { .kind = BG_DONE };
	struct err err = { "" };
	enum pass_end end = build(&b, w, &r, &err);
	rrd_writer_free(b.writer);
	r.rc = end == PASS_FAILED ? -1 : 0;
	r.canceled = end == PASS_CANCELED;
	(void)snprintf(r.text, sizeof(r.text), "%s", err.msg);
	bg_tell(w, &r);
	set_free(b.set);
}
