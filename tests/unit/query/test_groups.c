/* Groups against a naive table: any keys, threads, and little memory. */
#include <check.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "query/groups.h"

#define BATCHES 24
#define ROWS    1000

static struct batch *batches[BATCHES];
static uint16_t rows[ROWS];
/* Records have their length in bytes 2 and 3, and a number. */
static uint8_t records[BATCHES][ROWS][16];

static uint64_t
dice(size_t batch, size_t row, uint64_t what)
{
	return hash_mix(hash_mix(batch + 1, row), what);
}

/* The way back of a row of another batch. */
static void
answer_row(struct batch *b, size_t i, const struct batch *a)
{
	uint64_t bit = UINT64_C(1) << (i % 64);
	b->present[FE_IPV6][i / 64] &= ~bit;
	b->present[FE_IPV6][i / 64] |= a->present[FE_IPV6][i / 64] & bit;
	b->src6hi[i] = a->dst6hi[i];
	b->src6lo[i] = a->dst6lo[i];
	b->dst6hi[i] = a->src6hi[i];
	b->dst6lo[i] = a->src6lo[i];
	b->src4[i] = a->dst4[i];
	b->dst4[i] = a->src4[i];
	b->proto[i] = a->proto[i];
	b->src_port[i] = a->dst_port[i];
	b->dst_port[i] = a->src_port[i];
}

static void
fill_row(struct batch *b, size_t k, size_t i)
{
	uint32_t host = (uint32_t)(dice(k, i, 1) % 5000);
	uint32_t peer = (uint32_t)(dice(k, i, 2) % 300);
	b->rec[i] = records[k][i];
	records[k][i][2] = 16;
	memcpy(records[k][i] + 4, &i, 4);
	memcpy(records[k][i] + 8, &k, 8);
	if (dice(k, i, 3) % 4 == 0) {
		b->present[FE_IPV6][i / 64] |= UINT64_C(1) << (i % 64);
		b->src6hi[i] = UINT64_C(0x20010db800000000) + host % 7;
		b->src6lo[i] = host;
		b->dst6hi[i] = b->src6hi[i];
		b->dst6lo[i] = peer;
	} else {
		b->src4[i] = 0x0a000000 + host;
		b->dst4[i] = 0x0a000000 + peer;
	}
	b->proto[i] = dice(k, i, 4) % 3 == 0 ? 17 : i % 7 == 0 ? 1 : 6;
	b->src_port[i] = (uint16_t)(dice(k, i, 5) % 2000);
	b->dst_port[i] = (uint16_t)(dice(k, i, 6) % 100);
	if (k > 0 && dice(k, i, 14) % 3 == 0)
		answer_row(b, i, batches[k - 1]);
	b->tcp_flags[i] = (uint8_t)(1U << dice(k, i, 7) % 6);
	b->tos[i] = (uint8_t)dice(k, i, 8);
	b->first[i] = 1000000 + dice(k, i, 9) % 100000;
	b->last[i] = b->first[i] + dice(k, i, 10) % 9000;
	b->packets[i] = dice(k, i, 11) % 50 + 1;
	b->bytes[i] = b->packets[i] * (40 + dice(k, i, 12) % 3);
	b->flows[i] = dice(k, i, 13) % 9 == 0 ? 3 : 1;
	b->out_packets[i] = dice(k, i, 13) % 9 == 0 ? 5 : 0;
	b->out_bytes[i] = 60 * b->out_packets[i];
	if (b->out_packets[i] == 0 || k % 4 < 3) {
		b->out_packets[i] = b->out_bytes[i] = 0;
		b->present[FE_CNT][i / 64] |= (uint64_t)(k % 2) << (i % 64);
	} else {
		b->present[FE_CNT][i / 64] |= UINT64_C(1) << (i % 64);
	}
}

static void
setup(void)
{
	for (size_t i = 0; i < ROWS; i++)
		rows[i] = (uint16_t)i;
	for (size_t k = 0; k < BATCHES; k++) {
		batches[k] = mem_calloc(1, sizeof(*batches[k]));
		batches[k]->rows = ROWS;
		for (size_t i = 0; i < ROWS; i++)
			fill_row(batches[k], k, i);
	}
}

