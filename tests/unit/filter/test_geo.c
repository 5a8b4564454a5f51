#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "filter/geo.h"
#include "tests/unit/filter/flows.h"
#include "tests/unit/filter/mmdb.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Documentation networks, and those of the random flows. */
static const struct {
	const char *net;
	const char *code;
	uint32_t as;
} nets[] = {
	{ "10.0.0.0/16", "DE", 64500 },
	{ "10.0.1.0/24", "FR", 1 },
	{ "192.0.2.0/24", "CH", 64496 },
	{ "198.51.100.0/24", "US", 64497 },
	{ "203.0.113.0/25", "GE", 64498 },
	{ "203.0.113.128/25", "IN", 0 },
	{ "203.0.113.255/32", "LT", UINT32_MAX },
	{ "2001:db8::/32", "", 64499 },
	{ "2001:db8:1::/48", "LT", 65550 },
};

static char dir[] = "/tmp/test_geo.XXXXXX";
static char countries[FILE_PATH_MAX], numbers[FILE_PATH_MAX];

static void
write_db(char *path, const char *name, unsigned with)
{
	static struct mmdb m;
	mmdb_init(&m, with);
	for (size_t i = 0; i < COUNT(nets); i++) {
		struct prefix p;
		ck_assert(prefix_parse(nets[i].net, &p));
		ck_assert(mmdb_add(&m, &p, nets[i].code, nets[i].as));
	}
	ck_assert(file_join(path, dir, name));
	ck_assert(mmdb_write(&m, path));
}

static void
setup(void)
{
	ck_assert_ptr_nonnull(mkdtemp(dir));
	write_db(countries, "country.mmdb", MMDB_WITH_COUNTRY);
	write_db(numbers, "asn.mmdb", MMDB_WITH_AS);
}

static void
teardown(void)
{
	(void)unlink(countries);
	(void)unlink(numbers);
	(void)rmdir(dir);
}

static struct geo *
open_both(void)
{
	const char *const path[] = { numbers, countries };
	struct err err;
	struct geo *g = geo_open(path, 2, &err);
	ck_assert_msg(g != NULL, "%s", err.msg);
	return g;
}

static const struct {
	const char *addr;
	uint16_t code;
	uint32_t as;
} lookups[] = {
	{ "192.0.2.0", GEO_CODE('C', 'H'), 64496 },
	{ "192.0.2.255", GEO_CODE('C', 'H'), 64496 },
	{ "192.0.1.255", 0, 0 },
	{ "192.0.3.0", 0, 0 },
	{ "203.0.113.127", GEO_CODE('G', 'E'), 64498 },
	{ "203.0.113.128", GEO_CODE('I', 'N'), 0 },
	{ "203.0.113.255", GEO_CODE('L', 'T'), UINT32_MAX },
	{ "10.0.1.9", GEO_CODE('F', 'R'), 1 },
	{ "10.0.2.9", GEO_CODE('D', 'E'), 64500 },
	{ "0.0.0.0", 0, 0 },
	{ "255.255.255.255", 0, 0 },
	{ "2001:db8:1::1", GEO_CODE('L', 'T'), 65550 },
	{ "2001:db8:2::1", 0, 64499 },
	{ "2001:db9::1", 0, 0 },
	{ "::", 0, 0 },
};

START_TEST(an_address_has_country_and_as)
{
	struct geo *g = open_both();
	struct addr a;
	ck_assert(addr_parse(lookups[_i].addr, &a));
	ck_assert_uint_eq(geo_country(g, &a), lookups[_i].code);
	ck_assert_uint_eq(geo_as(g, &a), lookups[_i].as);
	geo_free(g);
}
END_TEST

START_TEST(a_database_says_what_it_has)
{
	struct err err;
	struct geo *c = geo_open_list(countries, &err);
	struct geo *n = geo_open_list(numbers, &err);
	ck_assert(geo_has_country(c) && !geo_has_as(c));
	ck_assert(!geo_has_country(n) && geo_has_as(n));
	geo_free(c);
	geo_free(n);
	geo_free(NULL);
}
END_TEST

