/*
 * stat: the appendix' stat record, counted, summed, turned into counters.
 */
#include "nffile/internal.h"

static void
add_times(struct nffile_stat *s, uint64_t first, uint64_t last)
{
	if (first != 0 && (s->first == 0 || first < s->first))
		s->first = first;
	if (last > s->last)
		s->last = last;
}

void
stat_add(struct nffile_stat *s, const struct flow *f, bool in_classes)
{
	uint64_t out_packets = 0, out_bytes = 0, flows = 1;
	if (flow_has(f, FE_CNT)) {
		out_packets = f->out_packets;
		out_bytes = f->out_bytes;
		/* nfprofile counts what a record stands for, nfcapd records. */
		if (in_classes && f->flows != 0)
			flows = f->flows;
	}
	uint64_t packets = f->packets + (in_classes ? out_packets : 0);
	uint64_t bytes = f->bytes + (in_classes ? out_bytes : 0);
	s->flows += flows;
	s->packets += f->packets + out_packets;
	s->bytes += f->bytes + out_bytes;
	switch (counter_class_of(f->proto)) {
	case CLASS_TCP:
		s->flows_tcp += flows;
		s->packets_tcp += packets;
		s->bytes_tcp += bytes;
		break;
	case CLASS_UDP:
		s->flows_udp += flows;
		s->packets_udp += packets;
		s->bytes_udp += bytes;
		break;
	case CLASS_ICMP:
		s->flows_icmp += flows;
		s->packets_icmp += packets;
		s->bytes_icmp += bytes;
		break;
	default:
		s->flows_other += flows;
		s->packets_other += packets;
		s->bytes_other += bytes;
	}
	add_times(s, f->first, f->last);
}

void
stat_add_record(struct nffile_stat *s, const uint8_t *rec, bool in_classes)
{
	static const uint64_t counted = FLOW_BIT(FE_GENERIC) |
					FLOW_BIT(FE_CNT) | FLOW_BIT(FE_NSEL) |
					FLOW_BIT(FE_NATEVENT);
	struct flow f = { 0 };
	uint64_t nsel = 0, nat = 0;
	struct elem_walk w;
	elem_walk(&w, rec);
	while (elem_next(&w)) {
		if (w.id >= FE_MAX || (FLOW_BIT(w.id) & counted) == 0)
			continue;
		if (w.id == FE_GENERIC && w.len >= GENERIC_LEN)
			memcpy((uint8_t *)&f + offsetof(struct flow, first),
			    w.payload, GENERIC_LEN);
		else if (w.id == FE_CNT && w.len >= CNT_LEN)
			memcpy((uint8_t *)&f + offsetof(struct flow, flows),
			    w.payload, CNT_LEN);
		else if (w.id == FE_NSEL && w.len >= 16)
			nsel = get64(w.payload);
		else if (w.id == FE_NATEVENT && w.len >= 16)
			nat = get64(w.payload);
		f.have |= FLOW_BIT(w.id);
	}
	if (f.first == 0)
		f.first = nsel != 0 ? nsel : nat;
	stat_add(s, &f, in_classes);
}

#define STAT_SUMS (offsetof(struct nffile_stat, first) / sizeof(uint64_t))

void
nffile_stat_sum(struct nffile_stat *sum, const struct nffile_stat *s)
{
	/* All but the times are numbers to be added. */
	uint64_t to[STAT_SUMS], from[STAT_SUMS];
	memcpy(to, sum, sizeof(to));
	memcpy(from, s, sizeof(from));
	for (size_t i = 0; i < STAT_SUMS; i++)
		to[i] += from[i];
	memcpy(sum, to, sizeof(to));
	sum->sequence_failures += s->sequence_failures;
	if (s->flows != 0)
		add_times(sum, s->first, s->last);
}

bool
stat_in_classes(const struct nffile_header *h)
{
	return h->creator != CREATOR_NFCAPD && h->creator != CREATOR_UNKNOWN;
}

void
nffile_stat_counters(const struct nffile_stat *s, struct counters *c)
{
	*c = (struct counters){
		.flows = { s->flows, s->flows_tcp, s->flows_udp, s->flows_icmp,
		    s->flows_other },
		.packets = { s->packets, s->packets_tcp, s->packets_udp,
		    s->packets_icmp, s->packets_other },
		.bytes = { s->bytes, s->bytes_tcp, s->bytes_udp, s->bytes_icmp,
		    s->bytes_other },
	};
}
