/*
 * flows: random flows, batches and filters for the tests of lib/filter.
 *
 * Values come from small sets with edges (0, 1, the largest, values that
 * filters name), so that every comparison meets its boundary.
 */
#ifndef TESTS_FILTER_FLOWS_H
#define TESTS_FILTER_FLOWS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/addr.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/mem.h"
#include "filter/tree.h"
#include "flow/batch.h"
#include "flow/flow.h"
#include "tests/unit/filter/payloads.h"

struct rnd {
	uint64_t state;
};

static inline uint64_t
rnd_next(struct rnd *r)
{
	r->state += UINT64_C(0x9e3779b97f4a7c15);
	return hash_mix(r->state, UINT64_C(0xbf58476d1ce4e5b9));
}

static inline uint64_t
rnd_below(struct rnd *r, uint64_t n)
{
	uint64_t v = rnd_next(r);
	return n != 0 ? v % n : 0;
}

/* A value of `bits` bits, often one that stands at some edge. */
static inline uint64_t
rnd_edge(struct rnd *r, unsigned bits)
{
	static const uint64_t some[] = { 0, 1, 2, 6, 17, 53, 58, 80, 255, 256,
		443, 1000, 1023, 1024, 32767, 32768, 65535, 65536,
		UINT64_C(0x7fffffff), UINT64_C(0x80000000),
		UINT64_C(0xffffffff), UINT64_C(0x7fffffffffffffff),
		UINT64_C(0x8000000000000000), UINT64_MAX };
	uint64_t max = bits == 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;
	uint64_t v = rnd_below(r, 8) == 0
			 ? rnd_next(r)
			 : some[rnd_below(r, sizeof(some) / sizeof(some[0]))];
	return v & max;
}

/* An address of few: 10.0.x.y, edges, and IPv6 alike. */
static inline struct addr
rnd_addr(struct rnd *r, bool six)
{
	static const uint32_t four[] = { 0, 1, 0x0a000001, 0x0a000100,
		0x0a0000ff, 0x0a010203, 0xac100001, 0x01020304, 0xffffffff };
	if (!six)
		return addr_v4(rnd_below(r, 4) == 0
				   ? 0x0a000000 + (uint32_t)rnd_below(r, 1024)
				   : four[rnd_below(r, 9)]);
	static const uint64_t hi[] = { 0, UINT64_C(0x20010db800000000),
		UINT64_C(0x20010db800010000), UINT64_MAX };
	static const uint64_t lo[] = { 0, 1, UINT64_C(0xffff01020304),
		UINT64_C(0x01020304), UINT64_MAX };
	return addr_v6(hi[rnd_below(r, 4)], lo[rnd_below(r, 5)]);
}

static inline void
rnd_ip(struct rnd *r, bool six, struct flow_ip6 *a)
{
	struct addr x = rnd_addr(r, six);
	a->hi = x.hi;
	a->lo = x.lo;
}

/* One of two elements, none, or both at once. */
static inline unsigned
rnd_family(struct rnd *r, struct flow *f, int four, int six)
{
	unsigned n = (unsigned)rnd_below(r, 8);
	if (n < 4 || n == 7)
		f->have |= FLOW_BIT(four);
	if (n >= 4 && n != 6)
		f->have |= FLOW_BIT(six);
	return flow_has(f, (enum flow_elem)four) ? 0 : 1;
}

static inline void
flow_random_common(struct rnd *r, struct flow *f)
{
	static const uint8_t protos[] = { 6, 17, 1, 58, 47, 0, 255 };
	f->proto = protos[rnd_below(r, 7)];
	f->tcp_flags = (uint8_t)rnd_edge(r, 8);
	f->fwd_status = (uint8_t)rnd_edge(r, 8);
	f->src_tos = (uint8_t)rnd_edge(r, 8);
	f->src_port = (uint16_t)rnd_edge(r, 16);
	f->dst_port = (uint16_t)rnd_edge(r, 16);
	f->first = 1000000 + rnd_below(r, 3);
	f->last =
	    rnd_below(r, 4) == 0 ? f->first - 1 : f->first + rnd_edge(r, 16);
	f->packets = rnd_edge(r, 64);
	f->bytes = rnd_edge(r, 64);
	f->engine_type = (uint8_t)rnd_edge(r, 8);
	f->engine_id = (uint8_t)rnd_edge(r, 8);
	f->nfversion = rnd_below(r, 2) != 0 ? 9 : 10;
	f->exporter = (uint16_t)rnd_edge(r, 16);
}

