#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "nffile/codec.h"
#include "nffile/internal.h"

#define AHEAD        1024 /* bytes */
#define BLOCK_HEADER sizeof(struct nffile_block_header)

/* ---- bytes to disk ---------------------------------------------------------- */

int
write_at(int fd, const void *p, size_t n, off_t pos)
{
	const uint8_t *from = p;
	while (n > 0) {
		ssize_t w = pwrite(fd, from, n, pos);
		if (w == -1 && errno == EINTR)
			continue;
		if (w == -1)
			return -1;
		if (w == 0) {
			errno = ENOSPC;
			return -1;
		}
		from += w;
		n -= (size_t)w;
		pos += w;
	}
	return 0;
}

static int
write_header(const struct nffile_writer *w, struct err *err)
{
	if (write_at(w->fd, &w->header, sizeof(w->header), 0) == -1)
		return err_set(err, "%s: header: %s", w->path, strerror(errno));
	return 0;
}

/* One complete block at the end, or the file as it was. */
static int
append(struct nffile_writer *w, const uint8_t *block, size_t n, struct err *err)
{
	if (write_at(w->fd, block, n, w->pos) == 0) {
		w->pos += (off_t)n;
		return 0;
	}
	(void)err_set(err, "%s: block %u: %s", w->path, w->header.num_blocks,
	    strerror(errno));
	/* A reader behind us must not take a torn block for a slow one. */
	if (ftruncate(w->fd, w->pos) == -1)
		(void)err_prefix(err, "cutting back failed (%s)",
		    strerror(errno));
	return -1;
}

/* ---- blocks ------------------------------------------------------------------- */

/* Give raw its header and pack it; the block is then packed or raw. */
static int
pack_raw(struct nffile_writer *w, struct err *err)
{
	if (w->packed_len != 0)
		return 0;
	size_t n = w->raw_len;
	if (w->codec != CODEC_NONE) {
		n = codec_pack(w->codec, w->level, w->raw + BLOCK_HEADER,
		    w->raw_len, w->packed + BLOCK_HEADER,
		    codec_bound(w->codec, NFFILE_BLOCK_WRITE), err);
		if (n == 0)
			return err_prefix(err, "%s: block %u", w->path,
			    w->header.num_blocks);
	}
	struct nffile_block_header h = { .records = w->raw_records,
		.size = (uint32_t)n,
		.type = 3 };
	memcpy(w->codec != CODEC_NONE ? w->packed : w->raw, &h, sizeof(h));
	w->packed_len = n + BLOCK_HEADER;
	return 0;
}

static void
forget_raw(struct nffile_writer *w)
{
	w->raw_len = 0;
	w->raw_records = 0;
	w->raw_flows = 0;
	w->packed_len = 0;
	w->raw_stat = (struct nffile_stat){ 0 };
}

static int
write_raw(struct nffile_writer *w, struct err *err)
{
	if (pack_raw(w, err) == -1)
		return -1;
	return append(w, w->codec != CODEC_NONE ? w->packed : w->raw,
	    w->packed_len, err);
}

int
nffile_flush(struct nffile_writer *w, struct err *err)
{
	if (w->raw_records == 0)
		return 0;
	if (write_raw(w, err) == -1)
		return -1;
	w->header.num_blocks++;
	nffile_stat_sum(&w->stat, &w->raw_stat);
	forget_raw(w);
	return 0;
}

uint64_t
nffile_writer_drop(struct nffile_writer *w)
{
	uint64_t flows = w->raw_flows;
	forget_raw(w);
	return flows;
}

uint8_t *
writer_room(struct nffile_writer *w, size_t n, struct err *err)
{
	assert(n <= NFFILE_BLOCK_WRITE);
	if (w->raw_len + n > NFFILE_BLOCK_WRITE && nffile_flush(w, err) == -1)
		return NULL;
	return w->raw + BLOCK_HEADER + w->raw_len;
}

void
writer_added(struct nffile_writer *w, size_t n)
{
	w->raw_len += n;
	w->raw_records++;
	w->packed_len = 0;
}

int
nffile_add_flow(struct nffile_writer *w, const struct flow *f, struct err *err)
{
	uint8_t *to = writer_room(w, record_bound(f), err);
	if (to == NULL)
		return -1;
	/* Another thread's processor may have had this memory last. */
	__builtin_prefetch(to + AHEAD, 1);
	__builtin_prefetch(to + AHEAD + 64, 1);
	writer_added(w, record_encode(f, w->compat, to));
	w->raw_flows++;
	stat_add(&w->raw_stat, f, stat_in_classes(&w->header));
	return 0;
}