START_TEST(a_file_that_is_no_database_is_refused_by_name)
{
	struct err err;
	static const char nfdump[40] = "\x0c\xa5\x02";
	char path[FILE_PATH_MAX];
	struct {
		const char *bytes;
		size_t n;
		const char *why;
	} bad[] = {
		{ nfdump, sizeof(nfdump), "nfdump" },
		{ "", 0, "no MaxMind database" },
		{ "\xab\xcd\xefMaxMind.com", 14, "no MaxMind database" },
		{ "hello", 5, "no MaxMind database" },
	};
	ck_assert(file_join(path, dir, "bad"));
	ck_assert_ptr_null(geo_open_list(path, &err));
	ck_assert_ptr_nonnull(strstr(err.msg, strerror(ENOENT)));
	for (size_t i = 0; i < COUNT(bad); i++) {
		FILE *f = fopen(path, "wb");
		ck_assert_ptr_nonnull(f);
		ck_assert_uint_eq(fwrite(bad[i].bytes, 1, bad[i].n, f),
		    bad[i].n);
		ck_assert_int_eq(fclose(f), 0);
		ck_assert_ptr_null(geo_open_list(path, &err));
		ck_assert_msg(strstr(err.msg, bad[i].why) != NULL, "%s",
		    err.msg);
		ck_assert_ptr_nonnull(strstr(err.msg, path));
	}
	(void)unlink(path);
}
END_TEST

/* ---- terms ------------------------------------------------------------------ */

static struct filter *
parse(const char *text, struct geo *g, struct filter_error *fe)
{
	struct filter_options o = { .geo = g };
	return filter_parse_with(text, strlen(text), &o, fe);
}

static const struct {
	const char *text;
	const char *normal;
	const char *src, *dst;
	uint32_t src_as;
	bool match;
} terms[] = {
	{ "geo ch", "geo CH", "192.0.2.1", "10.9.9.9", 0, true },
	{ "src geo CH", NULL, "192.0.2.1", "10.9.9.9", 0, true },
	{ "dst geo CH", NULL, "192.0.2.1", "10.9.9.9", 0, false },
	{ "src and dst geo CH", NULL, "192.0.2.1", "192.0.2.9", 0, true },
	{ "geo GE", NULL, "203.0.113.1", "10.9.9.9", 0, true },
	{ "geo lt", "geo LT", "2001:db8:1::7", "2001:db8:7::", 0, true },
	{ "geo IN", NULL, "203.0.113.1", "203.0.113.200", 0, true },
	{ "not geo CH", NULL, "10.9.9.9", "10.9.9.9", 0, true },
	{ "src as 64496", NULL, "192.0.2.1", "10.9.9.9", 0, true },
	/* what the record says counts */
	{ "src as 64496", NULL, "192.0.2.1", "10.9.9.9", 5, false },
	{ "src as 5", NULL, "192.0.2.1", "10.9.9.9", 5, true },
	{ "dst as in [ 1 64500 ]", NULL, "192.0.2.1", "10.0.7.7", 5, true },
	{ "as 0", NULL, "192.0.2.1", "10.9.9.9", 5, true },
	{ "as 0", NULL, "192.0.2.1", "10.0.7.7", 5, false },
	{ "dst as > 64499", NULL, "192.0.2.1", "2001:db8::", 5, false },
};

static struct flow
flow_between(const char *src, const char *dst)
{
	struct flow f = { .have = FLOW_BIT(FE_GENERIC) };
	struct addr s, d;
	ck_assert(addr_parse(src, &s));
	ck_assert(addr_parse(dst, &d));
	f.have |= FLOW_BIT(s.family == ADDR_V4 ? FE_IPV4 : FE_IPV6);
	f.src = (struct flow_ip6){ s.hi, s.lo };
	f.dst = (struct flow_ip6){ d.hi, d.lo };
	return f;
}