static void
teardown(void)
{
	for (size_t k = 0; k < BATCHES; k++)
		free(batches[k]);
}

/* ---- the naive way ---------------------------------------------------------------- */

struct naive {
	uint8_t key[64];
	/* Two ways: the flow's own key, with its ends exchanged, the lesser? */
	uint8_t own[64], other[64];
	bool turned;
	struct sums sums;
	uint8_t record[16];
};

struct naives {
	struct naive *v;
	size_t n;
};

/* By what the values are, however a key is laid out. */
static void
write_key(const struct key *k, const uint8_t *bytes, bool turned,
    uint8_t out[64])
{
	static const size_t back[] = { 0, 2, 1, 4, 3 };
	memset(out, 0, 64);
	for (size_t i = 0, at = 0; i < k->n; i++) {
		struct elem_value v;
		key_value(k, turned ? back[i] : i, bytes, &v);
		if (elem_kind(k->f[i].id) == KIND_IP) {
			memcpy(out + at, &v.ip, sizeof(v.ip));
			at += sizeof(v.ip);
			out[at++] = v.v6;
		} else {
			memcpy(out + at, &v.n, 4);
			at += 4;
		}
	}
}

static int
by_key(const void *a, const void *b)
{
	const struct naive *x = a, *y = b;
	int c = memcmp(x->key, y->key, sizeof(x->key));
	if (c != 0)
		return c;
	return (x->sums.place > y->sums.place) -
	       (x->sums.place < y->sums.place);
}

static struct naive
naive_row(const struct key *k, size_t batch, uint16_t i, size_t side,
    uint8_t *bytes)
{
	struct naive v = { 0 };
	const struct batch *b = batches[batch];
	key_make(k, b, &i, 1, bytes);
	write_key(k, bytes, false, v.key);
	v.sums = (struct sums){ .flows = b->flows[i],
		.packets = b->packets[i],
		.bytes = b->bytes[i],
		.out_packets = b->out_packets[i],
		.out_bytes = b->out_bytes[i],
		.first = b->first[i],
		.last = b->last[i],
		.place = (batch * ROWS + i) * 2 + side + 1,
		.tcp_flags = b->tcp_flags[i],
		.tos = b->tos[i] };
	memcpy(v.record, b->rec[i], 16);
	return v;
}

static void
naive_add(struct naive *to, const struct naive *v)
{
	struct sums *s = &to->sums;
	s->flows += v->sums.flows;
	s->packets += v->sums.packets;
	s->bytes += v->sums.bytes;
	s->out_packets += v->sums.out_packets;
	s->out_bytes += v->sums.out_bytes;
	s->first = v->sums.first < s->first ? v->sums.first : s->first;
	s->last = v->sums.last > s->last ? v->sums.last : s->last;
	if (v->turned == to->turned)
		s->tcp_flags |= v->sums.tcp_flags;
}

/* Both keys; the row goes by the lesser one. */
static struct naive
naive_two_ways(const struct key k[2], size_t batch, uint16_t i, uint8_t *bytes)
{
	struct naive v = naive_row(&k[1], batch, i, 0, bytes);
	memcpy(v.other, v.key, sizeof(v.key));
	struct naive own = naive_row(&k[0], batch, i, 0, bytes);
	memcpy(own.other, v.other, sizeof(v.other));
	memcpy(own.own, own.key, sizeof(own.key));
	own.turned = proto_has_two_ways(batches[batch]->proto[i]) &&
		     memcmp(own.other, own.own, sizeof(own.own)) < 0;
	if (own.turned) {
		memcpy(own.key, own.other, sizeof(own.key));
		sums_turn(&own.sums);
	}
	return own;
}

/* As the first flow went, or as a client would have it. */
static void
face(const struct groups_conf *c, struct naive *v)
{
	uint32_t proto, src, dst; /* behind the addresses: see write_key */
	memcpy(&proto, v->own, 4);
	memcpy(&src, v->own + 38, 4);
	memcpy(&dst, v->own + 42, 4);
	bool answer = c->ways == TO_SERVER && proto_has_two_ways(proto) &&
		      ports_of_answer(src, dst);
	memcpy(v->key, answer ? v->other : v->own, sizeof(v->key));
	if (v->turned != answer)
		sums_turn(&v->sums);
}

