#include "profiler/rrdwriter.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "store/rrd.h"

struct rrd_writer {
	int lock; /* shared with the child */
	int fd;   /* -1: no child */
	pid_t pid;
};

struct request {
	int64_t last;
	int64_t slot;
	int64_t step;
	struct counters c;
	char path[FILE_PATH_MAX];
};

struct reply {
	int rc;
	struct err err;
};

/* ---- the child ---------------------------------------------------------------- */

static int
store(const struct request *q, struct err *err)
{
	int64_t before = q->slot - q->step;
	if (!file_exists(q->path) &&
	    rrd_channel_create(q->path, q->slot, q->step, err) == -1)
		return -1;
	if (q->last > 0 && q->last < before &&
	    rrd_channel_unknown(q->path, before, err) == -1)
		return -1;
	return rrd_channel_update(q->path, q->slot, &q->c, err);
}

static bool
is_request(const struct request *q, ssize_t n)
{
	return n == (ssize_t)sizeof(*q) &&
	       memchr(q->path, '\0', sizeof(q->path)) != NULL;
}

/*
 * Keep only the socket as 3 and the lock as 4: pid file and terminal belong
 * to the parent alone.
 */
static void
cut_loose(int fd, int lock)
{
	int null = open("/dev/null", O_RDWR);
	(void)setsid();
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGTERM, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
	(void)signal(SIGUSR1, SIG_IGN);
	for (int i = 0; null != -1 && i < 3; i++)
		(void)dup2(null, i);
	/* Out of each other's way first. */
	fd = fcntl(fd, F_DUPFD, 5);
	lock = fcntl(lock, F_DUPFD, 5);
	(void)dup2(fd, 3);
	(void)dup2(lock, 4);
	closefrom(5);
}

static _Noreturn void
child(int fd, int lock)
{
	struct request q;
	ssize_t n;
	cut_loose(fd, lock);
	while ((n = recv(3, &q, sizeof(q), 0)) > 0 ||
	       (n == -1 && errno == EINTR)) {
		struct reply a = { .rc = -1 };
		if (is_request(&q, n))
			a.rc = store(&q, &a.err);
		if (n > 0 &&
		    send(3, &a, sizeof(a), MSG_NOSIGNAL) != (ssize_t)sizeof(a))
			break;
	}
	_exit(0);
}

/* ---- the parent --------------------------------------------------------------- */

struct rrd_writer *
rrd_writer_new(const char *lock_file, struct err *err)
{
	int rc;
	int fd = open(lock_file, O_RDWR | O_CREAT | O_CLOEXEC, 0664);
	if (fd == -1) {
		(void)err_set(err, "%s: %s", lock_file, strerror(errno));
		return NULL;
	}
	do
		rc = flock(fd, LOCK_EX);
	while (rc == -1 && errno == EINTR);
	if (rc == -1) {
		(void)err_set(err, "%s: %s", lock_file, strerror(errno));
		(void)close(fd);
		return NULL;
	}
	struct rrd_writer *w = mem_calloc(1, sizeof(*w));
	w->lock = fd;
	w->fd = -1;
	return w;
}

static void
stop(struct rrd_writer *w)
{
	if (w->fd == -1)
		return;
	(void)close(w->fd);
	w->fd = -1;
	while (waitpid(w->pid, NULL, 0) == -1 && errno == EINTR)
		;
}

void
rrd_writer_free(struct rrd_writer *w)
{
	if (w == NULL)
		return;
	stop(w);
	(void)close(w->lock);
	free(w);
}

static int
start(struct rrd_writer *w, struct err *err)
{
	int pair[2];
	if (w->fd != -1)
		return 0;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == -1)
		return err_set(err, "socketpair: %s", strerror(errno));
	w->pid = fork();
	if (w->pid == 0)
		child(pair[1], w->lock);
	(void)close(pair[1]);
	if (w->pid == -1) {
		(void)close(pair[0]);
		return err_set(err, "fork: %s", strerror(errno));
	}
	w->fd = pair[0];
	return 0;
}

static int
ask(struct rrd_writer *w, const struct request *q, struct reply *a)
{
	ssize_t n;
	if (send(w->fd, q, sizeof(*q), MSG_NOSIGNAL) != (ssize_t)sizeof(*q))
		return -1;
	do
		n = recv(w->fd, a, sizeof(*a), 0);
	while (n == -1 && errno == EINTR);
	return n == (ssize_t)sizeof(*a) ? 0 : -1;
}

int
rrd_writer_store(struct rrd_writer *w, const char *path, int64_t last,
    int64_t slot, int64_t step, const struct counters *c, struct err *err)
{
	struct request q = { .last = last,
		.slot = slot,
		.step = step,
		.c = *c };
	struct reply a;
	int n = snprintf(q.path, sizeof(q.path), "%s", path);
	if (n < 0 || (size_t)n >= sizeof(q.path))
		return err_set(err, "%s: path too long", path);
	if (start(w, err) == -1)
		return -1;
	if (ask(w, &q, &a) == -1) {
		/* Not asked again: it may be this file that killed it. */
		stop(w);
		return err_set(err, "%s: the writing process died", path);
	}
	return a.rc == 0 ? 0 : err_set(err, "%s", a.err.msg);
}
