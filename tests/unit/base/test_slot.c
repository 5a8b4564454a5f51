/* Slots: their starts, names and folders, in time zones that change. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/slot.h"

static void
zone(const char *name)
{
	ck_assert_int_eq(setenv("TZ", name, 1), 0);
	tzset();
}

static int64_t
must_parse(const char *name)
{
	int64_t start;
	ck_assert_msg(slot_parse_name(name, &start), "'%s'", name);
	return start;
}

START_TEST(a_slot_starts_at_a_multiple_of_its_length)
{
	ck_assert_int_eq(slot_start(0, 300), 0);
	ck_assert_int_eq(slot_start(299, 300), 0);
	ck_assert_int_eq(slot_start(300, 300), 300);
	ck_assert_int_eq(slot_start(1793573999, 300), 1793573700);
	ck_assert_int_eq(slot_start(1793573999, 1), 1793573999);
	ck_assert_int_eq(slot_start(1793573999, 3600), 1793570400);
}
END_TEST

/* What date(1) prints for these times in Zurich. */
static const struct {
	int64_t start;
	const char *iso;
	const char *sub[SLOT_LAYOUTS];
} known[] = {
	{ 1767222000, "202601010000",
	    { "", "2026/01/01", "2026/01/01/00", "2026/00/4", "2026/00/4/00",
		"2026/001", "2026/001/00", "2026-01-01", "2026-01-01/00" } },
	{ 1793573700, "202611012355",
	    { "", "2026/11/01", "2026/11/01/23", "2026/43/7", "2026/43/7/23",
		"2026/305", "2026/305/23", "2026-11-01", "2026-11-01/23" } },
	{ 1735644600, "202412311230",
	    { "", "2024/12/31", "2024/12/31/12", "2024/53/2", "2024/53/2/12",
		"2024/366", "2024/366/12", "2024-12-31", "2024-12-31/12" } },
};

START_TEST(names_and_folders_are_the_local_time_of_the_start)
{
	char iso[SLOT_NAME_MAX], name[SLOT_NAME_MAX], sub[SLOT_SUB_MAX];
	char path[SLOT_PATH_MAX], want[SLOT_PATH_MAX];
	int64_t start = known[_i].start;
	zone("Europe/Zurich");
	ck_assert_str_eq(slot_iso(start, 300, iso), known[_i].iso);
	ck_assert_str_eq(slot_name(start, 300, name) + 7, known[_i].iso);
	ck_assert_int_eq(strncmp(name, "nfcapd.", 7), 0);
	for (int layout = 0; layout < SLOT_LAYOUTS; layout++) {
		const char *folder = known[_i].sub[layout];
		ck_assert_str_eq(slot_subdir(start, layout, sub), folder);
		(void)snprintf(want, sizeof(want), "%s%s%s", folder,
		    layout == 0 ? "" : "/", name);
		ck_assert_str_eq(slot_path(start, 300, layout, path), want);
	}
	ck_assert_int_eq(must_parse(name), start);
}
END_TEST

START_TEST(a_name_has_seconds_below_a_minute)
{
	char name[SLOT_NAME_MAX];
	zone("UTC");
	ck_assert_str_eq(slot_name(1793573707, 1, name),
	    "nfcapd.20261101225507");
	ck_assert_int_eq(must_parse(name), 1793573707);
	ck_assert_str_eq(slot_name(1793573700, 59, name),
	    "nfcapd.20261101225500");
	ck_assert_str_eq(slot_name(1793573700, 60, name),
	    "nfcapd.202611012255");
}
END_TEST

/* A span of time that has two changes of the clock, or one. */
static const struct {
	const char *zone;
	int64_t from, to;
} spans[] = {
	{ "UTC", 1767225600, 1798761600 },
	{ "Europe/Zurich", 1767225600, 1798761600 },
	{ "America/New_York", 1767225600, 1798761600 },
	{ "Australia/Lord_Howe", 1767225600, 1798761600 }, /* half an hour */
	{ "Antarctica/Troll", 1767225600, 1798761600 },    /* two hours */
	{ "Asia/Beirut", 1767225600, 1798761600 },         /* at midnight */
	{ "Asia/Kathmandu", 1767225600, 1798761600 },      /* +05:45 */
	{ "Europe/Moscow", 1409529600, 1422748800 },       /* no DST, back */
};

START_TEST(every_name_of_a_year_parses_to_its_first_slot)
{
	/* Names of the last four hours: a repeated one is among them. */
	enum { PAST = 48 };
	static struct {
		char name[SLOT_NAME_MAX];
		int64_t start;
	} past[PAST];
	unsigned n = 0, repeated = 0;
	zone(spans[_i].zone);
	for (int64_t t = spans[_i].from; t < spans[_i].to; t += 300, n++) {
		char name[SLOT_NAME_MAX];
		int64_t want = t;
		(void)slot_name(t, 300, name);
		for (unsigned i = 0; i < PAST && i < n; i++)
			if (strcmp(past[i].name, name) == 0)
				want = past[i].start;
		repeated += want != t;
		ck_assert_msg(must_parse(name) == want, "%s %s: %lld, not %lld",
		    spans[_i].zone, name, (long long)must_parse(name),
		    (long long)want);
		memcpy(past[n % PAST].name, name, sizeof(name));
		past[n % PAST].start = want;
	}
	if (strcmp(spans[_i].zone, "UTC") != 0 &&
	    strcmp(spans[_i].zone, "Asia/Kathmandu") != 0)
		ck_assert_uint_ge(repeated, 6);
}
END_TEST

