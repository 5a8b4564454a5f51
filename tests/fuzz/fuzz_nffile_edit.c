/*
 * Valid flow files of each layout and codec, with some things changed:
 *
 *   u8 which file, then edits of 8 bytes:
 *   u8 what, u8 block, u16 value, u32 place
 *
 * Records are changed before their block is packed, so that the reader gets
 * past the codec to them.
 */
#include "base/mem.h"
#include "nffile/internal.h"
#include "tests/fuzz/nffile_check.h"
#include "tests/unit/nffile/old_file.h"
#include "tests/unit/nffile/random_flow.h"

#define PARTS 4
#define EDIT  8
#define FILES 9 /* layout 2 with five codecs, layout 1 with four */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct part { /* a block */
	struct nffile_block_header h;
	struct buf raw;
	uint32_t lie; /* size that its header says, 0: the truth */
	size_t flip;  /* byte of the packed block, and by what */
	uint8_t by;
};

struct model {
	struct buf head;
	struct part part[PARTS];
	size_t n;
	bool old;
	enum nffile_codec codec;
	size_t cut; /* bytes off the end */
};

/* ---- the valid files --------------------------------------------------------- */

static void
add_part(struct model *m, const uint8_t *p)
{
	struct part *t = &m->part[m->n++];
	*t = (struct part){ .raw = BUF_EMPTY };
	memcpy(&t->h, p, sizeof(t->h));
	buf_add(&t->raw, p + sizeof(t->h), t->h.size);
}

static void
add_parts(struct model *m, const struct buf *all, size_t head)
{
	buf_add(&m->head, all->data, head);
	for (size_t at = head; at < all->len;) {
		struct nffile_block_header h;
		memcpy(&h, all->data + at, sizeof(h));
		add_part(m, (const uint8_t *)all->data + at);
		at += sizeof(h) + h.size;
	}
}

static void
describe(struct nffile_writer *w)
{
	static const uint8_t app_id[] = { 3, 0, 0, 80 };
	struct nffile_exporter e = { .version = 9,
		.ip = { 0, 1 },
		.family = 2,
		.sysid = 1 };
	struct nffile_sampler s = { .packets = 1, .space = 99 };
	struct nffile_app app = { .id = app_id,
		.id_len = sizeof(app_id),
		.name = "http",
		.description = "web" };
	struct nffile_name names[] = { { 1, "eth0" }, { 2, "core" } };
	(void)nffile_add_exporter(w, &e, NULL);
	(void)nffile_add_sampler(w, &s, NULL);
	(void)nffile_add_apps(w, &app, 1, NULL);
	(void)nffile_add_names(w, REC_IFNAME, names, 2, NULL);
	(void)nffile_add_names(w, REC_VRFNAME, names, 2, NULL);
}

static struct buf
new_file(void)
{
	struct nffile_writer_opts o = { .codec = CODEC_NONE,
		.compat = COMPAT_NEWEST,
		.ident = "fuzz",
		.created = 1700000000,
		.mode = 0644 };
	struct nffile_writer w;
	struct rnd r = { 1 };
	struct buf all = BUF_EMPTY;
	struct err err;
	if (check_put(NULL, 0) == -1 ||
	    nffile_create(&w, check_path, &o, &err) == -1)
		abort();
	describe(&w);
	for (unsigned i = 0; i < 24; i++) {
		struct flow f;
		random_flow(&r, &f, i % 2 != 0);
		(void)nffile_add_flow(&w, &f, &err);
		if (i == 11)
			(void)nffile_flush(&w, &err);
	}
	if (nffile_finish(&w, false, &err) == -1 ||
	    file_read(check_path, 1 << 20, &all, &err) == -1)
		abort();
	return all;
}

static struct buf
old_one(void)
{
	struct old_file o;
	uint8_t bytes[1024];
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)i;
	old_begin(&o, 0, "fuzz");
	for (unsigned i = 0; i < 12; i++) {
		struct old_flow x = { .first_form = i % 4 == 3,
			.v6 = i % 2 != 0,
			.map = (uint16_t)(i % 3),
			.proto = 6,
			.ext = bytes };
		size_t from = i % 3 * 11, n = 11;
		for (size_t k = from; k < from + n; k++)
			x.ext_len += map_extension_size(old_extensions[k]);
		old_map(&o, x.map, old_extensions + from, n);
		old_flow(&o, &x);
		if (i % 6 == 5)
			old_block(&o);
	}
	return old_end(&o);
}

static void
build(struct model *m, unsigned which)
{
	static struct buf files[2];
	static const size_t heads[] = { sizeof(struct nffile_header),
		sizeof(struct nffile1_header) + sizeof(struct nffile1_stat) };
	if (files[0].data == NULL) {
		files[0] = new_file();
		files[1] = old_one();
	}
	static const uint8_t flags[] = { 0, NFFILE1_LZO, NFFILE1_BZ2,
		NFFILE1_LZ4 };
	*m = (struct model){ .old = which >= 5,
		.codec = (enum nffile_codec)(which < 5 ? which : which - 5) };
	add_parts(m, &files[m->old], heads[m->old]);
	if (m->old)
		m->head.data[4] = (char)flags[m->codec];
	else
		m->head.data[16] = (char)m->codec;
}

