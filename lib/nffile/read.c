/* read: a file's blocks, one after the other. */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "nffile/codec.h"
#include "nffile/internal.h"
#include "nffile/map.h"

#define BLOCK_HEADER sizeof(struct nffile_block_header)
#define AHEAD        1024 /* bytes to fetch before they are walked over */

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

static size_t
unpack(const struct nffile_reader *r, const uint8_t *in, size_t n,
    struct err *err)
{
	return codec_unpack((enum nffile_codec)r->header.compression, in, n,
	    r->out, NFFILE_BLOCK_READ, err);
}

/*
 * Unpack n bytes at pos where they are in memory.  0: not to be had so, or
 * they are no data, for which the reason is found by reading them.
 */
static size_t
unpack_mapped(const struct nffile_reader *r, off_t pos, size_t n)
{
	const uint8_t *in = map_at(r->map, pos, n);
	size_t len = in != NULL ? unpack(r, in, n, NULL) : 0;
	return len != 0 && map_whole(r->map, r->fd, pos, n) ? len : 0;
}

/* Read and unpack the block whose header is *bh. */
static enum try
load_body(struct nffile_reader *r, off_t pos,
    const struct nffile_block_header *bh, size_t *len, struct err *err)
{
	bool plain = r->header.compression == CODEC_NONE;
	uint8_t *to = r->out;
	if (r->map != NULL) {
		*len = unpack_mapped(r, pos + (off_t)BLOCK_HEADER, bh->size);
		if (*len != 0)
			return TRY_BLOCK;
	}
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
	*len = plain ? bh->size : unpack(r, r->in, bh->size, err);
	return *len != 0 ? TRY_BLOCK : TRY_FAILED;
}

