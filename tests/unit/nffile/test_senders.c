/* Exporters, samplers and names as nfdump's versions wrote them. */
#include "filetest.h"

static uint8_t rec[65536];

/* The record at the start of rec: type, size, then bytes. */
static void
put_record(unsigned type, const void *p, size_t n)
{
	uint16_t head[2] = { (uint16_t)type, (uint16_t)(n + 4) };
	/* Behind it nothing that could be taken for its end. */
	memset(rec, 0x5a, sizeof(rec));
	memcpy(rec, head, sizeof(head));
	memcpy(rec + 4, p, n);
}

/* ---- exporters ------------------------------------------------------------------- */

static const struct {
	uint8_t bytes[28];
	uint64_t ip[2];
	uint16_t family;
} exporters[] = {
	/* 1.7.1: host order, IPv4 in the second word */
	{ { 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0x7f, 0, 0, 0, 0, 2, 0,
	      3, 0, 7, 1, 0, 0 },
	    { 0, 0x7f000001 }, 2 },
	{ { 5, 0, 0, 0, 1, 0, 0, 0, 0xb8, 0x0d, 1, 0x20, 2, 0, 0, 0, 0, 0, 0, 0,
	      10, 0, 3, 0, 7, 1, 0, 0 },
	    { UINT64_C(0x20010db800000001), 2 }, 10 },
	/* 1.7.8: network order, IPv4 mapped, no family */
	{ { 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0x7f, 0, 0, 1,
	      0, 0, 3, 0, 7, 1, 0, 0 },
	    { 0, 0x7f000001 }, 2 },
	{ { 5, 0, 0, 0, 0x20, 1, 0x0d, 0xb8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2,
	      0, 0, 3, 0, 7, 1, 0, 0 },
	    { UINT64_C(0x20010db800000001), 2 }, 10 },
};

START_TEST(an_exporter_is_read_in_both_forms)
{
	struct nffile_exporter e;
	put_record(REC_EXPORTER, exporters[_i].bytes, 28);
	ck_assert(nffile_record_exporter(rec, &e));
	ck_assert_uint_eq(e.ip[0], exporters[_i].ip[0]);
	ck_assert_uint_eq(e.ip[1], exporters[_i].ip[1]);
	ck_assert_uint_eq(e.family, exporters[_i].family);
	ck_assert_uint_eq(e.version, 5);
	ck_assert_uint_eq(e.sysid, 3);
	ck_assert_uint_eq(e.id, 0x0107);
}
END_TEST

START_TEST(a_sampler_is_read_in_both_forms)
{
	static const uint8_t newer[] = { 2, 1, 3, 0, 255, 255, 255, 255, 255,
		255, 255, 255, 2, 0, 0, 0, 99, 0, 0, 0 };
	static const uint8_t older[] = { 255, 255, 255, 255, 100, 0, 0, 0, 3, 0,
		2, 1 };
	struct nffile_sampler s;
	put_record(REC_SAMPLER, newer, sizeof(newer));
	ck_assert(nffile_record_sampler(rec, &s));
	ck_assert_uint_eq(s.sysid, 0x0102);
	ck_assert_uint_eq(s.method, 3);
	ck_assert_int_eq(s.id, -1);
	ck_assert_uint_eq(s.packets, 2);
	ck_assert_uint_eq(s.space, 99);
	put_record(REC_SAMPLER_OLD, older, sizeof(older));
	ck_assert(nffile_record_sampler(rec, &s));
	ck_assert_uint_eq(s.sysid, 0x0102);
	ck_assert_uint_eq(s.method, 3);
	ck_assert_int_eq(s.id, -1);
	ck_assert_uint_eq(s.packets, 1);
	ck_assert_uint_eq(s.space, 99);
}
END_TEST

START_TEST(a_short_or_other_record_is_none_of_them)
{
	struct nffile_exporter e;
	struct nffile_sampler s;
	struct nffile_exporter_stat x;
	uint8_t zeros[28] = { 0 };
	for (unsigned type = 0; type < 20; type++) {
		for (size_t n = 0; n <= 28; n++) {
			put_record(type, zeros, n);
			ck_assert(nffile_record_exporter(rec, &e) ==
				  (type == REC_EXPORTER && n == 28));
			ck_assert(nffile_record_sampler(rec, &s) ==
				  ((type == REC_SAMPLER && n >= 20) ||
				      (type == REC_SAMPLER_OLD && n >= 12)));
			ck_assert(!nffile_record_exporter_stat(rec, 0, &x));
		}
	}
}
END_TEST

