#include "nffile/layout1.h"

#include <stdlib.h>

#include "base/mem.h"
#include "nffile/internal.h"

#define OFF(field) ((uint16_t)offsetof(struct flow, field))

#define MAP_LIST   8  /* where a map's ids begin */
#define COMMON_0   28 /* where the addresses begin */
#define COMMON_1   32
#define FLOW_ROOM  2048 /* more than a flow without payload can take */
#define V1_IPV6    0x01
#define V1_PACKETS 0x02 /* 64 bits of them */
#define V1_BYTES   0x04
#define V1_EVENT   0x40
#define V1_SAMPLED 0x80

enum {
	EXT_NSEL = 37,
	EXT_USER24 = 42,
	EXT_USER72 = 43,
	EXT_NEL = 46,
	EXT_PORTBLOCK = 48
};

#define PIECES 4

/*
 * What an extension says: values of 1, 2, 4 or 8 bytes that may be narrower
 * than the flow's, or one piece that looks the same in struct flow.
 */
struct extension {
	uint8_t size;
	uint8_t elem;
	struct {
		uint16_t field;
		uint8_t at, in, out;
	} piece[PIECES];
};

static const struct extension extensions[MAP_ID_MAX + 1] = {
	[4] = { 4, FE_MISC,
	    { { OFF(in_if), 0, 2, 4 }, { OFF(out_if), 2, 2, 4 } } },
	[5] = { 8, FE_MISC, { { OFF(in_if), 0, 8, 8 } } },
	[6] = { 4, FE_AS,
	    { { OFF(src_as), 0, 2, 4 }, { OFF(dst_as), 2, 2, 4 } } },
	[7] = { 8, FE_AS, { { OFF(src_as), 0, 8, 8 } } },
	[8] = { 4, FE_MISC,
	    { { OFF(dst_tos), 0, 1, 1 }, { OFF(dir), 1, 1, 1 },
		{ OFF(src_mask), 2, 1, 1 }, { OFF(dst_mask), 3, 1, 1 } } },
	[9] = { 4, FE_NEXT4, { { OFF(next_hop.lo), 0, 4, 8 } } },
	[10] = { 16, FE_NEXT6, { { OFF(next_hop), 0, 16, 16 } } },
	[11] = { 4, FE_BGPNEXT4, { { OFF(bgp_next.lo), 0, 4, 8 } } },
	[12] = { 16, FE_BGPNEXT6, { { OFF(bgp_next), 0, 16, 16 } } },
	[13] = { 4, FE_VLAN,
	    { { OFF(src_vlan), 0, 2, 4 }, { OFF(dst_vlan), 2, 2, 4 } } },
	[14] = { 4, FE_CNT, { { OFF(out_packets), 0, 4, 8 } } },
	[15] = { 8, FE_CNT, { { OFF(out_packets), 0, 8, 8 } } },
	[16] = { 4, FE_CNT, { { OFF(out_bytes), 0, 4, 8 } } },
	[17] = { 8, FE_CNT, { { OFF(out_bytes), 0, 8, 8 } } },
	[18] = { 4, FE_CNT, { { OFF(flows), 0, 4, 8 } } },
	[19] = { 8, FE_CNT, { { OFF(flows), 0, 8, 8 } } },
	[20] = { 16, FE_MAC, { { OFF(in_src_mac), 0, 16, 16 } } },
	[21] = { 16, FE_MAC, { { OFF(in_dst_mac), 0, 16, 16 } } },
	[22] = { 40, FE_MPLS, { { OFF(mpls), 0, 40, 40 } } },
	[23] = { 4, FE_EXPORTER4, { { OFF(exporter_ip.lo), 0, 4, 8 } } },
	[24] = { 16, FE_EXPORTER6, { { OFF(exporter_ip), 0, 16, 16 } } },
	[25] = { 4, FE_NULL,
	    { { OFF(engine_type), 2, 1, 1 }, { OFF(engine_id), 3, 1, 1 } } },
	[26] = { 8, FE_ASADJ, { { OFF(next_as), 0, 8, 8 } } },
	[27] = { 8, FE_NULL, { { OFF(received), 0, 8, 8 } } },
	[EXT_NSEL] = { 20, FE_NSEL,
	    { { OFF(event_time), 0, 8, 8 }, { OFF(conn_id), 8, 4, 4 },
		{ OFF(fw_event), 14, 1, 1 }, { OFF(fw_xevent), 16, 2, 2 } } },
	[38] = { 4, FE_NATPORT, { { OFF(xlate_src_port), 0, 4, 4 } } },
	[39] = { 8, FE_NAT4,
	    { { OFF(xlate_src.lo), 0, 4, 8 },
		{ OFF(xlate_dst.lo), 4, 4, 8 } } },
	[40] = { 32, FE_NAT6, { { OFF(xlate_src), 0, 32, 32 } } },
	[41] = { 24, FE_ACL, { { OFF(in_acl), 0, 24, 24 } } },
	[EXT_USER24] = { 24, FE_USER, { { 0 } } },
	[EXT_USER72] = { 72, FE_USER, { { 0 } } },
	[45] = { 24, FE_LATENCY, { { OFF(client_usec), 0, 24, 24 } } },
	[EXT_NEL] = { 12, FE_NATEVENT,
	    { { OFF(nat_event), 0, 1, 1 }, { OFF(egress_vrf), 4, 8, 8 } } },
	[EXT_PORTBLOCK] = { 8, FE_PORTBLOCK,
	    { { OFF(block_start), 0, 8, 8 } } },
};

