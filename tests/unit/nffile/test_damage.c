/* Damaged files: what is whole is read, the rest has a message. */
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>

#include "filetest.h"

#define BLOCKS 3
#define FLOWS  4

START_TEST(a_file_cut_at_any_byte_gives_its_whole_blocks_and_an_error)
{
	const char *path = ft_path("f");
	ft_write(path, (enum nffile_codec)_i, BLOCKS, FLOWS);
	struct buf all = ft_bytes(path);
	unsigned most = 0;
	for (size_t n = 0; n < all.len; n++) {
		struct nffile_reader r;
		ft_put(path, all.data, n);
		if (n < 40) {
			ck_assert_int_eq(nffile_open(&r, path, &err), -1);
			ck_assert_ptr_nonnull(strstr(err.msg, path));
			continue;
		}
		struct ft_count c = ft_read(path);
		ck_assert_uint_eq(c.errors, 1);
		ck_assert_ptr_nonnull(strstr(err.msg, path));
		ck_assert_ptr_nonnull(strstr(err.msg, "block"));
		ck_assert_uint_ge(c.flows, most);
		most = c.flows;
	}
	ck_assert_uint_eq(most, BLOCKS * FLOWS);
	buf_free(&all);
}
END_TEST

/* The flows of every second block, from block `nth` on. */
static unsigned
every_second(const char *path, unsigned nth, enum nffile_next *next)
{
	struct nffile_reader r;
	struct nffile_block b;
	unsigned flows = 0;
	ck_assert_int_eq(nffile_open(&r, path, &err), 0);
	do {
		bool mine = r.number % 2 == nth;
		*next =
		    mine ? nffile_read(&r, &b, &err) : nffile_skip(&r, &err);
		if (mine && *next == NFFILE_BLOCK)
			flows += ft_flows(&b);
	} while (*next == NFFILE_BLOCK);
	nffile_close(&r);
	return flows;
}

START_TEST(two_readers_that_skip_share_the_blocks_of_a_file)
{
	const char *path = ft_path("f");
	enum nffile_next next;
	ft_write(path, (enum nffile_codec)_i, BLOCKS, FLOWS);
	ck_assert_uint_eq(every_second(path, 0, &next), 2 * FLOWS);
	ck_assert_int_eq(next, NFFILE_END);
	ck_assert_uint_eq(every_second(path, 1, &next), FLOWS);
	ck_assert_int_eq(next, NFFILE_END);
	/* A block whose size cannot be: the end for who skips, too. */
	struct buf all = ft_bytes(path);
	memset(all.data + 40 + 4, 0xff, 4);
	ft_put(path, all.data, all.len);
	ck_assert_uint_eq(every_second(path, 1, &next), 0);
	ck_assert_int_eq(next, NFFILE_ERROR);
	ck_assert_ptr_nonnull(strstr(err.msg, "block 0"));
	buf_free(&all);
}
END_TEST

START_TEST(any_byte_may_be_wrong)
{
	const char *path = ft_path("f");
	ft_write(path, (enum nffile_codec)_i, BLOCKS, FLOWS);
	struct buf all = ft_bytes(path);
	for (size_t i = 0; i < all.len; i++) {
		struct nffile_reader r;
		all.data[i] ^= (char)0xff;
		ft_put(path, all.data, all.len);
		if (nffile_open(&r, path, &err) == 0) {
			(void)ft_drain(&r);
			nffile_close(&r);
		}
		all.data[i] ^= (char)0xff;
	}
	buf_free(&all);
}
END_TEST

START_TEST(behind_a_block_that_cannot_be_unpacked_reading_goes_on)
{
	const char *path = ft_path("nfcapd.202601011200");
	struct nffile_reader r;
	struct nffile_block b;
	ft_write(path, CODEC_ZSTD, BLOCKS, FLOWS);
	struct buf all = ft_bytes(path);
	struct nffile_block_header h;
	memcpy(&h, all.data + 40, sizeof(h));
	memset(all.data + 40 + sizeof(h) + h.size + sizeof(h), 0, 8);
	ft_put(path, all.data, all.len);
	buf_free(&all);
	ck_assert_int_eq(nffile_open(&r, path, &err), 0);
	ck_assert_int_eq(nffile_read(&r, &b, &err), NFFILE_BLOCK);
	ck_assert_int_eq(nffile_read(&r, &b, &err), NFFILE_ERROR);
	ck_assert_ptr_nonnull(
	    strstr(err.msg, "nfcapd.202601011200: block 1: "));
	ck_assert_int_eq(nffile_read(&r, &b, &err), NFFILE_BLOCK);
	ck_assert_uint_eq(b.number, 2);
	ck_assert_int_eq(nffile_read(&r, &b, &err), NFFILE_END);
	nffile_close(&r);
}
END_TEST

/* Changes to a good header, and what is said about them. */
static const struct {
	size_t at;
	uint8_t value;
	const char *says;
} headers[] = {
	{ 0, 'x', "no flow file" },
	{ 1, 0x0c, "no flow file" },
	{ 2, 3, "unknown file layout 3" },
	{ 16, 5, "unknown compression 5" },
	{ 17, 1, "encrypted" },
};

