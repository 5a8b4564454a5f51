#include "filter/tally.h"

#include <string.h>

#include "filter/kernel.h"

_Static_assert(CLASS_ALL == 0 && CLASS_MAX == KERNEL_CLASSES + 1,
    "every row is in one class");

/* Bits of rows 0 .. rows - 1. */
static void
all_rows(uint64_t *bits, size_t rows)
{
	memset(bits, 0, BATCH_WORDS * sizeof(bits[0]));
	memset(bits, 0xff, rows / 64 * sizeof(bits[0]));
	if (rows % 64 != 0)
		bits[rows / 64] = (UINT64_C(1) << (rows % 64)) - 1;
}

void
tally_begin(struct tally *t, const struct batch *b)
{
	const struct kernels *k = kernels_best();
	static const uint64_t tcp[] = { 6, 6 }, udp[] = { 17, 17 };
	static const uint64_t icmp[] = { 1, 1, 58, 58 };
	size_t words = (b->rows + 63) / 64;
	t->b = b;
	t->any_out = false;
	memset(t->class_bits, 0, sizeof(t->class_bits));
	all_rows(t->class_bits[CLASS_ALL], b->rows);
	k->ranges[WIDTH_8](b->proto, words, tcp, 1, t->class_bits[CLASS_TCP]);
	k->ranges[WIDTH_8](b->proto, words, udp, 1, t->class_bits[CLASS_UDP]);
	k->ranges[WIDTH_8](b->proto, words, icmp, 2, t->class_bits[CLASS_ICMP]);
	for (size_t w = 0; w < words; w++) {
		t->class_bits[CLASS_OTHER][w] =
		    t->class_bits[CLASS_ALL][w] &
		    ~(t->class_bits[CLASS_TCP][w] |
			t->class_bits[CLASS_UDP][w] |
			t->class_bits[CLASS_ICMP][w]);
		t->any_out |= b->present[FE_CNT][w] != 0;
	}
}

static void
add(struct counters *c, enum counter_class class,
    const struct kernel_sums *sums)
{
	c->flows[class] += sums->rows;
	c->packets[class] += sums->a;
	c->bytes[class] += sums->b;
}

/*
 * What element 5 adds: out counters, and for a channel the flows that one
 * record stands for.
 */
static void
add_out(const struct tally *t, const uint64_t *bits, enum tally_rule rule,
    struct counters *c)
{
	const struct batch *b = t->b;
	size_t words = (b->rows + 63) / 64;
	for (size_t w = 0; w < words; w++) {
		uint64_t m = bits[w] & b->present[FE_CNT][w];
		for (; m != 0; m &= m - 1) {
			size_t i = w * 64 + (size_t)__builtin_ctzll(m);
			struct kernel_sums out = { rule == TALLY_CHANNEL
						       ? b->flows[i] - 1
						       : 0,
				b->out_packets[i], b->out_bytes[i] };
			add(c, CLASS_ALL, &out);
			if (rule == TALLY_CHANNEL)
				add(c, counter_class_of(b->proto[i]), &out);
		}
	}
}

void
tally_add(const struct tally *t, const uint64_t *bits, enum tally_rule rule,
    struct counters *c)
{
	const struct batch *b = t->b;
	struct kernel_sums s[KERNEL_CLASSES] = { 0 };
	kernels_best()->sum(bits, t->class_bits + CLASS_TCP,
	    (b->rows + 63) / 64, b->packets, b->bytes, s);
	for (int i = 0; i < KERNEL_CLASSES; i++) {
		add(c, (enum counter_class)(CLASS_TCP + i), &s[i]);
		add(c, CLASS_ALL, &s[i]);
	}
	if (t->any_out)
		add_out(t, bits, rule, c);
}

/* Words of bits beyond a bitmap's end are not looked at. */
static uint64_t
rows_of_word(size_t w, size_t from, size_t to)
{
	uint64_t m = UINT64_MAX;
	if (w * 64 < from)
		m &= from >= w * 64 + 64 ? 0 : UINT64_MAX << (from - w * 64);
	if (w * 64 + 64 > to)
		m &= to <= w * 64 ? 0 : UINT64_MAX >> (w * 64 + 64 - to);
	return m;
}

void
tally_add_rows(const struct tally *t, const uint64_t *bits, size_t from,
    size_t to, enum tally_rule rule, struct counters *c)
{
	uint64_t some[BATCH_WORDS] = { 0 };
	uint64_t any = 0;
	if (from == 0 && to == t->b->rows) {
		tally_add(t, bits, rule, c);
		return;
	}
	for (size_t w = from / 64; w < (to + 63) / 64; w++)
		any |= some[w] = bits[w] & rows_of_word(w, from, to);
	if (any != 0)
		tally_add(t, some, rule, c);
}

void
tally_filters_rows(const struct tally *t, const struct filterset *s,
    size_t from, size_t to, enum tally_rule rule, struct counters *sums)
{
	for (size_t i = 0; i < filterset_count(s); i++) {
		size_t twin = filterset_twin(s, i);
		sums[i] = sums[twin];
		if (twin != i)
			continue;
		sums[i] = (struct counters){ 0 };
		if (!filterset_dead(s, i))
			tally_add_rows(t, filterset_bits(s, i), from, to, rule,
			    &sums[i]);
	}
}

void
tally_filters(const struct tally *t, const struct filterset *s,
    enum tally_rule rule, struct counters *sums)
{
	tally_filters_rows(t, s, 0, t->b->rows, rule, sums);
}
