/* Batches against a naive fill, row by row from the expanded flow. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "nffile/internal.h"
#include "nffile/shape.h"

#include "random_flow.h"

#define RECORDS 9000

static struct nffile_block block;
static uint8_t *data;
static struct batch *b;

static void
setup(void)
{
	data = mem_calloc(RECORDS, 4096);
	b = mem_alloc(sizeof(*b));
	memset(b, 0x5a, sizeof(*b));
	block = (struct nffile_block){ .data = data };
}

static void
teardown(void)
{
	free(data);
	free(b);
}

static void
add(const struct flow *f)
{
	block.len += record_encode(f, COMPAT_171, data + block.len);
	block.records++;
}

/* An element that the writer would not write. */
static void
add_elem(size_t rec, uint16_t id, const void *p, uint16_t n)
{
	uint8_t *to = data + block.len;
	put16(to, id);
	put16(to + 2, (uint16_t)(n + ELEM_HEADER));
	memcpy(to + ELEM_HEADER, p, n);
	block.len += n + ELEM_HEADER;
	put16(data + rec + 2, (uint16_t)(block.len - rec));
	put16(data + rec + 4, (uint16_t)(get16(data + rec + 4) + 1));
}

static bool
bit(const uint64_t *bits, size_t row)
{
	return (bits[row / 64] >> (row % 64) & 1) != 0;
}

static void
check_present(const struct flow *f, size_t row)
{
	static const enum flow_elem watched[] = { FE_GENERIC, FE_IPV4, FE_IPV6,
		FE_MISC, FE_CNT, FE_AS, FE_VLAN };
	for (size_t i = 0; i < sizeof(watched) / sizeof(watched[0]); i++)
		ck_assert_msg(bit(b->present[watched[i]], row) ==
				  flow_has(f, watched[i]),
		    "row %zu element %d", row, watched[i]);
}

static void
check_generic(const struct flow *f, size_t i)
{
	ck_assert_uint_eq(b->proto[i], f->proto);
	ck_assert_uint_eq(b->tcp_flags[i], f->tcp_flags);
	ck_assert_uint_eq(b->tos[i], f->src_tos);
	ck_assert_uint_eq(b->fwd_status[i], f->fwd_status);
	ck_assert_uint_eq(b->src_port[i], f->src_port);
	ck_assert_uint_eq(b->dst_port[i], f->dst_port);
	ck_assert_uint_eq(b->first[i], f->first);
	ck_assert_uint_eq(b->last[i], f->last);
	ck_assert_uint_eq(b->received[i], f->received);
	ck_assert_uint_eq(b->packets[i], f->packets);
	ck_assert_uint_eq(b->bytes[i], f->bytes);
	ck_assert_uint_eq(b->exporter[i], f->exporter);
	ck_assert_uint_eq(b->engine_type[i], f->engine_type);
	ck_assert_uint_eq(b->engine_id[i], f->engine_id);
	ck_assert_uint_eq(b->nfversion[i], f->nfversion);
	ck_assert_uint_eq(b->rflags[i], f->flags);
}

static void
check_address(const struct flow *f, size_t i)
{
	bool v4 = flow_has(f, FE_IPV4), v6 = flow_has(f, FE_IPV6);
	ck_assert_uint_eq(b->src4[i], v4 ? f->src.lo : 0);
	ck_assert_uint_eq(b->dst4[i], v4 ? f->dst.lo : 0);
	ck_assert_uint_eq(b->src6hi[i], v6 ? f->src.hi : 0);
	ck_assert_uint_eq(b->src6lo[i], v6 ? f->src.lo : 0);
	ck_assert_uint_eq(b->dst6hi[i], v6 ? f->dst.hi : 0);
	ck_assert_uint_eq(b->dst6lo[i], v6 ? f->dst.lo : 0);
}

