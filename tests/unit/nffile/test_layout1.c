/* Files of nfdump 1.6: every extension, both flow forms, maps, damage. */
#include "filetest.h"
#include "nffile/internal.h"
#include "old_file.h"

static const char *path;
static struct nffile_reader r;
static struct nffile_block block;

static void
setup(void)
{
	ft_setup();
	path = ft_path("nfcapd.202601011200");
}

/* Write the file and open it. */
static void
put_and_open(struct old_file *o)
{
	struct buf all = old_end(o);
	ft_put(path, all.data, all.len);
	buf_free(&all);
	ck_assert_msg(nffile_open(&r, path, &err) == 0, "%s", err.msg);
}

/* The one flow of the next block. */
static struct flow
read_one(void)
{
	struct flow f;
	size_t pos = 0;
	const uint8_t *rec;
	ck_assert_msg(nffile_read(&r, &block, &err) == NFFILE_BLOCK, "%s",
	    err.msg);
	do
		rec = nffile_record_next(&block, &pos);
	while (rec != NULL && get16(rec) != REC_FLOW);
	ck_assert_ptr_nonnull(rec);
	ck_assert(nffile_record_flow(rec, &f));
	return f;
}

/* ---- the fixed part ------------------------------------------------------------- */

START_TEST(a_flow_has_addresses_and_counters_of_either_width)
{
	struct old_file o;
	for (unsigned i = 0; i < 16; i++) {
		struct old_flow x = { .first_form = (i & 1) != 0,
			.v6 = (i & 2) != 0,
			.wide_packets = (i & 4) != 0,
			.wide_bytes = (i & 8) != 0,
			.flags = (i & 1) != 0 ? 64 + 128 : 9 << 8 | 64,
			.proto = 6 };
		struct flow want = old_expect(&x), f;
		old_begin(&o, 0, "src");
		old_map(&o, 0, NULL, 0);
		old_flow(&o, &x);
		put_and_open(&o);
		f = read_one();
		ck_assert_mem_eq(&f, &want, sizeof(f));
		ck_assert_int_eq(nffile_read(&r, &block, &err), NFFILE_END);
		ck_assert(!nffile_missing(&r, &err));
		nffile_close(&r);
	}
}
END_TEST

/* As nfcapd 1.6.25 wrote it: map, exporter, sampler, flow, statistics. */
static const uint8_t nfcapd16[] = { 0x02, 0, 0x18, 0, 0, 0, 0x20, 0, 4, 0, 6, 0,
	8, 0, 9, 0, 0x17, 0, 0x19, 0, 0x1b, 0, 0, 0, 0x07, 0, 0x20, 0, 5, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0x7f, 0, 0, 0, 0, 2, 0, 1, 0, 7, 1,
	0, 0, 9, 0, 0x10, 0, 0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0, 0, 0, 1, 0,
	0x0a, 0, 0x50, 0, 0, 5, 0, 0, 0x7b, 0, 0x7b, 0, 0xfb, 0xf0, 0x53, 0x65,
	0xff, 0xf0, 0x53, 0x65, 0, 0x1b, 6, 0x20, 0, 4, 0xbb, 1, 1, 0, 0, 0, 1,
	0, 0, 0x0a, 1, 1, 0xa8, 0xc0, 0x0a, 0, 0, 0, 0xdc, 5, 0, 0, 3, 0, 4, 0,
	0xe9, 0xfd, 0xea, 0xfd, 0, 0, 0x18, 0x10, 1, 0, 0x10, 0xac, 1, 0, 0,
	0x7f, 0, 0, 1, 7, 0x7e, 0xf4, 0xbd, 7, 0xa2, 1, 0, 0 };

