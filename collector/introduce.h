/*
 * introduce: what a flow file says of the exporters in it, in front of their
 * flows: who they are, how they sample, and what they call interfaces, VRFs
 * and applications.
 *
 * nfdump's names have no exporter: in files of several of them the last name
 * of an id counts.  Its samplers have no interface: rules by interface are
 * shown by the status command alone; sFlow's, by data source, have that as
 * their id.  Rates that change all the time, as with sFlow agents that adapt
 * them, are told once a second: flows are scaled already.
 */
#ifndef COLLECTOR_INTRODUCE_H
#define COLLECTOR_INTRODUCE_H

#include <stdbool.h>
#include <stdint.h>

#include "collector/source.h"

struct decoder;

#define INTRODUCE_RATES_MS 1000

/* Something was learnt since the current file was told; now: monotonic. */
static inline bool
introduce_due(const struct sender *x, int64_t now_ms)
{
	return !x->in_file || x->names_in_file != x->e.names_changed ||
	       (x->samplers_in_file != x->e.samplers_changed &&
		   now_ms - x->samplers_ms >= INTRODUCE_RATES_MS);
}

/* Write what the file of the sender's source does not have yet. */
void introduce(struct decoder *d, struct sender *x);

/*
 * A block that the disk refused may have had what introduces exporters: it
 * is said again.
 */
void introduce_again(struct source *s);

#endif
