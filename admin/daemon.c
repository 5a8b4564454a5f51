#include "admin/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/proc.h"

const struct daemon daemon_collector = {
	.program = "nfsen-collector",
	.pidfile = "nfsen-collector.pid",
	.socket = "nfsen-collector.ctl",
	.stop_s = 60,
	.call_ms = 20000,
};

/* It may be at work on a long catch-up when it is told to stop. */
const struct daemon daemon_profiler = {
	.program = "nfsen-profiler",
	.pidfile = "nfsend.pid",
	.socket = NULL,
	.stop_s = 300,
	.call_ms = 300000,
};

/* ---- pid files ------------------------------------------------------------ */

static bool
pid_path(const struct conf *c, const struct daemon *d, char *path)
{
	return file_join(path, c->piddir, d->pidfile);
}

/* The number in a left-over file, for messages. */
static pid_t
written_pid(const char *path)
{
	struct buf text = BUF_EMPTY;
	long pid = 0;
	if (file_read(path, 64, &text, NULL) == 0)
		pid = strtol(buf_str(&text), NULL, 10);
	buf_free(&text);
	return pid > 0 ? (pid_t)pid : 0;
}

enum daemon_state
daemon_look(const struct conf *c, const struct daemon *d, pid_t *pid)
{
	char path[FILE_PATH_MAX];
	*pid = 0;
	if (!pid_path(c, d, path) || !file_exists(path))
		return DAEMON_DOWN;
	*pid = pidfile_holder(path);
	if (*pid > 0)
		return DAEMON_UP;
	if (*pid == 0)
		return DAEMON_DOWN;
	*pid = written_pid(path);
	return *pid != 0 ? DAEMON_DEAD : DAEMON_EMPTY;
}

void
daemon_forget(const struct conf *c, const struct daemon *d)
{
	char path[FILE_PATH_MAX];
	if (pid_path(c, d, path))
		(void)unlink(path);
}

/* ---- start ---------------------------------------------------------------- */

/* The folder this program runs from: argv0's, or what the kernel knows. */
static bool
own_folder(const char *argv0, char *path)
{
	ssize_t n = readlink("/proc/self/exe", path, FILE_PATH_MAX - 1);
	if (n > 0)
		path[n] = '\0';
	else if (strchr(argv0, '/') == NULL || realpath(argv0, path) == NULL)
		return false;
	char *slash = strrchr(path, '/');
	if (slash == NULL)
		return false;
	slash[slash == path ? 1 : 0] = '\0';
	return true;
}

/* Programs that were built or installed together belong together. */
static int
find_program(const struct admin *a, const char *name, char *path,
    struct err *err)
{
	char folder[FILE_PATH_MAX];
	if (own_folder(a->argv0, folder) && file_join(path, folder, name) &&
	    access(path, X_OK) == 0)
		return 0;
	if (a->c->bindir != NULL && file_join(path, a->c->bindir, name) &&
	    access(path, X_OK) == 0)
		return 0;
	return err_set(err, "%s: not beside nfsen and not in $BINDIR '%s'",
	    name, a->c->bindir != NULL ? a->c->bindir : "");
}

_Noreturn static void
exec_program(const char *path, const char *file)
{
	int null = open("/dev/null", O_RDONLY);
	if (null > 0)
		(void)dup2(null, STDIN_FILENO);
	/* An upgrade starts it again by that word, whatever its PATH. */
	(void)execl(path, path, "-c", file, "-D", (char *)NULL);
	(void)dprintf(STDERR_FILENO, "%s: %s\n", path, strerror(errno));
	_exit(127);
}

static int
wait_for_start(pid_t pid, const char *name, struct err *err)
{
	int status;
	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return err_set(err, "%s: %s", name, strerror(errno));
	if (WIFSIGNALED(status))
		return err_set(err, "%s: ended by signal %d", name,
		    WTERMSIG(status));
	if (WEXITSTATUS(status) != 0)
		return err_set(err, "%s did not start", name);
	return 0;
}

int
daemon_start(const struct admin *a, const struct daemon *d, struct err *err)
{
	char path[FILE_PATH_MAX];
	if (find_program(a, d->program, path, err) == -1)
		return -1;
	(void)fflush(stdout);
	pid_t pid = fork();
	if (pid == -1)
		return err_set(err, "fork: %s", strerror(errno));
	if (pid == 0)
		exec_program(path, a->file);
	return wait_for_start(pid, d->program, err);
}

/* ---- stop ----------------------------------------------------------------- */

static int64_t
now_ms(void)
{
	struct timespec ts;
	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void
dot(void)
{
	(void)putchar('.');
	(void)fflush(stdout);
}

int
daemon_stop(const struct conf *c, const struct daemon *d, pid_t pid,
    struct err *err)
{
	pid_t runs;
	int64_t begin = now_ms(), next_dot = begin + 1000;
	dot();
	if (kill(pid, SIGTERM) == -1 && errno != ESRCH)
		return err_set(err, "%s: pid %ld: %s", d->program, (long)pid,
		    strerror(errno));
	while (daemon_look(c, d, &runs) == DAEMON_UP && runs == pid) {
		int64_t now = now_ms();
		if (now - begin > (int64_t)d->stop_s * 1000)
			return err_set(err,
			    "Process [%ld] does not want to terminate!",
			    (long)pid);
		if (now >= next_dot) {
			dot();
			next_dot += 1000;
		}
		(void)poll(NULL, 0, 20);
	}
	return 0;
}

/* ---- control -------------------------------------------------------------- */

static int
call_at(const char *path, int timeout_ms, const char *command,
    const char *const *args, struct ctl_result *r, struct err *err)
{
	struct ctl_client client;
	if (ctl_connect(&client, path, timeout_ms, err) == -1)
		return -1;
	int rc = ctl_call(&client, command, args, r, err);
	ctl_close(&client);
	if (rc == 0 && !ctl_status_ok(r))
		rc = err_set(err, "%s",
		    strncmp(r->status, "ERR ", 4) == 0 ? r->status + 4
						       : r->status);
	return rc;
}

int
daemon_call(const struct conf *c, const struct daemon *d, const char *command,
    const char *const *args, struct ctl_result *r, struct err *err)
{
	char path[FILE_PATH_MAX];
	*r = (struct ctl_result){ 0 };
	if (d->socket == NULL)
		(void)snprintf(path, sizeof(path), "%s", c->commsocket);
	else if (!file_join(path, c->piddir, d->socket))
		return err_set(err, "%s: path too long", c->piddir);
	if (call_at(path, d->call_ms, command, args, r, err) == -1)
		return err_prefix(err, "%s: %s", d->program, command);
	return 0;
}
