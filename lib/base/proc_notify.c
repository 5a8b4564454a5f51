/* Datagrams to a service manager, as sd_notify(3) describes them. */
#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/proc.h"

#define TEXT_MAX 512

static int64_t
now_us(void)
{
	struct timespec ts;
	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

bool
proc_supervised(void)
{
	const char *path = getenv("NOTIFY_SOCKET");
	return path != NULL && *path != '\0';
}

void
proc_tell(const char *text)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	if (path == NULL || strlen(path) >= sizeof(sun.sun_path) ||
	    (path[0] != '/' && path[0] != '@'))
		return;
	size_t n = strlen(path);
	memcpy(sun.sun_path, path, n);
	if (path[0] == '@')
		sun.sun_path[0] = '\0';
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return;
	(void)sendto(fd, text, strlen(text), MSG_NOSIGNAL,
	    (const struct sockaddr *)&sun,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n));
	(void)close(fd);
}

void
proc_status(const char *fmt, ...)
{
	char text[TEXT_MAX] = "STATUS=";
	size_t n = strlen(text);
	va_list ap;
	if (!proc_supervised())
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text + n, sizeof(text) - n, fmt, ap);
	va_end(ap);
	/* One line is one value. */
	text[strcspn(text, "\n")] = '\0';
	proc_tell(text);
}

void
proc_reloading(void)
{
	char text[TEXT_MAX];
	(void)snprintf(text, sizeof(text),
	    "RELOADING=1\nMONOTONIC_USEC=%" PRId64, now_us());
	proc_tell(text);
}

void
proc_reloaded(void)
{
	proc_tell("READY=1");
}

void
proc_stopping(void)
{
	proc_tell("STOPPING=1");
}

void
proc_succeeded_by(pid_t pid)
{
	char text[TEXT_MAX];
	(void)snprintf(text, sizeof(text), "MAINPID=%ld\nREADY=1", (long)pid);
	proc_tell(text);
}

/*
 * WATCHDOG_PID is not asked: a successor inherits it from the process that
 * it is meant for.
 */
void
proc_alive(void)
{
	static int64_t last_us; /* the main thread's */
	const char *want = getenv("WATCHDOG_USEC");
	int64_t every_us = want != NULL ? strtoll(want, NULL, 10) : 0;
	int64_t now = now_us();
	if (last_us == 0)
		last_us = now; /* who begins has just told that */
	if (every_us <= 0 || now - last_us < every_us / 4)
		return;
	last_us = now;
	proc_tell("WATCHDOG=1");
}
