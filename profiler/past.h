/*
 * past: the child that builds a profile's past: every channel's flow files
 * and RRD from live's files, from tstart (but not before live's) to tend; a
 * continuous profile's up to live's newest slot.
 *
 * What an earlier child has done is not done again: RRDs know their newest
 * slot, files of later ones are replaced.
 */
#ifndef PROFILER_PAST_H
#define PROFILER_PAST_H

#include <stdbool.h>

#include "conf/conf.h"
#include "profiler/background.h"

struct past {
	const struct conf *c;
	const char *group, *name;
	/* What RRDs hold is not to be trusted (or there): from the start. */
	bool afresh;
};

/* For bg_start; arg is a struct past. */
void past_build(struct bg *w, void *arg);

#endif
