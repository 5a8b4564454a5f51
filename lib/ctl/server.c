#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "ctl/ctl.h"
#include "ctl/request.h"
#include "ctl/sock.h"

struct peer {
	int fd; /* -1: free */
	struct buf in;
	struct buf out;
	size_t scan;      /* of in, for ctl_request_end */
	int64_t since_ms; /* last request, or progress in sending */
	bool closing;     /* close once out is sent */
};

struct ctl_server {
	int fd;
	char *path;
	char *aside; /* where it lies instead, NULL: at path */
	char *greeting;
	ctl_handler *handler;
	void *ctx;
	int idle_ms;
	struct peer peers[CTL_CLIENTS_MAX];
};

static const char too_many[] = "550 ERR too many open connections.\n";

/* Nobody can connect before listen, so ids and mode are never too wide. */
static int
listen_on(const char *path, mode_t mode, gid_t gid, struct err *err)
{
	struct sockaddr_un sun;
	if (ctl_sock_addr(&sun, path, err) == -1 ||
	    ctl_sock_clear(&sun, err) == -1)
		return -1;
	int fd = ctl_sock_new(err);
	if (fd == -1)
		return -1;
	if (bind(fd, (const struct sockaddr *)&sun, sizeof(sun)) == -1) {
		(void)err_set(err, "%s: bind: %s", path, strerror(errno));
		goto fail;
	}
	if ((gid != (gid_t)-1 && chown(path, (uid_t)-1, gid) == -1) ||
	    chmod(path, mode) == -1 || listen(fd, CTL_CLIENTS_MAX) == -1) {
		(void)err_set(err, "%s: %s", path, strerror(errno));
		(void)unlink(path);
		goto fail;
	}
	return fd;
fail:
	(void)close(fd);
	return -1;
}

struct ctl_server *
ctl_server_open(const char *path, mode_t mode, gid_t gid, const char *greeting,
    ctl_handler *handler, void *ctx, struct err *err)
{
	int fd = listen_on(path, mode, gid, err);
	if (fd == -1)
		return NULL;
	struct ctl_server *s = mem_calloc(1, sizeof(*s));
	s->fd = fd;
	s->path = mem_strdup(path);
	s->greeting = mem_strdup(greeting);
	s->handler = handler;
	s->ctx = ctx;
	s->idle_ms = CTL_IDLE_MS;
	for (size_t i = 0; i < CTL_CLIENTS_MAX; i++)
		s->peers[i].fd = -1;
	return s;
}

void
ctl_server_set_idle(struct ctl_server *s, int idle_ms)
{
	s->idle_ms = idle_ms;
}

static void
peer_close(struct peer *p)
{
	if (p->fd != -1)
		(void)close(p->fd);
	buf_free(&p->in);
	buf_free(&p->out);
	*p = (struct peer){ .fd = -1 };
}

size_t
ctl_server_pollfds(struct ctl_server *s, struct pollfd *fds)
{
	size_t n = 0;
	fds[n++] = (struct pollfd){ .fd = s->fd, .events = POLLIN };
	for (size_t i = 0; i < CTL_CLIENTS_MAX; i++) {
		const struct peer *p = &s->peers[i];
		if (p->fd == -1)
			continue;
		/* Who does not fetch replies gets no more requests in. */
		short events = p->out.len != 0 ? POLLOUT : POLLIN;
		fds[n++] = (struct pollfd){ .fd = p->fd, .events = events };
	}
	return n;
}

static void
answer(struct peer *p, struct ctl_reply *reply)
{
	buf_add(&p->out, buf_str(&reply->data), reply->data.len);
	buf_adds(&p->out, ".\n");
	buf_adds(&p->out, reply->status.len != 0 ? reply->status.data : "OK");
	buf_addc(&p->out, '\n');
	buf_free(&reply->data);
	buf_free(&reply->status);
}

static void
refuse(struct peer *p, const char *text)
{
	struct ctl_reply reply = { 0 };
	ctl_reply_err(&reply, "%s", text);
	answer(p, &reply);
}

static void
handle(struct ctl_server *s, struct peer *p, size_t len)
{
	struct ctl_request req;
	struct ctl_reply reply = { 0 };
	struct err err;
	if (ctl_request_parse(&req, p->in.data, len, &err) == -1) {
		refuse(p, err.msg);
		return;
	}
	if (req.command[0] == '\0')
		ctl_reply_ok(&reply, "I'm here");
	else if (strcmp(req.command, "quit") == 0 && req.n == 0) {
		ctl_reply_ok(&reply, "Bye Bye");
		p->closing = true;
	} else
		s->handler(s->ctx, &req, &reply);
	answer(p, &reply);
	ctl_request_free(&req);
}

