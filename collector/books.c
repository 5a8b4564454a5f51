#include "collector/books.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "nffile/tree.h"
#include "profile/nfstat.h"

#define WATERMARK 95 /* percent; where none is said, as nfexpire has it */
#define BLOCK     512

/* All files of the folder, oldest first, with their sizes. */
struct shelf {
	struct arena arena;
	struct tree_list files;
	uint64_t *sizes;
	size_t first; /* of those that are left */
	uint64_t size;
};

static uint64_t
size_of(const char *path)
{
	struct stat st;
	return lstat(path, &st) == 0 ? (uint64_t)st.st_blocks * BLOCK : 0;
}

/* None found is an error of tree_find, and here an empty shelf. */
static void
look(struct shelf *s, const char *dir)
{
	struct tree_query q = { .R = dir };
	struct err err;
	*s = (struct shelf){ .arena = ARENA_EMPTY };
	if (tree_find(&q, &s->arena, &s->files, &err) == -1)
		s->files.n = 0;
	s->sizes = arena_array(&s->arena, s->files.n + 1, sizeof(*s->sizes));
	for (size_t i = 0; i < s->files.n; i++) {
		s->sizes[i] = size_of(s->files.files[i].path);
		s->size += s->sizes[i];
	}
	/* Names without a time are nobody's; they stand last. */
	while (s->files.n > 0 && s->files.files[s->files.n - 1].start < 0)
		s->size -= s->sizes[--s->files.n];
}

static bool
is_due(const struct nfstat *b, int64_t now)
{
	return (b->maxsize != 0 && b->size >= b->maxsize) ||
	       (b->lifetime != 0 && b->first != 0 &&
		   now - b->first >= (int64_t)b->lifetime);
}

/* Folders of dates that have become empty, up to dir. */
static void
remove_folders(const char *dir, const char *file)
{
	char path[FILE_PATH_MAX];
	size_t base = strlen(dir);
	if (strlen(file) >= sizeof(path))
		return;
	memcpy(path, file, strlen(file) + 1);
	for (char *slash; (slash = strrchr(path, '/')) != NULL &&
			  (size_t)(slash - path) > base;) {
		*slash = '\0';
		if (rmdir(path) == -1)
			return;
	}
}

/* False: it is still there. */
static bool
take_away(struct shelf *s, const char *dir)
{
	const char *path = s->files.files[s->first].path;
	if (unlink(path) == -1 && errno != ENOENT) {
		log_warn("expire: %s", path);
		return false;
	}
	s->size -= s->sizes[s->first++];
	remove_folders(dir, path);
	return true;
}

static void
expire(struct shelf *s, const char *dir, const struct nfstat *b, int64_t now)
{
	uint64_t mark =
	    b->watermark == 0 || b->watermark > 100 ? WATERMARK : b->watermark;
	const struct tree_file *f = s->files.files;
	size_t was = s->first;
	bool ok = true;
	if (b->maxsize != 0 && s->size >= b->maxsize)
		while (ok && s->first + 1 < s->files.n &&
		       s->size > b->maxsize / 100 * mark)
			ok = take_away(s, dir);
	int64_t oldest = now - (int64_t)(b->lifetime / 100 * mark +
					 b->lifetime % 100 * mark / 100);
	if (b->lifetime != 0 && s->first < s->files.n &&
	    now - f[s->first].start >= (int64_t)b->lifetime)
		while (ok && s->first + 1 < s->files.n &&
		       f[s->first].start < oldest)
			ok = take_away(s, dir);
	if (s->first != was)
		log_info("expired files=%zu folder=%s", s->first - was, dir);
}

static int
write_books(const struct shelf *s, const char *dir, struct err *err)
{
	struct nfstat b = { .size = s->size,
		.numfiles = s->files.n - s->first };
	if (b.numfiles != 0) {
		b.first = s->files.files[s->first].start;
		b.last = s->files.files[s->files.n - 1].start;
	}
	return nfstat_set_files(dir, &b, err);
}

static bool
is_true(const struct nfstat *b)
{
	return b->status == NFSTAT_OK && b->first != 0 && b->first <= b->last;
}

static int
keep_limits(const struct books_file *f, bool was_there, struct err *err)
{
	struct nfstat b;
	int64_t now = (int64_t)time(NULL);
	if (nfstat_read(f->dir, &b, err) == -1)
		return -1;
	if (was_there && !f->fresh && is_true(&b) && !is_due(&b, now))
		return 0;
	struct shelf s;
	look(&s, f->dir);
	expire(&s, f->dir, &b, now);
	int rc = write_books(&s, f->dir, err);
	arena_free(&s.arena);
	return rc;
}

void
books_file(const struct books_file *f)
{
	char path[FILE_PATH_MAX];
	struct err err;
	if (f->books == CONF_BOOKS_NONE || !file_join(path, f->dir, ".nfstat"))
		return;
	bool was_there = file_exists(path);
	if (!was_there && f->books != CONF_BOOKS_EXPIRE)
		return;
	int rc = nfstat_file_added(f->dir, f->slot, f->size, f->replaced, &err);
	if (rc == 0 && f->books == CONF_BOOKS_EXPIRE)
		rc = keep_limits(f, was_there, &err);
	if (rc == -1)
		log_warnx("%s", err.msg);
}
