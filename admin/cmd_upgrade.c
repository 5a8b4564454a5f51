/*
 * upgrade: new binaries for both daemons.  The collector hands its sockets
 * over and loses nothing; the profiler is started again and catches up.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

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

/* Does a service manager look after it? */
static bool
is_managed(const struct conf *c)
{
	struct ctl_result r;
	struct err err;
	const char *manager =
	    daemon_call(c, &daemon_profiler, "get-status", NULL, &r, &err) == 0
		? ctl_result_get(&r, "manager")
		: NULL;
	bool managed = manager != NULL && strcmp(manager, "1") == 0;
	ctl_result_free(&r);
	return managed;
}

/*
 * It ends so that its manager starts it again: started from here it would be
 * in the caller's session, without what its service says.
 */
static int
wait_for_manager(const struct conf *c, pid_t pid, struct err *err)
{
	const struct daemon *d = &daemon_profiler;
	pid_t now;
	if (kill(pid, SIGUSR2) == -1)
		return err_set(err, "%s: pid %ld: %s", d->program, (long)pid,
		    strerror(errno));
	for (int i = 0; i < d->stop_s * 10; i++) {
		if (daemon_look(c, d, &now) == DAEMON_UP && now != pid)
			return 0;
		(void)poll(NULL, 0, 100);
	}
	return err_set(err, "%s: its service manager does not start it again",
	    d->program);
}

static int
start_again(const struct admin *a, pid_t pid, struct err *err)
{
	if (is_managed(a->c))
		return wait_for_manager(a->c, pid, err);
	if (daemon_stop(a->c, &daemon_profiler, pid, err) == -1)
		return -1;
	return daemon_start(a, &daemon_profiler, err);
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
	if (start_again(a, pid, err) == -1) {
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
