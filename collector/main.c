/* nfsen-collector: start-up, the loop around signals and requests, the end. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/proc.h"
#include "collector/status.h"
#include "conf/conf_cli.h"

static const char usage[] =
    "usage: nfsen-collector [-dDnv] [-c file]\n"
    "  -c file  configuration\n"
    "  -D       go into the background\n"
    "  -d       log more\n"
    "  -n       check the configuration and exit\n"
    "  -nv      check, and print it as it is in effect\n";

static volatile sig_atomic_t stop, reload, statistics;

static void
on_signal(int sig)
{
	if (sig == SIGHUP)
		reload = 1;
	else if (sig == SIGUSR1)
		statistics = 1;
	else
		stop = 1;
}

/*
 * Blocked everywhere; the main loop's ppoll lets them in.  Must come before
 * the first thread, which would inherit another mask.
 */
static void
catch_signals(sigset_t *open)
{
	static const int ours[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1 };
	struct sigaction sa = { .sa_handler = on_signal };
	sigset_t block;
	(void)sigemptyset(&block);
	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++) {
		(void)sigaction(ours[i], &sa, NULL);
		(void)sigaddset(&block, ours[i]);
	}
	(void)signal(SIGPIPE, SIG_IGN);
	(void)sigprocmask(SIG_BLOCK, &block, open);
	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++)
		(void)sigdelset(open, ours[i]);
}

static void
loop(struct service *s, struct ctl_server *ctl, const sigset_t *open)
{
	while (!stop) {
		struct pollfd fds[CTL_CLIENTS_MAX + 1];
		struct timespec second = { .tv_sec = 1 };
		size_t n = ctl_server_pollfds(ctl, fds);
		int rc = ppoll(fds, (nfds_t)n, &second, open);
		if (reload) {
			struct err err;
			reload = 0;
			(void)status_reload(s, &err);
		}
		if (statistics) {
			statistics = 0;
			status_log(s);
		}
		if (rc >= 0)
			ctl_server_run(ctl, fds, n);
	}
}

/* The group that may ask us things; who is not root may not be in it. */
static gid_t
ctl_group(const struct conf *c)
{
	uid_t uid;
	gid_t gid;
	struct err err;
	if (proc_ids(c->user, c->wwwgroup, &uid, &gid, &err) == -1)
		return (gid_t)-1;
	if (geteuid() == 0 || getegid() == gid)
		return gid;
	gid_t mine[256];
	int n = getgroups(sizeof(mine) / sizeof(*mine), mine);
	for (int i = 0; i < n; i++)
		if (mine[i] == gid)
			return gid;
	return (gid_t)-1;
}

static struct ctl_server *
open_ctl(struct service *s, struct err *err)
{
	char path[FILE_PATH_MAX];
	if (!file_join(path, s->conf->piddir, "nfsen-collector.ctl")) {
		(void)err_set(err, "%s: path too long", s->conf->piddir);
		return NULL;
	}
	return ctl_server_open(path, 0660, ctl_group(s->conf),
	    "nfsen-collector ready", status_handle, s, err);
}

static int
open_pidfile(struct pidfile *pf, const struct conf *c, struct err *err)
{
	char path[FILE_PATH_MAX];
	if (!file_join(path, c->piddir, "nfsen-collector.pid"))
		return err_set(err, "%s: path too long", c->piddir);
	return pidfile_open(pf, path, err);
}

/* With sockets bound and the config's ids taken: run until told to stop. */
static int
serve(struct service *s, const sigset_t *open, struct err *err)
{
	if (service_start(s, err) == -1)
		return -1;
	struct ctl_server *ctl = open_ctl(s, err);
	if (ctl == NULL)
		return -1;
	log_info("ready sources=%zu ports=%zu", s->conf->n_sources,
	    s->listeners.n);
	proc_ready();
	loop(s, ctl, open);
	ctl_server_close(ctl);
	return 0;
}

static int
run(struct conf *conf, const struct conf_cli *cli, struct pidfile *pf,
    struct err *err)
{
	struct service s;
	sigset_t open;
	if (log_open("nfsen-collector",
		cli->detach ? conf->syslog_facility : NULL, err) == -1 ||
	    open_pidfile(pf, conf, err) == -1 ||
	    (cli->detach && proc_detach(err) == -1) ||
	    pidfile_write(pf, err) == -1) {
		conf_free(conf);
		return -1;
	}
	catch_signals(&open);
	int rc = -1;
	if (service_bind(&s, conf, err) == 0 &&
	    proc_drop(conf->user, conf->wwwgroup, err) == 0)
		rc = serve(&s, &open, err);
	service_stop(&s);
	if (rc == 0)
		log_info("stopped");
	return rc;
}

int
main(int argc, char **argv)
{
	struct conf_cli cli;
	struct pidfile pf = { .fd = -1 };
	struct err err;
	int status = conf_cli_parse(argc, argv, usage, &cli);
	if (status != 0)
		return status == -1;
	struct conf *conf = conf_cli_load(&cli, &status);
	if (conf == NULL)
		return status;
	log_debug_set(cli.debug);
	(void)umask(002);
	tzset();
	int rc = run(conf, &cli, &pf, &err);
	if (rc == -1)
		(void)fprintf(stderr, "nfsen-collector: %s\n", err.msg);
	pidfile_close(&pf);
	return rc == -1;
}
