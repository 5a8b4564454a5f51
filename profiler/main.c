/* nfsen-profiler: start-up, one poll loop, orderly stop. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include "base/file.h"
#include "base/log.h"
#include "base/proc.h"
#include "conf/conf_cli.h"
#include "profile/reconfig.h"
#include "profiler/cmd_work.h"
#include "profiler/confine.h"
#include "profiler/ctl.h"
#include "profiler/nfprofile.h"
#include "profiler/waiting.h"
#include "store/cached.h"

static const char usage[] = "usage: nfsen-profiler [-Dd] [-c file]\n"
			    "       nfsen-profiler -n[v] [-c file]\n";

#define GATHER_MS 100 /* what a busy collector appends is read together */

static volatile sig_atomic_t quit;
static volatile sig_atomic_t reload;
static volatile sig_atomic_t stats;
static volatile sig_atomic_t again;

struct daemon {
	struct pidfile pid;
	struct sandbox readers, guests; /* for jobs of the runner */
	struct profiler *profiler;
	struct runner *runner;
	struct ctl_server *ctl;
};

static void
on_signal(int sig)
{
	if (sig == SIGHUP)
		reload = 1;
	else if (sig == SIGUSR2)
		again = 1;
	else if (sig == SIGUSR1)
		stats = 1;
	else
		quit = 1;
}

/* Signals arrive only inside ppoll: none is lost between test and sleep. */
static void
set_signals(sigset_t *outside)
{
	static const int used[] = { SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGUSR2 };
	struct sigaction sa = { .sa_handler = on_signal };
	sigset_t block;
	(void)sigemptyset(&block);
	for (size_t i = 0; i < sizeof(used) / sizeof(used[0]); i++) {
		(void)sigaddset(&block, used[i]);
		(void)sigaction(used[i], &sa, NULL);
	}
	sa.sa_handler = SIG_IGN;
	(void)sigaction(SIGPIPE, &sa, NULL);
	(void)sigprocmask(SIG_BLOCK, &block, outside);
}

/* One open file per source and per channel with flow files. */
static void
raise_file_limit(void)
{
	struct rlimit rl;
	if (getrlimit(RLIMIT_NOFILE, &rl) == 0) {
		rl.rlim_cur = rl.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &rl);
	}
}

/* ---- the loop ------------------------------------------------------------------ */

static void
take_signals(struct daemon *d)
{
	struct err err;
	if (reload) {
		reload = 0;
		proc_reloading();
		if (profiler_reload_config(d->profiler, &err) == -1)
			log_errx("reload: %s", err.msg);
		proc_reloaded();
	}
	if (stats) {
		stats = 0;
		log_info("state done=%lld slot=%lld behind=%lld",
		    (long long)d->profiler->done,
		    (long long)d->profiler->slot.start,
		    (long long)profiler_behind(d->profiler));
	}
}

/* Wait for clients and signals, and for files unless `fd` is -1. */
static bool
wait_for(struct daemon *d, int fd, int timeout_ms, const sigset_t *outside)
{
	struct pollfd fds[CTL_CLIENTS_MAX + RUNNER_FDS_MAX + 2];
	struct timespec ts = { timeout_ms / 1000,
		(long)(timeout_ms % 1000) * 1000000 };
	size_t n = ctl_server_pollfds(d->ctl, fds);
	n += runner_pollfds(d->runner, fds + n);
	fds[n] = (struct pollfd){ .fd = fd, .events = POLLIN };
	int rc = ppoll(fds, n + 1, &ts, outside);
	if (rc == -1 && errno != EINTR)
		log_warn("poll");
	if (rc == -1)
		return false;
	/* Also when nothing came: clients that are silent time out. */
	bool files = fds[n].revents != 0;
	runner_serve(d->runner, fds, n);
	ctl_server_run(d->ctl, fds, n);
	return files;
}

/* False: there is nobody who would start it again. */
static bool
wants_again(void)
{
	if (again && !proc_supervised())
		log_warnx("no service manager starts it again: goes on");
	else if (again)
		return true;
	again = 0;
	return false;
}

