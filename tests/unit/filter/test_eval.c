/*
 * The batch engine against the oracle: for random filters and random flows
 * every bit must be what filter_match says of that flow.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "filter/filter.h"
#include "filter/set.h"
#include "filter/tally.h"
#include "flows.h"

#define FLOWS 700

static struct flow flows[BATCH_ROWS];

static struct filter *
must_parse(const char *text)
{
	struct filter_error fe;
	struct filter *f = filter_parse(text, strlen(text), &fe);
	ck_assert_msg(f != NULL, "%s: %s", text, fe.message);
	return f;
}

static void
fill(struct rnd *r, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		flow_random(r, &flows[i]);
		flows[i].number = i + 1;
	}
}

static void
check_filter(const struct filterset *s, size_t index, const struct filter *f,
    size_t rows, const char *ident)
{
	const uint64_t *bits = filterset_bits(s, index);
	struct buf text = BUF_EMPTY;
	filter_print(f, &text);
	for (size_t i = 0; i < BATCH_ROWS; i++) {
		bool hit = (bits[i / 64] >> (i % 64) & 1) != 0;
		bool want = i < rows && filter_match(f, &flows[i], ident);
		if (hit != want) /* an assertion each would take minutes */
			ck_abort_msg("%s kernels, row %zu: %s",
			    s->kernels->name, i, buf_str(&text));
	}
	buf_free(&text);
}

/* Every filter on batches of several sizes, each ident, each kernel. */
static void
check_set(struct filter **f, size_t n, uint64_t seed)
{
	static const size_t sizes[] = { FLOWS, 64, 63, 1, 130, 65 };
	static const char *const idents[] = { "src0", "src1", "other" };
	const struct kernels *k;
	struct filterset *s = filterset_new();
	for (size_t i = 0; i < n; i++)
		ck_assert_uint_eq(filterset_add(s, f[i]), i);
	filterset_compile(s);
	filterset_expander(s, flow_expand);
	struct rnd r = { seed };
	for (size_t nth = 0; (k = kernels_nth(nth)) != NULL; nth++) {
		s->kernels = k;
		filterset_file(s, idents[(seed + nth) % 3]);
		for (size_t z = 0; z < 6; z++) {
			fill(&r, sizes[z]);
			struct batch *b = batch_of(flows, sizes[z]);
			filterset_number(s, 1);
			filterset_eval(s, b);
			for (size_t i = 0; i < n; i++)
				check_filter(s, i, f[i], sizes[z],
				    idents[(seed + nth) % 3]);
			free(b);
		}
	}
	filterset_free(s);
}

START_TEST(random_filters_of_a_set_match_as_the_oracle_says)
{
	enum { N = 12 };
	struct filter *f[N];
	struct rnd r = { (uint64_t)_i * 7919 + 1 };
	for (size_t i = 0; i < N; i++) {
		struct buf text = BUF_EMPTY;
		filter_random(&r, (int)(i % 5), &text);
		f[i] = must_parse(buf_str(&text));
		buf_free(&text);
	}
	check_set(f, N, (uint64_t)_i);
	for (size_t i = 0; i < N; i++)
		filter_free(f[i]);
}
END_TEST

/* Each row of the table by itself, so that none is left to chance. */
START_TEST(every_term_matches_as_the_oracle_says)
{
	enum { N = 10 };
	size_t terms;
	const struct term_def *d = &term_table(&terms)[_i];
	struct filter *f[N];
	struct rnd r = { (uint64_t)_i + 99 };
	if (d->alias_of != NULL ||
	    (d->value == VALUE_OWN && own_value(d) == NULL))
		return;
	for (size_t i = 0; i < N; i++) {
		struct buf text = BUF_EMPTY;
		random_term_of(&r, d, &text);
		f[i] = must_parse(buf_str(&text));
		buf_free(&text);
	}
	check_set(f, N, (uint64_t)_i);
	for (size_t i = 0; i < N; i++)
		filter_free(f[i]);
}
END_TEST

START_TEST(random_filters_print_to_what_parses_to_the_same)
{
	struct rnd r = { (uint64_t)_i + 4242 };
	for (int i = 0; i < 50; i++) {
		struct buf text = BUF_EMPTY, once = BUF_EMPTY,
			   twice = BUF_EMPTY;
		filter_random(&r, i % 6, &text);
		struct filter *f = must_parse(buf_str(&text));
		filter_print(f, &once);
		struct filter *again = must_parse(buf_str(&once));
		filter_print(again, &twice);
		ck_assert_str_eq(buf_str(&once), buf_str(&twice));
		fill(&r, 50);
		for (size_t k = 0; k < 50; k++)
			if (filter_match(f, &flows[k], "src0") !=
			    filter_match(again, &flows[k], "src0"))
				ck_abort_msg("%s", buf_str(&text));
		filter_free(f);
		filter_free(again);
		buf_free(&text);
		buf_free(&once);
		buf_free(&twice);
	}
}
END_TEST

