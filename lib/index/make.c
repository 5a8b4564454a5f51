#include "index/make.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "index/entry.h"

/* Bytes of Bloom filter for so many bytes of a packed block. */
#define KEYS_OF 24 /* about 4 % */

/* Waits for the clock to leave a file's ctime behind. */
#define TRIES   20
#define WAIT_MS 5

struct maker {
	struct batch batch;
	struct summary_maker summary;
	struct index_proto proto[256];
	struct buf blocks;
	struct index_head head;
};

struct maker *
maker_new(void)
{
	return mem_calloc(1, sizeof(struct maker));
}

void
maker_free(struct maker *m)
{
	if (m == NULL)
		return;
	summary_free(&m->summary);
	buf_free(&m->blocks);
	free(m);
}

/* ---- one block ------------------------------------------------------------------- */

static void
add_row(struct index_proto *p, const struct batch *b, size_t i)
{
	bool cnt = (b->present[FE_CNT][i / 64] >> (i % 64) & 1) != 0;
	p->flows += cnt ? b->flows[i] : 1;
	p->packets += b->packets[i];
	p->bytes += b->bytes[i];
	p->out_packets += b->out_packets[i];
	p->out_bytes += b->out_bytes[i];
	if (b->first[i] < p->first)
		p->first = b->first[i];
	if (b->last[i] > p->last)
		p->last = b->last[i];
}

static void
put_block(struct maker *m, uint64_t bytes)
{
	const struct summary *s = &m->summary.s;
	struct index_block b = { .rows = s->rows,
		.bytes = bytes,
		.any = s->any,
		.all = s->all,
		.lines = s->lines };
	memcpy(b.set, s->set, sizeof(b.set));
	memcpy(b.range, s->range, sizeof(b.range));
	buf_add(&m->blocks, &b, sizeof(b));
	if (s->lines != 0)
		buf_add(&m->blocks, s->line, s->lines * sizeof(s->line[0]));
	m->head.rows += s->rows;
	m->head.bytes += bytes;
	m->head.blocks++;
}

/* packed: its bytes on disk. */
static void
add_block(struct maker *m, const struct nffile_block *blk, uint64_t packed)
{
	size_t pos = 0;
	summary_begin(&m->summary);
	while (nffile_batch(blk, &pos, &m->batch) != 0) {
		summary_add(&m->summary, &m->batch, nffile_record_elements);
		for (size_t i = 0; i < m->batch.rows; i++)
			add_row(&m->proto[m->batch.proto[i]], &m->batch, i);
	}
	summary_end(&m->summary,
	    (size_t)(packed / KEYS_OF / sizeof(struct bloom_line)) + 1);
	put_block(m, blk->len);
}

/* ---- one file -------------------------------------------------------------------- */

static void
begin(struct maker *m)
{
	m->head = (struct index_head){ .length = 0 };
	m->batch.want = SUMMARY_WANT;
	m->batch.unknown_elems = m->batch.damaged = 0;
	buf_clear(&m->blocks);
	for (size_t i = 0; i < 256; i++)
		m->proto[i] =
		    (struct index_proto){ .proto = i, .first = UINT64_MAX };
}

/* Nothing in it that a reader would have to be told of? */
static bool
is_plain(const struct maker *m, const struct nffile_reader *r)
{
	return !nffile_missing(r, NULL) && r->has_stat &&
	       r->unknown_records == 0 && r->unknown_blocks == 0 &&
	       m->batch.unknown_elems == 0 && m->batch.damaged == 0;
}

/* All blocks; false: go_on said no. */
static bool
read_blocks(struct maker *m, struct nffile_reader *r, bool (*go_on)(void *ctx),
    void *ctx)
{
	struct nffile_block blk;
	enum nffile_next next;
	uint64_t before = r->bytes_read;
	bool whole = true;
	m->batch.ident = r->ident;
	while (whole && (next = nffile_read(r, &blk, NULL)) != NFFILE_END) {
		if (go_on != NULL && !go_on(ctx))
			return false;
		whole =
		    next == NFFILE_BLOCK && m->head.blocks < INDEX_BLOCK_MAX;
		if (whole)
			add_block(m, &blk, r->bytes_read - before);
		before = r->bytes_read;
	}
	if (!whole || !is_plain(m, r))
		m->head.flags |= INDEX_OPAQUE;
	return true;
}

static void
pad(struct buf *out)
{
	static const uint8_t zeros[8];
	buf_add(out, zeros, entry_padded(out->len) - out->len);
}

static void
put_entry(struct maker *m, const struct nffile_reader *r, const char *name,
    struct buf *out)
{
	struct index_head *h = &m->head;
	if ((h->flags & INDEX_OPAQUE) != 0) {
		h->blocks = h->rows = h->bytes = 0;
		buf_clear(&m->blocks);
	}
	h->stat = r->stat;
	h->name_len = strlen(name);
	h->ident_len = strlen(r->ident);
	h->protos = 0;
	buf_clear(out);
	buf_add(out, h, sizeof(*h)); /* its place */
	buf_add(out, name, h->name_len + 1);
	pad(out);
	if (h->ident_len != 0)
		buf_add(out, r->ident, h->ident_len);
	pad(out);
	for (size_t i = 0; i < 256 && h->blocks != 0; i++) {
		if (m->proto[i].first == UINT64_MAX)
			continue;
		buf_add(out, &m->proto[i], sizeof(m->proto[i]));
		h->protos++;
	}
	if (m->blocks.len != 0)
		buf_add(out, m->blocks.data, m->blocks.len);
	h->length = out->len;
	memcpy(out->data, h, sizeof(*h));
	h->check =
	    entry_check((const struct index_head *)(const void *)out->data);
	memcpy(out->data, h, sizeof(*h));
}

/* ---- identity -------------------------------------------------------------------- */

/*
 * A later change of the file has a ctime of its own only when the clock that
 * stamps files has gone on since the last one.
 */
static bool
clock_is_past(const struct index_id *id)
{
	static const struct timespec wait = { 0, WAIT_MS * 1000000L };
	for (int i = 0; i < TRIES; i++) {
		struct timespec now;
		(void)clock_gettime(CLOCK_REALTIME_COARSE, &now);
		if ((int64_t)now.tv_sec * 1000000000 + now.tv_nsec >
		    id->ctime_ns)
			return true;
		(void)nanosleep(&wait, NULL);
	}
	return false;
}

static bool
identify(int fd, struct index_id *id)
{
	struct stat st;
	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode))
		return false;
	index_id_of(&st, id);
	return true;
}

enum made
maker_file(struct maker *m, const char *path, bool (*go_on)(void *ctx),
    void *ctx, struct buf *out, struct err *err)
{
	struct nffile_reader r;
	struct index_id after;
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;
	if (strlen(name) >= INDEX_NAME_MAX)
		return (enum made)err_set(err, "%s: name too long", path);
	if (nffile_open(&r, path, err) == -1)
		return MADE_FAILED;
	begin(m);
	bool done = !r.growing && identify(r.fd, &m->head.id) &&
		    clock_is_past(&m->head.id) &&
		    read_blocks(m, &r, go_on, ctx) && identify(r.fd, &after) &&
		    index_id_same(&after, &m->head.id);
	if (done)
		put_entry(m, &r, name, out);
	nffile_close(&r);
	return done ? MADE_ENTRY : MADE_NOTHING;
}