START_TEST(nfcapd_16_reads_as_its_flow)
{
	struct flow f,
	    want = { .have = FLOW_BIT(FE_GENERIC) | FLOW_BIT(FE_IPV4) |
			     FLOW_BIT(FE_MISC) | FLOW_BIT(FE_AS) |
			     FLOW_BIT(FE_NEXT4) | FLOW_BIT(FE_EXPORTER4),
		    .engine_type = 1,
		    .engine_id = 7,
		    .exporter = 1,
		    .nfversion = 5,
		    .first = UINT64_C(1699999995123),
		    .last = UINT64_C(1699999999123),
		    .received = UINT64_C(0x1a207bdf47e),
		    .packets = 10,
		    .bytes = 1500,
		    .src_port = 1024,
		    .dst_port = 443,
		    .proto = 6,
		    .tcp_flags = 0x1b,
		    .src_tos = 0x20,
		    .src = { 0, 0x0a000001 },
		    .dst = { 0, 0xc0a80101 },
		    .in_if = 3,
		    .out_if = 4,
		    .src_mask = 24,
		    .dst_mask = 16,
		    .src_as = 65001,
		    .dst_as = 65002,
		    .next_hop = { 0, 0xac100001 },
		    .exporter_ip = { 0, 0x7f000001 } };
	struct old_file o;
	old_begin(&o, 0, "id1");
	buf_add(&o.raw, nfcapd16, sizeof(nfcapd16));
	o.records = 4;
	put_and_open(&o);
	f = read_one();
	ck_assert_mem_eq(&f, &want, sizeof(f));
	/* Exporter, sampler and flow; the map is not handed out. */
	ck_assert_uint_eq(block.records, 3);
	ck_assert_uint_eq(get16(block.data), REC_EXPORTER);
	ck_assert_uint_eq(r.unknown_records, 0);
	nffile_close(&r);
}
END_TEST

START_TEST(header_and_statistics_are_those_of_the_file)
{
	struct old_file o;
	old_begin(&o, 0, "router-1");
	old_map(&o, 0, NULL, 0);
	put_and_open(&o);
	ck_assert_str_eq(r.ident, "router-1");
	ck_assert(r.has_stat && !r.growing && !r.damaged);
	ck_assert_uint_eq(r.stat.flows, 1);
	ck_assert_uint_eq(r.stat.bytes, 2);
	ck_assert_uint_eq(r.stat.packets_other, 15);
	ck_assert_uint_eq(r.stat.first, UINT64_C(1700000000007));
	ck_assert_uint_eq(r.stat.last, UINT64_C(1700000299008));
	ck_assert_uint_eq(r.stat.sequence_failures, 9);
	nffile_close(&r);
}
END_TEST

/* ---- extensions -------------------------------------------------------------------- */

struct value {
	size_t at, size;
	uint64_t is;
};
#define V(field, value)                                                        \
	{                                                                      \
		offsetof(struct flow, field),                                  \
		    sizeof(((struct flow *)0)->field), value                   \
	}
#define B8(b)                                                                  \
	(UINT64_C(0x0101010101010101) * (b) + UINT64_C(0x0706050403020100))

