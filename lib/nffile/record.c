/*
 * record: one flow record, both ways.
 *
 * The fields of an element stand in struct flow as they do in its payload,
 * so an element is one piece to copy, or two where an IPv4 address is the
 * low word of an IPv6 one.  The table says which; asserts hold it.
 */
#include "nffile/internal.h"

#define OFF(field) ((uint16_t)offsetof(struct flow, field))

/* The fields from `a` to `b` lie as closely as in the payload. */
#define SPAN(a, b, n)                                                          \
	_Static_assert(offsetof(struct flow, b) - offsetof(struct flow, a) +   \
			       sizeof(((struct flow *)0)->b) ==                \
			   (n),                                                \
	    "payload layout")

SPAN(first, src_tos, 48);
SPAN(src, dst, 32);
SPAN(in_if, end_reason, 14);
SPAN(flows, out_bytes, 24);
SPAN(src_vlan, dst_vlan, 8);
SPAN(src_as, dst_as, 8);
SPAN(next_as, prev_as, 8);
SPAN(in_src_mac, out_src_mac, 32);
SPAN(client_usec, app_usec, 24);
SPAN(sampler_id, sampler_exporter, 10);
SPAN(event_time, fw_event, 15);
SPAN(nat_event_time, nat_event, 13);
SPAN(xlate_src, xlate_dst, 32);
SPAN(xlate_src_port, xlate_dst_port, 4);
SPAN(block_start, block_size, 8);
SPAN(in_acl, out_acl, 24);
SPAN(tun_src, tun_proto, 36);
SPAN(obs_point, obs_domain, 12);
SPAN(frame_size, link_type, 4);
SPAN(egress_vrf, ingress_vrf, 8);
SPAN(pf_action, pf_pid, 20);
SPAN(l2_vlan, ip_version, 27);
SPAN(nokia_in, nokia_out, 4);
SPAN(frag_flags, max_ttl, 3);

#define PIECES 3

struct elem {
	uint8_t len; /* fixed part of the payload */
	struct {
		uint16_t field;
		uint8_t at; /* in the payload */
		uint8_t size;
	} piece[PIECES];
	uint16_t bytes; /* the struct flow_bytes that follows, 0: none */
};

static const struct elem elems[FE_MAX] = {
	[FE_GENERIC] = { 48, { { OFF(first), 0, 48 } }, 0 },
	[FE_IPV4] = { 8, { { OFF(src.lo), 0, 4 }, { OFF(dst.lo), 4, 4 } }, 0 },
	[FE_IPV6] = { 32, { { OFF(src), 0, 32 } }, 0 },
	[FE_MISC] = { 16, { { OFF(in_if), 0, 14 } }, 0 },
	[FE_CNT] = { 24, { { OFF(flows), 0, 24 } }, 0 },
	[FE_VLAN] = { 8, { { OFF(src_vlan), 0, 8 } }, 0 },
	[FE_AS] = { 8, { { OFF(src_as), 0, 8 } }, 0 },
	[FE_BGPNEXT4] = { 4, { { OFF(bgp_next.lo), 0, 4 } }, 0 },
	[FE_BGPNEXT6] = { 16, { { OFF(bgp_next), 0, 16 } }, 0 },
	[FE_NEXT4] = { 4, { { OFF(next_hop.lo), 0, 4 } }, 0 },
	[FE_NEXT6] = { 16, { { OFF(next_hop), 0, 16 } }, 0 },
	[FE_EXPORTER4] = { 4, { { OFF(exporter_ip.lo), 0, 4 } }, 0 },
	[FE_EXPORTER6] = { 16, { { OFF(exporter_ip), 0, 16 } }, 0 },
	[FE_MPLS] = { 40, { { OFF(mpls), 0, 40 } }, 0 },
	[FE_MAC] = { 32, { { OFF(in_src_mac), 0, 32 } }, 0 },
	[FE_ASADJ] = { 8, { { OFF(next_as), 0, 8 } }, 0 },
	[FE_LATENCY] = { 24, { { OFF(client_usec), 0, 24 } }, 0 },
	[FE_SAMPLER] = { 16, { { OFF(sampler_id), 0, 10 } }, 0 },
	[FE_NSEL] = { 16, { { OFF(event_time), 0, 15 } }, 0 },
	[FE_NAT4] = { 8,
	    { { OFF(xlate_src.lo), 0, 4 }, { OFF(xlate_dst.lo), 4, 4 } }, 0 },
	[FE_NAT6] = { 32, { { OFF(xlate_src), 0, 32 } }, 0 },
	[FE_NATPORT] = { 4, { { OFF(xlate_src_port), 0, 4 } }, 0 },
	[FE_ACL] = { 24, { { OFF(in_acl), 0, 24 } }, 0 },
	[FE_USER] = { 0, { { 0 } }, OFF(user) },
	[FE_NATEVENT] = { 16, { { OFF(nat_event_time), 0, 13 } }, 0 },
	[FE_PORTBLOCK] = { 8, { { OFF(block_start), 0, 8 } }, 0 },
	[FE_NBAR] = { 0, { { 0 } }, OFF(nbar) },
	[FE_LABEL] = { 0, { { 0 } }, OFF(label) },
	[FE_INPAYLOAD] = { 0, { { 0 } }, OFF(in_payload) },
	[FE_OUTPAYLOAD] = { 0, { { 0 } }, OFF(out_payload) },
	[FE_TUN4] = { 12,
	    { { OFF(tun_src.lo), 0, 4 }, { OFF(tun_dst.lo), 4, 4 },
		{ OFF(tun_proto), 8, 4 } },
	    0 },
	[FE_TUN6] = { 40, { { OFF(tun_src), 0, 36 } }, 0 },
	[FE_OBSERVATION] = { 16, { { OFF(obs_point), 0, 12 } }, 0 },
	[FE_FRAMEMETA] = { 4, { { OFF(frame_size), 0, 4 } }, 0 },
	[FE_FRAME] = { 0, { { 0 } }, OFF(frame) },
	[FE_VRF] = { 8, { { OFF(egress_vrf), 0, 8 } }, 0 },
	[FE_PFINFO] = { 20, { { OFF(pf_action), 0, 20 } }, OFF(pf_ifname) },
	[FE_LAYER2] = { 32, { { OFF(l2_vlan), 0, 27 } }, 0 },
	[FE_FLOWID] = { 8, { { OFF(flow_id), 0, 8 } }, 0 },
	[FE_NOKIANAT] = { 4, { { OFF(nokia_in), 0, 4 } }, 0 },
	[FE_NOKIASTR] = { 4, { { 0 } }, OFF(nokia_str) },
	[FE_IPINFO] = { 4, { { OFF(frag_flags), 1, 3 } }, 0 },
};

