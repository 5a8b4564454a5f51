#include "encode_out.h"

#include "totals.h"
#include <assert.h>

#define TEMPLATES 4
#define SET_SLACK ((size_t)8) /* a set's header and padding */
#define BOOT_DAYS UINT64_C(10)
#define V9_TIME   1000 /* v9's clock has seconds */

/* Information elements; two stand for what depends on the version. */
#define IE_FIRST   21001 /* 22, or 152 in IPFIX */
#define IE_LAST    21002 /* 21, or 153 */
#define IE_PRIVATE 0x8001

#define PRIVATE_PEN   99999
#define PRIVATE_VALUE UINT32_C(0x5eedf00d)

/* An element on the wire, and the member of struct flow it carries. */
struct field {
	uint16_t ie;
	uint16_t len;
	uint16_t offset;
	uint16_t size;
};

#define MEMBER(ie, len, m)                                                     \
	{                                                                      \
		ie, len, offsetof(struct flow, m),                             \
		    sizeof(((struct flow *)0)->m)                              \
	}
#define PRIVATE                                                                \
	{                                                                      \
		IE_PRIVATE, 4, 0, 0                                            \
	}
#define END                                                                    \
	{                                                                      \
		0, 0, 0, 0                                                     \
	}

/* clang-format off */
static const struct field ipv4[] = {
	MEMBER(8, 4, src.lo), MEMBER(12, 4, dst.lo), MEMBER(15, 4, next_hop.lo),
	MEMBER(10, 4, in_if), MEMBER(14, 4, out_if),
	MEMBER(2, 8, packets), MEMBER(1, 8, bytes),
	MEMBER(IE_FIRST, 0, first), MEMBER(IE_LAST, 0, last),
	MEMBER(7, 2, src_port), MEMBER(11, 2, dst_port),
	MEMBER(6, 1, tcp_flags), MEMBER(4, 1, proto), MEMBER(5, 1, src_tos),
	MEMBER(9, 1, src_mask), MEMBER(13, 1, dst_mask), MEMBER(61, 1, dir),
	MEMBER(16, 4, src_as), MEMBER(17, 4, dst_as), PRIVATE, END
};
static const struct field ipv6[] = {
	MEMBER(27, 16, src), MEMBER(28, 16, dst), MEMBER(62, 16, next_hop),
	MEMBER(10, 4, in_if), MEMBER(14, 4, out_if),
	MEMBER(2, 8, packets), MEMBER(1, 8, bytes),
	MEMBER(IE_FIRST, 0, first), MEMBER(IE_LAST, 0, last),
	MEMBER(7, 2, src_port), MEMBER(11, 2, dst_port),
	MEMBER(6, 1, tcp_flags), MEMBER(4, 1, proto), MEMBER(5, 1, src_tos),
	MEMBER(29, 1, src_mask), MEMBER(30, 1, dst_mask), MEMBER(61, 1, dir),
	MEMBER(16, 4, src_as), MEMBER(17, 4, dst_as), PRIVATE, END
};
static const struct field icmp4[] = {
	MEMBER(8, 4, src.lo), MEMBER(12, 4, dst.lo),
	MEMBER(10, 4, in_if), MEMBER(14, 4, out_if),
	MEMBER(2, 4, packets), MEMBER(1, 4, bytes),
	MEMBER(IE_FIRST, 0, first), MEMBER(IE_LAST, 0, last),
	MEMBER(4, 1, proto), MEMBER(32, 2, dst_port), MEMBER(5, 1, src_tos), END
};
static const struct field icmp6[] = {
	MEMBER(27, 16, src), MEMBER(28, 16, dst),
	MEMBER(10, 4, in_if), MEMBER(14, 4, out_if),
	MEMBER(2, 4, packets), MEMBER(1, 4, bytes),
	MEMBER(IE_FIRST, 0, first), MEMBER(IE_LAST, 0, last),
	MEMBER(4, 1, proto), MEMBER(139, 2, dst_port), MEMBER(5, 1, src_tos), END
};
/* clang-format on */
static const struct field *const templates[TEMPLATES] = { ipv4, ipv6, icmp4,
	icmp6 };