enum try
reader_load(struct nffile_reader *r, off_t pos, struct nffile_block_header *bh,
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

/* ---- records in it ------------------------------------------------------------ */

static bool
is_known(uint16_t type)
{
	return type == REC_FLOW || type == REC_SLACK ||
	       (type >= REC_EXPORTER && type <= REC_SAMPLER &&
		   type != REC_COMMON_1) ||
	       type == REC_IDENT || type == REC_STAT;
}

/* Of a block of nfdump 1.6. */
static bool
is_known_old(uint16_t type)
{
	return type == REC_COMMON_0 || type == REC_COMMON_1 ||
	       type == REC_MAP || is_known(type);
}

uint32_t
reader_measure(const struct nffile_reader *r, size_t len,
    struct nffile_block *b)
{
	const uint8_t *data = r->out;
	uint32_t records = 0, others = 0;
	size_t at = 0;
	while (len - at >= REC_HEADER) {
		/* Each record's place hangs on the one before: be early. */
		__builtin_prefetch(data + at + AHEAD);
		size_t size = get16(data + at + 2);
		if (size < REC_HEADER || size > len - at)
			break;
		others += get16(data + at) != REC_FLOW;
		at += size;
		records++;
	}
	*b = (struct nffile_block){ .data = data,
		.len = at,
		.records = records,
		.number = r->number };
	return others;
}

static void
count_unknown(struct nffile_reader *r, const struct nffile_block *b, bool old)
{
	size_t pos = 0;
	for (const uint8_t *p; (p = nffile_record_next(b, &pos)) != NULL;)
		r->unknown_records +=
		    !(old ? is_known_old(get16(p)) : is_known(get16(p)));
}

/* Records behind one whose length cannot be: as many as the header says. */
static void
count_bad(struct nffile_reader *r, const struct nffile_block_header *bh,
    size_t len, const struct nffile_block *b)
{
	uint32_t most = (uint32_t)((len - b->len) / REC_HEADER) + 1;
	if (bh->records <= b->records)
		r->bad_records++;
	else if (bh->records - b->records < most)
		r->bad_records += bh->records - b->records;
	else
		r->bad_records += most;
}

static struct layout1 *
old_records(struct nffile_reader *r)
{
	if (r->old == NULL) {
		r->old = mem_calloc(1, sizeof(*r->old));
		r->old->flags = r->anonymous ? FLOW_ANON : 0;
	}
	return r->old;
}

/*
 * A complete block is in r->out.  One that holds no flows is handed out
 * empty: readers that share a file count blocks.
 */
static void
take_block(struct nffile_reader *r, const struct nffile_block_header *bh,
    size_t len, struct nffile_block *b)
{
	bool old = bh->type == BLOCK_1_6;
	uint32_t others = reader_measure(r, len, b);
	if (!old && bh->type != BLOCK_FLOWS) {
		r->unknown_blocks++;
		b->len = b->records = 0;
		return;
	}
	if (old || others != 0)
		count_unknown(r, b, old);
	if (b->len != len)
		count_bad(r, bh, len, b);
	if (!old || r->raw)
		return;
	struct layout1 *l = old_records(r);
	b->len = layout1_convert(l, b->data, b->len, &b->records);
	b->data = l->out;
}

static bool
is_appendix(const struct nffile_reader *r, size_t len)
{
	struct nffile_block b;
	(void)reader_measure(r, len, &b);
	return b.records != 0 &&
	       (get16(b.data) == REC_IDENT || get16(b.data) == REC_STAT);
}

/* ---- one after the other -------------------------------------------------------- */

/* All blocks that the header speaks of are behind us. */
static bool
is_last(const struct nffile_reader *r)
{
	if (r->growing)
		return false;
	return r->uncounted ? r->pos >= r->header.off_appendix
			    : r->number >= r->header.num_blocks;
}

static enum nffile_next
at_end(struct nffile_reader *r, struct err *err)
{
	r->done = true;
	if (r->damaged)
		(void)err_set(err,
		    "%s: appendix behind block %u is damaged or cut off",
		    r->path, r->number);
	else if (r->uncounted)
		(void)err_set(err, "%s: header says 0 blocks, there are %u",
		    r->path, r->number);
	else
		return NFFILE_END;
	return NFFILE_ERROR;
}

static enum nffile_next
cut_short(struct nffile_reader *r, struct err *err)
{
	r->done = true;
	(void)err_set(err,
	    "%s: block %u: file ends inside it, %u of %u blocks are whole",
	    r->path, r->number, r->number, r->header.num_blocks);
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
	(void)err_prefix(err, "%s: block %u", r->path, r->number);
	if (end == 0)
		r->done = true;
	else
		pass(r, end);
	return NFFILE_ERROR;
}

enum nffile_next
nffile_read(struct nffile_reader *r, struct nffile_block *b, struct err *err)
{
	while (!r->done) {
		struct nffile_block_header bh;
		size_t len;
		off_t end;
		if (is_last(r))
			return at_end(r, err);
		enum try t = reader_load(r, r->pos, &bh, &len, &end, err);
		if (t == TRY_FAILED)
			return skip_bad(r, end, err);
		if (t == TRY_INCOMPLETE && !r->growing)
			return cut_short(r, err);
		if (t == TRY_BLOCK && !(r->growing && is_appendix(r, len))) {
			take_block(r, &bh, len, b);
			pass(r, end);
			return NFFILE_BLOCK;
		}
		if (!reader_look_again(r))
			return NFFILE_END;
	}
	return NFFILE_END;
}

/* ---- blocks shared by threads -------------------------------------------------- */

/* What a flow of nfdump 1.6 means is told by the blocks before its own. */
static bool
has_old_blocks(const struct nffile_reader *r)
{
	struct nffile_block_header bh;
	off_t pos = r->pos;
	for (uint32_t i = r->number; i < r->header.num_blocks; i++) {
		if (read_at(r->fd, &bh, BLOCK_HEADER, pos) !=
		    (ssize_t)BLOCK_HEADER)
			break;
		if (bh.type == BLOCK_1_6)
			return true;
		pos += (off_t)BLOCK_HEADER + (off_t)bh.size;
	}
	return false;
}

bool
nffile_shareable(const struct nffile_reader *r)
{
	return !r->growing && !r->uncounted && !has_old_blocks(r);
}

/* Each byte of a map is to be looked at once: one pass over the data. */
void
nffile_map(struct nffile_reader *r)
{
	if (r->map == NULL && !r->growing &&
	    (r->header.compression == CODEC_LZ4 ||
		r->header.compression == CODEC_LZO))
		r->map = map_new(r->fd);
}

/* Is the file at least so long, still? */
static bool
reaches(const struct nffile_reader *r, off_t end)
{
	struct stat st;
	return fstat(r->fd, &st) == 0 && end <= st.st_size;
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
	if (is_last(r))
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
	map_pass(r->map, r->pos);
	pass(r, end);
	return NFFILE_BLOCK;
}

/* Blocks of nfdump 1.6 have the maps that later ones need. */
static void
learn_block(struct nffile_reader *r, const struct nffile_place *p)
{
	struct nffile_block_header bh;
	struct nffile_block b;
	size_t len;
	off_t end;
	if (reader_load(r, p->pos, &bh, &len, &end, NULL) != TRY_BLOCK)
		return;
	(void)reader_measure(r, len, &b);
	layout1_learn(old_records(r), b.data, b.len);
}

enum nffile_next
nffile_skip(struct nffile_reader *r, struct err *err)
{
	struct nffile_place p;
	enum nffile_next next = nffile_next_place(r, &p, err);
	if (next == NFFILE_BLOCK && p.type == BLOCK_1_6)
		learn_block(r, &p);
	return next;
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
		.map = r->map,
		.number = p->number,
		.in = l->in,
		.in_cap = l->in_cap,
		.out = l->out };
	if (p->type == BLOCK_1_6) {
		(void)err_set(err, "form of nfdump 1.6, not to be shared");
		return skip_bad(&one, 0, err);
	}
	enum try t = load_body(&one, p->pos, &bh, &len, err);
	l->in = one.in;
	l->in_cap = one.in_cap;
	if (t == TRY_INCOMPLETE) /* it was there when its place was asked for */
		(void)err_set(err, "file was cut while it was read");
	if (t != TRY_BLOCK)
		return skip_bad(&one, 0, err);
	take_block(&one, &bh, len, b);
	l->bad_records += one.bad_records;
	l->unknown_records += one.unknown_records;
	l->unknown_blocks += one.unknown_blocks;
	return b->records != 0 ? NFFILE_BLOCK : NFFILE_END;
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