/* Byte i of each extension is i + 1. */
static const struct {
	uint8_t id;
	uint64_t have;
	struct value v[5];
} cases[] = {
	{ 4, FLOW_BIT(FE_MISC), { V(in_if, 0x0201), V(out_if, 0x0403) } },
	{ 5, FLOW_BIT(FE_MISC),
	    { V(in_if, 0x04030201), V(out_if, 0x08070605) } },
	{ 6, FLOW_BIT(FE_AS), { V(src_as, 0x0201), V(dst_as, 0x0403) } },
	{ 7, FLOW_BIT(FE_AS),
	    { V(src_as, 0x04030201), V(dst_as, 0x08070605) } },
	{ 8, FLOW_BIT(FE_MISC),
	    { V(dst_tos, 1), V(dir, 2), V(src_mask, 3), V(dst_mask, 4) } },
	{ 9, FLOW_BIT(FE_NEXT4),
	    { V(next_hop.lo, 0x04030201), V(next_hop.hi, 0) } },
	{ 10, FLOW_BIT(FE_NEXT6),
	    { V(next_hop.hi, B8(1)), V(next_hop.lo, B8(9)) } },
	{ 11, FLOW_BIT(FE_BGPNEXT4),
	    { V(bgp_next.lo, 0x04030201), V(bgp_next.hi, 0) } },
	{ 12, FLOW_BIT(FE_BGPNEXT6),
	    { V(bgp_next.hi, B8(1)), V(bgp_next.lo, B8(9)) } },
	{ 13, FLOW_BIT(FE_VLAN), { V(src_vlan, 0x0201), V(dst_vlan, 0x0403) } },
	{ 14, FLOW_BIT(FE_CNT), { V(out_packets, 0x04030201) } },
	{ 15, FLOW_BIT(FE_CNT), { V(out_packets, B8(1)) } },
	{ 16, FLOW_BIT(FE_CNT), { V(out_bytes, 0x04030201) } },
	{ 17, FLOW_BIT(FE_CNT), { V(out_bytes, B8(1)) } },
	{ 18, FLOW_BIT(FE_CNT), { V(flows, 0x04030201) } },
	{ 19, FLOW_BIT(FE_CNT), { V(flows, B8(1)) } },
	{ 20, FLOW_BIT(FE_MAC),
	    { V(in_src_mac, B8(1)), V(out_dst_mac, B8(9)), V(in_dst_mac, 0) } },
	{ 21, FLOW_BIT(FE_MAC),
	    { V(in_dst_mac, B8(1)), V(out_src_mac, B8(9)), V(in_src_mac, 0) } },
	{ 22, FLOW_BIT(FE_MPLS),
	    { V(mpls[0], 0x04030201), V(mpls[9], 0x28272625) } },
	{ 23, FLOW_BIT(FE_EXPORTER4),
	    { V(exporter_ip.lo, 0x04030201), V(exporter_ip.hi, 0) } },
	{ 24, FLOW_BIT(FE_EXPORTER6),
	    { V(exporter_ip.hi, B8(1)), V(exporter_ip.lo, B8(9)) } },
	{ 25, 0, { V(engine_type, 3), V(engine_id, 4) } },
	{ 26, FLOW_BIT(FE_ASADJ),
	    { V(next_as, 0x04030201), V(prev_as, 0x08070605) } },
	{ 27, 0, { V(received, B8(1)) } },
	{ 28, 0, { V(received, 0) } },
	{ 36, 0, { V(received, 0) } },
	{ 37, FLOW_BIT(FE_NSEL),
	    { V(event_time, B8(1)), V(conn_id, 0x0c0b0a09), V(fw_event, 15),
		V(fw_xevent, 0x1211), V(dst_port, 443) } },
	{ 38, FLOW_BIT(FE_NATPORT),
	    { V(xlate_src_port, 0x0201), V(xlate_dst_port, 0x0403) } },
	{ 39, FLOW_BIT(FE_NAT4),
	    { V(xlate_src.lo, 0x04030201), V(xlate_dst.lo, 0x08070605),
		V(xlate_dst.hi, 0) } },
	{ 40, FLOW_BIT(FE_NAT6),
	    { V(xlate_src.hi, B8(1)), V(xlate_src.lo, B8(9)),
		V(xlate_dst.hi, B8(17)), V(xlate_dst.lo, B8(25)) } },
	{ 41, FLOW_BIT(FE_ACL),
	    { V(in_acl[0], 0x04030201), V(out_acl[2], 0x18171615) } },
	{ 42, FLOW_BIT(FE_USER), { V(user.len, 24) } },
	{ 43, FLOW_BIT(FE_USER), { V(user.len, 66) } },
	{ 44, 0, { V(received, 0) } },
	{ 45, FLOW_BIT(FE_LATENCY),
	    { V(client_usec, B8(1)), V(server_usec, B8(9)),
		V(app_usec, B8(17)) } },
	{ 46, FLOW_BIT(FE_NATEVENT) | FLOW_BIT(FE_VRF),
	    { V(nat_event, 1), V(egress_vrf, 0x08070605),
		V(ingress_vrf, 0x0c0b0a09) } },
	{ 47, 0, { V(received, 0) } },
	{ 48, FLOW_BIT(FE_PORTBLOCK),
	    { V(block_start, 0x0201), V(block_end, 0x0403),
		V(block_step, 0x0605), V(block_size, 0x0807) } },
	{ 49, 0, { V(received, 0) } },
};
#define CASES (sizeof(cases) / sizeof(cases[0]))

static const uint8_t *
counting(void)
{
	static uint8_t bytes[256];
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i + 1);
	return bytes;
}

static void
check_case(const struct flow *f, size_t i)
{
	for (size_t k = 0; k < 5 && cases[i].v[k].size != 0; k++) {
		uint64_t got = 0;
		memcpy(&got, (const uint8_t *)f + cases[i].v[k].at,
		    cases[i].v[k].size);
		ck_assert_msg(got == cases[i].v[k].is,
		    "extension %d value %zu: %#llx", cases[i].id, k,
		    (unsigned long long)got);
	}
}

START_TEST(an_extension_is_the_element_it_became)
{
	struct old_file o;
	for (unsigned form = 0; form < 2; form++) {
		struct old_flow x = { .first_form = form != 0,
			.map = 5,
			.proto = 6,
			.ext = counting(),
			.ext_len = map_extension_size(cases[_i].id) };
		old_begin(&o, 0, "src");
		old_map(&o, 5, &cases[_i].id, 1);
		old_flow(&o, &x);
		put_and_open(&o);
		struct flow f = read_one(), base = old_expect(&x);
		check_case(&f, (size_t)_i);
		ck_assert_uint_eq(f.have, base.have | cases[_i].have);
		ck_assert(!nffile_missing(&r, &err));
		nffile_close(&r);
	}
}
END_TEST

