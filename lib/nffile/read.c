#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "nffile/codec.h"
#include "nffile/internal.h"

#define BLOCK_HEADER sizeof(struct nffile_block_header)

/* What a try for one block came to. */
enum try {
	TRY_BLOCK,      /* its bytes are in r->out */
	TRY_INCOMPLETE, /* the file ends first */
	TRY_FAILED      /* err says why */
};

ssize_t
read_at(int fd, void *p, size_t n, off_t pos)
{
	uint8_t *to = p;
	size_t got = 0;
	while (got < n) {
		ssize_t r = pread(fd, to + got, n - got, pos + (off_t)got);
		if (r == -1 && errno == EINTR)
			continue;
		if (r == -1)
			return -1;
		if (r == 0)
			break;
		got += (size_t)r;
	}
	return (ssize_t)got;
}

/* ---- the header ------------------------------------------------------------ */

static int
check_header(const struct nffile_reader *r, const struct nffile_header *h,
    size_t n, struct err *err)
{
	if (n < sizeof(h->magic) || h->magic != NFFILE_MAGIC)
		return err_set(err, "%s: no flow file (magic)", r->path);
	if (n >= 4 && h->version == 1)
		return err_set(err,
		    "%s: layout 1 (nfdump 1.6) is not "
		    "supported yet",
		    r->path);
	if (n >= 4 && h->version != NFFILE_VERSION)
		return err_set(err, "%s: unknown file layout %u", r->path,
		    h->version);
	if (n < sizeof(*h))
		return err_set(err, "%s: header cut off after %zu bytes",
		    r->path, n);
	if (h->compression > CODEC_ZSTD)
		return err_set(err, "%s: unknown compression %u", r->path,
		    h->compression);
	if (h->encryption != 0)
		return err_set(err, "%s: encrypted (%u)", r->path,
		    h->encryption);
	return 0;
}

static int
read_header(struct nffile_reader *r, struct err *err)
{
	struct nffile_header h = { 0 };
	ssize_t n = read_at(r->fd, &h, sizeof(h), 0);
	if (n == -1)
		return err_set(err, "%s: %s", r->path, strerror(errno));
	if (check_header(r, &h, (size_t)n, err) == -1)
		return -1;
	r->header = h;
	r->growing = h.off_appendix == 0 && h.num_blocks == 0;
	return 0;
}

/* ---- one block -------------------------------------------------------------- */

static void
room_in(struct nffile_reader *r, size_t n)
{
	if (n <= r->in_cap)
		return;
	free(r->in);
	r->in = mem_alloc(n);
	r->in_cap = n;
}

static int
fail_block(const struct nffile_reader *r, struct err *err)
{
	return err_prefix(err, "%s: block %u", r->path, r->number);
}

/* Read and unpack the block whose header is *bh. */
static enum try
load_body(struct nffile_reader *r, off_t pos,
    const struct nffile_block_header *bh, size_t *len, struct err *err)
{
	bool plain = r->header.compression == CODEC_NONE;
	uint8_t *to = r->out;
	if (!plain) {
		room_in(r, bh->size);
		to = r->in;
	}
	ssize_t n = read_at(r->fd, to, bh->size, pos + (off_t)BLOCK_HEADER);
	if (n == -1) {
		(void)err_set(err, "%s", strerror(errno));
		return TRY_FAILED;
	}
	if ((size_t)n < bh->size)
		return TRY_INCOMPLETE;
	*len = plain ? bh->size
		     : codec_unpack((enum nffile_codec)r->header.compression,
			   r->in, bh->size, r->out, NFFILE_BLOCK_READ, err);
	return *len != 0 ? TRY_BLOCK : TRY_FAILED;
}

/*
 * The block at pos.  *end is where it ends, 0 when that cannot be known.
 * Error texts lack path and number.
 */
static enum try
load_block(struct nffile_reader *r, off_t pos, struct nffile_block_header *bh,
    size_t *len, off_t *end, struct err *err)
{
	*end = 0;
	ssize_t n = read_at(r->fd, bh, BLOCK_HEADER, pos);
	if (n == -1) {
		(void)err_set(err, "%s", strerror(errno));
		return TRY_FAILED;
	}
	if ((size_t)n < BLOCK_HEADER)
		return TRY_INCOMPLETE;
	if (bh->size == 0 || bh->size > NFFILE_BLOCK_READ) {
		(void)err_set(err, "size %u, at most %u", bh->size,
		    NFFILE_BLOCK_READ);
		return TRY_FAILED;
	}
	enum try t = load_body(r, pos, bh, len, err);
	if (t != TRY_INCOMPLETE)
		*end = pos + (off_t)BLOCK_HEADER + (off_t)bh->size;
	return t;
}

/* ---- appendix ---------------------------------------------------------------- */

static void
take_ident(struct nffile_reader *r, const uint8_t *rec)
{
	size_t n = (size_t)get16(rec + 2) - REC_HEADER;
	if (n > sizeof(r->ident) - 1)
		n = sizeof(r->ident) - 1;
	memcpy(r->ident, rec + REC_HEADER, n);
	r->ident[n] = '\0';
}

