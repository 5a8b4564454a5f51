#include "ctl/sock.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

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
