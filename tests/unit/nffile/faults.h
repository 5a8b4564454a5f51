/*
 * faults: the calls that change files, as the linker finds them first here:
 * each can be made to fail, to write half, or to be the process's last.
 *
 * They are counted from 1 after faults_at.  Those `at` to `at + span - 1` go
 * wrong.  faults.log tells what was called, for tests of order.
 */
#ifndef FAULTS_H
#define FAULTS_H

#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#define FAULT_DEATH 77 /* exit status of a process that a fault ended */

enum fault_kind { FAULT_NONE, FAULT_ERROR, FAULT_SHORT, FAULT_KILL };

static struct {
	enum fault_kind kind;
	int error;
	unsigned at, span;
	atomic_uint calls;
	atomic_bool hang; /* forcing to the disk waits */
	char log[4096];   /* for renames and syncs of one thread */
} faults;

static inline void
faults_at(enum fault_kind kind, int error, unsigned at, unsigned span)
{
	faults.kind = kind;
	faults.error = error;
	faults.at = at;
	faults.span = span;
	faults.calls = 0;
	faults.log[0] = '\0';
}

static inline void
faults_log(const char *call, const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t n = strlen(faults.log);
	(void)snprintf(faults.log + n, sizeof(faults.log) - n, "%s %s\n", call,
	    slash != NULL ? slash + 1 : path);
}

static inline bool
fault_due(void)
{
	unsigned n = ++faults.calls;
	if (faults.kind == FAULT_NONE || n < faults.at ||
	    n >= faults.at + faults.span)
		return false;
	if (faults.kind == FAULT_KILL)
		_exit(FAULT_DEATH);
	errno = faults.error;
	return true;
}

/* The call behind ours. */
#define REAL(name) ((name##_call *)faults_real(#name))

typedef ssize_t pwrite_call(int fd, const void *p, size_t n, off_t pos);
typedef int ftruncate_call(int fd, off_t size);
typedef int rename_call(const char *from, const char *to);
typedef int unlink_call(const char *path);
typedef int fsync_call(int fd);
typedef int fdatasync_call(int fd);

typedef void any_call(void);

static inline any_call *
faults_real(const char *name)
{
	void *p = dlsym(RTLD_NEXT, name);
	any_call *f;
	memcpy(&f, &p, sizeof(f));
	return f;
}

ssize_t
pwrite(int fd, const void *p, size_t n, off_t pos)
{
	bool half = faults.kind == FAULT_SHORT || faults.kind == FAULT_KILL;
	if (half && n > 1 && faults.calls + 1 == faults.at &&
	    REAL(pwrite)(fd, p, n / 2, pos) == (ssize_t)(n / 2) &&
	    faults.kind == FAULT_SHORT) {
		faults.calls++;
		return (ssize_t)(n / 2);
	}
	return fault_due() ? -1 : REAL(pwrite)(fd, p, n, pos);
}

int
ftruncate(int fd, off_t size)
{
	return fault_due() ? -1 : REAL(ftruncate)(fd, size);
}

int
rename(const char *from, const char *to)
{
	faults_log("rename", to);
	return fault_due() ? -1 : REAL(rename)(from, to);
}

int
unlink(const char *path)
{
	return fault_due() ? -1 : REAL(unlink)(path);
}

static inline void
faults_log_sync(int fd)
{
	while (faults.hang)
		(void)usleep(1000);
	struct stat st;
	bool folder = fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
	faults_log("sync", folder ? "folder" : "file");
}

int
fsync(int fd)
{
	faults_log_sync(fd);
	return fault_due() ? -1 : REAL(fsync)(fd);
}

int
fdatasync(int fd)
{
	faults_log_sync(fd);
	return fault_due() ? -1 : REAL(fdatasync)(fd);
}

#endif