static inline void
flow_random_columns(struct rnd *r, struct flow *f)
{
	if (flow_has(f, FE_MISC)) {
		f->in_if = (uint32_t)rnd_edge(r, 32);
		f->out_if = (uint32_t)rnd_edge(r, 32);
		f->src_mask = (uint8_t)rnd_edge(r, 8);
		f->dst_mask = (uint8_t)rnd_edge(r, 8);
		f->dir = (uint8_t)rnd_below(r, 3);
		f->dst_tos = (uint8_t)rnd_edge(r, 8);
	}
	f->flows = 1;
	if (flow_has(f, FE_CNT)) {
		f->flows = rnd_edge(r, 64);
		f->out_packets = rnd_edge(r, 64);
		f->out_bytes = rnd_edge(r, 64);
	}
	if (flow_has(f, FE_VLAN)) {
		f->src_vlan = (uint32_t)rnd_edge(r, 32);
		f->dst_vlan = (uint32_t)rnd_edge(r, 32);
	}
	if (flow_has(f, FE_AS)) {
		f->src_as = (uint32_t)rnd_edge(r, 32);
		f->dst_as = (uint32_t)rnd_edge(r, 32);
	}
}

/* Texts and messages that the payload terms look for, some of them cut. */
static inline struct flow_bytes
rnd_payload(struct rnd *r)
{
	static const uint8_t http[] =
	    "GET /index.html HTTP/1.1\r\nHost: example\nlast line";
	static const struct flow_bytes some[] = {
		{ http, sizeof(http) - 1 },
		{ tls_client13, sizeof(tls_client13) },
		{ tls_client12, sizeof(tls_client12) },
		{ tls_server13, sizeof(tls_server13) },
		{ tls_server12, sizeof(tls_server12) },
		{ dns_query, sizeof(dns_query) },
		{ dns_answer, sizeof(dns_answer) },
	};
	struct flow_bytes b = some[rnd_below(r, 7)];
	if (rnd_below(r, 4) == 0)
		b.len = (uint16_t)rnd_below(r, b.len);
	return b;
}

/* Strings as records have them: with a NUL, without, empty, longer. */
static inline struct flow_bytes
rnd_string(struct rnd *r)
{
	static const struct {
		const char *text;
		uint16_t len;
	} some[] = { { "alice", 5 }, { "alice\0x", 7 }, { "alice2", 7 },
		{ "em0\0\0\0", 6 }, { "em0", 2 }, { "web", 4 }, { "web", 3 },
		{ "", 0 }, { "bob b", 6 }, { "b", 1 } };
	size_t i = rnd_below(r, sizeof(some) / sizeof(some[0]));
	return (
	    struct flow_bytes){ (const uint8_t *)some[i].text, some[i].len };
}

static inline void
flow_random_rare(struct rnd *r, struct flow *f)
{
	f->next_as = (uint32_t)rnd_edge(r, 32);
	f->prev_as = (uint32_t)rnd_edge(r, 32);
	for (int i = 0; i < 10; i++)
		f->mpls[i] = (uint32_t)rnd_edge(r, 12);
	f->in_src_mac = rnd_edge(r, 16);
	f->out_dst_mac = rnd_edge(r, 16);
	f->client_usec = rnd_edge(r, 64);
	f->obs_point = rnd_edge(r, 64);
	f->obs_domain = (uint32_t)rnd_edge(r, 32);
	f->ingress_vrf = (uint32_t)rnd_edge(r, 32);
	f->fw_event = (uint8_t)rnd_below(r, 6);
	f->fw_xevent = (uint16_t)(1000 + rnd_below(r, 6));
	for (int i = 0; i < 3; i++)
		f->in_acl[i] = __builtin_bswap32((uint32_t)rnd_edge(r, 9));
	f->nat_event = (uint8_t)rnd_below(r, 20);
	f->xlate_src_port = (uint16_t)rnd_edge(r, 16);
	f->block_start = (uint16_t)rnd_edge(r, 16);
	f->block_end = (uint16_t)rnd_edge(r, 16);
	f->tun_proto = (uint8_t)rnd_edge(r, 8);
	f->in_payload = rnd_payload(r);
	f->out_payload = rnd_payload(r);
	f->min_ttl = (uint8_t)rnd_edge(r, 8);
	f->max_ttl =
	    rnd_below(r, 3) == 0 ? f->min_ttl : (uint8_t)rnd_edge(r, 8);
	f->pf_action = (uint8_t)rnd_edge(r, 8);
	f->pf_reason = (uint8_t)rnd_edge(r, 8);
	f->pf_dir = (uint8_t)rnd_below(r, 3);
	f->user = rnd_string(r);
	f->pf_ifname = rnd_string(r);
	f->label = rnd_string(r);
}

