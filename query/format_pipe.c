#include "query/format.h"
#include "query/put.h"

#define LINE 512 /* holds any: 22 numbers */

static char *
number(char *p, uint64_t v)
{
	*p++ = '|';
	return put_number(p, v);
}

/* An address as four numbers. */
static char *
ip(char *p, const struct flow_ip6 *a)
{
	p = number(p, a->hi >> 32);
	p = number(p, a->hi & 0xffffffff);
	p = number(p, a->lo >> 32);
	return number(p, a->lo & 0xffffffff);
}

void
pipe_flow(const struct flow *f, struct buf *b)
{
	char *p = put_room(b, LINE);
	p = put_number(p, flow_has(f, FE_IPV6) ? 10 : 2);
	p = number(p, f->first);
	p = number(p, f->last);
	p = number(p, f->proto);
	p = ip(p, &f->src);
	p = number(p, f->src_port);
	p = ip(p, &f->dst);
	p = number(p, f->dst_port);
	p = number(p, f->src_as);
	p = number(p, f->dst_as);
	p = number(p, f->in_if);
	p = number(p, f->out_if);
	p = number(p, f->tcp_flags);
	p = number(p, f->src_tos);
	p = number(p, f->packets);
	p = number(p, f->bytes);
	*p++ = '\n';
	put_end(b, p);
}
