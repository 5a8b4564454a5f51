#include "traffic.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/mem.h"

#define TABLE  4096 /* steps of the inverse distributions */
#define CHOICE 1024 /* entries of the service lottery */

enum size_kind {
	SIZE_BULK,  /* answers fill packets, requests do not */
	SIZE_SMALL, /* one or two small packets */
	SIZE_STEADY /* both directions alike */
};

struct service {
	uint8_t proto;
	uint16_t port; /* 0: any high port */
	unsigned weight;
	enum size_kind kind;
};

static const struct service services[] = {
	{ 6, 443, 420, SIZE_BULK },
	{ 6, 80, 90, SIZE_BULK },
	{ 6, 22, 15, SIZE_STEADY },
	{ 6, 25, 15, SIZE_BULK },
	{ 6, 993, 20, SIZE_BULK },
	{ 6, 8080, 10, SIZE_BULK },
	{ 6, 445, 5, SIZE_STEADY },
	{ 6, 0, 50, SIZE_STEADY },
	{ 17, 53, 160, SIZE_SMALL },
	{ 17, 443, 110, SIZE_BULK },
	{ 17, 123, 20, SIZE_SMALL },
	{ 17, 161, 5, SIZE_SMALL },
	{ 17, 0, 30, SIZE_STEADY },
	{ 1, 0, 25, SIZE_SMALL }, /* ICMPv6 in an IPv6 flow */
	{ 50, 0, 10, SIZE_STEADY },
	{ 47, 0, 8, SIZE_STEADY },
	{ 132, 5060, 3, SIZE_STEADY },
	{ 89, 0, 4, SIZE_SMALL },
};
#define SERVICES (sizeof(services) / sizeof(services[0]))

struct traffic_model {
	struct traffic_opts o;
	unsigned clients;
	uint8_t choice[CHOICE];
	uint32_t server[TABLE + 1]; /* rank by quantile */
	uint32_t client[TABLE + 1];
	uint64_t packets[TABLE + 1];
};

/* Zipf with exponent 1 over `n` ranks: the inverse distribution is n^u. */
static void
fill_ranks(uint32_t *table, unsigned n)
{
	for (unsigned i = 0; i <= TABLE; i++)
		table[i] = (uint32_t)pow(n, (double)i / TABLE) - 1;
}

/* Pareto, a little heavier than exponent 1.2, cut at `max`. */
static void
fill_packets(uint64_t *table, uint64_t max)
{
	for (unsigned i = 0; i <= TABLE; i++) {
		double u = ((double)TABLE - i + 0.02) / TABLE;
		double v = 2.0 * pow(u, -1 / 1.15);
		table[i] = v < (double)max ? (uint64_t)v : max;
	}
}

static void
fill_choice(uint8_t *choice)
{
	unsigned total = 0, sum = 0, at = 0;
	for (size_t i = 0; i < SERVICES; i++)
		total += services[i].weight;
	for (size_t i = 0; i < SERVICES; i++) {
		sum += services[i].weight;
		while (at < sum * CHOICE / total)
			choice[at++] = (uint8_t)i;
	}
}

struct traffic_model *
traffic_model_new(const struct traffic_opts *o)
{
	struct traffic_model *m = mem_calloc(1, sizeof(*m));
	m->o = *o;
	m->clients = o->hosts / 4 + 1;
	fill_ranks(m->server, o->hosts);
	fill_ranks(m->client, m->clients);
	fill_packets(m->packets, o->max_packets);
	fill_choice(m->choice);
	return m;
}

void
traffic_model_free(struct traffic_model *m)
{
	free(m);
}

static uint64_t
draw(struct traffic_stream *s)
{
	s->state += UINT64_C(0xa0761d6478bd642f);
	return hash_mix(s->state, UINT64_C(0xe7037ed1a0b428db));
}

void
traffic_stream_init(struct traffic_stream *s, const struct traffic_model *m,
    unsigned number)
{
	s->model = m;
	s->state = hash_mix(m->o.seed, number);
}

