#include "query/elem.h"

#include <assert.h>
#include <string.h>

#include "base/addr.h"
#include "base/be.h"
#include "nffile/nffile.h"

/*
 * Columns are arrays in struct batch; elements without one are fields of
 * struct flow, valid when `elem` is there (for addresses also elem + 1, the
 * IPv6 form).
 */
static const struct {
	enum elem_kind kind;
	uint8_t size;
	uint8_t elem;
	uint64_t columns;
	size_t column; /* offset in struct batch; addresses: IPv4 */
	size_t hi, lo; /* IPv6 columns */
	size_t field;  /* offset in struct flow */
} elems[EL_MAX] = {
#define COL(kind_, size_, col, array, fld)                                     \
	{                                                                      \
		.kind = (kind_), .size = (size_), .columns = COL_BIT(col),     \
		.column = offsetof(struct batch, array),                       \
		.field = offsetof(struct flow, fld)                            \
	}
#define IPCOL(v4, h, l, fld)                                                   \
	{                                                                      \
		.kind = KIND_IP, .size = 16, .columns = COL_BIT(COL_ADDR),     \
		.elem = FE_IPV4, .column = offsetof(struct batch, v4),         \
		.hi = offsetof(struct batch, h),                               \
		.lo = offsetof(struct batch, l),                               \
		.field = offsetof(struct flow, fld)                            \
	}
#define FLD(kind_, size_, e, fld)                                              \
	{                                                                      \
		.kind = (kind_), .size = (size_), .elem = (e),                 \
		.field = offsetof(struct flow, fld)                            \
	}
	[EL_PROTO] = COL(KIND_PROTO, 1, COL_PROTO, proto, proto),
	[EL_SRCPORT] = COL(KIND_NUMBER, 2, COL_SRCPORT, src_port, src_port),
	[EL_DSTPORT] = COL(KIND_NUMBER, 2, COL_DSTPORT, dst_port, dst_port),
	[EL_SRCIP] = IPCOL(src4, src6hi, src6lo, src),
	[EL_DSTIP] = IPCOL(dst4, dst6hi, dst6lo, dst),
	[EL_SRCTOS] = COL(KIND_NUMBER, 1, COL_TOS, tos, src_tos),
	[EL_DSTTOS] = COL(KIND_NUMBER, 1, COL_MISC8, dst_tos, dst_tos),
	[EL_DIR] = COL(KIND_NUMBER, 1, COL_MISC8, dir, dir),
	[EL_SRCAS] = COL(KIND_NUMBER, 4, COL_AS, src_as, src_as),
	[EL_DSTAS] = COL(KIND_NUMBER, 4, COL_AS, dst_as, dst_as),
	[EL_PREVAS] = FLD(KIND_NUMBER, 4, FE_ASADJ, prev_as),
	[EL_NEXTAS] = FLD(KIND_NUMBER, 4, FE_ASADJ, next_as),
	[EL_INIF] = COL(KIND_NUMBER, 4, COL_INIF, in_if, in_if),
	[EL_OUTIF] = COL(KIND_NUMBER, 4, COL_OUTIF, out_if, out_if),
	[EL_SRCMASK] = COL(KIND_NUMBER, 1, COL_MISC8, src_mask, src_mask),
	[EL_DSTMASK] = COL(KIND_NUMBER, 1, COL_MISC8, dst_mask, dst_mask),
	[EL_SRCVLAN] = COL(KIND_NUMBER, 4, COL_VLAN, src_vlan, src_vlan),
	[EL_DSTVLAN] = COL(KIND_NUMBER, 4, COL_VLAN, dst_vlan, dst_vlan),
	[EL_SRCNET] = FLD(KIND_IP, 16, FE_IPV4, src),
	[EL_DSTNET] = FLD(KIND_IP, 16, FE_IPV4, dst),
	[EL_NEXTHOP] = FLD(KIND_IP, 16, FE_NEXT4, next_hop),
	[EL_BGPNEXT] = FLD(KIND_IP, 16, FE_BGPNEXT4, bgp_next),
	[EL_ROUTER] = FLD(KIND_IP, 16, FE_EXPORTER4, exporter_ip),
	[EL_INSRCMAC] = FLD(KIND_MAC, 8, FE_MAC, in_src_mac),
	[EL_OUTDSTMAC] = FLD(KIND_MAC, 8, FE_MAC, out_dst_mac),
	[EL_INDSTMAC] = FLD(KIND_MAC, 8, FE_MAC, in_dst_mac),
	[EL_OUTSRCMAC] = FLD(KIND_MAC, 8, FE_MAC, out_src_mac),
	[EL_MPLS1] = FLD(KIND_MPLS, 4, FE_MPLS, mpls[0]),
	[EL_MPLS1 + 1] = FLD(KIND_MPLS, 4, FE_MPLS, mpls[1]),
	[EL_MPLS1 + 2] = FLD(KIND_MPLS, 4, FE_MPLS, mpls[2]),
	[EL_MPLS1 + 3] = FLD(KIND_MPLS, 4, FE_MPLS, mpls[3]),
	[EL_MPLS1 + 4] = FLD(KIND_MPLS, 4, FE_MPLS, mpls[4]),
	[EL_MPLS1 + 5] = FLD(KIND_MPLS, 4, FE_MPLS, mpls[5]),
	[EL_MPLS1 + 6] = FLD(KIND_MPLS, 4, FE_MPLS, mpls[6]),
	[EL_MPLS1 + 7] = FLD(KIND_MPLS, 4, FE_MPLS, mpls[7]),
	[EL_MPLS1 + 8] = FLD(KIND_MPLS, 4, FE_MPLS, mpls[8]),
	[EL_MPLS10] = FLD(KIND_MPLS, 4, FE_MPLS, mpls[9]),
	[EL_XSRCIP] = FLD(KIND_IP, 16, FE_NAT4, xlate_src),
	[EL_XDSTIP] = FLD(KIND_IP, 16, FE_NAT4, xlate_dst),
	[EL_XSRCPORT] = FLD(KIND_NUMBER, 2, FE_NATPORT, xlate_src_port),
	[EL_XDSTPORT] = FLD(KIND_NUMBER, 2, FE_NATPORT, xlate_dst_port),
	[EL_ODID] = FLD(KIND_HEX, 4, FE_OBSERVATION, obs_domain),
	[EL_OPID] = FLD(KIND_HEX, 8, FE_OBSERVATION, obs_point),
	[EL_IVRF] = FLD(KIND_NUMBER, 4, FE_VRF, ingress_vrf),
	[EL_EVRF] = FLD(KIND_NUMBER, 4, FE_VRF, egress_vrf),
	[EL_CLATENCY] = FLD(KIND_LATENCY, 8, FE_LATENCY, client_usec),
	[EL_SLATENCY] = FLD(KIND_LATENCY, 8, FE_LATENCY, server_usec),
	[EL_ALATENCY] = FLD(KIND_LATENCY, 8, FE_LATENCY, app_usec),
	[EL_FLAGS] = COL(KIND_FLAGS, 1, COL_FLAGS, tcp_flags, tcp_flags),
	[EL_EVENT] = FLD(KIND_EVENT, 1, FE_NSEL, fw_event),
	[EL_XEVENT] = FLD(KIND_NUMBER, 2, FE_NSEL, fw_xevent),
	[EL_IACL] = FLD(KIND_HEX, 4, FE_ACL, in_acl[0]),
	[EL_EACL] = FLD(KIND_HEX, 4, FE_ACL, out_acl[0]),
	[EL_TUNPROTO] = FLD(KIND_PROTO, 1, FE_TUN4, tun_proto),
	[EL_ETHERTYPE] = FLD(KIND_HEX, 2, FE_LAYER2, ether_type),
	[EL_MINTTL] = FLD(KIND_NUMBER, 1, FE_IPINFO, min_ttl),
	[EL_MAXTTL] = FLD(KIND_NUMBER, 1, FE_IPINFO, max_ttl),
#undef COL
#undef IPCOL
#undef FLD
};

