/*
 * What nfdump's decoders once got wrong with hostile packets, item by item
 * (the security fixes of May to August 2026); under ASan and UBSan each of
 * these would be seen.  Table item -> test:
 *
 *   options template replacement      a_template_is_replaced_while_in_use
 *   options template with length      lengths_that_wrap_make_no_template,
 *     wrap or record size 0             a_record_of_no_length_is_none
 *   subTemplateMultiList, zero-size   a_multi_list_moves_on_or_ends
 *   v9 option template offset         v9_option_bytes_cannot_pass_the_set
 *   sub-template walk, NULL           a_list_without_its_template_is_skipped
 *   record header size, many array    many_names_stay_many_items,
 *     entries (nbar, ifname, vrf)       an_application_id_has_a_length
 *   sFlow v2 gateway                  an_as_path_ends_with_its_sample
 *   sFlow MPLS stack                  a_label_stack_has_ten_places
 *   sFlow VLAN and MPLS tunnel,       every_cut_of_every_frame_is_survived
 *     802.11 MAC, layer 4
 *   internal transfer protocol        nfdumps_own_protocol_is_not_taken
 *
 * The items about files are in tests/unit/nffile/test_damage.c.
 */
#include "decode/names.h"
#include "decode/packet.h"

#include "build.h"

static void
v9_options(unsigned id, unsigned scope_bytes, unsigned option_bytes,
    unsigned fields)
{
	size_t at = set_open(1);
	puts_be(2, (uint64_t)id, 2, (uint64_t)scope_bytes, 2,
	    (uint64_t)option_bytes, 0);
	for (unsigned i = 0; i < fields; i++)
		puts_be(2, UINT64_C(34), 2, UINT64_C(4), 0);
	set_close(at);
}

static void
ipfix_options(unsigned id, unsigned len)
{
	size_t at = set_open(3);
	puts_be(2, (uint64_t)id, 2, UINT64_C(2), 2, UINT64_C(1), 2,
	    UINT64_C(149), 2, (uint64_t)len, 2, UINT64_C(34), 2, (uint64_t)len,
	    0);
	set_close(at);
}

static void
data(unsigned id, unsigned len)
{
	size_t at = set_open((uint16_t)id);
	for (unsigned i = 0; i < len; i++)
		put(1, i);
	set_close(at);
}

START_TEST(a_template_is_replaced_while_in_use)
{
	begin(9, 1);
	for (uint32_t i = 0; i < 4; i++) {
		v9_header(1000, i);
		v9_options(256, 4, 4, 2);
		data(256, 16);
		v9_options(256, 4, 8, 3);
		data(256, 24);
		put_template(0, 256, 1, 4, -1);
		data(256, 8);
		v9_options(256, 8, 8, 4);
		data(256, 32);
		feed();
		ck_assert_uint_eq(n_got, 2);
	}
	begin(10, 1);
	for (uint32_t i = 0; i < 4; i++) {
		ipfix_header(0);
		ipfix_options(256, 4);
		data(256, 16);
		ipfix_options(256, 2);
		data(256, 16);
		size_t at = set_open(3); /* all options templates withdrawn */
		puts_be(2, UINT64_C(3), 2, UINT64_C(0), 0);
		set_close(at);
		data(256, 16);
		ipfix_feed();
	}
	ck_assert_uint_eq(ex.stats.no_template, 4);
}
END_TEST

START_TEST(lengths_that_wrap_make_no_template)
{
	begin(10, 1);
	ipfix_header(0);
	ipfix_options(256, 32768); /* two of them are 0 in 16 bits */
	data(256, 100);
	put_template(2, 300, 1, 40000, 2, 25536, -1);
	data(300, 100);
	ipfix_feed();
	ck_assert_uint_eq(n_got, 0);
	ck_assert_uint_eq(ex.stats.templates_bad, 2);
	ck_assert_uint_eq(ex.stats.no_template, 2);
	begin(9, 1);
	v9_header(1000, 0);
	put_template(0, 300, 1, 65535, 2, 1, -1);
	data(300, 100);
	feed();
	ck_assert_uint_eq(n_got, 0);
	ck_assert_uint_eq(ex.stats.templates_bad, 1);
}
END_TEST

