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

#include "base/log.h"

static void
store(const struct slot *s, struct rrd_writer *w, struct mark *m,
    const struct counters *c)
{
	struct err err;
	if (m->last >= s->start)
		return;
	if (rrd_writer_store(w, m->rrd, m->last, s->start, s->c->cycletime, c,
		&err) == 0) {
		m->last = s->start;
		m->bad = false;
		return;
	}
	if (!m->bad)
		log_errx("database not updated: %s", err.msg);
	m->bad = true;
}

static void
publish(struct slot *s, size_t i)
{
	struct err err;
	if (s->set->members[i].keeps && slot_publish(s, i, &err) == -1)
		log_errx("%s", err.msg);
}

static void
update_members(struct slot *s, struct rrd_writer *w)
{
	for (size_t i = 0; i < s->set->n_members; i++)
		if (s->due[i] && slot_has_data(s, i)) {
			publish(s, i);
			store(s, w, &s->set->members[i].mark, &s->members[i]);
		}
}

static void
update_sources(struct slot *s, struct rrd_writer *w)
{
	for (size_t i = 0; i < s->set->n_sources; i++)
		if (s->seen[i])
			store(s, w, &s->set->sources[i].mark, &s->sources[i]);
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
	for (size_t i = 0; i < s->set->n_profiles; i++)
		advance(s, s->set->profiles[i]);
	advance(s, s->set->live);
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

void
update_profiles(const struct conf *c, struct set *set)
{
	for (size_t i = 0; i < set->n_profiles; i++)
		save(c, set->profiles[i], &set->saved[i]);
	/* live last: its `updated` says that the whole slot is done. */
	save(c, set->live, &set->live_saved);
}
