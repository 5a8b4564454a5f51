/*
 * cmd: the commands on COMMSOCKET, a file per theme, each with a table.  What
 * they take and answer is nfsend's (man/nfsen-profiler.8): the same keys, the
 * same texts behind OK and ERR.
 *
 * A command runs to its end between two steps of the profiler, so it has to
 * be quick.  One that is not gives its work to the runner and answers later
 * (profiler/cmd_work.h).
 */
#ifndef PROFILER_CMD_H
#define PROFILER_CMD_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "ctl/ctl.h"
#include "profile/ops.h"
#include "profiler/profiler.h"

/* One command at work; freed when its function returns. */
struct cmd {
	struct profiler *p;
	const struct ctl_request *req;
	struct ctl_reply *reply;
	struct ops_request ops; /* of the arguments that operations know */
	struct arena arena;
	struct err err;
};

struct cmd_entry {
	const char *name; /* NULL ends a table */
	void (*run)(struct cmd *c);
};

extern const struct cmd_entry cmd_daemon[];   /* reload, reconfig, status */
extern const struct cmd_entry cmd_get[];      /* what there is */
extern const struct cmd_entry cmd_profile[];  /* what changes profiles */
extern const struct cmd_entry cmd_build[];    /* rebuild, expire */
extern const struct cmd_entry cmd_saved[];    /* filters and formats */
extern const struct cmd_entry cmd_query[];    /* run-nfdump */
extern const struct cmd_entry cmd_stat[];     /* get-statinfo, get-peek */
extern const struct cmd_entry cmd_ring[];     /* get-ring */
extern const struct cmd_entry cmd_alert[];    /* alerts */
extern const struct cmd_entry cmd_picture[];  /* pictures, look-ups */
extern const struct cmd_entry cmd_plugin[];   /* programs of plugins */
extern const struct cmd_entry cmd_internal[]; /* nfsend talking to itself */

/* The value of a setting that conf only keeps ("$PICDIR"); NULL: none. */
const char *cmd_setting(const struct cmd *c, const char *name);

/* ERR with what c->err says. */
void cmd_fail(struct cmd *c);

/* An argument's value, NULL when it is not there. */
const char *cmd_arg(const struct cmd *c, const char *key);

/* The argument is there and neither empty nor "0". */
bool cmd_flag(const struct cmd *c, const char *key);

/* The lines of a `_key` list joined with LF, NULL when none was sent. */
const char *cmd_lines(struct cmd *c, const char *key);

/*
 * The profile that the request names, loaded; NULL: ERR is answered.  Free
 * with profile_free.  channel may be NULL: not asked for, else it is the
 * request's bare channel name or NULL.
 */
struct profile *cmd_load_profile(struct cmd *c, const char **channel);

/* A text as "_key=line" lines. */
void cmd_add_lines(struct ctl_reply *reply, const char *key, const char *text);

#endif
