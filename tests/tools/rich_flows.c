/*
 * rich_flows FILE CODEC N 171|new: a flow file whose flows have every element
 * that a printer shows, with the values that exporters send: events, codes
 * with names, payloads, applications, tunnels, addresses of both families.
 *
 *   171   elements of nfdump 1.7.1
 *   new   also those of later versions
 *
 * Names of interfaces, VRFs and applications are in the file, for some.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nffile/codec.h"
#include "nffile/nffile.h"
#include "tests/unit/filter/payloads.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define TEXT(s)                                                                \
	{                                                                      \
		(const uint8_t *)(s), sizeof(s) - 1                            \
	}
#define BYTES(a)                                                               \
	{                                                                      \
		(a), sizeof(a)                                                 \
	}

#define PAIRS                                                                  \
	(FLOW_BIT(FE_IPV4) | FLOW_BIT(FE_IPV6) | FLOW_BIT(FE_BGPNEXT4) |       \
	    FLOW_BIT(FE_BGPNEXT6) | FLOW_BIT(FE_NEXT4) | FLOW_BIT(FE_NEXT6) |  \
	    FLOW_BIT(FE_EXPORTER4) | FLOW_BIT(FE_EXPORTER6) |                  \
	    FLOW_BIT(FE_NAT4) | FLOW_BIT(FE_NAT6) | FLOW_BIT(FE_TUN4) |        \
	    FLOW_BIT(FE_TUN6))
#define LATER                                                                  \
	(FLOW_BIT(FE_SAMPLER) | FLOW_BIT(FE_FRAMEMETA) | FLOW_BIT(FE_FRAME) |  \
	    FLOW_BIT(FE_LAYER2) | FLOW_BIT(FE_FLOWID) |                        \
	    FLOW_BIT(FE_NOKIANAT) | FLOW_BIT(FE_NOKIASTR) |                    \
	    FLOW_BIT(FE_IPINFO))

static const uint8_t http[] = { 3, 0, 0, 80 }, dns[] = { 3, 0, 0, 53 };
static const uint8_t other_app[] = { 13, 0, 1, 187 };
static const uint8_t long_app[] = { 20, 0, 0, 1, 2, 3, 4, 5 };
static uint8_t all_bytes[300];

static const struct flow_bytes users[] = { TEXT("alice"),
	TEXT("DOMAIN\\a.very.long.name@example.org"), TEXT("b\xc3\xb6rse") };
static const struct flow_bytes labels[] = { TEXT("seen\0"), TEXT("x\0"),
	TEXT("a label of more than 16 letters\0") };
static const struct flow_bytes payloads[] = {
	TEXT("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"),
	BYTES(tls_client13),
	BYTES(tls_client12),
	BYTES(tls_server13),
	BYTES(tls_server12),
	BYTES(all_bytes),
	TEXT("a"),
	TEXT("SSH-2.0-OpenSSH_9.2 \n"),
	{ tls_client13, 60 },
};
static const struct flow_bytes apps[] = { BYTES(http), BYTES(dns),
	BYTES(other_app), BYTES(long_app) };
static const struct flow_bytes ports[] = { TEXT("eth0\0"), TEXT("vlan1234\0"),
	TEXT("em1\0") };

static struct flow_ip6
address(unsigned i, bool v6)
{
	static const struct flow_ip6 six[] = { { 0x20010db800000000, 1 },
		{ 0x20010db8aaaabbbb, 0x1111222233334444 }, { 0, 1 },
		{ 0xfe80000000000000, 0x0202b3fffe1e8329 },
		{ 0x2001067c02e80022, 0x00000000c1000685 } };
	if (v6)
		return six[i % COUNT(six)];
	return (struct flow_ip6){ 0, 0x0a000001 + i * 0x01030507U };
}

static void
basics(struct flow *f, unsigned i)
{
	static const uint8_t versions[] = { 5, 9, 10, 0x85, 7, 1 };
	static const uint8_t protos[] = { 6, 17, 1, 58, 47, 6, 255, 0 };
	f->engine_type = (uint8_t)(i % 3);
	f->engine_id = (uint8_t)(i * 7);
	f->flags = (uint8_t)(i / 3 % 8);
	f->nfversion = versions[i % COUNT(versions)];
	f->exporter = (uint16_t)(i % 3);
	f->first = UINT64_C(1700000000000) + i * 1013;
	f->last = f->first + (i % 5 == 0 ? 0 : i * i * 977);
	f->received = f->last + 1000;
	f->packets = i % 7 == 0 ? 0 : UINT64_C(1) << i % 44;
	f->bytes = i % 9 == 0 ? 0 : f->packets * 51;
	f->proto = protos[i % COUNT(protos)];
	f->src_port = (uint16_t)(i * 331);
	f->dst_port = (uint16_t)(f->proto == 1 ? i % 20 << 8 | i % 3 : i * 53);
	f->tcp_flags = (uint8_t)(i * 3);
	f->fwd_status = (uint8_t)(i % 4 * 64 + i % 3);
	f->src_tos = (uint8_t)(i * 4);
}

static void
addresses(struct flow *f, unsigned i)
{
	f->src = address(i, flow_has(f, FE_IPV6));
	f->dst = address(i + 1, flow_has(f, FE_IPV6));
	f->bgp_next = address(i + 2, flow_has(f, FE_BGPNEXT6));
	f->next_hop = address(i + 3, flow_has(f, FE_NEXT6));
	f->exporter_ip = address(i + 4, flow_has(f, FE_EXPORTER6));
	f->xlate_src = address(i + 5, flow_has(f, FE_NAT6));
	f->xlate_dst = address(i + 6, flow_has(f, FE_NAT6));
	f->tun_src = address(i + 7, flow_has(f, FE_TUN6));
	f->tun_dst = address(i + 8, flow_has(f, FE_TUN6));
	f->tun_proto = i % 2 == 0 ? 47 : 4;
}

static void
routing(struct flow *f, unsigned i)
{
	f->in_if = i % 4;
	f->out_if = i % 5;
	f->src_mask = (uint8_t)(i % 33);
	f->dst_mask = (uint8_t)((i + 8) % 33);
	f->dir = (uint8_t)(i % 2);
	f->dst_tos = (uint8_t)(i * 5);
	f->biflow_dir = (uint8_t)(i % 5);
	f->end_reason = (uint8_t)(i % 7);
	f->flows = 1 + i % 4;
	f->out_packets = i * 3;
	f->out_bytes = i * 1000;
	f->src_vlan = i % 4096;
	f->dst_vlan = i * 3 % 4096;
	f->src_as = 64500 + i;
	f->dst_as = i % 3 == 0 ? 4200000000 : i;
	f->next_as = i;
	f->prev_as = 4200000001;
	for (unsigned k = 0; k < 10; k++)
		f->mpls[k] = k < i % 11 ? (i * 1000 + k) << 4 | k : 0;
	f->in_src_mac = UINT64_C(0x001122334455) + i;
	f->out_dst_mac = UINT64_C(0xffeeddccbbaa) - i;
	f->in_dst_mac = i;
	f->out_src_mac = UINT64_C(0x0a0b0c0d0e0f);
	f->client_usec = i * 1001;
	f->server_usec = i * 77;
	f->app_usec = i;
	f->obs_point = UINT64_C(0x123456789a) * i;
	f->obs_domain = i * 0x1234;
	f->egress_vrf = i % 6;
	f->ingress_vrf = i % 5;
}

static void
events(struct flow *f, unsigned i)
{
	static const uint16_t x[] = { 1001, 1002, 1003, 1004, 1005, 2003, 2021,
		2039, 2043, 2050, 99, 3000, 10000 };
	f->event_time = f->first + i;
	f->conn_id = i * 1000003;
	f->fw_xevent = x[i % COUNT(x)];
	f->fw_event = (uint8_t)(i % 8);
	f->nat_event_time = f->first + 2 * i;
	f->nat_pool = i;
	f->nat_event = (uint8_t)(i % 21);
	f->xlate_src_port = (uint16_t)(i * 11);
	f->xlate_dst_port = (uint16_t)(i * 13);
	f->block_start = (uint16_t)(1024 + i);
	f->block_end = (uint16_t)(2048 + i);
	f->block_step = (uint16_t)(i % 3);
	f->block_size = (uint16_t)(i % 512);
	for (unsigned k = 0; k < 3; k++) {
		f->in_acl[k] = 0x8e5b33f3 * (k + i);
		f->out_acl[k] = k * i * 0x10203;
	}
	f->pf_ifname = ports[i % COUNT(ports)];
	f->pf_action = (uint8_t)(i % 18);
	f->pf_reason = (uint8_t)(i % 20);
	f->pf_dir = (uint8_t)(i % 7);
	f->pf_rewritten = (uint8_t)(i % 2);
	f->pf_rule = i;
	f->pf_subrule = i % 3;
	f->pf_uid = 1000 + i;
	f->pf_pid = i;
}

static void
texts(struct flow *f, unsigned i)
{
	f->user = users[i % COUNT(users)];
	f->nbar = apps[i % COUNT(apps)];
	f->label = labels[i % COUNT(labels)];
	f->in_payload = payloads[i % COUNT(payloads)];
	f->out_payload = payloads[(i + 1) % COUNT(payloads)];
}

/* Of elements that later versions of nfdump have. */
static void
newer(struct flow *f, unsigned i)
{
	f->sampler_id = i + 1;
	f->frame_size = 64;
	f->link_type = 1;
	f->frame = payloads[6];
	f->l2_vlan = (uint16_t)i;
	f->ether_type = i % 2 == 0 ? 0x0800 : 0x86dd;
	f->ip_version = i % 2 == 0 ? 4 : 6;
	f->phys_in = i;
	f->phys_out = i + 1;
	f->flow_id = UINT64_C(0x123456789abc) * i;
	f->nokia_in = (uint16_t)i;
	f->nokia_out = (uint16_t)(i + 1);
	f->nokia_str = users[0];
	f->frag_flags = (uint8_t)(i * 32);
	f->min_ttl = (uint8_t)(i % 64);
	f->max_ttl = 64;
}

