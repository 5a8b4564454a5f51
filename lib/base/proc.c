#include "base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static int ready_fd = -1; /* write end to the waiting parent; -1: attached */

static long
read_pid(int fd)
{
	char text[32];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	return strtol(text, NULL, 10);
}

/*
 * pidfile_holder takes the lock for a moment to see whether it is free, so
 * one refusal proves nothing.
 */
static int
lock_patiently(int fd)
{
	const struct timespec pause = { .tv_nsec = 10000000 };
	for (int tries = 0; flock(fd, LOCK_EX | LOCK_NB) == -1; tries++) {
		if ((errno != EWOULDBLOCK && errno != EINTR) || tries == 20)
			return -1;
		(void)nanosleep(&pause, NULL);
	}
	return 0;
}

/* False when a holder that ended removed the file we have just locked. */
static bool
still_there(int fd, const char *path)
{
	struct stat ours, now;
	return fstat(fd, &ours) == 0 && stat(path, &now) == 0 &&
	       ours.st_dev == now.st_dev && ours.st_ino == now.st_ino;
}

static int
open_locked(const char *path, struct err *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (fd == -1)
		return err_set(err, "%s: %s", path, strerror(errno));
	if (lock_patiently(fd) == 0)
		return fd;
	if (errno == EWOULDBLOCK)
		(void)err_set(err, "%s: already running, pid %ld", path,
		    read_pid(fd));
	else
		(void)err_set(err, "%s: %s", path, strerror(errno));
	(void)close(fd);
	return -1;
}

int
pidfile_open(struct pidfile *pf, const char *path, struct err *err)
{
	pf->fd = -1;
	if (strlen(path) >= sizeof(pf->path))
		return err_set(err, "path too long: %s", path);
	(void)snprintf(pf->path, sizeof(pf->path), "%s", path);
	while ((pf->fd = open_locked(path, err)) != -1 &&
	       !still_there(pf->fd, path))
		(void)close(pf->fd);
	if (pf->fd == -1)
		return -1;
	/* Never a dead process's number under a held lock. */
	if (pidfile_write(pf, err) == 0)
		return 0;
	pidfile_close(pf);
	return -1;
}

int
pidfile_write(struct pidfile *pf, struct err *err)
{
	char text[32];
	int n = snprintf(text, sizeof(text), "%ld\n", (long)getpid());
	/* In this order, so that a reader never sees an empty file. */
	if (pwrite(pf->fd, text, (size_t)n, 0) != n ||
	    ftruncate(pf->fd, n) == -1)
		return err_set(err, "%s: %s", pf->path, strerror(errno));
	return 0;
}

void
pidfile_close(struct pidfile *pf)
{
	if (pf->fd == -1)
		return;
	(void)unlink(pf->path);
	(void)close(pf->fd);
	pf->fd = -1;
}

void
pidfile_leave(struct pidfile *pf)
{
	if (pf->fd != -1)
		(void)close(pf->fd);
	pf->fd = -1;
}

pid_t
pidfile_holder(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return 0;
	long pid = read_pid(fd);
	/* The lock says whether the holder lives; a free lock is a left-over. */
	bool held = flock(fd, LOCK_SH | LOCK_NB) == -1 && errno == EWOULDBLOCK;
	(void)close(fd);
	return held && pid > 0 ? (pid_t)pid : -1;
}

int
proc_detach(struct err *err)
{
	int p[2];
	if (pipe2(p, O_CLOEXEC) == -1)
		return err_set(err, "pipe: %s", strerror(errno));
	pid_t pid = fork();
	if (pid == -1) {
		(void)err_set(err, "fork: %s", strerror(errno));
		(void)close(p[0]);
		(void)close(p[1]);
		return -1;
	}
	if (pid == 0) {
		(void)close(p[0]);
		ready_fd = p[1];
		(void)setsid();
		return 0;
	}
	(void)close(p[1]);
	char c;
	ssize_t n;
	do
		n = read(p[0], &c, 1);
	while (n == -1 && errno == EINTR);
	_exit(n == 1 ? 0 : 1);
}

static void
leave_terminal(void)
{
	int null = open("/dev/null", O_RDWR);
	if (null == -1)
		return;
	for (int fd = 0; fd < 3; fd++)
		(void)dup2(null, fd);
	if (null > 2)
		(void)close(null);
}

void
proc_detach_helper(void)
{
	if (ready_fd == -1)
		return;
	leave_terminal();
	(void)close(ready_fd);
	ready_fd = -1;
}

void
proc_ready(void)
{
	proc_tell("READY=1");
	if (ready_fd == -1)
		return;
	leave_terminal();
	if (chdir("/") == -1)
		(void)0; /* only keeps a file system from being unmounted */
	ssize_t n = write(ready_fd, "1", 1);
	(void)n;
	(void)close(ready_fd);
	ready_fd = -1;
}

int
proc_ids(const char *user, const char *group, uid_t *uid, gid_t *gid,
    struct err *err)
{
	struct passwd *pw = getpwnam(user);
	if (pw == NULL)
		return err_set(err, "user '%s' not found on this system", user);
	*uid = pw->pw_uid;
	*gid = pw->pw_gid;
	if (group == NULL)
		return 0;
	struct group *gr = getgrnam(group);
	if (gr == NULL)
		return err_set(err, "group '%s' not found on this system",
		    group);
	*gid = gr->gr_gid;
	return 0;
}

int
proc_drop(const char *user, const char *group, struct err *err)
{
	uid_t uid;
	gid_t gid;
	if (proc_ids(user, group, &uid, &gid, err) == -1)
		return -1;
	if (geteuid() == uid && uid != 0)
		return 0;
	if (geteuid() != 0)
		return err_set(err,
		    "want to run as user 'root' or '%s', current uid is '%ld'",
		    user, (long)geteuid());
	if (initgroups(user, gid) == -1 || setresgid(gid, gid, gid) == -1 ||
	    setresuid(uid, uid, uid) == -1)
		return err_set(err, "become user '%s': %s", user,
		    strerror(errno));
	if (uid != 0 && (setuid(0) == 0 || geteuid() != uid))
		return err_set(err, "ids of '%s' did not stick", user);
	return 0;
}
