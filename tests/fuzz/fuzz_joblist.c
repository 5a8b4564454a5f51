/*
 * Any bytes as nfprofile's channel list: what is taken is bounded, named by
 * single path components, and there once; every line left out is said.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "profiler/joblist.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PAIRS 64 /* channels compared with each other: not a matter of time */

static unsigned said;

static void
note(const char *text)
{
	if (strncmp(text, "line ", 5) != 0)
		abort();
	said++;
}

static void
check_component(const char *name)
{
	size_t len = strlen(name);
	if (len == 0 || len > JOBLIST_NAME_MAX || name[0] == '.' ||
	    strpbrk(name, "/\n") != NULL)
		abort();
}

static void
check_channel(const struct job_channel *ch)
{
	if (ch->type > 15 || ch->line == 0)
		abort();
	if (strcmp(ch->group, ".") != 0)
		check_component(ch->group);
	check_component(ch->profile);
	check_component(ch->name);
	for (size_t i = 0; i < ch->n_sources; i++)
		check_component(ch->sources[i]);
}

static void
check_pair(const struct job_channel *x, const struct job_channel *y)
{
	if (x->line >= y->line || (strcmp(x->group, y->group) == 0 &&
				      strcmp(x->profile, y->profile) == 0 &&
				      strcmp(x->name, y->name) == 0))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = ARENA_EMPTY;
	struct job_list l;
	said = 0;
	joblist_parse((const char *)data, size, &a, &l, note);
	if (l.bad != said || l.n > JOBLIST_CHANNELS)
		abort();
	for (size_t i = 0; i < l.n; i++)
		check_channel(&l.channels[i]);
	for (size_t i = 1; i < l.n && i < PAIRS; i++)
		for (size_t k = 0; k < i; k++)
			check_pair(&l.channels[k], &l.channels[i]);
	arena_free(&a);
	return 0;
}