enum elem_kind
elem_kind(enum elem_id id)
{
	return elems[id].kind;
}

uint64_t
elem_columns(enum elem_id id)
{
	return elems[id].columns;
}

/* ---- groups back to flows -------------------------------------------------- */

void
elem_store(enum elem_id id, const struct elem_value *v, struct flow *f)
{
	uint8_t *to = (uint8_t *)f + elems[id].field;
	if (elems[id].kind == KIND_IP) {
		memcpy(to, &v->ip, sizeof(v->ip));
		f->have |= FLOW_BIT(elems[id].elem + (v->v6 ? 1 : 0));
		return;
	}
	memcpy(to, &v->n, elems[id].size);
	if (elems[id].elem != 0)
		f->have |= FLOW_BIT(elems[id].elem);
}

/* ---- the layout of keys ----------------------------------------------------- */

struct key_field *
key_add(struct key *k, enum elem_id id)
{
	assert(k->n < KEY_FIELDS);
	struct key_field *f = &k->f[k->n++];
	*f = (struct key_field){ .id = id,
		.mask4 = 32,
		.mask6 = 128,
		.size = elems[id].size };
	k->columns |= elems[id].columns;
	k->whole |= elems[id].columns == 0;
	return f;
}

enum key_use
key_narrow_use(const struct key *k)
{
	enum key_use use = KEY_ALL;
	for (size_t i = 0; i < k->n; i++) {
		enum elem_id id = k->f[i].id;
		if (elems[id].kind != KIND_IP)
			continue;
		if (elems[id].columns == 0)
			return KEY_NONE;
		use = KEY_IPV4;
	}
	return use;
}

