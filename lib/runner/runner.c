#include "runner/runner.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "runner/proto.h"

#define READ_AT_ONCE 32768

enum state {
	FREE,
	WAITING, /* for its turn */
	AT_WORK,
	CANCELLED /* nobody listens; the runner has not told its end yet */
};

struct runner_job {
	struct runner *runner;
	enum state state;
	uint32_t id;
	uint64_t order; /* who waits longest is next */
	int fd;         /* -1: its output has ended, or it waits */
	struct runner_request request;
	struct buf args;
	struct buf input;
	uint64_t output, output_max;
	bool reported; /* the runner has told its end */
	enum runner_how how;
	int status;
	struct runner_events events;
};

struct runner {
	const struct runner_worker *workers;
	struct runner_rooms rooms;
	unsigned at_once;
	pid_t pid;
	int fd; /* -1: it has died */
	uint32_t last_id;
	uint64_t order;
	struct runner_job jobs[RUNNER_JOBS_MAX];
};

/* ---- the process --------------------------------------------------------------- */

static int
spawn(struct runner *r, struct err *err)
{
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == -1)
		return err_set(err, "runner: socketpair: %s", strerror(errno));
	int size = 2 * (int)RUNNER_DATAGRAM_MAX;
	(void)setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	r->pid = fork();
	if (r->pid == 0)
		runner_process(pair[1], r->workers, &r->rooms);
	(void)close(pair[1]);
	if (r->pid == -1) {
		(void)close(pair[0]);
		return err_set(err, "runner: fork: %s", strerror(errno));
	}
	r->fd = pair[0];
	return 0;
}

struct runner *
runner_new(const struct runner_worker *workers, unsigned at_once,
    const struct runner_rooms *rooms, struct err *err)
{
	struct runner *r = mem_calloc(1, sizeof(*r));
	r->workers = workers;
	if (rooms != NULL)
		r->rooms = *rooms;
	r->at_once = at_once;
	r->fd = -1;
	for (size_t i = 0; i < RUNNER_JOBS_MAX; i++)
		r->jobs[i] = (struct runner_job){ .runner = r, .fd = -1 };
	if (spawn(r, err) == 0)
		return r;
	free(r);
	return NULL;
}

static void
hang_up(struct runner *r)
{
	if (r->fd == -1)
		return;
	(void)close(r->fd);
	r->fd = -1;
	while (waitpid(r->pid, NULL, 0) == -1 && errno == EINTR)
		;
}

/* ---- jobs ------------------------------------------------------------------------- */

static void
forget(struct runner_job *j)
{
	if (j->fd != -1)
		(void)close(j->fd);
	buf_free(&j->args);
	buf_free(&j->input);
	*j = (struct runner_job){ .runner = j->runner, .fd = -1 };
}

void
runner_free(struct runner *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < RUNNER_JOBS_MAX; i++)
		forget(&r->jobs[i]);
	hang_up(r);
	free(r);
}

static int
take_args(struct runner_job *j, const struct runner_spec *s, struct err *err)
{
	uint32_t n = 0;
	for (; s->argv[n] != NULL; n++) {
		buf_adds(&j->args, s->argv[n]);
		buf_addc(&j->args, '\0');
	}
	if (n != 0 && n <= RUNNER_ARGS_MAX &&
	    j->args.len <= RUNNER_REQUEST_MAX) {
		j->request.argc = n;
		return 0;
	}
	return err_set(err, "%u arguments of %zu bytes: at most %d of %d", n,
	    j->args.len, RUNNER_ARGS_MAX, RUNNER_REQUEST_MAX);
}

static void run_next(struct runner *r);

struct runner_job *
runner_start(struct runner *r, const struct runner_spec *s,
    const struct runner_events *events, struct err *err)
{
	size_t i = 0;
	while (i < RUNNER_JOBS_MAX && r->jobs[i].state != FREE)
		i++;
	if (i == RUNNER_JOBS_MAX) {
		(void)err_set(err, "too much is asked for at once: %d jobs",
		    RUNNER_JOBS_MAX);
		return NULL;
	}
	struct runner_job *j = &r->jobs[i];
	if (take_args(j, s, err) == -1) {
		forget(j);
		return NULL;
	}
	j->state = WAITING;
	j->id = j->request.id = ++r->last_id;
	j->order = ++r->order;
	j->request.seconds = s->seconds;
	j->request.worker = s->worker;
	j->request.with_errors = s->with_errors;
	j->request.may_write = s->may_write;
	j->request.guest = s->guest;
	j->request.memory_max = s->memory_max;
	j->output_max = s->output_max;
	j->events = *events;
	if (s->input != NULL)
		buf_add(&j->input, s->input, s->input_len);
	run_next(r);
	return j;
}

