/*
 * jobopts: the command line of nfprofile, of 1.6 and 1.7, into a job.
 *
 * All forms of choosing a codec are taken: -z, -y, -j, -z=lz4, -z=zstd:3 ...,
 * meaning what nffile/codec.h says; a file name's order and the number of a
 * slot are checked; what has no meaning here is accepted and said.
 */
#ifndef PROFILER_JOBOPTS_H
#define PROFILER_JOBOPTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "nffile/layout.h"

enum job_action {
	JOB_RUN,
	JOB_CHECK, /* -Z: look at the filters and end */
	JOB_HELP,
	JOB_VERSION
};

struct job_opts {
	enum job_action action;
	bool list;            /* -I: channels on standard input */
	const char *data_dir; /* -p */
	const char *stat_dir; /* -P, else as -p */
	const char *suffix;   /* -f, "filter.txt" */
	const char *sources;  /* -M, NULL: -r names the file */
	const char *file;     /* -r */
	int64_t slot;         /* -t, 0: no database is updated */
	int layout;           /* -S, 0..8 */
	enum nffile_codec codec;
	int level;
	unsigned threads; /* --threads, 0: all processors */
	struct buf notes; /* lines: options that have no meaning here */
};

extern const char job_usage[];

/*
 * Pointers lead into argv.  -1: err names the option.  Directories are not
 * looked at.
 */
int jobopts_parse(struct job_opts *o, int argc, char **argv, struct err *err);
void jobopts_free(struct job_opts *o);

#endif
