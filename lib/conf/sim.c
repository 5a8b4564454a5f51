/* %sim: what a simulation replays. */
#include <string.h>

#include "base/slot.h"
#include "conf/settings.h"

#define SIM_CYCLE_MAX 86400

static const struct value *
sim_value(const struct loader *l, const char *key)
{
	return value_get(value_get(l->vars, "%sim"), key);
}

/* -1 when it is not there. */
static int
read_time(const struct loader *l, const char *key, int64_t *when)
{
	bool ok;
	const struct value *v = sim_value(l, key);
	const char *text = load_text(l, key, v, &ok);
	*when = -1;
	if (text == NULL)
		return ok ? 0 : -1;
	if (!slot_parse_iso(text, when) || *when < 0)
		return load_fail(l, load_place(v),
		    "%%sim: %s '%s' is no time, which is yyyymmddHHMM", key,
		    text);
	*when = slot_start(*when, l->c->cycletime);
	return 0;
}

static void
check_key(const struct loader *l, const struct value *sim, size_t i)
{
	static const char *const keys[] = { "tstart", "tbegin", "tend",
		"cycletime" };
	for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++)
		if (strcmp(sim->keys[i], keys[k]) == 0)
			return;
	load_warn(l, sim->key_at[i], "%%sim: unknown key '%s'", sim->keys[i]);
}

static int
check_order(const struct loader *l, struct value_place at)
{
	const struct conf_sim *s = &l->c->sim;
	if (s->tstart == -1)
		return load_fail(l, at, "%%sim: no tstart");
	if (s->tend == -1)
		return load_fail(l, at, "%%sim: no tend");
	if (s->tend <= s->tstart)
		return load_fail(l, at, "%%sim: tend is not after tstart");
	if (s->tbegin != -1 && (s->tbegin < s->tstart || s->tbegin > s->tend))
		return load_fail(l, at,
		    "%%sim: tbegin is not between tstart and tend");
	return 0;
}

int
load_sim(const struct loader *l)
{
	struct conf *c = l->c;
	const struct value *sim = value_get(l->vars, "%sim");
	int64_t cycle = 0;
	c->sim = (struct conf_sim){ -1, -1, -1, 0 };
	if (!c->simmode)
		return 0;
	if (sim == NULL || sim->type != VALUE_HASH)
		return load_fail(l,
		    load_place(
			sim != NULL ? sim : value_get(l->vars, "$SIMmode")),
		    "$SIMmode needs %%sim with tstart and tend");
	for (size_t i = 0; i < sim->n; i++)
		check_key(l, sim, i);
	if (read_time(l, "tstart", &c->sim.tstart) == -1 ||
	    read_time(l, "tbegin", &c->sim.tbegin) == -1 ||
	    read_time(l, "tend", &c->sim.tend) == -1 ||
	    load_int(l, "cycletime", sim_value(l, "cycletime"), 0,
		SIM_CYCLE_MAX, &cycle) == -1)
		return -1;
	c->sim.cycletime = (int)cycle;
	/* Pages come again when there is something new. */
	c->refresh = cycle < 2 ? 2 : (int)cycle;
	return check_order(l, load_place(sim));
}
