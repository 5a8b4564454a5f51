/*
 * Layout 2 byte for byte: a file of nfdump 1.7.1's nfcapd with one flow, and
 * ours of the same flow; codec names; the stat record's counting.
 */
#include "filetest.h"
#include "nffile/codec.h"

#define FIRST UINT64_C(1699999995123)
#define LAST  UINT64_C(1699999999123)
#define GOT   UINT64_C(0x1a207bdfced)

/* nfcapd 1.7.1, one NetFlow v5 flow, ident "id1". */
static const char nfcapd171[] = "0ca50200"
				"00010701"
				"ac07046b00000000"
				"00000100"
				"00000000"
				"f000000000000000"
				"00000000"
				"01000000"
				"03000000"
				"bc000000"
				"03000000"
				"07002000"
				"05000000"
				"0000000000000000"
				"0100007f00000000"
				"0200"
				"0100"
				"07010000"
				"0b007c00"
				"0600"
				"0107"
				"0100"
				"00"
				"05"
				"01003400"
				"f354e5cf8b010000"
				"9364e5cf8b010000"
				"edfcbd07a2010000"
				"0a00000000000000"
				"dc05000000000000"
				"0004bb01"
				"061b0020"
				"02000c00"
				"0100000a"
				"0101a8c0"
				"04001400"
				"03000000"
				"04000000"
				"0000000000000000"
				"07000c00"
				"e9fd0000"
				"eafd0000"
				"0a000800"
				"010010ac"
				"0c000800"
				"0100007f"
				"08002000"
				"01000000"
				"01000000"
				"00000000"
				"0100000000000000"
				"0100000000000000"
				"02000000"
				"9c000000"
				"03000000"
				"01800800"
				"69643100"
				"02809400"
				"0100000000000000"
				"dc05000000000000"
				"0a00000000000000"
				"0100000000000000"
				"0000000000000000"
				"0000000000000000"
				"0000000000000000"
				"dc05000000000000"
				"0000000000000000"
				"0000000000000000"
				"0000000000000000"
				"0a00000000000000"
				"0000000000000000"
				"0000000000000000"
				"0000000000000000"
				"f354e5cf8b010000"
				"9364e5cf8b010000"
				"0000000000000000";

static uint8_t expected[sizeof(nfcapd171) / 2];

static void
setup(void)
{
	ft_setup();
	for (size_t i = 0; i < sizeof(expected); i++) {
		char byte[3] = { nfcapd171[2 * i], nfcapd171[2 * i + 1], 0 };
		expected[i] = (uint8_t)strtoul(byte, NULL, 16);
	}
}

static struct flow
the_flow(void)
{
	return (struct flow){
		.have = FLOW_BIT(FE_GENERIC) | FLOW_BIT(FE_IPV4) |
			FLOW_BIT(FE_MISC) | FLOW_BIT(FE_AS) |
			FLOW_BIT(FE_NEXT4) | FLOW_BIT(FE_EXPORTER4) |
			FLOW_BIT(FE_VLAN),
		.engine_type = 1,
		.engine_id = 7,
		.exporter = 1,
		.nfversion = 5,
		.first = FIRST,
		.last = LAST,
		.received = GOT,
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
		.src_as = 65001,
		.dst_as = 65002,
		.next_hop = { 0, 0xac100001 },
		.exporter_ip = { 0, 0x7f000001 },
	};
}

START_TEST(our_file_is_nfcapds_byte_for_byte)
{
	struct nffile_writer w;
	struct nffile_writer_opts o = { .created = 0x6b0407ac,
		.mode = 0644,
		.ident = "id1",
		.creator = CREATOR_UNKNOWN };
	struct nffile_exporter e = { .version = 5,
		.ip = { 0, 0x7f000001 },
		.family = 2,
		.sysid = 1,
		.id = 0x0107 };
	struct nffile_exporter_stat s = { 1, 0, 1, 1 };
	struct flow f = the_flow();
	const char *path = ft_path("f");
	ck_assert_int_eq(nffile_create(&w, path, &o, &err), 0);
	ck_assert_int_eq(nffile_add_exporter(&w, &e, &err), 0);
	/* The VLANs are zero: nothing of them in the file. */
	ck_assert_int_eq(nffile_add_flow(&w, &f, &err), 0);
	ck_assert_int_eq(nffile_add_exporter_stats(&w, &s, 1, &err), 0);
	ck_assert_int_eq(nffile_finish(&w, false, &err), 0);
	struct buf b = ft_bytes(path);
	ck_assert_uint_eq(b.len, sizeof(expected));
	ck_assert_mem_eq(b.data, expected, sizeof(expected));
	buf_free(&b);
}
END_TEST

