/*
 * joblist: nfprofile's channel list, one line a channel:
 *
 *	group#profile#type#channel#source|source|...
 *
 * group "." for none; type: bits 1, 2 kind of profile, 4 shadow, 8 alert; no
 * sources, or "*": all of them.  Further '#' belong to the sources.  Names
 * become parts of paths, so each is one path component.
 *
 * A line that cannot be used is left out with a message that begins
 * "line N: "; blank lines are passed over.
 */
#ifndef PROFILER_JOBLIST_H
#define PROFILER_JOBLIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

#define JOBLIST_BYTES    (16 * 1024 * 1024) /* of all lines */
#define JOBLIST_LINE     65536              /* of one; nfprofile's own is 511 */
#define JOBLIST_NAME_MAX 127                /* a channel's is a file's ident */
#define JOBLIST_CHANNELS 100000

enum { JOB_SHADOW = 4, JOB_ALERT = 8 };

struct job_channel {
	unsigned line;
	unsigned type;
	const char *group;
	const char *profile;
	const char *name;
	const char **sources;
	size_t n_sources; /* 0: all */
};

struct job_list {
	struct job_channel *channels; /* each once */
	size_t n;
	unsigned bad; /* lines left out */
};

/* Channels live in the arena; text is not kept. */
void joblist_parse(const char *text, size_t len, struct arena *a,
    struct job_list *l, void (*complain)(const char *text));

#endif