void
key_layout(struct key *k, bool narrow)
{
	size_t at = narrow ? 0 : (k->n + 7) / 8; /* the family bits */
	k->narrow = narrow;
	for (size_t i = 0; i < k->n; i++) {
		k->f[i].at = (uint16_t)at;
		if (elems[k->f[i].id].kind == KIND_IP)
			k->f[i].size = narrow ? 4 : 16;
		at += k->f[i].size;
	}
	k->len = (at + 7) & ~(size_t)7;
}

/* ---- making keys ------------------------------------------------------------- */

static void
mask_ip(struct flow_ip6 *ip, bool v6, const struct key_field *f)
{
	uint8_t bits = v6 ? f->mask6 : f->mask4;
	if (bits == (v6 ? 128 : 32))
		return;
	struct prefix p = { { ip->hi, ip->lo, v6 ? ADDR_V6 : ADDR_V4 }, bits };
	prefix_mask(&p);
	*ip = (struct flow_ip6){ p.addr.hi, p.addr.lo };
}

static void
put_ip(uint8_t *key, const struct key *k, size_t i, struct flow_ip6 ip, bool v6)
{
	mask_ip(&ip, v6, &k->f[i]);
	memcpy(key + k->f[i].at, &ip, sizeof(ip));
	key[i / 8] |= (uint8_t)(v6 << (i % 8));
}

static void
make_ips(const struct key *k, size_t i, const struct batch *b,
    const uint16_t *rows, size_t n, uint8_t *keys)
{
	const uint8_t *base = (const uint8_t *)b;
	enum elem_id id = k->f[i].id;
	for (size_t r = 0; r < n; r++) {
		size_t row = rows[r];
		bool v6 =
		    (b->present[FE_IPV6][row / 64] >> (row % 64) & 1) != 0;
		struct flow_ip6 ip = { 0, 0 };
		if (v6) {
			memcpy(&ip.hi, base + elems[id].hi + row * 8, 8);
			memcpy(&ip.lo, base + elems[id].lo + row * 8, 8);
		} else {
			memcpy(&ip.lo, base + elems[id].column + row * 4, 4);
		}
		put_ip(keys + r * k->len, k, i, ip, v6);
	}
}

#define MAKE(bytes)                                                            \
	static void make##bytes(uint8_t *to, size_t step, const uint8_t *from, \
	    const uint16_t *rows, size_t n)                                    \
	{                                                                      \
		for (size_t r = 0; r < n; r++)                                 \
			memcpy(to + r * step,                                  \
			    from + (size_t)rows[r] * (bytes), bytes);          \
	}
MAKE(1)
MAKE(2)
MAKE(4)
#undef MAKE

static void
make_ip4(const struct key_field *f, const uint8_t *from, const uint16_t *rows,
    size_t n, uint8_t *to, size_t step)
{
	uint32_t ip, keep = 0;
	if (f->mask4 != 0)
		keep = UINT32_MAX << (32 - f->mask4);
	for (size_t r = 0; r < n; r++) {
		memcpy(&ip, from + (size_t)rows[r] * 4, sizeof(ip));
		ip &= keep;
		memcpy(to + r * step, &ip, sizeof(ip));
	}
}

