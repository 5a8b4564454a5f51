#include "profiler/plugin.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

/* ---- what is said ------------------------------------------------------------- */

void
plugin_add_arg(struct buf *in, const char *key, const char *value)
{
	buf_printf(in, "%s=%s\n", key, value);
}

void
plugin_add_element(struct buf *in, const char *key, const char *value)
{
	buf_printf(in, "_%s=%s\n", key, value);
}

void
plugin_end_args(struct buf *in)
{
	buf_adds(in, ".\n");
}

static bool
is_status(const char *line, size_t n)
{
	static const char *const words[] = { "OK", "ERR", "ALERT" };
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t len = strlen(words[i]);
		if (n >= len && memcmp(line, words[i], len) == 0 &&
		    (n == len || line[len] == ' '))
			return true;
	}
	return false;
}

/* Clients skip what is neither "key=value" nor a frame. */
static void
add_line(const char *line, size_t n, struct buf *to)
{
	if (n == 0 || (n == 1 && line[0] == '.'))
		return;
	if (line[0] == '.' || memchr(line, '=', n) == NULL)
		buf_adds(to, line[0] == '.' ? "" : ".");
	for (size_t i = 0; i < n; i++)
		buf_addc(to,
		    line[i] == '\0' || line[i] == '\r' ? ' ' : line[i]);
	buf_addc(to, '\n');
}

void
plugin_answer(const char *out, size_t len, struct ctl_reply *reply,
    struct buf *status)
{
	while (len > 0 && (out[len - 1] == '\n' || out[len - 1] == '\0'))
		len--;
	size_t last = len;
	while (last > 0 && out[last - 1] != '\n')
		last--;
	if (is_status(out + last, len - last))
		for (size_t i = last; i < len; i++)
			buf_addc(status, out[i] == '\0' ? ' ' : out[i]);
	else
		last = len;
	for (size_t at = 0; at < last;) {
		const char *lf = memchr(out + at, '\n', last - at);
		size_t n = lf != NULL ? (size_t)(lf - out) - at : last - at;
		add_line(out + at, n, &reply->data);
		at += n + 1;
	}
}

/* ---- runs of a slot -------------------------------------------------------------- */

/* In the child: the program instead of us. */
static _Noreturn void
become(char *program, int input)
{
	char run[] = "run";
	char *argv[] = { program, run, NULL };
	int null = open("/dev/null", O_WRONLY);
	(void)dup2(input, STDIN_FILENO);
	(void)dup2(null, STDOUT_FILENO);
	(void)execv(program, argv);
	(void)fprintf(stderr, "%s: %s\n", program, strerror(errno));
	_exit(127);
}

/* Its wait status; -1: it could not be started. */
static int
run_one(char *program, const struct buf *input)
{
	int pipes[2], status = -1;
	if (pipe(pipes) == -1)
		return -1;
	/* A few short lines: a pipe takes them all. */
	int rc = file_write_full(pipes[1], input->data, input->len);
	(void)close(pipes[1]);
	pid_t pid = rc == 0 ? fork() : -1;
	if (pid == 0)
		become(program, pipes[0]);
	(void)close(pipes[0]);
	while (pid != -1 && waitpid(pid, &status, 0) == -1 && errno == EINTR)
		;
	return status;
}

int
plugin_run_all(int argc, char **argv)
{
	for (int i = 1; i + PLUGIN_RUN_ARGS <= argc; i += PLUGIN_RUN_ARGS) {
		struct buf input = BUF_EMPTY;
		plugin_add_arg(&input, "profilegroup", argv[i + 1]);
		plugin_add_arg(&input, "profile", argv[i + 2]);
		plugin_add_arg(&input, "timeslot", argv[i + 3]);
		plugin_end_args(&input);
		int status = run_one(argv[i], &input);
		buf_free(&input);
		/* Programs that only answer commands have no such call. */
		if (status != -1 && WIFEXITED(status) &&
		    (WEXITSTATUS(status) == 0 ||
			WEXITSTATUS(status) == PLUGIN_NO_SUCH))
			continue;
		bool killed = status != -1 && WIFSIGNALED(status);
		(void)printf("%s: %s/%s %s: %s %d\n", argv[i], argv[i + 1],
		    argv[i + 2], argv[i + 3], killed ? "signal" : "exit status",
		    killed ? WTERMSIG(status)
			   : (status == -1 ? 127 : WEXITSTATUS(status)));
		(void)fflush(stdout);
	}
	return 0;
}