static void
check_rest(const struct flow *f, size_t i)
{
	ck_assert_uint_eq(b->in_if[i], f->in_if);
	ck_assert_uint_eq(b->out_if[i], f->out_if);
	ck_assert_uint_eq(b->src_mask[i], f->src_mask);
	ck_assert_uint_eq(b->dst_mask[i], f->dst_mask);
	ck_assert_uint_eq(b->dir[i], f->dir);
	ck_assert_uint_eq(b->dst_tos[i], f->dst_tos);
	ck_assert_uint_eq(b->biflow_dir[i], f->biflow_dir);
	ck_assert_uint_eq(b->end_reason[i], f->end_reason);
	ck_assert_uint_eq(b->flows[i], f->flows != 0 ? f->flows : 1);
	ck_assert_uint_eq(b->out_packets[i], f->out_packets);
	ck_assert_uint_eq(b->out_bytes[i], f->out_bytes);
	ck_assert_uint_eq(b->src_as[i], f->src_as);
	ck_assert_uint_eq(b->dst_as[i], f->dst_as);
	ck_assert_uint_eq(b->src_vlan[i], f->src_vlan);
	ck_assert_uint_eq(b->dst_vlan[i], f->dst_vlan);
}

static void
check_row(const struct flow *f, size_t i)
{
	check_present(f, i);
	check_generic(f, i);
	check_address(f, i);
	check_rest(f, i);
}

/* Every whole-flow row of the block, in batches; returns the rows seen. */
static size_t
check_block(void)
{
	static const struct flow nothing;
	size_t pos = 0, walk = 0, rows, total = 0;
	b->want = COL_BIT(COL_MAX) - 1;
	while ((rows = nffile_batch(&block, &pos, b)) != 0) {
		for (size_t i = 0; i < rows; i++) {
			const uint8_t *rec;
			struct flow f;
			do {
				rec = nffile_record_next(&block, &walk);
				ck_assert_ptr_nonnull(rec);
			} while (get16(rec) != REC_FLOW ||
				 !nffile_record_flow(rec, &f));
			ck_assert_ptr_eq(rec, b->rec[i]);
			check_row(&f, i);
		}
		for (size_t i = rows; i % 64 != 0; i++) {
			struct flow pad = nothing;
			uint64_t was = b->flows[i];
			ck_assert_uint_eq(was, 0);
			b->flows[i] = 1;
			check_row(&pad, i);
		}
		total += rows;
	}
	return total;
}

START_TEST(every_column_holds_what_the_expanded_flow_says)
{
	struct rnd r = { (uint64_t)_i };
	for (int i = 0; i < RECORDS; i++) {
		struct flow f;
		random_flow(&r, &f, _i % 2 == 0);
		add(&f);
	}
	ck_assert_uint_eq(check_block(), RECORDS);
}
END_TEST

START_TEST(records_of_one_template_are_one_shape)
{
	struct rnd r = { 7 };
	for (int i = 0; i < RECORDS; i++) {
		struct flow f;
		random_flow(&r, &f, false);
		f.have = FLOW_BIT(FE_GENERIC) | FLOW_BIT(FE_IPV4) |
			 FLOW_BIT(FE_MISC);
		add(&f);
	}
	ck_assert_uint_eq(check_block(), RECORDS);
}
END_TEST

static void
plain(struct rnd *r, struct flow *f, uint64_t have)
{
	random_flow(r, f, true);
	f->have = FLOW_BIT(FE_GENERIC) | have;
	f->src.hi = f->dst.hi = 0;
	f->src.lo &= 0xffffffff;
	f->dst.lo &= 0xffffffff;
}

START_TEST(of_two_families_the_one_with_addresses_counts)
{
	static const uint64_t six[4] = { 1, 2, 3, 4 };
	static const uint8_t zero[32], version6[32] = { [26] = 6 };
	static const uint32_t four[2] = { 1, 2 };
	struct rnd r = { 3 };
	struct flow f;
	for (int i = 0; i < 100; i++) {
		size_t at = block.len;
		plain(&r, &f, 0);
		add(&f);
		bool use6 = i % 2 == 0;
		add_elem(at, FE_IPV4, use6 ? (const void *)zero : four, 8);
		add_elem(at, FE_IPV6, six, 32);
		at = block.len;
		add(&f);
		add_elem(at, FE_IPV4, four, 8);
		add_elem(at, FE_LAYER2, version6, 32);
		add_elem(at, FE_IPV6, six, 32);
	}
	ck_assert_uint_eq(check_block(), 200);
	ck_assert(bit(b->present[FE_IPV6], 0));
	ck_assert(!bit(b->present[FE_IPV4], 0));
	ck_assert(bit(b->present[FE_IPV4], 2));
	ck_assert(bit(b->present[FE_IPV6], 3));
}
END_TEST

