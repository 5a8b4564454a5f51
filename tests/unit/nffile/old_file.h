/*
 * old_file: files of nfdump 1.6 (layout 1), made from their description:
 * maps, flows with any bytes in their extensions, other records.
 */
#ifndef OLD_FILE_H
#define OLD_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "nffile/codec.h"
#include "nffile/layout1.h"
#include "nffile/nffile.h"

struct old_file {
	struct nffile1_header h;
	struct nffile1_stat stat;
	struct buf raw;    /* records of the block at work */
	struct buf blocks; /* finished ones */
	uint32_t records;
	uint16_t type; /* of the blocks, normally BLOCK_1_6 */
};

/* What a flow is made from; the fixed part holds what old_expect says. */
struct old_flow {
	bool first_form; /* record type 1 */
	bool v6, wide_packets, wide_bytes;
	uint16_t flags; /* more of them: 64 event, 128 sampled, version << 8 */
	uint16_t map;
	uint8_t proto;
	const uint8_t *ext; /* bytes of its extensions */
	size_t ext_len;
};

static inline void
old_begin(struct old_file *o, uint32_t flags, const char *ident)
{
	*o = (struct old_file){ .type = BLOCK_1_6,
		.h = { .magic = NFFILE_MAGIC, .version = 1, .flags = flags } };
	size_t n = strlen(ident);
	memcpy(o->h.ident, ident, n < NFFILE_IDENT_MAX ? n : NFFILE_IDENT_MAX);
	o->stat.first = 1700000000;
	o->stat.last = 1700000299;
	o->stat.msec_first = 7;
	o->stat.msec_last = 8;
	o->stat.sequence_failures = 9;
	for (uint64_t i = 0; i < 15; i++)
		o->stat.sums[i] = i + 1;
}

static inline void
old_u16(struct buf *b, unsigned v)
{
	uint16_t n = (uint16_t)v;
	buf_add(b, &n, sizeof(n));
}

static inline void
old_u32(struct buf *b, uint32_t v)
{
	buf_add(b, &v, sizeof(v));
}

/* Any record; p may be NULL for zeros. */
static inline void
old_record(struct old_file *o, unsigned type, const void *p, size_t n)
{
	static const uint8_t zeros[65536];
	old_u16(&o->raw, type);
	old_u16(&o->raw, (unsigned)(n + 4));
	buf_add(&o->raw, p != NULL ? p : zeros, n);
	o->records++;
}

/* size: what the map says of its extensions, -1: the truth. */
static inline void
old_map_saying(struct old_file *o, unsigned id, const uint8_t *ext, size_t n,
    int size)
{
	struct buf b = BUF_EMPTY;
	unsigned sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += ext[i] <= MAP_ID_MAX
			   ? (unsigned)map_extension_size(ext[i])
			   : 0;
	old_u16(&b, id);
	old_u16(&b, size == -1 ? sum : (unsigned)size);
	for (size_t i = 0; i < n; i++)
		old_u16(&b, ext[i]);
	old_u16(&b, 0);
	if (b.len % 4 != 0)
		old_u16(&b, 0);
	old_record(o, REC_MAP, b.data, b.len);
	buf_free(&b);
}

static inline void
old_map(struct old_file *o, unsigned id, const uint8_t *ext, size_t n)
{
	old_map_saying(o, id, ext, n, -1);
}

/* Addresses and counters, in the widths that f asks for. */
static inline void
old_required(struct buf *b, const struct old_flow *f)
{
	static const uint64_t six[4] = { UINT64_C(0x20010db800000000), 1,
		UINT64_C(0x20010db800000000), 2 };
	static const uint64_t packets = UINT64_C(0x100000003);
	static const uint64_t bytes = UINT64_C(0x200000004);
	if (f->v6) {
		buf_add(b, six, sizeof(six));
	} else {
		old_u32(b, 0x0a000001);
		old_u32(b, 0x0a000002);
	}
	buf_add(b, &packets, f->wide_packets ? 8 : 4);
	buf_add(b, &bytes, f->wide_bytes ? 8 : 4);
}

