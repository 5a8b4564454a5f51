#include "nffile/codec.h"

#include <bzlib.h>
#include <lz4.h>
#include <lz4hc.h>
#include <lzo/lzo1x.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "base/mem.h"
#include "nffile/rows.h"

#define BZ2_LEVEL  9
#define ZSTD_LEVEL 3
#define LZ4_SAMPLE 16384 /* bytes */
#define LZ4_WORSE  4     /* percent, for half the time */

/* What users may write, and the range of its level (0, 0: has none). */
static const struct {
	const char *name;
	const char *letter; /* nfdump's option, 1.6 style */
	int max_level;
} codecs[] = {
	[CODEC_NONE] = { "none", "", 0 },
	[CODEC_LZO] = { "lzo", "-z", 0 },
	[CODEC_BZ2] = { "bz2", "-j", 9 },
	[CODEC_LZ4] = { "lz4", "-y", LZ4HC_CLEVEL_MAX },
	[CODEC_ZSTD] = { "zstd", NULL, 22 },
};
#define CODECS (sizeof(codecs) / sizeof(codecs[0]))

const char *
codec_name(enum nffile_codec codec)
{
	return (size_t)codec < CODECS ? codecs[codec].name : "unknown";
}

size_t
codec_bound(enum nffile_codec codec, size_t n)
{
	switch (codec) {
	case CODEC_LZO: /* the library's own formula */
		return n + n / 16 + 64 + 3;
	case CODEC_BZ2:
		return n + n / 100 + 601;
	case CODEC_LZ4:
		return rows_bound(n); /* more than LZ4_COMPRESSBOUND */
	case CODEC_ZSTD:
		return ZSTD_compressBound(n);
	case CODEC_NONE:
		break;
	}
	return n;
}

static size_t
copy(const void *in, size_t n, void *out, size_t out_size)
{
	if (n > out_size)
		return 0;
	memcpy(out, in, n);
	return n;
}

static size_t
lzo_pack(const void *in, size_t n, void *out)
{
	lzo_uint len = 0;
	void *work = mem_alloc(LZO1X_1_MEM_COMPRESS);
	if (lzo_init() != LZO_E_OK ||
	    lzo1x_1_compress(in, n, out, &len, work) != LZO_E_OK)
		len = 0;
	free(work);
	return len;
}

static size_t
lzo_unpack(const void *in, size_t n, void *out, size_t out_size)
{
	lzo_uint len = out_size;
	if (lzo1x_decompress_safe(in, n, out, &len, NULL) != LZO_E_OK)
		return 0;
	return len;
}

/* bzlib takes its input as char * and never writes to it. */
static char *
bz2_in(const void *in)
{
	char *p;
	memcpy(&p, &in, sizeof(p));
	return p;
}

static size_t
bz2_pack(int level, const void *in, size_t n, void *out, size_t out_size)
{
	unsigned len = (unsigned)out_size;
	int r = BZ2_bzBuffToBuffCompress(out, &len, bz2_in(in), (unsigned)n,
	    level != 0 ? level : BZ2_LEVEL, 0, 0);
	return r == BZ_OK ? len : 0;
}

static size_t
bz2_unpack(const void *in, size_t n, void *out, size_t out_size)
{
	unsigned len = (unsigned)out_size;
	int r = BZ2_bzBuffToBuffDecompress(out, &len, bz2_in(in), (unsigned)n,
	    0, 0);
	return r == BZ_OK ? len : 0;
}

_Static_assert(LZ4_COMPRESSBOUND(1 << 20) <= (1 << 20) + (1 << 20) / 255 + 16,
    "rows_bound is enough for liblz4");

/* liblz4's own finder; 0: no room. */
static size_t
lz4_library(const void *in, size_t n, void *out, size_t out_size)
{
	int r = LZ4_compress_default(in, out, (int)n, (int)out_size);
	return r > 0 ? (size_t)r : 0;
}

/*
 * Records that are alike become as small by their rows as by the library, in
 * half the time.  Where they are not, the first of them show it.
 */
static bool
suits_rows(const void *in, size_t n, void *out, size_t out_size)
{
	if (n > LZ4_SAMPLE)
		n = LZ4_SAMPLE;
	size_t usual = lz4_library(in, n, out, out_size);
	return rows_pack(in, n, out) <= usual + usual * LZ4_WORSE / 100;
}

static size_t
lz4_pack(int level, const void *in, size_t n, void *out, size_t out_size)
{
	bool rows = level == CODEC_FAST ||
		    (level == 0 && suits_rows(in, n, out, out_size));
	if (rows) {
		size_t len = rows_pack(in, n, out);
		if (len <= n / 8 * 5)
			return len;
		/* Few records, or none that are alike. */
	}
	if (level < LZ4HC_CLEVEL_MIN)
		return lz4_library(in, n, out, out_size);
	int r = LZ4_compress_HC(in, out, (int)n, (int)out_size, level);
	return r > 0 ? (size_t)r : 0;
}

