/*
 * tls_print: fingerprints of a hello message.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/wire.h"
#include "filter/digest.h"
#include "filter/tls.h"

#define EXT_SNI  0
#define EXT_ALPN 16

static struct wire
reader(const struct tls_bytes *b)
{
	return wire_init(b->p, b->len);
}

/* ---- JA3 ------------------------------------------------------------------------- */

static void
add_number(struct buf *out, const char **sep, unsigned v)
{
	buf_printf(out, "%s%u", *sep, v);
	*sep = "-";
}

static void
add_list(struct buf *out, const struct tls_bytes *b, size_t width)
{
	struct wire w = reader(b);
	const char *sep = ",";
	while (wire_left(&w) >= width) {
		unsigned v = width == 2 ? wire_u16(&w) : wire_u8(&w);
		if (width == 1 || !TLS_GREASE(v))
			add_number(out, &sep, v);
	}
	if (*sep == ',')
		buf_adds(out, sep);
}

static void
add_extensions(struct buf *out, const struct tls_bytes *b)
{
	struct wire w = reader(b);
	const char *sep = ",";
	while (wire_left(&w) >= 4) {
		unsigned type = wire_u16(&w);
		wire_skip(&w, wire_u16(&w));
		if (!TLS_GREASE(type))
			add_number(out, &sep, type);
	}
	if (*sep == ',')
		buf_adds(out, sep);
}

bool
tls_ja3_text(const struct tls_hello *h, struct buf *out)
{
	if (!h->whole)
		return false;
	buf_printf(out, "%u", (unsigned)h->legacy);
	add_list(out, &h->ciphers, 2);
	add_extensions(out, &h->extension);
	if (!h->server) {
		add_list(out, &h->groups, 2);
		add_list(out, &h->formats, 1);
	}
	return true;
}

bool
tls_ja3(const struct tls_hello *h, char hex[TLS_JA3_LEN + 1])
{
	struct buf text = BUF_EMPTY;
	bool ok = tls_ja3_text(h, &text);
	if (ok)
		digest_md5(text.data, text.len, hex);
	buf_free(&text);
	return ok;
}

/* ---- JA4 ------------------------------------------------------------------------- */

/* A hello of more ciphers or extensions than this is no browser's. */
#define LIST_MAX 512

struct list {
	uint16_t v[LIST_MAX];
	size_t n;     /* in v */
	size_t count; /* of the hello; v may lack SNI and ALPN */
};

static int
compare(const void *a, const void *b)
{
	const uint16_t *x = a, *y = b;
	return (int)*x - (int)*y;
}

static bool
append(struct list *l, uint16_t v)
{
	if (l->n == LIST_MAX)
		return false;
	l->v[l->n++] = v;
	return true;
}

static bool
ciphers(const struct tls_hello *h, struct list *l)
{
	struct wire w = reader(&h->ciphers);
	l->n = l->count = 0;
	while (wire_left(&w) >= 2) {
		uint16_t v = wire_u16(&w);
		if (TLS_GREASE(v))
			continue;
		l->count++;
		if (!append(l, v))
			return false;
	}
	qsort(l->v, l->n, sizeof(l->v[0]), compare);
	return true;
}

static bool
extensions(const struct tls_hello *h, struct list *l)
{
	struct wire w = reader(&h->extension);
	l->n = l->count = 0;
	while (wire_left(&w) >= 4) {
		uint16_t type = wire_u16(&w);
		wire_skip(&w, wire_u16(&w));
		if (TLS_GREASE(type))
			continue;
		l->count++;
		if (type != EXT_SNI && type != EXT_ALPN && !append(l, type))
			return false;
	}
	qsort(l->v, l->n, sizeof(l->v[0]), compare);
	return true;
}

static void
add_hex(struct buf *out, const struct list *l)
{
	for (size_t i = 0; i < l->n; i++)
		buf_printf(out, "%s%04x", i != 0 ? "," : "", l->v[i]);
}

static void
add_sigs(struct buf *out, const struct tls_hello *h)
{
	struct wire w = reader(&h->sigs);
	char sep = '_';
	while (wire_left(&w) >= 2) {
		unsigned v = wire_u16(&w);
		if (TLS_GREASE(v))
			continue;
		buf_printf(out, "%c%04x", sep, v);
		sep = ',';
	}
}

/* The first twelve digits; of nothing, zeros. */
static void
short_digest(const struct buf *b, char hex[13])
{
	char full[DIGEST_SHA256_HEX];
	memcpy(hex, "000000000000", 13);
	if (b->len == 0)
		return;
	digest_sha256(b->data, b->len, full);
	memcpy(hex, full, 12);
}

static const char *
version_code(uint16_t version)
{
	switch (version) {
	case 0x0304:
		return "13";
	case 0x0303:
		return "12";
	case 0x0302:
		return "11";
	case 0x0301:
		return "10";
	case 0x0300:
		return "s3";
	default:
		return "00";
	}
}

/* Of bytes that are no letters or digits: of their hex form. */
static void
alpn_code(const struct tls_hello *h, char code[3])
{
	static const char digits[] = "0123456789abcdef";
	memcpy(code, "00", 3);
	if (h->alpn.len == 0)
		return;
	unsigned a = h->alpn.p[0], z = h->alpn.p[h->alpn.len - 1];
	bool plain = a < 128 && z < 128 && isalnum((int)a) && isalnum((int)z);
	code[0] = plain ? (char)a : digits[a >> 4];
	code[1] = plain ? (char)z : digits[z & 15];
}

static unsigned
at_most_99(size_t n)
{
	return n < 99 ? (unsigned)n : 99;
}

bool
tls_ja4(const struct tls_hello *h, char text[TLS_JA4_LEN + 1])
{
	struct list c, e;
	char alpn[3], first[13], second[13];
	if (!h->whole || h->server || !ciphers(h, &c) || !extensions(h, &e))
		return false;
	struct buf b = BUF_EMPTY;
	add_hex(&b, &c);
	short_digest(&b, first);
	buf_clear(&b);
	add_hex(&b, &e);
	if (e.n != 0)
		add_sigs(&b, h);
	short_digest(&b, second);
	buf_free(&b);
	alpn_code(h, alpn);
	(void)snprintf(text, TLS_JA4_LEN + 1, "t%s%c%02u%02u%s_%s_%s",
	    version_code(h->version), h->has_sni ? 'd' : 'i',
	    at_most_99(c.count), at_most_99(e.count), alpn, first, second);
	return true;
}
