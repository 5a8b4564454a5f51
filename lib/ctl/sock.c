#include "ctl/sock.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ANSWER_TRIES 20 /* of 50 ms */

int
ctl_sock_new(struct err *err)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return err_set(err, "socket: %s", strerror(errno));
	return fd;
}

int
ctl_sock_addr(struct sockaddr_un *sun, const char *path, struct err *err)
{
	size_t n = strlen(path);
	*sun = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (n == 0 || n >= sizeof(sun->sun_path))
		return err_set(err, "%s: a socket's path has 1 to %zu bytes",
		    path, sizeof(sun->sun_path) - 1);
	memcpy(sun->sun_path, path, n);
	return 0;
}

/*
 * Workers of a process that was killed are gone a moment after it, so a yes
 * has to last.  A full backlog (EAGAIN) is a yes as well.
 */
static bool
answers(const struct sockaddr_un *sun)
{
	static const struct timespec pause = { .tv_nsec = 50000000 };
	for (int i = 0; i < ANSWER_TRIES; i++) {
		int fd = ctl_sock_new(NULL);
		bool yes =
		    fd != -1 && (connect(fd, (const struct sockaddr *)sun,
				     sizeof(*sun)) == 0 ||
				    errno == EAGAIN);
		if (fd != -1)
			(void)close(fd);
		if (!yes)
			return false;
		(void)nanosleep(&pause, NULL);
	}
	return true;
}

int
ctl_sock_clear(const struct sockaddr_un *sun, struct err *err)
{
	const char *path = sun->sun_path;
	struct stat st;
	if (lstat(path, &st) == -1)
		return errno == ENOENT
			   ? 0
			   : err_set(err, "%s: %s", path, strerror(errno));
	if (!S_ISSOCK(st.st_mode))
		return err_set(err, "%s: exists and is no socket", path);
	if (answers(sun))
		return err_set(err, "%s: in use by another process", path);
	if (unlink(path) == -1 && errno != ENOENT)
		return err_set(err, "%s: %s", path, strerror(errno));
	return 0;
}

bool
ctl_sock_send(int fd, struct buf *b)
{
	while (b->len != 0) {
		ssize_t n = send(fd, b->data, b->len, MSG_NOSIGNAL);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return errno == EAGAIN;
		buf_drop(b, (size_t)n);
	}
	return true;
}

int64_t
ctl_sock_now(void)
{
	struct timespec ts;
	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}
