/* Files made anonymous: every element, and what becomes of the file. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "anon/anon.h"
#include "base/file.h"
#include "tests/unit/nffile/random_flow.h"

#define FLOWS 5000

static const uint8_t key[CRYPTOPAN_KEY] = "abcdefghijklmnopqrstuvwxyz01234";
static char dir[] = "/tmp/anon.XXXXXX";
static char path[64], out[64];
static struct err err;
static struct anon anon;
static struct anon_counts counts;

static void
setup(void)
{
	memset(dir + strlen(dir) - 6, 'X', 6);
	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/f", dir);
	(void)snprintf(out, sizeof(out), "%s/g", dir);
	anon = (struct anon){ .pan = cryptopan_new(key) };
	counts = (struct anon_counts){ 0 };
}

static void
teardown(void)
{
	cryptopan_free(anon.pan);
	ck_assert_int_eq(file_remove_tree(dir, &err), 0);
}

static void
write_flows(unsigned n)
{
	struct nffile_writer w;
	struct rnd r = { 1 };
	struct nffile_writer_opts o = { .codec = CODEC_LZ4,
		.compat = COMPAT_NEWEST,
		.creator = CREATOR_NFCAPD,
		.created = 1700000000,
		.ident = "one",
		.mode = 0640 };
	struct nffile_exporter e = { .version = 9,
		.ip = { 0, 0x7f000001 },
		.family = AF_INET,
		.sysid = 1 };
	ck_assert_int_eq(nffile_create(&w, path, &o, &err), 0);
	ck_assert_int_eq(nffile_add_exporter(&w, &e, &err), 0);
	for (unsigned i = 0; i < n; i++) {
		struct flow f;
		random_flow(&r, &f, true);
		ck_assert_int_eq(nffile_add_flow(&w, &f, &err), 0);
	}
	w.stat.sequence_failures = 17;
	ck_assert_int_eq(nffile_finish(&w, false, &err), 0);
}

static struct flow_ip6
other(struct flow_ip6 a, bool v6)
{
	if (v6)
		return cryptopan_v6(anon.pan, a);
	return (struct flow_ip6){ 0, cryptopan_v4(anon.pan, (uint32_t)a.lo) };
}

/* What the rules make of a flow, said once more. */
static void
expect(struct flow *f)
{
	bool six = flow_has(f, FE_IPV6), nat6 = flow_has(f, FE_NAT6);
	if (!anon.keep_src) {
		f->src = other(f->src, six);
		f->xlate_src = other(f->xlate_src, nat6);
	}
	if (!anon.keep_dst) {
		f->dst = other(f->dst, six);
		f->xlate_dst = other(f->xlate_dst, nat6);
	}
	f->next_hop = other(f->next_hop, flow_has(f, FE_NEXT6));
	f->bgp_next = other(f->bgp_next, flow_has(f, FE_BGPNEXT6));
	f->exporter_ip = other(f->exporter_ip, flow_has(f, FE_EXPORTER6));
	f->src_as = f->dst_as = f->next_as = f->prev_as = 0;
	f->flags |= FLOW_ANON;
	if (anon.tunnels) {
		f->tun_src = other(f->tun_src, flow_has(f, FE_TUN6));
		f->tun_dst = other(f->tun_dst, flow_has(f, FE_TUN6));
	}
	if (!anon.macs)
		return;
	f->in_src_mac = cryptopan_mac(anon.pan, f->in_src_mac);
	f->out_dst_mac = cryptopan_mac(anon.pan, f->out_dst_mac);
	f->in_dst_mac = cryptopan_mac(anon.pan, f->in_dst_mac);
	f->out_src_mac = cryptopan_mac(anon.pan, f->out_src_mac);
}

static void
check_record(struct rnd *r, const uint8_t *p, unsigned *flows)
{
	struct nffile_exporter e;
	struct flow want, got;
	if (nffile_record_exporter(p, &e)) {
		ck_assert_uint_eq(e.ip[1], cryptopan_v4(anon.pan, 0x7f000001));
		return;
	}
	ck_assert(nffile_record_flow(p, &got));
	random_flow(r, &want, true);
	expect(&want);
	ck_assert_msg(flow_same(&want, &got), "flow %u", *flows);
	(*flows)++;
}

static void
check_file(const char *file)
{
	struct nffile_reader in;
	struct nffile_block b;
	struct rnd r = { 1 };
	unsigned flows = 0;
	ck_assert_msg(nffile_open(&in, file, &err) == 0, "%s", err.msg);
	ck_assert_str_eq(in.ident, "one");
	ck_assert_int_eq(in.header.compression, CODEC_LZ4);
	ck_assert_uint_eq(in.stat.sequence_failures, 17);
	while (nffile_read(&in, &b, &err) == NFFILE_BLOCK) {
		size_t pos = 0;
		for (const uint8_t *p;
		     (p = nffile_record_next(&b, &pos)) != NULL;)
			check_record(&r, p, &flows);
	}
	ck_assert_uint_eq(flows, FLOWS);
	nffile_close(&in);
}

