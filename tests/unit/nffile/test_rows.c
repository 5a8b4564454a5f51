/* Records packed by their rows are LZ4 that unpacks to the same bytes. */
#include <check.h>
#include <lz4.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "nffile/codec.h"
#include "nffile/internal.h"
#include "nffile/rows.h"

#include "random_flow.h"

#define ROOM (1U << 20)

static uint8_t *raw;
static size_t len;
static struct err err;

static void
setup(void)
{
	raw = mem_alloc(ROOM + 65536);
	len = 0;
}

static void
teardown(void)
{
	free(raw);
}

/*
 * Packs exactly the bytes that are there, so that a sanitizer sees what is
 * read or written beside; returns how many it packs to.
 */
static size_t
check_raw(void)
{
	uint8_t *in = mem_alloc(len != 0 ? len : 1);
	uint8_t *out = mem_alloc(rows_bound(len));
	uint8_t *plain = mem_alloc(rows_bound(len));
	uint8_t *back = mem_alloc(len != 0 ? len : 1);
	memcpy(in, raw, len);
	memset(out, 0xa5, rows_bound(len));
	size_t n = rows_pack(in, len, out);
	ck_assert_uint_ge(n, 1);
	ck_assert_uint_le(n, rows_bound(len));
	for (size_t i = 1; rows_way_nth(i) != NULL; i++) {
		ck_assert_uint_eq(rows_way_nth(i)(in, len, plain), n);
		ck_assert_mem_eq(plain, out, n);
	}
	ck_assert_mem_eq(in, raw, len);
	ck_assert_int_eq(LZ4_decompress_safe((const char *)out, (char *)back,
			     (int)n, (int)len),
	    (int)len);
	ck_assert_mem_eq(back, raw, len);
	free(in);
	free(out);
	free(plain);
	free(back);
	return n;
}

static void
add_flow(const struct flow *f)
{
	len += record_encode(f, COMPAT_NEWEST, raw + len);
}

/* As an exporter sends them: few templates, hosts that come again. */
static void
everyday(struct rnd *r, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct flow f = { .have = FLOW_BIT(FE_GENERIC) |
					  FLOW_BIT(FE_MISC) | FLOW_BIT(FE_AS) };
		bool v6 = rnd(r) % 4 == 0;
		f.have |= v6 ? FLOW_BIT(FE_IPV6) : FLOW_BIT(FE_IPV4);
		f.first = UINT64_C(1700000000000) + rnd(r) % 10000;
		f.last = f.first + rnd(r) % 1000;
		f.received = UINT64_C(1700000010000);
		f.packets = 1 + rnd(r) % 20;
		f.bytes = f.packets * (40 + rnd(r) % 1400);
		f.src_port = (uint16_t)rnd(r);
		f.dst_port = 443;
		f.proto = 6;
		f.src.hi = v6 ? UINT64_C(0x20010db800000000) : 0;
		f.src.lo = 0x0a000000 + rnd(r) % 200;
		f.dst.hi = f.src.hi;
		f.dst.lo = 0xc0000200 + rnd(r) % 20000;
		f.in_if = (uint32_t)(1 + rnd(r) % 4);
		f.src_as = 64500;
		f.dst_as = (uint32_t)(f.dst.lo % 900);
		add_flow(&f);
	}
}

START_TEST(flows_become_less_than_half)
{
	struct rnd r = { 7 };
	everyday(&r, 7000);
	ck_assert_uint_lt(check_raw(), len / 2);
}
END_TEST

START_TEST(any_elements)
{
	struct rnd r = { (uint64_t)_i };
	while (len < ROOM - 65536) {
		struct flow f;
		random_flow(&r, &f, rnd(&r) % 8 == 0);
		add_flow(&f);
	}
	(void)check_raw();
}
END_TEST

/* One record and then some, of each length; the last has bytes missing. */
START_TEST(any_number_of_records)
{
	struct rnd r = { 3 };
	for (unsigned n = 0; n < 200; n++) {
		len = 0;
		everyday(&r, n % 20);
		size_t cut = n / 20 * 7;
		len -= cut < len ? cut : len;
		(void)check_raw();
	}
}
END_TEST