/* One request at a time; the next when the reply has been taken. */
static void
handle_next(struct ctl_server *s, struct peer *p, int64_t now)
{
	while (p->out.len == 0 && !p->closing) {
		size_t len =
		    ctl_request_end(buf_str(&p->in), p->in.len, &p->scan);
		if (len == 0 && p->in.len <= CTL_REQUEST_MAX)
			return;
		if (len == 0 || len > CTL_REQUEST_MAX) {
			refuse(p, "request too long");
			p->closing = true;
			return;
		}
		handle(s, p, len);
		buf_drop(&p->in, len);
		p->scan = 0;
		p->since_ms = now;
		ctl_sock_send(p->fd, &p->out);
	}
}

/* False: the peer is gone. */
static bool
peer_read(struct peer *p)
{
	char tmp[16384];
	ssize_t n = recv(p->fd, tmp, sizeof(tmp), 0);
	if (n > 0)
		buf_add(&p->in, tmp, (size_t)n);
	return n > 0 || (n == -1 && (errno == EAGAIN || errno == EINTR));
}

static void
peer_run(struct ctl_server *s, struct peer *p, short revents, int64_t now)
{
	if ((revents & POLLOUT) != 0) {
		size_t before = p->out.len;
		if (!ctl_sock_send(p->fd, &p->out)) {
			peer_close(p);
			return;
		}
		if (p->out.len != before)
			p->since_ms = now;
	} else if (revents != 0 && !peer_read(p)) {
		peer_close(p);
		return;
	}
	handle_next(s, p, now);
	if ((p->closing && p->out.len == 0) || now - p->since_ms > s->idle_ms)
		peer_close(p);
}

static void
accept_one(struct ctl_server *s, int64_t now)
{
	int fd = accept4(s->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd == -1)
		return;
	size_t i = 0;
	while (i < CTL_CLIENTS_MAX && s->peers[i].fd != -1)
		i++;
	if (i == CTL_CLIENTS_MAX) {
		(void)send(fd, too_many, sizeof(too_many) - 1, MSG_NOSIGNAL);
		(void)close(fd);
		return;
	}
	struct peer *p = &s->peers[i];
	p->fd = fd;
	p->since_ms = now;
	buf_printf(&p->out, "220 %lld %s\n", (long long)time(NULL),
	    s->greeting);
	if (!ctl_sock_send(fd, &p->out))
		peer_close(p);
}

static short
revents_of(const struct pollfd *fds, size_t n, int fd)
{
	for (size_t i = 0; i < n; i++)
		if (fds[i].fd == fd)
			return fds[i].revents;
	return 0;
}

void
ctl_server_run(struct ctl_server *s, const struct pollfd *fds, size_t n)
{
	int64_t now = ctl_sock_now();
	/* Old peers first: a new one may get the number of one that left. */
	for (size_t i = 0; i < CTL_CLIENTS_MAX; i++) {
		struct peer *p = &s->peers[i];
		if (p->fd != -1)
			peer_run(s, p, revents_of(fds, n, p->fd), now);
	}
	if ((revents_of(fds, n, s->fd) & POLLIN) != 0)
		accept_one(s, now);
}

int
ctl_server_step_aside(struct ctl_server *s, struct err *err)
{
	size_t n = strlen(s->path) + sizeof(".old");
	char *to = mem_alloc(n);
	(void)snprintf(to, n, "%s.old", s->path);
	if (rename(s->path, to) == -1) {
		(void)err_set(err, "%s -> %s: %s", s->path, to,
		    strerror(errno));
		free(to);
		return -1;
	}
	s->aside = to;
	return 0;
}

int
ctl_server_step_back(struct ctl_server *s, struct err *err)
{
	if (s->aside == NULL)
		return 0;
	if (rename(s->aside, s->path) == -1)
		return err_set(err, "%s -> %s: %s", s->aside, s->path,
		    strerror(errno));
	free(s->aside);
	s->aside = NULL;
	return 0;
}

void
ctl_server_close(struct ctl_server *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < CTL_CLIENTS_MAX; i++) {
		struct peer *p = &s->peers[i];
		if (p->fd != -1)
			(void)ctl_sock_send(p->fd, &p->out);
		peer_close(p);
	}
	(void)close(s->fd);
	(void)unlink(s->aside != NULL ? s->aside : s->path);
	free(s->aside);
	free(s->path);
	free(s->greeting);
	free(s);
}
