/*
 * What is encoded decodes to the same: random flows of every element through
 * lib/encode and lib/decode, which share nothing.
 */
#include <check.h>
#include <stdlib.h>

#include "decode/decode.h"
#include "encode/element.h"
#include "encode/encode.h"
#include "tests/unit/nffile/random_flow.h"

#define FLOWS 6000
#define NOW   UINT64_C(1700001000000)

static struct exporter ex;
static struct encoder *enc;
static struct flow want[FLOWS];
static uint8_t texts[FLOWS][5][300];
static size_t n_want, n_got, longest;

static encode_send take;

static void
make(int version, size_t datagram, unsigned every)
{
	struct decode_head h = { .version = (uint16_t)version, .id = 7 };
	struct addr ip = addr_v4(0x7f000001);
	struct encode_opts o = { .version = version,
		.datagram = datagram,
		.template_every = every,
		.domain = 7 };
	if (version == 5)
		h.id = 0;
	exporter_init(&ex, &ip, &h);
	enc = encoder_new(&o, take, NULL);
	n_want = n_got = longest = 0;
}

static void
done(void)
{
	encoder_free(enc);
	exporter_free(&ex);
}

/* A text of fixed length ends with its first zero. */
static void
trim(struct flow_bytes *text)
{
	const uint8_t *end = memchr(text->p, 0, text->len);
	if (end != NULL)
		text->len = (uint16_t)(end - text->p);
}

static void
check_flow(void *ctx, const struct flow *got)
{
	struct flow f = *got, w = want[n_got];
	(void)ctx;
	f.have &= ~(FLOW_BIT(FE_EXPORTER4) | FLOW_BIT(FE_EXPORTER6));
	if (flow_has(&f, FE_USER))
		trim(&f.user);
	ck_assert_uint_lt(n_got, n_want);
	f.engine_type = w.engine_type;
	f.engine_id = w.engine_id;
	f.flags = w.flags;
	f.nfversion = w.nfversion;
	f.exporter = w.exporter;
	f.received = w.received;
	ck_assert_msg(flow_same(&w, &f),
	    "flow %zu: %llx sent, %llx came, times %llu-%llu, %llu-%llu", n_got,
	    (unsigned long long)w.have, (unsigned long long)f.have,
	    (unsigned long long)w.first, (unsigned long long)w.last,
	    (unsigned long long)f.first, (unsigned long long)f.last);
	n_got++;
}

static void
take(void *ctx, const uint8_t *data, size_t len, unsigned flows)
{
	size_t before = n_got;
	(void)ctx;
	longest = len > longest ? len : longest;
	decode_datagram(&ex, data, len, NOW, check_flow, NULL);
	ck_assert_uint_eq(n_got - before, flows);
}

/* Texts that stay. */
static void
keep(struct flow_bytes *text, int i, uint16_t most)
{
	if (text->len > most)
		text->len = most;
	memcpy(texts[n_want][i], text->p, text->len);
	text->p = texts[n_want][i];
}

/* What of a flow can be told, by an exporter that tells the truth. */
static void
tellable(struct flow *f, int version)
{
	f->have &= element_all(version == 9 ? ON_V9 : ON_IPFIX);
	if (f->proto == 1 || f->proto == 58)
		f->src_port = 0;
	if (version == 9 && flow_has(f, FE_NSEL))
		f->nat_event_time = f->event_time;
	f->client_usec %= UINT64_C(1000000000000000);
	f->server_usec %= UINT64_C(1000000000000000);
	f->app_usec %= UINT64_C(1000000000000000);
	keep(&f->user, 0, 64);
	keep(&f->nbar, 1, 12);
	keep(&f->in_payload, 2, 300);
	keep(&f->out_payload, 3, 300);
	if (flow_has(f, FE_NOKIASTR))
		keep(&f->nokia_str, 4, 40);
}

static void
send_random(int version, unsigned seed, unsigned flows)
{
	struct rnd r = { seed };
	for (unsigned i = 0; i < flows; i++) {
		struct flow *f = &want[n_want];
		random_flow(&r, f, true);
		tellable(f, version);
		n_want++;
		encoder_flow(enc, f);
	}
	encoder_flush(enc);
	ck_assert_uint_eq(n_got, n_want);
}

