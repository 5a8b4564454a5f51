/* What options data say: names, the boot time; templates kept for later. */
#include "decode/names.h"

#include "build.h"

/* A v9 options template of one scope and (type, length) pairs ended by -1. */
static void
v9_options(unsigned id, unsigned scope, ...)
{
	va_list ap;
	size_t at = set_open(1);
	puts_be(2, (uint64_t)id, 2, UINT64_C(4), 0);
	size_t bytes_at = out.len, n = 0;
	put(2, 0);
	puts_be(2, (uint64_t)scope, 2, UINT64_C(4), 0);
	va_start(ap, scope);
	for (int type; (type = va_arg(ap, int)) != -1; n++) {
		put(2, (uint64_t)type);
		put(2, (uint64_t)va_arg(ap, int));
	}
	va_end(ap);
	poke16(bytes_at, n * 4);
	set_close(at);
}

START_TEST(v9_names_interfaces_vrfs_and_applications)
{
	begin(9, 1);
	v9_header(1000, 0);
	v9_options(256, 2, 82, 8, 83, 12, -1);
	v9_options(257, 1, 10, 4, 83, 12, -1);
	v9_options(258, 1, 234, 4, 236, 8, -1);
	v9_options(259, 1, 95, 4, 96, 8, 94, 12, -1);
	size_t at = set_open(256);
	put(4, 7);
	put_text("Gi0/7", 8);
	put_text("uplink", 12);
	put(4, 8);
	put_text("", 8);
	put_text("only text", 12);
	set_close(at);
	at = set_open(257);
	puts_be(4, UINT64_C(1), 4, UINT64_C(9), 0);
	put_text("described ", 12);
	set_close(at);
	at = set_open(258);
	puts_be(4, UINT64_C(1), 4, UINT64_C(0x60000001), 0);
	put_text("red", 8);
	set_close(at);
	at = set_open(259);
	puts_be(4, UINT64_C(1), 4, UINT64_C(0x03000050), 0);
	put_text("http", 8);
	put_text("the web", 12);
	set_close(at);
	feed_prefixes();
	const struct name *n = exporter_name(&ex, NAME_INTERFACE, 7);
	ck_assert_ptr_nonnull(n);
	ck_assert_str_eq(n->name, "Gi0/7");
	ck_assert_str_eq(n->text, "uplink");
	ck_assert_str_eq(exporter_name(&ex, NAME_INTERFACE, 8)->name,
	    "only text");
	ck_assert_str_eq(exporter_name(&ex, NAME_INTERFACE, 9)->name,
	    "described");
	ck_assert_str_eq(exporter_name(&ex, NAME_VRF, 0x60000001)->name, "red");
	n = exporter_name(&ex, NAME_APPLICATION, 0x03000050);
	ck_assert_str_eq(n->name, "http");
	ck_assert_str_eq(n->text, "the web");
	ck_assert_uint_eq(n->id_len, 4);
	ck_assert_ptr_null(exporter_name(&ex, NAME_VRF, 7));
	size_t count;
	ck_assert_uint_eq(exporter_names(&ex, NAME_INTERFACE, &count)->key.id,
	    7);
	ck_assert_uint_eq(count, 3);
	ck_assert_uint_eq(ex.stats.malformed, 0);
	ck_assert_uint_eq(n_got, 0);
}
END_TEST

/* IPFIX options, scope first, (type, length) pairs ended by -1. */
static void
ipfix_options(unsigned id, ...)
{
	va_list ap;
	size_t at = set_open(3);
	put(2, id);
	size_t count_at = out.len, n = 0;
	put(2, 0);
	put(2, 1);
	va_start(ap, id);
	for (int type; (type = va_arg(ap, int)) != -1; n++) {
		put(2, (uint64_t)type);
		put(2, (uint64_t)va_arg(ap, int));
	}
	va_end(ap);
	poke16(count_at, n);
	set_close(at);
}

START_TEST(ipfix_names_may_be_of_variable_length)
{
	begin(10, 1);
	ipfix_header(0);
	ipfix_options(256, 10, 4, 82, 65535, 83, 65535, -1);
	size_t at = set_open(256);
	puts_be(4, UINT64_C(7), 1, UINT64_C(4), 0);
	put_text("eth7", 4);
	puts_be(1, UINT64_C(255), 2, UINT64_C(3), 0);
	put_text("wan", 3);
	set_close(at);
	ipfix_feed();
	ck_assert_str_eq(exporter_name(&ex, NAME_INTERFACE, 7)->name, "eth7");
	ck_assert_str_eq(exporter_name(&ex, NAME_INTERFACE, 7)->text, "wan");
	uint32_t before = ex.names_changed;
	ipfix_header(1);
	at = set_open(256);
	puts_be(4, UINT64_C(7), 1, UINT64_C(4), 0);
	put_text("eth7", 4);
	puts_be(1, UINT64_C(3), 0);
	put_text("wan", 3);
	set_close(at);
	ipfix_feed();
	ck_assert_uint_eq(ex.names_changed, before);
	ck_assert_uint_eq(exporter_name(&ex, NAME_INTERFACE, 7)->changed,
	    before);
	ipfix_header(2);
	at = set_open(256);
	puts_be(4, UINT64_C(8), 1, UINT64_C(4), 0);
	put_text("eth8", 4);
	puts_be(1, UINT64_C(0), 0);
	set_close(at);
	ipfix_feed();
	ck_assert_uint_eq(exporter_name(&ex, NAME_INTERFACE, 7)->changed,
	    before);
	ck_assert_uint_eq(exporter_name(&ex, NAME_INTERFACE, 8)->changed,
	    before + 1);
	ck_assert_uint_eq(ex.names_changed, before + 1);
}
END_TEST

