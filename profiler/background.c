#include "profiler/background.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/proc.h"

#define NICE 19

/* What the profiler says. */
struct order {
	char what; /* 'p'ause, 'g'o on, 'm'ore up to slot */
	int64_t slot;
};

struct bg {
	int fd;
	pthread_mutex_t lock; /* of whoever reads orders */
	bool paused;
	int64_t more; /* the answer, -2: none yet */
	const char *cancel_file;
	atomic_bool canceled;
};

/* ---- the child ------------------------------------------------------------------- */

/* Take an order, wait for one if asked to.  A dead profiler is the end. */
static bool
take_order(struct bg *w, bool wait)
{
	struct order o;
	ssize_t n;
	do
		n = recv(w->fd, &o, sizeof(o), wait ? 0 : MSG_DONTWAIT);
	while (n == -1 && errno == EINTR);
	if (n == -1 && errno == EAGAIN)
		return false;
	if (n != (ssize_t)sizeof(o))
		_exit(1);
	if (o.what == 'm')
		w->more = o.slot;
	else
		w->paused = o.what == 'p';
	return true;
}

static void
listen_up(struct bg *w)
{
	(void)pthread_mutex_lock(&w->lock);
	while (take_order(w, w->paused))
		;
	(void)pthread_mutex_unlock(&w->lock);
}

void
bg_cancel_file(struct bg *w, const char *path)
{
	w->cancel_file = path;
}

bool
bg_canceled(struct bg *w)
{
	if (!atomic_load(&w->canceled) && w->cancel_file != NULL &&
	    file_exists(w->cancel_file))
		atomic_store(&w->canceled, true);
	return atomic_load(&w->canceled);
}

bool
bg_go_on(struct bg *w)
{
	listen_up(w);
	return !bg_canceled(w);
}

void
bg_tell(struct bg *w, const struct bg_report *r)
{
	int flags = MSG_NOSIGNAL;
	ssize_t n;
	if (r->kind == BG_PROGRESS)
		flags |= MSG_DONTWAIT;
	do
		n = send(w->fd, r, sizeof(*r), flags);
	while (n == -1 && errno == EINTR);
}

int64_t
bg_ask(struct bg *w, const struct bg_report *r)
{
	w->more = -2;
	bg_tell(w, r);
	while (w->more == -2)
		(void)take_order(w, true);
	return w->more;
}

static void
default_signals(void)
{
	static const int used[] = { SIGHUP, SIGINT, SIGTERM, SIGUSR1 };
	sigset_t none;
	for (size_t i = 0; i < sizeof(used) / sizeof(used[0]); i++)
		(void)signal(used[i], SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Keep the log and, as 3, the socket: files and clients are the parent's. */
static int
cut_loose(int fd)
{
	(void)setsid();
	(void)setpriority(PRIO_PROCESS, 0, NICE);
	if (fd != 3)
		(void)dup2(fd, 3);
	(void)fcntl(3, F_SETFD, FD_CLOEXEC);
	log_reopen();
	closefrom(4);
	return 3;
}

/* ---- the profiler ---------------------------------------------------------------- */

int
bg_start(struct bg_child *c, void (*main)(struct bg *w, void *arg), void *arg,
    struct err *err)
{
	int pair[2];
	pid_t parent = getpid();
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == -1)
		return err_set(err, "Can't fork: socketpair: %s",
		    strerror(errno));
	c->pid = fork();
	if (c->pid == 0) {
		struct bg w = { .lock = PTHREAD_MUTEX_INITIALIZER };
		w.fd = cut_loose(pair[1]);
		default_signals();
		proc_end_with(parent);
		main(&w, arg);
		_exit(0);
	}
	(void)close(pair[1]);
	if (c->pid == -1) {
		c->pid = 0;
		(void)close(pair[0]);
		return err_set(err, "Can't fork: %s", strerror(errno));
	}
	c->fd = pair[0];
	return 0;
}

static void
order(struct bg_child *c, char what, int64_t slot)
{
	struct order o = { .what = what, .slot = slot };
	if (c->pid != 0)
		(void)send(c->fd, &o, sizeof(o), MSG_NOSIGNAL | MSG_DONTWAIT);
}

void
bg_pause(struct bg_child *c, bool pause)
{
	order(c, pause ? 'p' : 'g', 0);
}

void
bg_answer(struct bg_child *c, int64_t slot)
{
	order(c, 'm', slot);
}

bool
bg_hear(struct bg_child *c, struct bg_report *r)
{
	ssize_t n;
	if (c->fd == -1)
		return false;
	do
		n = recv(c->fd, r, sizeof(*r), MSG_DONTWAIT);
	while (n == -1 && errno == EINTR);
	return n == (ssize_t)sizeof(*r);
}

bool
bg_ended(struct bg_child *c)
{
	if (c->pid != 0 && waitpid(c->pid, NULL, WNOHANG) == c->pid)
		c->pid = 0;
	return c->pid == 0;
}

void
bg_forget(struct bg_child *c)
{
	if (c->fd != -1)
		(void)close(c->fd);
	*c = (struct bg_child){ .fd = -1 };
}

void
bg_kill(struct bg_child *c)
{
	if (c->pid == 0)
		return;
	(void)kill(c->pid, SIGKILL);
	while (waitpid(c->pid, NULL, 0) == -1 && errno == EINTR)
		;
	bg_forget(c);
}
