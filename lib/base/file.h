/*
 * file: whole files in and out.  Files appear complete: temporary name in
 * the same folder, write, fsync, rename.  Errors name the path.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

#define FILE_PATH_MAX 4096

/*
 * Add the content of `path` to b; larger than `limit` bytes is an error.  On
 * error b has what it had.
 */
int file_read(const char *path, size_t limit, struct buf *b, struct err *err);

/* Replace `path` by the n bytes, or leave it as it was. */
int file_write_atomic(const char *path, const void *data, size_t n, mode_t mode,
    struct err *err);

/* All n bytes to fd at its position; EINTR and short writes are retried. */
int file_write_full(int fd, const void *data, size_t n);

/*
 * Force a file's bytes, or the name `path` in its folder, to the disk.  Where
 * the file system knows no such thing, that is no error.
 */
int file_sync(const char *path, struct err *err);
int file_sync_name(const char *path, struct err *err);

/* All that was written to the file system of the folder `path`. */
int file_sync_all(const char *path, struct err *err);

/* Create `path` and its missing parents; a path that exists is no error. */
int file_mkdirs(const char *path, mode_t mode, struct err *err);

/*
 * Remove a tree or a file; a path that is not there is no error.  Symbolic
 * links are removed, not followed.
 */
int file_remove_tree(const char *path, struct err *err);

bool file_exists(const char *path);

/*
 * Of paths from outside, as text: no part between '/' (or ':', in lists) is
 * ".."; and the path begins with the folder `root`.
 */
bool file_stays(const char *path);
bool file_is_below(const char *path, const char *root);

/*
 * Join with '/', checking length: false (and "") when it would not fit in
 * FILE_PATH_MAX.
 */
bool file_join(char *buf, const char *a, const char *b);

#endif
