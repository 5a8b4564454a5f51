#include "query/format.h"
#include "query/text.h"

void
csv_head(struct buf *b)
{
	buf_adds(b,
	    "ts,te,td,sa,da,sp,dp,pr,flg,fwd,stos,ipkt,ibyt,opkt,obyt,"
	    "in,out,sas,das,smk,dmk,dtos,dir,nh,nhb,svln,dvln,ismc,odmc,idmc,"
	    "osmc,mpls1,mpls2,mpls3,mpls4,mpls5,mpls6,mpls7,mpls8,mpls9,"
	    "mpls10,cl,sl,al,ra,eng,exid,tr\n");
}

static void
number(struct buf *b, uint64_t v)
{
	text_number(b, v, 0);
	buf_addc(b, ',');
}

static void
text(struct buf *b, const char *s)
{
	buf_adds(b, s);
	buf_addc(b, ',');
}

static void
ip(struct buf *b, const struct flow_ip6 *a, bool v6)
{
	char s[TEXT_IP_LEN];
	text(b, text_ip(a, v6, s));
}

static void
times(struct buf *b, const struct flow *f)
{
	text_seconds(b, f->first, ' ');
	buf_addc(b, ',');
	text_seconds(b, f->last, ' ');
	buf_addc(b, ',');
	text_millis(b, f->last > f->first ? f->last - f->first : 0, 0);
	buf_addc(b, ',');
}

static void
labels(struct buf *b, const struct flow *f)
{
	char s[TEXT_MAC_LEN];
	text(b, text_mac(f->in_src_mac, s));
	text(b, text_mac(f->out_dst_mac, s));
	text(b, text_mac(f->in_dst_mac, s));
	text(b, text_mac(f->out_src_mac, s));
	for (int i = 0; i < 10; i++)
		text(b, text_mpls(f->mpls[i], s));
}

static void
latency(struct buf *b, uint64_t usec)
{
	text_millis(b, usec, 9); /* of usec: ms with three decimals */
	buf_addc(b, ',');
}

void
csv_flow(const struct flow *f, struct buf *b)
{
	char flags[TEXT_FLAGS_LEN];
	bool v6 = flow_has(f, FE_IPV6);
	times(b, f);
	ip(b, &f->src, v6);
	ip(b, &f->dst, v6);
	number(b, f->src_port);
	number(b, f->dst_port);
	text(b, text_proto(f->proto));
	text(b, text_flags(f->tcp_flags, flags));
	number(b, f->fwd_status);
	number(b, f->src_tos);
	number(b, f->packets);
	number(b, f->bytes);
	number(b, f->out_packets);
	number(b, f->out_bytes);
	number(b, f->in_if);
	number(b, f->out_if);
	number(b, f->src_as);
	number(b, f->dst_as);
	number(b, f->src_mask);
	number(b, f->dst_mask);
	number(b, f->dst_tos);
	number(b, f->dir);
	ip(b, &f->next_hop, flow_has(f, FE_NEXT6));
	ip(b, &f->bgp_next, flow_has(f, FE_BGPNEXT6));
	number(b, f->src_vlan);
	number(b, f->dst_vlan);
	labels(b, f);
	latency(b, f->client_usec);
	latency(b, f->server_usec);
	latency(b, f->app_usec);
	ip(b, &f->exporter_ip, flow_has(f, FE_EXPORTER6));
	text_number(b, f->engine_type, 0);
	buf_addc(b, '/');
	number(b, f->engine_id);
	number(b, f->exporter);
	text_time(b, f->received, ' ');
	buf_addc(b, '\n');
}
