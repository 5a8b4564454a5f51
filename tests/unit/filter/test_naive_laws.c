/*
 * Laws that hold for every filter, whatever it means: of not, and, or; of
 * printing and parsing; a set finds what each filter finds alone, in any
 * order, however the flows are cut into batches and the file into blocks.
 */
#include <check.h>
#include <stdlib.h>
#include <unistd.h>

#include "filter/tally.h"
#include "naive_set.h"
#include "nffile/nffile.h"

#define ROWS   500
#define IDENT  "src1"
#define ROUNDS 40

static struct flow flows[ROWS];

/* The bits of n filters on rows from, from + 1, .. before to. */
static void
evaluate(struct filter *const *f, size_t n, size_t from, size_t to,
    uint64_t (*bits)[BATCH_WORDS])
{
	struct filterset *s = nv_set(f, n, IDENT);
	struct batch *b = batch_of(flows + from, to - from);
	filterset_eval(s, b);
	for (size_t i = 0; i < n; i++)
		memcpy(bits[i], filterset_bits(s, i), sizeof(bits[i]));
	free(b);
	filterset_free(s);
}

/* The bits of a filter given as printf does, alone. */
static void __attribute__((format(printf, 2, 3)))
alone(uint64_t *bits, const char *fmt, ...)
{
	char text[65536];
	uint64_t got[1][BATCH_WORDS];
	va_list ap;
	va_start(ap, fmt);
	ck_assert_int_lt(vsnprintf(text, sizeof(text), fmt, ap),
	    (int)sizeof(text));
	va_end(ap);
	struct filter *f = nv_parse(text);
	evaluate(&f, 1, 0, ROWS, got);
	memcpy(bits, got[0], sizeof(got[0]));
	filter_free(f);
}

static void
same(const uint64_t *a, const uint64_t *b, const char *law, const char *f,
    const char *g)
{
	if (memcmp(a, b, BATCH_WORDS * sizeof(a[0])) != 0)
		ck_abort_msg("%s\n  f: %s\n  g: %s", law, f, g);
}

/* Letters mean another thing below a not. */
static bool
has_letters(const char *text)
{
	const char *p = text;
	while ((p = strstr(p, "flags ")) != NULL) {
		p += strlen("flags ");
		if (strchr("FSRPAUEC", *p) != NULL)
			return true;
	}
	return false;
}

START_TEST(not_and_or_obey_the_laws_of_logic)
{
	struct rnd r = { (uint64_t)_i * 977 + 5 };
	uint64_t x[BATCH_WORDS], y[BATCH_WORDS], none[BATCH_WORDS] = { 0 };
	nv_random_flows(&r, flows, ROWS);
	for (int k = 0; k < ROUNDS; k++) {
		struct nv_filter nf = nv_filter_random(&r, k % 4, flows, ROWS);
		struct nv_filter ng = nv_filter_random(&r, k % 3, flows, ROWS);
		const char *f = buf_str(&nf.text), *g = buf_str(&ng.text);
		alone(x, "%s", f);
		alone(y, "not (not (%s))", f);
		same(x, y, "not not f = f", f, g);
		alone(y, "(%s) and not (%s)", f, f);
		same(none, y, "f and not f = none", f, g);
		if (!has_letters(f)) {
			alone(x, "any");
			alone(y, "(%s) or not (%s)", f, f);
			same(x, y, "f or not f = any", f, g);
		}
		alone(x, "not ((%s) and (%s))", f, g);
		alone(y, "not (%s) or not (%s)", f, g);
		same(x, y, "not (f and g) = not f or not g", f, g);
		alone(x, "not ((%s) or (%s))", f, g);
		alone(y, "!(%s) && !(%s)", f, g);
		same(x, y, "not (f or g) = not f and not g", f, g);
		alone(x, "(%s) and (%s)", f, g);
		alone(y, "(%s) and (%s) and (%s)", g, f, g);
		same(x, y, "f and g = g and f and g", f, g);
		alone(x, "%s", f);
		alone(y, "(%s) and ((%s) or (%s))", f, f, g);
		same(x, y, "f and (f or g) = f", f, g);
		alone(x, "any and (%s) or not any", f);
		alone(y, "%s", f);
		same(x, y, "any and f or not any = f", f, g);
		nv_filter_free(&nf);
		nv_filter_free(&ng);
	}
}
END_TEST

