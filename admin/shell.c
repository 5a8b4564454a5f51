/* nfsen --shell: the protocol by hand. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "admin/action.h"

/* All of it, waiting for room. */
static bool
put(int fd, const char *data, size_t n)
{
	while (n > 0) {
		ssize_t w = write(fd, data, n);
		if (w > 0) {
			data += w;
			n -= (size_t)w;
		} else if (w == -1 && errno == EAGAIN) {
			struct pollfd p = { .fd = fd, .events = POLLOUT };
			(void)poll(&p, 1, -1);
		} else if (w == -1 && errno != EINTR) {
			return false;
		}
	}
	return true;
}

enum { SHELL_END, SHELL_ON, SHELL_FAILED };

/* What has come from one side goes to the other. */
static int
pass(int from, int to)
{
	char data[16384];
	ssize_t n = read(from, data, sizeof(data));
	if (n == -1)
		return errno == EAGAIN || errno == EINTR ? SHELL_ON
							 : SHELL_FAILED;
	if (n == 0)
		return SHELL_END;
	return put(to, data, (size_t)n) ? SHELL_ON : SHELL_FAILED;
}

static void
prompt(void)
{
	if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
		(void)put(STDOUT_FILENO, "> ", 2);
}

/* Until the server closes.  The end of input says good-bye. */
static int
talk(int fd)
{
	static const char quit[] = "quit\n.\n";
	struct pollfd p[] = { { .fd = fd, .events = POLLIN },
		{ .fd = STDIN_FILENO, .events = POLLIN } };
	int state = SHELL_ON;
	prompt();
	while (state == SHELL_ON) {
		if (poll(p, 2, -1) == -1)
			continue;
		if (p[0].revents != 0) {
			state = pass(fd, STDOUT_FILENO);
			prompt();
		}
		if (p[1].revents != 0 && pass(STDIN_FILENO, fd) != SHELL_ON) {
			(void)put(fd, quit, sizeof(quit) - 1);
			p[1].fd = -1;
		}
	}
	return state == SHELL_END ? EXIT_OK : EXIT_FAILED;
}

int
action_shell(struct admin *a)
{
	struct ctl_client client;
	if (action_connect(a->c, &client) == -1)
		return EXIT_NO_DAEMON;
	(void)printf("NfSen Shell - connection ready.\n");
	(void)fflush(stdout);
	int rc = talk(client.fd);
	ctl_close(&client);
	return rc;
}
