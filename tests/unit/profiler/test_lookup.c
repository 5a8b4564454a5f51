/* Which address a page means. */
#include <check.h>
#include <stdlib.h>

#include "profiler/work_lookup.h"

static const struct {
	const char *text, *address;
} cases[] = {
	{ "192.0.2.1", "192.0.2.1" },
	{ "192.0.2.1:80", "192.0.2.1" },
	{ "2001:db8::1", "2001:db8::1" },
	{ "2001:db8::1.443", "2001:db8::1" },
	{ "::ffff:192.0.2.1", "::ffff:192.0.2.1" },
	{ "192.0.2.1 ", "192.0.2.1" },
	{ "", NULL },
	{ "nonsense", NULL },
	{ "192.0.2", NULL },
	{ "192.0.2.256:80", NULL },
	{ "$(id)", NULL },
	{ "example.org", NULL },
	{ "::1;id", NULL },
	{ ":", NULL },
	{ ".", NULL },
	{ "1111111111111111111111111111111111111111111111111111111111111111111",
	    NULL },
};

START_TEST(an_address_with_or_without_its_port)
{
	char buf[LOOKUP_MAX];
	bool found = lookup_address(cases[_i].text, buf);
	ck_assert_msg(found == (cases[_i].address != NULL), "%s",
	    cases[_i].text);
	if (found)
		ck_assert_str_eq(buf, cases[_i].address);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("look-up");
	TCase *t = tcase_create("addresses");
	tcase_add_loop_test(t, an_address_with_or_without_its_port, 0,
	    sizeof(cases) / sizeof(*cases));
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
