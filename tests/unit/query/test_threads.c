/* A query's scan: any number of threads, the same rows in the same order. */
#include "base/hash.h"
#include "query/scan.h"

#include "../nffile/filetest.h"

#define FILES   6
#define THREADS 4

static struct tree_file file[FILES];
static char path[FILES][FILE_PATH_MAX];
static struct filter *filter;

/* What a sink saw. */
struct seen {
	uint64_t rows;
	uint64_t hash;
};

static void
setup(void)
{
	static const char text[] = "proto tcp and port > 100 or net 2000::/3";
	struct filter_error fe;
	ft_setup();
	filter = filter_parse(text, strlen(text), &fe);
	ck_assert_msg(filter != NULL, "%s", fe.message);
	for (unsigned i = 0; i < FILES; i++) {
		char name[8];
		(void)snprintf(name, sizeof(name), "f%u", i);
		(void)snprintf(path[i], sizeof(path[i]), "%s", ft_path(name));
		/* Some blocks have more than one batch. */
		ft_write(path[i], CODEC_LZ4, 2 * i, i == 4 ? 5000 : 70);
		file[i] = (struct tree_file){ .path = path[i] };
	}
}

static void
teardown(void)
{
	filter_free(filter);
	ft_teardown();
}

static void
take(void *ctx, const struct picked *p)
{
	struct seen *s = ctx;
	for (size_t i = 0; i < p->n; i++) {
		const uint8_t *rec = p->b->rec[p->rows[i]];
		s->hash = hash_bytes(rec, 16, s->hash);
	}
	s->rows += p->n;
}

static void
complain(const char *text)
{
	ck_abort_msg("%s", text);
}

static void
run(struct scan *s, unsigned threads, struct seen *seen,
    const struct scan *like)
{
	struct tree_list l = { .files = file, .n = FILES };
	*seen = (struct seen){ 0 };
	scan_init(s);
	s->filter = like->filter;
	s->limit = like->limit;
	s->from_ms = like->from_ms;
	s->threads = threads;
	if (like->n_sinks != 0)
		scan_add_sink(s, take, seen, 0);
	scan_run(s, &l, complain);
}

static const struct {
	bool filter, sink;
	uint64_t limit, from_ms;
} cases[] = {
	{ false, false, 0, 0 },
	{ true, false, 0, 0 },
	{ false, true, 0, 0 },
	{ true, true, 0, 0 },
	{ true, true, 1, 0 },
	{ true, true, 777, 0 },
	{ false, true, 20000, 0 },
	{ true, false, 5000, 0 },
	{ true, true, 0, UINT64_C(1) << 40 },
	{ true, false, 0, UINT64_C(1) << 40 },
};
#define CASES (int)(sizeof(cases) / sizeof(cases[0]))

static void
same_seen(const struct seen *a, const struct seen *b)
{
	ck_assert_uint_eq(a->rows, b->rows);
	ck_assert_uint_eq(a->hash, b->hash);
}

static void
same_totals(const struct totals *a, const struct totals *b)
{
	ck_assert_uint_eq(a->flows, b->flows);
	ck_assert_uint_eq(a->packets, b->packets);
	ck_assert_uint_eq(a->bytes, b->bytes);
	ck_assert_uint_eq(a->out_packets, b->out_packets);
	ck_assert_uint_eq(a->out_bytes, b->out_bytes);
	ck_assert_uint_eq(a->first, b->first);
	ck_assert_uint_eq(a->last, b->last);
}

START_TEST(threads_change_nothing)
{
	struct scan like = { .filter = cases[_i].filter ? filter : NULL,
		.limit = cases[_i].limit,
		.from_ms = cases[_i].from_ms,
		.n_sinks = cases[_i].sink };
	struct scan one, many;
	struct seen a, b;
	run(&one, 1, &a, &like);
	if (like.limit != 0)
		ck_assert_uint_eq(one.passed, like.limit);
	if (like.n_sinks != 0)
		ck_assert_uint_eq(one.passed, a.rows);
	for (unsigned n = 2; n <= THREADS; n++) {
		run(&many, n, &b, &like);
		same_seen(&a, &b);
		same_totals(&one.total, &many.total);
		ck_assert_uint_eq(one.processed, many.processed);
		ck_assert_uint_eq(one.passed, many.passed);
		ck_assert_uint_eq(one.bytes_read, many.bytes_read);
		ck_assert_uint_eq(one.first, many.first);
		ck_assert_uint_eq(one.last, many.last);
		ck_assert_uint_eq(one.failed, many.failed);
	}
}
END_TEST

/* With a sink every flow is added where it is found, without in bitmaps. */
START_TEST(sums_are_the_same_with_and_without_sinks)
{
	struct scan like = { .filter = filter }, with, without;
	struct seen seen;
	run(&without, 2, &seen, &like);
	like.n_sinks = 1;
	run(&with, 2, &seen, &like);
	same_totals(&with.total, &without.total);
	ck_assert_uint_eq(with.passed, without.passed);
	ck_assert_uint_eq(with.processed, without.processed);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("query threads");
	TCase *t = tcase_create("all");
	tcase_set_timeout(t, 60);
	tcase_add_unchecked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, threads_change_nothing, 0, CASES);
	tcase_add_test(t, sums_are_the_same_with_and_without_sinks);
	suite_add_tcase(s, t);
	return ft_run(s);
}
