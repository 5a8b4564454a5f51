/* csv-fast: few columns, nothing to be looked up, times in ms since 1970. */
#include "query/format.h"
#include "query/put.h"
#include "query/text.h"

#define LINE 512 /* holds any: 14 numbers, two addresses */

void
csvfast_head(struct buf *b)
{
	buf_adds(b, "cnt,af,firstSeen,lastSeen,proto,srcAddr,srcPort,dstAddr,"
		    "dstPort,srcAS,dstAS,input,output,flags,srcTos,packets,"
		    "bytes\n");
}

static char *
number(char *p, uint64_t v)
{
	*p++ = ',';
	return put_number(p, v);
}

static char *
ip(char *p, const struct flow_ip6 *a, bool v6)
{
	char s[TEXT_IP_LEN];
	*p++ = ',';
	for (const char *c = text_ip(a, v6, s); *c != '\0'; c++)
		*p++ = *c;
	return p;
}

/* Addresses' family and columns without a value as in pipe. */
void
csvfast_flow(uint64_t n, const struct flow *f, struct buf *b)
{
	bool v6 = flow_has(f, FE_IPV6);
	char *p = put_room(b, LINE);
	p = put_number(p, n);
	p = number(p, v6 ? 10 : 2);
	p = number(p, f->first);
	p = number(p, f->last);
	p = number(p, f->proto);
	p = ip(p, &f->src, v6);
	p = number(p, f->src_port);
	p = ip(p, &f->dst, v6);
	p = number(p, f->dst_port);
	p = number(p, f->src_as);
	p = number(p, f->dst_as);
	p = number(p, f->in_if);
	p = number(p, f->out_if);
	*p++ = ',';
	p = text_put_flags(p, f->tcp_flags);
	p = number(p, f->src_tos);
	p = number(p, f->packets);
	p = number(p, f->bytes);
	*p++ = '\n';
	put_end(b, p);
}
