/*
 * NetFlow v5.  There is no RFC; the layout is Cisco's.
 *
 * header  0 version 2 count 4 SysUptime 8 unix_secs 12 unix_nsecs
 * (24)   16 flow_sequence 20 engine type 21 engine id 22 sampling
 * record  0 srcaddr 4 dstaddr 8 nexthop 12 input 14 output 16 dPkts
 * (48)   20 dOctets 24 First 28 Last 32 srcport 34 dstport 36 pad
 *        37 tcp_flags 38 prot 39 tos 40 src_as 42 dst_as 44 src_mask
 *        45 dst_mask 46 pad
 */
#include "decode/engine.h"

#define RECORD_LEN    48
#define SAMPLING_MASK 0x3fff /* above it: the mode */

static void
read_times(struct decoding *d, uint32_t first, uint32_t last)
{
	uint64_t last_ms = time_from_uptime(d->export_ms, d->uptime, last);
	uint32_t took = last - first;
	/* More than 24 days backwards: the exporter has them mixed up. */
	uint64_t first_ms =
	    took <= INT32_MAX
		? (took <= last_ms ? last_ms - took : 0)
		: time_from_uptime(d->export_ms, d->uptime, first);
	time_settle(d, &d->r.f, first_ms, last_ms);
}

static void
read_record(struct decoding *d, struct wire *w)
{
	struct flow *f = &d->r.f;
	f->src.lo = wire_u32(w);
	f->dst.lo = wire_u32(w);
	f->next_hop.lo = wire_u32(w);
	f->in_if = wire_u16(w);
	f->out_if = wire_u16(w);
	f->packets = wire_u32(w);
	f->bytes = wire_u32(w);
	uint32_t first = wire_u32(w);
	uint32_t last = wire_u32(w);
	f->src_port = wire_u16(w);
	f->dst_port = wire_u16(w);
	wire_skip(w, 1);
	f->tcp_flags = wire_u8(w);
	f->proto = wire_u8(w);
	f->src_tos = wire_u8(w);
	f->src_as = wire_u16(w);
	f->dst_as = wire_u16(w);
	f->src_mask = wire_u8(w);
	f->dst_mask = wire_u8(w);
	wire_skip(w, 2);
	if (d->e->sampling > 1) {
		f->packets *= d->e->sampling;
		f->bytes *= d->e->sampling;
	}
	if (f->proto == 1)
		record_icmp(&d->r, false);
	read_times(d, first, last);
}

/* One header and its records; false: the rest of the datagram is no PDU. */
static bool
read_pdu(struct decoding *d, struct wire *w)
{
	struct exporter *e = d->e;
	uint16_t count = wire_u16(w);
	d->uptime = wire_u32(w);
	uint64_t secs = wire_u32(w);
	uint64_t nsecs = wire_u32(w);
	d->export_ms = secs * 1000 + nsecs / 1000000;
	uint32_t sequence = wire_u32(w);
	uint8_t engine_type = wire_u8(w);
	uint8_t engine_id = wire_u8(w);
	e->sampling = wire_u16(w) & SAMPLING_MASK;
	if (w->bad || wire_left(w) < (size_t)count * RECORD_LEN) {
		/* Cut short, or no v5 at all: its records are not trusted. */
		e->stats.malformed++;
		return false;
	}
	sequence_check(e, sequence, count, 0);

	record_init(d);
	d->r.f.engine_type = engine_type;
	d->r.f.engine_id = engine_id;
	d->r.f.flags = e->sampling > 1 ? FLOW_SAMPLED : 0;
	uint64_t have = d->r.f.have | FLOW_BIT(FE_GENERIC) | FLOW_BIT(FE_IPV4) |
			FLOW_BIT(FE_MISC) | FLOW_BIT(FE_AS) |
			FLOW_BIT(FE_NEXT4);
	for (; count > 0; count--) {
		d->r.f.have = have;
		read_record(d, w);
		record_emit(d);
	}
	return true;
}

void
netflow5_decode(struct decoding *d, struct wire w)
{
	/* Some senders put several PDUs into one datagram. */
	while (read_pdu(d, &w) && wire_left(&w) >= 2)
		if (wire_u16(&w) != 5) {
			d->e->stats.malformed++;
			return;
		}
}
