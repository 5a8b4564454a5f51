/*
 * A program that gets descriptors of ours: the collector's requests, and what
 * the helper does about them.
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
#include <unistd.h>

#include "base/mem.h"
#include "collector/launch.h"
#include "collector/launch_private.h"

#define ANSWER_MS 10000

/* ---- the collector -------------------------------------------------------- */

static int
send_fds(int fd, const int *fds, size_t n)
{
	union {
		struct cmsghdr head; /* aligns */
		char bytes[CMSG_SPACE(PROGRAM_BATCH * sizeof(int))];
	} control = { 0 };
	char kind[] = { '\0', 'F' };
	struct iovec iov = { kind, sizeof(kind) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	m.msg_control = control.bytes;
	m.msg_controllen = CMSG_SPACE(n * sizeof(int));
	struct cmsghdr *c = &control.head;
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(n * sizeof(int));
	memcpy(CMSG_DATA(c), fds, n * sizeof(int));
	return sendmsg(fd, &m, MSG_NOSIGNAL) == -1 ? -1 : 0;
}

/* The number it says; false: nothing came. */
static bool
hear(int fd, long *number)
{
	char text[32];
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int rc;
	do
		rc = poll(&p, 1, ANSWER_MS);
	while (rc == -1 && errno == EINTR);
	ssize_t n = rc == 1 ? recv(fd, text, sizeof(text) - 1, 0) : -1;
	if (n <= 0)
		return false;
	text[n] = '\0';
	*number = strtol(text, NULL, 10);
	return true;
}

static void
request(const struct launch_program *p, struct buf *b)
{
	buf_add(b, "\0S", 2);
	buf_add(b, p->cwd != NULL ? p->cwd : "",
	    p->cwd != NULL ? strlen(p->cwd) + 1 : 1);
	buf_add(b, p->env, strlen(p->env) + 1);
	for (const char *const *w = p->argv; *w != NULL; w++)
		buf_add(b, *w, strlen(*w) + 1);
}

pid_t
launch_program(int fd, const struct launch_program *p, struct err *err)
{
	struct buf b = BUF_EMPTY;
	long pid = 0;
	bool ok = p->n <= PROGRAM_FDS;
	for (size_t i = 0; ok && i < p->n; i += PROGRAM_BATCH)
		ok = send_fds(fd, p->fds + i,
			 p->n - i < PROGRAM_BATCH ? p->n - i : PROGRAM_BATCH) ==
		     0;
	request(p, &b);
	ok = ok && b.len <= LAUNCH_BYTES &&
	     send(fd, b.data, b.len, MSG_NOSIGNAL) != -1 && hear(fd, &pid);
	buf_free(&b);
	if (ok && pid > 0)
		return (pid_t)pid;
	(void)err_set(err, "%s: cannot be started: %s", p->argv[0],
	    pid < 0 ? strerror((int)-pid) : "no helper does it");
	return -1;
}

/* ---- the helper ----------------------------------------------------------- */

/* Ours, with `extra` instead of what it may have of that name. */
static char **
environment(char *extra)
{
	size_t n = 0, k = 0, len = strcspn(extra, "=") + 1;
	while (environ[n] != NULL)
		n++;
	char **env = mem_calloc(n + 2, sizeof(*env));
	for (size_t i = 0; i < n; i++)
		if (strncmp(environ[i], extra, len) != 0)
			env[k++] = environ[i];
	env[k] = extra;
	return env;
}

/* The last descriptor is its standard error, which is not named. */
_Noreturn static void
become(const struct program_start *p, const char *cwd, const char *name,
    char **argv)
{
	struct buf text = BUF_EMPTY;
	sigset_t none;
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	buf_printf(&text, "%s=", name);
	for (size_t i = 0; i + 1 < p->n; i++) {
		(void)fcntl(p->fds[i], F_SETFD, 0);
		buf_printf(&text, "%s%d", i == 0 ? "" : " ", p->fds[i]);
	}
	(void)dup2(p->fds[p->n - 1], STDERR_FILENO);
	if (*cwd != '\0' && chdir(cwd) == -1)
		(void)0; /* only relative paths need it, and miss it */
	(void)execvpe(argv[0], argv, environment(text.data));
	static const char said[] = "cannot be started\n";
	ssize_t n = write(STDERR_FILENO, said, sizeof(said) - 1);
	(void)n;
	_exit(127);
}

static void
forget_fds(struct program_start *p)
{
	for (size_t i = 0; i < p->n; i++)
		(void)close(p->fds[i]);
	p->n = 0;
}

/* The child of a child that ends at once; its pid, or an error below zero. */
static pid_t
start_orphan(const struct program_start *p, const char *cwd, const char *name,
    char **argv)
{
	int out[2];
	pid_t pid = -1;
	if (pipe2(out, O_CLOEXEC) == -1)
		return -errno;
	pid_t between = fork();
	if (between == 0) {
		if ((pid = fork()) == 0)
			become(p, cwd, name, argv);
		if (pid == -1)
			pid = -errno;
		ssize_t n = write(out[1], &pid, sizeof(pid));
		_exit(n == sizeof(pid) ? 0 : 1);
	}
	int why = errno;
	(void)close(out[1]);
	if (between == -1)
		pid = -why;
	else if (read(out[0], &pid, sizeof(pid)) != sizeof(pid))
		pid = -EIO;
	(void)close(out[0]);
	while (
	    between != -1 && waitpid(between, NULL, 0) == -1 && errno == EINTR)
		;
	return pid;
}

/* "cwd\0env\0word\0word\0" */
static pid_t
start(struct program_start *p, const char *text, size_t len)
{
	const char *end = text + len, *word[2] = { NULL, NULL };
	char **argv = mem_calloc(len + 1, sizeof(*argv));
	size_t n = 0;
	for (const char *s = text; s < end; s += strlen(s) + 1, n++)
		if (n < 2)
			word[n] = s;
		else
			argv[n - 2] = mem_strdup(s);
	pid_t pid = -EINVAL;
	if (n > 2 && p->n != 0)
		pid = start_orphan(p, word[0], word[1], argv);
	for (char **w = argv; *w != NULL; w++)
		free(*w);
	free(argv);
	return pid;
}

static void
answer(int fd, long number)
{
	struct buf b = BUF_EMPTY;
	buf_printf(&b, "%ld", number);
	(void)send(fd, b.data, b.len, MSG_NOSIGNAL);
	buf_free(&b);
}

void
program_message(struct program_start *p, int fd, const char *text, size_t len,
    const int *fds, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (p->n < PROGRAM_FDS)
			p->fds[p->n++] = fds[i];
		else
			(void)close(fds[i]);
	}
	if (len < 2 || text[1] == 'F')
		return;
	if (text[1] == 'S')
		answer(fd, start(p, text + 2, len - 2));
	forget_fds(p);
}