/* A rank between two neighbouring quantiles; r has 32 random bits. */
static uint32_t
rank(const uint32_t *table, uint32_t r)
{
	const uint32_t *q = &table[r % TABLE];
	return q[0] + r / TABLE % (q[1] - q[0] + 1);
}

static uint64_t
pick_packets(const struct traffic_model *m, const struct service *sv,
    uint64_t r)
{
	if (sv->kind == SIZE_SMALL)
		return r % 8 != 0 ? 1 : 2 + (r >> 8) % 4;
	const uint64_t *q = &m->packets[r % TABLE];
	return q[0] + (r >> 16) % (q[1] - q[0] + 1);
}

/* Mean bytes of a packet, and a remainder so that sums are no multiples. */
static uint64_t
pick_bytes(const struct service *sv, bool answer, uint64_t packets, uint64_t r)
{
	uint64_t size = 44 + r % 70;
	if (sv->kind == SIZE_STEADY)
		size = 60 + r % 900;
	else if (sv->kind == SIZE_SMALL)
		size = answer ? 90 + r % 300 : 60 + r % 40;
	else if (answer && packets > 3)
		size = 500 + r % 950;
	return packets * size + (r >> 32) % 40;
}

static uint8_t
pick_flags(uint64_t packets, uint64_t r)
{
	if (packets == 1)
		return r % 4 == 0 ? 0x14 : 0x02; /* refused, or a scan's SYN */
	if (packets < 4)
		return r % 8 == 0 ? 0x16 : 0x12;
	return r % 16 == 0 ? 0x1e : 0x1b;
}

static void
pick_ports(const struct service *sv, bool answer, bool v6, uint64_t r,
    struct flow *f)
{
	static const uint16_t icmp[] = { 0x0800, 0, 0x0800, 0x0301, 0x0b00 };
	static const uint16_t icmp6[] = { 0x8000, 0x8100, 0x8700, 0x8800,
		0x0104 };
	uint16_t high = (uint16_t)(32768 + r % 28000);
	uint16_t port =
	    sv->port != 0 ? sv->port : (uint16_t)(1025 + (r >> 16) % 20000);

	f->src_port = f->dst_port = 0;
	switch (f->proto) {
	case 1:
	case 58:
		f->dst_port = v6 ? icmp6[r % 5] : icmp[r % 5];
		break;
	case 6:
	case 17:
	case 132:
		f->src_port = answer ? port : high;
		f->dst_port = answer ? high : port;
		break;
	default:
		break;
	}
}

/* Servers are spread over the address space, clients are ours. */
static struct flow_ip6
server_addr(uint32_t rk, bool v6)
{
	uint64_t h = hash_mix(rk, 77);
	if (v6)
		return (struct flow_ip6){ UINT64_C(0x2a00000000000000) |
					      (h & 0xffffff) << 32 | (h >> 48),
			h >> 24 & 0xffff };
	uint32_t first = (uint32_t)(h % 115) + 11; /* below 127 */
	return (struct flow_ip6){ 0, first << 24 |
					 (uint32_t)(h >> 16 & 0xffff) << 8 |
					 (uint32_t)(h >> 40 & 0xff) };
}

static struct flow_ip6
client_addr(uint32_t rk, bool v6)
{
	if (v6)
		return (
		    struct flow_ip6){ UINT64_C(0x20010db800000000) | rk % 64,
			hash_mix(rk, 5) };
	return (struct flow_ip6){ 0, UINT32_C(0x0a000000) | (rk + 1) };
}

static void
pick_ends(const struct traffic_model *m, bool answer, bool v6, uint64_t r,
    struct flow *f)
{
	uint32_t sr = rank(m->server, (uint32_t)r);
	uint32_t cr = rank(m->client, (uint32_t)(r >> 32));
	uint32_t as = 1 + (uint32_t)(hash_mix(sr, 3) % 64000);
	if (m->o.as32 && as % 8 == 0)
		as += 200000;
	uint8_t out = v6 ? 48 : (uint8_t)(16 + sr % 9), in = v6 ? 64 : 24;
	uint32_t uplink = 1 + sr % 3, access = 10 + cr % 12;