int
nffile_add_record(struct nffile_writer *w, const uint8_t *rec, struct err *err)
{
	size_t n = get16(rec + 2);
	uint8_t *to = writer_room(w, n, err);
	if (to == NULL)
		return -1;
	memcpy(to, rec, n);
	writer_added(w, n);
	if (get16(rec) == REC_FLOW) {
		w->raw_flows++;
		stat_add_record(&w->raw_stat, rec, stat_in_classes(&w->header));
	}
	return 0;
}

/* ---- begin, finish ------------------------------------------------------------- */

void
writer_alloc(struct nffile_writer *w)
{
	w->raw = mem_alloc(BLOCK_HEADER + NFFILE_BLOCK_WRITE);
	if (w->codec != CODEC_NONE)
		w->packed = mem_alloc(
		    BLOCK_HEADER + codec_bound(w->codec, NFFILE_BLOCK_WRITE));
}

static void
release(struct nffile_writer *w)
{
	free(w->path);
	free(w->raw);
	free(w->packed);
	*w = (struct nffile_writer){ .fd = -1 };
}

void
nffile_writer_abandon(struct nffile_writer *w)
{
	if (w->fd != -1)
		(void)close(w->fd);
	release(w);
}

int
nffile_create(struct nffile_writer *w, const char *path,
    const struct nffile_writer_opts *o, struct err *err)
{
	*w = (struct nffile_writer){ .fd = -1,
		.codec = o->codec,
		.level = o->level,
		.compat = o->compat,
		.pos = sizeof(w->header) };
	w->path = mem_strdup(path);
	w->header = (struct nffile_header){ .magic = NFFILE_MAGIC,
		.version = NFFILE_VERSION,
		.nfdversion = o->compat == COMPAT_NEWEST
				  ? NFFILE_NFDVERSION_NEWEST
				  : NFFILE_NFDVERSION,
		.created = o->created,
		.compression = (uint8_t)o->codec,
		.creator = o->creator };
	size_t ident_len = strlen(o->ident);
	if (ident_len >= sizeof(w->ident)) {
		(void)err_set(err, "%s: ident of %zu characters, at most %zu",
		    path, ident_len, sizeof(w->ident) - 1);
		goto fail;
	}
	memcpy(w->ident, o->ident, ident_len + 1);
	w->fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, o->mode);
	if (w->fd == -1) {
		(void)err_set(err, "%s: %s", path, strerror(errno));
		goto fail;
	}
	if (write_header(w, err) == -1) {
		/* On a full disk the empty files of many tries would stay. */
		(void)unlink(path);
		goto fail;
	}
	writer_alloc(w);
	return 0;
fail:
	nffile_writer_abandon(w);
	return -1;
}

static void
stat_times(struct nffile_writer *w)
{
	uint64_t created =
	    w->header.created > 0 ? (uint64_t)w->header.created * 1000 : 0;
	if (w->stat.first != 0 || w->stat.last != 0)
		return;
	w->stat.first = w->slot_first != 0 ? w->slot_first : created;
	w->stat.last = w->slot_last != 0 ? w->slot_last : w->stat.first;
}

static int
write_appendix(struct nffile_writer *w, struct err *err)
{
	uint8_t *p = w->raw + BLOCK_HEADER;
	const char *ident = w->ident[0] != '\0' ? w->ident : "none";
	size_t n = strlen(ident) + 1;
	put16(p, REC_IDENT);
	put16(p + 2, (uint16_t)(REC_HEADER + n));
	memcpy(p + REC_HEADER, ident, n);
	p += REC_HEADER + n;
	put16(p, REC_STAT);
	put16(p + 2, STAT_RECORD_LEN);
	stat_times(w);
	memcpy(p + REC_HEADER, &w->stat, sizeof(w->stat));
	w->raw_len = REC_HEADER + n + STAT_RECORD_LEN;
	w->raw_records = 2;
	w->packed_len = 0;
	off_t at = w->pos;
	int r = write_raw(w, err);
	w->pos = at; /* should the rest fail, the next try begins here */
	forget_raw(w);
	return r;
}

int
nffile_finish(struct nffile_writer *w, bool sync, struct err *err)
{
	if (nffile_flush(w, err) == -1 || write_appendix(w, err) == -1)
		return -1;
	w->header.off_appendix = w->pos;
	w->header.appendix_blocks = 1;
	if (write_header(w, err) == -1)
		return -1;
	if (sync && fsync(w->fd) == -1)
		return err_set(err, "%s: %s", w->path, strerror(errno));
	nffile_writer_abandon(w);
	return 0;
}