START_TEST(statistics_are_as_many_as_the_record_holds)
{
	uint8_t bytes[4 + 3 * 24] = { 3 };
	struct nffile_exporter_stat x;
	for (uint32_t i = 0; i < 3; i++) {
		x = (struct nffile_exporter_stat){ i, 10 + i, 20 + i, 30 + i };
		memcpy(bytes + 4 + i * 24, &x, 24);
	}
	put_record(REC_EXPORTER_STAT, bytes, sizeof(bytes));
	ck_assert(nffile_record_exporter_stat(rec, 2, &x));
	ck_assert_uint_eq(x.sysid, 2);
	ck_assert_uint_eq(x.sequence_failures, 12);
	ck_assert_uint_eq(x.packets, 22);
	ck_assert_uint_eq(x.flows, 32);
	ck_assert(!nffile_record_exporter_stat(rec, 3, &x));
	/* A count that the record does not hold. */
	memset(bytes, 0xff, 4);
	put_record(REC_EXPORTER_STAT, bytes, sizeof(bytes) - 1);
	ck_assert(nffile_record_exporter_stat(rec, 1, &x));
	ck_assert(!nffile_record_exporter_stat(rec, 2, &x));
}
END_TEST

/* ---- names ------------------------------------------------------------------------- */

START_TEST(written_names_are_read_again)
{
	static const struct nffile_name names[] = { { 7, "eth0" }, { 8, "c" } };
	static const uint8_t id[] = { 3, 0, 0, 80 };
	const struct nffile_app apps[] = { { id, 4, "http", "the web" },
		{ id, 4, "x", NULL } };
	struct nffile_writer w;
	struct nffile_list l;
	struct nffile_name n;
	struct nffile_app a;
	nffile_collect_init(&w, CREATOR_NFCAPD);
	ck_assert_int_eq(nffile_add_names(&w, REC_VRFNAME, names, 2, &err), 0);
	ck_assert_int_eq(nffile_add_apps(&w, apps, 2, &err), 0);
	const uint8_t *p = w.raw + BLOCK_HEADER;
	nffile_list_begin(p, &l);
	ck_assert_uint_eq(l.type, REC_VRFNAME);
	ck_assert(!nffile_list_app(&l, &a));
	for (int i = 0; i < 2; i++) {
		ck_assert(nffile_list_name(&l, &n));
		ck_assert_uint_eq(n.id, names[i].id);
		ck_assert_str_eq(n.name, names[i].name);
	}
	ck_assert(!nffile_list_name(&l, &n));
	uint16_t size;
	memcpy(&size, p + 2, 2);
	nffile_list_begin(p + size, &l);
	ck_assert(!nffile_list_name(&l, &n));
	for (int i = 0; i < 2; i++) {
		ck_assert(nffile_list_app(&l, &a));
		ck_assert_uint_eq(a.id_len, 4);
		ck_assert_mem_eq(a.id, id, 4);
		ck_assert_str_eq(a.name, apps[i].name);
	}
	ck_assert_str_eq(a.description, "");
	ck_assert(!nffile_list_app(&l, &a));
	nffile_writer_abandon(&w);
}
END_TEST

START_TEST(applications_of_early_17_say_their_own_lengths)
{
	static const uint8_t bytes[] = { 2, 0, 0, 0, 2, 0, 3, 0, 2, 0, 13, 80,
		'a', 'b', 0, 'c', 0, 1, 0, 2, 0, 1, 0, 9, 'd', 0, 0 };
	struct nffile_list l;
	struct nffile_app a;
	put_record(REC_NBAR, bytes, sizeof(bytes));
	nffile_list_begin(rec, &l);
	ck_assert(nffile_list_app(&l, &a));
	ck_assert_uint_eq(a.id_len, 2);
	ck_assert_uint_eq(a.id[1], 80);
	ck_assert_str_eq(a.name, "ab");
	ck_assert_str_eq(a.description, "c");
	ck_assert(nffile_list_app(&l, &a));
	ck_assert_uint_eq(a.id[0], 9);
	ck_assert_str_eq(a.name, "d");
	ck_assert(!nffile_list_app(&l, &a));
}
END_TEST