static void
make_column(const struct key *k, size_t i, const struct batch *b,
    const uint16_t *rows, size_t n, uint8_t *keys)
{
	const struct key_field *f = &k->f[i];
	const uint8_t *from = (const uint8_t *)b + elems[f->id].column;
	uint8_t *to = keys + f->at;
	if (elems[f->id].kind == KIND_IP && k->narrow)
		make_ip4(f, from, rows, n, to, k->len);
	else if (elems[f->id].kind == KIND_IP)
		make_ips(k, i, b, rows, n, keys);
	else if (f->size == 1)
		make1(to, k->len, from, rows, n);
	else if (f->size == 2)
		make2(to, k->len, from, rows, n);
	else
		make4(to, k->len, from, rows, n);
}

/* An address cut by the mask that came with the flow. */
static struct flow_ip6
own_net(enum elem_id id, const struct flow *flow, struct flow_ip6 ip, bool v6)
{
	uint8_t mask = 0;
	if (flow_has(flow, FE_MISC))
		mask = id == EL_SRCNET ? flow->src_mask : flow->dst_mask;
	uint8_t most = v6 ? 128 : 32;
	struct key_field f = { .mask4 = mask < most ? mask : most,
		.mask6 = mask < most ? mask : most };
	mask_ip(&ip, v6, &f);
	return ip;
}

static void
put_number(uint8_t *key, enum elem_id id, const struct flow *flow,
    const uint8_t *from)
{
	uint64_t elem = FLOW_BIT(elems[id].elem);
	if (id == EL_EVENT && (flow->have & elem) == 0) {
		elem = FLOW_BIT(FE_NATEVENT);
		from = &flow->nat_event;
	}
	if (id == EL_TUNPROTO)
		elem |= FLOW_BIT(FE_TUN6);
	if ((flow->have & elem) == 0)
		return;
	memcpy(key, from, elems[id].size);
	if (id == EL_IACL || id == EL_EACL) {
		/* It stands as on the wire. */
		uint32_t number = be32(from);
		memcpy(key, &number, sizeof(number));
	}
}

static void
put_field(const struct key *k, size_t i, const struct flow *flow, uint8_t *key)
{
	enum elem_id id = k->f[i].id;
	const uint8_t *from = (const uint8_t *)flow + elems[id].field;
	uint8_t elem = elems[id].elem;
	if (elems[id].kind != KIND_IP) {
		put_number(key + k->f[i].at, id, flow, from);
		return;
	}
	struct flow_ip6 ip = { 0, 0 };
	bool v6 = (flow->have & FLOW_BIT(elem + 1)) != 0;
	if (v6 || (flow->have & FLOW_BIT(elem)) != 0)
		memcpy(&ip, from, sizeof(ip));
	if (id == EL_SRCNET || id == EL_DSTNET)
		ip = own_net(id, flow, ip, v6);
	put_ip(key, k, i, ip, v6);
}

static void
make_whole(const struct key *k, const struct batch *b, const uint16_t *rows,
    size_t n, uint8_t *keys)
{
	for (size_t r = 0; r < n; r++) {
		struct flow flow;
		(void)nffile_record_flow(b->rec[rows[r]], &flow);
		for (size_t i = 0; i < k->n; i++)
			if (elems[k->f[i].id].columns == 0)
				put_field(k, i, &flow, keys + r * k->len);
	}
}

void
key_make(const struct key *k, const struct batch *b, const uint16_t *rows,
    size_t n, uint8_t *keys)
{
	memset(keys, 0, n * k->len);
	for (size_t i = 0; i < k->n; i++)
		if (elems[k->f[i].id].columns != 0)
			make_column(k, i, b, rows, n, keys);
	if (k->whole)
		make_whole(k, b, rows, n, keys);
}

void
key_value(const struct key *k, size_t i, const uint8_t *key,
    struct elem_value *v)
{
	const struct key_field *f = &k->f[i];
	*v = (struct elem_value){ 0 };
	if (elems[f->id].kind == KIND_IP && k->narrow) {
		uint32_t ip;
		memcpy(&ip, key + f->at, sizeof(ip));
		v->ip.lo = ip;
	} else if (elems[f->id].kind == KIND_IP) {
		v->v6 = (key[i / 8] >> (i % 8) & 1) != 0;
		memcpy(&v->ip, key + f->at, sizeof(v->ip));
	} else {
		memcpy(&v->n, key + f->at, f->size);
	}
}
