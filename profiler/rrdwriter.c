#include "profiler/rrdwriter.h"

#include <assert.h>
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
#include "store/cached.h"
#include "store/rrd.h"

/*
 * On the socket: a request's head, its values, the path; a reply, and the
 * message when it went wrong.  32 of either fit into the socket's buffers
 * many times over, so the child never waits to answer.
 */
#define WINDOW 32

struct request {
	int64_t step;
	size_t n;
};
#define REQUEST_MAX                                                            \
	(sizeof(struct request) + RRD_VALUES * sizeof(struct rrd_value) +      \
	    FILE_PATH_MAX)
#define REPLY_MAX 512 /* "" or the message, with NUL */

/* One that is on its way; answers come in order. */
struct sent {
	char *path;
	rrd_writer_done *done;
	void *ctx;
};

struct rrd_writer {
	int lock; /* shared with the child, -1: none */
	int fd;   /* -1: no child */
	pid_t pid;
	struct sent sent[WINDOW];
	size_t first, n;
	uint8_t *request;
};

/* ---- the child ---------------------------------------------------------------- */

static int
store(const struct request *q, const struct rrd_value *v, const char *path,
    struct err *err)
{
	if (!file_exists(path) &&
	    rrd_channel_create(path, v[0].slot, q->step, err) == -1)
		return -1;
	return rrd_channel_store(path, v, q->n, err);
}

static int
answer(const uint8_t *p, size_t len, struct err *err)
{
	struct request q;
	struct rrd_value v[RRD_VALUES];
	if (len < sizeof(q) || p[len - 1] != '\0')
		return err_set(err, "short request");
	memcpy(&q, p, sizeof(q));
	if (q.n == 0 || q.n > RRD_VALUES ||
	    len <= sizeof(q) + q.n * sizeof(v[0]))
		return err_set(err, "short request");
	memcpy(v, p + sizeof(q), q.n * sizeof(v[0]));
	return store(&q, v, (const char *)p + sizeof(q) + q.n * sizeof(v[0]),
	    err);
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
	(void)signal(SIGPIPE, SIG_IGN); /* an rrdcached that went */
	for (int i = 0; null != -1 && i < 3; i++)
		(void)dup2(null, i);
	/* Out of each other's way first. */
	fd = fcntl(fd, F_DUPFD, 5);
	lock = lock == -1 ? fcntl(null, F_DUPFD, 5) : fcntl(lock, F_DUPFD, 5);
	(void)dup2(fd, 3);
	(void)dup2(lock, 4);
	closefrom(5);
}

static _Noreturn void
child(int fd, int lock)
{
	static uint8_t request[REQUEST_MAX];
	ssize_t n;
	cut_loose(fd, lock);
	rrd_cached_keep(true);
	while ((n = recv(3, request, sizeof(request), 0)) > 0 ||
	       (n == -1 && errno == EINTR)) {
		struct err err = { "" };
		char text[REPLY_MAX];
		if (n == -1)
			continue;
		if (answer(request, (size_t)n, &err) == 0)
			err.msg[0] = '\0';
		int len = snprintf(text, sizeof(text), "%s", err.msg);
		size_t most = len < REPLY_MAX ? (size_t)len + 1 : REPLY_MAX;
		/* Nobody may hear it; what has been asked for is still done. */
		(void)send(3, text, most, MSG_NOSIGNAL);
	}
	_exit(0);
}

/* ---- the parent --------------------------------------------------------------- */

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

/* NULL: none.  Waits for the one who has it. */
static int
take_lock(struct rrd_writer *w, const char *lock_file, struct err *err)
{
	int rc = 0;
	if (lock_file == NULL)
		return 0;
	w->lock = open(lock_file, O_RDWR | O_CREAT | O_CLOEXEC, 0664);
	if (w->lock != -1)
		do
			rc = flock(w->lock, LOCK_EX);
		while (rc == -1 && errno == EINTR);
	if (w->lock == -1 || rc == -1)
		return err_set(err, "%s: %s", lock_file, strerror(errno));
	return 0;
}

struct rrd_writer *
rrd_writer_new(const char *lock_file, struct err *err)
{
	struct rrd_writer *w = mem_calloc(1, sizeof(*w));
	w->lock = w->fd = -1;
	w->request = mem_alloc(REQUEST_MAX);
	if (take_lock(w, lock_file, err) == -1 || start(w, err) == -1) {
		rrd_writer_free(w);
		return NULL;
	}
	return w;
}

static void
settle(struct rrd_writer *w, const char *why)
{
	struct sent s = w->sent[w->first];
	w->first = (w->first + 1) % WINDOW;
	w->n--;
	s.done(s.ctx, why);
	free(s.path);
}

/* Not asked again: it may be one of these files that killed it. */
static void
settle_dead(struct rrd_writer *w)
{
	struct err err;
	while (w->n > 0) {
		(void)err_set(&err, "%s: the writing process died",
		    w->sent[w->first].path);
		settle(w, err.msg);
	}
}

static void
stop(struct rrd_writer *w)
{
	if (w->fd != -1) {
		(void)close(w->fd);
		w->fd = -1;
		while (waitpid(w->pid, NULL, 0) == -1 && errno == EINTR)
			;
	}
	settle_dead(w);
}

/* The answer to the oldest request. */
static void
take_answer(struct rrd_writer *w)
{
	char text[REPLY_MAX];
	ssize_t n;
	do
		n = recv(w->fd, text, sizeof(text), 0);
	while (n == -1 && errno == EINTR);
	if (n <= 0) {
		stop(w);
		return;
	}
	text[n - 1] = '\0';
	settle(w, text[0] != '\0' ? text : NULL);
}

void
rrd_writer_wait(struct rrd_writer *w)
{
	while (w->n > 0)
		take_answer(w);
}

void
rrd_writer_free(struct rrd_writer *w)
{
	if (w == NULL)
		return;
	rrd_writer_wait(w);
	stop(w);
	if (w->lock != -1)
		(void)close(w->lock);
	free(w->request);
	free(w);
}

static int
send_request(struct rrd_writer *w, size_t len, struct err *err)
{
	ssize_t n;
	if (start(w, err) == -1)
		return -1;
	do
		n = send(w->fd, w->request, len, MSG_NOSIGNAL);
	while (n == -1 && errno == EINTR);
	return n == (ssize_t)len
		   ? 0
		   : err_set(err, "database writer: %s",
			 n == -1 ? strerror(errno) : "short send");
}

void
rrd_writer_store(struct rrd_writer *w, const char *path, int64_t step,
    const struct rrd_value *v, size_t n, rrd_writer_done *done, void *ctx)
{
	struct request q = { .step = step, .n = n };
	size_t path_len = strlen(path) + 1;
	struct err err;
	assert(n > 0 && n <= RRD_VALUES);
	if (path_len > FILE_PATH_MAX) {
		/* The path would push the cause out of the message. */
		(void)err_set(&err, "path too long: %s", path);
		done(ctx, err.msg);
		return;
	}
	if (w->n == WINDOW)
		take_answer(w);
	memcpy(w->request, &q, sizeof(q));
	memcpy(w->request + sizeof(q), v, n * sizeof(*v));
	memcpy(w->request + sizeof(q) + n * sizeof(*v), path, path_len);
	if (send_request(w, sizeof(q) + n * sizeof(*v) + path_len, &err) ==
	    -1) {
		stop(w);
		done(ctx, err.msg);
		return;
	}
	w->sent[(w->first + w->n++) % WINDOW] =
	    (struct sent){ mem_strdup(path), done, ctx };
}
