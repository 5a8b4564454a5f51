/* Address and port as one word. */
#include <check.h>

#include "conf/address.h"

static const struct {
	const char *text;
	bool ok, loopback;
	uint16_t port;
} cases[] = {
	{ "127.0.0.1:9390", true, true, 9390 },
	{ "127.3.2.1:1", true, true, 1 },
	{ "[::1]:65535", true, true, 65535 },
	{ "192.0.2.1:9390", true, false, 9390 },
	{ "[2001:db8::1]:9390", true, false, 9390 },
	{ "[::]:9390", true, false, 9390 },
	{ "::1:9390", false, false, 0 },
	{ "[127.0.0.1]:9390", false, false, 0 },
	{ "[::1]", false, false, 0 },
	{ "[::1:9390", false, false, 0 },
	{ "127.0.0.1", false, false, 0 },
	{ "127.0.0.1:", false, false, 0 },
	{ "127.0.0.1:0", false, false, 0 },
	{ "127.0.0.1:65536", false, false, 0 },
	{ "127.0.0.1:99999999999", false, false, 0 },
	{ "127.0.0.1:+80", false, false, 0 },
	{ "127.0.0.1:80 ", false, false, 0 },
	{ "localhost:80", false, false, 0 },
	{ ":80", false, false, 0 },
	{ "[]:80", false, false, 0 },
	{ ":", false, false, 0 },
	{ "[", false, false, 0 },
	{ "", false, false, 0 },
};

START_TEST(an_address_has_a_port)
{
	struct addr a = { 0 };
	uint16_t port = 0;
	bool ok = conf_address_parse(cases[_i].text, &a, &port);
	ck_assert_msg(ok == cases[_i].ok, "%s", cases[_i].text);
	ck_assert_uint_eq(port, cases[_i].port);
	ck_assert(conf_address_is_loopback(&a) == cases[_i].loopback);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("address");
	TCase *t = tcase_create("address");
	tcase_add_loop_test(t, an_address_has_a_port, 0,
	    (int)(sizeof(cases) / sizeof(*cases)));
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
