#include "query/text.h"

#include <string.h>

#include "query/put.h"

/* ---- columns ---------------------------------------------------------------- */

static void
put_aligned(struct buf *b, const char *s, size_t n, size_t before,
    size_t behind)
{
	char *p = put_room(b, before + n + behind);
	p = put_blanks(p, before);
	memcpy(p, s, n);
	put_end(b, put_blanks(p + n, behind));
}

static size_t
rest(int width, size_t n)
{
	return width > 0 && (size_t)width > n ? (size_t)width - n : 0;
}

void
text_right(struct buf *b, const char *s, int width)
{
	size_t n = strlen(s);
	put_aligned(b, s, n, rest(width, n), 0);
}

void
text_left(struct buf *b, const char *s, int width)
{
	size_t n = strlen(s);
	put_aligned(b, s, n, 0, rest(width, n));
}

void
text_number(struct buf *b, uint64_t v, int width)
{
	char *p = put_room(b, PUT_NUMBER + (width > 0 ? (size_t)width : 0));
	put_end(b, put_column(p, v, width));
}

/* ---- counters ----------------------------------------------------------------- */

/*
 * "%.1f" of a double from 1 on: what lies behind the point is a whole number
 * of 2^-52, so rounding is exact, half to even as the C library does it.
 */
static char *
put_tenths(char *p, double v)
{
	uint64_t whole = (uint64_t)v;
	uint64_t part = (uint64_t)((v - (double)whole) * 0x1p52) * 10;
	uint64_t tenths = part >> 52, left = part & ((UINT64_C(1) << 52) - 1);
	uint64_t half = UINT64_C(1) << 51;
	if (left > half || (left == half && tenths % 2 != 0))
		tenths++;
	p = put_number(p, whole + tenths / 10);
	*p++ = '.';
	*p++ = (char)('0' + tenths % 10);
	return p;
}

static char *
put_scaled(char *p, uint64_t v, bool plain)
{
	static const struct {
		double unit;
		char letter;
	} units[] = { { 1e12, 'T' }, { 1e9, 'G' }, { 1e6, 'M' } };
	if (plain || v < 1000000)
		return put_number(p, v);
	size_t i = 0;
	while ((double)v < units[i].unit)
		i++;
	p = put_tenths(p, (double)v / units[i].unit);
	*p++ = ' ';
	*p++ = units[i].letter;
	return p;
}

char *
text_scaled(uint64_t v, bool plain, char *buf)
{
	*put_scaled(buf, v, plain) = '\0';
	return buf;
}

void
text_counter(struct buf *b, uint64_t v, bool plain, int width)
{
	if (plain || v < 1000000) {
		text_number(b, v, width);
		return;
	}
	char s[TEXT_SCALED_LEN + PUT_SLACK];
	size_t n = (size_t)(put_scaled(s, v, plain) - s);
	put_aligned(b, s, n, rest(width, n), 0);
}

/* ---- addresses, flags --------------------------------------------------------- */

char *
text_ip(const struct flow_ip6 *ip, bool v6, char *buf)
{
	char s[PUT_IP + PUT_SLACK];
	size_t n = (size_t)(put_ip(s, ip, v6) - s);
	memcpy(buf, s, n);
	buf[n] = '\0';
	return buf;
}

char *
text_put_ip_short(char *p, const struct flow_ip6 *ip, bool v6)
{
	char *end = put_ip(p, ip, v6);
	if (end - p <= 16)
		return end;
	memcpy(p + 7, "..", 2);
	memmove(p + 9, end - 7, 7);
	return p + 16;
}

char *
text_ip_short(const struct flow_ip6 *ip, bool v6, char *buf)
{
	char s[PUT_IP + PUT_SLACK];
	size_t n = (size_t)(text_put_ip_short(s, ip, v6) - s);
	memcpy(buf, s, n);
	buf[n] = '\0';
	return buf;
}

void
text_address(struct buf *b, const struct flow_ip6 *ip, bool v6, int width)
{
	char s[PUT_IP + PUT_SLACK];
	size_t n = (size_t)(put_ip(s, ip, v6) - s);
	put_aligned(b, s, n, rest(width, n), 0);
}

void
text_address_short(struct buf *b, const struct flow_ip6 *ip, bool v6, int width)
{
	char s[PUT_IP + PUT_SLACK];
	size_t n = (size_t)(text_put_ip_short(s, ip, v6) - s);
	put_aligned(b, s, n, rest(width, n), 0);
}

char *
text_put_flags(char *p, uint8_t flags)
{
	static const char high[16][4] = { "....", "...A", "..U.", "..UA",
		".E..", ".E.A", ".EU.", ".EUA", "C...", "C..A", "C.U.", "C.UA",
		"CE..", "CE.A", "CEU.", "CEUA" };
	static const char low[16][4] = { "....", "...F", "..S.", "..SF", ".R..",
		".R.F", ".RS.", ".RSF", "P...", "P..F", "P.S.", "P.SF", "PR..",
		"PR.F", "PRS.", "PRSF" };
	memcpy(p, high[flags >> 4], 4);
	memcpy(p + 4, low[flags & 15], 4);
	return p + 8;
}

char *
text_flags(uint8_t flags, char *buf)
{
	*text_put_flags(buf, flags) = '\0';
	return buf;
}

char *
text_put_mac(char *p, uint64_t mac)
{
	for (int shift = 40; shift >= 0; shift -= 8) {
		memcpy(p, put_hex_pairs + 2 * (size_t)(mac >> shift & 0xff), 2);
		p[2] = ':';
		p += 3;
	}
	return p - 1;
}

char *
text_mac(uint64_t mac, char *buf)
{
	*text_put_mac(buf, mac) = '\0';
	return buf;
}

char *
text_put_mpls(char *p, uint32_t label)
{
	p = put_number(p, label >> 4 & 0xfffff);
	*p++ = '-';
	*p++ = (char)('0' + (label >> 1 & 7));
	*p++ = '-';
	*p++ = (char)('0' + (label & 1));
	return p;
}

char *
text_mpls(uint32_t label, char *buf)
{
	*text_put_mpls(buf, label) = '\0';
	return buf;
}
