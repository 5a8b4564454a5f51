/* Indexes: what is written is read; what is damaged or stale is not there. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "index/find.h"
#include "index/folder.h"
#include "index/make.h"
#include "tests/unit/nffile/filetest.h"

#define FILE_1 "nfcapd.202311142210"
#define FILE_2 "nfcapd.202311142215"
#define DAY    "20231114"

static char flow_path[128], flow_2[128], index_file[128];

static void
setup(void)
{
	ft_setup();
	(void)snprintf(flow_path, sizeof(flow_path), "%s/gw/" FILE_1, ft_dir);
	(void)snprintf(flow_2, sizeof(flow_2), "%s/gw/" FILE_2, ft_dir);
	(void)snprintf(index_file, sizeof(index_file), "%s/.index/gw/" DAY,
	    ft_dir);
	ck_assert_int_eq(file_mkdirs(ft_path("gw"), 0777, &err), 0);
	ft_write(flow_path, CODEC_LZ4, 3, 50);
}

static struct index_work
update(void)
{
	struct index_work w = { .files = 0 };
	ck_assert_msg(index_update(ft_dir, "gw", &w, &err) == 0, "%s", err.msg);
	return w;
}

static bool
is_known(const char *path)
{
	struct finder f = { .index = NULL };
	struct index_entry e;
	bool known = finder_ask(&f, path, &e);
	finder_free(&f);
	return known;
}

static struct buf
whole(const char *path)
{
	struct buf b = BUF_EMPTY;
	ck_assert_int_eq(file_read(path, 1 << 24, &b, &err), 0);
	return b;
}

START_TEST(what_was_learned_of_a_file_is_found_by_its_path)
{
	struct finder f = { .index = NULL };
	struct index_entry e;
	ck_assert(!finder_ask(&f, flow_path, &e));
	finder_free(&f);
	ck_assert_uint_eq(update().made, 1);
	ck_assert(finder_ask(&f, flow_path, &e));
	ck_assert_str_eq(e.ident, "src");
	ck_assert_uint_eq(e.head->flags, 0);
	ck_assert_uint_eq(e.head->rows, 150);
	ck_assert_uint_eq(e.head->stat.flows, 150);
	ck_assert_uint_eq(e.head->blocks, 3);
	uint64_t flows = 0;
	for (uint64_t i = 0; i < e.head->protos; i++)
		flows += e.proto[i].flows;
	ck_assert_uint_ge(flows, 150);
	const uint8_t *at = e.block;
	for (int i = 0; i < 3; i++) {
		struct summary s;
		uint64_t bytes;
		index_block_next(&at, &s, &bytes);
		ck_assert_uint_eq(s.rows, 50);
		ck_assert_uint_gt(s.lines, 0);
	}
	ck_assert_ptr_eq(at, (const uint8_t *)e.head + e.head->length);
	finder_free(&f);
}
END_TEST

START_TEST(a_second_update_has_nothing_to_do)
{
	(void)update();
	struct index_work w = update();
	ck_assert_uint_eq(w.known, 1);
	ck_assert_uint_eq(w.made, 0);
	ft_write(flow_2, CODEC_LZ4, 1, 5);
	w = update();
	ck_assert_uint_eq(w.known, 1);
	ck_assert_uint_eq(w.made, 1);
	ck_assert(is_known(flow_path) && is_known(flow_2));
}
END_TEST

/* Same bytes or not there: nothing else comes of damage. */
static void
check_damaged(const struct buf *good, const void *bytes, size_t n)
{
	struct index *ix = index_load_bytes(bytes, n);
	struct index_entry e;
	if (ix != NULL && index_find(ix, FILE_1, &e))
		ck_assert_mem_eq(e.head,
		    good->data + sizeof(struct index_header),
		    good->len - sizeof(struct index_header));
	index_free(ix);
}

START_TEST(an_entry_with_a_wrong_byte_is_not_there)
{
	(void)update();
	struct buf good = whole(index_file), bad = whole(index_file);
	for (size_t i = 0; i < good.len; i++) {
		bad.data[i] = (char)(bad.data[i] ^ (1 << (i % 8)));
		check_damaged(&good, bad.data, bad.len);
		bad.data[i] = good.data[i];
	}
	buf_free(&good);
	buf_free(&bad);
}
END_TEST

START_TEST(an_index_may_be_cut_anywhere)
{
	(void)update();
	struct buf good = whole(index_file);
	for (size_t n = 0; n <= good.len; n++) {
		void *copy = malloc(n + 1);
		ck_assert_ptr_nonnull(copy);
		memcpy(copy, good.data, n);
		check_damaged(&good, copy, n);
		free(copy);
	}
	buf_free(&good);
}
END_TEST