/* ---- maps ------------------------------------------------------------------- */

size_t
map_extension_size(unsigned id)
{
	return extensions[id].size;
}

static bool
map_add(struct map *m, unsigned id)
{
	if (id < MAP_ID_MIN || id > MAP_ID_MAX || m->n == MAP_IDS ||
	    memchr(m->id, (int)id, m->n) != NULL)
		return false;
	m->id[m->n++] = (uint8_t)id;
	m->size = (uint16_t)(m->size + extensions[id].size);
	return true;
}

bool
map_parse(const uint8_t *rec, struct map *m)
{
	size_t size = get16(rec + 2);
	*m = (struct map){ 0 };
	if (size < MAP_LIST || size % 4 != 0)
		return false;
	for (size_t at = MAP_LIST; at < size; at += 2) {
		unsigned id = get16(rec + at);
		if (id == 0) {
			m->valid = m->size == get16(rec + 6);
			return m->valid;
		}
		if (!map_add(m, id))
			return false;
	}
	return false;
}

/* A bad one replaces a good one: its flows have another form. */
static void
learn(struct layout1 *l, const uint8_t *rec)
{
	struct map m;
	if (!map_parse(rec, &m))
		l->bad++;
	if (get16(rec + 2) < MAP_LIST)
		return;
	size_t id = get16(rec + 4);
	if (id >= l->n_maps) {
		l->maps = mem_realloc(l->maps, id + 1, sizeof(*l->maps));
		memset(l->maps + l->n_maps, 0,
		    (id + 1 - l->n_maps) * sizeof(*l->maps));
		l->n_maps = id + 1;
	}
	l->maps[id] = m;
}

void
layout1_learn(struct layout1 *l, const uint8_t *data, size_t len)
{
	for (size_t pos = 0; pos < len; pos += get16(data + pos + 2))
		if (get16(data + pos) == REC_MAP)
			learn(l, data + pos);
}

/* ---- one flow --------------------------------------------------------------- */

/* Of next hops and the like the flow has one: the family that says more. */
static const struct {
	uint8_t elem; /* of IPv4, that of IPv6 behind it */
	uint8_t ips;
	uint16_t field;
} pairs[] = {
	{ FE_NEXT4, 1, OFF(next_hop) },
	{ FE_BGPNEXT4, 1, OFF(bgp_next) },
	{ FE_EXPORTER4, 1, OFF(exporter_ip) },
	{ FE_NAT4, 2, OFF(xlate_src) },
};