/* Everything sorted, then equals put together. */
static struct naives
naive(const struct groups_conf *c)
{
	struct naives all = {
		mem_calloc((size_t)BATCHES * ROWS * 2, sizeof(struct naive)), 0
	};
	size_t n = 0;
	if (c->ways != ONE_WAY) {
		struct key k[2];
		memcpy(k, c->key, sizeof(k));
		uint8_t bytes[256];
		key_layout(&k[0], false);
		key_layout(&k[1], false);
		for (size_t b = 0; b < BATCHES; b++)
			for (uint16_t i = 0; i < ROWS; i++)
				all.v[n++] = naive_two_ways(k, b, i, bytes);
	}
	for (size_t side = 0; c->ways == ONE_WAY && side < c->n_keys; side++) {
		struct key k = c->key[side];
		key_layout(&k, false);
		uint8_t *bytes = mem_alloc(k.len);
		for (size_t b = 0; b < BATCHES; b++)
			for (uint16_t i = 0; i < ROWS; i++)
				all.v[n++] = naive_row(&k, b, i, side, bytes);
		free(bytes);
	}
	qsort(all.v, n, sizeof(all.v[0]), by_key);
	for (size_t i = 0; i < n; i++) {
		if (i != 0 && memcmp(all.v[all.n - 1].key, all.v[i].key,
				  sizeof(all.v[i].key)) == 0)
			naive_add(&all.v[all.n - 1], &all.v[i]);
		else
			all.v[all.n++] = all.v[i];
	}
	for (size_t i = 0; c->ways != ONE_WAY && i < all.n; i++)
		face(c, &all.v[i]);
	return all;
}

static enum order order;

static int
by_order(const void *a, const void *b)
{
	const struct naive *x = a, *y = b;
	uint64_t v = order_value(order, &x->sums);
	uint64_t w = order_value(order, &y->sums);
	if (v != w)
		return v > w ? -1 : 1;
	return (x->sums.place > y->sums.place) -
	       (x->sums.place < y->sums.place);
}

/* ---- ours -------------------------------------------------------------------------- */

struct taker {
	struct groups *g;
	size_t number, of;
	void *part;
	pthread_t thread;
};

static void *
take_some(void *arg)
{
	struct taker *t = arg;
	t->part = groups_part(t->g);
	for (size_t k = t->number; k < BATCHES; k += t->of) {
		struct picked p = { .b = batches[k],
			.rows = rows,
			.n = ROWS,
			.file = k / 6,
			.block = (uint32_t)(k / 2 % 3),
			.row = (uint32_t)(k % 2 * ROWS) };
		groups_take(t->part, &p);
	}
	return NULL;
}

static void
take_all(struct groups *g, size_t threads)
{
	struct taker t[8];
	for (size_t i = 0; i < threads; i++) {
		t[i] = (struct taker){ .g = g, .number = i, .of = threads };
		ck_assert_int_eq(pthread_create(&t[i].thread, NULL, take_some,
				     &t[i]),
		    0);
	}
	for (size_t i = 0; i < threads; i++) {
		ck_assert_int_eq(pthread_join(t[i].thread, NULL), 0);
		groups_end(g, t[i].part);
	}
	groups_finish(g);
}

struct compare {
	const struct groups_conf *c;
	const struct naives *want;
	size_t n;
};

static void
compare(void *ctx, const struct group *g)
{
	struct compare *c = ctx;
	uint8_t key[64];
	ck_assert_uint_lt(c->n, c->want->n);
	const struct naive *w = &c->want->v[c->n++];
	write_key(g->key, g->bytes, g->turned, key);
	ck_assert_mem_eq(key, w->key, sizeof(key));
	struct sums s = *g->sums;
	s.place = w->sums.place; /* numbered otherwise */
	ck_assert_mem_eq(&s, &w->sums, sizeof(s));
	if (c->c->whole)
		ck_assert_mem_eq(g->record, w->record, sizeof(w->record));
}