/* Extension bytes, and a field they must come to. */
static const struct {
	uint8_t ids[2];
	uint8_t proto;
	const char *bytes;
	size_t at, size;
	uint64_t is, have, lack;
} special[] = {
	/* NSEL keeps ICMP's type and code; TCP's port is left alone */
	{ { 37 }, 1, "\1\1\1\1\1\1\1\1\2\2\2\2\4\3\1\1\1\1\1\1",
	    offsetof(struct flow, dst_port), 2, 0x0304, 0, 0 },
	{ { 37 }, 58, "\1\1\1\1\1\1\1\1\2\2\2\2\4\3\1\1\1\1\1\1",
	    offsetof(struct flow, dst_port), 2, 0x0304, 0, 0 },
	/* a port block without an end has one by its size */
	{ { 48 }, 6, "\0\4\0\0\1\0\0\2", offsetof(struct flow, block_end), 2,
	    0x05ff, 0, 0 },
	/* no counter: no element */
	{ { 14, 18 }, 6, "\0\0\0\0\0\0\0\0", offsetof(struct flow, flows), 8, 0,
	    0, FLOW_BIT(FE_CNT) },
	{ { 16, 18 }, 6, "\0\0\0\0\2\0\0\0", offsetof(struct flow, flows), 8, 2,
	    FLOW_BIT(FE_CNT), 0 },
	/* two next hops: the one that says something */
	{ { 9, 10 }, 6, "\1\0\0\12\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
	    offsetof(struct flow, next_hop.lo), 8, 0x0a000001,
	    FLOW_BIT(FE_NEXT4), FLOW_BIT(FE_NEXT6) },
	{ { 9, 10 }, 6, "\0\0\0\0\1\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0",
	    offsetof(struct flow, next_hop.hi), 8, 1, FLOW_BIT(FE_NEXT6),
	    FLOW_BIT(FE_NEXT4) },
	{ { 10, 9 }, 6, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\12",
	    offsetof(struct flow, next_hop.lo), 8, 0x0a000001,
	    FLOW_BIT(FE_NEXT4), FLOW_BIT(FE_NEXT6) },
};

START_TEST(what_more_there_is_than_copying)
{
	struct old_file o;
	struct old_flow x = { .proto = special[_i].proto,
		.ext = (const uint8_t *)special[_i].bytes };
	size_t n = special[_i].ids[1] != 0 ? 2 : 1;
	uint64_t got = 0;
	for (size_t i = 0; i < n; i++)
		x.ext_len += map_extension_size(special[_i].ids[i]);
	old_begin(&o, 0, "src");
	old_map(&o, 0, special[_i].ids, n);
	old_flow(&o, &x);
	put_and_open(&o);
	struct flow f = read_one();
	memcpy(&got, (const uint8_t *)&f + special[_i].at, special[_i].size);
	ck_assert_uint_eq(got, special[_i].is);
	ck_assert_uint_eq(f.have & special[_i].have, special[_i].have);
	ck_assert_uint_eq(f.have & special[_i].lack, 0);
	nffile_close(&r);
}
END_TEST

/* All of them, and a flow in each block. */
static void
write_all(struct old_file *o, uint32_t flags, unsigned blocks, unsigned flows)
{
	struct old_flow x = { .proto = 17, .ext = counting(), .map = 1 };
	static const uint8_t some[] = { 4, 7, 8, 9, 23, 27 };
	for (size_t i = 0; i < sizeof(some); i++)
		x.ext_len += map_extension_size(some[i]);
	old_begin(o, flags, "src");
	old_map(o, 1, some, sizeof(some));
	for (unsigned b = 0; b < blocks; b++) {
		for (unsigned i = 0; i < flows; i++)
			old_flow(o, &x);
		old_block(o);
	}
}

static const uint32_t codecs[] = { 0, NFFILE1_LZO, NFFILE1_BZ2, NFFILE1_LZ4,
	NFFILE1_ANON };
#define CODECS (sizeof(codecs) / sizeof(codecs[0]))

