/* Lines summed up by account. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "ledger/accounts.h"

static struct accounts a;

static void
teardown(void)
{
	accounts_free(&a);
}

static void
take(const char *text)
{
	struct ledger_line l;
	ck_assert_msg(ledger_parse(text, strlen(text), &l), "%s", text);
	accounts_take(&a, &l);
}

START_TEST(one_sum_for_every_account_in_order)
{
	take("slot=600 length=300 source=gw exporter=192.0.2.2 version=9 id=1 "
	     "datagrams=1 flows=5");
	take("slot=600 length=300 source=gw exporter=192.0.2.2 version=9 id=2 "
	     "datagrams=1 flows=7");
	take("slot=900 length=300 source=gw exporter=192.0.2.2 version=9 id=1 "
	     "datagrams=2 flows=3 sequence_lost=1");
	take("slot=1200 length=300 source=gw exporter=192.0.2.2 version=9 id=1 "
	     "sequence_lost=1");
	take("slot=600 length=300 source=gw kernel_drops=4");
	take("slot=600 length=300 source=a exporter=192.0.2.2 version=9 id=1 "
	     "flows=1");
	take("slot=600 length=300 source=gw exporter=192.0.2.1 version=9999 "
	     "id=0 agent=10.0.0.1 flows=1");
	take("slot=600 length=300 source=gw exporter=192.0.2.1 version=9999 "
	     "id=0 agent=10.0.0.2 flows=1");
	accounts_sort(&a);
	ck_assert_uint_eq(a.n, 6);
	ck_assert_str_eq(a.sums[0].l.source, "a");
	ck_assert_uint_eq(a.sums[1].l.exporter.family, ADDR_NONE);
	ck_assert_uint_eq(a.sums[1].l.n[LEDGER_KERNEL_DROPS], 4);
	ck_assert_uint_eq(a.sums[2].l.agent.lo, 0x0a000001);
	ck_assert_uint_eq(a.sums[3].l.agent.lo, 0x0a000002);
	ck_assert_uint_eq(a.sums[4].l.id, 1);
	ck_assert_uint_eq(a.sums[4].l.n[LEDGER_FLOWS], 8);
	ck_assert_uint_eq(a.sums[4].l.n[LEDGER_DATAGRAMS], 3);
	ck_assert_uint_eq(a.sums[4].l.n[LEDGER_SEQUENCE_LOST], 2);
	ck_assert_int_eq(a.sums[4].l.slot, 900);
	ck_assert_uint_eq(a.sums[5].l.id, 2);
}
END_TEST

START_TEST(many_accounts_are_found_again)
{
	char text[160];
	for (int round = 0; round < 2; round++)
		for (unsigned i = 0; i < 5000; i++) {
			(void)snprintf(text, sizeof(text),
			    "slot=600 length=300 source=gw exporter=10.0.%u.%u "
			    "version=5 id=0 flows=%u",
			    i / 256, i % 256, i);
			take(text);
		}
	ck_assert_uint_eq(a.n, 5000);
	for (size_t i = 0; i < a.n; i++) {
		const struct ledger_sum *s = accounts_find(&a, &a.sums[i].l);
		ck_assert_ptr_eq(s, &a.sums[i]);
		ck_assert_uint_eq(s->l.n[LEDGER_FLOWS], 2 * i);
	}
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("accounts");
	TCase *t = tcase_create("accounts");
	tcase_add_checked_fixture(t, NULL, teardown);
	tcase_add_test(t, one_sum_for_every_account_in_order);
	tcase_add_test(t, many_accounts_are_found_again);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