static size_t
lz4_unpack(const void *in, size_t n, void *out, size_t out_size)
{
	int r = LZ4_decompress_safe(in, out, (int)n, (int)out_size);
	return r > 0 ? (size_t)r : 0;
}

static size_t
zstd_size(size_t r)
{
	return ZSTD_isError(r) ? 0 : r;
}

static size_t
pack(enum nffile_codec codec, int level, const void *in, size_t n, void *out,
    size_t out_size)
{
	switch (codec) {
	case CODEC_NONE:
		return copy(in, n, out, out_size);
	case CODEC_LZO:
		return lzo_pack(in, n, out);
	case CODEC_BZ2:
		return bz2_pack(level, in, n, out, out_size);
	case CODEC_LZ4:
		return lz4_pack(level, in, n, out, out_size);
	case CODEC_ZSTD:
		return zstd_size(ZSTD_compress(out, out_size, in, n,
		    level != 0 ? level : ZSTD_LEVEL));
	}
	return 0;
}

static size_t
unpack(enum nffile_codec codec, const void *in, size_t n, void *out,
    size_t out_size)
{
	switch (codec) {
	case CODEC_NONE:
		return copy(in, n, out, out_size);
	case CODEC_LZO:
		return lzo_unpack(in, n, out, out_size);
	case CODEC_BZ2:
		return bz2_unpack(in, n, out, out_size);
	case CODEC_LZ4:
		return lz4_unpack(in, n, out, out_size);
	case CODEC_ZSTD:
		return zstd_size(ZSTD_decompress(out, out_size, in, n));
	}
	return 0;
}

size_t
codec_pack(enum nffile_codec codec, int level, const void *in, size_t n,
    void *out, size_t out_size, struct err *err)
{
	size_t len = 0;
	if (n <= NFFILE_BLOCK_READ && out_size >= codec_bound(codec, n))
		len = pack(codec, level, in, n, out, out_size);
	if (len == 0)
		(void)err_set(err, "%s cannot pack %zu bytes",
		    codec_name(codec), n);
	return len;
}

size_t
codec_unpack(enum nffile_codec codec, const void *in, size_t n, void *out,
    size_t out_size, struct err *err)
{
	size_t len = 0;
	if (n <= NFFILE_BLOCK_READ && out_size <= NFFILE_BLOCK_READ)
		len = unpack(codec, in, n, out, out_size);
	if (len == 0)
		(void)err_set(err, "%zu bytes are no %s data", n,
		    codec_name(codec));
	return len;
}

static bool
is_number(const char *s)
{
	return *s != '\0' && s[strspn(s, "0123456789")] == '\0';
}

static int
refuse(const char *text, struct err *err)
{
	return err_set(err,
	    "compression '%s': expected none, lzo, bz2[:1-9], "
	    "lz4[:1-%d|:fast] or zstd[:1-22]",
	    text, LZ4HC_CLEVEL_MAX);
}

static int
parse_level(const char *text, const char *digits, size_t codec, int *level,
    struct err *err)
{
	if (codec == CODEC_LZ4 && strcmp(digits, "fast") == 0) {
		*level = CODEC_FAST;
		return 0;
	}
	long v = is_number(digits) ? strtol(digits, NULL, 10) : 0;
	if (v < 1 || v > codecs[codec].max_level)
		return refuse(text, err);
	*level = (int)v;
	return 0;
}

int
codec_parse(const char *text, enum nffile_codec *codec, int *level,
    struct err *err)
{
	*level = 0;
	*codec = CODEC_NONE;
	if (is_number(text)) {
		if (text[strspn(text, "0")] != '\0')
			*codec = CODEC_LZ4;
		return 0;
	}
	for (size_t i = 0; i < CODECS; i++) {
		if (codecs[i].letter != NULL &&
		    strcmp(text, codecs[i].letter) == 0) {
			*codec = (enum nffile_codec)i;
			return 0;
		}
	}
	const char *name = strncmp(text, "-z=", 3) == 0 ? text + 3 : text;
	size_t n = strcspn(name, ":");
	for (size_t i = 0; i < CODECS; i++) {
		if (strncmp(name, codecs[i].name, n) != 0 ||
		    codecs[i].name[n] != '\0')
			continue;
		*codec = (enum nffile_codec)i;
		if (name[n] == '\0')
			return 0;
		return parse_level(text, name + n + 1, i, level, err);
	}
	return refuse(text, err);
}