static void
tell_kill(const struct runner_job *j)
{
	const struct runner_request q = { .id = j->id };
	if (j->runner->fd != -1)
		(void)send(j->runner->fd, &q, sizeof(q),
		    MSG_NOSIGNAL | MSG_DONTWAIT);
}

void
runner_cancel(struct runner_job *j)
{
	if (j->state == AT_WORK && !j->reported) {
		tell_kill(j);
		if (j->fd != -1)
			(void)close(j->fd);
		j->fd = -1;
		j->state = CANCELLED;
	} else if (j->state != CANCELLED)
		forget(j);
}

/* ---- sending it off ------------------------------------------------------------------ */

static int
send_request(const struct runner_job *j, int fd)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { .space = { 0 } };
	struct runner_request q = j->request;
	struct iovec iov[2] = { { &q, sizeof(q) },
		{ j->args.data, j->args.len } };
	struct msghdr m = { .msg_iov = iov,
		.msg_iovlen = 2,
		.msg_control = control.space,
		.msg_controllen = sizeof(control.space) };
	struct cmsghdr *h = CMSG_FIRSTHDR(&m);
	h->cmsg_level = SOL_SOCKET;
	h->cmsg_type = SCM_RIGHTS;
	h->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(h), &fd, sizeof(fd));
	ssize_t n;
	do
		n = sendmsg(j->runner->fd, &m, MSG_NOSIGNAL);
	while (n == -1 && errno == EINTR);
	return n == -1 ? -1 : 0;
}

/* A runner that cannot be reached: its end is told like any other. */
static void
lose(struct runner_job *j)
{
	j->state = AT_WORK;
	j->reported = true;
	j->how = RUNNER_LOST;
}

static void
send_off(struct runner_job *j)
{
	struct err err;
	int pair[2];
	struct runner *r = j->runner;
	if (r->fd == -1 && spawn(r, &err) == -1) {
		log_errx("%s", err.msg);
		lose(j);
		return;
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == -1) {
		log_warn("runner: socketpair");
		lose(j);
		return;
	}
	j->state = AT_WORK;
	if (send_request(j, pair[1]) == -1) {
		log_warn("runner");
		lose(j);
	}
	(void)close(pair[1]);
	j->fd = pair[0];
	(void)fcntl(j->fd, F_SETFL, O_NONBLOCK);
	if (j->input.len == 0)
		(void)shutdown(j->fd, SHUT_WR);
}

static void
run_next(struct runner *r)
{
	for (;;) {
		struct runner_job *next = NULL;
		unsigned at_work = 0;
		for (size_t i = 0; i < RUNNER_JOBS_MAX; i++) {
			struct runner_job *j = &r->jobs[i];
			at_work += j->state == AT_WORK || j->state == CANCELLED;
			if (j->state == WAITING &&
			    (next == NULL || j->order < next->order))
				next = j;
		}
		if (next == NULL || at_work >= r->at_once)
			return;
		send_off(next);
	}
}

/* ---- what comes of it ------------------------------------------------------------------ */

static void
stop_output(struct runner_job *j, enum runner_how how)
{
	if (!j->reported)
		tell_kill(j);
	j->how = how;
	(void)close(j->fd);
	j->fd = -1;
}

static void
send_input(struct runner_job *j)
{
	ssize_t n = send(j->fd, j->input.data, j->input.len, MSG_NOSIGNAL);
	if (n > 0)
		buf_drop(&j->input, (size_t)n);
	/* It does not have to read all of it. */
	if (n == -1 && errno != EAGAIN && errno != EINTR)
		buf_clear(&j->input);
	if (j->input.len == 0)
		(void)shutdown(j->fd, SHUT_WR);
}

/* True while there may be more. */
static bool
take_output(struct runner_job *j)
{
	char data[READ_AT_ONCE];
	ssize_t n = recv(j->fd, data, sizeof(data), 0);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n <= 0) {
		(void)close(j->fd);
		j->fd = -1;
		return false;
	}
	j->output += (uint64_t)n;
	if (j->output_max != 0 && j->output > j->output_max) {
		stop_output(j, RUNNER_OUTPUT);
		return false;
	}
	j->events.output(j->events.ctx, data, (size_t)n);
	/* It may have been cancelled in there. */
	return j->state == AT_WORK && j->fd != -1;
}

