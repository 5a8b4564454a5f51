/* build: datagrams for tests, written in the order they are read. */
#ifndef TEST_DECODE_BUILD_H
#define TEST_DECODE_BUILD_H

#include <check.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "decode/decode.h"

static struct buf out;
static struct exporter ex;
static struct flow got[256]; /* of the last feed() */
static size_t n_got;

#define NOW_S  UINT32_C(1700000000)
#define NOW_MS (NOW_S * UINT64_C(1000))

static inline void
put(unsigned bytes, uint64_t v)
{
	while (bytes-- > 0)
		buf_addc(&out, (char)(v >> 8 * bytes));
}

/* Pairs of size and value, ended by size 0. */
static inline void
puts_be(int size, ...)
{
	va_list ap;
	va_start(ap, size);
	for (; size != 0; size = va_arg(ap, int))
		put((unsigned)size, va_arg(ap, uint64_t));
	va_end(ap);
}

static inline void
sink(void *ctx, const struct flow *f)
{
	(void)ctx;
	if (n_got < sizeof(got) / sizeof(*got))
		got[n_got] = *f;
	n_got++;
}

static inline void
poke16(size_t at, size_t v)
{
	out.data[at] = (char)(v >> 8);
	out.data[at + 1] = (char)v;
}

/* Decode what was built, from an exact copy so that ASan sees overreads. */
static inline void
feed(void)
{
	uint8_t *copy = malloc(out.len != 0 ? out.len : 1);
	ck_assert_ptr_nonnull(copy);
	memcpy(copy, out.data, out.len);
	n_got = 0;
	decode_datagram(&ex, copy, out.len, NOW_MS + 250, sink, NULL);
	free(copy);
	buf_clear(&out);
}

/* Also every shorter form of it first, each to an exporter of its own. */
static inline void
feed_prefixes(void)
{
	for (size_t len = 0; len < out.len; len++) {
		struct decode_head h = { .version = ex.version, .id = ex.id };
		struct exporter short_ex;
		uint8_t *copy = malloc(len != 0 ? len : 1);
		ck_assert_ptr_nonnull(copy);
		memcpy(copy, out.data, len);
		exporter_init(&short_ex, &ex.ip, &h);
		decode_datagram(&short_ex, copy, len, NOW_MS, sink, NULL);
		exporter_free(&short_ex);
		free(copy);
	}
	feed();
}

static inline void
begin(uint16_t version, uint32_t id)
{
	struct addr ip = addr_v4(0xc0000201);
	struct decode_head h = { .version = version, .id = id };
	exporter_free(&ex);
	exporter_init(&ex, &ip, &h);
	ex.sysid = 3;
	buf_clear(&out);
}

/* Start a set; returns where its length is. */
static inline size_t
set_open(uint16_t id)
{
	put(2, id);
	put(2, 0);
	return out.len - 2;
}

static inline void
set_close(size_t at)
{
	poke16(at, out.len - at + 2);
}

/* A template set with one template of (type, length) pairs, ended by -1. */
static inline void
put_template(uint16_t set, unsigned id, ...)
{
	va_list ap;
	size_t at = set_open(set);
	put(2, id);
	size_t count_at = out.len, n = 0;
	put(2, 0);
	va_start(ap, id);
	for (int type; (type = va_arg(ap, int)) != -1; n++) {
		put(2, (uint64_t)type);
		put(2, (uint64_t)va_arg(ap, int));
	}
	va_end(ap);
	poke16(count_at, n);
	set_close(at);
}

/* Where a u32 length is, to be set by close32(). */
static inline size_t
open32(void)
{
	put(4, 0);
	return out.len - 4;
}

/* What was put since, padded to 4; the length is with the padding or not. */
static inline void
close32(size_t at, bool with_padding)
{
	size_t len = out.len - at - 4;
	while (out.len % 4 != 0)
		put(1, 0);
	if (with_padding)
		len = out.len - at - 4;
	poke16(at, len >> 16);
	poke16(at + 2, len);
}

static inline void
put_text(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		put(1, i < strlen(s) ? (uint8_t)s[i] : 0);
}

static inline void
v9_header(uint32_t uptime, uint32_t sequence)
{
	puts_be(2, UINT64_C(9), 2, UINT64_C(1), 4, (uint64_t)uptime, 4,
	    (uint64_t)NOW_S, 4, (uint64_t)sequence, 4, UINT64_C(0x00000102), 0);
}

static inline void
ipfix_header(uint32_t sequence)
{
	puts_be(2, UINT64_C(10), 2, UINT64_C(0), 4, (uint64_t)NOW_S, 4,
	    (uint64_t)sequence, 4, UINT64_C(7), 0);
}

static inline void
ipfix_feed(void)
{
	poke16(2, out.len);
	feed();
}

static inline int
run_suite(Suite *s)
{
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	buf_free(&out);
	exporter_free(&ex);
	return failed != 0;
}

#endif
