#include "profile/nfstat.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

#define NFSTAT_MAX 4096 /* bytes; a real one has about 120 */

static void
set_key(struct nfstat *s, const char *key, size_t n, uint64_t v)
{
	const struct {
		const char *name;
		void *to;
	} keys[] = {
		{ "first", &s->first },
		{ "last", &s->last },
		{ "size", &s->size },
		{ "maxsize", &s->maxsize },
		{ "numfiles", &s->numfiles },
		{ "lifetime", &s->lifetime },
		{ "watermark", &s->watermark },
		{ "status", &s->status },
	};
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strlen(keys[i].name) == n &&
		    memcmp(keys[i].name, key, n) == 0)
			memcpy(keys[i].to, &v, sizeof(v));
}

static void
parse(const char *text, struct nfstat *s)
{
	*s = (struct nfstat){ 0 };
	while (*text != '\0') {
		size_t n = strcspn(text, "\n");
		const char *eq = memchr(text, '=', n);
		if (eq != NULL)
			set_key(s, text, (size_t)(eq - text),
			    (uint64_t)strtoull(eq + 1, NULL, 10) & INT64_MAX);
		text += n + (text[n] == '\n');
	}
}

static int
open_locked(const char *path, int flags, short type, struct err *err)
{
	struct flock fl = { .l_type = type, .l_whence = SEEK_SET };
	int rc;
	int fd = open(path, flags | O_CLOEXEC, 0664);
	if (fd == -1)
		return err_set(err, "%s: %s", path, strerror(errno));
	do
		rc = fcntl(fd, F_SETLKW, &fl);
	while (rc == -1 && errno == EINTR);
	if (rc == 0)
		return fd;
	(void)err_set(err, "%s: lock: %s", path, strerror(errno));
	(void)close(fd);
	return -1;
}

static int
read_open(int fd, const char *path, struct nfstat *s, struct err *err)
{
	char text[NFSTAT_MAX];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
	if (n == -1)
		return err_set(err, "%s: %s", path, strerror(errno));
	text[n] = '\0';
	parse(text, s);
	return 0;
}

int
nfstat_read(const char *dir, struct nfstat *s, struct err *err)
{
	char path[FILE_PATH_MAX];
	if (!file_join(path, dir, ".nfstat"))
		return err_set(err, "%s: path too long", dir);
	int fd = open_locked(path, O_RDONLY, F_RDLCK, err);
	if (fd == -1)
		return -1;
	int rc = read_open(fd, path, s, err);
	(void)close(fd);
	return rc;
}

static int
write_open(int fd, const char *path, const struct nfstat *s, struct err *err)
{
	char text[NFSTAT_MAX];
	int n = snprintf(text, sizeof(text),
	    "first=%" PRId64 "\nlast=%" PRId64 "\nsize=%" PRIu64
	    "\nmaxsize=%" PRIu64 "\nnumfiles=%" PRIu64 "\nlifetime=%" PRIu64
	    "\nwatermark=%" PRIu64 "\nstatus=%" PRIu64 "\n",
	    s->first, s->last, s->size, s->maxsize, s->numfiles, s->lifetime,
	    s->watermark, s->status);
	if (pwrite(fd, text, (size_t)n, 0) != n || ftruncate(fd, n) == -1)
		return err_set(err, "%s: %s", path, strerror(errno));
	return 0;
}

void
nfstat_count(struct nfstat *s, int64_t slot, uint64_t size, int64_t replaced)
{
	uint64_t old = replaced > 0 ? (uint64_t)replaced : 0;
	s->size = s->size > old ? s->size - old : 0;
	s->size += size;
	if (replaced < 0)
		s->numfiles++;
	if (s->first == 0 || slot < s->first)
		s->first = slot;
	if (slot > s->last)
		s->last = slot;
}

/* Open for a change and read; -1 or the locked descriptor. */
static int
begin_change(const char *dir, char *path, struct nfstat *s, struct err *err)
{
	if (!file_join(path, dir, ".nfstat"))
		return err_set(err, "%s: path too long", dir);
	int fd = open_locked(path, O_RDWR | O_CREAT, F_WRLCK, err);
	if (fd != -1 && read_open(fd, path, s, err) == -1) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

int
nfstat_file_added(const char *dir, int64_t slot, uint64_t size,
    int64_t replaced, struct err *err)
{
	char path[FILE_PATH_MAX];
	struct nfstat s;
	int fd = begin_change(dir, path, &s, err);
	if (fd == -1)
		return -1;
	/* An interrupted slot: the file may have been counted, or not. */
	if (replaced >= 0 || (s.numfiles > 0 && slot < s.last))
		s.status = NFSTAT_REBUILD;
	/* A census has seen the file before its maker could count it. */
	bool seen = replaced < 0 && s.numfiles > 0 && slot == s.last;
	int rc = 0;
	if (!seen) {
		nfstat_count(&s, slot, size, replaced);
		rc = write_open(fd, path, &s, err);
	}
	(void)close(fd);
	return rc;
}

int
nfstat_distrust(const char *dir, struct err *err)
{
	char path[FILE_PATH_MAX];
	struct nfstat s;
	int fd = begin_change(dir, path, &s, err);
	if (fd == -1)
		return -1;
	s.status = NFSTAT_REBUILD;
	int rc = write_open(fd, path, &s, err);
	(void)close(fd);
	return rc;
}

int
nfstat_replace(const char *dir, const struct nfstat *before,
    const struct nfstat *s, struct err *err)
{
	char path[FILE_PATH_MAX];
	struct nfstat now;
	int rc = 0;
	int fd = begin_change(dir, path, &now, err);
	if (fd == -1)
		return -1;
	if (memcmp(&now, before, sizeof(now)) == 0)
		rc = write_open(fd, path, s, err) == -1 ? -1 : 1;
	(void)close(fd);
	return rc;
}

int
nfstat_set_files(const char *dir, const struct nfstat *s, struct err *err)
{
	char path[FILE_PATH_MAX];
	struct nfstat is;
	int fd = begin_change(dir, path, &is, err);
	if (fd == -1)
		return -1;
	is.first = s->first;
	is.last = s->last;
	is.size = s->size;
	is.numfiles = s->numfiles;
	is.status = NFSTAT_OK;
	int rc = write_open(fd, path, &is, err);
	(void)close(fd);
	return rc;
}