START_TEST(a_foreign_header_is_named)
{
	const char *path = ft_path("f");
	struct nffile_reader r;
	ft_write(path, CODEC_NONE, 1, 1);
	struct buf all = ft_bytes(path);
	all.data[headers[_i].at] = (char)headers[_i].value;
	ft_put(path, all.data, all.len);
	ck_assert_int_eq(nffile_open(&r, path, &err), -1);
	ck_assert_msg(strstr(err.msg, headers[_i].says) != NULL, "%s", err.msg);
	buf_free(&all);
}
END_TEST

START_TEST(what_is_no_file_is_an_error)
{
	struct nffile_reader r;
	ck_assert_int_eq(nffile_open(&r, ft_path("none"), &err), -1);
	ck_assert_ptr_nonnull(strstr(err.msg, strerror(ENOENT)));
	ck_assert_int_eq(nffile_open(&r, ft_dir, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.msg, strerror(EISDIR)));
}
END_TEST

START_TEST(a_record_with_a_senseless_length_ends_its_block)
{
	const char *path = ft_path("f");
	struct nffile_reader r;
	static const uint16_t sizes[] = { 0, 3, 65535 };
	for (size_t i = 0; i < 3; i++) {
		ft_write(path, CODEC_NONE, 2, 2);
		struct buf all = ft_bytes(path);
		uint16_t first;
		memcpy(&first, all.data + 40 + 12 + 2, 2);
		memcpy(all.data + 40 + 12 + first + 2, &sizes[i], 2);
		ft_put(path, all.data, all.len);
		buf_free(&all);
		ck_assert_int_eq(nffile_open(&r, path, &err), 0);
		struct ft_count c = ft_drain(&r);
		ck_assert_uint_eq(c.flows, 3);
		ck_assert_uint_eq(c.errors, 0);
		ck_assert_uint_eq(r.bad_records, 1);
		nffile_close(&r);
	}
}
END_TEST

/* ---- recovery --------------------------------------------------------------- */

START_TEST(a_file_left_open_is_recovered_up_to_its_last_whole_block)
{
	const char *path = ft_path("f");
	ft_write(path, (enum nffile_codec)_i, BLOCKS, FLOWS);
	struct buf all = ft_bytes(path);
	memset(all.data + 18, 0, 2);
	memset(all.data + 24, 0, 8);
	memset(all.data + 36, 0, 4);
	unsigned most = 0;
	/* Recovery syncs; steps of a prime keep that short. */
	for (size_t n = all.len - (all.len - 40) / 19 * 19; n <= all.len;
	     n += 19) {
		uint64_t flows;
		struct nffile_stat s;
		char ident[NFFILE_IDENT_MAX];
		ft_put(path, all.data, n);
		ck_assert_msg(nffile_recover(path, "again", &flows, &err) == 0,
		    "%s", err.msg);
		ck_assert_uint_ge(flows, most);
		most = (unsigned)flows;
		struct ft_count c = ft_read(path);
		ck_assert_uint_eq(c.errors, 0);
		ck_assert_uint_eq(c.flows, flows);
		ck_assert_int_eq(nffile_stat_read(path, &s, ident, &err), 0);
		ck_assert_uint_eq(s.flows, flows);
		ck_assert_str_eq(ident, "again");
	}
	ck_assert_uint_eq(most, BLOCKS * FLOWS);
	buf_free(&all);
}
END_TEST

START_TEST(recovery_counts_what_the_writer_would_have_counted)
{
	const char *path = ft_path("f");
	struct nffile_stat s, again;
	char ident[NFFILE_IDENT_MAX];
	uint64_t flows;
	ft_write(path, CODEC_LZ4, 2, 1000);
	ck_assert_int_eq(nffile_stat_read(path, &s, ident, &err), 0);
	struct buf all = ft_bytes(path);
	memset(all.data + 18, 0, 2);
	memset(all.data + 24, 0, 8);
	memset(all.data + 36, 0, 4);
	ft_put(path, all.data, all.len - 20);
	buf_free(&all);
	ck_assert_int_eq(nffile_recover(path, "src", &flows, &err), 0);
	ck_assert_int_eq(nffile_stat_read(path, &again, ident, &err), 0);
	ck_assert_mem_eq(&s, &again, sizeof(s));
	/* Nothing more to do: the same again. */
	ck_assert_int_eq(nffile_recover(path, "other", &flows, &err), 0);
	ck_assert_uint_eq(flows, 2000);
	ck_assert_int_eq(nffile_stat_read(path, &again, ident, &err), 0);
	ck_assert_str_eq(ident, "src");
}
END_TEST

/* ---- full disk ---------------------------------------------------------------- */

static void
limit(rlim_t bytes)
{
	struct rlimit l = { bytes, RLIM_INFINITY };
	(void)signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &l), 0);
}

