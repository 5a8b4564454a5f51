#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int
file_read(const char *path, size_t limit, struct buf *b, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return err_set(err, "%s: %s", path, strerror(errno));
	size_t total = 0;
	for (;;) {
		buf_reserve(b, 65536);
		ssize_t n = read(fd, b->data + b->len, 65536);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1) {
			(void)err_set(err, "%s: %s", path, strerror(errno));
			break;
		}
		if (n == 0) {
			(void)close(fd);
			return 0;
		}
		b->len += (size_t)n;
		b->data[b->len] = '\0';
		total += (size_t)n;
		if (total > limit) {
			(void)err_set(err, "%s: larger than %zu bytes", path,
			    limit);
			break;
		}
	}
	(void)close(fd);
	return -1;
}

int
file_write_full(int fd, const void *data, size_t n)
{
	const char *p = data;
	while (n > 0) {
		ssize_t w = write(fd, p, n);
		if (w == -1 && errno == EINTR)
			continue;
		if (w == -1)
			return -1;
		p += w;
		n -= (size_t)w;
	}
	return 0;
}

static int
sync_parent(const char *path)
{
	char dir[FILE_PATH_MAX];
	const char *slash = strrchr(path, '/');
	size_t n = slash == NULL ? 0 : (size_t)(slash - path);
	if (slash == NULL)
		dir[0] = '.', n = 1;
	else if (n == 0)
		dir[0] = '/', n = 1;
	else
		memcpy(dir, path, n);
	dir[n] = '\0';
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return -1;
	int r = fsync(fd);
	(void)close(fd);
	return r;
}

int
file_write_atomic(const char *path, const void *data, size_t n, mode_t mode,
    struct err *err)
{
	char tmp[FILE_PATH_MAX];
	if (strlen(path) + 16 > sizeof(tmp))
		return err_set(err, "%s: path too long", path);
	(void)snprintf(tmp, sizeof(tmp), "%s.tmpXXXXXX", path);
	int fd = mkostemp(tmp, O_CLOEXEC);
	if (fd == -1)
		return err_set(err, "%s: %s", tmp, strerror(errno));
	if (file_write_full(fd, data, n) == -1 || fchmod(fd, mode) == -1 ||
	    fsync(fd) == -1) {
		(void)err_set(err, "%s: %s", tmp, strerror(errno));
		(void)close(fd);
		(void)unlink(tmp);
		return -1;
	}
	if (close(fd) == -1 || rename(tmp, path) == -1) {
		(void)err_set(err, "%s: %s", path, strerror(errno));
		(void)unlink(tmp);
		return -1;
	}
	if (sync_parent(path) == -1)
		return err_set(err, "%s: sync of its folder: %s", path,
		    strerror(errno));
	return 0;
}

int
file_mkdirs(const char *path, mode_t mode, struct err *err)
{
	char p[FILE_PATH_MAX];
	size_t n = strlen(path);
	if (n == 0 || n >= sizeof(p))
		return err_set(err, "%s: path empty or too long", path);
	memcpy(p, path, n + 1);
	for (char *s = p + 1;; s++) {
		if (*s != '/' && *s != '\0')
			continue;
		char c = *s;
		*s = '\0';
		struct stat st;
		if (mkdir(p, mode) == -1 &&
		    (errno != EEXIST || stat(p, &st) == -1 ||
			!S_ISDIR(st.st_mode)))
			return err_set(err, "%s: %s", p, strerror(errno));
		if (c == '\0')
			return 0;
		*s = c;
	}
}

static int
remove_at(int dirfd, const char *name, const char *path, struct err *err)
{
	if (unlinkat(dirfd, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return err_set(err, "%s: %s", path, strerror(errno));
	int fd = openat(dirfd, name,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *d = fd == -1 ? NULL : fdopendir(fd);
	if (d == NULL) {
		(void)err_set(err, "%s: %s", path, strerror(errno));
		if (fd != -1)
			(void)close(fd);
		return -1;
	}
	int r = 0;
	for (struct dirent *e; r == 0 && (e = readdir(d)) != NULL;)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			r = remove_at(fd, e->d_name, path, err);
	(void)closedir(d);
	if (r == 0 && unlinkat(dirfd, name, AT_REMOVEDIR) == -1)
		r = err_set(err, "%s: %s", path, strerror(errno));
	return r;
}

int
file_remove_tree(const char *path, struct err *err)
{
	return remove_at(AT_FDCWD, path, path, err);
}

bool
file_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

bool
file_join(char *buf, const char *a, const char *b)
{
	int n = snprintf(buf, FILE_PATH_MAX, "%s/%s", a, b);
	if (n >= 0 && n < FILE_PATH_MAX)
		return true;
	buf[0] = '\0';
	return false;
}
