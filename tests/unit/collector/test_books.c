/* nfcapd -e: the limits of a folder's .nfstat, and numbers that are true. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/slot.h"
#include "collector/books.h"
#include "profile/nfstat.h"

#define SLOT 300
#define SIZE 20000 /* bytes of a file: five blocks of 4096 */

static char dir[64];
static int64_t now;

static void
setup(void)
{
	(void)setenv("TZ", "UTC", 1);
	tzset();
	(void)snprintf(dir, sizeof(dir), "/tmp/books.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	now = time(NULL) / SLOT * SLOT;
}

static void
teardown(void)
{
	struct err err;
	ck_assert_int_eq(file_remove_tree(dir, &err), 0);
}

static void
path_of(int64_t slot, char *path)
{
	char name[SLOT_PATH_MAX];
	(void)snprintf(path, FILE_PATH_MAX, "%s/%s", dir,
	    slot_path(slot, SLOT, 2, name));
}

/* A file `ago` slots before now; what it takes on the disk. */
static uint64_t
make(int ago)
{
	static const char text[SIZE];
	char path[FILE_PATH_MAX], folder[FILE_PATH_MAX];
	struct err err;
	struct stat st;
	path_of(now - ago * SLOT, path);
	(void)snprintf(folder, sizeof(folder), "%s", path);
	*strrchr(folder, '/') = '\0';
	ck_assert_int_eq(file_mkdirs(folder, 0700, &err), 0);
	ck_assert_int_eq(file_write_atomic(path, text, sizeof(text), 0600,
			     &err),
	    0);
	ck_assert_int_eq(stat(path, &st), 0);
	return (uint64_t)st.st_blocks * 512;
}

static bool
is_there(int ago)
{
	char path[FILE_PATH_MAX];
	path_of(now - ago * SLOT, path);
	return file_exists(path);
}

static void
came(int ago, enum conf_books books)
{
	uint64_t size = make(ago);
	books_file(&(struct books_file){ .dir = dir,
	    .books = books,
	    .slot = now - ago * SLOT,
	    .size = size,
	    .replaced = -1 });
}

static struct nfstat
stat_of(void)
{
	struct nfstat s;
	struct err err;
	ck_assert_msg(nfstat_read(dir, &s, &err) == 0, "%s", err.msg);
	return s;
}

/* As nfexpire -u writes it. */
static void
limit(uint64_t maxsize, uint64_t lifetime, int watermark)
{
	char path[FILE_PATH_MAX], text[256];
	struct err err;
	(void)snprintf(path, sizeof(path), "%s/.nfstat", dir);
	int n = snprintf(text, sizeof(text),
	    "first=0\nlast=0\nsize=0\nmaxsize=%llu\nnumfiles=0\nlifetime=%llu\n"
	    "watermark=%d\nstatus=3\n",
	    (unsigned long long)maxsize, (unsigned long long)lifetime,
	    watermark);
	ck_assert_int_eq(file_write_atomic(path, text, (size_t)n, 0600, &err),
	    0);
}

START_TEST(books_begin_with_the_files_there_are)
{
	(void)make(3);
	(void)make(2);
	came(1, CONF_BOOKS_EXPIRE);
	struct nfstat s = stat_of();
	ck_assert_uint_eq(s.numfiles, 3);
	ck_assert_int_eq(s.first, now - 3 * SLOT);
	ck_assert_int_eq(s.last, now - SLOT);
	ck_assert_uint_ge(s.size, 3 * SIZE);
	ck_assert_uint_eq(s.status, NFSTAT_OK);
	ck_assert_uint_eq(s.maxsize, 0);
	came(0, CONF_BOOKS_EXPIRE);
	ck_assert_uint_eq(stat_of().numfiles, 4);
}
END_TEST

START_TEST(without_e_only_books_that_are_there_are_kept)
{
	char path[FILE_PATH_MAX];
	(void)snprintf(path, sizeof(path), "%s/.nfstat", dir);
	came(3, CONF_BOOKS_KEPT);
	ck_assert(!file_exists(path));
	came(2, CONF_BOOKS_NONE);
	ck_assert(!file_exists(path));
	limit(1, 1, 1);
	came(1, CONF_BOOKS_KEPT);
	ck_assert_uint_eq(stat_of().numfiles, 1);
	ck_assert(is_there(3));
}
END_TEST

START_TEST(the_oldest_go_down_to_the_watermark)
{
	for (int ago = 9; ago >= 1; ago--)
		(void)make(ago);
	uint64_t each = make(0);
	limit(10 * each, 0, 50);
	came(0, CONF_BOOKS_EXPIRE);
	for (int ago = 0; ago < 10; ago++)
		ck_assert_int_eq(is_there(ago), ago < 5);
	struct nfstat s = stat_of();
	ck_assert_uint_eq(s.numfiles, 5);
	ck_assert_uint_eq(s.size, 5 * each);
	ck_assert_int_eq(s.first, now - 4 * SLOT);
	ck_assert_uint_eq(s.maxsize, 10 * each);
	ck_assert_uint_eq(s.watermark, 50);
	/* The next finds room. */
	came(-1, CONF_BOOKS_EXPIRE);
	ck_assert(is_there(4));
}
END_TEST

START_TEST(the_old_go_by_age)
{
	for (int ago = 40; ago >= 30; ago--)
		(void)make(ago);
	limit(0, 39 * SLOT, 90);
	came(0, CONF_BOOKS_EXPIRE);
	/* 90 % of 39 slots: 35.1. */
	ck_assert(!is_there(40));
	ck_assert(!is_there(37));
	ck_assert(is_there(34));
	ck_assert(is_there(0));
	ck_assert(is_there(30));
	ck_assert_int_eq(stat_of().first >= now - 36 * SLOT, 1);
}
END_TEST

START_TEST(what_has_just_come_stays_and_empty_folders_go)
{
	char folder[FILE_PATH_MAX];
	(void)make(40);
	path_of(now - 40 * SLOT, folder);
	*strrchr(folder, '/') = '\0';
	limit(1, 1, 1);
	came(0, CONF_BOOKS_EXPIRE);
	ck_assert(!is_there(40));
	ck_assert(!file_exists(folder));
	ck_assert(is_there(0));
	ck_assert_uint_eq(stat_of().numfiles, 1);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("books");
	TCase *t = tcase_create("books");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, books_begin_with_the_files_there_are);
	tcase_add_test(t, without_e_only_books_that_are_there_are_kept);
	tcase_add_test(t, the_oldest_go_down_to_the_watermark);
	tcase_add_test(t, the_old_go_by_age);
	tcase_add_test(t, what_has_just_come_stays_and_empty_folders_go);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
