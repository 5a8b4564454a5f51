/*
 * daemon: the two programs that nfsen starts, stops and asks.
 */
#ifndef ADMIN_DAEMON_H
#define ADMIN_DAEMON_H

#include <sys/types.h>

#include "admin/admin.h"
#include "ctl/ctl.h"

struct daemon {
	const char *program; /* "nfsen-collector" */
	const char *pidfile; /* below PIDDIR */
	const char *socket;  /* below PIDDIR; NULL: COMMSOCKET */
	int stop_s;          /* how long it may take to end */
	int call_ms;         /* how long an answer may take */
};

extern const struct daemon daemon_collector;
extern const struct daemon daemon_profiler;

enum daemon_state {
	DAEMON_DOWN,
	DAEMON_DEAD,  /* its pid file is left over */
	DAEMON_EMPTY, /* likewise, and names no process */
	DAEMON_UP
};

/* *pid: who runs, or who the left-over file names (0: nobody). */
enum daemon_state daemon_look(const struct conf *c, const struct daemon *d,
    pid_t *pid);

/* Start detached and wait until it is ready; its errors go to stderr. */
int daemon_start(const struct admin *a, const struct daemon *d,
    struct err *err);

/*
 * TERM and wait, printing a dot now and every second.  -1: it does not end.
 */
int daemon_stop(const struct conf *c, const struct daemon *d, pid_t pid,
    struct err *err);

/* Remove the pid file of a dead daemon. */
void daemon_forget(const struct conf *c, const struct daemon *d);

/*
 * One request over its control socket.  0 with a reply that says OK; -1 with
 * the connection's error or the daemon's own words.  Free r in both cases.
 */
int daemon_call(const struct conf *c, const struct daemon *d,
    const char *command, const char *const *args, struct ctl_result *r,
    struct err *err);

#endif
