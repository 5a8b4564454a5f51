#include "query/order.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	const char *alias;
	enum direction dir;
} orders[ORDER_MAX] = {
	[ORDER_FLOWS] = { "flows", NULL, DIR_IN },
	[ORDER_PACKETS] = { "packets", NULL, DIR_BOTH },
	[ORDER_IPKG] = { "ipkg", "ipackets", DIR_IN },
	[ORDER_OPKG] = { "opkg", "opackets", DIR_OUT },
	[ORDER_BYTES] = { "bytes", NULL, DIR_BOTH },
	[ORDER_IBYTE] = { "ibyte", "ibytes", DIR_IN },
	[ORDER_OBYTE] = { "obyte", "obytes", DIR_OUT },
	[ORDER_PPS] = { "pps", NULL, DIR_BOTH },
	[ORDER_IPPS] = { "ipps", NULL, DIR_IN },
	[ORDER_OPPS] = { "opps", NULL, DIR_OUT },
	[ORDER_BPS] = { "bps", NULL, DIR_BOTH },
	[ORDER_IBPS] = { "ibps", NULL, DIR_IN },
	[ORDER_OBPS] = { "obps", NULL, DIR_OUT },
	[ORDER_BPP] = { "bpp", NULL, DIR_BOTH },
	[ORDER_IBPP] = { "ibpp", NULL, DIR_IN },
	[ORDER_OBPP] = { "obpp", NULL, DIR_OUT },
	[ORDER_TSTART] = { "tstart", NULL, DIR_BOTH },
	[ORDER_TEND] = { "tend", NULL, DIR_BOTH },
	[ORDER_DURATION] = { "duration", NULL, DIR_BOTH },
};

static bool
is_name(const char *known, const char *name, size_t n)
{
	return known != NULL && strlen(known) == n &&
	       strncmp(known, name, n) == 0;
}

int
order_parse(const char *name, size_t n)
{
	for (int i = 0; i < ORDER_MAX; i++)
		if (is_name(orders[i].name, name, n) ||
		    is_name(orders[i].alias, name, n))
			return i;
	return -1;
}

const char *
order_name(enum order o)
{
	return orders[o].name;
}

enum direction
order_direction(enum order o)
{
	return orders[o].dir;
}

/* nfdump's rates are of floating point, and cut off; so are ours. */
static uint64_t
per_second(uint64_t n, double factor, uint64_t ms)
{
	if (ms == 0)
		return 0;
	double v = (double)n * factor / ((double)ms / 1000);
	return v < 1e19 ? (uint64_t)v : UINT64_MAX;
}

static uint64_t
duration(const struct sums *s)
{
	return s->last > s->first ? s->last - s->first : 0;
}

struct rates
sums_rates(const struct sums *s, enum direction d)
{
	struct rates r = { 0 };
	if (d != DIR_OUT) {
		r.packets += s->packets;
		r.bytes += s->bytes;
	}
	if (d != DIR_IN) {
		r.packets += s->out_packets;
		r.bytes += s->out_bytes;
	}
	r.pps = per_second(r.packets, 1, duration(s));
	r.bps = per_second(r.bytes, 8, duration(s));
	r.bpp = r.packets != 0 ? r.bytes / r.packets : 0;
	return r;
}

/* Only what the order needs is worked out: this is done for every group. */
uint64_t
order_value(enum order o, const struct sums *s)
{
	enum direction d = orders[o].dir;
	uint64_t packets = (d != DIR_OUT ? s->packets : 0) +
			   (d != DIR_IN ? s->out_packets : 0);
	uint64_t bytes =
	    (d != DIR_OUT ? s->bytes : 0) + (d != DIR_IN ? s->out_bytes : 0);
	switch (o) {
	case ORDER_FLOWS:
		return s->flows;
	case ORDER_PACKETS:
	case ORDER_IPKG:
	case ORDER_OPKG:
		return packets;
	case ORDER_BYTES:
	case ORDER_IBYTE:
	case ORDER_OBYTE:
		return bytes;
	case ORDER_PPS:
	case ORDER_IPPS:
	case ORDER_OPPS:
		return per_second(packets, 1, duration(s));
	case ORDER_BPS:
	case ORDER_IBPS:
	case ORDER_OBPS:
		return per_second(bytes, 8, duration(s));
	case ORDER_BPP:
	case ORDER_IBPP:
	case ORDER_OBPP:
		return packets != 0 ? bytes / packets : 0;
	case ORDER_TSTART:
		return UINT64_MAX - s->first;
	case ORDER_TEND:
		return UINT64_MAX - s->last;
	case ORDER_DURATION:
		return duration(s);
	case ORDER_MAX:
		break;
	}
	return 0;
}

struct sums
sums_of_flow(const struct flow *f)
{
	struct sums s = { .flows = 1,
		.packets = f->packets,
		.bytes = f->bytes,
		.first = f->first,
		.last = f->last };
	if (flow_has(f, FE_CNT)) {
		s.flows = f->flows != 0 ? f->flows : 1;
		s.out_packets = f->out_packets;
		s.out_bytes = f->out_bytes;
	}
	return s;
}

/* ---- the top ---------------------------------------------------------------- */

static int
by_rank(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;
	if (x->value != y->value)
		return x->value > y->value ? -1 : 1;
	return (x->index > y->index) - (x->index < y->index);
}

/* The last in rank of a heap is its root. */
static void
sink_down(struct ranked *r, size_t n, size_t i)
{
	for (;;) {
		size_t worst = i, kid = 2 * i + 1;
		if (kid < n && by_rank(&r[kid], &r[worst]) > 0)
			worst = kid;
		if (kid + 1 < n && by_rank(&r[kid + 1], &r[worst]) > 0)
			worst = kid + 1;
		if (worst == i)
			return;
		struct ranked t = r[i];
		r[i] = r[worst];
		r[worst] = t;
		i = worst;
	}
}

size_t
order_top(struct ranked *r, size_t n, size_t k)
{
	if (n == 0)
		return 0;
	if (k == 0 || k > n)
		k = n;
	if (k < n) {
		for (size_t i = k / 2; i-- > 0;)
			sink_down(r, k, i);
		for (size_t i = k; i < n; i++) {
			if (by_rank(&r[i], &r[0]) > 0)
				continue;
			r[0] = r[i];
			sink_down(r, k, 0);
		}
	}
	qsort(r, k, sizeof(*r), by_rank);
	return k;
}