START_TEST(a_record_of_no_length_is_none)
{
	begin(10, 1);
	ipfix_header(0);
	ipfix_options(256, 0);
	data(256, 100);
	put_template(2, 300, 1, 0, 2, 0, -1);
	data(300, 100);
	ipfix_feed();
	begin(9, 1);
	v9_header(1000, 0);
	v9_options(256, 0, 0, 0);
	data(256, 100);
	put_template(0, 300, 99, 0, -1);
	data(300, 100);
	feed();
	ck_assert_uint_eq(n_got, 0);
	ck_assert_uint_eq(ex.stats.no_template, 2);
}
END_TEST

/* Lengths of the groups of a list: less than their own head, or too long. */
static const uint16_t group_lengths[] = { 0, 1, 3, 4, 5, 65535 };

START_TEST(a_multi_list_moves_on_or_ends)
{
	begin(10, 1);
	ipfix_header(0);
	put_template(2, 256, 7, 2, -1);
	put_template(2, 300, 293, 65535, 1, 4, -1);
	size_t at = set_open(300);
	puts_be(1, UINT64_C(9), 1, UINT64_C(4), 2, UINT64_C(256), 2,
	    (uint64_t)group_lengths[_i], 4, UINT64_C(0), 4, UINT64_C(77), 0);
	set_close(at);
	ipfix_feed();
	ck_assert_uint_eq(n_got, 1);
	ck_assert_uint_eq(got[0].bytes, 77);
}
END_TEST

static const struct {
	unsigned scope, option;
} v9_bytes[] = { { 65535, 65535 }, { 65532, 65532 }, { 4, 65532 }, { 65532, 4 },
	{ 0, 65532 }, { 5, 4 }, { 4, 3 }, { 4, 400 } };

START_TEST(v9_option_bytes_cannot_pass_the_set)
{
	begin(9, 1);
	v9_header(1000, 0);
	v9_options(256, v9_bytes[_i].scope, v9_bytes[_i].option, 3);
	data(256, 100);
	put_template(0, 300, 1, 4, -1);
	data(300, 4);
	feed();
	ck_assert_uint_eq(n_got, 1); /* what follows is read */
	ck_assert_uint_eq(ex.stats.malformed, 1);
	ck_assert_uint_eq(ex.stats.no_template, 1);
}
END_TEST

START_TEST(a_list_without_its_template_is_skipped)
{
	begin(10, 1);
	ipfix_header(0);
	ipfix_options(256, 4);
	put_template(2, 300, 292, 65535, 1, 4, -1);
	for (uint64_t id = 255; id < 258; id++) {
		size_t at = set_open(300);
		puts_be(1, UINT64_C(7), 1, UINT64_C(3), 2, id, 4, UINT64_C(0),
		    4, UINT64_C(77), 0);
		set_close(at);
	}
	ipfix_feed();
	ck_assert_uint_eq(n_got, 3);
	ck_assert_uint_eq(got[2].bytes, 77);
}
END_TEST

START_TEST(many_names_stay_many_items)
{
	begin(9, 1);
	v9_header(1000, 0);
	size_t at = set_open(1);
	puts_be(2, UINT64_C(256), 2, UINT64_C(4), 2, UINT64_C(8), 2,
	    UINT64_C(1), 2, UINT64_C(4), 2, UINT64_C(95), 2, UINT64_C(4), 2,
	    UINT64_C(96), 2, UINT64_C(4), 0);
	set_close(at);
	at = set_open(256);
	for (uint64_t i = 0; i < 5000; i++)
		puts_be(4, UINT64_C(1), 4, i, 4, UINT64_C(0x6e616d65), 0);
	set_close(at);
	feed();
	ck_assert_uint_eq(ex.names.n, DECODE_NAMES_MAX);
	ck_assert_str_eq(exporter_name(&ex, NAME_APPLICATION, 77)->name,
	    "name");
}
END_TEST