/* What the language means, by hand: filter, flow text, match or not. */
static const struct {
	const char *filter;
	bool match;
} meanings[] = {
	/* 10.1.2.3:40000 -> 10.9.9.9:80, tcp SA, 10 packets, 1000 bytes, 2 s */
	{ "any", true },
	{ "proto tcp or proto udp and src port 53", true },
	{ "(proto tcp or proto udp) and src port 53", false },
	{ "not proto udp and port 80", true },
	{ "not proto tcp and port 80", false },
	{ "port 80", true },
	{ "src port 80", false },
	{ "src and dst port 80", false },
	{ "src and dst port > 79", true },
	{ "net 10.1.2.99/24", true },
	{ "src net 10.0.0.0 255.0.0.0", true },
	{ "ip in [10.1.2.99/24]", true },
	{ "src ip in [0.0.0.0/0]", true },
	{ "net ::/0", false },
	{ "net 0.0.0.0/0", true },
	{ "ip ::10.1.2.3", false },
	{ "ipv4", true },
	{ "ipv6", false },
	{ "flags S", true },
	{ "flags SA and not flags R", true },
	/* below a not: none of them; 1.7.1 counts parity the same way */
	{ "flags SF", false },
	{ "not flags SF", false },
	{ "not flags UF", true },
	{ "not (proto udp or flags SF)", false },
	{ "not not flags SF", false },
	{ "not (not flags SA)", true },
	{ "flags S and not flags FRPU", true },
	{ "flags =S", false },
	{ "flags 18", true },
	{ "icmp-type 0", false },
	{ "duration 2000", true },
	{ "pps 5", true },
	{ "bps 4k", true },
	{ "bpp 100", true },
	{ "packets 10 and bytes 1k", true },
	{ "flows 1", true },
	{ "as 0", true },
	{ "as > 0", false },
	{ "in if 0", false },
	{ "not in if 0", true },
	{ "out bytes 0", false },
	{ "vlan 0", false },
	{ "flowdir 0", false },
	{ "ident a", true },
	{ "ident A", false },
	{ "next ip 1.2.3.4", false },
	{ "src tos 4", true },
	{ "tos 4", true },
	{ "dst tos 0", false },
};

START_TEST(terms_mean_what_the_manual_says)
{
	memset(&flows[0], 0, sizeof(flows[0]));
	flows[0] = (struct flow){
		.have = FLOW_BIT(FE_GENERIC) | FLOW_BIT(FE_IPV4),
		.proto = 6,
		.tcp_flags = 0x12,
		.src_port = 40000,
		.dst_port = 80,
		.src.lo = 0x0a010203,
		.dst.lo = 0x0a090909,
		.packets = 10,
		.bytes = 1000,
		.first = 5000,
		.last = 7000,
		.src_tos = 4,
		.flows = 1,
	};
	struct filter *f = must_parse(meanings[_i].filter);
	ck_assert_int_eq(filter_match(f, &flows[0], "a"), meanings[_i].match);
	struct filterset *s = filterset_new();
	(void)filterset_add(s, f);
	filterset_compile(s);
	filterset_expander(s, flow_expand);
	filterset_file(s, "a");
	struct batch *b = batch_of(flows, 1);
	filterset_eval(s, b);
	ck_assert_uint_eq(filterset_bits(s, 0)[0], meanings[_i].match);
	free(b);
	filterset_free(s);
	filter_free(f);
}
END_TEST

/* ---- sets ------------------------------------------------------------------ */

static struct filterset *
set_of(const char *const *text, size_t n)
{
	struct filterset *s = filterset_new();
	for (size_t i = 0; i < n; i++) {
		struct filter *f = must_parse(text[i]);
		(void)filterset_add(s, f);
		filter_free(f);
	}
	filterset_compile(s);
	return s;
}

START_TEST(a_predicate_of_a_thousand_filters_is_there_once)
{
	struct filterset *s = filterset_new();
	for (int i = 0; i < 1000; i++) {
		char text[80];
		(void)snprintf(text, sizeof(text),
		    "proto tcp and (src net 10.0.0.0/8 or dst port %d)",
		    i % 100);
		struct filter *f = must_parse(text);
		(void)filterset_add(s, f);
		filter_free(f);
	}
	filterset_compile(s);
	ck_assert_uint_eq(filterset_count(s), 1000);
	ck_assert_uint_eq(filterset_predicates(s), 102);
	ck_assert_uint_eq(filterset_nodes(s), 200);
	filterset_file(s, "x");
	ck_assert_uint_eq(filterset_twin(s, 99), 99);
	ck_assert_uint_eq(filterset_twin(s, 999), 99);
	filterset_free(s);
}
END_TEST

