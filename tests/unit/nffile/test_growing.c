/*
 * A reader behind a writer: whatever prefix of the writer's work is on disk,
 * the reader sees whole blocks, never the appendix, and in the end all.
 */
#include "filetest.h"

#define BLOCKS 4
#define FLOWS  5 /* in each */

/* The file as bytes: what the writer appends, then the header it completes. */
static struct buf whole;
static const char *path;
static int fd;

static void
setup(void)
{
	ft_setup();
	path = ft_path("nfcapd.current.1");
}

static void
teardown(void)
{
	buf_free(&whole);
	ft_teardown();
}

static void
begin(enum nffile_codec codec)
{
	struct nffile_header open_header;
	ft_write(path, codec, BLOCKS, FLOWS);
	whole = ft_bytes(path);
	memcpy(&open_header, whole.data, sizeof(open_header));
	open_header.num_blocks = 0;
	open_header.off_appendix = 0;
	open_header.appendix_blocks = 0;
	ft_put(path, &open_header, sizeof(open_header));
	fd = open(path, O_WRONLY);
	ck_assert_int_ne(fd, -1);
}

static void
grow(size_t from, size_t to)
{
	ck_assert_int_eq(pwrite(fd, whole.data + from, to - from, (off_t)from),
	    (ssize_t)(to - from));
}

static void
finish(void)
{
	ck_assert_int_eq(pwrite(fd, whole.data, 40, 0), 40);
	ck_assert_int_eq(close(fd), 0);
}

/* How many flows are complete in the first n bytes. */
static unsigned
complete(size_t n)
{
	struct nffile_header h;
	size_t pos = sizeof(h);
	unsigned blocks = 0;
	memcpy(&h, whole.data, sizeof(h));
	for (; blocks < h.num_blocks; blocks++) {
		struct nffile_block_header b;
		memcpy(&b, whole.data + pos, sizeof(b));
		pos += sizeof(b) + b.size;
		if (pos > n)
			break;
	}
	return blocks * FLOWS;
}

START_TEST(every_byte_that_is_appended_is_met_with_patience)
{
	struct nffile_reader r;
	unsigned flows = 0;
	begin((enum nffile_codec)_i);
	ck_assert_int_eq(nffile_open(&r, path, &err), 0);
	ck_assert_str_eq(r.ident, "");
	for (size_t n = 40; n < whole.len; n++) {
		grow(n, n + 1);
		struct ft_count c = ft_drain(&r);
		flows += c.flows;
		ck_assert_uint_eq(c.errors, 0);
		ck_assert_uint_eq(flows, complete(n + 1));
		ck_assert(r.growing);
	}
	finish();
	ck_assert_int_eq(ft_drain(&r).flows, 0);
	ck_assert(!r.growing);
	ck_assert_str_eq(r.ident, "src");
	ck_assert_uint_eq(r.stat.flows, BLOCKS * FLOWS);
	ck_assert_uint_eq(r.bad_records + r.unknown_records, 0);
	ck_assert_int_eq(ft_drain(&r).flows, 0);
	nffile_close(&r);
}
END_TEST

START_TEST(a_reader_that_comes_at_any_time_sees_the_complete_blocks)
{
	begin((enum nffile_codec)_i);
	for (size_t n = 40; n < whole.len; n++) {
		grow(n, n + 1);
		struct ft_count c = ft_read(path);
		ck_assert_uint_eq(c.errors, 0);
		ck_assert_uint_eq(c.flows, complete(n + 1));
	}
	finish();
	ck_assert_uint_eq(ft_read(path).flows, BLOCKS * FLOWS);
}
END_TEST

START_TEST(a_slow_reader_gets_the_rest_after_the_end)
{
	struct nffile_reader r;
	begin((enum nffile_codec)_i);
	ck_assert_int_eq(nffile_open(&r, path, &err), 0);
	size_t some = whole.len / 2;
	grow(40, some);
	unsigned flows = ft_drain(&r).flows;
	ck_assert_uint_eq(flows, complete(some));
	grow(some, whole.len);
	finish();
	/* Renamed, and gone from the folder: the descriptor still has it. */
	ck_assert_int_eq(rename(path, ft_path("nfcapd.202311142210")), 0);
	ck_assert_int_eq(unlink(ft_path("nfcapd.202311142210")), 0);
	ck_assert_uint_eq(flows + ft_drain(&r).flows, BLOCKS * FLOWS);
	ck_assert(!r.growing);
	ck_assert_uint_eq(r.bytes_read + 12 + 4 + 4 + 148,
	    _i == CODEC_NONE ? whole.len : r.bytes_read + 168);
	nffile_close(&r);
}
END_TEST

START_TEST(a_block_that_was_torn_by_a_full_disk_and_cut_back_is_not_seen)
{
	struct nffile_reader r;
	begin(CODEC_LZ4);
	ck_assert_int_eq(nffile_open(&r, path, &err), 0);
	size_t two = 0;
	while (complete(two) < 2 * FLOWS)
		two++;
	grow(40, two + 30);
	unsigned flows = ft_drain(&r).flows;
	ck_assert_int_eq(ftruncate(fd, (off_t)two), 0);
	flows += ft_drain(&r).flows;
	ck_assert_uint_eq(flows, 2 * FLOWS);
	grow(two, whole.len);
	finish();
	ck_assert_uint_eq(ft_drain(&r).flows, 2 * FLOWS);
	nffile_close(&r);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("nffile growing");
	TCase *t = tcase_create("all");
	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, every_byte_that_is_appended_is_met_with_patience,
	    CODEC_NONE, CODEC_ZSTD + 1);
	tcase_add_loop_test(t,
	    a_reader_that_comes_at_any_time_sees_the_complete_blocks,
	    CODEC_NONE, CODEC_ZSTD + 1);
	tcase_add_loop_test(t, a_slow_reader_gets_the_rest_after_the_end,
	    CODEC_NONE, CODEC_ZSTD + 1);
	tcase_add_test(t,
	    a_block_that_was_torn_by_a_full_disk_and_cut_back_is_not_seen);
	suite_add_tcase(s, t);
	return ft_run(s);
}
