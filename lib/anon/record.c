#include <string.h>
#include <sys/socket.h>

#include "anon/anon.h"
#include "nffile/bytes.h"
#include "nffile/elements.h"

enum kind { KIND_NONE, KIND_ADDR4, KIND_ADDR6, KIND_AS, KIND_MAC };

enum side { SIDE_NONE, SIDE_SRC, SIDE_DST, SIDE_TUNNEL };

#define PLACES 4

/* What an element's payload has from byte 0 on, one behind the other. */
struct places {
	uint8_t kind;
	uint8_t side[PLACES];
	uint8_t n;
};

static const struct places elems[FE_MAX] = {
	[FE_IPV4] = { KIND_ADDR4, { SIDE_SRC, SIDE_DST }, 2 },
	[FE_IPV6] = { KIND_ADDR6, { SIDE_SRC, SIDE_DST }, 2 },
	[FE_NAT4] = { KIND_ADDR4, { SIDE_SRC, SIDE_DST }, 2 },
	[FE_NAT6] = { KIND_ADDR6, { SIDE_SRC, SIDE_DST }, 2 },
	[FE_AS] = { KIND_AS, { SIDE_NONE }, 2 },
	[FE_ASADJ] = { KIND_AS, { SIDE_NONE }, 2 },
	[FE_BGPNEXT4] = { KIND_ADDR4, { SIDE_NONE }, 1 },
	[FE_BGPNEXT6] = { KIND_ADDR6, { SIDE_NONE }, 1 },
	[FE_NEXT4] = { KIND_ADDR4, { SIDE_NONE }, 1 },
	[FE_NEXT6] = { KIND_ADDR6, { SIDE_NONE }, 1 },
	[FE_EXPORTER4] = { KIND_ADDR4, { SIDE_NONE }, 1 },
	[FE_EXPORTER6] = { KIND_ADDR6, { SIDE_NONE }, 1 },
	[FE_TUN4] = { KIND_ADDR4, { SIDE_TUNNEL, SIDE_TUNNEL }, 2 },
	[FE_TUN6] = { KIND_ADDR6, { SIDE_TUNNEL, SIDE_TUNNEL }, 2 },
	[FE_MAC] = { KIND_MAC, { SIDE_NONE }, 4 },
};

static const uint8_t width[] = {
	[KIND_ADDR4] = 4,
	[KIND_ADDR6] = 16,
	[KIND_AS] = 4,
	[KIND_MAC] = 8,
};

static void
change_mac(const struct anon *a, uint8_t *p)
{
	uint64_t mac;
	memcpy(&mac, p, sizeof(mac));
	if (mac != 0 && a->macs) /* 0: there was none */
		mac = cryptopan_mac(a->pan, mac);
	memcpy(p, &mac, sizeof(mac));
}

static void
change(const struct anon *a, enum kind kind, uint8_t *p)
{
	struct flow_ip6 six;
	switch (kind) {
	case KIND_ADDR4:
		put32(p, cryptopan_v4(a->pan, get32(p)));
		break;
	case KIND_ADDR6:
		memcpy(&six, p, sizeof(six));
		six = cryptopan_v6(a->pan, six);
		memcpy(p, &six, sizeof(six));
		break;
	case KIND_AS:
		put32(p, 0);
		break;
	case KIND_MAC:
		change_mac(a, p);
		break;
	case KIND_NONE:
		break;
	}
}

static bool
is_kept(const struct anon *a, enum side side)
{
	return (side == SIDE_SRC && a->keep_src) ||
	       (side == SIDE_DST && a->keep_dst) ||
	       (side == SIDE_TUNNEL && !a->tunnels);
}

bool
anon_record(const struct anon *a, uint8_t *rec, struct anon_counts *n)
{
	struct elem_walk w;
	elem_walk(&w, rec);
	while (elem_next(&w)) {
		if (w.id >= FE_MAX) {
			n->unknown_elems++;
			continue;
		}
		const struct places *e = &elems[w.id];
		uint8_t *p = rec + (w.payload - rec);
		if (w.len < e->n * width[e->kind])
			return false;
		for (int i = 0; i < e->n; i++, p += width[e->kind])
			if (!is_kept(a, (enum side)e->side[i]))
				change(a, (enum kind)e->kind, p);
	}
	rec[FLOW_FLAGS] |= FLOW_ANON;
	return !w.bad;
}

void
anon_exporter(const struct anon *a, struct nffile_exporter *e)
{
	struct flow_ip6 ip = { e->ip[0], e->ip[1] };
	if (e->family == AF_INET)
		ip.lo = cryptopan_v4(a->pan, (uint32_t)ip.lo);
	else
		ip = cryptopan_v6(a->pan, ip);
	e->ip[0] = ip.hi;
	e->ip[1] = ip.lo;
}