START_TEST(behind_a_torn_entry_the_next_is_found)
{
	(void)update();
	struct buf good = whole(index_file);
	int fd = open(index_file, O_WRONLY | O_APPEND);
	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(file_write_full(fd,
			     good.data + sizeof(struct index_header), 100),
	    0);
	ck_assert_int_eq(close(fd), 0);
	ck_assert(is_known(flow_path));
	ft_write(flow_2, CODEC_LZ4, 1, 5);
	ck_assert_uint_eq(update().made, 1);
	ck_assert(is_known(flow_path) && is_known(flow_2));
	buf_free(&good);
}
END_TEST

START_TEST(a_file_that_was_appended_to_is_another)
{
	(void)update();
	int fd = open(flow_path, O_WRONLY | O_APPEND);
	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(file_write_full(fd, "x", 1), 0);
	ck_assert_int_eq(close(fd), 0);
	ck_assert(!is_known(flow_path));
}
END_TEST

START_TEST(a_file_that_was_changed_in_place_is_another)
{
	struct stat st;
	(void)update();
	ck_assert_int_eq(stat(flow_path, &st), 0);
	int fd = open(flow_path, O_WRONLY);
	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(pwrite(fd, "x", 1, 60), 1);
	/* Also when its times are put back. */
	const struct timespec times[2] = { st.st_atim, st.st_mtim };
	ck_assert_int_eq(futimens(fd, times), 0);
	ck_assert_int_eq(close(fd), 0);
	ck_assert(!is_known(flow_path));
}
END_TEST

START_TEST(a_file_that_was_replaced_is_another)
{
	(void)update();
	ft_write(ft_path("new"), CODEC_LZ4, 3, 50);
	ck_assert_int_eq(rename(ft_path("new"), flow_path), 0);
	ck_assert(!is_known(flow_path));
	ck_assert_uint_eq(update().made, 1);
	ck_assert(is_known(flow_path));
}
END_TEST

START_TEST(a_damaged_flow_file_is_to_be_read)
{
	struct finder f = { .index = NULL };
	struct index_entry e;
	struct stat st;
	ck_assert_int_eq(stat(flow_path, &st), 0);
	ck_assert_int_eq(truncate(flow_path, st.st_size / 2), 0);
	ck_assert_uint_eq(update().opaque, 1);
	ck_assert(finder_ask(&f, flow_path, &e));
	ck_assert_uint_eq(e.head->flags, INDEX_OPAQUE);
	ck_assert_uint_eq(e.head->blocks, 0);
	finder_free(&f);
}
END_TEST

START_TEST(what_is_gone_is_pruned)
{
	(void)update();
	ck_assert_uint_eq(index_prune(ft_dir, "", false), 0);
	ck_assert(file_exists(index_file));
	ck_assert_int_eq(unlink(flow_path), 0);
	ck_assert_uint_eq(index_prune(ft_dir, "", true), 1);
	ck_assert(file_exists(index_file));
	ck_assert_uint_eq(index_prune(ft_dir, "", false), 1);
	ck_assert(!file_exists(ft_path(".index")));
}
END_TEST

START_TEST(the_index_of_a_folder_that_is_gone_goes)
{
	(void)update();
	ck_assert_int_eq(file_remove_tree(ft_path("gw"), &err), 0);
	ck_assert_uint_eq(index_prune(ft_dir, "", false), 1);
	ck_assert(!file_exists(ft_path(".index")));
}
END_TEST

START_TEST(an_index_can_be_dropped)
{
	(void)update();
	ck_assert_int_eq(index_drop(ft_dir, "gw", &err), 0);
	ck_assert(!is_known(flow_path));
	ck_assert(file_exists(flow_path));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("index");
	TCase *t = tcase_create("index");
	tcase_add_checked_fixture(t, setup, ft_teardown);
	tcase_add_test(t, what_was_learned_of_a_file_is_found_by_its_path);
	tcase_add_test(t, a_second_update_has_nothing_to_do);
	tcase_add_test(t, an_entry_with_a_wrong_byte_is_not_there);
	tcase_add_test(t, an_index_may_be_cut_anywhere);
	tcase_add_test(t, behind_a_torn_entry_the_next_is_found);
	tcase_add_test(t, a_file_that_was_appended_to_is_another);
	tcase_add_test(t, a_file_that_was_changed_in_place_is_another);
	tcase_add_test(t, a_file_that_was_replaced_is_another);
	tcase_add_test(t, a_damaged_flow_file_is_to_be_read);
	tcase_add_test(t, what_is_gone_is_pruned);
	tcase_add_test(t, the_index_of_a_folder_that_is_gone_goes);
	tcase_add_test(t, an_index_can_be_dropped);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
