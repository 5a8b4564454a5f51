/*
 * rewrite: a finished file with another codec or ident, in its place.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "nffile/internal.h"

/* Beside the file; names with a dot are nobody's flow files. */
static int
temporary(char *tmp, const char *path, struct err *err)
{
	const char *slash = strrchr(path, '/');
	int dir = slash != NULL ? (int)(slash - path) + 1 : 0;
	int n = snprintf(tmp, FILE_PATH_MAX, "%.*s.%s.rewrite", dir, path,
	    path + dir);
	return n > 0 && n < FILE_PATH_MAX
		   ? 0
		   : err_set(err, "%s: path too long", path);
}

static int
create(struct nffile_writer *w, const struct nffile_reader *r, const char *tmp,
    const struct nffile_writer_opts *o, struct err *err)
{
	struct nffile_writer_opts like = *o;
	like.compat = r->header.nfdversion == NFFILE_NFDVERSION_NEWEST
			  ? COMPAT_NEWEST
			  : COMPAT_171;
	like.creator = (enum nffile_creator)r->header.creator;
	like.created = r->header.created;
	if (r->header.version == 1) /* it does not say */
		like.created = (int64_t)(r->stat.first / 1000);
	if (like.ident == NULL)
		like.ident = r->ident;
	return nffile_create(w, tmp, &like, err);
}

static int
fill(struct nffile_writer *w, struct nffile_reader *r, struct err *err)
{
	bool as_it_is = r->header.version == NFFILE_VERSION && !r->uncounted &&
			r->header.compression == w->header.compression &&
			w->level == 0;
	int rc = as_it_is ? writer_copy_blocks(w, r, err)
			  : writer_pack_blocks(w, r, err);
	if (rc == -1)
		return -1;
	if (!as_it_is && nffile_missing(r, err))
		return -1;
	w->stat = r->stat;
	w->header.nfdversion = r->header.version == NFFILE_VERSION
				   ? r->header.nfdversion
				   : w->header.nfdversion;
	return nffile_finish(w, true, err);
}

/* Whose the old one was, and when it was written. */
static int
dress(const char *tmp, const struct stat *st, struct err *err)
{
	const struct timespec times[2] = { st->st_atim, st->st_mtim };
	if (chown(tmp, st->st_uid, st->st_gid) == -1 && geteuid() == 0)
		return err_set(err, "%s: %s", tmp, strerror(errno));
	if (chmod(tmp, st->st_mode & 07777) == -1 ||
	    utimensat(AT_FDCWD, tmp, times, 0) == -1)
		return err_set(err, "%s: %s", tmp, strerror(errno));
	return 0;
}

static int
rewrite(struct nffile_reader *r, const struct nffile_writer_opts *o,
    struct err *err)
{
	struct nffile_writer w;
	struct stat st;
	char tmp[FILE_PATH_MAX];
	if (r->growing || r->damaged)
		return err_set(err, "%s: not finished or damaged", r->path);
	if (fstat(r->fd, &st) == -1)
		return err_set(err, "%s: %s", r->path, strerror(errno));
	if (temporary(tmp, r->path, err) == -1 ||
	    create(&w, r, tmp, o, err) == -1)
		return -1;
	if (fill(&w, r, err) == -1) {
		nffile_writer_abandon(&w);
		goto fail;
	}
	if (dress(tmp, &st, err) == -1)
		goto fail;
	if (rename(tmp, r->path) == 0)
		return file_sync_name(r->path, err);
	(void)err_set(err, "%s: %s", r->path, strerror(errno));
fail:
	(void)unlink(tmp);
	return -1;
}

int
nffile_rewrite(const char *path, enum nffile_codec codec, int level,
    const char *ident, struct err *err)
{
	struct nffile_reader r;
	const struct nffile_writer_opts o = { .codec = codec,
		.level = level,
		.ident = ident,
		.mode = 0600 };
	/* A link stays one: what it names is written anew. */
	char *real = realpath(path, NULL);
	if (real == NULL)
		return err_set(err, "%s: %s", path, strerror(errno));
	int rc = nffile_open(&r, real, err);
	if (rc == 0) {
		rc = rewrite(&r, &o, err);
		nffile_close(&r);
	}
	free(real);
	return rc;
}