static const struct {
	enum elem_id id[5];
	size_t n;
	enum elem_id other; /* EL_MAX: one side */
	uint8_t mask4, mask6;
	bool whole;
	enum ways ways;
} keys[] = {
	{ { EL_SRCIP }, 1, EL_DSTIP, 32, 128, false, ONE_WAY },
	{ { EL_DSTPORT }, 1, EL_MAX, 32, 128, false, ONE_WAY },
	{ { EL_SRCPORT }, 1, EL_DSTPORT, 32, 128, false, ONE_WAY },
	{ { EL_PROTO, EL_SRCIP, EL_DSTIP, EL_SRCPORT, EL_DSTPORT }, 5, EL_MAX,
	    32, 128, true, ONE_WAY },
	{ { EL_PROTO, EL_SRCIP, EL_DSTIP, EL_SRCPORT, EL_DSTPORT }, 5, EL_MAX,
	    32, 128, true, TWO_WAYS },
	{ { EL_PROTO, EL_SRCIP, EL_DSTIP, EL_SRCPORT, EL_DSTPORT }, 5, EL_MAX,
	    32, 128, false, TO_SERVER },
	{ { EL_SRCIP, EL_DSTPORT }, 2, EL_MAX, 24, 60, true, ONE_WAY },
	{ { EL_SRCIP, EL_SRCPORT, EL_DSTPORT }, 3, EL_MAX, 30, 128, false,
	    ONE_WAY },
};
#define KEYS (sizeof(keys) / sizeof(keys[0]))

static struct groups_conf
conf_of(size_t i, struct budget *b)
{
	struct groups_conf c = { .n_keys = 1,
		.whole = keys[i].whole,
		.ways = keys[i].ways,
		.budget = b };
	static const enum elem_id back[] = { EL_PROTO, EL_DSTIP, EL_SRCIP,
		EL_DSTPORT, EL_SRCPORT };
	for (size_t k = 0; c.ways != ONE_WAY && k < 5; k++)
		(void)key_add(&c.key[1], back[k]);
	for (size_t k = 0; k < keys[i].n; k++) {
		struct key_field *f = key_add(&c.key[0], keys[i].id[k]);
		if (elem_kind(f->id) == KIND_IP) {
			f->mask4 = keys[i].mask4;
			f->mask6 = keys[i].mask6;
		}
	}
	if (keys[i].other != EL_MAX) {
		(void)key_add(&c.key[1], keys[i].other);
		c.n_keys = 2;
	}
	return c;
}

static const size_t limits[] = { 0, (size_t)64 << 20, (size_t)8 << 20, 1 };
#define LIMITS (sizeof(limits) / sizeof(limits[0]))

START_TEST(groups_are_those_of_a_naive_table)
{
	static const size_t tops[] = { 0, 1, 10, 3000 };
	size_t which = (size_t)_i / LIMITS;
	for (unsigned threads = 1; threads <= 4; threads += 3) {
		struct budget budget = { .limit = limits[(size_t)_i % LIMITS] };
		struct groups_conf c = conf_of(which, &budget);
		c.threads = threads;
		struct naives want = naive(&c);
		struct groups *g = groups_new(&c);
		take_all(g, threads);
		for (size_t t = 0; t < 4; t++) {
			order = t % 2 == 0 ? ORDER_BYTES : ORDER_BPP;
			qsort(want.v, want.n, sizeof(want.v[0]), by_order);
			struct compare cmp = { &c, &want, 0 };
			groups_each(g, (int)order, tops[t], NULL, compare,
			    &cmp);
			ck_assert_uint_eq(cmp.n,
			    tops[t] == 0 || tops[t] > want.n ? want.n
							     : tops[t]);
		}
		groups_free(g);
		ck_assert_uint_eq(budget.used, 0);
		free(want.v);
	}
}
END_TEST

START_TEST(of_nothing_there_are_no_groups)
{
	struct budget budget = { 0 };
	struct groups_conf c = conf_of(0, &budget);
	struct groups *g = groups_new(&c);
	struct naives none = { 0 };
	struct compare cmp = { &c, &none, 0 };
	groups_finish(g);
	groups_each(g, -1, 0, NULL, compare, &cmp);
	groups_free(g);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("query groups");
	TCase *t = tcase_create("all");
	tcase_set_timeout(t, 120);
	tcase_add_unchecked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, groups_are_those_of_a_naive_table, 0,
	    (int)(KEYS * LIMITS));
	tcase_add_test(t, of_nothing_there_are_no_groups);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