START_TEST(the_printed_filter_is_the_filter)
{
	struct rnd r = { (uint64_t)_i * 613 + 1 };
	uint64_t x[BATCH_WORDS], y[BATCH_WORDS];
	nv_random_flows(&r, flows, ROWS);
	for (int k = 0; k < ROUNDS; k++) {
		struct buf once = BUF_EMPTY, twice = BUF_EMPTY;
		struct nv_filter f = nv_filter_random(&r, k % 6, flows, ROWS);
		filter_print(f.f, &once);
		struct filter *again = nv_parse(buf_str(&once));
		filter_print(again, &twice);
		ck_assert_str_eq(buf_str(&once), buf_str(&twice));
		alone(x, "%s", buf_str(&f.text));
		alone(y, "%s", buf_str(&once));
		same(x, y, "parse(print(f)) = f", buf_str(&f.text),
		    buf_str(&once));
		filter_free(again);
		buf_free(&once);
		buf_free(&twice);
		nv_filter_free(&f);
	}
}
END_TEST

/* ---- sets ------------------------------------------------------------------- */

#define N 60

static struct nv_filter all[N];
static uint64_t each[N][BATCH_WORDS], bits[N][BATCH_WORDS];

static void
make_all(uint64_t seed)
{
	struct rnd r = { seed };
	nv_random_flows(&r, flows, ROWS);
	for (size_t i = 0; i < N; i++) {
		all[i] = nv_filter_random(&r, (int)(i % 5), flows, ROWS);
		alone(each[i], "%s", buf_str(&all[i].text));
	}
}

static void
free_all(void)
{
	for (size_t i = 0; i < N; i++)
		nv_filter_free(&all[i]);
}

START_TEST(a_set_finds_what_each_finds_alone_in_any_order)
{
	struct rnd r = { (uint64_t)_i + 8 };
	struct filter *f[N];
	size_t place[N];
	make_all((uint64_t)_i * 17 + 4);
	for (size_t i = 0; i < N; i++)
		place[i] = i;
	for (int round = 0; round < 4; round++) {
		for (size_t i = 0; i < N; i++)
			f[i] = all[place[i]].f;
		evaluate(f, N, 0, ROWS, bits);
		for (size_t i = 0; i < N; i++)
			same(bits[i], each[place[i]], "in a set as alone",
			    buf_str(&all[place[i]].text), "");
		for (size_t i = N - 1; i > 0; i--) { /* another order */
			size_t k = rnd_below(&r, i + 1), t = place[i];
			place[i] = place[k];
			place[k] = t;
		}
	}
	free_all();
}
END_TEST

START_TEST(it_does_not_matter_where_batches_end)
{
	struct rnd r = { (uint64_t)_i + 80 };
	struct filter *f[N];
	make_all((uint64_t)_i * 23 + 9);
	for (size_t i = 0; i < N; i++)
		f[i] = all[i].f;
	for (size_t from = 0, to; from < ROWS; from = to) {
		to = from + 1 + rnd_below(&r, 140);
		if (to > ROWS)
			to = ROWS;
		evaluate(f, N, from, to, bits);
		for (size_t i = 0; i < N; i++)
			for (size_t k = from; k < to; k++)
				if (nv_hit(bits[i], k - from) !=
				    nv_hit(each[i], k))
					ck_abort_msg("row %zu: %s", k,
					    buf_str(&all[i].text));
	}
	free_all();
}
END_TEST

