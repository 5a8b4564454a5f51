/* A query's scan: any number of threads, the same rows in the same order. */
#include "base/hash.h"
#include "query/scan.h"

#include "../nffile/filetest.h"

#define FILES   6
#define THREADS 4

static struct tree_file file[FILES];
static char path[FILES][FILE_PATH_MAX];
/* Some need the number of flows before. */
static const char *const texts[] = { "proto tcp and port > 100 or net 2000::/3",
	"count > 3000 and count < 21000 and proto tcp or count 7",
	"not count < 9" };
#define TEXTS (sizeof(texts) / sizeof(texts[0]))

static struct filter *filter[TEXTS];

/* What sinks saw. */
struct seen {
	uint64_t rows;
	uint64_t hash; /* depends on the order */
	uint64_t ends;
	bool busy; /* somebody is in turn */
};

/* One thread's part of a sink. */
struct part {
	struct seen *whole;
	size_t n;
	uint64_t key[1 << 16]; /* of the block's rows */
	uint64_t rows, sum;    /* over all its blocks */
};

static void
setup(void)
{
	struct filter_error fe;
	ft_setup();
	for (size_t i = 0; i < TEXTS; i++) {
		filter[i] = filter_parse(texts[i], strlen(texts[i]), &fe);
		ck_assert_msg(filter[i] != NULL, "%s", fe.message);
	}
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
	for (size_t i = 0; i < TEXTS; i++)
		filter_free(filter[i]);
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

static void *
part_new(void *ctx)
{
	struct part *p = calloc(1, sizeof(*p));
	ck_assert_ptr_nonnull(p);
	p->whole = ctx;
	return p;
}

/* Anything that depends on the row and its place. */
static uint64_t
row_key(const struct picked *p, size_t i)
{
	uint64_t place = (uint64_t)p->file << 48 | (uint64_t)p->block << 32 |
			 (p->row + p->rows[i]);
	return hash_bytes(p->b->rec[p->rows[i]], 16, place);
}

static void
part_take(void *part, const struct picked *picked)
{
	struct part *p = part;
	for (size_t i = 0; i < picked->n; i++)
		p->key[p->n++] = row_key(picked, i);
}

static void
part_turn(void *part)
{
	struct part *p = part;
	ck_assert(!p->whole->busy);
	p->whole->busy = true;
	for (size_t i = 0; i < p->n; i++)
		p->whole->hash = hash_mix(p->whole->hash, p->key[i]);
	p->whole->rows += p->n;
	p->n = 0;
	p->whole->busy = false;
}

static void
part_end(void *ctx, void *part)
{
	struct part *p = part;
	ck_assert_ptr_eq(p->whole, ctx);
	ck_assert_uint_eq(p->n, 0); /* what was taken had its turn */
	p->whole->ends++;
	free(p);
}

/* Sums do not depend on the order. */
static void
sum_take(void *part, const struct picked *picked)
{
	struct part *p = part;
	for (size_t i = 0; i < picked->n; i++)
		p->sum += row_key(picked, i);
	p->rows += picked->n;
}

static void
sum_end(void *ctx, void *part)
{
	struct seen *seen = ctx;
	struct part *p = part;
	seen->rows += p->rows;
	seen->hash += p->sum;
	seen->ends++;
	free(p);
}

enum { ORDERED, TURNS, SUMS, KINDS };

static void
add_sink(struct scan *s, int kind, struct seen *seen)
{
	static const struct scan_sink sinks[KINDS] = {
		[ORDERED] = { .ordered = true, .take = take },
		[TURNS] = { .part = part_new,
		    .take = part_take,
		    .turn = part_turn,
		    .end = part_end },
		[SUMS] = { .part = part_new, .take = sum_take, .end = sum_end },
	};
	struct scan_sink sink = sinks[kind];
	sink.ctx = seen;
	scan_add_sink(s, &sink);
}

static void
complain(const char *text)
{
	ck_abort_msg("%s", text);
}

static void
run(struct scan *s, unsigned threads, unsigned kinds, struct seen *seen,
    const struct scan *like)
{
	struct tree_list l = { .files = file, .n = FILES };
	memset(seen, 0, KINDS * sizeof(seen[0]));
	scan_init(s);
	s->filter = like->filter;
	s->limit = like->limit;
	s->from_ms = like->from_ms;
	s->threads = threads;
	for (int k = 0; k < KINDS; k++)
		if ((kinds >> k & 1) != 0)
			add_sink(s, k, &seen[k]);
	scan_run(s, &l, complain);
}

static const struct {
	int filter;     /* of texts, -1: none */
	unsigned sinks; /* bits of kinds */
	uint64_t limit, from_ms;
} cases[] = {
	{ -1, 0, 0, 0 },
	{ 0, 0, 0, 0 },
	{ -1, 7, 0, 0 },
	{ 0, 7, 0, 0 },
	{ 0, 7, 1, 0 },
	{ 0, 7, 777, 0 },
	{ -1, 7, 20000, 0 },
	{ 0, 0, 5000, 0 },
	{ 0, 7, 0, UINT64_C(1) << 40 },
	{ 0, 0, 0, UINT64_C(1) << 40 },
	{ 1, 0, 0, 0 },
	{ 1, 7, 0, 0 },
	{ 1, 7, 777, 0 },
	{ 1, 7, 0, UINT64_C(1) << 40 },
	{ 2, 0, 0, 0 },
	{ 2, 7, 20000, 0 },
	{ 0, 1, 0, 0 },
	{ 0, 1, 777, 0 },
	{ 0, 2, 0, 0 },
	{ 0, 2, 777, 0 },
	{ 1, 2, 0, 0 },
	{ 0, 4, 0, 0 },
	{ 1, 4, 777, 0 },
	{ -1, 6, 0, 0 },
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
	struct scan like = { .filter = cases[_i].filter != -1
					   ? filter[cases[_i].filter]
					   : NULL,
		.limit = cases[_i].limit,
		.from_ms = cases[_i].from_ms };
	unsigned kinds = cases[_i].sinks;
	struct scan one, many;
	struct seen a[KINDS], b[KINDS];
	run(&one, 1, kinds, a, &like);
	if (like.limit != 0)
		ck_assert_uint_eq(one.passed, like.limit);
	for (int k = 0; k < KINDS; k++)
		if ((kinds >> k & 1) != 0)
			ck_assert_uint_eq(one.passed, a[k].rows);
	for (unsigned n = 2; n <= THREADS; n++) {
		run(&many, n, kinds, b, &like);
		for (int k = 0; k < KINDS; k++)
			same_seen(&a[k], &b[k]);
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
	struct scan like = { .filter = filter[0] }, with, without;
	struct seen seen[KINDS];
	run(&without, 2, 0, seen, &like);
	run(&with, 2, 1U << ORDERED, seen, &like);
	same_totals(&with.total, &without.total);
	ck_assert_uint_eq(with.passed, without.passed);
	ck_assert_uint_eq(with.processed, without.processed);
}
END_TEST

START_TEST(flows_are_numbered_over_all_blocks_and_files)
{
	struct scan like = { .filter = filter[2] }, s;
	struct seen seen[KINDS];
	run(&s, (unsigned)_i, 0, seen, &like);
	ck_assert_uint_gt(s.processed, 20000);
	ck_assert_uint_eq(s.passed, s.processed - 8);
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
	tcase_add_loop_test(t, flows_are_numbered_over_all_blocks_and_files, 1,
	    THREADS + 1);
	suite_add_tcase(s, t);
	return ft_run(s);
}