START_TEST(a_term_asks_the_database)
{
	struct geo *g = open_both();
	struct filter_error fe;
	struct buf b = BUF_EMPTY;
	struct flow flow = flow_between(terms[_i].src, terms[_i].dst);
	flow.have |= FLOW_BIT(FE_AS);
	flow.src_as = terms[_i].src_as;
	struct filter *f = parse(terms[_i].text, g, &fe);
	ck_assert_msg(f != NULL, "%s", fe.message);
	geo_free(g); /* the filter keeps it */
	ck_assert(filter_match(f, &flow, "") == terms[_i].match);
	filter_print(f, &b);
	ck_assert_str_eq(buf_str(&b),
	    terms[_i].normal != NULL ? terms[_i].normal : terms[_i].text);
	buf_free(&b);
	filter_free(f);
}
END_TEST

START_TEST(without_a_database_geo_is_an_error_and_as_is_not)
{
	struct filter_error fe;
	struct err err;
	struct geo *g = geo_open_list(numbers, &err);
	ck_assert_ptr_null(parse("src geo CH", NULL, &fe));
	ck_assert_str_eq(fe.message,
	    "Line 1: column 9: no database of countries at 'CH'");
	ck_assert_ptr_null(parse("src geo CH", g, &fe));
	struct filter *f = parse("src as 64496", NULL, &fe);
	struct flow flow = flow_between("192.0.2.1", "192.0.2.1");
	ck_assert(!filter_match(f, &flow, ""));
	filter_free(f);
	geo_free(g);
}
END_TEST

/* The batch engine, which remembers, and the oracle, which does not. */
START_TEST(random_flows_match_as_the_oracle_says)
{
	enum { ROWS = 1000 };
	static const char *const text[] = { "geo DE", "src geo FR",
		"dst geo DE or src geo LT", "not src geo DE and proto 6",
		"src and dst geo DE", "as 64500", "src as < 10",
		"not dst as in [ 0 1 64500 ]", "mac 0:0:0:0:0:1 and geo DE",
		"as 0 or geo CH" };
	struct geo *g = open_both();
	struct filterset *s = filterset_new();
	struct filter *f[COUNT(text)];
	static struct flow flows[ROWS];
	struct rnd r = { (uint64_t)_i };
	for (size_t i = 0; i < COUNT(text); i++) {
		struct filter_error fe;
		f[i] = parse(text[i], g, &fe);
		ck_assert_msg(f[i] != NULL, "%s", fe.message);
		ck_assert_uint_eq(filterset_add(s, f[i]), i);
	}
	geo_free(g);
	filterset_compile(s);
	filterset_expander(s, flow_expand);
	for (int round = 0; round < 3; round++) {
		filterset_file(s, "x");
		for (size_t i = 0; i < ROWS; i++)
			flow_random(&r, &flows[i]);
		struct batch *b = batch_of(flows, ROWS);
		filterset_eval(s, b);
		for (size_t k = 0; k < COUNT(text); k++) {
			const uint64_t *bits = filterset_bits(s, k);
			for (size_t i = 0; i < ROWS; i++)
				if (((bits[i / 64] >> (i % 64) & 1) != 0) !=
				    filter_match(f[k], &flows[i], "x"))
					ck_abort_msg("row %zu: %s", i, text[k]);
		}
		free(b);
	}
	for (size_t i = 0; i < COUNT(text); i++)
		filter_free(f[i]);
	filterset_free(s);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("filter geo");
	TCase *t = tcase_create("geo");
	tcase_add_unchecked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, an_address_has_country_and_as, 0,
	    (int)COUNT(lookups));
	tcase_add_test(t, a_database_says_what_it_has);
	tcase_add_test(t, a_file_that_is_no_database_is_refused_by_name);
	tcase_add_loop_test(t, a_term_asks_the_database, 0, (int)COUNT(terms));
	tcase_add_test(t, without_a_database_geo_is_an_error_and_as_is_not);
	tcase_add_loop_test(t, random_flows_match_as_the_oracle_says, 0, 5);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