/* Lengths of application ids; more than 8 bytes are none. */
static const uint16_t id_lengths[] = { 0, 1, 8, 9, 1000 };

START_TEST(an_application_id_has_a_length)
{
	begin(10, 1);
	ipfix_header(0);
	size_t at = set_open(3);
	puts_be(2, UINT64_C(256), 2, UINT64_C(2), 2, UINT64_C(1), 2,
	    UINT64_C(95), 2, (uint64_t)id_lengths[_i], 2, UINT64_C(96), 2,
	    UINT64_C(4), 0);
	set_close(at);
	data(256, id_lengths[_i] + 4U);
	ipfix_feed();
	ck_assert_uint_eq(ex.names.n,
	    id_lengths[_i] > 0 && id_lengths[_i] <= 8);
}
END_TEST

/* ---- sFlow ---------------------------------------------------------------- */

static void
sflow_v2(void)
{
	begin(DECODE_SFLOW, 0);
	puts_be(4, UINT64_C(2), 4, UINT64_C(1), 4, UINT64_C(1), 4, UINT64_C(1),
	    4, UINT64_C(1), 4, UINT64_C(1), 0);
	puts_be(4, UINT64_C(1), 4, UINT64_C(1), 4, UINT64_C(1), 4, UINT64_C(1),
	    8, UINT64_C(0), 8, UINT64_C(0), 4, UINT64_C(2), 0);
	puts_be(4, UINT64_C(100), 4, UINT64_C(6), 8, UINT64_C(0), 8,
	    UINT64_C(0), 8, UINT64_C(0), 0);
	put(4, 1);
}

static const uint32_t path_lengths[] = { 0, 1, 2, 3, 1000, 0x3fffffff,
	0x40000000, 0x40000001, 0x80000001, UINT32_MAX };

START_TEST(an_as_path_ends_with_its_sample)
{
	sflow_v2();
	puts_be(4, UINT64_C(3), 8, UINT64_C(1), 4, UINT64_C(3), 4,
	    (uint64_t)path_lengths[_i], 4, UINT64_C(65001), 4, UINT64_C(65002),
	    0);
	feed();
	ck_assert_uint_eq(n_got, 1);
	ck_assert_uint_eq(flow_has(&got[0], FE_AS), path_lengths[_i] <= 2);
	ck_assert_uint_eq(ex.stats.malformed, path_lengths[_i] > 2);
}
END_TEST

START_TEST(a_label_stack_has_ten_places)
{
	struct flow f = { 0 };
	struct packet p = { .f = &f };
	buf_clear(&out);
	for (uint64_t i = 0; i < 300; i++)
		put(4, i << 12);
	ck_assert(packet_decode(&p, PACKET_MPLS, wire_init(out.data, out.len)));
	ck_assert_uint_eq(f.mpls[9], 9 << 4);
	ck_assert_uint_eq(f.in_src_mac, 0); /* what stands behind */
	sflow_v2();
	buf_clear(&out);
	begin(DECODE_SFLOW, 0);
	puts_be(4, UINT64_C(5), 4, UINT64_C(1), 4, UINT64_C(1), 8, UINT64_C(0),
	    4, UINT64_C(1), 4, UINT64_C(1), 0);
	puts_be(4, UINT64_C(1), 4, UINT64_C(32 + 8 + 212), 8, UINT64_C(0), 4,
	    UINT64_C(1), 8, UINT64_C(0), 8, UINT64_C(0), 4, UINT64_C(1), 4,
	    UINT64_C(1006), 4, UINT64_C(212), 4, UINT64_C(0), 4, UINT64_C(50),
	    0);
	for (uint64_t i = 0; i < 50; i++)
		put(4, i << 12);
	put(4, UINT32_MAX);
	feed();
	ck_assert_uint_eq(n_got, 1);
	ck_assert_uint_eq(got[0].mpls[9], 9 << 4);
}
END_TEST