static void
put_number(struct out *o, unsigned len, uint64_t v)
{
	switch (len) {
	case 1:
		put8(o, (unsigned)v);
		break;
	case 2:
		put16(o, (unsigned)v);
		break;
	case 4:
		put32(o, (uint32_t)v);
		break;
	default:
		assert(len == 8);
		put64(o, v);
		break;
	}
}

/* ---- NetFlow v9 and IPFIX --------------------------------------------------- */

/* The element and length a template field has on the wire; false: left out. */
static bool
wire_field(int version, const struct field *f, struct field *w)
{
	*w = *f;
	if (f->ie == IE_FIRST || f->ie == IE_LAST) {
		w->len = version == 9 ? 4 : 8;
		w->ie = f->ie == IE_FIRST ? (version == 9 ? 22 : 152)
					  : (version == 9 ? 21 : 153);
	} else if (f->ie == 139 && version == 9) {
		w->ie = 32;
	}
	return f->ie != IE_PRIVATE || version == 10;
}

static void
put_template(struct out *o, int version, unsigned number)
{
	uint8_t *head = o->p;
	unsigned count = 0;
	struct field w;
	o->p += 4;
	for (const struct field *f = templates[number]; f->ie != 0; f++) {
		if (!wire_field(version, f, &w))
			continue;
		put16(o, w.ie);
		put16(o, w.len);
		if (w.ie == IE_PRIVATE)
			put32(o, PRIVATE_PEN);
		count++;
	}
	put_at16(head, 256 + number);
	put_at16(head + 2, count);
}

static void
put_templates(struct out *o, int version)
{
	uint8_t *head = o->p;
	o->p += 4;
	for (unsigned i = 0; i < TEMPLATES; i++)
		put_template(o, version, i);
	put_at16(head, version == 9 ? 0 : 2);
	put_at16(head + 2, (size_t)(o->p - head));
}

static uint64_t
member(const struct flow *f, const struct field *t)
{
	const uint8_t *p = (const uint8_t *)f + t->offset;
	uint32_t u32 = PRIVATE_VALUE;
	uint64_t u64;
	uint16_t u16;
	switch (t->size) {
	case 1:
		return *p;
	case 2:
		memcpy(&u16, p, sizeof(u16));
		return u16;
	case 4:
		memcpy(&u32, p, sizeof(u32));
		return u32;
	case 8:
		memcpy(&u64, p, sizeof(u64));
		return u64;
	default:
		return u32;
	}
}

static void
put_field(struct out *o, const struct encode_stream *s, const struct field *t,
    const struct flow *f)
{
	struct field w;
	if (!wire_field(s->version, t, &w))
		return;
	if (t->size == sizeof(struct flow_ip6)) {
		struct flow_ip6 a;
		memcpy(&a, (const uint8_t *)f + t->offset, sizeof(a));
		put64(o, a.hi);
		put64(o, a.lo);
		return;
	}
	uint64_t v = member(f, t);
	if (s->version == 9 && (t->ie == IE_FIRST || t->ie == IE_LAST))
		v -= s->boot_ms;
	put_number(o, w.len, v);
}

static unsigned
template_of(const struct flow *f)
{
	bool v6 = flow_has(f, FE_IPV6);
	return (f->proto == 1 || f->proto == 58 ? 2u : 0u) + (v6 ? 1u : 0u);
}

/* One data set with the flows that use this template, padded to 4. */
static void
put_set(struct out *o, const struct encode_stream *s, unsigned number,
    const struct flow *flows, const uint8_t *kind, unsigned n)
{
	uint8_t *head = o->p;
	o->p += 4;
	for (unsigned i = 0; i < n; i++) {
		if (kind[i] != number)
			continue;
		for (const struct field *t = templates[number]; t->ie != 0; t++)
			put_field(o, s, t, &flows[i]);
	}
	if (o->p == head + 4) {
		o->p = head;
		return;
	}
	while ((o->p - o->start) % 4 != 0)
		put8(o, 0);
	put_at16(head, 256 + number);
	put_at16(head + 2, (size_t)(o->p - head));
}

