/*
 * sim: the clock of a simulation ($SIMmode, %sim), which replays slots that
 * are in live's folders already.
 *
 * The clock stands at a slot's start; slots before it are ready to be worked
 * off.  It goes on by one slot when all of them are done and %sim's cycletime
 * has passed since it last did, and stops at tend.  Where it stands is kept
 * in hints (sim.tbreak, as NfSen has it), so that the next start goes on
 * there; after a crash, where live's databases end.
 */
#ifndef PROFILER_SIM_H
#define PROFILER_SIM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "conf/conf.h"

struct sim {
	int64_t clock; /* -1: no simulation */
	int64_t moved; /* when the clock last was, real time; -1 */
};

/* updated: live's newest slot. */
void sim_begin(struct sim *s, const struct conf *c, int64_t updated);

/* The newest slot that is ready; done: the newest that is worked off. */
int64_t sim_ready(struct sim *s, const struct conf *c, int64_t done,
    int64_t now);

/* Milliseconds until there may be more to do. */
int sim_rest(const struct sim *s, const struct conf *c, int64_t now);

/* Where the clock stands, into hints. */
int sim_save(const struct sim *s, const struct conf *c, struct err *err);

#endif