START_TEST(nfcapds_file_reads_as_the_flow)
{
	const char *path = ft_path("f");
	struct nffile_reader r;
	struct nffile_block b;
	struct flow f, want = the_flow();
	want.have &= ~FLOW_BIT(FE_VLAN);
	ft_put(path, expected, sizeof(expected));
	ck_assert_int_eq(nffile_open(&r, path, &err), 0);
	ck_assert_str_eq(r.ident, "id1");
	ck_assert_uint_eq(r.stat.packets_tcp, 10);
	ck_assert_int_eq(nffile_read(&r, &b, &err), NFFILE_BLOCK);
	ck_assert_uint_eq(b.records, 3);
	size_t pos = 32;
	ck_assert(nffile_record_flow(nffile_record_next(&b, &pos), &f));
	ck_assert_mem_eq(&f, &want, sizeof(f));
	ck_assert_int_eq(nffile_read(&r, &b, &err), NFFILE_END);
	ck_assert_uint_eq(r.unknown_records, 0);
	nffile_close(&r);
}
END_TEST

/* ---- the stat record ---------------------------------------------------------- */

static struct nffile_stat
stat_for(enum nffile_creator creator, const struct flow *f, unsigned n)
{
	struct nffile_writer w;
	struct nffile_writer_opts o = { .created = 1700000000,
		.mode = 0644,
		.ident = "x",
		.creator = creator };
	struct nffile_stat s;
	char ident[NFFILE_IDENT_MAX];
	ck_assert_int_eq(nffile_create(&w, ft_path("s"), &o, &err), 0);
	for (unsigned i = 0; i < n; i++)
		ck_assert_int_eq(nffile_add_flow(&w, &f[i], &err), 0);
	ck_assert_int_eq(nffile_finish(&w, false, &err), 0);
	ck_assert_int_eq(nffile_stat_read(ft_path("s"), &s, ident, &err), 0);
	return s;
}

START_TEST(out_counters_are_in_classes_only_in_files_of_channels)
{
	struct flow f = the_flow();
	f.have |= FLOW_BIT(FE_CNT);
	f.flows = 3;
	f.out_packets = 1;
	f.out_bytes = 100;
	struct nffile_stat s = stat_for(CREATOR_NFCAPD, &f, 1);
	ck_assert_uint_eq(s.bytes, 1600);
	ck_assert_uint_eq(s.bytes_tcp, 1500);
	ck_assert_uint_eq(s.packets, 11);
	ck_assert_uint_eq(s.packets_tcp, 10);
	s = stat_for(CREATOR_NFPROFILE, &f, 1);
	ck_assert_uint_eq(s.bytes, 1600);
	ck_assert_uint_eq(s.bytes_tcp, 1600);
	ck_assert_uint_eq(s.packets_tcp, 11);

	struct counters c;
	nffile_stat_counters(&s, &c);
	ck_assert_uint_eq(c.bytes[CLASS_ALL], 1600);
	ck_assert_uint_eq(c.packets[CLASS_TCP], 11);
	ck_assert_uint_eq(c.flows[CLASS_UDP], 0);
}
END_TEST

START_TEST(classes_follow_the_protocol)
{
	static const uint8_t protos[] = { 6, 17, 1, 58, 47 };
	struct flow f[5];
	for (int i = 0; i < 5; i++) {
		f[i] = the_flow();
		f[i].proto = protos[i];
	}
	struct nffile_stat s = stat_for(CREATOR_NFCAPD, f, 5);
	ck_assert_uint_eq(s.flows, 5);
	ck_assert_uint_eq(s.flows_tcp, 1);
	ck_assert_uint_eq(s.flows_udp, 1);
	ck_assert_uint_eq(s.flows_icmp, 2);
	ck_assert_uint_eq(s.flows_other, 1);
	ck_assert_uint_eq(s.bytes_icmp, 3000);
}
END_TEST

