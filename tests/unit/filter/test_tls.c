#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "filter/tls.h"
#include "tests/unit/filter/payloads.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* JA3 as nfdump 1.7.1 computes it. */
static const struct {
	const uint8_t *p;
	size_t len;
	bool server;
	const char *version;
	const char *sni;
	const char *ja3;
} hellos[] = {
	{ tls_client13, sizeof(tls_client13), false, "1.3", "www.example.com",
	    "304734bb1c086c3453b387400cf83f11" },
	{ tls_client12, sizeof(tls_client12), false, "1.2", "www.example.com",
	    "104774240db569f8f87b1a28206b25e5" },
	{ tls_server13, sizeof(tls_server13), true, "1.3", "",
	    "15af977ce25de452b96affa2addb1036" },
	{ tls_server12, sizeof(tls_server12), true, "1.2", "", NULL },
};

START_TEST(a_hello_is_read)
{
	struct tls_hello h;
	char hex[TLS_JA3_LEN + 1];
	ck_assert(tls_parse(hellos[_i].p, hellos[_i].len, &h));
	ck_assert(h.whole);
	ck_assert(h.server == hellos[_i].server);
	ck_assert_str_eq(tls_version_text(h.version), hellos[_i].version);
	ck_assert_uint_eq(tls_version_number(hellos[_i].version), h.version);
	ck_assert_uint_eq(h.sni.len, strlen(hellos[_i].sni));
	ck_assert_mem_eq(h.sni.p, hellos[_i].sni, h.sni.len);
	ck_assert(tls_ja3(&h, hex));
	if (hellos[_i].ja3 != NULL)
		ck_assert_str_eq(hex, hellos[_i].ja3);
}
END_TEST

/* Every cut: never whole, never more than was there, and the name stays. */
START_TEST(a_cut_off_hello_shows_what_is_there)
{
	struct tls_hello h;
	char hex[TLS_JA3_LEN + 1], ja4[TLS_JA4_LEN + 1];
	size_t named = 0;
	for (size_t n = 0; n < sizeof(tls_client13); n++) {
		uint8_t *copy = malloc(n + 1);
		ck_assert_ptr_nonnull(copy);
		memcpy(copy, tls_client13, n);
		bool ok = tls_parse(copy, n, &h);
		ck_assert(ok == (n >= 11));
		if (ok) {
			ck_assert(!h.whole);
			ck_assert(!tls_ja3(&h, hex));
			ck_assert(!tls_ja4(&h, ja4));
			named += h.sni.len == strlen("www.example.com");
		}
		free(copy);
	}
	ck_assert_uint_gt(named, 300);
}
END_TEST

/* ---- hellos made to measure ---------------------------------------------------- */

struct maker {
	uint8_t p[65536];
	size_t len;
};

static void
put16(struct maker *m, unsigned v)
{
	m->p[m->len++] = (uint8_t)(v >> 8);
	m->p[m->len++] = (uint8_t)v;
}

static void
put_list(struct maker *m, const uint16_t *v, size_t n)
{
	put16(m, (unsigned)(2 * n));
	for (size_t i = 0; i < n; i++)
		put16(m, v[i]);
}

/* An extension that is one list of u16. */
static void
put_ext_list(struct maker *m, unsigned type, const uint16_t *v, size_t n)
{
	put16(m, type);
	put16(m, (unsigned)(2 * n + 2));
	put_list(m, v, n);
}

static void
put_ext(struct maker *m, unsigned type, const void *body, size_t n)
{
	put16(m, type);
	put16(m, (unsigned)n);
	memcpy(m->p + m->len, body, n);
	m->len += n;
}

/* Record and message header, up to the ciphers. */
static void
begin(struct maker *m, const uint16_t *ciphers, size_t n)
{
	memset(m, 0, sizeof(*m));
	memcpy(m->p, "\x16\x03\x01\0\0\x01\0\0\0\x03\x03", 11);
	m->len = 11 + 32;
	m->p[m->len++] = 0; /* session */
	put_list(m, ciphers, n);
	m->p[m->len++] = 1;
	m->p[m->len++] = 0; /* compression */
	put16(m, 0);        /* extensions; at() is set by finish */
}

static void
finish(struct maker *m, size_t ciphers)
{
	size_t ext = 11 + 32 + 1 + 2 + 2 * ciphers + 2;
	size_t n = m->len - ext - 2;
	m->p[ext] = (uint8_t)(n >> 8);
	m->p[ext + 1] = (uint8_t)n;
	n = m->len - 5;
	m->p[3] = (uint8_t)(n >> 8);
	m->p[4] = (uint8_t)n;
	n -= 4;
	m->p[7] = (uint8_t)(n >> 8);
	m->p[8] = (uint8_t)n;
}

static const uint16_t chrome_ciphers[] = { 0x1a1a, 0x1301, 0x1302, 0x1303,
	0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c,
	0x009d, 0x002f, 0x0035 };
static const uint16_t chrome_sigs[] = { 0x0403, 0x0804, 0x0401, 0x0503, 0x0805,
	0x0501, 0x0806, 0x0601 };

