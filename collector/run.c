#include "collector/run.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/proc.h"
#include "collector/confine.h"
#include "collector/status.h"
#include "collector/upgrade.h"

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
tell_status(const struct service *s)
{
	proc_status("%zu sources at %zu ports", s->conf->n_sources,
	    listeners_ports(&s->listeners) + s->stream.ls.n);
}

static void
on_hup(struct service *s, const struct run *r)
{
	struct err err;
	reload = 0;
	if (r->hup_ends)
		stop = 1;
	else {
		proc_reloading();
		(void)status_reload(s, &err);
		tell_status(s);
		proc_reloaded();
	}
}

static void
on_upgrade(struct upgrade *u)
{
	struct err err;
	upgrade = 0;
	if (u->program != NULL)
		(void)upgrade_run(u, &err);
}

static void
loop(struct upgrade *u, const struct run *r, const sigset_t *open)
{
	struct service *s = u->s;
	struct ctl_server *ctl = u->ctl;
	while (!stop && u->successor == 0) {
		struct pollfd fds[CTL_CLIENTS_MAX + 1];
		struct timespec second = { .tv_sec = 1 };
		size_t n = ctl != NULL ? ctl_server_pollfds(ctl, fds) : 0;
		int rc = ppoll(fds, (nfds_t)n, &second, open);
		proc_alive();
		if (reload)
			on_hup(s, r);
		if (statistics) {
			statistics = 0;
			status_log(s);
		}
		if (upgrade)
			on_upgrade(u);
		if (rc >= 0 && ctl != NULL)
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

/* The old one's, when it hands over. */
static int
open_pidfile(struct pidfile *pf, const struct run *r, int inherited,
    struct err *err)
{
	if (r->pidfile == NULL)
		return 0;
	if (inherited == -1)
		return pidfile_open(pf, r->pidfile, err);
	pf->fd = inherited;
	(void)snprintf(pf->path, sizeof(pf->path), "%s", r->pidfile);
	return 0;
}

/* What the old one had begun; without it connections end here. */
static void
go_on(struct service *s, struct handover *h)
{
	int *fds;
	size_t n;
	struct err err;
	handover_receiving(h, &fds, &n);
	if (n != 0) {
		if (carry_read(&s->carry, fds[0], fds + 1, n - 1, &err) == -1)
			log_errx("what the collector before had begun is "
				 "lost: %s",
			    err.msg);
		(void)close(fds[0]);
	}
	free(fds);
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
	go_on(s, h);
	return pidfile_write(pf, err);
}

/* With sockets bound and the config's ids taken: run until told to stop. */
static int
serve(struct upgrade *u, struct handover *h, const struct run *r,
    const sigset_t *open, struct err *err)
{
	struct service *s = u->s;
	if (service_start(s, err) == -1)
		return -1;
	if (r->ctl != NULL &&
	    (u->ctl = ctl_server_open(r->ctl, 0660, ctl_group(s->conf),
		 "nfsen-collector ready", upgrade_handle, u, err)) == NULL)
		return -1;
	if (r->hup_ends)
		log_info("Startup %s.", r->name);
	else
		log_info("ready sources=%zu ports=%zu", s->conf->n_sources,
		    listeners_ports(&s->listeners) + s->stream.ls.n);
	/* The old one tells the service manager who we are. */
	if (h->fd != -1) {
		handover_running(h);
	} else {
		proc_ready();
		tell_status(s);
	}
	loop(u, r, open);
	/* A successor goes on. */
	if (u->successor == 0)
		proc_stopping();
	if (u->ctl != NULL)
		ctl_server_close(u->ctl);
	return 0;
}

/* "text\n" lines to the log. */
static void
log_notes(const char *notes)
{
	while (notes != NULL && *notes != '\0') {
		size_t n = strcspn(notes, "\n");
		log_info("%.*s", (int)n, notes);
		notes += n + (notes[n] == '\n');
	}
}

/* All that is before the service: names, ids, the background. */
static int
prepare(const struct run *r, const struct handover *h, struct pidfile *pf,
    struct err *err)
{
	if (log_open(r->name, r->detach ? r->facility : NULL, err) == -1 ||
	    open_pidfile(pf, r, h->pid_fd, err) == -1)
		return -1;
	if (h->fd != -1)
		return 0;
	if (r->detach && proc_detach(err) == -1)
		return -1;
	log_notes(r->notes);
	return r->pidfile != NULL ? pidfile_write(pf, err) : 0;
}

/* Sockets, ids, the helper, the sandbox: all before the first thread. */
static int
begin(struct service *s, struct conf *conf, const struct run *r,
    const struct listeners *ls, const struct listeners *tcp, const int fds[2],
    struct err *err)
{
	if (service_bind(s, conf, ls, tcp, err) == -1)
		return -1;
	proc_urgent_allow();
	if (conf->user != NULL &&
	    proc_drop(conf->user, conf->wwwgroup, err) == -1)
		return -1;
	if (r->commands && service_helper(s, fds, 2, err) == -1)
		return -1;
	confine(conf, r->pidfile);
	return 0;
}

static int
run(struct conf *conf, const struct run *r, struct pidfile *pf, struct err *err)
{
	struct service s;
	struct handover h = { .fd = -1, .pid_fd = -1 };
	struct listeners ls = { 0 }, tcp = { 0 };
	struct upgrade u = { .s = &s, .program = r->program, .pf = pf };
	sigset_t open;
	if ((r->program != NULL &&
		handover_inherit(&h, &ls, &tcp, err) == -1) ||
	    prepare(r, &h, pf, err) == -1) {
		if (h.fd != -1)
			pidfile_leave(pf);
		conf_free(conf);
		return -1;
	}
	catch_signals(&open);
	const int fds[2] = { pf->fd, h.fd };
	int rc = -1;
	if (begin(&s, conf, r, &ls, &tcp, fds, err) == 0 &&
	    (h.fd == -1 || take_over(&s, &h, &ls, pf, err) == 0))
		rc = serve(&u, &h, r, &open, err);
	service_stop(&s);
	listeners_free(&ls);
	listeners_free(&tcp);
	/* It is the other one's, still or from now on. */
	if (u.successor != 0 || h.fd != -1)
		pidfile_leave(pf);
	if (rc == 0 && r->hup_ends)
		log_info("Terminating %s.", r->name);
	else if (rc == 0)
		log_info("stopped");
	return rc;
}

int
run_collector(struct conf *conf, const struct run *r)
{
	struct pidfile pf = { .fd = -1 };
	struct err err;
	(void)umask(002);
	tzset();
	int rc = run(conf, r, &pf, &err);
	if (rc == -1)
		(void)fprintf(stderr, "%s: %s\n", r->name, err.msg);
	pidfile_close(&pf);
	return rc == -1;
}
