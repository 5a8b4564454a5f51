/* encode_old: NetFlow v1, v5 and v7, records of one form. */
#include "encode_out.h"
#include "totals.h"

static unsigned
records_max(int version)
{
	return version == 1 ? 24 : version == 5 ? 30 : 27;
}

static void
put_record(struct out *o, int version, const struct flow *f, uint64_t boot_ms)
{
	put32(o, (uint32_t)f->src.lo);
	put32(o, (uint32_t)f->dst.lo);
	put32(o, (uint32_t)f->next_hop.lo);
	put16(o, f->in_if);
	put16(o, f->out_if);
	put32(o, (uint32_t)f->packets);
	put32(o, (uint32_t)f->bytes);
	put32(o, (uint32_t)(f->first - boot_ms));
	put32(o, (uint32_t)(f->last - boot_ms));
	put16(o, f->src_port);
	put16(o, f->dst_port);
	put8(o, 0);
	put8(o, version == 1 ? 0 : f->tcp_flags);
	put8(o, f->proto);
	put8(o, f->src_tos);
	if (version == 1) {
		put32(o, (uint32_t)f->tcp_flags << 24);
		put32(o, 0);
		return;
	}
	put16(o, f->src_as);
	put16(o, f->dst_as);
	put8(o, f->src_mask);
	put8(o, f->dst_mask);
	put16(o, 0);
	if (version == 7)
		put32(o, 0x0a0000fe); /* the router that was bypassed */
}

void
encode_old(struct encode_stream *s, uint64_t now_ms, unsigned max_flows,
    struct out *o, struct encode_result *r)
{
	unsigned n = records_max(s->version);
	n = max_flows < n ? max_flows : n;
	put16(o, (unsigned)s->version);
	put16(o, n);
	put32(o, (uint32_t)(now_ms - s->boot_ms));
	put32(o, (uint32_t)(now_ms / 1000));
	put32(o, (uint32_t)(now_ms % 1000 * 1000000));
	if (s->version != 1) {
		put32(o, s->sequence);
		put8(o, 0);
		put8(o, s->domain);
		put16(o, 0);
	}
	for (r->flows = 0; r->flows < n; r->flows++) {
		struct flow f;
		traffic_next(&s->traffic, now_ms, &f);
		totals_count(&r->counters, &f);
		put_record(o, s->version, &f, s->boot_ms);
	}
	r->advance = n;
}