/* Elements of variable length. */
#define VARIABLE                                                               \
	(FLOW_BIT(FE_USER) | FLOW_BIT(FE_NBAR) | FLOW_BIT(FE_LABEL) |          \
	    FLOW_BIT(FE_INPAYLOAD) | FLOW_BIT(FE_OUTPAYLOAD) |                 \
	    FLOW_BIT(FE_FRAME) | FLOW_BIT(FE_PFINFO) | FLOW_BIT(FE_NOKIASTR))

/*
 * What 1.7.1 knows.  It has another form of the sampler than its successors
 * (no collector ever wrote either), and complains about 34 and 35.
 */
static const uint64_t written[] = {
	[COMPAT_171] = (FLOW_BIT(FE_LAYER2) - 1) &
		       ~(FLOW_BIT(FE_NULL) | FLOW_BIT(FE_SAMPLER) |
			   FLOW_BIT(FE_FRAMEMETA) | FLOW_BIT(FE_FRAME)),
	[COMPAT_NEWEST] = (FLOW_BIT(FE_MAX) - 1) & ~FLOW_BIT(FE_NULL),
};

/* They say what the flow is, zero or not. */
#define KEPT (FLOW_BIT(FE_GENERIC) | FLOW_BIT(FE_IPV4) | FLOW_BIT(FE_IPV6))

#define USER_LEN  68 /* 66 characters and fill */
#define FIXED_MAX 1024

/* ---- writing ------------------------------------------------------------- */

static const struct flow_bytes *
flow_var(const struct flow *f, const struct elem *e)
{
	const void *p = (const uint8_t *)f + e->bytes;
	return p;
}

size_t
record_bound(const struct flow *f)
{
	size_t n = FIXED_MAX;
	if ((f->have & VARIABLE) == 0)
		return n;
	for (int id = FE_USER; id <= FE_NOKIASTR; id++)
		if (flow_has(f, (enum flow_elem)id) && elems[id].bytes != 0)
			n += flow_var(f, &elems[id])->len;
	return n < RECORD_MAX ? n : RECORD_MAX;
}

/* The i-th word, when n bytes have it. */
static inline __attribute__((always_inline)) uint64_t
copy_word(uint8_t *to, const uint8_t *from, size_t n, size_t i)
{
	if (n < 8 * i + 8)
		return 0;
	uint64_t v = get64(from + 8 * i);
	memcpy(to + 8 * i, &v, 8);
	return v;
}