START_TEST(a_block_that_does_not_fit_is_cut_back_and_kept)
{
	const char *path = ft_path("f");
	struct nffile_writer w;
	struct rnd r = { 1 };
	ft_create(&w, path, (enum nffile_codec)_i);
	ft_add(&w, &r, 100);
	ck_assert_int_eq(nffile_flush(&w, &err), 0);
	off_t end = w.pos;
	ft_add(&w, &r, 100);
	limit((rlim_t)end + 1000);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(nffile_flush(&w, &err), -1);
		ck_assert_ptr_nonnull(strstr(err.msg, strerror(EFBIG)));
		ck_assert_uint_eq(ft_read(path).flows, 100);
		ck_assert_int_eq(nffile_finish(&w, false, &err), -1);
		ck_assert_uint_eq(ft_size(path), (size_t)end);
	}
	ft_add(&w, &r, 7);
	limit(RLIM_INFINITY);
	ck_assert_msg(nffile_finish(&w, false, &err) == 0, "%s", err.msg);
	ck_assert_uint_eq(ft_read(path).flows, 207);
}
END_TEST

START_TEST(a_file_without_room_for_its_header_is_not_left_behind)
{
	const char *path = ft_path("f");
	struct nffile_writer w;
	const struct nffile_writer_opts o = { .codec = CODEC_LZ4,
		.ident = "src",
		.mode = 0644 };
	limit(10);
	ck_assert_int_eq(nffile_create(&w, path, &o, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.msg, strerror(EFBIG)));
	ck_assert(access(path, F_OK) == -1);
}
END_TEST

START_TEST(a_dropped_block_is_counted_and_nothing_else_is_lost)
{
	const char *path = ft_path("f");
	struct nffile_writer w;
	struct nffile_stat s;
	char ident[NFFILE_IDENT_MAX];
	struct rnd r = { 1 };
	ft_create(&w, path, CODEC_LZ4);
	ft_add(&w, &r, 100);
	ck_assert_int_eq(nffile_flush(&w, &err), 0);
	ft_add(&w, &r, 50);
	ck_assert_uint_eq(nffile_writer_drop(&w), 50);
	ft_add(&w, &r, 25);
	ck_assert_int_eq(nffile_finish(&w, true, &err), 0);
	ck_assert_uint_eq(ft_read(path).flows, 125);
	ck_assert_int_eq(nffile_stat_read(path, &s, ident, &err), 0);
	ck_assert_uint_eq(s.flows, 125);
}
END_TEST

START_TEST(an_appendix_that_does_not_fit_can_be_tried_again)
{
	const char *path = ft_path("f");
	struct nffile_writer w;
	struct rnd r = { 1 };
	ft_create(&w, path, CODEC_NONE);
	ft_add(&w, &r, 10);
	ck_assert_int_eq(nffile_flush(&w, &err), 0);
	limit((rlim_t)w.pos + 100);
	ck_assert_int_eq(nffile_finish(&w, false, &err), -1);
	ft_add(&w, &r, 1);
	limit(RLIM_INFINITY);
	ck_assert_int_eq(nffile_finish(&w, false, &err), 0);
	struct ft_count c = ft_read(path);
	ck_assert_uint_eq(c.flows, 11);
	ck_assert_uint_eq(c.errors, 0);
}
END_TEST

static void
add_recovery(TCase *t)
{
	tcase_add_loop_test(t,
	    a_file_left_open_is_recovered_up_to_its_last_whole_block,
	    CODEC_NONE, CODEC_ZSTD + 1);
	tcase_add_test(t, recovery_counts_what_the_writer_would_have_counted);
	tcase_add_test(t,
	    a_file_without_room_for_its_header_is_not_left_behind);
	tcase_add_loop_test(t, a_block_that_does_not_fit_is_cut_back_and_kept,
	    CODEC_NONE, CODEC_ZSTD + 1);
	tcase_add_test(t, a_dropped_block_is_counted_and_nothing_else_is_lost);
	tcase_add_test(t, an_appendix_that_does_not_fit_can_be_tried_again);
}

int
main(void)
{
	Suite *s = suite_create("nffile damage");
	TCase *t = tcase_create("all");
	tcase_set_timeout(t, 120);
	tcase_add_checked_fixture(t, ft_setup, ft_teardown);
	tcase_add_loop_test(t, two_readers_that_skip_share_the_blocks_of_a_file,
	    CODEC_NONE, CODEC_ZSTD + 1);
	tcase_add_loop_test(t,
	    a_file_cut_at_any_byte_gives_its_whole_blocks_and_an_error,
	    CODEC_NONE, CODEC_ZSTD + 1);
	tcase_add_loop_test(t, any_byte_may_be_wrong, CODEC_NONE,
	    CODEC_ZSTD + 1);
	tcase_add_test(t,
	    behind_a_block_that_cannot_be_unpacked_reading_goes_on);
	tcase_add_loop_test(t, a_foreign_header_is_named, 0,
	    (int)(sizeof(headers) / sizeof(headers[0])));
	tcase_add_test(t, what_is_no_file_is_an_error);
	tcase_add_test(t, a_record_with_a_senseless_length_ends_its_block);
	add_recovery(t);
	suite_add_tcase(s, t);
	return ft_run(s);
}
