/* Tokens of counters, rates and latencies. */
#include "query/fmt.h"
#include "query/order.h"
#include "query/text.h"

static void
put_counter(const struct row *r, uint64_t v)
{
	text_counter(r->b, v, r->f->plain, 8);
}

static struct rates
rates(const struct row *r, enum direction d)
{
	struct sums s = sums_of_flow(r->flow);
	return sums_rates(&s, d);
}

static void
tk_pkt(const struct row *r)
{
	put_counter(r, r->flow->packets);
}

static void
tk_byt(const struct row *r)
{
	put_counter(r, r->flow->bytes);
}

static void
tk_ipkt(const struct row *r)
{
	put_counter(r, r->flow->packets);
}

static void
tk_ibyt(const struct row *r)
{
	put_counter(r, r->flow->bytes);
}

static void
tk_opkt(const struct row *r)
{
	put_counter(r, rates(r, DIR_OUT).packets);
}

static void
tk_obyt(const struct row *r)
{
	put_counter(r, rates(r, DIR_OUT).bytes);
}

static void
tk_pps(const struct row *r)
{
	put_counter(r, rates(r, DIR_IN).pps);
}

static void
tk_bps(const struct row *r)
{
	put_counter(r, rates(r, DIR_IN).bps);
}

static void
tk_bpp(const struct row *r)
{
	text_number(r->b, rates(r, DIR_IN).bpp, 6);
}

static void
tk_fl(const struct row *r)
{
	text_number(r->b, r->no_flow ? 0 : sums_of_flow(r->flow).flows, 5);
}

static void
tk_cnt(const struct row *r)
{
	text_number(r->b, r->no_flow ? 0 : r->number, 5);
}

#define LATENCY(name, field)                                                   \
	static void tk_##name(const struct row *r)                             \
	{                                                                      \
		buf_printf(r->b, "%9.3f", (double)r->flow->field / 1000);      \
	}
LATENCY(cl, client_usec)
LATENCY(sl, server_usec)
LATENCY(al, app_usec)

const struct token fmt_counters[] = {
	{ "cnt", "Count", false, tk_cnt, 0 },
	{ "pkt", " Packets", false, tk_pkt, 0 },
	{ "ipkt", "  In Pkt", false, tk_ipkt, 0 },
	{ "opkt", " Out Pkt", false, tk_opkt, 0 },
	{ "byt", "   Bytes", false, tk_byt, 0 },
	{ "ibyt", " In Byte", false, tk_ibyt, 0 },
	{ "obyt", "Out Byte", false, tk_obyt, 0 },
	{ "bps", "     bps", false, tk_bps, 0 },
	{ "pps", "     pps", false, tk_pps, 0 },
	{ "bpp", "   Bpp", false, tk_bpp, 0 },
	{ "fl", "Flows", false, tk_fl, 0 },
	{ "cl", "C Latency", false, tk_cl, 0 },
	{ "sl", "S latency", false, tk_sl, 0 },
	{ "al", "A latency", false, tk_al, 0 },
	{ .name = NULL },
};