START_TEST(every_codec_is_read_into_batches)
{
	static struct batch b;
	struct old_file o;
	write_all(&o, codecs[_i], 3, 5000);
	put_and_open(&o);
	size_t rows, total = 0;
	b.want = COL_BIT(COL_MAX) - 1;
	while (nffile_read(&r, &block, &err) == NFFILE_BLOCK) {
		size_t pos = 0;
		while ((rows = nffile_batch(&block, &pos, &b)) != 0) {
			total += rows;
			ck_assert_uint_eq(b.src4[rows - 1], 0x0a000001);
			ck_assert_uint_eq(b.out_if[rows - 1], 0x0403);
			ck_assert_uint_eq(b.dst_as[rows - 1], 0x0c0b0a09);
			ck_assert_uint_eq(b.rflags[rows - 1],
			    codecs[_i] == NFFILE1_ANON ? FLOW_ANON : 0);
		}
	}
	ck_assert_uint_eq(total, 15000);
	nffile_close(&r);
}
END_TEST

/* ---- maps -------------------------------------------------------------------------- */

START_TEST(the_latest_definition_of_a_map_counts)
{
	static const uint8_t as16[] = { 6 }, as32[] = { 7 };
	struct old_file o;
	struct old_flow x = { .proto = 6, .map = 65535, .ext = counting() };
	old_begin(&o, NFFILE1_LZ4, "src");
	old_map(&o, 65535, as16, 1);
	x.ext_len = 4;
	old_flow(&o, &x);
	old_block(&o);
	old_map(&o, 65535, as32, 1);
	x.ext_len = 8;
	old_flow(&o, &x);
	old_block(&o);
	old_flow(&o, &x);
	put_and_open(&o);
	ck_assert_uint_eq(read_one().dst_as, 0x0403);
	ck_assert_uint_eq(read_one().dst_as, 0x08070605);
	ck_assert_uint_eq(read_one().dst_as, 0x08070605);
	nffile_close(&r);
	/* Blocks cannot be understood alone; who skips learns the maps. */
	ck_assert_int_eq(nffile_open(&r, path, &err), 0);
	ck_assert(!nffile_shareable(&r));
	ck_assert_int_eq(nffile_skip(&r, &err), NFFILE_BLOCK);
	ck_assert_int_eq(nffile_skip(&r, &err), NFFILE_BLOCK);
	ck_assert_uint_eq(read_one().dst_as, 0x08070605);
	nffile_close(&r);
}
END_TEST

/* Maps that cannot be: bytes of the record behind type and size. */
static const struct {
	const char *bytes;
	size_t n;
	const char *why; /* for who reads this */
} bad_maps[] = {
	{ "\0\0\4\0\4\0", 6, "size is no multiple of 4" },
	{ "\0\0\4\0\4\0\4\0", 8, "no 0 at its end" },
	{ "\0\0\4\0\62\0\0\0", 8, "id 50" },
	{ "\0\0\4\0\377\377\0\0", 8, "id 65535" },
	{ "\0\0\4\0\3\0\0\0", 8, "id 3" },
	{ "\0\0\10\0\4\0\4\0\0\0\0\0", 12, "an id twice" },
	{ "\0\0\5\0\4\0\0\0", 8, "another sum of sizes" },
	{ "\0\0", 2, "cut off" },
	{ "", 0, "nothing" },
};

START_TEST(flows_of_a_bad_map_have_no_extensions)
{
	struct old_file o;
	struct old_flow x = { .proto = 6, .ext = counting(), .ext_len = 4 };
	old_begin(&o, 0, "src");
	old_record(&o, REC_MAP, bad_maps[_i].bytes, bad_maps[_i].n);
	old_flow(&o, &x);
	put_and_open(&o);
	struct flow f = read_one(), want = old_expect(&x);
	ck_assert_mem_eq(&f, &want, sizeof(f));
	ck_assert_uint_eq(r.old->bad, 1);
	ck_assert_uint_eq(r.old->bare, 1);
	ck_assert(nffile_missing(&r, &err));
	ck_assert_ptr_nonnull(strstr(err.msg, "1 damaged records"));
	ck_assert_ptr_nonnull(strstr(err.msg, "1 flows without"));
	nffile_close(&r);
}
END_TEST

START_TEST(flows_without_a_map_have_no_extensions)
{
	struct old_file o;
	struct old_flow x = { .proto = 6, .map = 4711 };
	old_begin(&o, 0, "src");
	old_flow(&o, &x);
	put_and_open(&o);
	struct flow f = read_one(), want = old_expect(&x);
	ck_assert_mem_eq(&f, &want, sizeof(f));
	ck_assert_uint_eq(r.old->bare, 1);
	nffile_close(&r);
}
END_TEST

