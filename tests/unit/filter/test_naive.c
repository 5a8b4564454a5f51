/*
 * The engine against a second implementation of the language (naive.h): for
 * every term, direction, operator and edge, every kernel, and batches of
 * every size, filterset_eval's bits and filter_match are what it says.
 */
#include <check.h>
#include <stdlib.h>

#include "naive_set.h"

static struct flow flows[BATCH_ROWS];

/* What naive says of each row; filter_match has to say the same. */
static void
expect(const struct nv_filter *x, size_t rows, const char *ident,
    uint64_t *bits)
{
	memset(bits, 0, BATCH_WORDS * sizeof(bits[0]));
	for (size_t i = 0; i < rows; i++) {
		bool want = nv_match(x->tree, &flows[i], ident, false);
		if (filter_match(x->f, &flows[i], ident) != want)
			ck_abort_msg("filter_match, flow %zu: %s", i,
			    buf_str(&x->text));
		bits[i / 64] |= (uint64_t)want << (i % 64);
	}
}

static void
compare_bits(const struct filterset *s, size_t index, const struct nv_filter *x,
    const uint64_t *want, size_t rows)
{
	const uint64_t *got = filterset_bits(s, index);
	for (size_t w = 0; w < BATCH_WORDS; w++)
		if (got[w] != want[w])
			ck_abort_msg("%s kernels, %zu rows, word %zu: %s",
			    s->kernels->name, rows, w, buf_str(&x->text));
}

/* The set on the first rows flows, with each kernel. */
static void
check_rows(struct filterset *s, const struct nv_filter *x, size_t n,
    size_t rows, const char *ident)
{
	const struct kernels *k;
	uint64_t(*want)[BATCH_WORDS] = mem_calloc(n, sizeof(want[0]));
	struct batch *b = batch_of(flows, rows);
	for (size_t i = 0; i < n; i++)
		expect(&x[i], rows, ident, want[i]);
	for (size_t nth = 0; (k = kernels_nth(nth)) != NULL; nth++) {
		s->kernels = k;
		filterset_eval(s, b);
		for (size_t i = 0; i < n; i++)
			compare_bits(s, i, &x[i], want[i], rows);
	}
	free(b);
	free(want);
}

static struct filterset *
set_of(const struct nv_filter *x, size_t n, const char *ident)
{
	struct filter **f = mem_calloc(n, sizeof(f[0]));
	for (size_t i = 0; i < n; i++)
		f[i] = x[i].f;
	struct filterset *s = nv_set(f, n, ident);
	free(f);
	return s;
}

static void
end(struct nv_filter *x, size_t n, struct filterset *s)
{
	for (size_t i = 0; i < n; i++)
		nv_filter_free(&x[i]);
	filterset_free(s);
}

START_TEST(each_term_finds_what_the_naive_evaluator_finds)
{
	enum { N = 60, ROWS = 400 };
	struct nv_filter x[N];
	struct rnd r = { (uint64_t)_i * 31 + 7 };
	nv_random_flows(&r, flows, ROWS);
	for (size_t i = 0; i < N; i++)
		x[i] = nv_filter_of(&r, &nv_defs[_i], flows, ROWS);
	struct filterset *s = set_of(x, N, "src1");
	check_rows(s, x, N, ROWS, "src1");
	nv_random_flows(&r, flows, ROWS);
	check_rows(s, x, N, ROWS - 37, "src1");
	end(x, N, s);
}
END_TEST

/* A test that compares nothing proves nothing. */
START_TEST(each_term_finds_some_flows_and_not_all)
{
	enum { N = 200, ROWS = 1000 };
	const struct nv_def *d = &nv_defs[_i];
	struct rnd r = { (uint64_t)_i + 1 };
	size_t hits = 0;
	nv_random_flows(&r, flows, ROWS);
	for (size_t i = 0; i < N; i++) {
		struct nv_filter x = nv_filter_of(&r, d, flows, ROWS);
		for (size_t k = 0; k < ROWS; k++)
			hits += nv_match(x.tree, &flows[k], "src1", false);
		nv_filter_free(&x);
	}
	ck_assert_msg(hits > 0, "%s matches nothing", d->phrase);
	ck_assert_msg(d->form == NVF_ANY || hits < (size_t)N * ROWS,
	    "%s matches everything", d->phrase);
}
END_TEST

START_TEST(random_filters_find_what_the_naive_evaluator_finds)
{
	enum { N = 40, ROWS = 300 };
	static const char *const idents[] = { "src0", "src1", "other" };
	struct nv_filter x[N];
	struct rnd r = { (uint64_t)_i * 104729 + 3 };
	nv_random_flows(&r, flows, ROWS);
	for (size_t i = 0; i < N; i++)
		x[i] = nv_filter_random(&r, (int)(i % 7), flows, ROWS);
	struct filterset *s = set_of(x, N, idents[_i % 3]);
	check_rows(s, x, N, ROWS, idents[_i % 3]);
	filterset_file(s, idents[(_i + 1) % 3]);
	nv_random_flows(&r, flows, ROWS);
	check_rows(s, x, N, ROWS, idents[(_i + 1) % 3]);
	end(x, N, s);
}
END_TEST

/* Partial words, growing and shrinking, so that nothing is left over. */
START_TEST(batches_of_every_size_are_right)
{
	enum { N = 24 };
	struct nv_filter x[N];
	struct rnd r = { (uint64_t)_i + 55 };
	nv_random_flows(&r, flows, BATCH_ROWS);
	for (size_t i = 0; i < N; i++)
		x[i] = nv_filter_random(&r, (int)(i % 4), flows, 200);
	struct filterset *s = set_of(x, N, "src2");
	check_rows(s, x, N, BATCH_ROWS, "src2");
	for (size_t rows = 0; rows <= 65; rows++)
		check_rows(s, x, N, rows, "src2");
	check_rows(s, x, N, BATCH_ROWS - 1, "src2");
	for (size_t rows = 130; rows-- > 0;)
		check_rows(s, x, N, rows, "src2");
	end(x, N, s);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("filter naive");
	TCase *t = tcase_create("naive");
	tcase_set_timeout(t, 120);
	tcase_add_loop_test(t, each_term_finds_what_the_naive_evaluator_finds,
	    0, (int)NV_DEFS);
	tcase_add_loop_test(t, each_term_finds_some_flows_and_not_all, 0,
	    (int)NV_DEFS);
	tcase_add_loop_test(t,
	    random_filters_find_what_the_naive_evaluator_finds, 0, 40);
	tcase_add_loop_test(t, batches_of_every_size_are_right, 0, 4);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