/* Bits: keep_src, keep_dst, tunnels, macs. */
START_TEST(every_element_is_changed_as_the_rules_say)
{
	bool partly;
	anon.keep_src = (_i & 1) != 0;
	anon.keep_dst = (_i & 2) != 0;
	anon.tunnels = (_i & 4) != 0;
	anon.macs = (_i & 8) != 0;
	write_flows(FLOWS);
	ck_assert_msg(anon_file(&anon, path, out, &counts, &partly, &err) == 0,
	    "%s", err.msg);
	ck_assert(!partly);
	ck_assert_uint_eq(counts.flows, FLOWS);
	check_file(out);
}
END_TEST

START_TEST(a_file_is_replaced_with_its_mode_and_time)
{
	struct stat before, after;
	struct timespec t[2] = { { 1700000001, 5 }, { 1700000002, 7 } };
	bool partly;
	write_flows(FLOWS);
	ck_assert_int_eq(utimensat(AT_FDCWD, path, t, 0), 0);
	ck_assert_int_eq(stat(path, &before), 0);
	ck_assert_int_eq(anon_file(&anon, path, path, &counts, &partly, &err),
	    0);
	check_file(path);
	ck_assert_int_eq(stat(path, &after), 0);
	ck_assert_int_eq(before.st_mode, after.st_mode);
	ck_assert_int_eq(after.st_mtim.tv_sec, 1700000002);
	ck_assert_int_eq(after.st_mtim.tv_nsec, 7);
	ck_assert_uint_ne(before.st_ino, after.st_ino);
}
END_TEST

static void
damage(off_t from_end)
{
	struct stat st;
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(truncate(path, st.st_size - from_end), 0);
}

START_TEST(a_damaged_file_is_not_replaced_but_may_be_copied)
{
	struct stat before, after;
	bool partly;
	write_flows(FLOWS);
	damage(2000);
	ck_assert_int_eq(stat(path, &before), 0);
	ck_assert_int_eq(anon_file(&anon, path, path, &counts, &partly, &err),
	    -1);
	ck_assert_ptr_nonnull(strstr(err.msg, path));
	ck_assert_int_eq(stat(path, &after), 0);
	ck_assert_uint_eq(before.st_ino, after.st_ino);
	ck_assert_int_eq(anon_file(&anon, path, out, &counts, &partly, &err),
	    0);
	ck_assert(partly);
}
END_TEST

START_TEST(nothing_is_left_beside_a_file_that_cannot_be_written)
{
	bool partly;
	char missing[80];
	(void)snprintf(missing, sizeof(missing), "%s/no/f", dir);
	write_flows(10);
	ck_assert_int_eq(anon_file(&anon, path, missing, &counts, &partly,
			     &err),
	    -1);
	ck_assert_ptr_nonnull(strstr(err.msg, "No such file"));
	ck_assert_int_eq(anon_file(&anon, out, path, &counts, &partly, &err),
	    -1);
	ck_assert_uint_eq(counts.files, 0);
}
END_TEST

START_TEST(only_flows_within_the_window_are_copied)
{
	bool partly;
	struct nffile_stat st;
	write_flows(FLOWS);
	anon.from_ms = UINT64_C(1700000100000);
	anon.to_ms = UINT64_C(1700000200000);
	ck_assert_int_eq(anon_file(&anon, path, out, &counts, &partly, &err),
	    0);
	ck_assert_uint_eq(counts.flows + counts.outside, FLOWS);
	ck_assert_uint_gt(counts.flows, 100);
	ck_assert_uint_gt(counts.outside, 100);
	char ident[NFFILE_IDENT_MAX];
	ck_assert_int_eq(nffile_stat_read(out, &st, ident, &err), 0);
	ck_assert_uint_ge(st.first, anon.from_ms);
	ck_assert_uint_le(st.last, anon.to_ms);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("anon");
	TCase *tc = tcase_create("all");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, every_element_is_changed_as_the_rules_say, 0,
	    16);
	tcase_add_test(tc, a_file_is_replaced_with_its_mode_and_time);
	tcase_add_test(tc, a_damaged_file_is_not_replaced_but_may_be_copied);
	tcase_add_test(tc,
	    nothing_is_left_beside_a_file_that_cannot_be_written);
	tcase_add_test(tc, only_flows_within_the_window_are_copied);
	suite_add_tcase(s, tc);
	SRunner *sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	int failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