static const struct {
	const char *wire, *name;
} texts[] = {
	{ "eth\001\x7f", "eth??" },
	{ "gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f" },
	{ "\xc3", "?" },
	{ "\xff\xfe\x80", "???" },
	{ "\xe2\x82\xac", "\xe2\x82\xac" },
	{ "\xc0\xaf", "??" },           /* overlong */
	{ "\xed\xa0\x80", "???" },      /* surrogate */
	{ "\xf4\x90\x80\x80", "????" }, /* beyond Unicode */
	{ "trailing   ", "trailing" },
};

START_TEST(names_are_printable)
{
	begin(10, 1);
	ipfix_header(0);
	ipfix_options(256, 10, 4, 82, 16, -1);
	size_t at = set_open(256);
	put(4, 7);
	put_text(texts[_i].wire, 16);
	set_close(at);
	ipfix_feed();
	ck_assert_str_eq(exporter_name(&ex, NAME_INTERFACE, 7)->name,
	    texts[_i].name);
}
END_TEST

START_TEST(long_names_are_cut_between_characters)
{
	begin(10, 1);
	ipfix_header(0);
	ipfix_options(256, 10, 4, 82, 100, -1);
	size_t at = set_open(256);
	put(4, 7);
	put_text("x", 1);
	for (int i = 0; i < 33; i++)
		put_text("\xe2\x82\xac", 3);
	set_close(at);
	ipfix_feed();
	/* 1 + 20 * 3 = 61; another 3 would be 64, the NUL included too many */
	ck_assert_uint_eq(strlen(exporter_name(&ex, NAME_INTERFACE, 7)->name),
	    61);
}
END_TEST

START_TEST(names_are_bounded)
{
	begin(10, 1);
	for (uint64_t i = 0; i < 100; i++) {
		ipfix_header(0);
		ipfix_options(256, 10, 4, 82, 4, -1);
		size_t at = set_open(256);
		for (uint64_t j = 0; j < 100; j++) {
			put(4, i * 100 + j);
			put_text("n", 4);
		}
		set_close(at);
		ipfix_feed();
	}
	ck_assert_uint_eq(ex.names.n, DECODE_NAMES_MAX);
	ck_assert_uint_eq(ex.stats.refused, 10000 - DECODE_NAMES_MAX);
}
END_TEST

START_TEST(templates_can_be_carried_over_a_restart)
{
	static const uint16_t versions[] = { 9, 10 };
	bool v9 = versions[_i] == 9;
	begin(versions[_i], 0x102);
	if (v9)
		v9_header(1000, 0);
	else
		ipfix_header(0);
	put_template(v9 ? 0 : 2, 300, 8, 4, 12, 4, 1, 4, 99, 3, -1);
	put_template(v9 ? 0 : 2, 301, 27, 16, 28, 16, 1, 8, -1);
	if (v9)
		v9_options(302, 1, 34, 4, -1);
	else
		ipfix_options(302, 149, 4, 34, 4, -1);
	if (v9)
		feed();
	else
		ipfix_feed();
	struct exporter again;
	struct decode_head h = { .version = ex.version, .id = ex.id };
	struct decode_template t;
	unsigned n = 0, options = 0;
	exporter_init(&again, &ex.ip, &h);
	for (size_t pos = 0; exporter_template_next(&ex, &pos, &t); n++) {
		ck_assert(exporter_template_load(&again, &t));
		options += t.options;
		t.len--;
		ck_assert(!exporter_template_load(&again, &t));
	}
	ck_assert_uint_eq(n, 3);
	ck_assert_uint_eq(options, 1);
	ck_assert_uint_eq(again.stats.templates, 0);
	exporter_free(&ex);
	ex = again;
	if (v9)
		v9_header(1000, 1);
	else
		ipfix_header(0);
	size_t at = set_open(302);
	puts_be(4, UINT64_C(1), 4, UINT64_C(10), 0);
	set_close(at);
	at = set_open(300);
	puts_be(4, UINT64_C(1), 4, UINT64_C(2), 4, UINT64_C(77), 3, UINT64_C(0),
	    0);
	set_close(at);
	if (v9)
		feed();
	else
		ipfix_feed();
	ck_assert_uint_eq(n_got, 1);
	ck_assert_uint_eq(got[0].bytes, 770);
	ck_assert_uint_eq(ex.stats.no_template, 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("options");
	TCase *t = tcase_create("names");
	tcase_add_test(t, v9_names_interfaces_vrfs_and_applications);
	tcase_add_test(t, ipfix_names_may_be_of_variable_length);
	tcase_add_loop_test(t, names_are_printable, 0,
	    sizeof(texts) / sizeof(texts[0]));
	tcase_add_test(t, long_names_are_cut_between_characters);
	tcase_add_test(t, names_are_bounded);
	tcase_add_loop_test(t, templates_can_be_carried_over_a_restart, 0, 2);
	suite_add_tcase(s, t);
	return run_suite(s);
}