START_TEST(a_map_of_everything_is_one_flow_with_everything)
{
	struct old_file o;
	struct old_flow x = { .proto = 6, .v6 = true };
	uint8_t bytes[1024];
	memset(bytes, 7, sizeof(bytes));
	x.ext = bytes;
	for (size_t i = 0; i < OLD_EXTENSIONS; i++)
		x.ext_len += map_extension_size(old_extensions[i]);
	old_begin(&o, 0, "src");
	old_map(&o, 0, old_extensions, OLD_EXTENSIONS);
	for (int i = 0; i < 1000; i++)
		old_flow(&o, &x);
	put_and_open(&o);
	ck_assert_int_eq(nffile_read(&r, &block, &err), NFFILE_BLOCK);
	ck_assert_uint_eq(ft_flows(&block), 1000);
	ck_assert(!nffile_missing(&r, &err));
	nffile_close(&r);
}
END_TEST

/* ---- damage ------------------------------------------------------------------------ */

START_TEST(a_flow_too_short_for_its_fixed_part_is_left_out)
{
	struct old_file o;
	struct old_flow x = { .proto = 6 };
	for (size_t n = 0; n < 44; n += 4) {
		old_begin(&o, 0, "src");
		old_map(&o, 0, NULL, 0);
		old_flow(&o, &x);
		old_record(&o, REC_COMMON_1, NULL, n);
		old_record(&o, REC_COMMON_0, NULL, n < 40 ? n : 0);
		old_flow(&o, &x);
		put_and_open(&o);
		ck_assert_int_eq(nffile_read(&r, &block, &err), NFFILE_BLOCK);
		ck_assert_uint_eq(ft_flows(&block), 2);
		ck_assert_uint_eq(r.old->bad, 2);
		nffile_close(&r);
	}
}
END_TEST

START_TEST(a_flow_shorter_than_its_map_has_what_fits)
{
	static const uint8_t ids[] = { 6, 7, 9 };
	struct old_file o;
	struct old_flow x = { .proto = 6, .ext = counting(), .ext_len = 8 };
	old_begin(&o, 0, "src");
	old_map(&o, 0, ids, 3);
	old_flow(&o, &x);
	put_and_open(&o);
	struct flow f = read_one();
	ck_assert_uint_eq(f.dst_as, 0x0403);
	ck_assert(!flow_has(&f, FE_NEXT4));
	ck_assert_uint_eq(r.old->bare, 1);
	nffile_close(&r);
}
END_TEST

START_TEST(any_byte_may_be_wrong)
{
	struct old_file o;
	write_all(&o, codecs[_i], 3, 4);
	struct buf all = old_end(&o);
	for (size_t i = 0; i < all.len; i++) {
		all.data[i] ^= (char)0xff;
		ft_put(path, all.data, all.len);
		if (nffile_open(&r, path, &err) == 0) {
			(void)ft_drain(&r);
			nffile_close(&r);
		}
		all.data[i] ^= (char)0xff;
	}
	buf_free(&all);
}
END_TEST

START_TEST(a_file_cut_at_any_byte_gives_its_whole_blocks_and_an_error)
{
	struct old_file o;
	write_all(&o, codecs[_i], 3, 4);
	struct buf all = old_end(&o);
	unsigned most = 0;
	for (size_t n = 0; n < all.len; n++) {
		ft_put(path, all.data, n);
		if (n < 276) {
			ck_assert_int_eq(nffile_open(&r, path, &err), -1);
			ck_assert_ptr_nonnull(strstr(err.msg, path));
			continue;
		}
		struct ft_count c = ft_read(path);
		ck_assert_uint_eq(c.errors, 1);
		ck_assert_ptr_nonnull(strstr(err.msg, "of 3 blocks"));
		ck_assert_uint_ge(c.flows, most);
		most = c.flows;
	}
	ck_assert_uint_eq(most, 8);
	buf_free(&all);
}
END_TEST

START_TEST(compression_flags_that_contradict_are_refused)
{
	struct old_file o;
	old_begin(&o, 0, "src");
	old_map(&o, 0, NULL, 0);
	struct buf all = old_end(&o);
	all.data[4] = NFFILE1_LZO | NFFILE1_LZ4;
	ft_put(path, all.data, all.len);
	buf_free(&all);
	ck_assert_int_eq(nffile_open(&r, path, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.msg, "contradict"));
}
END_TEST