START_TEST(without_a_flow_time_the_slot_stands_in)
{
	struct flow f = the_flow();
	f.first = f.last = 0;
	struct nffile_stat s = stat_for(CREATOR_NFCAPD, &f, 1);
	ck_assert_uint_eq(s.first, UINT64_C(1700000000000));
	ck_assert_uint_eq(s.last, UINT64_C(1700000000000));
}
END_TEST

START_TEST(many_exporters_take_more_than_one_record)
{
	static struct nffile_exporter_stat s[6000];
	struct nffile_writer w;
	struct nffile_reader r;
	struct nffile_block b;
	for (uint32_t i = 0; i < 6000; i++)
		s[i].sysid = i;
	ft_create(&w, ft_path("f"), CODEC_LZ4);
	ck_assert_int_eq(nffile_add_exporter_stats(&w, s, 6000, &err), 0);
	ck_assert_int_eq(nffile_finish(&w, false, &err), 0);
	ck_assert_int_eq(nffile_open(&r, ft_path("f"), &err), 0);
	ck_assert_int_eq(nffile_read(&r, &b, &err), NFFILE_BLOCK);
	ck_assert_uint_eq(b.records, 3);
	ck_assert_uint_eq(b.len, 6000 * 24 + 3 * 8);
	nffile_close(&r);
}
END_TEST

/* ---- names of codecs ------------------------------------------------------------ */

static const struct {
	const char *text;
	int codec; /* -1: refused */
	int level;
} names[] = {
	{ "", CODEC_NONE, 0 },
	{ "0", CODEC_NONE, 0 },
	{ "none", CODEC_NONE, 0 },
	{ "1", CODEC_LZ4, 0 },
	{ "7", CODEC_LZ4, 0 },
	{ "-z", CODEC_LZO, 0 },
	{ "-y", CODEC_LZ4, 0 },
	{ "-j", CODEC_BZ2, 0 },
	{ "-z=lz4:5", CODEC_LZ4, 5 },
	{ "lz4", CODEC_LZ4, 0 },
	{ "-z=lz4:fast", CODEC_LZ4, CODEC_FAST },
	{ "lzo", CODEC_LZO, 0 },
	{ "bz2:9", CODEC_BZ2, 9 },
	{ "zstd:3", CODEC_ZSTD, 3 },
	{ "-z=zstd", CODEC_ZSTD, 0 },
	{ "zstd:22", CODEC_ZSTD, 22 },
	{ "zstd:23", -1, 0 },
	{ "lz4:", -1, 0 },
	{ "lz4:0", -1, 0 },
	{ "lzo:1", -1, 0 },
	{ "lz4:fas", -1, 0 },
	{ "lz4:-1", -1, 0 },
	{ "zstd:fast", -1, 0 },
	{ "-q", -1, 0 },
	{ "lz", -1, 0 },
	{ "-z=", -1, 0 },
	{ "lz4:99999999999", -1, 0 },
	{ "none:1", -1, 0 },
	{ "lz4 ", -1, 0 },
	{ "-z=-y", -1, 0 },
};

START_TEST(a_codec_is_named_as_its_users_do)
{
	enum nffile_codec codec = CODEC_NONE;
	int level = 0;
	int r = codec_parse(names[_i].text, &codec, &level, &err);
	ck_assert_int_eq(r, names[_i].codec == -1 ? -1 : 0);
	if (r == 0) {
		ck_assert_int_eq((int)codec, names[_i].codec);
		ck_assert_int_eq(level, names[_i].level);
	} else {
		ck_assert_ptr_nonnull(strstr(err.msg, names[_i].text));
		ck_assert_ptr_nonnull(strstr(err.msg, "zstd"));
	}
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("nffile layout");
	TCase *t = tcase_create("all");
	tcase_add_checked_fixture(t, setup, ft_teardown);
	tcase_add_test(t, our_file_is_nfcapds_byte_for_byte);
	tcase_add_test(t, nfcapds_file_reads_as_the_flow);
	tcase_add_test(t,
	    out_counters_are_in_classes_only_in_files_of_channels);
	tcase_add_test(t, classes_follow_the_protocol);
	tcase_add_test(t, without_a_flow_time_the_slot_stands_in);
	tcase_add_test(t, many_exporters_take_more_than_one_record);
	tcase_add_loop_test(t, a_codec_is_named_as_its_users_do, 0,
	    (int)(sizeof(names) / sizeof(names[0])));
	suite_add_tcase(s, t);
	return ft_run(s);
}
