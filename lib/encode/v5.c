/*
 * NetFlow v5 has no RFC; header of 24 bytes, records of 48:
 *
 *   version, count, SysUptime, seconds, nanoseconds, sequence, engine type
 *   and id, sampling
 *   src, dst, next hop, in, out, packets, bytes, first, last, ports, pad,
 *   TCP flags, protocol, tos, AS, masks, pad
 */
#include "encode/internal.h"

#define HEADER   24
#define RECORD   48
#define MOST     30
#define AS_TRANS 23456 /* RFC 6793: in place of one with 32 bits */

static void
put_clipped16(struct encoder *e, uint64_t v)
{
	put16(e, (unsigned)clip(e, v, UINT16_MAX));
}

static void
put_clipped32(struct encoder *e, uint64_t v)
{
	put32(e, (uint32_t)clip(e, v, UINT32_MAX));
}

static void
put_as(struct encoder *e, uint32_t as)
{
	e->clipped |= as > UINT16_MAX;
	put16(e, as > UINT16_MAX ? AS_TRANS : as);
}

static void
put_counters(struct encoder *e, const struct flow *f)
{
	bool has = flow_has(f, FE_MISC);
	put_clipped16(e, has ? f->in_if : 0);
	put_clipped16(e, has ? f->out_if : 0);
	put_clipped32(e, f->packets);
	put_clipped32(e, f->bytes);
	put32(e, encoder_uptime(e, f->first));
	put32(e, encoder_uptime(e, f->last));
}

bool
v5_flow(struct encoder *e, const struct flow *f)
{
	bool misc = flow_has(f, FE_MISC), as = flow_has(f, FE_AS);
	if (!flow_has(f, FE_IPV4)) {
		e->n.not_ipv4++;
		return false;
	}
	if (e->records == MOST || (e->records != 0 && encoder_room(e) < RECORD))
		encoder_flush(e);
	if (e->records == 0)
		e->p = e->data + HEADER;
	put32(e, (uint32_t)f->src.lo);
	put32(e, (uint32_t)f->dst.lo);
	put32(e, flow_has(f, FE_NEXT4) ? (uint32_t)f->next_hop.lo : 0);
	put_counters(e, f);
	put16(e, f->src_port);
	put16(e, f->dst_port);
	put8(e, 0);
	put8(e, f->tcp_flags);
	put8(e, f->proto);
	put8(e, f->src_tos);
	put_as(e, as ? f->src_as : 0);
	put_as(e, as ? f->dst_as : 0);
	put8(e, misc ? f->src_mask : 0);
	put8(e, misc ? f->dst_mask : 0);
	put16(e, 0);
	return true;
}

void
v5_finish(struct encoder *e)
{
	uint8_t *end = e->p;
	e->p = e->data;
	put16(e, 5);
	put16(e, e->records);
	put32(e, encoder_uptime(e, e->latest_ms));
	put32(e, (uint32_t)(e->latest_ms / 1000));
	put32(e, (uint32_t)(e->latest_ms % 1000 * 1000000));
	put32(e, e->sequence);
	put32(e, 0);
	e->p = end;
}
