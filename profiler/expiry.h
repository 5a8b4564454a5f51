/*
 * expiry: the child that takes away what is too old or too many, of one
 * profile or of all, after profile/expire.h's rules, and sees to it that
 * .nfstat are true; and that indexes of flow files (index/index.h) are there,
 * unless $INDEX is 0.  Of each profile one BG_PROFILE tells what came of it;
 * what goes wrong in one stops no other.
 */
#ifndef PROFILER_EXPIRY_H
#define PROFILER_EXPIRY_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/conf.h"
#include "profiler/background.h"

struct expiry {
	const struct conf *c;
	const char *group, *name; /* NULL: all */
	int64_t now;
	int64_t upto; /* newest slot that may go */
	bool deep;    /* look at all files, whatever .nfstat say */
};

/* For bg_start; arg is a struct expiry. */
void expiry_run(struct bg *w, void *arg);

#endif