START_TEST(equal_meaning_is_shared)
{
	static const char *const text[] = {
		"port > 1023",
		"port >= 1024",
		"not (not proto tcp or not port > 1023)",
		"proto tcp and port >= 1024",
		"port >= 0x400 and proto 6",
		"src ip 10.0.0.1",
		"src net 10.0.0.1/32",
		"src ip in [10.0.0.1 10.0.0.1]",
		"port in [80 81 82]",
		"port in [82,81,80]",
		"not port in [80 81 82]",
		"src net 10.0.0.0/9 or src net 10.128.0.0/9",
	};
	static const size_t twin[] = { 0, 0, 2, 2, 2, 5, 5, 5, 8, 8, 10, 11 };
	struct filterset *s = set_of(text, 12);
	filterset_file(s, "x");
	for (size_t i = 0; i < 12; i++)
		ck_assert_uint_eq(filterset_twin(s, i), twin[i]);
	filterset_free(s);
}
END_TEST

START_TEST(a_file_decides_idents_and_what_hangs_on_them)
{
	static const char *const text[] = {
		"ident a and port 80",
		"ident b and port 80",
		"(ident a or ident b) and bytes > 100",
		"not ident a",
		"ident a or as 5",
		"port 80",
	};
	struct filterset *s = set_of(text, 6);
	filterset_file(s, "a");
	ck_assert(!filterset_dead(s, 0));
	ck_assert(filterset_dead(s, 1));
	ck_assert(!filterset_dead(s, 2));
	ck_assert(filterset_dead(s, 3));
	ck_assert_uint_eq(filterset_twin(s, 5), 0);
	ck_assert_uint_eq(filterset_twin(s, 3), 1);
	ck_assert_uint_eq(filterset_columns(s),
	    COL_BIT(COL_SRCPORT) | COL_BIT(COL_DSTPORT) | COL_BIT(COL_BYTES));
	filterset_file(s, "c");
	ck_assert(filterset_dead(s, 0));
	ck_assert(filterset_dead(s, 2));
	ck_assert(!filterset_dead(s, 3));
	ck_assert_uint_eq(filterset_columns(s),
	    COL_BIT(COL_SRCPORT) | COL_BIT(COL_DSTPORT) | COL_BIT(COL_AS));
	filterset_free(s);
}
END_TEST

static unsigned expansions;

static bool
count_expand(const uint8_t *rec, struct flow *f)
{
	expansions++;
	return flow_expand(rec, f);
}

START_TEST(rows_are_expanded_once_and_only_where_it_matters)
{
	static const char *const text[] = {
		"proto tcp and next ip 10.0.0.1",
		"proto tcp and not prev as 5",
		"proto udp and port 99 and mac 0:0:0:0:0:1",
	};
	struct rnd r = { 5 };
	struct filterset *s = set_of(text, 3);
	fill(&r, FLOWS);
	unsigned tcp = 0;
	for (size_t i = 0; i < FLOWS; i++)
		tcp += flows[i].proto == 6;
	struct batch *b = batch_of(flows, FLOWS);
	filterset_expander(s, count_expand);
	filterset_file(s, "a");
	expansions = 0;
	filterset_eval(s, b);
	ck_assert_uint_eq(expansions, tcp);
	free(b);
	filterset_free(s);
}
END_TEST

START_TEST(an_empty_set_and_an_empty_batch_are_fine)
{
	static const char *const text[] = { "any", "not any", "port 80" };
	struct filterset *s = set_of(text, 3), *none = set_of(text, 0);
	struct batch *b = batch_of(flows, 0);
	filterset_file(s, "a");
	filterset_file(none, "a");
	filterset_eval(s, b);
	filterset_eval(none, b);
	for (size_t i = 0; i < 3; i++)
		ck_assert_uint_eq(filterset_bits(s, i)[0], 0);
	ck_assert_uint_eq(filterset_columns(none), 0);
	free(b);
	filterset_free(s);
	filterset_free(none);
}
END_TEST

/* ---- tally ------------------------------------------------------------------- */

static void
naive_add(struct counters *c, const struct flow *f, enum tally_rule rule)
{
	enum counter_class class = counter_class_of(f->proto);
	uint64_t n =
	    rule == TALLY_CHANNEL && flow_has(f, FE_CNT) && f->flows != 0
		? f->flows
		: 1;
	c->flows[CLASS_ALL] += n;
	c->flows[class] += n;
	c->packets[CLASS_ALL] += f->packets + f->out_packets;
	c->bytes[CLASS_ALL] += f->bytes + f->out_bytes;
	c->packets[class] += f->packets;
	c->bytes[class] += f->bytes;
	if (rule == TALLY_CHANNEL) {
		c->packets[class] += f->out_packets;
		c->bytes[class] += f->out_bytes;
	}
}

