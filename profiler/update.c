/*
 * Which value a channel gets:
 *   some of its sources have a file in the slot: the totals, be they 0;
 *   none of them has one: nothing is known.
 * Unknown slots are not written when they pass, but in front of the next
 * value, as one update with unknown values: a real gap in the graphs, and
 * the next rate is not spread over it.  NfSen writes zeros for profiles and
 * nothing for live there, which halves the next rate.
 */
#include "profiler/update.h"

#include <sys/stat.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/slot.h"
#include "profile/nfstat.h"
#include "store/cached.h"

static void
stored(void *ctx, const char *why)
{
	struct mark *m = ctx;
	if (why == NULL) {
		m->last = m->sent;
		m->bad = false;
	} else {
		/* Some of several slots may be in. */
		int64_t last = rrd_channel_last(m->rrd, NULL);
		if (last > m->last)
			m->last = last;
		if (!m->bad)
			log_errx("database not updated: %s", why);
		m->bad = true;
	}
	m->sent = 0;
}

/* As many values as go in one request; false: none are left. */
static bool
flush(struct rrd_writer *w, struct mark *m, int64_t step)
{
	size_t n = m->n_wait - m->out;
	if (n == 0)
		return false;
	if (n > RRD_VALUES)
		n = RRD_VALUES;
	if (m->sent != 0)
		rrd_writer_wait(w);
	m->sent = m->wait[m->out + n - 1].slot;
	rrd_writer_store(w, m->rrd, step, m->wait + m->out, n, stored, m);
	m->out += n;
	if (m->out < m->n_wait)
		return true;
	m->n_wait = m->out = 0;
	return false;
}

static void
add(struct mark *m, const struct rrd_value *v)
{
	if (m->n_wait == m->cap)
		m->wait = mem_realloc(m->wait, m->cap = m->cap * 2 + 1,
		    sizeof(*m->wait));
	m->wait[m->n_wait++] = *v;
}

static int64_t
newest(const struct mark *m)
{
	if (m->n_wait > 0)
		return m->wait[m->n_wait - 1].slot;
	return m->sent != 0 ? m->sent : m->last;
}

/* room: how many values may wait. */
static void
store(const struct slot *s, struct rrd_writer *w, struct mark *m,
    const struct counters *c, size_t room)
{
	int64_t step = s->c->cycletime;
	struct rrd_value gap = { .slot = s->start - step };
	struct rrd_value v = { s->start, true, *c };
	int64_t last = newest(m);
	if (last >= s->start)
		return;
	if (m->n_wait + 2 > room)
		(void)flush(w, m, step);
	if (last > 0 && last < gap.slot)
		add(m, &gap);
	add(m, &v);
}

/* False: the file is not there as it should be. */
static bool
publish(struct slot *s, size_t i)
{
	struct err err;
	uint64_t lost = s->lost;
	if (!s->set->members[i].keeps)
		return true;
	if (slot_publish(s, i, &err) == 0)
		return s->lost == lost;
	log_errx("%s", err.msg);
	return false;
}

/*
 * A slot whose value is in the database is not worked on again: the files
 * must be on the disk by then, with names and all.  Forcing the whole file
 * system once takes a fraction of forcing each of many files.
 */
static void
force_files(const struct slot *s)
{
	struct err err;
	if (s->c->fsync != FSYNC_OFF &&
	    file_sync_all(s->c->profiledatadir, &err) == -1)
		log_errx("%s", err.msg);
}

static void
update_members(struct slot *s, struct rrd_writer *w)
{
	bool files = false;
	for (size_t i = 0; i < s->set->n_members; i++)
		if (s->due[i] && slot_has_data(s, i)) {
			files |= s->set->members[i].keeps;
			(void)publish(s, i);
		}
	if (files)
		force_files(s);
	for (size_t i = 0; i < s->set->n_members; i++)
		if (s->due[i] && slot_has_data(s, i))
			store(s, w, &s->set->members[i].mark, &s->members[i],
			    RRD_VALUES);
}

/* The collector keeps no books: live's files are counted as they pass. */
static void
account_source(const struct slot *s, struct source *src)
{
	char name[SLOT_PATH_MAX];
	char path[FILE_PATH_MAX];
	struct stat st;
	struct err err;
	(void)slot_path(s->start, s->c->cycletime, s->c->subdirlayout, name);
	if (src->mark.last >= s->start || !file_join(path, src->dir, name) ||
	    stat(path, &st) == -1)
		return;
	if (nfstat_file_added(src->dir, s->start, (uint64_t)st.st_blocks * 512,
		-1, &err) == 0) {
		src->stat_bad = false;
	} else if (!src->stat_bad) {
		src->stat_bad = true;
		log_errx("%s", err.msg);
	}
}

