/*
 * open: what stands before and behind the blocks: the headers of both
 * layouts, ident and stat record.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "nffile/internal.h"
#include "nffile/map.h"

#define OTHER_ENDIAN 0x0CA5
#define DATA_1       (sizeof(struct nffile1_header) + sizeof(struct nffile1_stat))

/* The start of a file of either layout. */
struct start {
	struct nffile_header two;
	struct nffile1_header one;
	struct nffile1_stat stat;
	size_t n; /* bytes of the file */
};

/* ---- headers ------------------------------------------------------------------ */

static int
check_magic(const struct nffile_reader *r, const struct start *s,
    struct err *err)
{
	const struct nffile_header *h = &s->two;
	if (s->n >= sizeof(h->magic) && h->magic == OTHER_ENDIAN)
		return err_set(err,
		    "%s: written by a machine of the other byte order",
		    r->path);
	if (s->n < sizeof(h->magic) || h->magic != NFFILE_MAGIC)
		return err_set(err, "%s: no flow file (magic)", r->path);
	if (s->n >= 4 && h->version != 1 && h->version != NFFILE_VERSION)
		return err_set(err, "%s: unknown file layout %u", r->path,
		    h->version);
	if (s->n < (h->version == 1 ? DATA_1 : sizeof(*h)))
		return err_set(err, "%s: header cut off after %zu bytes",
		    r->path, s->n);
	return 0;
}

static int
take_header2(struct nffile_reader *r, const struct start *s, struct err *err)
{
	const struct nffile_header *h = &s->two;
	if (h->compression > CODEC_ZSTD)
		return err_set(err, "%s: unknown compression %u", r->path,
		    h->compression);
	if (h->encryption != 0)
		return err_set(err, "%s: encrypted (%u)", r->path,
		    h->encryption);
	r->header = *h;
	r->growing = h->off_appendix == 0 && h->num_blocks == 0;
	r->uncounted = !r->growing && h->num_blocks == 0 &&
		       h->off_appendix > (int64_t)sizeof(*h);
	return 0;
}

static int
codec_of_flags(uint32_t flags)
{
	switch (flags & (NFFILE1_LZO | NFFILE1_BZ2 | NFFILE1_LZ4)) {
	case 0:
		return CODEC_NONE;
	case NFFILE1_LZO:
		return CODEC_LZO;
	case NFFILE1_BZ2:
		return CODEC_BZ2;
	case NFFILE1_LZ4:
		return CODEC_LZ4;
	default:
		return -1;
	}
}

static void
take_stat1(struct nffile_reader *r, const struct nffile1_stat *s)
{
	_Static_assert(sizeof(s->sums) == offsetof(struct nffile_stat, first),
	    "the same numbers in the same order");
	memcpy(&r->stat, s->sums, sizeof(s->sums));
	r->stat.first = s->first * UINT64_C(1000) + s->msec_first;
	r->stat.last = s->last * UINT64_C(1000) + s->msec_last;
	r->stat.sequence_failures = s->sequence_failures;
	r->has_stat = true;
}

/* In layout 2's terms.  Only the size tells an empty file from an open one. */
static int
take_header1(struct nffile_reader *r, const struct start *s, struct err *err)
{
	const struct nffile1_header *h = &s->one;
	int codec = codec_of_flags(h->flags);
	struct stat st;
	if (codec == -1)
		return err_set(err,
		    "%s: compression flags contradict each other (%#x)",
		    r->path, h->flags);
	if (fstat(r->fd, &st) == -1)
		return err_set(err, "%s: %s", r->path, strerror(errno));
	r->header = (struct nffile_header){ .magic = h->magic,
		.version = 1,
		.compression = (uint8_t)codec,
		.num_blocks = h->num_blocks };
	r->growing = h->num_blocks == 0 && st.st_size > (off_t)DATA_1;
	r->anonymous = (h->flags & NFFILE1_ANON) != 0;
	if (r->growing)
		return 0;
	memcpy(r->ident, h->ident, sizeof(r->ident));
	r->ident[sizeof(r->ident) - 1] = '\0';
	take_stat1(r, &s->stat);
	return 0;
}

