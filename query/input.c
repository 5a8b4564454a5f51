#include "query/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

#define PIECE 65536

bool
input_is_fed(void)
{
	struct stat st;
	return fstat(STDIN_FILENO, &st) == 0 &&
	       (S_ISFIFO(st.st_mode) || S_ISREG(st.st_mode));
}

static int
nameless(char *path)
{
	const char *dir = getenv("TMPDIR");
	if (dir == NULL || dir[0] == '\0')
		dir = "/tmp";
	if (!file_join(path, dir, "nfsen-query.XXXXXX")) {
		errno = ENAMETOOLONG;
		return -1;
	}
	int fd = mkostemp(path, O_CLOEXEC);
	if (fd != -1)
		(void)unlink(path);
	return fd;
}

/* 0, or errno. */
static int
copy(int from, int to)
{
	char piece[PIECE];
	for (;;) {
		ssize_t n = read(from, piece, sizeof(piece));
		if (n == -1 && errno == EINTR)
			continue;
		if (n == 0)
			return 0;
		if (n == -1 || file_write_full(to, piece, (size_t)n) == -1)
			return errno;
	}
}

int
input_keep(struct err *err)
{
	struct stat st;
	char path[FILE_PATH_MAX] = "";
	if (fstat(STDIN_FILENO, &st) == -1)
		return err_set(err, "standard input: %s", strerror(errno));
	if (S_ISREG(st.st_mode))
		return 0;
	int fd = nameless(path);
	if (fd == -1)
		return err_set(err, "%s: %s", path, strerror(errno));
	int error = copy(STDIN_FILENO, fd);
	if (error == 0 && dup2(fd, STDIN_FILENO) == -1)
		error = errno;
	(void)close(fd);
	return error == 0 ? 0
			  : err_set(err, "standard input, kept in %s: %s", path,
				strerror(error));
}
