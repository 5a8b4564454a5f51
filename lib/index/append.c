/* append: entries behind those of a day, one writer at a time. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"
#include "index/entry.h"
#include "index/make.h"

static bool
read_at(int fd, void *p, size_t n, off_t pos)
{
	ssize_t got;
	do
		got = pread(fd, p, n, pos);
	while (got == -1 && errno == EINTR);
	return got == (ssize_t)n;
}

/* Where the last whole entry ends; 0: there is not even a header. */
static off_t
end_of(int fd, off_t size)
{
	struct index_header h;
	uint64_t start[2]; /* of struct index_head: check, length */
	off_t at = sizeof(h);
	_Static_assert(offsetof(struct index_head, length) == 8, "start[1]");
	if (!read_at(fd, &h, sizeof(h), 0) || !entry_header_ok(&h))
		return 0;
	while (read_at(fd, start, sizeof(start), at) &&
	       entry_length_ok(start[1]) && (off_t)start[1] <= size - at)
		at += (off_t)start[1];
	return at;
}

/* Bytes at pos, or nothing. */
static int
write_at(int fd, const void *p, size_t n, off_t pos)
{
	if (lseek(fd, pos, SEEK_SET) == pos && file_write_full(fd, p, n) == 0)
		return 0;
	int cause = errno;
	if (ftruncate(fd, pos) == -1)
		return -1;
	errno = cause;
	return -1;
}

static int
append(int fd, const struct buf *entries)
{
	static const struct index_header head = { INDEX_MAGIC, INDEX_VERSION,
		SUMMARY_COLUMNS, 0 };
	struct stat st;
	if (fstat(fd, &st) == -1)
		return -1;
	off_t at = end_of(fd, st.st_size);
	if (at != st.st_size && ftruncate(fd, at) == -1)
		return -1;
	if (at == 0) {
		at = sizeof(head);
		if (write_at(fd, &head, sizeof(head), 0) == -1)
			return -1;
	}
	if ((uint64_t)at + entries->len > INDEX_FILE_MAX) {
		errno = EFBIG;
		return -1;
	}
	return write_at(fd, entries->data, entries->len, at);
}

int
index_append(const char *path, const struct buf *entries, struct err *err)
{
	int fd = open(path,
	    O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0644);
	if (fd == -1)
		return err_set(err, "%s: %s", path, strerror(errno));
	int rc = 0;
	if (flock(fd, LOCK_EX) == -1 || append(fd, entries) == -1)
		rc = err_set(err, "%s: %s", path, strerror(errno));
	(void)close(fd);
	return rc;
}
