#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filter/dns.h"
#include "tests/unit/filter/payloads.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void
expect(struct dns *d, bool question, unsigned type, const char *name,
    const char *address)
{
	struct dns_item item;
	char text[ADDR_STRLEN];
	ck_assert(dns_next(d, &item));
	ck_assert(item.question == question);
	ck_assert_uint_eq(item.type, type);
	ck_assert_str_eq(item.name, name);
	if (address == NULL)
		ck_assert_uint_eq(item.addr.family, ADDR_NONE);
	else
		ck_assert_str_eq(addr_str(&item.addr, text), address);
}

START_TEST(names_and_addresses_of_an_answer)
{
	struct dns d;
	struct dns_item item;
	ck_assert(dns_begin(&d, dns_answer, sizeof(dns_answer), false));
	expect(&d, true, 1, "www.google.com", NULL);
	expect(&d, false, 5, "www.google.com", NULL);
	expect(&d, false, 1, "foo.google.com", "192.0.2.7");
	expect(&d, false, 28, "foo.google.com", "2001:db8::7");
	ck_assert(!dns_next(&d, &item));
}
END_TEST

START_TEST(over_tcp_a_length_stands_before_it)
{
	uint8_t p[2 + sizeof(dns_query)] = { 0, sizeof(dns_query) };
	struct dns d;
	memcpy(p + 2, dns_query, sizeof(dns_query));
	ck_assert(dns_begin(&d, p, sizeof(p), true));
	expect(&d, true, 1, "www.google.com", NULL);
	ck_assert(!dns_begin(&d, p, sizeof(p), false));
	ck_assert(!dns_begin(&d, dns_query, sizeof(dns_query), true));
}
END_TEST

START_TEST(what_is_cut_off_ends_the_list)
{
	struct dns d;
	struct dns_item item;
	for (size_t n = 0; n < sizeof(dns_answer); n++) {
		uint8_t *copy = malloc(n + 1);
		size_t items = 0;
		ck_assert_ptr_nonnull(copy);
		memcpy(copy, dns_answer, n);
		bool ok = dns_begin(&d, copy, n, false);
		ck_assert(ok == (n >= sizeof(dns_query)));
		while (ok && dns_next(&d, &item))
			items++;
		ck_assert(!ok || (items >= 1 && items <= 3));
		free(copy);
	}
}
END_TEST

/* A message with one question: the name's bytes, then type and class. */
static bool
question(const void *name, size_t len, struct dns *d, uint8_t *p)
{
	static const uint8_t head[12] = { 0, 1, 1, 0, 0, 1 };
	memcpy(p, head, sizeof(head));
	memcpy(p + 12, name, len);
	memcpy(p + 12 + len, "\0\x01\0\x01", 4);
	return dns_begin(d, p, 12 + len + 4, false);
}

/* Names that would send a careless reader astray. */
static const struct {
	const char *name;
	size_t len;
} hostile[] = {
	{ "\xc0\x0c", 2 }, /* itself */
	{ "\x01"
	  "a\xc0\x0c",
	    4 },                   /* a loop of a label */
	{ "\xc0\x0e\xc0\x0c", 4 }, /* two pointers at each other */
	{ "\xc0\x20", 2 },         /* forward */
	{ "\xff\xff", 2 },         /* far beyond */
	{ "\x40"
	  "a\0",
	    3 }, /* reserved label types */
	{ "\x80"
	  "a\0",
	    3 },
	{ "\x3f"
	  "a\0",
	    3 }, /* a label beyond the end */
};

START_TEST(hostile_names_are_refused)
{
	struct dns d;
	uint8_t p[64];
	ck_assert(!question(hostile[_i].name, hostile[_i].len, &d, p));
}
END_TEST

START_TEST(a_name_has_at_most_255_octets)
{
	struct dns d;
	uint8_t name[400], p[500];
	struct dns_item item;
	size_t n = 0;
	for (int i = 0; i < 127; i++) {
		name[n++] = 1;
		name[n++] = 0xff;
	}
	name[n] = 0;
	ck_assert(question(name, n + 1, &d, p));
	ck_assert(dns_next(&d, &item));
	ck_assert_uint_eq(strlen(item.name), 127 * 5 - 1);
	name[n++] = 1;
	name[n++] = 'a';
	name[n] = 0;
	ck_assert(!question(name, n + 1, &d, p));
}
END_TEST

START_TEST(strange_bytes_are_escaped)
{
	struct dns d;
	struct dns_item item;
	uint8_t p[64];
	ck_assert(question("\x04"
			   "a.\\\n\0",
	    6, &d, p));
	ck_assert(dns_next(&d, &item));
	ck_assert_str_eq(item.name, "a\\046\\092\\010");
}
END_TEST

START_TEST(a_long_chain_of_pointers_ends)
{
	static uint8_t p[65535];
	struct dns d;
	struct dns_item item;
	memcpy(p, dns_query, sizeof(dns_query));
	p[7] = 255; /* answers */
	size_t at = sizeof(dns_query);
	/* each record's name leads to the one before it */
	for (int i = 0; i < 255; i++, at += 12) {
		size_t to = i == 0 ? 12 : at - 12;
		p[at] = (uint8_t)(0xc0 | to >> 8);
		p[at + 1] = (uint8_t)to;
	}
	ck_assert(dns_begin(&d, p, at, false));
	size_t n = 0;
	while (dns_next(&d, &item))
		n++;
	ck_assert_uint_gt(n, 100);
	ck_assert_uint_lt(n, 200);
}
END_TEST

START_TEST(other_bytes_are_no_message)
{
	struct dns d;
	static const char http[] =
	    "GET / HTTP/1.1\r\nHost: www.example.com\r\n";
	ck_assert(!dns_begin(&d, (const void *)http, sizeof(http) - 1, false));
	ck_assert(!dns_begin(&d, tls_client13, sizeof(tls_client13), false));
	ck_assert(!dns_begin(&d, tls_client13, sizeof(tls_client13), true));
	ck_assert(!dns_begin(&d, NULL, 0, false));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("filter dns");
	TCase *t = tcase_create("dns");
	tcase_add_test(t, names_and_addresses_of_an_answer);
	tcase_add_test(t, over_tcp_a_length_stands_before_it);
	tcase_add_test(t, what_is_cut_off_ends_the_list);
	tcase_add_loop_test(t, hostile_names_are_refused, 0,
	    (int)COUNT(hostile));
	tcase_add_test(t, a_name_has_at_most_255_octets);
	tcase_add_test(t, strange_bytes_are_escaped);
	tcase_add_test(t, a_long_chain_of_pointers_ends);
	tcase_add_test(t, other_bytes_are_no_message);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
