/* Finished files under their final names. */
#include <sys/stat.h>

#include "filetest.h"

static struct nffile_stat
stat_of(const char *path)
{
	struct nffile_stat s;
	char ident[NFFILE_IDENT_MAX];
	ck_assert_msg(nffile_stat_read(path, &s, ident, &err) == 0, "%s",
	    err.msg);
	ck_assert_str_eq(ident, "src");
	return s;
}

START_TEST(publishing_is_a_rename)
{
	const char *from = ft_path("nfcapd.current.1");
	const char *to = ft_path("nfcapd.202311142210");
	struct stat before, after;
	ft_write(from, CODEC_LZ4, 2, 5);
	ck_assert_int_eq(stat(from, &before), 0);
	ck_assert_int_eq(nffile_publish(from, to, false, &err), 0);
	ck_assert(!file_exists(from));
	ck_assert_int_eq(stat(to, &after), 0);
	ck_assert_uint_eq(before.st_ino, after.st_ino);
}
END_TEST

/* A second file of the same slot, also when the codec was changed. */
START_TEST(publishing_on_an_existing_file_adds_to_it)
{
	const char *from = ft_path("nfcapd.current.1");
	const char *to = ft_path("nfcapd.202311142210");
	enum nffile_codec first = (enum nffile_codec)(_i / 5);
	enum nffile_codec second = (enum nffile_codec)(_i % 5);
	ft_write(to, first, 2, 50);
	ft_write(from, second, 3, 70);
	struct nffile_stat a = stat_of(to), b = stat_of(from);
	ck_assert_int_eq(nffile_publish(from, to, false, &err), 0);
	ck_assert(!file_exists(from));

	struct nffile_stat sum = stat_of(to);
	ck_assert_uint_eq(sum.flows, a.flows + b.flows);
	ck_assert_uint_eq(sum.bytes_tcp, a.bytes_tcp + b.bytes_tcp);
	ck_assert_uint_eq(sum.first, a.first < b.first ? a.first : b.first);
	ck_assert_uint_eq(sum.last, a.last > b.last ? a.last : b.last);
	struct ft_count c = ft_read(to);
	ck_assert_uint_eq(c.flows, 310);
	ck_assert_uint_eq(c.errors, 0);
	/* Nothing else stays behind. */
	ck_assert_int_eq(rmdir(ft_dir), -1);
	ck_assert_int_eq(unlink(to), 0);
	ck_assert_int_eq(rmdir(ft_dir), 0);
	ck_assert_int_eq(mkdir(ft_dir, 0755), 0);
}
END_TEST

/* Its writer, perhaps another program, died or the power failed. */
START_TEST(publishing_on_a_file_left_open_or_cut_off_keeps_its_blocks)
{
	const char *from = ft_path("nfcapd.current.1");
	const char *to = ft_path("nfcapd.202311142210");
	ft_write(from, CODEC_LZ4, 3, 70);
	ft_write(to, CODEC_LZ4, 2, 50);
	struct buf b = ft_bytes(to);
	if (_i == 0)
		memset(b.data + 24, 0, 16); /* never finished */
	ft_put(to, b.data, _i == 0 ? b.len : b.len - 5);
	buf_free(&b);
	ck_assert_msg(nffile_publish(from, to, false, &err) == 0, "%s",
	    err.msg);
	ck_assert_uint_eq(ft_read(to).flows, 310);
	ck_assert_uint_eq(stat_of(to).flows, 310);
}
END_TEST

START_TEST(publishing_on_a_damaged_file_keeps_both)
{
	const char *from = ft_path("nfcapd.current.1");
	const char *to = ft_path("nfcapd.202311142210");
	ft_write(from, CODEC_LZ4, 2, 5);
	ft_put(to, "something else", 14);
	ck_assert_int_eq(nffile_publish(from, to, false, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.msg, to));
	ck_assert_uint_eq(ft_read(from).flows, 10);
	ck_assert_uint_eq(ft_size(to), 14);
}
END_TEST

START_TEST(publishing_what_is_not_there_is_an_error)
{
	ck_assert_int_eq(nffile_publish(ft_path("a"), ft_path("b"), false,
			     &err),
	    -1);
}
END_TEST

START_TEST(an_old_reader_keeps_the_file_it_opened)
{
	const char *from = ft_path("nfcapd.current.1");
	const char *to = ft_path("nfcapd.202311142210");
	struct nffile_reader r;
	ft_write(to, CODEC_LZ4, 2, 5);
	ft_write(from, CODEC_LZ4, 3, 5);
	ck_assert_int_eq(nffile_open(&r, to, &err), 0);
	ck_assert_int_eq(nffile_publish(from, to, false, &err), 0);
	struct ft_count c = ft_drain(&r);
	ck_assert_uint_eq(c.flows, 10);
	ck_assert_uint_eq(c.errors, 0);
	nffile_close(&r);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("nffile publish");
	TCase *t = tcase_create("all");
	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, ft_setup, ft_teardown);
	tcase_add_test(t, publishing_is_a_rename);
	tcase_add_loop_test(t, publishing_on_an_existing_file_adds_to_it, 0,
	    25);
	tcase_add_loop_test(t,
	    publishing_on_a_file_left_open_or_cut_off_keeps_its_blocks, 0, 2);
	tcase_add_test(t, publishing_on_a_damaged_file_keeps_both);
	tcase_add_test(t, publishing_what_is_not_there_is_an_error);
	tcase_add_test(t, an_old_reader_keeps_the_file_it_opened);
	suite_add_tcase(s, t);
	return ft_run(s);
}
