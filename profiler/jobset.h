/*
 * jobset: the channels of nfprofile's list as a set the profiler's engine
 * works on: members with their filters, and as sources the files of one
 * slot.
 *
 * A file's ident is what its writer put into it, else the name of its
 * folder.  A channel that cannot be used is left out with a message that
 * begins "line N: "; an error in a filter shows the place with a caret.
 */
#ifndef PROFILER_JOBSET_H
#define PROFILER_JOBSET_H

#include "conf/conf.h"
#include "nffile/tree.h"
#include "profiler/joblist.h"
#include "profiler/jobopts.h"
#include "profiler/set.h"

/*
 * c has folders, layout and codec; `site` is the configuration with the
 * files and databases that filters may use, NULL: none, and must outlive
 * the set.  *bad: channels left out.  With -Z each good one is named on
 * standard output.  Freed by set_free.
 */
struct set *jobset_load(const struct conf *c, const struct conf *site,
    const struct job_opts *o, const struct job_list *l, unsigned *bad);

/* The files in the order that the job reads them. */
void jobset_sources(struct set *s, const struct job_opts *o,
    const struct tree_list *files);

#endif
