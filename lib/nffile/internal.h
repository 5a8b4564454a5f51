/*
 * internal: what the files of nffile share among themselves.
 */
#ifndef NFFILE_INTERNAL_H
#define NFFILE_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include "flow/flow.h"
#include "nffile/bytes.h"
#include "nffile/elements.h"
#include "nffile/layout1.h"
#include "nffile/nffile.h"

#define REC_HEADER      4 /* type, size */
#define RECORD_MAX      65535
#define STAT_RECORD_LEN (REC_HEADER + sizeof(struct nffile_stat))

/* Payload of elements that the hot paths read directly. */
#define GENERIC_LEN 48
#define CNT_LEN     24

/* Most bytes that record_encode can need for this flow. */
size_t record_bound(const struct flow *f);

/* Write f as a flow record; returns its size. */
size_t record_encode(const struct flow *f, enum nffile_compat compat,
    uint8_t *out);

/* The same with every element that it has, zero or not; no limit checked. */
size_t record_encode_whole(const struct flow *f, uint8_t *out);

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

/*
 * All blocks of a file behind those of w: as they are, when the codec is the
 * same, or through the writer again, record by record; flushed then.
 */
int writer_copy_blocks(struct nffile_writer *w, const struct nffile_reader *r,
    struct err *err);
int writer_pack_blocks(struct nffile_writer *w, struct nffile_reader *r,
    struct err *err);

/* Buffers for w->codec. */
void writer_alloc(struct nffile_writer *w);

#endif
