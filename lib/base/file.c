#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int
read_all(int fd, const char *path, size_t limit, struct buf *b, struct err *err)
{
	for (size_t total = 0;;) {
		buf_reserve(b, 65536);
		ssize_t n = read(fd, b->data + b->len, 65536);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return err_set(err, "%s: %s", path, strerror(errno));
		b->len += (size_t)n;
		b->data[b->len] = '\0';
		if (n == 0)
			return 0;
		total += (size_t)n;
		if (total > limit)
			return err_set(err, "%s: larger than %zu bytes", path,
			    limit);
	}
}

int
file_read(const char *path, size_t limit, struct buf *b, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return err_set(err, "%s: %s", path, strerror(errno));
	size_t before = b->len;
	int r = read_all(fd, path, limit, b, err);
	(void)close(fd);
	if (r == -1) {
		b->len = before;
		b->data[before] = '\0';
	}
	return r;
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

/* Files and folders; some file systems have no such thing for some. */
static int
sync_path(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return -1;
	int r = fsync(fd);
	if (r == -1 && (errno == EINVAL || errno == ENOTSUP))
		r = 0;
	int cause = errno;
	(void)close(fd);
	errno = cause;
	return r;
}

int
file_sync(const char *path, struct err *err)
{
	if (sync_path(path) == -1)
		return err_set(err, "%s: sync: %s", path, strerror(errno));
	return 0;
}

int
file_sync_name(const char *path, struct err *err)
{
	char dir[FILE_PATH_MAX];
	const char *slash = strrchr(path, '/');
	size_t n = slash == NULL ? 0 : (size_t)(slash - path);
	if (n >= sizeof(dir) - 1)
		return err_set(err, "path too long: %s", path);
	if (slash == NULL)
		(void)snprintf(dir, sizeof(dir), ".");
	else
		(void)snprintf(dir, sizeof(dir), "%.*s/", (int)n, path);
	if (sync_path(dir) == -1)
		return err_set(err, "%s: sync of its folder: %s", path,
		    strerror(errno));
	return 0;
}

int
file_sync_all(const char *path, struct err *err)
{
#ifdef __linux__
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = fd == -1 ? -1 : syncfs(fd);
	if (r == -1)
		(void)err_set(err, "%s: sync: %s", path, strerror(errno));
	if (fd != -1)
		(void)close(fd);
	return r;
#else
	(void)path;
	(void)err;
	sync();
	return 0;
#endif
}

int
file_write_atomic(const char *path, const void *data, size_t n, mode_t mode,
    struct err *err)
{
	char tmp[FILE_PATH_MAX];
	if (strlen(path) + sizeof(".tmpXXXXXX") > sizeof(tmp))
		return err_set(err, "path too long: %s", path);
	(void)snprintf(tmp, sizeof(tmp), "%s.tmpXXXXXX", path);
	int fd = mkostemp(tmp, O_CLOEXEC);
	if (fd == -1)
		return err_set(err, "%s: %s", path, strerror(errno));
	bool ok = file_write_full(fd, data, n) == 0 && fchmod(fd, mode) == 0 &&
		  fsync(fd) == 0;
	int cause = errno;
	if (close(fd) == -1 && ok) {
		ok = false;
		cause = errno;
	}
	if (ok && rename(tmp, path) == -1) {
		ok = false;
		cause = errno;
	}
	if (!ok) {
		(void)unlink(tmp);
		return err_set(err, "%s: %s", path, strerror(cause));
	}
	return file_sync_name(path, err);
}

/* A folder that is there already is as good as a new one. */
static int
make_folder(const char *path, mode_t mode)
{
	struct stat st;
	if (mkdir(path, mode) == 0)
		return 0;
	int cause = errno;
	if (stat(path, &st) == 0) {
		if (S_ISDIR(st.st_mode))
			return 0;
		cause = ENOTDIR;
	}
	errno = cause;
	return -1;
}

int
file_mkdirs(const char *path, mode_t mode, struct err *err)
{
	char p[FILE_PATH_MAX];
	size_t n = strlen(path);
	if (n == 0 || n >= sizeof(p))
		return err_set(err, "path empty or too long: %s", path);
	/* Mostly all of it is there. */
	if (make_folder(path, mode) == 0)
		return 0;
	memcpy(p, path, n + 1);
	for (char *s = p + 1;; s++) {
		if (*s != '/' && *s != '\0')
			continue;
		char c = *s;
		*s = '\0';
		if (make_folder(p, mode) == -1)
			return err_set(err, "%s: %s", p, strerror(errno));
		if (c == '\0')
			return 0;
		*s = c;
	}
}

static int remove_at(int dirfd, const char *name, const char *path,
    struct err *err);

static int
remove_content(int dirfd, const char *name, const char *path, struct err *err)
{
	int fd = openat(dirfd, name,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *d = fd == -1 ? NULL : fdopendir(fd);
	if (d == NULL) {
		(void)err_set(err, "%s: %s: %s", path, name, strerror(errno));
		if (fd != -1)
			(void)close(fd);
		return -1;
	}
	int r = 0;
	for (struct dirent *e; r == 0 && (e = readdir(d)) != NULL;)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			r = remove_at(fd, e->d_name, path, err);
	(void)closedir(d);
	return r;
}

static int
remove_at(int dirfd, const char *name, const char *path, struct err *err)
{
	struct stat st;
	int how = 0;
	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISDIR(st.st_mode)) {
		how = AT_REMOVEDIR;
		if (remove_content(dirfd, name, path, err) == -1)
			return -1;
	}
	if (unlinkat(dirfd, name, how) == 0 || errno == ENOENT)
		return 0;
	if (strcmp(name, path) == 0)
		return err_set(err, "%s: %s", path, strerror(errno));
	return err_set(err, "%s: %s: %s", path, name, strerror(errno));
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
file_stays(const char *path)
{
	for (const char *p = path; *p != '\0';) {
		size_t n = strcspn(p, "/:");
		if (n == 2 && p[0] == '.' && p[1] == '.')
			return false;
		p += n + (p[n] != '\0');
	}
	return true;
}

bool
file_is_below(const char *path, const char *root)
{
	size_t n = strlen(root);
	while (n > 1 && root[n - 1] == '/')
		n--;
	return strncmp(path, root, n) == 0 && path[n] == '/';
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