/* All output is in and its end is known. */
static void
settle(struct runner_job *j)
{
	struct runner_events e = j->events;
	enum runner_how how = j->how;
	int status = j->status;
	forget(j);
	e.ended(e.ctx, how, status);
}

static bool
is_full(const struct runner_job *j)
{
	return j->events.full != NULL && j->events.full(j->events.ctx);
}

static void
take_report(struct runner *r, const struct runner_report *report)
{
	for (size_t i = 0; i < RUNNER_JOBS_MAX; i++) {
		struct runner_job *j = &r->jobs[i];
		if (j->id != report->id || j->state < AT_WORK)
			continue;
		if (j->state == CANCELLED) {
			forget(j);
			return;
		}
		j->reported = true;
		if (j->how == RUNNER_ENDED)
			j->how = (enum runner_how)report->how;
		j->status = report->status;
		return;
	}
}

static void
lose_all(struct runner *r)
{
	log_errx("the runner has died; jobs at work are lost");
	for (size_t i = 0; i < RUNNER_JOBS_MAX; i++) {
		struct runner_job *j = &r->jobs[i];
		if (j->state == CANCELLED)
			forget(j);
		else if (j->state == AT_WORK && !j->reported) {
			j->reported = true;
			j->how = RUNNER_LOST;
		}
	}
}

static void
died(struct runner *r)
{
	hang_up(r);
	lose_all(r);
}

static void
take_reports(struct runner *r)
{
	struct runner_report report;
	ssize_t n;
	while (r->fd != -1 &&
	       (n = recv(r->fd, &report, sizeof(report), MSG_DONTWAIT)) != -1) {
		if (n == 0)
			died(r);
		else if (n == sizeof(report) && report.id == RUNNER_ALL_LOST)
			lose_all(r);
		else if (n == sizeof(report))
			take_report(r, &report);
	}
	if (r->fd != -1 && errno != EAGAIN && errno != EINTR)
		died(r);
}

/* ---- in the poll loop -------------------------------------------------------------------- */

size_t
runner_pollfds(struct runner *r, struct pollfd *fds)
{
	size_t n = 0;
	if (r->fd != -1)
		fds[n++] = (struct pollfd){ .fd = r->fd, .events = POLLIN };
	for (size_t i = 0; i < RUNNER_JOBS_MAX; i++) {
		const struct runner_job *j = &r->jobs[i];
		if (j->state != AT_WORK || j->fd == -1)
			continue;
		short events = j->input.len != 0 ? POLLOUT : 0;
		if (!is_full(j))
			events |= POLLIN;
		/* With no event asked for, a hangup would spin. */
		if (events != 0)
			fds[n++] =
			    (struct pollfd){ .fd = j->fd, .events = events };
	}
	return n;
}

static short
revents_of(const struct pollfd *fds, size_t n, int fd)
{
	for (size_t i = 0; i < n; i++)
		if (fds[i].fd == fd)
			return fds[i].revents;
	return 0;
}

static void
serve_job(struct runner_job *j, short revents)
{
	if (j->fd != -1 && (revents & POLLOUT) != 0 && j->input.len != 0)
		send_input(j);
	if (j->fd != -1 && (revents & (POLLIN | POLLHUP | POLLERR)) != 0 &&
	    !is_full(j))
		/* Some of it, for others wait; an end is looked for at once. */
		for (int k = 0; k < 8 && take_output(j) && !is_full(j); k++)
			;
	/* A job that was never sent has no output to wait for. */
	if (j->reported && j->how == RUNNER_LOST && j->fd != -1) {
		(void)close(j->fd);
		j->fd = -1;
	}
	if (j->state == AT_WORK && j->reported && j->fd == -1)
		settle(j);
}

void
runner_serve(struct runner *r, const struct pollfd *fds, size_t n)
{
	take_reports(r);
	for (size_t i = 0; i < RUNNER_JOBS_MAX; i++) {
		struct runner_job *j = &r->jobs[i];
		if (j->state == AT_WORK)
			serve_job(j,
			    j->fd != -1 ? revents_of(fds, n, j->fd) : 0);
	}
	run_next(r);
}
