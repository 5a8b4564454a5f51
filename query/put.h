/*
 * put: numbers and addresses written straight into memory.  The caller has
 * room for the longest form, and PUT_SLACK bytes more that may be scribbled
 * on: texts are stored in words and count by their length.  Each returns
 * the place behind what it wrote; there is no NUL.
 *
 * The hot half of printing: no C library, no branch that depends on digits.
 */
#ifndef QUERY_PUT_H
#define QUERY_PUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "flow/flow.h"

#define PUT_SLACK  32
#define PUT_NUMBER 20 /* bytes of the longest number */
#define PUT_IP     46 /* of the longest address, with a NUL */

/* "00", "01", .. "99" */
extern const char put_pairs[200];
/* "00", "01", .. "ff" */
extern const char put_hex_pairs[512];

/* 0 to 255 (and a few more), a dot behind. */
struct put_octet {
	char text[4];
	uint32_t len; /* with the dot */
};
extern const struct put_octet put_octets[260];

extern const uint64_t put_powers[PUT_NUMBER]; /* of ten; [0] is 0 */

static inline char *
put_2(char *p, unsigned n)
{
	memcpy(p, put_pairs + 2 * (size_t)n, 2);
	return p + 2;
}

static inline char *
put_hex(char *p, unsigned byte)
{
	memcpy(p, put_hex_pairs + 2 * (size_t)byte, 2);
	return p + 2;
}

static inline char *
put_3(char *p, unsigned n)
{
	p[0] = (char)('0' + n / 100);
	memcpy(p + 1, put_pairs + 2 * (size_t)(n % 100), 2);
	return p + 3;
}

/* How many digits, by the number of bits. */
static inline unsigned
put_digits(uint64_t v)
{
	unsigned t =
	    (unsigned)(64 - __builtin_clzll(v | 1)) * UINT32_C(1233) >> 12;
	return t + (v >= put_powers[t]);
}

/* The number in its n digits. */
static inline char *
put_number_of(char *p, uint64_t v, unsigned n)
{
	char *end = p + n, *q = end;
	while (v >= 100) {
		q -= 2;
		memcpy(q, put_pairs + 2 * (v % 100), 2);
		v /= 100;
	}
	if (v >= 10)
		memcpy(q - 2, put_pairs + 2 * v, 2);
	else
		q[-1] = (char)('0' + v);
	return end;
}

static inline char *
put_number(char *p, uint64_t v)
{
	if (v < 10) {
		*p = (char)('0' + v);
		return p + 1;
	}
	return put_number_of(p, v, v < 100 ? 2 : put_digits(v));
}

static inline char *
put_blanks(char *p, size_t n)
{
	for (size_t i = 0; i < n; i += 16)
		memset(p + i, ' ', 16);
	return p + n;
}

/* Right-aligned in `width` columns, more when it needs them. */
static inline char *
put_column(char *p, uint64_t v, int width)
{
	unsigned n = v < 10 ? 1 : put_digits(v);
	if (width > (int)n)
		p = put_blanks(p, (size_t)width - n);
	return put_number_of(p, v, n);
}

static inline char *
put_ip4(char *p, uint32_t a)
{
	for (int shift = 24; shift >= 0; shift -= 8) {
		const struct put_octet *o = &put_octets[a >> shift & 0xff];
		memcpy(p, o->text, 4);
		p += o->len;
	}
	return p - 1; /* the last dot is none */
}

/* As inet_ntop writes it. */
char *put_ip6(char *p, const struct flow_ip6 *ip);

static inline char *
put_ip(char *p, const struct flow_ip6 *ip, bool v6)
{
	return v6 ? put_ip6(p, ip) : put_ip4(p, (uint32_t)ip->lo);
}

/* ---- into a buffer --------------------------------------------------------------- */

/* Room for n bytes and the slack; put_end takes what was written there. */
static inline char *
put_room(struct buf *b, size_t n)
{
	if (b->cap - b->len < n + PUT_SLACK + 1)
		buf_reserve(b, n + PUT_SLACK);
	return b->data + b->len;
}

static inline void
put_end(struct buf *b, char *p)
{
	*p = '\0';
	b->len = (size_t)(p - b->data);
}

/* A string literal. */
#define PUT_TEXT(p, text)                                                      \
	((char *)memcpy((p), (text), sizeof(text) - 1) + sizeof(text) - 1)

#endif
