#include "packets.h"

#include <stdlib.h>

#include "base/mem.h"
#include "pcap.h"

#define WINDOW_MS 60000 /* all flows end within it */
#define IP_MAX    1500
#define IP_MIN    60

static int
by_time(const void *a, const void *b)
{
	const struct pcap_packet *x = a, *y = b;
	return (x->time_us > y->time_us) - (x->time_us < y->time_us);
}

static uint16_t
bounded(uint64_t size)
{
	return (uint16_t)(size < IP_MIN   ? IP_MIN
			  : size > IP_MAX ? IP_MAX
					  : size);
}

/* A TCP flow opens, talks, closes; the union of flags is the flow's. */
static uint8_t
flags_at(const struct flow *f, uint64_t i, uint64_t n)
{
	if (f->proto != 6 || n == 1)
		return f->tcp_flags;
	if (i == 0)
		return f->tcp_flags & 0x12;
	return i == n - 1 ? f->tcp_flags & 0x15 : f->tcp_flags & 0x18;
}

static size_t
add_flow(const struct flow *f, struct pcap_packet *out)
{
	uint64_t n =
	    f->packets < PACKETS_PER_FLOW ? f->packets : PACKETS_PER_FLOW;
	uint8_t family = flow_has(f, FE_IPV6) ? ADDR_V6 : ADDR_V4;
	for (uint64_t i = 0; i < n; i++) {
		uint64_t at = n > 1 ? (f->last - f->first) * i / (n - 1) : 0;
		out[i] = (struct pcap_packet){
			.time_us = (f->first + at) * 1000 + i,
			.src = { f->src.hi, f->src.lo, family },
			.dst = { f->dst.hi, f->dst.lo, family },
			.proto = f->proto,
			.tcp_flags = flags_at(f, i, n),
			.tos = f->src_tos,
			.src_port = f->src_port,
			.dst_port = f->dst_port,
			.tcp_seq = (uint32_t)(i * 1000),
			.ip_len = bounded(f->bytes / f->packets + i % 7),
		};
	}
	return (size_t)n;
}

int
packets_write(const char *path, const struct traffic_opts *to, uint64_t flows,
    uint64_t start_ms, struct err *err)
{
	FILE *f = pcap_create(path, err);
	if (f == NULL)
		return -1;
	struct traffic_model *model = traffic_model_new(to);
	struct traffic_stream s;
	struct pcap_packet *all =
	    mem_calloc((size_t)flows * PACKETS_PER_FLOW, sizeof(*all));
	size_t n = 0;
	traffic_stream_init(&s, model, 0);
	for (uint64_t i = 0; i < flows; i++) {
		struct flow flow;
		traffic_next(&s, start_ms + WINDOW_MS + i * WINDOW_MS / flows,
		    &flow);
		n += add_flow(&flow, all + n);
	}
	qsort(all, n, sizeof(*all), by_time);
	for (size_t i = 0; i < n; i++)
		pcap_write(f, &all[i]);
	free(all);
	traffic_model_free(model);
	return pcap_finish(f, err);
}
