/* The ledger's files: one per source and UTC day. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "ledger/ledger.h"

#define NAME_LEN 8 /* yyyymmdd */

static int64_t
day_of(int64_t when)
{
	return when - when % LEDGER_DAY;
}

static int
day_name(int64_t when, char *name, size_t size, struct err *err)
{
	time_t t = (time_t)when;
	struct tm tm;
	if (when < 0 || gmtime_r(&t, &tm) == NULL ||
	    strftime(name, size, "%Y%m%d", &tm) != NAME_LEN)
		return err_set(err, "ledger: no day for slot %lld",
		    (long long)when);
	return 0;
}

static int
source_dir(const char *dir, const char *source, char *path, struct err *err)
{
	if (source[0] == '\0' || source[0] == '.' ||
	    strchr(source, '/') != NULL)
		return err_set(err, "ledger: '%s' is no source's name", source);
	if (!file_join(path, dir, source))
		return err_set(err, "%s/%s: path too long", dir, source);
	return 0;
}

static int
day_path(const char *dir, const char *source, int64_t when, char *path,
    struct err *err)
{
	char folder[FILE_PATH_MAX], name[NAME_LEN + 1];
	if (source_dir(dir, source, folder, err) == -1 ||
	    day_name(when, name, sizeof(name), err) == -1)
		return -1;
	if (!file_join(path, folder, name))
		return err_set(err, "%s: path too long", folder);
	return 0;
}

/* ---- writing ---------------------------------------------------------------- */

/* The file's last byte is not LF: a crash cut a line off. */
static bool
ends_within_line(int fd, off_t size)
{
	char last;
	return size > 0 && pread(fd, &last, 1, size - 1) == 1 && last != '\n';
}

static int
append(int fd, const char *path, const struct buf *lines, struct err *err)
{
	struct stat st;
	if (fstat(fd, &st) == -1)
		return err_set(err, "%s: %s", path, strerror(errno));
	struct buf text = BUF_EMPTY;
	if (ends_within_line(fd, st.st_size))
		buf_addc(&text, '\n');
	buf_add(&text, lines->data, lines->len);
	int rc = file_write_full(fd, text.data, text.len);
	if (rc == -1) {
		(void)err_set(err, "%s: %s", path, strerror(errno));
		/* All or nothing; what cannot be cut is an incomplete line. */
		if (ftruncate(fd, st.st_size) == -1)
			(void)err_prefix(err, "cannot cut back");
	}
	buf_free(&text);
	return rc;
}

int
ledger_append(const char *dir, const char *source, int64_t slot,
    const struct buf *lines, struct err *err)
{
	char path[FILE_PATH_MAX];
	if (lines->len == 0)
		return 0;
	if (day_path(dir, source, slot, path, err) == -1)
		return -1;
	const int flags = O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW;
	int fd = open(path, flags, 0644);
	if (fd == -1 && errno == ENOENT) {
		char folder[FILE_PATH_MAX];
		if (source_dir(dir, source, folder, err) == -1 ||
		    file_mkdirs(folder, 0775, err) == -1)
			return -1;
		fd = open(path, flags, 0644);
	}
	if (fd == -1)
		return err_set(err, "%s: %s", path, strerror(errno));
	int rc = append(fd, path, lines, err);
	(void)close(fd);
	return rc;
}

/* ---- reading ---------------------------------------------------------------- */

struct reading {
	int64_t from, to;
	ledger_take *take;
	void *ctx;
	uint64_t *bad;
};

static void
read_line(const struct reading *r, const char *text, size_t n)
{
	struct ledger_line l;
	if (n == 0)
		return;
	if (!ledger_parse(text, n, &l)) {
		if (r->bad != NULL)
			++*r->bad;
	} else if (l.slot >= r->from && l.slot < r->to) {
		r->take(r->ctx, &l);
	}
}

static int
read_day(const struct reading *r, const char *path, struct err *err)
{
	char *line = NULL;
	size_t room = 0;
	FILE *f = fopen(path, "re");
	if (f == NULL)
		return errno == ENOENT
			   ? 0
			   : err_set(err, "%s: %s", path, strerror(errno));
	for (ssize_t n; (n = getline(&line, &room, f)) > 0;)
		/* One without LF was cut off, or is being written. */
		if (line[n - 1] == '\n')
			read_line(r, line, (size_t)n - 1);
	bool failed = ferror(f) != 0;
	free(line);
	(void)fclose(f);
	return failed ? err_set(err, "%s: cannot be read", path) : 0;
}

/* The day that a file's name means; false: no day's file. */
static bool
name_day(const char *name, int64_t *day)
{
	struct tm tm = { 0 };
	const char *end = NULL;
	if (strlen(name) == NAME_LEN)
		end = strptime(name, "%Y%m%d", &tm);
	if (end == NULL || *end != '\0')
		return false;
	*day = (int64_t)timegm(&tm);
	return *day >= 0;
}

static int
compare_days(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

/* The days that there are files of, sorted.  No folder: none. */
static int
list_days(const char *dir, const char *source, struct buf *days,
    struct err *err)
{
	char folder[FILE_PATH_MAX];
	if (source_dir(dir, source, folder, err) == -1)
		return -1;
	DIR *d = opendir(folder);
	if (d == NULL)
		return errno == ENOENT
			   ? 0
			   : err_set(err, "%s: %s", folder, strerror(errno));
	for (const struct dirent *e; (e = readdir(d)) != NULL;) {
		int64_t day;
		if (name_day(e->d_name, &day))
			buf_add(days, &day, sizeof(day));
	}
	(void)closedir(d);
	if (days->len != 0)
		qsort(days->data, days->len / sizeof(int64_t), sizeof(int64_t),
		    compare_days);
	return 0;
}

static int64_t
day_at(const struct buf *days, size_t i)
{
	int64_t day;
	memcpy(&day, days->data + i * sizeof(day), sizeof(day));
	return day;
}

int
ledger_read(const char *dir, const char *source, int64_t from, int64_t to,
    ledger_take *take, void *ctx, uint64_t *bad, struct err *err)
{
	const struct reading r = { from, to, take, ctx, bad };
	struct buf days = BUF_EMPTY;
	char path[FILE_PATH_MAX];
	int rc = list_days(dir, source, &days, err);
	for (size_t i = 0; rc == 0 && i < days.len / sizeof(int64_t); i++) {
		int64_t day = day_at(&days, i);
		if (day + LEDGER_DAY <= from || day >= to)
			continue;
		rc = day_path(dir, source, day, path, err);
		if (rc == 0)
			rc = read_day(&r, path, err);
	}
	buf_free(&days);
	return rc;
}

int
ledger_expire(const char *dir, const char *source, int64_t before,
    struct err *err)
{
	struct buf days = BUF_EMPTY;
	char path[FILE_PATH_MAX];
	int rc = list_days(dir, source, &days, err);
	for (size_t i = 0; rc == 0 && i < days.len / sizeof(int64_t); i++) {
		int64_t day = day_at(&days, i);
		if (day >= day_of(before))
			break;
		rc = day_path(dir, source, day, path, err);
		if (rc == 0 && unlink(path) == -1 && errno != ENOENT)
			rc = err_set(err, "%s: %s", path, strerror(errno));
	}
	buf_free(&days);
	return rc;
}
