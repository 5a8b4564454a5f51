/*
 * NetFlow v1, v5 and v7.  There is no RFC; the layout is Cisco's.
 *
 * header  0 version 2 count 4 SysUptime 8 unix_secs 12 unix_nsecs
 * (24)   16 flow_sequence 20 engine type 21 engine id 22 sampling
 * record  0 srcaddr 4 dstaddr 8 nexthop 12 input 14 output 16 dPkts
 * (48)   20 dOctets 24 First 28 Last 32 srcport 34 dstport 36 pad
 *        37 tcp_flags 38 prot 39 tos 40 src_as 42 dst_as 44 src_mask
 *        45 dst_mask 46 pad
 *
 * v1      header ends at 16; record (48 or 52): 36 pad 38 prot 39 tos
 *         40 tcp_flags 41 pad
 * v7      header: 20 pad; record (52): as v5, then 48 router_sc
 */
#include "decode/engine.h"

#define SAMPLING_MASK 0x3fff /* above it: the mode */
#define SAMPLING_MODE 14

/* v1's padding is longer with some exporters. */
static size_t
record_len(uint16_t version, uint16_t count, size_t left)
{
	switch (version) {
	case 1:
		return left == count * (size_t)52 ? 52 : 48;
	case 7:
		return 52;
	default:
		return 48;
	}
}

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

/* From byte 36 on. */
static void
read_rest_v1(struct flow *f, struct wire *w)
{
	wire_skip(w, 2);
	f->proto = wire_u8(w);
	f->src_tos = wire_u8(w);
	f->tcp_flags = wire_u8(w);
}

static void
read_rest(struct flow *f, struct wire *w)
{
	wire_skip(w, 1);
	f->tcp_flags = wire_u8(w);
	f->proto = wire_u8(w);
	f->src_tos = wire_u8(w);
	f->src_as = wire_u16(w);
	f->dst_as = wire_u16(w);
	f->src_mask = wire_u8(w);
	f->dst_mask = wire_u8(w);
}

static void
read_record(struct decoding *d, struct wire rec, uint16_t version)
{
	struct flow *f = &d->r.f;
	struct wire *w = &rec;
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
	if (version == 1)
		read_rest_v1(f, w);
	else
		read_rest(f, w);
	if (f->proto == 1)
		record_icmp(&d->r, false);
	read_times(d, first, last);
	f->flags = 0;
	if (d->sampling)
		sampling_apply(d, f, NULL);
}

/* Bytes 16 to 24 of v5's and v7's header; v7 has nothing in the last 4. */
struct head_rest {
	uint32_t sequence;
	uint8_t engine_type;
	uint8_t engine_id;
	uint16_t sampling;
};

static void
take_head(struct decoding *d, const struct head_rest *h, uint16_t version,
    uint16_t count)
{
	sequence_check(d->e, h->sequence, count, 0);
	d->r.f.engine_type = h->engine_type;
	d->r.f.engine_id = h->engine_id;
	uint16_t sampling = h->sampling;
	struct sampling_values v = { .interval = sampling & SAMPLING_MASK,
		.algorithm = sampling >> SAMPLING_MODE };
	if (version == 5 && (v.interval > 1 || d->e->samplers.n != 0)) {
		if (v.interval == 0)
			v.interval = 1; /* not sampled, or not any more */
		sampling_learn(d, SAMPLER_HEADER, 0, &v);
	}
}

static uint64_t
have_of(uint16_t version)
{
	uint64_t have = FLOW_BIT(FE_GENERIC) | FLOW_BIT(FE_IPV4) |
			FLOW_BIT(FE_MISC) | FLOW_BIT(FE_NEXT4);
	return version == 1 ? have : have | FLOW_BIT(FE_AS);
}

/* One header and its records; false: the rest of the datagram is no PDU. */
static bool
read_pdu(struct decoding *d, struct wire *w, uint16_t version)
{
	uint16_t count = wire_u16(w);
	d->uptime = wire_u32(w);
	uint64_t secs = wire_u32(w);
	uint64_t nsecs = wire_u32(w);
	d->export_ms = secs * 1000 + nsecs / 1000000;
	struct head_rest h = { 0 };
	if (version != 1) {
		h.sequence = wire_u32(w);
		h.engine_type = wire_u8(w);
		h.engine_id = wire_u8(w);
		h.sampling = wire_u16(w);
	}
	size_t len = record_len(version, count, wire_left(w));
	if (w->bad || wire_left(w) < count * len) {
		/* Cut short, or no PDU at all: its records are not trusted. */
		d->e->stats.malformed++;
		return false;
	}
	record_init(d);
	if (version != 1)
		take_head(d, &h, version, count);
	d->sampling = sampling_may_apply(d->e);
	const uint64_t have = d->r.f.have | have_of(version);
	for (; count > 0; count--) {
		d->r.f.have = have;
		read_record(d, wire_sub(w, len), version);
		record_emit(d);
	}
	return true;
}

void
netflow5_decode(struct decoding *d, struct wire w)
{
	uint16_t version = d->e->version;
	/* Some senders put several PDUs into one datagram. */
	while (read_pdu(d, &w, version) && wire_left(&w) >= 2)
		if (wire_u16(&w) != version) {
			d->e->stats.malformed++;
			return;
		}
}
