/*
 * expire: expiry of one profile's folder, for comparing it with nfexpire.
 *
 *	expire DIR MAXSIZE HOURS LOW_WATER CHANNEL...
 *
 * DIR has the channels' folders.  Prints "size first last", as .nfstat of all
 * channels say them then.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "profile/census.h"
#include "profile/expire.h"

static int
run(const struct conf *c, struct profile *p, int low_water, struct err *err)
{
	struct expire_limits l =
	    expire_limits_of(c, p, (int64_t)time(NULL), INT64_MAX);
	struct census_sum sum;
	struct expire_plan plan;
	struct expire_result r;
	l.low_water = low_water;
	if (census_sum(c, p, &sum, err) == -1)
		return -1;
	if (expire_due(&l, &sum)) {
		int rc = expire_choose(c, p, &l, &plan, err);
		if (rc == 0)
			rc = expire_apply(c, p, &plan, NULL, NULL, &r, err);
		expire_free(&plan);
		if (rc == -1 || census_sum(c, p, &sum, err) == -1)
			return -1;
	}
	(void)printf("%" PRIu64 " %" PRId64 " %" PRId64 "\n", sum.size,
	    sum.first, sum.last);
	return 0;
}

int
main(int argc, char **argv)
{
	char root[4096];
	struct err err;
	if (argc < 6) {
		(void)fputs("usage: expire DIR MAXSIZE HOURS LOW_WATER "
			    "CHANNEL...\n",
		    stderr);
		return 2;
	}
	(void)snprintf(root, sizeof(root), "%s", argv[1]);
	char *slash = strrchr(root, '/');
	if (slash == NULL)
		return 2;
	*slash = '\0';
	struct conf c = { .profiledatadir = root,
		.profilestatdir = root,
		.cycletime = 300 };
	struct profile *p = profile_new(".", slash + 1);
	p->maxsize = strtoull(argv[2], NULL, 10);
	p->expire = strtoll(argv[3], NULL, 10);
	for (int i = 5; i < argc; i++)
		(void)profile_add_channel(p, argv[i]);
	int rc = run(&c, p, (int)strtol(argv[4], NULL, 10), &err);
	profile_free(p);
	if (rc == -1)
		(void)fprintf(stderr, "expire: %s\n", err.msg);
	return rc == -1;
}
