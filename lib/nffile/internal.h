/*
 * internal: what the files of nffile share among themselves.
 */
#ifndef NFFILE_INTERNAL_H
#define NFFILE_INTERNAL_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "flow/flow.h"
#include "nffile/layout1.h"
#include "nffile/nffile.h"

#define REC_HEADER      4 /* type, size */
#define FLOW_HEADER     12
#define ELEM_HEADER     4 /* id, length */
#define RECORD_MAX      65535
#define STAT_RECORD_LEN (REC_HEADER + sizeof(struct nffile_stat))

/* Payload of elements that the hot paths read directly. */
#define GENERIC_LEN 48
#define CNT_LEN     24

static inline uint16_t
get16(const uint8_t *p)
{
	uint16_t v;
	memcpy(&v, p, sizeof(v));
	return v;
}

static inline uint32_t
get32(const uint8_t *p)
{
	uint32_t v;
	memcpy(&v, p, sizeof(v));
	return v;
}

static inline uint64_t
get64(const uint8_t *p)
{
	uint64_t v;
	memcpy(&v, p, sizeof(v));
	return v;
}

static inline void
put16(uint8_t *p, uint16_t v)
{
	memcpy(p, &v, sizeof(v));
}

static inline void
put32(uint8_t *p, uint32_t v)
{
	memcpy(p, &v, sizeof(v));
}

/* Most bytes that record_encode can need for this flow. */
size_t record_bound(const struct flow *f);

/* Write f as a flow record; returns its size. */
size_t record_encode(const struct flow *f, enum nffile_compat compat,
    uint8_t *out);

/* The same with every element that it has, zero or not; no limit checked. */
size_t record_encode_whole(const struct flow *f, uint8_t *out);

/* Walk the elements of a checked flow record; false at the end or damage. */
struct elem_walk {
	const uint8_t *p; /* next element */
	const uint8_t *end;
	unsigned left;
	uint16_t id;
	uint16_t len; /* of payload */
	const uint8_t *payload;
	bool bad;
};
void elem_walk(struct elem_walk *w, const uint8_t *rec);
bool elem_next(struct elem_walk *w);

/* Count one flow in a stat record; in_classes: out counters there as well. */
void stat_add(struct nffile_stat *s, const struct flow *f, bool in_classes);
void stat_add_record(struct nffile_stat *s, const uint8_t *rec,
    bool in_classes);

/* The rule of a file's creator: only the collector keeps classes to in. */
bool stat_in_classes(const struct nffile_header *h);

/* What a try for one block came to. */
enum try {
	TRY_BLOCK,      /* its bytes are in r->out */
	TRY_INCOMPLETE, /* the file ends first */
	TRY_FAILED      /* err says why */
};

/*
 * The block at pos, decompressed, *len bytes.  *end is where it ends, 0 when
 * that cannot be known.  Error texts lack path and number.
 */
enum try reader_load(struct nffile_reader *r, off_t pos,
    struct nffile_block_header *bh, size_t *len, off_t *end, struct err *err);

/*
 * Complete records from the start of r->out: their bytes and number.  Returns
 * how many of them are no flows.
 */
uint32_t reader_measure(const struct nffile_reader *r, size_t len,
    struct nffile_block *b);

/* Has the writer finished the file meanwhile?  True: more is known. */
bool reader_look_again(struct nffile_reader *r);

/* All n bytes at pos: short reads give what is there; -1 errno. */
ssize_t read_at(int fd, void *p, size_t n, off_t pos);

/* All n bytes at pos, or -1 and errno. */
int write_at(int fd, const void *p, size_t n, off_t pos);

/*
 * Room for n bytes of record behind those collected; NULL: the full block
 * before could not be written.  Then they are there.
 */
uint8_t *writer_room(struct nffile_writer *w, size_t n, struct err *err);
void writer_added(struct nffile_writer *w, size_t n);

/* Buffers for w->codec. */
void writer_alloc(struct nffile_writer *w);

#endif
