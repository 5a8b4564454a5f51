/* Growing bytes: always a string, whatever is added or dropped. */
#include <check.h>
#include <string.h>

#include "base/buf.h"

static struct buf b;

START_TEST(an_unused_buffer_is_an_empty_string)
{
	ck_assert_str_eq(buf_str(&b), "");
	buf_clear(&b);
	buf_drop(&b, 0);
	buf_free(&b);
	ck_assert_str_eq(buf_str(&b), "");
}
END_TEST

START_TEST(what_is_added_follows_what_is_there)
{
	buf_adds(&b, "one");
	buf_addc(&b, ' ');
	buf_add(&b, "two three", 3);
	buf_printf(&b, " %d%%", 3);
	buf_adds(&b, "");
	buf_add(&b, NULL, 0);
	ck_assert_str_eq(buf_str(&b), "one two 3%");
	ck_assert_uint_eq(b.len, 10);
	buf_free(&b);
}
END_TEST

START_TEST(a_nul_byte_is_a_byte)
{
	buf_add(&b, "a\0b", 3);
	ck_assert_uint_eq(b.len, 3);
	ck_assert_mem_eq(b.data, "a\0b\0", 4);
	buf_free(&b);
}
END_TEST

START_TEST(a_printf_of_any_length_fits)
{
	char text[1200];
	for (size_t n = 0; n < sizeof(text); n++) {
		memset(text, 'x', n);
		text[n] = '\0';
		buf_clear(&b);
		buf_printf(&b, "%s", text);
		ck_assert_uint_eq(b.len, n);
		ck_assert_str_eq(buf_str(&b), text);
		buf_free(&b);
	}
}
END_TEST

START_TEST(reserved_room_can_be_written)
{
	buf_adds(&b, "ab");
	buf_reserve(&b, 100000);
	ck_assert_str_eq(b.data, "ab");
	memset(b.data + b.len, 'c', 100000);
	b.len += 100000;
	buf_addc(&b, 'd');
	ck_assert_uint_eq(b.len, 100003);
	ck_assert_str_eq(b.data + 100001, "cd");
	buf_free(&b);
}
END_TEST

START_TEST(dropping_takes_bytes_off_the_front)
{
	buf_adds(&b, "abcdef");
	buf_drop(&b, 2);
	ck_assert_str_eq(buf_str(&b), "cdef");
	buf_drop(&b, 4);
	ck_assert_str_eq(buf_str(&b), "");
	ck_assert_uint_eq(b.len, 0);
	buf_free(&b);
}
END_TEST

START_TEST(clearing_keeps_the_memory)
{
	buf_adds(&b, "abc");
	size_t cap = b.cap;
	buf_clear(&b);
	ck_assert_str_eq(buf_str(&b), "");
	ck_assert_uint_eq(b.cap, cap);
	buf_free(&b);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("base buf");
	TCase *t = tcase_create("buf");
	tcase_add_test(t, an_unused_buffer_is_an_empty_string);
	tcase_add_test(t, what_is_added_follows_what_is_there);
	tcase_add_test(t, a_nul_byte_is_a_byte);
	tcase_add_test(t, a_printf_of_any_length_fits);
	tcase_add_test(t, reserved_room_can_be_written);
	tcase_add_test(t, dropping_takes_bytes_off_the_front);
	tcase_add_test(t, clearing_keeps_the_memory);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
