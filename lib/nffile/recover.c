/*
 * recover: files that their writer left open, and finished files under
 * their final names.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "nffile/codec.h"
#include "nffile/internal.h"

static void
count_block(struct nffile_stat *s, const struct nffile_block *b,
    const struct nffile_header *h)
{
	size_t pos = 0;
	for (const uint8_t *p; (p = nffile_record_next(b, &pos)) != NULL;)
		if (get16(p) == REC_FLOW)
			stat_add_record(s, p, stat_in_classes(h));
}

/* Cut the file at `end`, behind `blocks` blocks, and give it an appendix. */
static int
close_off(const struct nffile_reader *r, off_t end, uint32_t blocks,
    const struct nffile_stat *s, const char *ident, struct err *err)
{
	struct nffile_writer w = { .fd = -1,
		.header = r->header,
		.stat = *s,
		.codec = (enum nffile_codec)r->header.compression,
		.pos = end };
	w.header.num_blocks = blocks;
	w.path = mem_strdup(r->path);
	(void)snprintf(w.ident, sizeof(w.ident), "%s", ident);
	w.fd = open(r->path, O_RDWR | O_CLOEXEC);
	if (w.fd == -1 || ftruncate(w.fd, w.pos) == -1) {
		(void)err_set(err, "%s: %s", r->path, strerror(errno));
		goto fail;
	}
	writer_alloc(&w);
	if (nffile_finish(&w, true, err) == 0)
		return 0;
fail:
	nffile_writer_abandon(&w);
	return -1;
}

int
nffile_recover(const char *path, const char *ident, uint64_t *flows,
    struct err *err)
{
	struct nffile_reader r;
	if (nffile_open(&r, path, err) == -1)
		return -1;
	if (!r.growing && !r.damaged) {
		*flows = r.stat.flows;
		nffile_close(&r);
		return 0;
	}
	if (r.header.version != NFFILE_VERSION) {
		nffile_close(&r);
		return err_set(err,
		    "%s: files of nfdump 1.6 are read, not finished", path);
	}
	/* A header that promises what the file lacks: trust the blocks. */
	r.growing = true;
	r.header.off_appendix = 0;
	struct nffile_stat s = { 0 };
	off_t end = r.pos;
	uint32_t blocks = 0;
	struct nffile_block b;
	while (nffile_read(&r, &b, NULL) == NFFILE_BLOCK) {
		count_block(&s, &b, &r.header);
		end = r.pos;
		blocks = r.number;
	}
	*flows = s.flows;
	int ret = close_off(&r, end, blocks, &s, ident, err);
	nffile_close(&r);
	return ret;
}

/* ---- publishing ------------------------------------------------------------------ */

#define COPY_BYTES 65536

/* Blocks of the same codec are copied as they are. */
static int
copy_blocks(struct nffile_writer *w, const struct nffile_reader *r,
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

/* Blocks of another codec go through the writer again, record by record. */
static int
pack_blocks(struct nffile_writer *w, struct nffile_reader *r, struct err *err)
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
merge_file(struct nffile_writer *w, const char *path, struct nffile_stat *sum,
    struct err *err)
{
	struct nffile_reader r;
	if (nffile_open(&r, path, err) == -1)
		return -1;
	int ret;
	if (r.growing || r.damaged)
		ret = err_set(err, "%s: not finished or damaged", path);
	else if (r.header.version == NFFILE_VERSION &&
		 r.header.compression == w->header.compression)
		ret = copy_blocks(w, &r, err);
	else
		ret = pack_blocks(w, &r, err);
	nffile_stat_sum(sum, &r.stat);
	nffile_close(&r);
	return ret;
}

static int
start_merge(struct nffile_writer *w, const char *tmp, const char *to,
    struct err *err)
{
	struct nffile_reader r;
	if (nffile_open(&r, to, err) == -1)
		return -1;
	struct nffile_writer_opts o = {
		.codec = (enum nffile_codec)r.header.compression,
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

/* One file with the blocks of `to`, then of `from`, under the name tmp. */
static int
merge(const char *from, const char *to, const char *tmp, struct err *err)
{
	struct nffile_writer w;
	struct nffile_stat sum = { 0 };
	if (start_merge(&w, tmp, to, err) == -1)
		return -1;
	if (merge_file(&w, to, &sum, err) == -1 ||
	    merge_file(&w, from, &sum, err) == -1)
		goto fail;
	w.stat = sum;
	if (nffile_finish(&w, true, err) == 0)
		return 0;
fail:
	nffile_writer_abandon(&w);
	(void)unlink(tmp);
	return -1;
}

static bool
merge_name(char *tmp, const char *to)
{
	const char *slash = strrchr(to, '/');
	int dir = slash != NULL ? (int)(slash - to) + 1 : 0;
	int n =
	    snprintf(tmp, FILE_PATH_MAX, "%.*s.%s.merge", dir, to, to + dir);
	return n > 0 && n < FILE_PATH_MAX;
}

/* Are the blocks of `from` the last blocks of `to`, byte for byte? */
static bool
ends_with(const struct nffile_reader *to, const struct nffile_reader *from)
{
	uint8_t a[COPY_BYTES], b[COPY_BYTES];
	off_t n = from->header.off_appendix - (off_t)sizeof(from->header);
	off_t at = to->header.off_appendix - n;
	if (n <= 0 || at < (off_t)sizeof(to->header) ||
	    to->header.version != from->header.version ||
	    to->header.compression != from->header.compression)
		return false;
	for (off_t pos = 0; pos < n; pos += COPY_BYTES) {
		size_t k =
		    n - pos < COPY_BYTES ? (size_t)(n - pos) : COPY_BYTES;
		if (read_at(to->fd, a, k, at + pos) != (ssize_t)k ||
		    read_at(from->fd, b, k,
			(off_t)sizeof(from->header) + pos) != (ssize_t)k ||
		    memcmp(a, b, k) != 0)
			return false;
	}
	return true;
}

/* A crash between the merge and the removal of `from`: nothing to add. */
static bool
is_merged(const char *from, const char *to)
{
	struct nffile_reader f, t;
	if (nffile_open(&f, from, NULL) == -1)
		return false;
	if (nffile_open(&t, to, NULL) == -1) {
		nffile_close(&f);
		return false;
	}
	bool merged = !f.growing && !t.growing && ends_with(&t, &f);
	nffile_close(&f);
	nffile_close(&t);
	return merged;
}

/* Readers of the old file keep it; a crash leaves both files whole. */
static int
publish_merged(const char *from, const char *to, struct err *err)
{
	char tmp[FILE_PATH_MAX];
	if (is_merged(from, to))
		goto merged;
	if (!merge_name(tmp, to))
		return err_set(err, "%s: path too long", to);
	if (merge(from, to, tmp, err) == -1)
		return -1;
	if (rename(tmp, to) == -1) {
		(void)err_set(err, "%s: %s", to, strerror(errno));
		(void)unlink(tmp);
		return -1;
	}
merged:
	if (unlink(from) == -1)
		return err_set(err, "%s: %s", from, strerror(errno));
	return 0;
}

int
nffile_publish(const char *from, const char *to, struct err *err)
{
	/* One writer per file: nobody creates `to` meanwhile. */
	if (file_exists(to))
		return publish_merged(from, to, err);
	if (rename(from, to) == -1)
		return err_set(err, "%s -> %s: %s", from, to, strerror(errno));
	return 0;
}
