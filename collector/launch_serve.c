/*
 * The helper process of launch.h: one thread, a queue per source.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "collector/launch.h"
#include "collector/launch_private.h"

#define TICK_MS  100 /* between looks at who has ended */
#define GRACE_S  5   /* from TERM to KILL */
#define NO_START 127

struct job {
	struct job *next;
	pid_t pid; /* 0: waits */
	time_t until;
	bool told; /* to end */
	size_t len;
	char text[]; /* ident\0word\0word\0 */
};

struct helper {
	struct job *first; /* oldest first, running and waiting */
	size_t running;
	int timeout_s;
	struct program_start program;
};

static time_t
now(void)
{
	struct timespec ts;
	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

static void
add(struct helper *h, const char *text, size_t len)
{
	size_t waiting = 0;
	struct job **at = &h->first;
	for (; *at != NULL; at = &(*at)->next)
		waiting += strcmp((*at)->text, text) == 0 && (*at)->pid == 0;
	if (waiting == LAUNCH_WAITING) {
		log_warnx("too many commands wait, one is not run ident=%s",
		    text);
		return;
	}
	struct job *j = mem_calloc(1, sizeof(*j) + len);
	j->len = len;
	memcpy(j->text, text, len);
	*at = j;
}

/* In the child that becomes the command. */
static void
become(struct job *j)
{
	static const int ours[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2,
		SIGPIPE, SIGXFSZ };
	sigset_t none;
	size_t n = 0;
	char **argv = mem_calloc(j->len + 1, sizeof(*argv));
	char *s = j->text + strlen(j->text) + 1;
	for (; s < j->text + j->len; s += strlen(s) + 1)
		argv[n++] = s;
	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++)
		(void)signal(ours[i], SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	int fd = open("/dev/null", O_RDONLY);
	if (fd != -1)
		(void)dup2(fd, STDIN_FILENO);
	(void)execvp(argv[0], argv);
	_exit(NO_START);
}

static bool
is_running(const struct helper *h, const char *ident)
{
	for (const struct job *j = h->first; j != NULL; j = j->next)
		if (j->pid != 0 && strcmp(j->text, ident) == 0)
			return true;
	return false;
}

static void
start_some(struct helper *h)
{
	for (struct job *j = h->first; j != NULL && h->running < LAUNCH_RUNNING;
	     j = j->next) {
		if (j->pid != 0 || is_running(h, j->text))
			continue;
		pid_t pid = fork();
		if (pid == 0) {
			(void)setpgid(0, 0);
			become(j);
		}
		if (pid == -1) {
			log_warn("command not run ident=%s", j->text);
			return;
		}
		(void)setpgid(pid, pid);
		j->pid = pid;
		j->until = now() + h->timeout_s;
		h->running++;
	}
}

static const char *
command_of(const struct job *j)
{
	return j->text + strlen(j->text) + 1;
}

static void
log_end(const struct job *j, int status)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		log_debug("command done ident=%s", j->text);
	else if (WIFEXITED(status) && WEXITSTATUS(status) == NO_START)
		log_warnx("command cannot be run: %s ident=%s", command_of(j),
		    j->text);
	else if (WIFEXITED(status))
		log_warnx("command failed: %s status=%d ident=%s",
		    command_of(j), WEXITSTATUS(status), j->text);
	else
		log_warnx("command ended by a signal: %s signal=%d ident=%s",
		    command_of(j), WTERMSIG(status), j->text);
}

/* Who has ended is forgotten, who runs too long is ended. */
static void
look_after(struct helper *h)
{
	for (struct job **at = &h->first, *j; (j = *at) != NULL;) {
		int status;
		if (j->pid != 0 && waitpid(j->pid, &status, WNOHANG) != 0) {
			log_end(j, status);
			*at = j->next;
			free(j);
			h->running--;
			continue;
		}
		if (j->pid != 0 && now() >= j->until) {
			if (!j->told)
				log_warnx("command takes too long: %s "
					  "ident=%s",
				    command_of(j), j->text);
			(void)kill(-j->pid, j->told ? SIGKILL : SIGTERM);
			j->told = true;
			j->until = now() + GRACE_S;
		}
		at = &j->next;
	}
}

/* The descriptors that came with a message; how many. */
static size_t
take_fds(struct msghdr *m, int *fds)
{
	size_t n = 0;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL;
	     c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(*fds);
		memcpy(fds, CMSG_DATA(c), n * sizeof(*fds));
	}
	return n;
}

/* False: the collector has closed its end. */
static bool
take(struct helper *h, int fd)
{
	static char text[LAUNCH_BYTES + 1];
	union {
		struct cmsghdr head; /* aligns */
		char bytes[CMSG_SPACE(PROGRAM_BATCH * sizeof(int))];
	} control;
	int fds[PROGRAM_BATCH];
	for (;;) {
		struct iovec iov = { text, LAUNCH_BYTES };
		struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
		m.msg_control = control.bytes;
		m.msg_controllen = sizeof(control.bytes);
		ssize_t n = recvmsg(fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
		if (n == 0)
			return false;
		if (n == -1)
			return errno == EAGAIN || errno == EINTR;
		size_t n_fds = take_fds(&m, fds);
		text[n] = '\0';
		if (text[0] == '\0')
			program_message(&h->program, fd, text, (size_t)n, fds,
			    n_fds);
		else if (strlen(text) + 1 < (size_t)n)
			add(h, text, (size_t)n);
	}
}

void
launch_serve(int fd, int timeout_s)
{
	static struct helper h;
	h = (struct helper){ .timeout_s = timeout_s };
	bool open = true;
	while (open || h.first != NULL) {
		struct pollfd p = { .fd = open ? fd : -1, .events = POLLIN };
		(void)poll(&p, 1, h.first != NULL ? TICK_MS : -1);
		if (open)
			open = take(&h, fd);
		look_after(&h);
		start_some(&h);
	}
}