/* Every third flow has all, of a pair one; the others a half, by turns. */
static uint64_t
elements(unsigned i, bool later)
{
	uint64_t all = ((FLOW_BIT(FE_MAX) - 1) & ~PAIRS) & ~FLOW_BIT(FE_NULL);
	if (!later)
		all &= ~LATER;
	if (i % 3 != 0)
		all &= ~(UINT64_C(0x5a5a3c3c96) << i % 13);
	for (int e = FE_BGPNEXT4; e <= FE_EXPORTER4; e += 2)
		all |= FLOW_BIT((unsigned)e + (i >> (e - FE_BGPNEXT4) & 1));
	all |= FLOW_BIT(i % 2 == 0 ? FE_IPV4 : FE_IPV6);
	if (i % 4 != 0)
		all |= FLOW_BIT(i % 3 == 0 ? FE_NAT6 : FE_NAT4);
	if (i % 5 == 4)
		all |= FLOW_BIT(i % 2 == 0 ? FE_TUN6 : FE_TUN4);
	/* nfdump 1.7.1 has one place for events of firewalls and of NAT. */
	all &= ~FLOW_BIT(i / 3 % 2 == 0 ? FE_NSEL : FE_NATEVENT);
	return all | FLOW_BIT(FE_GENERIC);
}