static const uint8_t frames[][64] = {
	/* VLAN tags to the end */
	{ 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 0x81, 0, 0, 1, 0x88, 0xa8, 0, 1,
	    0x91, 0, 0, 1, 0x81, 0, 0, 1, 0x81, 0, 0, 1, 0x81, 0, 0, 1, 0x81, 0,
	    0, 1, 0x81, 0, 0, 1 },
	/* MPLS, a control word, Ethernet, IPv6 with an extension header */
	{ 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 0x88, 0x47, 0, 0, 0x11, 0x40, 0,
	    0, 0, 0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 0x86, 0xdd, 0x60 },
	/* IPv4 with options as long as can be, TCP */
	{ 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 8, 0, 0x4f, 0, 0, 100, 0, 0, 0, 0,
	    64, 6 },
	/* IPv4 with a header too short to be one */
	{ 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 8, 0, 0x44, 0, 0, 100, 0, 0, 0, 0,
	    64, 6 },
	/* 802.11: both addresses of a bridge, QoS, ordered */
	{ 0x88, 0x83, 0, 0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3,
	    3, 0, 0, 4, 4, 4, 4, 4, 4, 0, 0, 0, 0, 0, 0, 0xaa, 0xaa, 3, 0, 0, 0,
	    8, 0, 0x45 },
	/* GRE with everything optional, then PPP */
	{ 0x45, 0, 0, 100, 0, 0, 0, 0, 64, 47, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2,
	    0xf0, 0x81, 0x88, 0x0b },
	{ 0xff, 3, 2, 0x81, 0, 0, 1, 0x40, 0x45 },
};

START_TEST(every_cut_of_every_frame_is_survived)
{
	static const enum packet_start starts[] = { PACKET_ETHERNET, PACKET_PPP,
		PACKET_IPV4, PACKET_IPV6, PACKET_MPLS, PACKET_80211 };
	for (size_t s = 0; s < sizeof(starts) / sizeof(starts[0]); s++)
		for (size_t len = 0; len <= sizeof(frames[0]); len++) {
			struct flow f = { 0 };
			struct packet p = { .f = &f, .tunnels = len % 2 };
			uint8_t *copy = malloc(len != 0 ? len : 1);
			ck_assert_ptr_nonnull(copy);
			memcpy(copy, frames[_i], len);
			ck_assert(
			    packet_decode(&p, starts[s], wire_init(copy, len)));
			free(copy);
		}
}
END_TEST

START_TEST(nfdumps_own_protocol_is_not_taken)
{
	static const uint16_t versions[] = { 240, 250, 8, 6, 2, 11, 9999 };
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		struct decode_head h;
		buf_clear(&out);
		put(2, versions[i]);
		put_text("", 100);
		ck_assert(!decode_peek((uint8_t *)out.data, out.len, &h));
		begin(9, 1);
		put(2, versions[i]);
		put_text("", 100);
		feed();
		ck_assert_uint_eq(ex.stats.bad_version, 1);
	}
}
END_TEST

#define LOOP(t, f, table)                                                      \
	tcase_add_loop_test(t, f, 0, sizeof(table) / sizeof((table)[0]))

int
main(void)
{
	Suite *s = suite_create("weaknesses");
	TCase *t = tcase_create("packets");
	tcase_add_test(t, a_template_is_replaced_while_in_use);
	tcase_add_test(t, lengths_that_wrap_make_no_template);
	tcase_add_test(t, a_record_of_no_length_is_none);
	LOOP(t, a_multi_list_moves_on_or_ends, group_lengths);
	LOOP(t, v9_option_bytes_cannot_pass_the_set, v9_bytes);
	tcase_add_test(t, a_list_without_its_template_is_skipped);
	tcase_add_test(t, many_names_stay_many_items);
	LOOP(t, an_application_id_has_a_length, id_lengths);
	LOOP(t, an_as_path_ends_with_its_sample, path_lengths);
	tcase_add_test(t, a_label_stack_has_ten_places);
	LOOP(t, every_cut_of_every_frame_is_survived, frames);
	tcase_add_test(t, nfdumps_own_protocol_is_not_taken);
	suite_add_tcase(s, t);
	return run_suite(s);
}
