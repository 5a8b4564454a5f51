/* handover: the new side, and what both sides say and hear. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/addr.h"
#include "base/mem.h"
#include "collector/handover.h"
#include "collector/handover_private.h"
#include "collector/rx.h"
#include "collector/shard.h"

#define SYSTEMD_FIRST 3    /* sd_listen_fds(3) */
#define FDS_MAX       1024 /* more are a mistake */

/* ---- messages ------------------------------------------------------------- */

void
handover_say(int fd, const char *text)
{
	/* Who is gone is noticed by the answer. */
	(void)send(fd, text, strlen(text), MSG_NOSIGNAL);
}

static int64_t
now_ms(void)
{
	struct timespec ts;
	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int
handover_hear(int fd, char *text, int ms)
{
	int64_t end = now_ms() + ms;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	for (;;) {
		int64_t left = ms == -1 ? -1 : end - now_ms();
		int rc = left < 0 && ms != -1 ? 0 : poll(&p, 1, (int)left);
		if (rc == 0)
			return -1;
		ssize_t n =
		    rc == 1 ? recv(fd, text, HANDOVER_TEXT_MAX - 1, 0) : -1;
		if (n == -1 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n <= 0)
			return 0;
		text[n] = '\0';
		return (int)n;
	}
}

union fds_control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(HANDOVER_FDS * sizeof(int))];
};

void
handover_say_fds(int fd, const char *text, const int *fds, size_t n)
{
	union fds_control control = { .bytes = { 0 } };
	char copy[64];
	(void)snprintf(copy, sizeof(copy), "%s", text);
	struct iovec iov = { copy, strlen(copy) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	if (n != 0) {
		m.msg_control = control.bytes;
		m.msg_controllen = CMSG_SPACE(n * sizeof(int));
		struct cmsghdr *c = &control.align;
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(n * sizeof(int));
		memcpy(CMSG_DATA(c), fds, n * sizeof(int));
	}
	(void)sendmsg(fd, &m, MSG_NOSIGNAL);
}

static void
take_fds(struct msghdr *m, int fds[HANDOVER_FDS], size_t *n)
{
	*n = 0;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL;
	     c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		*n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(fds, CMSG_DATA(c), *n * sizeof(int));
	}
}

int
handover_hear_fds(int fd, char *text, int ms, int fds[HANDOVER_FDS], size_t *n)
{
	union fds_control control;
	struct iovec iov = { text, HANDOVER_TEXT_MAX - 1 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct pollfd p = { .fd = fd, .events = POLLIN };
	ssize_t got;
	*n = 0;
	do {
		int rc = poll(&p, 1, ms);
		if (rc == 0)
			return -1;
		m.msg_control = control.bytes;
		m.msg_controllen = sizeof(control.bytes);
		got = rc == 1 ? recvmsg(fd, &m, MSG_CMSG_CLOEXEC) : -1;
	} while (got == -1 && (errno == EINTR || errno == EAGAIN));
	if (got <= 0)
		return 0;
	text[got] = '\0';
	take_fds(&m, fds, n);
	return (int)got;
}

/* ---- sockets -------------------------------------------------------------- */

/* Of each kind. */
struct inherited {
	struct listeners *udp, *tcp;
};

static bool
is_listening(int fd)
{
	int on = 0;
	socklen_t len = sizeof(on);
	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &on, &len) == 0 &&
	       on != 0;
}

/*
 * A bound UDP socket or a listening one of whoever opened it; -1: it is
 * neither.
 */
static int
take_socket(const struct inherited *in, int fd, struct err *err)
{
	struct listener l = { .fd = fd };
	struct sockaddr_storage ss;
	struct addr a;
	socklen_t len = sizeof(ss);
	int type = 0;
	socklen_t type_len = sizeof(type);
	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_len) == -1 ||
	    getsockname(fd, (struct sockaddr *)&ss, &len) == -1)
		return err_set(err, "inherited descriptor %d: %s", fd,
		    strerror(errno));
	if ((type != SOCK_DGRAM &&
		(type != SOCK_STREAM || !is_listening(fd))) ||
	    !addr_from_sockaddr((const struct sockaddr *)&ss, &a, &l.port) ||
	    l.port == 0)
		return err_set(err,
		    "inherited descriptor %d: neither a UDP "
		    "nor a listening socket",
		    fd);
	struct listeners *ls = type == SOCK_DGRAM ? in->udp : in->tcp;
	l.shard = (uint16_t)listeners_count(ls, l.port);
	if (l.shard != 0 && (type != SOCK_DGRAM || !shard_is(fd)))
		return err_set(err, "inherited descriptor %d: port %u again",
		    fd, l.port);
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	if (type == SOCK_DGRAM)
		rx_prepare(fd);
	listeners_add(ls, &l);
	return 0;
}

