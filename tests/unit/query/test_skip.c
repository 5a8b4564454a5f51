/* A query says the same with an index and without. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "index/folder.h"
#include "nffile/nffile.h"
#include "query/scan.h"
#include "tests/unit/filter/naive_set.h"

#define BLOCKS 24
#define EACH   3 /* flows of a block */
#define NAME   "src/nfcapd.202311142210"

static char dir[64];
static char path[128];
static struct err err;
static struct flow flows[BLOCKS * EACH];

static void
write_flows(uint64_t seed)
{
	struct rnd r = { seed };
	struct nffile_writer w;
	struct nffile_writer_opts o = { .codec = CODEC_LZ4,
		.compat = COMPAT_NEWEST,
		.creator = CREATOR_NFCAPD,
		.created = 1,
		.ident = "src1",
		.mode = 0644 };
	nv_random_flows(&r, flows, BLOCKS * EACH);
	ck_assert_int_eq(nffile_create(&w, path, &o, &err), 0);
	for (size_t i = 0; i < BLOCKS * EACH; i++) {
		ck_assert_int_eq(nffile_add_flow(&w, &flows[i], &err), 0);
		if (i % EACH == EACH - 1)
			ck_assert_int_eq(nffile_flush(&w, &err), 0);
	}
	ck_assert_int_eq(nffile_finish(&w, false, &err), 0);
}

static void
setup(void)
{
	(void)snprintf(dir, sizeof(dir), "/tmp/skip.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/src", dir);
	ck_assert_int_eq(file_mkdirs(path, 0777, &err), 0);
	(void)snprintf(path, sizeof(path), "%s/" NAME, dir);
}

static void
teardown(void)
{
	ck_assert_int_eq(file_remove_tree(dir, &err), 0);
}

static void
make_index(void)
{
	struct index_work w = { .files = 0 };
	ck_assert_int_eq(index_update(dir, "src", &w, &err), 0);
	ck_assert_uint_eq(w.files, 1);
	ck_assert_uint_eq(w.made, 1);
	ck_assert_uint_eq(w.opaque, 0);
}

static void
complain(const char *text)
{
	ck_abort_msg("%s", text);
}

struct seen {
	uint64_t rows, sum;
};

static void
take(void *ctx, const struct picked *p)
{
	struct seen *s = ctx;
	s->rows += p->n;
	for (size_t i = 0; i < p->n; i++)
		s->sum += (uint64_t)p->rows[i] + p->row + 1000 * p->block +
			  p->b->src_port[p->rows[i]];
}

static struct scan
ask(const struct scan *q, bool index, struct seen *seen)
{
	struct tree_file file = { .path = path };
	struct tree_list l = { .files = &file, .n = 1 };
	struct scan s = *q;
	s.total.first = UINT64_MAX;
	s.no_index = !index;
	*seen = (struct seen){ 0 };
	if (q->columns != 0)
		scan_add_sink(&s, &(struct scan_sink){ .ctx = seen,
				      .ordered = true,
				      .columns = COL_BIT(COL_SRCPORT),
				      .take = take });
	scan_run(&s, &l, complain);
	return s;
}

/* Returns how many blocks the index saved. */
static uint64_t
compare(const struct scan *q, const char *text)
{
	struct seen x, y;
	struct scan a = ask(q, false, &x), b = ask(q, true, &y);
	ck_assert_msg(memcmp(&a.total, &b.total, sizeof(a.total)) == 0 &&
			  a.passed == b.passed && a.processed == b.processed &&
			  a.first == b.first && a.last == b.last &&
			  memcmp(&x, &y, sizeof(x)) == 0,
	    "passed %llu, with index %llu; processed %llu, %llu: %s",
	    (unsigned long long)a.passed, (unsigned long long)b.passed,
	    (unsigned long long)a.processed, (unsigned long long)b.processed,
	    text);
	ck_assert_uint_eq(a.skipped.blocks, 0);
	/* Outside of the window a file is not read anyway. */
	if (q->from_ms == 0 && q->to_ms == 0)
		ck_assert_uint_eq(a.bytes_read, b.bytes_read + b.skipped.bytes);
	return b.skipped.blocks;
}