/* As many flows as fit for sure, whatever kinds they turn out to be. */
static unsigned
flows_that_fit(const struct encode_stream *s, const struct out *o,
    unsigned max_flows)
{
	size_t left =
	    ENCODE_MAX - (size_t)(o->p - o->start) - TEMPLATES * SET_SLACK;
	size_t fit = left / s->record_max;
	if (fit > ENCODE_FLOWS_MAX)
		fit = ENCODE_FLOWS_MAX;
	return fit < max_flows ? (unsigned)fit : max_flows;
}

static unsigned
put_flows(struct encode_stream *s, uint64_t now_ms, unsigned max_flows,
    struct out *o, struct encode_result *r)
{
	struct flow flows[ENCODE_FLOWS_MAX];
	uint8_t kind[ENCODE_FLOWS_MAX];
	unsigned n = flows_that_fit(s, o, max_flows);
	for (unsigned i = 0; i < n; i++) {
		traffic_next(&s->traffic, now_ms, &flows[i]);
		totals_count(&r->counters, &flows[i]);
		kind[i] = (uint8_t)template_of(&flows[i]);
	}
	for (unsigned t = 0; t < TEMPLATES; t++)
		put_set(o, s, t, flows, kind, n);
	return n;
}

static void
put_header(struct out *o, const struct encode_stream *s, uint64_t now_ms)
{
	put16(o, (unsigned)s->version);
	put16(o, 0); /* v9 record count, IPFIX length: set at the end */
	if (s->version == 9)
		put32(o, (uint32_t)(now_ms - s->boot_ms));
	put32(o, (uint32_t)(now_ms / 1000));
	put32(o, s->sequence);
	put32(o, s->domain);
}

static void
template_datagram(struct encode_stream *s, uint64_t now_ms, unsigned max_flows,
    struct out *o, struct encode_result *r)
{
	unsigned count = 0;
	now_ms -= now_ms % V9_TIME;
	put_header(o, s, now_ms);
	if (s->datagrams >= s->template_delay &&
	    (s->datagrams - s->template_delay) % s->template_every == 0) {
		put_templates(o, s->version);
		count = TEMPLATES;
	}
	r->flows = put_flows(s, now_ms, max_flows, o, r);
	count += r->flows;
	put_at16(o->start + 2,
	    s->version == 9 ? count : (size_t)(o->p - o->start));
	r->advance = s->version == 9 ? 1 : r->flows;
}

static unsigned
record_size(int version, unsigned number)
{
	unsigned n = 0;
	struct field w;
	for (const struct field *f = templates[number]; f->ie != 0; f++)
		if (wire_field(version, f, &w))
			n += w.len;
	return n;
}

void
encode_stream_init(struct encode_stream *s, int version, uint32_t domain,
    bool with_v6, uint64_t now_ms)
{
	*s = (struct encode_stream){ .version = version,
		.domain = domain,
		.boot_ms = now_ms - now_ms % 1000 - BOOT_DAYS * 86400000 -
			   domain * UINT64_C(1000),
		.template_every = 20,
		.record_max = version == 9 || version == 10
				  ? record_size(version, with_v6)
				  : 0 };
}

void
encode_datagram(struct encode_stream *s, uint64_t now_ms, unsigned max_flows,
    uint8_t *buf, struct encode_result *r)
{
	struct out o;
	o.start = o.p = buf;
	*r = (struct encode_result){ 0 };
	if (s->version == ENCODE_SFLOW)
		encode_sflow(s, now_ms, max_flows, &o, r);
	else if (s->version < 9)
		encode_old(s, now_ms, max_flows, &o, r);
	else
		template_datagram(s, now_ms, max_flows, &o, r);
	r->len = (size_t)(o.p - o.start);
	assert(r->len <= ENCODE_MAX);
	s->sequence += r->advance;
	s->datagrams++;
}

void
encode_resequence(int version, uint8_t *buf, uint32_t sequence)
{
	if (version == 1)
		return; /* has none */
	uint8_t *p = buf + (version == 9 ? 12 : version == 10 ? 8 : 16);
	put_at16(p, sequence >> 16);
	put_at16(p + 2, sequence & 0xffff);
}
