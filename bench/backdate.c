/*
 * backdate: `nfsen reconfig` as of an earlier time.
 *
 *   backdate CONFIG EPOCH
 *
 * Sets up sources and profiles so that they begin at EPOCH.  Flow files from
 * then on that are already in place are worked off by the profiler's
 * catch-up when it starts: a history for demonstrations and benchmarks.
 */
#include <stdio.h>
#include <stdlib.h>

#include "conf/conf.h"
#include "profile/profile.h"
#include "profile/reconfig.h"

static int
apply(const struct conf *c, int64_t when, struct err *err)
{
	struct plan plan;
	int rc = 0;
	if (plan_make(c, &plan, err) == -1)
		return -1;
	for (size_t i = 0; rc == 0 && i < plan.n; i++)
		rc = plan_apply(c, &plan.steps[i], when, err);
	plan_free(&plan);
	return rc;
}

static int
set_up(const char *path, int64_t when, struct err *err)
{
	struct conf *c = conf_load(path, err);
	if (c == NULL)
		return -1;
	int rc = plan_init_tree(c, when, err);
	int lock = rc == 0 ? profile_tree_lock(c, false, err) : -1;
	if (lock != -1) {
		rc = apply(c, when, err);
		profile_tree_unlock(lock);
	} else {
		rc = -1;
	}
	conf_free(c);
	return rc;
}

int
main(int argc, char **argv)
{
	struct err err;
	char *end = NULL;
	int64_t when = argc == 3 ? strtoll(argv[2], &end, 10) : 0;
	if (end == NULL || *end != '\0' || when <= 0) {
		(void)fputs("usage: backdate CONFIG EPOCH\n", stderr);
		return 2;
	}
	if (set_up(argv[1], when, &err) == 0)
		return 0;
	(void)fprintf(stderr, "backdate: %s\n", err.msg);
	return 1;
}
