#include "profiler/notify.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/inotify.h>
#endif

#include "base/log.h"
#include "base/mem.h"

struct notify {
	int fd;     /* -1: polling */
	bool holes; /* some folder is not watched */
};

#ifdef __linux__

static int
open_fd(void)
{
	return inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
}

static bool
watch_dir(int fd, const char *dir)
{
	return inotify_add_watch(fd, dir,
		   IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_MODIFY) != -1;
}

static bool
drain(int fd)
{
	_Alignas(struct inotify_event) char buf[16384];
	bool names = false;
	ssize_t n;
	while (
	    (n = read(fd, buf, sizeof(buf))) > 0 || (n == -1 && errno == EINTR))
		for (ssize_t at = 0; at < n;) {
			const struct inotify_event *e =
			    (const struct inotify_event *)(void *)(buf + at);
			names |= (e->mask & ~(uint32_t)IN_MODIFY) != 0;
			at += (ssize_t)(sizeof(*e) + e->len);
		}
	return names;
}

#else

static int
open_fd(void)
{
	return -1;
}

static bool
watch_dir(int fd, const char *dir)
{
	(void)fd;
	(void)dir;
	return false;
}

static bool
drain(int fd)
{
	(void)fd;
	return true;
}

#endif

struct notify *
notify_new(void)
{
	struct notify *n = mem_calloc(1, sizeof(*n));
	n->fd = open_fd();
	return n;
}

void
notify_free(struct notify *n)
{
	if (n == NULL)
		return;
	if (n->fd != -1)
		(void)close(n->fd);
	free(n);
}

void
notify_add(struct notify *n, const char *dir)
{
	if (n->fd == -1 || watch_dir(n->fd, dir))
		return;
	log_warn("folder is polled, not watched dir=%s", dir);
	n->holes = true;
}

int
notify_fd(const struct notify *n)
{
	return n->holes ? -1 : n->fd;
}

bool
notify_drain(struct notify *n)
{
	bool names = n->fd == -1 || drain(n->fd);
	return names || n->holes;
}
