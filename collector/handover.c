/* handover: the old side.  What the new one does is in inherit.c. */
#include "collector/handover.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "collector/handover_private.h"

#define READY_MS   15000
#define RECEIVE_MS 5000
#define RUNNING_MS 60000
#define SAID_MAX   4096 /* of what the new one says when it fails */

void
program_remember(struct program *p, char **argv)
{
	p->argv = argv;
	p->cwd = getcwd(NULL, 0);
}

void
program_free(struct program *p)
{
	free(p->cwd);
	*p = (struct program){ 0 };
}

/* ---- starting it ---------------------------------------------------------- */

struct start {
	const struct program *p;
	const struct listeners *ls;
	int keep[3]; /* ours to the pair, the pid file, later standard error */
	int said;    /* standard error until then */
	char **env;
};

/* In the child of a process with threads: nothing but system calls. */
_Noreturn static void
become(const struct start *s)
{
	sigset_t none;
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	for (size_t i = 0; i < 3; i++)
		(void)fcntl(s->keep[i], F_SETFD, 0);
	for (size_t i = 0; i < s->ls->n; i++)
		(void)fcntl(s->ls->l[i].fd, F_SETFD, 0);
	(void)dup2(s->said, STDERR_FILENO);
	if (s->p->cwd != NULL && chdir(s->p->cwd) == -1)
		(void)0; /* only relative paths need it, and miss it */
	(void)execvpe(s->p->argv[0], s->p->argv, s->env);
	static const char text[] = "cannot be started\n";
	ssize_t n = write(STDERR_FILENO, text, sizeof(text) - 1);
	(void)n;
	_exit(127);
}

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

static void
describe(struct buf *b, const struct start *s)
{
	buf_printf(b, "%s=%d %d %d", HANDOVER_ENV, s->keep[0], s->keep[1],
	    s->keep[2]);
	for (size_t i = 0; i < s->ls->n; i++)
		buf_printf(b, " %d", s->ls->l[i].fd);
}

static int
spawn(struct handover *h, struct start *s, struct err *err)
{
	struct buf text = BUF_EMPTY;
	describe(&text, s);
	s->env = environment(text.data);
	h->pid = fork();
	if (h->pid == 0)
		become(s);
	free(s->env);
	buf_free(&text);
	return h->pid != -1 ? 0 : err_set(err, "fork: %s", strerror(errno));
}

static int
open_pair(struct handover *h, struct start *s, int said[2], struct err *err)
{
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == -1)
		return err_set(err, "socketpair: %s", strerror(errno));
	h->fd = pair[0];
	s->keep[0] = pair[1];
	if (pipe2(said, O_CLOEXEC | O_NONBLOCK) == -1)
		return err_set(err, "pipe: %s", strerror(errno));
	h->err_fd = said[0];
	s->said = said[1];
	/* A blocking end for who writes. */
	(void)fcntl(said[1], F_SETFL, 0);
	s->keep[2] = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	if (s->keep[2] == -1)
		return err_set(err, "standard error: %s", strerror(errno));
	return 0;
}

/* Its last line says why. */
static int
failed(struct handover *h, const char *what, struct err *err)
{
	char text[SAID_MAX];
	ssize_t n =
	    h->err_fd != -1 ? read(h->err_fd, text, sizeof(text) - 1) : 0;
	if (n <= 0)
		return err_set(err, "the new collector %s", what);
	while (n > 0 && text[n - 1] == '\n')
		n--;
	text[n] = '\0';
	const char *line = strrchr(text, '\n');
	return err_set(err, "the new collector: %s",
	    line != NULL ? line + 1 : text);
}

static int
expect(struct handover *h, const char *word, int ms, struct err *err)
{
	char text[HANDOVER_TEXT_MAX];
	int n = handover_hear(h->fd, text, ms);
	if (n > 0 && strcmp(text, word) == 0)
		return 0;
	return failed(h, n == -1 ? "does not answer" : "ended", err);
}

int
handover_start(struct handover *h, const struct program *p,
    const struct listeners *ls, int pid_fd, struct err *err)
{
	int said[2] = { -1, -1 };
	struct start s = { .p = p, .ls = ls, .keep = { -1, pid_fd, -1 } };
	*h = (struct handover)HANDOVER_NONE;
	int rc = open_pair(h, &s, said, err);
	if (rc == 0)
		rc = spawn(h, &s, err);
	if (s.keep[0] != -1)
		(void)close(s.keep[0]);
	if (s.keep[2] != -1)
		(void)close(s.keep[2]);
	if (said[1] != -1)
		(void)close(said[1]);
	if (rc == 0)
		rc = expect(h, HANDOVER_READY, READY_MS, err);
	if (rc == -1)
		handover_end(h, false);
	return rc;
}

/* ---- the steps ------------------------------------------------------------ */

int
handover_receive(struct handover *h, const struct listeners *ls,
    struct err *err)
{
	struct buf text = BUF_EMPTY;
	buf_adds(&text, HANDOVER_RECEIVE);
	for (size_t i = 0; i < ls->n; i++)
		buf_printf(&text, " %u", ls->l[i].drops);
	handover_say(h->fd, buf_str(&text));
	buf_free(&text);
	return expect(h, HANDOVER_RECEIVING, RECEIVE_MS, err);
}

int
handover_begin(struct handover *h, struct err *err)
{
	handover_say(h->fd, HANDOVER_BEGIN);
	return expect(h, HANDOVER_RUNNING, RUNNING_MS, err);
}

void
handover_end(struct handover *h, bool ok)
{
	if (h->fd != -1)
		(void)close(h->fd);
	if (h->err_fd != -1)
		(void)close(h->err_fd);
	if (!ok && h->pid > 0) {
		(void)kill(h->pid, SIGKILL);
		while (waitpid(h->pid, NULL, 0) == -1 && errno == EINTR)
			;
	}
	*h = (struct handover)HANDOVER_NONE;
}