static void
update_sources(struct slot *s, struct rrd_writer *w)
{
	for (size_t i = 0; i < s->set->n_sources; i++) {
		if (!s->seen[i])
			continue;
		account_source(s, &s->set->sources[i]);
		store(s, w, &s->set->sources[i].mark, &s->sources[i],
		    RRD_VALUES);
	}
}

/* The ring's seconds get the numbers that the databases get. */
static void
settle(const struct slot *s)
{
	for (size_t i = 0; s->for_ring && i < s->set->n_members; i++)
		if (s->due[i] && slot_has_data(s, i))
			ring_settle(s->ring, i, &s->members[i]);
	for (size_t i = 0; s->for_ring && i < s->set->n_sources; i++)
		if (s->seen[i])
			ring_settle(s->ring, s->set->n_members + i,
			    &s->sources[i]);
}

static void
advance(const struct slot *s, struct profile *p)
{
	if (p->updated >= s->start || s->start < p->tstart)
		return;
	p->updated = s->start;
	p->tend = s->start;
}

void
update_slot(struct slot *s, struct rrd_writer *w)
{
	update_members(s, w);
	update_sources(s, w);
	settle(s);
	for (size_t i = 0; i < s->set->n_profiles; i++)
		advance(s, s->set->profiles[i]);
	advance(s, s->set->live);
}

void
update_publish(struct slot *s)
{
	for (size_t i = 0; i < s->set->n_members; i++)
		if (s->due[i] && slot_has_data(s, i))
			s->out[i].bad = !publish(s, i);
}

void
update_gather(struct slot *s, struct rrd_writer *w)
{
	for (size_t i = 0; i < s->set->n_members; i++) {
		struct member *m = &s->set->members[i];
		if (!s->due[i] || !slot_has_data(s, i))
			continue;
		m->failed |= s->out[i].bad;
		if (!m->failed)
			store(s, w, &m->mark, &s->members[i], SIZE_MAX);
	}
	for (size_t i = 0; i < s->set->n_sources; i++)
		if (s->seen[i])
			store(s, w, &s->set->sources[i].mark, &s->sources[i],
			    SIZE_MAX);
}

static void
save(const struct conf *c, struct profile *p, int64_t *saved)
{
	struct err err;
	if (*saved == p->updated)
		return;
	if ((p->type & PROFILE_SHADOW) == 0)
		profile_account(c, p);
	if (profile_save(c, p, &err) == -1)
		log_errx("%s", err.msg);
	else
		*saved = p->updated;
}

/* In turns, so that no file waits for its own last request. */
static void
flush_all(const struct conf *c, struct set *set, struct rrd_writer *w)
{
	for (bool more = true; more;) {
		more = false;
		for (size_t i = 0; i < set->n_members; i++)
			more |= flush(w, &set->members[i].mark, c->cycletime);
		for (size_t i = 0; i < set->n_sources; i++)
			more |= flush(w, &set->sources[i].mark, c->cycletime);
	}
	rrd_writer_wait(w);
}

void
update_flush(const struct conf *c, struct set *set, struct rrd_writer *w)
{
	struct err err;
	bool force = c->fsync != FSYNC_OFF;
	if (force && file_sync_all(c->profiledatadir, &err) == -1)
		log_errx("%s", err.msg);
	flush_all(c, set, w);
	if (force && file_sync_all(c->profilestatdir, &err) == -1)
		log_errx("%s", err.msg);
	for (size_t i = 0; i < set->n_members; i++)
		set->members[i].failed |= set->members[i].mark.bad;
}

void
update_profiles(const struct conf *c, struct set *set, struct rrd_writer *w)
{
	flush_all(c, set, w);
	for (size_t i = 0; i < set->n_profiles; i++)
		save(c, set->profiles[i], &set->saved[i]);
	/* live last: its `updated` says that the whole slot is done. */
	save(c, set->live, &set->live_saved);
}

void
update_uncache(const struct set *set)
{
	if (!rrd_cached_used())
		return;
	for (size_t i = 0; i < set->n_members; i++)
		rrd_cached_flush(set->members[i].mark.rrd);
	for (size_t i = 0; i < set->n_sources; i++)
		rrd_cached_flush(set->sources[i].mark.rrd);
}
