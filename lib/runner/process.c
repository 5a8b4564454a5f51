/*
 * The runner's own process: it waits for requests and for its children, and
 * looks at nothing that they read or write.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/proc.h"
#include "base/sandbox.h"
#include "runner/proto.h"

#define REQUESTS 3 /* the descriptor, after all others have been closed */

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MEMORY_COUNTS 0 /* sanitizers map terabytes */
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define MEMORY_COUNTS 0
#endif
#endif
#ifndef MEMORY_COUNTS
#define MEMORY_COUNTS 1
#endif

struct child {
	uint32_t id;
	pid_t pid; /* 0: free; also its process group */
	int64_t until_ms;
	bool late;
};

struct process {
	const struct runner_worker *workers;
	struct runner_rooms rooms;
	struct child *children; /* RUNNER_JOBS_MAX, which the keeper sees */
};

static void
on_child(int sig)
{
	(void)sig; /* it only has to end a wait */
}

static int64_t
now_ms(void)
{
	struct timespec ts;
	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void
report(uint32_t id, enum runner_how how, int status)
{
	const struct runner_report r = { id, (int32_t)how, status };
	while (
	    send(REQUESTS, &r, sizeof(r), MSG_NOSIGNAL) == -1 && errno == EINTR)
		;
}

/* ---- in the child ------------------------------------------------------------ */

static void
lower(struct rlimit *rl, uint64_t n)
{
	if (rl->rlim_max == RLIM_INFINITY || n < rl->rlim_max)
		rl->rlim_max = (rlim_t)n;
	rl->rlim_cur = rl->rlim_max;
}

/* What a limit is named by has another type on every system. */
#define LIMIT(what, n)                                                         \
	do {                                                                   \
		struct rlimit rl_;                                             \
		if (getrlimit(what, &rl_) == 0) {                              \
			lower(&rl_, n);                                        \
			(void)setrlimit(what, &rl_);                           \
		}                                                              \
	} while (0)

static void
limit_all(const struct runner_request *q)
{
	LIMIT(RLIMIT_CORE, 0);
	/* Threads may use several processors at once. */
	LIMIT(RLIMIT_CPU, (uint64_t)q->seconds * 4);
	if (!q->may_write)
		LIMIT(RLIMIT_FSIZE, 0);
	if (MEMORY_COUNTS && q->memory_max != 0)
		LIMIT(RLIMIT_DATA, q->memory_max);
	errno = 0;
	if (nice(5) == -1 && errno != 0)
		return; /* it then is as nice as the daemon */
}

static void
take_descriptors(int fd, bool with_errors)
{
	int null = open("/dev/null", O_WRONLY);
	(void)dup2(fd, STDIN_FILENO);
	(void)dup2(fd, STDOUT_FILENO);
	(void)dup2(with_errors ? fd : null, STDERR_FILENO);
	closefrom(3);
}

static void
usual_signals(void)
{
	static const int used[] = { SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGCHLD,
		SIGPIPE };
	sigset_t none;
	for (size_t i = 0; i < sizeof(used) / sizeof(used[0]); i++)
		(void)signal(used[i], SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static int
call_worker(const struct process *p, int argc, char **argv)
{
	for (const struct runner_worker *w = p->workers;
	     w != NULL && w->name != NULL; w++) {
		if (strcmp(w->name, argv[0]) != 0)
			continue;
		int status = w->run(argc, argv);
		return fflush(stdout) == 0 ? status : 126;
	}
	(void)printf("%s: no such worker\n", argv[0]);
	(void)fflush(stdout);
	return 127;
}

static _Noreturn void
job(const struct process *p, const struct runner_request *q, int fd,
    pid_t runner, char **argv)
{
	struct sandbox_held held;
	(void)setpgid(0, 0);
	proc_end_with(runner);
	/* Nobody but the runner says who is to be killed. */
	(void)munmap(p->children, sizeof(*p->children) * RUNNER_JOBS_MAX);
	take_descriptors(fd, q->with_errors);
	usual_signals();
	limit_all(q);
	const struct sandbox *room = q->guest       ? p->rooms.guests
				     : q->may_write ? NULL
						    : p->rooms.readers;
	if (room != NULL)
		sandbox_enter(room, &held);
	if (q->worker)
		_exit(call_worker(p, (int)q->argc, argv));
	(void)execv(argv[0], argv);
	(void)fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

/* ---- starting and ending --------------------------------------------------------- */

static struct child *
find(struct process *p, uint32_t id)
{
	for (size_t i = 0; i < RUNNER_JOBS_MAX; i++)
		if (p->children[i].pid != 0 && p->children[i].id == id)
			return &p->children[i];
	return NULL;
}

/* argv into the request's bytes; false: they are not what they should be. */
static bool
split(char *text, size_t len, uint32_t argc, char **argv)
{
	size_t at = 0;
	if (argc > RUNNER_ARGS_MAX || len == 0 || text[len - 1] != '\0')
		return false;
	for (uint32_t i = 0; i < argc; i++) {
		if (at >= len)
			return false;
		argv[i] = text + at;
		at += strlen(text + at) + 1;
	}
	argv[argc] = NULL;
	return at == len;
}

static void
start(struct process *p, const struct runner_request *q, char *text, size_t len,
    int fd)
{
	static char *argv[RUNNER_ARGS_MAX + 1];
	size_t i = 0;
	pid_t runner = getpid();
	while (i < RUNNER_JOBS_MAX && p->children[i].pid != 0)
		i++;
	if (fd == -1 || i == RUNNER_JOBS_MAX ||
	    !split(text, len, q->argc, argv)) {
		report(q->id, RUNNER_LOST, 0);
		return;
	}
	pid_t pid = fork();
	if (pid == 0)
		job(p, q, fd, runner, argv);
	if (pid == -1) {
		report(q->id, RUNNER_LOST, 0);
		return;
	}
	/* Both do it: whoever comes first, the group is there. */
	(void)setpgid(pid, pid);
	p->children[i] = (struct child){ .id = q->id,
		.pid = pid,
		.until_ms = now_ms() + (int64_t)q->seconds * 1000 };
}

static void
reap(struct process *p)
{
	int status;
	for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
		for (size_t i = 0; i < RUNNER_JOBS_MAX; i++) {
			struct child *c = &p->children[i];
			if (c->pid != pid)
				continue;
			/* What it started and left behind goes with it. */
			(void)kill(-pid, SIGKILL);
			report(c->id, c->late ? RUNNER_TIME : RUNNER_ENDED,
			    status);
			*c = (struct child){ 0 };
		}
}

static void
kill_child(const struct child *c)
{
	/* Its group may not be there yet. */
	(void)kill(c->pid, SIGKILL);
	(void)kill(-c->pid, SIGKILL);
}

static void
kill_all(const struct child *children)
{
	for (size_t i = 0; i < RUNNER_JOBS_MAX; i++)
		if (children[i].pid != 0)
			kill_child(&children[i]);
}

static _Noreturn void
end(struct process *p)
{
	kill_all(p->children);
	_exit(0);
}

/* ---- the loop ----------------------------------------------------------------------- */

/* One request; false: there is none now.  The daemon's end is ours. */
static bool
receive(struct process *p)
{
	static char data[RUNNER_DATAGRAM_MAX];
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = { data, sizeof(data) };
	struct msghdr m = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.space,
		.msg_controllen = sizeof(control.space) };
	struct runner_request q;
	int fd = -1;
	ssize_t n = recvmsg(REQUESTS, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (n == 0 || (n == -1 && errno != EAGAIN && errno != EINTR))
		end(p);
	if (n == -1)
		return false;
	struct cmsghdr *h = CMSG_FIRSTHDR(&m);
	if (h != NULL && h->cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(h), sizeof(fd));
	if ((size_t)n >= sizeof(q)) {
		memcpy(&q, data, sizeof(q));
		struct child *c = q.argc == 0 ? find(p, q.id) : NULL;
		if (c != NULL)
			kill_child(c);
		else if (q.argc != 0)
			start(p, &q, data + sizeof(q), (size_t)n - sizeof(q),
			    fd);
	}
	if (fd != -1)
		(void)close(fd);
	return true;
}

/* Kill who is late; returns how long there is nothing else to do. */
static int
check_time(struct process *p)
{
	int64_t now = now_ms(), wait = -1;
	for (size_t i = 0; i < RUNNER_JOBS_MAX; i++) {
		struct child *c = &p->children[i];
		if (c->pid == 0 || c->late)
			continue;
		int64_t left = c->until_ms - now;
		if (left <= 0) {
			c->late = true;
			kill_child(c);
		} else if (wait == -1 || left < wait)
			wait = left;
	}
	return wait > INT32_MAX ? INT32_MAX : (int)wait;
}

/* Nothing of the daemon's stays here but the way to it. */
static void
cut_loose(int fd)
{
	int null = open("/dev/null", O_RDWR);
	static const int ignored[] = { SIGHUP, SIGINT, SIGTERM, SIGUSR1,
		SIGPIPE };
	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		(void)signal(ignored[i], SIG_IGN);
	(void)setsid();
	fd = fcntl(fd, F_DUPFD, REQUESTS + 1);
	for (int i = 0; null != -1 && i < REQUESTS; i++)
		(void)dup2(null, i);
	(void)dup2(fd, REQUESTS);
	(void)fcntl(REQUESTS, F_SETFD, FD_CLOEXEC);
	closefrom(REQUESTS + 1);
}

static _Noreturn void
run(const struct runner_worker *workers, const struct runner_rooms *rooms,
    struct child *children)
{
	static struct process p;
	struct sigaction sa = { .sa_handler = on_child };
	sigset_t inside, outside;
	p.workers = workers;
	p.rooms = *rooms;
	p.children = children;
	/* Its end is seen only while waiting: none is missed. */
	(void)sigemptyset(&inside);
	(void)sigaddset(&inside, SIGCHLD);
	(void)sigprocmask(SIG_SETMASK, &inside, NULL);
	(void)sigemptyset(&outside);
	(void)sigaction(SIGCHLD, &sa, NULL);
	for (;;) {
		int wait = check_time(&p);
		struct timespec ts = { wait / 1000,
			(long)(wait % 1000) * 1000000 };
		struct pollfd pfd = { .fd = REQUESTS, .events = POLLIN };
		int n = ppoll(&pfd, 1, wait >= 0 ? &ts : NULL, &outside);
		reap(&p);
		while (n > 0 && receive(&p))
			;
	}
}

/* ---- its keeper ------------------------------------------------------------------------ */

/*
 * The daemon may have given up the right to start programs meanwhile, so a
 * runner that dies is replaced from here, where nothing has happened yet.
 * Jobs of a runner that died, and what those started, are killed from here:
 * the kernel ends a job with its runner, but not what the job started.
 */
_Noreturn void
runner_process(int fd, const struct runner_worker *workers,
    const struct runner_rooms *rooms)
{
	static const struct timespec pause = { .tv_sec = 1 };
	const size_t size = sizeof(struct child) * RUNNER_JOBS_MAX;
	struct child *children = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (children == MAP_FAILED)
		_exit(1);
	cut_loose(fd);
	for (;;) {
		int status = 0;
		pid_t pid = fork();
		if (pid == 0)
			run(workers, rooms, children);
		if (pid == -1)
			_exit(1);
		while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
			;
		if (WIFEXITED(status))
			_exit(0);
		kill_all(children);
		memset(children, 0, size);
		report(RUNNER_ALL_LOST, RUNNER_LOST, status);
		(void)nanosleep(&pause, NULL);
	}
}