/* True: p's family is not to be taken, the other has more to say. */
static bool
other_family(struct flow *f, const struct extension *e, const uint8_t *p)
{
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		bool six = e->elem == pairs[i].elem + 1;
		int other = six ? pairs[i].elem : pairs[i].elem + 1;
		if ((e->elem != pairs[i].elem && !six) ||
		    !flow_has(f, (enum flow_elem)other))
			continue;
		uint32_t any = 0;
		for (size_t at = 0; at < e->size; at += 4)
			any |= get32(p + at);
		if (any == 0)
			return true;
		memset((uint8_t *)f + pairs[i].field, 0,
		    pairs[i].ips * sizeof(struct flow_ip6));
		f->have &= ~FLOW_BIT(other);
	}
	return false;
}

/* A number of `in` bytes into a field of `out` bytes. */
static void
widen(uint8_t *to, size_t out, const uint8_t *from, size_t in)
{
	if (in == out) {
		memcpy(to, from, in);
	} else if (out == 4) {
		put32(to, get16(from));
	} else {
		uint64_t v = get32(from);
		memcpy(to, &v, sizeof(v));
	}
}

static void
take_user(struct flow *f, const uint8_t *p, size_t size)
{
	f->user.p = p;
	f->user.len = (uint16_t)strnlen((const char *)p, size);
}

/* What is more than copying. */
static void
take_special(struct flow *f, unsigned id, const uint8_t *p)
{
	if (id == EXT_NSEL && (f->proto == 1 || f->proto == 58))
		f->dst_port = get16(p + 12);
	else if (id == EXT_USER24 || id == EXT_USER72)
		take_user(f, p, extensions[id].size);
	else if (id == EXT_NEL)
		f->have |= FLOW_BIT(FE_VRF);
	else if (id == EXT_PORTBLOCK && f->block_end == 0 && f->block_size != 0)
		f->block_end = (uint16_t)(f->block_start + f->block_size - 1);
}

static void
take_extension(struct flow *f, unsigned id, const uint8_t *p)
{
	const struct extension *e = &extensions[id];
	if (e->size == 0 || other_family(f, e, p))
		return;
	for (int i = 0; i < PIECES && e->piece[i].out != 0; i++)
		widen((uint8_t *)f + e->piece[i].field, e->piece[i].out,
		    p + e->piece[i].at, e->piece[i].in);
	f->have |= FLOW_BIT(e->elem);
	take_special(f, id, p);
}

/* False: the map is missing, or lists more than the record holds. */
static bool
take_extensions(const struct layout1 *l, struct flow *f, uint16_t map,
    const uint8_t *p, size_t left)
{
	if (map >= l->n_maps || !l->maps[map].valid)
		return false;
	const struct map *m = &l->maps[map];
	for (unsigned i = 0; i < m->n; i++) {
		size_t n = extensions[m->id[i]].size;
		if (n > left)
			return false;
		take_extension(f, m->id[i], p);
		p += n;
		left -= n;
	}
	return true;
}

static uint64_t
get_counter(const uint8_t **p, bool wide)
{
	uint64_t v = wide ? get64(*p) : get32(*p);
	*p += wide ? 8 : 4;
	return v;
}

static const uint8_t *
take_required(struct flow *f, const uint8_t *p, unsigned flags)
{
	if ((flags & V1_IPV6) != 0) {
		memcpy(&f->src, p, sizeof(f->src));
		memcpy(&f->dst, p + sizeof(f->src), sizeof(f->dst));
		f->have |= FLOW_BIT(FE_IPV6);
		p += 32;
	} else {
		f->src.lo = get32(p);
		f->dst.lo = get32(p + 4);
		f->have |= FLOW_BIT(FE_IPV4);
		p += 8;
	}
	f->packets = get_counter(&p, (flags & V1_PACKETS) != 0);
	f->bytes = get_counter(&p, (flags & V1_BYTES) != 0);
	return p;
}