/* The next number of a text; -1: none, or no such descriptor. */
static int
next_fd(const char **s)
{
	char *end;
	errno = 0;
	long fd = strtol(*s, &end, 10);
	if (end == *s || errno != 0 || fd < 0 || fd > INT16_MAX ||
	    (*end != ' ' && *end != '\0') || fcntl((int)fd, F_GETFD) == -1)
		return -1;
	*s = end;
	(void)fcntl((int)fd, F_SETFD, FD_CLOEXEC);
	return (int)fd;
}

static int
inherit_ours(struct handover *h, const char *s, const struct inherited *in,
    struct err *err)
{
	int *const fixed[] = { &h->fd, &h->pid_fd, &h->err_fd };
	for (size_t i = 0; i < sizeof(fixed) / sizeof(*fixed); i++)
		if ((*fixed[i] = next_fd(&s)) == -1)
			goto bad;
	while (*s != '\0') {
		int fd = next_fd(&s);
		if (fd == -1 || in->udp->n + in->tcp->n == FDS_MAX)
			goto bad;
		if (take_socket(in, fd, err) == -1)
			return -1;
	}
	return 0;
bad:
	return err_set(err, "%s: no list of open descriptors", HANDOVER_ENV);
}

/* LISTEN_PID and LISTEN_FDS, as sd_listen_fds(3) describes them. */
static int
inherit_systemd(const struct inherited *in, struct err *err)
{
	const char *pid = getenv("LISTEN_PID");
	const char *fds = getenv("LISTEN_FDS");
	if (pid == NULL || fds == NULL || strtol(pid, NULL, 10) != getpid())
		return 0;
	long n = strtol(fds, NULL, 10);
	if (n < 0 || n > FDS_MAX)
		return err_set(err, "LISTEN_FDS '%s' is no number of sockets",
		    fds);
	for (int i = 0; i < (int)n; i++)
		if (take_socket(in, SYSTEMD_FIRST + i, err) == -1)
			return -1;
	return 0;
}

int
handover_inherit(struct handover *h, struct listeners *ls,
    struct listeners *tcp, struct err *err)
{
	struct inherited in = { ls, tcp };
	const char *ours = getenv(HANDOVER_ENV);
	*h = (struct handover)HANDOVER_NONE;
	*ls = (struct listeners){ 0 };
	*tcp = (struct listeners){ 0 };
	int rc = ours != NULL ? inherit_ours(h, ours, &in, err)
			      : inherit_systemd(&in, err);
	/* Not for programs that we start. */
	(void)unsetenv(HANDOVER_ENV);
	(void)unsetenv("LISTEN_PID");
	(void)unsetenv("LISTEN_FDS");
	return rc;
}

/* ---- the steps ------------------------------------------------------------ */

int
handover_ready(struct handover *h, struct listeners *ls, struct err *err)
{
	static char text[HANDOVER_TEXT_MAX];
	const size_t n = sizeof(HANDOVER_RECEIVE) - 1;
	/* From here on nobody reads what goes to standard error. */
	(void)dup2(h->err_fd, STDERR_FILENO);
	(void)close(h->err_fd);
	h->err_fd = -1;
	handover_say(h->fd, HANDOVER_READY);
	if (handover_hear(h->fd, text, -1) <= 0 ||
	    strncmp(text, HANDOVER_RECEIVE, n) != 0)
		return err_set(err, "the old collector changed its mind");
	char *s = text + n;
	for (size_t i = 0; i < ls->n && *s == ' '; i++)
		ls->l[i].drops = (uint32_t)strtoul(s, &s, 10);
	return 0;
}

void
handover_receiving(struct handover *h, int **fds, size_t *n)
{
	static char text[HANDOVER_TEXT_MAX];
	const size_t word = sizeof(HANDOVER_BEGIN) - 1;
	int some[HANDOVER_FDS];
	size_t got, want = 0;
	*fds = NULL;
	*n = 0;
	handover_say(h->fd, HANDOVER_RECEIVING);
	/* Begin, or end of file: what is left open is ours to finish. */
	int rc = handover_hear_fds(h->fd, text, -1, some, &got);
	if (rc > 0 && strncmp(text, HANDOVER_BEGIN, word) == 0)
		want = (size_t)strtoul(text + word, NULL, 10);
	if (want > HANDOVER_FDS_MAX)
		want = HANDOVER_FDS_MAX;
	while (rc > 0) {
		*fds = mem_realloc(*fds, *n + got + 1, sizeof(**fds));
		memcpy(*fds + *n, some, got * sizeof(*some));
		*n += got;
		if (*n >= want)
			break;
		rc = handover_hear_fds(h->fd, text, -1, some, &got);
	}
}

void
handover_running(struct handover *h)
{
	handover_say(h->fd, HANDOVER_RUNNING);
	(void)close(h->fd);
	h->fd = -1;
	if (chdir("/") == -1)
		(void)0; /* only keeps a file system from being unmounted */
}