/* ---- open files, other blocks ------------------------------------------------------ */

START_TEST(a_file_still_written_gives_its_blocks_and_ends_when_it_does)
{
	struct old_file o;
	write_all(&o, NFFILE1_LZO, 2, 4);
	struct buf all = old_end(&o);
	uint32_t blocks = 0;
	memcpy(all.data + 8, &blocks, 4);
	ft_put(path, all.data, all.len - 5);
	ck_assert_int_eq(nffile_open(&r, path, &err), 0);
	ck_assert(r.growing && !r.has_stat);
	ck_assert_uint_eq(ft_drain(&r).flows, 4);
	ck_assert(nffile_missing(&r, &err));
	ck_assert_ptr_nonnull(strstr(err.msg, "not finished: behind block 1"));
	/* The writer goes on and ends. */
	int fd = open(path, O_WRONLY);
	ck_assert_int_eq(pwrite(fd, all.data + all.len - 5, 5,
			     (off_t)all.len - 5),
	    5);
	ck_assert_uint_eq(ft_drain(&r).flows, 4);
	ck_assert(nffile_missing(&r, &err));
	blocks = 2;
	ck_assert_int_eq(pwrite(fd, &blocks, 4, 8), 4);
	(void)close(fd);
	ck_assert_uint_eq(ft_drain(&r).flows, 0);
	ck_assert(!r.growing && r.has_stat);
	ck_assert_str_eq(r.ident, "src");
	ck_assert(!nffile_missing(&r, &err));
	nffile_close(&r);
	buf_free(&all);
}
END_TEST

START_TEST(an_empty_file_is_a_finished_one)
{
	struct old_file o;
	struct nffile_stat s;
	char ident[NFFILE_IDENT_MAX];
	old_begin(&o, 0, "src");
	struct buf all = BUF_EMPTY;
	buf_add(&all, &o.h, sizeof(o.h));
	buf_add(&all, &o.stat, sizeof(o.stat));
	ft_put(path, all.data, all.len);
	buf_free(&all);
	ck_assert_int_eq(nffile_stat_read(path, &s, ident, &err), 0);
	ck_assert_uint_eq(ft_read(path).flows, 0);
}
END_TEST

START_TEST(unknown_blocks_and_records_are_counted)
{
	static const uint16_t types[] = { BLOCK_1_5, BLOCK_ARRAY, 77 };
	static const uint16_t records[] = { 3, 4, 5, 6, REC_FLOW_V4, 300 };
	struct old_file o;
	struct old_flow x = { .proto = 6 };
	old_begin(&o, 0, "src");
	old_map(&o, 0, NULL, 0);
	old_block(&o);
	for (size_t i = 0; i < 3; i++) {
		o.type = types[i];
		old_flow(&o, &x);
		old_block(&o);
	}
	o.type = BLOCK_1_6;
	for (size_t i = 0; i < 6; i++)
		old_record(&o, records[i], NULL, 20);
	old_record(&o, REC_SLACK, NULL, 20);
	old_flow(&o, &x);
	put_and_open(&o);
	ck_assert_uint_eq(ft_drain(&r).flows, 1);
	ck_assert_uint_eq(r.unknown_blocks, 3);
	ck_assert_uint_eq(r.unknown_records, 6);
	nffile_close(&r);
}
END_TEST

START_TEST(old_blocks_in_a_new_file_are_read_as_well)
{
	struct old_file o;
	struct old_flow x = { .proto = 6, .ext = counting(), .ext_len = 4 };
	static const uint8_t ids[] = { 6 };
	ft_write(path, CODEC_NONE, 1, 4);
	struct buf file = ft_bytes(path);
	struct nffile_header h;
	memcpy(&h, file.data, sizeof(h));
	old_begin(&o, 0, "src");
	old_map(&o, 0, ids, 1);
	old_flow(&o, &x);
	old_block(&o);
	/* Before the appendix. */
	struct buf all = BUF_EMPTY;
	size_t at = (size_t)h.off_appendix;
	h.off_appendix += (int64_t)o.blocks.len;
	h.num_blocks = 2;
	buf_add(&all, &h, sizeof(h));
	buf_add(&all, file.data + sizeof(h), at - sizeof(h));
	buf_add(&all, o.blocks.data, o.blocks.len);
	buf_add(&all, file.data + at, file.len - at);
	ft_put(path, all.data, all.len);
	ck_assert_int_eq(nffile_open(&r, path, &err), 0);
	ck_assert(!nffile_shareable(&r));
	ck_assert_int_eq(nffile_read(&r, &block, &err), NFFILE_BLOCK);
	ck_assert_uint_eq(ft_flows(&block), 4);
	ck_assert_uint_eq(read_one().dst_as, 0x0403);
	ck_assert_int_eq(nffile_read(&r, &block, &err), NFFILE_END);
	nffile_close(&r);
	buf_free(&file);
	buf_free(&all);
	struct buf unused = old_end(&o);
	buf_free(&unused);
}
END_TEST

