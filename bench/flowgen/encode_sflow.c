/*
 * encode_sflow: sFlow v5.  A flow becomes one sample: as many packets as the
 * flow has are its sampling rate, its mean packet the sampled frame, so that
 * rate and rate times length are packets and bytes to the unit (bytes are
 * rounded down to that first).
 */
#include "encode_out.h"
#include "totals.h"

#define SAMPLE_MAX 200 /* bytes, of the longest sample */
#define FRAME_MAX  80

static void
put_ipv4(struct out *o, const struct flow *f, uint32_t len)
{
	put16(o, 0x4500u | f->src_tos);
	put16(o, len);
	put32(o, 0x4000);
	put8(o, 64);
	put8(o, f->proto);
	put16(o, 0);
	put32(o, (uint32_t)f->src.lo);
	put32(o, (uint32_t)f->dst.lo);
}

static void
put_ipv6(struct out *o, const struct flow *f, uint32_t len)
{
	put32(o, UINT32_C(0x60000000) | (uint32_t)f->src_tos << 20);
	put16(o, len > 40 ? len - 40 : 0);
	put8(o, f->proto);
	put8(o, 64);
	put64(o, f->src.hi);
	put64(o, f->src.lo);
	put64(o, f->dst.hi);
	put64(o, f->dst.lo);
}

static void
put_layer4(struct out *o, const struct flow *f)
{
	if (f->proto == 1 || f->proto == 58) {
		put16(o, f->dst_port); /* type, code */
		put32(o, 0);
		return;
	}
	put16(o, f->src_port);
	put16(o, f->dst_port);
	put64(o, 0);
	if (f->proto == 6) {
		put8(o, 0x50);
		put8(o, f->tcp_flags);
		put16(o, 1024);
		put32(o, 0);
	}
}

static void
put_frame(struct out *o, const struct flow *f, uint32_t frame_len)
{
	bool v6 = flow_has(f, FE_IPV6);
	uint32_t len = frame_len > 14 ? frame_len - 14 : 0;
	put32(o, 0x02000000);
	put64(o, UINT64_C(0x0001020000000002));
	put16(o, v6 ? 0x86dd : 0x0800);
	if (v6)
		put_ipv6(o, f, len);
	else
		put_ipv4(o, f, len);
	put_layer4(o, f);
}

static void
put_sample(struct out *o, const struct encode_stream *s, const struct flow *f,
    uint32_t frame_len)
{
	struct out frame;
	uint8_t bytes[FRAME_MAX] = { 0 };
	frame.start = frame.p = bytes;
	put_frame(&frame, f, frame_len);
	uint32_t len = (uint32_t)(frame.p - frame.start);
	uint32_t padded = (len + 3) & ~3u;
	put32(o, 1); /* flow sample */
	put32(o, 32 + 8 + 16 + padded);
	put32(o, s->sequence);
	put32(o, f->in_if);
	put32(o, (uint32_t)f->packets);
	put32(o, 0);
	put32(o, 0);
	put32(o, f->in_if);
	put32(o, f->out_if);
	put32(o, 1);
	put32(o, 1); /* raw header */
	put32(o, 16 + padded);
	put32(o, 1); /* Ethernet */
	put32(o, frame_len);
	put32(o, 0);
	put32(o, len);
	memcpy(o->p, bytes, padded);
	o->p += padded;
}

void
encode_sflow(struct encode_stream *s, uint64_t now_ms, unsigned max_flows,
    struct out *o, struct encode_result *r)
{
	put32(o, 5);
	put32(o, 1);
	put32(o, UINT32_C(0xc0000200) + s->domain); /* agent */
	put32(o, s->domain);
	put32(o, s->sequence);
	put32(o, (uint32_t)(now_ms - s->boot_ms));
	uint8_t *count = o->p;
	put32(o, 0);
	for (r->flows = 0; r->flows < max_flows; r->flows++) {
		struct flow f;
		if (o->p - o->start > ENCODE_MAX - SAMPLE_MAX)
			break;
		traffic_next(&s->traffic, now_ms, &f);
		uint64_t frame_len = f.bytes / f.packets;
		f.bytes = f.packets * frame_len;
		totals_count(&r->counters, &f);
		put_sample(o, s, &f, (uint32_t)frame_len);
	}
	put_at16(count + 2, r->flows);
	r->advance = 1;
}