START_TEST(an_event_without_flow_time_has_its_own_time)
{
	struct rnd r = { 3 };
	struct flow f;
	plain(&r, &f, FLOW_BIT(FE_NSEL) | FLOW_BIT(FE_NATEVENT));
	f.first = 0;
	add(&f);
	f.have &= ~FLOW_BIT(FE_NSEL);
	add(&f);
	f.first = 5;
	add(&f);
	ck_assert_uint_eq(check_block(), 3);
	ck_assert_uint_eq(b->first[0], f.event_time);
	ck_assert_uint_eq(b->first[1], f.nat_event_time);
	ck_assert_uint_eq(b->first[2], 5);
}
END_TEST

START_TEST(other_and_damaged_records_are_passed_over)
{
	struct rnd r = { 3 };
	struct flow f;
	for (int i = 0; i < 200; i++) {
		size_t at = block.len;
		plain(&r, &f, FLOW_BIT(FE_MISC));
		add(&f);
		if (i % 4 == 1)
			put16(data + at, REC_EXPORTER);
		else if (i % 4 == 2) /* an element beyond the record */
			put16(data + at + FLOW_HEADER + 2, 5000);
		else if (i % 4 == 3) /* more elements than there are */
			put16(data + at + 4, 9);
	}
	b->damaged = 0;
	ck_assert_uint_eq(check_block(), 50);
	ck_assert_uint_eq(b->damaged, 100);
}
END_TEST

START_TEST(unknown_and_long_elements_are_taken_by_their_length)
{
	static const uint8_t bytes[200] = { 1, 2, 3, 4, 5, 6, 7 };
	struct rnd r = { 3 };
	struct flow f;
	for (int i = 0; i < 300; i++) {
		size_t at = block.len;
		plain(&r, &f, 0);
		add(&f);
		for (int k = 0; k < i; k++)
			add_elem(at, FE_NULL, bytes, 4);
		add_elem(at, 999, bytes, (uint16_t)(4 * (i % 10)));
		add_elem(at, FE_IPV4, bytes, (uint16_t)(8 + i % 7));
		add_elem(at, FE_AS, bytes, 8);
	}
	b->unknown_elems = 0;
	ck_assert_uint_eq(check_block(), 300);
	ck_assert_uint_eq(b->unknown_elems, 300);
}
END_TEST

/* ---- every way of gathering ---------------------------------------------------- */

/* Records of few and of many shapes, of other types and damaged. */
static void
random_block(uint64_t seed)
{
	struct rnd r = { seed };
	struct flow f;
	block.len = block.records = 0;
	for (unsigned i = 0; i < 500; i++) {
		size_t at = block.len;
		random_flow(&r, &f, seed % 3 == 0);
		if (seed % 3 == 1)
			f.have &= FLOW_BIT(FE_GENERIC) | FLOW_BIT(FE_IPV4) |
				  FLOW_BIT(FE_IPV6) | FLOW_BIT(FE_AS);
		add(&f);
		switch (rnd(&r) % 16) {
		case 0:
			put16(data + at, REC_EXPORTER);
			break;
		case 1: /* any byte but the record's length */
			data[at + 4 + rnd(&r) % (block.len - at - 4)] ^= 1;
			break;
		case 2:
			put16(data + at + 4, 0);
			break;
		}
	}
}

/* Where the element begins, NULL: nowhere; as its own shape says. */
static const uint8_t *
element(const struct gathered *g, const struct shapes *t, size_t i,
    enum flow_elem e)
{
	uint16_t at = t->s[g->shape[i]].payload[e];
	return at != 0 ? g->rec[i] + at : NULL;
}

