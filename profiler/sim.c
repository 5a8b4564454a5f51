#include "profiler/sim.h"

#include <time.h>

#include "base/log.h"
#include "base/slot.h"
#include "profile/hints.h"

#define IDLE_MS 1000

/* Where the last run stopped, -1: nowhere. */
static int64_t
saved_clock(const struct conf *c)
{
	struct arena a = ARENA_EMPTY;
	struct err err;
	int64_t at = -1;
	struct perl_value *h = hints_read(c, &a, &err);
	if (h == NULL && err.msg[0] != '\0')
		log_warnx("%s", err.msg);
	(void)perl_number(perl_find(perl_find(h, "sim"), "tbreak"), &at);
	arena_free(&a);
	return at;
}

/* A start without simulation ends the one that was. */
static void
forget_clock(const struct conf *c)
{
	struct arena a = ARENA_EMPTY;
	struct err err;
	struct perl_value *h = hints_read(c, &a, NULL);
	if (perl_find(h, "sim") != NULL) {
		perl_unset(h, "sim");
		if (hints_write(c, h, &err) == -1)
			log_warnx("%s", err.msg);
	}
	arena_free(&a);
}

void
sim_begin(struct sim *s, const struct conf *c, int64_t updated)
{
	*s = (struct sim){ -1, -1 };
	if (!c->simmode) {
		forget_clock(c);
		return;
	}
	int64_t first = c->sim.tbegin != -1 ? c->sim.tbegin : c->sim.tstart;
	int64_t at = saved_clock(c);
	if (at < c->sim.tstart)
		at = first;
	if (at < updated + c->cycletime)
		at = updated + c->cycletime;
	s->clock = slot_start(at, c->cycletime);
	if (s->clock > c->sim.tend)
		s->clock = c->sim.tend;
	log_info("simulation from=%lld to=%lld", (long long)s->clock,
	    (long long)c->sim.tend);
}

int64_t
sim_ready(struct sim *s, const struct conf *c, int64_t done, int64_t now)
{
	int64_t ready = s->clock - c->cycletime;
	bool rested = s->moved == -1 || now < s->moved ||
		      now >= s->moved + c->sim.cycletime;
	if (done < ready || s->clock >= c->sim.tend || !rested)
		return ready;
	s->clock += c->cycletime;
	s->moved = now;
	if (s->clock >= c->sim.tend)
		log_info("simulation at its end slot=%lld",
		    (long long)ready + c->cycletime);
	return ready + c->cycletime;
}

int
sim_rest(const struct sim *s, const struct conf *c, int64_t now)
{
	if (s->clock >= c->sim.tend || now < s->moved ||
	    now < s->moved + c->sim.cycletime)
		return IDLE_MS;
	return 0;
}

int
sim_save(const struct sim *s, const struct conf *c, struct err *err)
{
	struct arena a = ARENA_EMPTY;
	struct err why;
	if (s->clock == -1)
		return 0;
	struct perl_value *h = hints_read(c, &a, &why);
	if (h == NULL)
		h = hints_new(c, &a, (int64_t)time(NULL));
	struct perl_value *sim = perl_map(&a);
	perl_set_int(&a, sim, "tbreak", s->clock);
	*perl_set(&a, h, "sim") = *sim;
	int rc = hints_write(c, h, err);
	arena_free(&a);
	return rc;
}
