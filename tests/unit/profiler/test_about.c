/* What describes flows: once each, in any number, numbers by file. */
#include "profiler/about.h"

#include <check.h>
#include <stdlib.h>

#include "nffile/nffile.h"

static struct about a;
static uint16_t last;

static void
teardown(void)
{
	about_free(&a);
	last = 0;
}

static void
add_exporter(uint16_t sysid, uint32_t ip)
{
	struct nffile_exporter e = { .type = REC_EXPORTER,
		.size = sizeof(e),
		.version = 9,
		.ip = { 0, ip },
		.family = 2,
		.sysid = sysid };
	about_add(&a, (const uint8_t *)&e, &last);
}

static void
add_sampler(uint16_t sysid, uint32_t space)
{
	struct nffile_sampler s = { .type = REC_SAMPLER,
		.size = sizeof(s),
		.sysid = sysid,
		.packets = 1,
		.space = space };
	about_add(&a, (const uint8_t *)&s, &last);
}

START_TEST(any_number_of_exporters_is_kept_once)
{
	last = 7; /* another source's */
	for (int round = 0; round < 2; round++)
		for (unsigned i = 1; i <= 20000; i++)
			add_exporter((uint16_t)i, 0x0a000000 + i);
	ck_assert_uint_eq(a.n, 20000);
	ck_assert_uint_eq(a.records.len, 20000 * 32);
	ck_assert_uint_eq(last, 20007);
	ck_assert_uint_eq(about_sysid(&a, 1), 8);
	ck_assert_uint_eq(about_sysid(&a, 20000), 20007);
	ck_assert_uint_eq(about_sysid(&a, 20001), 0);
	for (unsigned i = 0; i < 20000; i++) {
		struct nffile_exporter e;
		ck_assert(nffile_record_exporter(
		    (const uint8_t *)a.records.data + i * 32, &e));
		ck_assert_uint_eq(e.sysid, i + 8);
		ck_assert_uint_eq(e.ip[1], 0x0a000001 + i);
	}
	about_clear(&a);
	ck_assert_uint_eq(about_sysid(&a, 1), 0);
	add_exporter(3, 0x0a000001);
	ck_assert_uint_eq(a.n, 1);
	ck_assert_uint_eq(about_sysid(&a, 1), 0);
	ck_assert_uint_eq(about_sysid(&a, 3), 20008);
}
END_TEST

START_TEST(samplers_and_names_come_along)
{
	static const uint8_t names[2][20] = {
		{ REC_IFNAME, 0, 20, 0, 1, 0, 8, 0, 4, 0, 0, 0, 7, 0, 0, 0, 'a',
		    'b', 'c', 0 },
		{ REC_VRFNAME, 0, 20, 0, 1, 0, 8, 0, 4, 0, 0, 0, 7, 0, 0, 0,
		    'a', 'b', 'c', 0 },
	};
	static const uint8_t stats[8] = { REC_EXPORTER_STAT, 0, 8, 0 };
	struct nffile_sampler s;
	last = 1;
	add_exporter(5, 1);
	add_sampler(5, 99);
	add_sampler(5, 99);
	add_sampler(5, 199);
	for (int round = 0; round < 2; round++) {
		about_add(&a, names[0], &last);
		about_add(&a, names[1], &last);
		about_add(&a, stats, &last);
	}
	ck_assert_uint_eq(a.n, 5);
	ck_assert_uint_eq(a.records.len, 32 + 2 * 24 + 2 * 20);
	const uint8_t *p = (const uint8_t *)a.records.data;
	ck_assert(nffile_record_sampler(p + 32, &s));
	ck_assert_uint_eq(s.sysid, 2);
	ck_assert_uint_eq(s.space, 99);
	ck_assert_mem_eq(p + 80, names[0], 20);
	ck_assert_mem_eq(p + 100, names[1], 20);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("about");
	TCase *t = tcase_create("about");
	tcase_add_checked_fixture(t, NULL, teardown);
	tcase_add_test(t, any_number_of_exporters_is_kept_once);
	tcase_add_test(t, samplers_and_names_come_along);
	suite_add_tcase(suite, t);
	SRunner *r = srunner_create(suite);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? 0 : 1;
}
