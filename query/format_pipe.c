#include "query/format.h"

/* An address as four numbers. */
static void
add_ip(struct buf *b, const struct flow_ip6 *ip)
{
	buf_printf(b, "|%u|%u|%u|%u", (unsigned)(ip->hi >> 32),
	    (unsigned)(ip->hi & 0xffffffff), (unsigned)(ip->lo >> 32),
	    (unsigned)(ip->lo & 0xffffffff));
}

void
pipe_flow(const struct flow *f, struct buf *b)
{
	buf_printf(b, "%d|%llu|%llu|%u", flow_has(f, FE_IPV6) ? 10 : 2,
	    (unsigned long long)f->first, (unsigned long long)f->last,
	    f->proto);
	add_ip(b, &f->src);
	buf_printf(b, "|%u", f->src_port);
	add_ip(b, &f->dst);
	buf_printf(b, "|%u|%u|%u|%u|%u|%u|%u|%llu|%llu\n", f->dst_port,
	    f->src_as, f->dst_as, f->in_if, f->out_if, f->tcp_flags, f->src_tos,
	    (unsigned long long)f->packets, (unsigned long long)f->bytes);
}
