/*
 * 100 000 spoofed exporters: what they can make a collector hold is bounded
 * (decode/exporter.h), and who was known before is still understood.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/buf.h"
#include "collector/source.h"

#define EXPORTERS 100000
#define PORT      9995

/* Freed memory is not used again then, and all is larger. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED true
#endif
#endif
#ifndef SANITIZED
#define SANITIZED false
#endif

static struct sources ss;
static struct source *source;
static struct buf out;
static uint64_t flows;

static void
put(unsigned bytes, uint64_t v)
{
	while (bytes-- > 0)
		buf_addc(&out, (char)(v >> 8 * bytes));
}

static void
sink(void *ctx, const struct flow *f)
{
	(void)ctx;
	(void)f;
	flows++;
}

static struct sender *
feed(uint32_t ip, uint64_t ms)
{
	struct ring_head h = { .port = PORT,
		.from = addr_v4(ip),
		.len = (uint32_t)out.len };
	const uint8_t *data = (const void *)out.data;
	struct sender *x = sender_find(&ss, &h, data, &source);
	if (x != NULL)
		decode_datagram(&x->e, data, out.len, ms, sink, NULL);
	return x;
}

static void
header(uint16_t version, uint32_t number)
{
	buf_clear(&out);
	put(2, version);
	put(2, 0);
	if (version == 9)
		put(4, 100000);
	put(4, 1700000000);
	put(4, number);
	put(4, 1);
}

static void
finish(uint16_t version)
{
	if (version == 9)
		return;
	out.data[2] = (char)(out.len >> 8);
	out.data[3] = (char)out.len;
}

/* So many templates of so many fields. */
static void
put_templates(uint16_t version, unsigned n, unsigned fields)
{
	put(2, version == 9 ? 0 : 2);
	put(2, 4 + n * (4 + fields * 4));
	for (unsigned i = 0; i < n; i++) {
		put(2, 256 + i);
		put(2, fields);
		for (unsigned f = 0; f < fields; f++) {
			put(2, 1 + f);
			put(2, 4);
		}
	}
}

static void
put_data(uint16_t id, unsigned bytes)
{
	put(2, id);
	put(2, 4 + bytes);
	for (unsigned i = 0; i < bytes; i += 4)
		put(4, 7);
}

static size_t
peak(void)
{
	struct rusage ru;
	ck_assert_int_eq(getrusage(RUSAGE_SELF, &ru), 0);
	return (size_t)ru.ru_maxrss << 10;
}

/* What a flood of such datagrams costs, from the real size of the process. */
static void
flood(uint16_t version, unsigned templates, unsigned fields, unsigned data)
{
	size_t before = peak();
	header(version, 0);
	put_templates(version, 1, 4);
	finish(version);
	struct sender *known = feed(1, 1700000000000);
	ck_assert_ptr_nonnull(known);
	for (uint32_t i = 0; i < EXPORTERS; i++) {
		header(version, i);
		if (templates != 0)
			put_templates(version, templates, fields);
		if (data != 0)
			put_data(999, data);
		finish(version);
		(void)feed(UINT32_C(0x7f000002) + i, 1700000000000);
	}
	size_t cost = peak() - before;
	ck_assert_uint_eq(ss.n_senders, DECODE_EXPORTERS_MAX);
	ck_assert_msg(SANITIZED || cost <= SENDERS_MEMORY_MAX, "%zu bytes",
	    cost);
	(void)printf("version %u, %u templates of %u fields, %u bytes of "
		     "data: %zu MB\n",
	    version, templates, fields, data, cost >> 20);
	/* Who was known is understood. */
	flows = 0;
	header(version, 0);
	put_data(256, 16);
	finish(version);
	ck_assert_ptr_eq(feed(1, 1700000001000), known);
	ck_assert_uint_eq(flows, 1);
	/* After some silence the others make room. */
	senders_expire(&ss, 1700000000000 + SENDERS_IDLE_MS + 500);
	ck_assert_uint_eq(ss.n_senders, 1);
	ck_assert_ptr_null(ss.waiting.oldest);
	ck_assert_uint_eq(ss.waiting.budget.left, WAITING_MAX);
	ck_assert_uint_ge(ss.budget.left, DECODE_BUDGET - 1000);
	sources_free(&ss);
	buf_free(&out);
}

static void
setup(void)
{
	struct flowfile_spec spec = { .ident = "all", .cycletime = 300 };
	sources_init(&ss);
	source = source_add(&ss, &spec, PORT);
}

static const struct {
	uint16_t version;
	unsigned templates, fields, data;
} floods[] = {
	{ 9, 1, 1, 0 },
	{ 9, 1, 20, 0 },
	{ 9, 60, 1, 0 },
	{ 9, 20, 17, 0 },
	{ 9, 0, 0, 4 },
	{ 10, 0, 0, 4 },
	{ 9, 0, 0, 1400 },
	{ 10, 3, 18, 1000 },
};

START_TEST(a_flood_costs_a_bounded_amount)
{
	setup();
	flood(floods[_i].version, floods[_i].templates, floods[_i].fields,
	    floods[_i].data);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("flood");
	TCase *t = tcase_create("exporters");
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, a_flood_costs_a_bounded_amount, 0,
	    (int)(sizeof(floods) / sizeof(*floods)));
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
