/*
 * flowtable FILE: every field of every flow as text, for models of what a
 * filter should find that share nothing with lib/filter.
 *
 * The first line is the file's ident, the second the names of the columns,
 * then one line a flow: numbers in decimal, addresses as 32 hex digits, bytes
 * in hex.  A field means something only where bit e of `have` is set, e being
 * its element.
 */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "nffile/nffile.h"

enum kind { NUMBER, ADDRESS, BYTES };

static const struct column {
	const char *name;
	enum kind kind;
	size_t at;
	size_t size;
} columns[] = {
#define N(m)                                                                   \
	{                                                                      \
#m, NUMBER, offsetof(struct flow, m),                          \
		    sizeof(((struct flow *)0)->m)                              \
	}
#define A(m)                                                                   \
	{                                                                      \
#m, ADDRESS, offsetof(struct flow, m),                         \
		    sizeof(((struct flow *)0)->m)                              \
	}
#define B(m)                                                                   \
	{                                                                      \
#m, BYTES, offsetof(struct flow, m),                           \
		    sizeof(((struct flow *)0)->m)                              \
	}
	N(have),
	N(engine_type),
	N(engine_id),
	N(flags),
	N(nfversion),
	N(exporter),
	N(first),
	N(last),
	N(received),
	N(packets),
	N(bytes),
	N(src_port),
	N(dst_port),
	N(proto),
	N(tcp_flags),
	N(fwd_status),
	N(src_tos),
	A(src),
	A(dst),
	N(in_if),
	N(out_if),
	N(src_mask),
	N(dst_mask),
	N(dir),
	N(dst_tos),
	N(biflow_dir),
	N(end_reason),
	N(flows),
	N(out_packets),
	N(out_bytes),
	N(src_vlan),
	N(dst_vlan),
	N(src_as),
	N(dst_as),
	N(next_as),
	N(prev_as),
	A(bgp_next),
	A(next_hop),
	A(exporter_ip),
	N(mpls[0]),
	N(mpls[1]),
	N(mpls[2]),
	N(mpls[3]),
	N(mpls[4]),
	N(mpls[5]),
	N(mpls[6]),
	N(mpls[7]),
	N(mpls[8]),
	N(mpls[9]),
	N(in_src_mac),
	N(out_dst_mac),
	N(in_dst_mac),
	N(out_src_mac),
	N(client_usec),
	N(server_usec),
	N(app_usec),
	N(event_time),
	N(conn_id),
	N(fw_xevent),
	N(fw_event),
	N(nat_event_time),
	N(nat_pool),
	N(nat_event),
	A(xlate_src),
	A(xlate_dst),
	N(xlate_src_port),
	N(xlate_dst_port),
	N(block_start),
	N(block_end),
	N(block_step),
	N(block_size),
	N(in_acl[0]),
	N(in_acl[1]),
	N(in_acl[2]),
	N(out_acl[0]),
	N(out_acl[1]),
	N(out_acl[2]),
	B(user),
	B(nbar),
	B(label),
	B(in_payload),
	B(out_payload),
	A(tun_src),
	A(tun_dst),
	N(tun_proto),
	N(obs_point),
	N(obs_domain),
	N(egress_vrf),
	N(ingress_vrf),
	N(pf_action),
	N(pf_reason),
	N(pf_dir),
	N(pf_rule),
	B(pf_ifname),
	N(ether_type),
	N(min_ttl),
	N(max_ttl),
};
#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

static uint64_t
number(const uint8_t *p, size_t size)
{
	uint16_t v2;
	uint32_t v4;
	uint64_t v8;
	switch (size) {
	case 1:
		return *p;
	case 2:
		memcpy(&v2, p, sizeof(v2));
		return v2;
	case 4:
		memcpy(&v4, p, sizeof(v4));
		return v4;
	default:
		memcpy(&v8, p, sizeof(v8));
		return v8;
	}
}

static void
print_bytes(const uint8_t *p)
{
	struct flow_bytes b;
	memcpy(&b, p, sizeof(b));
	for (size_t i = 0; b.p != NULL && i < b.len; i++)
		(void)printf("%02x", b.p[i]);
}

static void
print_field(const struct column *c, const struct flow *f)
{
	const uint8_t *p = (const uint8_t *)f + c->at;
	struct flow_ip6 a;
	switch (c->kind) {
	case NUMBER:
		(void)printf("%" PRIu64, number(p, c->size));
		break;
	case ADDRESS:
		memcpy(&a, p, sizeof(a));
		(void)printf("%016" PRIx64 "%016" PRIx64, a.hi, a.lo);
		break;
	case BYTES:
		print_bytes(p);
		break;
	}
}

static void
print_flow(const struct flow *f)
{
	for (size_t i = 0; i < COLUMNS; i++) {
		print_field(&columns[i], f);
		(void)putchar(i + 1 < COLUMNS ? '\t' : '\n');
	}
}

static int
print_file(struct nffile_reader *r, struct batch *b, struct err *err)
{
	struct nffile_block blk;
	enum nffile_next next;
	(void)printf("%s\n", r->ident);
	for (size_t i = 0; i < COLUMNS; i++)
		(void)printf("%s%c", columns[i].name,
		    i + 1 < COLUMNS ? '\t' : '\n');
	b->want = COL_BIT(COL_PROTO);
	while ((next = nffile_read(r, &blk, err)) == NFFILE_BLOCK) {
		for (size_t pos = 0; nffile_batch(&blk, &pos, b) != 0;) {
			for (size_t i = 0; i < b->rows; i++) {
				struct flow f;
				if (nffile_record_flow(b->rec[i], &f))
					print_flow(&f);
			}
		}
	}
	return next == NFFILE_ERROR ? -1 : 0;
}

int
main(int argc, char **argv)
{
	struct nffile_reader r;
	struct err err;
	if (argc != 2) {
		(void)fprintf(stderr, "usage: flowtable FILE\n");
		return 2;
	}
	if (nffile_open(&r, argv[1], &err) == -1) {
		(void)fprintf(stderr, "flowtable: %s\n", err.msg);
		return 1;
	}
	struct batch *b = mem_calloc(1, sizeof(*b));
	int rc = print_file(&r, b, &err);
	if (rc == -1)
		(void)fprintf(stderr, "flowtable: %s\n", err.msg);
	nffile_close(&r);
	free(b);
	return rc == -1 ? 1 : 0;
}