static uint64_t
compare_filter(struct rnd *r, int depth)
{
	struct buf text = BUF_EMPTY;
	struct nv_node *x = nv_make(r, depth, flows, BLOCKS * EACH, &text);
	struct filter_error fe;
	struct filter *f = filter_parse(buf_str(&text), text.len, &fe);
	ck_assert_msg(f != NULL, "%s: %s", buf_str(&text), fe.message);
	struct scan q = { .filter = f };
	if (rnd_below(r, 2) != 0)
		q.columns = COL_BIT(COL_PROTO); /* with a sink */
	if (rnd_below(r, 4) == 0)
		q.from_ms = flows[rnd_below(r, BLOCKS * EACH)].first;
	if (rnd_below(r, 4) == 0)
		q.to_ms = flows[rnd_below(r, BLOCKS * EACH)].last;
	if (rnd_below(r, 4) == 0)
		q.limit = 1 + rnd_below(r, 10);
	uint64_t saved = compare(&q, buf_str(&text));
	filter_free(f);
	nv_free(x);
	buf_free(&text);
	return saved;
}

START_TEST(random_filters_find_the_same_with_an_index)
{
	struct rnd r = { (uint64_t)_i + 1 };
	uint64_t saved = 0;
	write_flows((uint64_t)_i + 100);
	make_index();
	for (int i = 0; i < 400; i++)
		saved += compare_filter(&r, i % 4);
	/* A test in which nothing is passed over proves nothing. */
	ck_assert_uint_gt(saved, 400);
}
END_TEST

static uint64_t
saved_by(const char *text, uint64_t from_ms, uint64_t to_ms)
{
	struct filter_error fe;
	struct filter *f = filter_parse(text, strlen(text), &fe);
	ck_assert_msg(f != NULL, "%s", fe.message);
	struct scan q = { .filter = text[0] != '\0' ? f : NULL,
		.from_ms = from_ms,
		.to_ms = to_ms };
	uint64_t saved = compare(&q, text);
	filter_free(f);
	return saved;
}

START_TEST(what_cannot_match_is_not_read)
{
	write_flows(7);
	make_index();
	ck_assert_uint_eq(saved_by("ident other", 0, 0), BLOCKS);
	ck_assert_uint_eq(saved_by("proto 200", 0, 0), BLOCKS);
	ck_assert_uint_eq(saved_by("proto 200 or ident other", 0, 0), BLOCKS);
	ck_assert_uint_eq(saved_by("any", UINT64_MAX / 2, 0), BLOCKS);
	ck_assert_uint_ge(saved_by("host 198.51.100.77", 0, 0), BLOCKS - 3);
	ck_assert_uint_ge(saved_by("host 2001:db8:ffff::77", 0, 0), BLOCKS - 3);
	/* Numbers of flows go on over all there are. */
	ck_assert_uint_eq(saved_by("count > 5 and proto 200", 0, 0), 0);
}
END_TEST

START_TEST(sums_of_all_flows_are_in_the_index)
{
	write_flows(9);
	make_index();
	ck_assert_uint_eq(saved_by("", 0, 0), BLOCKS);
}
END_TEST

START_TEST(an_index_of_another_file_is_not_asked)
{
	write_flows(1);
	make_index();
	write_flows(2);
	ck_assert_uint_eq(saved_by("proto 200", 0, 0), 0);
	make_index();
	ck_assert_uint_eq(saved_by("proto 200", 0, 0), BLOCKS);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("skip");
	TCase *t = tcase_create("skip");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, random_filters_find_the_same_with_an_index, 0,
	    8);
	tcase_add_test(t, what_cannot_match_is_not_read);
	tcase_add_test(t, sums_of_all_flows_are_in_the_index);
	tcase_add_test(t, an_index_of_another_file_is_not_asked);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
