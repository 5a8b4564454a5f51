/*
 * upgrade: new binaries for both daemons.  The collector hands its sockets
 * over and loses nothing; the profiler is started again and catches up.
 */
#include <stdio.h>

#include "admin/daemon.h"

/* It finishes its files on whatever disk there is. */
#define CALL_MS 120000

static int
upgrade_collector(const struct conf *c, struct err *err)
{
	struct daemon d = daemon_collector;
	struct ctl_result r;
	pid_t pid;
	d.call_ms = CALL_MS;
	if (daemon_look(c, &d, &pid) != DAEMON_UP) {
		(void)printf("No collector is running\n");
		return 0;
	}
	(void)printf("Upgrade nfcapd:[%ld]", (long)pid);
	int rc = daemon_call(c, &d, "upgrade", NULL, &r, err);
	const char *successor = rc == 0 ? ctl_result_get(&r, "pid") : NULL;
	(void)printf(" -> [%s]\n", successor != NULL ? successor : "failed");
	ctl_result_free(&r);
	return rc;
}

static int
restart_profiler(const struct admin *a, struct err *err)
{
	pid_t pid;
	if (daemon_look(a->c, &daemon_profiler, &pid) != DAEMON_UP) {
		(void)printf("No nfsend is running\n");
		return 0;
	}
	(void)printf("Restart nfsend:[%ld]", (long)pid);
	if (daemon_stop(a->c, &daemon_profiler, pid, err) == -1 ||
	    daemon_start(a, &daemon_profiler, err) == -1) {
		(void)printf(" -> [failed]\n");
		return -1;
	}
	(void)daemon_look(a->c, &daemon_profiler, &pid);
	(void)printf(" -> [%ld]\n", (long)pid);
	return 0;
}

int
cmd_upgrade(struct admin *a)
{
	struct err err;
	if (!admin_sources_match(a))
		return EXIT_FAILED;
	if (upgrade_collector(a->c, &err) == -1 ||
	    restart_profiler(a, &err) == -1)
		return admin_fail(&err);
	return EXIT_OK;
}
