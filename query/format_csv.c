#include "query/format.h"
#include "query/put.h"
#include "query/text.h"

#define LINE 2048 /* holds any: 60 columns, none longer than an address */

void
csv_head(struct buf *b)
{
	buf_adds(b,
	    "ts,te,td,sa,da,sp,dp,pr,flg,fwd,stos,ipkt,ibyt,opkt,obyt,"
	    "in,out,sas,das,smk,dmk,dtos,dir,nh,nhb,svln,dvln,ismc,odmc,idmc,"
	    "osmc,mpls1,mpls2,mpls3,mpls4,mpls5,mpls6,mpls7,mpls8,mpls9,"
	    "mpls10,cl,sl,al,ra,eng,exid,tr\n");
}

static char *
number(char *p, uint64_t v)
{
	p = put_number(p, v);
	*p++ = ',';
	return p;
}

static char *
ip(char *p, const struct flow_ip6 *a, bool v6)
{
	p = put_ip(p, a, v6);
	*p++ = ',';
	return p;
}

static char *
proto(char *p, uint8_t v)
{
	const char *s = text_proto(v);
	size_t n = strlen(s);
	memcpy(p, s, n);
	p[n] = ',';
	return p + n + 1;
}

static char *
mac(char *p, uint64_t v)
{
	p = text_put_mac(p, v);
	*p++ = ',';
	return p;
}

static char *
times(char *p, const struct flow *f)
{
	p = text_put_seconds(p, f->first, ' ');
	*p++ = ',';
	p = text_put_seconds(p, f->last, ' ');
	*p++ = ',';
	p = text_put_millis(p, f->last > f->first ? f->last - f->first : 0, 0);
	*p++ = ',';
	return p;
}

/* Most flows have none of this. */
#define NO_MACS                                                                \
	"00:00:00:00:00:00,00:00:00:00:00:00,00:00:00:00:00:00,"               \
	"00:00:00:00:00:00,"
#define NO_MPLS    "0-0-0,0-0-0,0-0-0,0-0-0,0-0-0,0-0-0,0-0-0,0-0-0,0-0-0,0-0-0,"
#define NO_LATENCY "    0.000,    0.000,    0.000,"

static char *
macs(char *p, const struct flow *f)
{
	if (!flow_has(f, FE_MAC))
		return PUT_TEXT(p, NO_MACS);
	p = mac(p, f->in_src_mac);
	p = mac(p, f->out_dst_mac);
	p = mac(p, f->in_dst_mac);
	return mac(p, f->out_src_mac);
}

static char *
labels(char *p, const struct flow *f)
{
	if (!flow_has(f, FE_MPLS))
		return PUT_TEXT(p, NO_MPLS);
	for (int i = 0; i < 10; i++) {
		p = text_put_mpls(p, f->mpls[i]);
		*p++ = ',';
	}
	return p;
}

static char *
latency(char *p, uint64_t usec)
{
	p = text_put_millis(p, usec, 9); /* of usec: ms with three decimals */
	*p++ = ',';
	return p;
}

static char *
latencies(char *p, const struct flow *f)
{
	if (!flow_has(f, FE_LATENCY))
		return PUT_TEXT(p, NO_LATENCY);
	p = latency(p, f->client_usec);
	p = latency(p, f->server_usec);
	return latency(p, f->app_usec);
}

static char *
traffic(char *p, const struct flow *f)
{
	bool v6 = flow_has(f, FE_IPV6);
	p = times(p, f);
	p = ip(p, &f->src, v6);
	p = ip(p, &f->dst, v6);
	p = number(p, f->src_port);
	p = number(p, f->dst_port);
	p = proto(p, f->proto);
	p = text_put_flags(p, f->tcp_flags);
	*p++ = ',';
	p = number(p, f->fwd_status);
	p = number(p, f->src_tos);
	p = number(p, f->packets);
	p = number(p, f->bytes);
	p = number(p, f->out_packets);
	return number(p, f->out_bytes);
}

static char *
routing(char *p, const struct flow *f)
{
	p = number(p, f->in_if);
	p = number(p, f->out_if);
	p = number(p, f->src_as);
	p = number(p, f->dst_as);
	p = number(p, f->src_mask);
	p = number(p, f->dst_mask);
	p = number(p, f->dst_tos);
	p = number(p, f->dir);
	p = ip(p, &f->next_hop, flow_has(f, FE_NEXT6));
	p = ip(p, &f->bgp_next, flow_has(f, FE_BGPNEXT6));
	p = number(p, f->src_vlan);
	return number(p, f->dst_vlan);
}

void
csv_flow(const struct flow *f, struct buf *b)
{
	char *p = traffic(put_room(b, LINE), f);
	p = routing(p, f);
	p = macs(p, f);
	p = labels(p, f);
	p = latencies(p, f);
	p = ip(p, &f->exporter_ip, flow_has(f, FE_EXPORTER6));
	p = put_number(p, f->engine_type);
	*p++ = '/';
	p = number(p, f->engine_id);
	p = number(p, f->exporter);
	p = text_put_time(p, f->received, ' ');
	*p++ = '\n';
	put_end(b, p);
}
