/*
 * cmd_work: commands whose work is done by the runner: queries, statistics
 * read from many files, pictures, look-ups.  The profiler goes on meanwhile;
 * a client that leaves ends its work.
 */
#ifndef PROFILER_CMD_WORK_H
#define PROFILER_CMD_WORK_H

#include "profiler/cmd.h"
#include "runner/runner.h"

#define WORK_AT_ONCE 4  /* jobs, of all clients */
#define WORK_SECONDS 60 /* for statistics and pictures */
#define WORK_OUTPUT  (16 * 1024 * 1024)
#define WORK_MEMORY  (UINT64_C(4) << 30)

/* The worker functions of the runner. */
extern const struct runner_worker work_workers[];

/* How a job ended. */
struct work_end {
	enum runner_how how;
	int status;      /* waitpid's */
	const char *out; /* what it said, unless it went to the client */
	size_t len;
	unsigned seconds; /* that it was given */
	void *note;       /* the command's, freed by free() after */
};

struct work_plan {
	struct runner_spec spec;
	/*
	 * NULL: output is collected for `end`.  Else it goes to the client at
	 * once, this before each of its lines.
	 */
	const char *prefix;
	/* Fills in the reply's end. */
	void (*end)(const struct work_end *e, struct ctl_reply *reply);
	void *note; /* from malloc, or NULL */
};

/* Begin, or answer why not.  What the reply holds is sent at once. */
void cmd_work(struct cmd *c, const struct work_plan *plan);

/*
 * An `end` for workers that write protocol lines and the status as the last
 * line: "flows=1 LF OK command completed LF".
 */
void work_end_lines(const struct work_end *e, struct ctl_reply *reply);

/* ERR for a job that did not come to its own end; false: it did. */
bool work_failed(const struct work_end *e, struct ctl_reply *reply);

#endif