/* A flow whose elements are there or not by chance. */
static inline void
flow_random(struct rnd *r, struct flow *f)
{
	memset(f, 0, sizeof(*f));
	f->have = FLOW_BIT(FE_GENERIC);
	for (int e = FE_MISC; e < FE_MAX; e++)
		if (rnd_below(r, 3) != 0)
			f->have |= FLOW_BIT(e);
	f->have &= ~(FLOW_BIT(FE_BGPNEXT4) | FLOW_BIT(FE_BGPNEXT6) |
		     FLOW_BIT(FE_NEXT4) | FLOW_BIT(FE_NEXT6) |
		     FLOW_BIT(FE_EXPORTER4) | FLOW_BIT(FE_EXPORTER6) |
		     FLOW_BIT(FE_NAT4) | FLOW_BIT(FE_NAT6));
	unsigned six = rnd_family(r, f, FE_IPV4, FE_IPV6);
	rnd_ip(r, six != 0, &f->src);
	rnd_ip(r, six != 0, &f->dst);
	rnd_ip(r, rnd_family(r, f, FE_NEXT4, FE_NEXT6) != 0, &f->next_hop);
	rnd_ip(r, rnd_family(r, f, FE_BGPNEXT4, FE_BGPNEXT6) != 0,
	    &f->bgp_next);
	rnd_ip(r, rnd_family(r, f, FE_NAT4, FE_NAT6) != 0, &f->xlate_src);
	flow_random_common(r, f);
	flow_random_columns(r, f);
	flow_random_rare(r, f);
}

/* ---- batches ---------------------------------------------------------------- */

static inline void
batch_row(struct batch *b, size_t i, const struct flow *f)
{
	b->rec[i] = (const uint8_t *)f;
	for (int e = 0; e < FE_MAX; e++)
		if (flow_has(f, (enum flow_elem)e))
			b->present[e][i / 64] |= UINT64_C(1) << (i % 64);
	b->proto[i] = f->proto;
	b->tcp_flags[i] = f->tcp_flags;
	b->tos[i] = f->src_tos;
	b->fwd_status[i] = f->fwd_status;
	b->src_port[i] = f->src_port;
	b->dst_port[i] = f->dst_port;
	b->first[i] = f->first;
	b->last[i] = f->last;
	b->packets[i] = f->packets;
	b->bytes[i] = f->bytes;
	if (flow_has(f, FE_IPV4)) {
		b->src4[i] = (uint32_t)f->src.lo;
		b->dst4[i] = (uint32_t)f->dst.lo;
	}
	if (flow_has(f, FE_IPV6)) {
		b->src6hi[i] = f->src.hi;
		b->src6lo[i] = f->src.lo;
		b->dst6hi[i] = f->dst.hi;
		b->dst6lo[i] = f->dst.lo;
	}
	b->in_if[i] = f->in_if;
	b->out_if[i] = f->out_if;
	b->src_mask[i] = f->src_mask;
	b->dst_mask[i] = f->dst_mask;
	b->dir[i] = f->dir;
	b->dst_tos[i] = f->dst_tos;
	b->flows[i] = f->flows != 0 ? f->flows : 1;
	b->out_packets[i] = f->out_packets;
	b->out_bytes[i] = f->out_bytes;
	b->src_as[i] = f->src_as;
	b->dst_as[i] = f->dst_as;
	b->src_vlan[i] = f->src_vlan;
	b->dst_vlan[i] = f->dst_vlan;
	b->exporter[i] = f->exporter;
	b->engine_type[i] = f->engine_type;
	b->engine_id[i] = f->engine_id;
	b->nfversion[i] = f->nfversion;
}