/*
 * memcpy of at most 48 bytes, straight code where n is a constant.  Returns
 * all of them, or'ed: what has just been stored in pieces is slow to load
 * again.
 */
static inline __attribute__((always_inline)) uint64_t
copy_small(uint8_t *to, const uint8_t *from, size_t n)
{
	uint64_t any = copy_word(to, from, n, 0) | copy_word(to, from, n, 1) |
		       copy_word(to, from, n, 2) | copy_word(to, from, n, 3) |
		       copy_word(to, from, n, 4) | copy_word(to, from, n, 5);
	size_t i = n & ~(size_t)7;
	if ((n & 4) != 0) {
		uint32_t v = get32(from + i);
		memcpy(to + i, &v, 4);
		any |= v;
		i += 4;
	}
	if ((n & 2) != 0) {
		uint16_t v = get16(from + i);
		memcpy(to + i, &v, 2);
		any |= v;
		i += 2;
	}
	if ((n & 1) != 0)
		any |= to[i] = from[i];
	return any;
}

static inline __attribute__((always_inline)) uint64_t
put_piece(const struct flow *f, const struct elem *e, int i, uint8_t *out)
{
	return copy_small(out + e->piece[i].at,
	    (const uint8_t *)f + e->piece[i].field, e->piece[i].size);
}

/* Returns its bytes, or'ed. */
static inline __attribute__((always_inline)) uint64_t
put_fixed(const struct flow *f, const struct elem *e, uint8_t *out)
{
	if (e->piece[0].size != e->len)
		memset(out, 0, e->len);
	return put_piece(f, e, 0, out) | put_piece(f, e, 1, out) |
	       put_piece(f, e, 2, out);
}
_Static_assert(PIECES == 3, "all of them");

/* Payload length of a fixed element written at out, 0: nothing to say. */
static inline __attribute__((always_inline)) size_t
put_known(const struct flow *f, int id, uint8_t *out)
{
	const struct elem *e = &elems[id];
	uint64_t any = put_fixed(f, e, out);
	return (FLOW_BIT(id) & KEPT) == 0 && any == 0 ? 0 : e->len;
}

static size_t
put_user(const struct flow_bytes *v, uint8_t *out)
{
	memset(out, 0, USER_LEN);
	memcpy(out, v->p, v->len < USER_LEN - 2 ? v->len : USER_LEN - 2);
	return USER_LEN;
}

/* `used`: bytes of the record so far; its length must stay sayable. */
static size_t
put_variable(const struct flow *f, int id, uint8_t *out, size_t used)
{
	const struct elem *e = &elems[id];
	const struct flow_bytes *v = flow_var(f, e);
	if (used + v->len > RECORD_MAX - FIXED_MAX)
		return 0;
	uint64_t any = put_fixed(f, e, out);
	if (v->len == 0)
		return any == 0 ? 0 : e->len;
	if (id == FE_USER)
		return put_user(v, out);
	memcpy(out + e->len, v->p, v->len);
	return e->len + v->len;
}

static inline size_t
put_elem(const struct flow *f, int id, uint8_t *out, size_t used)
{
	return elems[id].bytes == 0 ? put_known(f, id, out)
				    : put_variable(f, id, out, used);
}

static inline void
put_head(const struct flow *f, uint8_t *out, const uint8_t *end, uint16_t n)
{
	put16(out, REC_FLOW);
	put16(out + 2, (uint16_t)(end - out));
	put16(out + 4, n);
	out[6] = f->engine_type;
	out[7] = f->engine_id;
	put16(out + 8, f->exporter);
	out[10] = f->flags;
	out[11] = f->nfversion;
}

/* A record as it grows. */
struct growing {
	uint8_t *p;
	uint16_t n; /* elements */
};

static inline __attribute__((always_inline)) void
end_elem(struct growing *g, int id, size_t len)
{
	if (len == 0)
		return;
	put16(g->p, (uint16_t)id);
	put16(g->p + 2, (uint16_t)(len + ELEM_HEADER));
	g->p += ELEM_HEADER + len;
	g->n++;
}

/* The first ids, the everyday ones, are written by straight code each. */
#define EVERYDAY(do)                                                                          \
	do                                                                                    \
	(FE_GENERIC) do(FE_IPV4) do(FE_IPV6) do(FE_MISC) do(FE_CNT) do(FE_VLAN) do(FE_AS) do( \
	    FE_BGPNEXT4) do(FE_BGPNEXT6) do(FE_NEXT4) do(FE_NEXT6) do(FE_EXPORTER4) do(FE_EXPORTER6)
