#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filter/filter.h"
#include "filter/payload.h"
#include "tests/unit/filter/payloads.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* ---- regular expressions ---------------------------------------------------- */

/* Without flags as nfdump 1.7.1 has them. */
static const struct {
	const char *pattern;
	unsigned flags;
	const char *text;
	bool match;
} expressions[] = {
	{ "GET.*HTTP", 0, "GET / HTTP/1.1", true },
	{ "get", 0, "GET", false },
	{ "get", PAYLOAD_CASELESS, "GET", true },
	{ "one.two", 0, "one\ntwo", false },
	{ "one.two", PAYLOAD_DOTALL, "one\ntwo", true },
	{ "^two", 0, "one\ntwo", false },
	{ "^two", PAYLOAD_MULTILINE, "one\ntwo", true },
	{ "one$", PAYLOAD_MULTILINE, "one\ntwo", true },
	{ "abc$", 0, "abc\n", false },
	{ "abc$", PAYLOAD_MULTILINE, "abc\n", true },
	{ "abc$", 0, "abc", true },
	{ "\\d{3}-\\w+?x", 0, "call 555-abcx", true },
	{ "a(b|c)*d", 0, "abcbcd", true },
	{ "\\xff", 0, "\xff", true },
	{ "^.$", 0, "\xc3\xa4", false }, /* two bytes, no UTF-8 */
	{ "\\r\\n\\r\\n", 0, "x\r\n\r\ny", true },
};

START_TEST(an_expression_matches_bytes)
{
	struct err err;
	struct payload_regex *re = payload_regex_new(expressions[_i].pattern,
	    strlen(expressions[_i].pattern), expressions[_i].flags, &err);
	ck_assert_msg(re != NULL, "%s", err.msg);
	ck_assert(payload_regex_match(re, (const void *)expressions[_i].text,
		      strlen(expressions[_i].text)) == expressions[_i].match);
	ck_assert_uint_eq(payload_regex_given_up(re), 0);
	payload_regex_free(re);
}
END_TEST

START_TEST(zero_bytes_are_bytes)
{
	struct err err;
	struct payload_regex *re = payload_regex_new("a.b", 3, 0, &err);
	ck_assert_ptr_nonnull(re);
	ck_assert(payload_regex_match(re, (const void *)"\0a\0b", 4));
	ck_assert(!payload_regex_match(re, NULL, 0));
	payload_regex_free(re);
}
END_TEST

static const char *const faulty[] = { "(", "[a", "a{2,1}", "*", "\\C",
	"(*UTF)a", "(?<=a*)b", "\\" };

START_TEST(a_faulty_expression_is_refused_with_its_place)
{
	struct err err;
	ck_assert_ptr_null(
	    payload_regex_new(faulty[_i], strlen(faulty[_i]), 0, &err));
	ck_assert_ptr_nonnull(strstr(err.msg, "at byte"));
}
END_TEST

/* Each of these takes for ever on such a text when nobody stops it. */
static const char *const endless[] = { "(a+)+$", "(a|aa)+$", "(a*)*b",
	"(?:(?:a?){30}){30}b", "^(a|a)*b\\1" };

START_TEST(an_endless_match_is_given_up_and_counted)
{
	struct err err;
	static uint8_t text[1500];
	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '!';
	struct payload_regex *re =
	    payload_regex_new(endless[_i], strlen(endless[_i]), 0, &err);
	ck_assert_msg(re != NULL, "%s", err.msg);
	ck_assert(!payload_regex_match(re, text, sizeof(text)));
	ck_assert(!payload_regex_match(re, text, sizeof(text)));
	/* pcre2 may see without trying that a 'b' is missing */
	if (strchr(endless[_i], 'b') == NULL)
		ck_assert_uint_eq(payload_regex_given_up(re), 2);
	ck_assert(!payload_regex_match(re, text, 0) ||
		  strchr(endless[_i], 'b') == NULL);
	payload_regex_free(re);
}
END_TEST

static void *
match_many(void *arg)
{
	size_t hits = 0;
	for (size_t i = 0; i < 2000; i++) {
		char text[16];
		int n = snprintf(text, sizeof(text), "x%zuy", i);
		hits += payload_regex_match(arg, (const void *)text, (size_t)n);
	}
	ck_assert_uint_eq(hits, 200);
	return NULL;
}

START_TEST(threads_share_an_expression)
{
	struct err err;
	pthread_t thread[12];
	struct payload_regex *re = payload_regex_new("^x\\d*7y$", 8, 0, &err);
	ck_assert_ptr_nonnull(re);
	for (size_t i = 0; i < COUNT(thread); i++)
		ck_assert_int_eq(pthread_create(&thread[i], NULL, match_many,
				     re),
		    0);
	for (size_t i = 0; i < COUNT(thread); i++)
		(void)pthread_join(thread[i], NULL);
	payload_regex_free(re);
}
END_TEST

/* ---- terms ------------------------------------------------------------------ */

#define BYTES(a)                                                               \
	{                                                                      \
		(a), sizeof(a)                                                 \
	}
#define TEXT(s)                                                                \
	{                                                                      \
		(const uint8_t *)(s), sizeof(s) - 1                            \
	}