static void
check_places(const struct shape_ways *way, const struct gathered *g,
    const struct shapes *t, const struct gathered *g0, const struct shapes *t0)
{
	static const uint8_t zeros[SHAPE_ZEROS];
	const uint8_t *base[SHAPE_CHUNK];
	for (unsigned e = 0; e < FE_MAX; e++) {
		uint64_t bits = way->place(t, g, (enum flow_elem)e, base);
		for (size_t i = 0; i < g->n; i++) {
			const uint8_t *at =
			    element(g0, t0, i, (enum flow_elem)e);
			ck_assert_int_eq(bits >> i & 1, at != NULL);
			if (at != NULL)
				ck_assert_ptr_eq(base[i], at);
			else
				ck_assert_mem_eq(base[i], zeros, SHAPE_ZEROS);
		}
		if (g->n < 64)
			ck_assert_uint_eq(bits >> g->n, 0);
	}
}

START_TEST(every_way_gathers_the_same)
{
	static struct shapes t, t0;
	const struct shape_ways *way = shape_ways_nth((size_t)_i);
	const struct shape_ways *plain = way;
	const uint8_t *rec[SHAPE_CHUNK], *rec0[SHAPE_CHUNK];
	struct gathered g = { .rec = rec }, g0 = { .rec = rec0 };
	for (size_t n = 0; shape_ways_nth(n) != NULL; n++)
		plain = shape_ways_nth(n);
	for (uint64_t seed = 1; way != NULL && seed < 30; seed++) {
		size_t pos = 0, pos0 = 0;
		random_block(seed);
		shapes_init(&t);
		shapes_init(&t0);
		do {
			way->gather(&t, &block, &pos, &g);
			plain->gather(&t0, &block, &pos0, &g0);
			ck_assert_uint_eq(pos, pos0);
			ck_assert_uint_eq(g.n, g0.n);
			ck_assert_uint_eq(g.damaged, g0.damaged);
			ck_assert_mem_eq(rec, rec0, g.n * sizeof(rec[0]));
			check_places(way, &g, &t, &g0, &t0);
		} while (g.n != 0);
	}
}
END_TEST

/* One byte less than the table has, of each element that columns read. */
static const struct {
	uint16_t id, len;
} short_ones[] = { { FE_GENERIC, 47 }, { FE_IPV4, 7 }, { FE_IPV6, 31 },
	{ FE_MISC, 15 }, { FE_CNT, 23 }, { FE_AS, 7 }, { FE_VLAN, 7 },
	{ FE_NSEL, 15 }, { FE_NATEVENT, 15 } };

START_TEST(a_short_element_is_not_there)
{
	uint8_t bytes[64];
	struct flow f = { .have = FLOW_BIT(FE_MPLS) };
	memset(bytes, 7, sizeof(bytes));
	add(&f);
	add_elem(0, short_ones[_i].id, bytes, short_ones[_i].len);
	ck_assert_uint_eq(check_block(), 1);
	ck_assert(nffile_record_flow(data, &f));
	ck_assert_uint_eq(f.have, 0);
	ck_assert_uint_eq(b->first[0], 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("nffile columns");
	TCase *t = tcase_create("all");
	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, every_column_holds_what_the_expanded_flow_says,
	    1, 5);
	tcase_add_test(t, records_of_one_template_are_one_shape);
	tcase_add_test(t, of_two_families_the_one_with_addresses_counts);
	tcase_add_test(t, an_event_without_flow_time_has_its_own_time);
	tcase_add_test(t, other_and_damaged_records_are_passed_over);
	tcase_add_test(t, unknown_and_long_elements_are_taken_by_their_length);
	tcase_add_loop_test(t, every_way_gathers_the_same, 0, 3);
	tcase_add_loop_test(t, a_short_element_is_not_there, 0,
	    (int)(sizeof(short_ones) / sizeof(short_ones[0])));
	suite_add_tcase(s, t);
	SRunner *sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	int failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