static void
take_appendix(struct nffile_reader *r, const struct nffile_block *b)
{
	size_t pos = 0;
	for (const uint8_t *p; (p = nffile_record_next(b, &pos)) != NULL;) {
		if (get16(p) == REC_IDENT) {
			take_ident(r, p);
		} else if (get16(p) == REC_STAT &&
			   get16(p + 2) >= STAT_RECORD_LEN) {
			memcpy(&r->stat, p + REC_HEADER, sizeof(r->stat));
			r->has_stat = true;
		}
	}
}

static bool
is_known(uint16_t type)
{
	return type == REC_FLOW ||
	       (type >= REC_EXPORTER && type <= REC_SAMPLER &&
		   type != REC_COMMON_1) ||
	       type == REC_IDENT || type == REC_STAT;
}

/* Complete records from the start of a block: their bytes and number. */
static void
measure(struct nffile_reader *r, size_t len, struct nffile_block *b)
{
	*b = (struct nffile_block){ .data = r->out, .number = r->number };
	while (len - b->len >= REC_HEADER) {
		size_t size = get16(r->out + b->len + 2);
		if (size < REC_HEADER || size > len - b->len)
			break;
		r->unknown_records += !is_known(get16(r->out + b->len));
		b->len += size;
		b->records++;
	}
}

static void
read_appendix(struct nffile_reader *r)
{
	off_t pos = r->header.off_appendix;
	for (unsigned i = 0; i < r->header.appendix_blocks; i++) {
		struct nffile_block_header bh;
		struct nffile_block b;
		size_t len;
		off_t end;
		if (load_block(r, pos, &bh, &len, &end, NULL) != TRY_BLOCK)
			break;
		measure(r, len, &b);
		take_appendix(r, &b);
		pos = end;
	}
	r->damaged = !r->has_stat;
}

/* ---- open, read, close --------------------------------------------------------- */

int
nffile_open(struct nffile_reader *r, const char *path, struct err *err)
{
	*r = (struct nffile_reader){ .fd = -1, .pos = sizeof(r->header) };
	r->path = mem_strdup(path);
	r->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (r->fd == -1) {
		(void)err_set(err, "%s: %s", path, strerror(errno));
		goto fail;
	}
	if (read_header(r, err) == -1)
		goto fail;
	r->bytes_read = sizeof(r->header);
	r->out = mem_alloc(NFFILE_BLOCK_READ);
	if (!r->growing)
		read_appendix(r);
	return 0;
fail:
	nffile_close(r);
	return -1;
}

void
nffile_close(struct nffile_reader *r)
{
	if (r->fd != -1)
		(void)close(r->fd);
	free(r->path);
	free(r->in);
	free(r->out);
	*r = (struct nffile_reader){ .fd = -1 };
}

/* Has the writer finished the file since we looked?  True: more is known. */
static bool
look_again(struct nffile_reader *r)
{
	struct nffile_header h;
	if (read_at(r->fd, &h, sizeof(h), 0) != (ssize_t)sizeof(h) ||
	    (h.off_appendix == 0 && h.num_blocks == 0) ||
	    check_header(r, &h, sizeof(h), NULL) == -1)
		return false;
	r->header = h;
	r->growing = false;
	read_appendix(r);
	return true;
}

static bool
is_appendix(const struct nffile_block *b)
{
	return b->records != 0 &&
	       (get16(b->data) == REC_IDENT || get16(b->data) == REC_STAT);
}

static enum nffile_next
at_end(struct nffile_reader *r, struct err *err)
{
	r->done = true;
	if (!r->damaged)
		return NFFILE_END;
	(void)err_set(err,
	    "%s: appendix behind block %u is damaged or cut "
	    "off",
	    r->path, r->number);
	return NFFILE_ERROR;
}

static enum nffile_next
cut_short(struct nffile_reader *r, struct err *err)
{
	r->done = true;
	(void)err_set(err,
	    "%s: block %u: file ends inside it, %u blocks "
	    "expected",
	    r->path, r->number, r->header.num_blocks);
	return NFFILE_ERROR;
}

/* Behind a block that is done with, whole or not. */
static void
pass(struct nffile_reader *r, off_t end)
{
	r->bytes_read += (uint64_t)(end - r->pos);
	r->pos = end;
	r->number++;
}

static enum nffile_next
skip_bad(struct nffile_reader *r, off_t end, struct err *err)
{
	(void)fail_block(r, err);
	if (end == 0)
		r->done = true;
	else
		pass(r, end);
	return NFFILE_ERROR;
}

/* A complete block of any type was read: is it one to hand out? */
static bool
accept_block(struct nffile_reader *r, const struct nffile_block_header *bh,
    size_t len, struct nffile_block *b)
{
	measure(r, len, b);
	if (b->len != len)
		r->bad_records++;
	if (bh->type != 3) {
		r->unknown_records += bh->records;
		return false;
	}
	return b->records != 0;
}