static const struct {
	struct flow_bytes in;
	struct flow_bytes out;
	const char *filter;
	bool match;
} terms[] = {
	{ TEXT("GET /"), { NULL, 0 }, "payload content 'GET /'", true },
	{ TEXT("GET /"), { NULL, 0 }, "payload content 'get'", false },
	{ TEXT("x\0GET"), { NULL, 0 }, "payload content GET", true },
	{ { NULL, 0 }, TEXT("GET"), "payload content GET", true },
	{ { NULL, 0 }, TEXT("GET"), "in payload content GET", false },
	{ { NULL, 0 }, TEXT("GET"), "out payload content GET", true },
	{ { NULL, 0 }, { NULL, 0 }, "payload regex 'x*'", false },
	{ TEXT("x"), { NULL, 0 }, "payload regex 'y*'", true },
	{ TEXT("x"), { NULL, 0 }, "payload tls defined", false },
	{ BYTES(tls_client13), { NULL, 0 }, "payload ssl defined", true },
	{ BYTES(tls_client13), { NULL, 0 }, "payload tls version 1.3", true },
	{ BYTES(tls_client13), { NULL, 0 }, "payload tls version 1.2", false },
	{ BYTES(tls_server12), { NULL, 0 }, "payload tls version 1.2", true },
	{ BYTES(tls_client13), { NULL, 0 }, "payload tls sni Example", true },
	{ BYTES(tls_client13), { NULL, 0 }, "payload tls sni example.org",
	    false },
	{ BYTES(tls_client13), BYTES(tls_server13),
	    "payload ja3 15AF977CE25DE452B96AFFA2ADDB1036", true },
	{ BYTES(tls_client13), BYTES(tls_server13),
	    "in payload ja3 15af977ce25de452b96affa2addb1036", false },
	{ BYTES(tls_server13), { NULL, 0 }, "payload ja4 defined", false },
	{ BYTES(tls_client13), { NULL, 0 }, "payload ja4 defined", true },
	/* cut off before the versions are reached */
	{ { tls_client13, 200 }, { NULL, 0 }, "payload tls version 1.2",
	    false },
	{ { tls_client13, 200 }, { NULL, 0 }, "payload tls sni example", true },
	{ { tls_client13, 200 }, { NULL, 0 }, "payload ja3 defined", false },
	{ BYTES(dns_query), { NULL, 0 }, "payload dns defined", true },
	{ BYTES(dns_query), { NULL, 0 }, "payload dns name GOOGLE", true },
	{ BYTES(dns_query), BYTES(dns_answer), "payload dns name foo.google",
	    true },
	{ BYTES(dns_query), BYTES(dns_answer), "in payload dns name foo",
	    false },
	{ BYTES(dns_answer), { NULL, 0 }, "payload dns address 192.0.2.7",
	    true },
	{ BYTES(dns_answer), { NULL, 0 }, "payload dns address 2001:db8::7",
	    true },
	{ BYTES(dns_answer), { NULL, 0 }, "payload dns address ::192.0.2.7",
	    false },
	{ BYTES(tls_client13), { NULL, 0 }, "payload dns defined", false },
};

START_TEST(a_term_looks_into_the_payload)
{
	struct filter_error fe;
	struct flow flow = { .have = FLOW_BIT(FE_GENERIC), .proto = 17 };
	flow.in_payload = terms[_i].in;
	flow.out_payload = terms[_i].out;
	if (flow.in_payload.p != NULL)
		flow.have |= FLOW_BIT(FE_INPAYLOAD);
	if (flow.out_payload.p != NULL)
		flow.have |= FLOW_BIT(FE_OUTPAYLOAD);
	struct filter *f =
	    filter_parse(terms[_i].filter, strlen(terms[_i].filter), &fe);
	ck_assert_msg(f != NULL, "%s", fe.message);
	ck_assert(filter_match(f, &flow, "") == terms[_i].match);
	ck_assert_uint_eq(filter_given_up(f), 0);
	filter_free(f);
}
END_TEST

START_TEST(given_up_matches_are_counted_for_the_filter)
{
	static const char text[] = "payload regex '(a+)+$' or proto 17";
	static uint8_t aaa[200];
	struct filter_error fe;
	struct flow flow = { .have = FLOW_BIT(FE_GENERIC) |
				     FLOW_BIT(FE_INPAYLOAD) };
	memset(aaa, 'a', sizeof(aaa));
	aaa[sizeof(aaa) - 1] = '!';
	flow.in_payload = (struct flow_bytes){ aaa, sizeof(aaa) };
	struct filter *f = filter_parse(text, sizeof(text) - 1, &fe);
	ck_assert_ptr_nonnull(f);
	ck_assert(!filter_match(f, &flow, ""));
	ck_assert_uint_eq(filter_given_up(f), 1);
	filter_free(f);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("filter payload");
	TCase *t = tcase_create("payload");
	tcase_add_loop_test(t, an_expression_matches_bytes, 0,
	    (int)COUNT(expressions));
	tcase_add_test(t, zero_bytes_are_bytes);
	tcase_add_loop_test(t, a_faulty_expression_is_refused_with_its_place, 0,
	    (int)COUNT(faulty));
	tcase_add_loop_test(t, an_endless_match_is_given_up_and_counted, 0,
	    (int)COUNT(endless));
	tcase_add_test(t, threads_share_an_expression);
	tcase_add_loop_test(t, a_term_looks_into_the_payload, 0,
	    (int)COUNT(terms));
	tcase_add_test(t, given_up_matches_are_counted_for_the_filter);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
