#include "collector/shard.h"

#include <sys/socket.h>

#if defined(SO_REUSEPORT_LB)
#define SHARE SO_REUSEPORT_LB
#elif defined(__linux__) && defined(SO_REUSEPORT)
#define SHARE SO_REUSEPORT
#endif

#ifdef SHARE

static void
share(int fd)
{
	int on = 1;
	(void)setsockopt(fd, SOL_SOCKET, SHARE, &on, sizeof(on));
}

bool
shard_can(void)
{
	return true;
}

/*
 * Linux lets a socket share what it has got alone, so that a port that is
 * somebody else's is noticed.
 */
#ifdef __linux__
#define ALONE_FIRST true
#else
#define ALONE_FIRST false
#endif

void
shard_before_bind(int fd, bool first)
{
	if (!first || !ALONE_FIRST)
		share(fd);
}

void
shard_bound(int fd, bool first)
{
	if (first && ALONE_FIRST)
		share(fd);
}

bool
shard_is(int fd)
{
	int on = 0;
	socklen_t n = sizeof(on);
	return getsockopt(fd, SOL_SOCKET, SHARE, &on, &n) == 0 && on != 0;
}

#else

bool
shard_can(void)
{
	return false;
}

void
shard_before_bind(int fd, bool first)
{
	(void)fd;
	(void)first;
}

void
shard_bound(int fd, bool first)
{
	(void)fd;
	(void)first;
}

bool
shard_is(int fd)
{
	(void)fd;
	return false;
}

#endif
