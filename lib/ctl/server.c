#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"
#include "ctl/ctl.h"
#include "ctl/peer.h"
#include "ctl/sock.h"

struct ctl_server {
	int fd;
	char *path;
	char *aside; /* where it lies instead, NULL: at path */
	char *greeting;
	struct ctl_service service;
	struct ctl_stream peers[CTL_CLIENTS_MAX];
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
	s->service = (struct ctl_service){
		.handler = handler,
		.ctx = ctx,
		.idle_ms = CTL_IDLE_MS,
	};
	for (size_t i = 0; i < CTL_CLIENTS_MAX; i++)
		s->peers[i].fd = -1;
	return s;
}

void
ctl_server_set_idle(struct ctl_server *s, int idle_ms)
{
	s->service.idle_ms = idle_ms;
}

void
ctl_server_like_nfsend(struct ctl_server *s, ctl_known *known)
{
	s->service.known = known;
}

size_t
ctl_server_pollfds(struct ctl_server *s, struct pollfd *fds)
{
	size_t n = 0;
	fds[n++] = (struct pollfd){ .fd = s->fd, .events = POLLIN };
	for (size_t i = 0; i < CTL_CLIENTS_MAX; i++) {
		const struct ctl_stream *p = &s->peers[i];
		if (p->fd != -1)
			fds[n++] = (struct pollfd){ .fd = p->fd,
				.events = ctl_peer_events(p) };
	}
	return n;
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
	ctl_peer_open(&s->peers[i], &s->service, fd, s->greeting, now);
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
		struct ctl_stream *p = &s->peers[i];
		if (p->fd != -1)
			ctl_peer_run(p, &s->service, revents_of(fds, n, p->fd),
			    now);
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
		struct ctl_stream *p = &s->peers[i];
		if (p->fd != -1)
			(void)ctl_sock_send(p->fd, &p->out);
		ctl_peer_close(p);
	}
	(void)close(s->fd);
	(void)unlink(s->aside != NULL ? s->aside : s->path);
	free(s->aside);
	free(s->path);
	free(s->greeting);
	free(s);
}