static const struct {
	int version;
	size_t datagram;
	unsigned every;
} ways[] = { { 9, 1472, 20 }, { 10, 1472, 20 }, { 9, 1452, 1 }, { 10, 1452, 1 },
	{ 9, 1000, 3 }, { 10, 1200, 3 }, { 9, 65507, 100 },
	{ 10, 65507, 100 } };

START_TEST(random_flows_come_out_as_they_went_in)
{
	make(ways[_i].version, ways[_i].datagram, ways[_i].every);
	send_random(ways[_i].version, 3, FLOWS);
	const struct encode_counts *n = encoder_counts(enc);
	ck_assert_uint_eq(n->flows, FLOWS);
	ck_assert_uint_eq(n->clipped, 0);
	ck_assert_uint_eq(n->too_long, 0);
	ck_assert_uint_le(longest, ways[_i].datagram);
	ck_assert_uint_eq(ex.stats.malformed, 0);
	ck_assert_uint_eq(ex.stats.no_template, 0);
	ck_assert_uint_eq(ex.stats.sequence_gaps, 0);
	ck_assert_uint_eq(ex.stats.datagrams, n->datagrams);
	done();
}
END_TEST

/* Each element of the newer ones, which random_flow leaves out. */
START_TEST(every_element_comes_out_alone)
{
	int version = _i % 2 == 0 ? 9 : 10;
	struct rnd r = { 5 };
	make(version, 1472, 20);
	for (int e = FE_MISC; e < FE_MAX; e++) {
		struct flow *f = &want[n_want];
		if ((element_all(version == 9 ? ON_V9 : ON_IPFIX) &
			FLOW_BIT(e)) == 0)
			continue;
		random_flow_of(&r, f,
		    FLOW_BIT(FE_GENERIC) | FLOW_BIT(e) |
			FLOW_BIT(_i < 2 ? FE_IPV4 : FE_IPV6));
		tellable(f, version);
		n_want++;
		encoder_flow(enc, f);
		encoder_flush(enc);
		ck_assert_msg(n_got == n_want, "element %d is lost", e);
	}
	done();
}
END_TEST

/* As v5 has them. */
static void
v5_flow(struct rnd *r, struct flow *f)
{
	random_flow_of(r, f,
	    FLOW_BIT(FE_GENERIC) | FLOW_BIT(FE_IPV4) | FLOW_BIT(FE_MISC) |
		FLOW_BIT(FE_AS) | FLOW_BIT(FE_NEXT4));
	f->in_if &= 0xffff;
	f->out_if &= 0xffff;
	f->src_as &= 0xffff;
	f->dst_as &= 0xffff;
	f->fwd_status = 0;
	f->dir = f->dst_tos = f->biflow_dir = f->end_reason = 0;
	if (f->proto == 1 || f->proto == 58)
		f->src_port = 0;
}

START_TEST(v5_flows_come_out_as_they_went_in)
{
	struct rnd r = { 11 };
	make(5, 1472, 1);
	for (unsigned i = 0; i < FLOWS; i++) {
		v5_flow(&r, &want[n_want]);
		n_want++;
		encoder_flow(enc, &want[i]);
	}
	encoder_flush(enc);
	ck_assert_uint_eq(n_got, FLOWS);
	ck_assert_uint_eq(ex.stats.sequence_gaps, 0);
	ck_assert_uint_eq(encoder_counts(enc)->clipped, 0);
	ck_assert_uint_eq(encoder_counts(enc)->datagrams, FLOWS / 30);
	done();
}
END_TEST