/* ---- what is not done with them ---------------------------------------------------- */

START_TEST(an_old_file_is_not_finished)
{
	struct old_file o;
	uint64_t flows;
	write_all(&o, 0, 2, 4);
	o.h.num_blocks = 0;
	struct buf all = old_end(&o);
	ft_put(path, all.data, all.len);
	ck_assert_int_eq(nffile_recover(path, "x", &flows, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.msg, "nfdump 1.6"));
	struct buf after = ft_bytes(path);
	ck_assert_uint_eq(after.len, all.len);
	ck_assert_mem_eq(after.data, all.data, all.len);
	buf_free(&all);
	buf_free(&after);
}
END_TEST

START_TEST(a_slot_begun_by_nfdump_16_goes_on_in_the_new_layout)
{
	struct old_file o;
	const char *more = ft_path("more");
	write_all(&o, NFFILE1_LZ4, 2, 4);
	struct buf all = old_end(&o);
	ft_put(path, all.data, all.len);
	buf_free(&all);
	ft_write(more, CODEC_LZ4, 1, 3);
	ck_assert_msg(nffile_publish(more, path, false, &err) == 0, "%s",
	    err.msg);
	ck_assert_int_eq(nffile_open(&r, path, &err), 0);
	ck_assert_uint_eq(r.header.version, 2);
	ck_assert_uint_eq(r.stat.flows, 1 + 3);
	ck_assert_uint_eq(ft_drain(&r).flows, 2 * 4 + 3);
	nffile_close(&r);
}
END_TEST

static void
add_damage(TCase *t)
{
	tcase_add_test(t, a_flow_too_short_for_its_fixed_part_is_left_out);
	tcase_add_test(t, a_flow_shorter_than_its_map_has_what_fits);
	tcase_add_loop_test(t, any_byte_may_be_wrong, 0, (int)CODECS);
	tcase_add_loop_test(t,
	    a_file_cut_at_any_byte_gives_its_whole_blocks_and_an_error, 0,
	    (int)CODECS);
	tcase_add_test(t, compression_flags_that_contradict_are_refused);
	tcase_add_test(t,
	    a_file_still_written_gives_its_blocks_and_ends_when_it_does);
	tcase_add_test(t, an_empty_file_is_a_finished_one);
	tcase_add_test(t, unknown_blocks_and_records_are_counted);
	tcase_add_test(t, old_blocks_in_a_new_file_are_read_as_well);
	tcase_add_test(t, an_old_file_is_not_finished);
	tcase_add_test(t, a_slot_begun_by_nfdump_16_goes_on_in_the_new_layout);
}

int
main(void)
{
	Suite *s = suite_create("nffile layout 1");
	TCase *t = tcase_create("all");
	tcase_set_timeout(t, 120);
	tcase_add_checked_fixture(t, setup, ft_teardown);
	tcase_add_test(t, a_flow_has_addresses_and_counters_of_either_width);
	tcase_add_test(t, nfcapd_16_reads_as_its_flow);
	tcase_add_test(t, header_and_statistics_are_those_of_the_file);
	tcase_add_loop_test(t, an_extension_is_the_element_it_became, 0,
	    (int)CASES);
	tcase_add_loop_test(t, what_more_there_is_than_copying, 0,
	    (int)(sizeof(special) / sizeof(special[0])));
	tcase_add_loop_test(t, every_codec_is_read_into_batches, 0,
	    (int)CODECS);
	tcase_add_test(t, the_latest_definition_of_a_map_counts);
	tcase_add_loop_test(t, flows_of_a_bad_map_have_no_extensions, 0,
	    (int)(sizeof(bad_maps) / sizeof(bad_maps[0])));
	tcase_add_test(t, flows_without_a_map_have_no_extensions);
	tcase_add_test(t, a_map_of_everything_is_one_flow_with_everything);
	add_damage(t);
	suite_add_tcase(s, t);
	return ft_run(s);
}
