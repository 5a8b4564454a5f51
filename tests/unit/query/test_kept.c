/* Flows that are sorted: in memory, on disk, and by a sort of the library. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "nffile/nffile.h"
#include "query/kept.h"

#include "../nffile/random_flow.h"

#define FLOWS 60000

static char dir[64];
static char path[128];
static struct err err;

/* Few values of bytes, so that many flows are equal; `first` tells which. */
static uint64_t
bytes_of(unsigned i)
{
	return (uint64_t)i * 2654435761U % 1000;
}

static void
setup(void)
{
	struct nffile_writer w;
	struct nffile_writer_opts o = { .codec = CODEC_LZ4,
		.creator = CREATOR_NFCAPD,
		.created = 1,
		.ident = "x",
		.mode = 0644 };
	(void)snprintf(dir, sizeof(dir), "/tmp/kept.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/nfcapd.202311142210", dir);
	ck_assert_int_eq(nffile_create(&w, path, &o, &err), 0);
	for (unsigned i = 1; i <= FLOWS; i++) {
		struct flow f = { .have = FLOW_BIT(FE_GENERIC),
			.first = i,
			.last = i,
			.packets = 1,
			.bytes = bytes_of(i) };
		/* Blocks of a few thousand flows. */
		if (i % 5000 == 0)
			ck_assert_int_eq(nffile_flush(&w, &err), 0);
		ck_assert_int_eq(nffile_add_flow(&w, &f, &err), 0);
	}
	ck_assert_int_eq(nffile_finish(&w, false, &err), 0);
}

static void
teardown(void)
{
	ck_assert_int_eq(file_remove_tree(dir, &err), 0);
}

static void
complain(const char *text)
{
	ck_abort_msg("%s", text);
}

/* The `first` of all flows in order; the caller frees them. */
static uint64_t *
sorted(size_t memory, size_t top, const struct filter *labels, size_t *n,
    size_t *runs)
{
	struct tree_file f = { .path = path };
	struct tree_list l = { .files = &f, .n = 1 };
	struct kept k = { .order = ORDER_BYTES,
		.top = top,
		.labels = labels,
		.memory = memory };
	struct scan s;
	uint64_t *list = mem_calloc(FLOWS, sizeof(*list));
	scan_init(&s);
	struct scan_sink sink = kept_sink(&k);
	scan_add_sink(&s, &sink);
	scan_run(&s, &l, complain);
	*n = 0;
	while (kept_more(&k)) {
		for (size_t i = 0; i < k.n; i++) {
			struct flow flow;
			(void)nffile_record_flow(k.ref[i].rec, &flow);
			ck_assert_uint_lt(*n, FLOWS);
			list[(*n)++] = flow.first;
		}
	}
	ck_assert(!kept_more(&k));
	*runs = k.n_runs;
	kept_free(&k);
	return list;
}

static int
by_bytes(const void *a, const void *b)
{
	unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;
	if (bytes_of(x) != bytes_of(y))
		return bytes_of(x) < bytes_of(y) ? 1 : -1;
	return x < y ? -1 : 1;
}

static const struct {
	size_t memory, top;
	bool spills;
} cases[] = {
	{ 0, 0, false },
	{ SIZE_MAX, 0, false },
	{ 1, 0, true },       /* a run for each block */
	{ 1 << 20, 0, true }, /* a few */
	{ 1, 1, true },
	{ 1, 7777, true },
	{ 1 << 20, 20000, true },
	{ 1, FLOWS, true },
	{ 1, FLOWS + 1, true },
	{ 0, 10, false },
};

START_TEST(order_is_the_same_with_any_memory)
{
	size_t n, runs, top = cases[_i].top;
	unsigned *want = mem_calloc(FLOWS, sizeof(*want));
	for (unsigned i = 0; i < FLOWS; i++)
		want[i] = i + 1;
	qsort(want, FLOWS, sizeof(*want), by_bytes);
	uint64_t *got = sorted(cases[_i].memory, top, NULL, &n, &runs);
	ck_assert_uint_eq(n, top != 0 && top < FLOWS ? top : FLOWS);
	for (size_t i = 0; i < n; i++)
		ck_assert_uint_eq(got[i], want[i]);
	ck_assert(cases[_i].spills ? runs > 1 : runs == 0);
	free(got);
	free(want);
}
END_TEST

START_TEST(labels_come_along_from_disk)
{
	struct filter_error fe;
	static const char text[] = "(bytes < 500) %small or (any) %large";
	struct filter *f = filter_parse(text, strlen(text), &fe);
	ck_assert_ptr_nonnull(f);
	struct tree_file file = { .path = path };
	struct tree_list l = { .files = &file, .n = 1 };
	char *lines[2] = { NULL, NULL };
	for (int i = 0; i < 2; i++) {
		struct arena a = ARENA_EMPTY;
		struct format format = { 0 };
		struct out out = { .text = BUF_EMPTY };
		struct kept k = { .order = ORDER_BYTES,
			.top = 300,
			.labels = f,
			.memory = (size_t)i };
		struct scan s;
		ck_assert_int_eq(format_parse(&format, "fmt:%byt %lbl", &a,
				     &err),
		    0);
		struct listing listing = { .out = &out, .format = &format };
		struct scan_sink sink = kept_sink(&k);
		scan_init(&s);
		s.filter = f;
		scan_add_sink(&s, &sink);
		scan_run(&s, &l, complain);
		while (kept_more(&k)) {
			for (size_t n = 0; n < k.n; n++) {
				struct flow flow;
				const char *label;
				memcpy(&label, k.ref[n].rec - sizeof(label),
				    sizeof(label));
				(void)nffile_record_flow(k.ref[n].rec, &flow);
				ck_assert_str_eq(label,
				    flow.bytes < 500 ? "small" : "large");
				listing_label(&flow, label);
				listing_flow(&listing, &flow);
			}
		}
		ck_assert(i == 0 ? k.n_runs == 0 : k.n_runs > 1);
		lines[i] = mem_strdup(buf_str(&out.text));
		kept_free(&k);
		out_free(&out);
		arena_free(&a);
	}
	ck_assert_str_eq(lines[0], lines[1]);
	ck_assert_ptr_nonnull(strstr(lines[0], "large"));
	free(lines[0]);
	free(lines[1]);
	filter_free(f);
}
END_TEST

/* Keys near and far, equal ones in their order. */
START_TEST(the_sort_is_stable_and_falls)
{
	struct rnd r = { (uint64_t)_i + 1 };
	size_t n = (size_t)rnd(&r) % 5000;
	uint64_t range = UINT64_MAX >> (rnd(&r) % 64);
	struct kept_ref *ref = mem_calloc(n + 1, sizeof(*ref));
	static const uint8_t place[5000];
	for (size_t i = 0; i < n; i++)
		ref[i] = (struct kept_ref){ rnd(&r) & range, place + i };
	kept_sort(ref, n);
	for (size_t i = 1; i < n; i++) {
		ck_assert_uint_ge(ref[i - 1].key, ref[i].key);
		if (ref[i - 1].key == ref[i].key)
			ck_assert(ref[i - 1].rec < ref[i].rec);
	}
	free(ref);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("kept");
	TCase *t = tcase_create("kept");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, order_is_the_same_with_any_memory, 0,
	    (int)(sizeof(cases) / sizeof(cases[0])));
	tcase_add_test(t, labels_come_along_from_disk);
	suite_add_tcase(s, t);
	t = tcase_create("sort");
	tcase_add_loop_test(t, the_sort_is_stable_and_falls, 0, 50);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
