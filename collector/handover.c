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
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "collector/handover_private.h"
#include "collector/launch.h"

#define READY_MS   15000
#define RECEIVE_MS 5000
#define RUNNING_MS 60000
#define END_MS     5000
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
	int pair;   /* the new one's end */
	int err;    /* what its standard error is later */
	int said;   /* until then */
	int helper; /* who starts it */
};

/* Pair, pid file, later standard error, sockets; standard error at first. */
static int
spawn(struct handover *h, const struct program *p, const struct listeners *ls,
    int pid_fd, const struct start *s, struct err *err)
{
	struct launch_program what = { .argv = (const char *const *)p->argv,
		.cwd = p->cwd,
		.env = HANDOVER_ENV };
	int *fds = mem_calloc(ls->n + 4, sizeof(*fds));
	fds[what.n++] = s->pair;
	fds[what.n++] = pid_fd;
	fds[what.n++] = s->err;
	for (size_t i = 0; i < ls->n; i++)
		fds[what.n++] = ls->l[i].fd;
	fds[what.n++] = s->said;
	what.fds = fds;
	h->pid = launch_program(s->helper, &what, err);
	free(fds);
	return h->pid == -1 ? -1 : 0;
}

static int
open_pair(struct handover *h, struct start *s, int said[2], struct err *err)
{
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == -1)
		return err_set(err, "socketpair: %s", strerror(errno));
	h->fd = pair[0];
	s->pair = pair[1];
	if (pipe2(said, O_CLOEXEC | O_NONBLOCK) == -1)
		return err_set(err, "pipe: %s", strerror(errno));
	h->err_fd = said[0];
	s->said = said[1];
	/* A blocking end for who writes. */
	(void)fcntl(said[1], F_SETFL, 0);
	s->err = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	if (s->err == -1)
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
    const struct listeners *ls, int pid_fd, int helper, struct err *err)
{
	int said[2] = { -1, -1 };
	struct start s = { -1, -1, -1, helper };
	*h = (struct handover)HANDOVER_NONE;
	int rc = open_pair(h, &s, said, err);
	if (rc == 0)
		rc = spawn(h, p, ls, pid_fd, &s, err);
	if (s.pair != -1)
		(void)close(s.pair);
	if (s.err != -1)
		(void)close(s.err);
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
handover_begin(struct handover *h, const int *fds, size_t n, struct err *err)
{
	char text[32];
	(void)snprintf(text, sizeof(text), "%s %zu", HANDOVER_BEGIN, n);
	for (size_t at = 0; at == 0 || at < n; at += HANDOVER_FDS)
		handover_say_fds(h->fd, at == 0 ? text : HANDOVER_MORE,
		    fds + at, n - at < HANDOVER_FDS ? n - at : HANDOVER_FDS);
	return expect(h, HANDOVER_RUNNING, RUNNING_MS, err);
}

/*
 * It is not our child.  While its end of the pair is open it lives, and its
 * pid is its own.
 */
static void
end_it(const struct handover *h)
{
	static char text[HANDOVER_TEXT_MAX];
	ssize_t n;
	do
		n = recv(h->fd, text, sizeof(text), MSG_DONTWAIT);
	while (n > 0);
	if (n == 0)
		return;
	(void)kill(h->pid, SIGKILL);
	while (handover_hear(h->fd, text, END_MS) > 0)
		;
}

void
handover_end(struct handover *h, bool ok)
{
	if (!ok && h->pid > 0)
		end_it(h);
	if (h->fd != -1)
		(void)close(h->fd);
	if (h->err_fd != -1)
		(void)close(h->err_fd);
	*h = (struct handover)HANDOVER_NONE;
}