#define EVERYDAY_BITS (FLOW_BIT(FE_EXPORTER6 + 1) - 1)

static inline void
put_everyday(const struct flow *f, uint64_t have, struct growing *g)
{
#define PUT(id)                                                                \
	if ((have & FLOW_BIT(id)) != 0)                                        \
		end_elem(g, id, put_known(f, id, g->p + ELEM_HEADER));
	EVERYDAY(PUT)
#undef PUT
}

size_t
record_encode(const struct flow *f, enum nffile_compat compat, uint8_t *out)
{
	struct growing g = { .p = out + FLOW_HEADER };
	uint64_t left = f->have & written[compat];
	put_everyday(f, left, &g);
	for (left &= ~EVERYDAY_BITS; left != 0; left &= left - 1) {
		int id = __builtin_ctzll(left);
		end_elem(&g, id,
		    put_elem(f, id, g.p + ELEM_HEADER, (size_t)(g.p - out)));
	}
	put_head(f, out, g.p, g.n);
	return (size_t)(g.p - out);
}

size_t
record_encode_whole(const struct flow *f, uint8_t *out)
{
	struct growing g = { .p = out + FLOW_HEADER };
	for (uint64_t left = f->have; left != 0; left &= left - 1) {
		int id = __builtin_ctzll(left);
		size_t len = elems[id].len;
		if (elems[id].bytes == 0)
			(void)put_fixed(f, &elems[id], g.p + ELEM_HEADER);
		else
			len = put_variable(f, id, g.p + ELEM_HEADER,
			    (size_t)(g.p - out));
		end_elem(&g, id, len);
	}
	put_head(f, out, g.p, g.n);
	return (size_t)(g.p - out);
}

/* ---- reading ------------------------------------------------------------- */

void
elem_walk(struct elem_walk *w, const uint8_t *rec)
{
	uint16_t size = get16(rec + 2);
	*w = (struct elem_walk){ .p = rec + FLOW_HEADER, .end = rec + size };
	if (size < FLOW_HEADER)
		w->bad = true;
	else
		w->left = get16(rec + 4);
}

bool
elem_next(struct elem_walk *w)
{
	if (w->left == 0)
		return false;
	size_t room = (size_t)(w->end - w->p);
	uint16_t len = room >= ELEM_HEADER ? get16(w->p + 2) : 0;
	if (len < ELEM_HEADER || len > room) {
		w->bad = true;
		w->left = 0;
		return false;
	}
	w->left--;
	w->id = get16(w->p);
	w->len = (uint16_t)(len - ELEM_HEADER);
	w->payload = w->p + ELEM_HEADER;
	w->p += len;
	return true;
}

/* All of an element's fixed payload is there. */
static inline void
get_fixed(struct flow *f, const struct elem *e, const uint8_t *p)
{
	for (int i = 0; i < PIECES && e->piece[i].size != 0; i++)
		(void)copy_small((uint8_t *)f + e->piece[i].field,
		    p + e->piece[i].at, e->piece[i].size);
}

static void
get_var(struct flow *f, int id, const uint8_t *p, size_t len)
{
	const struct elem *e = &elems[id];
	struct flow_bytes v = { .p = p, .len = (uint16_t)len };
	if (id == FE_USER)
		v.len = (uint16_t)strnlen((const char *)p,
		    len < USER_LEN - 2 ? len : USER_LEN - 2);
	else
		v = (struct flow_bytes){ .p = p + e->len,
			.len = (uint16_t)(len - e->len) };
	memcpy((uint8_t *)f + e->bytes, &v, sizeof(v));
}

#define SAMPLER_171  12
#define NATEVENT_170 24

/* 1.7.1's form: i32 id, u32 interval, u16 mode, u16 exporter. */
static void
get_sampler_171(struct flow *f, const uint8_t *p)
{
	f->sampler_id = (uint64_t)(int64_t)(int32_t)get32(p);
	f->sampler_exporter = get16(p + 10);
}

/* The form before 1.7.1, with the VRFs inside. */
static void
get_natevent_170(struct flow *f, const uint8_t *p)
{
	f->nat_event_time = get64(p);
	f->egress_vrf = get32(p + 8);
	f->ingress_vrf = get32(p + 12);
	f->nat_pool = get32(p + 16);
	f->nat_event = p[20];
	f->have |= FLOW_BIT(FE_VRF);
}

