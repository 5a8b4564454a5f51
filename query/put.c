#include "query/put.h"

/* ---- tables ---------------------------------------------------------------------- */

#define TEN(d) d "0" d "1" d "2" d "3" d "4" d "5" d "6" d "7" d "8" d "9"

const char put_pairs[200] = TEN("0") TEN("1") TEN("2") TEN("3") TEN("4")
    TEN("5") TEN("6") TEN("7") TEN("8") TEN("9");

#define SIXTEEN(d) TEN(d) d "a" d "b" d "c" d "d" d "e" d "f"

const char put_hex_pairs[512] = SIXTEEN("0") SIXTEEN("1") SIXTEEN("2")
    SIXTEEN("3") SIXTEEN("4") SIXTEEN("5") SIXTEEN("6") SIXTEEN("7")
	SIXTEEN("8") SIXTEEN("9") SIXTEEN("a") SIXTEEN("b") SIXTEEN("c")
	    SIXTEEN("d") SIXTEEN("e") SIXTEEN("f");

#define OCTET(n)                                                               \
	{                                                                      \
#n ".", sizeof(#n)                                             \
	}
#define OCTETS(n)                                                              \
	OCTET(n##0), OCTET(n##1), OCTET(n##2), OCTET(n##3), OCTET(n##4),       \
	    OCTET(n##5), OCTET(n##6), OCTET(n##7), OCTET(n##8), OCTET(n##9)

const struct put_octet put_octets[260] = { OCTET(0), OCTET(1), OCTET(2),
	OCTET(3), OCTET(4), OCTET(5), OCTET(6), OCTET(7), OCTET(8), OCTET(9),
	OCTETS(1), OCTETS(2), OCTETS(3), OCTETS(4), OCTETS(5), OCTETS(6),
	OCTETS(7), OCTETS(8), OCTETS(9), OCTETS(10), OCTETS(11), OCTETS(12),
	OCTETS(13), OCTETS(14), OCTETS(15), OCTETS(16), OCTETS(17), OCTETS(18),
	OCTETS(19), OCTETS(20), OCTETS(21), OCTETS(22), OCTETS(23), OCTETS(24),
	OCTETS(25) };

const uint64_t put_powers[PUT_NUMBER] = { 0, 10, 100, 1000, 10000, 100000,
	1000000, 10000000, 100000000, 1000000000, UINT64_C(10000000000),
	UINT64_C(100000000000), UINT64_C(1000000000000),
	UINT64_C(10000000000000), UINT64_C(100000000000000),
	UINT64_C(1000000000000000), UINT64_C(10000000000000000),
	UINT64_C(100000000000000000), UINT64_C(1000000000000000000),
	UINT64_C(10000000000000000000) };

/* ---- IPv6 ------------------------------------------------------------------------ */

/* Words of an address that "::" stands for; len 0: none. */
struct gap {
	int at, len;
};

static uint16_t
word(const struct flow_ip6 *ip, int i)
{
	return (uint16_t)((i < 4 ? ip->hi : ip->lo) >> (48 - i % 4 * 16));
}

/* The first of the longest runs of at least two zeros. */
static struct gap
find_gap(const struct flow_ip6 *ip)
{
	struct gap best = { 0, 1 }, run = { 0, 0 };
	for (int i = 0; i < 8; i++) {
		if (word(ip, i) != 0) {
			run.len = 0;
			continue;
		}
		if (run.len++ == 0)
			run.at = i;
		if (run.len > best.len)
			best = run;
	}
	return best.len > 1 ? best : (struct gap){ 8, 0 };
}

/* Hexadecimal without leading zeros. */
static char *
put_word(char *p, unsigned w)
{
	if (w >= 0x1000)
		return put_hex(put_hex(p, w >> 8), w & 0xff);
	if (w >= 0x100) {
		*p = put_hex_pairs[2 * (w >> 8) + 1];
		return put_hex(p + 1, w & 0xff);
	}
	if (w >= 0x10)
		return put_hex(p, w);
	*p = put_hex_pairs[2 * w + 1];
	return p + 1;
}

/* "::10.0.0.1" and "::ffff:10.0.0.1". */
static bool
ends_in_ip4(const struct flow_ip6 *ip, struct gap g)
{
	return g.at == 0 &&
	       (g.len == 6 || (g.len == 5 && word(ip, 5) == 0xffff));
}

char *
put_ip6(char *p, const struct flow_ip6 *ip)
{
	struct gap g = find_gap(ip);
	int words = ends_in_ip4(ip, g) ? 6 : 8;
	for (int i = 0; i < words; i++) {
		if (i == g.at)
			*p++ = ':';
		if (i >= g.at && i < g.at + g.len)
			continue;
		if (i != 0)
			*p++ = ':';
		p = put_word(p, word(ip, i));
	}
	if (g.len != 0 && g.at + g.len == words)
		*p++ = ':';
	if (words == 8)
		return p;
	if (g.len == 5)
		*p++ = ':';
	return put_ip4(p, (uint32_t)ip->lo);
}
