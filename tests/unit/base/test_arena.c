/* Arenas: zeroed, aligned, all sizes, freed at once. */
#include <check.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"

static struct arena a;

static bool
all_zero(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != 0)
			return false;
	return true;
}

START_TEST(memory_is_zeroed_aligned_and_apart)
{
	char *last = NULL;
	for (size_t n = 1; n < 40000; n = n * 3 / 2 + 1) {
		char *p = arena_alloc(&a, n);
		ck_assert_uint_eq((uintptr_t)p % alignof(max_align_t), 0);
		ck_assert(all_zero(p, n));
		memset(p, 0xff, n);
		ck_assert_ptr_ne(p, last);
		last = p;
	}
	arena_free(&a);
}
END_TEST

START_TEST(nothing_asked_is_still_a_pointer_of_its_own)
{
	void *p = arena_alloc(&a, 0);
	ck_assert_ptr_nonnull(p);
	ck_assert_ptr_ne(p, arena_alloc(&a, 0));
	ck_assert_ptr_nonnull(arena_array(&a, 0, 8));
	arena_free(&a);
}
END_TEST

START_TEST(a_large_piece_wastes_no_space_of_the_small_ones)
{
	char *small = arena_alloc(&a, 16);
	char *large = arena_alloc(&a, 1 << 20);
	ck_assert(all_zero(large, 1 << 20));
	ck_assert_ptr_eq(arena_alloc(&a, 16), small + 16);
	ck_assert_uint_lt(a.total, (1 << 20) + 40000);
	arena_free(&a);
}
END_TEST

START_TEST(a_large_piece_can_come_first)
{
	char *large = arena_alloc(&a, 1 << 20);
	memset(large, 1, 1 << 20);
	char *small = arena_alloc(&a, 8);
	ck_assert(small < large || small >= large + (1 << 20));
	arena_free(&a);
}
END_TEST

START_TEST(many_small_pieces_stay_what_they_were)
{
	enum { N = 20000 };
	static uint32_t *piece[N];
	for (uint32_t i = 0; i < N; i++) {
		piece[i] = arena_alloc(&a, sizeof(uint32_t));
		*piece[i] = i;
	}
	for (uint32_t i = 0; i < N; i++)
		ck_assert_uint_eq(*piece[i], i);
	arena_free(&a);
}
END_TEST

START_TEST(texts_are_copied)
{
	ck_assert_str_eq(arena_strdup(&a, ""), "");
	ck_assert_str_eq(arena_strdup(&a, "abc"), "abc");
	ck_assert_str_eq(arena_strndup(&a, "abc", 2), "ab");
	ck_assert_str_eq(arena_strndup(&a, "abc", 99), "abc");
	const char raw[] = { 'x', 'y' };
	ck_assert_str_eq(arena_strndup(&a, raw, 2), "xy");
	ck_assert_str_eq(arena_printf(&a, "%d-%s", 7, "z"), "7-z");
	arena_free(&a);
}
END_TEST

START_TEST(a_freed_arena_is_empty_and_works_again)
{
	(void)arena_alloc(&a, 100);
	arena_free(&a);
	ck_assert_uint_eq(a.total, 0);
	ck_assert_ptr_null(a.head);
	ck_assert_str_eq(arena_strdup(&a, "again"), "again");
	arena_free(&a);
	arena_free(&a);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("base arena");
	TCase *t = tcase_create("arena");
	tcase_add_test(t, memory_is_zeroed_aligned_and_apart);
	tcase_add_test(t, nothing_asked_is_still_a_pointer_of_its_own);
	tcase_add_test(t, a_large_piece_wastes_no_space_of_the_small_ones);
	tcase_add_test(t, a_large_piece_can_come_first);
	tcase_add_test(t, many_small_pieces_stay_what_they_were);
	tcase_add_test(t, texts_are_copied);
	tcase_add_test(t, a_freed_arena_is_empty_and_works_again);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