static void
check_counters(const struct counters *a, const struct counters *b)
{
	for (int c = 0; c < CLASS_MAX; c++) {
		ck_assert_uint_eq(a->flows[c], b->flows[c]);
		ck_assert_uint_eq(a->packets[c], b->packets[c]);
		ck_assert_uint_eq(a->bytes[c], b->bytes[c]);
	}
}

START_TEST(counters_are_the_sums_over_the_matching_flows)
{
	static const char *const text[] = { "any", "proto tcp", "port 80",
		"not any", "packets > 1000", "port 80" };
	struct rnd r = { (uint64_t)_i };
	struct filterset *s = set_of(text, 6);
	size_t n = (size_t)rnd_below(&r, FLOWS) + 1;
	fill(&r, n);
	struct batch *b = batch_of(flows, n);
	filterset_file(s, "a");
	filterset_eval(s, b);
	struct tally t;
	tally_begin(&t, b);
	struct counters sums[2][6];
	tally_filters(&t, s, TALLY_LIVE, sums[TALLY_LIVE]);
	tally_filters(&t, s, TALLY_CHANNEL, sums[TALLY_CHANNEL]);
	for (size_t k = 0; k < 6; k++) {
		for (int rule = 0; rule < 2; rule++) {
			struct counters want = { 0 };
			const uint64_t *bits = filterset_bits(s, k);
			for (size_t i = 0; i < n; i++)
				if ((bits[i / 64] >> (i % 64) & 1) != 0)
					naive_add(&want, &flows[i],
					    (enum tally_rule)rule);
			check_counters(&sums[rule][k], &want);
		}
	}
	free(b);
	filterset_free(s);
}
END_TEST

/* ---- kernels ------------------------------------------------------------------- */

START_TEST(every_kernel_counts_as_the_portable_one)
{
	const struct kernels *k = kernels_nth((size_t)_i);
	uint64_t bits[BATCH_WORDS], mask[KERNEL_CLASSES][BATCH_WORDS];
	const uint64_t(*classes)[BATCH_WORDS] =
	    (const uint64_t(*)[BATCH_WORDS])mask;
	static uint64_t a[BATCH_ROWS], c[BATCH_ROWS];
	struct rnd r = { 77 };
	if (k == NULL)
		return;
	for (int round = 0; round < 40; round++) {
		for (size_t i = 0; i < BATCH_ROWS; i++) {
			a[i] = rnd_edge(&r, 64);
			c[i] = rnd_edge(&r, 64);
		}
		for (size_t i = 0; i < BATCH_WORDS; i++) {
			bits[i] = rnd_next(&r) | rnd_next(&r);
			mask[0][i] = UINT64_MAX;
			mask[1][i] = rnd_next(&r);
			mask[2][i] = rnd_next(&r) & rnd_next(&r) & rnd_next(&r);
			mask[3][i] = 0;
		}
		struct kernel_sums x[KERNEL_CLASSES] = { { 1, 2, 3 } };
		struct kernel_sums y[KERNEL_CLASSES] = { { 1, 2, 3 } };
		k->sum(bits, classes, BATCH_WORDS, a, c, x);
		kernels_portable.sum(bits, classes, BATCH_WORDS, a, c, y);
		ck_assert_mem_eq(x, y, sizeof(x));
	}
}
END_TEST

int
main(void)
{
	size_t terms;
	(void)term_table(&terms);
	Suite *s = suite_create("filter eval");
	TCase *t = tcase_create("eval");
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, random_filters_of_a_set_match_as_the_oracle_says,
	    0, 60);
	tcase_add_loop_test(t, every_term_matches_as_the_oracle_says, 0,
	    (int)terms);
	tcase_add_loop_test(t, random_filters_print_to_what_parses_to_the_same,
	    0, 10);
	tcase_add_loop_test(t, terms_mean_what_the_manual_says, 0,
	    (int)(sizeof(meanings) / sizeof(meanings[0])));
	tcase_add_test(t, a_predicate_of_a_thousand_filters_is_there_once);
	tcase_add_test(t, equal_meaning_is_shared);
	tcase_add_test(t, a_file_decides_idents_and_what_hangs_on_them);
	tcase_add_test(t, rows_are_expanded_once_and_only_where_it_matters);
	tcase_add_test(t, an_empty_set_and_an_empty_batch_are_fine);
	tcase_add_loop_test(t, counters_are_the_sums_over_the_matching_flows, 0,
	    20);
	tcase_add_loop_test(t, every_kernel_counts_as_the_portable_one, 0, 3);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