/* The example of JA4's own description. */
START_TEST(ja4_of_the_published_example)
{
	static const uint16_t empty[] = { 0x1b, 0x33, 0x0b, 0x23, 0x4469, 0x17,
		0x2d, 0x05, 0x12, 0xff01, 0x15 };
	static const uint16_t groups[] = { 0x2a2a, 29, 23, 24 };
	struct maker m;
	struct tls_hello h;
	char text[TLS_JA4_LEN + 1];
	begin(&m, chrome_ciphers, COUNT(chrome_ciphers));
	put_ext(&m, 0x3a3a, "", 0);
	put_ext(&m, 0,
	    "\0\x06\0\0\x03"
	    "a.b",
	    8);
	put_ext(&m, 16, "\0\x0c\x02h2\x08http/1.1", 14);
	put_ext_list(&m, 13, chrome_sigs, COUNT(chrome_sigs));
	put_ext_list(&m, 10, groups, COUNT(groups));
	put_ext(&m, 43, "\x04\x5a\x5a\x03\x04", 5);
	for (size_t i = 0; i < COUNT(empty); i++)
		put_ext(&m, empty[i], "", 0);
	finish(&m, COUNT(chrome_ciphers));
	ck_assert(tls_parse(m.p, m.len, &h));
	ck_assert(h.whole);
	ck_assert(tls_ja4(&h, text));
	ck_assert_str_eq(text, "t13d1516h2_8daaf6152771_e5627efa2ab1");
}
END_TEST

START_TEST(grease_is_in_no_fingerprint)
{
	struct maker m;
	struct tls_hello h;
	struct buf b = BUF_EMPTY;
	static const uint16_t ciphers[] = { 0xfafa, 47, 0x0a1a };
	static const uint16_t groups[] = { 0x0a0a };
	begin(&m, ciphers, COUNT(ciphers));
	put_ext_list(&m, 10, groups, COUNT(groups));
	put_ext(&m, 0x4a4a, "", 0);
	finish(&m, COUNT(ciphers));
	ck_assert(tls_parse(m.p, m.len, &h));
	ck_assert(tls_ja3_text(&h, &b));
	ck_assert_str_eq(buf_str(&b), "771,47-2586,10,,");
	buf_free(&b);
}
END_TEST

START_TEST(ja4_of_a_bare_hello_has_zeros)
{
	struct maker m;
	struct tls_hello h;
	char text[TLS_JA4_LEN + 1];
	static const uint16_t grease[] = { 0x1a1a };
	begin(&m, grease, 1);
	finish(&m, 1);
	ck_assert(tls_parse(m.p, m.len, &h));
	ck_assert(tls_ja4(&h, text));
	ck_assert_str_eq(text, "t12i000000_000000000000_000000000000");
}
END_TEST

START_TEST(a_hello_of_thousands_of_ciphers_has_ja3_and_no_ja4)
{
	static uint16_t many[20000];
	struct maker m;
	struct tls_hello h;
	char text[TLS_JA4_LEN + 1], hex[TLS_JA3_LEN + 1];
	for (size_t i = 0; i < COUNT(many); i++)
		many[i] = (uint16_t)i;
	begin(&m, many, COUNT(many));
	finish(&m, COUNT(many));
	ck_assert(tls_parse(m.p, m.len, &h));
	ck_assert(h.whole);
	ck_assert(tls_ja3(&h, hex));
	ck_assert(!tls_ja4(&h, text));
}
END_TEST

/* Not TLS, or not its beginning. */
static const struct {
	const char *p;
	size_t len;
} others[] = {
	{ "", 0 }, { "GET / HTTP/1.1\r\n", 16 },
	{ "\x17\x03\x03\x00\x08\x01\0\0\x04\x03\x03\0\0", 13 }, /* data */
	{ "\x16\x03\x03\x00\x08\x0b\0\0\x04\x03\x03\0\0",
	    13 }, /* certificate */
	{ "\x16\x02\x00\x00\x08\x01\0\0\x04\x03\x03\0\0", 13 }, /* SSL 2 */
	{ "\x16\x03\x01\x00\x08\x01\0\0\x04\x09\x03\0\0", 13 },
	{ "\x16\x03\x01\x00\x03\x01\0\0\x04\x03\x03\0\0",
	    13 }, /* short record */
};

START_TEST(other_bytes_are_no_hello)
{
	struct tls_hello h;
	const void *p = others[_i].p;
	ck_assert(!tls_parse(p, others[_i].len, &h));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("filter tls");
	TCase *t = tcase_create("tls");
	tcase_add_loop_test(t, a_hello_is_read, 0, (int)COUNT(hellos));
	tcase_add_test(t, a_cut_off_hello_shows_what_is_there);
	tcase_add_test(t, ja4_of_the_published_example);
	tcase_add_test(t, grease_is_in_no_fingerprint);
	tcase_add_test(t, ja4_of_a_bare_hello_has_zeros);
	tcase_add_test(t, a_hello_of_thousands_of_ciphers_has_ja3_and_no_ja4);
	tcase_add_loop_test(t, other_bytes_are_no_hello, 0, (int)COUNT(others));
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
