#include "fcgi/master.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/proc.h"
#include "ctl/sock.h"
#include "fcgi/worker.h"

#define BACKLOG     128
#define WORKERS_MAX 64
#define STOP_TRIES  250 /* of 20 ms */

struct worker {
	pid_t pid; /* 0: not running */
	time_t started;
};

struct master {
	const struct conf *conf;
	struct conf *reloaded; /* what conf points to after a HUP, to free */
	int listen_fd;
	sigset_t unmasked;
	struct worker worker[WORKERS_MAX];
	size_t n;
	bool told; /* what a worker's sandbox holds */
};

static volatile sig_atomic_t got_term, got_hup;

static void
on_signal(int sig)
{
	if (sig == SIGHUP)
		got_hup = 1;
	else if (sig != SIGCHLD)
		got_term = 1;
}

static int
bind_and_listen(const struct conf *c, int fd, const struct sockaddr_un *sun,
    struct err *err)
{
	uid_t uid;
	gid_t gid;
	if (proc_ids(c->user, c->wwwgroup, &uid, &gid, err) == -1)
		return -1;
	if (bind(fd, (const struct sockaddr *)sun, sizeof(*sun)) == -1)
		return err_set(err, "%s: %s", sun->sun_path, strerror(errno));
	/* Only root may give it away; elsewhere the group is ours already. */
	if ((chown(sun->sun_path, (uid_t)-1, gid) == -1 && errno != EPERM) ||
	    chmod(sun->sun_path, 0660) == -1 || listen(fd, BACKLOG) == -1)
		return err_set(err, "%s: %s", sun->sun_path, strerror(errno));
	return 0;
}

/*
 * Descriptor 0 when a service manager or spawn-fcgi left its listening
 * socket there, moved to where going into the background leaves it alone.
 */
static int
inherited(void)
{
	int listens = 0;
	socklen_t n = sizeof(listens);
	if (getsockopt(STDIN_FILENO, SOL_SOCKET, SO_ACCEPTCONN, &listens, &n) ==
		-1 ||
	    listens == 0)
		return -1;
	return fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
}

int
master_listen(const struct conf *c, bool *own, struct err *err)
{
	struct sockaddr_un sun;
	int given = inherited();
	*own = given == -1;
	if (given != -1)
		return given;
	if (ctl_sock_addr(&sun, c->fcgisocket, err) == -1 ||
	    ctl_sock_clear(&sun, err) == -1)
		return -1;
	/* Workers wait in accept: unlike a control socket, it blocks. */
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return err_set(err, "socket: %s", strerror(errno));
	if (fd != -1 && bind_and_listen(c, fd, &sun, err) == -1) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

static void
start_worker(struct master *m, struct worker *w)
{
	pid_t self = getpid();
	pid_t pid = fork();
	if (pid == -1) {
		log_warn("fork a worker");
		return;
	}
	if (pid == 0) {
		(void)sigprocmask(SIG_SETMASK, &m->unmasked, NULL);
		int status = worker_run(m->conf, m->listen_fd, self, !m->told);
		/* A killed master's successor waits for lock and socket. */
		if (getppid() != self)
			_exit(status);
		exit(status);
	}
	m->told = true;
	*w = (struct worker){ .pid = pid, .started = time(NULL) };
}

/* False: one that died young has to wait; try again in a second. */
static bool
fill(struct master *m)
{
	bool all = true;
	for (size_t i = 0; i < m->n; i++) {
		struct worker *w = &m->worker[i];
		if (w->pid != 0)
			continue;
		if (time(NULL) - w->started < 1)
			all = false;
		else
			start_worker(m, w);
	}
	return all;
}

static void
reap(struct master *m)
{
	int status;
	for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
		for (size_t i = 0; i < m->n; i++)
			if (m->worker[i].pid == pid)
				m->worker[i].pid = 0;
		if (WIFSIGNALED(status) && WTERMSIG(status) != SIGTERM)
			log_warnx("worker ended by a signal pid=%ld signal=%d",
			    (long)pid, WTERMSIG(status));
	}
}

static void
tell(const struct master *m, int sig)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->worker[i].pid != 0)
			(void)kill(m->worker[i].pid, sig);
}

/*
 * A bad file leaves the old config.  The workers have theirs from the fork:
 * they end after the request at hand, and their successors have the new one.
 */
static void
reload(struct master *m)
{
	struct err err;
	struct conf *c = conf_load(m->conf->file, &err);
	if (c == NULL) {
		log_errx("reload: %s", err.msg);
		return;
	}
	conf_free(m->reloaded);
	m->conf = m->reloaded = c;
	for (size_t i = 0; i < m->n; i++)
		m->worker[i].started = 0; /* no penalty for ending now */
	tell(m, SIGTERM);
	log_info("config loaded again file=%s", c->file);
}

static void
block_signals(sigset_t *unmasked)
{
	static const int sigs[] = { SIGTERM, SIGINT, SIGHUP, SIGCHLD };
	struct sigaction sa = { .sa_handler = on_signal };
	sigset_t block;
	(void)sigemptyset(&sa.sa_mask);
	(void)sigemptyset(&block);
	for (size_t i = 0; i < sizeof(sigs) / sizeof(*sigs); i++) {
		(void)sigaction(sigs[i], &sa, NULL);
		(void)sigaddset(&block, sigs[i]);
	}
	/* Blocked but while waiting, so that none comes in between. */
	(void)sigprocmask(SIG_BLOCK, &block, unmasked);
}

/*
 * Signals can come just before a worker waits: they are sent until it has
 * gone, and in the end one that cannot be missed.
 */
static void
stop_workers(struct master *m)
{
	static const struct timespec pause = { .tv_nsec = 20000000 };
	for (int i = 0; i <= STOP_TRIES; i++) {
		size_t left = 0;
		if (i % 10 == 0)
			tell(m, i < STOP_TRIES ? SIGTERM : SIGKILL);
		(void)nanosleep(&pause, NULL);
		reap(m);
		for (size_t k = 0; k < m->n; k++)
			left += m->worker[k].pid != 0;
		if (left == 0)
			return;
	}
}

int
master_run(const struct conf *c, int listen_fd)
{
	struct master m = { .conf = c, .listen_fd = listen_fd };
	static const struct timespec second = { .tv_sec = 1 };
	m.n = (size_t)c->fcgiworkers;
	if (m.n < 1 || m.n > WORKERS_MAX)
		m.n = m.n < 1 ? 1 : WORKERS_MAX;
	block_signals(&m.unmasked);
	(void)fill(&m);
	proc_ready();
	while (!got_term) {
		bool waiting = !fill(&m);
		struct timespec *t = waiting ? &(struct timespec){ 0 } : NULL;
		if (t != NULL)
			*t = second;
		(void)pselect(0, NULL, NULL, NULL, t, &m.unmasked);
		reap(&m);
		if (got_hup) {
			got_hup = 0;
			proc_reloading();
			reload(&m);
			proc_reloaded();
		}
	}
	proc_stopping();
	stop_workers(&m);
	conf_free(m.reloaded);
	return 0;
}
