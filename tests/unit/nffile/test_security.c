/*
 * What was wrong in nfdump 1.7.1 with files that somebody made on purpose
 * (its security fixes of 2026), and the test that it is not wrong here:
 *
 *   record size overflows when      sizes_of_many_names_do_not_overflow;
 *   names are added                 many_names_take_more_than_one_record
 *                                   (test_describe)
 *   nbar, VRF, interface lists      a_list_ends_where_its_record_does,
 *   trust count and size            a_list_cut_at_any_byte_ends (test_senders)
 *   layout 1: ident without NUL     an_ident_without_its_end_is_cut
 *   layout 1: map list beyond       a_map_without_an_end_stays_in_its_record;
 *   its record                      flows_of_a_bad_map_have_no_extensions
 *                                   (test_layout1)
 *   appendix: number of records     an_appendix_says_more_than_it_has,
 *   trusted                         appendix_blocks_without_end
 *   data blocks: record counts      a_count_of_records_is_not_trusted,
 *   and sizes trusted               a_size_of_a_record_is_not_trusted,
 *                                   a_size_of_an_element_is_not_trusted;
 *                                   a_block_size_is_not_trusted
 *
 * Each is a seed of fuzz_nffile or fuzz_nffile_edit as well.  The other items
 * are of datagrams (tests/unit/decode).
 */
#include "filetest.h"
#include "nffile/internal.h"
#include "old_file.h"

#define FIRST_BLOCK 40
#define FIRST_REC   (FIRST_BLOCK + 12)

static const char *path;
static struct buf all;

static void
setup(void)
{
	ft_setup();
	path = ft_path("f");
}

static void
teardown(void)
{
	buf_free(&all);
	ft_teardown();
}

/* One block of four flows, nothing compressed. */
static void
four_flows(void)
{
	ft_write(path, CODEC_NONE, 1, 4);
	all = ft_bytes(path);
}

/* Read the changed file; how the end came to be is the caller's to look at. */
static struct ft_count
read_changed(struct nffile_reader *r)
{
	ft_put(path, all.data, all.len);
	ck_assert_msg(nffile_open(r, path, &err) == 0, "%s", err.msg);
	return ft_drain(r);
}

START_TEST(sizes_of_many_names_do_not_overflow)
{
	enum { N = 9000 };
	static struct nffile_name names[N];
	struct nffile_writer w;
	struct nffile_reader r;
	struct nffile_block b;
	struct nffile_list l;
	struct nffile_name n;
	unsigned got = 0;
	for (uint32_t i = 0; i < N; i++)
		names[i] = (struct nffile_name){ i, "GigabitEthernet0/0/0" };
	ft_create(&w, path, CODEC_NONE);
	ck_assert_int_eq(nffile_add_names(&w, REC_VRFNAME, names, N, &err), 0);
	ck_assert_int_eq(nffile_finish(&w, false, &err), 0);
	ck_assert_int_eq(nffile_open(&r, path, &err), 0);
	while (nffile_read(&r, &b, &err) == NFFILE_BLOCK) {
		size_t pos = 0;
		for (const uint8_t *p;
		     (p = nffile_record_next(&b, &pos)) != NULL;) {
			nffile_list_begin(p, &l);
			while (nffile_list_name(&l, &n))
				ck_assert_uint_eq(n.id, got++);
		}
	}
	ck_assert_uint_eq(got, N);
	ck_assert_uint_eq(r.bad_records, 0);
	nffile_close(&r);
}
END_TEST

START_TEST(an_ident_without_its_end_is_cut)
{
	char ident[NFFILE_IDENT_MAX + 1];
	struct nffile_reader r;
	struct old_file o;
	memset(ident, 'x', NFFILE_IDENT_MAX);
	ident[NFFILE_IDENT_MAX] = '\0';
	old_begin(&o, 0, ident);
	old_map(&o, 0, NULL, 0);
	all = old_end(&o);
	(void)read_changed(&r);
	ck_assert_uint_eq(strlen(r.ident), NFFILE_IDENT_MAX - 1);
	nffile_close(&r);
}
END_TEST