/* The fields that both forms have, at the same place. */
static void
take_common(struct flow *f, const uint8_t *rec)
{
	f->have = FLOW_BIT(FE_GENERIC);
	f->first = get32(rec + 12) * UINT64_C(1000) + get16(rec + 8);
	f->last = get32(rec + 16) * UINT64_C(1000) + get16(rec + 10);
	f->fwd_status = rec[20];
	f->tcp_flags = rec[21];
	f->proto = rec[22];
	f->src_tos = rec[23];
	f->src_port = get16(rec + 24);
	f->dst_port = get16(rec + 26);
}

static void
take_newer(struct flow *f, const uint8_t *rec)
{
	f->nfversion = rec[5];
	f->exporter = get16(rec + 28);
	f->biflow_dir = rec[30];
	f->end_reason = rec[31];
	if (f->biflow_dir != 0 || f->end_reason != 0)
		f->have |= FLOW_BIT(FE_MISC);
}

bool
layout1_flow(struct layout1 *l, const uint8_t *rec, struct flow *f)
{
	bool newer = get16(rec) == REC_COMMON_1;
	size_t size = get16(rec + 2), at = newer ? COMMON_1 : COMMON_0;
	unsigned flags = size > 4 ? rec[4] : 0;
	size_t need = at + ((flags & V1_IPV6) != 0 ? 32 : 8) +
		      ((flags & V1_PACKETS) != 0 ? 8 : 4) +
		      ((flags & V1_BYTES) != 0 ? 8 : 4);
	memset(f, 0, sizeof(*f));
	if (size < need)
		return false;
	take_common(f, rec);
	if (newer)
		take_newer(f, rec);
	else
		f->exporter = rec[5];
	f->flags = l->flags;
	f->flags |= (flags & V1_EVENT) != 0 ? FLOW_EVENT : 0;
	f->flags |= (flags & V1_SAMPLED) != 0 ? FLOW_SAMPLED : 0;
	const uint8_t *p = take_required(f, rec + at, flags);
	if (!take_extensions(l, f, get16(rec + 6), p, size - need))
		l->bare++;
	if ((f->flows | f->out_packets | f->out_bytes) == 0)
		f->have &= ~FLOW_BIT(FE_CNT);
	else if (f->flows == 0) /* out counters alone */
		f->flows = 1;
	f->have &= ~FLOW_BIT(FE_NULL);
	return true;
}

/* ---- a block ------------------------------------------------------------------ */

static uint8_t *
room(struct layout1 *l, size_t used, size_t n)
{
	if (used + n > l->cap) {
		l->cap = (used + n) * 2;
		l->out = mem_realloc(l->out, l->cap, 1);
	}
	return l->out + used;
}

/* Bytes written. */
static size_t
convert(struct layout1 *l, const uint8_t *rec, size_t used)
{
	uint16_t type = get16(rec), size = get16(rec + 2);
	struct flow f;
	if (type == REC_MAP) {
		learn(l, rec);
		return 0;
	}
	if (type != REC_COMMON_0 && type != REC_COMMON_1) {
		memcpy(room(l, used, size), rec, size);
		return size;
	}
	if (layout1_flow(l, rec, &f))
		return record_encode_whole(&f, room(l, used, FLOW_ROOM));
	l->bad++;
	return 0;
}

size_t
layout1_convert(struct layout1 *l, const uint8_t *data, size_t len,
    uint32_t *records)
{
	size_t used = 0;
	*records = 0;
	for (size_t pos = 0; pos < len; pos += get16(data + pos + 2)) {
		size_t n = convert(l, data + pos, used);
		used += n;
		*records += n != 0;
	}
	return used;
}

void
layout1_free(struct layout1 *l)
{
	if (l == NULL)
		return;
	free(l->maps);
	free(l->out);
	free(l);
}