/* Matches of every length, ending at every place. */
START_TEST(any_length_of_match)
{
	struct rnd r = { 5 };
	for (uint16_t size = FLOW_HEADER; size < 900; size++) {
		len = 0;
		for (unsigned i = 0; i < 6; i++, len += size) {
			memset(raw + len, (int)(size & 0xff), size);
			put16(raw + len, REC_FLOW);
			put16(raw + len + 2, size);
			for (unsigned k = 0; k < i; k++)
				raw[len + FLOW_HEADER - 1 +
				    rnd(&r) % (size - FLOW_HEADER + 1U)] ^= 1;
		}
		(void)check_raw();
	}
}
END_TEST

/* Farther apart than a match can reach, and as far as it can. */
START_TEST(long_records)
{
	static const uint16_t sizes[] = { 65535, 65534, 65472, 32768, 32767 };
	struct rnd r = { 9 };
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		len = 0;
		for (unsigned k = 0; k < 5; k++, len += sizes[i]) {
			for (size_t j = 0; j < sizes[i]; j++)
				raw[len + j] = (uint8_t)(j * j >> 7);
			for (unsigned j = 0; j < 100; j++)
				raw[len + rnd(&r) % sizes[i]] =
				    (uint8_t)rnd(&r);
			put16(raw + len, REC_FLOW);
			put16(raw + len + 2, sizes[i]);
		}
		(void)check_raw();
	}
}
END_TEST

START_TEST(bytes_that_are_no_records)
{
	struct rnd r = { 11 };
	for (unsigned n = 0; n < 300; n++) {
		len = rnd(&r) % (n < 290 ? 2000 : ROOM);
		for (size_t i = 0; i < len; i++)
			raw[i] = (uint8_t)(rnd(&r) % (n % 3 == 0 ? 256 : 3));
		(void)check_raw();
	}
}
END_TEST

/* What does not pay goes to liblz4. */
START_TEST(codec_takes_the_better)
{
	uint8_t *out = mem_alloc(codec_bound(CODEC_LZ4, ROOM));
	memset(raw, 0, ROOM);
	size_t n = codec_pack(CODEC_LZ4, CODEC_FAST, raw, ROOM, out,
	    codec_bound(CODEC_LZ4, ROOM), &err);
	ck_assert_uint_gt(n, 0);
	ck_assert_uint_lt(n, ROOM / 100);
	free(out);
}
END_TEST

/* By its rows, or by liblz4 where these would be larger. */
static bool
default_is_rows(void)
{
	size_t room = codec_bound(CODEC_LZ4, len);
	uint8_t *out = mem_alloc(room), *other = mem_alloc(room);
	size_t n = codec_pack(CODEC_LZ4, 0, raw, len, out, room, &err);
	bool rows =
	    rows_pack(raw, len, other) == n && memcmp(out, other, n) == 0;
	if (!rows) {
		ck_assert_int_eq(LZ4_compress_default((const char *)raw,
				     (char *)other, (int)len, (int)room),
		    (int)n);
		ck_assert_mem_eq(out, other, n);
	}
	free(out);
	free(other);
	return rows;
}

START_TEST(default_is_as_small_as_liblz4)
{
	struct rnd r = { 11 };
	everyday(&r, 7000);
	ck_assert(default_is_rows());
	/* What repeats, but is no record. */
	len = 0;
	for (unsigned i = 0; len < ROOM / 2; i++)
		raw[len++] = (uint8_t)(i % (97 + i / 5000));
	ck_assert(!default_is_rows());
	for (len = 0; len < ROOM; len++)
		raw[len] = (uint8_t)rnd(&r);
	(void)default_is_rows();
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("rows");
	TCase *t = tcase_create("rows");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 120);
	tcase_add_test(t, flows_become_less_than_half);
	tcase_add_loop_test(t, any_elements, 0, 4);
	tcase_add_test(t, any_number_of_records);
	tcase_add_test(t, any_length_of_match);
	tcase_add_test(t, long_records);
	tcase_add_test(t, bytes_that_are_no_records);
	tcase_add_test(t, codec_takes_the_better);
	tcase_add_test(t, default_is_as_small_as_liblz4);
	suite_add_tcase(s, t);
	SRunner *sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	int failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