START_TEST(a_map_without_an_end_stays_in_its_record)
{
	struct map m;
	for (size_t n = 4; n <= 64; n += 4) {
		/* Exactly as long as it says, for the sanitizers. */
		uint8_t *rec = mem_alloc(n);
		for (size_t i = 0; i + 1 < n; i += 2)
			put16(rec + i, (uint16_t)(i / 2));
		put16(rec, REC_MAP);
		put16(rec + 2, (uint16_t)n);
		ck_assert(!map_parse(rec, &m));
		ck_assert_uint_le(m.n, MAP_IDS);
		free(rec);
	}
}
END_TEST

START_TEST(an_appendix_says_more_than_it_has)
{
	struct nffile_header h;
	struct nffile_reader r;
	uint32_t many = UINT32_MAX;
	four_flows();
	memcpy(&h, all.data, sizeof(h));
	memcpy(all.data + h.off_appendix, &many, 4);
	ck_assert_uint_eq(read_changed(&r).flows, 4);
	ck_assert(r.has_stat && !r.damaged);
	ck_assert_str_eq(r.ident, "src");
	nffile_close(&r);
}
END_TEST

START_TEST(appendix_blocks_without_end)
{
	struct nffile_reader r;
	uint16_t many = UINT16_MAX;
	four_flows();
	memcpy(all.data + 18, &many, 2);
	ck_assert_uint_eq(read_changed(&r).flows, 4);
	ck_assert(r.has_stat);
	nffile_close(&r);
	/* An appendix that is where the flows are: no statistics, no more. */
	int64_t at = FIRST_BLOCK;
	memcpy(all.data + 24, &at, 8);
	ck_assert_uint_eq(read_changed(&r).flows, 4);
	nffile_close(&r);
}
END_TEST

START_TEST(a_count_of_records_is_not_trusted)
{
	static const uint32_t counts[] = { 0, 1, 3, 5, 65536, UINT32_MAX };
	struct nffile_reader r;
	four_flows();
	memcpy(all.data + FIRST_BLOCK, &counts[_i], 4);
	ck_assert_uint_eq(read_changed(&r).flows, 4);
	nffile_close(&r);
}
END_TEST

START_TEST(a_size_of_a_record_is_not_trusted)
{
	static const uint16_t sizes[] = { 0, 1, 2, 3, 4, 5, 11, 12, 13, 65535 };
	struct nffile_reader r;
	four_flows();
	memcpy(all.data + FIRST_REC + 2, &sizes[_i], 2);
	ck_assert_uint_le(read_changed(&r).flows, 4);
	if (sizes[_i] < 4 || sizes[_i] == 65535) {
		ck_assert_uint_eq(r.bad_records, 4);
		ck_assert(nffile_missing(&r, &err));
	}
	nffile_close(&r);
}
END_TEST

START_TEST(a_size_of_an_element_is_not_trusted)
{
	static const uint16_t sizes[] = { 0, 3, 60000, 65535 };
	struct nffile_reader r;
	four_flows();
	memcpy(all.data + FIRST_REC + FLOW_HEADER + 2, &sizes[_i], 2);
	ck_assert_uint_eq(read_changed(&r).flows, 3);
	nffile_close(&r);
}
END_TEST

START_TEST(a_block_size_is_not_trusted)
{
	static const uint32_t sizes[] = { 0, 5U * 1024 * 1024 + 1, INT32_MAX,
		UINT32_MAX };
	struct nffile_reader r;
	four_flows();
	memcpy(all.data + FIRST_BLOCK + 4, &sizes[_i], 4);
	struct ft_count c = read_changed(&r);
	ck_assert_uint_eq(c.flows, 0);
	ck_assert_uint_eq(c.errors, 1);
	ck_assert_ptr_nonnull(strstr(err.msg, "block 0"));
	nffile_close(&r);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("nffile security");
	TCase *t = tcase_create("all");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, sizes_of_many_names_do_not_overflow);
	tcase_add_test(t, an_ident_without_its_end_is_cut);
	tcase_add_test(t, a_map_without_an_end_stays_in_its_record);
	tcase_add_test(t, an_appendix_says_more_than_it_has);
	tcase_add_test(t, appendix_blocks_without_end);
	tcase_add_loop_test(t, a_count_of_records_is_not_trusted, 0, 6);
	tcase_add_loop_test(t, a_size_of_a_record_is_not_trusted, 0, 10);
	tcase_add_loop_test(t, a_size_of_an_element_is_not_trusted, 0, 4);
	tcase_add_loop_test(t, a_block_size_is_not_trusted, 0, 4);
	suite_add_tcase(s, t);
	return ft_run(s);
}