static inline void
old_flow(struct old_file *o, const struct old_flow *f)
{
	struct buf b = BUF_EMPTY;
	unsigned flags = f->flags | (f->v6 ? 1U : 0) |
			 (f->wide_packets ? 2U : 0) | (f->wide_bytes ? 4U : 0);
	const uint8_t what[] = { 1, 0x1b, f->proto, 0x20 };
	if (f->first_form) {
		buf_addc(&b, (char)flags);
		buf_addc(&b, 77); /* exporter */
	} else {
		old_u16(&b, flags);
	}
	old_u16(&b, f->map);
	old_u16(&b, 123);
	old_u16(&b, 456);
	old_u32(&b, 1700000001);
	old_u32(&b, 1700000002);
	buf_add(&b, what, sizeof(what));
	old_u16(&b, 1024);
	old_u16(&b, 443);
	if (!f->first_form) {
		old_u16(&b, 777); /* exporter */
		old_u16(&b, 0);
	}
	old_required(&b, f);
	if (f->ext_len != 0)
		buf_add(&b, f->ext, f->ext_len);
	old_record(o, f->first_form ? REC_COMMON_0 : REC_COMMON_1, b.data,
	    b.len);
	buf_free(&b);
}

/* The flow that old_flow describes, without its extensions. */
static inline struct flow
old_expect(const struct old_flow *f)
{
	struct flow x = { .have = FLOW_BIT(FE_GENERIC) |
				  FLOW_BIT(f->v6 ? FE_IPV6 : FE_IPV4),
		.flags = (uint8_t)(((f->flags & 64) != 0 ? FLOW_EVENT : 0) |
				   ((f->flags & 128) != 0 ? FLOW_SAMPLED : 0)),
		.nfversion = f->first_form ? 0 : (uint8_t)(f->flags >> 8),
		.exporter = f->first_form ? 77 : 777,
		.first = UINT64_C(1700000001123),
		.last = UINT64_C(1700000002456),
		.packets = f->wide_packets ? UINT64_C(0x100000003) : 3,
		.bytes = f->wide_bytes ? UINT64_C(0x200000004) : 4,
		.src_port = 1024,
		.dst_port = 443,
		.proto = f->proto,
		.tcp_flags = 0x1b,
		.fwd_status = 1,
		.src_tos = 0x20,
		.src = { 0, 0x0a000001 },
		.dst = { 0, 0x0a000002 } };
	if (f->v6) {
		x.src = (struct flow_ip6){ UINT64_C(0x20010db800000000), 1 };
		x.dst = (struct flow_ip6){ UINT64_C(0x20010db800000000), 2 };
	}
	return x;
}

static inline enum nffile_codec
old_codec(const struct old_file *o)
{
	return (o->h.flags & NFFILE1_LZO) != 0   ? CODEC_LZO
	       : (o->h.flags & NFFILE1_BZ2) != 0 ? CODEC_BZ2
	       : (o->h.flags & NFFILE1_LZ4) != 0 ? CODEC_LZ4
						 : CODEC_NONE;
}

static inline void
old_block(struct old_file *o)
{
	enum nffile_codec codec = old_codec(o);
	struct nffile_block_header bh = { .records = o->records,
		.type = o->type };
	size_t room = codec_bound(codec, o->raw.len);
	uint8_t *packed = mem_alloc(room);
	bh.size = (uint32_t)codec_pack(codec, 0, o->raw.data, o->raw.len,
	    packed, room, NULL);
	buf_add(&o->blocks, &bh, sizeof(bh));
	buf_add(&o->blocks, packed, bh.size);
	free(packed);
	buf_clear(&o->raw);
	o->records = 0;
	o->h.num_blocks++;
}

/* All of the file; the old_file is free again. */
static inline struct buf
old_end(struct old_file *o)
{
	struct buf all = BUF_EMPTY;
	if (o->raw.len != 0)
		old_block(o);
	buf_add(&all, &o->h, sizeof(o->h));
	buf_add(&all, &o->stat, sizeof(o->stat));
	buf_add(&all, o->blocks.data, o->blocks.len);
	buf_free(&o->raw);
	buf_free(&o->blocks);
	return all;
}

/* Every extension of the format. */
static const uint8_t old_extensions[] = { 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
	15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 37, 38, 39, 40, 41,
	42, 43, 45, 46, 48 };
#define OLD_EXTENSIONS (sizeof(old_extensions) / sizeof(old_extensions[0]))

#endif