/*
 * The batch that nffile would make of these flows (n <= BATCH_ROWS), all
 * columns; rec[i] points to flows[i], for flow_expand.  Free with free().
 */
static inline struct batch *
batch_of(const struct flow *flows, size_t n)
{
	struct batch *b = mem_calloc(1, sizeof(*b));
	b->rows = n;
	for (size_t i = 0; i < n; i++)
		batch_row(b, i, &flows[i]);
	return b;
}

static inline bool
flow_expand(const uint8_t *rec, struct flow *f)
{
	memcpy(f, rec, sizeof(*f));
	return true;
}

/* ---- filters ------------------------------------------------------------------ */

static inline void
random_prefix(struct rnd *r, bool host, struct buf *out)
{
	char text[PREFIX_STRLEN];
	bool six = rnd_below(r, 3) == 0;
	struct prefix p = { .addr = rnd_addr(r, six) };
	p.len = (uint8_t)rnd_below(r, six ? 129 : 33);
	buf_adds(out, host ? addr_str(&p.addr, text) : prefix_str(&p, text));
}

static inline void
random_number(struct rnd *r, const struct term_def *d, struct buf *out)
{
	uint64_t v = rnd_edge(r, 64);
	if (v > d->limit)
		v %= d->limit + 1;
	if (d->limit == 0 && d->names != NULL)
		buf_adds(out, d->names->name[rnd_below(r, d->names->n)].text);
	else
		buf_printf(out, "%llu", (unsigned long long)v);
}

static inline void
random_list(struct rnd *r, const struct term_def *d, struct buf *out)
{
	uint64_t n = 1 + rnd_below(r, rnd_below(r, 3) == 0 ? 40 : 4);
	buf_adds(out, " in [");
	for (uint64_t i = 0; i < n; i++) {
		buf_addc(out, ' ');
		if (d->value == VALUE_HOST)
			random_prefix(r, rnd_below(r, 2) == 0, out);
		else
			random_number(r, d, out);
	}
	buf_adds(out, " ]");
}

static inline void
random_flags(struct rnd *r, const struct term_def *d, struct buf *out)
{
	if (rnd_below(r, 2) == 0) {
		random_number(r, d, out);
		return;
	}
	unsigned bits = 1 + (unsigned)rnd_below(r, 255);
	for (int i = 0; i < 8; i++)
		if ((bits >> i & 1) != 0)
			buf_addc(out, "FSRPAUEC"[i]);
}

/* Values of rows with functions; those without are left out. */
static const struct own_value {
	const char *phrase;
	const char *value[4];
} own_values[] = {
	{ "payload content", { "GET", "'GET /'", "\"o\"", "zzz" } },
	{ "payload regex",
	    { "'GET.*HTTP'", "'^get' i", "'e$' m", "\"a|(b+c)*\"" } },
	{ "payload ja3", { "defined", "304734bb1c086c3453b387400cf83f11",
			     "defined", "123456789abcdef0123456789abcdef0" } },
	{ "payload ja4",
	    { "defined", "t13d1516h2_8daaf6152771_e5627efa2ab1", "defined",
		"t12d1516h2_8daaf6152771_e5627efa2ab1" } },
	{ "payload tls defined", { "", "", "", "" } },
	{ "payload tls version", { "1.3", "1.2", "1.0", "3.0" } },
	{ "payload tls sni", { "example", "'EXAMPLE.com'", "x", "-" } },
	{ "payload dns defined", { "", "", "", "" } },
	{ "payload dns name", { "google", "WWW", "foo.", "'x'" } },
	{ "payload dns address",
	    { "192.0.2.7", "2001:db8::7", "10.0.0.1", "::" } },
	{ "asa user", { " alice", " 'bob b'", " b", " alice2" } },
	{ "pf interface", { " em0", " em1", " e", " 'em0'" } },
	{ "flowlabel", { " web", " alice", " web2", " x" } },
	{ NULL, { NULL } },
};

