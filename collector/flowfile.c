#include "collector/flowfile.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/slot.h"
#include "nffile/nffile.h"

#define NAMES_MAX 10000

/* dir ends with sub: a new folder's name is on the disk like a file's. */
static int
make_subdir(const char *dir, const char *sub, bool sync, struct err *err)
{
	char path[FILE_PATH_MAX];
	size_t base = strlen(dir) - strlen(sub);
	bool fresh = !file_exists(dir);
	if (file_mkdirs(dir, 0775, err) == -1)
		return -1;
	if (!sync || !fresh)
		return 0;
	(void)snprintf(path, sizeof(path), "%s", dir);
	while (strlen(path) >= base) {
		if (file_sync_name(path, err) == -1)
			return -1;
		*strrchr(path, '/') = '\0';
	}
	return 0;
}

char *
flowfile_path(const struct flowfile_spec *spec, int64_t slot, char *buf)
{
	struct tm tm;
	time_t t = (time_t)slot;
	(void)slot_path(slot, spec->cycletime, spec->layout, buf);
	size_t n = strlen(buf);
	if (spec->zone && strpbrk(strrchr(buf, '.'), "+-") == NULL &&
	    localtime_r(&t, &tm) != NULL)
		(void)strftime(buf + n, SLOT_PATH_MAX - n, "%z", &tm);
	return buf;
}

int
flowfile_publish(const struct flowfile_spec *spec, const char *from,
    int64_t slot, struct err *err)
{
	char name[SLOT_PATH_MAX], sub[SLOT_SUB_MAX];
	char to[FILE_PATH_MAX], dir[FILE_PATH_MAX];
	(void)flowfile_path(spec, slot, name);
	(void)slot_subdir(slot, spec->layout, sub);
	if (!file_join(to, spec->dir, name) || !file_join(dir, spec->dir, sub))
		return err_set(err, "%s/%s: path too long", spec->dir, name);
	bool sync = spec->fsync != FSYNC_OFF;
	if (sub[0] != '\0' && make_subdir(dir, sub, sync, err) == -1)
		return -1;
	return nffile_publish(from, to, sync, err);
}

/* The slot of an open file: nothing inside names it but its creation. */
static int
slot_of(const struct flowfile_spec *spec, const char *path, int64_t *slot,
    struct err *err)
{
	struct nffile_reader r;
	if (nffile_open(&r, path, err) == -1)
		return -1;
	int64_t created = r.header.created;
	nffile_close(&r);
	if (created <= 0)
		return err_set(err, "%s: no time of creation", path);
	*slot = slot_start(created, spec->cycletime);
	return 0;
}

int
flowfile_recover_one(const struct flowfile_spec *spec, const char *path,
    bool quiet)
{
	struct err err;
	int64_t slot;
	uint64_t flows = 0;
	struct stat st;
	if (stat(path, &st) == 0 &&
	    st.st_size < (off_t)sizeof(struct nffile_header)) {
		/* Died before the first byte: there is nothing in it. */
		(void)unlink(path);
		return 0;
	}
	if (slot_of(spec, path, &slot, &err) == -1 ||
	    nffile_recover(path, spec->ident, &flows, &err) == -1 ||
	    flowfile_publish(spec, path, slot, &err) == -1) {
		if (!quiet)
			log_warnx("cannot recover: %s ident=%s", err.msg,
			    spec->ident);
		return -1;
	}
	log_info("recovered a left-over file ident=%s slot=%lld flows=%llu",
	    spec->ident, (long long)slot, (unsigned long long)flows);
	return 0;
}

void
flowfile_recover(const struct flowfile_spec *spec)
{
	DIR *d = opendir(spec->dir);
	if (d == NULL) {
		log_warn("%s", spec->dir);
		return;
	}
	for (struct dirent *e; (e = readdir(d)) != NULL;) {
		char path[FILE_PATH_MAX];
		if (strncmp(e->d_name, FLOWFILE_CURRENT,
			sizeof(FLOWFILE_CURRENT) - 1) == 0 &&
		    file_join(path, spec->dir, e->d_name))
			(void)flowfile_recover_one(spec, path, false);
	}
	(void)closedir(d);
}

int
flowfile_name(const struct flowfile_spec *spec, char *path, struct err *err)
{
	for (int i = 0; i < NAMES_MAX; i++) {
		char number[16] = "";
		struct stat st;
		if (i > 0)
			(void)snprintf(number, sizeof(number), ".%d", i);
		(void)snprintf(path, FILE_PATH_MAX, "%s/%s%ld%s", spec->dir,
		    FLOWFILE_CURRENT, (long)getpid(), number);
		if (lstat(path, &st) == -1 && errno == ENOENT)
			return 0;
	}
	return err_set(err, "%s: no free name for the current file", spec->dir);
}
