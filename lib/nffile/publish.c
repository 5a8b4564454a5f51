/*
 * publish: finished files under their final names.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "nffile/internal.h"

#define COPY_BYTES 65536

/* ---- one file of several -------------------------------------------------- */

int
writer_copy_blocks(struct nffile_writer *w, const struct nffile_reader *r,
    struct err *err)
{
	uint8_t bytes[COPY_BYTES];
	off_t pos = sizeof(r->header), end = r->header.off_appendix;
	while (pos < end) {
		size_t n =
		    end - pos < COPY_BYTES ? (size_t)(end - pos) : COPY_BYTES;
		ssize_t got = read_at(r->fd, bytes, n, pos);
		if (got != (ssize_t)n)
			return err_set(err, "%s: %s", r->path,
			    got == -1 ? strerror(errno) : "cut off");
		if (write_at(w->fd, bytes, n, w->pos) == -1)
			return err_set(err, "%s: %s", w->path, strerror(errno));
		pos += (off_t)n;
		w->pos += (off_t)n;
	}
	w->header.num_blocks += r->header.num_blocks;
	return 0;
}

int
writer_pack_blocks(struct nffile_writer *w, struct nffile_reader *r,
    struct err *err)
{
	struct nffile_block b;
	enum nffile_next next;
	while ((next = nffile_read(r, &b, err)) == NFFILE_BLOCK) {
		size_t pos = 0;
		for (const uint8_t *p;
		     (p = nffile_record_next(&b, &pos)) != NULL;)
			if (nffile_add_record(w, p, err) == -1)
				return -1;
	}
	return next == NFFILE_END ? nffile_flush(w, err) : -1;
}

static int
add_file(struct nffile_writer *w, const char *path, struct nffile_stat *sum,
    struct err *err)
{
	struct nffile_reader r;
	if (nffile_open(&r, path, err) == -1)
		return -1;
	int ret;
	if (r.growing || r.damaged)
		ret = err_set(err, "%s: not finished or damaged", path);
	else if (r.header.version == NFFILE_VERSION && !r.uncounted &&
		 r.header.compression == w->header.compression)
		ret = writer_copy_blocks(w, &r, err);
	else
		ret = writer_pack_blocks(w, &r, err);
	nffile_stat_sum(sum, &r.stat);
	nffile_close(&r);
	return ret;
}

/* An empty file like the one at `path`. */
static int
create_like(struct nffile_writer *w, const char *tmp, const char *path,
    struct err *err)
{
	struct nffile_reader r;
	if (nffile_open(&r, path, err) == -1)
		return -1;
	struct nffile_writer_opts o = {
		.codec = (enum nffile_codec)r.header.compression,
		.compat = r.header.nfdversion == NFFILE_NFDVERSION_NEWEST
			      ? COMPAT_NEWEST
			      : COMPAT_171,
		.creator = (enum nffile_creator)r.header.creator,
		.created = r.header.created,
		.ident = r.ident,
		.mode = 0644
	};
	struct stat st;
	if (fstat(r.fd, &st) == 0)
		o.mode = st.st_mode & 0777;
	int ret = nffile_create(w, tmp, &o, err);
	nffile_close(&r);
	return ret;
}

/* The blocks of both (second may be NULL) in a file like the first. */
static int
merge(const char *first, const char *second, const char *tmp, bool sync,
    struct err *err)
{
	struct nffile_writer w;
	struct nffile_stat sum = { 0 };
	if (create_like(&w, tmp, first, err) == -1)
		return -1;
	if (add_file(&w, first, &sum, err) == -1 ||
	    (second != NULL && add_file(&w, second, &sum, err) == -1))
		goto fail;
	w.stat = sum;
	if (nffile_finish(&w, sync, err) == 0)
		return 0;
fail:
	nffile_writer_abandon(&w);
	(void)unlink(tmp);
	return -1;
}

/* Let the merged file take the place of `path`. */
static int
merge_onto(const char *path, const char *first, const char *second, bool sync,
    struct err *err)
{
	char tmp[FILE_PATH_MAX];
	const char *slash = strrchr(path, '/');
	int dir = slash != NULL ? (int)(slash - path) + 1 : 0;
	int n =
	    snprintf(tmp, sizeof(tmp), "%.*s.%s.merge", dir, path, path + dir);
	if (n < 0 || (size_t)n >= sizeof(tmp))
		return err_set(err, "%s: path too long", path);
	if (merge(first, second, tmp, sync, err) == -1)
		return -1;
	if (rename(tmp, path) == 0)
		return 0;
	(void)err_set(err, "%s: %s", path, strerror(errno));
	(void)unlink(tmp);
	return -1;
}

/* ---- joining -------------------------------------------------------------- */

/* Make of what is there a whole file of our layout. */
static int
make_whole(const char *path, const char *ident, bool sync, struct err *err)
{
	struct nffile_reader r;
	uint64_t flows;
	if (nffile_open(&r, path, err) == -1)
		return -1;
	bool whole = !r.growing && !r.damaged;
	bool old = r.header.version != NFFILE_VERSION;
	nffile_close(&r);
	if (old)
		return merge_onto(path, path, NULL, sync, err);
	return whole ? 0 : nffile_recover(path, ident, &flows, err);
}

/* Are the blocks of `head` the first blocks of r, byte for byte? */
static bool
begins_with(const struct nffile_reader *r, const struct nffile_reader *head)
{
	uint8_t a[COPY_BYTES], b[COPY_BYTES];
	off_t end = head->header.off_appendix;
	if (end > r->header.off_appendix ||
	    head->header.compression != r->header.compression)
		return false;
	for (off_t pos = sizeof(head->header); pos < end; pos += COPY_BYTES) {
		size_t n =
		    end - pos < COPY_BYTES ? (size_t)(end - pos) : COPY_BYTES;
		if (read_at(r->fd, a, n, pos) != (ssize_t)n ||
		    read_at(head->fd, b, n, pos) != (ssize_t)n ||
		    memcmp(a, b, n) != 0)
			return false;
	}
	return true;
}

/* Whether `from` holds what `to` does, as behind the first rename below. */
static int
is_joined(const char *from, const char *to, bool *joined, struct err *err)
{
	struct nffile_reader f, t;
	if (nffile_open(&f, from, err) == -1)
		return -1;
	int rc = make_whole(to, f.ident, false, err);
	if (rc == 0 && (rc = nffile_open(&t, to, err)) == 0) {
		*joined = begins_with(&f, &t);
		nffile_close(&t);
	}
	nffile_close(&f);
	return rc;
}

/*
 * `from` gets what is in `to`, then its name: each a rename, so that there
 * is no moment at which a crash would leave flows in both or in none.
 */
static int
join(const char *from, const char *to, bool sync, struct err *err)
{
	bool joined = false;
	if (is_joined(from, to, &joined, err) == -1)
		return -1;
	return joined ? 0 : merge_onto(from, to, from, sync, err);
}

int
nffile_publish(const char *from, const char *to, bool sync, struct err *err)
{
	/* One writer per file: nobody creates `to` meanwhile. */
	if (file_exists(to) && join(from, to, sync, err) == -1)
		return -1;
	if (sync && file_sync(from, err) == -1)
		return -1;
	if (rename(from, to) == -1)
		return err_set(err, "%s -> %s: %s", from, to, strerror(errno));
	return sync ? file_sync_name(to, err) : 0;
}