static inline const struct own_value *
own_value(const struct term_def *d)
{
	for (const struct own_value *v = own_values; v->phrase != NULL; v++)
		if (strcmp(v->phrase, d->phrase) == 0)
			return v;
	return NULL;
}

static inline void
random_own(struct rnd *r, const struct term_def *d, struct buf *out)
{
	const struct own_value *v = own_value(d);
	if (v != NULL) /* it is: such terms are skipped, see test_eval.c */
		buf_adds(out, v->value[rnd_below(r, 4)]);
}

static inline void
random_value(struct rnd *r, const struct term_def *d, struct buf *out)
{
	static const char *const masks[] = { "255.255.0.0", "255.0.255.0",
		"0.0.0.0", "255.255.255.255", "0.0.0.1" };
	static const char *const times[] = { "1970", "1970-01",
		"1970-01-01T00:16:40Z", "1970-01-01T00:16:40.001Z",
		"1970-01-01t00:16z", "1970-01-01T00:17:45.536Z",
		"2024-07-11T10:00:00.1", "2024-02-29" };
	static const char *const sign[] = { "", "= ", "== ", "eq ", "> ",
		">= ", "< ", "<= ", "gt ", "le " };
	if ((d->opt & TERM_LIST) != 0 && rnd_below(r, 2) == 0) {
		random_list(r, d, out);
		return;
	}
	buf_addc(out, ' ');
	if ((d->opt & TERM_CMP) != 0 && d->value != VALUE_FLAGS)
		buf_adds(out, sign[rnd_below(r, 10)]);
	if (d->value == VALUE_NUM)
		random_number(r, d, out);
	else if (d->value == VALUE_HOST)
		random_prefix(r, true, out);
	else if (d->value == VALUE_NET && rnd_below(r, 4) == 0)
		buf_printf(out, "10.0.2.%d %s", (int)rnd_below(r, 256),
		    masks[rnd_below(r, 5)]);
	else if (d->value == VALUE_NET)
		random_prefix(r, false, out);
	else if (d->value == VALUE_FLAGS)
		random_flags(r, d, out);
	else if (d->value == VALUE_MAC)
		buf_printf(out, "0:0:0:0:%x:%x", (int)rnd_below(r, 4),
		    (int)rnd_below(r, 2) + 1);
	else if (d->value == VALUE_IDENT)
		buf_printf(out, "src%d", (int)rnd_below(r, 3));
	else if (d->value == VALUE_TIME)
		buf_adds(out, times[rnd_below(r, 8)]);
	else if (d->value == VALUE_OWN)
		random_own(r, d, out);
}

static inline void
random_term_of(struct rnd *r, const struct term_def *d, struct buf *out)
{
	enum dir dir = (enum dir)rnd_below(r, DIR_MAX);
	if (d->sides[dir] == 0)
		dir = DIR_NONE;
	buf_printf(out, "%s ", dir_text(dir));
	for (const char *p = d->phrase; *p != '\0'; p++) {
		if (*p == '#')
			buf_printf(out, "%d", 1 + (int)rnd_below(r, d->params));
		else
			buf_addc(out, *p);
	}
	if (d->value != VALUE_NONE)
		random_value(r, d, out);
}

static inline void
random_term(struct rnd *r, struct buf *out)
{
	size_t n;
	const struct term_def *table = term_table(&n), *d;
	do
		d = &table[rnd_below(r, n)];
	while (d->alias_of != NULL ||
	       (d->value == VALUE_OWN && own_value(d) == NULL));
	random_term_of(r, d, out);
}

/* A random filter of the whole language. */
static inline void
filter_random(struct rnd *r, int depth, struct buf *out)
{
	uint64_t what = depth == 0 ? 0 : rnd_below(r, 6);
	if (what == 0) {
		random_term(r, out);
	} else if (what == 1) {
		buf_adds(out, "not (");
		filter_random(r, depth - 1, out);
		buf_addc(out, ')');
	} else {
		buf_addc(out, '(');
		filter_random(r, depth - 1, out);
		buf_adds(out, what % 2 != 0 ? " and " : " or ");
		filter_random(r, depth - 1, out);
		buf_addc(out, ')');
	}
}

#endif