	struct flow_ip6 s = server_addr(sr, v6), c = client_addr(cr, v6);
	f->src = answer ? s : c;
	f->dst = answer ? c : s;
	f->src_as = answer ? as : 64500;
	f->dst_as = answer ? 64500 : as;
	f->src_mask = answer ? out : in;
	f->dst_mask = answer ? in : out;
	f->in_if = answer ? uplink : access;
	f->out_if = answer ? access : uplink;
	f->dir = answer ? 0 : 1;
	f->next_hop =
	    v6 ? (struct flow_ip6){ UINT64_C(0x20010db8ffff0000), f->out_if }
	       : (struct flow_ip6){ 0, UINT32_C(0xac1f0000) | f->out_if };
}

static void
pick_times(uint64_t now_ms, uint64_t r, struct flow *f)
{
	uint64_t length = f->packets < 2 ? 0 : 1 + r % (f->packets * 60);
	if (length > 58000)
		length = 58000 - length % 5000;
	f->received = now_ms;
	f->last = now_ms - (r >> 32) % 1500;
	f->first = f->last - length;
}

void
traffic_next(struct traffic_stream *s, uint64_t now_ms, struct flow *f)
{
	const struct traffic_model *m = s->model;
	uint64_t r = draw(s);
	const struct service *sv = &services[m->choice[r % CHOICE]];
	bool v6 = (r >> 10) % 100 < m->o.v6_percent;
	bool answer = (r >> 40 & 1) != 0;

	f->proto = sv->proto == 1 && v6 ? 58 : sv->proto;
	uint64_t pk = draw(s);
	f->packets = pick_packets(m, sv, pk);
	f->bytes = pick_bytes(sv, answer, f->packets, pk >> 20);
	f->tcp_flags = f->proto == 6 ? pick_flags(f->packets, pk >> 50) : 0;
	f->src_tos = r >> 58 == 0 ? 0xb8 : 0;
	f->fwd_status = 0;
	f->dst_tos = f->biflow_dir = f->end_reason = 0;
	pick_ports(sv, answer, v6, draw(s), f);
	pick_ends(m, answer, v6, draw(s), f);
	pick_times(now_ms, pk ^ r, f);
	f->have = FLOW_BIT(FE_GENERIC) | FLOW_BIT(FE_MISC) | FLOW_BIT(FE_AS) |
		  (v6 ? FLOW_BIT(FE_IPV6) | FLOW_BIT(FE_NEXT6)
		      : FLOW_BIT(FE_IPV4) | FLOW_BIT(FE_NEXT4));
}

/* Smooth noise in [-1, 1]: random values on a grid, cosine between them. */
static double
noise(uint64_t seed, double when, double grid)
{
	double g = floor(when / grid);
	double x = when / grid - g;
	double a = (double)(hash_mix(seed, (uint64_t)g) >> 11) / 0x1p53;
	double b = (double)(hash_mix(seed, (uint64_t)g + 1) >> 11) / 0x1p53;
	double w = (1 - cos(x * M_PI)) / 2;
	return 2 * (a + (b - a) * w) - 1;
}

double
traffic_curve(uint64_t seed, double when)
{
	double hour = fmod(when, 86400) / 3600;
	int weekday = (int)fmod(floor(when / 86400) + 4, 7); /* 0 Sunday */
	double day = 1 - 0.62 * cos((hour - 3.5) / 24 * 2 * M_PI) +
		     0.18 * cos((hour - 20.5) / 12 * 2 * M_PI);
	double v = day * (weekday == 0 || weekday == 6 ? 0.75 : 1.1);
	v *= 1 + 0.10 * noise(seed, when, 300) +
	     0.12 * noise(seed + 1, when, 2700);
	if (hash_mix(seed + 2, (uint64_t)when / 1200) % 36 == 0)
		v *= 1.7;
	return v > 0.05 ? v : 0.05;
}
