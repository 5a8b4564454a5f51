/*
 * launch: what the collector has started by a helper process: commands at
 * rotation (-x), so that no thread of it ever forks or waits for one, and the
 * binary that takes its place (handover.h).  The helper is outside of the
 * collector's sandbox, in which no program can be started.
 *
 * A command is an argument vector; no shell.  In every word of it
 *
 *   %f  the file, relative to %d (with its sub-directory)
 *   %d  the source's folder
 *   %t  the slot as in the file's name, yyyymmddHHMM
 *   %u  the slot's start, epoch seconds     %i  the source's ident
 *   %%  a percent sign
 *
 * One command runs at a time for a source, LAUNCH_WAITING more wait, and
 * what comes then is dropped and logged.  Who runs longer than the time-out
 * is ended.
 */
#ifndef COLLECTOR_LAUNCH_H
#define COLLECTOR_LAUNCH_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

#define LAUNCH_TIMEOUT_S 300
#define LAUNCH_WAITING   8     /* per source */
#define LAUNCH_RUNNING   32    /* at a time, all sources */
#define LAUNCH_BYTES     32768 /* of a command with its words expanded */
#define LAUNCH_COMMANDS  4096

struct launch;

/* What a command is told. */
struct launch_file {
	const char *ident, *dir, *name, *time;
	int64_t slot;
};

/*
 * Start the helper, before any thread; it closes the n descriptors, which
 * are ours alone.
 */
struct launch *launch_start(int timeout_s, const int *fds, size_t n,
    struct err *err);

/*
 * A number for a command (words, ended by NULL; copied), 1 and up; the same
 * for the same words.  0: too many.  The main thread's.
 */
int launch_command(struct launch *l, const char *const *words);

/* Run it for a file; never waits.  Any one thread. */
void launch_run(struct launch *l, int command, const struct launch_file *f);

/*
 * Nothing more comes.  What waits and runs comes to its end, with or without
 * us.  NULL: nothing.
 */
void launch_stop(struct launch *l);

/*
 * A program that gets descriptors of ours.  Its environment has the variable
 * `env` with their numbers there, in their order, but for the last, which is
 * its standard error.
 */
struct launch_program {
	const char *const *argv;
	const char *cwd; /* or NULL */
	const char *env;
	const int *fds;
	size_t n;
};

/* The helper's end for it; the main thread's. */
int launch_fd(const struct launch *l);

/*
 * Its pid, or -1.  It is nobody's child: a service manager looks only after
 * those that are its own once their parents are gone.
 */
pid_t launch_program(int fd, const struct launch_program *p, struct err *err);

/* One word with its % replaced; for tests. */
void launch_expand(const char *word, const struct launch_file *f,
    struct buf *out);

/* The helper's life: reads commands from fd until it is closed. */
void launch_serve(int fd, int timeout_s);

#endif
