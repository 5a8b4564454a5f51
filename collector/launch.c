#include "collector/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/proc.h"

#define LEAVE_ROUNDS 100 /* of 20 ms; then the helper ends by itself */

struct launch {
	int fd;
	pid_t helper;
	char **commands[LAUNCH_COMMANDS]; /* by number - 1; ends with NULL */
	int n;
};

/* ---- commands ------------------------------------------------------------- */

static bool
same_words(char *const *a, const char *const *b)
{
	size_t i = 0;
	for (; a[i] != NULL && b[i] != NULL; i++)
		if (strcmp(a[i], b[i]) != 0)
			return false;
	return a[i] == NULL && b[i] == NULL;
}

static char **
copy_words(const char *const *words)
{
	size_t n = 0;
	while (words[n] != NULL)
		n++;
	char **copy = mem_calloc(n + 1, sizeof(*copy));
	for (size_t i = 0; i < n; i++)
		copy[i] = mem_strdup(words[i]);
	return copy;
}

int
launch_command(struct launch *l, const char *const *words)
{
	for (int i = 0; i < l->n; i++)
		if (same_words(l->commands[i], words))
			return i + 1;
	if (l->n == LAUNCH_COMMANDS)
		return 0;
	l->commands[l->n++] = copy_words(words);
	return l->n;
}

void
launch_expand(const char *word, const struct launch_file *f, struct buf *out)
{
	for (const char *s = word; *s != '\0'; s++) {
		if (*s != '%') {
			buf_add(out, s, 1);
			continue;
		}
		switch (*++s) {
		case 'f':
			buf_adds(out, f->name);
			break;
		case 'd':
			buf_adds(out, f->dir);
			break;
		case 't':
			buf_adds(out, f->time);
			break;
		case 'u':
			buf_printf(out, "%" PRId64, f->slot);
			break;
		case 'i':
			buf_adds(out, f->ident);
			break;
		case '%':
			buf_adds(out, "%");
			break;
		case '\0':
			buf_adds(out, "%");
			return;
		default: /* not ours: as it stands */
			buf_add(out, s - 1, 2);
			break;
		}
	}
}

/* "ident\0word\0word\0" */
void
launch_run(struct launch *l, int command, const struct launch_file *f)
{
	struct buf b = BUF_EMPTY;
	if (l == NULL || command < 1 || command > l->n)
		return;
	buf_add(&b, f->ident, strlen(f->ident) + 1);
	for (char *const *w = l->commands[command - 1]; *w != NULL; w++) {
		launch_expand(*w, f, &b);
		buf_add(&b, "", 1);
	}
	if (b.len > LAUNCH_BYTES)
		log_warnx("command too long, not run ident=%s", f->ident);
	else if (send(l->fd, b.data, b.len, MSG_DONTWAIT | MSG_NOSIGNAL) == -1)
		log_warn("command not run ident=%s", f->ident);
	buf_free(&b);
}

int
launch_fd(const struct launch *l)
{
	return l->fd;
}

/* ---- the helper ----------------------------------------------------------- */

static void
become_helper(int fd, int timeout_s, const int *fds, size_t n)
{
	for (size_t i = 0; i < n; i++)
		(void)close(fds[i]);
	proc_detach_helper();
	launch_serve(fd, timeout_s);
	_exit(0);
}

struct launch *
launch_start(int timeout_s, const int *fds, size_t n, struct err *err)
{
	int pair[2], bytes = 16 * LAUNCH_BYTES;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == -1) {
		(void)err_set(err, "socketpair: %s", strerror(errno));
		return NULL;
	}
	(void)setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
	pid_t pid = fork();
	if (pid == 0) {
		(void)close(pair[0]);
		become_helper(pair[1], timeout_s, fds, n);
	}
	(void)close(pair[1]);
	if (pid == -1) {
		(void)err_set(err, "fork: %s", strerror(errno));
		(void)close(pair[0]);
		return NULL;
	}
	struct launch *l = mem_calloc(1, sizeof(*l));
	l->fd = pair[0];
	l->helper = pid;
	return l;
}

void
launch_stop(struct launch *l)
{
	static const struct timespec pause = { .tv_nsec = 20000000 };
	if (l == NULL)
		return;
	(void)close(l->fd);
	for (int i = 0;
	     i < LEAVE_ROUNDS && waitpid(l->helper, NULL, WNOHANG) == 0; i++)
		(void)nanosleep(&pause, NULL);
	for (int i = 0; i < l->n; i++) {
		for (char **w = l->commands[i]; *w != NULL; w++)
			free(*w);
		free(l->commands[i]);
	}
	free(l);
}
