/* Records about senders, byte for byte, and what is left out of them. */
#include "filetest.h"

static struct nffile_writer w;

static void
setup(void)
{
	nffile_collect_init(&w, CREATOR_NFCAPD);
}

static void
teardown(void)
{
	nffile_writer_abandon(&w);
}

/* The collected records in front of which the block's header will stand. */
static const uint8_t *
records(void)
{
	return w.raw + BLOCK_HEADER;
}

static unsigned
at16(const uint8_t *p)
{
	return p[0] | (unsigned)p[1] << 8;
}

START_TEST(a_sampler_is_nfdump_s)
{
	const struct nffile_sampler s = { .sysid = 0x0102,
		.method = 3,
		.id = -1,
		.packets = 1,
		.space = 99 };
	static const uint8_t want[] = { 15, 0, 24, 0, 2, 1, 3, 0, 255, 255, 255,
		255, 255, 255, 255, 255, 1, 0, 0, 0, 99, 0, 0, 0 };
	ck_assert_int_eq(nffile_add_sampler(&w, &s, &err), 0);
	ck_assert_uint_eq(w.raw_len, sizeof(want));
	ck_assert_mem_eq(records(), want, sizeof(want));
}
END_TEST

START_TEST(names_are_as_wide_as_the_longest)
{
	static const struct nffile_name names[] = { { 7, "ab" }, { 8, "c" } };
	static const uint8_t want[] = { 13, 0, 28, 0, 2, 0, 8, 0, 3, 0, 0, 0, 7,
		0, 0, 0, 'a', 'b', 0, 0, 8, 0, 0, 0, 'c', 0, 0, 0 };
	ck_assert_int_eq(nffile_add_names(&w, REC_IFNAME, names, 2, &err), 0);
	ck_assert_uint_eq(w.raw_len, sizeof(want));
	ck_assert_mem_eq(records(), want, sizeof(want));
	ck_assert_uint_eq(w.raw_records, 1);
	ck_assert_uint_eq(w.raw_flows, 0);
}
END_TEST

START_TEST(applications_have_an_id_a_name_and_a_text)
{
	static const uint8_t id[] = { 3, 0, 80 };
	static const struct nffile_app app = { id, 3, "web", "x" };
	static const uint8_t want[] = { 12, 0, 26, 0, 1, 0, 12, 0, 3, 0, 4, 0,
		2, 0, 3, 0, 80, 'w', 'e', 'b', 0, 'x', 0, 0, 0, 0 };
	ck_assert_int_eq(nffile_add_apps(&w, &app, 1, &err), 0);
	ck_assert_uint_eq(w.raw_len, sizeof(want));
	ck_assert_mem_eq(records(), want, sizeof(want));
}
END_TEST

START_TEST(applications_of_other_id_lengths_are_another_record)
{
	static const uint8_t id[] = { 3, 0, 80, 1 };
	static const struct nffile_app apps[] = { { id, 3, "a", NULL },
		{ id, 3, "b", "" }, { id, 4, "c", "text" },
		{ id, 3, "d", "" } };
	ck_assert_int_eq(nffile_add_apps(&w, apps, 4, &err), 0);
	ck_assert_uint_eq(w.raw_records, 3);
}
END_TEST

/* More than one record holds. */
START_TEST(many_names_take_more_than_one_record)
{
	static char text[4000][32];
	static struct nffile_name names[4000];
	for (unsigned i = 0; i < 4000; i++) {
		(void)snprintf(text[i], sizeof(text[i]), "interface-%u", i);
		names[i] = (struct nffile_name){ i, text[i] };
	}
	ck_assert_int_eq(nffile_add_names(&w, REC_VRFNAME, names, 4000, &err),
	    0);
	unsigned n = 0;
	for (size_t pos = 0; pos < w.raw_len;) {
		const uint8_t *rec = records() + pos;
		ck_assert_uint_eq(at16(rec), REC_VRFNAME);
		ck_assert_uint_eq(at16(rec + 2),
		    12 + at16(rec + 4) * at16(rec + 6));
		for (unsigned i = 0; i < at16(rec + 4); i++, n++) {
			const uint8_t *e = rec + 12 + i * at16(rec + 6);
			ck_assert_uint_eq(at16(e), n);
			ck_assert_str_eq((const char *)e + 4, text[n]);
		}
		pos += at16(rec + 2);
	}
	ck_assert_uint_eq(n, 4000);
	ck_assert_uint_eq(w.raw_records, 2);
}
END_TEST

static const struct {
	const char *name;
	bool kept;
} texts[] = {
	{ "Gi0/1", true },
	{ "\xc3\xa9t\xc3\xa9", true },
	{ "\xe2\x82\xac", true },
	{ "\xf0\x9f\x98\x80", true },
	{ "", false },
	{ NULL, false },
	{ "\xff", false },
	{ "\x80", false },
	{ "a\xc3", false },
	{ "\xc3(", false },
	{ "\xc0\xaf", false },         /* overlong */
	{ "\xed\xa0\x80", false },     /* a surrogate */
	{ "\xf4\x90\x80\x80", false }, /* beyond the last */
	{ "\xf8\x88\x80\x80\x80", false },
};

START_TEST(only_names_of_valid_text_are_written)
{
	const struct nffile_name names[] = { { 1, texts[_i].name },
		{ 2, "eth" } };
	const uint8_t id[] = { 1 };
	const struct nffile_app app = { id, 1, texts[_i].name, NULL };
	ck_assert_int_eq(nffile_add_names(&w, REC_IFNAME, names, 2, &err), 0);
	ck_assert_uint_eq(w.raw_records, 1);
	ck_assert_uint_eq(at16(records() + 4), texts[_i].kept ? 2 : 1);
	ck_assert_int_eq(nffile_add_apps(&w, &app, 1, &err), 0);
	ck_assert_uint_eq(w.raw_records, texts[_i].kept ? 2 : 1);
}
END_TEST

START_TEST(a_name_has_an_end)
{
	char longest[NFFILE_NAME_MAX + 1], too_long[NFFILE_NAME_MAX + 2];
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	memset(too_long, 'x', sizeof(too_long) - 1);
	too_long[sizeof(too_long) - 1] = '\0';
	const struct nffile_name names[] = { { 1, too_long }, { 2, longest } };
	ck_assert_int_eq(nffile_add_names(&w, REC_IFNAME, names, 2, &err), 0);
	ck_assert_uint_eq(at16(records() + 4), 1);
	ck_assert_str_eq((const char *)records() + 16, longest);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("nffile describe");
	TCase *t = tcase_create("all");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, a_sampler_is_nfdump_s);
	tcase_add_test(t, names_are_as_wide_as_the_longest);
	tcase_add_test(t, applications_have_an_id_a_name_and_a_text);
	tcase_add_test(t, applications_of_other_id_lengths_are_another_record);
	tcase_add_test(t, many_names_take_more_than_one_record);
	tcase_add_loop_test(t, only_names_of_valid_text_are_written, 0,
	    (int)(sizeof(texts) / sizeof(texts[0])));
	tcase_add_test(t, a_name_has_an_end);
	suite_add_tcase(s, t);
	return ft_run(s);
}