START_TEST(a_zone_suffix_tells_the_passes_of_a_repeated_hour_apart)
{
	zone("Europe/Zurich");
	ck_assert_int_eq(must_parse("nfcapd.202610250200"), 1792886400);
	ck_assert_int_eq(must_parse("nfcapd.202610250200+0200"), 1792886400);
	ck_assert_int_eq(must_parse("nfcapd.202610250200+0100"), 1792890000);
	ck_assert_int_eq(must_parse("nfcapd.20261025020007-0330"), 1792906207);
}
END_TEST

START_TEST(a_time_that_the_clock_skips_is_near_the_change)
{
	int64_t t;
	zone("Europe/Zurich");
	ck_assert(slot_parse_iso("202603290230", &t));
	ck_assert_int_ge(t, 1774746000 - 3600);
	ck_assert_int_le(t, 1774746000 + 3600);
	zone("Asia/Beirut");
	ck_assert(slot_parse_iso("202603290000", &t));
	ck_assert_int_ge(t, 1774735200 - 3600);
	ck_assert_int_le(t, 1774735200 + 3600);
}
END_TEST

static const char *const no_names[] = { "", "nfcapd", "nfcapd.", ".nfstat",
	"nfcapd.current.123", "nfcapd.current", "nfcapd.2026110122",
	"nfcapd.2026110122555", "nfcapd.202611012255000", "nfcapd.202613012255",
	"nfcapd.202600012255", "nfcapd.202611002255", "nfcapd.202611312255",
	"nfcapd.202602290000", "nfcapd.202611012455", "nfcapd.202611012260",
	"nfcapd.20261101225560", "nfcapd.202611012255.gz",
	"nfcapd.202611012255+", "nfcapd.202611012255+010",
	"nfcapd.202611012255+01000", "nfcapd.202611012255 0100",
	"nfcapd.202611012255.tmpAbCdEf", "xfcapd.202611012255",
	"nfcapd.196912312359", "nfcapd.-02611012255" };

START_TEST(other_names_are_no_slots)
{
	int64_t start = 42;
	zone("UTC");
	ck_assert_msg(!slot_parse_name(no_names[_i], &start), "'%s'",
	    no_names[_i]);
	ck_assert_int_eq(start, 42);
}
END_TEST

START_TEST(a_leap_day_is_a_day)
{
	zone("UTC");
	ck_assert_int_eq(must_parse("nfcapd.202802290000"), 1835395200);
	ck_assert_int_eq(must_parse("nfcapd.200002290000"), 951782400);
}
END_TEST

START_TEST(times_are_typed_with_and_without_dashes)
{
	int64_t t;
	zone("Europe/Zurich");
	ck_assert(slot_parse_iso("202611012355", &t));
	ck_assert_int_eq(t, 1793573700);
	ck_assert(slot_parse_iso("2026-11-01-23-55", &t));
	ck_assert_int_eq(t, 1793573700);
	ck_assert(slot_parse_iso("2026-11-01-235507", &t));
	ck_assert_int_eq(t, 1793573707);
	ck_assert(!slot_parse_iso("", &t));
	ck_assert(!slot_parse_iso("2026-11-01", &t));
	ck_assert(!slot_parse_iso("2026-11-01 23:55", &t));
	ck_assert(!slot_parse_iso("202611012355000", &t));
	ck_assert(!slot_parse_iso("202602300000", &t));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("base slot");
	TCase *t = tcase_create("slot");
	tcase_add_test(t, a_slot_starts_at_a_multiple_of_its_length);
	tcase_add_loop_test(t,
	    names_and_folders_are_the_local_time_of_the_start, 0,
	    sizeof(known) / sizeof(*known));
	tcase_add_test(t, a_name_has_seconds_below_a_minute);
	tcase_add_loop_test(t, every_name_of_a_year_parses_to_its_first_slot, 0,
	    sizeof(spans) / sizeof(*spans));
	tcase_add_test(t,
	    a_zone_suffix_tells_the_passes_of_a_repeated_hour_apart);
	tcase_add_test(t, a_time_that_the_clock_skips_is_near_the_change);
	tcase_add_loop_test(t, other_names_are_no_slots, 0,
	    sizeof(no_names) / sizeof(*no_names));
	tcase_add_test(t, a_leap_day_is_a_day);
	tcase_add_test(t, times_are_typed_with_and_without_dashes);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
