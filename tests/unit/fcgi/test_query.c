#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fcgi/query.h"

#define NOW INT64_C(1795438200) /* 2026-11-23T12:50Z */

static struct arena arena;
static struct err err;
static struct query q;

static void
setup(void)
{
	(void)setenv("TZ", "UTC", 1);
	arena = ARENA_EMPTY;
}

static void
teardown(void)
{
	arena_free(&arena);
}

static int
parse(const char *text)
{
	err.msg[0] = '\0';
	return query_parse(&q, PAGE_DETAILS, text, NOW, &arena, &err);
}

START_TEST(every_parameter_becomes_its_value)
{
	ck_assert_int_eq(
	    parse("t=2026-11-23T03:55Z&w=2d&type=traffic&proto=icmp&ch=a,b-c"
		  "&scale=log&style=line&stat=sum&end=now"),
	    0);
	ck_assert_int_eq(q.t.when, NOW - 8 * 3600 - 55 * 60);
	ck_assert_int_eq(q.width, 172800);
	ck_assert_int_eq(q.type, RRD_TRAFFIC);
	ck_assert_int_eq(q.proto, CLASS_ICMP);
	ck_assert(q.log && q.lines && q.sum);
	ck_assert_int_eq(q.end.when, NOW);
	ck_assert(query_has_channel(&q, "a"));
	ck_assert(query_has_channel(&q, "b-c"));
	ck_assert(!query_has_channel(&q, "b"));
}
END_TEST

START_TEST(nothing_given_is_the_default)
{
	ck_assert_int_eq(parse(""), 0);
	ck_assert_ptr_null(q.t.text);
	ck_assert_int_eq(q.type, -1);
	ck_assert(query_has_channel(&q, "any-name"));
}
END_TEST

START_TEST(empty_fields_of_a_form_are_no_values)
{
	ck_assert_int_eq(parse("t=&w=&type=flows"), 0);
	ck_assert_ptr_null(q.t.text);
	ck_assert_int_eq(q.width, 0);
}
END_TEST

START_TEST(boxes_of_a_form_add_up_to_a_list)
{
	ck_assert_int_eq(parse("ch=-&ch=a&ch=b"), 0);
	ck_assert_str_eq(q.channels, "a,b");
	ck_assert_int_eq(parse("ch=-"), 0);
	ck_assert(!query_has_channel(&q, "a"));
}
END_TEST

/* Text of a moment and what it is. */
static const struct {
	const char *text;
	int64_t when;
} moments[] = {
	{ "now", NOW },
	{ "now-90m", NOW - 5400 },
	{ "now-1M", NOW - 2592000 },
	{ "1795438200", NOW },
	{ "2026-11-23T12:50Z", NOW },
	{ "2026-11-23T12:50:00Z", NOW },
	{ "2026-11-23T13:50%2B01:00", NOW },
	{ "2026-11-23T13:50+0100", NOW }, /* '+' arrives as a blank */
	{ "2026-11-23T05:50-07:00", NOW },
	{ "2026-11-23+12:50", NOW },
	{ "2026-11-23", NOW - 12 * 3600 - 50 * 60 },
};

START_TEST(moments_are_read_in_many_forms)
{
	char text[80];
	(void)snprintf(text, sizeof(text), "t=%s", moments[_i].text);
	ck_assert_msg(parse(text) == 0, "%s: %s", text, err.msg);
	ck_assert_int_eq(q.t.when, moments[_i].when);
}
END_TEST

/* What is refused, and a word that the message must hold. */
static const struct {
	const char *text;
	const char *word;
} refused[] = {
	{ "colour=red", "colour" },
	{ "w=1d&w=1d", "twice" },
	{ "t=yesterday", "'t'" },
	{ "t=now%2B1h", "'t'" },
	{ "t=now-99999999999y", "'t'" },
	{ "t=2026-13-01T00:00Z", "'t'" },
	{ "t=2026-11-23T24:00Z", "'t'" },
	{ "t=99999999999999999999999999999", "'t'" },
	{ "t=-1", "'t'" },
	{ "w=0d", "'w'" },
	{ "w=1", "'w'" },
	{ "w=999999999y", "'w'" },
	{ "w=%3Cscript%3E", "'w'" },
	{ "type=Flows", "'type'" },
	{ "type=flows%00", "'type'" },
	{ "proto=TCP;id", "'proto'" },
	{ "ch=../../etc/passwd", "'ch'" },
	{ "ch=a%0Ab", "'ch'" },
	{ "scale=2", "'scale'" },
	{ "width=100", "width" }, /* of images only */
	{ "from=now", "from" },
	{ "from=now&to=now-1h", "'to'" },
	{ "t=%zz", "'t'" },
	{ "t", "'t'" },
	{ "%00=1", "name" },
};

START_TEST(bad_parameters_are_refused_by_name)
{
	ck_assert_msg(parse(refused[_i].text) == -1, "%s", refused[_i].text);
	ck_assert_msg(strstr(err.msg, refused[_i].word) != NULL, "%s: %s",
	    refused[_i].text, err.msg);
}
END_TEST

START_TEST(sizes_of_images_are_bounded)
{
	static const char *const bad[] = { "width=2401", "width=0", "width=-1",
		"height=1201", "width=1e3", "width=99999999999999999999",
		"zoom=201", "zoom=99" };
	ck_assert_int_eq(query_parse(&q, PAGE_IMAGE,
			     "width=2400&height=1200&zoom=200", NOW, &arena,
			     &err),
	    0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert_msg(query_parse(&q, PAGE_IMAGE, bad[i], NOW, &arena,
				  &err) == -1,
		    "%s", bad[i]);
}
END_TEST

START_TEST(an_address_prints_what_was_read)
{
	static const char text[] =
	    "t=now-1h&w=2d&type=traffic&proto=udp&ch=a,b&scale=log";
	struct buf b = BUF_EMPTY;
	ck_assert_int_eq(parse(text), 0);
	query_print(&q, PAGE_DETAILS, &b);
	ck_assert_str_eq(buf_str(&b), text);
	buf_free(&b);
}
END_TEST

START_TEST(decoding_refuses_what_is_no_text)
{
	ck_assert_str_eq(query_decode("a%20b+c", 7, &arena), "a b c");
	ck_assert_ptr_null(query_decode("%", 1, &arena));
	ck_assert_ptr_null(query_decode("%4", 2, &arena));
	ck_assert_ptr_null(query_decode("%g0", 3, &arena));
	ck_assert_ptr_null(query_decode("%0d", 3, &arena));
	ck_assert_ptr_null(query_decode("%00", 3, &arena));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("query");
	TCase *tc = tcase_create("query");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, every_parameter_becomes_its_value);
	tcase_add_test(tc, nothing_given_is_the_default);
	tcase_add_test(tc, empty_fields_of_a_form_are_no_values);
	tcase_add_test(tc, boxes_of_a_form_add_up_to_a_list);
	tcase_add_loop_test(tc, moments_are_read_in_many_forms, 0,
	    sizeof(moments) / sizeof(*moments));
	tcase_add_loop_test(tc, bad_parameters_are_refused_by_name, 0,
	    sizeof(refused) / sizeof(*refused));
	tcase_add_test(tc, sizes_of_images_are_bounded);
	tcase_add_test(tc, an_address_prints_what_was_read);
	tcase_add_test(tc, decoding_refuses_what_is_no_text);
	suite_add_tcase(s, tc);
	SRunner *sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	int failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
