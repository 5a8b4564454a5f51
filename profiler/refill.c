#include "profiler/refill.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "profile/census.h"
#include "profiler/pass.h"
#include "store/rrd.h"

struct rebuild {
	const struct refill *job;
	struct bg *work;
	struct profile *p;
	struct set *set;
	struct pass pass;
	struct bg_report r;
	int64_t first; /* slot */
	int64_t slots, told, every;
};

static bool
is_live(const struct rebuild *b)
{
	return (b->p->type & ~PROFILE_SHADOW) == PROFILE_LIVE;
}

bool
refill_path(const struct conf *c, const struct profile *p, const char *channel,
    char *path)
{
	char file[256 + sizeof(REFILL_PREFIX) + 4];
	int n = snprintf(file, sizeof(file), REFILL_PREFIX "%s.rrd", channel);
	path[0] = '\0';
	return n > 0 && (size_t)n < sizeof(file) &&
	       profile_stat_path(c, p->group, p->name, file, path);
}

/* ---- the books -------------------------------------------------------------------- */

static void
count_files(struct rebuild *b)
{
	const struct conf *c = b->job->c;
	struct census_sum sum;
	struct err err;
	for (size_t i = 0; i < b->p->n_channels; i++)
		if (census_nfstat(c, b->p, b->p->channels[i].name, &err) == -1)
			log_warnx("%s", err.msg);
	if (census_sum(c, b->p, &sum, &err) == -1)
		log_warnx("%s", err.msg);
	b->r.size = sum.size;
	b->r.tstart = sum.first;
	b->r.tend = sum.last;
	b->r.slot = sum.last;
}

/* ---- the databases ----------------------------------------------------------------- */

static int
begin_rrd(struct rebuild *b, const char *channel, struct mark *m,
    struct err *err)
{
	const struct conf *c = b->job->c;
	char path[FILE_PATH_MAX];
	if (!refill_path(c, b->p, channel, path))
		return err_set(err, "channel '%s': path too long", channel);
	if (rrd_channel_create(path, b->first, c->cycletime, err) == -1)
		return -1;
	*m = (struct mark){ .rrd = arena_strdup(&b->set->arena, path),
		.last = b->first - c->cycletime };
	return 0;
}

/* A channel's own files, all of their flows. */
static void
add_member(struct rebuild *b, size_t i, const struct mark *m)
{
	struct set *s = b->set;
	struct filter_error fe;
	struct filter *any = filter_parse("any", 3, &fe);
	const char *name = s->sources[i].name;
	bool *wants = arena_array(&s->arena, s->n_sources + 1, sizeof(*wants));
	wants[i] = true;
	s->filters[s->n_filters] = filter_with_idents(any, &name, 1);
	s->members[s->n_members++] = (struct member){ .profile = b->p,
		.name = name,
		.dir = s->sources[i].dir,
		.filter = s->n_filters++,
		.wants = wants,
		.mark = *m };
	/* The source itself is no channel that has a database here. */
	s->sources[i].mark = (struct mark){ .last = INT64_MAX };
	filter_free(any);
}

/* The profile's channels as sources: their folders hold what is read. */
static int
make_set(struct rebuild *b, struct err *err)
{
	size_t n = b->p->n_channels + 1;
	struct set *s = b->set = mem_calloc(1, sizeof(*b->set));
	s->sources = arena_array(&s->arena, n, sizeof(*s->sources));
	s->members = arena_array(&s->arena, n, sizeof(*s->members));
	s->filters = arena_array(&s->arena, n, sizeof(*s->filters));
	s->n_sources = b->p->n_channels;
	for (size_t i = 0; i < s->n_sources; i++) {
		const char *name = b->p->channels[i].name;
		char dir[FILE_PATH_MAX];
		struct mark m;
		if (!profile_data_path(b->job->c, b->p->group, b->p->name, name,
			dir))
			return err_set(err, "channel '%s': path too long",
			    name);
		if (begin_rrd(b, name, &m, err) == -1)
			return -1;
		s->sources[i] = (struct source){ .name = name,
			.dir = arena_strdup(&s->arena, dir),
			.mark = m };
		if (!is_live(b))
			add_member(b, i, &m);
	}
	return 0;
}

/* Ten times on the way, as NfSen tells it. */
static bool
tell(const struct pass *pass, int64_t slot, void *ctx)
{
	struct rebuild *b = ctx;
	int64_t reached = (slot - b->first) / pass->c->cycletime;
	while (
	    b->told + b->every <= reached && b->told + b->every <= b->slots) {
		struct bg_report r = { .kind = BG_PROGRESS };
		b->told += b->every;
		r.percent = 100.0 * (double)b->told / (double)b->slots;
		bg_tell(b->work, &r);
	}
	return false;
}

/* The profiler goes on meanwhile: until there is nothing more. */
static int
fill(struct rebuild *b, struct rrd_writer *writer, struct err *err)
{
	int64_t step = b->job->c->cycletime;
	int64_t after = b->first - step;
	int64_t upto = b->r.tend > b->p->updated ? b->r.tend : b->p->updated;
	enum pass_end end = PASS_COMPLETE;
	b->slots = (upto - after) / step;
	b->every = b->slots / 10 > 2 ? b->slots / 10 : 2;
	/* All slots of the files are due. */
	b->p->updated = after;
	b->p->tstart = b->first;
	pass_open(&b->pass, b->work, b->job->c, b->set, writer);
	b->pass.members_only = !is_live(b);
	b->pass.quiet = true;
	b->pass.enough = tell;
	b->pass.ctx = b;
	while (end == PASS_COMPLETE && after < upto) {
		end = pass_slots(&b->pass, after, upto, err);
		(void)tell(&b->pass, upto + step, b);
		after = b->r.slot = upto;
		b->r.kind = BG_REACHED;
		if (end == PASS_COMPLETE)
			upto = bg_ask(b->work, &b->r);
	}
	pass_close(&b->pass);
	return end == PASS_COMPLETE ? 0 : -1;
}

static int
databases(struct rebuild *b, struct err *err)
{
	char lock_file[FILE_PATH_MAX];
	int rc = -1;
	if (!profile_stat_path(b->job->c, b->p->group, b->p->name,
		".build.lock", lock_file))
		return err_set(err, "'%s': path too long", b->p->name);
	struct rrd_writer *writer = rrd_writer_new(lock_file, err);
	if (writer == NULL)
		return -1;
	b->first = b->r.tstart != 0 ? b->r.tstart : b->p->tstart;
	if (make_set(b, err) == 0)
		rc = fill(b, writer, err);
	rrd_writer_free(writer);
	return rc;
}

void
refill_run(struct bg *w, void *arg)
{
	struct rebuild b = { .job = arg, .work = w };
	struct err err = { "" };
	b.p = profile_load(b.job->c, b.job->group, b.job->name, &err);
	b.r.rc = b.p == NULL ? -1 : 0;
	if (b.p != NULL)
		count_files(&b);
	if (b.p != NULL && b.job->databases)
		b.r.rc = databases(&b, &err);
	b.r.kind = BG_DONE;
	(void)snprintf(b.r.text, sizeof(b.r.text), "%s", err.msg);
	bg_tell(w, &b.r);
	set_free(b.set);
	profile_free(b.p);
}