/* ---- edits --------------------------------------------------------------------- */

struct edit {
	uint8_t what, block;
	uint16_t value;
	uint32_t place;
};

/* The record that covers or follows the place; NULL: none whole. */
static uint8_t *
record_at(struct buf *b, uint32_t nth)
{
	uint8_t *p = (uint8_t *)b->data;
	size_t left = b->len;
	while (left >= REC_HEADER) {
		size_t n = get16(p + 2);
		if (n < REC_HEADER || n > left)
			return NULL;
		if (nth-- == 0)
			return p;
		p += n;
		left -= n;
	}
	return NULL;
}

/* A record's own fields, an element's header, an entry of a map. */
static void
edit_record(struct part *t, const struct edit *e)
{
	uint8_t *rec = record_at(&t->raw, e->place & 0xff);
	if (rec == NULL)
		return;
	size_t at = 0, size = get16(rec + 2);
	unsigned nth = e->place >> 8 & 0xff;
	switch (e->place >> 16 & 3) {
	case 0:
		at = 2 * (nth % 8);
		break;
	case 1: /* an entry of a list */
		at = 8 + 2 * nth;
		break;
	default: /* the nth element's id or length */
		for (at = FLOW_HEADER; nth > 0 && at + ELEM_HEADER <= size;
		     nth--) {
			size_t n = get16(rec + at + 2);
			at += n < ELEM_HEADER ? ELEM_HEADER : n;
		}
		at += (e->place >> 16 & 1) * 2;
	}
	if (at + 2 <= size)
		put16(rec + at, e->value);
}

static void
edit_header(struct part *t, const struct edit *e)
{
	switch (e->place % 4) {
	case 0:
		t->h.records = e->value;
		break;
	case 1:
		t->lie = e->value | (e->place & 0xff0000);
		break;
	case 2:
		t->h.type = e->value;
		break;
	default:
		t->h.flags = e->value;
	}
}

static void
apply(struct model *m, const struct edit *e)
{
	struct part *t = &m->part[e->block % m->n];
	struct buf *b = &t->raw;
	switch (e->what % 8) {
	case 0:
	case 1:
		edit_record(t, e);
		break;
	case 2:
		edit_header(t, e);
		break;
	case 3:
		m->head.data[e->place % m->head.len] = (char)e->value;
		break;
	case 4:
		if (b->len != 0)
			b->data[e->place % b->len] = (char)e->value;
		break;
	case 5:
		t->flip = e->place;
		t->by = (uint8_t)e->value;
		break;
	case 6:
		m->cut = e->place & 0xffff;
		break;
	default: /* the block ends early */
		if (b->len != 0)
			b->len = e->place % b->len;
	}
}

/* ---- the file again --------------------------------------------------------------- */

static void
put_part(struct buf *all, struct part *t, enum nffile_codec codec)
{
	size_t room = codec_bound(codec, t->raw.len);
	uint8_t *packed = mem_alloc(room + 1);
	size_t n =
	    codec_pack(codec, 0, t->raw.data, t->raw.len, packed, room, NULL);
	t->h.size = t->lie != 0 ? t->lie : (uint32_t)n;
	if (n != 0)
		packed[t->flip % n] ^= t->by;
	buf_add(all, &t->h, sizeof(t->h));
	buf_add(all, packed, n);
	free(packed);
}

static struct buf
assemble(struct model *m)
{
	struct buf all = BUF_EMPTY;
	buf_add(&all, m->head.data, m->head.len);
	for (size_t i = 0; i < m->n; i++) {
		int64_t end = (int64_t)all.len, was;
		/* Where the appendix is now, if the header is not edited. */
		memcpy(&was, all.data + 24, sizeof(was));
		if (!m->old && i == m->n - 1 && was != 0)
			memcpy(all.data + 24, &end, sizeof(end));
		put_part(&all, &m->part[i], m->codec);
		buf_free(&m->part[i].raw);
	}
	buf_free(&m->head);
	all.len -= m->cut < all.len ? m->cut : all.len;
	return all;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct model m;
	if (size == 0)
		return 0;
	build(&m, data[0] % FILES);
	for (size_t at = 1; at + EDIT <= size; at += EDIT) {
		struct edit e = { .what = data[at],
			.block = data[at + 1],
			.value = get16(data + at + 2),
			.place = get32(data + at + 4) };
		apply(&m, &e);
	}
	struct buf all = assemble(&m);
	check_file((const uint8_t *)all.data, all.len);
	buf_free(&all);
	return 0;
}
