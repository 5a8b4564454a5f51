#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "profile/storable.h"

static struct arena arena;
static struct err err;

static void
teardown(void)
{
	arena_free(&arena);
}

#define NATIVE                                                                 \
	"pst0\x04\x0b\x08"                                                     \
	"12345678\x04\x08\x08\x08"
#define BYTES(s) (s), sizeof(s) - 1

static char *
json(const char *bytes, size_t len)
{
	struct buf out = BUF_EMPTY;
	struct perl_value *v = storable_parse(bytes, len, &arena, &err);
	ck_assert_msg(v != NULL, "%s", err.msg);
	storable_json(v, &out);
	char *text = arena_strdup(&arena, buf_str(&out));
	buf_free(&out);
	return text;
}

/* The same map in every byte order that Perl may have had. */
static const struct {
	const char *bytes;
	size_t len;
} orders[] = {
	{ BYTES(NATIVE "\x03\x01\0\0\0\x06\x39\x05\0\0\0\0\0\0\x01\0\0\0n") },
	{ BYTES("pst0\x04\x0b\x08"
		"87654321\x04\x08\x08\x08"
		"\x03\0\0\0\x01\x06\0\0\0\0\0\0\x05\x39\0\0\0\x01n") },
	{ BYTES("pst0\x04\x07\x04"
		"1234\x04\x04\x04\x08"
		"\x03\x01\0\0\0\x06\x39\x05\0\0\x01\0\0\0n") },
	{ BYTES("pst0\x04\x07\x04"
		"4321\x04\x04\x04\x08"
		"\x03\0\0\0\x01\x06\0\0\x05\x39\0\0\0\x01n") },
	{ BYTES("pst0\x05\x0b\x03\0\0\0\x01\x09\0\0\x05\x39\0\0\0\x01n") },
};

START_TEST(every_byte_order_is_read)
{
	ck_assert_str_eq(json(orders[_i].bytes, orders[_i].len),
	    "{\n   \"n\" : 1337\n}\n");
}
END_TEST

START_TEST(values_keep_their_kind)
{
	ck_assert_str_eq(json(BYTES(NATIVE "\x02\x08\0\0\0"
					   "\x08\x7f" /* -1 */
					   "\x09\xff\xff\xff\xfe"
					   "\x0a\x02"
					   "25"
					   "\x01\x01\0\0\0x"
					   "\x05\x0e"
					   "\x0a\x01\xfc" /* Latin 1 */
					   "\x17\x03\xe2\x82\xac")),
	    "[\n   -1,\n   -2,\n   \"25\",\n   \"x\",\n   null,\n   null,\n"
	    "   \"\xc3\xbc\",\n   \"\xe2\x82\xac\"\n]\n");
}
END_TEST

static const struct {
	const char *bytes;
	size_t len;
	const char *why;
} refused[] = {
	{ BYTES(""), "not a Storable file of Perl" },
	{ BYTES("<?xml version"), "not a Storable file of Perl" },
	{ BYTES("pst0\x06\x0b\x08"), "Storable version 3.11 is unknown" },
	{ BYTES("pst0\x04\x20\x08"), "Storable version 2.32 is unknown" },
	{ BYTES("pst0\x04\x0b\x08"
		"12348765\x04\x08\x08\x08\x02\0\0\0\0"),
	    "byte 15: unknown byte order" },
	{ BYTES("pst0\x04\x0b\x08"
		"12345678\x04\x08\x08\x10\x02\0\0\0\0"),
	    "byte 19: sizes of int and double are not 4 and 8" },
	{ BYTES(NATIVE), "byte 19: the file ends here" },
	{ BYTES(NATIVE "\x02\xff\xff\xff\xff\x05"),
	    "byte 24: more values than there are bytes" },
	{ BYTES(NATIVE "\x02\x01\0\0\0\x0a\xff"
		       "abc"),
	    "byte 26: the file ends here" },
	{ BYTES(NATIVE "\x02\x01\0\0\0\x11\x03"
		       "Foo\x03\0\0\0\0"),
	    "byte 24: something that is no plain data" },
	{ BYTES(NATIVE "\x02\x01\0\0\0\0\0\0\0\0"),
	    "byte 24: something that is no plain data" },
	{ BYTES(NATIVE "\x02\x01\0\0\0\x04\x0a\x01x"),
	    "byte 25: neither list nor hash" },
	{ BYTES(NATIVE "\x02\0\0\0\0\x05"), "byte 24: more than one object" },
	{ BYTES(NATIVE "\x02\x01\0\0\0\x17\x01\xff"),
	    "byte 27: this is no UTF-8" },
	{ BYTES(NATIVE "\x03\x02\0\0\0\x05\x01\0\0\0k\x05\x01\0\0\0k"),
	    "byte 36: a key is there twice" },
	{ BYTES("pst0\x05\x0b\x02\0\0\0\x01\x06\0\0\0\0\0\0\0\x01"),
	    "byte 12: a native number in network order" },
};

START_TEST(what_is_no_plain_data_is_refused_with_its_place)
{
	ck_assert_ptr_null(
	    storable_parse(refused[_i].bytes, refused[_i].len, &arena, &err));
	ck_assert_str_eq(err.msg, refused[_i].why);
}
END_TEST

START_TEST(nesting_has_a_limit)
{
	struct buf b = BUF_EMPTY;
	buf_add(&b, NATIVE, sizeof(NATIVE) - 1);
	for (int i = 0; i < 100; i++)
		buf_add(&b, "\x02\x01\0\0\0\x04", 6);
	ck_assert_ptr_null(storable_parse(b.data, b.len, &arena, &err));
	ck_assert_ptr_nonnull(strstr(err.msg, "nested too deep"));
	buf_free(&b);
}
END_TEST

START_TEST(what_was_set_is_written_and_read)
{
	struct buf file = BUF_EMPTY;
	struct perl_value *m = perl_map(&arena);
	int64_t n;
	perl_set_text(&arena, m, "version", "1.3.11");
	perl_set_int(&arena, m, "layout", 1);
	perl_set_int(&arena, m, "layout", 7);
	perl_set_int(&arena, m, "gone", 3);
	perl_set_int(&arena, m, "big", INT64_C(1) << 40);
	perl_unset(m, "gone");
	perl_unset(m, "never");
	storable_print(m, &file);
	m = storable_parse(file.data, file.len, &arena, &err);
	ck_assert_msg(m != NULL, "%s", err.msg);
	ck_assert_uint_eq(m->n, 3);
	ck_assert(perl_number(perl_find(m, "layout"), &n) && n == 7);
	ck_assert(
	    perl_number(perl_find(m, "big"), &n) && n == INT64_C(1) << 40);
	ck_assert(!perl_number(perl_find(m, "version"), &n));
	ck_assert_ptr_null(perl_find(m, "gone"));
	ck_assert_str_eq(perl_find(m, "version")->text.s, "1.3.11");
	buf_free(&file);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("storable");
	TCase *t = tcase_create("storable");
	tcase_add_checked_fixture(t, NULL, teardown);
	tcase_add_loop_test(t, every_byte_order_is_read, 0,
	    (int)(sizeof(orders) / sizeof(*orders)));
	tcase_add_test(t, values_keep_their_kind);
	tcase_add_loop_test(t, what_is_no_plain_data_is_refused_with_its_place,
	    0, (int)(sizeof(refused) / sizeof(*refused)));
	tcase_add_test(t, nesting_has_a_limit);
	tcase_add_test(t, what_was_set_is_written_and_read);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