static int
read_header(struct nffile_reader *r, struct err *err)
{
	uint8_t bytes[DATA_1] = { 0 };
	struct start s;
	ssize_t n = read_at(r->fd, bytes, sizeof(bytes), 0);
	if (n == -1)
		return err_set(err, "%s: %s", r->path, strerror(errno));
	memcpy(&s.two, bytes, sizeof(s.two));
	memcpy(&s.one, bytes, sizeof(s.one));
	memcpy(&s.stat, bytes + sizeof(s.one), sizeof(s.stat));
	s.n = (size_t)n;
	if (check_magic(r, &s, err) == -1)
		return -1;
	return s.two.version == 1 ? take_header1(r, &s, err)
				  : take_header2(r, &s, err);
}

/* ---- appendix ------------------------------------------------------------------ */

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

static void
read_appendix(struct nffile_reader *r)
{
	off_t pos = r->header.off_appendix;
	for (unsigned i = 0; i < r->header.appendix_blocks; i++) {
		struct nffile_block_header bh;
		struct nffile_block b;
		size_t len;
		off_t end;
		if (reader_load(r, pos, &bh, &len, &end, NULL) != TRY_BLOCK)
			break;
		(void)reader_measure(r, len, &b);
		take_appendix(r, &b);
		pos = end;
	}
	r->damaged = !r->has_stat;
}

/* ---- open, close ----------------------------------------------------------------- */

int
nffile_open(struct nffile_reader *r, const char *path, struct err *err)
{
	*r = (struct nffile_reader){ .fd = -1 };
	r->path = mem_strdup(path);
	r->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (r->fd == -1) {
		(void)err_set(err, "%s: %s", path, strerror(errno));
		goto fail;
	}
	if (read_header(r, err) == -1)
		goto fail;
	bool one = r->header.version == 1;
	r->pos = (off_t)(one ? DATA_1 : sizeof(r->header));
	r->bytes_read = (uint64_t)r->pos;
	r->out = mem_alloc(NFFILE_BLOCK_READ);
	if (!r->growing && !one)
		read_appendix(r);
	return 0;
fail:
	nffile_close(r);
	return -1;
}

void
nffile_close(struct nffile_reader *r)
{
	map_free(r->map);
	if (r->fd != -1)
		(void)close(r->fd);
	free(r->path);
	free(r->in);
	free(r->out);
	layout1_free(r->old);
	*r = (struct nffile_reader){ .fd = -1 };
}

bool
reader_look_again(struct nffile_reader *r)
{
	struct nffile_header was = r->header;
	if (read_header(r, NULL) == -1 || r->growing ||
	    r->header.version != was.version ||
	    r->header.compression != was.compression) {
		r->header = was;
		r->growing = true;
		return false;
	}
	if (r->header.version != 1)
		read_appendix(r);
	return true;
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

/* ---- what is missing --------------------------------------------------------------- */

bool
nffile_missing(const struct nffile_reader *r, struct err *msg)
{
	struct stat st;
	if (r->growing && fstat(r->fd, &st) == 0 && st.st_size > r->pos) {
		(void)err_set(msg,
		    "%s: not finished: behind block %u are %lld bytes of an "
		    "incomplete one",
		    r->path, r->number, (long long)(st.st_size - r->pos));
		return true;
	}
	if (r->growing) {
		(void)err_set(msg, "%s: not finished: %u blocks, all complete",
		    r->path, r->number);
		return true;
	}
	uint64_t bad = r->bad_records + (r->old != NULL ? r->old->bad : 0);
	uint64_t bare = r->old != NULL ? r->old->bare : 0;
	if (bad == 0 && bare == 0)
		return false;
	(void)err_set(msg,
	    "%s: %llu damaged records left out, %llu flows without their "
	    "extensions",
	    r->path, (unsigned long long)bad, (unsigned long long)bare);
	return true;
}