static void
serve(struct daemon *d, const sigset_t *outside)
{
	while (!quit && !wants_again()) {
		take_signals(d);
		proc_alive();
		int ms = profiler_step(d->profiler, (int64_t)time(NULL));
		int fd = profiler_fd(d->profiler);
		/* A step that left work behind only lets clients in. */
		if (wait_for(d, ms == 0 ? -1 : fd, ms, outside) && !quit)
			(void)wait_for(d, -1, GATHER_MS, outside);
	}
}

/* ---- start and stop -------------------------------------------------------------- */

static int
open_pidfile(struct daemon *d, const struct conf *c, struct err *err)
{
	char path[FILE_PATH_MAX];
	if (!file_join(path, c->piddir, "nfsend.pid"))
		return err_set(err, "%s: path too long", c->piddir);
	return pidfile_open(&d->pid, path, err);
}

static int
open_all(struct daemon *d, struct conf *c, const struct conf_cli *cli,
    struct err *err)
{
	uid_t uid;
	gid_t gid;
	if (proc_ids(c->user, c->wwwgroup, &uid, &gid, err) == -1 ||
	    proc_drop(c->user, c->wwwgroup, err) == -1)
		return -1;
	if (!plan_sources_match(c, err)) {
		(void)err_prefix(err,
		    "Configured sources do not match existing sources. "
		    "Run 'nfsen reconfig' first!");
		return -1;
	}
	if (open_pidfile(d, c, err) == -1 ||
	    (cli->detach && proc_detach(err) == -1) ||
	    pidfile_write(&d->pid, err) == -1)
		return -1;
	/* Before there is anything in memory that its jobs should not have. */
	confine_readers(c, &d->readers);
	confine_guests(c, &d->guests);
	const struct runner_rooms rooms = { &d->readers, &d->guests };
	d->runner = runner_new(work_workers, WORK_AT_ONCE,
	    c->sandbox != 0 ? &rooms : NULL, err);
	if (d->runner == NULL)
		return -1;
	/* Behind all that starts programs, before the writer of RRDs. */
	confine(c);
	d->profiler = profiler_open(c, err);
	if (d->profiler == NULL)
		return -1;
	d->profiler->runner = d->runner;
	waiting_begin(d->profiler);
	d->ctl = ctl_server_open(c->commsocket, 0660,
	    c->wwwgroup != NULL ? gid : (gid_t)-1, CTL_GREETING,
	    profiler_command, d->profiler, err);
	if (d->ctl == NULL)
		return -1;
	ctl_server_like_nfsend(d->ctl, profiler_knows);
	return 0;
}

static void
close_all(struct daemon *d)
{
	ctl_server_close(d->ctl);
	runner_free(d->runner);
	sandbox_free(&d->readers);
	sandbox_free(&d->guests);
	profiler_close(d->profiler);
	pidfile_close(&d->pid);
}

static int
run(struct conf *c, const struct conf_cli *cli)
{
	struct daemon d = { .pid = { .fd = -1 } };
	sigset_t outside;
	struct err err;
	rrd_cached_use(c->rrdcached);
	if (log_open("nfsen-profiler", cli->detach ? c->syslog_facility : NULL,
		&err) == -1 ||
	    open_all(&d, c, cli, &err) == -1) {
		(void)fprintf(stderr, "nfsen-profiler: %s\n", err.msg);
		if (d.profiler == NULL)
			conf_free(c);
		close_all(&d);
		return 1;
	}
	set_signals(&outside);
	proc_ready();
	log_info("started");
	serve(&d, &outside);
	proc_stopping();
	close_all(&d);
	log_info("stopped");
	return again ? PROC_AGAIN : 0;
}

int
main(int argc, char **argv)
{
	struct conf_cli cli;
	struct err err;
	if (nfprofile_wanted(argc, argv))
		return nfprofile_main(argc, argv);
	int rc = conf_cli_parse(argc, argv, usage, &cli);
	if (rc != 0)
		return rc == -1;
	(void)umask(0002);
	raise_file_limit();
	if (log_open("nfsen-profiler", NULL, &err) == -1) {
		(void)fprintf(stderr, "nfsen-profiler: %s\n", err.msg);
		return 1;
	}
	log_debug_set(cli.debug);
	struct conf *c = conf_cli_load(&cli, &rc);
	if (c != NULL)
		rc = run(c, &cli);
	return rc;
}