/* ---- files ------------------------------------------------------------------- */

/* A file of the flows whose blocks hold up to `most` flows. */
static void
write_file(const char *path, uint64_t most, uint64_t seed)
{
	struct nffile_writer_opts o = { .creator = CREATOR_NFDUMP,
		.codec = CODEC_LZ4,
		.ident = IDENT,
		.compat = COMPAT_NEWEST,
		.mode = 0600 };
	struct nffile_writer w;
	struct err err;
	struct rnd r = { seed };
	uint64_t left = most;
	ck_assert_int_eq(nffile_create(&w, path, &o, &err), 0);
	for (size_t i = 0; i < ROWS; i++) {
		ck_assert_int_eq(nffile_add_flow(&w, &flows[i], &err), 0);
		if (--left == 0) {
			left = 1 + rnd_below(&r, most);
			ck_assert_int_eq(nffile_flush(&w, &err), 0);
		}
	}
	ck_assert_int_eq(nffile_finish(&w, false, &err), 0);
}

static size_t
count_file(const char *path, struct filter *const *f, struct counters *sums)
{
	struct filterset *s = nv_set(f, N, IDENT);
	struct batch *b = mem_calloc(1, sizeof(*b));
	struct nffile_reader r;
	struct nffile_block blk;
	struct err err;
	size_t blocks = 0;
	memset(sums, 0, N * sizeof(sums[0]));
	ck_assert_int_eq(nffile_open(&r, path, &err), 0);
	filterset_expander(s, nffile_record_flow);
	filterset_file(s, r.ident);
	b->want = filterset_columns(s) | TALLY_COLUMNS;
	for (; nffile_read(&r, &blk, &err) == NFFILE_BLOCK; blocks++) {
		for (size_t pos = 0; nffile_batch(&blk, &pos, b) != 0;) {
			struct tally t;
			filterset_eval(s, b);
			tally_begin(&t, b);
			for (size_t i = 0; i < N; i++)
				tally_add(&t, filterset_bits(s, i),
				    TALLY_CHANNEL, &sums[i]);
		}
	}
	nffile_close(&r);
	free(b);
	filterset_free(s);
	return blocks;
}

START_TEST(it_does_not_matter_how_a_file_is_cut_into_blocks)
{
	static struct counters want[N], got[N];
	static const uint64_t most[] = { 1, 7, 64, 65, 300 };
	char path[] = "/tmp/test_naive_laws.XXXXXX";
	struct filter *f[N];
	int fd = mkstemp(path);
	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(close(fd), 0);
	make_all((uint64_t)_i * 29 + 2);
	for (size_t i = 0; i < N; i++)
		f[i] = all[i].f;
	write_file(path, ROWS + 1, 0);
	ck_assert_uint_eq(count_file(path, f, want), 1);
	for (size_t k = 0; k < 5; k++) {
		write_file(path, most[k], most[k]);
		ck_assert_uint_gt(count_file(path, f, got), 1);
		for (size_t i = 0; i < N; i++)
			if (memcmp(&want[i], &got[i], sizeof(got[i])) != 0)
				ck_abort_msg("blocks of %u: %s",
				    (unsigned)most[k], buf_str(&all[i].text));
	}
	ck_assert_int_eq(unlink(path), 0);
	free_all();
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("filter laws");
	TCase *t = tcase_create("laws");
	tcase_set_timeout(t, 120);
	tcase_add_loop_test(t, not_and_or_obey_the_laws_of_logic, 0, 6);
	tcase_add_loop_test(t, the_printed_filter_is_the_filter, 0, 6);
	tcase_add_loop_test(t, a_set_finds_what_each_finds_alone_in_any_order,
	    0, 6);
	tcase_add_loop_test(t, it_does_not_matter_where_batches_end, 0, 4);
	tcase_add_loop_test(t, it_does_not_matter_how_a_file_is_cut_into_blocks,
	    0, 4);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
