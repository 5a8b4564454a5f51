/* start and stop, in NfSen's words. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "admin/daemon.h"
#include "base/file.h"
#include "profile/profile.h"
#include "profile/reconfig.h"

/* ---- stop ----------------------------------------------------------------- */

/* " (a b)[123]." for every port; all ports are one process. */
static int
stop_collector(const struct conf *c, struct err *err)
{
	pid_t pid;
	enum daemon_state s = daemon_look(c, &daemon_collector, &pid);
	int rc = 0;
	bool first = true;
	(void)printf("Shutdown nfcapd: ");
	for (int port = -1; (port = bundle_next(c, port)) != -1;) {
		bundle_print(c, port);
		if (!bundle_is_collected(c, port) || s == DAEMON_DOWN) {
			(void)printf("[no collector] ");
		} else if (s != DAEMON_UP) {
			(void)printf("[collector died unexpectedly] ");
		} else {
			(void)printf("[%ld]", (long)pid);
			if (first)
				rc =
				    daemon_stop(c, &daemon_collector, pid, err);
			else
				(void)putchar('.');
			(void)putchar(' ');
			first = false;
		}
	}
	/* It also runs when the last port has left the config. */
	if (s == DAEMON_UP && first) {
		(void)printf("[%ld]", (long)pid);
		rc = daemon_stop(c, &daemon_collector, pid, err);
	}
	(void)printf(".\n");
	return rc;
}

static int
stop_profiler(const struct conf *c, struct err *err)
{
	pid_t pid;
	int rc = 0;
	(void)printf("Shutdown nfsend:");
	switch (daemon_look(c, &daemon_profiler, &pid)) {
	case DAEMON_DOWN:
		(void)printf("[no pid file found!]");
		break;
	case DAEMON_DEAD:
	case DAEMON_EMPTY:
		(void)printf("[%ld][No such process]", (long)pid);
		break;
	case DAEMON_UP:
		(void)printf("[%ld]", (long)pid);
		rc = daemon_stop(c, &daemon_profiler, pid, err);
		break;
	}
	(void)putchar('\n');
	return rc;
}

static void
forget_dead(const struct conf *c)
{
	static const struct daemon *const all[] = { &daemon_collector,
		&daemon_profiler };
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		pid_t pid;
		enum daemon_state s = daemon_look(c, all[i], &pid);
		if (s == DAEMON_DEAD || s == DAEMON_EMPTY)
			daemon_forget(c, all[i]);
	}
}

/* The collector first: the profiler then sees its last files. */
static int
stop_all(const struct conf *c)
{
	struct err err;
	int rc = EXIT_OK;
	if (stop_collector(c, &err) == -1)
		rc = admin_fail(&err);
	if (stop_profiler(c, &err) == -1)
		rc = admin_fail(&err);
	forget_dead(c);
	return rc;
}

int
cmd_stop(struct admin *a)
{
	return stop_all(a->c);
}

/* ---- start ---------------------------------------------------------------- */

static bool
is_dead(const struct conf *c, const struct daemon *d)
{
	pid_t pid;
	enum daemon_state s = daemon_look(c, d, &pid);
	if (s == DAEMON_EMPTY)
		(void)printf("Unclean shutdown - zero size pid file\n");
	return s == DAEMON_DEAD;
}

/*
 * After a crash NfSen runs its stop sequence.  Here one daemon may have
 * survived the other: it goes on, and loses nothing.
 */
static int
clean_up(const struct conf *c)
{
	pid_t pid;
	bool dead = is_dead(c, &daemon_collector);
	dead |= is_dead(c, &daemon_profiler);
	if (!dead || daemon_look(c, &daemon_collector, &pid) == DAEMON_UP ||
	    daemon_look(c, &daemon_profiler, &pid) == DAEMON_UP) {
		if (dead)
			(void)printf("Unclean shutdown - start what died\n");
		forget_dead(c);
		return EXIT_OK;
	}
	(void)printf(
	    "Unclean shutdown - run stop sequence first to clean up!\n");
	return stop_all(c);
}

static void
print_collector(const struct conf *c, pid_t pid)
{
	for (int port = -1; (port = bundle_next(c, port)) != -1;) {
		bundle_print(c, port);
		if (!bundle_is_collected(c, port))
			(void)printf("[no collector] ");
		else
			(void)printf("[%ld] ", (long)pid);
	}
	(void)putchar('\n');
}

static int
start_collector(const struct admin *a, struct err *err)
{
	pid_t pid = 0;
	(void)printf("Starting nfcapd:");
	if (bundle_any(a->c) &&
	    daemon_look(a->c, &daemon_collector, &pid) != DAEMON_UP &&
	    daemon_start(a, &daemon_collector, err) == -1) {
		(void)printf(" collector did not start - see logfile\n");
		return -1;
	}
	(void)daemon_look(a->c, &daemon_collector, &pid);
	print_collector(a->c, pid);
	return 0;
}

static int
start_profiler(const struct admin *a, struct err *err)
{
	pid_t pid;
	(void)printf("Starting nfsend");
	if (daemon_look(a->c, &daemon_profiler, &pid) != DAEMON_UP &&
	    daemon_start(a, &daemon_profiler, err) == -1) {
		(void)printf(": did not start\n");
		return -1;
	}
	(void)printf(".\n");
	return 0;
}

static bool
all_run(const struct conf *c)
{
	pid_t pid;
	return daemon_look(c, &daemon_profiler, &pid) == DAEMON_UP &&
	       (!bundle_any(c) ||
		   daemon_look(c, &daemon_collector, &pid) == DAEMON_UP);
}

/* Profiles in the config that reconfig has not made yet are no reason to
 * collect nothing; say it and go on. */
static void
hint_profiles(const struct conf *c)
{
	struct plan plan;
	struct err err;
	if (plan_make(c, &plan, &err) == -1) {
		(void)fprintf(stderr, "%s\n", err.msg);
		return;
	}
	if (plan.n != 0)
		(void)printf("Configured profiles do not match existing "
			     "profiles. 'nfsen reconfig' applies them.\n");
	plan_free(&plan);
}

int
cmd_start(struct admin *a)
{
	struct err err;
	if (!admin_sources_match(a))
		return EXIT_FAILED;
	if (all_run(a->c)) {
		(void)printf("NfSen is already running!\n");
		return EXIT_FAILED;
	}
	if (clean_up(a->c) != EXIT_OK)
		return EXIT_FAILED;
	/* PIDDIR may be in a folder that a boot empties. */
	if (!file_exists(a->c->piddir) &&
	    plan_init_tree(a->c, (int64_t)time(NULL), &err) == -1)
		return admin_fail(&err);
	hint_profiles(a->c);
	if (start_collector(a, &err) == -1 || start_profiler(a, &err) == -1)
		return admin_fail(&err);
	return EXIT_OK;
}