START_TEST(what_v5_cannot_express_is_counted)
{
	struct rnd r = { 12 };
	struct flow f;
	make(5, 1472, 1);
	v5_flow(&r, &f);
	f.bytes = UINT64_C(1) << 40;
	f.in_if = 70000;
	f.src_as = 70000;
	f.have |= FLOW_BIT(FE_CNT) | FLOW_BIT(FE_EXPORTER4);
	want[n_want] = f;
	want[n_want].have &= ~(FLOW_BIT(FE_CNT) | FLOW_BIT(FE_EXPORTER4));
	want[n_want].bytes = UINT32_MAX;
	want[n_want].in_if = 65535;
	want[n_want].src_as = 23456;
	n_want++;
	encoder_flow(enc, &f);
	f.have ^= FLOW_BIT(FE_IPV4) | FLOW_BIT(FE_IPV6);
	encoder_flow(enc, &f);
	encoder_flush(enc);
	const struct encode_counts *n = encoder_counts(enc);
	ck_assert_uint_eq(n->flows, 1);
	ck_assert_uint_eq(n->not_ipv4, 1);
	ck_assert_uint_eq(n->clipped, 1);
	ck_assert_uint_eq(n->left[FE_CNT], 1);
	ck_assert_uint_eq(n->left[FE_EXPORTER4], 0);
	ck_assert_uint_eq(n_got, 1);
	done();
}
END_TEST

/* Years in one file: uptimes have 50 days. */
START_TEST(times_far_apart_come_out_right)
{
	struct rnd r = { 13 };
	int version = _i == 0 ? 5 : 9;
	make(version, 1472, 20);
	for (int i = 0; i < 400; i++) {
		struct flow *f = &want[n_want];
		if (version == 5)
			v5_flow(&r, f);
		else
			random_flow_of(&r, f,
			    FLOW_BIT(FE_GENERIC) | FLOW_BIT(FE_IPV4));
		if (f->proto == 1 || f->proto == 58)
			f->src_port = 0;
		f->first =
		    UINT64_C(1500000000000) + rnd(&r) % UINT64_C(100000000000);
		f->last = f->first + rnd(&r) % UINT64_C(86400000);
		n_want++;
		encoder_flow(enc, f);
	}
	encoder_flush(enc);
	ck_assert_uint_eq(n_got, n_want);
	ck_assert_uint_eq(encoder_counts(enc)->clipped, 0);
	done();
}
END_TEST

START_TEST(payloads_longer_than_a_datagram_stay_behind)
{
	static uint8_t big[60000];
	struct rnd r = { 14 };
	struct flow f;
	make(10, 1472, 20);
	random_flow_of(&r, &f,
	    FLOW_BIT(FE_GENERIC) | FLOW_BIT(FE_IPV4) | FLOW_BIT(FE_INPAYLOAD));
	f.src_port = 0;
	want[n_want] = f;
	want[n_want++].have &= ~FLOW_BIT(FE_INPAYLOAD);
	f.in_payload = (struct flow_bytes){ big, sizeof(big) };
	encoder_flow(enc, &f);
	f.have =
	    FLOW_BIT(FE_GENERIC) | FLOW_BIT(FE_IPV4) | FLOW_BIT(FE_NOKIASTR);
	f.nokia_str = (struct flow_bytes){ big, sizeof(big) };
	encoder_flow(enc, &f);
	encoder_flush(enc);
	ck_assert_uint_eq(n_got, 1);
	ck_assert_uint_eq(encoder_counts(enc)->left[FE_INPAYLOAD], 1);
	ck_assert_uint_eq(encoder_counts(enc)->too_long, 1);
	done();
}
END_TEST

/* A collector that comes later can read on from the next announcement. */
START_TEST(templates_come_again)
{
	make(9, 1472, 5);
	send_random(9, 21, 2000);
	const struct encode_counts *n = encoder_counts(enc);
	ck_assert_uint_gt(n->templates, 2 * ENCODE_TEMPLATES / 10);
	ck_assert_uint_gt(ex.stats.templates, 0);
	done();
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("encode");
	TCase *tc = tcase_create("all");
	tcase_add_loop_test(tc, random_flows_come_out_as_they_went_in, 0,
	    (int)(sizeof(ways) / sizeof(ways[0])));
	tcase_add_loop_test(tc, every_element_comes_out_alone, 0, 4);
	tcase_add_test(tc, v5_flows_come_out_as_they_went_in);
	tcase_add_test(tc, what_v5_cannot_express_is_counted);
	tcase_add_loop_test(tc, times_far_apart_come_out_right, 0, 2);
	tcase_add_test(tc, payloads_longer_than_a_datagram_stay_behind);
	tcase_add_test(tc, templates_come_again);
	suite_add_tcase(s, tc);
	SRunner *sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	int failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
