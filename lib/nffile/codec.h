/*
 * codec: the block compressors of flow files, each a system library; for LZ4
 * of no level where it suits the block, and for lz4:fast, rows.h, which any
 * LZ4 library unpacks.  Stateless; any thread.
 */
#ifndef NFFILE_CODEC_H
#define NFFILE_CODEC_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "nffile/layout.h"

/* A level of CODEC_LZ4: by rows, suitable or not. */
#define CODEC_FAST (-1)

/* Room that n bytes may need compressed. */
size_t codec_bound(enum nffile_codec codec, size_t n);

/* Compressed size, or 0 and err.  out has codec_bound(n) bytes. */
size_t codec_pack(enum nffile_codec codec, int level, const void *in, size_t n,
    void *out, size_t out_size, struct err *err);

/* Decompressed size, or 0 and err; never writes past out_size. */
size_t codec_unpack(enum nffile_codec codec, const void *in, size_t n,
    void *out, size_t out_size, struct err *err);

const char *codec_name(enum nffile_codec codec);

/*
 * NfSen's and nfdump's spellings as their users mean them: "", "0" and
 * "none" are off; "-z" lzo, "-y" lz4, "-j" bz2; "-z=lz4:5", "lz4", "zstd:3",
 * "lz4:fast" (*level CODEC_FAST);
 * any other number is NfSen's "on" (lz4).  -1: err says what is accepted.
 */
int codec_parse(const char *text, enum nffile_codec *codec, int *level,
    struct err *err);

#endif
