/*
 * runner: programs and slow work, outside of a daemon.
 *
 * One small process, forked before the daemon reads anything from outside,
 * starts what is asked for: programs by argument vector, or functions of a
 * table ("workers"), each in a process group of its own with limits of time,
 * memory and output.  The daemon itself executes nothing, and what a job reads
 * can harm only the job.
 *
 *   daemon --requests--> runner --fork--> job, standard input and output on
 *      ^--------- a socket pair of the job's own ----------'
 *
 * Output comes as it is made and is waited for when the daemon takes none.
 * A job that is cancelled, or whose daemon is gone, is killed with all that it
 * started.  A runner that dies is started anew by the next job.
 *
 * Everything here belongs to one thread, the one with the poll loop.
 */
#ifndef RUNNER_RUNNER_H
#define RUNNER_RUNNER_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define RUNNER_JOBS_MAX    32 /* at work and waiting */
#define RUNNER_FDS_MAX     (RUNNER_JOBS_MAX + 1)
#define RUNNER_REQUEST_MAX (56 * 1024) /* bytes of all arguments of a job */
#define RUNNER_ARGS_MAX    1024

/* A worker writes to standard output and returns an exit status. */
struct runner_worker {
	const char *name; /* NULL ends a table */
	int (*run)(int argc, char **argv);
};

struct runner;
struct runner_job;
struct sandbox;

/* What jobs enter before anything else; NULL: nothing is held. */
struct runner_rooms {
	const struct sandbox *readers; /* jobs that may not write */
	const struct sandbox *guests;  /* programs that are not ours */
};

/*
 * Start it; at most `at_once` jobs work at a time, others wait.  The table
 * stays the caller's and has to live as long, as do the sandboxes
 * (rooms NULL: none).  NULL and err.
 */
struct runner *runner_new(const struct runner_worker *workers, unsigned at_once,
    const struct runner_rooms *rooms, struct err *err);

/* Kill what is at work; no events are told any more. */
void runner_free(struct runner *r);

struct runner_spec {
	const char *const *argv; /* NULL ends; [0]: path of a program, or a
	                            worker's name */
	bool worker;
	const void *input; /* what it reads, copied; NULL: nothing */
	size_t input_len;
	unsigned seconds;    /* of time on the clock, and of the processor */
	uint64_t memory_max; /* bytes of its own; 0: no limit */
	uint64_t output_max; /* bytes; 0: no limit */
	bool with_errors;    /* standard error goes where output goes */
	bool may_write;      /* files; else none can grow */
	bool guest;          /* it is held as programs that are not ours */
};

enum runner_how {
	RUNNER_ENDED,  /* status is what waitpid says */
	RUNNER_TIME,   /* killed: spec.seconds were over */
	RUNNER_OUTPUT, /* killed: more than spec.output_max */
	RUNNER_LOST    /* the runner could not start it, or has died */
};

/* Called from runner_serve; only ended() is the last call for a job. */
struct runner_events {
	void (*output)(void *ctx, const char *data, size_t n);
	bool (*full)(void *ctx); /* true: no output now; may be NULL */
	void (*ended)(void *ctx, enum runner_how how, int status);
	void *ctx;
};

/*
 * Have a job done.  NULL and err: too many already, or too long arguments.
 * That it cannot be started is told by its end.
 */
struct runner_job *runner_start(struct runner *r,
    const struct runner_spec *spec, const struct runner_events *events,
    struct err *err);

/* Nobody wants it any more: it is killed, no event follows. */
void runner_cancel(struct runner_job *job);

/* What to wait for; up to RUNNER_FDS_MAX entries.  Returns how many. */
size_t runner_pollfds(struct runner *r, struct pollfd *fds);

/* After poll. */
void runner_serve(struct runner *r, const struct pollfd *fds, size_t n);

#endif