/* Records that say more than they hold: how many elements are there. */
static const struct {
	uint16_t type;
	uint16_t count, elem;
	uint16_t widths[3];
	size_t bytes; /* of elements, all zero */
	unsigned there;
} lies[] = {
	{ REC_IFNAME, 65535, 8, { 4, 0, 0 }, 16, 2 },
	{ REC_VRFNAME, 65535, 8, { 4, 0, 0 }, 15, 1 },
	{ REC_IFNAME, 2, 8, { 5, 0, 0 }, 16, 0 },
	{ REC_IFNAME, 2, 8, { 0xffff, 0xffff, 0 }, 16, 0 },
	{ REC_IFNAME, 2, 8, { 0, 0, 0 }, 16, 0 },
	{ REC_IFNAME, 2, 3, { 4, 0, 0 }, 16, 0 },
	{ REC_IFNAME, 2, 0, { 4, 0, 0 }, 16, 0 },
	{ REC_NBAR, 65535, 8, { 4, 2, 2 }, 16, 2 },
	{ REC_NBAR, 2, 8, { 4, 2, 3 }, 16, 0 },
	{ REC_NBAR, 2, 8, { 0xffff, 0xffff, 0xffff }, 16, 0 },
	{ REC_NBAR, 2, 8, { 4, 0, 0 }, 16, 0 },
	{ REC_NBAR, 65535, 0, { 0xffff, 0xffff, 0xffff }, 16, 0 },
};

START_TEST(a_list_ends_where_its_record_does)
{
	uint8_t bytes[64] = { 0 };
	bool nbar = lies[_i].type == REC_NBAR;
	struct nffile_list l;
	struct nffile_name n;
	struct nffile_app a;
	unsigned there = 0;
	memcpy(bytes, &lies[_i].count, 2);
	memcpy(bytes + 2, &lies[_i].elem, 2);
	memcpy(bytes + 4, lies[_i].widths, 6);
	/* Exactly as long as it says, for the sanitizers. */
	size_t len = (nbar ? 14 : 12) + lies[_i].bytes;
	put_record(lies[_i].type, bytes, len - 4);
	uint8_t *exact = malloc(len);
	ck_assert_ptr_nonnull(exact);
	memcpy(exact, rec, len);
	nffile_list_begin(exact, &l);
	while (nbar ? nffile_list_app(&l, &a) : nffile_list_name(&l, &n))
		ck_assert_uint_lt(there++, 100);
	ck_assert_uint_eq(there, lies[_i].there);
	free(exact);
}
END_TEST

START_TEST(a_list_cut_at_any_byte_ends)
{
	static const uint16_t types[] = { REC_NBAR, REC_IFNAME, REC_VRFNAME };
	uint8_t ones[64];
	memset(ones, 1, sizeof(ones));
	for (size_t i = 0; i < 3; i++) {
		for (size_t n = 0; n < sizeof(ones); n++) {
			struct nffile_list l;
			struct nffile_name name;
			struct nffile_app a;
			put_record(types[i], ones, n);
			nffile_list_begin(rec, &l);
			ck_assert(!nffile_list_name(&l, &name));
			ck_assert(!nffile_list_app(&l, &a));
		}
	}
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("nffile senders");
	TCase *t = tcase_create("all");
	tcase_add_loop_test(t, an_exporter_is_read_in_both_forms, 0,
	    (int)(sizeof(exporters) / sizeof(exporters[0])));
	tcase_add_test(t, a_sampler_is_read_in_both_forms);
	tcase_add_test(t, a_short_or_other_record_is_none_of_them);
	tcase_add_test(t, statistics_are_as_many_as_the_record_holds);
	tcase_add_test(t, written_names_are_read_again);
	tcase_add_test(t, applications_of_early_17_say_their_own_lengths);
	tcase_add_loop_test(t, a_list_ends_where_its_record_does, 0,
	    (int)(sizeof(lies) / sizeof(lies[0])));
	tcase_add_test(t, a_list_cut_at_any_byte_ends);
	suite_add_tcase(s, t);
	return ft_run(s);
}