/* Shorter than any form of it that there was: as if it were not there. */
static bool
is_short(int id, size_t len)
{
	return len < (id == FE_SAMPLER ? SAMPLER_171 : elems[id].len);
}

static void
get_elem(struct flow *f, int id, const uint8_t *p, size_t len)
{
	if (id == FE_SAMPLER && len < elems[id].len)
		get_sampler_171(f, p);
	else if (id == FE_NATEVENT && len == NATEVENT_170)
		get_natevent_170(f, p);
	else
		get_fixed(f, &elems[id], p);
	if (elems[id].bytes != 0)
		get_var(f, id, p, len);
	f->have |= FLOW_BIT(id);
}

/* Pairs that share their fields: of v4 and v6 only one can be meant. */
static const struct {
	uint8_t v4, v6;
	uint16_t field; /* struct flow_ip6 */
	uint8_t n;      /* how many of them */
} pairs[] = {
	{ FE_IPV4, FE_IPV6, OFF(src), 2 },
	{ FE_BGPNEXT4, FE_BGPNEXT6, OFF(bgp_next), 1 },
	{ FE_NEXT4, FE_NEXT6, OFF(next_hop), 1 },
	{ FE_EXPORTER4, FE_EXPORTER6, OFF(exporter_ip), 1 },
	{ FE_NAT4, FE_NAT6, OFF(xlate_src), 2 },
	{ FE_TUN4, FE_TUN6, OFF(tun_src), 2 },
};

static inline bool
all_zero(const uint8_t *p, size_t n) /* n is a multiple of 4 */
{
	uint32_t any = 0;
	for (size_t i = 0; i < n; i += 4)
		any |= get32(p + i);
	return any == 0;
}

/* Templates that announce both families fill one: zero IPv4 means IPv6. */
static void
settle_pair(struct flow *f, const uint8_t *v4, const uint8_t *v6, size_t pair)
{
	int id4 = pairs[pair].v4, id6 = pairs[pair].v6;
	bool use6 = all_zero(v4 + ELEM_HEADER, 4U * pairs[pair].n);
	if (id4 == FE_IPV4 && flow_has(f, FE_LAYER2) &&
	    (f->ip_version == 4 || f->ip_version == 6))
		use6 = f->ip_version == 6;
	memset((uint8_t *)f + pairs[pair].field, 0,
	    pairs[pair].n * sizeof(struct flow_ip6));
	int id = use6 ? id6 : id4;
	const uint8_t *p = use6 ? v6 : v4;
	get_fixed(f, &elems[id], p + ELEM_HEADER);
	f->have &= ~FLOW_BIT(use6 ? id4 : id6);
}

static void
settle_pairs(struct flow *f, const uint8_t *const at[FE_MAX])
{
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		const uint8_t *v4 = at[pairs[i].v4], *v6 = at[pairs[i].v6];
		if (v4 != NULL && v6 != NULL)
			settle_pair(f, v4, v6, i);
	}
}

#define PAIR_BITS4                                                             \
	(FLOW_BIT(FE_IPV4) | FLOW_BIT(FE_BGPNEXT4) | FLOW_BIT(FE_NEXT4) |      \
	    FLOW_BIT(FE_EXPORTER4) | FLOW_BIT(FE_NAT4) | FLOW_BIT(FE_TUN4))

static bool
has_pair(uint64_t have)
{
	/* The IPv6 form's id is always the one behind. */
	return ((have & PAIR_BITS4) << 1 & have) != 0;
}

bool
nffile_record_flow(const uint8_t *rec, struct flow *f)
{
	const uint8_t *at[FE_MAX];
	struct elem_walk w;
	memset(f, 0, sizeof(*f));
	f->engine_type = rec[6];
	f->engine_id = rec[7];
	f->exporter = get16(rec + 8);
	f->flags = rec[10];
	f->nfversion = rec[11];
	elem_walk(&w, rec);
	while (elem_next(&w)) {
		if (w.id == FE_NULL || w.id >= FE_MAX || is_short(w.id, w.len))
			continue;
		get_elem(f, w.id, w.payload, w.len);
		at[w.id] = w.payload - ELEM_HEADER;
	}
	if (has_pair(f->have)) {
		for (int id = 0; id < FE_MAX; id++)
			if (!flow_has(f, (enum flow_elem)id))
				at[id] = NULL;
		settle_pairs(f, at);
	}
	/* Events have a time of their own where there is no flow time. */
	if (f->first == 0 && flow_has(f, FE_NSEL))
		f->first = f->event_time;
	if (f->first == 0 && flow_has(f, FE_NATEVENT))
		f->first = f->nat_event_time;
	return !w.bad;
}