static int
write_flow(struct nffile_writer *w, unsigned i, bool later, struct err *err)
{
	struct flow f = { .have = elements(i, later) };
	basics(&f, i);
	addresses(&f, i);
	routing(&f, i);
	events(&f, i);
	texts(&f, i);
	newer(&f, i);
	return nffile_add_flow(w, &f, err);
}

static int
describe(struct nffile_writer *w, struct err *err)
{
	const struct nffile_exporter e = { .version = 9,
		.ip = { 0, 0xc0000201 },
		.family = 2,
		.sysid = 1,
		.id = 7 };
	const struct nffile_app a[] = {
		{ http, sizeof(http), "http", "World Wide Web" },
		{ dns, sizeof(dns), "dns", NULL },
	};
	const struct nffile_name in[] = { { 1, "eth0" }, { 2, "xe-0/0/1" } };
	const struct nffile_name vrf[] = { { 3, "red" }, { 4, "blue" } };
	return nffile_add_exporter(w, &e, err) == -1 ||
		       nffile_add_apps(w, a, 2, err) == -1 ||
		       nffile_add_names(w, REC_IFNAME, in, 2, err) == -1 ||
		       nffile_add_names(w, REC_VRFNAME, vrf, 2, err) == -1
		   ? -1
		   : 0;
}

static int
write_file(const char *path, const struct nffile_writer_opts *o, unsigned n,
    bool later, struct err *err)
{
	struct nffile_writer w;
	if (nffile_create(&w, path, o, err) == -1 || describe(&w, err) == -1)
		return -1;
	for (unsigned i = 0; i < n; i++)
		if (write_flow(&w, i, later, err) == -1)
			return -1;
	return nffile_finish(&w, false, err);
}

int
main(int argc, char **argv)
{
	struct nffile_writer_opts o = { .creator = CREATOR_NFDUMP,
		.created = 1700000000,
		.ident = "rich",
		.mode = 0644 };
	struct err err;
	if (argc != 5) {
		(void)fprintf(stderr,
		    "usage: rich_flows file codec n 171|new\n");
		return 2;
	}
	bool later = strcmp(argv[4], "new") == 0;
	o.compat = later ? COMPAT_NEWEST : COMPAT_171;
	for (size_t i = 0; i < sizeof(all_bytes); i++)
		all_bytes[i] = (uint8_t)i;
	if (codec_parse(argv[2], &o.codec, &o.level, &err) == -1 ||
	    write_file(argv[1], &o, (unsigned)strtoul(argv[3], NULL, 10), later,
		&err) == -1) {
		(void)fprintf(stderr, "%s\n", err.msg);
		return 1;
	}
	return 0;
}
