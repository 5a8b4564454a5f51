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
#include "collector/upgrade.h"
#include "conf/conf_cli.h"

static const char usage[] =
    "usage: nfsen-collector [-dDnv] [-c file]\n"
    "  -c file  configuration\n"
    "  -D       go into the background\n"
    "  -d       log more\n"
    "  -n       check the configuration and exit\n"
    "  -nv      check, and print it as it is in effect\n";

static volatile sig_atomic_t stop, reload, statistics, upgrade;

static void
on_signal(int sig)
{
	if (sig == SIGHUP)
		reload = 1;
	else if (sig == SIGUSR1)
		statistics = 1;
	else if (sig == SIGUSR2)
		upgrade = 1;
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
	static const int ours[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2 };
	struct sigaction sa = { .sa_handler = on_signal };
	sigset_t block;
	(void)sigemptyset(&block);
	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++) {
		(void)sigaction(ours[i], &sa, NULL);
		(void)sigaddset(&block, ours[i]);
	}
	(void)signal(SIGPIPE, SIG_IGN);
	/* A limit on files is an error of write(2) like a full disk. */
	(void)signal(SIGXFSZ, SIG_IGN);
	(void)sigprocmask(SIG_BLOCK, &block, open);
	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++)
		(void)sigdelset(open, ours[i]);
}

static void
loop(struct upgrade *u, const sigset_t *open)
{
	struct service *s = u->s;
	struct ctl_server *ctl = u->ctl;
	while (!stop && u->successor == 0) {
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
		if (upgrade) {
			struct err err;
			upgrade = 0;
			(void)upgrade_run(u, &err);
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
open_ctl(struct upgrade *u, struct err *err)
{
	char path[FILE_PATH_MAX];
	const struct conf *c = u->s->conf;
	if (!file_join(path, c->piddir, "nfsen-collector.ctl")) {
		(void)err_set(err, "%s: path too long", c->piddir);
		return NULL;
	}
	return ctl_server_open(path, 0660, ctl_group(c),
	    "nfsen-collector ready", upgrade_handle, u, err);
}

/* The old one's, when it hands over. */
static int
open_pidfile(struct pidfile *pf, const struct conf *c, int inherited,
    struct err *err)
{
	char path[FILE_PATH_MAX];
	if (!file_join(path, c->piddir, "nfsen-collector.pid"))
		return err_set(err, "%s: path too long", c->piddir);
	if (inherited == -1)
		return pidfile_open(pf, path, err);
	pf->fd = inherited;
	(void)snprintf(pf->path, sizeof(pf->path), "%s", path);
	return 0;
}

/* Receive first, and wait until the old one has named its files. */
static int
take_over(struct service *s, struct handover *h, struct listeners *ls,
    struct pidfile *pf, struct err *err)
{
	if (service_check(s, err) == -1 || handover_ready(h, ls, err) == -1)
		return -1;
	service_counts(s, ls);
	if (service_receive(s, err) == -1)
		return -1;
	handover_receiving(h);
	return pidfile_write(pf, err);
}

/* With sockets bound and the config's ids taken: run until told to stop. */
static int
serve(struct upgrade *u, struct handover *h, const sigset_t *open,
    struct err *err)
{
	struct service *s = u->s;
	if (service_start(s, err) == -1 || (u->ctl = open_ctl(u, err)) == NULL)
		return -1;
	log_info("ready sources=%zu ports=%zu", s->conf->n_sources,
	    s->listeners.n + s->stream.ls.n);
	if (h->fd != -1)
		handover_running(h);
	else
		proc_ready();
	loop(u, open);
	ctl_server_close(u->ctl);
	return 0;
}

/* All that is before the service: names, ids, the background. */
static int
prepare(const struct conf *conf, const struct conf_cli *cli,
    const struct handover *h, struct pidfile *pf, struct err *err)
{
	if (log_open("nfsen-collector",
		cli->detach ? conf->syslog_facility : NULL, err) == -1 ||
	    open_pidfile(pf, conf, h->pid_fd, err) == -1)
		return -1;
	if (h->fd != -1)
		return 0;
	if (cli->detach && proc_detach(err) == -1)
		return -1;
	return pidfile_write(pf, err);
}

static int
run(struct conf *conf, const struct conf_cli *cli,
    const struct program *program, struct pidfile *pf, struct err *err)
{
	struct service s;
	struct handover h;
	struct listeners ls, tcp;
	struct upgrade u = { .s = &s, .program = program, .pf = pf };
	sigset_t open;
	if (handover_inherit(&h, &ls, &tcp, err) == -1 ||
	    prepare(conf, cli, &h, pf, err) == -1) {
		if (h.fd != -1)
			pidfile_leave(pf);
		conf_free(conf);
		return -1;
	}
	catch_signals(&open);
	int rc = -1;
	if (service_bind(&s, conf, &ls, &tcp, err) == 0 &&
	    proc_drop(conf->user, conf->wwwgroup, err) == 0 &&
	    (h.fd == -1 || take_over(&s, &h, &ls, pf, err) == 0))
		rc = serve(&u, &h, &open, err);
	service_stop(&s);
	listeners_free(&ls);
	listeners_free(&tcp);
	/* It is the other one's, still or from now on. */
	if (u.successor != 0 || h.fd != -1)
		pidfile_leave(pf);
	if (rc == 0)
		log_info("stopped");
	return rc;
}

int
main(int argc, char **argv)
{
	struct conf_cli cli;
	struct pidfile pf = { .fd = -1 };
	struct program program;
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
	program_remember(&program, argv);
	int rc = run(conf, &cli, &program, &pf, &err);
	if (rc == -1)
		(void)fprintf(stderr, "nfsen-collector: %s\n", err.msg);
	pidfile_close(&pf);
	program_free(&program);
	return rc == -1;
}