enum nffile_next
nffile_read(struct nffile_reader *r, struct nffile_block *b, struct err *err)
{
	while (!r->done) {
		struct nffile_block_header bh;
		size_t len;
		off_t end;
		if (!r->growing && r->number >= r->header.num_blocks)
			return at_end(r, err);
		enum try t = load_block(r, r->pos, &bh, &len, &end, err);
		if (t == TRY_FAILED)
			return skip_bad(r, end, err);
		if (t == TRY_BLOCK && r->growing) {
			measure(r, len, b);
			if (is_appendix(b))
				t = TRY_INCOMPLETE;
		}
		if (t == TRY_INCOMPLETE) {
			if (!r->growing)
				return cut_short(r, err);
			if (!look_again(r))
				return NFFILE_END;
			continue;
		}
		bool ok = accept_block(r, &bh, len, b);
		pass(r, end);
		if (ok)
			return NFFILE_BLOCK;
	}
	return NFFILE_END;
}

/* ---- blocks shared by threads -------------------------------------------------- */

bool
nffile_shareable(const struct nffile_reader *r)
{
	return !r->growing;
}

/* Is the file at least so long?  Its size is asked for when it was not. */
static bool
reaches(struct nffile_reader *r, off_t end)
{
	struct stat st;
	if (end > r->size && fstat(r->fd, &st) == 0)
		r->size = st.st_size;
	return end <= r->size;
}

enum nffile_next
nffile_next_place(struct nffile_reader *r, struct nffile_place *p,
    struct err *err)
{
	struct nffile_block_header bh;
	if (r->done)
		return NFFILE_END;
	if (r->growing) {
		(void)err_set(err, "%s: still being written", r->path);
		return NFFILE_ERROR;
	}
	if (r->number >= r->header.num_blocks)
		return at_end(r, err);
	ssize_t n = read_at(r->fd, &bh, BLOCK_HEADER, r->pos);
	if (n < (ssize_t)BLOCK_HEADER)
		return cut_short(r, err);
	if (bh.size == 0 || bh.size > NFFILE_BLOCK_READ) {
		(void)err_set(err, "size %u, at most %u", bh.size,
		    NFFILE_BLOCK_READ);
		return skip_bad(r, 0, err);
	}
	off_t end = r->pos + (off_t)BLOCK_HEADER + (off_t)bh.size;
	if (!reaches(r, end))
		return cut_short(r, err);
	*p = (struct nffile_place){ .pos = r->pos,
		.size = bh.size,
		.number = r->number,
		.records = bh.records,
		.type = bh.type };
	pass(r, end);
	return NFFILE_BLOCK;
}

enum nffile_next
nffile_skip(struct nffile_reader *r, struct err *err)
{
	struct nffile_place p;
	return nffile_next_place(r, &p, err);
}

enum nffile_next
nffile_load(const struct nffile_reader *r, const struct nffile_place *p,
    struct nffile_loader *l, struct nffile_block *b, struct err *err)
{
	struct nffile_block_header bh = { .records = p->records,
		.size = p->size,
		.type = p->type };
	size_t len;
	if (l->out == NULL)
		l->out = mem_alloc(NFFILE_BLOCK_READ);
	/* A reader at this one block, with the thread's buffers. */
	struct nffile_reader one = { .fd = r->fd,
		.path = r->path,
		.header = r->header,
		.number = p->number,
		.in = l->in,
		.in_cap = l->in_cap,
		.out = l->out };
	enum try t = load_body(&one, p->pos, &bh, &len, err);
	l->in = one.in;
	l->in_cap = one.in_cap;
	if (t == TRY_INCOMPLETE)
		return cut_short(&one, err);
	if (t == TRY_FAILED)
		return (void)fail_block(&one, err), NFFILE_ERROR;
	bool some = accept_block(&one, &bh, len, b);
	l->bad_records += one.bad_records;
	l->unknown_records += one.unknown_records;
	return some ? NFFILE_BLOCK : NFFILE_END;
}

void
nffile_loader_free(struct nffile_loader *l)
{
	free(l->in);
	free(l->out);
	*l = (struct nffile_loader){ 0 };
}

const uint8_t *
nffile_record_next(const struct nffile_block *b, size_t *pos)
{
	if (*pos >= b->len)
		return NULL;
	const uint8_t *p = b->data + *pos;
	*pos += get16(p + 2);
	return p;
}

int
nffile_stat_read(const char *path, struct nffile_stat *s, char *ident,
    struct err *err)
{
	struct nffile_reader r;
	if (nffile_open(&r, path, err) == -1)
		return -1;
	int ret = 0;
	if (!r.has_stat)
		ret = err_set(err, "%s: %s", path,
		    r.growing ? "still being written"
			      : "appendix is damaged or cut off");
	*s = r.stat;
	memcpy(ident, r.ident, sizeof(r.ident));
	nffile_close(&r);
	return ret;
}
