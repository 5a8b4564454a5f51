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
	unsigned seconds; /* that come twice in it */
} spans[] = {
	{ "UTC", 1767225600, 1798761600, 0 },
	{ "Europe/Zurich", 1767225600, 1798761600, 3600 },
	{ "America/New_York", 1767225600, 1798761600, 3600 },
	{ "Australia/Lord_Howe", 1767225600, 1798761600,
	    1800 },                                           /* half an hour */
	{ "Antarctica/Troll", 1767225600, 1798761600, 7200 }, /* two hours */
	{ "Asia/Beirut", 1767225600, 1798761600, 3600 },      /* at midnight */
	{ "Asia/Kathmandu", 1767225600, 1798761600, 0 },      /* +05:45 */
	{ "Europe/Moscow", 1409529600, 1422748800, 3600 },    /* no DST, back */
};

/* No two slots of a year share a name, and each name tells its slot. */
START_TEST(every_name_of_a_year_is_one_slots)
{
	unsigned again = 0;
	zone(spans[_i].zone);
	for (int64_t t = spans[_i].from; t < spans[_i].to; t += 300) {
		char name[SLOT_NAME_MAX], plain[SLOT_NAME_MAX];
		size_t n = strlen(slot_name(t, 300, name));
		ck_assert_msg(must_parse(name) == t, "%s %s: %lld, not %lld",
		    spans[_i].zone, name, (long long)must_parse(name),
		    (long long)t);
		if (n == strlen("nfcapd.202610250200"))
			continue;
		/* The name without zone is that of an earlier slot. */
		ck_assert_uint_eq(n, strlen("nfcapd.202610250200+0100"));
		memcpy(plain, name, sizeof(plain));
		plain[strlen("nfcapd.202610250200")] = '\0';
		ck_assert_int_lt(must_parse(plain), t);
		again++;
	}
	ck_assert_uint_eq(again, spans[_i].seconds / 300);
}
END_TEST

START_TEST(the_second_pass_of_an_hour_has_its_zone_in_the_name)
{
	char name[SLOT_NAME_MAX], path[SLOT_PATH_MAX];
	zone("Europe/Zurich");
	ck_assert_str_eq(slot_name(1792886400, 300, name),
	    "nfcapd.202610250200");
	ck_assert_str_eq(slot_name(1792890000 - 300, 300, name),
	    "nfcapd.202610250255");
	ck_assert_str_eq(slot_name(1792890000, 300, name),
	    "nfcapd.202610250200+0100");
	ck_assert_str_eq(slot_path(1792890000 + 3300, 300, 2, path),
	    "2026/10/25/02/nfcapd.202610250255+0100");
	ck_assert_str_eq(slot_name(1792890000 + 3600, 300, name),
	    "nfcapd.202610250300");
	ck_assert_str_eq(slot_name(1792890007, 1, name),
	    "nfcapd.20261025020007+0100");
	ck_assert_str_eq(slot_iso(1792890000, 300, name), "202610250200");
	zone("Australia/Lord_Howe");
	ck_assert_str_eq(slot_name(1775314800, 300, name),
	    "nfcapd.202604050130+1030");
	ck_assert_int_eq(must_parse("nfcapd.202604050130"), 1775314800 - 1800);
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
	tcase_add_loop_test(t, every_name_of_a_year_is_one_slots, 0,
	    sizeof(spans) / sizeof(*spans));
	tcase_add_test(t, the_second_pass_of_an_hour_has_its_zone_in_the_name);
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
